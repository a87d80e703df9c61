/* SPDX-License-Identifier: Apache-2.0 */
/* lib/sym: bounds hold every value that is found by trying, and are as tight as they should be. */
#include "pt2-expr.h"
#include "suite.h"
#include <string.h>

typedef struct
{
  const char *text;
  const char *lower, *upper;
} Bound;

/* s0 in 2 … 10, s1 in 1 … oo, u0 in -5 … 9, u1 in -4 … 0, n0 in 3 … 3, zf0 in -1.5 … 2.5 */
static const Bound bounds_table[] = {
  { "s0", "2", "10" },
  { "s9", "-oo", "oo" },
  { "Symbol('s9', positive=True, integer=True)", "1", "oo" },
  { "Symbol('s9', nonnegative=True, integer=True)", "0", "oo" },
  { "Symbol('zf9', positive=True, real=True)", "0", "oo" },
  { "Symbol('u9', negative=True, integer=True)", "-oo", "-1" },
  { "7", "7", "7" },
  { "2*s0 - u0", "-5", "25" },
  { "s0*u0", "-50", "90" },
  { "s0*s1", "2", "oo" },
  { "u0*0", "0", "0" },
  { "u0**2", "0", "81" },
  { "u0**3", "-125", "729" },
  { "s0**(-1)", "1/10", "1/2" },
  { "sqrt(s0)", "1.4142135623730951", "3.1622776601683795" },
  { "PowByNatural(2, s0)", "4", "1024" },
  { "PowByNatural(u0, s0)", "-9765625", "3486784401" },
  { "s0 - s0", "0", "0" },
  { "u0//2", "-3", "4" },
  { "s0//u0", "-10", "10" },
  { "s1//s0", "0", "oo" },
  { "u1//s1", "-4", "0" },
  { "CeilDiv(u0, 2)", "-2", "5" },
  { "CeilDiv(s0, u0)", "-10", "10" },
  { "u0 % 3", "0", "2" },
  { "s0 % 16", "2", "10" },
  { "s0 % -3", "-2", "0" },
  { "(s0 + 16) % 32", "18", "26" },
  { "Mod(u0, s0)", "0", "9" },
  { "ModularIndexing(u0, 2, 3)", "0", "2" },
  { "u0 - u0 % 4", "-8", "8" },
  { "Max(s0, u0)", "2", "10" },
  { "Min(s0, u0)", "-5", "9" },
  { "Abs(u0)", "0", "9" },
  { "floor(zf0)", "-2", "2" },
  { "CeilToInt(zf0)", "-1", "3" },
  { "RoundToInt(zf0)", "-2", "2" },
  { "ToFloat(s0)", "2", "10" },
  { "IntTrueDiv(s0, 4)", "0.5", "2.5" },
  { "FloatTrueDiv(1.0, zf0)", "-oo", "oo" },
  { "RoundDecimal(zf0, 0)", "-2", "2" },
  { "OpaqueUnaryFn_sqrt(zf0)", "0", "1.5811388300841898" },
  { "OpaqueUnaryFn_cos(zf0)", "-1", "1" },
  { "BitwiseFn_bitwise_and(u0, 6)", "0", "6" },
  { "BitwiseFn_bitwise_or(s0, u0)", "-5", "15" },
  { "BitwiseFn_bitwise_xor(s0, s0 + 1)", "0", "15" },
  { "BitwiseFn_bitwise_xor(s0, u0)", "-16", "15" },
  { "IsNonOverlappingAndDenseIndicator(s0, s1)", "0", "1" },
  { "Where(s0 > 1, 3, 4)", "3", "3" },
  { "Where(s0 > 4, 3, 4)", "3", "4" },
  { "Piecewise((1, s0 > 20), (2, s0 > 4), (3, True))", "2", "3" },
  { "LShift(s0, n0)", "16", "80" },
  { "RShift(u0, 1)", "-3", "4" },
  { "s0 > 1", "true", "true" },
  { "s0 > 10", "false", "false" },
  { "s0 > 5", "false", "true" },
  { "s0 <= u0 + 15", "true", "true" },
  { "Eq(s0, 11)", "false", "false" },
  { "Eq(n0, 3)", "true", "true" },
  { "Ne(s0, u0)", "false", "true" },
  { "(s0 > 1) & (u0 > 20)", "false", "false" },
  { "(s0 > 1) | (u0 > 2)", "true", "true" },
  { "~(s0 > 10)", "true", "true" },
  { "Xor(s0 > 1, s0 > 10)", "true", "true" },
  { "Implies(s0 > 10, u0 > 2)", "true", "true" },
  { "ITE(s0 > 1, u0 > 20, True)", "false", "false" },
  { "s1 < oo", "false", "true" },
  { "s0**1000",
    "107150860718626732094842504906000181056140481170553360744375038837035105112493612249319837881569585812759467291755"
    "314682518714528569231404359845775746985748039345677748242309854210746050623711418779541821530464749835819412673987"
    "67559165543946077062914571196477686542167660429831652624386837205668069376",
    "oo" },
};

static Pt2ExprRange ranges[6];

static void
make_ranges (void)
{
  static const char *const table[][3] = { { "s0", "2", "10" }, { "s1", "1", "oo" }, { "u0", "-5", "9" },
                                          { "u1", "-4", "0" }, { "n0", "3", "3" },  { "zf0", "-1.5", "2.5" } };
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      ranges[i].name = table[i][0];
      ck_assert (pt2_expr_value_parse (table[i][1], -1, &ranges[i].lower, NULL));
      ck_assert (pt2_expr_value_parse (table[i][2], -1, &ranges[i].upper, NULL));
    }
}

static gboolean
end_is (const Pt2ExprValue *end, const char *text)
{
  Pt2ExprValue wanted;
  ck_assert (pt2_expr_value_parse (text, -1, &wanted, NULL));
  gboolean numbers = end->kind == PT2_EXPR_INTEGER || end->kind == PT2_EXPR_FLOAT;
  gboolean same = numbers ? end->number == (wanted.kind == PT2_EXPR_INTEGER ? (double)wanted.integer : wanted.number)
                          : end->kind == wanted.kind && end->integer == wanted.integer
                                && g_strcmp0 (end->digits, wanted.digits) == 0;
  pt2_expr_value_clear (&wanted);
  return same;
}

START_TEST (bounds_are_tight)
{
  const Bound *wanted = &bounds_table[_i];
  GError *error = NULL;
  Pt2ExprRange bounds;
  make_ranges ();
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *expr = pt2_expr_parse (pool, wanted->text, -1, &error);
  ck_assert_msg (expr != NULL, "%s", wanted->text);
  ck_assert_msg (pt2_expr_bounds (pool, expr, ranges, G_N_ELEMENTS (ranges), &bounds, &error), "%s", wanted->text);
  ck_assert_msg (end_is (&bounds.lower, wanted->lower), "%s: lower %d %" G_GINT64_FORMAT " %g", wanted->text,
                 bounds.lower.kind, bounds.lower.integer, bounds.lower.number);
  ck_assert_msg (end_is (&bounds.upper, wanted->upper), "%s: upper %d %" G_GINT64_FORMAT " %g", wanted->text,
                 bounds.upper.kind, bounds.upper.integer, bounds.upper.number);
  pt2_expr_value_clear (&bounds.lower);
  pt2_expr_value_clear (&bounds.upper);
}
END_TEST

START_TEST (empty_ranges_are_refused)
{
  GError *error = NULL;
  Pt2ExprRange bounds, range = { "s0", { PT2_EXPR_INTEGER, 5, 0, NULL }, { PT2_EXPR_INTEGER, 3, 0, NULL } };
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *expr = pt2_expr_parse (pool, "s0 + 1", -1, NULL);
  ck_assert (!pt2_expr_bounds (pool, expr, &range, 1, &bounds, &error));
  ck_assert_int_eq (error->code, PT2_ERROR_Y009);
  g_clear_error (&error);
  range.lower.kind = PT2_EXPR_BOOLEAN;
  ck_assert (!pt2_expr_bounds (pool, expr, &range, 1, &bounds, &error));
  g_clear_error (&error);
}
END_TEST

START_TEST (conditions_are_decided)
{
  static const struct
  {
    const char *text;
    Pt2ExprTruth truth;
  } table[] = {
    { "s0 >= 2", PT2_EXPR_ALWAYS },   { "s0 > 10", PT2_EXPR_NEVER },        { "s0 > 3", PT2_EXPR_UNDECIDED },
    { "s0 + 1", PT2_EXPR_UNDECIDED }, { "Eq(s0 % 1, 0)", PT2_EXPR_ALWAYS },
  };
  make_ranges ();
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    ck_assert_msg (pt2_expr_decide (pool, pt2_expr_parse (pool, table[i].text, -1, NULL), ranges, 6, NULL)
                       == table[i].truth,
                   "%s", table[i].text);
}
END_TEST

/* ---- by trying ---- */

static guint32 state;

static guint
chance (guint n)
{
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % n;
}

/* An integer or boolean expression of a few symbols, made by chance. */
static void
append_random (GString *out, int depth, gboolean boolean)
{
  static const char *const leaves[] = { "s0", "u0", "i0", "1", "2", "3", "-2", "7", "0" };
  static const char *const calls[] = { "FloorDiv",
                                       "PythonMod",
                                       "Mod",
                                       "Max",
                                       "Min",
                                       "Add",
                                       "Mul",
                                       "BitwiseFn_bitwise_and",
                                       "BitwiseFn_bitwise_or",
                                       "BitwiseFn_bitwise_xor",
                                       "CeilDiv",
                                       "LShift",
                                       "RShift",
                                       "PowByNatural" };
  static const char *const relations[] = { "Eq", "Ne", "Lt", "Le", "Gt", "Ge" };
  static const char *const logic[] = { "And", "Or", "Xor", "Implies" };
  if (boolean)
    {
      gboolean relation = depth <= 1 || chance (2);
      g_string_append_printf (out, "%s(", relation ? relations[chance (6)] : logic[chance (4)]);
      append_random (out, depth - 1, !relation);
      g_string_append (out, ", ");
      append_random (out, depth - 1, !relation);
      g_string_append (out, ")");
    }
  else if (depth <= 0)
    g_string_append (out, leaves[chance (G_N_ELEMENTS (leaves))]);
  else if (chance (8) == 0)
    {
      g_string_append (out, "Where(");
      append_random (out, depth - 1, TRUE);
      g_string_append (out, ", ");
      append_random (out, depth - 1, FALSE);
      g_string_append (out, ", ");
      append_random (out, depth - 1, FALSE);
      g_string_append (out, ")");
    }
  else
    {
      g_string_append_printf (out, "%s(", calls[chance (G_N_ELEMENTS (calls))]);
      append_random (out, depth - 1, FALSE);
      g_string_append (out, ", ");
      append_random (out, depth - 1, FALSE);
      g_string_append (out, ")");
    }
}

static gboolean
is_inside (const Pt2ExprRange *bounds, const Pt2ExprValue *value)
{
  if (value->kind == PT2_EXPR_BOOLEAN)
    return bounds->lower.integer <= value->integer && value->integer <= bounds->upper.integer;
  gboolean low = bounds->lower.kind == PT2_EXPR_INFINITY ? bounds->lower.integer < 0
                                                         : bounds->lower.number <= (double)value->integer;
  gboolean high = bounds->upper.kind == PT2_EXPR_INFINITY ? bounds->upper.integer > 0
                                                          : bounds->upper.number >= (double)value->integer;
  return low && high;
}

enum
{
  SYMBOLS = 3,
};

/* Every point of three short ranges. */
static void
try_points (const char *text, const Pt2Expr *expr, const Pt2Expr *normal, const Pt2ExprRange *box,
            const Pt2ExprRange *bounds)
{
  Pt2ExprSetting point[SYMBOLS];
  for (guint i = 0; i < SYMBOLS; i++)
    point[i] = (Pt2ExprSetting){ box[i].name, box[i].lower };
  for (;;)
    {
      Pt2ExprValue value, other;
      if (pt2_expr_evaluate (expr, point, SYMBOLS, NULL, &value, NULL) && value.kind != PT2_EXPR_BIG)
        {
          ck_assert_msg (is_inside (bounds, &value), "%s is %" G_GINT64_FORMAT " outside its bounds", text,
                         value.integer);
          /* A shift far to the right is a division by a number that may be too long. */
          GError *error = NULL;
          gboolean also = pt2_expr_evaluate (normal, point, SYMBOLS, NULL, &other, &error);
          ck_assert_msg (also ? other.kind == value.kind && other.integer == value.integer
                              : error->code == PT2_ERROR_L012,
                         "%s: its normal form has another value", text);
          g_clear_error (&error);
          pt2_expr_value_clear (&other);
        }
      pt2_expr_value_clear (&value);
      guint i = 0;
      while (i < SYMBOLS && ++point[i].value.integer > box[i].upper.integer)
        {
          point[i].value = box[i].lower;
          i++;
        }
      if (i == SYMBOLS)
        return;
    }
}

START_TEST (bounds_hold_all_values)
{
  static const char *const names[] = { "s0", "u0", "i0" };
  int n = g_getenv ("PT2_TEST_QUICK") != NULL ? 300 : 3000;
  state = (guint32)_i * 7919 + 1;
  for (int i = 0; i < n; i++)
    {
      g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
      Pt2ExprRange box[SYMBOLS], bounds;
      GString *text = g_string_new (NULL);
      append_random (text, 1 + (int)chance (3), chance (3) == 0);
      for (guint j = 0; j < SYMBOLS; j++)
        {
          int64_t low = (int64_t)chance (16) - 8, high = low + (int64_t)chance (5);
          box[j] = (Pt2ExprRange){ names[j], { PT2_EXPR_INTEGER, low, 0, NULL }, { PT2_EXPR_INTEGER, high, 0, NULL } };
        }
      const Pt2Expr *expr = pt2_expr_parse (pool, text->str, -1, NULL), *normal = pt2_expr_normal (pool, expr, NULL);
      if (normal != NULL && pt2_expr_bounds (pool, expr, box, SYMBOLS, &bounds, NULL))
        {
          try_points (text->str, expr, normal, box, &bounds);
          pt2_expr_value_clear (&bounds.lower);
          pt2_expr_value_clear (&bounds.upper);
        }
      g_string_free (text, TRUE);
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { bounds_are_tight, G_N_ELEMENTS (bounds_table) },
    { empty_ranges_are_refused, 1 },
    { conditions_are_decided, 1 },
    { bounds_hold_all_values, 4 },
  };
  return RUN_SUITE ("sym_bounds", cases);
}
