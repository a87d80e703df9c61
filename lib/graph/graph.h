/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the editable graph.
 *
 * Everything lies in one arena that grows and is freed at once; nodes never
 * move, so pointers to them are stable. What the graph does not change stays
 * in the program and is pointed to: names, metadata, shapes, plain arrays.
 */
#pragma once

#include "names.h"
#include "program.h"
#include "pt2-graph.h"

/* Node.is_hop_single_tensor_return is there. */
#define PT2_FX_HOP_FLAG (1u << 4)
/* Graph.is_single_tensor_return is there. */
#define PT2_FX_BARE_FLAG (1u << 6)
/* NamedArgument.kind is there. */
#define PT2_FX_KIND_FLAG (1u << 2)

/* Pt2FxArgument.flags */
enum
{
  PT2_FX_OWN = 1 << 0, /* what it points to is the module's, not the program's: copied when a program is made */
  PT2_FX_PARAMETER_OWN = 1 << 1, /* so is the parameter beside it */
};

/* Pt2FxNode.flags */
enum
{
  PT2_FX_NAME_OWN = 1 << 0,     /* the name was made here */
  PT2_FX_NAME_SOFT = 1 << 1,    /* no value has the name: it gives way if one comes that does */
  PT2_FX_RENAMED = 1 << 2,      /* somebody gave it another name than the file did */
  PT2_FX_ERASED = 1 << 3,       /* no longer in the graph */
  PT2_FX_TARGET_OWN = 1 << 4,   /* its source's target was made here */
  PT2_FX_VALUE_OWN = 1 << 5,    /* what `value` points to was made here */
  PT2_FX_NEW = 1 << 6,          /* a call that was made here, and its source too: no outputs are in that */
  PT2_FX_METADATA_OWN = 1 << 7, /* its source's metadata was made here */
  PT2_FX_SOURCE_OWN = 1 << 8,   /* its source is a Pt2FxChangedSource */
};

/* The schema's tables of values. */
typedef enum
{
  PT2_FX_TABLE_TENSOR,
  PT2_FX_TABLE_SYM_INT,
  PT2_FX_TABLE_SYM_FLOAT,
  PT2_FX_TABLE_SYM_BOOL,
  PT2_FX_TABLE_OBJECT,
  PT2_FX_N_TABLES,
} Pt2FxTableName;

typedef struct
{
  const char *field;
  uint32_t offset;               /* in Pt2Graph */
  uint32_t entry_size, value_at; /* bytes of an entry, and from its start to its value */
  uint8_t kind;                  /* Pt2FxValueKind of what is in it */
} Pt2FxTable;
extern const Pt2FxTable pt2_fx_tables[PT2_FX_N_TABLES];

static inline Pt2AnyMap *
pt2_fx_table (const Pt2Graph *graph, Pt2FxTableName table)
{
  return (Pt2AnyMap *)((const char *)graph + pt2_fx_tables[table].offset);
}

/* A value that the program's own texts know by another name. */
typedef struct
{
  Pt2String old;
  Pt2FxNode *node; /* what it is called now, or what came in its place */
} Pt2FxRename;

/* What one result of a call is, whether anybody takes it or not. */
typedef struct Pt2FxResult Pt2FxResult;
struct Pt2FxResult
{
  uint8_t kind;     /* Pt2FxValueKind */
  uint8_t own;      /* `meta` or `items` was made here */
  uint16_t member;  /* PT2_ARGUMENT_… in the file, or 0 */
  uint32_t n_items; /* of a list */
  union
  {
    const void *meta; /* Pt2TensorMeta, Pt2SymInt, … */
    Pt2FxResult *items;
  };
};

struct Pt2FxNode
{
  Pt2FxNode *previous, *next;
  Pt2FxGraph *graph;
  const char *name;
  union
  {
    Pt2FxArgument *inputs;
    const Pt2Argument *input; /* placeholders, which have none: as the file has it, or NULL */
  };
  const void
      *value; /* by value_kind: its meta; tuples and lists: Pt2FxResult[n_results]; a constant: its Pt2Argument */
  union
  {
    const Pt2Node *source;    /* calls: as the file has it; what is looked at are target, names of inputs, metadata */
    const Pt2InputSpec *spec; /* the root's placeholders: what the signature says, or NULL */
    const Pt2OutputSpec **specs; /* outputs: the same for each of its inputs */
    Pt2FxGraph *subgraph;        /* references */
  };
  uint32_t name_len;
  uint32_t n_inputs;
  uint32_t first_use; /* number of a use, or 0; a use's list is a ring */
  uint32_t n_uses;
  uint32_t index;     /* getitem: which element; placeholder: which input */
  uint32_t n_results; /* tuples and lists */
  uint32_t number;    /* in the order in which the graph's nodes were made */
  uint8_t op, value_kind;
  uint16_t flags;
};

/* The source of a call of the file whose target or metadata was changed. */
typedef struct
{
  Pt2Node node;
  const Pt2Node *file; /* as the file has it */
} Pt2FxChangedSource;

/* A call's source as the file has it; NULL for a new one. */
static inline const Pt2Node *
pt2_fx_file_node (const Pt2FxNode *call)
{
  if (call->flags & PT2_FX_NEW)
    return NULL;
  return call->flags & PT2_FX_SOURCE_OWN ? ((const Pt2FxChangedSource *)call->source)->file : call->source;
}

/* One place where an argument refers to a value. All uses by one node stand together. */
typedef struct
{
  Pt2FxNode *user;
  uint32_t next, previous;
} Pt2FxUse;

enum
{
  PT2_FX_USES_BITS = 6, /* uses come in blocks that never move */
};

struct Pt2FxGraph
{
  Pt2String name;
  bool name_own; /* it was made here */
  Pt2FxModule *module;
  Pt2FxNode *reference; /* the node that refers to it, or NULL */
  Pt2FxGraph *parent;   /* the graph of that node, also before it is there */
  const Pt2Graph *source;
  const Pt2GraphArgument *argument; /* as which the file has it, or NULL */
  const Pt2Node *caller;            /* whose argument that is */
  Pt2FxNode *first, *last, *output;
  uint32_t n_nodes;
  uint32_t n_made; /* nodes that there ever were */
  uint32_t number; /* in module->graphs */
  bool returns_bare;
  bool shadowed; /* a later subgraph of the same graph has its name */
  /* Entries of the file's tables that no value has. */
  const char **left_over[PT2_FX_N_TABLES];
  uint32_t n_left_over[PT2_FX_N_TABLES];
  Pt2FxNames names;
  struct Pt2FxNamespace *made_names; /* for names of new nodes; NULL until one is made */
};

struct Pt2FxModule
{
  Pt2Program *program;
  const Pt2ExportedProgram *exported;
  Pt2Arena arena;
  Pt2FxGraph **graphs;
  uint32_t n_graphs, graphs_room;
  Pt2FxUse **uses;
  uint32_t n_uses, uses_room;           /* the first is 1; blocks there is room for */
  uint32_t free_use;                    /* uses that were given back, by `next` */
  bool editing;                         /* reading is done */
  bool edited;                          /* it no longer is what was read */
  bool inputs_changed, outputs_changed; /* of the root, as the caller sees them */
  Pt2FxRename *renames;                 /* of the root's values; the last of a name counts */
  uint32_t n_renames, renames_room;
  bool no_memory;
};

/* The parameter that argument INDEX of a call is for: its name and kind alone are looked at. */
static inline const Pt2NamedArgument *
pt2_fx_parameter (const Pt2FxNode *call, uint32_t index)
{
  return &call->source->inputs.items[index];
}

static inline Pt2String
pt2_fx_name (const Pt2FxNode *node)
{
  return (Pt2String){ node->name, node->name_len };
}

/* Is NODE a single value, which a text can name? A call that gives several is not: their getitems are. */
static inline bool
pt2_fx_is_value (const Pt2FxNode *node)
{
  switch (node->value_kind)
    {
    case PT2_FX_VALUE_TENSOR:
    case PT2_FX_VALUE_SYM_INT:
    case PT2_FX_VALUE_SYM_FLOAT:
    case PT2_FX_VALUE_SYM_BOOL:
    case PT2_FX_VALUE_OBJECT:
      return true;
    default:
      return false;
    }
}

static inline Pt2FxUse *
pt2_fx_use (const Pt2FxModule *module, uint32_t number)
{
  return &module->uses[number >> PT2_FX_USES_BITS][number & ((1u << PT2_FX_USES_BITS) - 1)];
}

/* SIZE zeroed bytes of the module's; NULL: no memory, remembered. */
void *pt2_fx_alloc (Pt2FxModule *module, size_t size);
/* A node without neighbours. */
Pt2FxNode *pt2_fx_node_alloc (Pt2FxGraph *graph, Pt2FxOp op);
/* One more graph; NULL: no memory. */
Pt2FxGraph *pt2_fx_graph_alloc (Pt2FxModule *module, Pt2FxGraph *parent, const Pt2Graph *source);
/* Finds the subgraphs that others of the same graph and name hide. False: no memory, remembered. */
bool pt2_fx_find_shadowed (Pt2FxModule *module);
/* Puts NODE before NEXT (NULL: at the end), or takes it out. */
void pt2_fx_link (Pt2FxNode *node, Pt2FxNode *next);
void pt2_fx_unlink (Pt2FxNode *node);
/* Takes note that ARGUMENT, which is of USER, refers to VALUE. False: no memory. */
bool pt2_fx_add_use (Pt2FxNode *user, Pt2FxArgument *argument, Pt2FxNode *value);
void pt2_fx_remove_use (Pt2FxModule *module, Pt2FxArgument *argument);
/* A use of VALUE by USER; 0 if there is none. */
uint32_t pt2_fx_find_use (const Pt2FxNode *user, const Pt2FxNode *value);
/* Copies the value at FROM to TO, texts and all that it points to into ARENA; without parts that the schema does not
 * know. False: no memory. */
bool pt2_fx_deep_copy (Pt2Arena *arena, const Pt2TypeInfo *type, void *to, const void *from);
/* What the entries of a table hold, and a copy of one. NULL: no memory, remembered. */
const Pt2TypeInfo *pt2_fx_table_type (Pt2FxTableName table);
const Pt2TypeInfo *pt2_fx_metadata_type (void);
/* A call's source, which may be written to from then on. NULL: no memory. */
Pt2Node *pt2_fx_own_source (Pt2FxNode *call);
const void *pt2_fx_copy_value (Pt2FxModule *module, Pt2FxTableName table, const void *from);
/* L001 or L003. */
bool pt2_fx_no_memory (const Pt2FxModule *module, GError **error);

/* Fault CODE at the node of SOURCE (or NULL) in GRAPH: the message names the node and its source line. */
bool pt2_fx_fault (Pt2FxGraph *graph, const Pt2Node *source, Pt2ErrorCode code, GError **error, const char *detail, ...)
    G_GNUC_PRINTF (5, 6) __attribute__ ((cold, noinline));

/* What nodes, arguments and uses of GRAPH will take in the arena, about. */
size_t pt2_fx_expected_bytes (const Pt2Graph *graph);
/* Fills GRAPH from its source. */
bool pt2_fx_read_graph (Pt2FxGraph *graph, GError **error);
/* Which graph input or output SPEC is about; {NULL, 0} if it does not say. */
Pt2String pt2_fx_spec_input_name (const Pt2InputSpec *spec);
Pt2String pt2_fx_spec_output_name (const Pt2OutputSpec *spec);
/* Lower case, with an underscore before a capital that follows a small letter; SUFFIX behind it. */
Pt2String pt2_fx_snake_case (Pt2Arena *arena, Pt2String text, const char *suffix);
/* What PyTorch would call a node after TARGET; SUFFIX behind it. {NULL, 0}: no memory. */
Pt2String pt2_fx_target_name (Pt2Arena *arena, Pt2String target, const char *suffix);
/* Is TARGET an operator on graphs? Of those the file says whether a single result is bare or in a tuple. */
bool pt2_fx_names_higher_order (Pt2String target);
/* Gives names to the nodes that have none or a soft one that is taken. */
bool pt2_fx_name_nodes (Pt2FxGraph *graph, GError **error);
