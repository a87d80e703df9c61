/* SPDX-License-Identifier: Apache-2.0 */
/* Builds a small network from nothing: two layers with weights, a batch of any size, and a branch on the data; saves
 * an archive that PyTorch loads and runs. */
#include <pt2.h>
#include <stdio.h>

/* Weights of N elements between -0.5 and 0.5, the same at every run. */
static GBytes *
make_weights (guint n)
{
  float *data = g_new (float, n);
  for (guint i = 0; i < n; i++)
    data[i] = (float)((i * 2654435761u) >> 8) / (float)(1 << 24) - 0.5f;
  return g_bytes_new_take (data, n * sizeof *data);
}

static Pt2BuildValue *
add_linear (Pt2Builder *builder, Pt2BuildValue *x, const char *name, guint in, guint out)
{
  g_autofree char *weight_name = g_strconcat (name, ".weight", NULL), *bias_name = g_strconcat (name, ".bias", NULL);
  g_autofree char *weight_type = g_strdup_printf ("float32[%u, %u]", out, in);
  g_autofree char *bias_type = g_strdup_printf ("float32[%u]", out), *type = g_strdup_printf ("float32[s0, %u]", out);
  g_autoptr (GBytes) weight_data = make_weights (in * out), bias_data = make_weights (out);
  Pt2BuildValue *weight = pt2_build_parameter (builder, weight_name, weight_type, weight_data);
  Pt2BuildValue *bias = pt2_build_parameter (builder, bias_name, bias_type, bias_data);
  return pt2_build_call (pt2_build_root (builder), "aten.linear.default", type,
                         PT2_ARGS (pt2_arg (x), pt2_arg (weight), pt2_arg (bias)));
}

/* A branch: a graph of its own that does OP to what it is given. */
static Pt2BuildGraph *
add_branch (Pt2Builder *builder, const char *name, const char *op)
{
  Pt2BuildGraph *branch = pt2_build_subgraph (builder, name);
  Pt2BuildValue *y = pt2_build_subgraph_input (branch, "y", "float32[s0, 4]");
  pt2_build_output (branch, pt2_build_call (branch, op, "float32[s0, 4]", PT2_ARGS (pt2_arg (y))));
  return branch;
}

static gboolean
build_mlp (const char *path, GError **error)
{
  g_autoptr (Pt2Builder) builder = pt2_builder_new (NULL, error);
  if (builder == NULL)
    return FALSE;
  Pt2BuildGraph *root = pt2_build_root (builder);

  /* Forward: x of any batch, through two layers. */
  pt2_build_symbol (builder, "s0", 2, 1024, 3);
  Pt2BuildValue *x = pt2_build_input (builder, "x", "float32[s0, 8]");
  Pt2BuildValue *hidden = add_linear (builder, x, "first", 8, 16);
  hidden = pt2_build_call (root, "aten.relu.default", "float32[s0, 16]", PT2_ARGS (pt2_arg (hidden)));
  Pt2BuildValue *y = add_linear (builder, hidden, "second", 16, 4);

  /* y.sin() if the sum of x is above 0, else y.cos(). */
  Pt2BuildValue *sum = pt2_build_call (root, "aten.sum.default", "float32[]", PT2_ARGS (pt2_arg (x)));
  Pt2BuildValue *positive
      = pt2_build_call (root, "aten.gt.Scalar", "bool[]", PT2_ARGS (pt2_arg (sum), pt2_arg_int (0)));
  Pt2BuildGraph *yes = add_branch (builder, "true_graph_0", "aten.sin.default");
  Pt2BuildGraph *no = add_branch (builder, "false_graph_0", "aten.cos.default");
  Pt2BuildValue *result
      = pt2_build_call (root, "higher_order.cond", "float32[s0, 4]",
                        PT2_ARGS (pt2_arg (positive), pt2_arg_graph (yes), pt2_arg_graph (no), pt2_arg_values (&y, 1)));
  pt2_build_output (root, result);
  return pt2_builder_save (builder, path, PT2_SAVE_REPLACE, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc != 2 || !build_mlp (argv[1], &error))
    {
      fprintf (stderr, "%s\n", error != NULL ? error->message : "usage: build_mlp OUT.pt2");
      return 1;
    }
  printf ("%s is built\n", argv[1]);
  return 0;
}
