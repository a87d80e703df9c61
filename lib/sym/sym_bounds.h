/* SPDX-License-Identifier: Apache-2.0 */
/* Interval rules: from the ranges of its arguments the range of an operation, named in sym_ops.def. Each is sound: the
 * range holds every value that the operation has there. What has no value does not count. */
#pragma once

#include "sym_private.h"

struct SymRange
{
  SymNumber lower, upper; /* of a condition: both booleans */
};

struct SymBounds
{
  SymCalc *calc;
};

#define SYM_BOUND(name)                                                                                                \
  bool sym_bound_##name (SymBounds *bounds, const Pt2Expr *node, const SymRange *args, SymRange *out)

SYM_BOUND (nothing);
SYM_BOUND (add);
SYM_BOUND (mul);
SYM_BOUND (pow);
SYM_BOUND (relation);
SYM_BOUND (logic);
SYM_BOUND (where);
SYM_BOUND (pair);
SYM_BOUND (piecewise);
SYM_BOUND (max_min);
SYM_BOUND (abs);
SYM_BOUND (increasing);
SYM_BOUND (floor_divide);
SYM_BOUND (modular_indexing);
SYM_BOUND (modulo);
SYM_BOUND (integer);
SYM_BOUND (round_decimal);
SYM_BOUND (true_divide);
SYM_BOUND (float_pow);
SYM_BOUND (dense);
SYM_BOUND (identity);
SYM_BOUND (bitwise);
SYM_BOUND (math);

/* Everything; false, so that a rule may end with it where it must give up. Rules themselves always give a range. */
static inline bool
sym_range_unknown (SymRange *out)
{
  *out = (SymRange){ sym_infinity (-1, false), sym_infinity (1, false) };
  return true;
}

static inline bool
sym_range_is_bool (const SymRange *range)
{
  return range->lower.kind == SYM_BOOL;
}

static inline bool
sym_range_is_single (const SymRange *range)
{
  return !sym_is_inf (range->lower) && sym_same (range->lower, range->upper);
}

/* The value of OP, or false without leaving a trouble behind. */
bool sym_bound_try (SymBounds *bounds, SymOp op, const SymNumber *args, uint32_t n, SymNumber *out);
/* The least range around both. */
void sym_range_unite (const SymRange *a, const SymRange *b, SymRange *out);
/* What both allow; A if they exclude each other. */
void sym_range_intersect (const SymRange *a, const SymRange *b, SymRange *out);
/* The ranges of OP (a, b) at the four corners; corners without a value do not count. */
bool sym_range_corners (SymBounds *bounds, SymOp op, const SymRange *a, const SymRange *b, SymRange *out);
/* A divisor without zero: up to two ranges; 0 if nothing is left, or zero cannot be cut out. */
uint32_t sym_range_without_zero (const SymRange *range, bool integer, SymRange *parts);
