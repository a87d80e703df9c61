/* SPDX-License-Identifier: Apache-2.0 */
/* One file as lines, so that what compares lines shows what changed: git's textconv. The order is the file's own; what
 * differs from one saving to the next without meaning (offsets, sizes of the archive) is left out. */
#include "diff_show.h"
#include "input.h"
#include "report.h"
#include "program_json.h"
#include "rewrite.h"
#include "show.h"
#include <string.h>

/* ---- a program ---- */

static void
print_items (const char *heading, const Pt2SignatureItem *items, guint n)
{
  static const Column columns[] = { { NULL, FALSE, STYLE_PLAIN },
                                    { NULL, FALSE, STYLE_PLAIN },
                                    { NULL, FALSE, STYLE_PLAIN },
                                    { NULL, FALSE, STYLE_PLAIN },
                                    { NULL, FALSE, STYLE_PLAIN } };
  printf ("%s\n", heading);
  for (guint i = 0; i < n; i++)
    { /* a table each: columns must not move when another line changes */
      Table table;
      table_init (&table, columns, G_N_ELEMENTS (columns), "  ");
      table_text (&table, items[i].kind, -1);
      table_item (&table, &items[i]);
      table_text (&table, items[i].target.data, items[i].target.len);
      table_print (&table);
    }
}

static void print_graph (Pt2Value graph, guint level);

/* The subgraphs among the inputs of a node. */
static void
print_subgraphs (Pt2Value node, guint level)
{
  Pt2Value inputs = pt2_value_field (node, "inputs");
  for (guint i = 0; i < pt2_value_length (inputs); i++)
    {
      Pt2Value argument = pt2_value_field (pt2_value_item (inputs, i), "arg");
      Pt2Value graph = pt2_value_path (argument, "as_graph.graph");
      if (pt2_value_is_valid (graph))
        print_graph (graph, level + 1);
    }
}

/* As deep as the program, which the reader bounded. */
static void
print_graph (Pt2Value graph, guint level)
{
  Pt2Value nodes = pt2_value_field (graph, "nodes");
  for (guint i = 0; i < pt2_value_length (nodes); i++)
    {
      g_autoptr (GString) line = g_string_new (NULL);
      append_node (line, pt2_value_item (nodes, i));
      printf ("%*s%s\n", (int)(2 * MIN (level, 40)), "", line->str);
      print_subgraphs (pt2_value_item (nodes, i), level);
    }
}

static void
print_ranges (Pt2Program *program)
{
  guint n;
  const Pt2Range *ranges = pt2_program_get_ranges (program, &n);
  printf ("ranges\n");
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = escaped (ranges[i].name.data, ranges[i].name.len);
      g_autofree char *range = range_text (&ranges[i]);
      printf ("  %s  %s\n", name, range);
    }
}

static void
print_texts (const char *heading, Pt2Value texts)
{
  printf ("%s\n", heading);
  for (guint i = 0; i < pt2_value_length (texts); i++)
    {
      Pt2String text = pt2_value_get_string (pt2_value_item (texts, i));
      g_autofree char *shown = escaped (text.data, text.len);
      printf ("  %s\n", shown);
    }
}

static void
print_version (Pt2Program *program)
{
  gint64 major, minor;
  Pt2String torch_version = pt2_program_get_torch_version (program);
  g_autofree char *shown = torch_version.data != NULL ? escaped (torch_version.data, torch_version.len) : NULL;
  pt2_program_get_schema_version (program, &major, &minor);
  printf ("schema %" G_GINT64_FORMAT ".%" G_GINT64_FORMAT "\n", major, minor);
  if (shown != NULL)
    printf ("PyTorch %s\n", shown);
}

static gboolean
print_target (Pt2String target, guint graph, gpointer data)
{
  g_autofree char *shown = escaped (target.data, target.len);
  printf ("%*s%s\n", graph == 0 ? 2 : 4, "", shown);
  return TRUE;
}

static void
print_program (Pt2Program *program)
{
  guint n;
  Pt2Value root = pt2_program_get_root (program);
  const Pt2SignatureItem *items = pt2_program_get_inputs (program, &n);
  print_version (program);
  print_items ("inputs", items, n);
  printf ("nodes\n");
  if (pt2_value_is_valid (root))
    print_graph (pt2_value_path (root, "graph_module.graph"), 1);
  else
    pt2_program_foreach_node (program, print_target, NULL);
  items = pt2_program_get_outputs (program, &n);
  print_items ("outputs", items, n);
  print_ranges (program);
  print_texts ("guards", pt2_value_field (root, "guards_code"));
}

/* ---- an archive ---- */

static void
print_tensors (Pt2Tensors *tensors)
{
  guint n;
  const Pt2Tensor *all = pt2_tensors_get (tensors, &n);
  printf ("tensors\n");
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GString) line = g_string_new ("  ");
      guint8 hash[PT2_SHA256_BYTES];
      append_tensor (line, &all[i]);
      if (pt2_tensor_sha256 (tensors, &all[i], hash, NULL))
        append_hash (line, hash, sizeof hash);
      printf ("%s\n", line->str);
    }
}

static void
print_records (Pt2Archive *archive)
{
  static const char *const shown[] = { "extra", "sample-inputs", "native-code", "aot-inductor", "unknown" };
  guint n;
  const Pt2Record *records = pt2_archive_get_records (archive, &n);
  printf ("records\n");
  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < G_N_ELEMENTS (shown); k++)
      {
        g_autoptr (GString) line = g_string_new ("  ");
        guint8 hash[PT2_SHA256_BYTES];
        if (strcmp (shown[k], records[i].role) != 0)
          continue;
        append_escaped (line, records[i].name, strlen (records[i].name));
        if (pt2_archive_sha256 (archive, &records[i], hash, NULL))
          append_hash (line, hash, sizeof hash);
        printf ("%s\n", line->str);
      }
}

static gboolean
print_model (Pt2Archive *archive, const char *model, GError **error)
{
  const Pt2Record *record = pt2_archive_choose_model (archive, model, error);
  g_autoptr (Pt2Program) program = record != NULL ? pt2_archive_load_program (archive, record, error) : NULL;
  if (program == NULL || !pt2_program_make_signature (program, error))
    return FALSE;
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (archive, model, program, error);
  if (tensors == NULL)
    return FALSE;
  g_autofree char *name = escaped (model, -1);
  printf ("program %s\n", name);
  print_program (program);
  print_tensors (tensors);
  return TRUE;
}

static gboolean
print_archive (GBytes *bytes, GError **error)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &settings.limits, error);
  const char *const *models = archive != NULL ? pt2_archive_get_models (archive) : NULL;
  for (; models != NULL && *models != NULL; models++)
    if (!print_model (archive, *models, error))
      return FALSE;
  if (archive != NULL)
    print_records (archive);
  return archive != NULL;
}

static gboolean
print_file (GBytes *bytes, GError **error)
{
  gboolean archive;
  if (!is_archive (bytes, &archive, error))
    return FALSE;
  if (archive)
    return print_archive (bytes, error);
  g_autoptr (Pt2Program) program = pt2_program_new_from_data (bytes, settings.model, &settings.limits, error);
  if (program == NULL || !pt2_program_make_signature (program, error))
    return FALSE;
  print_program (program);
  return TRUE;
}

int
diff_textconv (const char *path)
{
  GError *error = NULL;
  g_autoptr (GBytes) bytes = input_bytes (path, &error);
  if (bytes == NULL || !print_file (bytes, &error))
    return report_trouble (input_name (path), error);
  return STATUS_FINE;
}
