/* SPDX-License-Identifier: Apache-2.0 */
/* The normal form: goes through an expression from its leaves up and makes each operation anew. Which rules an
 * operation has is a table; the rules are in the files beside this one. */
#include "normal.h"
#include <stdlib.h>

static const SymRule rules[SYM_N_OPS] = {
  [SYM_EQ] = sym_rule_relation,
  [SYM_NE] = sym_rule_relation,
  [SYM_LT] = sym_rule_relation,
  [SYM_LE] = sym_rule_relation,
  [SYM_GT] = sym_rule_relation,
  [SYM_GE] = sym_rule_relation,
  [SYM_AND] = sym_rule_and_or,
  [SYM_OR] = sym_rule_and_or,
  [SYM_XOR] = sym_rule_xor,
  [SYM_NOT] = sym_rule_not,
  [SYM_IMPLIES] = sym_rule_implies,
  [SYM_ITE] = sym_rule_choice,
  [SYM_WHERE] = sym_rule_choice,
  [SYM_PIECEWISE] = sym_rule_piecewise,
  [SYM_MAX] = sym_rule_max_min,
  [SYM_MIN] = sym_rule_max_min,
  [SYM_ABS] = sym_rule_abs,
  [SYM_FLOOR] = sym_rule_floor,
  [SYM_CEILING] = sym_rule_floor,
  [SYM_FLOORDIV] = sym_rule_floor_divide,
  [SYM_CLEANDIV] = sym_rule_floor_divide,
  [SYM_CEILDIV] = sym_rule_ceil_divide,
  [SYM_MODULARINDEXING] = sym_rule_modular_indexing,
  [SYM_PYTHONMOD] = sym_rule_modulo,
  [SYM_MOD] = sym_rule_modulo,
  [SYM_LSHIFT] = sym_rule_shift,
  [SYM_RSHIFT] = sym_rule_shift,
  [SYM_POWBYNATURAL] = sym_rule_pow_by_natural,
  [SYM_DENSE] = sym_rule_dense,
};

static bool
all_literals (const Pt2Expr *const *args, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (!sym_is_number (args[i]))
      return false;
  return true;
}

bool
sym_any_boolean (const Pt2Expr *const *args, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if ((args[i]->flags & SYM_NODE_BOOLEAN) != 0)
      return true;
  return false;
}

bool
sym_no_arithmetic (const Pt2Expr *const *args, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (args[i]->op == SYM_CONSTANT && args[i]->constant == SYM_CONSTANT_NAN)
      return true;
  return sym_any_boolean (args, n);
}

bool
sym_was_undefined (Pt2ExprPool *pool)
{
  bool undefined = pool->status->code == PT2_ERROR_Y007;
  if (undefined)
    {
      pool->calc.trouble = SYM_FINE;
      pool->status->code = PT2_ERROR_NONE;
    }
  return undefined;
}

/* The value of an operation on literals; *OUT stays NULL if it has none, which its evaluation will tell. */
static bool
fold (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n, const Pt2Expr **out)
{
  SymNumber few[8] = { { 0 } }, *values = n <= 8 ? few : malloc (n * sizeof *values), value;
  if (values == NULL)
    return pt2_status_fail (pool->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  for (uint32_t i = 0; i < n; i++)
    values[i] = args[i]->value;
  bool done = sym_ops[op].evaluate (&pool->calc, op, values, n, &value);
  if (values != few)
    free (values);
  if (done)
    return (*out = sym_make_number (pool, value)) != NULL;
  if (pool->calc.trouble >= SYM_TOO_BIG)
    return sym_fail (pool->status, &pool->calc);
  pool->calc.trouble = SYM_FINE;
  return true;
}

const Pt2Expr *
sym_normal_call (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  const Pt2Expr *result = NULL;
  if (op == SYM_ADD)
    return sym_normal_add (pool, args, n);
  if (op == SYM_MUL)
    return sym_normal_mul (pool, args, n);
  if (op == SYM_POW)
    return sym_normal_pow (pool, args[0], args[1]);
  if ((sym_ops[op].flags & SYM_FOLDS) != 0 && all_literals (args, n) && !fold (pool, op, args, n, &result))
    return NULL;
  if (result != NULL)
    return result;
  return rules[op] != NULL ? rules[op](pool, op, args, n) : sym_make (pool, op, args, n, 0);
}

/* The normal form of one node whose arguments have theirs. */
static const Pt2Expr *
normal_node (Pt2ExprPool *pool, const Pt2Expr *node, const Pt2Expr **args)
{
  if (node->op == SYM_NUMBER)
    return node->value.kind == SYM_FLOAT ? sym_make_number (pool, node->value) : node;
  if (node->op == SYM_SYMBOL)
    return sym_make_symbol (pool, node->symbol.name->name);
  if (node->op == SYM_CONSTANT)
    return node;
  for (uint32_t i = 0; i < node->n_args; i++)
    args[i] = node->args[i]->normal;
  return sym_normal_call (pool, node->op, args, node->n_args);
}

static bool
normalize (Pt2ExprPool *pool, const Pt2Expr *const *nodes, uint32_t n, const Pt2Expr **args)
{
  for (uint32_t i = 0; i < n; i++)
    {
      Pt2Expr *node = (Pt2Expr *)nodes[i];
      if (node->normal != NULL)
        continue;
      const Pt2Expr *normal = normal_node (pool, node, args);
      if (normal == NULL)
        return false;
      node->normal = normal;
      /* What a constructor gives is in normal form. */
      ((Pt2Expr *)normal)->normal = normal;
    }
  return true;
}

const Pt2Expr *
sym_normal (Pt2ExprPool *pool, const Pt2Expr *expr)
{
  uint32_t n, most = 1;
  if (expr->normal != NULL)
    return expr->normal;
  const Pt2Expr **nodes = sym_collect (expr, &n);
  for (uint32_t i = 0; nodes != NULL && i < n; i++)
    most = MAX (most, nodes[i]->n_args);
  const Pt2Expr **args = nodes != NULL ? malloc (most * sizeof *args) : NULL;
  bool done = args != NULL && normalize (pool, nodes, n, args);
  if (args == NULL)
    pt2_status_fail (pool->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  free (args);
  free (nodes);
  return done ? expr->normal : NULL;
}
