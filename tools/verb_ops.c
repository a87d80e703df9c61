/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "json_out.h"
#include "op_schemas.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <stdlib.h>
#include <string.h>

/* The most frequent first, then by name. */
static int
compare_counts (const void *a, const void *b)
{
  const Pt2OperatorCount *x = a, *y = b;
  if (x->count != y->count)
    return x->count < y->count ? 1 : -1;
  guint32 both = MIN (x->target.len, y->target.len);
  int order = both > 0 ? memcmp (x->target.data, y->target.data, both) : 0;
  return order != 0 ? order : (x->target.len > y->target.len) - (x->target.len < y->target.len);
}

static void
ops_json (const Pt2OperatorCount *counts, guint n)
{
  Json json;
  json_init (&json, stdout);
  json_open (&json, '{');
  for (guint i = 0; i < n; i++)
    {
      json_key_len (&json, counts[i].target.data, counts[i].target.len);
      json_unsigned (&json, counts[i].count);
    }
  json_close (&json, '}');
}

static void
ops_text (const Pt2OperatorCount *counts, guint n)
{
  static const Column columns[] = { { NULL, TRUE, STYLE_PLAIN }, { NULL, FALSE, STYLE_PLAIN } };
  Table table;
  table_init (&table, columns, G_N_ELEMENTS (columns), "");
  for (guint i = 0; i < n; i++)
    {
      table_number (&table, counts[i].count);
      table_text (&table, counts[i].target.data, counts[i].target.len);
    }
  table_print (&table);
}

static gboolean with_schemas;

/* What stands where a schema would. */
static const char *
without_schema (Pt2String target)
{
  switch (pt2_op_target_kind (target))
    {
    case PT2_OP_TARGET_HIGHER_ORDER:
      return pt2_op_is_known_higher_order (target) ? "higher-order operator" : "unknown higher-order operator";
    case PT2_OP_TARGET_SYMBOLIC:
      return "symbolic operation";
    case PT2_OP_TARGET_EXTENSION:
      return "extension";
    default:
      return "unknown operator";
    }
}

static void
schemas_json (const Pt2Ops *ops, const Pt2OperatorCount *counts, guint n)
{
  Json json;
  json_init (&json, stdout);
  json_open (&json, '{');
  for (guint i = 0; i < n; i++)
    {
      const Pt2OpSchema *schema = pt2_ops_find (ops, counts[i].target);
      json_key_len (&json, counts[i].target.data, counts[i].target.len);
      json_open (&json, '{');
      json_member_unsigned (&json, "count", counts[i].count);
      json_member_text (&json, "kind", schema != NULL ? "operator" : without_schema (counts[i].target));
      json_member_string (&json, "schema", schema != NULL ? schema->text : (Pt2String){ NULL, 0 });
      json_close (&json, '}');
    }
  json_close (&json, '}');
}

static void
schemas_text (const Pt2Ops *ops, const Pt2OperatorCount *counts, guint n)
{
  static const Column columns[]
      = { { NULL, TRUE, STYLE_PLAIN }, { NULL, FALSE, STYLE_PLAIN }, { NULL, FALSE, STYLE_FAINT } };
  Table table;
  table_init (&table, columns, G_N_ELEMENTS (columns), "");
  for (guint i = 0; i < n; i++)
    {
      const Pt2OpSchema *schema = pt2_ops_find (ops, counts[i].target);
      table_number (&table, counts[i].count);
      if (schema != NULL)
        table_take (&table, g_strndup (schema->text.data, schema->text.len));
      else
        table_text (&table, counts[i].target.data, counts[i].target.len);
      table_text (&table, schema != NULL ? NULL : without_schema (counts[i].target), -1);
    }
  table_print (&table);
}

/* Every schema there is. */
static int
show_all (const Pt2Ops *ops)
{
  guint n;
  g_autofree const Pt2OpSchema **schemas = pt2_ops_get_all (ops, &n);
  GError *error = NULL;
  Json json;
  if (schemas == NULL)
    {
      set_error (&error, PT2_ERROR_L001, "%s", "the operators");
      return report_trouble (NULL, error);
    }
  json_init (&json, stdout);
  if (settings.json)
    json_open (&json, '{');
  for (guint i = 0; i < n; i++)
    if (settings.json)
      {
        json_key_len (&json, schemas[i]->target.data, schemas[i]->target.len);
        json_text (&json, schemas[i]->text.data, schemas[i]->text.len);
      }
    else
      printf ("%.*s\n", (int)schemas[i]->text.len, schemas[i]->text.data);
  if (settings.json)
    json_close (&json, '}');
  return STATUS_FINE;
}

static int
show_counts (const char *path, const Pt2Ops *ops)
{
  g_autoptr (Pt2Program) program = input_program (path);
  if (program == NULL)
    return STATUS_TROUBLE;
  guint n_counts;
  g_autofree Pt2OperatorCount *counts = pt2_program_count_operators (program, &n_counts);
  if (counts == NULL)
    {
      GError *error = NULL;
      set_error (&error, PT2_ERROR_L001, "%s", "the operators");
      return report_trouble (input_name (path), error);
    }
  if (n_counts > 0)
    qsort (counts, n_counts, sizeof *counts, compare_counts);
  if (with_schemas)
    settings.json ? schemas_json (ops, counts, n_counts) : schemas_text (ops, counts, n_counts);
  else
    settings.json ? ops_json (counts, n_counts) : ops_text (counts, n_counts);
  return STATUS_FINE;
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  if (n == 0 && !with_schemas)
    {
      set_error (&error, PT2_ERROR_U002, "%s", "a FILE was expected: only --schemas needs none");
      return report_trouble (NULL, error);
    }
  gboolean wanted = with_schemas || ops_given ();
  g_autoptr (Pt2Ops) ops = wanted ? load_ops () : NULL;
  if (wanted && ops == NULL)
    return STATUS_TROUBLE;
  return n == 0 ? show_all (ops) : show_counts (operands[0], ops);
}

static const Option options[] = {
  { "schemas",
    0,
    OPTION_FLAG,
    { .flag = &with_schemas },
    NULL,
    "show each operator's schema; without FILE, all that are known" },
  OPTION_OPS,
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_ops = {
  .name = "ops",
  .operands = "[FILE]",
  .least = 0,
  .most = 1,
  .summary = "operators and how often",
  .help = "Counts what the nodes of the graph call, subgraphs included, the most frequent first. Targets are\n"
          "spelled as the file spells them. Programs of all schema versions are read.\n"
          "\n"
          "With --schemas, each operator is shown with its schema: what it takes and gives. The schemas of PyTorch\n"
          "2.15 are built in; those of other operators are given with --ops, a schema a line: of an operator as\n"
          "PyTorch prints it, of an extension's as `#NAMESPACE:NAME(Tensor self) -> Tensor`. Any other line that\n"
          "begins with `#` is a remark. What has no schema is said to be a higher-order operator, a symbolic\n"
          "operation, an extension, or unknown.\n",
  .examples = "$ pt2 ops model.pt2\n"
              "$ pt2 ops --json model.pt2 | jq 'keys'\n"
              "$ pt2 ops --schemas model.pt2 --ops=mine.txt\n"
              "$ pt2 ops --schemas | grep '^aten::conv'\n",
  .options = options,
  .run = run,
};
