/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a program of $PT2_CORPUS, the others what is done to its graph, one change after the other, by
 * the public functions. Each is done or refused by an id of ours, and so is the program that is made in the end. That
 * one has a graph again, comes back from its text, and keeps every rule of `verify` that the first one kept as far as
 * it is about definitions, tables, names, signature and trees. */
#include "fuzz_program.h"
#include "pt2-graph-edit.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

enum
{
  MOST_CHANGES = 40,
};

static const char *const files[] = {
  "torch-2.15.0/mlp",       "torch-2.15.0/cond_nested", "torch-2.15.0/while_loop",     "torch-2.15.0/mutation",
  "torch-2.15.0/contexts",  "torch-2.15.0/map",         "torch-2.15.0/tree_inputs",    "torch-2.15.0/mlp_train",
  "torch-2.15.0/quantized", "torch-2.15.0/sym_int_in",  "torch-2.15.0/constants",      "torch-2.15.0/sym_bool_out",
  "torch-2.15.0/custom_op", "extension/object",         "torch-2.15.0/checkpoint_hop", "torch-2.15.0/preserved_calls",
};
static const char *const names[]
    = { NULL, "x", "fresh", "add", "getitem", "", "b\xc3\xa9ta", "two words", "output", "linear" };
static const char *const targets[] = {
  "torch.ops.aten.relu.default",    "torch.ops.aten.add.Tensor",
  "torch.ops.aten.mul.Tensor",      "torch.ops.aten.split.Tensor",
  "torch.ops.aten.sum.dim_IntList", "torch.ops.aten.sym_size.int",
  "torch.ops.higher_order.cond",    "torch.ops.higher_order.wrap_with_set_grad_enabled",
  "torch.ops.aten._print.default",  "_operator.add",
  "torch.ops.mine.unknown.default", "",
};
static const char *const parameters[] = { NULL, "self", "other", "dim", "split_size", "input" };

/* A program, its graph, and what decides. */
typedef struct
{
  FuzzBytes bytes;
  Pt2FxModule *module;
  Pt2Ops *ops;
} Edit;

static guint
take (Edit *edit, guint n)
{
  return fuzz_take (&edit->bytes, n);
}

static Pt2FxGraph *
take_graph (Edit *edit)
{
  return pt2_fx_module_get_graph (edit->module, take (edit, pt2_fx_module_get_n_graphs (edit->module)));
}

/* A node of GRAPH; NULL if the byte says so and MAYBE. */
static Pt2FxNode *
take_node (Edit *edit, Pt2FxGraph *graph, gboolean maybe)
{
  guint number = take (edit, MIN (pt2_fx_graph_get_n_nodes (graph), 255) + (maybe ? 1 : 0));
  Pt2FxNode *node = pt2_fx_graph_get_first (graph);
  while (node != NULL && number-- > 0)
    node = pt2_fx_node_get_next (node);
  return node != NULL || maybe ? node : pt2_fx_graph_get_output (graph);
}

/* What NODE's value is; a number of a call's results if it is several. */
static Pt2FxMeta
meta_of (Pt2FxNode *node)
{
  const Pt2FxValueKind kind = pt2_fx_node_get_value_kind (node);
  const Pt2FxMeta metas[] = {
    { PT2_FX_VALUE_TENSOR, pt2_fx_node_get_tensor (node) },
    { PT2_FX_VALUE_SYM_INT, pt2_fx_node_get_sym_int (node) },
    { PT2_FX_VALUE_SYM_FLOAT, pt2_fx_node_get_sym_float (node) },
    { PT2_FX_VALUE_SYM_BOOL, pt2_fx_node_get_sym_bool (node) },
    { PT2_FX_VALUE_OBJECT, pt2_fx_node_get_object (node) },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (metas); i++)
    if (metas[i].kind == kind)
      return metas[i];
  return (Pt2FxMeta){ PT2_FX_VALUE_NONE, NULL };
}

static Pt2FxArgument
take_argument (Edit *edit, Pt2FxGraph *graph, Pt2FxArgument items[3])
{
  static const int64_t numbers[] = { 1, -1, 4 };
  switch (take (edit, 10))
    {
    case 0:
      return pt2_fx_none ();
    case 1:
      return pt2_fx_int (take (edit, 255));
    case 2:
      return pt2_fx_ints (numbers, 1 + take (edit, G_N_ELEMENTS (numbers)));
    case 3:
      return pt2_fx_text ("text", 4);
    case 4:
      for (guint i = 0; i < 3; i++)
        items[i] = take (edit, 3) > 0 ? pt2_fx_value (take_node (edit, graph, FALSE)) : pt2_fx_none ();
      return pt2_fx_list (items, take (edit, 4));
    case 5:
      return pt2_fx_bool (take (edit, 2) != 0);
    case 6: /* of any graph, and so mostly refused */
      return pt2_fx_value (take_node (edit, take_graph (edit), FALSE));
    default:
      return pt2_fx_value (take_node (edit, graph, FALSE));
    }
}

/* ---- changes ---- */

static gboolean
insert_call (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  Pt2FxArgument items[3][3];
  Pt2FxNamed arguments[3];
  Pt2FxMeta results[2];
  const guint n = take (edit, 4), n_results = take (edit, 3), flags = take (edit, 32);
  for (guint i = 0; i < n; i++)
    arguments[i] = (Pt2FxNamed){ fuzz_take_text (&edit->bytes, parameters), take_argument (edit, graph, items[i]) };
  for (guint i = 0; i < n_results; i++)
    results[i] = meta_of (take_node (edit, graph, FALSE));
  const Pt2FxCall call = { .target = fuzz_take_text (&edit->bytes, targets),
                           .name = fuzz_take_text (&edit->bytes, names),
                           .arguments = arguments,
                           .n_arguments = n,
                           .results = results,
                           .n_results = n_results,
                           .like = flags & 1 ? take_node (edit, graph, FALSE) : NULL,
                           .in_tuple = (flags & 6) == 2,
                           .in_list = (flags & 6) == 4 };
  Pt2FxNode *before = take_node (edit, graph, TRUE);
  return pt2_fx_graph_insert_call (graph, before, &call, flags & 8 ? edit->ops : NULL, error) != NULL;
}

static gboolean
take_result (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  Pt2FxNode *node = take_node (edit, graph, FALSE);
  guint index = take (edit, 4);
  return pt2_fx_node_take_result (node, index, fuzz_take_text (&edit->bytes, names), error) != NULL;
}

static gboolean
set_argument (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  Pt2FxArgument items[3];
  Pt2FxNode *node = take_node (edit, graph, FALSE);
  guint index = take (edit, 4);
  const Pt2FxArgument value = take_argument (edit, graph, items);
  return pt2_fx_node_set_argument (node, index, &value, error);
}

static gboolean
set_target (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  Pt2FxNode *node = take_node (edit, graph, FALSE);
  const char *target = fuzz_take_text (&edit->bytes, targets);
  return pt2_fx_node_set_target (node, target, take (edit, 2) != 0 ? edit->ops : NULL, error);
}

static gboolean
set_metadata (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  Pt2FxNode *node = take_node (edit, graph, FALSE), *other = take_node (edit, graph, FALSE);
  g_autoptr (Pt2Metadata) metadata = pt2_fx_node_make_metadata (other, fuzz_limits (), error);
  return metadata != NULL && pt2_fx_node_set_metadata (node, metadata, error);
}

static gboolean
rename_node (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  Pt2FxNode *node = take_node (edit, graph, FALSE);
  const char *name = fuzz_take_text (&edit->bytes, names);
  return pt2_fx_node_rename (node, name != NULL ? name : "renamed", error);
}

static gboolean
replace_uses (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  Pt2FxNode *node = take_node (edit, graph, FALSE), *by = take_node (edit, graph, FALSE);
  return pt2_fx_node_replace_uses (node, by, take_node (edit, graph, TRUE), error);
}

static gboolean
erase (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  return pt2_fx_node_erase (take_node (edit, graph, FALSE), error);
}

static gboolean
lift_subgraph (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  Pt2FxNode *node = take_node (edit, graph, FALSE);
  return pt2_fx_node_lift_subgraph (node, take (edit, 4), error);
}

static gboolean
add_input (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  static const guint roles[] = { PT2_INPUT_SPEC_USER_INPUT, PT2_INPUT_SPEC_PARAMETER, PT2_INPUT_SPEC_BUFFER,
                                 PT2_INPUT_SPEC_TENSOR_CONSTANT, PT2_INPUT_SPEC_TOKEN };
  static const char *const stored[] = { NULL, "fresh.weight", "a.weight", "fresh" };
  const char *name = fuzz_take_text (&edit->bytes, names);
  const Pt2FxNewInput input = { .role = roles[take (edit, G_N_ELEMENTS (roles))],
                                .name = name != NULL ? name : "one_more",
                                .value = meta_of (take_node (edit, graph, FALSE)),
                                .target = fuzz_take_text (&edit->bytes, stored),
                                .persistent = TRUE };
  return pt2_fx_graph_add_input (graph, &input, error) != NULL;
}

static gboolean
add_output (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  return pt2_fx_graph_add_output (graph, take_node (edit, graph, FALSE), error);
}

static gboolean
remove_output (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  return pt2_fx_graph_remove_output (graph, take (edit, 4), error);
}

static gboolean
add_mutation (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  Pt2FxNode *input = take_node (edit, graph, FALSE), *value = take_node (edit, graph, FALSE);
  return pt2_fx_graph_add_mutation (graph, input, value, error);
}

static gboolean
add_subgraph (Edit *edit, Pt2FxGraph *graph, GError **error)
{
  Pt2FxNode *before = take_node (edit, graph, TRUE);
  const char *name = fuzz_take_text (&edit->bytes, names);
  return pt2_fx_graph_add_subgraph (graph, before, name != NULL ? name : "graph_0", error) != NULL;
}

static gboolean (*const changes[]) (Edit *edit, Pt2FxGraph *graph, GError **error) = {
  insert_call, insert_call,   take_result, set_argument, set_target, set_metadata,  rename_node,  replace_uses,
  erase,       lift_subgraph, add_input,   add_output,   add_output, remove_output, add_mutation, add_subgraph,
};

/* ---- what comes of it ---- */

static void
check_result (Edit *edit, const FuzzRules *known)
{
  GError *error = NULL;
  g_autoptr (Pt2Program) made = pt2_fx_module_make_program (edit->module, edit->ops, fuzz_limits (), &error);
  fuzz_must_tell (made != NULL, &error);
  if (made == NULL)
    return;
  fuzz_check (made, known);
  g_autoptr (Pt2Program) loaded = fuzz_reload (made);
  g_autoptr (Pt2FxModule) module = pt2_fx_module_new (made, fuzz_limits (), &error);
  if (module == NULL && !g_error_matches (error, PT2_ERROR, PT2_ERROR_L003))
    fuzz_fail ("what was made has no graph: %s", error->message);
  g_clear_error (&error);
  g_autoptr (Pt2Program) again
      = module != NULL ? pt2_fx_module_make_program (module, NULL, fuzz_limits (), NULL) : NULL;
  g_autoptr (GBytes) a = pt2_program_save (made, PT2_FORM_JSON, NULL);
  g_autoptr (GBytes) b = again != NULL ? pt2_program_save (again, PT2_FORM_JSON, NULL) : NULL;
  if (a != NULL && b != NULL && !g_bytes_equal (a, b))
    fuzz_fail ("made of its own graph, it is another program");
}

/* The program, read once, and the rules that it breaks itself. NULL: the corpus is not there. */
static Pt2Program *
program_number (guint number, FuzzRules *known)
{
  static Pt2Program *programs[G_N_ELEMENTS (files)];
  static FuzzRules rules[G_N_ELEMENTS (files)];
  const char *corpus = g_getenv ("PT2_CORPUS");
  if (programs[number] == NULL && corpus != NULL)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *path = g_strdup_printf ("%s/%s.pt2", corpus, files[number]);
      programs[number] = pt2_program_new_from_file (path, NULL, NULL, &error);
      if (programs[number] == NULL)
        fuzz_fail ("%s: %s", path, error->message);
      rules[number] = fuzz_check (programs[number], NULL);
    }
  *known = rules[number];
  return programs[number];
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static Pt2Ops *ops;
  Edit edit = { .bytes = { data, size } };
  FuzzRules known;
  GError *error = NULL;
  Pt2Program *program = program_number (take (&edit, G_N_ELEMENTS (files)), &known);
  if (ops == NULL)
    ops = pt2_ops_new (NULL, NULL);
  edit.ops = ops;
  edit.module = program != NULL && ops != NULL ? pt2_fx_module_new (program, fuzz_limits (), NULL) : NULL;
  if (edit.module == NULL)
    fuzz_fail ("no program, no operators or no memory: PT2_CORPUS names the folder of programs");
  for (guint i = 0; i < MOST_CHANGES && edit.bytes.left > 0; i++)
    {
      Pt2FxGraph *graph = take_graph (&edit);
      gboolean fine = changes[take (&edit, G_N_ELEMENTS (changes))](&edit, graph, &error);
      fuzz_must_tell (fine, &error);
    }
  check_result (&edit, &known);
  pt2_fx_module_free (edit.module);
  return 0;
}
