/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/sym_values: expressions and ranges as PyTorch's serializer writes them. */
#include "sym_values.h"
#include "shapes_help.h"
#include "suite.h"

static const struct
{
  const char *expr;
  Pt2SymType type;
  const char *text; /* NULL: concrete */
  Pt2ExprValueKind kind;
  double value; /* or hint; s0 is 5, zf0 is 2.5, u0 has none */
} written[] = {
  { "3", PT2_SYM_TYPE_INT, NULL, PT2_EXPR_INTEGER, 3 },
  { "1 + 2", PT2_SYM_TYPE_INT, NULL, PT2_EXPR_INTEGER, 3 },
  { "s0 - s0", PT2_SYM_TYPE_INT, NULL, PT2_EXPR_INTEGER, 0 },
  { "s0", PT2_SYM_TYPE_INT, "Symbol('s0', integer=True)", PT2_EXPR_INTEGER, 5 },
  { "Symbol('s0', positive=True, integer=True)*2", PT2_SYM_TYPE_INT,
    "Mul(Integer(2), Symbol('s0', positive=True, integer=True))", PT2_EXPR_INTEGER, 10 },
  { "u0 - 1", PT2_SYM_TYPE_INT, "Add(Symbol('u0', integer=True), Integer(-1))", PT2_EXPR_NONE, 0 },
  { "u0 + s0", PT2_SYM_TYPE_INT, "Add(Symbol('s0', integer=True), Symbol('u0', integer=True))", PT2_EXPR_NONE, 0 },
  { "2.5", PT2_SYM_TYPE_FLOAT, NULL, PT2_EXPR_FLOAT, 2.5 },
  { "ToFloat(s0)", PT2_SYM_TYPE_FLOAT, "ToFloat(Symbol('s0', integer=True))", PT2_EXPR_FLOAT, 5 },
  { "Symbol('zf0', real=True)*2", PT2_SYM_TYPE_FLOAT, "Mul(Integer(2), Symbol('zf0', real=True))", PT2_EXPR_FLOAT, 5 },
  { "Symbol('zuf0', real=True)", PT2_SYM_TYPE_FLOAT, "Symbol('zuf0', real=True)", PT2_EXPR_NONE, 0 },
  { "3", PT2_SYM_TYPE_FLOAT, "Integer(3)", PT2_EXPR_FLOAT, 3 }, /* as PyTorch does: only a Float is concrete */
  { "True", PT2_SYM_TYPE_BOOL, NULL, PT2_EXPR_BOOLEAN, 1 },
  { "2 < 1", PT2_SYM_TYPE_BOOL, NULL, PT2_EXPR_BOOLEAN, 0 },
  { "s0 > 3", PT2_SYM_TYPE_BOOL, "StrictGreaterThan(Symbol('s0', integer=True), Integer(3))", PT2_EXPR_NONE, 0 },
};

static const Pt2ExprSetting traced[] = {
  { "s0", { PT2_EXPR_INTEGER, 5, 5, NULL } },
  { "zf0", { PT2_EXPR_FLOAT, 0, 2.5, NULL } },
};

/* VALUE becomes the struct that it should. */
static void
check_structs (const Pt2SymValue *value)
{
  Pt2Arena arena;
  pt2_arena_init (&arena, 1 << 20, 0);
  Pt2SymInt integer;
  Pt2SymFloat real;
  Pt2SymBool boolean;
  const Pt2SymExpr *expr = NULL;
  switch (value->type)
    {
    case PT2_SYM_TYPE_INT:
      ck_assert (pt2_sym_int_fill (&arena, value, &integer));
      ck_assert_uint_eq (integer.which, value->text != NULL ? PT2_SYM_INT_AS_EXPR : PT2_SYM_INT_AS_INT);
      expr = value->text != NULL ? integer.as_expr : NULL;
      if (expr == NULL)
        ck_assert_int_eq (integer.as_int, value->value.integer);
      break;
    case PT2_SYM_TYPE_FLOAT:
      ck_assert (pt2_sym_float_fill (&arena, value, &real));
      ck_assert_uint_eq (real.which, value->text != NULL ? PT2_SYM_FLOAT_AS_EXPR : PT2_SYM_FLOAT_AS_FLOAT);
      expr = value->text != NULL ? real.as_expr : NULL;
      if (expr == NULL)
        ck_assert_double_eq (real.as_float, value->value.number);
      break;
    case PT2_SYM_TYPE_BOOL:
      ck_assert (pt2_sym_bool_fill (&arena, value, &boolean));
      ck_assert_uint_eq (boolean.which, value->text != NULL ? PT2_SYM_BOOL_AS_EXPR : PT2_SYM_BOOL_AS_BOOL);
      expr = value->text != NULL ? boolean.as_expr : NULL;
      if (expr == NULL)
        ck_assert_int_eq (boolean.as_bool, value->value.integer);
      break;
    }
  if (expr != NULL)
    {
      MUST_READ (expr->expr_str, value->text);
      ck_assert_uint_eq (expr->hint.which, value->value.kind == PT2_EXPR_INTEGER ? PT2_SYM_EXPR_HINT_AS_INT
                                           : value->value.kind == PT2_EXPR_FLOAT ? PT2_SYM_EXPR_HINT_AS_FLOAT
                                                                                 : 0);
    }
  pt2_arena_clear (&arena);
}

START_TEST (values_as_pytorch_writes_them)
{
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  g_autoptr (GError) error = NULL;
  Pt2SymValue value;
  const Pt2Expr *expr = pt2_expr_parse (pool, written[_i].expr, -1, &error);
  ck_assert_ptr_nonnull (expr);
  gboolean good = pt2_sym_value_make (pool, expr, written[_i].type, traced, G_N_ELEMENTS (traced), &value, &error);
  ck_assert_msg (good, "%s: %s", written[_i].expr, error != NULL ? error->message : "");
  ck_assert_msg (g_strcmp0 (value.text, written[_i].text) == 0, "%s: %s", written[_i].expr, value.text);
  ck_assert_int_eq (value.value.kind, written[_i].kind);
  if (value.value.kind == PT2_EXPR_FLOAT)
    ck_assert_double_eq (value.value.number, written[_i].value);
  else
    ck_assert_int_eq (value.value.integer, (int)written[_i].value);
  check_structs (&value);
  pt2_sym_value_clear (&value);
}
END_TEST

START_TEST (values_that_do_not_fit)
{
  static const struct
  {
    const char *expr;
    Pt2SymType type;
    Pt2ErrorCode code;
  } wrong[] = {
    { "9223372036854775808", PT2_SYM_TYPE_INT, PT2_ERROR_Y019 },
    { "s0*9223372036854775807", PT2_SYM_TYPE_INT, PT2_ERROR_Y019 }, /* its hint */
    { "s0/2", PT2_SYM_TYPE_INT, PT2_ERROR_Y019 },                   /* 5/2 */
    { "s0 > 3", PT2_SYM_TYPE_INT, PT2_ERROR_Y010 },
    { "s0", PT2_SYM_TYPE_BOOL, PT2_ERROR_Y010 },
    { "1//(s0 - 5)", PT2_SYM_TYPE_INT, PT2_ERROR_Y007 },
  };
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;
      Pt2SymValue value;
      const Pt2Expr *expr = pt2_expr_parse (pool, wrong[i].expr, -1, NULL);
      ck_assert_msg (!pt2_sym_value_make (pool, expr, wrong[i].type, traced, G_N_ELEMENTS (traced), &value, &error),
                     "%s", wrong[i].expr);
      ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)wrong[i].code), "%s: %s", wrong[i].expr, error->message);
    }
}
END_TEST

static const struct
{
  const char *lower, *upper;
  gint64 min, max; /* G_MININT64: open */
  Pt2ErrorCode code;
} range_ends[] = {
  { "2", "1024", 2, 1024, PT2_ERROR_NONE },
  { "-oo", "oo", G_MININT64, G_MININT64, PT2_ERROR_NONE },
  { "oo", "oo", G_MININT64, G_MININT64, PT2_ERROR_NONE }, /* PyTorch's rule is the same for both ends */
  { "0", "oo", 0, G_MININT64, PT2_ERROR_NONE },
  { "5/2", "11/2", 3, 5, PT2_ERROR_NONE },
  { "-5/2", "-1/2", -2, -1, PT2_ERROR_NONE },
  { "2.5", "5.5", 3, 5, PT2_ERROR_NONE },
  { "-2.5", "-0.5", -2, -1, PT2_ERROR_NONE },
  { "7/3", "8/3", 0, 0, PT2_ERROR_Y009 },
  { "5", "3", 0, 0, PT2_ERROR_Y009 },
  { "0", "9223372036854775808", 0, 0, PT2_ERROR_Y019 },
  { "0", "1e300", 0, 0, PT2_ERROR_Y019 },
  { "False", "3", 0, 0, PT2_ERROR_Y019 },
};

START_TEST (ranges_as_pytorch_writes_them)
{
  Pt2ExprRange bounds = { 0 };
  Pt2Range range;
  Pt2RangeConstraint constraint;
  g_autoptr (GError) error = NULL;
  ck_assert (pt2_expr_value_parse (range_ends[_i].lower, -1, &bounds.lower, NULL));
  ck_assert (pt2_expr_value_parse (range_ends[_i].upper, -1, &bounds.upper, NULL));
  gboolean good = pt2_range_make (&bounds, &range, &error);
  pt2_expr_value_clear (&bounds.lower);
  pt2_expr_value_clear (&bounds.upper);
  if (range_ends[_i].code != PT2_ERROR_NONE)
    {
      ck_assert (!good && g_error_matches (error, PT2_ERROR, (int)range_ends[_i].code));
      return;
    }
  ck_assert (good);
  ck_assert_int_eq (range.has_min, range_ends[_i].min != G_MININT64);
  ck_assert_int_eq (range.has_max, range_ends[_i].max != G_MININT64);
  if (range.has_min)
    ck_assert_int_eq (range.min, range_ends[_i].min);
  if (range.has_max)
    ck_assert_int_eq (range.max, range_ends[_i].max);
  pt2_range_fill (&range, &constraint);
  ck_assert_uint_eq (constraint.present[0], (range.has_min ? 1u : 0) | (range.has_max ? 2u : 0));
}
END_TEST

/* Makes every size and condition of PROGRAM anew from its expression: the text must be the program's. */
static void
check_written (const char *path, Pt2Program *program, gpointer data)
{
  const Pt2ExportedProgram *exported = pt2_program_get_exported_program (program);
  guint *n = data;
  if (exported == NULL || exported->schema_version.minor < 3)
    return;
  const Pt2Graph *graph = &exported->graph_module.graph;
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  for (uint32_t i = 0; i < graph->sym_int_values.len; i++)
    {
      const Pt2SymInt *sym = &graph->sym_int_values.entries[i].value;
      if (sym->which != PT2_SYM_INT_AS_EXPR)
        continue;
      Pt2SymValue value;
      Pt2String text = sym->as_expr->expr_str;
      const Pt2Expr *expr = pt2_expr_parse (pool, text.data, text.len, NULL);
      ck_assert (pt2_sym_value_make (pool, expr, PT2_SYM_TYPE_INT, NULL, 0, &value, NULL));
      ck_assert_msg (value.text != NULL && is_text (text, value.text), "%s: %.*s became %s", path, (int)text.len,
                     text.data, value.text);
      pt2_sym_value_clear (&value);
      ++*n;
    }
}

START_TEST (real_values_are_written_the_same)
{
  guint n = 0;
  corpus_foreach (check_written, &n);
  ck_assert_uint_gt (n, 50);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { values_as_pytorch_writes_them, G_N_ELEMENTS (written) },
    { values_that_do_not_fit, 1 },
    { ranges_as_pytorch_writes_them, G_N_ELEMENTS (range_ends) },
    { real_values_are_written_the_same, 1 },
  };
  return RUN_SUITE ("sym_values", cases);
}
