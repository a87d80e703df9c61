/* SPDX-License-Identifier: Apache-2.0 */
/* What each operation gives. Integers and fractions are exact, doubles are rounded as the processor does. */
#include "sym_evaluate.h"
#include <math.h>
#include <stdlib.h>

SYM_EVALUATOR (nothing)
{
  return sym_trouble (calc, SYM_UNDEFINED);
}

SYM_EVALUATOR (identity)
{
  *out = args[0];
  return true;
}

SYM_EVALUATOR (add)
{
  SymNumber sum = args[0];
  if (n == 1 && sum.kind == SYM_BOOL)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  for (uint32_t i = 1; i < n; i++)
    if (!sym_add (calc, sum, args[i], &sum))
      return false;
  *out = sum;
  return true;
}

SYM_EVALUATOR (mul)
{
  SymNumber product = args[0];
  if (n == 1 && product.kind == SYM_BOOL)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  for (uint32_t i = 1; i < n; i++)
    if (!sym_mul (calc, product, args[i], &product))
      return false;
  *out = product;
  return true;
}

SYM_EVALUATOR (pow)
{
  return sym_power (calc, args[0], args[1], out);
}

/* ---- conditions ---- */

static bool
equal_or_not (SymOp op, bool equal, SymNumber *out)
{
  *out = sym_bool (equal == (op == SYM_EQ));
  return true;
}

SYM_EVALUATOR (relation)
{
  bool booleans = args[0].kind == SYM_BOOL || args[1].kind == SYM_BOOL;
  if (booleans && op != SYM_EQ && op != SYM_NE)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (booleans)
    return equal_or_not (op, args[0].kind == args[1].kind && args[0].i == args[1].i, out);
  int order = sym_compare (args[0], args[1]);
  switch (op)
    {
    case SYM_LT:
      *out = sym_bool (order < 0);
      return true;
    case SYM_LE:
      *out = sym_bool (order <= 0);
      return true;
    case SYM_GT:
      *out = sym_bool (order > 0);
      return true;
    case SYM_GE:
      *out = sym_bool (order >= 0);
      return true;
    default:
      return equal_or_not (op, order == 0, out);
    }
}

SYM_EVALUATOR (and_or_xor)
{
  bool value = op == SYM_AND;
  for (uint32_t i = 0; i < n; i++)
    {
      if (args[i].kind != SYM_BOOL)
        return sym_trouble (calc, SYM_WRONG_TYPE);
      bool arg = args[i].i != 0;
      value = op == SYM_AND ? value && arg : op == SYM_OR ? value || arg : value != arg;
    }
  *out = sym_bool (value);
  return true;
}

SYM_EVALUATOR (not )
{
  if (args[0].kind != SYM_BOOL)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  *out = sym_bool (!args[0].i);
  return true;
}

SYM_EVALUATOR (implies)
{
  if (args[0].kind != SYM_BOOL || args[1].kind != SYM_BOOL)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  *out = sym_bool (!args[0].i || args[1].i);
  return true;
}

SYM_EVALUATOR (where)
{
  if (args[0].kind != SYM_BOOL)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  *out = args[args[0].i ? 1 : 2];
  return true;
}

/* A pair is two values in the places behind one another: see the plan. */
SYM_EVALUATOR (pair)
{
  return sym_evaluate_nothing (calc, op, args, n, out);
}

/* The arguments of all pairs, one behind the other. */
SYM_EVALUATOR (piecewise)
{
  for (uint32_t i = 0; i < n; i += 2)
    if (args[i + 1].kind != SYM_BOOL)
      return sym_trouble (calc, SYM_WRONG_TYPE);
  for (uint32_t i = 0; i < n; i += 2)
    if (args[i + 1].i)
      {
        *out = args[i];
        return true;
      }
  return sym_trouble (calc, SYM_UNDEFINED);
}

/* ---- sizes and signs ---- */

/* Of equal numbers that which is no double. */
SYM_EVALUATOR (max_min)
{
  SymNumber best = args[0];
  for (uint32_t i = 0; i < n; i++)
    {
      if (args[i].kind == SYM_BOOL)
        return sym_trouble (calc, SYM_WRONG_TYPE);
      int order = sym_compare (args[i], best);
      if (order == 0 ? best.kind == SYM_FLOAT : (order > 0) == (op == SYM_MAX))
        best = args[i];
    }
  *out = best;
  return true;
}

SYM_EVALUATOR (abs)
{
  if (args[0].kind == SYM_BOOL)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (sym_sign (args[0]) < 0)
    return sym_negate (calc, args[0], out);
  *out = args[0];
  return true;
}

SYM_EVALUATOR (sign)
{
  if (args[0].kind == SYM_BOOL)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  *out = sym_int (sym_sign (args[0]));
  return true;
}

SYM_EVALUATOR (round)
{
  return sym_round (calc, args[0], op == SYM_FLOOR ? SYM_ROUND_DOWN : SYM_ROUND_UP, out);
}

/* ---- integer division ---- */

SYM_EVALUATOR (floor_divide)
{
  return sym_floor_divide (calc, args[0], args[1], out);
}

SYM_EVALUATOR (ceil_divide)
{
  SymNumber negative;
  return sym_negate (calc, args[0], &negative) && sym_floor_divide (calc, negative, args[1], &negative)
         && sym_negate (calc, negative, out);
}

SYM_EVALUATOR (modular_indexing)
{
  SymNumber quotient;
  if (sym_equals_int (args[0], 0) || sym_equals_int (args[2], 1))
    {
      *out = sym_int (0);
      return true;
    }
  return sym_floor_divide (calc, args[0], args[1], &quotient) && sym_modulo (calc, quotient, args[2], out);
}

/* Mod is defined for p >= 0 and q >= 1, and where the remainder is plainly nothing. */
SYM_EVALUATOR (modulo)
{
  SymNumber p = args[0], q = args[1], minus;
  if (!sym_modulo (calc, p, q, out))
    return false;
  if (op == SYM_PYTHONMOD || (sym_sign (p) >= 0 && sym_compare (q, sym_int (1)) >= 0))
    return true;
  if (!sym_negate (calc, q, &minus))
    return false;
  return sym_compare (p, q) == 0 || sym_compare (p, minus) == 0 || sym_sign (p) == 0 || sym_equals_int (q, 1)
         || sym_trouble (calc, SYM_OUT_OF_DOMAIN);
}

/* Far to the right of its bits a number is 0 or -1. */
static bool
shift_right (SymCalc *calc, SymNumber a, SymNumber n, SymNumber *out)
{
  SymNumber power;
  if (n.kind != SYM_INT || (uint64_t)n.i > sym_bits (a))
    {
      *out = sym_int (sym_sign (a) < 0 ? -1 : 0);
      return true;
    }
  return sym_shift_left (calc, sym_int (1), (uint64_t)n.i, &power) && sym_floor_divide (calc, a, power, out);
}

SYM_EVALUATOR (shift)
{
  if (!sym_is_int (args[0]) || !sym_is_int (args[1]))
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (sym_sign (args[1]) < 0)
    return sym_trouble (calc, SYM_BELOW_ZERO);
  if (op == SYM_RSHIFT)
    return shift_right (calc, args[0], args[1], out);
  if (args[1].kind != SYM_INT && sym_sign (args[0]) != 0)
    return sym_trouble (calc, SYM_TOO_BIG);
  return sym_shift_left (calc, args[0], (uint64_t)args[1].i, out);
}

SYM_EVALUATOR (bitwise)
{
  static const SymBits bits[] = { SYM_BITS_AND, SYM_BITS_OR, SYM_BITS_XOR };
  SymNumber a = args[0], b = args[1];
  bool booleans = a.kind == SYM_BOOL && b.kind == SYM_BOOL;
  a = a.kind == SYM_BOOL ? sym_int (a.i) : a;
  b = b.kind == SYM_BOOL ? sym_int (b.i) : b;
  if (!sym_bitwise (calc, bits[op - SYM_BITAND], a, b, out))
    return false;
  if (booleans)
    *out = sym_bool (out->i != 0);
  return true;
}

/* ---- between integers and doubles ---- */

/* FloorToInt and TruncToInt leave integers as they are; the other two send them through a double. */
SYM_EVALUATOR (double_to_int)
{
  static const SymRounding how[] = { SYM_ROUND_UP, SYM_ROUND_DOWN, SYM_ROUND_TO_ZERO, SYM_ROUND_HALF_EVEN };
  SymNumber number = args[0];
  double value;
  bool keeps = op == SYM_FLOORTOINT || op == SYM_TRUNCTOINT;
  if (number.kind == SYM_INF || (keeps && sym_is_int (number)))
    return sym_round (calc, number, SYM_ROUND_DOWN, out);
  return sym_to_double (calc, number, &value) && sym_float (calc, value, &number)
         && sym_round (calc, number, how[op - SYM_CEILTOINT], out);
}

SYM_EVALUATOR (trunc_to_float)
{
  double value;
  return sym_to_double (calc, args[0], &value) && sym_float (calc, trunc (value), out);
}

SYM_EVALUATOR (round_decimal)
{
  double value;
  return sym_to_double (calc, args[0], &value) && sym_round_decimal (calc, value, args[1], out);
}

SYM_EVALUATOR (to_float)
{
  double value;
  return sym_to_double (calc, args[0], &value) && sym_float (calc, value, out);
}

/* IntTrueDiv rounds the exact quotient once; FloatTrueDiv divides doubles. */
SYM_EVALUATOR (true_divide)
{
  double a, b;
  SymNumber quotient;
  if (args[0].kind == SYM_BOOL || args[1].kind == SYM_BOOL)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (sym_sign (args[1]) == 0)
    return sym_trouble (calc, SYM_DIVIDES_BY_ZERO);
  if (op == SYM_INTTRUEDIV && sym_is_exact (args[0]) && sym_is_exact (args[1]))
    return sym_divide (calc, args[0], args[1], &quotient) && sym_to_double (calc, quotient, &a)
           && sym_float (calc, a, out);
  return sym_to_double (calc, args[0], &a) && sym_to_double (calc, args[1], &b) && sym_float (calc, a / b, out);
}

SYM_EVALUATOR (pow_by_natural)
{
  if (args[0].kind == SYM_BOOL || args[1].kind == SYM_BOOL)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (sym_sign (args[1]) < 0)
    return sym_trouble (calc, SYM_BELOW_ZERO);
  return sym_power (calc, args[0], args[1], out);
}

SYM_EVALUATOR (float_pow)
{
  double a, b;
  return sym_to_double (calc, args[0], &a) && sym_to_double (calc, args[1], &b) && sym_float_power (calc, a, b, out);
}

/* ---- functions of one double ---- */

#define ALL -INFINITY, INFINITY, false
#define EVERYTHING -INFINITY, INFINITY
#define HALF_PI 1.5707963267948966

static const SymMath math_sqrt = { sqrt, 0, INFINITY, false, 1, 0, INFINITY };
static const SymMath math_cos = { cos, ALL, 0, -1, 1 };
static const SymMath math_cosh = { cosh, ALL, 0, 1, INFINITY };
static const SymMath math_sin = { sin, ALL, 0, -1, 1 };
static const SymMath math_sinh = { sinh, ALL, 1, EVERYTHING };
static const SymMath math_tan = { tan, ALL, 0, EVERYTHING };
static const SymMath math_tanh = { tanh, ALL, 1, -1, 1 };
static const SymMath math_asin = { asin, -1, 1, false, 1, -HALF_PI, HALF_PI };
static const SymMath math_acos = { acos, -1, 1, false, -1, 0, 2 * HALF_PI };
static const SymMath math_atan = { atan, ALL, 1, -HALF_PI, HALF_PI };
static const SymMath math_exp = { exp, ALL, 1, 0, INFINITY };
static const SymMath math_log = { log, 0, INFINITY, true, 1, EVERYTHING };
static const SymMath math_asinh = { asinh, ALL, 1, EVERYTHING };
static const SymMath math_log2 = { log2, 0, INFINITY, true, 1, EVERYTHING };

static const SymMath *const math_functions[SYM_N_OPS] = {
  [SYM_OPAQUE_SQRT] = &math_sqrt, [SYM_OPAQUE_COS] = &math_cos,
  [SYM_OPAQUE_COSH] = &math_cosh, [SYM_OPAQUE_SIN] = &math_sin,
  [SYM_OPAQUE_SINH] = &math_sinh, [SYM_OPAQUE_TAN] = &math_tan,
  [SYM_OPAQUE_TANH] = &math_tanh, [SYM_OPAQUE_ASIN] = &math_asin,
  [SYM_OPAQUE_ACOS] = &math_acos, [SYM_OPAQUE_ATAN] = &math_atan,
  [SYM_OPAQUE_EXP] = &math_exp,   [SYM_OPAQUE_LOG] = &math_log,
  [SYM_OPAQUE_LOG2] = &math_log2, [SYM_OPAQUE_ASINH] = &math_asinh,
  [SYM_COS] = &math_cos,          [SYM_COSH] = &math_cosh,
  [SYM_SIN] = &math_sin,          [SYM_SINH] = &math_sinh,
  [SYM_TAN] = &math_tan,          [SYM_TANH] = &math_tanh,
  [SYM_ASIN] = &math_asin,        [SYM_ACOS] = &math_acos,
  [SYM_ATAN] = &math_atan,        [SYM_EXP] = &math_exp,
  [SYM_LOG] = &math_log,          [SYM_ASINH] = &math_asinh,
};

const SymMath *
sym_math (SymOp op)
{
  return math_functions[op];
}

SYM_EVALUATOR (math)
{
  const SymMath *math = math_functions[op];
  double x;
  if (!sym_to_double (calc, args[0], &x))
    return false;
  if (x < math->from || x > math->to || (math->from_excluded && x == math->from))
    return sym_trouble (calc, SYM_OUT_OF_DOMAIN);
  double value = math->function (x);
  if (isinf (value) && isfinite (x))
    return sym_trouble (calc, SYM_OVERFLOW);
  return sym_float (calc, value, out);
}

bool
sym_constant_value (SymCalc *calc, SymConstant constant, SymNumber *out)
{
  if (constant != SYM_CONSTANT_PI && constant != SYM_CONSTANT_E)
    return sym_trouble (calc, SYM_UNDEFINED);
  return sym_float (calc, constant == SYM_CONSTANT_PI ? 2 * HALF_PI : 2.718281828459045, out);
}

/* ---- memory layout ---- */

typedef struct
{
  SymNumber size, stride;
} Dimension;

/* By stride alone; equal ones stay in order. There are few: insertion does. */
static void
sort_by_stride (Dimension *dimensions, uint32_t n)
{
  for (uint32_t i = 1; i < n; i++)
    {
      Dimension moving = dimensions[i];
      uint32_t j = i;
      for (; j > 0 && sym_compare (dimensions[j - 1].stride, moving.stride) > 0; j--)
        dimensions[j] = dimensions[j - 1];
      dimensions[j] = moving;
    }
}

static bool
is_dense (SymCalc *calc, const Dimension *dimensions, uint32_t n, bool *dense)
{
  SymNumber wanted = sym_int (1);
  *dense = true;
  for (uint32_t i = 0; i < n && *dense; i++)
    {
      if (sym_equals_int (dimensions[i].size, 1))
        continue;
      *dense = sym_compare (dimensions[i].stride, wanted) == 0;
      if (*dense && !sym_mul (calc, wanted, dimensions[i].size, &wanted))
        return false;
    }
  return true;
}

SYM_EVALUATOR (dense)
{
  uint32_t rank = n / 2;
  bool dense = false, done;
  for (uint32_t i = 0; i < n; i++)
    if (args[i].kind == SYM_BOOL)
      return sym_trouble (calc, SYM_WRONG_TYPE);
  if (rank == 1)
    {
      *out = sym_int (sym_equals_int (args[1], 1) || sym_compare (args[0], sym_int (2)) < 0);
      return true;
    }
  if (rank > 4096)
    return sym_trouble (calc, SYM_TOO_BIG); /* sorting is not for so many */
  Dimension *dimensions = malloc (rank * sizeof *dimensions);
  if (dimensions == NULL)
    return sym_trouble (calc, SYM_NO_MEMORY);
  for (uint32_t i = 0; i < rank; i++)
    dimensions[i] = (Dimension){ args[i], args[rank + i] };
  sort_by_stride (dimensions, rank);
  done = is_dense (calc, dimensions, rank, &dense);
  free (dimensions);
  *out = sym_int (dense);
  return done;
}
