/* SPDX-License-Identifier: Apache-2.0 */
/* Measures symbolic expressions: one expression a line in FILE. WHAT is `read` (parse and normal form, each in a pool
 * of its own), `pool` (the same, all in one pool) or `evaluate` (plans with small integers). Bytes are those of the
 * texts; `evaluate` also prints the nodes evaluated in a second. bench_sym.py holds it against SymPy. */
#include "bench.h"
#include "pt2-expr.h"

enum
{
  MOST_LINES = 100000,
};

typedef struct
{
  BenchFile file;
  const char *lines[MOST_LINES];
  gssize lens[MOST_LINES];
  Pt2ExprPlan *plans[MOST_LINES];
  Pt2ExprPool *pool;
  int n, n_plans;
  size_t nodes;
} Texts;

static Texts texts;
static const int64_t values[64] = { 7, 12, 3, 40, 5, 9, 31, 2, 17, 6, 8, 19, 23, 4, 11, 29,
                                    7, 12, 3, 40, 5, 9, 31, 2, 17, 6, 8, 19, 23, 4, 11, 29,
                                    7, 12, 3, 40, 5, 9, 31, 2, 17, 6, 8, 19, 23, 4, 11, 29,
                                    7, 12, 3, 40, 5, 9, 31, 2, 17, 6, 8, 19, 23, 4, 11, 29 };

static size_t
read_all (void *one_pool)
{
  Pt2ExprPool *pool = one_pool != NULL ? pt2_expr_pool_new (NULL) : NULL;
  size_t bytes = 0;
  for (int i = 0; i < texts.n; i++)
    {
      Pt2ExprPool *own = pool != NULL ? pool : pt2_expr_pool_new (NULL);
      const Pt2Expr *expr = pt2_expr_parse (own, texts.lines[i], texts.lens[i], NULL);
      if (expr == NULL || pt2_expr_normal (own, expr, NULL) == NULL)
        return 0;
      bytes += (size_t)texts.lens[i];
      if (pool == NULL)
        pt2_expr_pool_free (own);
    }
  pt2_expr_pool_free (pool);
  return bytes;
}

static size_t
evaluate_all (void *state)
{
  size_t good = 0;
  for (int round = 0; round < 100; round++)
    for (int i = 0; i < texts.n_plans; i++)
      {
        Pt2ExprValue value;
        good += pt2_expr_plan_run (texts.plans[i], values, &value, NULL);
        pt2_expr_value_clear (&value);
      }
  return good > 0 ? (size_t)100 * texts.nodes : 0;
}

/* Plans of the expressions that have a value of integers alone. */
static void
make_plan (const char *line, gssize len)
{
  Pt2ExprValue value;
  const Pt2Expr *expr = pt2_expr_parse (texts.pool, line, len, NULL);
  guint n = 0;
  Pt2String *names = expr != NULL ? pt2_expr_free_symbols (expr, &n) : NULL;
  const char *list[64];
  for (guint i = 0; i < n && i < 64; i++)
    list[i] = g_strndup (names[i].data, names[i].len);
  Pt2ExprPlan *plan = expr != NULL && n <= 64 ? pt2_expr_plan_new (expr, list, n, NULL) : NULL;
  if (plan != NULL && pt2_expr_plan_run (plan, values, &value, NULL))
    {
      texts.nodes += pt2_expr_plan_nodes (plan);
      texts.plans[texts.n_plans++] = plan;
      pt2_expr_value_clear (&value);
    }
  else
    pt2_expr_plan_free (plan);
  g_free (names);
}

static void
split_lines (void)
{
  char *p = texts.file.data, *end = p + texts.file.len;
  while (p < end && texts.n < MOST_LINES)
    {
      char *close = memchr (p, '\n', (size_t)(end - p));
      close = close != NULL ? close : end;
      texts.lines[texts.n] = p;
      texts.lens[texts.n++] = close - p;
      p = close + 1;
    }
}

int
main (int argc, char **argv)
{
  double seconds = bench_arguments (argc, argv);
  const char *what = argv[1];
  texts.file = bench_read_file (argv[2]);
  split_lines ();
  BenchWork work = { read_all, NULL, strcmp (what, "pool") == 0 ? &texts : NULL };
  if (strcmp (what, "evaluate") == 0)
    {
      texts.pool = pt2_expr_pool_new (NULL);
      for (int i = 0; i < texts.n; i++)
        make_plan (texts.lines[i], texts.lens[i]);
      work.step = evaluate_all;
    }
  bench_repeat ("libpt2", what, &work, seconds, 0);
  printf (", \"expressions\": %d}\n", texts.n_plans > 0 ? texts.n_plans : texts.n);
  return 0;
}
