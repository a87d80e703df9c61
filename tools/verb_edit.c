/* SPDX-License-Identifier: Apache-2.0 */
/* `edit`: changes a program without exporting it again. What comes out is checked before anything is written. */
#include "convert_safetensors.h"
#include "diff_show.h"
#include "input.h"
#include "report.h"
#include "rewrite.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

static gboolean dry_run, unchecked;

/* One change of the command line, in its order. */
typedef struct
{
  enum
  {
    SET,
    DEVICE,
    RENAME,
    RENAME_VALUE,
    WEIGHTS,
    DROP,
  } kind;
  char *place;             /* a path; a device; a name; a file; a program */
  char *value;             /* JSON; a device; a name */
  Pt2Safetensors *weights; /* WEIGHTS, once they are open */
} Change;

static GArray *changes;

static gboolean
add_change (int kind, const char *value, const char *middle)
{
  Change change = { .kind = kind, .place = g_strndup (value, (gsize)(middle - value)) };
  change.value = *middle != '\0' ? g_strdup (middle + 1) : NULL;
  if (changes == NULL)
    changes = g_array_new (FALSE, FALSE, sizeof change);
  g_array_append_val (changes, change);
  return TRUE;
}

static gboolean
fail_value (const char *form, const char *value, GError **error)
{
  g_autofree char *shown = escaped (value, -1);
  set_error (error, PT2_ERROR_U002, "%s, not \"%s\"", form, shown);
  return FALSE;
}

/* The first `=` that is no part of a key. */
static gboolean
take_set (const char *value, GError **error)
{
  const char *at = value;
  while (*at != '\0' && *at != '=')
    {
      const char *close = g_str_has_prefix (at, "[\"") ? strstr (at, "\"]") : NULL;
      at = close != NULL ? close + 2 : at + 1;
    }
  return *at == '=' ? add_change (SET, value, at) : fail_value ("--set is PATH=JSON", value, error);
}

/* FROM:TO, each a kind with or without `:INDEX`. */
static gboolean
take_device (const char *value, GError **error)
{
  const char *at = strchr (value, ':');
  const char *digits = at != NULL ? at + 1 + strspn (at + 1, G_CSET_DIGITS) : NULL;
  if (at != NULL && digits > at + 1 && *digits == ':')
    at = digits;
  return at != NULL ? add_change (DEVICE, value, at) : fail_value ("--device is FROM:TO", value, error);
}

static gboolean
take_rename (const char *value, GError **error)
{
  const char *at = strchr (value, ':');
  return at != NULL ? add_change (RENAME, value, at) : fail_value ("--rename is OLD:NEW", value, error);
}

static gboolean
take_weights_file (const char *value, GError **error)
{
  return add_change (WEIGHTS, value, value + strlen (value));
}

static gboolean
take_dropped (const char *value, GError **error)
{
  return add_change (DROP, value, value + strlen (value));
}

static gboolean
take_value_name (const char *value, GError **error)
{
  const char *at = strchr (value, ':');
  return at != NULL ? add_change (RENAME_VALUE, value, at) : fail_value ("--rename-value is OLD:NEW", value, error);
}

static void
free_changes (void)
{
  for (guint i = 0; changes != NULL && i < changes->len; i++)
    {
      pt2_safetensors_unref (g_array_index (changes, Change, i).weights);
      g_free (g_array_index (changes, Change, i).place);
      g_free (g_array_index (changes, Change, i).value);
    }
  g_clear_pointer (&changes, g_array_unref);
}

typedef struct
{
  const char *in;
  guint64 fields, devices, renamed, programs, weights, dropped;
  GPtrArray *records; /* of each program: its name, or what stands for it */
  GPtrArray *diffs;   /* --dry-run: Pt2Diff of each program */
} Edit;

/* ---- is it sound? ---- */

/* How many errors of each rule there are. Rules are few and their ids our own. */
static GHashTable *
count_errors (const Pt2Report *report)
{
  guint n;
  const Pt2Finding *findings = pt2_report_get_findings (report, &n);
  GHashTable *counts = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < n; i++)
    if (findings[i].severity == PT2_SEVERITY_ERROR)
      {
        guint before = GPOINTER_TO_UINT (g_hash_table_lookup (counts, findings[i].id));
        g_hash_table_insert (counts, (gpointer)findings[i].id, GUINT_TO_POINTER (before + 1));
      }
  return counts;
}

/* The first error of AFTER whose rule is broken more often than in BEFORE; NULL: none. */
static const Pt2Finding *
new_error (const Pt2Report *before, const Pt2Report *after)
{
  guint n;
  const Pt2Finding *findings = pt2_report_get_findings (after, &n), *found = NULL;
  g_autoptr (GHashTable) old_counts = count_errors (before), new_counts = count_errors (after);
  for (guint i = 0; i < n && found == NULL; i++)
    if (GPOINTER_TO_UINT (g_hash_table_lookup (new_counts, findings[i].id))
        > GPOINTER_TO_UINT (g_hash_table_lookup (old_counts, findings[i].id)))
      found = &findings[i];
  return found;
}

/* Takes both reports over. */
static gboolean
compare_reports (Pt2Report *before, Pt2Report *after, GError **error)
{
  const Pt2Finding *found = before != NULL && after != NULL ? new_error (before, after) : NULL;
  gboolean fine = before != NULL && after != NULL && found == NULL;
  if (found != NULL)
    set_error (error, PT2_ERROR_P013, "%s%s%s: %s", found->where != NULL ? found->where : "",
               found->where != NULL ? ": " : "", found->id, found->message);
  pt2_report_free (before);
  pt2_report_free (after);
  return fine;
}

static gboolean
check_sound (Pt2Program *before, Pt2Program *after, GError **error)
{
  const Pt2CheckOptions options = { .limits = &settings.limits };
  Pt2Report *old_report = pt2_check_program (before, &options, error);
  return compare_reports (old_report, old_report != NULL ? pt2_check_program (after, &options, error) : NULL, error);
}

/* Payloads against programs; their bytes were copied and count for nothing. What comes from standard input is gone. */
static gboolean
check_written (GBytes *after, gpointer data, GError **error)
{
  const Edit *edit = data;
  const Pt2CheckOptions options = { .limits = &settings.limits, .skip_payloads = TRUE };
  if (unchecked || strcmp (edit->in, "-") == 0)
    return TRUE;
  g_autoptr (GBytes) before = input_bytes (edit->in, error);
  Pt2Report *old_report = before != NULL ? pt2_check_bytes (before, &options, error) : NULL;
  return compare_reports (old_report, old_report != NULL ? pt2_check_bytes (after, &options, error) : NULL, error);
}

/* ---- changing ---- */

static Pt2Program *
rename_value (Pt2Program *program, const char *old_name, const char *new_name, GError **error)
{
  g_autoptr (Pt2FxModule) module = pt2_fx_module_new (program, &settings.limits, error);
  Pt2FxNode *node = module != NULL ? pt2_fx_graph_find (pt2_fx_module_get_root (module), old_name, -1) : NULL;
  if (node == NULL)
    {
      g_autofree char *shown = escaped (old_name, -1);
      if (module != NULL)
        set_error (error, PT2_ERROR_U009, "\"%s\"", shown);
      return NULL;
    }
  return pt2_fx_node_rename (node, new_name, error) ? pt2_fx_module_make_program (module, NULL, &settings.limits, error)
                                                    : NULL;
}

static Pt2Program *
make_change (Pt2Program *program, const Change *change, Edit *edit, GError **error)
{
  if (change->kind == DEVICE)
    return pt2_edit_device (program, change->place, change->value, &settings.limits, &edit->devices, error);
  if (change->kind == RENAME)
    {
      edit->renamed++;
      return pt2_edit_rename (program, change->place, change->value, &settings.limits, error);
    }
  if (change->kind == RENAME_VALUE)
    {
      edit->renamed++;
      return rename_value (program, change->place, change->value, error);
    }
  if (change->kind != SET)
    return pt2_program_ref (program); /* the archive's */
  edit->fields++;
  return pt2_edit_set (program, change->place, change->value, &settings.limits, error);
}

static gboolean
keep_diff (Edit *edit, Pt2Program *before, Pt2Program *after, const char *record, GError **error)
{
  Pt2Diff *diff = pt2_diff_new (before, after, 0, &settings.limits, error);
  if (diff == NULL)
    return FALSE;
  g_ptr_array_add (edit->diffs, diff);
  g_ptr_array_add (edit->records, g_strdup (record));
  return TRUE;
}

/* A program by itself has no weights, and no other beside it. */
static gboolean
check_alone (GError **error)
{
  for (guint i = 0; i < changes->len; i++)
    if (g_array_index (changes, Change, i).kind >= WEIGHTS)
      {
        set_error (error, PT2_ERROR_U002,
                   "--weights and --drop-program change an archive: IN and OUT are archives then");
        return FALSE;
      }
  return TRUE;
}

static Pt2Program *
edit_program (Pt2Program *program, const char *record, gpointer data, GError **error)
{
  Edit *edit = data;
  g_autoptr (Pt2Program) result = pt2_program_ref (program);
  if (record == NULL && !check_alone (error))
    return NULL;
  for (guint i = 0; i < changes->len; i++)
    {
      Pt2Program *next = make_change (result, &g_array_index (changes, Change, i), edit, error);
      if (next == NULL)
        return NULL;
      pt2_program_unref (result);
      result = next;
    }
  edit->programs += result != program;
  if (!unchecked && result != program && !check_sound (program, result, error))
    return NULL;
  if (dry_run && !keep_diff (edit, program, result, record, error))
    return NULL;
  return g_steal_pointer (&result);
}

static const Rewrite how;

static gboolean
change_archive (Pt2ArchiveWriter *writer, Pt2Archive *archive, const Change *change, Edit *edit, GError **error)
{
  switch (change->kind)
    {
    case RENAME:
      return pt2_archive_writer_edit_rename (writer, archive, settings.model, change->place, change->value, error);
    case DEVICE:
      return pt2_archive_writer_edit_device (writer, archive, settings.model, change->place, change->value,
                                             &edit->devices, error);
    case WEIGHTS:
      edit->weights++;
      return take_weights (writer, archive, change->weights, error);
    case DROP:
      edit->dropped++;
      return pt2_archive_writer_drop_program (writer, archive, change->place, error);
    default:
      return TRUE;
    }
}

static gboolean
edit_archive (Pt2ArchiveWriter *writer, Pt2Archive *archive, gpointer data, GError **error)
{
  if (!rewrite_programs (writer, archive, &how, data, error))
    return FALSE;
  for (guint i = 0; i < changes->len; i++)
    if (!change_archive (writer, archive, &g_array_index (changes, Change, i), data, error))
      return FALSE;
  return TRUE;
}

static const Rewrite how = { edit_program, edit_archive, check_written };

/* ---- what it says ---- */

static void
say_changes (const Edit *edit)
{
  fprintf (stderr,
           "pt2: set: %" G_GUINT64_FORMAT "; devices changed: %" G_GUINT64_FORMAT "; renamed: %" G_GUINT64_FORMAT
           "; programs changed: %" G_GUINT64_FORMAT,
           edit->fields, edit->devices, edit->renamed, edit->programs);
  if (edit->weights > 0)
    fprintf (stderr, "; weights taken from files: %" G_GUINT64_FORMAT, edit->weights);
  if (edit->dropped > 0)
    fprintf (stderr, "; programs dropped: %" G_GUINT64_FORMAT, edit->dropped);
  fputc ('\n', stderr);
}

static void
answer_json (const Edit *edit)
{
  Json json;
  json_init (&json, stdout);
  json_open (&json, '{');
  json_member_unsigned (&json, "set", edit->fields);
  json_member_unsigned (&json, "devices", edit->devices);
  json_member_unsigned (&json, "renamed", edit->renamed);
  json_member_unsigned (&json, "programs", edit->programs);
  json_member_unsigned (&json, "weights", edit->weights);
  json_member_unsigned (&json, "dropped", edit->dropped);
  json_close (&json, '}');
}

static void
show_diff (const Edit *edit, guint i, const char *in)
{
  const char *record = edit->records->pdata[i];
  g_autofree char *name
      = record != NULL ? g_strdup_printf ("%s:%s", input_name (in), record) : g_strdup (input_name (in));
  g_autofree char *changed = g_strconcat (name, " (changed)", NULL);
  const Differences differences = { .old_name = name, .new_name = changed, .programs = edit->diffs->pdata[i] };
  settings.json ? diff_json (&differences) : diff_text (&differences, 3);
}

static int
show_diffs (const Edit *edit, const char *in)
{
  GError *error = NULL;
  if (settings.json && edit->diffs->len > 1)
    {
      set_error (&error, PT2_ERROR_U002, "--dry-run --json shows one program: choose one with --model");
      return report_trouble (NULL, error);
    }
  for (guint i = 0; i < edit->diffs->len; i++)
    show_diff (edit, i, in);
  return STATUS_FINE;
}

/* ---- */

static gboolean
check_words (int n, const char *out, GError **error)
{
  if (changes == NULL)
    set_error (error, PT2_ERROR_U002, "say what to change, such as --device=cuda:cpu");
  else if (n == 1 && !dry_run)
    set_error (error, PT2_ERROR_U002, "say where to with OUT; IN alone goes with --dry-run");
  else if (n == 2 && !dry_run && settings.json && strcmp (out, "-") == 0)
    set_error (error, PT2_ERROR_U002, "standard output is OUT; --json needs it too");
  else
    return TRUE;
  return FALSE;
}

/* False after a report. */
static gboolean
open_all_weights (void)
{
  for (guint i = 0; i < changes->len; i++)
    {
      Change *change = &g_array_index (changes, Change, i);
      if (change->kind == WEIGHTS && (change->weights = open_weights (change->place)) == NULL)
        return FALSE;
    }
  return TRUE;
}

static int
answer (const Edit *edit, const char *in)
{
  if (dry_run)
    return show_diffs (edit, in);
  if (settings.json)
    answer_json (edit);
  else if (!settings.quiet)
    say_changes (edit);
  return STATUS_FINE;
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  Edit edit = { .in = operands[0],
                .records = g_ptr_array_new_with_free_func (g_free),
                .diffs = g_ptr_array_new_with_free_func ((GDestroyNotify)pt2_diff_unref) };
  int status = STATUS_FINE;
  if (!check_words (n, operands[n - 1], &error))
    status = report_trouble (NULL, error);
  else if (!open_all_weights ())
    status = STATUS_TROUBLE;
  else
    status = rewrite_file (operands[0], dry_run ? NULL : operands[1], &how, &edit);
  if (status == STATUS_FINE)
    status = answer (&edit, operands[0]);
  g_ptr_array_unref (edit.records);
  g_ptr_array_unref (edit.diffs);
  free_changes ();
  return status;
}

static const Option options[] = {
  { "set", 0, OPTION_CALL, { .call = take_set }, "PATH=JSON", "another value for a field, item or entry" },
  { "device", 0, OPTION_CALL, { .call = take_device }, "FROM:TO", "another device, wherever FROM stands" },
  { "rename", 0, OPTION_CALL, { .call = take_rename }, "OLD:NEW", "another name for a parameter, buffer or constant" },
  { "rename-value", 0, OPTION_CALL, { .call = take_value_name }, "OLD:NEW", "another name for an input or result" },
  { "weights",
    0,
    OPTION_CALL,
    { .call = take_weights_file },
    "FILE",
    "other elements for its weights, by name: a safetensors file or another archive" },
  { "drop-program", 0, OPTION_CALL, { .call = take_dropped }, "NAME", "an archive of several programs: one less" },
  { "dry-run", 0, OPTION_FLAG, { .flag = &dry_run }, NULL, "show what would change; write nothing" },
  { "unchecked", 0, OPTION_FLAG, { .flag = &unchecked }, NULL, "write a program even if it is no longer sound" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_edit = {
  .name = "edit",
  .operands = "IN [OUT]",
  .least = 1,
  .most = 2,
  .summary = "change a program without exporting it again",
  .help
  = "Writes OUT, which is IN with the changes, made in the order in which they are given. IN is an archive (all\n"
    "of its programs, unless --model names one) or a program by itself; OUT is the same, or one program if its\n"
    "suffix is .json, .thrift or .thrift.zst.\n"
    "PATH is a path of fields such as graph_module.graph.nodes[3].target or graph_module.metadata[\"author\"];\n"
    "JSON is spelled as in the program's JSON, and null takes what is optional away.\n"
    "FROM and TO are devices: `cuda:0:cpu` is cuda:0 to cpu, `cuda:cpu` takes any index. Values, arguments and\n"
    "lists of payloads are changed, pickles are not.\n"
    "FILE holds elements of the same types and shapes; a program that is dropped takes with it what is its alone.\n"
    "OLD and NEW are qualified names such as layers.0.weight; an archive's weights and constants are renamed too.\n"
    "The result is held against the rules of `pt2 verify`, payloads against programs too. If it breaks one, as an\n"
    "error, that IN does not, nothing is written.\n",
  .examples = "$ pt2 edit --device=cuda:cpu model.pt2 cpu.pt2\n"
              "$ pt2 edit --dry-run --set='range_constraints[\"s0\"].max_val=64' model.pt2\n"
              "$ pt2 edit --set='graph_module.metadata[\"author\"]=\"ann\"' model.json new.json\n"
              "$ pt2 edit --rename-value=arg0_1:tokens model.pt2 named.pt2\n"
              "$ pt2 edit --weights=tuned.safetensors model.pt2 tuned.pt2\n"
              "$ pt2 edit --drop-program=draft pair.pt2 single.pt2\n",
  .options = options,
  .run = run,
};
