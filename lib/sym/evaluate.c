/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluation: an expression becomes a plan, a list of steps each of which finds its arguments behind it; running it is
 * one loop. */
#include "plan.h"
#include "sym_evaluate.h"
#include "sym_names.h"
#include <stdlib.h>
#include <string.h>

/* ---- making a plan ---- */

static uint32_t
step_of (const SymPlan *plan, const Pt2Expr *node)
{
  uint32_t low = 0, high = plan->n;
  while (high - low > 1)
    {
      uint32_t middle = (low + high) / 2;
      if (plan->nodes[middle]->number <= node->number)
        low = middle;
      else
        high = middle;
    }
  return low;
}

/* The arguments of a step; a pair of Piecewise gives two. */
static uint32_t
list_args (const SymPlan *plan, const Pt2Expr *node, uint32_t *out)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < node->n_args; i++)
    {
      const Pt2Expr *arg = node->args[i];
      bool pair = arg->op == SYM_PAIR;
      for (uint32_t j = 0; j < (pair ? 2 : 1); j++, count++)
        if (out != NULL)
          out[count] = step_of (plan, pair ? arg->args[j] : arg);
    }
  return count;
}

bool
sym_plan_init (SymPlan *plan, const Pt2Expr *expr)
{
  *plan = (SymPlan){ 0 };
  plan->nodes = sym_collect (expr, &plan->n);
  uint32_t n_args = 0, most = 1;
  for (uint32_t i = 0; plan->nodes != NULL && i < plan->n; i++)
    {
      uint32_t n = plan->nodes[i]->op == SYM_PAIR ? 0 : list_args (plan, plan->nodes[i], NULL);
      n_args += n;
      most = MAX (most, n);
    }
  if (plan->nodes == NULL || (plan->steps = malloc (plan->n * sizeof *plan->steps)) == NULL
      || (plan->args = malloc ((n_args + 1) * sizeof *plan->args)) == NULL
      || (plan->values = malloc (plan->n * sizeof *plan->values)) == NULL
      || (plan->row = malloc (most * sizeof *plan->row)) == NULL)
    {
      sym_plan_clear (plan);
      return false;
    }
  uint32_t next = 0;
  for (uint32_t i = 0; i < plan->n; i++)
    {
      uint32_t n = plan->nodes[i]->op == SYM_PAIR ? 0 : list_args (plan, plan->nodes[i], plan->args + next);
      plan->steps[i] = (SymStep){ plan->nodes[i]->op, n, next };
      next += n;
    }
  return true;
}

void
sym_plan_clear (SymPlan *plan)
{
  free (plan->nodes);
  free (plan->steps);
  free (plan->args);
  free (plan->values);
  free (plan->row);
  *plan = (SymPlan){ 0 };
}

/* ---- running it ---- */

static bool
run_step (SymPlan *plan, SymCalc *calc, const SymStep *step, SymNumber *out)
{
  const uint32_t *args = plan->args + step->args;
  for (uint32_t j = 0; j < step->n; j++)
    plan->row[j] = plan->values[args[j]];
  return sym_ops[step->op].evaluate (calc, (SymOp)step->op, plan->row, step->n, out);
}

/* Leaves have their values. */
bool
sym_plan_run (SymPlan *plan, SymCalc *calc)
{
  for (uint32_t i = 0; i < plan->n; i++)
    if (plan->steps[i].n > 0 && !run_step (plan, calc, &plan->steps[i], &plan->values[i]))
      return false;
  return true;
}

static bool
set_leaf (SymPlan *plan, SymCalc *calc, uint32_t i, const Pt2ExprSetting *settings, SymNames *names, Pt2Status *status)
{
  const Pt2Expr *node = plan->nodes[i];
  if (node->op == SYM_NUMBER)
    {
      plan->values[i] = node->value;
      return true;
    }
  if (node->op == SYM_CONSTANT)
    return sym_constant_value (calc, node->constant, &plan->values[i]) || sym_fail (status, calc);
  if (node->op != SYM_SYMBOL)
    return true;
  Pt2String name = node->symbol.name->name;
  uint32_t j = sym_names_find (names, name);
  if (j != PT2_TEXT_INDEX_NONE)
    return sym_from_value (calc, &settings[j].value, &plan->values[i]) || sym_fail (status, calc);
  return pt2_status_fail (status, PT2_ERROR_Y008, PT2_NO_OFFSET, "%.*s", (int)name.len, name.data);
}

/* ---- values of those outside ---- */

bool
sym_to_value (SymNumber number, Pt2ExprValue *out)
{
  *out = (Pt2ExprValue){ PT2_EXPR_INTEGER, number.i, 0, NULL };
  switch (number.kind)
    {
    case SYM_INT:
      out->number = (double)number.i;
      return true;
    case SYM_FLOAT:
      *out = (Pt2ExprValue){ PT2_EXPR_FLOAT, 0, number.f, NULL };
      return true;
    case SYM_BOOL:
      out->kind = PT2_EXPR_BOOLEAN;
      return true;
    case SYM_INF:
      out->kind = PT2_EXPR_INFINITY;
      return true;
    default:
      break;
    }
  char *digits = sym_digits (number);
  *out = (Pt2ExprValue){ number.kind == SYM_BIG ? PT2_EXPR_BIG : PT2_EXPR_FRACTION, 0, sym_to_double_toward (number, 0),
                         digits };
  return digits != NULL;
}

static bool
fraction_from_digits (SymCalc *calc, const char *digits, SymNumber *out)
{
  const char *slash = strchr (digits, '/');
  SymNumber num, den;
  if (slash == NULL)
    return sym_from_digits (calc, digits, strlen (digits), out);
  return sym_from_digits (calc, digits, (size_t)(slash - digits), &num)
         && sym_from_digits (calc, slash + 1, strlen (slash + 1), &den) && sym_divide (calc, num, den, out);
}

bool
sym_from_value (SymCalc *calc, const Pt2ExprValue *value, SymNumber *out)
{
  switch (value->kind)
    {
    case PT2_EXPR_INTEGER:
      *out = sym_int (value->integer);
      return true;
    case PT2_EXPR_BOOLEAN:
      *out = sym_bool (value->integer != 0);
      return true;
    case PT2_EXPR_INFINITY:
      *out = sym_infinity (value->integer < 0 ? -1 : 1, false);
      return true;
    case PT2_EXPR_FLOAT:
      return sym_float (calc, value->number, out);
    case PT2_EXPR_BIG:
    case PT2_EXPR_FRACTION:
      return fraction_from_digits (calc, value->digits, out);
    default:
      return sym_trouble (calc, SYM_UNSET);
    }
}

void
pt2_expr_value_clear (Pt2ExprValue *value)
{
  free (value->digits);
  *value = (Pt2ExprValue){ PT2_EXPR_NONE, 0, 0, NULL };
}

/* ---- the public calls ---- */

static bool
set_leaves (SymPlan *plan, SymCalc *calc, const Pt2ExprSetting *settings, guint n, Pt2Status *status)
{
  SymNames names;
  bool fine = true;
  sym_names_init (&names, settings, sizeof *settings, n);
  for (uint32_t i = 0; i < plan->n && fine; i++)
    fine = set_leaf (plan, calc, i, settings, &names, status);
  sym_names_clear (&names);
  return fine;
}

static bool
evaluate (SymPlan *plan, SymCalc *calc, const Pt2ExprSetting *settings, guint n, Pt2ExprValue *value, Pt2Status *status)
{
  if (!set_leaves (plan, calc, settings, n, status))
    return false;
  if (!sym_plan_run (plan, calc))
    return sym_fail (status, calc);
  return sym_to_value (plan->values[plan->n - 1], value)
         || pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
}

gboolean
pt2_expr_evaluate (const Pt2Expr *expr, const Pt2ExprSetting *settings, guint n, const Pt2Limits *limits,
                   Pt2ExprValue *value, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Arena arena;
  SymPlan plan;
  *value = (Pt2ExprValue){ PT2_EXPR_NONE, 0, 0, NULL };
  limits = limits != NULL ? limits : pt2_limits_default ();
  pt2_arena_init (&arena, limits->memory, 0);
  SymCalc calc = sym_calc (&arena, limits);
  bool planned = sym_plan_init (&plan, expr);
  bool done = planned ? evaluate (&plan, &calc, settings, n, value, &status)
                      : pt2_status_fail (&status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  if (planned)
    sym_plan_clear (&plan);
  pt2_arena_clear (&arena);
  if (!done)
    *value = (Pt2ExprValue){ PT2_EXPR_NONE, 0, 0, NULL };
  return done || pt2_status_to_error (&status, error);
}

struct Pt2ExprPlan
{
  SymPlan plan;
  Pt2Arena arena;
  uint32_t *symbols; /* for each symbol of the plan: its step, then its place among the names */
  uint32_t n_symbols;
};

static bool
place_symbols (Pt2ExprPlan *plan, SymNames *names, Pt2Status *status)
{
  SymCalc calc = { &plan->arena, 0, 0, SYM_FINE };
  for (uint32_t i = 0; i < plan->plan.n; i++)
    {
      const Pt2Expr *node = plan->plan.nodes[i];
      if (node->op != SYM_SYMBOL)
        {
          if (!set_leaf (&plan->plan, &calc, i, NULL, names, status))
            return false;
          continue;
        }
      Pt2String name = node->symbol.name->name;
      uint32_t found = sym_names_find (names, name);
      if (found == PT2_TEXT_INDEX_NONE)
        return pt2_status_fail (status, PT2_ERROR_Y008, PT2_NO_OFFSET, "%.*s", (int)name.len, name.data);
      plan->symbols[2 * plan->n_symbols] = i;
      plan->symbols[2 * plan->n_symbols++ + 1] = found;
    }
  return true;
}

Pt2ExprPlan *
pt2_expr_plan_new (const Pt2Expr *expr, const char *const *names, guint n, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2ExprPlan *plan = calloc (1, sizeof *plan);
  bool good = plan != NULL && sym_plan_init (&plan->plan, expr)
              && (plan->symbols = malloc (2 * plan->plan.n * sizeof *plan->symbols)) != NULL;
  if (!good)
    pt2_status_fail (&status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  SymNames places;
  sym_names_init (&places, names, sizeof *names, n);
  good = good && place_symbols (plan, &places, &status);
  sym_names_clear (&places);
  if (good)
    return plan;
  pt2_expr_plan_free (plan);
  pt2_status_to_error (&status, error);
  return NULL;
}

void
pt2_expr_plan_free (Pt2ExprPlan *plan)
{
  if (plan == NULL)
    return;
  sym_plan_clear (&plan->plan);
  free (plan->symbols);
  free (plan);
}

guint
pt2_expr_plan_nodes (const Pt2ExprPlan *plan)
{
  return plan->plan.n;
}

gboolean
pt2_expr_plan_run (Pt2ExprPlan *plan, const int64_t *values, Pt2ExprValue *value, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  const Pt2Limits *limits = pt2_limits_default ();
  pt2_arena_init (&plan->arena, limits->memory, 0);
  SymCalc calc = sym_calc (&plan->arena, limits);
  for (uint32_t i = 0; i < plan->n_symbols; i++)
    plan->plan.values[plan->symbols[2 * i]] = sym_int (values[plan->symbols[2 * i + 1]]);
  bool done = sym_plan_run (&plan->plan, &calc) || sym_fail (&status, &calc);
  if (done)
    done = sym_to_value (plan->plan.values[plan->plan.n - 1], value)
           || pt2_status_fail (&status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  else
    *value = (Pt2ExprValue){ PT2_EXPR_NONE, 0, 0, NULL };
  pt2_arena_clear (&plan->arena);
  return done || pt2_status_to_error (&status, error);
}
