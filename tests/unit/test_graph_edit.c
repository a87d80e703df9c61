/* SPDX-License-Identifier: Apache-2.0 */
/* lib/graph, changing: calls in and out, other values, names and operators, subgraphs lifted; the rules kept. */
#include "graph_help.h"
#include "pt2-extension.h"
#include "pt2-graph-edit.h"
#include "suite.h"

static Pt2Program *
made_of (Pt2FxModule *module)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, &error);
  Pt2Program *program = pt2_fx_module_make_program (module, ops, NULL, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  return program;
}

/* The code of the root of the program that MODULE makes, read again from JSON; MODULE is gone by then. */
static char *
code_after (Pt2FxModule *module, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, &error);
  g_autoptr (Pt2Program) made = made_of (module);
  pt2_fx_module_free (module);
  g_autoptr (GBytes) json = pt2_program_save (made, PT2_FORM_JSON, &error);
  ck_assert_msg (json != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (json, NULL, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (Pt2FxModule) again = module_of (program);
  g_autoptr (GBytes) code = pt2_fx_graph_print_python (pt2_fx_module_find_graph (again, path), ops, NULL, &error);
  gsize len;
  const char *text = g_bytes_get_data (code, &len);
  return g_strndup (text, len);
}

static void
has (const char *code, const char *line)
{
  ck_assert_msg (strstr (code, line) != NULL, "no %s in %s", line, code);
}

static Pt2FxModule *
corpus_module (const char *name)
{
  g_autoptr (Pt2Program) program = corpus_program (name);
  return module_of (program);
}

static Pt2FxNode *
insert (Pt2FxGraph *graph, Pt2FxNode *before, const char *target, const Pt2FxNamed *arguments, guint n, Pt2FxNode *like)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, &error);
  const Pt2FxMeta result = { PT2_FX_VALUE_TENSOR, pt2_fx_node_get_tensor (like) };
  const Pt2FxCall call = {
    .target = target, .arguments = arguments, .n_arguments = n, .results = &result, .n_results = 1, .like = like
  };
  Pt2FxNode *node = pt2_fx_graph_insert_call (graph, before, &call, ops, &error);
  ck_assert_msg (node != NULL, "%s", error != NULL ? error->message : "");
  return node;
}

START_TEST (calls_are_put_in)
{
  Pt2FxModule *module = corpus_module ("torch-2.15.0/mlp.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *relu = node_of (root, "relu");
  const Pt2FxNamed twice[] = { { "other", pt2_fx_float (2) }, { "self", pt2_fx_value (relu) } };
  Pt2FxNode *mul = insert (root, pt2_fx_node_get_next (relu), "torch.ops.aten.mul.Tensor", twice, 2, relu);
  ck_assert (text_is (pt2_fx_node_get_name (mul), "mul_tensor"));
  ck_assert (pt2_fx_node_get_metadata (mul, "stack_trace").len > 0);
  ck_assert (pt2_fx_node_replace_uses (relu, mul, mul, NULL));
  const Pt2FxNamed sum[] = { { "self", pt2_fx_value (mul) },
                             { "dim", pt2_fx_list (NULL, 0) },
                             { "dtype", pt2_fx_dtype (PT2_SCALAR_TYPE_FLOAT) } };
  insert (root, NULL, "torch.ops.aten.sum.dim_IntList", sum, 3, relu);
  g_autofree char *code = code_after (module, "");
  has (code, "    mul_tensor = torch.ops.aten.mul.Tensor(relu, 2.0);  relu = None\n");
  has (code, "linear_1 = torch.ops.aten.linear.default(mul_tensor, ");
  has (code, "sum_dim_int_list = torch.ops.aten.sum.dim_IntList(mul_tensor, [], dtype = torch.float32);");
}
END_TEST

START_TEST (nodes_are_replaced_and_taken_out)
{
  g_autoptr (GError) error = NULL;
  Pt2FxModule *module = corpus_module ("torch-2.15.0/mlp.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *dropout = node_of (root, "dropout"), *linear = node_of (root, "linear");
  ck_assert (!pt2_fx_node_erase (dropout, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G011));
  ck_assert (pt2_fx_node_replace_uses (dropout, linear, NULL, NULL));
  ck_assert_uint_eq (pt2_fx_node_get_n_uses (dropout), 0);
  ck_assert (pt2_fx_node_erase (dropout, NULL));
  ck_assert_ptr_null (pt2_fx_graph_find (root, "dropout", -1));
  ck_assert_uint_eq (pt2_fx_node_get_n_uses (linear), 1);
  Pt2FxNode *last = node_of (root, "linear_1");
  ck_assert (pt2_fx_node_replace_uses (last, linear, NULL, NULL));
  ck_assert (pt2_fx_node_erase (last, NULL));
  g_autoptr (Pt2Program) made = made_of (module);
  guint n;
  const Pt2SignatureItem *outputs = pt2_program_get_outputs (made, &n);
  ck_assert_uint_eq (n, 1);
  ck_assert (text_is (outputs[0].name, "linear"));
  ck_assert_uint_eq (pt2_program_get_exported_program (made)->graph_module.graph.tensor_values.len, 7);
  g_autofree char *code = code_after (module, "");
  has (code, "    return (linear,)\n");
  has (code, "relu = torch.ops.aten.relu.default(linear);  relu = None\n");
}
END_TEST

START_TEST (names_are_changed_everywhere)
{
  g_autoptr (GError) error = NULL;
  Pt2FxModule *module = corpus_module ("torch-2.15.0/mutation.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  ck_assert (pt2_fx_node_rename (node_of (root, "y"), "why", NULL));
  ck_assert (pt2_fx_node_rename (node_of (root, "b_n"), "b_counter", NULL));
  ck_assert (pt2_fx_node_rename (node_of (root, "add"), "result", NULL));
  ck_assert (pt2_fx_node_rename (node_of (root, "x"), "y", NULL));
  const char *const wrong[] = { "why", "", "\xff" };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      ck_assert (!pt2_fx_node_rename (node_of (root, "y"), wrong[i], &error));
      ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G010));
      g_clear_error (&error);
    }
  g_autoptr (Pt2Program) made = made_of (module);
  guint n;
  const Pt2SignatureItem *inputs = pt2_program_get_inputs (made, &n);
  ck_assert (text_is (inputs[1].name, "b_counter"));
  ck_assert (text_is (inputs[1].target, "n"));
  ck_assert (text_is (inputs[n - 2].name, "y"));
  ck_assert (text_is (inputs[n - 1].name, "why"));
  g_autofree char *code = code_after (module, "");
  has (code, "def forward(self, p_p, b_counter, b_cache, y, why):\n");
  has (code, "    return (result, mul_, y)\n");
}
END_TEST

START_TEST (operators_and_arguments_change)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL);
  Pt2FxModule *module = corpus_module ("torch-2.15.0/mlp.pt2");
  Pt2FxNode *relu = node_of (pt2_fx_module_get_root (module), "relu");
  ck_assert (!pt2_fx_node_set_target (relu, "torch.ops.aten.add.Tensor", ops, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G012));
  ck_assert (pt2_fx_node_set_target (relu, "torch.ops.aten.gelu.default", ops, NULL));
  Pt2FxNode *dropout = node_of (pt2_fx_module_get_root (module), "dropout");
  const Pt2FxArgument half = pt2_fx_float (0.5), stranger = pt2_fx_value (NULL);
  ck_assert (pt2_fx_node_set_argument (dropout, 1, &half, NULL));
  g_clear_error (&error);
  ck_assert (!pt2_fx_node_set_argument (dropout, 0, &stranger, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G009));
  g_autofree char *code = code_after (module, "");
  has (code, "relu = torch.ops.aten.gelu.default(dropout);");
  has (code, "torch.ops.aten.dropout.default(linear, 0.5, False);");
}
END_TEST

START_TEST (branches_are_lifted)
{
  Pt2FxModule *module = corpus_module ("torch-2.15.0/cond_nested.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  ck_assert (pt2_fx_node_lift_subgraph (node_of (root, "cond"), 1, NULL));
  ck_assert (pt2_fx_node_lift_subgraph (node_of (root, "cond_1"), 1, NULL));
  /* What came out of the first branch has names that are free. */
  ck_assert_ptr_null (pt2_fx_module_find_graph (module, "false_graph_1"));
  ck_assert_ptr_nonnull (pt2_fx_module_find_graph (module, "false_graph_2"));
  g_autofree char *code = code_after (module, "");
  has (code, "    sin = torch.ops.aten.sin.default(x);  x = None\n");
  has (code, " = torch.ops.higher_order.cond(");
  has (code, ", sin);");
}
END_TEST

START_TEST (contexts_are_lifted)
{
  Pt2FxModule *module = corpus_module ("torch-2.15.0/contexts.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  ck_assert (pt2_fx_node_lift_subgraph (node_of (root, "matmul"), 4, NULL));
  ck_assert_ptr_null (pt2_fx_module_find_graph (module, "submod_1"));
  g_autofree char *code = code_after (module, "");
  has (code, "    linear_1 = torch.ops.aten.linear.default(x, p_l_weight, p_l_bias);  p_l_weight = p_l_bias = None\n");
  has (code, "matmul_1 = torch.ops.aten.matmul.default(linear_1, t);");
  has (code, "    return (add, matmul_1)\n");
}
END_TEST

/* ---- what is refused ---- */

START_TEST (results_are_taken)
{
  g_autoptr (GError) error = NULL;
  Pt2FxModule *module = corpus_module ("torch-2.15.0/vmap_complex.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *svd = node_of (root, "linalg_svd"), *s = node_of (root, "getitem_1");
  ck_assert_ptr_eq (pt2_fx_node_take_result (svd, 1, NULL, NULL), s);
  ck_assert_ptr_null (pt2_fx_node_take_result (svd, 3, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G013));
  ck_assert (pt2_fx_node_replace_uses (s, node_of (root, "getitem"), NULL, NULL));
  ck_assert (pt2_fx_node_erase (s, NULL));
  {
    g_autoptr (Pt2Program) made = made_of (module);
    g_autoptr (Pt2FxModule) again = module_of (made);
    node_of (pt2_fx_module_get_root (again), "linalg_svd_unused_1");
  }
  ck_assert_ptr_nonnull (pt2_fx_node_take_result (svd, 1, "singular", NULL));
  g_autofree char *code = code_after (module, "");
  has (code, "    singular = linalg_svd[1]");
}
END_TEST

START_TEST (order_is_checked_when_a_program_is_made)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/mlp.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  const Pt2FxArgument late = pt2_fx_value (node_of (root, "relu"));
  ck_assert (pt2_fx_node_set_argument (node_of (root, "dropout"), 0, &late, NULL));
  ck_assert_ptr_null (pt2_fx_module_make_program (module, NULL, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G009));
  ck_assert (strstr (error->message, "relu, used by dropout") != NULL);
}
END_TEST

START_TEST (faulty_calls_are_refused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL);
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/mlp.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  guint n = pt2_fx_graph_get_n_nodes (root);
  const Pt2FxNamed good[] = { { "self", pt2_fx_value (node_of (root, "x")) }, { "other", pt2_fx_int (1) } };
  const Pt2FxNamed missing[] = { { "self", pt2_fx_int (1) } },
                   unknown[] = { { "self", pt2_fx_int (1) }, { "b", pt2_fx_int (1) } };
  const Pt2FxMeta none = { PT2_FX_VALUE_TENSOR, NULL }, tensor = { PT2_FX_VALUE_NONE, NULL };
  const struct
  {
    Pt2FxCall call;
    Pt2ErrorCode code;
  } wrong[] = {
    { { .target = "torch.ops.aten.add.Tensor", .arguments = missing, .n_arguments = 1 }, PT2_ERROR_G012 },
    { { .target = "torch.ops.aten.add.Tensor", .arguments = unknown, .n_arguments = 2 }, PT2_ERROR_G012 },
    { { .target = "torch.ops.aten.add.Tensor", .name = "relu", .arguments = good, .n_arguments = 2 }, PT2_ERROR_G010 },
    { { .target = "torch.ops.aten.add.Tensor", .arguments = good, .n_arguments = 2, .results = &none, .n_results = 1 },
      PT2_ERROR_G013 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      ck_assert_ptr_null (pt2_fx_graph_insert_call (root, NULL, &wrong[i].call, ops, &error));
      ck_assert_msg (g_error_matches (error, PT2_ERROR, (gint)wrong[i].code), "%u: %s", i, error->message);
      g_clear_error (&error);
    }
  ck_assert_uint_eq (pt2_fx_graph_get_n_nodes (root), n);
  const Pt2FxCall fine = {
    .target = "torch.ops.mine.say.default", .arguments = good, .n_arguments = 2, .results = &tensor, .n_results = 1
  };
  ck_assert_ptr_nonnull (pt2_fx_graph_insert_call (root, NULL, &fine, ops, NULL));
  ck_assert (!pt2_fx_node_lift_subgraph (node_of (root, "relu"), 0, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G014));
}
END_TEST

static void
refused (gboolean fine, GError **error, Pt2ErrorCode code)
{
  ck_assert (!fine);
  ck_assert_msg (g_error_matches (*error, PT2_ERROR, (gint)code), "%s",
                 *error != NULL ? (*error)->message : "no error");
  g_clear_error (error);
}

/* What only its getitems can name is no argument, and what no file can say comes so is no result. */
START_TEST (what_the_file_cannot_say_is_refused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/cond_nested.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *cond = node_of (root, "cond"), *output = pt2_fx_graph_get_output (root);
  Pt2FxNode *value = pt2_fx_node_get_argument (output, 0)->node;
  const Pt2FxMeta tensor = { PT2_FX_VALUE_TENSOR, pt2_fx_node_get_tensor (value) };
  const Pt2FxArgument several = pt2_fx_value (cond), graph = *pt2_fx_node_get_argument (cond, 1),
                      list = pt2_fx_list (&graph, 0);
  refused (pt2_fx_node_set_argument (output, 0, &several, &error), &error, PT2_ERROR_G009);
  refused (pt2_fx_node_replace_uses (value, cond, NULL, &error), &error, PT2_ERROR_G009);
  refused (pt2_fx_node_replace_uses (value, graph.node, NULL, &error), &error, PT2_ERROR_G009);
  refused (pt2_fx_node_set_argument (output, 0, &graph, &error), &error, PT2_ERROR_G006);
  refused (pt2_fx_node_set_argument (output, 0, &list, &error), &error, PT2_ERROR_G006);
  refused (pt2_fx_node_set_target (cond, "torch.ops.aten.relu.default", NULL, &error), &error, PT2_ERROR_G012);
  Pt2FxCall call = { .target = "torch.ops.aten.relu.default", .results = &tensor, .n_results = 1, .in_tuple = TRUE };
  refused (pt2_fx_graph_insert_call (root, NULL, &call, NULL, &error) != NULL, &error, PT2_ERROR_G013);
  call.in_tuple = FALSE;
  call.in_list = TRUE;
  call.n_results = 0;
  refused (pt2_fx_graph_insert_call (root, NULL, &call, NULL, &error) != NULL, &error, PT2_ERROR_G013);
}
END_TEST

/* Results of one call that take the place of another's are taken by one getitem each. */
START_TEST (getitems_become_one)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/cond_nested.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *first = node_of (root, "cond"), *second = node_of (root, "cond_1");
  Pt2FxNode *stays = pt2_fx_node_take_result (first, 0, NULL, NULL),
            *goes = pt2_fx_node_take_result (second, 0, NULL, NULL);
  guint n = pt2_fx_node_get_n_uses (stays) + pt2_fx_node_get_n_uses (goes);
  ck_assert_uint_gt (pt2_fx_node_get_n_uses (goes), 0);
  ck_assert_msg (pt2_fx_node_replace_uses (second, first, NULL, &error), "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (pt2_fx_node_get_n_uses (stays), n);
  ck_assert_uint_eq (pt2_fx_node_get_n_uses (first), 1);
  ck_assert (pt2_fx_node_erase (second, &error));
  g_autoptr (Pt2Program) made = made_of (module);
  g_autoptr (Pt2FxModule) again = module_of (made);
  ck_assert_uint_eq (pt2_fx_node_get_n_uses (node_of (pt2_fx_module_get_root (again), "getitem")), n);
}
END_TEST

/* PyTorch reads neither objects nor texts among outputs, and no objects among results. */
START_TEST (objects_are_no_outputs)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = corpus_module ("extension/object.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *object = pt2_fx_graph_get_first (root), *output = pt2_fx_graph_get_output (root);
  while (pt2_fx_node_get_value_kind (object) != PT2_FX_VALUE_OBJECT)
    object = pt2_fx_node_get_next (object);
  const Pt2FxArgument text = pt2_fx_text ("text", 4), value = pt2_fx_value (object);
  refused (pt2_fx_graph_add_output (root, object, &error), &error, PT2_ERROR_G015);
  const Pt2FxMeta result = { PT2_FX_VALUE_OBJECT, pt2_fx_node_get_object (object) };
  const Pt2FxCall call = { .target = "torch.ops.mine.make.default", .results = &result, .n_results = 1 };
  refused (pt2_fx_graph_insert_call (root, NULL, &call, NULL, &error) != NULL, &error, PT2_ERROR_G013);
  refused (pt2_fx_node_set_argument (output, 0, &value, &error), &error, PT2_ERROR_G006);
  refused (pt2_fx_node_set_argument (output, 0, &text, &error), &error, PT2_ERROR_G006);
  Pt2FxNode *returned = pt2_fx_node_get_argument (output, 0)->node;
  refused (pt2_fx_node_replace_uses (returned, object, NULL, &error), &error, PT2_ERROR_G009);
}
END_TEST

/* An output that is what a buffer becomes can be no plain value. */
START_TEST (what_is_mutated_stays_a_tensor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/mutation_decomp.pt2");
  Pt2FxNode *output = pt2_fx_graph_get_output (pt2_fx_module_get_root (module));
  ck_assert_uint_ne (pt2_fx_node_get_output_spec (output, 0)->which, PT2_OUTPUT_SPEC_USER_OUTPUT);
  const Pt2FxArgument none = pt2_fx_none ();
  ck_assert (pt2_fx_node_set_argument (output, 0, &none, &error));
  g_autoptr (Pt2Program) made = pt2_fx_module_make_program (module, NULL, NULL, &error);
  refused (made != NULL, &error, PT2_ERROR_G015);
}
END_TEST

/* Whether the one result of an operator on graphs is bare is said from the moment on that it is one. */
START_TEST (another_target_says_that_its_result_is_bare)
{
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/mlp.pt2");
  Pt2FxNode *relu = node_of (pt2_fx_module_get_root (module), "relu");
  ck_assert (pt2_fx_node_set_target (relu, "torch.ops.higher_order.wrap", NULL, NULL));
  g_autoptr (Pt2Program) made = made_of (module);
  g_autoptr (Pt2FxModule) again = module_of (made);
  ck_assert_int_eq (pt2_fx_node_get_op (node_of (pt2_fx_module_get_root (again), "relu")), PT2_FX_CALL);
}
END_TEST

/* An operator of an extension: its schema says what goes by name and what an empty list holds, like any other's. */
START_TEST (extensions_are_called)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, &error);
  ck_assert (pt2_ops_add_extension (ops, "#mine:op", "mine::op(Tensor self, *, int[] dims) -> Tensor", &error));
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/mlp.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *relu = node_of (root, "relu");
  const Pt2FxMeta result = { PT2_FX_VALUE_TENSOR, pt2_fx_node_get_tensor (relu) };
  const Pt2FxNamed arguments[] = { { "dims", pt2_fx_list (NULL, 0) }, { "self", pt2_fx_value (relu) } };
  Pt2FxCall call = { "#mine:op", "mine", arguments, 1, &result, 1, NULL, FALSE, FALSE };
  ck_assert_ptr_null (pt2_fx_graph_insert_call (root, NULL, &call, ops, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G012));
  g_clear_error (&error);
  call.n_arguments = 2;
  Pt2FxNode *mine = pt2_fx_graph_insert_call (root, NULL, &call, ops, &error);
  ck_assert_msg (mine != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (Pt2Program) made = pt2_fx_module_make_program (module, ops, NULL, &error);
  ck_assert_msg (made != NULL, "%s", error != NULL ? error->message : "");
  const Pt2NodeList *nodes = &pt2_program_get_exported_program (made)->graph_module.graph.nodes;
  const Pt2Node *last = &nodes->items[nodes->len - 1];
  ck_assert (text_is (last->target, "#mine:op"));
  ck_assert_uint_eq (last->inputs.len, 2);
  ck_assert (text_is (last->inputs.items[0].name, "self"));
  ck_assert_int_eq (last->inputs.items[1].kind, PT2_ARGUMENT_KIND_KEYWORD);
  ck_assert_uint_eq (last->inputs.items[1].arg.which, PT2_ARGUMENT_AS_INTS);
}
END_TEST

/* The text of KEY in node NAME of a program, read from its JSON. */
static char *
metadata_in (Pt2Program *made, const char *name, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) json = pt2_program_save (made, PT2_FORM_JSON, &error);
  ck_assert_msg (json != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (json, NULL, &error);
  g_autoptr (Pt2FxModule) again = module_of (program);
  Pt2String text = pt2_fx_node_get_metadata (node_of (pt2_fx_module_get_root (again), name), key);
  return text.data != NULL ? g_strndup (text.data, text.len) : NULL;
}

START_TEST (metadata_is_changed)
{
  static const char added[] = "{\"note\": \"mine\"}";
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2FxModule) module = corpus_module ("torch-2.15.0/mlp.pt2");
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *relu = node_of (root, "relu");
  g_autoptr (Pt2Metadata) metadata = pt2_fx_node_make_metadata (relu, NULL, &error);
  const Pt2ModuleStack *stack = pt2_metadata_get_module_stack (metadata, &error);
  ck_assert_uint_gt (stack->len, 0);
  Pt2ModuleFrame frame = stack->items[0];
  frame.path = (Pt2String){ "elsewhere", 9 };
  ck_assert (pt2_metadata_set_module_stack (metadata, &(Pt2ModuleStack){ &frame, 1, FALSE }, &error));
  ck_assert (pt2_metadata_set_text (metadata, "custom", (Pt2String){ added, sizeof added - 1 }, &error));
  ck_assert (pt2_fx_node_set_metadata (relu, metadata, &error));
  ck_assert (text_is (pt2_fx_node_get_metadata (relu, "custom"), added));
  const Pt2FxNamed twice[] = { { "self", pt2_fx_value (relu) }, { "other", pt2_fx_float (2) } };
  insert (root, NULL, "torch.ops.aten.mul.Tensor", twice, 2, relu);
  ck_assert (pt2_metadata_set_text (metadata, "custom", (Pt2String){ "2", 1 }, &error));
  ck_assert (pt2_fx_node_set_metadata (relu, metadata, &error));
  ck_assert (!pt2_fx_node_set_metadata (node_of (root, "x"), metadata, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G016));
  g_autoptr (Pt2Program) made = made_of (module);
  g_autofree char *note = metadata_in (made, "relu", "custom"), *copied = metadata_in (made, "mul_tensor", "custom");
  g_autofree char *modules = metadata_in (made, "relu", "nn_module_stack");
  g_autofree char *other = metadata_in (made, "linear", "custom");
  ck_assert_str_eq (note, "2");
  ck_assert_str_eq (copied, added);
  ck_assert_ptr_nonnull (strstr (modules, ",elsewhere,"));
  ck_assert_ptr_null (other);
}
END_TEST

/* Metadata that says what was there gives the same program, parts that the schema does not know included. */
START_TEST (metadata_is_put_back)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = program_of (PROGRAM (
      GRAPH (USE ("x"), USE ("y"),
             "{\"target\": \"torch.ops.aten.relu.default\", \"inputs\": [" INPUT (
                 "self", USE ("x")) "], "
                                    "\"outputs\": [" USE (
                                        "y") "], \"metadata\": {\"torch_fn\": \"a;b\"}, "
                                             "\"is_hop_single_tensor_return\": null, \"name\": \"y\", \"new\": [1]}",
             TENSOR ("x") ", " TENSOR ("y")),
      USER_INPUT (USE ("x")), USER_OUTPUT (USE ("y"))));
  g_autoptr (Pt2FxModule) module = module_of (program);
  Pt2FxNode *y = node_of (pt2_fx_module_get_root (module), "y");
  g_autoptr (Pt2Metadata) metadata = pt2_fx_node_make_metadata (y, NULL, &error);
  ck_assert (pt2_metadata_set_torch_fn (metadata, pt2_metadata_get_torch_fn (metadata, &error), &error));
  ck_assert (pt2_fx_node_set_metadata (y, metadata, &error));
  g_autoptr (Pt2Program) made = made_of (module);
  g_autoptr (GBytes) before = pt2_program_save (program, PT2_FORM_JSON, &error);
  g_autoptr (GBytes) after = pt2_program_save (made, PT2_FORM_JSON, &error);
  ck_assert (before != NULL && after != NULL && g_bytes_equal (before, after));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { calls_are_put_in, 1 },
    { nodes_are_replaced_and_taken_out, 1 },
    { names_are_changed_everywhere, 1 },
    { operators_and_arguments_change, 1 },
    { branches_are_lifted, 1 },
    { contexts_are_lifted, 1 },
    { results_are_taken, 1 },
    { order_is_checked_when_a_program_is_made, 1 },
    { faulty_calls_are_refused, 1 },
    { what_the_file_cannot_say_is_refused, 1 },
    { another_target_says_that_its_result_is_bare, 1 },
    { what_is_mutated_stays_a_tensor, 1 },
    { getitems_become_one, 1 },
    { objects_are_no_outputs, 1 },
    { metadata_is_changed, 1 },
    { extensions_are_called, 1 },
    { metadata_is_put_back, 1 },
  };
  return RUN_SUITE ("graph_edit", cases);
}
