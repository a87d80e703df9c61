/* SPDX-License-Identifier: Apache-2.0 */
/* A program from nothing: inputs, weights, calls of operators, outputs; then an archive that PyTorch loads and runs.
 *
 * Values have types that are written as text:
 *   float32[16, 8]     a tensor; a dimension is a number or an expression over symbols: float32[s0, 2*s0 + 1]
 *   int(s0)            an integer; float(…) and bool(s0 > 4) alike
 * Calls name their arguments by place or by the names in the operator's schema, which they are held against. Nothing
 * is computed: the type of a result is what the caller says, and PyTorch or `pt2 verify` may say otherwise.
 *
 * Errors are remembered: after the first, all functions do nothing and give NULL, which they also take, and
 * pt2_builder_finish() reports it. Values and graphs belong to the builder. docs/building-programs.md has an example.
 *
 * Thread rule: a builder is of one thread at a time.
 * Since: 1.0
 */
#pragma once

#include "pt2-extension.h"
#include "pt2-program.h"
#include "pt2-save.h"
#include <string.h>

G_BEGIN_DECLS

typedef struct Pt2Builder Pt2Builder;
typedef struct Pt2BuildGraph Pt2BuildGraph;
typedef struct Pt2BuildValue Pt2BuildValue;

/**
 * pt2_builder_new:
 * @ops: (nullable): schemas of the operators that are called, which must outlive the builder; %NULL for the built-in
 *   ones
 *
 * Returns: (transfer full) (nullable): a builder of an empty program; %NULL with L001
 * Since: 1.0
 */
PT2_API Pt2Builder *pt2_builder_new (const Pt2Ops *ops, GError **error);
PT2_API void pt2_builder_free (Pt2Builder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Builder, pt2_builder_free)

/**
 * pt2_build_symbol:
 * @name: `s` and digits, as PyTorch calls sizes that the caller chooses
 * @min: smallest value
 * @max: largest value; %G_MAXINT64 for none
 * @hint: an example of it
 *
 * Declares a size that is known when the program runs. It must be a dimension of an input.
 * Since: 1.0
 */
PT2_API void pt2_build_symbol (Pt2Builder *builder, const char *name, gint64 min, gint64 max, gint64 hint);

/* ---- what comes in ---- */

/* An input that the caller passes, a tensor or an integer: by place, in the order of these calls, unless
 * pt2_build_takes() says otherwise. Since: 1.0 */
PT2_API Pt2BuildValue *pt2_build_input (Pt2Builder *builder, const char *name, const char *type);

/**
 * pt2_build_parameter:
 * @fqn: its qualified name: "layers.0.weight"
 * @type: of a tensor whose sizes are numbers
 * @data: the elements, row-major and little-endian; kept by reference
 *
 * Returns: (transfer none) (nullable): its value
 * Since: 1.0
 */
PT2_API Pt2BuildValue *pt2_build_parameter (Pt2Builder *builder, const char *fqn, const char *type, GBytes *data);
/* The same for a buffer, which is part of the state dictionary if it is PERSISTENT. Since: 1.0 */
PT2_API Pt2BuildValue *pt2_build_buffer (Pt2Builder *builder, const char *fqn, const char *type, GBytes *data,
                                         gboolean persistent);
/* The same for a tensor that is none of both. Since: 1.0 */
PT2_API Pt2BuildValue *pt2_build_constant (Pt2Builder *builder, const char *fqn, const char *type, GBytes *data);

/**
 * pt2_build_object:
 * @fqn: its qualified name
 * @class_name: as TorchScript calls it: "__torch__.torch.classes.quantized.LinearPackedParamsBase"
 * @data: as torch._C._pickle_save() writes it; kept by reference and not looked at
 *
 * A script object that is stored.
 * Returns: (transfer none) (nullable): its value
 * Since: 1.0
 */
PT2_API Pt2BuildValue *pt2_build_object (Pt2Builder *builder, const char *fqn, const char *class_name, GBytes *data);
/**
 * pt2_build_object_of_type:
 * @class_name: of a type that was registered in the operators of the builder (pt2_ops_add_object_type())
 * @object: of that type; encoded now, and not kept
 *
 * The same, with the bytes that the type's handler makes of @object. O005, O006.
 * Returns: (transfer none) (nullable): its value
 * Since: 1.0
 */
PT2_API Pt2BuildValue *pt2_build_object_of_type (Pt2Builder *builder, const char *fqn, const char *class_name,
                                                 gconstpointer object);
/* A token that orders effects: given to higher_order.with_effects with an operator (pt2_arg_operator()) and its
 * arguments; the first result, a float32[0], is the next token, behind it stand those of the operator. A program with
 * tokens is of PyTorch's dialect ATEN, which has functional operators only. Since: 1.0 */
PT2_API Pt2BuildValue *pt2_build_token (Pt2Builder *builder, const char *name);

/**
 * pt2_build_takes:
 * @text: names of arguments with their trees, in order; behind `*` those that go by name
 *
 * How the caller passes the inputs: without this, each by place. `_` stands for an input, in the order of
 * pt2_build_input(); `(_, _)` is a tuple, `(_,)` one of one, `[_]` a list, `{'key': _}` a dictionary,
 * `my.Pair(left=_, right=_)` a named tuple that is registered with PyTorch as `my.Pair`:
 *   "x: _, pair: (_, [_, _]), *, mask: {'rows': _}"
 * The last call counts. B007 if it cannot be read, is nested deeper than 64, has a name twice, or at the end if it has
 * not as many places as there are inputs.
 * Since: 1.0
 */
PT2_API void pt2_build_takes (Pt2Builder *builder, const char *text);

/* ---- graphs ---- */

PT2_API Pt2BuildGraph *pt2_build_root (Pt2Builder *builder);
/* A graph to be given to a call, such as a branch of higher_order.cond; NAME is its attribute. Since: 1.0 */
PT2_API Pt2BuildGraph *pt2_build_subgraph (Pt2Builder *builder, const char *name);
/* An input of a subgraph: for what the call passes, in order. Since: 1.0 */
PT2_API Pt2BuildValue *pt2_build_subgraph_input (Pt2BuildGraph *graph, const char *name, const char *type);

/* ---- calls ---- */

typedef enum
{
  PT2_BUILD_NONE,
  PT2_BUILD_VALUE,
  PT2_BUILD_INT,
  PT2_BUILD_FLOAT,
  PT2_BUILD_BOOL,
  PT2_BUILD_TEXT,
  PT2_BUILD_DTYPE,
  PT2_BUILD_DEVICE,
  PT2_BUILD_GRAPH,
  PT2_BUILD_VALUES,
  PT2_BUILD_INTS,
  PT2_BUILD_SIZES,
  PT2_BUILD_OPERATOR,
} Pt2BuildArgKind;

/**
 * Pt2BuildArg: an argument of a call; made by the functions below.
 * Since: 1.0
 */
typedef struct
{
  const char *name; /* %NULL: by place */
  Pt2BuildArgKind kind;
  guint n; /* items */
  union
  {
    Pt2BuildValue *value;
    Pt2BuildGraph *graph;
    gint64 integer;
    double real;
    const char *text;
    Pt2BuildValue *const *values;
    const gint64 *integers;
  };
  const gint64 *numbers; /* of sizes: those that are no values */
} Pt2BuildArg;

/* Nothing of this kind yet. */
static inline Pt2BuildArg
pt2_arg_of_kind (Pt2BuildArgKind kind)
{
  Pt2BuildArg arg;
  memset (&arg, 0, sizeof arg);
  arg.kind = kind;
  return arg;
}
static inline Pt2BuildArg
pt2_arg (Pt2BuildValue *value)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_VALUE);
  arg.value = value;
  return arg;
}
static inline Pt2BuildArg
pt2_arg_none (void)
{
  return pt2_arg_of_kind (PT2_BUILD_NONE);
}
static inline Pt2BuildArg
pt2_arg_int (gint64 integer)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_INT);
  arg.integer = integer;
  return arg;
}
static inline Pt2BuildArg
pt2_arg_float (double real)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_FLOAT);
  arg.real = real;
  return arg;
}
static inline Pt2BuildArg
pt2_arg_bool (gboolean boolean)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_BOOL);
  arg.integer = boolean != FALSE;
  return arg;
}
static inline Pt2BuildArg
pt2_arg_text (const char *text)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_TEXT);
  arg.text = text;
  return arg;
}
/* A type of elements by PyTorch's name: "float32". */
static inline Pt2BuildArg
pt2_arg_dtype (const char *name)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_DTYPE);
  arg.text = name;
  return arg;
}
/* A kind of device without a number: "cpu". */
static inline Pt2BuildArg
pt2_arg_device (const char *type)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_DEVICE);
  arg.text = type;
  return arg;
}
static inline Pt2BuildArg
pt2_arg_graph (Pt2BuildGraph *graph)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_GRAPH);
  arg.graph = graph;
  return arg;
}
/* Tensors, of which those that are left out are NULL (None), or symbolic integers. */
static inline Pt2BuildArg
pt2_arg_values (Pt2BuildValue *const *values, guint n)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_VALUES);
  arg.values = values;
  arg.n = n;
  return arg;
}
static inline Pt2BuildArg
pt2_arg_ints (const gint64 *integers, guint n)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_INTS);
  arg.integers = integers;
  arg.n = n;
  return arg;
}
/* A list of integers, some symbolic: where VALUES has NULL, NUMBERS says. Both have N items. */
static inline Pt2BuildArg
pt2_arg_sizes (Pt2BuildValue *const *values, const gint64 *numbers, guint n)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_SIZES);
  arg.values = values;
  arg.numbers = numbers;
  arg.n = n;
  return arg;
}
/* An operator itself, by its whole name: "torch.ops.aten._print.default". */
static inline Pt2BuildArg
pt2_arg_operator (const char *target)
{
  Pt2BuildArg arg = pt2_arg_of_kind (PT2_BUILD_OPERATOR);
  arg.text = target;
  return arg;
}
static inline Pt2BuildArg
pt2_arg_named (const char *name, Pt2BuildArg arg)
{
  arg.name = name;
  return arg;
}

/* An array of arguments and its length, for pt2_build_call(). In C only: C++ has no such literals, and takes an array
 * of its own. */
#define PT2_ARGS(...)                                                                                                  \
  ((const Pt2BuildArg[]){ __VA_ARGS__ }), (guint)(sizeof ((const Pt2BuildArg[]){ __VA_ARGS__ }) / sizeof (Pt2BuildArg))

/**
 * pt2_build_call:
 * @graph: where it stands, behind what is there
 * @op: "aten.add.Tensor", "higher_order.cond", "_operator.gt", "#NAMESPACE:NAME"; `torch.ops.` may stand before it
 * @types: of the results, with `;` between them; "" if there are none
 * @args: (array length=n): in the schema's order, those with a name last
 *
 * Returns: (transfer none) (nullable): the first result; %NULL if there is none
 * Since: 1.0
 */
PT2_API Pt2BuildValue *pt2_build_call (Pt2BuildGraph *graph, const char *op, const char *types, const Pt2BuildArg *args,
                                       guint n);
/* Another result of the call that gave VALUE; 0 is the first. Since: 1.0 */
PT2_API Pt2BuildValue *pt2_build_result (Pt2BuildValue *value, guint index);
/* The name of a value in its graph. Since: 1.0 */
PT2_API const char *pt2_build_name (Pt2BuildValue *value);

/* ---- what goes out ---- */

/* The next output of a graph; no object can be one (B006). A program of one output gives it bare, of several as a
 * tuple. Since: 1.0 */
PT2_API void pt2_build_output (Pt2BuildGraph *graph, Pt2BuildValue *value);
/* VALUE is what the buffer, parameter or input TARGET holds after a run, said once (B006). Since: 1.0 */
PT2_API void pt2_build_mutation (Pt2Builder *builder, Pt2BuildValue *target, Pt2BuildValue *value);

/* The dialect of the program, whose verifier PyTorch must have before it loads it: that of the extension whose
 * operators the program calls, which PyTorch's own dialects do not allow. %NULL for one of those, as it is without this
 * call. Since: 1.0 */
PT2_API void pt2_build_dialect (Pt2Builder *builder, const char *dialect);

/* How the caller gets the outputs: a tree as in pt2_build_takes(), with a `_` for each in the order of
 * pt2_build_output() and pt2_build_loss(). B007 alike. Since: 1.0 */
PT2_API void pt2_build_gives (Pt2Builder *builder, const char *text);

/* The next output of the program, which is the loss: a tensor, one at most (B006). Without pt2_build_gives() a program
 * with a loss gives a tuple. Since: 1.0 */
PT2_API void pt2_build_loss (Pt2Builder *builder, Pt2BuildValue *value);
/* VALUE is the gradient of the parameter or input TARGET, both tensors (B006); gradients go out behind all else.
 * Since: 1.0 */
PT2_API void pt2_build_gradient (Pt2Builder *builder, Pt2BuildValue *target, Pt2BuildValue *value);
/* TOKEN, the last that a token has become, goes out before all else; in the order of pt2_build_token(). B006 if it is
 * no tensor of the root. Since: 1.0 */
PT2_API void pt2_build_token_output (Pt2Builder *builder, Pt2BuildValue *token);

/* ---- the end ---- */

/**
 * pt2_builder_finish:
 * @error: the first thing that went wrong: B…, Y…, L001, O004
 *
 * Returns: (transfer full) (nullable): the program, without its weights; the builder may go on
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_builder_finish (Pt2Builder *builder, GError **error);

/**
 * pt2_builder_save:
 * @path: where the archive goes, with program and weights
 * @error: as of pt2_builder_finish() and pt2_archive_writer_save()
 *
 * Returns: whether it is there
 * Since: 1.0
 */
PT2_API gboolean pt2_builder_save (Pt2Builder *builder, const char *path, Pt2SaveFlags flags, GError **error);

G_END_DECLS
