/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/shapes: contracts of real programs and of small ones made here, what follows from given shapes, which
 * rules they break; and expressions as PyTorch's serializer writes them. */
#include "pt2-shapes.h"
#include "corpus.h"
#include "suite.h"
#include "sym_values.h"

#define DERIVED "torch-2.15.0/derived_dims.pt2"
#define GUARDS "torch-2.15.0/guards.pt2"
#define INTEGERS "torch-2.15.0/sym_int_in.pt2"
#define UNBACKED "torch-2.15.0/unbacked.pt2"

/* ---- making and asking ---- */

static Pt2Shapes *
contract (Pt2Program *program)
{
  g_autoptr (GError) error = NULL;
  Pt2Shapes *shapes = pt2_shapes_new (program, NULL, &error);
  ck_assert_msg (shapes != NULL, "%s", error != NULL ? error->message : "");
  return shapes;
}

static Pt2Shapes *
corpus_contract (const char *name)
{
  g_autoptr (Pt2Program) program = corpus_program (name);
  return contract (program);
}

/* "x=4,8 y=3" as shapes. */
typedef struct
{
  Pt2GivenShape shapes[8];
  gint64 sizes[8][8];
  char **words;
  guint n;
} Given;

static void
give (Given *given, const char *text)
{
  given->words = g_strsplit (text, " ", -1);
  given->n = 0;
  for (guint i = 0; given->words[i] != NULL && given->words[i][0] != '\0'; i++)
    {
      char *sizes = strchr (given->words[i], '='), *p = sizes + 1;
      Pt2GivenShape *shape = &given->shapes[given->n];
      *sizes = '\0';
      *shape = (Pt2GivenShape){ given->words[i], given->sizes[given->n], 0 };
      for (; *p != '\0'; p += *p == ',')
        given->sizes[given->n][shape->n++] = g_ascii_strtoll (p, &p, 10);
      given->n++;
    }
}

static Pt2ShapesAnswer *
ask (const Pt2Shapes *shapes, const char *text)
{
  Given given;
  g_autoptr (GError) error = NULL;
  give (&given, text);
  Pt2ShapesAnswer *answer = pt2_shapes_solve (shapes, given.shapes, given.n, NULL, 0, &error);
  ck_assert_msg (answer != NULL, "%s: %s", text, error != NULL ? error->message : "");
  g_strfreev (given.words);
  return answer;
}

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

static void
must_be (const Pt2ExprValue *value, gint64 wanted)
{
  ck_assert_int_eq (value->kind, PT2_EXPR_INTEGER);
  ck_assert_int_eq (value->integer, wanted);
}

static gboolean
is_text (Pt2String text, const char *wanted)
{
  return text.data != NULL && text.len == strlen (wanted) && memcmp (text.data, wanted, text.len) == 0;
}

#define MUST_READ(text, wanted)                                                                                        \
  ck_assert_msg (is_text (text, wanted), "%.*s, not %s", (int)(text).len, (text).data, wanted)

/* ---- programs made here ---- */

/* SIZES: of the inputs a, b, c …: "2*s0,3;s1" is two of them. An input of `#s0` is an integer. */
static Pt2Shapes *
made (const char *sizes, const char *ranges, const char *guards)
{
  g_autoptr (GString) tensors = g_string_new (""), integers = g_string_new (""), specs = g_string_new ("");
  g_autoptr (GString) args = g_string_new (""), leaves = g_string_new (""), names = g_string_new ("");
  g_auto (GStrv) inputs = g_strsplit (sizes, ";", -1);
  for (guint i = 0; inputs[i] != NULL; i++)
    {
      gboolean integer = inputs[i][0] == '#';
      g_auto (GStrv) dims = g_strsplit (inputs[i] + integer, ",", -1);
      g_autoptr (GString) list = g_string_new ("");
      for (guint d = 0; dims[d] != NULL && dims[d][0] != '\0'; d++)
        {
          gboolean number = strspn (dims[d], "0123456789") == strlen (dims[d]);
          g_string_append_printf (list, number ? "%s{\"as_int\":%s}" : "%s{\"as_expr\":{\"expr_str\":\"%s\"}}",
                                  d > 0 ? "," : "", dims[d]);
        }
      if (integer)
        g_string_append_printf (integers, "%s\"%c\":%s", integers->len > 0 ? "," : "", 'a' + i, list->str);
      else
        g_string_append_printf (tensors,
                                "%s\"%c\":{\"dtype\":7,\"sizes\":[%s],\"requires_grad\":false,\"device\":{\"type\":"
                                "\"cpu\"},\"strides\":[],\"storage_offset\":{\"as_int\":0},\"layout\":7}",
                                tensors->len > 0 ? "," : "", 'a' + i, list->str);
      g_autofree char *arg = g_strdup_printf (
          integer ? "{\"as_sym_int\":{\"as_name\":\"%c\"}}" : "{\"as_tensor\":{\"name\":\"%c\"}}", 'a' + i);
      const char *comma = i > 0 ? "," : "";
      g_string_append_printf (args, "%s%s", comma, arg);
      g_string_append_printf (specs, "%s{\"user_input\":{\"arg\":%s}}", comma, arg);
      g_string_append_printf (names, "%s\"%c\"", comma, 'a' + i);
      g_string_append_printf (leaves, "%s{\\\"type\\\":null,\\\"context\\\":null,\\\"children_spec\\\":[]}", comma);
    }
  g_autofree char *text = g_strdup_printf (
      "{\"graph_module\":{\"graph\":{\"inputs\":[%s],\"outputs\":[],\"nodes\":[],\"tensor_values\":{%s},"
      "\"sym_int_values\":{%s},\"sym_bool_values\":{}},\"signature\":{\"input_specs\":[%s],\"output_specs\":[]},"
      "\"module_call_graph\":[{\"fqn\":\"\",\"signature\":{\"inputs\":[],\"outputs\":[],\"in_spec\":\"[1,{\\\"type\\\":"
      "\\\"builtins.tuple\\\",\\\"context\\\":\\\"null\\\",\\\"children_spec\\\":[{\\\"type\\\":\\\"builtins.tuple\\\","
      "\\\"context\\\":\\\"null\\\",\\\"children_spec\\\":[%s]}]}]\",\"out_spec\":\"\",\"forward_arg_names\":[%s]}}]},"
      "\"opset_version\":{},\"range_constraints\":{%s},\"schema_version\":{\"major\":8,\"minor\":20},"
      "\"guards_code\":[%s]}",
      args->str, tensors->str, integers->str, specs->str, leaves->str, names->str, ranges, guards);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  return contract (program);
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
  g_autoptr (GString) sizes = g_string_new ("s0"), given = g_string_new ("a=2");
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

/* ---- guards ---- */

static const struct
{
  const char *text; /* a is [s0, s1], b an integer; a=7,12 and b=3 are given */
  Pt2ShapeVerdict verdict;
} guard_texts[] = {
  { "L['a'].size()[0] == 7", PT2_SHAPE_HOLDS },
  { "L['a'].size()[0] != 7", PT2_SHAPE_FAILS },
  { "7 < L['a'].size()[1]", PT2_SHAPE_HOLDS },
  { "L['b'] >= 4", PT2_SHAPE_FAILS },
  { "1 < L['b'] < 4 <= L['a'].size()[0]", PT2_SHAPE_HOLDS },
  { "1 < L['b'] < 3 <= L['a'].size()[0]", PT2_SHAPE_FAILS },
  { "L['b'] == 1 or L['b'] == 3", PT2_SHAPE_HOLDS },
  { "L['b'] == 1 or L['b'] == 3 and L['b'] == 2", PT2_SHAPE_FAILS },
  { "not L['b'] == 1 and not (L['b'] == 2)", PT2_SHAPE_HOLDS },
  { "(-3) + L['a'].size()[0] == 4", PT2_SHAPE_HOLDS },
  { "L['a'].size()[0] - L['b'] - 1 == 3", PT2_SHAPE_HOLDS },
  { "-L['b'] ** 2 == -9", PT2_SHAPE_HOLDS },
  { "2 ** -1 * 4 == 2", PT2_SHAPE_HOLDS },
  { "2 ** 3 ** 2 == 512", PT2_SHAPE_HOLDS },
  { "2*L['b'] + 3*L['a'].size()[0]*2 == 48", PT2_SHAPE_HOLDS },
  { "((-1)*L['b']) // 2 == -2", PT2_SHAPE_HOLDS },
  { "((-1)*L['b']) % 2 == 1", PT2_SHAPE_HOLDS },
  { "12 % 7 * 2 == 10", PT2_SHAPE_HOLDS },
  { "L['a'].size()[0] / 2 > 3.4", PT2_SHAPE_HOLDS },
  { "L['a'].size()[0] / 2 > 3.5e+0", PT2_SHAPE_FAILS },
  { "torch.sym_float(L['b']) / 2.0 == 1.5", PT2_SHAPE_HOLDS },
  { "torch.sym_max(1, L['b'], 2) == 3", PT2_SHAPE_HOLDS },
  { "min(L['b'], 2) + max(L['b'], 2) == 5", PT2_SHAPE_HOLDS },
  { "abs(1 - L['b']) == 2", PT2_SHAPE_HOLDS },
  { "math.floor(L['b'] / 2) + math.ceil(L['b'] / 2) + math.trunc(1.5) == 4", PT2_SHAPE_HOLDS },
  { "round(2.5) == 2 and round(2.25, 1) == 2.2", PT2_SHAPE_HOLDS },
  { "torch._sym_sqrt(16) == 4.0", PT2_SHAPE_HOLDS },
  { "math.cos(0) == 1.0 and math.log2(8) == 3.0", PT2_SHAPE_HOLDS },
  { "(5 if L['b'] > 2 else 6) == 5", PT2_SHAPE_HOLDS },
  { "(5 if L['b'] > 3 else 6 if L['b'] > 2 else 7) == 6", PT2_SHAPE_HOLDS },
  { "L['b'] & 2 == 2", PT2_SHAPE_HOLDS }, /* unlike in C */
  { "(L['b'] & 2) == 2 and (L['b'] | 4) == 7 and (L['b'] ^ 1) == 2", PT2_SHAPE_HOLDS },
  { "L['b'] << 2 == 12 and L['b'] >> 1 == 1", PT2_SHAPE_HOLDS },
  { "L['b'] < math.inf", PT2_SHAPE_HOLDS },
  { "True", PT2_SHAPE_HOLDS },
  { "L['flat_args'][1] == 3 and L['flat_args'][0].size()[1] == 12", PT2_SHAPE_HOLDS },
  { "L['b'] // 0 == 1", PT2_SHAPE_FAILS }, /* it raises */
  { "L[\\\"b\\\"] == 3", PT2_SHAPE_HOLDS },
  /* not understood, or about something else than shapes */
  { "L['b']", PT2_SHAPE_UNKNOWN },
  { "L['a'] == 3", PT2_SHAPE_UNKNOWN },
  { "L['c'] == 3", PT2_SHAPE_UNKNOWN },
  { "L['a'].size()[2] == 3", PT2_SHAPE_UNKNOWN },
  { "L['a'].size()[0] == 'x'", PT2_SHAPE_UNKNOWN },
  { "L['a'].stride()[0] == 1", PT2_SHAPE_UNKNOWN },
  { "L['a'].size() == 1", PT2_SHAPE_UNKNOWN },
  { "L['b'].size()[0] == 1", PT2_SHAPE_UNKNOWN },
  { "L['flat_args'][2] == 3", PT2_SHAPE_UNKNOWN },
  { "__import__('os').system('true') == 0", PT2_SHAPE_UNKNOWN },
  { "open(3) == 0", PT2_SHAPE_UNKNOWN },
  { "round(1, 2, 3) == 0", PT2_SHAPE_UNKNOWN },
  { "L['b'] == 3)", PT2_SHAPE_UNKNOWN },
  { "(L['b'] == 3", PT2_SHAPE_UNKNOWN },
  { "L['b'] ==", PT2_SHAPE_UNKNOWN },
  { "L['b'", PT2_SHAPE_UNKNOWN },
  { "L[", PT2_SHAPE_UNKNOWN },
  { "not", PT2_SHAPE_UNKNOWN },
  { "1 == 1 andalso", PT2_SHAPE_UNKNOWN },
  { "", PT2_SHAPE_UNKNOWN },
};

START_TEST (guards_are_understood)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", guard_texts[_i].text);
  g_autoptr (Pt2Shapes) shapes = made ("s0,s1;#s2", "", quoted);
  guint n;
  const Pt2ShapeGuard *guards = pt2_shapes_get_guards (shapes, &n);
  ck_assert_uint_eq (n, 1);
  ck_assert_msg (guards[0].is_checked == (guard_texts[_i].verdict != PT2_SHAPE_UNKNOWN), "%s", guard_texts[_i].text);
  if (!guards[0].is_checked)
    MUST_READ (guards[0].text, guard_texts[_i].text);
  g_autoptr (Pt2ShapesAnswer) answer = ask (shapes, "a=7,12 b=3");
  ck_assert_msg (answer->guards[0] == guard_texts[_i].verdict, "%s: %d", guard_texts[_i].text, answer->guards[0]);
  ck_assert_int_eq (answer->fits, guard_texts[_i].verdict != PT2_SHAPE_FAILS);
}
END_TEST

START_TEST (deep_guards_are_left)
{
  enum
  {
    DEEP = 100000
  };
  g_autofree char *open = g_strnfill (DEEP, '('), *close = g_strnfill (DEEP, ')');
  g_autofree char *deep = g_strdup_printf ("\"%s1 == 1%s\"", open, close);
  g_autoptr (Pt2Shapes) shapes = made ("s0", "", deep);
  guint n;
  ck_assert (!pt2_shapes_get_guards (shapes, &n)[0].is_checked);
  /* A long one is no deep one. */
  g_autoptr (GString) sum = g_string_new ("\"1");
  for (guint i = 0; i < 20000; i++)
    g_string_append (sum, " + 1");
  g_string_append (sum, " == 20001\"");
  g_autoptr (Pt2Shapes) others = made ("s0", "", sum->str);
  g_autoptr (Pt2ShapesAnswer) answer = ask (others, "");
  ck_assert_int_eq (answer->guards[0], PT2_SHAPE_HOLDS);
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
      ck_assert_str_eq (pt2_error_get_where (error), faults[i].where);
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

/* ---- writing ---- */

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
    { guards_are_understood, G_N_ELEMENTS (guard_texts) },
    { deep_guards_are_left, 1 },
    { faults_of_programs, 1 },
    { limits_are_kept, 1 },
    { values_as_pytorch_writes_them, G_N_ELEMENTS (written) },
    { values_that_do_not_fit, 1 },
    { ranges_as_pytorch_writes_them, G_N_ELEMENTS (range_ends) },
    { real_values_are_written_the_same, 1 },
  };
  return RUN_SUITE ("shapes", cases);
}
