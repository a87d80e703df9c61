/* SPDX-License-Identifier: Apache-2.0 */
/* lib/sym: what is read and what is refused, where, and that text comes back as it was. */
#include "pt2-expr.h"
#include "suite.h"
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const char *text;
  const char *srepr; /* NULL: the text itself */
  const char *str;   /* NULL: the text itself */
} Reading;

#define S0 "Symbol('s0', positive=True, integer=True)"
#define U0 "Symbol('u0', integer=True)"

static const Reading readings[] = {
  /* srepr, which says all */
  { S0, NULL, "s0" },
  { "Symbol('s0')", NULL, "s0" },
  { "Symbol('zf0', real=True, positive=False)", NULL, "zf0" },
  { "Add(Mul(Integer(2), " S0 "), Integer(1))", NULL, "2*s0 + 1" },
  { "Mul(Integer(-1), Integer(3), " S0 ")", NULL, NULL },
  { "Mul(Rational(1, 2), " S0 ")", NULL, "s0/2" },
  { "Pow(" S0 ", Integer(-2))", NULL, "s0**(-2)" },
  { "Pow(" S0 ", Rational(1, 2))", NULL, "sqrt(s0)" },
  { "FloorDiv(" U0 ", Integer(-3))", NULL, "(u0//(-3))" },
  { "CleanDiv(" U0 ", Integer(2))", NULL, "(u0//2)" },
  { "Identity(Mul(Integer(2), " U0 "))", NULL, "(2*u0)" },
  { "Equality(" U0 ", Integer(9))", NULL, "Eq(u0, 9)" },
  { "And(StrictGreaterThan(" U0 ", Integer(1)), LessThan(" U0 ", Integer(5)))", NULL, "(u0 > 1) & (u0 <= 5)" },
  { "Not(Or(Equality(" U0 ", Integer(1)), GreaterThan(" U0 ", Integer(3))))", NULL, "~(Eq(u0, 1) | (u0 >= 3))" },
  { "Piecewise(ExprCondPair(Integer(1), StrictLessThan(" U0 ", Integer(3))), ExprCondPair(Integer(0), true))", NULL,
    "Piecewise((1, u0 < 3), (0, True))" },
  { "Function('OpaqueUnaryFn_sqrt')(Symbol('zf0', real=True))", NULL, "OpaqueUnaryFn_sqrt(zf0)" },
  { "Float('0.10000000000000001', precision=53)", NULL, "0.100000000000000" },
  { "Float('1.0e+17', precision=53)", NULL, "1.00000000000000e+17" },
  { "Float('9.9999999999999995e-8', precision=53)", NULL, "1.00000000000000e-7" },
  { "Float('0.10000000000000000555', precision=106)", NULL, "0.100000000000000" },
  { "Mul(Float('0.10000000000000001', precision=53), ToFloat(" S0 "))", NULL, "0.1*ToFloat(s0)" },
  { "Integer(-123456789012345678901234567890)", NULL, "-123456789012345678901234567890" },
  { "Rational(-1, 3)", NULL, "-1/3" },
  { "oo", NULL, NULL },
  { "-int_oo", NULL, NULL },
  { "zoo", NULL, NULL },
  { "true", NULL, "True" },
  /* infix text gets what PyTorch assumes of such names */
  { "s0", "Symbol('s0', integer=True)", NULL },
  { "x", "Symbol('x')", NULL },
  { "-i5 <= -2", "LessThan(Mul(Integer(-1), Symbol('i5', integer=True)), Integer(-2))", NULL },
  { "2*s1**2", "Mul(Integer(2), Pow(Symbol('s1', integer=True), Integer(2)))", NULL },
  { "(((s0**2)//3)) + 1", "Add(FloorDiv(Pow(Symbol('s0', integer=True), Integer(2)), Integer(3)), Integer(1))", NULL },
  { "s26*s3*(s77 - 2)",
    "Mul(Symbol('s26', integer=True), Symbol('s3', integer=True), Add(Symbol('s77', integer=True), Integer(-2)))",
    NULL },
  { "3 - s0", "Add(Integer(3), Mul(Integer(-1), Symbol('s0', integer=True)))", NULL },
  { "-s0*s1 - s1/3",
    "Add(Mul(Integer(-1), Symbol('s0', integer=True), Symbol('s1', integer=True)), Mul(Rational(-1, 3), "
    "Symbol('s1', integer=True)))",
    NULL },
  { "s0/(2*u0)", "Mul(Symbol('s0', integer=True), Pow(Mul(Integer(2), Symbol('u0', integer=True)), Integer(-1)))",
    NULL },
  { "1/s0", "Pow(Symbol('s0', integer=True), Integer(-1))", NULL },
  { "s0*(PowByNatural(2, u0))", "Mul(Symbol('s0', integer=True), PowByNatural(Integer(2), Symbol('u0', integer=True)))",
    NULL },
  { "s0 % 3", "PythonMod(Symbol('s0', integer=True), Integer(3))", "PythonMod(s0, 3)" },
  { "-s0//2", "FloorDiv(Mul(Integer(-1), Symbol('s0', integer=True)), Integer(2))", "((-s0)//2)" },
  { "2**3**2", "Pow(Integer(2), Pow(Integer(3), Integer(2)))", "2**(3**2)" },
  { "-2**2", "Mul(Integer(-1), Pow(Integer(2), Integer(2)))", NULL },
  { "a & b & c", "And(Symbol('a'), Symbol('b'), Symbol('c'))", NULL },
  { "a & b | c", "Or(And(Symbol('a'), Symbol('b')), Symbol('c'))", "(a & b) | c" },
  { " s0\t+ 1 ", "Add(Symbol('s0', integer=True), Integer(1))", "s0 + 1" },
  { "+s0 - -1", "Add(Symbol('s0', integer=True), Integer(1))", "s0 + 1" },
  { "Add(s0)", "Add(Symbol('s0', integer=True))", NULL },
  { "IntInfinity()", "int_oo", "int_oo" },
};

static char *
printed (const Pt2Expr *expr, Pt2ExprSpelling spelling)
{
  gsize len;
  char *text = pt2_expr_print (expr, spelling, &len);
  ck_assert_uint_eq (len, strlen (text));
  return text;
}

START_TEST (text_is_read)
{
  const Reading *reading = &readings[_i];
  GError *error = NULL;
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *expr = pt2_expr_parse (pool, reading->text, -1, &error);
  ck_assert_msg (expr != NULL, "%s: %s", reading->text, error != NULL ? error->message : "");
  g_autofree char *srepr = printed (expr, PT2_EXPR_SREPR), *str = printed (expr, PT2_EXPR_STR);
  ck_assert_str_eq (srepr, reading->srepr != NULL ? reading->srepr : reading->text);
  if (reading->str != NULL || reading->srepr != NULL)
    ck_assert_str_eq (str, reading->str != NULL ? reading->str : reading->text);
  /* Read again in its pool it is the same. */
  ck_assert_ptr_eq (pt2_expr_parse (pool, srepr, -1, NULL), pt2_expr_parse (pool, srepr, -1, NULL));
  if (reading->srepr == NULL)
    ck_assert_ptr_eq (pt2_expr_parse (pool, srepr, -1, NULL), expr);
}
END_TEST

typedef struct
{
  const char *text;
  Pt2ErrorCode code;
  int offset; /* -1: none */
} Refusal;

static const Refusal refusals[] = {
  { "", PT2_ERROR_Y001, 0 },
  { "s0 +", PT2_ERROR_Y001, 4 },
  { "(s0", PT2_ERROR_Y001, 3 },
  { "s0)", PT2_ERROR_Y001, 2 },
  { "s0 s1", PT2_ERROR_Y001, 3 },
  { "s0 < s1 < 3", PT2_ERROR_Y001, 8 },
  { "s0 == 5", PT2_ERROR_Y001, 3 },
  { "s0!", PT2_ERROR_Y001, 2 },
  { "s0\ns1", PT2_ERROR_Y001, 2 },
  { "s0 + \xce\xb1", PT2_ERROR_Y001, 5 },
  { "(s0, s1)", PT2_ERROR_Y001, 3 },
  { "Piecewise(s0)", PT2_ERROR_Y001, 0 },
  { "ExprCondPair(s0, True)", PT2_ERROR_Y001, 0 },
  { "Piecewise((1, u0 > 3) + 1)", PT2_ERROR_Y001, 22 },
  { "Add('s0', 1)", PT2_ERROR_Y004, 4 },
  { "foo(s0)", PT2_ERROR_Y002, 0 },
  { "gamma(s0)", PT2_ERROR_Y002, 0 },
  { "1 + FloorDiv", PT2_ERROR_Y002, 4 },
  { "Function('foo')(s0)", PT2_ERROR_Y002, 9 },
  { "__import__('os')", PT2_ERROR_Y002, 0 },
  { "FloorDiv(s0)", PT2_ERROR_Y003, 0 },
  { "1 + Mod(s0, 2, 3)", PT2_ERROR_Y003, 4 },
  { "Not()", PT2_ERROR_Y003, 0 },
  { "IsNonOverlappingAndDenseIndicator(s0, s1, s0)", PT2_ERROR_Y003, 0 },
  { "Piecewise((1, u0 > 3, 2), (0, True))", PT2_ERROR_Y003, 10 },
  { "s0.name", PT2_ERROR_Y004, 2 },
  { "s0[0]", PT2_ERROR_Y004, 2 },
  { "lambda: 0", PT2_ERROR_Y004, 0 },
  { "s0 if s1 else 2", PT2_ERROR_Y001, 3 },
  { "__class__", PT2_ERROR_Y004, 0 },
  { "Integer(2.5)", PT2_ERROR_Y005, 8 },
  { "Rational(1, 0)", PT2_ERROR_Y005, 9 },
  { "Float('abc', precision=53)", PT2_ERROR_Y005, 6 },
  { "Float('nan', precision=53)", PT2_ERROR_Y005, 6 },
  { "0x10", PT2_ERROR_Y005, 1 },
  { "1_0", PT2_ERROR_Y005, 1 },
  { "007", PT2_ERROR_Y005, 3 },
  { "1e", PT2_ERROR_Y005, 2 },
  { "Symbol('s 0')", PT2_ERROR_Y006, 7 },
  { "Symbol('')", PT2_ERROR_Y006, 7 },
  { "Symbol('s0', positive=maybe)", PT2_ERROR_Y006, 22 },
  { "Symbol('s0', positive=True, positive=True)", PT2_ERROR_Y006, 28 },
  { "Symbol('s0', positive=True, negative=True)", PT2_ERROR_Y006, 7 },
  { "Symbol('s0', zero=True, even=False)", PT2_ERROR_Y006, 7 },
};

START_TEST (text_is_refused)
{
  const Refusal *refusal = &refusals[_i];
  GError *error = NULL;
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  ck_assert_ptr_null (pt2_expr_parse (pool, refusal->text, -1, &error));
  g_autofree char *where = g_strdup_printf ("@%d", refusal->offset);
  ck_assert_msg (error->code == (int)refusal->code, "%s: %s", refusal->text, error->message);
  ck_assert_msg (strcmp (pt2_error_get_where (error), where) == 0, "%s: %s", refusal->text,
                 pt2_error_get_where (error));
  g_clear_error (&error);
  /* The pool is as good as before. */
  ck_assert_ptr_nonnull (pt2_expr_parse (pool, "s0 + 1", -1, NULL));
}
END_TEST

/* A text ends where its length says, and a NUL is a character like others. */
START_TEST (length_counts)
{
  GError *error = NULL;
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  char *exact = g_memdup2 ("s0 + 12", 6); /* a sanitizer sees any read past the end */
  const Pt2Expr *expr = pt2_expr_parse (pool, exact, 6, NULL);
  g_free (exact);
  g_autofree char *text = printed (expr, PT2_EXPR_STR);
  ck_assert_str_eq (text, "s0 + 1");
  ck_assert_ptr_null (pt2_expr_parse (pool, "s0\0+ 1", 6, &error));
  ck_assert_int_eq (error->code, PT2_ERROR_Y001);
  g_clear_error (&error);
}
END_TEST

static char *
repeat (const char *before, const char *middle, const char *after, int n)
{
  GString *text = g_string_new (NULL);
  for (int i = 0; i < n; i++)
    g_string_append (text, before);
  g_string_append (text, middle);
  for (int i = 0; i < n; i++)
    g_string_append (text, after);
  return g_string_free (text, FALSE);
}

static int
outcome (const char *text, const Pt2Limits *limits)
{
  GError *error = NULL;
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (limits);
  const Pt2Expr *expr = pt2_expr_parse (pool, text, -1, &error);
  const Pt2Expr *normal = expr != NULL ? pt2_expr_normal (pool, expr, &error) : NULL;
  int code = error != NULL ? error->code : 0;
  ck_assert_int_eq (normal == NULL, code != 0);
  g_clear_error (&error);
  return code;
}

/* On both sides of each limit. */
START_TEST (limits_are_heeded)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.expression_length = 10;
  ck_assert_int_eq (outcome ("s0 + 12345", &limits), 0);
  ck_assert_int_eq (outcome ("s0 + 123456", &limits), PT2_ERROR_L009);
  limits = *pt2_limits_default ();
  limits.expression_depth = 5;
  ck_assert_int_eq (outcome ("(((((s0)))))", &limits), 0);
  ck_assert_int_eq (outcome ("((((((s0))))))", &limits), PT2_ERROR_L010);
  ck_assert_int_eq (outcome ("s0//s1//s2//s3//s4", &limits), 0);
  ck_assert_int_eq (outcome ("s0//s1//s2//s3//s4//s5", &limits), PT2_ERROR_L010);
  limits = *pt2_limits_default ();
  limits.expression_nodes = 6;
  ck_assert_int_eq (outcome ("a//b//a//b", &limits), 0);
  ck_assert_int_eq (outcome ("a//b//c//d//e//f", &limits), PT2_ERROR_L011);
  limits = *pt2_limits_default ();
  limits.integer_bits = 100;
  ck_assert_int_eq (outcome ("2**99", &limits), 0);
  ck_assert_int_eq (outcome ("2**101", &limits), PT2_ERROR_L012);
  ck_assert_int_eq (outcome ("1267650600228229401496703205376", &limits), PT2_ERROR_L012); /* 2**100 */
  limits = *pt2_limits_default ();
  limits.memory = 8192;
  g_autofree char *many = repeat ("s0//(1 + ", "1", ")", 200);
  ck_assert_int_eq (outcome (many, &limits), PT2_ERROR_L003);
}
END_TEST

typedef struct
{
  const char *before, *middle, *after;
  int n;
  int code;
} Hostile;

static const Hostile hostile[] = {
  { "(", "s0", ")", 200, 0 },
  { "-", "s0", "", 200, 0 },
  { "Identity(", "s0", ")", 200, 0 },
  { "(", "s0", ")", 100000, PT2_ERROR_L010 },
  { "(", "", "", 100000, PT2_ERROR_L010 },
  { "Abs(", "s0", ")", 100000, PT2_ERROR_L010 },
  { "~", "s0", "", 100000, PT2_ERROR_L010 },
  { "2**", "2", "", 100000, PT2_ERROR_L010 },
  { "", "s0", "//2", 100000, PT2_ERROR_L010 },
  { "", "s0", " + s0", 30000, 0 },
  { "", "1", "+1", 5 << 20, PT2_ERROR_L009 },
  { "", "9**9**9**9", "", 0, PT2_ERROR_L012 },
  { "", "Pow(Integer(10), Integer(1000000000000))", "", 0, PT2_ERROR_L012 },
};

/* Bad text is told from good in a moment. */
START_TEST (hostile_text_ends_soon)
{
  const Hostile *h = &hostile[_i];
  g_autofree char *text = repeat (h->before, h->middle, h->after, h->n);
  ck_assert_int_eq (outcome (text, NULL), h->code);
  /* Far above what it takes, for slow machines and sanitizers. */
}
END_TEST

START_TEST (expressions_are_made)
{
  GError *error = NULL;
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  const Pt2Expr *args[] = { pt2_expr_parse (pool, "s0", -1, NULL), pt2_expr_integer (pool, 3, NULL) };
  const Pt2Expr *sum = pt2_expr_make (pool, "FloorDiv", args, 2, NULL);
  ck_assert_ptr_eq (sum, pt2_expr_parse (pool, "s0 // 3", -1, NULL));
  guint n;
  const Pt2Expr *const *found = pt2_expr_get_args (sum, &n);
  ck_assert_uint_eq (n, 2);
  ck_assert_ptr_eq (found[1], args[1]);
  ck_assert_str_eq (pt2_expr_get_name (sum), "FloorDiv");
  ck_assert_str_eq (pt2_expr_get_name (args[0]), "Symbol");
  ck_assert_str_eq (pt2_expr_get_name (args[1]), "Integer");
  Pt2String name = pt2_expr_get_symbol (args[0]);
  ck_assert_int_eq (memcmp (name.data, "s0", name.len), 0);
  ck_assert_ptr_null (pt2_expr_get_symbol (sum).data);
  ck_assert (pt2_expr_is_integer (sum) && !pt2_expr_is_boolean (sum));
  ck_assert_ptr_null (pt2_expr_make (pool, "open", args, 2, &error));
  ck_assert_int_eq (error->code, PT2_ERROR_Y002);
  g_clear_error (&error);
  ck_assert_ptr_null (pt2_expr_make (pool, "Mod", args, 1, &error));
  ck_assert_int_eq (error->code, PT2_ERROR_Y003);
  g_clear_error (&error);
}
END_TEST

START_TEST (symbols_are_listed)
{
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  guint n;
  const Pt2Expr *expr = pt2_expr_parse (pool, "u0 + s10*s1 - Symbol('s10', integer=True) + u0", -1, NULL);
  g_autofree Pt2String *names = pt2_expr_free_symbols (expr, &n);
  ck_assert_uint_eq (n, 3);
  static const char *const wanted[] = { "s1", "s10", "u0" };
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strndup (names[i].data, names[i].len);
      ck_assert_str_eq (name, wanted[i]);
    }
  ck_assert_ptr_null (pt2_expr_free_symbols (pt2_expr_integer (pool, 1, NULL), &n));
  ck_assert_uint_eq (n, 0);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { text_is_read, G_N_ELEMENTS (readings) },
    { text_is_refused, G_N_ELEMENTS (refusals) },
    { length_counts, 1 },
    { limits_are_heeded, 1 },
    { hostile_text_ends_soon, G_N_ELEMENTS (hostile) },
    { expressions_are_made, 1 },
    { symbols_are_listed, 1 },
  };
  return RUN_SUITE ("sym_parse", cases);
}
