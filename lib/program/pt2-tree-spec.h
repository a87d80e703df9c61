/* SPDX-License-Identifier: Apache-2.0 */
/* Tree specs: how the flat inputs and outputs of a program are put together to what its caller passes and gets:
 * tuples, lists, dictionaries, named tuples and registered types in each other, with leaves that are the flat values
 * in order. A spec is text of PyTorch's pytree serialisation, protocol 1.
 *
 * Nothing here makes a Python object or looks for a type: types are names.
 *
 * Thread rule: immutable once made; any thread may read. What is given belongs to the object and lives as long.
 * Since: 1.0
 */
#pragma once

#include "pt2-program.h"

G_BEGIN_DECLS

/**
 * Pt2TreeKind: what a node of the tree is.
 * @PT2_TREE_OTHER: a type that was registered with PyTorch, a dataclass among them, by its name alone
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_TREE_LEAF,
  PT2_TREE_TUPLE,
  PT2_TREE_LIST,
  PT2_TREE_DICT,
  PT2_TREE_ORDERED_DICT,
  PT2_TREE_DEFAULT_DICT,
  PT2_TREE_NAMED_TUPLE,
  PT2_TREE_DEQUE,
  PT2_TREE_OTHER,
} Pt2TreeKind;

/**
 * Pt2TreeStep: how a node is found in the one above.
 * @PT2_TREE_ROOT: there is none above
 * @PT2_TREE_INDEX: by number
 * @PT2_TREE_KEY: by a key that is a text
 * @PT2_TREE_JSON_KEY: by another key, which stands as JSON
 * @PT2_TREE_FIELD: by the name of a field, of a named tuple or dataclass
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_TREE_ROOT,
  PT2_TREE_INDEX,
  PT2_TREE_KEY,
  PT2_TREE_JSON_KEY,
  PT2_TREE_FIELD,
} Pt2TreeStep;

/**
 * Pt2TreeNode:
 * @parent: (nullable): the node above
 * @step: how it is found there
 * @index: which child of its parent it is; always set
 * @name: the key or field; absent for roots and those found by number
 * @kind: what it is
 * @type: the type as the spec names it: "builtins.tuple", for a named tuple what it is registered as; absent for leaves
 * @context: what else the spec says of the type, as JSON text
 * @n_children: how many @children
 * @children: (array length=n_children): in order
 * @first_leaf: number of the first leaf in it
 * @n_leaves: how many leaves are in it; 1 for a leaf
 *
 * Since: 1.0
 */
typedef struct Pt2TreeNode Pt2TreeNode;
struct Pt2TreeNode
{
  const Pt2TreeNode *parent;
  Pt2TreeStep step;
  guint index;
  Pt2String name;
  Pt2TreeKind kind;
  Pt2String type;
  Pt2String context;
  guint n_children;
  const Pt2TreeNode *children;
  guint first_leaf;
  guint n_leaves;
};

/**
 * Pt2TreeSpec: a tree spec that was read.
 * Since: 1.0
 */
typedef struct Pt2TreeSpec Pt2TreeSpec;

/**
 * pt2_tree_spec_new:
 * @text: the spec's text; copied
 * @program: (nullable): knows the fields of named tuples; without it they are found by number
 * @limits: (nullable): depth and memory count; %NULL for the defaults
 * @error: %PT2_ERROR_P008 if it is no spec, %PT2_ERROR_P009 if its protocol is not 1, J… if it is no JSON, each with
 *   the byte offset in @text; a limit
 *
 * Returns: (transfer full) (nullable): the spec
 * Since: 1.0
 */
PT2_API Pt2TreeSpec *pt2_tree_spec_new (Pt2String text, Pt2Program *program, const Pt2Limits *limits, GError **error);

/**
 * pt2_tree_spec_free:
 * Since: 1.0
 */
PT2_API void pt2_tree_spec_free (Pt2TreeSpec *spec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2TreeSpec, pt2_tree_spec_free)

/**
 * pt2_tree_spec_get_root:
 * Returns: (transfer none): the node that holds all others
 * Since: 1.0
 */
PT2_API const Pt2TreeNode *pt2_tree_spec_get_root (const Pt2TreeSpec *spec);

/**
 * pt2_tree_spec_get_leaf:
 * @leaf: from 0
 *
 * Returns: (transfer none) (nullable): the leaf that stands for flat value number @leaf; %NULL if there are fewer
 * Since: 1.0
 */
PT2_API const Pt2TreeNode *pt2_tree_spec_get_leaf (const Pt2TreeSpec *spec, guint leaf);

/**
 * pt2_tree_node_path:
 * @root: (nullable): what the root is called: "output"; %NULL if it is the pair of positional and keyword arguments,
 *   which are called `args` and `kwargs` then
 *
 * Text as Python would write it: `kwargs['mask'][0]`, `args[1].left`. Names come as they are in the file: escape them
 * before they reach a terminal or a page.
 *
 * Returns: (transfer full): how to get at @node; free with g_free()
 * Since: 1.0
 */
PT2_API char *pt2_tree_node_path (const Pt2TreeNode *node, const char *root);

/**
 * pt2_tree_spec_print:
 * Returns: (transfer full) (nullable): the spec as PyTorch writes it; %NULL and %PT2_ERROR_L001 if the system has no
 *   memory
 * Since: 1.0
 */
PT2_API char *pt2_tree_spec_print (const Pt2TreeSpec *spec, GError **error);

/**
 * Pt2ModuleCall: a module of the hierarchy that was exported, and how it is called if that was kept.
 * @fqn: its qualified name; empty for the whole program
 * @preserved: whether the rest is there
 * @inputs: (array length=n_inputs): names of the values that are its flat inputs; absent for constants
 * @outputs: (array length=n_outputs): the same of its outputs
 * @names: (array length=n_names): what its function calls the arguments, where that is known
 *
 * Since: 1.0
 */
typedef struct
{
  Pt2String fqn;
  gboolean preserved;
  Pt2String in_spec;
  Pt2String out_spec;
  guint n_inputs;
  guint n_outputs;
  guint n_names;
  const Pt2String *inputs;
  const Pt2String *outputs;
  const Pt2String *names;
} Pt2ModuleCall;

/**
 * Pt2ModuleCalls: the module call graph of a program.
 * Since: 1.0
 */
typedef struct Pt2ModuleCalls Pt2ModuleCalls;

/**
 * pt2_module_calls_new:
 * @program: must outlive what is made of it
 * @error: %PT2_ERROR_L001 if the system has no memory
 *
 * Returns: (transfer full) (nullable): the calls in the file's order, of any schema major
 * Since: 1.0
 */
PT2_API Pt2ModuleCalls *pt2_module_calls_new (Pt2Program *program, GError **error);

/**
 * pt2_module_calls_free:
 * Since: 1.0
 */
PT2_API void pt2_module_calls_free (Pt2ModuleCalls *calls);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2ModuleCalls, pt2_module_calls_free)

/**
 * pt2_module_calls_get:
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): the calls
 * Since: 1.0
 */
PT2_API const Pt2ModuleCall *pt2_module_calls_get (const Pt2ModuleCalls *calls, guint *n);

G_END_DECLS
