/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic of numbers. The slow half: whatever is not two integers of 64 bits. */
#include "sym_number.h"
#include "sym_exact.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool
sym_trouble (SymCalc *calc, SymTrouble trouble)
{
  if (calc->trouble == SYM_FINE)
    calc->trouble = trouble;
  return false;
}

bool
sym_float (SymCalc *calc, double value, SymNumber *out)
{
  if (isnan (value))
    return sym_trouble (calc, SYM_UNDEFINED);
  if (isinf (value))
    *out = sym_infinity (value < 0 ? -1 : 1, false);
  else
    *out = (SymNumber){ .kind = SYM_FLOAT, .f = value };
  return true;
}

int
sym_sign (SymNumber a)
{
  switch (a.kind)
    {
    case SYM_BIG:
      return a.big->size < 0 ? -1 : 1;
    case SYM_RATIO:
      return sym_sign (a.ratio->num);
    case SYM_FLOAT:
      return (a.f > 0) - (a.f < 0);
    default:
      return (a.i > 0) - (a.i < 0);
    }
}

static bool
same_big (const SymBig *a, const SymBig *b)
{
  return a->size == b->size && memcmp (a->limbs, b->limbs, (size_t)abs (a->size) * sizeof (mp_limb_t)) == 0;
}

bool
sym_same (SymNumber a, SymNumber b)
{
  if (a.kind != b.kind)
    return false;
  if (a.kind == SYM_BIG)
    return same_big (a.big, b.big);
  if (a.kind == SYM_RATIO)
    return sym_same (a.ratio->num, b.ratio->num) && sym_same (a.ratio->den, b.ratio->den);
  return a.i == b.i && a.whole == b.whole; /* doubles by their bits: 0.0 is not -0.0 */
}

static uint64_t
mix (uint64_t hash, uint64_t word, uint64_t key)
{
  unsigned __int128 product = (unsigned __int128)(hash ^ word) * (key | 1);
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t
sym_hash (SymNumber a, uint64_t key)
{
  uint64_t hash = mix (key >> 7, a.kind + 8u * a.whole, key);
  if (a.kind == SYM_RATIO)
    return mix (mix (hash, sym_hash (a.ratio->num, key), key), sym_hash (a.ratio->den, key), key);
  if (a.kind != SYM_BIG)
    return mix (hash, (uint64_t)a.i, key);
  hash = mix (hash, (uint64_t)a.big->size, key);
  for (int i = 0; i < abs (a.big->size); i++)
    hash = mix (hash, a.big->limbs[i], key);
  return hash;
}

/* ---- where one is a double or an infinity ---- */

static bool
both_doubles (SymCalc *calc, SymNumber a, SymNumber b, double *x, double *y)
{
  return sym_to_double (calc, a, x) && sym_to_double (calc, b, y);
}

static bool
is_bool (SymNumber a, SymNumber b)
{
  return a.kind == SYM_BOOL || b.kind == SYM_BOOL;
}

static bool
add_infinity (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  if (sym_is_inf (a) && sym_is_inf (b) && a.i != b.i)
    return sym_trouble (calc, SYM_UNDEFINED);
  *out = sym_is_inf (a) ? a : b;
  return true;
}

bool
sym_add_slowly (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  double x, y;
  if (is_bool (a, b))
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (sym_is_inf (a) || sym_is_inf (b))
    return add_infinity (calc, a, b, out);
  if (sym_is_exact (a) && sym_is_exact (b))
    return sym_exact_add (calc, a, b, out);
  return both_doubles (calc, a, b, &x, &y) && sym_float (calc, x + y, out);
}

bool
sym_mul_slowly (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  double x, y;
  if (is_bool (a, b))
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (sym_is_inf (a) || sym_is_inf (b))
    {
      int sign = sym_sign (a) * sym_sign (b);
      *out = sym_infinity (sign, (a.kind != SYM_INF || a.whole) && (b.kind != SYM_INF || b.whole));
      return sign != 0 || sym_trouble (calc, SYM_UNDEFINED);
    }
  if (sym_is_exact (a) && sym_is_exact (b))
    return sym_exact_mul (calc, a, b, out);
  return both_doubles (calc, a, b, &x, &y) && sym_float (calc, x * y, out);
}

bool
sym_negate (SymCalc *calc, SymNumber a, SymNumber *out)
{
  if (a.kind == SYM_INF)
    *out = sym_infinity (-(int)a.i, a.whole);
  else if (a.kind == SYM_FLOAT)
    *out = (SymNumber){ .kind = SYM_FLOAT, .f = -a.f };
  else
    return sym_mul (calc, sym_int (-1), a, out);
  return true;
}

bool
sym_subtract (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  SymNumber negative;
  return sym_negate (calc, b, &negative) && sym_add (calc, a, negative, out);
}

bool
sym_divide (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  double x, y;
  if (is_bool (a, b))
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (sym_sign (b) == 0)
    return sym_trouble (calc, SYM_DIVIDES_BY_ZERO);
  if (sym_is_exact (a) && sym_is_exact (b))
    return sym_exact_divide (calc, a, b, out);
  return both_doubles (calc, a, b, &x, &y) && sym_float (calc, x / y, out);
}

/* ---- floor division ---- */

static bool
floor_divide_small (int64_t a, int64_t b, SymNumber *out)
{
  if (b == 0 || (b == -1 && a == INT64_MIN))
    return false;
  *out = sym_int (a / b - (a % b != 0 && (a < 0) != (b < 0)));
  return true;
}

/* With an infinity: the limit of the quotients. */
static bool
floor_divide_infinity (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  if (sym_is_inf (a) && sym_is_inf (b))
    return sym_trouble (calc, SYM_UNDEFINED);
  int sign = sym_sign (a) * sym_sign (b);
  *out = sym_is_inf (a) ? sym_infinity (sign, true) : sym_int (sign < 0 ? -1 : 0);
  return true;
}

/* As Python divides doubles: the remainder is exact, the quotient follows from it. */
static bool
divide_doubles (SymCalc *calc, double a, double b, SymNumber *quotient, SymNumber *remainder)
{
  double rest = fmod (a, b), whole = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0))
    {
      rest += b;
      whole -= 1;
    }
  double floored = floor (whole);
  if (whole - floored > 0.5)
    floored += 1;
  rest = rest == 0 ? copysign (0, b) : rest;
  return sym_float (calc, floored, quotient) && sym_float (calc, rest, remainder);
}

bool
sym_floor_divide (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  double x, y;
  SymNumber rest;
  if (a.kind == SYM_INT && b.kind == SYM_INT && floor_divide_small (a.i, b.i, out))
    return true;
  if (is_bool (a, b))
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (sym_sign (b) == 0)
    return sym_trouble (calc, SYM_DIVIDES_BY_ZERO);
  if (sym_is_inf (a) || sym_is_inf (b))
    return floor_divide_infinity (calc, a, b, out);
  if (sym_is_exact (a) && sym_is_exact (b))
    return sym_exact_floor_divide (calc, a, b, out);
  return both_doubles (calc, a, b, &x, &y) && divide_doubles (calc, x, y, out, &rest);
}

bool
sym_modulo (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  double x, y;
  SymNumber quotient;
  if (is_bool (a, b))
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (sym_sign (b) == 0)
    return sym_trouble (calc, SYM_DIVIDES_BY_ZERO);
  if (sym_is_inf (a) || sym_is_inf (b))
    return sym_trouble (calc, SYM_UNDEFINED);
  if (sym_is_exact (a) && sym_is_exact (b))
    return sym_floor_divide (calc, a, b, &quotient) && sym_mul (calc, quotient, b, &quotient)
           && sym_subtract (calc, a, quotient, out);
  return both_doubles (calc, a, b, &x, &y) && divide_doubles (calc, x, y, &quotient, out);
}

/* ---- powers ---- */

bool
sym_float_power (SymCalc *calc, double a, double b, SymNumber *out)
{
  if (a == 0 && b < 0)
    return sym_trouble (calc, SYM_DIVIDES_BY_ZERO);
  if (a < 0 && isfinite (a) && isfinite (b) && b != floor (b))
    return sym_trouble (calc, SYM_OUT_OF_DOMAIN);
  double power = pow (a, b);
  if (isinf (power) && isfinite (a) && isfinite (b))
    return sym_trouble (calc, SYM_OVERFLOW);
  return sym_float (calc, power, out);
}

bool
sym_power (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  double x, y;
  if (is_bool (a, b))
    return sym_trouble (calc, SYM_WRONG_TYPE);
  if (sym_equals_int (b, 0) || (sym_equals_int (a, 1) && !sym_is_inf (b)))
    {
      *out = sym_int (1);
      return true;
    }
  if (sym_is_exact (a) && sym_is_int (b))
    return sym_exact_power (calc, a, b, out);
  if (sym_is_exact (a) && b.kind == SYM_RATIO && sym_sign (a) >= 0)
    {
      bool found = sym_exact_root_power (calc, a, b, out);
      if (found || calc->trouble != SYM_FINE)
        return found;
    }
  return both_doubles (calc, a, b, &x, &y) && sym_float_power (calc, x, y, out);
}

/* ---- rounding ---- */

static bool
round_double (SymCalc *calc, double a, SymRounding how, SymNumber *out)
{
  static double (*const functions[]) (double) = { floor, ceil, trunc, rint };
  double whole = functions[how](a);
  if (fabs (whole) < 9007199254740992.0)
    {
      *out = sym_int ((int64_t)whole);
      return true;
    }
  return sym_exact_from_double (calc, whole, out);
}

bool
sym_round (SymCalc *calc, SymNumber a, SymRounding how, SymNumber *out)
{
  switch (a.kind)
    {
    case SYM_INT:
    case SYM_BIG:
      *out = a;
      return true;
    case SYM_INF:
      *out = sym_infinity ((int)a.i, true);
      return true;
    case SYM_RATIO:
      return sym_exact_round (calc, a, how, out);
    case SYM_FLOAT:
      return round_double (calc, a.f, how, out);
    default:
      return sym_trouble (calc, SYM_WRONG_TYPE);
    }
}

bool
sym_to_double (SymCalc *calc, SymNumber a, double *out)
{
  if (a.kind == SYM_INT)
    *out = (double)a.i;
  else if (a.kind == SYM_FLOAT)
    *out = a.f;
  else if (a.kind == SYM_INF)
    *out = a.i < 0 ? -INFINITY : INFINITY;
  else if (a.kind == SYM_BOOL)
    return sym_trouble (calc, SYM_WRONG_TYPE);
  else
    {
      *out = sym_exact_to_double (a);
      return isfinite (*out) || sym_trouble (calc, SYM_OVERFLOW);
    }
  return true;
}

double
sym_to_double_toward (SymNumber a, int direction)
{
  if (a.kind == SYM_FLOAT)
    return a.f;
  if (a.kind == SYM_INF)
    return a.i < 0 ? -INFINITY : INFINITY;
  double nearest = a.kind == SYM_INT ? (double)a.i : sym_exact_to_double (a);
  if (isinf (nearest))
    return (nearest < 0) == (direction < 0) ? nearest : copysign (0x1.fffffffffffffp1023, nearest);
  int order = sym_compare ((SymNumber){ .kind = SYM_FLOAT, .f = nearest }, a);
  return order * direction < 0 ? nextafter (nearest, direction < 0 ? -INFINITY : INFINITY) : nearest;
}

/* ---- comparing ---- */

int
sym_compare (SymNumber a, SymNumber b)
{
  if (sym_is_inf (a) || sym_is_inf (b))
    {
      int64_t x = sym_is_inf (a) ? a.i : 0, y = sym_is_inf (b) ? b.i : 0;
      return (x > y) - (x < y);
    }
  if (a.kind == SYM_INT && b.kind == SYM_INT)
    return (a.i > b.i) - (a.i < b.i);
  if (a.kind == SYM_FLOAT && b.kind == SYM_FLOAT)
    return (a.f > b.f) - (a.f < b.f);
  return sym_exact_compare (a, b);
}
