/* SPDX-License-Identifier: Apache-2.0 */
/* A program as an editable graph: what torch.fx is to PyTorch.
 *
 * A Pt2FxModule is made of a program and holds the root graph and every
 * subgraph; a Pt2FxGraph is a list of nodes in order of execution; a Pt2FxNode
 * is an input, a call, one element of what a call gives, a reference to a
 * subgraph, or the output. (The schema's own struct, as it is in the file, is
 * called Pt2Graph; hence Fx.) Nodes are what other nodes refer to: an argument
 * that is a value of the graph points to the node that makes it.
 *
 * Nothing is ever executed, and no tensor's bytes are looked at. Shapes and
 * symbols stay as they are in the file until they are asked for. docs/graph.md
 * says how a program becomes a graph and back.
 *
 * Lifetime: every pointer that is got from a module belongs to it and lives as
 * long as it, also after the node was erased. The module keeps its program.
 * Thread rule: a module that nobody changes may be read from any number of
 * threads; one that is changed is of one thread at a time.
 * Errors: ids G…, L….
 * Since: 1.0
 */
#pragma once

#include "pt2-metadata.h"
#include "pt2-ops.h"
#include "pt2-program.h"

G_BEGIN_DECLS

typedef struct Pt2FxModule Pt2FxModule;
typedef struct Pt2FxGraph Pt2FxGraph;
typedef struct Pt2FxNode Pt2FxNode;

/* ---- from a program ---- */

/**
 * pt2_fx_module_new:
 * @program: of schema major 8; a reference is taken
 * @limits: (nullable): %NULL for the default; @memory bounds the graph too
 * @error: set on failure; G001 to G009 with the node's name and source line, P002, L001, L003
 *
 * By PyTorch's rules: an input becomes a placeholder; a call that gives several
 * values is followed by one getitem for each; a subgraph among the arguments
 * becomes a node that refers to it, before the call. Linear in the program.
 * Returns: (transfer full) (nullable): the module; free with pt2_fx_module_free()
 * Since: 1.0
 */
PT2_API Pt2FxModule *pt2_fx_module_new (Pt2Program *program, const Pt2Limits *limits, GError **error);
PT2_API void pt2_fx_module_free (Pt2FxModule *module);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2FxModule, pt2_fx_module_free)

/**
 * pt2_fx_module_make_program:
 * @ops: (nullable): schemas of operators; only asked for the kind of empty lists that were put in here
 * @limits: (nullable): %NULL for the default
 * @error: set on failure; G008, L001, L003
 *
 * By PyTorch's rules: getitems become the names of results again, results that nobody takes are called
 * CALL_unused_INDEX, every value is in its table in the order of definition, and what several members of Argument could
 * hold is what it was in the file. Metadata, and parts that the schema does not know, go along. Of a module that was
 * not changed comes the same program.
 * Returns: (transfer full) (nullable): the program; it keeps the one that the module was made of, not the module
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_fx_module_make_program (Pt2FxModule *module, const Pt2Ops *ops, const Pt2Limits *limits,
                                                GError **error);

/* The program that it was made of; changes of the graph do not show in it. */
PT2_API Pt2Program *pt2_fx_module_get_program (Pt2FxModule *module);
/* Bytes of memory the graph takes, beside the program. */
PT2_API guint64 pt2_fx_module_get_memory (Pt2FxModule *module);

/* ---- graphs ---- */

PT2_API Pt2FxGraph *pt2_fx_module_get_root (Pt2FxModule *module);
/* All graphs: the root is number 0, then each subgraph in the order of its use, depth first. NULL past the last. */
PT2_API guint pt2_fx_module_get_n_graphs (Pt2FxModule *module);
PT2_API Pt2FxGraph *pt2_fx_module_get_graph (Pt2FxModule *module, guint number);
/* By dotted path, such as "true_graph_0.false_graph_0"; "" is the root. Of several with one path the last, as in
 * PyTorch. NULL if there is none. */
PT2_API Pt2FxGraph *pt2_fx_module_find_graph (Pt2FxModule *module, const char *path);

/**
 * pt2_fx_graph_print_python:
 * @ops: (nullable): schemas of operators: they decide what is passed by name in files before 8.5, and the order of
 *   arguments
 * @readable: (out) (optional): whether Python could read the code. Where it could not (inputs whose names are no names
 * of variables, objects among the arguments), PyTorch shows an empty function and none of the subgraphs, and so does
 * this
 * @error: set on failure; L001
 *
 * The text that PyTorch 2.15 shows as GraphModule.code once it has loaded the program: for people to read, and not safe
 * to run: names of a hostile file go into it as they do in PyTorch.
 * Returns: (transfer full) (nullable): the text, UTF-8 without NULs
 * Since: 1.0
 */
PT2_API GBytes *pt2_fx_graph_print_python (Pt2FxGraph *graph, const Pt2Ops *ops, gboolean *readable, GError **error);
/* Is it the one that its path leads to in PyTorch, where of several under one name the last counts? */
PT2_API gboolean pt2_fx_graph_is_attribute (Pt2FxGraph *graph);

/* Name of the attribute that holds it; "" for the root. */
PT2_API Pt2String pt2_fx_graph_get_name (Pt2FxGraph *graph);
/* Dotted path. (transfer full): free with g_free() */
PT2_API char *pt2_fx_graph_make_path (Pt2FxGraph *graph);
/* The node that refers to it; NULL for the root. */
PT2_API Pt2FxNode *pt2_fx_graph_get_reference (Pt2FxGraph *graph);
/* The graph around it; NULL for the root. */
PT2_API Pt2FxGraph *pt2_fx_graph_get_parent (Pt2FxGraph *graph);
PT2_API Pt2FxModule *pt2_fx_graph_get_module (Pt2FxGraph *graph);
PT2_API guint pt2_fx_graph_get_n_nodes (Pt2FxGraph *graph);
/* Nodes in order of execution: placeholders, calls with what belongs to them, the output. */
PT2_API Pt2FxNode *pt2_fx_graph_get_first (Pt2FxGraph *graph);
PT2_API Pt2FxNode *pt2_fx_graph_get_output (Pt2FxGraph *graph);
/* By name, in constant time; LEN -1: up to the NUL. NULL if there is none. */
PT2_API Pt2FxNode *pt2_fx_graph_find (Pt2FxGraph *graph, const char *name, gssize len);
/* Does it return its one value bare, and not in a tuple? */
PT2_API gboolean pt2_fx_graph_returns_bare (Pt2FxGraph *graph);

/* ---- nodes ---- */

typedef enum
{
  PT2_FX_PLACEHOLDER, /* an input of the graph; no arguments */
  PT2_FX_CALL,        /* a call of its target */
  PT2_FX_GETITEM,     /* one element of a call's result; one argument, and an index */
  PT2_FX_SUBGRAPH,    /* a reference to a subgraph (PyTorch: get_attr); no arguments */
  PT2_FX_OUTPUT,      /* the output: its arguments are what the graph returns */
} Pt2FxOp;

typedef enum
{
  PT2_FX_VALUE_NOTHING,   /* a call without a result; the output; a reference to a subgraph */
  PT2_FX_VALUE_TENSOR,    /* pt2_fx_node_get_tensor() */
  PT2_FX_VALUE_SYM_INT,   /* pt2_fx_node_get_sym_int(), and so on */
  PT2_FX_VALUE_SYM_FLOAT, //
  PT2_FX_VALUE_SYM_BOOL,  //
  PT2_FX_VALUE_OBJECT,    /* a custom object */
  PT2_FX_VALUE_NONE,      /* None is what the call gives */
  PT2_FX_VALUE_CONSTANT,  /* an input that is a plain value: pt2_fx_node_get_constant() */
  PT2_FX_VALUE_TUPLE,     /* several results, each with its getitem */
  PT2_FX_VALUE_LIST,      /* one result that is a list of tensors, each with its getitem */
  PT2_FX_VALUE_UNKNOWN,   /* a member of Argument that the schema does not know */
} Pt2FxValueKind;

PT2_API Pt2FxOp pt2_fx_node_get_op (Pt2FxNode *node);
/* Neighbours in order of execution; NULL at the ends. */
PT2_API Pt2FxNode *pt2_fx_node_get_next (Pt2FxNode *node);
PT2_API Pt2FxNode *pt2_fx_node_get_previous (Pt2FxNode *node);
PT2_API Pt2FxGraph *pt2_fx_node_get_graph (Pt2FxNode *node);
/* Unique in its graph. For a value it is the value's name; where the file names no node (calls without one result
 * before schema 8.16, elements that nothing names) it is the one PyTorch would make up. */
PT2_API Pt2String pt2_fx_node_get_name (Pt2FxNode *node);
/* Calls: what is called, as the file spells it. Subgraphs: the attribute. Others: {NULL, 0}. */
PT2_API Pt2String pt2_fx_node_get_target (Pt2FxNode *node);
/* Getitem: which element. Placeholders: which input. Others: 0. */
PT2_API guint pt2_fx_node_get_index (Pt2FxNode *node);
/* Subgraphs: the graph. Others: NULL. */
PT2_API Pt2FxGraph *pt2_fx_node_get_subgraph (Pt2FxNode *node);
/* The node that makes it what it is: a getitem's call (through getitems of getitems), else the node itself. */
PT2_API Pt2FxNode *pt2_fx_node_get_producer (Pt2FxNode *node);

/* What the value is. The pointers lead into the program, as the file has it; each is NULL for another kind of value. */
PT2_API Pt2FxValueKind pt2_fx_node_get_value_kind (Pt2FxNode *node);
PT2_API const Pt2TensorMeta *pt2_fx_node_get_tensor (Pt2FxNode *node);
PT2_API const Pt2SymInt *pt2_fx_node_get_sym_int (Pt2FxNode *node);
PT2_API const Pt2SymFloat *pt2_fx_node_get_sym_float (Pt2FxNode *node);
PT2_API const Pt2SymBool *pt2_fx_node_get_sym_bool (Pt2FxNode *node);
PT2_API const Pt2CustomObjArgument *pt2_fx_node_get_object (Pt2FxNode *node);
PT2_API const Pt2Argument *pt2_fx_node_get_constant (Pt2FxNode *node);
/* Tuples and lists: how many elements. Others: 0. */
PT2_API guint pt2_fx_node_get_n_results (Pt2FxNode *node);

/* Placeholders of the root: what the signature says of them; NULL for others. */
PT2_API const Pt2InputSpec *pt2_fx_node_get_input_spec (Pt2FxNode *node);
/* The root's output: what the signature says of argument INDEX; NULL for others. */
PT2_API const Pt2OutputSpec *pt2_fx_node_get_output_spec (Pt2FxNode *node, guint index);

/* Metadata as the file has it, of the call for a getitem; {NULL, 0} if there is none of that key. Keys are
 * "stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn", "custom", "from_node". */
PT2_API Pt2String pt2_fx_node_get_metadata (Pt2FxNode *node, const char *key);
/* The same, to be taken apart: stack traces, module stacks, provenance (pt2-metadata.h); empty for nodes that have
 * none. Free with pt2_metadata_free() before the module. @limits nullable. NULL with L001. */
PT2_API Pt2Metadata *pt2_fx_node_make_metadata (Pt2FxNode *node, const Pt2Limits *limits, GError **error);

/* ---- arguments ---- */

typedef enum
{
  PT2_FX_NONE,
  PT2_FX_BOOL,          /* boolean */
  PT2_FX_INT,           /* integer */
  PT2_FX_FLOAT,         /* real */
  PT2_FX_COMPLEX,       /* complex */
  PT2_FX_STRING,        /* text, len bytes */
  PT2_FX_DTYPE,         /* number: a Pt2ScalarType, or one that is not in it */
  PT2_FX_LAYOUT,        /* number: a Pt2Layout */
  PT2_FX_MEMORY_FORMAT, /* number: a Pt2MemoryFormat */
  PT2_FX_DEVICE,        /* device */
  PT2_FX_OPERATOR,      /* text: an operator's target */
  PT2_FX_OBJECT,        /* object: a custom object among the program's constants */
  PT2_FX_NODE,          /* node: a value of the graph, or a subgraph */
  PT2_FX_BOOLS,         /* bools, len of them; at least one, as for the next three */
  PT2_FX_INTS,          /* ints */
  PT2_FX_FLOATS,        /* reals */
  PT2_FX_STRINGS,       /* strings */
  PT2_FX_LIST,          /* items, len of them: any kinds; may be empty */
  PT2_FX_DICT,          /* entries, len of them, in order */
  PT2_FX_UNKNOWN,       /* a member of Argument, or of a union in it, that the schema does not know */
} Pt2FxKind;

typedef struct Pt2FxEntry Pt2FxEntry;

/**
 * Pt2FxArgument:
 * @kind: a #Pt2FxKind: which field holds the value
 * @member: the PT2_ARGUMENT_… it was read from, or 0: tells lists apart that are empty
 * @len: bytes of a text, items of a list, entries of a dict; private for nodes
 *
 * To be read only; it is changed by pt2_fx_node_set_argument().
 * Since: 1.0
 */
typedef struct Pt2FxArgument Pt2FxArgument;
struct Pt2FxArgument
{
  guint8 kind;
  guint8 flags; /*< private >*/
  guint16 member;
  guint32 len;
  union
  {
    gboolean boolean;
    gint64 integer;
    double real;
    const Pt2ComplexValue *complex;
    const char *text; /* not NUL-terminated */
    gint32 number;
    const Pt2Device *device;
    const Pt2CustomObjArgument *object;
    Pt2FxNode *node;
    const bool *bools;
    const int64_t *ints;
    const double *reals;
    const Pt2String *strings;
    const Pt2FxArgument *items;
    const Pt2FxEntry *entries;
    gconstpointer unknown; /*< private >*/
  };
};

struct Pt2FxEntry
{
  Pt2String key;
  Pt2FxArgument value;
};

typedef enum
{
  PT2_FX_BY_SCHEMA, /* files before 8.5 do not say: the operator's schema decides */
  PT2_FX_POSITIONAL,
  PT2_FX_KEYWORD,
} Pt2FxPassing;

/* Calls and the output: how many arguments, and each. A getitem has one: what it is an element of. NULL past the last.
 */
PT2_API guint pt2_fx_node_get_n_arguments (Pt2FxNode *node);
PT2_API const Pt2FxArgument *pt2_fx_node_get_argument (Pt2FxNode *node, guint index);
/* Name of the operator's parameter: "" where the file has none (operators on subgraphs), and for the output. */
PT2_API Pt2String pt2_fx_node_get_argument_name (Pt2FxNode *node, guint index);
PT2_API Pt2FxPassing pt2_fx_node_get_argument_passing (Pt2FxNode *node, guint index);
/* The argument of that name; -1 if there is none. */
PT2_API gint pt2_fx_node_find_argument (Pt2FxNode *node, const char *name);

/* Called for each value that an argument holds, however deep, in the order of the text. FALSE stops; so returned. */
typedef gboolean (*Pt2FxNodeFunc) (Pt2FxNode *node, gpointer data);
PT2_API gboolean pt2_fx_argument_foreach_node (const Pt2FxArgument *argument, Pt2FxNodeFunc func, gpointer data);

/* ---- users ---- */

/* How many times arguments refer to the value; 0 is constant time to know. */
PT2_API guint pt2_fx_node_get_n_uses (Pt2FxNode *node);

/**
 * Pt2FxUsers:
 * On the stack, for walking through the nodes that use a value. Invalid after a change of the graph.
 * Since: 1.0
 */
typedef struct
{
  Pt2FxNode *value; /*< private >*/
  guint32 next;     /*< private >*/
} Pt2FxUsers;
PT2_API void pt2_fx_users_init (Pt2FxUsers *users, Pt2FxNode *value);
/* The next node that uses it, each once, in the order in which they came to; NULL after the last. */
PT2_API Pt2FxNode *pt2_fx_users_next (Pt2FxUsers *users);

G_END_DECLS
