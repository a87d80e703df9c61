/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "json_out.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

static const char *const deed_names[] = {
  [PT2_PICKLE_DEED_NONE] = "",        [PT2_PICKLE_DEED_IMPORT] = "imports",
  [PT2_PICKLE_DEED_CALL] = "calls",   [PT2_PICKLE_DEED_STATE] = "gives a state to",
  [PT2_PICKLE_DEED_FILL] = "adds to",
};

/* One listing under way. */
typedef struct
{
  Json *json; /* NULL: text */
  guint64 opcodes;
  guint pickle;
} Listing;

/* ---- opcodes ---- */

/* Globals of opaque values and of unknown operands have no name here. */
static char *
deed_text (const Pt2PickleOpcode *opcode)
{
  if (opcode->deed == PT2_PICKLE_DEED_NONE || (opcode->deed >= PT2_PICKLE_DEED_STATE && opcode->global == NULL))
    return g_strdup ("");
  g_autofree char *name = opcode->global != NULL ? escaped (opcode->global->name, (gssize)opcode->global->name_len)
                                                 : g_strdup ("what cannot be told");
  return g_strdup_printf ("  # %s %s", deed_names[opcode->deed], name);
}

static void
print_opcode (Listing *listing, const Pt2PickleOpcode *opcode)
{
  if (opcode->pickle != listing->pickle)
    printf ("-- pickle %u --\n", opcode->pickle + 1);
  listing->pickle = opcode->pickle;
  g_autofree char *deed = deed_text (opcode);
  gboolean alarm = opcode->global == NULL || !opcode->global->built;
  Style style = alarm && opcode->deed != PT2_PICKLE_DEED_NONE ? STYLE_ALARM : STYLE_FAINT;
  gboolean bare = opcode->argument[0] == '\0' && deed[0] == '\0';
  printf ("%8" G_GUINT64_FORMAT "  %-*s%s%s%s%s\n", opcode->offset, bare ? 0 : 18, opcode->name, opcode->argument,
          deed[0] != '\0' ? style_begin (stdout, style) : "", deed, deed[0] != '\0' ? style_end (stdout, style) : "");
}

static void
write_opcode (Json *json, const Pt2PickleOpcode *opcode)
{
  json_open (json, '{');
  json_member_unsigned (json, "pickle", opcode->pickle);
  json_member_unsigned (json, "offset", opcode->offset);
  json_member_unsigned (json, "bytes", opcode->bytes);
  json_member_text (json, "opcode", opcode->name);
  json_member_text (json, "argument", opcode->argument[0] != '\0' ? opcode->argument : NULL);
  if (opcode->deed != PT2_PICKLE_DEED_NONE)
    {
      json_member_text (json, "does", deed_names[opcode->deed]);
      json_key (json, "global");
      json_text (json, opcode->global != NULL ? opcode->global->name : NULL,
                 opcode->global != NULL ? (gssize)opcode->global->name_len : -1);
    }
  json_close (json, '}');
}

static void
on_opcode (const Pt2PickleOpcode *opcode, gpointer data)
{
  Listing *listing = data;
  listing->opcodes++;
  if (listing->json != NULL)
    write_opcode (listing->json, opcode);
  else
    print_opcode (listing, opcode);
}

/* ---- globals ---- */

static void
write_globals (Json *json, const Pt2PickleGlobal *const *globals, guint n)
{
  json_key (json, "globals");
  json_open (json, '[');
  for (guint i = 0; i < n; i++)
    {
      json_open (json, '{');
      json_key (json, "global");
      json_text (json, globals[i]->name, (gssize)globals[i]->name_len);
      json_key (json, "built");
      json_bool (json, globals[i]->built);
      json_member_unsigned (json, "imported", globals[i]->imported);
      json_member_unsigned (json, "called", globals[i]->called);
      json_member_unsigned (json, "given_state", globals[i]->given_state);
      json_member_unsigned (json, "added_to", globals[i]->filled);
      json_member_unsigned (json, "offset", globals[i]->first_offset);
      json_close (json, '}');
    }
  json_close (json, ']');
  json_key (json, "would_run");
  json_open (json, '[');
  for (guint i = 0; i < n; i++)
    if (!globals[i]->built)
      json_text (json, globals[i]->name, (gssize)globals[i]->name_len);
  json_close (json, ']');
}

static void
print_globals (const Pt2PickleGlobal *const *globals, guint n, gboolean built)
{
  static const Column columns[]
      = { { "imported", TRUE, STYLE_PLAIN }, { "called", TRUE, STYLE_PLAIN },   { "state", TRUE, STYLE_PLAIN },
          { "added to", TRUE, STYLE_PLAIN }, { "first at", TRUE, STYLE_FAINT }, { "global", FALSE, STYLE_PLAIN } };
  Table table;
  table_init (&table, columns, G_N_ELEMENTS (columns), "  ");
  for (guint i = 0; i < n; i++)
    if (!globals[i]->built == !built)
      {
        table_number (&table, globals[i]->imported);
        table_number (&table, globals[i]->called);
        table_number (&table, globals[i]->given_state);
        table_number (&table, globals[i]->filled);
        table_number (&table, globals[i]->first_offset);
        table_text (&table, globals[i]->name, (gssize)globals[i]->name_len);
      }
  table_print (&table);
}

/* COMPLETE: nothing is at fault, so that what was told is all. */
static void
print_summary (const Listing *listing, const Pt2PickleGlobal *const *globals, guint n, gboolean complete)
{
  guint foreign = 0;
  for (guint i = 0; i < n; i++)
    foreign += !globals[i]->built;
  printf ("%" G_GUINT64_FORMAT " opcodes. Nothing was run.\n", listing->opcodes);
  if (foreign > 0)
    {
      print_heading ("Python would import these to unpickle it, and run what they do");
      print_globals (globals, n, FALSE);
    }
  else if (complete)
    printf ("Unpickling it would run nothing: it makes plain values and tensors.\n");
  else
    printf ("It is at fault: whether unpickling it would run something cannot be told.\n");
  if (n > foreign)
    {
      print_heading ("Known to be plain values and tensors of PyTorch");
      print_globals (globals, n, TRUE);
    }
}

/* ---- one pickle ---- */

/* NAME: of the record, NULL for the whole file. */
static int
list_one (const char *file, const char *name, GBytes *bytes, Json *json)
{
  Listing listing = { .json = json };
  GError *fault = NULL, *error = NULL;
  if (json != NULL)
    {
      json_open (json, '{');
      json_member_text (json, "record", name);
      json_key (json, "opcodes");
      json_open (json, '[');
    }
  else if (name != NULL)
    {
      g_autofree char *text = escaped (name, -1);
      print_heading (text);
    }
  g_autoptr (Pt2Pickle) pickle = pt2_pickle_list (bytes, &settings.limits, on_opcode, &listing, &fault, &error);
  guint n = 0;
  const Pt2PickleGlobal *const *globals = pickle != NULL ? pt2_pickle_get_globals (pickle, &n) : NULL;
  if (json != NULL)
    {
      json_close (json, ']');
      json_key (json, "protocol");
      pickle != NULL ? json_unsigned (json, pt2_pickle_get_protocol (pickle)) : json_null (json);
      json_key (json, "complete");
      json_bool (json, fault == NULL && error == NULL);
      write_globals (json, globals, n);
      json_close (json, '}');
    }
  else if (pickle != NULL)
    print_summary (&listing, globals, n, fault == NULL);
  if (error == NULL)
    error = fault;
  if (error == NULL)
    return STATUS_FINE;
  if (name != NULL)
    {
      g_autofree char *shown = escaped (name, -1);
      g_prefix_error (&error, "in %s: ", shown);
    }
  return report_trouble (input_name (file), error);
}

/* ---- which records ---- */

static gboolean
holds_pickle (const Pt2Record *record)
{
  static const char *const roles[] = { "pickle", "weights", "constants", "sample-inputs" };
  const char *base = strrchr (record->name, '/');
  base = base != NULL ? base + 1 : record->name;
  if (record->bytes == 0)
    return FALSE; /* PyTorch's word for nothing */
  if (g_str_has_prefix (base, "custom_obj_") || g_str_has_prefix (base, "opaque_obj_"))
    return strcmp (record->role, "constant") == 0;
  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    if (strcmp (record->role, roles[i]) == 0)
      return TRUE;
  return FALSE;
}

static int
list_record (const char *file, Pt2Archive *archive, const char *name, Json *json)
{
  GError *error = NULL;
  g_autoptr (GBytes) bytes = pt2_archive_read (archive, name, &error);
  return bytes != NULL ? list_one (file, name, bytes, json) : report_trouble (input_name (file), error);
}

static int
list_records (const char *file, Pt2Archive *archive, Json *json)
{
  guint n, found = 0;
  int worst = STATUS_FINE;
  const Pt2Record *records = pt2_archive_get_records (archive, &n);
  for (guint i = 0; i < n; i++)
    if (holds_pickle (&records[i]))
      {
        found++;
        int status = list_record (file, archive, records[i].name, json);
        worst = MAX (worst, status);
      }
  if (found == 0 && json == NULL)
    printf ("no pickles\n");
  return worst;
}

static int
list_listable (const char *file, GBytes *bytes, Pt2Archive *archive, const char *record, Json *json)
{
  if (archive == NULL)
    return list_one (file, NULL, bytes, json);
  return record != NULL ? list_record (file, archive, record, json) : list_records (file, archive, json);
}

static int
list_all (const char *file, GBytes *bytes, Pt2Archive *archive, const char *record)
{
  Json json;
  if (!settings.json)
    return list_listable (file, bytes, archive, record, NULL);
  json_init (&json, stdout);
  json_open (&json, '[');
  int status = list_listable (file, bytes, archive, record, &json);
  json_close (&json, ']');
  return status;
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  g_autoptr (GBytes) bytes = input_bytes (operands[0], &error);
  if (bytes == NULL)
    return report_trouble (input_name (operands[0]), error);
  gsize len;
  const guchar *data = g_bytes_get_data (bytes, &len);
  const char *record = n > 1 ? operands[1] : NULL;
  if (record == NULL && len > 0 && data[0] == 0x80)
    return list_all (operands[0], bytes, NULL, NULL);
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &settings.limits, &error);
  if (archive != NULL && record != NULL && pt2_archive_find (archive, record) == NULL)
    {
      g_clear_pointer (&bytes, g_bytes_unref);
      bytes = pt2_archive_read (archive, record, &error); /* fails, and says why */
      return report_trouble (input_name (operands[0]), error);
    }
  return archive != NULL ? list_all (operands[0], bytes, archive, record)
                         : report_trouble (input_name (operands[0]), error);
}

const Verb verb_pickle = {
  .name = "pickle",
  .operands = "FILE [RECORD]",
  .least = 1,
  .most = 2,
  .summary = "opcodes and globals of a pickle, never run",
  .help
  = "Lists each opcode of a Python pickle with its offset and argument, and says which functions and classes\n"
    "Python would import and call to unpickle it. Nothing is imported or called here. FILE is an archive, a file\n"
    "of torch.save, or a pickle; RECORD is one of an archive's records, without it every record that holds a\n"
    "pickle is listed. Globals that only make plain values and tensors are told apart from all others.\n"
    "Where a pickle is at fault, what can still be told is listed, and the exit status is 2.\n",
  .examples = "$ pt2 pickle weights.pt\n"
              "$ pt2 pickle model.pt2 data/sample_inputs/model.pt\n"
              "$ pt2 pickle --json weights.pt | jq '.[].would_run'\n",
  .run = run,
};
