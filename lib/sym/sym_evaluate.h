/* SPDX-License-Identifier: Apache-2.0 */
/* The value of each operation on numbers: one function for each kind, named in sym_ops.def. They set the calculation's
 * trouble where the operation has no value. */
#pragma once

#include "sym_private.h"

#define SYM_EVALUATOR(name)                                                                                            \
  bool sym_evaluate_##name (SymCalc *calc, SymOp op, const SymNumber *args, uint32_t n, SymNumber *out)

SYM_EVALUATOR (nothing);
SYM_EVALUATOR (add);
SYM_EVALUATOR (mul);
SYM_EVALUATOR (pow);
SYM_EVALUATOR (relation);
SYM_EVALUATOR (and_or_xor);
SYM_EVALUATOR (not );
SYM_EVALUATOR (implies);
SYM_EVALUATOR (where);
SYM_EVALUATOR (pair);
SYM_EVALUATOR (piecewise);
SYM_EVALUATOR (max_min);
SYM_EVALUATOR (abs);
SYM_EVALUATOR (sign);
SYM_EVALUATOR (round);
SYM_EVALUATOR (floor_divide);
SYM_EVALUATOR (ceil_divide);
SYM_EVALUATOR (modular_indexing);
SYM_EVALUATOR (modulo);
SYM_EVALUATOR (shift);
SYM_EVALUATOR (double_to_int);
SYM_EVALUATOR (trunc_to_float);
SYM_EVALUATOR (round_decimal);
SYM_EVALUATOR (to_float);
SYM_EVALUATOR (true_divide);
SYM_EVALUATOR (pow_by_natural);
SYM_EVALUATOR (float_pow);
SYM_EVALUATOR (dense);
SYM_EVALUATOR (identity);
SYM_EVALUATOR (bitwise);
SYM_EVALUATOR (math);

/* The functions of one double: where they are defined, how they run, what they reach. */
typedef struct
{
  double (*function) (double);
  double from, to;    /* its domain */
  bool from_excluded; /* FROM itself is none of it */
  int slope;          /* 1: increasing, -1: decreasing, 0: neither */
  double least, most; /* of its values */
} SymMath;
const SymMath *sym_math (SymOp op);

/* The value of a constant; SYM_UNDEFINED for those that are no real number. */
bool sym_constant_value (SymCalc *calc, SymConstant constant, SymNumber *out);

/* A value for those outside the room; *OUT owns its digits. False: SYM_NO_MEMORY. */
bool sym_to_value (SymNumber number, Pt2ExprValue *out);
/* And the reverse: its digits are read into the calculation's arena. */
bool sym_from_value (SymCalc *calc, const Pt2ExprValue *value, SymNumber *out);
