/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "program_json.h"
#include "report.h"
#include "show.h"
#include "trees.h"
#include "verbs.h"

static void
json_tree_member (Json *json, const char *key, Pt2Program *program, Tree tree)
{
  json_key (json, key);
  tree_json (json, program, &tree);
  g_free ((Pt2String *)tree.values);
}

static gboolean
sig_json (Pt2Program *program, GError **error)
{
  Json json;
  guint n;
  Pt2String in_spec, out_spec;
  pt2_program_get_tree_specs (program, &in_spec, &out_spec);
  json_init (&json, stdout);
  json_open (&json, '{');
  const Pt2SignatureItem *items = pt2_program_get_inputs (program, &n);
  json_key (&json, "inputs");
  json_items (&json, items, n, ITEMS_FULL);
  items = pt2_program_get_outputs (program, &n);
  json_key (&json, "outputs");
  json_items (&json, items, n, ITEMS_FULL);
  json_key (&json, "range_constraints");
  json_ranges (&json, program);
  json_member_string (&json, "in_spec", in_spec);
  json_member_string (&json, "out_spec", out_spec);
  json_tree_member (&json, "in_tree", program, tree_of_inputs (program));
  json_tree_member (&json, "out_tree", program, tree_of_outputs (program));
  json_key (&json, "module_calls");
  if (!module_calls_json (&json, program, error))
    return FALSE;
  json_close (&json, '}');
  return TRUE;
}

static void
add_item (Table *table, guint index, const Pt2SignatureItem *item)
{
  g_autofree char *target = item->target.data != NULL ? escaped (item->target.data, item->target.len) : g_strdup ("");
  table_number (table, index);
  table_text (table, item->kind, -1);
  table_item (table, item);
  /* What a non-persistent buffer is called is no key of the state dictionary. */
  table_take (table, g_strconcat (target, item->persistent == 0 ? " (not persistent)" : NULL, NULL));
}

static void
print_items (const char *heading, const Pt2SignatureItem *items, guint n)
{
  static const Column columns[] = {
    { NULL, TRUE, STYLE_FAINT },  { NULL, FALSE, STYLE_FAINT }, { NULL, FALSE, STYLE_PLAIN },
    { NULL, FALSE, STYLE_PLAIN }, { NULL, FALSE, STYLE_PLAIN }, { NULL, FALSE, STYLE_PLAIN },
  };
  Table table;
  g_autofree char *line = g_strdup_printf ("%s (%u)", heading, n);
  print_heading (line);
  table_init (&table, columns, G_N_ELEMENTS (columns), "  ");
  for (guint i = 0; i < n; i++)
    add_item (&table, i, &items[i]);
  table_print (&table);
}

static void
print_ranges (Pt2Program *program)
{
  static const Column columns[] = { { NULL, FALSE, STYLE_PLAIN }, { NULL, FALSE, STYLE_PLAIN } };
  guint n;
  const Pt2Range *ranges = pt2_program_get_ranges (program, &n);
  Table table;
  if (n == 0)
    return;
  print_heading ("Ranges");
  table_init (&table, columns, G_N_ELEMENTS (columns), "  ");
  for (guint i = 0; i < n; i++)
    {
      table_text (&table, ranges[i].name.data, ranges[i].name.len);
      table_take (&table, range_text (&ranges[i]));
    }
  table_print (&table);
}

static void
print_tree (Pt2Program *program, const char *heading, Tree tree)
{
  tree_text (program, heading, &tree);
  g_free ((Pt2String *)tree.values);
}

static gboolean
sig_text (Pt2Program *program, GError **error)
{
  guint n;
  const Pt2SignatureItem *items = pt2_program_get_inputs (program, &n);
  print_items ("Inputs", items, n);
  items = pt2_program_get_outputs (program, &n);
  print_items ("Outputs", items, n);
  print_ranges (program);
  print_tree (program, "What the caller passes", tree_of_inputs (program));
  print_tree (program, "What the caller gets", tree_of_outputs (program));
  return module_calls_text (program, error);
}

static int
run (char **operands, int n)
{
  g_autoptr (Pt2Program) program = input_program (operands[0]);
  GError *error = NULL;
  if (program == NULL)
    return STATUS_TROUBLE;
  if (!pt2_program_make_signature (program, &error))
    return report_trouble (input_name (operands[0]), error);
  gboolean shown = settings.json ? sig_json (program, &error) : sig_text (program, &error);
  return shown ? STATUS_FINE : report_trouble (input_name (operands[0]), error);
}

const Verb verb_sig = {
  .name = "sig",
  .operands = "FILE",
  .least = 1,
  .most = 1,
  .summary = "inputs and outputs with kind, name, type and shape",
  .help = "Shows every input and output of the graph in order: its kind (PyTorch's InputKind and OutputKind),\n"
          "the value's name, the type of its elements, its shape, and the parameter, buffer or input that is\n"
          "meant; then the ranges of the symbols in the shapes.\n"
          "\n"
          "The tree specs follow, unfolded: how the caller's arguments and results are made of these values, such as\n"
          "kwargs['mask'][0]; and the same for modules whose calls were kept. In the JSON, in_spec and out_spec are\n"
          "the texts of the file, in_tree and out_tree lists of places, containers before what they hold.\n",
  .examples = "$ pt2 sig model.pt2\n"
              "$ pt2 sig --json model.pt2 | jq '.inputs[] | select(.kind == \"USER_INPUT\")'\n",
  .run = run,
};
