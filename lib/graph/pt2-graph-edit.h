/* SPDX-License-Identifier: Apache-2.0 */
/* Changing a graph: put calls in, take nodes out, exchange values, operators and names.
 *
 * Names stay unique, uses stay counted, and the signature follows names and
 * outputs when a program is made (pt2_fx_module_make_program()). That a value
 * is made before it is used is checked there too, once for the whole graph, so
 * that nodes may be put in any order first.
 *
 * Everything that is given is copied. A function that fails changes nothing.
 * Thread rule: as pt2-graph.h. Errors: ids G009 to G016, L001, L003.
 * Since: 1.0
 */
#pragma once

#include "pt2-graph.h"
#include <string.h>

G_BEGIN_DECLS

/* ---- arguments to give ---- */

/* Nothing of this kind yet. */
static inline Pt2FxArgument
pt2_fx_argument (Pt2FxKind kind)
{
  Pt2FxArgument argument;
  memset (&argument, 0, sizeof argument);
  argument.kind = (guint8)kind;
  return argument;
}
static inline Pt2FxArgument
pt2_fx_none (void)
{
  return pt2_fx_argument (PT2_FX_NONE);
}
static inline Pt2FxArgument
pt2_fx_bool (gboolean value)
{
  Pt2FxArgument argument = pt2_fx_argument (PT2_FX_BOOL);
  argument.boolean = value;
  return argument;
}
static inline Pt2FxArgument
pt2_fx_int (gint64 value)
{
  Pt2FxArgument argument = pt2_fx_argument (PT2_FX_INT);
  argument.integer = value;
  return argument;
}
static inline Pt2FxArgument
pt2_fx_float (double value)
{
  Pt2FxArgument argument = pt2_fx_argument (PT2_FX_FLOAT);
  argument.real = value;
  return argument;
}
/* LEN bytes of UTF-8. */
static inline Pt2FxArgument
pt2_fx_text (const char *text, guint32 len)
{
  Pt2FxArgument argument = pt2_fx_argument (PT2_FX_STRING);
  argument.len = len;
  argument.text = text;
  return argument;
}
static inline Pt2FxArgument
pt2_fx_dtype (Pt2ScalarType type)
{
  Pt2FxArgument argument = pt2_fx_argument (PT2_FX_DTYPE);
  argument.number = (gint32)type;
  return argument;
}
static inline Pt2FxArgument
pt2_fx_layout (Pt2Layout layout)
{
  Pt2FxArgument argument = pt2_fx_argument (PT2_FX_LAYOUT);
  argument.number = (gint32)layout;
  return argument;
}
static inline Pt2FxArgument
pt2_fx_memory_format (Pt2MemoryFormat format)
{
  Pt2FxArgument argument = pt2_fx_argument (PT2_FX_MEMORY_FORMAT);
  argument.number = (gint32)format;
  return argument;
}
/* A value of the graph, or a reference to a subgraph. */
static inline Pt2FxArgument
pt2_fx_value (Pt2FxNode *node)
{
  Pt2FxArgument argument = pt2_fx_argument (PT2_FX_NODE);
  argument.node = node;
  return argument;
}
/* N of them, at least one; for an empty list pt2_fx_list(). */
static inline Pt2FxArgument
pt2_fx_ints (const int64_t *values, guint32 n)
{
  Pt2FxArgument argument = pt2_fx_argument (PT2_FX_INTS);
  argument.len = n;
  argument.ints = values;
  return argument;
}
static inline Pt2FxArgument
pt2_fx_list (const Pt2FxArgument *items, guint32 n)
{
  Pt2FxArgument argument = pt2_fx_argument (PT2_FX_LIST);
  argument.len = n;
  argument.items = items;
  return argument;
}

/* ---- putting in ---- */

/* An argument and the name of the parameter that it is for; NULL: operators on graphs, which have none. */
typedef struct
{
  const char *name;
  Pt2FxArgument value;
} Pt2FxNamed;

/* What one result is. */
typedef struct
{
  Pt2FxValueKind kind; /* a tensor, a symbolic number or None; of an input also an object */
  gconstpointer meta; /* its Pt2TensorMeta, Pt2SymInt, Pt2SymFloat, Pt2SymBool or Pt2CustomObjArgument; NULL for None */
} Pt2FxMeta;

/**
 * Pt2FxCall: a call to put in.
 * @target: what is called, such as "torch.ops.aten.add.Tensor"
 * @name: (nullable): the node's name; %NULL: one after @target
 * @arguments: (array length=n_arguments): in any order if the operator's schema is known, else in the order of the call
 * @results: (array length=n_results): none if it gives nothing
 * @like: (nullable): a node whose metadata (stack trace, module stack, …) it gets
 * @in_tuple: its one result comes in a tuple, as of most operators on graphs
 * @in_list: its results are one list of tensors
 *
 * Since: 1.0
 */
typedef struct
{
  const char *target;
  const char *name;
  const Pt2FxNamed *arguments;
  guint n_arguments;
  const Pt2FxMeta *results;
  guint n_results;
  Pt2FxNode *like;
  gboolean in_tuple;
  gboolean in_list;
} Pt2FxCall;

/**
 * pt2_fx_graph_insert_call:
 * @before: (nullable): a node of the graph; %NULL: before the output
 * @ops: (nullable): schemas of operators. A known one says which arguments go by name, and that all needed are there
 * @error: set on failure; G009 for a value of another graph or none, G010 for a name that is taken, G012 for arguments
 *   that the operator does not take or misses
 *
 * Of several results, and of one in a tuple or list, each is taken with pt2_fx_node_take_result().
 * Returns: (transfer none) (nullable): the node
 * Since: 1.0
 */
PT2_API Pt2FxNode *pt2_fx_graph_insert_call (Pt2FxGraph *graph, Pt2FxNode *before, const Pt2FxCall *call,
                                             const Pt2Ops *ops, GError **error);

/**
 * pt2_fx_node_take_result:
 * @call: whose value is a tuple or list
 * @index: which result
 * @name: (nullable): for the value, if nobody takes it yet
 * @error: set on failure; G010, G013 if there is no such result
 *
 * Returns: (transfer none) (nullable): its getitem: the one that is there, or a new one behind the call
 * Since: 1.0
 */
PT2_API Pt2FxNode *pt2_fx_node_take_result (Pt2FxNode *call, guint index, const char *name, GError **error);

/* ---- changing ---- */

/* Another value for argument INDEX of a call or output. G009. */
PT2_API gboolean pt2_fx_node_set_argument (Pt2FxNode *node, guint index, const Pt2FxArgument *value, GError **error);

/**
 * pt2_fx_node_set_target:
 * @node: a call
 * @ops: (nullable): if it knows the operator, the arguments must fit it by name and number
 * @error: set on failure; G012
 *
 * Another operator for the same arguments and results.
 * Since: 1.0
 */
PT2_API gboolean pt2_fx_node_set_target (Pt2FxNode *node, const char *target, const Pt2Ops *ops, GError **error);

/**
 * pt2_fx_node_set_metadata:
 * @node: a call, or the getitem of one
 * @metadata: what the call has from now on; copied
 * @error: set on failure; G016 for other nodes, L001 or L003
 *
 * Since: 1.0
 */
PT2_API gboolean pt2_fx_node_set_metadata (Pt2FxNode *node, const Pt2Metadata *metadata, GError **error);

/* Another name for a node and its value; the signature follows. G010 for one that is taken or empty. */
PT2_API gboolean pt2_fx_node_rename (Pt2FxNode *node, const char *name, GError **error);

/**
 * pt2_fx_node_replace_uses:
 * @by: another value of the same graph
 * @except: (nullable): a node that goes on using @node
 * @error: set on failure; G009, G013 if results are taken that @by does not have
 *
 * Whoever used @node uses @by, the graph's output too. Of several results, getitems of @node become those of @by; one
 * of a result that @by's takes already is erased, and who used it uses that.
 * Since: 1.0
 */
PT2_API gboolean pt2_fx_node_replace_uses (Pt2FxNode *node, Pt2FxNode *by, Pt2FxNode *except, GError **error);

/**
 * pt2_fx_node_erase:
 * @error: set on failure; G011 if something uses its value, it is the output, or an input that an output is the new
 *   value or the gradient of
 *
 * Takes a node out, with getitems of its results that nobody uses, and references to subgraphs that only it used. An
 * input of the root leaves the signature and the tree of arguments; what is stored for it stays in the archive.
 * Since: 1.0
 */
PT2_API gboolean pt2_fx_node_erase (Pt2FxNode *node, GError **error);

/**
 * pt2_fx_node_lift_subgraph:
 * @call: a call of an operator on graphs
 * @index: which argument is the subgraph: for `cond` the branch that is always taken
 * @error: set on failure; G014 if the operands are not as many as the subgraph's inputs, or results differ
 *
 * Puts the nodes of a subgraph in the place of the call: its inputs become what the call passes (the values behind its
 * subgraphs, in order, those in lists too), its outputs what the call gave. The call goes.
 * Since: 1.0
 */
PT2_API gboolean pt2_fx_node_lift_subgraph (Pt2FxNode *call, guint index, GError **error);

/* ---- inputs, outputs, subgraphs ---- */

/**
 * Pt2FxNewInput: an input to put in.
 * @role: PT2_INPUT_SPEC_USER_INPUT, _PARAMETER, _BUFFER or _TENSOR_CONSTANT; only looked at in the root
 * @name: the value's
 * @value: a tensor; of what a caller passes also a symbolic integer or an object
 * @target: (nullable): qualified name of what is stored; the archive is the caller's business
 * @persistent: of a buffer: the state dictionary has it
 *
 * Since: 1.0
 */
typedef struct
{
  guint role;
  const char *name;
  Pt2FxMeta value;
  const char *target;
  gboolean persistent;
} Pt2FxNewInput;

/**
 * pt2_fx_graph_add_input:
 * @error: set on failure; G010 for the name, G015 for the rest
 *
 * Of the root, it stands behind the inputs of its role, as PyTorch demands; what a caller passes is the last argument
 * by place, and called @name. Of a subgraph, it is the last: what calls it has to pass one value more.
 * Returns: (transfer none) (nullable): the node
 * Since: 1.0
 */
PT2_API Pt2FxNode *pt2_fx_graph_add_input (Pt2FxGraph *graph, const Pt2FxNewInput *input, GError **error);

/**
 * pt2_fx_graph_add_output:
 * @error: set on failure; G009, G015 if it is several values or the graph returns one bare value
 *
 * VALUE is the last output. The root's caller gets a tuple or list that is longer by one; if it got anything else, a
 * tuple of that and the new value.
 * Since: 1.0
 */
PT2_API gboolean pt2_fx_graph_add_output (Pt2FxGraph *graph, Pt2FxNode *value, GError **error);

/**
 * pt2_fx_graph_remove_output:
 * @index: among the arguments of the output node
 * @error: set on failure; G015
 *
 * In the root's tree of outputs, a tuple, list or dictionary loses an item, and goes with its last one. Where that
 * cannot be, since a type says what it holds or there is just one bare output, pt2_fx_module_make_program() fails with
 * G015; the same is so for inputs.
 * Since: 1.0
 */
PT2_API gboolean pt2_fx_graph_remove_output (Pt2FxGraph *graph, guint index, GError **error);

/* What INPUT of the root, a parameter, buffer or tensor that the caller passes, holds after a run is VALUE. G009,
 * G015. Since: 1.0 */
PT2_API gboolean pt2_fx_graph_add_mutation (Pt2FxGraph *root, Pt2FxNode *input, Pt2FxNode *value, GError **error);

/**
 * pt2_fx_graph_add_subgraph:
 * @before: (nullable): a node; %NULL: before the output. The calls that it is given to come later
 * @name: of its attribute and of the node that refers to it
 * @error: set on failure; G009, G010
 *
 * Returns: (transfer none) (nullable): a graph without inputs and outputs; pt2_fx_graph_get_reference() is what a call
 *   is given
 * Since: 1.0
 */
PT2_API Pt2FxGraph *pt2_fx_graph_add_subgraph (Pt2FxGraph *graph, Pt2FxNode *before, const char *name, GError **error);

G_END_DECLS
