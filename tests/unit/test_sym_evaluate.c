/* SPDX-License-Identifier: Apache-2.0 */
/* lib/sym: values, exact and of every kind; what has none; that spellings and normal forms agree. */
#include "pt2-expr.h"
#include "suite.h"
#include <string.h>

/* s0 = 7, s1 = 12, u0 = -5, i0 = 0, zf0 = 2.5, zf1 = -0.5, b = true; huge = 2**70 + 1 */
static Pt2ExprSetting settings[8];

static void
make_settings (void)
{
  static const char *const values[][2]
      = { { "s0", "7" },    { "s1", "12" },    { "u0", "-5" },  { "i0", "0" },
          { "zf0", "2.5" }, { "zf1", "-0.5" }, { "b", "True" }, { "huge", "1180591620717411303425" } };
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      settings[i].name = values[i][0];
      ck_assert (pt2_expr_value_parse (values[i][1], -1, &settings[i].value, NULL));
    }
}

typedef struct
{
  const char *text;
  const char *value; /* as value_text() tells it; NULL: none */
  Pt2ErrorCode code;
} Value;

static const Value values[] = {
  { "2*s0 + 1", "15", 0 },
  { "s0/2", "7/2", 0 },
  { "s0/2 + 1/2", "4", 0 },
  { "u0//2", "-3", 0 },
  { "u0 % 3", "1", 0 },
  { "s0 % -3", "-2", 0 },
  { "-7//2", "-4", 0 },
  { "s0//i0", NULL, PT2_ERROR_Y007 },
  { "s0 % i0", NULL, PT2_ERROR_Y007 },
  { "1/i0", NULL, PT2_ERROR_Y007 },
  { "Mod(s0, 4)", "3", 0 },
  { "Mod(u0, 4)", NULL, PT2_ERROR_Y007 },
  { "Mod(u0, 5)", "0", 0 },
  { "ModularIndexing(u0, 2, 7)", "4", 0 },
  { "ModularIndexing(i0, i0, 7)", "0", 0 },
  { "CeilDiv(s0, 2)", "4", 0 },
  { "CleanDiv(s1, 4)", "3", 0 },
  { "9223372036854775807 + s0", "9223372036854775814", 0 },
  { "-9223372036854775807 - s0", "-9223372036854775814", 0 },
  { "9223372036854775807*s0", "64563604257983430649", 0 },
  { "huge*huge", "1393796574908163946348343575281957416730625", 0 },
  { "huge//s0", "168655945816773043346", 0 },
  { "-huge//s0", "-168655945816773043347", 0 },
  { "huge % s0", "3", 0 },
  { "huge - huge", "0", 0 },
  { "(-9223372036854775807 - 1)//(-1)", "9223372036854775808", 0 },
  { "s0**20", "79792266297612001", 0 },
  { "s0**40", "6366805760909027985741435139224001", 0 },
  { "u0**3", "-125", 0 },
  { "s0**(-2)", "1/49", 0 },
  { "i0**(-1)", NULL, PT2_ERROR_Y007 },
  { "16**(1/4)", "2", 0 },
  { "(1/4)**(1/2)", "1/2", 0 },
  { "2**(1/2)", "1.4142135623730951", 0 },
  { "u0**(1/2)", NULL, PT2_ERROR_Y007 },
  { "PowByNatural(2, s1)", "4096", 0 },
  { "PowByNatural(2, u0)", NULL, PT2_ERROR_Y007 },
  { "FloatPow(zf0, 2)", "6.25", 0 },
  { "FloatPow(zf1, 0.5)", NULL, PT2_ERROR_Y007 },
  { "FloatPow(0.0, -1.0)", NULL, PT2_ERROR_Y007 },
  { "FloatPow(10.0, 400.0)", NULL, PT2_ERROR_Y007 },
  { "Max(s0, u0, 2)", "7", 0 },
  { "Min(s0, zf1)", "-0.5", 0 },
  { "Max(2.0, 2)", "2", 0 },
  { "Abs(u0)", "5", 0 },
  { "sign(u0)", "-1", 0 },
  { "floor(u0/2)", "-3", 0 },
  { "ceiling(u0/2)", "-2", 0 },
  { "FloorToInt(zf1)", "-1", 0 },
  { "CeilToInt(zf1)", "0", 0 },
  { "TruncToInt(zf1)", "0", 0 },
  { "RoundToInt(zf0)", "2", 0 },
  { "RoundToInt(3.5)", "4", 0 },
  { "RoundToInt(zf1)", "0", 0 },
  { "TruncToFloat(zf0)", "2", 0 }, /* a double, see the kinds below */
  { "TruncToInt(1e+22)", "10000000000000000000000", 0 },
  { "RoundDecimal(2.675, 2)", "2.67", 0 },
  { "RoundDecimal(1.005, 2)", "1", 0 },
  { "RoundDecimal(1250.0, -2)", "1200", 0 },
  { "RoundDecimal(2.5, 400)", "2.5", 0 },
  { "RoundDecimal(2.5, -400)", "0", 0 },
  { "ToFloat(9007199254740993)", "9007199254740992", 0 },
  { "ToFloat(9007199254740995)", "9007199254740996", 0 },
  { "ToFloat(10**400)", NULL, PT2_ERROR_Y007 },
  { "CeilToInt(9007199254740993)", "9007199254740992", 0 },
  { "FloorToInt(9007199254740993)", "9007199254740993", 0 },
  { "IntTrueDiv(s0, 2)", "3.5", 0 },
  { "IntTrueDiv(9007199254740993, 3)", "3002399751580331", 0 },
  { "IntTrueDiv(huge, huge)", "1", 0 },
  { "IntTrueDiv(1, 3)", "0.33333333333333331", 0 },
  { "IntTrueDiv(s0, i0)", NULL, PT2_ERROR_Y007 },
  { "IntTrueDiv(10**400, 10**399)", "10", 0 },
  { "IntTrueDiv(1, 10**400)", "0", 0 },
  { "FloatTrueDiv(zf0, 2)", "1.25", 0 },
  { "LShift(s0, 3)", "56", 0 },
  { "LShift(s0, u0)", NULL, PT2_ERROR_Y007 },
  { "RShift(u0, 1)", "-3", 0 },
  { "RShift(u0, 10**30)", "-1", 0 },
  { "RShift(huge, 70)", "1", 0 },
  { "BitwiseFn_bitwise_and(s1, 10)", "8", 0 },
  { "BitwiseFn_bitwise_or(u0, 2)", "-5", 0 },
  { "BitwiseFn_bitwise_xor(huge, 1)", "1180591620717411303424", 0 },
  { "BitwiseFn_bitwise_and(b, s0 > 3)", "true", 0 },
  { "BitwiseFn_bitwise_and(b, 3)", "1", 0 },
  { "OpaqueUnaryFn_sqrt(ToFloat(49))", "7", 0 },
  { "OpaqueUnaryFn_sqrt(zf1)", NULL, PT2_ERROR_Y007 },
  { "OpaqueUnaryFn_log(0.0)", NULL, PT2_ERROR_Y007 },
  { "OpaqueUnaryFn_exp(1000.0)", NULL, PT2_ERROR_Y007 },
  { "OpaqueUnaryFn_log2(8.0)", "3", 0 },
  { "OpaqueUnaryFn_asin(zf0)", NULL, PT2_ERROR_Y007 },
  { "cos(0)", "1", 0 },
  { "IsNonOverlappingAndDenseIndicator(2, 3, 3, 1)", "1", 0 },
  { "IsNonOverlappingAndDenseIndicator(2, 3, 1, 2)", "1", 0 },
  { "IsNonOverlappingAndDenseIndicator(2, 3, 4, 1)", "0", 0 },
  { "IsNonOverlappingAndDenseIndicator(1, s0)", "1", 0 },
  { "Identity(s0)", "7", 0 },
  { "s0 > 5", "true", 0 },
  { "s0 >= 8", "false", 0 },
  { "9007199254740993 > 9007199254740992.0", "true", 0 },
  { "Eq(s0/2, 3.5)", "true", 0 },
  { "Eq(s0 > 1, u0 > 1)", "false", 0 },
  { "Eq(b, 1)", "false", 0 },
  { "Ne(s0, 7.0)", "false", 0 },
  { "s0 < oo", "true", 0 },
  { "(s0 > 5) & ~(u0 > 1)", "true", 0 },
  { "Xor(s0 > 5, b, b)", "true", 0 },
  { "Implies(s0 > 9, u0 > 1)", "true", 0 },
  { "ITE(b, s0 > 9, True)", "false", 0 },
  { "Where(s0 > 5, u0, 1)", "-5", 0 },
  { "Where(s0 > 5, u0, 1//i0)", NULL, PT2_ERROR_Y007 }, /* every branch is evaluated */
  { "Piecewise((1, s0 > 9), (2, s1 > 9), (3, True))", "2", 0 },
  { "Piecewise((1, s0 > 9))", NULL, PT2_ERROR_Y007 },
  { "oo", "oo", 0 },
  { "-oo + s0", "-oo", 0 },
  { "oo - oo", NULL, PT2_ERROR_Y007 },
  { "oo*i0", NULL, PT2_ERROR_Y007 },
  { "s0//oo", "0", 0 },
  { "u0//oo", "-1", 0 },
  { "1e+308*10", "oo", 0 },
  { "nan", NULL, PT2_ERROR_Y007 },
  { "pi", "3.1415926535897931", 0 },
  { "s0 + t9", NULL, PT2_ERROR_Y008 },
  { "b + 1", NULL, PT2_ERROR_Y010 },
  { "b < 1", NULL, PT2_ERROR_Y010 },
  { "s0 & b", NULL, PT2_ERROR_Y010 },
  { "Max(b, 1)", NULL, PT2_ERROR_Y010 },
  { "Where(s0, 1, 2)", NULL, PT2_ERROR_Y010 },
  { "s0**(huge)", NULL, PT2_ERROR_L012 },
  { "LShift(1, huge)", NULL, PT2_ERROR_L012 },
};

static char *
value_text (const Pt2ExprValue *value)
{
  switch (value->kind)
    {
    case PT2_EXPR_INTEGER:
      return g_strdup_printf ("%" G_GINT64_FORMAT, value->integer);
    case PT2_EXPR_BIG:
    case PT2_EXPR_FRACTION:
      return g_strdup (value->digits);
    case PT2_EXPR_FLOAT:
      return g_strdup_printf ("%.17g", value->number);
    case PT2_EXPR_BOOLEAN:
      return g_strdup (value->integer ? "true" : "false");
    case PT2_EXPR_INFINITY:
      return g_strdup (value->integer < 0 ? "-oo" : "oo");
    default:
      return g_strdup ("none");
    }
}

START_TEST (value_is_right)
{
  const Value *wanted = &values[_i];
  GError *error = NULL;
  Pt2ExprValue value;
  make_settings ();
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *expr = pt2_expr_parse (pool, wanted->text, -1, &error);
  ck_assert_msg (expr != NULL, "%s: %s", wanted->text, error != NULL ? error->message : "");
  gboolean found = pt2_expr_evaluate (expr, settings, G_N_ELEMENTS (settings), NULL, &value, &error);
  g_autofree char *text = value_text (&value);
  ck_assert_msg (found == (wanted->value != NULL), "%s: %s", wanted->text, error != NULL ? error->message : text);
  if (found && value.kind == PT2_EXPR_FLOAT)
    ck_assert_double_eq (value.number, g_ascii_strtod (wanted->value, NULL));
  else if (found)
    ck_assert_msg (strcmp (text, wanted->value) == 0, "%s: %s, not %s", wanted->text, text, wanted->value);
  else
    ck_assert_msg (error->code == (int)wanted->code, "%s: %s", wanted->text, error->message);
  g_clear_error (&error);
  pt2_expr_value_clear (&value);
}
END_TEST

/* srepr text and the normal form give what infix text gives. */
START_TEST (spellings_agree)
{
  const Value *wanted = &values[_i];
  Pt2ExprValue value, other;
  GError *error = NULL;
  make_settings ();
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *expr = pt2_expr_parse (pool, wanted->text, -1, NULL), *normal = pt2_expr_normal (pool, expr, &error);
  if (normal == NULL)
    {
      ck_assert_int_eq (error->code, PT2_ERROR_L012);
      g_clear_error (&error);
      return;
    }
  g_autofree char *srepr = pt2_expr_print (expr, PT2_EXPR_SREPR, NULL);
  const Pt2Expr *again = pt2_expr_parse (pool, srepr, -1, NULL);
  ck_assert_msg (again != NULL, "%s", srepr);
  gboolean found = pt2_expr_evaluate (expr, settings, G_N_ELEMENTS (settings), NULL, &value, NULL);
  const Pt2Expr *const others[] = { again, normal };
  for (guint i = 0; i < 2; i++)
    {
      gboolean also = pt2_expr_evaluate (others[i], settings, G_N_ELEMENTS (settings), NULL, &other, NULL);
      g_autofree char *text = value_text (&value), *other_text = value_text (&other);
      /* A normal form may have a value where a division by zero was simplified away. */
      ck_assert_msg (!found || (also && strcmp (text, other_text) == 0), "%s: %s, then %s", wanted->text, text,
                     other_text);
      pt2_expr_value_clear (&other);
    }
  pt2_expr_value_clear (&value);
}
END_TEST

START_TEST (kinds_are_kept)
{
  static const struct
  {
    const char *text;
    Pt2ExprValueKind kind;
  } kinds[] = {
    { "3", PT2_EXPR_INTEGER },
    { "3.0", PT2_EXPR_FLOAT },
    { "6/2", PT2_EXPR_INTEGER },
    { "7/2", PT2_EXPR_FRACTION },
    { "2.5*i0", PT2_EXPR_FLOAT },
    { "TruncToFloat(2.5)", PT2_EXPR_FLOAT },
    { "ToFloat(3)", PT2_EXPR_FLOAT },
    { "IntTrueDiv(4, 2)", PT2_EXPR_FLOAT },
    { "2**64", PT2_EXPR_BIG },
    { "2**64 - 2**64", PT2_EXPR_INTEGER },
    { "1 < 2", PT2_EXPR_BOOLEAN },
    { "oo", PT2_EXPR_INFINITY },
    { "CeilToInt(2.5)", PT2_EXPR_INTEGER },
  };
  make_settings ();
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      Pt2ExprValue value;
      const Pt2Expr *expr = pt2_expr_parse (pool, kinds[i].text, -1, NULL);
      ck_assert (pt2_expr_evaluate (expr, settings, G_N_ELEMENTS (settings), NULL, &value, NULL));
      ck_assert_msg (value.kind == kinds[i].kind, "%s: %d", kinds[i].text, value.kind);
      pt2_expr_value_clear (&value);
    }
}
END_TEST

START_TEST (values_are_parsed)
{
  static const char *const good[][2] = { { "3", "3" },         { "-3", "-3" },
                                         { "1/3", "1/3" },     { "2.5", "2.5" },
                                         { "1e3", "1000" },    { "true", "true" },
                                         { "False", "false" }, { "oo", "oo" },
                                         { "-oo", "-oo" },     { "123456789012345678901", "123456789012345678901" } };
  static const char *const bad[] = { "", "x", "1/0", "1/-3", "--1", "1_0", "0x1", " 1", "nan", "1.2.3", "/", "1/" };
  Pt2ExprValue value;
  GError *error = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      ck_assert_msg (pt2_expr_value_parse (good[i][0], -1, &value, NULL), "%s", good[i][0]);
      g_autofree char *text = value_text (&value);
      ck_assert_str_eq (text, good[i][1]);
      pt2_expr_value_clear (&value);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      ck_assert_msg (!pt2_expr_value_parse (bad[i], -1, &value, &error), "%s", bad[i]);
      ck_assert_int_eq (error->code, PT2_ERROR_Y005);
      g_clear_error (&error);
    }
}
END_TEST

START_TEST (plans_run)
{
  static const char *const names[] = { "s0", "u0" };
  GError *error = NULL;
  Pt2ExprValue value;
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *expr = pt2_expr_parse (pool, "(s0 + 1)*(s0 + 1) - u0//3", -1, NULL);
  Pt2ExprPlan *plan = pt2_expr_plan_new (expr, names, 2, NULL);
  /* s0, 1, their sum, its square, u0, 3, u0//3, -1, -(u0//3), all */
  ck_assert_uint_eq (pt2_expr_plan_nodes (plan), 10);
  for (int64_t s = -3; s < 4; s++)
    {
      const int64_t at[] = { s, 10 };
      ck_assert (pt2_expr_plan_run (plan, at, &value, NULL));
      ck_assert_int_eq (value.integer, (s + 1) * (s + 1) - 3);
    }
  pt2_expr_plan_free (plan);
  ck_assert_ptr_null (pt2_expr_plan_new (expr, names, 1, &error));
  ck_assert_int_eq (error->code, PT2_ERROR_Y008);
  g_clear_error (&error);
}
END_TEST

/* Many symbols among many names; of equal names the first counts. */
START_TEST (many_names)
{
  enum
  {
    N = 3000,
  };
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree Pt2ExprSetting *given = g_new0 (Pt2ExprSetting, N + 1);
  g_autofree Pt2ExprRange *ranges = g_new0 (Pt2ExprRange, N + 1);
  g_autoptr (GString) text = g_string_new ("0");
  GError *error = NULL;
  Pt2ExprValue value;
  Pt2ExprRange bounds;
  for (guint i = 0; i <= N; i++)
    {
      g_ptr_array_add (names, g_strdup_printf ("s%u", i < N ? i : 7));
      given[i].name = ranges[i].name = names->pdata[i];
      given[i].value = (Pt2ExprValue){ PT2_EXPR_INTEGER, i < N ? 1 : 1000, i < N ? 1 : 1000, NULL };
      ranges[i].lower = ranges[i].upper = given[i].value;
      if (i < N)
        g_string_append_printf (text, " + s%u", i);
    }
  const Pt2Expr *sum = pt2_expr_parse (pool, text->str, -1, &error);
  ck_assert_msg (sum != NULL, "%s", error != NULL ? error->message : "");
  ck_assert (pt2_expr_evaluate (sum, given, N + 1, NULL, &value, NULL) && value.integer == N);
  ck_assert (!pt2_expr_evaluate (sum, given, N - 1, NULL, &value, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_Y008));
  g_clear_error (&error);
  ck_assert (pt2_expr_bounds (pool, sum, ranges, N + 1, &bounds, NULL));
  ck_assert (bounds.lower.integer == N && bounds.upper.integer == N);
  pt2_expr_value_clear (&bounds.lower);
  pt2_expr_value_clear (&bounds.upper);
  Pt2ExprPlan *plan = pt2_expr_plan_new (sum, (const char *const *)names->pdata, N, &error);
  ck_assert_msg (plan != NULL, "%s", error != NULL ? error->message : "");
  pt2_expr_plan_free (plan);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { value_is_right, G_N_ELEMENTS (values) },
    { spellings_agree, G_N_ELEMENTS (values) },
    { kinds_are_kept, 1 },
    { values_are_parsed, 1 },
    { plans_run, 1 },
    { many_names, 1 },
  };
  return RUN_SUITE ("sym_evaluate", cases);
}
