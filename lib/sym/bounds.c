/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds of an expression: its normal form, step by step, with ranges for values. Sums in which a remainder stands
 * beside what it is the remainder of are also bounded as multiples; both results hold, so what both allow is taken. */
#include "normal.h"
#include "plan.h"
#include "sym_bounds.h"
#include "sym_evaluate.h"
#include "sym_names.h"
#include "tally.h"
#include <math.h>
#include <stdlib.h>

typedef struct
{
  Pt2ExprPool *pool;
  SymCalc *calc;
  const Pt2ExprRange *ranges;
  SymNames *names; /* of the ranges */
  Pt2Status *status;
} Query;

/* ---- ranges of symbols ---- */

static bool
has (const SymName *name, SymAssumption assumption)
{
  return (name->is & 1u << assumption) != 0;
}

/* What its text assumes. */
static void
assumed_range (const SymName *name, SymRange *out)
{
  int64_t step = has (name, SYM_INTEGER) ? 1 : 0;
  sym_range_unknown (out);
  if (has (name, SYM_NONNEGATIVE))
    out->lower = sym_int (has (name, SYM_POSITIVE) ? step : 0);
  if (has (name, SYM_NONPOSITIVE))
    out->upper = sym_int (has (name, SYM_NEGATIVE) ? -step : 0);
}

static bool
given_range (const Query *query, const Pt2Expr *symbol, const Pt2ExprRange *given, SymRange *out)
{
  if (!sym_from_value (query->calc, &given->lower, &out->lower)
      || !sym_from_value (query->calc, &given->upper, &out->upper))
    return sym_fail (query->status, query->calc);
  bool mixed = (out->lower.kind == SYM_BOOL) != (out->upper.kind == SYM_BOOL);
  if (mixed || (out->lower.kind == SYM_BOOL ? out->lower.i > out->upper.i : sym_compare (out->lower, out->upper) > 0))
    return pt2_status_fail (query->status, PT2_ERROR_Y009, PT2_NO_OFFSET, "%s", given->name);
  if ((symbol->flags & SYM_NODE_INTEGER) == 0 || out->lower.kind == SYM_BOOL)
    return true;
  SymRange whole;
  if (sym_round (query->calc, out->lower, SYM_ROUND_UP, &whole.lower)
      && sym_round (query->calc, out->upper, SYM_ROUND_DOWN, &whole.upper)
      && sym_compare (whole.lower, whole.upper) <= 0)
    *out = whole;
  query->calc->trouble = SYM_FINE;
  return true;
}

static bool
symbol_range (const Query *query, const Pt2Expr *symbol, SymRange *out)
{
  Pt2String name = symbol->symbol.name->name;
  uint32_t i = sym_names_find (query->names, name);
  if (i != PT2_TEXT_INDEX_NONE)
    return given_range (query, symbol, &query->ranges[i], out);
  assumed_range (symbol->symbol.name, out);
  return true;
}

static bool
leaf_range (const Query *query, const Pt2Expr *leaf, SymRange *out)
{
  if (leaf->op == SYM_SYMBOL)
    return symbol_range (query, leaf, out);
  SymNumber value = leaf->value;
  if (leaf->op == SYM_CONSTANT && !sym_constant_value (query->calc, leaf->constant, &value))
    {
      query->calc->trouble = SYM_FINE;
      return sym_range_unknown (out);
    }
  *out = (SymRange){ value, value };
  return true;
}

/* ---- all steps ---- */

static bool
run (const Query *query, SymPlan *plan, SymRange *ranges, SymRange *row)
{
  SymBounds bounds = { query->calc };
  for (uint32_t i = 0; i < plan->n; i++)
    {
      const SymStep *step = &plan->steps[i];
      const Pt2Expr *node = plan->nodes[i];
      if (node->n_args == 0)
        {
          if (!leaf_range (query, node, &ranges[i]))
            return false;
          continue;
        }
      if (node->op == SYM_PAIR)
        continue;
      for (uint32_t j = 0; j < step->n; j++)
        row[j] = ranges[plan->args[step->args + j]];
      sym_ops[step->op].bound (&bounds, node, row, &ranges[i]);
    }
  return true;
}

static bool
bound (const Query *query, const Pt2Expr *expr, SymRange *out)
{
  SymPlan plan;
  uint32_t most = 1;
  bool planned = sym_plan_init (&plan, expr), done = false;
  for (uint32_t i = 0; planned && i < plan.n; i++)
    most = MAX (most, plan.steps[i].n);
  SymRange *ranges = planned ? malloc (plan.n * sizeof *ranges) : NULL;
  SymRange *row = planned ? malloc (most * sizeof *row) : NULL;
  if (ranges == NULL || row == NULL)
    pt2_status_fail (query->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  else
    done = run (query, &plan, ranges, row);
  if (done)
    *out = ranges[plan.n - 1];
  free (ranges);
  free (row);
  if (planned)
    sym_plan_clear (&plan);
  return done;
}

/* ---- x - x mod n ---- */

/* The terms of a sum: what stands behind each coefficient. A number's is the entry of the sum itself. */
static bool
tally_terms (Pt2ExprPool *pool, const Pt2Expr *sum, SymTally *terms)
{
  for (uint32_t i = 0; i < sum->n_args; i++)
    {
      SymTerm term;
      bool fresh;
      if (!sym_split_term (pool, sum->args[i], &term))
        return false;
      SymEntry *entry = sym_tally_get (terms, term.rest != NULL ? term.rest : sum, &fresh);
      if (entry == NULL)
        return pt2_status_fail (pool->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
      entry->number = term.coefficient;
    }
  return true;
}

/* Do the terms of SUM hold all of -FACTOR * BASE? Then *HELD, and it is taken away from them. */
static bool
take_multiple (Pt2ExprPool *pool, const Pt2Expr *sum, SymTally *tally, const Pt2Expr *base, SymNumber factor,
               bool *held)
{
  uint32_t n;
  const Pt2Expr *const *terms = sym_terms (&base, SYM_ADD, &n);
  *held = true;
  for (int pass = 0; pass < 2 && *held; pass++)
    for (uint32_t i = 0; i < n && *held; i++)
      {
        SymTerm term;
        SymNumber needed;
        if (!sym_split_term (pool, terms[i], &term))
          return false;
        if (!sym_mul (&pool->calc, term.coefficient, factor, &needed) || !sym_negate (&pool->calc, needed, &needed))
          return sym_fail (pool->status, &pool->calc);
        SymEntry *there = (SymEntry *)sym_tally_find (tally, term.rest != NULL ? term.rest : sum);
        int sign = sym_sign (needed);
        *held = there != NULL && sym_is_int (term.coefficient) && sym_sign (there->number) == sign
                && sym_compare (there->number, needed) * sign >= 0;
        if (pass == 1 && !sym_subtract (&pool->calc, there->number, needed, &there->number))
          return sym_fail (pool->status, &pool->calc);
      }
  return true;
}

/* What is to be added to a sum that holds FACTOR * (base mod n - base): three terms, which make -FACTOR * n * (base //
 * n) of it. */
static bool
turn_remainder (Pt2ExprPool *pool, const Pt2Expr *modulo, SymNumber factor, const Pt2Expr **out)
{
  SymNumber minus;
  if (!sym_negate (&pool->calc, factor, &minus))
    return sym_fail (pool->status, &pool->calc);
  const Pt2Expr *quotient = sym_normal_call (pool, SYM_FLOORDIV, modulo->args, 2);
  const Pt2Expr *both[] = { modulo->args[1], quotient };
  const Pt2Expr *multiple = quotient != NULL ? sym_normal_mul (pool, both, 2) : NULL;
  out[0] = sym_normal_scale (pool, minus, modulo);
  out[1] = sym_normal_scale (pool, factor, modulo->args[0]);
  out[2] = multiple != NULL ? sym_normal_scale (pool, minus, multiple) : NULL;
  return out[0] != NULL && out[1] != NULL && out[2] != NULL;
}

/* OUT has room for three terms for each of SUM, behind SUM itself. *N: how many there are. */
static bool
list_turned (Pt2ExprPool *pool, const Pt2Expr *sum, SymTally *tally, const Pt2Expr **out, uint32_t *n)
{
  out[0] = sum;
  *n = 1;
  for (uint32_t i = 0; i < sum->n_args; i++)
    {
      SymTerm term;
      bool held;
      if (!sym_split_term (pool, sum->args[i], &term))
        return false;
      bool remainder = term.rest != NULL && (term.rest->op == SYM_MOD || term.rest->op == SYM_PYTHONMOD);
      if (!remainder || !sym_is_int (term.coefficient))
        continue;
      if (!take_multiple (pool, sum, tally, term.rest->args[0], term.coefficient, &held))
        return false;
      if (held && !turn_remainder (pool, term.rest, term.coefficient, out + *n))
        return false;
      *n += held ? 3 : 0;
    }
  return true;
}

static const Pt2Expr *
turn_remainders (Pt2ExprPool *pool, const Pt2Expr *sum)
{
  SymTally tally;
  uint32_t n;
  const Pt2Expr **terms = malloc (((size_t)sum->n_args * 3 + 1) * sizeof *terms), *result = NULL;
  sym_tally_init (&tally);
  if (terms == NULL)
    pt2_status_fail (pool->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  else if (tally_terms (pool, sum, &tally) && list_turned (pool, sum, &tally, terms, &n))
    result = n > 1 ? sym_normal_add (pool, terms, n) : sum;
  sym_tally_clear (&tally);
  free (terms);
  return result;
}

/* EXPR with its sums turned, from the leaves up; itself if there is nothing to turn. */
static const Pt2Expr *
turn_all (Pt2ExprPool *pool, const Pt2Expr *const *nodes, uint32_t n, const Pt2Expr **turned, const Pt2Expr **args)
{
  for (uint32_t i = 0; i < n; i++)
    {
      const Pt2Expr *node = nodes[i];
      bool changed = false;
      for (uint32_t j = 0; j < node->n_args; j++)
        {
          uint32_t low = 0, high = i;
          while (high - low > 1)
            {
              uint32_t middle = (low + high) / 2;
              *(nodes[middle]->number <= node->args[j]->number ? &low : &high) = middle;
            }
          args[j] = turned[low];
          changed = changed || args[j] != node->args[j];
        }
      turned[i] = changed ? sym_normal_call (pool, node->op, args, node->n_args) : node;
      if (turned[i] != NULL && turned[i]->op == SYM_ADD)
        turned[i] = turn_remainders (pool, turned[i]);
      if (turned[i] == NULL)
        return NULL;
    }
  return turned[n - 1];
}

static const Pt2Expr *
without_remainders (Pt2ExprPool *pool, const Pt2Expr *expr)
{
  uint32_t n = 0, most = 1;
  bool remainders = false, sums = false;
  const Pt2Expr **nodes = sym_collect (expr, &n), *result = expr;
  for (uint32_t i = 0; nodes != NULL && i < n; i++)
    {
      remainders = remainders || nodes[i]->op == SYM_MOD || nodes[i]->op == SYM_PYTHONMOD;
      sums = sums || nodes[i]->op == SYM_ADD;
      most = MAX (most, nodes[i]->n_args);
    }
  if (remainders && sums)
    {
      const Pt2Expr **room = malloc (((size_t)n + most) * sizeof *room);
      result = room != NULL ? turn_all (pool, nodes, n, room, room + n) : NULL;
      free (room);
    }
  free (nodes);
  return nodes != NULL ? result : NULL;
}

/* ---- the public calls ---- */

static bool
find_bounds (const Query *query, const Pt2Expr *expr, SymRange *out)
{
  const Pt2Expr *normal = sym_normal (query->pool, expr);
  if (normal == NULL || !bound (query, normal, out))
    return false;
  const Pt2Expr *turned = without_remainders (query->pool, normal);
  SymRange other;
  if (turned == NULL)
    {
      /* Only the way about remainders was too dear. */
      bool limit = query->status->code != PT2_ERROR_L001;
      if (limit)
        query->status->code = PT2_ERROR_NONE;
      return limit;
    }
  if (turned != normal && bound (query, turned, &other))
    sym_range_intersect (out, &other, out);
  return query->status->code == PT2_ERROR_NONE;
}

/* An end past the largest double is open: those who read bounds hold them against doubles. What is one number stays. */
static void
open_far_ends (SymRange *range)
{
  if (sym_range_is_bool (range) || sym_range_is_single (range))
    return;
  if (!sym_is_inf (range->lower) && isinf (sym_to_double_toward (range->lower, -1)))
    range->lower = sym_infinity (-1, range->lower.kind != SYM_RATIO);
  if (!sym_is_inf (range->upper) && isinf (sym_to_double_toward (range->upper, 1)))
    range->upper = sym_infinity (1, range->upper.kind != SYM_RATIO);
}

static bool
end_to_value (SymNumber end, int direction, Pt2ExprValue *out)
{
  if (!sym_to_value (end, out))
    return false;
  if (out->kind == PT2_EXPR_FRACTION || out->kind == PT2_EXPR_BIG)
    out->number = sym_to_double_toward (end, direction);
  return true;
}

gboolean
pt2_expr_bounds (Pt2ExprPool *pool, const Pt2Expr *expr, const Pt2ExprRange *ranges, guint n, Pt2ExprRange *bounds,
                 GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Arena arena;
  SymRange found;
  *bounds = (Pt2ExprRange){ NULL, { PT2_EXPR_NONE, 0, 0, NULL }, { PT2_EXPR_NONE, 0, 0, NULL } };
  pt2_arena_init (&arena, pool->limits.memory, 0);
  sym_begin (pool, &status);
  SymCalc calc = pool->calc;
  calc.arena = &arena;
  SymNames names;
  sym_names_init (&names, ranges, sizeof *ranges, n);
  Query query = { pool, &calc, ranges, &names, &status };
  bool done = find_bounds (&query, expr, &found);
  sym_names_clear (&names);
  if (done)
    open_far_ends (&found);
  if (done && (!end_to_value (found.lower, -1, &bounds->lower) || !end_to_value (found.upper, 1, &bounds->upper)))
    done = pt2_status_fail (&status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  pt2_arena_clear (&arena);
  if (done)
    return TRUE;
  pt2_expr_value_clear (&bounds->lower);
  pt2_expr_value_clear (&bounds->upper);
  return pt2_status_to_error (&status, error);
}

Pt2ExprTruth
pt2_expr_decide (Pt2ExprPool *pool, const Pt2Expr *condition, const Pt2ExprRange *ranges, guint n, GError **error)
{
  Pt2ExprRange bounds;
  if (!pt2_expr_bounds (pool, condition, ranges, n, &bounds, error))
    return PT2_EXPR_UNDECIDED;
  bool boolean = bounds.lower.kind == PT2_EXPR_BOOLEAN;
  bool known = boolean && bounds.lower.integer == bounds.upper.integer;
  Pt2ExprTruth truth = known ? (bounds.lower.integer ? PT2_EXPR_ALWAYS : PT2_EXPR_NEVER) : PT2_EXPR_UNDECIDED;
  pt2_expr_value_clear (&bounds.lower);
  pt2_expr_value_clear (&bounds.upper);
  return truth;
}
