/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "json_out.h"
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

static int
run (char **operands, int n)
{
  g_autoptr (Pt2Program) program = input_program (operands[0]);
  if (program == NULL)
    return STATUS_TROUBLE;
  guint n_counts;
  g_autofree Pt2OperatorCount *counts = pt2_program_count_operators (program, &n_counts);
  if (counts == NULL)
    {
      GError *error = NULL;
      set_error (&error, PT2_ERROR_L001, "%s", "the operators");
      return report_trouble (input_name (operands[0]), error);
    }
  if (n_counts > 0)
    qsort (counts, n_counts, sizeof *counts, compare_counts);
  settings.json ? ops_json (counts, n_counts) : ops_text (counts, n_counts);
  return STATUS_FINE;
}

const Verb verb_ops = {
  .name = "ops",
  .operands = "FILE",
  .least = 1,
  .most = 1,
  .summary = "operators and how often",
  .help = "Counts what the nodes of the graph call, subgraphs included, the most frequent first. Targets are\n"
          "spelled as the file spells them. Programs of all schema versions are read.\n",
  .examples = "$ pt2 ops model.pt2\n"
              "$ pt2 ops --json model.pt2 | jq 'keys'\n",
  .run = run,
};
