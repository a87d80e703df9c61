/* SPDX-License-Identifier: Apache-2.0 */
/* Builds programs with what few programs have, for check_build.py: build_zoo FOLDER OBJECT
 * OBJECT is a file with a pickled script object. */
#include <pt2.h>
#include <stdio.h>

/* Trees and arguments by name, left-out tensors, sizes of numbers and symbols, a name that is Python's. */
static void
build_trees (Pt2Builder *b)
{
  Pt2BuildGraph *root = pt2_build_root (b);
  pt2_build_symbol (b, "s0", 2, 100, 5);
  Pt2BuildValue *x = pt2_build_input (b, "x", "float32[s0, 6]");
  Pt2BuildValue *left = pt2_build_input (b, "pair_left", "int64[2]");
  Pt2BuildValue *right = pt2_build_input (b, "pair_right", "float32[1]");
  Pt2BuildValue *k = pt2_build_input (b, "k_inner_0", "float32[1]");
  pt2_build_takes (b, "x: _, pair: zoo.Pair(left=_, right=_), *, k: {'inner': [_]}");
  Pt2BuildValue *n = pt2_build_call (root, "aten.sym_size.int", "int(s0)", PT2_ARGS (pt2_arg (x), pt2_arg_int (0)));
  Pt2BuildValue *some = pt2_build_call (root, "aten.index.Tensor", "float32[s0, 2]",
                                        PT2_ARGS (pt2_arg (x), pt2_arg_values ((Pt2BuildValue *[]){ NULL, left }, 2)));
  Pt2BuildValue *wide = pt2_build_call (
      root, "aten.reshape.default", "float32[s0, 1, 6]",
      PT2_ARGS (pt2_arg (x), pt2_arg_sizes ((Pt2BuildValue *[]){ n, NULL, NULL }, (const gint64[]){ 0, 1, -1 }, 3)));
  Pt2BuildValue *shifted
      = pt2_build_call (root, "aten.add.Tensor", "float32[s0, 1, 6]", PT2_ARGS (pt2_arg (wide), pt2_arg (k)));
  Pt2BuildValue *scaled
      = pt2_build_call (root, "aten.mul.Tensor", "float32[s0, 2]", PT2_ARGS (pt2_arg (some), pt2_arg (right)));
  Pt2BuildValue *all = pt2_build_call (root, "aten.sum.default", "float32[]", PT2_ARGS (pt2_arg (scaled)));
  pt2_build_output (root, scaled);
  pt2_build_output (root, shifted);
  pt2_build_output (root, all);
  pt2_build_gives (b, "{'scaled': _, 'rest': (_, [_])}");
}

/* The loss of a product, and what it takes to make it smaller. */
static void
build_joint (Pt2Builder *b)
{
  Pt2BuildGraph *root = pt2_build_root (b);
  const float weights[] = { 0.5f, -1.5f, 2 };
  g_autoptr (GBytes) data = g_bytes_new (weights, sizeof weights);
  Pt2BuildValue *w = pt2_build_parameter (b, "inner.w", "float32[3]", data);
  Pt2BuildValue *x = pt2_build_input (b, "x", "float32[3]");
  Pt2BuildValue *product = pt2_build_call (root, "aten.mul.Tensor", "float32[3]", PT2_ARGS (pt2_arg (x), pt2_arg (w)));
  pt2_build_loss (b, pt2_build_call (root, "aten.sum.default", "float32[]", PT2_ARGS (pt2_arg (product))));
  pt2_build_gradient (b, w, pt2_build_call (root, "aten.clone.default", "float32[3]", PT2_ARGS (pt2_arg (x))));
  pt2_build_gradient (b, x, pt2_build_call (root, "aten.clone.default", "float32[3]", PT2_ARGS (pt2_arg (w))));
}

/* Something is printed, and a token says when. */
static void
build_effect (Pt2Builder *b)
{
  Pt2BuildGraph *root = pt2_build_root (b);
  Pt2BuildValue *token = pt2_build_token (b, "token");
  Pt2BuildValue *x = pt2_build_input (b, "x", "float32[2]");
  Pt2BuildValue *next = pt2_build_call (
      root, "higher_order.with_effects", "float32[0]",
      PT2_ARGS (pt2_arg (token), pt2_arg_operator ("torch.ops.aten._print.default"), pt2_arg_text ("printed once")));
  pt2_build_token_output (b, next);
  pt2_build_output (root, pt2_build_call (root, "aten.neg.default", "float32[2]", PT2_ARGS (pt2_arg (x))));
}

/* A layer whose weights are an object. */
static void
build_object (Pt2Builder *b, GBytes *data)
{
  Pt2BuildGraph *root = pt2_build_root (b);
  Pt2BuildValue *packed
      = pt2_build_object (b, "packed", "__torch__.torch.classes.quantized.LinearPackedParamsBase", data);
  Pt2BuildValue *x = pt2_build_input (b, "x", "float32[2, 3]");
  pt2_build_output (root, pt2_build_call (root, "quantized.linear_dynamic.default", "float32[2, 4]",
                                          PT2_ARGS (pt2_arg (x), pt2_arg (packed))));
}

/* Operators of the extension of extension_program.py. */
static void
build_extension (Pt2Builder *b)
{
  Pt2BuildGraph *root = pt2_build_root (b);
  Pt2BuildValue *x = pt2_build_input (b, "x", "float32[2, 3]");
  Pt2BuildValue *scaled
      = pt2_build_call (root, "#demo:scale", "float32[2, 3]", PT2_ARGS (pt2_arg (x), pt2_arg_float (3.0)));
  Pt2BuildValue *halves
      = pt2_build_call (root, "#demo:halves", "float32[2, 3]; float32[2, 3]", PT2_ARGS (pt2_arg (scaled)));
  pt2_build_output (root, pt2_build_result (halves, 1));
  pt2_build_dialect (b, "DEMO");
}

static gboolean
save (Pt2Builder *b, const char *folder, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (folder, name, NULL);
  gboolean saved = pt2_builder_save (b, path, PT2_SAVE_REPLACE, &error);
  if (!saved)
    fprintf (stderr, "%s: %s: %s\n", name, pt2_error_get_id (error), error->message);
  pt2_builder_free (b);
  return saved;
}

int
main (int argc, char **argv)
{
  char *object;
  gsize len;
  if (argc != 3 || !g_file_get_contents (argv[2], &object, &len, NULL))
    return 2;
  g_autoptr (GBytes) data = g_bytes_new_take (object, len);
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL);
  static const char extension[] = "#demo:scale(Tensor self, float factor, *, int[] dims=[]) -> Tensor\n"
                                  "#demo:halves(Tensor self) -> (Tensor, Tensor)\n";
  if (ops == NULL || !pt2_ops_add_text (ops, extension, -1, NULL))
    return 2;
  Pt2Builder *builders[5];
  for (guint i = 0; i < G_N_ELEMENTS (builders); i++)
    if ((builders[i] = pt2_builder_new (ops, NULL)) == NULL)
      return 2;
  build_trees (builders[0]);
  build_joint (builders[1]);
  build_effect (builders[2]);
  build_object (builders[3], data);
  build_extension (builders[4]);
  gboolean saved = save (builders[0], argv[1], "trees.pt2");
  saved = save (builders[1], argv[1], "joint.pt2") && saved;
  saved = save (builders[2], argv[1], "effect.pt2") && saved;
  saved = save (builders[3], argv[1], "object.pt2") && saved;
  return save (builders[4], argv[1], "extension.pt2") && saved ? 0 : 1;
}
