/* SPDX-License-Identifier: Apache-2.0 */
/* lib/graph, writing: a program made of its graph is the same program, also where the schema does not know parts of it.
 */
#include "graph.h"
#include "graph_help.h"
#include "suite.h"

static GBytes *
json_of (Pt2Program *program)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = pt2_program_save (program, PT2_FORM_JSON, &error);
  ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
  return bytes;
}

static Pt2Program *
made_again (Pt2Program *program)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = module_of (program);
  Pt2Program *made = pt2_fx_module_make_program (module, NULL, NULL, &error);
  ck_assert_msg (made != NULL, "%s", error != NULL ? error->message : "");
  return made;
}

static void
check_same (const char *path, Pt2Program *program)
{
  g_autoptr (Pt2Program) once = made_again (program), twice = made_again (once);
  g_autoptr (GBytes) before = json_of (program), after = json_of (once), again = json_of (twice);
  ck_assert_msg (g_bytes_equal (before, after) && g_bytes_equal (after, again), "%s:\n%s\n%s", path,
                 (const char *)g_bytes_get_data (before, NULL), (const char *)g_bytes_get_data (after, NULL));
}

static void
check_program (const char *path, Pt2Program *program, gpointer data)
{
  guint *n = data;
  if (pt2_program_get_exported_program (program) == NULL)
    return;
  check_same (path, program);
  ++*n;
}

START_TEST (every_program_of_the_corpus)
{
  guint n = 0;
  corpus_foreach (check_program, &n);
  ck_assert_uint_gt (n, 50);
}
END_TEST

/* ---- what PyTorch's samples do not have ---- */

#define AROUND(graph) PROGRAM (graph, USER_INPUT (USE ("x")), USER_OUTPUT (USE ("a")))
#define WITH_INPUT(argument)                                                                                           \
  AROUND (GRAPH (USE ("x"), USE ("a"), NODE ("a", "torch.ops.aten.foo.default", INPUT ("self", argument), USE ("a")),  \
                 TENSOR ("x") ", " TENSOR ("a")))
#define WITH_OUTPUTS(name, outputs)                                                                                    \
  AROUND (GRAPH (USE ("x"), USE ("x"), NODE (name, "torch.ops.aten.foo.default", INPUT ("self", USE ("x")), outputs),  \
                 TENSOR ("x") ", " TENSOR ("a") ", " TENSOR ("n_unused_2") ", " TENSOR ("b")))

static const char *const same[] = {
  WITH_INPUT ("{\"as_ints\": []}"),
  WITH_INPUT ("{\"as_tensors\": []}"),
  WITH_INPUT ("{\"as_float_lists\": []}"),
  WITH_INPUT ("{\"as_sym_bools\": []}"),
  WITH_INPUT ("{\"as_sym_ints\": [{\"as_int\": 1}, {\"as_int\": 2}]}"),
  WITH_INPUT ("{\"as_sym_int\": {\"as_int\": 1}}"),
  WITH_INPUT ("{\"as_sym_float\": {\"as_float\": 0.5}}"),
  WITH_INPUT ("{\"as_sym_bool\": {\"as_bool\": true}}"),
  WITH_INPUT ("{\"as_sym_floats\": [{\"as_float\": 0.5}]}"),
  WITH_INPUT ("{\"as_sym_bools\": [{\"as_bool\": true}]}"),
  WITH_INPUT ("{\"as_optional_tensor\": {\"as_none\": true}}"),
  WITH_INPUT ("{\"as_optional_tensor\": {\"as_tensor\": {\"name\": \"x\"}}}"),
  WITH_INPUT ("{\"as_optional_tensors\": [{\"as_none\": true}, {\"as_tensor\": {\"name\": \"x\"}}]}"),
  WITH_INPUT ("{\"as_optional_tensors\": [{\"as_tensor\": {\"name\": \"x\"}}]}"),
  WITH_INPUT ("{\"as_nested_tensors\": [[{\"name\": \"x\"}], []]}"),
  WITH_INPUT ("{\"as_nested_tensors\": [[]]}"),
  WITH_INPUT ("{\"as_int_lists\": [[1, 2], []]}"),
  WITH_INPUT ("{\"as_float_lists\": [[0.5], [Infinity]]}"),
  WITH_INPUT ("{\"as_bools\": [true, false]}"),
  WITH_INPUT ("{\"as_strings\": [\"a\", \"\"]}"),
  WITH_INPUT ("{\"as_string_to_argument\": {\"k\": {\"as_string_to_argument\": {}}, \"l\": {\"as_ints\": []}}}"),
  WITH_INPUT ("{\"as_custom_obj\": {\"name\": \"_custom_obj_0\", \"class_fqn\": \"a.B\"}}"),
  WITH_INPUT ("{\"as_operator\": \"torch.ops.aten.add.Tensor\"}"),
  WITH_INPUT ("{\"as_complex\": {\"real\": 0.0, \"imag\": -0.0}}"),
  WITH_INPUT ("{\"as_scalar_type\": 77}"),
  WITH_INPUT ("{\"as_future\": [1, {\"a\": null}]}"),
  WITH_INPUT ("{\"as_sym_int\": {\"as_future\": 3}}"),
  WITH_INPUT ("{\"as_sym_ints\": [{\"as_future\": 3}, {\"as_int\": 1}]}"),
  WITH_INPUT ("{\"as_tensor\": {\"name\": \"x\", \"future\": 1}}"),
  WITH_INPUT ("{\"as_tensors\": [{\"name\": \"x\", \"future\": 1}]}"),
  WITH_INPUT ("{\"as_device\": {\"type\": \"cpu\", \"index\": null, \"future\": 2}}"),
  WITH_OUTPUTS ("n", USE ("a") ", {\"as_none\": true}, " USE ("n_unused_2") ", {\"as_tensors\": [{\"name\": \"b\"}]}"),
  WITH_OUTPUTS ("n", "{\"as_tensors\": []}"),
  WITH_OUTPUTS ("n", "{\"as_none\": true}"),
  WITH_OUTPUTS ("n", "{\"as_future\": 1}"),
  WITH_OUTPUTS ("x", ""),
  WITH_OUTPUTS ("another", USE ("a")),
  AROUND (GRAPH (USE ("x") ", {\"as_int\": 3}, {\"as_future\": {}}",
                 USE ("x") ", {\"as_string\": \"s\"}, {\"as_none\": true}", "",
                 TENSOR ("x") ", " TENSOR ("left_over"))),
};

START_TEST (unusual_programs)
{
  g_autoptr (Pt2Program) program = program_of (same[_i]);
  check_same ("", program);
}
END_TEST

START_TEST (mixed_lists_are_refused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = program_of (WITH_INPUT ("{\"as_tensors\": [{\"name\": \"x\"}, {\"name\": \"x\"}]}"));
  g_autoptr (Pt2FxModule) module = module_of (program);
  Pt2FxArgument *items = (Pt2FxArgument *)node_of (pt2_fx_module_get_root (module), "a")->inputs[0].items;
  items[1].kind = PT2_FX_STRING;
  ck_assert_ptr_null (pt2_fx_module_make_program (module, NULL, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G008));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { every_program_of_the_corpus, 1 },
    { unusual_programs, G_N_ELEMENTS (same) },
    { mixed_lists_are_refused, 1 },
  };
  return RUN_SUITE ("graph_write", cases);
}
