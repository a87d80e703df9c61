/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between two programs, part by part.
 *
 * Nodes are matched by the names of what they make or, where names moved, by structure: operator, operands, users,
 * place; whichever of the two explains the second program with fewer changes. Everything else is matched by its key
 * or place. Values are compared over the field tables, so that parts that a later schema adds, and parts that this
 * schema does not know, count as well. Names are compared as what they refer to: a renamed value is one change, and
 * its uses are none. What only the spelling of a file says (blanks, order of entries in a map, a default that is
 * written or left out) is no difference. Nothing is executed, no weight is read: see pt2_diff_tensors().
 * docs/diff.md explains the rules.
 *
 * Programs of schema majors 1 to 7, and two of different majors, are compared as JSON trees, matched by names alone.
 *
 * Thread rule: a Pt2Diff does not change once it is made: any number of threads may ask it at once.
 * Since: 1.0
 */
#pragma once

#include "pt2-program.h"

G_BEGIN_DECLS

/**
 * Pt2DiffIgnore: differences that do not count.
 * @PT2_DIFF_IGNORE_DEBUG: notes at nodes: stack trace, module stack, origin and so on; all but the key "custom"
 * @PT2_DIFF_IGNORE_NAMES: names of values, nodes, subgraphs and symbols, as long as they refer to the same
 * @PT2_DIFF_IGNORE_ORDER: order of nodes and of what is known by its name, such as guards
 * @PT2_DIFF_IGNORE_DEVICE: where tensors live, and devices as arguments
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_DIFF_IGNORE_DEBUG = 1 << 0,
  PT2_DIFF_IGNORE_NAMES = 1 << 1,
  PT2_DIFF_IGNORE_ORDER = 1 << 2,
  PT2_DIFF_IGNORE_DEVICE = 1 << 3,
} Pt2DiffIgnore;

/**
 * Pt2DiffPart: what a change belongs to.
 * Since: 1.0
 */
typedef enum
{
  PT2_DIFF_NODE,     /* "node": a call, its arguments, its place */
  PT2_DIFF_VALUE,    /* "value": type and shape of what a graph computes */
  PT2_DIFF_INPUT,    /* "input": of a graph, with what the signature says of it */
  PT2_DIFF_OUTPUT,   /* "output" */
  PT2_DIFF_RANGE,    /* "range": of a symbol */
  PT2_DIFF_SYMBOL,   /* "symbol": its name */
  PT2_DIFF_GUARD,    /* "guard" */
  PT2_DIFF_MODULE,   /* "module": the module call graph and tree specs */
  PT2_DIFF_METADATA, /* "metadata": notes at nodes and at the whole */
  PT2_DIFF_VERSION,  /* "version": of the schema, PyTorch, operator sets; verifiers */
  PT2_DIFF_OTHER,    /* "program": what the parts above do not name */
} Pt2DiffPart;
#define PT2_DIFF_N_PARTS (PT2_DIFF_OTHER + 1)

/**
 * Pt2DiffKind: what happened to it.
 * Since: 1.0
 */
typedef enum
{
  PT2_DIFF_CHANGED,
  PT2_DIFF_ADDED,
  PT2_DIFF_REMOVED,
  PT2_DIFF_RENAMED,
  PT2_DIFF_MOVED, /* only its place in the order */
} Pt2DiffKind;
#define PT2_DIFF_N_KINDS (PT2_DIFF_MOVED + 1)

/* "node", "changed" and so on; static. */
PT2_API const char *pt2_diff_part_name (Pt2DiffPart part);
PT2_API const char *pt2_diff_kind_name (Pt2DiffKind kind);

/**
 * Pt2Change:
 * @part: what it belongs to
 * @kind: what happened
 * @where: field path in the new program; in the old one for what was removed
 * @old_where: field path in the old program; %NULL for what was added
 * @old_value: JSON text of what stood there; %NULL for nothing
 * @new_value: JSON text of what stands there; %NULL for nothing
 * @graph: (see pt2_diff_get_graphs()) number of the graph that it lies in; %G_MAXUINT for none
 * @old_node: index of the node in the old graph; -1 for none
 * @new_node: the same in the new graph
 *
 * Texts come from the files: escape them before they reach a terminal.
 * Since: 1.0
 */
typedef struct
{
  Pt2DiffPart part;
  Pt2DiffKind kind;
  const char *where, *old_where;
  const char *old_value, *new_value;
  guint graph;
  gint64 old_node, new_node;
} Pt2Change;

/**
 * Pt2DiffRow: a node of the old graph, of the new one, or two that belong together.
 * @old_node: index, or -1
 * @new_node: index, or -1
 * @moved: it stands elsewhere in the other graph: there is a row for either place
 *
 * Since: 1.0
 */
typedef struct
{
  gint64 old_node, new_node;
  gboolean moved;
} Pt2DiffRow;

/**
 * Pt2DiffGraph: a graph that both programs have: the root, or a subgraph at matched nodes.
 * @old_path: field path of the graph in the old program
 * @new_path: field path in the new one
 * @rows: (array length=n_rows): the nodes of both, in an order that fits both
 *
 * Since: 1.0
 */
typedef struct
{
  const char *old_path, *new_path;
  const Pt2DiffRow *rows;
  guint n_rows;
} Pt2DiffGraph;

/**
 * Pt2Diff: the differences of two programs.
 * Since: 1.0
 */
typedef struct Pt2Diff Pt2Diff;
#define PT2_TYPE_DIFF (pt2_diff_get_type ())
PT2_API GType pt2_diff_get_type (void);

/**
 * pt2_diff_new:
 * @old_program: kept by reference
 * @new_program: kept by reference
 * @ignore: differences that do not count: a combination of #Pt2DiffIgnore
 * @limits: (nullable): `memory` bounds what the answer takes; %NULL for the default
 *
 * Returns: (transfer full) (nullable): the differences, free with pt2_diff_unref(); %NULL with L001 or L003
 * Since: 1.0
 */
PT2_API Pt2Diff *pt2_diff_new (Pt2Program *old_program, Pt2Program *new_program, guint ignore, const Pt2Limits *limits,
                               GError **error);
PT2_API Pt2Diff *pt2_diff_ref (Pt2Diff *diff);
PT2_API void pt2_diff_unref (Pt2Diff *diff);

/* All changes, those of one graph and node together. (array length=n) */
PT2_API const Pt2Change *pt2_diff_get_changes (Pt2Diff *diff, guint *n);
/* The graphs, the root first; none for programs that are compared as JSON trees. (array length=n) */
PT2_API const Pt2DiffGraph *pt2_diff_get_graphs (Pt2Diff *diff, guint *n);
/* Is there a change, and all are %PT2_DIFF_RENAMED? */
PT2_API gboolean pt2_diff_is_renaming (Pt2Diff *diff);
/* The two programs; owned by the diff. */
PT2_API Pt2Program *pt2_diff_get_old (Pt2Diff *diff);
PT2_API Pt2Program *pt2_diff_get_new (Pt2Diff *diff);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Diff, pt2_diff_unref)

G_END_DECLS
