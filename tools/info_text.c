/* SPDX-License-Identifier: Apache-2.0 */
/* `info` for people: one screen, whatever the size of the program. */
#include "info.h"
#include "program_json.h"
#include "show.h"
#include <string.h>

enum
{
  NAMES_SHOWN = 4,
  ITEMS_SHOWN = 8,
};

static const Column fact_columns[] = { { NULL, FALSE, STYLE_FAINT }, { NULL, FALSE, STYLE_PLAIN } };

static void add_fact (Table *table, const char *key, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* What is printed into FORMAT is escaped by then. */
static void
add_fact (Table *table, const char *key, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  table_text (table, key, -1);
  table_take (table, g_strdup_vprintf (format, args));
  va_end (args);
}

/* ---- the file ---- */

static const char *
kind_sentence (const Facts *facts)
{
  static const char *const layouts[] = {
    [PT2_ARCHIVE_LAYOUT_NONE] = "exported program",
    [PT2_ARCHIVE_LAYOUT_LEGACY] = "exported program, legacy archive",
    [PT2_ARCHIVE_LAYOUT_FLAT] = "exported program, PT2 archive without a root folder",
    [PT2_ARCHIVE_LAYOUT_PICKLED] = "exported program, PT2 archive with pickled payloads",
    [PT2_ARCHIVE_LAYOUT_RAW] = "exported program, PT2 archive with raw payloads",
  };
  static const char *const kinds[] = {
    [PT2_KIND_OF_FILE_AOT_INDUCTOR] = "AOTInductor package: native code, no exported program",
    [PT2_KIND_OF_FILE_TORCH_SAVE] = "torch.save archive: pickled objects, no exported program",
    [PT2_KIND_OF_FILE_PROGRAM_JSON] = "exported program by itself, JSON",
    [PT2_KIND_OF_FILE_PROGRAM_COMPACT] = "exported program by itself, Thrift compact",
  };
  if (facts->kind == PT2_KIND_OF_FILE_EXPORTED_PROGRAM)
    return layouts[pt2_archive_get_layout (facts->archive)];
  if (facts->program != NULL && pt2_program_get_form (facts->program) == PT2_FORM_COMPACT_ZST)
    return "exported program by itself, Thrift compact in a zstd frame";
  return (guint)facts->kind < G_N_ELEMENTS (kinds) ? kinds[facts->kind] : "archive";
}

static void
add_names (Table *table, const char *key, const char *const *names, guint n)
{
  GString *text = g_string_new (n > 0 ? NULL : "none");
  for (guint i = 0; i < MIN (n, NAMES_SHOWN); i++)
    {
      g_string_append (text, i > 0 ? ", " : "");
      append_escaped (text, names[i], strlen (names[i]));
    }
  if (n > NAMES_SHOWN)
    g_string_append_printf (text, " and %u more", n - NAMES_SHOWN);
  table_text (table, key, -1);
  table_take (table, g_string_free (text, FALSE));
}

static void
add_record_names (Table *table, const char *key, const GPtrArray *names)
{
  add_names (table, key, (const char *const *)names->pdata, names->len);
}

static void
add_file (Table *table, const Facts *facts)
{
  g_autofree char *size = size_text (facts->bytes);
  add_fact (table, "kind", "%s", kind_sentence (facts));
  if (facts->archive == NULL)
    {
      add_fact (table, "size", "%s", size);
      return;
    }
  add_fact (table, "size", "%s in %u record%s", size, facts->n_records, facts->n_records == 1 ? "" : "s");
  if (pt2_archive_get_byteorder (facts->archive) != NULL)
    add_fact (table, "byte order", "%s", pt2_archive_get_byteorder (facts->archive));
}

static void
add_models (Table *table, const Facts *facts)
{
  const char *const *models = facts->archive != NULL ? pt2_archive_get_models (facts->archive) : NULL;
  guint n = 0;
  while (models != NULL && models[n] != NULL)
    n++;
  if (n < 2)
    return;
  add_names (table, "programs", models, n);
  g_autofree char *model = escaped (facts->model, -1);
  add_fact (table, "shown", "%s", model);
}

/* ---- the program ---- */

static void
add_versions (Table *table, Pt2Program *program)
{
  gint64 major, minor;
  guint n;
  pt2_program_get_schema_version (program, &major, &minor);
  add_fact (table, "schema", "%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, major, minor);
  Pt2String torch = pt2_program_get_torch_version (program);
  if (torch.data != NULL)
    {
      g_autofree char *text = escaped (torch.data, torch.len);
      add_fact (table, "PyTorch", "%s", text);
    }
  const Pt2OpsetVersion *opsets = pt2_program_get_opsets (program, &n);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < MIN (n, NAMES_SHOWN); i++)
    {
      g_string_append (text, i > 0 ? ", " : "");
      append_escaped (text, opsets[i].name.data, opsets[i].name.len);
      g_string_append_printf (text, " %" G_GINT64_FORMAT, opsets[i].version);
    }
  if (n > 0)
    add_fact (table, "operator set", "%s", text->str);
}

static void
add_payload (Table *table, const char *key, const Facts *facts, const Payload *payload)
{
  if (payload->count == 0)
    {
      add_fact (table, key, "none");
      return;
    }
  g_autofree char *bytes = size_text (payload->bytes), *stored = size_text (payload->stored_bytes);
  if (facts->archive != NULL)
    add_fact (table, key, "%u, %s; %s in the archive", payload->count, bytes, stored);
  else
    add_fact (table, key, "%u, %s; not in this file", payload->count, bytes);
}

static void
add_program (Table *table, const Facts *facts)
{
  add_versions (table, facts->program);
  add_fact (table, "graph", "%" G_GUINT64_FORMAT " node%s, %u operator%s, %u subgraph%s", facts->nodes,
            facts->nodes == 1 ? "" : "s", facts->operators, facts->operators == 1 ? "" : "s", facts->subgraphs,
            facts->subgraphs == 1 ? "" : "s");
  add_payload (table, "weights", facts, &facts->weights);
  add_payload (table, "constants", facts, &facts->constants);
}

/* ---- what goes in and comes out for the caller ---- */

static gboolean
is_callers (const Pt2SignatureItem *item)
{
  return strcmp (item->kind, "USER_INPUT") == 0 || strcmp (item->kind, "USER_OUTPUT") == 0
         || strcmp (item->kind, "LOSS_OUTPUT") == 0;
}

static void
print_items (const char *heading, const Pt2SignatureItem *items, guint n)
{
  static const Column columns[]
      = { { NULL, FALSE, STYLE_PLAIN }, { NULL, FALSE, STYLE_PLAIN }, { NULL, FALSE, STYLE_PLAIN } };
  Table table;
  guint shown = 0, callers = 0;
  table_init (&table, columns, G_N_ELEMENTS (columns), "  ");
  for (guint i = 0; i < n; i++)
    if (is_callers (&items[i]) && callers++ < ITEMS_SHOWN)
      {
        table_item (&table, &items[i]);
        shown++;
      }
  g_autofree char *line
      = n > shown ? g_strdup_printf ("%s (%u of %u; `pt2 sig` shows all)", heading, shown, n) : g_strdup (heading);
  putchar ('\n');
  print_heading (line);
  table_print (&table);
}

static void
print_ranges (Pt2Program *program)
{
  guint n;
  const Pt2Range *ranges = pt2_program_get_ranges (program, &n);
  Table table;
  if (n == 0)
    return;
  putchar ('\n');
  print_heading ("Ranges");
  table_init (&table, fact_columns, G_N_ELEMENTS (fact_columns), "  ");
  for (guint i = 0; i < MIN (n, ITEMS_SHOWN); i++)
    {
      table_text (&table, ranges[i].name.data, ranges[i].name.len);
      table_take (&table, range_text (&ranges[i]));
    }
  table_print (&table);
  if (n > ITEMS_SHOWN)
    printf ("  and %u more: `pt2 sig` lists all\n", n - ITEMS_SHOWN);
}

/* One line for what several files of one package say alike. */
static void
add_compiled (Table *table, const GPtrArray *compiled)
{
  g_autofree char *before = NULL;
  guint shown = 0;
  for (guint i = 0; i < compiled->len && shown < NAMES_SHOWN; i++)
    {
      const AotMetadata *metadata = compiled->pdata[i];
      g_autoptr (GString) text = g_string_new (NULL);
      append_escaped (text, metadata->model, strlen (metadata->model));
      g_string_append (text, metadata->pairs == NULL ? ": metadata that cannot be read" : ":");
      for (guint k = 0; metadata->pairs != NULL && k + 1 < metadata->pairs->len && k < 2 * ITEMS_SHOWN; k += 2)
        {
          g_autofree char *key = escaped (metadata->pairs->pdata[k], -1);
          g_autofree char *value = escaped (metadata->pairs->pdata[k + 1], -1);
          g_string_append_printf (text, "%s %s %s", k > 0 ? "," : "", key, *value != '\0' ? value : "\"\"");
        }
      if (g_strcmp0 (before, text->str) == 0)
        continue;
      table_text (table, "compiled", -1);
      table_take (table, g_strdup (text->str));
      g_free (before);
      before = g_string_free (g_steal_pointer (&text), FALSE);
      shown++;
    }
}

void
info_text (const Facts *facts)
{
  Table table;
  guint n;
  table_init (&table, fact_columns, G_N_ELEMENTS (fact_columns), "");
  add_file (&table, facts);
  add_models (&table, facts);
  if (facts->program != NULL)
    add_program (&table, facts);
  if (facts->archive != NULL)
    {
      add_record_names (&table, "pickles", facts->pickles);
      add_record_names (&table, "native code", facts->native_code);
      add_record_names (&table, "extra", facts->extra);
      add_compiled (&table, facts->compiled);
    }
  table_print (&table);
  if (facts->program == NULL)
    return;
  const Pt2SignatureItem *items = pt2_program_get_inputs (facts->program, &n);
  print_items ("Inputs", items, n);
  items = pt2_program_get_outputs (facts->program, &n);
  print_items ("Outputs", items, n);
  print_ranges (facts->program);
}

/* ---- a line of many ---- */

static void
append_program (GString *line, const Facts *facts)
{
  gint64 major, minor;
  pt2_program_get_schema_version (facts->program, &major, &minor);
  g_string_append_printf (line, "; schema %" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, major, minor);
  Pt2String torch = pt2_program_get_torch_version (facts->program);
  if (torch.data != NULL)
    {
      g_string_append (line, ", PyTorch ");
      append_escaped (line, torch.data, torch.len);
    }
  guint64 bytes = facts->weights.bytes;
  if (!g_uint64_checked_add (&bytes, bytes, facts->constants.bytes))
    bytes = G_MAXUINT64;
  guint tensors = facts->weights.count + facts->constants.count;
  g_autofree char *size = size_text (bytes);
  g_string_append_printf (line, "; %" G_GUINT64_FORMAT " node%s, %u tensor%s of %s", facts->nodes,
                          facts->nodes == 1 ? "" : "s", tensors, tensors == 1 ? "" : "s", size);
}

void
info_line (const char *file, const Facts *facts)
{
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *size = size_text (facts->bytes);
  append_escaped (line, file, strlen (file));
  g_string_append_printf (line, ": %s; %s", kind_sentence (facts), size);
  if (facts->program != NULL)
    append_program (line, facts);
  puts (line->str);
}
