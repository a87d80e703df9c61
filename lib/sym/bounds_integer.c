/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of divisions, remainders and bits. A divisor of zero has no value: it is cut out of integer ranges. */
#include "sym_bounds.h"

static bool
any_bool (const SymRange *a, const SymRange *b)
{
  return sym_range_is_bool (a) || sym_range_is_bool (b);
}

static bool
is_integer (const Pt2Expr *node)
{
  return (node->flags & SYM_NODE_INTEGER) != 0;
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

static SymNumber
negative (SymBounds *bounds, SymNumber a)
{
  SymNumber out = a;
  if (!sym_negate (bounds->calc, a, &out))
    out = sym_infinity (-sym_sign (a), true);
  bounds->calc->trouble = SYM_FINE;
  return out;
}

static SymRange
negative_range (SymBounds *bounds, const SymRange *a)
{
  return (SymRange){ negative (bounds, a->upper), negative (bounds, a->lower) };
}

/* ---- divisions ---- */

static bool
divide (SymBounds *bounds, SymOp op, bool integer, const SymRange *a, const SymRange *b, SymRange *out)
{
  SymRange parts[2], image;
  if (any_bool (a, b))
    return sym_range_unknown (out);
  uint32_t n = sym_range_without_zero (b, integer, parts);
  if (n == 0)
    return sym_range_unknown (out);
  sym_range_corners (bounds, op, a, &parts[0], out);
  if (n == 2)
    {
      sym_range_corners (bounds, op, a, &parts[1], &image);
      sym_range_unite (out, &image, out);
    }
  return true;
}

SYM_BOUND (floor_divide)
{
  return divide (bounds, node->op, is_integer (node->args[1]), &args[0], &args[1], out);
}

SYM_BOUND (true_divide)
{
  bool integer = node->op == SYM_INTTRUEDIV && is_integer (node->args[1]);
  return divide (bounds, node->op, integer, &args[0], &args[1], out);
}

/* ---- remainders ---- */

/* Of X by the positive Y: within one period the remainder rises with X. */
static void
positive_modulo (SymBounds *bounds, bool integer, const SymRange *x, const SymRange *y, SymRange *out)
{
  SymNumber one[] = { y->upper, sym_int (-1) }, top = y->upper;
  if (integer && sym_bound_try (bounds, SYM_ADD, one, 2, &top) && sym_sign (top) < 0)
    top = sym_int (0);
  *out = (SymRange){ sym_int (0), top };
  bool natural = sym_sign (x->lower) >= 0;
  if (natural && sym_compare (x->upper, y->lower) < 0)
    {
      *out = *x;
      return;
    }
  if (natural)
    out->upper = lesser (out->upper, x->upper);
  if (!sym_range_is_single (y) || sym_is_inf (x->lower) || sym_is_inf (x->upper))
    return;
  SymNumber low[] = { x->lower, y->lower }, high[] = { x->upper, y->lower }, first, last;
  SymRange rising;
  if (sym_bound_try (bounds, SYM_FLOORDIV, low, 2, &first) && sym_bound_try (bounds, SYM_FLOORDIV, high, 2, &last)
      && sym_compare (first, last) == 0 && sym_bound_try (bounds, SYM_PYTHONMOD, low, 2, &rising.lower)
      && sym_bound_try (bounds, SYM_PYTHONMOD, high, 2, &rising.upper))
    *out = rising;
}

/* The sign is that of the divisor: a negative one mirrors everything. */
static bool
modulo (SymBounds *bounds, bool integer, bool integer_divisor, const SymRange *x, const SymRange *y, SymRange *out)
{
  SymRange parts[2], images[2];
  if (any_bool (x, y))
    return sym_range_unknown (out);
  uint32_t n = sym_range_without_zero (y, integer_divisor, parts);
  if (n == 0)
    return sym_range_unknown (out);
  for (uint32_t i = 0; i < n; i++)
    if (sym_sign (parts[i].lower) > 0)
      positive_modulo (bounds, integer, x, &parts[i], &images[i]);
    else
      {
        SymRange turned = negative_range (bounds, x), size = negative_range (bounds, &parts[i]);
        positive_modulo (bounds, integer, &turned, &size, &images[i]);
        images[i] = negative_range (bounds, &images[i]);
      }
  *out = images[0];
  if (n == 2)
    sym_range_unite (&images[0], &images[1], out);
  return true;
}

SYM_BOUND (modulo)
{
  bool divisor = is_integer (node->args[1]);
  return modulo (bounds, divisor && is_integer (node->args[0]), divisor, &args[0], &args[1], out);
}

SYM_BOUND (modular_indexing)
{
  SymRange quotient;
  divide (bounds, SYM_FLOORDIV, is_integer (node->args[1]), &args[0], &args[1], &quotient);
  bool modulus = is_integer (node->args[2]);
  modulo (bounds, modulus, modulus, &quotient, &args[2], out);
  /* Of zero it is zero, whatever the divisor. */
  SymRange zero = { sym_int (0), sym_int (0) };
  if (!sym_range_is_bool (out) && sym_sign (args[0].lower) <= 0 && sym_sign (args[0].upper) >= 0)
    sym_range_unite (out, &zero, out);
  return true;
}

/* ---- bits ---- */

/* 2^K where 2^K > A >= 0; open if that is too much. */
static SymNumber
next_power (SymBounds *bounds, SymNumber a)
{
  SymNumber out, args[] = { sym_int (1), sym_int ((int64_t)sym_bits (a)) };
  if (sym_is_inf (a) || !sym_is_int (a))
    return sym_infinity (1, true);
  if (sym_sign (a) == 0)
    return sym_int (1);
  return sym_bound_try (bounds, SYM_LSHIFT, args, 2, &out) ? out : sym_infinity (1, true);
}

static SymNumber
plus (SymBounds *bounds, SymNumber a, int64_t b)
{
  SymNumber out, args[] = { a, sym_int (b) };
  return sym_bound_try (bounds, SYM_ADD, args, 2, &out) ? out : sym_infinity (b > 0 ? 1 : -1, true);
}

/* The least number whose bits above the sign reach as far as those of A, which is negative: -2^K. */
static SymNumber
lowest (SymBounds *bounds, SymNumber a)
{
  return negative (bounds, next_power (bounds, plus (bounds, negative (bounds, a), -1)));
}

static void
bound_and (SymBounds *bounds, const SymRange *a, const SymRange *b, SymRange *out)
{
  bool natural_a = sym_sign (a->lower) >= 0, natural_b = sym_sign (b->lower) >= 0;
  SymNumber upper = greater (a->upper, b->upper);
  if (natural_a)
    upper = a->upper;
  if (natural_b)
    upper = natural_a ? lesser (upper, b->upper) : b->upper;
  *out = (SymRange){ sym_int (0), upper };
  if (!natural_a && !natural_b)
    out->lower = lowest (bounds, lesser (a->lower, b->lower));
  /* Both negative: the sign stays. */
  if (sym_sign (a->upper) < 0 && sym_sign (b->upper) < 0)
    out->upper = lesser (a->upper, b->upper);
}

static void
bound_or (SymBounds *bounds, const SymRange *a, const SymRange *b, SymRange *out)
{
  SymNumber top = greater (a->upper, b->upper);
  bool natural = sym_sign (a->lower) >= 0 && sym_sign (b->lower) >= 0;
  out->lower = natural ? greater (a->lower, b->lower) : lesser (a->lower, b->lower);
  out->upper = sym_sign (top) < 0 ? sym_int (-1) : plus (bounds, next_power (bounds, top), -1);
  /* One is always negative: so is the result. */
  if (sym_sign (a->upper) < 0 || sym_sign (b->upper) < 0)
    out->upper = sym_int (-1);
}

static void
bound_xor (SymBounds *bounds, const SymRange *a, const SymRange *b, SymRange *out)
{
  SymNumber low = lesser (a->lower, b->lower), top = greater (a->upper, b->upper), reach = sym_int (1);
  if (sym_sign (low) < 0)
    reach = negative (bounds, lowest (bounds, low));
  if (sym_sign (top) > 0)
    reach = greater (reach, next_power (bounds, top));
  *out = (SymRange){ sym_sign (low) < 0 ? negative (bounds, reach) : sym_int (0), plus (bounds, reach, -1) };
}

static SymRange
as_numbers (const SymRange *range)
{
  if (!sym_range_is_bool (range))
    return *range;
  return (SymRange){ sym_int (range->lower.i), sym_int (range->upper.i) };
}

static bool
is_whole (SymNumber a)
{
  return sym_is_int (a) || sym_is_inf (a);
}

SYM_BOUND (bitwise)
{
  static void (*const rules[]) (SymBounds *, const SymRange *, const SymRange *, SymRange *)
      = { bound_and, bound_or, bound_xor };
  bool booleans = sym_range_is_bool (&args[0]) && sym_range_is_bool (&args[1]);
  SymRange a = as_numbers (&args[0]), b = as_numbers (&args[1]);
  if (!is_whole (a.lower) || !is_whole (a.upper) || !is_whole (b.lower) || !is_whole (b.upper))
    return sym_range_unknown (out);
  SymNumber both[] = { a.lower, b.lower };
  if (sym_range_is_single (&a) && sym_range_is_single (&b) && sym_bound_try (bounds, node->op, both, 2, &out->lower))
    out->upper = out->lower;
  else
    rules[node->op - SYM_BITAND](bounds, &a, &b, out);
  if (booleans)
    *out = (SymRange){ sym_bool (sym_sign (out->lower) > 0), sym_bool (sym_sign (out->upper) > 0) };
  return true;
}
