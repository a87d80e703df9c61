/* SPDX-License-Identifier: Apache-2.0 */
/* lib/sym/sym_number: arithmetic agrees with itself on both sides of 64 bits, and doubles are rounded once. */
#include "suite.h"
#include "sym_number.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static Pt2Arena arena;

static SymCalc
begin (void)
{
  pt2_arena_clear (&arena);
  pt2_arena_init (&arena, 1 << 24, 0);
  return (SymCalc){ &arena, 1 << 16, 1 << 24, SYM_FINE };
}

static SymNumber
number (SymCalc *calc, const char *digits)
{
  SymNumber out;
  ck_assert (sym_from_digits (calc, digits, strlen (digits), &out));
  return out;
}

static const char *const integers[] = {
  "0",
  "1",
  "-1",
  "2",
  "-3",
  "7",
  "1000000007",
  "-4294967296",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "-9223372036854775809",
  "18446744073709551616",
  "-340282366920938463463374607431768211456",
  "1000000000000000000000000000000000000000000000",
};

/* (a + b) - b is a; a*b/b is a; a is b*floor(a/b) + a mod b, with a remainder on the divisor's side. */
START_TEST (integers_hold_together)
{
  SymCalc calc = begin ();
  SymNumber a = number (&calc, integers[_i]), sum, product, quotient, rest, again;
  for (guint i = 0; i < G_N_ELEMENTS (integers); i++)
    {
      SymNumber b = number (&calc, integers[i]);
      ck_assert (sym_add (&calc, a, b, &sum) && sym_subtract (&calc, sum, b, &again) && sym_same (again, a));
      ck_assert_int_eq (sym_compare (a, b), -sym_compare (b, a));
      ck_assert_int_eq (sym_same (a, b), _i == (int)i);
      ck_assert_int_eq (sym_same (a, b), sym_hash (a, 12345) == sym_hash (b, 12345));
      if (sym_sign (b) == 0)
        {
          ck_assert (!sym_floor_divide (&calc, a, b, &quotient));
          ck_assert_int_eq (calc.trouble, SYM_DIVIDES_BY_ZERO);
          calc.trouble = SYM_FINE;
          continue;
        }
      ck_assert (sym_mul (&calc, a, b, &product) && sym_divide (&calc, product, b, &again) && sym_same (again, a));
      ck_assert (sym_floor_divide (&calc, a, b, &quotient) && sym_modulo (&calc, a, b, &rest));
      ck_assert (sym_sign (rest) == 0 || sym_sign (rest) == sym_sign (b));
      ck_assert (sym_mul (&calc, quotient, b, &again) && sym_add (&calc, again, rest, &again) && sym_same (again, a));
      ck_assert (sym_gcd (&calc, a, b, &again) && sym_modulo (&calc, a, again, &rest) && sym_sign (rest) == 0);
      /* (a & b) + (a | b) is a + b; a ^ b is their difference. */
      SymNumber and_, or_, xor_;
      ck_assert (sym_bitwise (&calc, SYM_BITS_AND, a, b, &and_) && sym_bitwise (&calc, SYM_BITS_OR, a, b, &or_)
                 && sym_bitwise (&calc, SYM_BITS_XOR, a, b, &xor_));
      ck_assert (sym_add (&calc, and_, or_, &again) && sym_same (again, sum));
      ck_assert (sym_subtract (&calc, or_, and_, &again) && sym_same (again, xor_));
    }
  char *digits = sym_digits (a);
  ck_assert_str_eq (digits, integers[_i]);
  free (digits);
}
END_TEST

/* Digits to a double as strtod rounds them, on all sides of what doubles hold. */
START_TEST (doubles_are_rounded_once)
{
  static const char *const more[]
      = { "9007199254740993",  "9007199254740995",     "-9007199254740993",         "18014398509481985",
          "18014398509481983", "36893488147419103233", "99999999999999999999999999" };
  SymCalc calc = begin ();
  for (guint i = 0; i < G_N_ELEMENTS (more); i++)
    {
      double got;
      SymNumber exact = number (&calc, more[i]);
      ck_assert (sym_to_double (&calc, exact, &got));
      ck_assert_double_eq (got, strtod (more[i], NULL));
      double low = sym_to_double_toward (exact, -1), high = sym_to_double_toward (exact, 1);
      ck_assert (low <= got && got <= high && (low == high || nextafter (low, INFINITY) == high));
      ck_assert_int_le (sym_compare ((SymNumber){ .kind = SYM_FLOAT, .f = low }, exact), 0);
      ck_assert_int_ge (sym_compare ((SymNumber){ .kind = SYM_FLOAT, .f = high }, exact), 0);
    }
}
END_TEST

/* The fraction that a double is comes back as that double, down to the smallest. */
START_TEST (doubles_come_back)
{
  static const double doubles[]
      = { 0.1, -2.5, 1e300, -1e-300, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e16 };
  SymCalc calc = begin ();
  calc.spare_bits = UINT64_MAX;
  for (guint i = 0; i < G_N_ELEMENTS (doubles); i++)
    for (int step = -2; step <= 2; step++)
      {
        double value = doubles[i], got;
        for (int j = 0; j < abs (step); j++)
          value = nextafter (value, step < 0 ? -INFINITY : INFINITY);
        if (isinf (value) || value == 0)
          continue;
        /* n / 2^k */
        int exponent;
        double fraction = frexp (value, &exponent);
        SymNumber num, power, exact;
        ck_assert (
            sym_round (&calc, (SymNumber){ .kind = SYM_FLOAT, .f = ldexp (fraction, 53) }, SYM_ROUND_TO_ZERO, &num));
        ck_assert (sym_shift_left (&calc, sym_int (1), (uint64_t)abs (exponent - 53), &power));
        ck_assert (exponent >= 53 ? sym_mul (&calc, num, power, &exact) : sym_divide (&calc, num, power, &exact));
        ck_assert (sym_to_double (&calc, exact, &got));
        ck_assert_double_eq (got, value);
      }
}
END_TEST

START_TEST (rounding_has_its_ways)
{
  static const struct
  {
    int num, den, down, up, zero, even;
  } table[] = { { 7, 2, 3, 4, 3, 4 },      { 5, 2, 2, 3, 2, 2 }, { -5, 2, -3, -2, -2, -2 },
                { -7, 2, -4, -3, -3, -4 }, { 1, 3, 0, 1, 0, 0 }, { -2, 3, -1, 0, 0, -1 } };
  SymCalc calc = begin ();
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const int wanted[] = { table[i].down, table[i].up, table[i].zero, table[i].even };
      SymNumber ratio, got;
      ck_assert (sym_ratio (&calc, sym_int (table[i].num), sym_int (table[i].den), &ratio));
      for (int how = 0; how < 4; how++)
        {
          ck_assert (sym_round (&calc, ratio, (SymRounding)how, &got));
          ck_assert_int_eq (got.i, wanted[how]);
          SymNumber value = { .kind = SYM_FLOAT, .f = (double)table[i].num / table[i].den };
          ck_assert (sym_round (&calc, value, (SymRounding)how, &got));
          ck_assert_int_eq (got.i, wanted[how]);
        }
    }
}
END_TEST

/* One long result, and many that are long together. */
START_TEST (length_is_bounded)
{
  SymCalc calc = begin ();
  SymNumber out, big;
  calc.most_bits = 1000;
  calc.spare_bits = 16000;
  ck_assert (sym_power (&calc, sym_int (2), sym_int (999), &out));
  ck_assert (!sym_power (&calc, sym_int (2), sym_int (1001), &out));
  ck_assert_int_eq (calc.trouble, SYM_TOO_BIG);
  calc.trouble = SYM_FINE;
  ck_assert (!sym_power (&calc, sym_int (9), sym_int (INT64_MAX), &out));
  calc.trouble = SYM_FINE;
  ck_assert (sym_power (&calc, sym_int (-1), sym_int (INT64_MAX), &out) && out.i == -1);
  ck_assert (sym_power (&calc, sym_int (2), sym_int (900), &big));
  int n = 0;
  while (sym_add (&calc, big, sym_int (1), &out))
    n++;
  ck_assert_int_lt (n, 20);
  ck_assert_int_eq (calc.trouble, SYM_TOO_BIG);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { integers_hold_together, G_N_ELEMENTS (integers) },
    { doubles_are_rounded_once, 1 },
    { doubles_come_back, 1 },
    { rounding_has_its_ways, 1 },
    { length_is_bounded, 1 },
  };
  return RUN_SUITE ("sym_number", cases);
}
