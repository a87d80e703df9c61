/* SPDX-License-Identifier: Apache-2.0 */
#include "sym_exact.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- between our numbers and GMP's ---- */

typedef struct
{
  mpz_t z; /* read only */
  mp_limb_t limb;
} View;

static mpz_srcptr
view (View *out, SymNumber a)
{
  if (a.kind == SYM_BIG)
    return mpz_roinit_n (out->z, a.big->limbs, a.big->size);
  uint64_t size = a.i < 0 ? -(uint64_t)a.i : (uint64_t)a.i;
  out->limb = size;
  return mpz_roinit_n (out->z, &out->limb, a.i < 0 ? -1 : size != 0);
}

static bool
charge (SymCalc *calc, uint64_t bits)
{
  if (bits > calc->most_bits || bits > calc->spare_bits)
    return sym_trouble (calc, SYM_TOO_BIG);
  calc->spare_bits -= bits;
  return true;
}

static bool
fits_int64 (mpz_srcptr z)
{
  size_t bits = mpz_sizeinbase (z, 2);
  return bits < 64 || (bits == 64 && mpz_sgn (z) < 0 && mpz_scan1 (z, 0) == 63);
}

static bool
take (SymCalc *calc, mpz_srcptr z, SymNumber *out)
{
  if (fits_int64 (z))
    {
      uint64_t size = mpz_size (z) > 0 ? mpz_getlimbn (z, 0) : 0;
      *out = sym_int (mpz_sgn (z) < 0 ? (int64_t)-size : (int64_t)size);
      return true;
    }
  size_t limbs = mpz_size (z);
  if (!charge (calc, mpz_sizeinbase (z, 2)))
    return false;
  SymBig *big = pt2_arena_alloc (calc->arena, sizeof *big + limbs * sizeof (mp_limb_t));
  if (big == NULL)
    return sym_trouble (calc, SYM_NO_MEMORY);
  big->size = mpz_sgn (z) < 0 ? -(int32_t)limbs : (int32_t)limbs;
  memcpy (big->limbs, mpz_limbs_read (z), limbs * sizeof (mp_limb_t));
  *out = (SymNumber){ .kind = SYM_BIG, .big = big };
  return true;
}

/* Q is in lowest terms. */
static bool
take_fraction (SymCalc *calc, mpq_srcptr q, SymNumber *out)
{
  if (mpz_cmp_ui (mpq_denref (q), 1) == 0)
    return take (calc, mpq_numref (q), out);
  SymRatio *ratio = pt2_arena_alloc (calc->arena, sizeof *ratio);
  if (ratio == NULL)
    return sym_trouble (calc, SYM_NO_MEMORY);
  *out = (SymNumber){ .kind = SYM_RATIO, .ratio = ratio };
  return take (calc, mpq_numref (q), &ratio->num) && take (calc, mpq_denref (q), &ratio->den);
}

static SymNumber
numerator (SymNumber a)
{
  return a.kind == SYM_RATIO ? a.ratio->num : a;
}

static SymNumber
denominator (SymNumber a)
{
  return a.kind == SYM_RATIO ? a.ratio->den : sym_int (1);
}

/* Initializes Q. */
static void
to_fraction (mpq_t q, SymNumber a)
{
  View parts;
  mpq_init (q);
  if (a.kind == SYM_FLOAT)
    {
      mpq_set_d (q, a.f);
      return;
    }
  mpz_set (mpq_numref (q), view (&parts, numerator (a)));
  mpz_set (mpq_denref (q), view (&parts, denominator (a)));
}

uint64_t
sym_bits (SymNumber a)
{
  View parts;
  if (a.kind == SYM_RATIO)
    return sym_bits (a.ratio->num) + sym_bits (a.ratio->den);
  return a.kind <= SYM_BIG ? mpz_sizeinbase (view (&parts, a), 2) : 64;
}

/* ---- the four operations ---- */

/* Fractions cost a greatest common divisor, which is dear for long numbers. */
static bool
may_combine (SymCalc *calc, SymNumber a, SymNumber b)
{
  uint64_t bits = sym_bits (a) + sym_bits (b);
  if (bits > calc->most_bits)
    return sym_trouble (calc, SYM_TOO_BIG);
  return (a.kind != SYM_RATIO && b.kind != SYM_RATIO) || bits < 1024 || charge (calc, bits);
}

static bool
combine (SymCalc *calc, SymNumber a, SymNumber b, void (*integers) (mpz_ptr, mpz_srcptr, mpz_srcptr),
         void (*fractions) (mpq_ptr, mpq_srcptr, mpq_srcptr), SymNumber *out)
{
  bool done;
  if (!may_combine (calc, a, b))
    return false;
  if (a.kind != SYM_RATIO && b.kind != SYM_RATIO && integers != NULL)
    {
      View x, y;
      mpz_t z;
      mpz_init (z);
      integers (z, view (&x, a), view (&y, b));
      done = take (calc, z, out);
      mpz_clear (z);
      return done;
    }
  mpq_t x, y;
  to_fraction (x, a);
  to_fraction (y, b);
  fractions (x, x, y);
  done = take_fraction (calc, x, out);
  mpq_clear (x);
  mpq_clear (y);
  return done;
}

bool
sym_exact_add (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  return combine (calc, a, b, mpz_add, mpq_add, out);
}

bool
sym_exact_mul (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  return combine (calc, a, b, mpz_mul, mpq_mul, out);
}

bool
sym_exact_divide (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  return combine (calc, a, b, NULL, mpq_div, out);
}

bool
sym_ratio (SymCalc *calc, SymNumber num, SymNumber den, SymNumber *out)
{
  return sym_exact_divide (calc, num, den, out);
}

bool
sym_exact_floor_divide (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  SymNumber quotient;
  if (a.kind != SYM_RATIO && b.kind != SYM_RATIO)
    return combine (calc, a, b, mpz_fdiv_q, NULL, out);
  return sym_exact_divide (calc, a, b, &quotient) && sym_round (calc, quotient, SYM_ROUND_DOWN, out);
}

bool
sym_gcd (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  if (a.kind == SYM_INT && b.kind == SYM_INT)
    {
      uint64_t x = a.i < 0 ? -(uint64_t)a.i : (uint64_t)a.i, y = b.i < 0 ? -(uint64_t)b.i : (uint64_t)b.i;
      while (y != 0)
        {
          uint64_t rest = x % y;
          x = y;
          y = rest;
        }
      *out = sym_int ((int64_t)x);
      if (x <= INT64_MAX)
        return true;
    }
  return combine (calc, a, b, mpz_gcd, NULL, out);
}

static bool
and_or_xor (SymBits what, int64_t a, int64_t b, int64_t *out)
{
  *out = what == SYM_BITS_AND ? (a & b) : what == SYM_BITS_OR ? (a | b) : (a ^ b);
  return true;
}

bool
sym_bitwise (SymCalc *calc, SymBits what, SymNumber a, SymNumber b, SymNumber *out)
{
  static void (*const functions[]) (mpz_ptr, mpz_srcptr, mpz_srcptr) = { mpz_and, mpz_ior, mpz_xor };
  if (!sym_is_int (a) || !sym_is_int (b))
    return sym_trouble (calc, SYM_WRONG_TYPE);
  int64_t small;
  if (a.kind == SYM_INT && b.kind == SYM_INT && and_or_xor (what, a.i, b.i, &small))
    {
      *out = sym_int (small);
      return true;
    }
  return combine (calc, a, b, functions[what], NULL, out);
}

bool
sym_shift_left (SymCalc *calc, SymNumber a, uint64_t n, SymNumber *out)
{
  View x;
  mpz_t z;
  if (sym_sign (a) == 0 || n == 0)
    {
      *out = a;
      return true;
    }
  if (n > calc->most_bits || sym_bits (a) + n > calc->most_bits)
    return sym_trouble (calc, SYM_TOO_BIG);
  mpz_init (z);
  mpz_mul_2exp (z, view (&x, a), n);
  bool done = take (calc, z, out);
  mpz_clear (z);
  return done;
}

/* ---- powers and roots ---- */

/* The size of A^N, or SYM_TOO_BIG before anything is multiplied. */
static bool
may_power (SymCalc *calc, SymNumber a, SymNumber n)
{
  uint64_t bits;
  if (n.kind != SYM_INT || __builtin_mul_overflow (sym_bits (a) - 1, (uint64_t)n.i, &bits) || bits > calc->most_bits)
    return sym_trouble (calc, SYM_TOO_BIG);
  return true;
}

static bool
natural_power (SymCalc *calc, SymNumber a, SymNumber n, SymNumber *out)
{
  View x;
  mpz_t z;
  if (a.kind == SYM_INT && a.i >= -1 && a.i <= 1)
    {
      View exponent;
      *out = sym_int (a.i >= 0 || mpz_even_p (view (&exponent, n)) ? a.i * a.i : -1);
      return true;
    }
  if (!may_power (calc, a, n))
    return false;
  mpz_init (z);
  mpz_pow_ui (z, view (&x, a), (unsigned long)n.i);
  bool done = take (calc, z, out);
  mpz_clear (z);
  return done;
}

bool
sym_exact_power (SymCalc *calc, SymNumber a, SymNumber n, SymNumber *out)
{
  SymNumber num, den, turned;
  bool negative = sym_sign (n) < 0;
  if (negative && sym_sign (a) == 0)
    return sym_trouble (calc, SYM_DIVIDES_BY_ZERO);
  if (negative && !sym_negate (calc, n, &n))
    return false;
  if (!natural_power (calc, numerator (a), n, &num) || !natural_power (calc, denominator (a), n, &den))
    return false;
  if (!negative && sym_equals_int (den, 1))
    {
      *out = num;
      return true;
    }
  turned = negative ? num : den;
  return sym_exact_divide (calc, negative ? den : num, turned, out);
}

/* The exact N-th root of an integer that is not negative, if it is an integer. */
static bool
whole_root (SymCalc *calc, SymNumber a, unsigned long n, SymNumber *out)
{
  View x;
  mpz_t root;
  mpz_init (root);
  bool exact = mpz_root (root, view (&x, a), n) != 0 && take (calc, root, out);
  mpz_clear (root);
  return exact;
}

bool
sym_exact_root_power (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  SymNumber num, den, base, n = b.ratio->den;
  if (n.kind != SYM_INT || n.i > 64 || sym_bits (a) > 4096)
    return false;
  if (!whole_root (calc, numerator (a), (unsigned long)n.i, &num)
      || !whole_root (calc, denominator (a), (unsigned long)n.i, &den))
    return false;
  return sym_exact_divide (calc, num, den, &base) && sym_exact_power (calc, base, b.ratio->num, out);
}

/* ---- rounding and doubles ---- */

static void
round_half_even (mpz_ptr out, mpz_srcptr num, mpz_srcptr den)
{
  mpz_t rest;
  mpz_init (rest);
  mpz_fdiv_qr (out, rest, num, den);
  mpz_mul_2exp (rest, rest, 1);
  int order = mpz_cmpabs (rest, den);
  if (order > 0 || (order == 0 && mpz_odd_p (out)))
    mpz_add_ui (out, out, 1);
  mpz_clear (rest);
}

bool
sym_exact_round (SymCalc *calc, SymNumber a, SymRounding how, SymNumber *out)
{
  static void (*const functions[]) (mpz_ptr, mpz_srcptr, mpz_srcptr)
      = { mpz_fdiv_q, mpz_cdiv_q, mpz_tdiv_q, round_half_even };
  return combine (calc, a.ratio->num, a.ratio->den, functions[how], NULL, out);
}

bool
sym_exact_from_double (SymCalc *calc, double a, SymNumber *out)
{
  mpq_t q;
  mpq_init (q);
  mpq_set_d (q, a);
  bool done = take_fraction (calc, q, out);
  mpq_clear (q);
  return done;
}

/* NUM / DEN, both above zero, as 2^SHIFT times an integer of 66 bits or so whose last bit says whether more follows;
 * then to the bits that a double has there. */
static double
fraction_to_double (mpz_srcptr num, mpz_srcptr den)
{
  long shift = (long)mpz_sizeinbase (num, 2) - (long)mpz_sizeinbase (den, 2) - 66;
  if (shift > 1100)
    return INFINITY;
  if (shift < -1300)
    return 0;
  mpz_t a, b;
  mpz_init (a);
  mpz_init (b);
  mpz_mul_2exp (a, num, shift < 0 ? (unsigned long)-shift : 0);
  mpz_mul_2exp (b, den, shift > 0 ? (unsigned long)shift : 0);
  /* At the lower end of the doubles fewer than 53 bits are kept. */
  mpz_t quotient;
  mpz_init (quotient);
  mpz_tdiv_qr (quotient, a, a, b);
  bool more = mpz_sgn (a) != 0;
  long bits = (long)mpz_sizeinbase (quotient, 2), keep = bits + shift > -1022 ? 53 : bits + shift + 1074;
  double result = 0;
  if (keep >= 0)
    {
      unsigned long drop = (unsigned long)(bits - keep);
      mpz_fdiv_q_2exp (a, quotient, drop);
      bool half = mpz_tstbit (quotient, drop - 1), below = more || mpz_scan1 (quotient, 0) < drop - 1;
      if (half && (below || mpz_odd_p (a)))
        mpz_add_ui (a, a, 1);
      result = ldexp (mpz_get_d (a), (int)(shift + (long)drop));
    }
  mpz_clear (quotient);
  mpz_clear (a);
  mpz_clear (b);
  return result;
}

double
sym_exact_to_double (SymNumber a)
{
  View num, den;
  mpz_t size;
  mpz_srcptr whole = view (&num, numerator (a));
  if (mpz_sgn (whole) == 0)
    return 0;
  mpz_init (size);
  mpz_abs (size, whole);
  double result = fraction_to_double (size, view (&den, denominator (a)));
  int sign = mpz_sgn (whole);
  mpz_clear (size);
  return sign < 0 ? -result : result;
}

int
sym_exact_compare (SymNumber a, SymNumber b)
{
  int order = sym_sign (a) - sym_sign (b);
  View x, y;
  if (order == 0 && sym_is_int (a) && sym_is_int (b))
    order = mpz_cmp (view (&x, a), view (&y, b));
  else if (order == 0)
    {
      mpq_t p, q;
      to_fraction (p, a);
      to_fraction (q, b);
      order = mpq_cmp (p, q);
      mpq_clear (p);
      mpq_clear (q);
    }
  return (order > 0) - (order < 0);
}

bool
sym_round_decimal (SymCalc *calc, double a, SymNumber digits, SymNumber *out)
{
  if (!sym_is_int (digits))
    return sym_trouble (calc, SYM_WRONG_TYPE);
  bool far_right = sym_compare (digits, sym_int (323)) > 0, far_left = sym_compare (digits, sym_int (-309)) < 0;
  if (!isfinite (a) || far_right || far_left)
    return sym_float (calc, far_left && isfinite (a) ? copysign (0, a) : a, out);
  SymNumber exact, unit, whole;
  double rounded;
  if (!sym_exact_from_double (calc, a, &exact) || !sym_exact_power (calc, sym_int (10), digits, &unit)
      || !sym_exact_mul (calc, exact, unit, &whole) || !sym_round (calc, whole, SYM_ROUND_HALF_EVEN, &whole)
      || !sym_exact_divide (calc, whole, unit, &exact) || !sym_to_double (calc, exact, &rounded))
    return false;
  return sym_float (calc, copysign (rounded, a), out);
}

/* ---- text ---- */

bool
sym_from_digits (SymCalc *calc, const char *digits, size_t len, SymNumber *out)
{
  if (len <= 18)
    {
      int64_t value = 0;
      for (size_t i = digits[0] == '-'; i < len; i++)
        value = value * 10 + (digits[i] - '0');
      *out = sym_int (digits[0] == '-' ? -value : value);
      return true;
    }
  /* 3.33 bits a digit. */
  if (len / 4 > calc->most_bits / 13 + 8)
    return sym_trouble (calc, SYM_TOO_BIG);
  char *text = malloc (len + 1);
  if (text == NULL)
    return sym_trouble (calc, SYM_NO_MEMORY);
  memcpy (text, digits, len);
  text[len] = '\0';
  mpz_t z;
  mpz_init (z);
  bool done = mpz_set_str (z, text, 10) == 0 ? take (calc, z, out) : sym_trouble (calc, SYM_UNDEFINED);
  mpz_clear (z);
  free (text);
  return done;
}

char *
sym_digits (SymNumber a)
{
  View num, den;
  mpz_srcptr top = view (&num, numerator (a)), bottom = view (&den, denominator (a));
  char *text = malloc (mpz_sizeinbase (top, 10) + mpz_sizeinbase (bottom, 10) + 5);
  if (text == NULL)
    return NULL;
  mpz_get_str (text, 10, top);
  if (a.kind == SYM_RATIO)
    {
      size_t len = strlen (text);
      text[len] = '/';
      mpz_get_str (text + len + 1, 10, bottom);
    }
  return text;
}
