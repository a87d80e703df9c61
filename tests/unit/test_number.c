/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base/number: reading is exact, float() is Python's, and what JSON does not allow is refused. (That writing is
 * Python's repr is shown by check_number.py.)
 */
#include "number.h"
#include "suite.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool
same (double a, double b)
{
  return isnan (a) ? isnan (b) : memcmp (&a, &b, sizeof a) == 0;
}

/* ---- integers ---- */

START_TEST (integers)
{
  static const struct
  {
    const char *text;
    int64_t value;
  } cases[] = {
    { "0", 0 },
    { "-0", 0 },
    { "7", 7 },
    { "10", 10 },
    { "-99", -99 },
    { "9999", 9999 },
    { "10000", 10000 },
    { "999999999999999999", INT64_C (999999999999999999) },
    { "1000000000000000000", INT64_C (1000000000000000000) },
    { "-1000000000000000001", INT64_C (-1000000000000000001) },
    { "9223372036854775807", INT64_MAX },
    { "-9223372036854775807", -INT64_MAX },
    { "-9223372036854775808", INT64_MIN },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *text = cases[i].text, *end = text + strlen (text);
      Pt2NumberText number;
      ck_assert_ptr_eq (pt2_number_read_json (text, end, &number), end);
      ck_assert_int_eq (number.kind, PT2_NUMBER_I64);
      ck_assert_int_eq (number.i64, cases[i].value);
      char out[PT2_NUMBER_ROOM + 1];
      *pt2_number_write_i64 (cases[i].value, out) = '\0';
      ck_assert_str_eq (out, strcmp (text, "-0") == 0 ? "0" : text);
    }
}
END_TEST

START_TEST (integers_of_every_length)
{
  for (int negative = 0; negative < 2; negative++)
    for (uint64_t power = 1; power <= UINT64_C (1000000000000000000); power *= 10)
      for (int step = -1; step <= 1; step++)
        {
          int64_t value = negative ? -(int64_t)(power + (uint64_t)step) : (int64_t)(power + (uint64_t)step);
          char out[PT2_NUMBER_ROOM + 1];
          *pt2_number_write_i64 (value, out) = '\0';
          g_autofree char *wanted = g_strdup_printf ("%" G_GINT64_FORMAT, value);
          ck_assert_str_eq (out, wanted);
          Pt2NumberText number;
          ck_assert_ptr_eq (pt2_number_read_json (out, out + strlen (out), &number), out + strlen (out));
          ck_assert_int_eq (number.i64, value);
        }
}
END_TEST

START_TEST (integers_beyond_64_bits)
{
  static const char *const large[]
      = { "9223372036854775808",  "-9223372036854775809", "18446744073709551615", "18446744073709551616",
          "10000000000000000000", "99999999999999999999", "100000000000000000000" };
  for (size_t i = 0; i < G_N_ELEMENTS (large); i++)
    {
      const char *end = large[i] + strlen (large[i]);
      Pt2NumberText number;
      ck_assert_ptr_eq (pt2_number_read_json (large[i], end, &number), end);
      ck_assert_int_eq (number.kind, PT2_NUMBER_BIG);
      ck_assert (same (number.number, strtod (large[i], NULL)));
    }
}
END_TEST

/* ---- doubles ---- */

/* The whole of TEXT is a number for both readers, and the value strtod gives it. (libcheck's assertions are slow when
 * they hold.) */
static void
check_double (const char *text)
{
  const char *end = text + strlen (text);
  double wanted = strtod (text, NULL), python;
  Pt2NumberText number;
  if (pt2_number_read_json (text, end, &number) != end || number.kind != PT2_NUMBER_DOUBLE)
    ck_abort_msg ("%.60s is no number", text);
  if (!same (number.number, wanted))
    ck_abort_msg ("%.60s: read %a, is %a", text, number.number, wanted);
  if (!pt2_number_read_python_float (text, strlen (text), &python) || !same (python, wanted))
    ck_abort_msg ("%.60s: float() is %a, not %a", text, python, wanted);
}

static const char *const doubles[] = {
  "0.0",
  "-0.0",
  "0e0",
  "-0E-5",
  "0.1",
  "1e5",
  "1E+5",
  "1e-05",
  "123.456",
  "9007199254740993.0",
  "9007199254740992.9",
  /* halfway between two doubles, and a little beside it */
  "9007199254740993e0",
  "9007199254740993.00000000000000000000000000000000000000000000000000000001",
  "9007199254740992.99999999999999999999999999999999999999999999999999999999",
  "9007199254740995e0",
  "1.00000000000000011102230246251565404236316680908203125",
  "1.00000000000000011102230246251565404236316680908203124",
  "1.00000000000000011102230246251565404236316680908203126",
  /* where the exact powers end */
  "1e22",
  "1e23",
  "9007199254740992e22",
  "9007199254740993e22",
  "1e-22",
  "1e-23",
  "8.5e22",
  "123456789012345678e-5",
  /* the edges of doubles */
  "1.7976931348623157e308",
  "1.7976931348623158e308",
  "1.7976931348623159e308",
  "1.797693134862315807e308",
  "1e308",
  "1e309",
  "-1e400",
  "1e99999",
  "1e100000",
  "1e999999999999999999999999",
  "-1e999999999999999999999999",
  "2.2250738585072014e-308",
  "2.2250738585072011e-308",
  "5e-324",
  "4.9e-324",
  "2.4703282292062328e-324",
  "2.4703282292062327e-324",
  "2.5e-324",
  "1e-323",
  "1e-400",
  "1e-99999",
  "1e-999999999999999999999999",
  "0e999999999999999999999999",
  "0.0000000000000000000000000000000000000000000000000000000000001e70",
};

START_TEST (doubles_are_exact)
{
  check_double (doubles[_i]);
  if (doubles[_i][0] != '-')
    {
      g_autofree char *negative = g_strconcat ("-", doubles[_i], NULL);
      check_double (negative);
    }
}
END_TEST

/* Decimals of 1 to 30 digits and any exponent, against strtod. */
START_TEST (random_decimals)
{
  unsigned n = g_getenv ("PT2_TEST_QUICK") != NULL ? 20000 : 500000;
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  for (unsigned i = 0; i < n; i++)
    {
      char text[64], *out = text;
      unsigned digits = (unsigned)g_rand_int_range (random, 1, 31), point = (unsigned)g_rand_int_range (random, 1, 31);
      *out++ = (char)g_rand_int_range (random, '1', '9' + 1);
      for (unsigned k = 1; k < digits; k++)
        {
          if (k == point)
            *out++ = '.';
          *out++ = (char)g_rand_int_range (random, '0', '9' + 1);
        }
      g_snprintf (out, 8, "e%d", g_rand_int_range (random, -350, 330));
      check_double (text);
    }
}
END_TEST

/* The exact decimals of subnormals, with 767 digits at most: halfway cases are longer still. */
START_TEST (long_decimals)
{
  for (int exponent = -1074; exponent < 1000; exponent += 97)
    for (int step = 0; step < 3; step++)
      {
        /* An odd mantissa of 53 bits and half a unit more. */
        double below = ldexp ((double)((UINT64_C (1) << 52) + 12345), exponent > -1022 ? exponent - 52 : exponent);
        static const char *const tails[] = { "", "0000000001", "00000000000000000000" };
        g_autofree char *exact = g_strdup_printf ("%.1080f%s", below, tails[step]);
        check_double (exact);
        g_autofree char *halfway = g_strdup_printf ("%.1100Lf%s",
                                                    ldexpl (((long double)(UINT64_C (1) << 52) + 12345) * 2 + 1,
                                                            exponent > -1022 ? exponent - 53 : exponent - 1),
                                                    tails[step]);
        check_double (halfway);
      }
}
END_TEST

/* More digits than decide, and exponents that make up for them. */
START_TEST (very_long_numbers)
{
  enum
  {
    N = 2000000,
  };
  g_autofree char *zeros = g_strnfill (N, '0'), *nines = g_strnfill (N, '9');
  g_autofree char *small = g_strdup_printf ("0.%s1e%d", zeros, N + 1);
  g_autofree char *large = g_strdup_printf ("1%s.0e-%d", zeros, N);
  g_autofree char *below_one = g_strdup_printf ("0.%s", nines);
  g_autofree char *behind = g_strdup_printf ("9007199254740993.%s1", zeros);
  g_autofree char *exponent = g_strdup_printf ("1e-%s1", zeros);
  g_autofree char *huge = g_strdup_printf ("1e%s", nines);
  static const double values[] = { 1, 1, 1, 9007199254740994, 0.1, INFINITY };
  const char *const texts[] = { small, large, below_one, behind, exponent, huge };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      Pt2NumberText number;
      const char *end = texts[i] + strlen (texts[i]);
      ck_assert_ptr_eq (pt2_number_read_json (texts[i], end, &number), end);
      ck_assert_msg (number.number == values[i], "number %zu: %a", i, number.number);
    }
  Pt2NumberText number;
  ck_assert_ptr_eq (pt2_number_read_json (nines, nines + N, &number), nines + N);
  ck_assert (number.kind == PT2_NUMBER_BIG && isinf (number.number));
}
END_TEST

/* ---- where a number ends ---- */

START_TEST (what_is_read_and_what_not)
{
  static const struct
  {
    const char *text;
    int len; /* bytes taken; -1: none */
  } cases[] = {
    { "", -1 },        { "-", -1 },   { "+1", -1 },   { ".5", -1 },  { "1.", -1 },      { "1.e5", -1 },
    { "1e", -1 },      { "1e+", -1 }, { "01", -1 },   { "-01", -1 }, { "00", -1 },      { "0x10", 1 },
    { "1,", 1 },       { "12 ", 2 },  { "1.5]", 3 },  { "1e5}", 3 }, { "1_0", 1 },      { "0.5.5", 3 },
    { "NaN", 3 },      { "NaNx", 3 }, { "-NaN", -1 }, { "nan", -1 }, { "Infinity", 8 }, { "-Infinity", 9 },
    { "Infinit", -1 }, { "inf", -1 }, { "--1", -1 },  { "- 1", -1 }, { "0e", -1 },      { "-0.0e-0,", 7 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *text = cases[i].text;
      Pt2NumberText number;
      const char *behind = pt2_number_read_json (text, text + strlen (text), &number);
      ck_assert_msg ((behind != NULL ? behind - text : -1) == cases[i].len, "%s", text);
    }
}
END_TEST

/* Nothing behind END is looked at. */
START_TEST (cut_numbers)
{
  static const char text[] = "-123.456e-78";
  for (size_t len = 0; len < sizeof text; len++)
    {
      g_autofree char *copy = len > 0 ? g_memdup2 (text, len) : NULL;
      Pt2NumberText number;
      const char *behind = pt2_number_read_json (copy, copy + len, &number);
      bool sound = len > 1 && strchr ("-.e", text[len - 1]) == NULL;
      ck_assert_int_eq (behind != NULL, sound && len < sizeof text);
    }
}
END_TEST

/* ---- float() ---- */

START_TEST (as_python_float)
{
  /* What Python 3.11 says: float(text), or that it is a ValueError. */
  static const struct
  {
    const char *text;
    bool taken;
    double value;
  } cases[] = {
    { "1", true, 1 },
    { "+1", true, 1 },
    { "-1.5", true, -1.5 },
    { "1.", true, 1 },
    { ".5", true, 0.5 },
    { "-.5e1", true, -5 },
    { "1.e5", true, 1e5 },
    { "007", true, 7 },
    { "1e5", true, 1e5 },
    { " \t\n\r\f\v1 ", true, 1 },
    { "1\x1c", false, 0 },
    { "\xc2\xa0"
      "1",
      false, 0 }, /* Python takes blanks and digits beyond ASCII, we do not */
    { "1_0", true, 10 },
    { "1_0.0_1e1_0", true, 10.01e10 },
    { "0_0.5", true, 0.5 },
    { "inf", true, INFINITY },
    { "+inf", true, INFINITY },
    { "-inf", true, -INFINITY },
    { "Infinity", true, INFINITY },
    { " -INFINITY ", true, -INFINITY },
    { "iNf", true, INFINITY },
    { "nan", true, NAN },
    { "-NaN", true, NAN },
    { "NAN", true, NAN },
    { "1e400", true, INFINITY },
    { "-1e-400", true, -0.0 },
    { "-0", true, -0.0 },
    { "1234567_8901234567_8901234567890_1234567890", true, 1234567890123456789012345678901234567890.0 },
    { "", false, 0 },
    { "   ", false, 0 },
    { "+", false, 0 },
    { ".", false, 0 },
    { "-.", false, 0 },
    { "e5", false, 0 },
    { ".e5", false, 0 },
    { "1e", false, 0 },
    { "1e+", false, 0 },
    { "+-1", false, 0 },
    { "- 1", false, 0 },
    { "1 2", false, 0 },
    { "1_", false, 0 },
    { "_1", false, 0 },
    { "1__0", false, 0 },
    { "1_.5", false, 0 },
    { "1._5", false, 0 },
    { "1_e5", false, 0 },
    { "1e_5", false, 0 },
    { "1e5_", false, 0 },
    { "1e-_5", false, 0 },
    { "infinit", false, 0 },
    { "infinityy", false, 0 },
    { "in_f", false, 0 },
    { "nanx", false, 0 },
    { "nan(1)", false, 0 },
    { "0x10", false, 0 },
    { "1.5f", false, 0 },
    { "1,5", false, 0 },
    { "one", false, 0 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double value = 0;
      bool taken = pt2_number_read_python_float (cases[i].text, strlen (cases[i].text), &value);
      ck_assert_msg (taken == cases[i].taken, "`%s`", cases[i].text);
      ck_assert_msg (!taken || same (value, cases[i].value), "`%s` is %a", cases[i].text, value);
    }
  double value;
  ck_assert (!pt2_number_read_python_float ("1\0", 2, &value));
  ck_assert (!pt2_number_read_python_float ("\0"
                                            "1",
                                            2, &value));
}
END_TEST

/* Underscores in a text of any length. */
START_TEST (long_python_float)
{
  GString *text = g_string_new ("0");
  for (unsigned i = 0; i < 3000; i++)
    g_string_append (text, "_0");
  g_string_append (text, "_12.5");
  double value;
  ck_assert (pt2_number_read_python_float (text->str, text->len, &value) && value == 12.5);
  g_string_assign (text, "1");
  for (unsigned i = 0; i < 1000; i++)
    g_string_append (text, "_2");
  g_string_append (text, "e-9_99");
  ck_assert (pt2_number_read_python_float (text->str, text->len, &value) && same (value, 12.222222222222221));
  g_string_free (text, TRUE);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { integers, 1 },
    { integers_of_every_length, 1 },
    { integers_beyond_64_bits, 1 },
    { doubles_are_exact, G_N_ELEMENTS (doubles) },
    { random_decimals, 1 },
    { long_decimals, 1 },
    { very_long_numbers, 1 },
    { what_is_read_and_what_not, 1 },
    { cut_numbers, 1 },
    { as_python_float, 1 },
    { long_python_float, 1 },
  };
  return RUN_SUITE ("number", cases);
}
