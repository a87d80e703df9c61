/* SPDX-License-Identifier: Apache-2.0 */
/* lib/graph, changing: inputs, outputs and subgraphs come and go, and signature and tree specs with them. */
#include "graph_help.h"
#include "pt2-graph-edit.h"
#include "pt2-tree-spec.h"
#include "suite.h"

static Pt2FxModule *
corpus_module (const char *name)
{
  g_autoptr (Pt2Program) program = corpus_program (name);
  return module_of (program);
}

/* What MODULE makes, written and read again. */
static Pt2Program *
made_of (Pt2FxModule *module)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) made = pt2_fx_module_make_program (module, NULL, NULL, &error);
  ck_assert_msg (made != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (GBytes) json = pt2_program_save (made, PT2_FORM_JSON, &error);
  ck_assert_msg (json != NULL, "%s", error != NULL ? error->message : "");
  Pt2Program *program = pt2_program_new_from_bytes (json, NULL, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (Pt2FxModule) again = module_of (program);
  ck_assert_uint_eq (pt2_fx_module_get_n_graphs (again) > 0, 1);
  return program;
}

/* Paths of the leaves of a tree spec, one after the other. */
static char *
paths_of (Pt2String spec, Pt2Program *program, const char *root)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2TreeSpec) tree = pt2_tree_spec_new (spec, program, NULL, &error);
  ck_assert_msg (tree != NULL, "%s", error != NULL ? error->message : "");
  GString *text = g_string_new (NULL);
  for (guint i = 0; pt2_tree_spec_get_leaf (tree, i) != NULL; i++)
    {
      g_autofree char *path = pt2_tree_node_path (pt2_tree_spec_get_leaf (tree, i), root);
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", path);
    }
  return g_string_free (text, FALSE);
}

static void
is_called_with (Pt2Program *program, const char *in, const char *out, const char *names)
{
  g_autoptr (Pt2ModuleCalls) calls = pt2_module_calls_new (program, NULL);
  guint n;
  const Pt2ModuleCall *call = pt2_module_calls_get (calls, &n);
  g_autofree char *in_paths = paths_of (call->in_spec, program, NULL);
  g_autofree char *out_paths = paths_of (call->out_spec, program, "output");
  ck_assert_str_eq (in_paths, in);
  ck_assert_str_eq (out_paths, out);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < call->n_names; i++)
    g_string_append_printf (text, "%s%.*s", i > 0 ? " " : "", (int)call->names[i].len, call->names[i].data);
  ck_assert_str_eq (text->str, names);
}

static void
has_inputs (Pt2Program *program, const char *names)
{
  guint n;
  const Pt2SignatureItem *inputs = pt2_program_get_inputs (program, &n);
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%.*s", i > 0 ? " " : "", (int)inputs[i].name.len, inputs[i].name.data);
  ck_assert_str_eq (text->str, names);
}

static Pt2FxMeta
like (Pt2FxNode *node)
{
  return (Pt2FxMeta){ PT2_FX_VALUE_TENSOR, pt2_fx_node_get_tensor (node) };
}

static Pt2FxNode *
add_input (Pt2FxGraph *graph, guint role, const char *name, Pt2FxNode *as, const char *target)
{
  g_autoptr (GError) error = NULL;
  const Pt2FxNewInput input = { .role = role, .name = name, .value = like (as), .target = target };
  Pt2FxNode *node = pt2_fx_graph_add_input (graph, &input, &error);
  ck_assert_msg (node != NULL, "%s", error != NULL ? error->message : "");
  return node;
}

static void
fails (gboolean done, GError **error, gint code)
{
  ck_assert (!done);
  ck_assert_msg (g_error_matches (*error, PT2_ERROR, code), "%s", *error != NULL ? (*error)->message : "");
  g_clear_error (error);
}

START_TEST (inputs_are_put_in)
{
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/tree_inputs.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *k = node_of (root, "k"), *mul = node_of (root, "mul");
  add_input (root, PT2_INPUT_SPEC_USER_INPUT, "extra", k, NULL);
  add_input (root, PT2_INPUT_SPEC_TENSOR_CONSTANT, "c_one", k, "one");
  Pt2FxNode *buffer = add_input (root, PT2_INPUT_SPEC_BUFFER, "b_seen", mul, "seen");
  add_input (root, PT2_INPUT_SPEC_PARAMETER, "p_scale", k, "inner.scale");
  Pt2FxNode *more = add_input (root, PT2_INPUT_SPEC_USER_INPUT, "more", k, NULL);
  ck_assert (pt2_fx_node_rename (more, "further", NULL));
  ck_assert (pt2_fx_graph_add_mutation (root, buffer, mul, NULL));
  ck_assert (pt2_fx_graph_add_mutation (root, more, k, NULL));
  ck_assert (pt2_fx_node_rename (more, "most", NULL));
  g_autoptr (Pt2Program) made = made_of (module);
  has_inputs (made, "p_scale b_seen c_one a_p a_q_0 b_left b_right extra most k");
  is_called_with (made, "args[0]['p'] args[0]['q'][0] args[1].left args[1].right args[2] args[3] kwargs['k']",
                  "output['sum'] output['pair'][0] output['pair'][1][0]", "a b extra most k");
  guint n;
  const Pt2SignatureItem *inputs = pt2_program_get_inputs (made, &n);
  ck_assert (text_is (inputs[0].target, "inner.scale"));
  ck_assert (text_is (inputs[2].target, "one"));
  const Pt2SignatureItem *outputs = pt2_program_get_outputs (made, &n);
  ck_assert_uint_eq (n, 5);
  ck_assert (text_is (outputs[0].target, "seen"));
  ck_assert (text_is (outputs[1].target, "most"));
}
END_TEST

START_TEST (inputs_are_taken_out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/tree_inputs.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *k = node_of (root, "k"), *inner = node_of (root, "a_q_0"), *p = node_of (root, "a_p");
  fails (pt2_fx_node_erase (k, &error), &error, PT2_ERROR_G011);
  ck_assert (pt2_fx_graph_remove_output (root, 2, NULL));
  ck_assert (pt2_fx_node_replace_uses (k, p, NULL, NULL));
  ck_assert (pt2_fx_node_replace_uses (inner, p, NULL, NULL));
  ck_assert (pt2_fx_node_erase (k, NULL));
  ck_assert (pt2_fx_node_erase (inner, NULL));
  g_autoptr (Pt2Program) made = made_of (module);
  has_inputs (made, "a_p b_left b_right");
  is_called_with (made, "args[0]['p'] args[1].left args[1].right", "output['sum'] output['pair'][0]", "a b");
  Pt2FxNode *left = node_of (root, "b_left"), *right = node_of (root, "b_right");
  ck_assert (pt2_fx_node_replace_uses (left, p, NULL, NULL));
  ck_assert (pt2_fx_node_erase (left, NULL));
  fails (pt2_fx_module_make_program (module, NULL, NULL, &error) != NULL, &error, PT2_ERROR_G015);
  ck_assert (pt2_fx_node_replace_uses (right, p, NULL, NULL));
  ck_assert (pt2_fx_node_erase (right, NULL));
  g_autoptr (Pt2Program) less = made_of (module);
  is_called_with (less, "args[0]['p']", "output['sum'] output['pair'][0]", "a");
}
END_TEST

START_TEST (outputs_come_and_go)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/tree_inputs.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  ck_assert (pt2_fx_graph_add_output (root, node_of (root, "add"), NULL));
  g_autoptr (Pt2Program) made = made_of (module);
  is_called_with (made, "args[0]['p'] args[0]['q'][0] args[1].left args[1].right kwargs['k']",
                  "output[0]['sum'] output[0]['pair'][0] output[0]['pair'][1][0] output[1]", "a b k");
  g_autoptr (Pt2FxModule) mlp = corpus_module ("torch-2.15.0/mlp.pt2");
  root = pt2_fx_module_get_root (mlp);
  for (guint i = 0; i < 9; i++)
    ck_assert (pt2_fx_graph_add_output (root, node_of (root, "relu"), NULL));
  for (guint i = 0; i < 8; i++)
    ck_assert (pt2_fx_graph_remove_output (root, 1, NULL));
  fails (pt2_fx_graph_remove_output (root, 2, &error), &error, PT2_ERROR_G015);
  g_autoptr (Pt2Program) two = made_of (mlp);
  is_called_with (two, "args[0]", "output[0] output[1]", "x");
  g_autoptr (Pt2FxModule) bare = corpus_module ("torch-2.15.0/mlp.pt2");
  ck_assert (pt2_fx_graph_remove_output (pt2_fx_module_get_root (bare), 0, NULL));
  fails (pt2_fx_module_make_program (bare, NULL, NULL, &error) != NULL, &error, PT2_ERROR_G015);
}
END_TEST

START_TEST (subgraphs_are_put_in_and_lifted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/mlp.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *last = node_of (root, "linear_1");
  Pt2FxGraph *inner = pt2_fx_graph_add_subgraph (root, NULL, "wrapped", &error);
  ck_assert_ptr_nonnull (inner);
  Pt2FxNode *y = add_input (inner, 0, "y", last, NULL);
  const Pt2FxMeta meta = like (last);
  const Pt2FxNamed self = { "self", pt2_fx_value (y) };
  const Pt2FxCall sin = {
    .target = "torch.ops.aten.sin.default", .arguments = &self, .n_arguments = 1, .results = &meta, .n_results = 1
  };
  ck_assert (pt2_fx_graph_add_output (inner, pt2_fx_graph_insert_call (inner, NULL, &sin, NULL, NULL), NULL));
  const Pt2FxNamed arguments[] = { { NULL, pt2_fx_bool (FALSE) },
                                   { NULL, pt2_fx_value (pt2_fx_graph_get_reference (inner)) },
                                   { NULL, pt2_fx_value (last) } };
  const Pt2FxCall wrap = { .target = "torch.ops.higher_order.wrap_with_set_grad_enabled",
                           .arguments = arguments,
                           .n_arguments = 3,
                           .results = &meta,
                           .n_results = 1,
                           .in_tuple = TRUE };
  Pt2FxNode *call = pt2_fx_graph_insert_call (root, NULL, &wrap, NULL, NULL);
  Pt2FxNode *result = pt2_fx_node_take_result (call, 0, "wrapped_result", NULL);
  ck_assert (pt2_fx_node_replace_uses (last, result, call, NULL));
  ck_assert_ptr_null (pt2_fx_graph_add_subgraph (root, NULL, "wrapped", &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G010));
  g_autoptr (Pt2Program) made = made_of (module);
  g_autoptr (Pt2FxModule) again = module_of (made);
  Pt2FxGraph *found = pt2_fx_module_find_graph (again, "wrapped");
  ck_assert_ptr_nonnull (found);
  ck_assert_uint_eq (pt2_fx_graph_get_n_nodes (found), 3);
  ck_assert (pt2_fx_node_lift_subgraph (call, 1, NULL));
  g_autoptr (Pt2Program) lifted = made_of (module);
  g_autoptr (Pt2FxModule) flat = module_of (lifted);
  ck_assert_uint_eq (pt2_fx_module_get_n_graphs (flat), 1);
  node_of (pt2_fx_module_get_root (flat), "sin_default");
}
END_TEST

START_TEST (what_does_not_fit_is_refused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/mutation.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  const Pt2FxMeta tensor = like (node_of (root, "x")), none = { PT2_FX_VALUE_NONE, NULL };
  const struct
  {
    Pt2FxNewInput input;
    gint code;
  } wrong[] = {
    { { .role = PT2_INPUT_SPEC_USER_INPUT, .name = "x", .value = tensor }, PT2_ERROR_G010 },
    { { .role = PT2_INPUT_SPEC_USER_INPUT, .name = "new", .value = none }, PT2_ERROR_G015 },
    { { .role = PT2_INPUT_SPEC_PARAMETER, .name = "new", .value = tensor }, PT2_ERROR_G015 },
    { { .role = PT2_INPUT_SPEC_BUFFER, .name = "new", .value = tensor, .target = "n" }, PT2_ERROR_G015 },
    { { .role = PT2_INPUT_SPEC_TOKEN, .name = "new", .value = tensor, .target = "t" }, PT2_ERROR_G015 },
  };
  guint n = pt2_fx_graph_get_n_nodes (root);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    fails (pt2_fx_graph_add_input (root, &wrong[i].input, &error) != NULL, &error, wrong[i].code);
  ck_assert_uint_eq (pt2_fx_graph_get_n_nodes (root), n);
  Pt2FxNode *add = node_of (root, "add");
  fails (pt2_fx_graph_add_mutation (root, add, add, &error), &error, PT2_ERROR_G015);
  ck_assert (pt2_fx_graph_add_mutation (root, node_of (root, "x"), add, NULL));
  fails (pt2_fx_graph_add_mutation (root, node_of (root, "x"), add, &error), &error, PT2_ERROR_G015);
  ck_assert_ptr_null (pt2_fx_graph_add_subgraph (root, node_of (root, "x"), "sub", &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G009));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { inputs_are_put_in, 1 },
    { inputs_are_taken_out, 1 },
    { outputs_come_and_go, 1 },
    { subgraphs_are_put_in_and_lifted, 1 },
    { what_does_not_fit_is_refused, 1 },
  };
  return RUN_SUITE ("graph_signature", cases);
}
