/* SPDX-License-Identifier: Apache-2.0 */
/* lib/sym: spellings of one expression have one normal form, others have another. */
#include "pt2-expr.h"
#include "suite.h"
#include <string.h>

typedef struct
{
  const char *text;
  const char *normal; /* in the exact spelling */
} Form;

static const Form forms[] = {
  /* sums */
  { "s0 + s0 + 1", "2*s0 + 1" },
  { "1 + (s0 - 3) + 3 - 1", "s0" },
  { "s0 - s0", "0" },
  { "3 - s0", "3 - s0" },
  { "-s0 + 3", "3 - s0" },
  { "u0 + s0**2 + s0*u0 + 1", "s0**2 + s0*u0 + u0 + 1" },
  { "s10 + s2", "s10 + s2" },
  { "2*(s0 + 3)", "2*s0 + 6" },
  { "2*s1*(s0 + 3)", "2*s1*(s0 + 3)" },
  { "0.5*(s0 + 1)", "0.5*s0 + 0.5" },
  { "oo - oo + s0", "nan" },
  { "9223372036854775807 + s0 + 1", "s0 + 9223372036854775808" },
  { "s0/3 + s0/6", "s0/2" },
  /* products and powers */
  { "s0*s0*s0", "s0**3" },
  { "s1*3*s0/3", "s0*s1" },
  { "s0/u0/2", "s0/(2*u0)" },
  { "(s0 + 1)*(1 + s0)", "(s0 + 1)**2" },
  { "(2*s0)**2", "4*s0**2" },
  { "(s0**2)**3", "s0**6" },
  { "s0**0", "1" },
  { "(-s0)**2", "s0**2" },
  { "s0*0", "0" },
  { "16**(1/2)", "4" },
  { "2**(1/2)", "sqrt(2)" },
  { "2**3**2", "512" },
  { "Abs(s0)**2", "s0**2" },
  { "1/0", "nan" },
  /* divisions */
  { "s0//1", "s0" },
  { "s0//-1", "-s0" },
  { "(2*s0 + 3)//2", "s0 + 1" },
  { "(4*s0 + u0)//2", "2*s0 + ((u0//2))" },
  { "(6*s0)//(4*s1)", "((3*s0)//(2*s1))" },
  { "(s0*s1)//s0", "s1" },
  { "s0//2//3", "(s0//6)" },
  { "s0//2//-3", "(((s0//2))//(-3))" }, /* not s0 // -6: 5 // 2 // -3 is -1 and 5 // -6 is -1, 1 // 2 // -3 is 0 */
  { "CeilDiv(s0, 4)", "((s0 + 3)//4)" },
  { "CeilDiv(4*s0, 4)", "s0" },
  { "CleanDiv(s0, 4)", "CleanDiv(s0, 4)" },
  { "7//-2", "-4" },
  { "(4*s0) % 2", "0" },
  { "(4*s0 + 1) % 2", "1" },
  { "s0 % s0", "0" },
  { "-7 % 3", "2" },
  { "Mod(s0, 1)", "0" },
  { "ModularIndexing(s0 + 8*s1, 2, 4)", "ModularIndexing(s0, 2, 4)" },
  { "ModularIndexing(s0//2, 3, 4)", "ModularIndexing(s0, 6, 4)" },
  { "ModularIndexing(-7, 2, 3)", "2" },
  { "RShift(-5, 70)", "-1" },
  { "LShift(s0, 3)", "8*s0" },
  { "RShift(s0, u0)", "(s0//(PowByNatural(2, u0)))" },
  { "PowByNatural(s0, 3)", "s0**3" },
  { "floor(s0)", "s0" },
  { "floor(s0/2 + u0)", "u0 + floor(s0/2)" },
  { "ceiling(7/2)", "4" },
  { "Abs(-3*s0)", "3*Abs(s0)" },
  { "FloatTrueDiv(1, 4)", "0.25" },
  { "IsNonOverlappingAndDenseIndicator(s0, 1)", "1" },
  { "Identity(2*s0)", "Identity(2*s0)" },
  /* conditions */
  { "Not(s0 > 2)", "s0 <= 2" },
  { "~(~(s0 > 2))", "s0 > 2" },
  { "s0 + 1 > s0", "True" },
  { "Eq(s0, s0)", "True" },
  { "Eq(s0 + 1, s0)", "False" },
  { "(u0 < 3) & (s0 > 2) & (u0 < 3)", "(s0 > 2) & (u0 < 3)" },
  { "(s0 > 2) & (s0 <= 2)", "False" },
  { "(s0 > 2) | (2 >= s0)", "True" },
  { "(s0 > 2) & True", "s0 > 2" },
  { "Xor(s0 > 2, Eq(u0, 1), s0 > 2)", "Eq(u0, 1)" },
  { "Xor(s0 > 2, s0 <= 2)", "True" },
  { "Implies(s0 > 2, s0 > 2)", "True" },
  { "ITE(s0 > 2, True, False)", "s0 > 2" },
  { "Where(1 > 2, s0, u0)", "u0" },
  { "Piecewise((1, s0 > s0), (2, True), (3, u0 > 1))", "2" },
  { "Piecewise((1, s0 > 3), (1, u0 > 1), (0, True))", "Piecewise((1, (s0 > 3) | (u0 > 1)), (0, True))" },
  { "2.0 < 3", "True" },
  { "9007199254740993 < 9007199254740992.0", "False" },
  { "True + 1", "nan" },
  /* Max and Min */
  { "Max(s0, Max(u0, 3), 2, s0)", "Max(3, s0, u0)" },
  { "Min(oo, s0)", "s0" },
  { "Max(oo, s0)", "oo" },
  { "Max(2.0, 2)", "2" },
  { "Max(s0, Min(s0, u0))", "s0" },
  { "Max(s0)", "s0" },
  /* what str() would lose */
  { "0.1 + 0.2", "0.30000000000000004" },
  { "Symbol('oo') + 1", "Symbol('oo') + 1" },
  { "floor(Symbol('batch', integer=True))", "Symbol('batch', integer=True)" },
};

static const Pt2Expr *
normal_of (Pt2ExprPool *pool, const char *text)
{
  GError *error = NULL;
  const Pt2Expr *expr = pt2_expr_parse (pool, text, -1, &error);
  const Pt2Expr *normal = expr != NULL ? pt2_expr_normal (pool, expr, &error) : NULL;
  ck_assert_msg (normal != NULL, "%s: %s", text, error != NULL ? error->message : "");
  return normal;
}

START_TEST (form_is_normal)
{
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *normal = normal_of (pool, forms[_i].text);
  g_autofree char *text = pt2_expr_print (normal, PT2_EXPR_EXACT, NULL);
  ck_assert_str_eq (text, forms[_i].normal);
  ck_assert_ptr_eq (normal_of (pool, text), normal);
  ck_assert_ptr_eq (pt2_expr_normal (pool, normal, NULL), normal);
}
END_TEST

/* No two of these have one normal form. */
static const char *const different[] = {
  "s0",
  "s0 + 1",
  "2*s0",
  "s0**2",
  "s0/2",
  "s0//2",
  "CleanDiv(s0, 2)",
  "Identity(s0)",
  "s0 % 2",
  "Mod(s0, 2)",
  "s0 > 2",
  "s0 >= 2",
  "2 < s0",
  "Eq(s0, 2)",
  "Ne(s0, 2)",
  "Max(s0, 2)",
  "Min(s0, 2)",
  "ToFloat(s0)",
  "3",
  "3.0",
  "1",
  "True",
  "TruncToInt(zf0)",
  "FloorToInt(zf0)",
  "CeilToInt(zf0)",
  "RoundToInt(zf0)",
  "FloatTrueDiv(s0, 2)",
  "IntTrueDiv(s0, 2)",
  "s0*u0",
  "s0 + u0",
  "s0**u0",
  "FloatPow(s0, 2)",
  "oo",
  "-oo",
  "nan",
  "zoo",
};

START_TEST (near_misses_differ)
{
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *found[G_N_ELEMENTS (different)];
  for (guint i = 0; i < G_N_ELEMENTS (different); i++)
    {
      found[i] = normal_of (pool, different[i]);
      for (guint j = 0; j < i; j++)
        ck_assert_msg (found[i] != found[j], "%s and %s", different[i], different[j]);
    }
}
END_TEST

/* What a text assumes of a symbol makes no difference, but comes back when it is written. */
START_TEST (assumptions_are_kept_apart)
{
  static const char spelled[] = "Add(Symbol('s0', positive=True, integer=True), Integer(1))";
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *bare = normal_of (pool, "1 + s0"), *full = normal_of (pool, spelled);
  ck_assert_ptr_eq (bare, full);
  g_autofree char *written = pt2_expr_print (bare, PT2_EXPR_WRITTEN, NULL);
  ck_assert_str_eq (written, spelled);
}
END_TEST

/* SymPy writes a negative coefficient as two factors. */
START_TEST (coefficients_are_written_apart)
{
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *normal = normal_of (pool, "-3*s0/2 - s1 - 2.5*zf0");
  g_autofree char *written = pt2_expr_print (normal, PT2_EXPR_WRITTEN, NULL);
  ck_assert_str_eq (written, "Add(Mul(Integer(-1), Rational(3, 2), Symbol('s0', integer=True)), Mul(Integer(-1), "
                             "Symbol('s1', integer=True)), Mul(Integer(-1), Float('2.5', precision=53), "
                             "Symbol('zf0')))");
}
END_TEST

/* One expression in many parts costs no more than its parts. */
START_TEST (long_sums_are_linear)
{
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  GString *text = g_string_new ("0");
  for (int i = 0; i < 20000; i++)
    g_string_append_printf (text, " + a%d - a%d %% 3", i, i);
  const Pt2Expr *normal = normal_of (pool, text->str);
  Pt2ExprRange bounds;
  ck_assert (pt2_expr_bounds (pool, normal, NULL, 0, &bounds, NULL));
  guint n;
  pt2_expr_get_args (normal, &n);
  ck_assert_uint_eq (n, 40000);
  g_string_free (text, TRUE);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { form_is_normal, G_N_ELEMENTS (forms) }, { near_misses_differ, 1 },   { assumptions_are_kept_apart, 1 },
    { coefficients_are_written_apart, 1 },    { long_sums_are_linear, 1 },
  };
  return RUN_SUITE ("sym_normal", cases);
}
