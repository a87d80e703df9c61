/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes decide which functions of the builder are called, in any order and with any values that came before, NULL among
 * them. In the end there is an id of ours that says what was wrong, or a program that keeps the rules of `verify` about
 * definitions, tables, names, signature and trees, has a graph, and comes back from its text. */
#include "fuzz_program.h"
#include "pt2-build.h"
#include "pt2-graph.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

enum
{
  MOST_CALLS = 40,
  MOST_VALUES = 64,
  MOST_GRAPHS = 6,
};

static const char *const names[] = { "x", "y", "mask", "a.b", "w.0", "", "\xc3\xa9", "s0", "x_1", "graph_0" };
static const char *const types[] = {
  "float32[2]",   "float32[s0, 4]", "int64[2*s0 + 1]",      "float32[]", "float32[0]",  "int(s0)",
  "bool(s0 > 4)", "float(2.5)",     "float32[2]; int64[2]", "",          "float32[s9]", "float32[2]; int(s0)",
  "float99[2]",   "float32[-1]",
};
static const char *const targets[] = {
  "aten.relu.default",    "aten.add.Tensor",        "torch.ops.aten.mul.Tensor", "aten.split.Tensor",
  "aten.sym_size.int",    "_operator.add",          "higher_order.cond",         "higher_order.with_effects",
  "aten.index.Tensor",    "aten.max.dim",           "mine.unknown.default",      "",
  "aten.reshape.default", "aten.new_zeros.default",
};
static const char *const parameters[] = { NULL, NULL, "self", "other", "dim", "split_size", "nothing" };
static const char *const trees[] = {
  "_", "(_, _)",     "x: _", "x: _, y: (_, [_])", "*, mask: _", "{'a': _}", "my.Pair(left=_, right=_)",
  "(", "x: _, x: _", "",
};

typedef struct
{
  FuzzBytes bytes;
  Pt2Builder *builder;
  GBytes *data;
  Pt2BuildValue *values[MOST_VALUES];
  Pt2BuildGraph *graphs[MOST_GRAPHS];
  guint n_values, n_graphs;
} Build;

static guint
take (Build *build, guint n)
{
  return fuzz_take (&build->bytes, n);
}

static Pt2BuildValue *
take_value (Build *build)
{
  return build->values[take (build, build->n_values)];
}

static void
keep (Build *build, Pt2BuildValue *value)
{
  if (value != NULL && build->n_values < MOST_VALUES)
    build->values[build->n_values++] = value;
}

static Pt2BuildArg
take_arg (Build *build, Pt2BuildValue *items[3])
{
  static const gint64 numbers[] = { 2, -1, 0 };
  const guint form = take (build, 14), n = take (build, 4);
  for (guint i = 0; i < 3; i++)
    items[i] = form == 8 || form == 9 ? (take (build, 4) > 0 ? take_value (build) : NULL) : NULL;
  switch (form)
    {
    case 0:
      return pt2_arg_none ();
    case 1:
      return pt2_arg_int (take (build, 8));
    case 2:
      return pt2_arg_float (0.5);
    case 3:
      return pt2_arg_bool (TRUE);
    case 4:
      return pt2_arg_text ("mean");
    case 5:
      return pt2_arg_dtype (n > 0 ? "float32" : "float99");
    case 6:
      return pt2_arg_device ("cpu");
    case 7:
      return pt2_arg_graph (build->graphs[take (build, build->n_graphs)]);
    case 8:
      return pt2_arg_values (items, n);
    case 9:
      return pt2_arg_sizes (items, numbers, n);
    case 10:
      return pt2_arg_ints (numbers, n);
    case 11:
      return pt2_arg_operator ("torch.ops.aten.relu.default");
    default:
      return pt2_arg (take_value (build));
    }
}

static void
call (Build *build)
{
  Pt2BuildValue *items[3][3];
  Pt2BuildArg args[3];
  const guint n = take (build, 4);
  Pt2BuildGraph *graph = build->graphs[take (build, build->n_graphs)];
  for (guint i = 0; i < n; i++)
    args[i] = pt2_arg_named (fuzz_take_text (&build->bytes, parameters), take_arg (build, items[i]));
  const char *target = fuzz_take_text (&build->bytes, targets);
  keep (build, pt2_build_call (graph, target, fuzz_take_text (&build->bytes, types), args, n));
}

static void
stored (Build *build)
{
  const char *fqn = fuzz_take_text (&build->bytes, names), *type = fuzz_take_text (&build->bytes, types);
  switch (take (build, 4))
    {
    case 0:
      keep (build, pt2_build_parameter (build->builder, fqn, type, build->data));
      break;
    case 1:
      keep (build, pt2_build_buffer (build->builder, fqn, type, build->data, take (build, 2) > 0));
      break;
    case 2:
      keep (build, pt2_build_constant (build->builder, fqn, type, build->data));
      break;
    default:
      keep (build, pt2_build_object (build->builder, fqn, "__torch__.Some", build->data));
    }
}

static void
subgraph (Build *build)
{
  Pt2BuildGraph *graph = pt2_build_subgraph (build->builder, fuzz_take_text (&build->bytes, names));
  if (graph != NULL && build->n_graphs < MOST_GRAPHS)
    build->graphs[build->n_graphs++] = graph;
}

static void
step (Build *build)
{
  Pt2Builder *builder = build->builder;
  FuzzBytes *bytes = &build->bytes;
  const char *name = fuzz_take_text (bytes, names);
  switch (take (build, 16))
    {
    case 0:
      pt2_build_symbol (builder, name, take (build, 4), take (build, 2) > 0 ? G_MAXINT64 : 8, take (build, 10));
      break;
    case 1:
    case 2:
      keep (build, pt2_build_input (builder, name, fuzz_take_text (bytes, types)));
      break;
    case 3:
      stored (build);
      break;
    case 4:
      keep (build, pt2_build_token (builder, name));
      break;
    case 5:
      pt2_build_takes (builder, fuzz_take_text (bytes, trees));
      break;
    case 6:
      subgraph (build);
      break;
    case 7:
      keep (build, pt2_build_subgraph_input (build->graphs[take (build, build->n_graphs)], name,
                                             fuzz_take_text (bytes, types)));
      break;
    case 8:
      keep (build, pt2_build_result (take_value (build), take (build, 3)));
      break;
    case 9:
      pt2_build_output (build->graphs[take (build, build->n_graphs)], take_value (build));
      break;
    case 10:
      pt2_build_mutation (builder, take_value (build), take_value (build));
      break;
    case 11:
      pt2_build_loss (builder, take_value (build));
      break;
    case 12:
      pt2_build_gradient (builder, take_value (build), take_value (build));
      break;
    case 13:
      if (take (build, 2) > 0)
        pt2_build_gives (builder, fuzz_take_text (bytes, trees));
      else
        pt2_build_token_output (builder, take_value (build));
      break;
    default:
      call (build);
    }
}

static void
check_result (Pt2Program *made)
{
  static const FuzzRules none;
  GError *error = NULL;
  fuzz_check (made, &none);
  g_autoptr (Pt2Program) loaded = fuzz_reload (made);
  if (loaded == NULL)
    fuzz_fail ("what was built is not written");
  g_autoptr (Pt2FxModule) module = pt2_fx_module_new (loaded, fuzz_limits (), &error);
  if (module == NULL)
    fuzz_fail ("what was built has no graph: %s", error->message);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static Pt2Ops *ops;
  Build build = { .bytes = { data, size } };
  GError *error = NULL;
  if (ops == NULL)
    ops = pt2_ops_new (NULL, NULL);
  build.builder = ops != NULL ? pt2_builder_new (ops, NULL) : NULL;
  if (build.builder == NULL)
    fuzz_fail ("no memory");
  build.data = g_bytes_new_take (g_malloc0 (8), 8);
  build.graphs[build.n_graphs++] = pt2_build_root (build.builder);
  build.values[build.n_values++] = NULL;
  pt2_build_symbol (build.builder, "s0", 2, G_MAXINT64, 3);
  keep (&build, pt2_build_input (build.builder, "first", "float32[s0, 4]"));
  for (guint i = 0; i < MOST_CALLS && build.bytes.left > 0; i++)
    step (&build);
  g_autoptr (Pt2Program) made = pt2_builder_finish (build.builder, &error);
  fuzz_must_tell (made != NULL, &error);
  if (made != NULL)
    check_result (made);
  g_bytes_unref (build.data);
  pt2_builder_free (build.builder);
  return 0;
}
