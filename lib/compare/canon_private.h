/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the canonical form share: one graph, its values, and what waits for what. All of it lies in an
 * arena of its own and is gone when the program is done. */
#pragma once

#include "draft.h"
#include "pt2-canon.h"
#include "text.h"
#include "text_index.h"
#include <string.h>

enum
{
  CANON_N_TABLES = 5,
};
#define CANON_NONE UINT32_MAX

/* Which of a graph's five tables describes a value; the order is that of canon_tables. */
typedef enum
{
  CANON_TENSOR,
  CANON_SYM_INT,
  CANON_SYM_BOOL,
  CANON_SYM_FLOAT,
  CANON_CUSTOM_OBJ,
} CanonTable;

/* A value that an input or a node defines. Begins with its name, for the index. */
typedef struct
{
  Pt2String name;
  Pt2String *place;  /* where it is defined */
  Pt2String fresh;   /* its canonical name */
  const void *meta;  /* its entry in the table */
  uint32_t node;     /* that defines it; CANON_NONE: it is an input */
  uint32_t position; /* among the values of that node; an input: its rank */
  uint32_t rank;     /* in canonical order; CANON_NONE: not yet */
  CanonTable table;
} CanonValue;

/* A place in an argument where a value may stand. */
typedef struct
{
  Pt2String *name; /* NULL: a number, nothing, … */
  uint32_t value;  /* CANON_NONE: none, or a constant of the archive */
  uint32_t input;  /* which of the node's inputs it belongs to */
  bool hidden;     /* inside a dictionary: PyTorch's order does not look there */
} CanonSlot;

/* What calling a graph or an operator does beside giving values. */
typedef enum
{
  CANON_WRITES = 1 << 0,  /* to memory of an input */
  CANON_ORDERED = 1 << 1, /* draws random numbers, or others wait for it */
  CANON_STATE = 1 << 2,   /* changes how what follows is run */
} CanonDoes;

typedef struct
{
  Pt2Node *node;
  CanonSlot *slots;
  uint32_t n_slots;
  uint32_t first_value, n_values;   /* in CanonGraph.values */
  uint32_t first_after, n_after;    /* in CanonGraph.after: who waits for it, once for each edge */
  uint32_t waits_for;               /* edges to it that are not yet done */
  uint32_t first_effect, n_effects; /* those TO it in CanonGraph.effects */
  bool has_graphs;
  CanonDoes inside; /* what its graphs do */
  bool is_seen;     /* something uses a value of it, or must stay behind it */
  bool has_content;
  uint64_t content; /* hash of all but names */
  uint64_t colour;
} CanonNode;

/* FROM must stay before TO: they touch the same memory, or the outside. */
typedef struct
{
  uint32_t from, to;
} CanonEffect;

/* Of each node: the hash of it and all that it is made from, the sum over what it is used for, and its place by colour.
 */
typedef struct
{
  uint64_t *up, *uses;
  uint32_t *sorted;
} CanonColours;

typedef struct
{
  Pt2String *name, was;
} CanonBlanked;

typedef struct
{
  Pt2Draft *draft;
  Pt2Arena arena;
  Pt2Status status;
  Pt2CanonFlags flags;
  Pt2CanonFunc func;
  gpointer data;
  uint32_t graphs; /* numbered so far, for reports */
  uint64_t dropped;
  bool keep_constants;      /* constant inputs keep their names */
  bool training;            /* the program may hold operators that write to their inputs */
  struct CanonKnown *known; /* canon_effects.c: the operators that were looked up last; NULL: none yet */
  Pt2Buffer scratch;        /* for the text of one node */
  CanonBlanked *blanked;    /* names that are missing while that is made */
  uint32_t n_blanked, room_for_blanked;
} Canon;

/* What the root graph has that others have not. */
typedef struct
{
  const Pt2ModuleCallEntryList *calls; /* name values of it too */
  const uint32_t *classes; /* of each input: those of one class stand for the same tensor, and may change places; NULL:
                            * no two do */
} CanonRoot;

typedef struct
{
  Canon *canon;
  Pt2Graph *graph;
  uint32_t number;
  const CanonRoot *root; /* NULL: a subgraph */
  CanonValue *values;
  uint32_t n_values, n_inputs; /* inputs come first */
  Pt2TextIndex index;
  CanonNode *nodes;
  CanonSlot *outputs; /* of the graph */
  uint32_t n_outputs;
  uint32_t *after;
  CanonEffect *effects;
  uint32_t n_effects;
  uint32_t *order;  /* nodes in canonical order */
  uint32_t *called; /* values that module calls name, in their order; of the root */
  uint32_t n_called;
  bool coloured;
  uint32_t *topological; /* any order that works; made with the colours */
  CanonColours colours;
  CanonDoes does;
} CanonGraph;

/* Zeroed scratch of N items, or NULL after the fault was set. */
void *canon_alloc (Canon *canon, size_t n, size_t size);
/* Fault CODE about NAME; false. */
bool canon_fail (Canon *canon, Pt2ErrorCode code, Pt2String name);
void canon_tell (const Canon *canon, const Pt2CanonChange *change);

/* canon_slots.c */
typedef bool (*CanonSlotFunc) (Pt2String *name, CanonTable table, bool hidden, void *data);
/* Every place of ARGUMENT where a value may stand, in order; what can hold none counts as one place without a name, as
 * in PyTorch. False: FUNC stopped it, or C006. */
bool canon_foreach_slot (Canon *canon, Pt2Argument *argument, CanonSlotFunc func, void *data);
typedef bool (*CanonGraphFunc) (Pt2GraphArgument *graph, bool hidden, void *data);
bool canon_foreach_graph (Pt2Argument *argument, CanonGraphFunc func, void *data);

/* canon_values.c: finds what GRAPH defines and uses. INPUTS and OUTPUTS are in canonical order already. */
bool canon_collect (CanonGraph *graph);
typedef struct
{
  const char *name;
  size_t offset; /* in Pt2Graph */
} CanonTableInfo;
extern const CanonTableInfo canon_tables[CANON_N_TABLES];
const Pt2TypeInfo *canon_table_type (CanonTable table);
/* Number of the value called NAME, or CANON_NONE. */
uint32_t canon_find (const CanonGraph *graph, Pt2String name);
/* Is NAME one that the canonical form may give to something else? */
bool canon_is_taken (const CanonGraph *graph, Pt2String name);

/* canon_effects.c: what must stay before what, beyond who uses whose values. */
bool canon_find_effects (CanonGraph *graph);
/* canon_order.c */
/* Who waits for whom. */
bool canon_link_nodes (CanonGraph *graph);
/* Fills graph->order and the ranks of all values. C005. */
bool canon_order_nodes (CanonGraph *graph);

/* canon_colour.c */
/* Fills graph->topological: nodes come after what they wait for. How many have a place; an unsound graph has fewer. */
uint32_t canon_order_topologically (CanonGraph *graph);
/* Hash of all of a node that is no name of a value. */
uint64_t canon_content (CanonGraph *graph, uint32_t node);
/* Gives all nodes colours: nodes of one colour stand in the graph alike, as far as can be seen. */
bool canon_colour (CanonGraph *graph);
/* Gives the inputs their ranks: those that may change places by what they are used for. */
bool canon_rank_inputs (CanonGraph *graph);
/* Makes NODE differ from all of its colour, and others in consequence. NUMBER: of the choice. */
void canon_colour_pick (CanonGraph *graph, uint32_t node, uint32_t number);

/* canon_signature.c */
/* Sorts inputs and outputs with their specs; which inputs are tied goes to ROOT. C001, C006. */
bool canon_sort_signature (Canon *canon, Pt2GraphModule *module, CanonRoot *root);
/* Puts tied inputs into the order of the ranks that the graph has given them. */
bool canon_order_tied (const CanonGraph *graph, Pt2GraphModule *module);
/* C002, C007. */
bool canon_rename_signature (CanonGraph *graph, Pt2GraphModule *module);
bool canon_rename_argument (CanonGraph *graph, Pt2Argument *argument);

/* canon_graph.c */
/* Puts one graph and those inside it into canonical form, but for the order of its inputs and outputs. ROOT: NULL for a
 * subgraph. GRAPH is filled in any case,
 * to be cleared; its values know their new names. */
bool canon_graph (Canon *canon, Pt2Graph *native, const CanonRoot *root, CanonGraph *graph);
void canon_graph_init (Canon *canon, Pt2Graph *native, const CanonRoot *root, CanonGraph *graph);
void canon_graph_clear (CanonGraph *graph);
/* Calls FUNC for each graph among the arguments of the nodes, which fills INNER, and keeps what that does. */
typedef bool (*CanonInnerFunc) (Canon *canon, Pt2GraphArgument *argument, CanonGraph *inner);
bool canon_enter_graphs (CanonGraph *graph, CanonInnerFunc func);
/* PREFIX and NUMBER; { NULL, 0 } if there is no memory, which the draft remembers. */
Pt2String canon_name (Canon *canon, const char *prefix, uint32_t number);
/* Gives all values their fresh names, where they are defined and used; and in the table that describes them. */
void canon_rename_values (CanonGraph *graph);
void canon_rename_entries (CanonGraph *graph, CanonTable table);
/* Does the node have the name of the value that it gives? PyTorch makes another node for the value where it is one of
 * several, or the one of a tuple. */
bool canon_is_named_like_value (const CanonNode *node);
void canon_rename (const CanonGraph *graph, const char *kind, Pt2String *name, Pt2String fresh);
/* Puts the items of LIST (of TYPE, a list or map) into another order. */
bool canon_permute (Canon *canon, const Pt2TypeInfo *type, void *list, const uint32_t *order);
/* To sort texts that begin alike: how many bytes, at most MOST, two have in common; and 8 bytes behind such as a number
 * that is greater for the greater text, and rarely the same. */
uint32_t canon_common (Pt2String a, Pt2String b, uint32_t most);
uint64_t canon_head (Pt2String text, uint32_t skip);
/* Sorts a list or map by the text that each item begins with. */
bool canon_sort (Canon *canon, uint32_t graph, const char *kind, const Pt2TypeInfo *type, void *list);

/* canon.c */
bool canon_is_training (const Pt2ExportedProgram *exported);
/* Sorts the lists and maps of the program whose order says nothing. */
bool canon_sort_tables (Canon *canon, Pt2ExportedProgram *exported);
/* Gives the values that module calls name their new names. C007. */
bool canon_rename_calls (CanonGraph *graph, Pt2GraphModule *module);
