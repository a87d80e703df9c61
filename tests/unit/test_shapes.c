/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/shapes: contracts of real programs and of small ones made here, what follows from given shapes, which
 * rules they break. */
#include "shapes_help.h"
#include "suite.h"

#define DERIVED "torch-2.15.0/derived_dims.pt2"
#define GUARDS "torch-2.15.0/guards.pt2"
#define INTEGERS "torch-2.15.0/sym_int_in.pt2"
#define UNBACKED "torch-2.15.0/unbacked.pt2"

/* The answer has this one problem, at WHERE; ID "" if it fits. */
static void
must_say (const Pt2Shapes *shapes, const char *text, const char *id, const char *where)
{
  g_autoptr (Pt2ShapesAnswer) answer = ask (shapes, text);
  ck_assert_int_eq (answer->fits, id[0] == '\0');
  ck_assert_int_eq (answer->fits, answer->n_problems == 0);
  if (answer->fits)
    return;
  ck_assert_msg (g_str_equal (pt2_error_get_id (answer->problems[0]), id), "%s: %s", text,
                 answer->problems[0]->message);
  ck_assert_msg (g_strcmp0 (pt2_error_get_where (answer->problems[0]), where) == 0, "%s: %s", text,
                 pt2_error_get_where (answer->problems[0]));
}

/* ---- the contract ---- */

START_TEST (contract_of_derived_sizes)
{
  g_autoptr (Pt2Shapes) shapes = corpus_contract (DERIVED);
  guint n;
  const Pt2ShapeSymbol *symbols = pt2_shapes_get_symbols (shapes, &n);
  ck_assert_uint_eq (n, 1);
  MUST_READ (symbols[0].name, "s17");
  MUST_READ (symbols[0].origin, "y.shape[0]");
  ck_assert (symbols[0].from_input && symbols[0].has_lower && symbols[0].has_upper && symbols[0].has_hint);
  ck_assert_int_eq (symbols[0].lower, 3);
  ck_assert_int_eq (symbols[0].upper, 500);
  ck_assert_int_eq (symbols[0].hint, 6);
  const Pt2ShapeSize *sizes = pt2_shapes_get_sizes (shapes, &n);
  ck_assert_uint_eq (n, 2);
  MUST_READ (sizes[0].text, "2*s17");
  MUST_READ (sizes[1].text, "2*s17 + 1");
  ck_assert_int_eq (sizes[1].lower, 7);
  ck_assert_int_eq (sizes[1].upper, 1001);
  const Pt2ShapeValue *values = pt2_shapes_get_inputs (shapes, &n);
  ck_assert_uint_eq (n, 2);
  MUST_READ (values[0].name, "x");
  ck_assert_uint_eq (values[0].n_dims, 2);
  MUST_READ (values[0].dims[0].text, "2*s17");
  ck_assert_uint_eq (values[0].dims[0].symbol, G_MAXUINT);
  ck_assert_ptr_null (values[0].dims[1].expr);
  ck_assert_int_eq (values[0].dims[1].value, 3);
  ck_assert_uint_eq (values[1].dims[0].symbol, 0);
  values = pt2_shapes_get_outputs (shapes, &n);
  ck_assert_uint_eq (n, 2);
  ck_assert_int_eq (values[1].kind, PT2_SHAPE_INTEGER);
  MUST_READ (values[1].dims[0].text, "2*s17 + 1");
  const Pt2ShapeGuard *guards = pt2_shapes_get_guards (shapes, &n);
  ck_assert_uint_eq (n, 2);
  MUST_READ (guards[0].text, "y.shape[0] <= x.shape[0]");
  MUST_READ (guards[1].where, "guards_code[1]");
  ck_assert (guards[0].is_checked && !guards[0].is_assertion);
}
END_TEST

START_TEST (symbols_of_data)
{
  g_autoptr (Pt2Shapes) shapes = corpus_contract (UNBACKED);
  guint n;
  const Pt2ShapeSymbol *symbols = pt2_shapes_get_symbols (shapes, &n);
  ck_assert_uint_eq (n, 3);
  ck_assert (symbols[0].from_input && !symbols[1].from_input && !symbols[2].from_input);
  MUST_READ (symbols[1].name, "u0");
  MUST_READ (symbols[1].origin, "item");
  MUST_READ (symbols[2].origin, "nonzero.shape[0]");
  ck_assert (!symbols[1].has_hint);
  /* What depends on data is not known, and does not fail. */
  g_autoptr (Pt2ShapesAnswer) answer = ask (shapes, "x=4 n=");
  ck_assert (answer->fits);
  must_be (&answer->symbols[0], 4);
  ck_assert_int_eq (answer->symbols[1].kind, PT2_EXPR_NONE);
  ck_assert_int_eq (answer->outputs[0][0].kind, PT2_EXPR_NONE);
  must_be (&answer->outputs[2][0], 12);
  ck_assert_int_eq (answer->guards[0], PT2_SHAPE_UNKNOWN);
  /* Unless it is set. */
  const Pt2ExprSetting low = { "u0", { PT2_EXPR_INTEGER, 1, 1, NULL } };
  g_autoptr (Pt2ShapesAnswer) other = pt2_shapes_solve (shapes, NULL, 0, &low, 1, NULL);
  ck_assert (other != NULL && !other->fits);
  ck_assert_str_eq (pt2_error_get_id (other->problems[0]), "PT2-Y015");
  ck_assert_int_eq (other->guards[0], PT2_SHAPE_FAILS);
  must_be (&other->outputs[0][0], 1);
}
END_TEST

/* Every program has a contract, also those of old majors, and what it was traced with fits it. */
static void
check_traced (const char *path, Pt2Program *program, gpointer data)
{
  g_autoptr (Pt2Shapes) shapes = contract (program);
  guint n, *solved = data;
  const Pt2ShapeSymbol *symbols = pt2_shapes_get_symbols (shapes, &n);
  g_autofree Pt2ExprSetting *settings = g_new0 (Pt2ExprSetting, n);
  guint known = 0;
  for (guint i = 0; i < n; i++)
    {
      if (symbols[i].from_input)
        ck_assert_msg (symbols[i].has_hint && symbols[i].origin.len > 0, "%s", path);
      if (symbols[i].has_hint)
        settings[known++] = (Pt2ExprSetting){ symbols[i].name.data, { PT2_EXPR_INTEGER, symbols[i].hint, 0, NULL } };
    }
  g_autoptr (Pt2ShapesAnswer) answer = pt2_shapes_solve (shapes, NULL, 0, settings, known, NULL);
  ck_assert_ptr_nonnull (answer);
  const gboolean asserts_false = g_str_has_suffix (path, "torch-2.2.2/preserved_calls.pt2");
  ck_assert_msg (answer->fits != asserts_false, "%s: %s", path, answer->fits ? "" : answer->problems[0]->message);
  *solved += known;
}

START_TEST (every_program_fits_what_it_was_traced_with)
{
  guint solved = 0;
  ck_assert_uint_gt (corpus_foreach (check_traced, &solved), 100);
  ck_assert_uint_ge (solved, 50);
}
END_TEST

START_TEST (assertions_of_old_programs)
{
  /* A condition that became a tensor, and the range of an integer read from data. */
  g_autoptr (Pt2Shapes) shapes = corpus_contract ("torch-2.3.1/unbacked.pt2");
  guint n, ranges = 0, tensors = 0;
  const Pt2ShapeGuard *guards = pt2_shapes_get_guards (shapes, &n);
  for (guint i = 0; i < n; i++)
    {
      ck_assert (guards[i].is_assertion && guards[i].is_checked);
      ranges += is_text (guards[i].text, "(u5 >= 2) & (u5 <= 99)");
      tensors += is_text (guards[i].text, "u5 < 100");
    }
  ck_assert_uint_eq (ranges, 1);
  ck_assert_uint_eq (tensors, 1);
}
END_TEST

/* ---- answers ---- */

START_TEST (sizes_follow)
{
  g_autoptr (Pt2Shapes) shapes = corpus_contract (DERIVED);
  g_autoptr (Pt2ShapesAnswer) answer = ask (shapes, "x=12,3");
  ck_assert (answer->fits);
  must_be (&answer->symbols[0], 6);
  must_be (&answer->inputs[1][0], 6);
  must_be (&answer->inputs[1][1], 3);
  must_be (&answer->outputs[0][0], 6);
  must_be (&answer->outputs[1][0], 13);
  must_be (&answer->sizes[1], 13);
  ck_assert_int_eq (answer->guards[1], PT2_SHAPE_HOLDS);
  const Pt2ExprSetting setting = { "s17", { PT2_EXPR_INTEGER, 7, 7, NULL } };
  g_autoptr (Pt2ShapesAnswer) set = pt2_shapes_solve (shapes, NULL, 0, &setting, 1, NULL);
  must_be (&set->inputs[0][0], 14);
  ck_assert (set->fits);
}
END_TEST

static const struct
{
  const char *program, *given, *id, *where;
} rules[] = {
  { DERIVED, "x=12,3 y=6,3", "", NULL },
  { DERIVED, "", "", NULL },
  { DERIVED, "x=12,3 y=7,3", "PT2-Y014", "x.shape[0]" },
  { DERIVED, "x=12,4", "PT2-Y014", "x.shape[1]" },
  { DERIVED, "x=13,3", "PT2-Y016", "x.shape[0]" },
  { DERIVED, "x=12", "PT2-Y013", "x" },
  { DERIVED, "x=12,3,1", "PT2-Y013", "x" },
  { DERIVED, "y=2,3", "PT2-Y015", "2*s17" },
  { DERIVED, "y=501,3", "PT2-Y015", "2*s17" },
  { GUARDS, "x=5 y=6", "", NULL },
  { GUARDS, "x=1", "", NULL }, /* 0 and 1 are let through where a range begins at 2 */
  { GUARDS, "x=0 y=0", "", NULL },
  { GUARDS, "x=-1", "PT2-Y015", "x.shape[0]" },
  { GUARDS, "x=129", "PT2-Y015", "s77" },
  { GUARDS, "x=5 y=9", "PT2-Y018", "graph_module.graph.nodes[8]" },
  { GUARDS, "x=5 y=11", "PT2-Y018", "graph_module.graph.nodes[5]" },
  { INTEGERS, "n=3", "", NULL },
  { INTEGERS, "n=9", "PT2-Y017", "guards_code[3]" },
  { INTEGERS, "n=1", "PT2-Y017", "guards_code[2]" },
  { INTEGERS, "n=0", "PT2-Y017", "guards_code[1]" },
  { INTEGERS, "n=-1", "PT2-Y017", "guards_code[0]" },
  { INTEGERS, "x=6,8", "PT2-Y014", "x.shape[1]" },
};

START_TEST (what_does_not_fit)
{
  g_autoptr (Pt2Shapes) shapes = corpus_contract (rules[_i].program);
  must_say (shapes, rules[_i].given, rules[_i].id, rules[_i].where);
}
END_TEST

START_TEST (contradictions_say_why)
{
  g_autoptr (Pt2Shapes) shapes = corpus_contract (DERIVED);
  g_autoptr (Pt2ShapesAnswer) answer = ask (shapes, "x=12,3 y=7,3");
  ck_assert_ptr_nonnull (
      strstr (answer->problems[0]->message, "it is 12, but 2*s17 is 14, since s17 = 7 by y.shape[0]"));
  g_autoptr (Pt2Shapes) others = made ("s0;s0", "", "");
  g_autoptr (Pt2ShapesAnswer) other = ask (others, "a=5 b=6");
  ck_assert_ptr_nonnull (strstr (other->problems[0]->message, "it is 6, but s0 is 5, since s0 = 5 by a.shape[0]"));
  ck_assert_str_eq (pt2_error_get_where (other->problems[0]), "b.shape[0]");
}
END_TEST

START_TEST (names_that_are_not_there)
{
  static const struct
  {
    const char *given, *set;
    Pt2ErrorCode code;
  } wrong[] = {
    { "z=3", NULL, PT2_ERROR_Y012 }, { "x=12,3 x=12,3", NULL, PT2_ERROR_Y012 },
    { "", "s18", PT2_ERROR_Y011 },   { "add=3", NULL, PT2_ERROR_Y012 },
    { "", "", PT2_ERROR_Y011 },
  };
  g_autoptr (Pt2Shapes) shapes = corpus_contract (DERIVED);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      Given given;
      g_autoptr (GError) error = NULL;
      const Pt2ExprSetting setting = { wrong[i].set, { PT2_EXPR_INTEGER, 5, 5, NULL } };
      give (&given, wrong[i].given);
      ck_assert_ptr_null (pt2_shapes_solve (shapes, given.shapes, given.n, &setting, wrong[i].set != NULL, &error));
      ck_assert (g_error_matches (error, PT2_ERROR, (int)wrong[i].code));
      g_strfreev (given.words);
    }
  const Pt2ExprSetting twice[]
      = { { "s17", { PT2_EXPR_INTEGER, 5, 5, NULL } }, { "s17", { PT2_EXPR_INTEGER, 5, 5, NULL } } };
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_shapes_solve (shapes, NULL, 0, twice, 2, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_Y011));
  const Pt2ExprSetting half = { "s17", { PT2_EXPR_FLOAT, 0, 5.5, NULL } };
  g_autoptr (Pt2ShapesAnswer) answer = pt2_shapes_solve (shapes, NULL, 0, &half, 1, NULL);
  ck_assert (!answer->fits);
  ck_assert_str_eq (pt2_error_get_id (answer->problems[0]), "PT2-Y015");
}
END_TEST

START_TEST (one_call)
{
  g_autoptr (Pt2Program) program = corpus_program (DERIVED);
  g_autoptr (GError) error = NULL;
  Given given;
  give (&given, "x=12,3 y=6,3");
  ck_assert (pt2_program_check_shapes (program, given.shapes, given.n, &error));
  ck_assert_ptr_null (error);
  given.sizes[1][0] = 7;
  ck_assert (!pt2_program_check_shapes (program, given.shapes, given.n, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_Y014));
  g_strfreev (given.words);
}
END_TEST

/* ---- solving ---- */

static const struct
{
  const char *sizes, *given;
  gint64 s0, s1; /* G_MININT64: not known */
  const char *id;
} systems[] = {
  { "s0,s1", "a=4,5", 4, 5, "" },
  { "2*s0 + 1,s1", "a=9,5", 4, 5, "" },
  { "s0 - 3;s0*s1", "a=4 b=35", 7, 5, "" },
  { "s0*s1,s1 + 1", "a=35,6", 7, 5, "" },
  { "s0*s1;s0*s1", "a=35 b=35", G_MININT64, G_MININT64, "" },
  { "s0**2,s0*s1**3", "a=49,56", 7, 2, "" },
  { "s0**2", "a=50", G_MININT64, G_MININT64, "PT2-Y016" },
  { "3*s0", "a=10", G_MININT64, G_MININT64, "PT2-Y016" },
  { "s0*s1,s1", "a=36,5", G_MININT64, 5, "PT2-Y016" },
  { "s0*s1,s1", "a=0,0", G_MININT64, 0, "" },
  { "s0/2", "a=4", 8, G_MININT64, "" },
  { "s0//2,s0", "a=4,9", 9, G_MININT64, "" },
  { "s0//2,s0", "a=4,10", 10, G_MININT64, "PT2-Y014" },
  { "s0//2", "a=4", G_MININT64, G_MININT64, "" },
  { "s0 + s0//2;s0", "a=9 b=6", 6, G_MININT64, "" },
  { "s0 + s1;s1", "a=9223372036854775807 b=1", G_MAXINT64 - 1, 1, "" },
  { "4611686018427387904*s0;s0", "b=2", 2, G_MININT64, "" },
  { "s0*4611686018427387904;s0", "a=5 b=2", 2, G_MININT64, "PT2-Y014" },
  { "#s0;2*s0,s1", "a=5", 5, G_MININT64, "" },
  { "#s0;2*s0,s1", "a=5 b=11,1", 5, 1, "PT2-Y014" },
  { "7;s0", "a=7 b=2", 2, G_MININT64, "" },
  { "s0//s1;s0;s1", "b=2 c=0", 2, 0, "PT2-Y007" },
};

START_TEST (symbols_are_solved_for)
{
  const char *sizes = systems[_i].sizes;
  g_autoptr (Pt2Shapes) shapes = made (sizes, "", "");
  g_autoptr (Pt2ShapesAnswer) answer = ask (shapes, systems[_i].given);
  guint n;
  const Pt2ShapeSymbol *symbols = pt2_shapes_get_symbols (shapes, &n);
  for (guint i = 0; i < n; i++)
    {
      gint64 wanted = is_text (symbols[i].name, "s0") ? systems[_i].s0 : systems[_i].s1;
      if (wanted == G_MININT64)
        ck_assert_msg (answer->symbols[i].kind == PT2_EXPR_NONE, "%s", sizes);
      else
        must_be (&answer->symbols[i], wanted);
    }
  ck_assert_msg (answer->fits == (systems[_i].id[0] == '\0'), "%s: %s", sizes,
                 answer->fits ? "fits" : answer->problems[0]->message);
  if (!answer->fits)
    ck_assert_str_eq (pt2_error_get_id (answer->problems[0]), systems[_i].id);
}
END_TEST

START_TEST (many_symbols_take_no_longer)
{
  /* s0, s0*s1, s1*s2, …: each gives the next. */
  enum
  {
    MANY = 3000
  };
  g_autoptr (GString) sizes = g_string_new ("s0");
  for (guint i = 1; i < MANY; i++)
    g_string_append_printf (sizes, ",s%u*s%u", i - 1, i);
  g_autoptr (Pt2Shapes) shapes = made (sizes->str, "", "");
  g_autofree gint64 *numbers = g_new (gint64, MANY);
  for (guint i = 0; i < MANY; i++)
    numbers[i] = i == 0 ? 2 : 4;
  const Pt2GivenShape shape = { "a", numbers, MANY };
  gint64 start = g_get_monotonic_time ();
  g_autoptr (Pt2ShapesAnswer) answer = pt2_shapes_solve (shapes, &shape, 1, NULL, 0, NULL);
  ck_assert_int_lt (g_get_monotonic_time () - start, 2 * G_USEC_PER_SEC);
  ck_assert (answer->fits);
  for (guint i = 0; i < MANY; i++)
    must_be (&answer->symbols[i], 2);
}
END_TEST

/* ---- ranges ---- */

static const struct
{
  const char *ranges, *given, *id;
} range_rules[] = {
  { "\"s0\":{\"min_val\":2,\"max_val\":9}", "a=0,4", "" },
  { "\"s0\":{\"min_val\":2,\"max_val\":9}", "a=10,4", "PT2-Y015" },
  { "\"s0\":{\"min_val\":3,\"max_val\":null}", "a=2,4", "PT2-Y015" },
  { "\"s0\":{\"min_val\":3,\"max_val\":null}", "a=1000000,4", "" },
  { "\"s0\":{\"min_val\":null,\"max_val\":null}", "a=0,0", "" },
  { "\"s0\":{\"min_val\":0,\"max_val\":9223372036854775806}", "a=9223372036854775807,4", "" },
  { "\"s0 + s1\":{\"min_val\":5,\"max_val\":6}", "a=2,2", "PT2-Y015" },
  { "\"s0 + s1\":{\"min_val\":5,\"max_val\":6}", "a=2,3", "" },
  { "\"s0 + s1\":{\"min_val\":5,\"max_val\":6}", "a=4,3", "PT2-Y015" },
};

START_TEST (ranges_are_kept)
{
  g_autoptr (Pt2Shapes) shapes = made ("s0,s1", range_rules[_i].ranges, "");
  g_autoptr (Pt2ShapesAnswer) answer = ask (shapes, range_rules[_i].given);
  ck_assert_msg (answer->fits == (range_rules[_i].id[0] == '\0'), "%s %s", range_rules[_i].ranges,
                 range_rules[_i].given);
  if (!answer->fits)
    ck_assert_str_eq (pt2_error_get_id (answer->problems[0]), range_rules[_i].id);
}
END_TEST

/* ---- what is no contract ---- */

START_TEST (faults_of_programs)
{
  static const struct
  {
    const char *seed;
    Pt2ErrorCode code;
    const char *where;
  } faults[] = {
    { "empty-range", PT2_ERROR_Y009, "range_constraints[\"s0\"]" },
    { "not-an-expression", PT2_ERROR_Y002, "x@0" },
    { "same-input-twice", PT2_ERROR_Y012, NULL },
  };
  g_autofree char *corpus = corpus_path ("");
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_build_filename (corpus, "..", "fuzz", "seeds", "shapes", faults[i].seed, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Program) program = pt2_program_new_from_file (path, NULL, NULL, &error);
      ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
      ck_assert_ptr_null (pt2_shapes_new (program, NULL, &error));
      ck_assert (g_error_matches (error, PT2_ERROR, (int)faults[i].code));
      ck_assert_msg (g_strcmp0 (pt2_error_get_where (error), faults[i].where) == 0, "%s", error->message);
    }
}
END_TEST

START_TEST (limits_are_kept)
{
  g_autoptr (Pt2Program) program = corpus_program (DERIVED);
  Pt2Limits limits = *pt2_limits_default ();
  g_autoptr (GError) error = NULL;
  limits.memory = 1000;
  ck_assert_ptr_null (pt2_shapes_new (program, &limits, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_L003));
  g_clear_error (&error);
  limits = *pt2_limits_default ();
  limits.expression_length = 10;
  ck_assert_ptr_null (pt2_shapes_new (program, &limits, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_L009));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { contract_of_derived_sizes, 1 },
    { symbols_of_data, 1 },
    { every_program_fits_what_it_was_traced_with, 1 },
    { assertions_of_old_programs, 1 },
    { sizes_follow, 1 },
    { what_does_not_fit, G_N_ELEMENTS (rules) },
    { contradictions_say_why, 1 },
    { names_that_are_not_there, 1 },
    { one_call, 1 },
    { symbols_are_solved_for, G_N_ELEMENTS (systems) },
    { many_symbols_take_no_longer, 1 },
    { ranges_are_kept, G_N_ELEMENTS (range_rules) },
    { faults_of_programs, 1 },
    { limits_are_kept, 1 },
  };
  return RUN_SUITE ("shapes", cases);
}
