/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of extensions: handlers of namespaces and lines of schemas, and who is told of them. */
#include "pt2-build.h"
#include "pt2-check.h"
#include "pt2-extension.h"
#include "pt2-graph-edit.h"
#include "suite.h"
#include <string.h>

#define SAMPLE "extension/demo.pt2"

static Pt2String
text (const char *text)
{
  return (Pt2String){ text, (uint32_t)strlen (text) };
}

/* ---- an extension of the test's own ---- */

typedef struct
{
  const char *name, *schema;
} DemoOp;

static const DemoOp demo_ops[] = {
  { "scale", "demo::scale(Tensor self, float factor, *, int[] dims=[]) -> Tensor" },
  { "halves", "whatever::it(Tensor self) -> (Tensor, Tensor)" },
  { "silent", NULL },
  { "broken", "no schema" },
  { "a:b", "demo::ab() -> Tensor" },
};

typedef struct
{
  int asked; /* for schemas */
  int freed;
} Calls;

static gpointer
demo_from_name (const char *name, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (demo_ops); i++)
    if (strcmp (demo_ops[i].name, name) == 0)
      return (gpointer)&demo_ops[i];
  return NULL;
}

static const char *
demo_to_name (gpointer op, gpointer data)
{
  return ((const DemoOp *)op)->name;
}

static char *
demo_make_schema (gpointer op, gpointer data)
{
  g_atomic_int_inc (&((Calls *)data)->asked);
  return g_strdup (((const DemoOp *)op)->schema);
}

static void
demo_free (gpointer data)
{
  ((Calls *)data)->freed++;
}

static const Pt2ExtensionHandler demo = { demo_from_name, demo_to_name, demo_make_schema };

static Pt2Ops *
new_ops (Calls *calls)
{
  g_autoptr (GError) error = NULL;
  Pt2Ops *ops = pt2_ops_new (NULL, &error);
  ck_assert (pt2_ops_add_handler (ops, "demo", &demo, calls, demo_free, &error));
  return ops;
}

START_TEST (handlers_are_asked_once)
{
  Calls calls = { 0, 0 };
  Pt2Ops *ops = new_ops (&calls);
  g_autoptr (GError) error = NULL;
  const Pt2OpSchema *schema = pt2_ops_lookup (ops, text ("#demo:halves"), &error);
  ck_assert_ptr_nonnull (schema);
  ck_assert_ptr_eq (pt2_ops_find (ops, text ("#demo:halves")), schema);
  ck_assert_int_eq (calls.asked, 1);
  ck_assert (schema->target.len == 12 && memcmp (schema->target.data, "#demo:halves", 12) == 0);
  static const char printed[] = "#demo:halves(Tensor self) -> (Tensor, Tensor)";
  ck_assert (schema->text.len == strlen (printed) && memcmp (schema->text.data, printed, schema->text.len) == 0);
  ck_assert (schema->space.len == 4 && schema->name.len == 6 && schema->overload.len == 0);
  ck_assert_ptr_null (pt2_ops_lookup (ops, text ("#demo:nothing"), &error));
  ck_assert_ptr_null (pt2_ops_lookup (ops, text ("#other:scale"), &error));
  ck_assert_ptr_null (pt2_ops_lookup (ops, (Pt2String){ "#demo:scale\0x", 13 }, &error));
  ck_assert_ptr_null (pt2_ops_lookup (ops, text ("#"), &error));
  ck_assert_ptr_null (error);
  pt2_ops_free (ops);
  ck_assert_int_eq (calls.freed, 1);
}
END_TEST

START_TEST (names_go_both_ways)
{
  Calls calls = { 0, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&calls);
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_eq (pt2_ops_find_extension (ops, text ("#demo:scale")), &demo_ops[0]);
  ck_assert_ptr_null (pt2_ops_find_extension (ops, text ("#demo:none")));
  ck_assert_ptr_null (pt2_ops_find_extension (ops, text ("#none:scale")));
  g_autofree char *target = pt2_ops_make_target (ops, "demo", (gpointer)&demo_ops[1], &error);
  ck_assert_str_eq (target, "#demo:halves");
  ck_assert_ptr_null (pt2_ops_make_target (ops, "demo", (gpointer)&demo_ops[4], &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O004));
  g_clear_error (&error);
  ck_assert_ptr_null (pt2_ops_make_target (ops, "none", (gpointer)&demo_ops[0], &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O003));
}
END_TEST

START_TEST (wrong_handlers_are_refused)
{
  static const char *const wrong[] = { "", "a:b", ":", "\xff" };
  Calls calls = { 0, 0 };
  Pt2Ops *ops = new_ops (&calls);
  GError *error = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      ck_assert (!pt2_ops_add_handler (ops, wrong[i], &demo, &calls, demo_free, &error));
      ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O001));
      g_clear_error (&error);
    }
  ck_assert (!pt2_ops_add_handler (ops, "demo", &demo, &calls, demo_free, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O003));
  g_clear_error (&error);
  for (guint i = 2; i <= 3; i++)
    {
      g_autofree char *target = g_strconcat ("#demo:", demo_ops[i].name, NULL);
      ck_assert_ptr_null (pt2_ops_lookup (ops, text (target), &error));
      ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O004));
      ck_assert_ptr_nonnull (strstr (error->message, target));
      g_clear_error (&error);
      ck_assert_ptr_null (pt2_ops_find (ops, text (target)));
    }
  pt2_ops_free (ops);
  ck_assert_int_eq (calls.freed, 1);
}
END_TEST

START_TEST (added_schemas_go_first)
{
  Calls calls = { 0, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&calls);
  ck_assert (pt2_ops_add_text (ops, "#demo:scale(Tensor x) -> Tensor\n", -1, NULL));
  ck_assert_uint_eq (pt2_ops_find (ops, text ("#demo:scale"))->n_arguments, 1);
  ck_assert_int_eq (calls.asked, 0);
}
END_TEST

START_TEST (answers_count_as_memory)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 64;
  g_autoptr (GError) error = NULL;
  Calls calls = { 0, 0 };
  g_autoptr (Pt2Ops) ops = pt2_ops_new (&limits, NULL);
  ck_assert (!pt2_ops_add_handler (ops, "demo", &demo, &calls, demo_free, &error)
             || pt2_ops_lookup (ops, text ("#demo:scale"), &error) == NULL);
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_L003));
}
END_TEST

static gpointer
ask_all (gpointer data)
{
  const Pt2Ops *ops = data;
  const Pt2OpSchema *last = NULL;
  for (int i = 0; i < 2000; i++)
    last = pt2_ops_find (ops, text (i % 2 == 0 ? "#demo:scale" : "#demo:halves"));
  return (gpointer)last;
}

START_TEST (threads_may_ask_at_once)
{
  Calls calls = { 0, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&calls);
  GThread *threads[4];
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new (NULL, ask_all, ops);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    ck_assert_ptr_eq (g_thread_join (threads[i]), pt2_ops_find (ops, text ("#demo:halves")));
}
END_TEST

/* ---- lines ---- */

START_TEST (lines_are_schemas_or_remarks)
{
  static const struct
  {
    const char *text;
    const char *target; /* what is then known; NULL: nothing */
    Pt2ErrorCode fault;
  } cases[] = {
    { "#demo:scale(Tensor self, float factor) -> Tensor", "#demo:scale", PT2_ERROR_NONE },
    { "#demo:scale (Tensor self) -> Tensor", "#demo:scale", PT2_ERROR_NONE },
    { "#my-space:my.op/2(Tensor self) -> ()", "#my-space:my.op/2", PT2_ERROR_NONE },
    { "# demo:scale(Tensor self) -> Tensor", NULL, PT2_ERROR_NONE },
    { "#remark", NULL, PT2_ERROR_NONE },
    { "#TODO: more", NULL, PT2_ERROR_NONE },
    { "#a::b(c)", NULL, PT2_ERROR_NONE },
    { "##", NULL, PT2_ERROR_NONE },
    { "#", NULL, PT2_ERROR_NONE },
    { "#demo:scale(Tensor self)", NULL, PT2_ERROR_O001 },
    { "#demo:scale", NULL, PT2_ERROR_O001 },
    { "#demo:f() -> ()\n#demo:f(int x) -> ()", "#demo:f", PT2_ERROR_O002 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL);
      ck_assert_msg (pt2_ops_add_text (ops, cases[i].text, -1, &error) == (cases[i].fault == PT2_ERROR_NONE), "%s",
                     cases[i].text);
      if (cases[i].fault != PT2_ERROR_NONE)
        ck_assert_msg (g_error_matches (error, PT2_ERROR, (gint)cases[i].fault), "%s", cases[i].text);
      if (cases[i].target != NULL)
        ck_assert_msg (pt2_ops_find (ops, text (cases[i].target)) != NULL, "%s", cases[i].text);
    }
}
END_TEST

/* What is printed is read again; a name that no line could hold is shown with escapes. */
START_TEST (schemas_are_printed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL), again = pt2_ops_new (NULL, NULL);
  ck_assert (pt2_ops_add_extension (ops, "#demo:f", "x::y(Tensor self, *, int n=1) -> Tensor[]", &error));
  const Pt2OpSchema *schema = pt2_ops_find (ops, text ("#demo:f"));
  ck_assert (pt2_ops_add_text (again, schema->text.data, schema->text.len, &error));
  ck_assert_ptr_nonnull (pt2_ops_find (again, text ("#demo:f")));
  ck_assert (pt2_ops_add_extension (ops, "#demo:\xc3\xa4 (\\", "x::y() -> ()", &error));
  schema = pt2_ops_find (ops, text ("#demo:\xc3\xa4 (\\"));
  static const char printed[] = "#demo:\\xc3\\xa4\\x20\\x28\\x5c() -> ()";
  ck_assert (schema->text.len == strlen (printed) && memcmp (schema->text.data, printed, schema->text.len) == 0);
}
END_TEST

/* ---- who is told ---- */

static Pt2Program *
build (const Pt2Ops *ops, const char *op, const char *types, GError **error)
{
  g_autoptr (Pt2Builder) builder = pt2_builder_new (ops, NULL);
  Pt2BuildValue *x = pt2_build_input (builder, "x", "float32[2, 3]");
  Pt2BuildGraph *root = pt2_build_root (builder);
  pt2_build_output (root, pt2_build_call (root, op, types, PT2_ARGS (pt2_arg (x), pt2_arg_float (2.0))));
  pt2_build_dialect (builder, "DEMO");
  return pt2_builder_finish (builder, error);
}

START_TEST (builders_call_them)
{
  Calls calls = { 0, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&calls);
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = build (ops, "#demo:scale", "float32[2, 3]", &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  const Pt2ExportedProgram *exported = pt2_program_get_exported_program (program);
  const Pt2Node *node = &exported->graph_module.graph.nodes.items[0];
  ck_assert (node->target.len == 11 && memcmp (node->target.data, "#demo:scale", 11) == 0);
  ck_assert (node->name.len == 5 && memcmp (node->name.data, "scale", 5) == 0);
  ck_assert (node->inputs.items[1].name.len == 6);
  ck_assert (exported->verifiers.items[0].len == 4 && memcmp (exported->verifiers.items[0].data, "DEMO", 4) == 0);
  static const struct
  {
    const char *op, *types;
    Pt2ErrorCode fault;
  } wrong[] = {
    { "#demo:halves", "float32[2, 3]; float32[2, 3]", PT2_ERROR_B002 },
    { "#demo:scale", "float32[2, 3]; float32[2, 3]", PT2_ERROR_B002 },
    { "#demo:nothing", "float32[2, 3]", PT2_ERROR_B001 },
    { "#demo:broken", "float32[2, 3]", PT2_ERROR_O004 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_clear_error (&error);
      ck_assert_ptr_null (build (ops, wrong[i].op, wrong[i].types, &error));
      ck_assert_msg (g_error_matches (error, PT2_ERROR, (gint)wrong[i].fault), "%s: %s", wrong[i].op, error->message);
    }
}
END_TEST

START_TEST (graphs_call_them)
{
  Calls calls = { 0, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&calls);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), SAMPLE, NULL);
  g_autoptr (Pt2Program) program = pt2_program_new_from_file (path, NULL, NULL, &error);
  g_autoptr (Pt2FxModule) module = pt2_fx_module_new (program, NULL, &error);
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *scale = pt2_fx_graph_find (root, "scale", -1);
  ck_assert (!pt2_fx_node_set_target (scale, "#demo:broken", ops, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O004));
  g_clear_error (&error);
  ck_assert (!pt2_fx_node_set_target (scale, "#demo:halves", ops, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G012));
  g_clear_error (&error);
  const Pt2FxMeta like = { PT2_FX_VALUE_TENSOR, pt2_fx_node_get_tensor (scale) };
  const Pt2FxNamed arguments[] = { { "factor", pt2_fx_float (3.0) }, { "self", pt2_fx_value (scale) } };
  Pt2FxCall call
      = { .target = "#demo:scale", .arguments = arguments, .n_arguments = 2, .results = &like, .n_results = 1 };
  Pt2FxNode *more = pt2_fx_graph_insert_call (root, NULL, &call, ops, &error);
  ck_assert_msg (more != NULL, "%s", error != NULL ? error->message : "");
  const Pt2String name = pt2_fx_node_get_name (more), first = pt2_fx_node_get_argument_name (more, 0);
  ck_assert (name.len == 7 && memcmp (name.data, "scale_1", 7) == 0);
  ck_assert (first.len == 4 && memcmp (first.data, "self", 4) == 0);
  call.target = "#demo:broken";
  ck_assert_ptr_null (pt2_fx_graph_insert_call (root, NULL, &call, ops, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O004));
}
END_TEST

/* How many findings have ID. */
static guint
count_findings (const Pt2Report *report, const char *id)
{
  guint n, found = 0;
  const Pt2Finding *findings = pt2_report_get_findings (report, &n);
  for (guint i = 0; i < n; i++)
    found += strcmp (findings[i].id, id) == 0;
  return found;
}

START_TEST (checks_hold_calls_against_them)
{
  Calls calls = { 0, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&calls), plain = pt2_ops_new (NULL, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), SAMPLE, NULL);
  Pt2CheckOptions options = { .ops = ops };
  g_autoptr (Pt2Report) sound = pt2_check_file (path, &options, &error);
  ck_assert (pt2_report_is_ok (sound));
  ck_assert_ptr_null (pt2_report_get_not_checked (sound)[0]);
  options.ops = plain;
  g_autoptr (Pt2Report) unknown = pt2_check_file (path, &options, &error);
  ck_assert (pt2_report_is_ok (unknown));
  ck_assert_ptr_nonnull (strstr (pt2_report_get_not_checked (unknown)[0], "#demo:scale"));
  ck_assert (pt2_ops_add_text (
      plain, "#demo:scale(Tensor x, int factor) -> Tensor\n#demo:halves(Tensor self) -> Tensor", -1, NULL));
  g_autoptr (Pt2Report) misused = pt2_check_file (path, &options, &error);
  ck_assert_uint_eq (count_findings (misused, "PT2-O102"), 2);
  ck_assert_uint_eq (count_findings (misused, "PT2-O103"), 1);
  ck_assert_uint_eq (count_findings (misused, "PT2-O104"), 1);
  ck_assert_uint_eq (count_findings (misused, "PT2-O106"), 1);
}
END_TEST

START_TEST (a_handler_at_fault_is_no_fault_of_the_file)
{
  Calls calls = { 0, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&calls);
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = build (ops, "#demo:scale", "float32[2, 3]", &error);
  g_autoptr (Pt2FxModule) module = pt2_fx_module_new (program, NULL, &error);
  Pt2FxNode *scale = pt2_fx_graph_find (pt2_fx_module_get_root (module), "scale", -1);
  ck_assert (pt2_fx_node_set_target (scale, "#demo:broken", NULL, &error));
  g_autoptr (Pt2Program) changed = pt2_fx_module_make_program (module, NULL, NULL, &error);
  const Pt2CheckOptions options = { .ops = ops };
  g_autoptr (Pt2Report) report = pt2_check_program (changed, &options, &error);
  ck_assert (pt2_report_is_ok (report));
  ck_assert_ptr_nonnull (strstr (pt2_report_get_not_checked (report)[0], "PT2-O004"));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { handlers_are_asked_once, 1 },
                             { names_go_both_ways, 1 },
                             { wrong_handlers_are_refused, 1 },
                             { added_schemas_go_first, 1 },
                             { answers_count_as_memory, 1 },
                             { threads_may_ask_at_once, 1 },
                             { lines_are_schemas_or_remarks, 1 },
                             { schemas_are_printed, 1 },
                             { builders_call_them, 1 },
                             { graphs_call_them, 1 },
                             { checks_hold_calls_against_them, 1 },
                             { a_handler_at_fault_is_no_fault_of_the_file, 1 } };
  return RUN_SUITE ("extensions", cases);
}
