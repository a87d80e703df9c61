/* SPDX-License-Identifier: Apache-2.0 */
/* lib/graph, reading: programs as graphs of nodes, uses and users, and what is refused. */
#include "graph_help.h"
#include "suite.h"

typedef struct
{
  GHashTable *before; /* nodes that came before */
  GHashTable *uses;   /* node -> how often arguments refer to it */
} Seen;

static gboolean
see_use (Pt2FxNode *value, gpointer data)
{
  Seen *seen = data;
  ck_assert (g_hash_table_contains (seen->before, value));
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (seen->uses, value));
  g_hash_table_insert (seen->uses, value, GUINT_TO_POINTER (n + 1));
  return TRUE;
}

static gboolean
see_user (Pt2FxNode *value, gpointer data)
{
  Pt2FxUsers users;
  pt2_fx_users_init (&users, value);
  guint found = 0;
  for (Pt2FxNode *user; (user = pt2_fx_users_next (&users)) != NULL;)
    found += user == data;
  ck_assert_uint_eq (found, 1);
  return TRUE;
}

static void
check_node (Pt2FxGraph *graph, Pt2FxNode *node, Seen *seen)
{
  Pt2String name = pt2_fx_node_get_name (node);
  ck_assert_ptr_nonnull (name.data);
  ck_assert_ptr_eq (pt2_fx_graph_find (graph, name.data, name.len), node);
  for (guint i = 0; i < pt2_fx_node_get_n_arguments (node); i++)
    {
      pt2_fx_argument_foreach_node (pt2_fx_node_get_argument (node, i), see_use, seen);
      pt2_fx_argument_foreach_node (pt2_fx_node_get_argument (node, i), see_user, node);
    }
  g_hash_table_add (seen->before, node);
}

static void
check_graph (Pt2FxGraph *graph)
{
  Seen seen = { g_hash_table_new (NULL, NULL), g_hash_table_new (NULL, NULL) };
  guint n = 0;
  Pt2FxNode *last = NULL;
  for (Pt2FxNode *node = pt2_fx_graph_get_first (graph); node != NULL; node = pt2_fx_node_get_next (node), n++)
    {
      ck_assert_ptr_eq (pt2_fx_node_get_previous (node), last);
      check_node (graph, node, &seen);
      last = node;
    }
  ck_assert_uint_eq (n, pt2_fx_graph_get_n_nodes (graph));
  ck_assert_ptr_eq (last, pt2_fx_graph_get_output (graph));
  for (Pt2FxNode *node = pt2_fx_graph_get_first (graph); node != NULL; node = pt2_fx_node_get_next (node))
    ck_assert_uint_eq (pt2_fx_node_get_n_uses (node), GPOINTER_TO_UINT (g_hash_table_lookup (seen.uses, node)));
  g_hash_table_unref (seen.before);
  g_hash_table_unref (seen.uses);
}

static void
check_program (const char *path, Pt2Program *program, gpointer data)
{
  guint *n = data;
  if (pt2_program_get_exported_program (program) == NULL)
    return;
  g_autoptr (Pt2FxModule) module = module_of (program);
  ck_assert_uint_eq (pt2_fx_module_get_n_graphs (module), 1 + pt2_program_count_subgraphs (program));
  for (guint i = 0; i < pt2_fx_module_get_n_graphs (module); i++)
    check_graph (pt2_fx_module_get_graph (module, i));
  ++*n;
}

START_TEST (every_program_of_the_corpus)
{
  guint n = 0;
  corpus_foreach (check_program, &n);
  ck_assert_uint_gt (n, 50);
}
END_TEST

START_TEST (subgraphs_have_paths)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/cond_nested.pt2");
  g_autoptr (Pt2FxModule) module = module_of (program);
  Pt2FxGraph *inner = pt2_fx_module_find_graph (module, "true_graph_0.false_graph_0");
  ck_assert_ptr_nonnull (inner);
  g_autofree char *path = pt2_fx_graph_make_path (inner);
  ck_assert_str_eq (path, "true_graph_0.false_graph_0");
  ck_assert_ptr_eq (pt2_fx_node_get_subgraph (pt2_fx_graph_get_reference (inner)), inner);
  ck_assert (text_is (pt2_fx_node_get_target (pt2_fx_graph_get_reference (inner)), "false_graph_0"));
  ck_assert_ptr_eq (pt2_fx_module_find_graph (module, ""), pt2_fx_module_get_root (module));
  for (const char *const *none
       = (const char *[]){ "x", ".", "true_graph_0.", ".true_graph_0", "false_graph_0.x", NULL };
       *none != NULL; none++)
    ck_assert_ptr_null (pt2_fx_module_find_graph (module, *none));
}
END_TEST

START_TEST (results_become_getitems)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/cond_nested.pt2");
  g_autoptr (Pt2FxModule) module = module_of (program);
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *cond = node_of (root, "cond"), *getitem = node_of (root, "getitem");
  ck_assert_int_eq (pt2_fx_node_get_op (cond), PT2_FX_CALL);
  ck_assert_int_eq (pt2_fx_node_get_value_kind (cond), PT2_FX_VALUE_TUPLE);
  ck_assert_uint_eq (pt2_fx_node_get_n_results (cond), 1);
  ck_assert_int_eq (pt2_fx_node_get_op (getitem), PT2_FX_GETITEM);
  ck_assert_ptr_eq (pt2_fx_node_get_producer (getitem), cond);
  ck_assert_ptr_nonnull (pt2_fx_node_get_tensor (getitem));
  ck_assert_ptr_null (pt2_fx_node_get_sym_int (getitem));
  ck_assert (pt2_fx_node_get_metadata (getitem, "stack_trace").len > 0);
  ck_assert_int_eq (pt2_fx_node_find_argument (node_of (root, "add"), "other"), 1);
}
END_TEST

/* ---- names that the file does not give ---- */

#define TWO_RESULTS                                                                                                    \
  NODE_WITH ("null", "torch.ops.aten.maxDim.dimOut", INPUT ("self", USE ("x")), USE ("a") ", " USE ("b"), "null", "")
#define NO_RESULT(name) NODE_WITH (name, "torch.ops.higher_order.printOut", "", "{\"as_none\": true}", "null", "")

START_TEST (missing_names_are_made_up)
{
  g_autoptr (Pt2Program) program
      = program_of (PROGRAM (GRAPH (USE ("x"), USE ("a"), TWO_RESULTS ", " NO_RESULT ("null") ", " NO_RESULT ("\"x\""),
                                    TENSOR ("x") ", " TENSOR ("a") ", " TENSOR ("b")),
                             USER_INPUT (USE ("x")), USER_OUTPUT (USE ("a"))));
  g_autoptr (Pt2FxModule) module = module_of (program);
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  ck_assert_int_eq (pt2_fx_node_get_value_kind (node_of (root, "max_dim_dim_out")), PT2_FX_VALUE_TUPLE);
  ck_assert_int_eq (pt2_fx_node_get_value_kind (node_of (root, "print_out_unused")), PT2_FX_VALUE_NONE);
  ck_assert_int_eq (pt2_fx_node_get_value_kind (node_of (root, "x_1")), PT2_FX_VALUE_NONE);
  check_graph (root);
}
END_TEST

/* ---- what is refused ---- */

#define ADD NODE ("add", "torch.ops.aten.add.Tensor", INPUT ("self", USE ("x")), USE ("add"))
#define AROUND(graph) PROGRAM (graph, USER_INPUT (USE ("x")), USER_OUTPUT (USE ("add")))
#define LINE "\"stack_trace\": \"  File \\\"a.py\\\", line 3, in f\\n  File \\\"b.py\\\", line 17, in g\""

static const struct
{
  Pt2ErrorCode code;
  const char *json, *where, *says;
} refused[] = {
  { PT2_ERROR_G001, AROUND (GRAPH (USE ("x"), USE ("add"), ADD ", " ADD, TENSOR ("x") ", " TENSOR ("add"))),
    "graph_module.graph.nodes[1]", "add in add" },
  { PT2_ERROR_G001, AROUND (GRAPH (USE ("x") ", " USE ("x"), "", "", TENSOR ("x"))), "graph_module.graph", "x" },
  { PT2_ERROR_G002,
    AROUND (
        GRAPH (USE ("x"), USE ("add"),
               NODE_WITH ("\"add\"", "torch.ops.aten.add.Tensor", INPUT ("self", USE ("y")), USE ("add"), "null", LINE),
               TENSOR ("x") ", " TENSOR ("add"))),
    "graph_module.graph.nodes[0]", "y in add (b.py:17)" },
  { PT2_ERROR_G002, AROUND (GRAPH (USE ("x"), USE ("y"), ADD, TENSOR ("x") ", " TENSOR ("add"))), "graph_module.graph",
    "y" },
  { PT2_ERROR_G002, /* a call that gives a list is no value; what is in it is */
    AROUND (GRAPH (USE ("x"), USE ("parts"),
                   NODE ("parts", "torch.ops.aten.split.Tensor", INPUT ("self", USE ("x")),
                         "{\"as_tensors\": [{\"name\": \"a\"}]}"),
                   TENSOR ("x") ", " TENSOR ("a"))),
    "graph_module.graph", "parts" },
  { PT2_ERROR_G003, AROUND (GRAPH (USE ("x"), USE ("add"), ADD, TENSOR ("x"))), "graph_module.graph.nodes[0]",
    "add is not in tensor_values in add" },
  { PT2_ERROR_G004, AROUND (GRAPH ("{\"as_ints\": [1]}", "", "", "")), "graph_module.graph", "input 0" },
  { PT2_ERROR_G004, AROUND (GRAPH ("{\"as_sym_int\": {\"as_int\": 1}}", "", "", "")), "graph_module.graph", "input 0" },
  { PT2_ERROR_G005,
    AROUND (GRAPH (USE ("x"), USE ("x"), NODE ("a", "torch.ops.aten.add.Tensor", "", "{\"as_int\": 1}"), TENSOR ("x"))),
    "graph_module.graph.nodes[0]", "in a" },
  { PT2_ERROR_G006, AROUND (GRAPH (USE ("x"), "{\"as_ints\": [1]}", "", TENSOR ("x"))), "graph_module.graph",
    "output 0" },
};

START_TEST (faults_are_refused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = program_of (refused[_i].json);
  ck_assert_ptr_null (pt2_fx_module_new (program, NULL, &error));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, (gint)refused[_i].code), "%s", error->message);
  ck_assert_str_eq (pt2_error_get_where (error), refused[_i].where);
  ck_assert_msg (strstr (error->message, refused[_i].says) != NULL, "%s", error->message);
}
END_TEST

START_TEST (bare_return_of_two_is_refused)
{
  g_autofree char *json = g_strdup (AROUND (GRAPH (USE ("x"), USE ("x") ", " USE ("x"), "", TENSOR ("x"))));
  char *flag = strstr (json, "return\": false");
  memcpy (flag, "return\": true ", 14);
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = program_of (json);
  ck_assert_ptr_null (pt2_fx_module_new (program, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_G007));
}
END_TEST

START_TEST (old_majors_and_small_limits_are_refused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) old = corpus_program ("torch-2.1.2/mlp.pt2");
  ck_assert_ptr_null (pt2_fx_module_new (old, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_P002));
  g_clear_error (&error);
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 2000;
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/mlp.pt2");
  ck_assert_ptr_null (pt2_fx_module_new (program, &limits, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_L003));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { every_program_of_the_corpus, 1 },
    { subgraphs_have_paths, 1 },
    { results_become_getitems, 1 },
    { missing_names_are_made_up, 1 },
    { faults_are_refused, G_N_ELEMENTS (refused) },
    { bare_return_of_two_is_refused, 1 },
    { old_majors_and_small_limits_are_refused, 1 },
  };
  return RUN_SUITE ("graph_read", cases);
}
