/* SPDX-License-Identifier: Apache-2.0 */
/* Operator schemas: what an operator takes and gives, as PyTorch writes it:
 *
 *   aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor
 *
 * The operators of PyTorch 2.15 are built in; others are added to a set by the same text. An operator is found by the
 * target that programs name it with. Nothing here calls or knows an operator: only its signature.
 *
 * Thread rule: the built-in schemas are read once, by whoever asks first, and never change. A set may be read from any
 * thread while nobody adds to it.
 * Since: 1.0
 */
#pragma once

#include "pt2-limits.h"

G_BEGIN_DECLS

/**
 * Pt2OpTypeKind: what a type is.
 * @PT2_OP_SCALAR: `Scalar` or `number`: an int, float, bool or complex
 * @PT2_OP_SCALAR_TYPE: `ScalarType`, a dtype
 * @PT2_OP_LIST: `T[]` or `T[N]`; one item
 * @PT2_OP_OPTIONAL: `T?`; one item
 * @PT2_OP_TUPLE: `(T, U)`; its items
 * @PT2_OP_DICT: `Dict(K, V)`; two items
 * @PT2_OP_FUTURE: `Future(T)`, and %PT2_OP_AWAIT, %PT2_OP_RREF alike; one item
 * @PT2_OP_UNION: `Union(T, U)`; its items
 * @PT2_OP_VARIABLE: a type variable: `t`, `tVal`
 * @PT2_OP_NAMED: any other type, by its name: `__torch__.torch.classes.quantized.LinearPackedParamsBase`
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_OP_TENSOR,
  PT2_OP_INT,
  PT2_OP_SYM_INT,
  PT2_OP_FLOAT,
  PT2_OP_SYM_FLOAT,
  PT2_OP_BOOL,
  PT2_OP_SYM_BOOL,
  PT2_OP_COMPLEX,
  PT2_OP_SCALAR,
  PT2_OP_STRING,
  PT2_OP_DEVICE,
  PT2_OP_SCALAR_TYPE,
  PT2_OP_LAYOUT,
  PT2_OP_MEMORY_FORMAT,
  PT2_OP_GENERATOR,
  PT2_OP_DIMNAME,
  PT2_OP_STORAGE,
  PT2_OP_STREAM,
  PT2_OP_QSCHEME,
  PT2_OP_ANY,
  PT2_OP_NONE,
  PT2_OP_LIST,
  PT2_OP_OPTIONAL,
  PT2_OP_TUPLE,
  PT2_OP_DICT,
  PT2_OP_FUTURE,
  PT2_OP_AWAIT,
  PT2_OP_RREF,
  PT2_OP_UNION,
  PT2_OP_VARIABLE,
  PT2_OP_NAMED,
} Pt2OpTypeKind;

/**
 * Pt2OpType:
 * @kind: what it is
 * @writes: whether the operator writes to a value of this type: its alias annotation holds a `!`
 * @n_items: how many @items
 * @items: (array length=n_items): types of the parts; none for simple types
 * @size: the N of `T[N]`; -1 if there is none
 * @name: as it is written: "Tensor", "t"; absent for lists, optionals and tuples
 * @alias: what stands in the parentheses of its alias annotation: "a!", "a -> *"; absent if there is none
 *
 * Since: 1.0
 */
typedef struct Pt2OpType Pt2OpType;
struct Pt2OpType
{
  Pt2OpTypeKind kind;
  gboolean writes;
  guint n_items;
  const Pt2OpType *items;
  gint64 size;
  Pt2String name;
  Pt2String alias;
};

/**
 * Pt2OpArgument: an argument, or a return value.
 * @name: its name; absent for most returns
 * @default_text: the default value as the schema writes it: "None", "[0, 1]", "\"mean\"" with its quotes; absent if
 *   there is none
 * @keyword_only: whether it stands behind `*`
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2String name;
  Pt2OpType type;
  Pt2String default_text;
  gboolean keyword_only;
} Pt2OpArgument;

/**
 * Pt2OpSchema:
 * @target: what programs call it: "torch.ops.aten.add.Tensor", "torch.ops.aten.relu.default", of an extension
 *   "#NAMESPACE:NAME"
 * @text: the schema as PyTorch prints it, of an extension with @target for its name, in printable characters of ASCII
 * @space: namespace: "aten"
 * @name: "add"
 * @overload: "Tensor"; empty for what targets call "default", and for extensions
 * @arguments: (array length=n_arguments): in order, keyword-only ones last
 * @returns: (array length=n_returns): none for `-> ()`
 * @takes_more: whether it takes any number of further arguments (`...`)
 * @gives_more: whether it gives any number of further values
 * @is_mutable: whether it writes to one of its arguments
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2String target;
  Pt2String text;
  Pt2String space;
  Pt2String name;
  Pt2String overload;
  guint n_arguments;
  guint n_returns;
  const Pt2OpArgument *arguments;
  const Pt2OpArgument *returns;
  gboolean takes_more;
  gboolean gives_more;
  gboolean is_mutable;
} Pt2OpSchema;

/**
 * Pt2Ops: a set of schemas: the built-in ones and those that were added.
 * Since: 1.0
 */
typedef struct Pt2Ops Pt2Ops;

/**
 * pt2_ops_new:
 * @limits: (nullable): depth bounds nested types, memory what is added; %NULL for the defaults
 * @error: %PT2_ERROR_L001 if the system has no memory
 *
 * Cheap but for the first: all sets share the built-in schemas.
 *
 * Returns: (transfer full) (nullable): a set of the built-in operators
 * Since: 1.0
 */
PT2_API Pt2Ops *pt2_ops_new (const Pt2Limits *limits, GError **error);

/**
 * pt2_ops_free:
 * @ops: (nullable): with it go the schemas that were added
 * Since: 1.0
 */
PT2_API void pt2_ops_free (Pt2Ops *ops);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Ops, pt2_ops_free)

/**
 * pt2_ops_add_text:
 * @text: schemas, one a line, those of extensions as `#NAMESPACE:NAME(Tensor self) -> Tensor`; empty lines do not
 * count, nor do others that begin with `#`. Copied
 * @len: its bytes; -1 if it ends with a NUL
 * @error: %PT2_ERROR_O001 or %PT2_ERROR_O002 with the byte offset in @text, or a limit
 *
 * One that is built in is hidden by an added one of the same name. On failure the lines before the fault are in.
 *
 * Returns: whether all were added
 * Since: 1.0
 */
PT2_API gboolean pt2_ops_add_text (Pt2Ops *ops, const char *text, gssize len, GError **error);

/**
 * pt2_ops_add_file:
 * @path: a file of such text
 * @error: as of pt2_ops_add_text(), or %PT2_ERROR_F001
 *
 * Returns: whether all were added
 * Since: 1.0
 */
PT2_API gboolean pt2_ops_add_file (Pt2Ops *ops, const char *path, GError **error);

/**
 * pt2_ops_find:
 * @target: "torch.ops.aten.add.Tensor", "#NAMESPACE:NAME", or the name in a schema: "aten::add.Tensor", "aten::relu"
 *
 * In constant time.
 *
 * Returns: (transfer none) (nullable): the schema, which lives as long as @ops; %NULL if there is none, which says
 *   nothing about whether the operator exists
 * Since: 1.0
 */
PT2_API const Pt2OpSchema *pt2_ops_find (const Pt2Ops *ops, Pt2String target);

/**
 * pt2_ops_lookup:
 * @error: %PT2_ERROR_O004 if the handler of the extension (pt2-extension.h) says what is no schema, or a limit
 *
 * The same, for whoever must not take the wrong answer of a handler for none.
 *
 * Returns: (transfer none) (nullable): %NULL without an error if there is none
 * Since: 1.0
 */
PT2_API const Pt2OpSchema *pt2_ops_lookup (const Pt2Ops *ops, Pt2String target, GError **error);

/**
 * pt2_ops_get_all:
 * @n: (out): how many
 *
 * Returns: (transfer container) (array length=n) (nullable): every schema, by target in byte order, but those that only
 *   handlers know; free with g_free(); %NULL if the system has no memory
 * Since: 1.0
 */
PT2_API const Pt2OpSchema **pt2_ops_get_all (const Pt2Ops *ops, guint *n);

/**
 * pt2_op_type_base:
 * Returns: (transfer none): the type inside all lists and optionals: `int` of `int[2]?`
 * Since: 1.0
 */
PT2_API const Pt2OpType *pt2_op_type_base (const Pt2OpType *type);

/**
 * pt2_op_type_list_item:
 * Returns: (transfer none) (nullable): the item's type if @type is a list or an optional list: `Tensor?` of
 *   `Tensor?[]`; %NULL if it is none
 * Since: 1.0
 */
PT2_API const Pt2OpType *pt2_op_type_list_item (const Pt2OpType *type);

/**
 * pt2_op_type_print:
 * Returns: (transfer full) (nullable): the type as a schema writes it, with its alias annotations; %NULL if the system
 *   has no memory
 * Since: 1.0
 */
PT2_API char *pt2_op_type_print (const Pt2OpType *type);

/**
 * Pt2OpTarget: what kind of thing a node calls, as its target says.
 * @PT2_OP_TARGET_OVERLOAD: an operator: `torch.ops.NAMESPACE.NAME.OVERLOAD`
 * @PT2_OP_TARGET_HIGHER_ORDER: an operator on graphs: `torch.ops.higher_order.NAME`, in the oldest programs
 *   `torch.ops.NAME`
 * @PT2_OP_TARGET_SYMBOLIC: arithmetic on sizes: `_operator.add`, `math.trunc`, `torch.sym_max`
 * @PT2_OP_TARGET_EXTENSION: `#NAMESPACE:NAME`, which a registered extension gives a meaning
 * @PT2_OP_TARGET_OTHER: anything else
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_OP_TARGET_OVERLOAD,
  PT2_OP_TARGET_HIGHER_ORDER,
  PT2_OP_TARGET_SYMBOLIC,
  PT2_OP_TARGET_EXTENSION,
  PT2_OP_TARGET_OTHER,
} Pt2OpTarget;

/**
 * pt2_op_target_kind:
 * Returns: what @target is by its form; whether there is such an operator is another question
 * Since: 1.0
 */
PT2_API Pt2OpTarget pt2_op_target_kind (Pt2String target);

/**
 * pt2_op_symbolic_inputs:
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n) (nullable): the names of the inputs of a symbolic operation, as programs
 *   write them: "a", "b"; %NULL if @target is none that PyTorch 2.15 knows
 * Since: 1.0
 */
PT2_API const char *const *pt2_op_symbolic_inputs (Pt2String target, guint *n);

/**
 * pt2_op_higher_order_names:
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): the higher-order operators that PyTorch 2.15 knows, by name: "cond"
 * Since: 1.0
 */
PT2_API const char *const *pt2_op_higher_order_names (guint *n);

/**
 * pt2_op_is_known_higher_order:
 * Returns: whether @target is a higher-order operator with one of these names
 * Since: 1.0
 */
PT2_API gboolean pt2_op_is_known_higher_order (Pt2String target);

G_END_DECLS
