/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of conditions, choices, sums, products, powers, and functions that only rise or fall. */
#include "sym_bounds.h"
#include "sym_evaluate.h"
#include <math.h>

/* ---- tools ---- */

bool
sym_bound_try (SymBounds *bounds, SymOp op, const SymNumber *args, uint32_t n, SymNumber *out)
{
  bool done = sym_ops[op].evaluate (bounds->calc, op, args, n, out);
  bounds->calc->trouble = SYM_FINE;
  return done;
}

static SymNumber
try_or_open (SymBounds *bounds, SymOp op, SymNumber arg, int side)
{
  SymNumber out;
  return sym_bound_try (bounds, op, &arg, 1, &out) ? out : sym_infinity (side, false);
}

static SymNumber
lesser (SymNumber a, SymNumber b)
{
  return sym_compare (b, a) < 0 ? b : a;
}

static SymNumber
greater (SymNumber a, SymNumber b)
{
  return sym_compare (b, a) > 0 ? b : a;
}

static void
set_bools (SymRange *out, bool lower, bool upper)
{
  *out = (SymRange){ sym_bool (lower), sym_bool (upper) };
}

void
sym_range_unite (const SymRange *a, const SymRange *b, SymRange *out)
{
  if (sym_range_is_bool (a) != sym_range_is_bool (b))
    sym_range_unknown (out);
  else if (sym_range_is_bool (a))
    set_bools (out, a->lower.i && b->lower.i, a->upper.i || b->upper.i);
  else
    *out = (SymRange){ lesser (a->lower, b->lower), greater (a->upper, b->upper) };
}

void
sym_range_intersect (const SymRange *a, const SymRange *b, SymRange *out)
{
  *out = *a;
  if (sym_range_is_bool (a) || sym_range_is_bool (b))
    return;
  SymRange both = { greater (a->lower, b->lower), lesser (a->upper, b->upper) };
  if (sym_compare (both.lower, both.upper) <= 0)
    *out = both;
}

bool
sym_range_corners (SymBounds *bounds, SymOp op, const SymRange *a, const SymRange *b, SymRange *out)
{
  bool have = false;
  for (int i = 0; i < 4; i++)
    {
      SymNumber args[] = { i & 1 ? a->upper : a->lower, i & 2 ? b->upper : b->lower }, value;
      if (!sym_bound_try (bounds, op, args, 2, &value))
        continue;
      SymRange point = { value, value };
      if (have)
        sym_range_unite (out, &point, out);
      else
        *out = point;
      have = true;
    }
  return have || sym_range_unknown (out);
}

uint32_t
sym_range_without_zero (const SymRange *range, bool integer, SymRange *parts)
{
  uint32_t n = 0;
  int low = sym_sign (range->lower), high = sym_sign (range->upper);
  if (low > 0 || high < 0)
    {
      parts[0] = *range;
      return 1;
    }
  if (integer && low < 0)
    parts[n++] = (SymRange){ range->lower, sym_int (-1) };
  if (integer && high > 0)
    parts[n++] = (SymRange){ sym_int (1), range->upper };
  return n;
}

SYM_BOUND (nothing)
{
  return sym_range_unknown (out);
}

SYM_BOUND (integer)
{
  return sym_range_unknown (out);
}

SYM_BOUND (float_pow)
{
  return sym_range_unknown (out);
}

SYM_BOUND (pair)
{
  return sym_range_unknown (out);
}

SYM_BOUND (identity)
{
  *out = args[0];
  return true;
}

SYM_BOUND (dense)
{
  *out = (SymRange){ sym_int (0), sym_int (1) };
  return true;
}

/* ---- sums and products ---- */

static bool
any_bool (const SymRange *args, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (sym_range_is_bool (&args[i]))
      return true;
  return false;
}

SYM_BOUND (add)
{
  *out = args[0];
  if (any_bool (args, node->n_args))
    return sym_range_unknown (out);
  for (uint32_t i = 1; i < node->n_args; i++)
    {
      SymNumber lower[] = { out->lower, args[i].lower }, upper[] = { out->upper, args[i].upper };
      if (!sym_bound_try (bounds, SYM_ADD, lower, 2, &out->lower))
        out->lower = sym_infinity (-1, false);
      if (!sym_bound_try (bounds, SYM_ADD, upper, 2, &out->upper))
        out->upper = sym_infinity (1, false);
    }
  return true;
}

/* An end may be infinite, but no value is: zero times it is zero. */
static SymNumber
multiply_ends (SymBounds *bounds, SymNumber a, SymNumber b)
{
  SymNumber args[] = { a, b }, out;
  if (sym_sign (a) == 0 || sym_sign (b) == 0)
    return sym_sign (a) == 0 ? a : b;
  return sym_bound_try (bounds, SYM_MUL, args, 2, &out) ? out : sym_infinity (sym_sign (a) * sym_sign (b), false);
}

static void
multiply_ranges (SymBounds *bounds, const SymRange *a, const SymRange *b, SymRange *out)
{
  SymNumber first = multiply_ends (bounds, a->lower, b->lower);
  SymRange result = { first, first };
  for (int i = 1; i < 4; i++)
    {
      SymNumber corner = multiply_ends (bounds, i & 1 ? a->upper : a->lower, i & 2 ? b->upper : b->lower);
      SymRange point = { corner, corner };
      sym_range_unite (&result, &point, &result);
    }
  *out = result;
}

SYM_BOUND (mul)
{
  *out = args[0];
  if (any_bool (args, node->n_args))
    return sym_range_unknown (out);
  for (uint32_t i = 1; i < node->n_args; i++)
    multiply_ranges (bounds, out, &args[i], out);
  return true;
}

/* ---- powers ---- */

static SymNumber
power_end (SymBounds *bounds, SymNumber base, SymNumber exponent, int side)
{
  SymNumber args[] = { base, exponent }, out;
  if (sym_is_inf (exponent) && sym_compare (base, sym_int (1)) > 0)
    return sym_infinity (1, true);
  return sym_bound_try (bounds, SYM_POW, args, 2, &out) ? out : sym_infinity (side, false);
}

static bool
is_even (SymNumber a)
{
  SymNumber half;
  SymCalc calc = { NULL, 0, 0, SYM_FINE };
  return a.kind == SYM_INT ? a.i % 2 == 0 : sym_is_int (a) && sym_modulo (&calc, a, sym_int (2), &half) && half.i == 0;
}

static void
natural_power (SymBounds *bounds, const SymRange *base, SymNumber n, SymRange *out)
{
  SymNumber low = power_end (bounds, base->lower, n, is_even (n) ? 1 : -1);
  SymNumber high = power_end (bounds, base->upper, n, 1);
  if (!is_even (n))
    *out = (SymRange){ low, high };
  else if (sym_sign (base->lower) < 0 && sym_sign (base->upper) > 0)
    *out = (SymRange){ sym_int (0), greater (low, high) };
  else
    *out = (SymRange){ lesser (low, high), greater (low, high) };
}

/* An exponent that is a number: x^-n and roots on each side of zero. */
static bool
fixed_power (SymBounds *bounds, const Pt2Expr *node, const SymRange *base, SymNumber n, SymRange *out)
{
  SymRange parts[2], image;
  if (sym_is_int (n) && sym_sign (n) >= 0)
    {
      natural_power (bounds, base, n, out);
      return true;
    }
  if (!sym_is_int (n) && sym_sign (n) > 0 && sym_sign (base->upper) >= 0)
    {
      SymNumber low = greater (base->lower, sym_int (0));
      *out = (SymRange){ power_end (bounds, low, n, -1), power_end (bounds, base->upper, n, 1) };
      return true;
    }
  uint32_t n_parts = sym_range_without_zero (base, (node->args[0]->flags & SYM_NODE_INTEGER) != 0, parts);
  if (n_parts == 0 || !sym_is_int (n))
    return sym_range_unknown (out);
  SymRange exponent = { n, n };
  sym_range_corners (bounds, SYM_POW, &parts[0], &exponent, out);
  if (n_parts == 2)
    {
      sym_range_corners (bounds, SYM_POW, &parts[1], &exponent, &image);
      sym_range_unite (out, &image, out);
    }
  return true;
}

/* An exponent between natural numbers. */
static void
varying_power (SymBounds *bounds, const SymRange *base, const SymRange *exponent, SymRange *out)
{
  SymNumber one = sym_int (1), low = base->lower, high = base->upper, minus;
  if (sym_compare (low, one) >= 0)
    {
      SymNumber least = power_end (bounds, low, exponent->lower, -1);
      *out = (SymRange){ sym_is_inf (least) ? one : least, power_end (bounds, high, exponent->upper, 1) };
      return;
    }
  SymNumber size = greater (high, one);
  *out = (SymRange){ sym_int (0), one };
  if (sym_sign (low) < 0)
    {
      sym_negate (bounds->calc, low, &minus);
      bounds->calc->trouble = SYM_FINE;
      minus = greater (minus, one);
      size = greater (size, minus);
      out->lower = sym_infinity (-1, false);
      SymNumber most = power_end (bounds, minus, exponent->upper, 1);
      if (!sym_is_inf (most))
        sym_negate (bounds->calc, most, &out->lower);
    }
  out->upper = power_end (bounds, size, exponent->upper, 1);
  /* One to any power stays one. */
  if (sym_equals_int (size, 1))
    out->upper = one;
}

SYM_BOUND (pow)
{
  SymRange exponent = args[1];
  if (any_bool (args, 2))
    return sym_range_unknown (out);
  if (node->op == SYM_POWBYNATURAL && sym_sign (exponent.lower) < 0)
    exponent.lower = sym_int (0);
  if (sym_compare (exponent.lower, exponent.upper) > 0)
    return sym_range_unknown (out);
  if (sym_range_is_single (&exponent))
    return fixed_power (bounds, node, &args[0], exponent.lower, out);
  bool natural = (node->args[1]->flags & SYM_NODE_INTEGER) != 0 && sym_sign (exponent.lower) >= 0;
  if (!natural)
    return sym_range_unknown (out);
  varying_power (bounds, &args[0], &exponent, out);
  return true;
}

/* ---- conditions ---- */

static bool
relate_bools (SymOp op, const SymRange *a, const SymRange *b, SymRange *out)
{
  bool known = sym_range_is_single (a) && sym_range_is_single (b);
  bool mixed = sym_range_is_bool (a) != sym_range_is_bool (b);
  bool equal = !mixed && a->lower.i == b->lower.i;
  set_bools (out, false, true);
  if (mixed || known)
    set_bools (out, equal == (op == SYM_EQ), equal == (op == SYM_EQ));
  return true;
}

/* Whether A < B, A <= B: always, never, or neither. */
static void
order_ranges (const SymRange *a, const SymRange *b, bool or_equal, SymRange *out)
{
  int always = sym_compare (a->upper, b->lower), never = sym_compare (a->lower, b->upper);
  /* Equal infinite ends say nothing: no value reaches them. */
  bool open = (sym_is_inf (a->upper) && sym_is_inf (b->lower)) || (sym_is_inf (a->lower) && sym_is_inf (b->upper));
  if (always < 0 || (or_equal && always == 0 && !open))
    set_bools (out, true, true);
  else if (never > 0 || (!or_equal && never == 0 && !open))
    set_bools (out, false, false);
  else
    set_bools (out, false, true);
}

SYM_BOUND (relation)
{
  const SymRange *a = &args[0], *b = &args[1];
  bool equality = node->op == SYM_EQ || node->op == SYM_NE;
  set_bools (out, false, true);
  if (any_bool (args, 2))
    return !equality || relate_bools (node->op, a, b, out);
  if (equality)
    {
      bool apart = sym_compare (a->lower, b->upper) > 0 || sym_compare (b->lower, a->upper) > 0;
      bool same = !sym_is_inf (a->lower) && sym_compare (a->lower, a->upper) == 0 && !sym_is_inf (b->lower)
                  && sym_compare (b->lower, b->upper) == 0 && sym_compare (a->lower, b->lower) == 0;
      if (apart || same)
        set_bools (out, same == (node->op == SYM_EQ), same == (node->op == SYM_EQ));
      return true;
    }
  bool turned = node->op == SYM_GT || node->op == SYM_GE;
  order_ranges (turned ? b : a, turned ? a : b, node->op == SYM_LE || node->op == SYM_GE, out);
  return true;
}

/* Not, And, Or and Implies rise or fall with each argument; Xor is known when all are. */
SYM_BOUND (logic)
{
  uint32_t n = node->n_args;
  bool lower = node->op == SYM_AND || node->op == SYM_XOR, upper = lower, known = true;
  set_bools (out, false, true);
  for (uint32_t i = 0; i < n; i++)
    {
      if (!sym_range_is_bool (&args[i]))
        return true;
      bool turned = node->op == SYM_NOT || (node->op == SYM_IMPLIES && i == 0);
      bool low = turned ? !args[i].upper.i : args[i].lower.i, high = turned ? !args[i].lower.i : args[i].upper.i;
      bool all = node->op == SYM_AND;
      known = known && low == high;
      lower = node->op == SYM_XOR ? (i == 0 ? low : lower != low) : all ? lower && low : lower || low;
      upper = node->op == SYM_XOR ? lower : all ? upper && high : upper || high;
    }
  if (node->op != SYM_XOR || known)
    set_bools (out, lower, upper);
  return true;
}

/* ---- choices ---- */

SYM_BOUND (where)
{
  if (!sym_range_is_bool (&args[0]) || args[0].lower.i != args[0].upper.i)
    sym_range_unite (&args[1], &args[2], out);
  else
    *out = args[args[0].lower.i ? 1 : 2];
  return true;
}

SYM_BOUND (piecewise)
{
  bool have = false;
  for (uint32_t i = 0; i < node->n_args; i++)
    {
      const SymRange *value = &args[2 * i], *condition = &args[2 * i + 1];
      bool known = sym_range_is_bool (condition);
      if (known && !condition->upper.i)
        continue;
      if (have)
        sym_range_unite (out, value, out);
      else
        *out = *value;
      have = true;
      if (known && condition->lower.i)
        break;
    }
  return have || sym_range_unknown (out);
}

SYM_BOUND (max_min)
{
  *out = args[0];
  if (any_bool (args, node->n_args))
    return sym_range_unknown (out);
  for (uint32_t i = 1; i < node->n_args; i++)
    {
      bool most = node->op == SYM_MAX;
      out->lower = most ? greater (out->lower, args[i].lower) : lesser (out->lower, args[i].lower);
      out->upper = most ? greater (out->upper, args[i].upper) : lesser (out->upper, args[i].upper);
    }
  return true;
}

/* ---- functions that rise or fall ---- */

SYM_BOUND (abs)
{
  if (any_bool (args, 1))
    return sym_range_unknown (out);
  SymNumber low = try_or_open (bounds, SYM_ABS, args[0].lower, 1),
            high = try_or_open (bounds, SYM_ABS, args[0].upper, 1);
  bool around = sym_sign (args[0].lower) < 0 && sym_sign (args[0].upper) > 0;
  *out = (SymRange){ around ? sym_int (0) : lesser (low, high), greater (low, high) };
  return true;
}

SYM_BOUND (increasing)
{
  if (any_bool (args, 1))
    return sym_range_unknown (out);
  *out = (SymRange){ try_or_open (bounds, node->op, args[0].lower, -1),
                     try_or_open (bounds, node->op, args[0].upper, 1) };
  return true;
}

SYM_BOUND (round_decimal)
{
  if (any_bool (args, 2) || !sym_range_is_single (&args[1]))
    return sym_range_unknown (out);
  SymNumber lower[] = { args[0].lower, args[1].lower }, upper[] = { args[0].upper, args[1].lower };
  if (!sym_bound_try (bounds, node->op, lower, 2, &out->lower))
    out->lower = sym_infinity (-1, false);
  if (!sym_bound_try (bounds, node->op, upper, 2, &out->upper))
    out->upper = sym_infinity (1, false);
  return true;
}

static SymNumber
from_double (double value)
{
  if (isinf (value))
    return sym_infinity (value < 0 ? -1 : 1, false);
  return (SymNumber){ .kind = SYM_FLOAT, .f = value };
}

/* An end of a function of the C library: these err in the last bit, square roots do not. */
static SymNumber
math_end (SymBounds *bounds, SymOp op, double x, int side)
{
  const SymMath *math = sym_math (op);
  SymNumber end = try_or_open (bounds, op, from_double (x), side);
  if (end.kind == SYM_FLOAT && math->function != sqrt)
    end.f = nextafter (end.f, side < 0 ? -INFINITY : INFINITY);
  return side < 0 ? greater (end, from_double (math->least)) : lesser (end, from_double (math->most));
}

SYM_BOUND (math)
{
  const SymMath *math = sym_math (node->op);
  *out = (SymRange){ from_double (math->least), from_double (math->most) };
  if (any_bool (args, 1) || math->slope == 0)
    return true;
  double low = sym_to_double_toward (args[0].lower, -1), high = sym_to_double_toward (args[0].upper, 1);
  low = fmax (low, math->from);
  high = fmin (high, math->to);
  if (low > high)
    return true;
  double first = math->slope > 0 ? low : high, last = math->slope > 0 ? high : low;
  *out = (SymRange){ math_end (bounds, node->op, first, -1), math_end (bounds, node->op, last, 1) };
  return true;
}
