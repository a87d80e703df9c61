/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of comparisons, conditions and choices. */
#include "normal.h"
#include "tally.h"
#include <stdlib.h>
#include <string.h>

static const Pt2Expr *
make_bool (Pt2ExprPool *pool, bool value)
{
  return sym_make_number (pool, sym_bool (value));
}

static bool
is_bool (const Pt2Expr *node)
{
  return sym_is_number (node) && node->value.kind == SYM_BOOL;
}

static bool
is_true (const Pt2Expr *node)
{
  return is_bool (node) && node->value.i != 0;
}

static bool
is_false (const Pt2Expr *node)
{
  return is_bool (node) && node->value.i == 0;
}

static bool
is_relation (const Pt2Expr *node)
{
  return (sym_ops[node->op].flags & SYM_RELATION) != 0;
}

static const Pt2Expr *
fail_memory (Pt2ExprPool *pool)
{
  pt2_status_fail (pool->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  return NULL;
}

/* ---- comparisons ---- */

SymOp
sym_reversed (SymOp op)
{
  switch (op)
    {
    case SYM_LT:
      return SYM_GT;
    case SYM_GT:
      return SYM_LT;
    case SYM_LE:
      return SYM_GE;
    case SYM_GE:
      return SYM_LE;
    default:
      return op;
    }
}

SymOp
sym_negated (SymOp op)
{
  switch (op)
    {
    case SYM_LT:
      return SYM_GE;
    case SYM_GT:
      return SYM_LE;
    case SYM_LE:
      return SYM_GT;
    case SYM_GE:
      return SYM_LT;
    default:
      return op == SYM_EQ ? SYM_NE : SYM_EQ;
    }
}

static bool
holds (SymOp op, int order)
{
  switch (op)
    {
    case SYM_EQ:
      return order == 0;
    case SYM_NE:
      return order != 0;
    case SYM_LT:
      return order < 0;
    case SYM_LE:
      return order <= 0;
    case SYM_GT:
      return order > 0;
    default:
      return order >= 0;
    }
}

/* Booleans are equal or not; nothing else can be said of them. */
static const Pt2Expr *
relate_booleans (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args)
{
  bool equality = op == SYM_EQ || op == SYM_NE;
  if (equality && args[0] == args[1])
    return make_bool (pool, op == SYM_EQ);
  if (equality && is_bool (args[0]) && is_bool (args[1]))
    return make_bool (pool, op == SYM_NE);
  return sym_make (pool, op, args, 2, 0);
}

/* Decided if the sides differ by a number. */
const Pt2Expr *
sym_rule_relation (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  if (sym_any_boolean (args, n))
    return relate_booleans (pool, op, args);
  if (args[0] == args[1] && args[0]->op != SYM_CONSTANT)
    return make_bool (pool, holds (op, 0));
  if (sym_is_number (args[0]) && sym_is_number (args[1]))
    return make_bool (pool, holds (op, sym_compare (args[0]->value, args[1]->value)));
  /* Only sums can have a difference that is a number. */
  if (args[0]->op == SYM_ADD || args[1]->op == SYM_ADD)
    {
      const Pt2Expr *difference = sym_normal_subtract (pool, args[0], args[1]);
      if (difference == NULL)
        return NULL;
      if (sym_is_number (difference) && difference->value.kind != SYM_FLOAT)
        return make_bool (pool, holds (op, sym_sign (difference->value)));
    }
  return sym_make (pool, op, args, n, 0);
}

/* The spelling of a comparison that counts as the same: the number stands on the right. */
static const Pt2Expr *
canonical (Pt2ExprPool *pool, const Pt2Expr *relation)
{
  const Pt2Expr *left = relation->args[0], *right = relation->args[1];
  bool turn = sym_is_number (left) ? !sym_is_number (right) : !sym_is_number (right) && sym_order (left, right) > 0;
  return turn ? sym_make2 (pool, sym_reversed (relation->op), right, left) : relation;
}

static const Pt2Expr *
negated (Pt2ExprPool *pool, const Pt2Expr *relation)
{
  return sym_make (pool, sym_negated (relation->op), relation->args, 2, 0);
}

const Pt2Expr *
sym_rule_not (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  const Pt2Expr *arg = args[0];
  if (is_bool (arg))
    return make_bool (pool, !arg->value.i);
  if (arg->op == SYM_NOT)
    return arg->args[0];
  return is_relation (arg) ? negated (pool, arg) : sym_make (pool, op, args, n, 0);
}

/* ---- And, Or, Xor ---- */

static int
compare_nodes (const void *a, const void *b)
{
  return sym_order_by_weight (*(const Pt2Expr *const *)a, *(const Pt2Expr *const *)b);
}

/* The arguments of nested OPs as one list; count first, then fill. */
static uint32_t
flatten (SymOp op, const Pt2Expr *const *args, uint32_t n, const Pt2Expr **out)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t inner;
      const Pt2Expr *const *list = sym_terms (&args[i], op, &inner);
      if (out != NULL)
        memcpy (out + count, list, inner * sizeof *out);
      count += inner;
    }
  return count;
}

static const Pt2Expr **
flat_list (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t *n)
{
  const Pt2Expr **list = malloc ((flatten (op, args, *n, NULL) + 1) * sizeof *list);
  if (list == NULL)
    fail_memory (pool);
  else
    *n = flatten (op, args, *n, list);
  return list;
}

/* What stands for ARG and for its opposite when equals are looked for. */
static bool
spellings (Pt2ExprPool *pool, const Pt2Expr *arg, const Pt2Expr **same, const Pt2Expr **opposite)
{
  *same = arg;
  if (is_relation (arg))
    {
      *same = canonical (pool, arg);
      const Pt2Expr *turned = *same != NULL ? negated (pool, *same) : NULL;
      *opposite = turned != NULL ? canonical (pool, turned) : NULL;
    }
  else
    *opposite = sym_rule_not (pool, SYM_NOT, &arg, 1);
  return *same != NULL && *opposite != NULL;
}

typedef enum
{
  LIST_FAILED,
  LIST_SHORT, /* decided: the opposite of one is there */
  LIST_DONE,
} ListOutcome;

/* Each of the sorted arguments once. */
static ListOutcome
take_unique (Pt2ExprPool *pool, const Pt2Expr **list, uint32_t *n, bool neutral)
{
  SymTally seen;
  ListOutcome outcome = LIST_DONE;
  uint32_t count = 0;
  sym_tally_init (&seen);
  for (uint32_t i = 0; i < *n && outcome == LIST_DONE; i++)
    {
      const Pt2Expr *same, *opposite;
      bool fresh;
      if (is_bool (list[i]) && (list[i]->value.i != 0) == neutral)
        continue;
      if (is_bool (list[i]))
        outcome = LIST_SHORT;
      else if (!spellings (pool, list[i], &same, &opposite) || sym_tally_get (&seen, same, &fresh) == NULL)
        outcome = LIST_FAILED;
      else if (sym_tally_find (&seen, opposite) != NULL)
        outcome = LIST_SHORT;
      else if (fresh)
        list[count++] = list[i];
    }
  sym_tally_clear (&seen);
  *n = count;
  return outcome;
}

const Pt2Expr *
sym_rule_and_or (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  bool neutral = op == SYM_AND;
  const Pt2Expr **list = flat_list (pool, op, args, &n), *result = NULL;
  if (list == NULL)
    return NULL;
  qsort (list, n, sizeof *list, compare_nodes);
  ListOutcome outcome = take_unique (pool, list, &n, neutral);
  if (outcome == LIST_SHORT)
    result = make_bool (pool, !neutral);
  else if (outcome == LIST_DONE)
    result = n == 0 ? make_bool (pool, neutral) : n == 1 ? list[0] : sym_make (pool, op, list, n, 0);
  else if (pool->status->code == PT2_ERROR_NONE)
    fail_memory (pool);
  free (list);
  return result;
}

/* One more argument of an exclusive or: it may meet itself or its opposite, and both go. */
static bool
toggle (Pt2ExprPool *pool, SymTally *seen, const Pt2Expr *arg, bool *odd)
{
  const Pt2Expr *same, *opposite;
  bool fresh;
  if (is_bool (arg))
    {
      *odd ^= arg->value.i != 0;
      return true;
    }
  if (!spellings (pool, arg, &same, &opposite))
    return false;
  SymEntry *other = (SymEntry *)sym_tally_find (seen, opposite);
  if (other != NULL && other->expr != NULL)
    {
      other->expr = NULL;
      *odd = !*odd;
      return true;
    }
  SymEntry *entry = sym_tally_get (seen, same, &fresh);
  if (entry == NULL)
    return fail_memory (pool) != NULL;
  entry->expr = fresh || entry->expr == NULL ? arg : NULL;
  return true;
}

const Pt2Expr *
sym_rule_xor (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  SymTally seen;
  bool odd = false, good = true;
  const Pt2Expr **list = flat_list (pool, op, args, &n), *result = NULL;
  if (list == NULL)
    return NULL;
  sym_tally_init (&seen);
  for (uint32_t i = 0; i < n && good; i++)
    good = toggle (pool, &seen, list[i], &odd);
  uint32_t count = 0;
  for (uint32_t i = 0; i < seen.n && good; i++)
    if (seen.entries[i].expr != NULL)
      list[count++] = seen.entries[i].expr;
  if (good && count > 1)
    qsort (list, count, sizeof *list, compare_nodes);
  if (good)
    result = count == 0 ? make_bool (pool, odd) : count == 1 ? list[0] : sym_make (pool, op, list, count, 0);
  if (result != NULL && odd && count > 0)
    result = sym_rule_not (pool, SYM_NOT, &result, 1);
  sym_tally_clear (&seen);
  free (list);
  return result;
}

const Pt2Expr *
sym_rule_implies (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  const Pt2Expr *same, *opposite, *other;
  if (args[0] == args[1])
    return make_bool (pool, true);
  if (is_bool (args[0]) || is_bool (args[1]))
    {
      const Pt2Expr *both[] = { sym_rule_not (pool, SYM_NOT, args, 1), args[1] };
      return both[0] != NULL ? sym_rule_and_or (pool, SYM_OR, both, 2) : NULL;
    }
  if (is_relation (args[0]) && is_relation (args[1]))
    {
      if (!spellings (pool, args[0], &same, &opposite) || (other = canonical (pool, args[1])) == NULL)
        return NULL;
      if (same == other)
        return make_bool (pool, true);
      if (opposite == other)
        return args[1];
    }
  return sym_make (pool, op, args, n, 0);
}

/* ---- choices ---- */

const Pt2Expr *
sym_rule_choice (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  if (is_bool (args[0]))
    return args[args[0]->value.i != 0 ? 1 : 2];
  if (op == SYM_ITE && args[1] == args[2])
    return args[1];
  if (op == SYM_ITE && is_true (args[1]) && is_false (args[2]))
    return args[0];
  if (op == SYM_ITE && is_false (args[1]) && is_true (args[2]))
    return sym_rule_not (pool, SYM_NOT, args, 1);
  return sym_make (pool, op, args, n, 0);
}

/* Pairs whose condition is false go; nothing counts behind one that is true; equal values have one condition. */
static uint32_t
take_pairs (Pt2ExprPool *pool, const Pt2Expr *const *args, uint32_t n, const Pt2Expr **out)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; i++)
    {
      const Pt2Expr *value = args[i]->args[0], *condition = args[i]->args[1];
      if (is_false (condition))
        continue;
      if (count > 0 && out[count - 1]->args[0] == value)
        {
          const Pt2Expr *both[] = { out[count - 1]->args[1], condition };
          condition = sym_rule_and_or (pool, SYM_OR, both, 2);
          out[count - 1] = condition != NULL ? sym_make2 (pool, SYM_PAIR, value, condition) : NULL;
          if (out[count - 1] == NULL)
            return 0;
        }
      else
        out[count++] = args[i];
      if (is_true (condition))
        break;
    }
  return count;
}

const Pt2Expr *
sym_rule_piecewise (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  const Pt2Expr **pairs = malloc (n * sizeof *pairs), *result = NULL;
  if (pairs == NULL)
    return fail_memory (pool);
  uint32_t count = take_pairs (pool, args, n, pairs);
  if (pool->status->code == PT2_ERROR_NONE)
    {
      /* Without any the value is undefined: the operation stays. */
      if (count > 0 && is_true (pairs[0]->args[1]))
        result = pairs[0]->args[0];
      else
        result = count > 0 ? sym_make (pool, op, pairs, count, 0) : sym_make (pool, op, args, n, 0);
    }
  free (pairs);
  return result;
}

/* ---- Max and Min ---- */

static bool
is_member (const Pt2Expr *arg, const Pt2Expr *node)
{
  for (uint32_t i = 0; i < node->n_args; i++)
    if (node->args[i] == arg)
      return true;
  return false;
}

/* Max(a, Min(a, b)) is a. */
static bool
is_absorbed (const SymTally *seen, const Pt2Expr *node, SymOp other)
{
  if (node->op != other)
    return false;
  for (uint32_t i = 0; i < node->n_args; i++)
    {
      const SymEntry *found = sym_tally_find (seen, node->args[i]);
      if (found != NULL && is_member (found->node, node))
        return true;
    }
  return false;
}

/* The greatest or least of the numbers; of equal ones that which is no double. */
static void
take_number (SymOp op, SymNumber value, bool *have, SymNumber *number)
{
  int order = *have ? sym_compare (value, *number) : 0;
  bool better = op == SYM_MAX ? order > 0 : order < 0;
  if (!*have || better || (order == 0 && number->kind == SYM_FLOAT && value.kind != SYM_FLOAT))
    *number = value;
  *have = true;
}

/* *N of the list stay: each once, in order, a number in front. */
static const Pt2Expr *
finish_max_min (Pt2ExprPool *pool, SymOp op, const Pt2Expr **list, uint32_t n)
{
  SymNumber number = sym_int (0);
  bool have = false, fresh;
  SymTally seen;
  uint32_t count = 1;
  const Pt2Expr *result = NULL;
  sym_tally_init (&seen);
  for (uint32_t i = 0; i < n; i++)
    if (sym_is_number (list[i]))
      take_number (op, list[i]->value, &have, &number);
    else if (sym_tally_get (&seen, list[i], &fresh) == NULL)
      {
        sym_tally_clear (&seen);
        return fail_memory (pool);
      }
  for (uint32_t i = 0; i < seen.n; i++)
    if (!is_absorbed (&seen, seen.entries[i].node, op == SYM_MAX ? SYM_MIN : SYM_MAX))
      list[count++] = seen.entries[i].node;
  sym_tally_clear (&seen);
  qsort (list + 1, count - 1, sizeof *list, compare_nodes);
  bool ends = have && sym_is_inf (number) && (number.i > 0) == (op == SYM_MAX); /* nothing is beyond it */
  bool drops = have && sym_is_inf (number) && !ends && count > 1;
  if (have && !drops && (list[0] = sym_make_number (pool, number)) == NULL)
    return NULL;
  if (ends)
    return list[0];
  uint32_t first = have && !drops ? 0 : 1;
  result = count - first == 1 ? list[first] : sym_make (pool, op, list + first, count - first, 0);
  return result;
}

const Pt2Expr *
sym_rule_max_min (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  if (sym_any_boolean (args, n))
    return sym_make_constant (pool, SYM_CONSTANT_NAN); /* a boolean is no number */
  const Pt2Expr **list = flat_list (pool, op, args, &n);
  if (list == NULL)
    return NULL;
  /* One more place, for a number in front: the list has it. */
  const Pt2Expr *result = finish_max_min (pool, op, list, n);
  free (list);
  return result;
}
