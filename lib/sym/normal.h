/* SPDX-License-Identifier: Apache-2.0 */
/* Constructors of normal forms: their arguments are in normal form, so is what they give. NULL on failure, with the
 * pool's status set. Rules keep the value wherever the expression has one. */
#pragma once

#include "sym_private.h"

const Pt2Expr *sym_normal_add (Pt2ExprPool *pool, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_normal_mul (Pt2ExprPool *pool, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_normal_pow (Pt2ExprPool *pool, const Pt2Expr *base, const Pt2Expr *exponent);
/* Any other operation. */
const Pt2Expr *sym_normal_call (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);

const Pt2Expr *sym_normal_scale (Pt2ExprPool *pool, SymNumber factor, const Pt2Expr *expr);
const Pt2Expr *sym_normal_subtract (Pt2ExprPool *pool, const Pt2Expr *a, const Pt2Expr *b);

/* Is a boolean or nan among the arguments, so that arithmetic on them has no value? nan stands for that. */
bool sym_no_arithmetic (const Pt2Expr *const *args, uint32_t n);
/* After a failure: whether the result was only undefined, such as oo - oo. nan stands for that as well. */
bool sym_was_undefined (Pt2ExprPool *pool);
bool sym_any_boolean (const Pt2Expr *const *args, uint32_t n);

/* An expression as COEFFICIENT * REST. REST of a number is 1. */
typedef struct
{
  SymNumber coefficient;
  const Pt2Expr *rest; /* NULL: 1 */
} SymTerm;

/* Takes a term apart; false on failure. */
bool sym_split_term (Pt2ExprPool *pool, const Pt2Expr *term, SymTerm *out);
/* The terms of a sum, or the expression as the only one. */
static inline const Pt2Expr *const *
sym_terms (const Pt2Expr *const *expr, SymOp op, uint32_t *n)
{
  *n = (*expr)->op == op ? (*expr)->n_args : 1;
  return (*expr)->op == op ? (*expr)->args : expr;
}

/* Groups of rules, each for the operations that its table line names. *DONE: the result is final; else the operation is
 * made as it stands. */
typedef const Pt2Expr *(*SymRule) (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);

const Pt2Expr *sym_rule_relation (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_and_or (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_xor (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_not (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_implies (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_choice (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_piecewise (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_max_min (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_abs (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_floor (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_floor_divide (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_ceil_divide (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_modular_indexing (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_modulo (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_shift (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_pow_by_natural (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);
const Pt2Expr *sym_rule_dense (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n);

/* A comparison with its sides exchanged, or negated. */
SymOp sym_reversed (SymOp op);
SymOp sym_negated (SymOp op);
