/* SPDX-License-Identifier: Apache-2.0 */
/* Gives the program of an archive one more input and output: the old output times `gain`, computed in a subgraph that
 * runs without gradients. edit_program IN OUT */
#include <pt2.h>

/* A subgraph that multiplies what it is given; both tensors are like LIKE. */
static Pt2FxGraph *
add_product (Pt2FxGraph *root, Pt2FxMeta like, const Pt2Ops *ops, GError **error)
{
  Pt2FxGraph *graph = pt2_fx_graph_add_subgraph (root, NULL, "product_graph_0", error);
  const Pt2FxNewInput a = { .name = "a", .value = like }, b = { .name = "b", .value = like };
  Pt2FxNode *left = graph != NULL ? pt2_fx_graph_add_input (graph, &a, error) : NULL;
  Pt2FxNode *right = left != NULL ? pt2_fx_graph_add_input (graph, &b, error) : NULL;
  if (right == NULL)
    return NULL;
  const Pt2FxNamed factors[] = { { "self", pt2_fx_value (left) }, { "other", pt2_fx_value (right) } };
  const Pt2FxCall mul = {
    .target = "torch.ops.aten.mul.Tensor", .arguments = factors, .n_arguments = 2, .results = &like, .n_results = 1
  };
  Pt2FxNode *product = pt2_fx_graph_insert_call (graph, NULL, &mul, ops, error);
  return product != NULL && pt2_fx_graph_add_output (graph, product, error) ? graph : NULL;
}

static gboolean
edit (Pt2FxModule *module, const Pt2Ops *ops, GError **error)
{
  Pt2FxGraph *root = pt2_fx_module_get_root (module);
  Pt2FxNode *old = pt2_fx_node_get_argument (pt2_fx_graph_get_output (root), 0)->node;
  const Pt2FxMeta like = { PT2_FX_VALUE_TENSOR, pt2_fx_node_get_tensor (old) };
  const Pt2FxNewInput input = { .role = PT2_INPUT_SPEC_USER_INPUT, .name = "gain", .value = like };
  Pt2FxNode *gain = pt2_fx_graph_add_input (root, &input, error);
  Pt2FxGraph *graph = gain != NULL ? add_product (root, like, ops, error) : NULL;
  if (graph == NULL)
    return FALSE;
  const Pt2FxNamed arguments[] = { { NULL, pt2_fx_bool (FALSE) },
                                   { NULL, pt2_fx_value (pt2_fx_graph_get_reference (graph)) },
                                   { NULL, pt2_fx_value (old) },
                                   { NULL, pt2_fx_value (gain) } };
  const Pt2FxCall call = { .target = "torch.ops.higher_order.wrap_with_set_grad_enabled",
                           .arguments = arguments,
                           .n_arguments = 4,
                           .results = &like,
                           .n_results = 1,
                           .in_tuple = TRUE };
  Pt2FxNode *node = pt2_fx_graph_insert_call (root, NULL, &call, ops, error);
  Pt2FxNode *product = node != NULL ? pt2_fx_node_take_result (node, 0, "product", error) : NULL;
  return product != NULL && pt2_fx_graph_add_output (root, product, error);
}

/* The archive with another program, and without sample inputs, which no longer fit it. */
static gboolean
save (Pt2Archive *archive, Pt2Program *program, const char *out, GError **error)
{
  g_autoptr (GBytes) text = pt2_program_save (program, PT2_FORM_JSON, error);
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, PT2_WRITER_AS_IT_IS, error);
  if (text == NULL || writer == NULL)
    return FALSE;
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (text);
  return pt2_archive_writer_strip (writer, archive, NULL, PT2_STRIP_SAMPLE_INPUTS, NULL, error)
         && pt2_archive_writer_replace (writer, "models/model.json", source, error)
         && pt2_archive_writer_save (writer, out, PT2_SAVE_REPLACE, NULL, NULL, error);
}

static gboolean
run (const char *in, const char *out, GError **error)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (in, NULL, error);
  g_autoptr (Pt2Program) program = archive != NULL ? pt2_program_new_from_file (in, NULL, NULL, error) : NULL;
  g_autoptr (Pt2FxModule) module = program != NULL ? pt2_fx_module_new (program, NULL, error) : NULL;
  g_autoptr (Pt2Ops) ops = module != NULL ? pt2_ops_new (NULL, error) : NULL;
  if (ops == NULL || !edit (module, ops, error))
    return FALSE;
  g_autoptr (Pt2Program) changed = pt2_fx_module_make_program (module, ops, NULL, error);
  return changed != NULL && save (archive, changed, out, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc != 3)
    {
      g_printerr ("usage: edit_program IN OUT\n");
      return 2;
    }
  if (run (argv[1], argv[2], &error))
    return 0;
  g_printerr ("%s: %s: %s\n", argv[1], pt2_error_get_id (error), error->message);
  return 2;
}
