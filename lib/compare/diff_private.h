/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the comparison share. */
#pragma once

#include "align.h"
#include "codec.h"
#include "program.h"
#include "pt2-diff.h"
#include "text_ids.h"

/* ---- what fields mean to a comparison ---- */

typedef enum
{
  PT2_ROLE_PLAIN,
  PT2_ROLE_VALUE,      /* name of a value of the graph */
  PT2_ROLE_LABEL,      /* a name that nothing refers to */
  PT2_ROLE_NODE_NAME,  /* as a label; the node tells of it */
  PT2_ROLE_NOTES,      /* metadata of a node */
  PT2_ROLE_GRAPH,      /* a subgraph: compared on its own */
  PT2_ROLE_EXPRESSION, /* text with symbols in it */
} Pt2DiffRole;

/* By the schema's index of a struct, then by the field's index. */
typedef struct
{
  uint8_t *fields[256];
  uint8_t *all;
  const Pt2StructInfo *device;
} Pt2DiffRoles;

bool pt2_diff_roles_init (Pt2DiffRoles *roles);
void pt2_diff_roles_clear (Pt2DiffRoles *roles);

static inline Pt2DiffRole
pt2_diff_role (const Pt2DiffRoles *roles, const Pt2StructInfo *info, unsigned field)
{
  const uint8_t *of_struct = roles->fields[info->index];
  return of_struct != NULL ? of_struct[field] : PT2_ROLE_PLAIN;
}

/* ---- names ---- */

/* The names of two graphs: numbers, and which of the old ones belongs to which of the new. */
typedef struct
{
  Pt2TextIds ids;
  uint32_t *new_of, *old_of; /* by number; PT2_TEXT_ID_NONE: none */
  uint32_t n;                /* numbers that the arrays have room for */
} Pt2DiffNames;

void pt2_diff_names_pair (Pt2DiffNames *names, uint32_t old, uint32_t new);
/* Do the two texts name what belongs together? */
bool pt2_diff_names_agree (const Pt2DiffNames *names, Pt2String old, Pt2String new);

/* ---- places ---- */

/* A step of a field path; the steps up to the root of a graph or program lie on the stack. */
typedef struct Pt2DiffPath Pt2DiffPath;
struct Pt2DiffPath
{
  const Pt2DiffPath *up;
  const char *field;             /* NULL: an index or a key */
  uint32_t old_index, new_index; /* UINT32_MAX: a key, or not there */
  Pt2String old_key, new_key;
};

/* Where in the programs a comparison is. */
typedef struct
{
  const char *old_prefix, *new_prefix; /* field path of the graph at hand; "" outside of graphs */
  Pt2DiffNames *names;                 /* of that graph; NULL: names are plain texts */
  guint graph;
  gint64 old_node, new_node;
  Pt2DiffPart part;
} Pt2DiffPlace;

/* ---- the whole ---- */

typedef struct Pt2DiffPending Pt2DiffPending;
struct Pt2DiffPending
{
  Pt2DiffPending *next;
  const Pt2Graph *old, *new;
  const char *old_path, *new_path;
};

struct Pt2Diff
{
  gatomicrefcount references;
  Pt2Program *old, *new;
  guint ignore;
  Pt2Limits limits;
  bool failed;      /* no memory */
  bool over_budget; /* by the limits, not by the system */
  GError *error;    /* another reason why there is no answer */
  Pt2Arena arena;   /* what the answer holds */
  Pt2Change *changes;
  Pt2DiffGraph *graphs;
  guint n_changes, room_changes, n_graphs, room_graphs;
  /* While it is made. */
  Pt2DiffRoles roles;
  Pt2DiffPlace place;
  struct Pt2DiffSymbols *symbols; /* NULL: not needed yet */
  Pt2DiffPending *pending, **last_pending;
  Pt2Buffer text;
};

/* SIZE bytes that live as long as the answer. NULL: no memory, remembered. */
void *pt2_diff_alloc (Pt2Diff *diff, size_t size);
/* Frees what was only needed on the way. */
void pt2_diff_drop (Pt2Diff *diff, Pt2Arena *arena);
/* Always false; remembers that there is no memory. */
bool pt2_diff_no_memory (Pt2Diff *diff);

/* ---- changes ---- */

/* Adds a change at PATH. A value that is NULL is not there. */
void pt2_diff_add (Pt2Diff *diff, Pt2DiffKind kind, const Pt2DiffPath *path, const Pt2TypeInfo *type, const void *old,
                   const void *new);
/* The same with JSON texts; {NULL, 0} for what is not there. */
void pt2_diff_add_texts (Pt2Diff *diff, Pt2DiffKind kind, const Pt2DiffPath *path, Pt2String old, Pt2String new);
/* The field path of PATH behind the place's prefix; in the old or the new program. */
const char *pt2_diff_path_text (Pt2Diff *diff, const Pt2DiffPath *path, bool old);
/* TEXT as a JSON string, in the answer's memory. */
Pt2String pt2_diff_quote (Pt2Diff *diff, Pt2String text);

/* ---- comparing ---- */

/* Is the value the same, as far as differences count? A subgraph in it: false, since that is compared on its own. */
bool pt2_diff_same (Pt2Diff *diff, const Pt2TypeInfo *type, const void *old, const void *new);
/* Adds what differs. */
void pt2_diff_compare (Pt2Diff *diff, const Pt2TypeInfo *type, const void *old, const void *new,
                       const Pt2DiffPath *path);
/* The same for values that mostly are equal: asks first whether anything differs. Not for each level of one value. */
static inline void
pt2_diff_compare_likely (Pt2Diff *diff, const Pt2TypeInfo *type, const void *old, const void *new,
                         const Pt2DiffPath *path)
{
  if (!pt2_diff_same (diff, type, old, new))
    pt2_diff_compare (diff, type, old, new, path);
}
/* The same as pt2_diff_compare() for field INDEX of two structs, which may be absent. */
void pt2_diff_compare_field (Pt2Diff *diff, const Pt2StructInfo *info, unsigned index, const void *old, const void *new,
                             const Pt2DiffPath *path);
/* Does the program leave out what its schema could not say yet? */
bool pt2_diff_is_unsaid (const Pt2Program *program, const Pt2FieldInfo *field);
/* What the schema does not know at two structs or unions. */
bool pt2_diff_same_extras (Pt2Diff *diff, const Pt2StructInfo *info, const void *old, const void *new);
void pt2_diff_compare_extras (Pt2Diff *diff, const Pt2StructInfo *info, const void *old, const void *new,
                              const Pt2DiffPath *path);
/* Notes that two subgraphs are to be compared. */
void pt2_diff_queue_graph (Pt2Diff *diff, const Pt2Graph *old, const Pt2Graph *new, const Pt2DiffPath *path);

/* ---- symbols ---- */

/* Are the texts of two expressions the same but for names of symbols that belong together? Symbols that only one
 * program has each are put together where they stand for each other first. */
bool pt2_diff_same_expression (Pt2Diff *diff, Pt2String old, Pt2String new);
/* The new name of a symbol: NAME itself if it was not renamed. */
Pt2String pt2_diff_new_symbol (const Pt2Diff *diff, Pt2String name);
void pt2_diff_report_symbols (Pt2Diff *diff);
void pt2_diff_symbols_free (struct Pt2DiffSymbols *symbols);

/* ---- nodes ---- */

/* One of two graphs while its nodes are matched. What a node uses and makes are numbers of names. Behind the last node
 * stands one more, which uses the graph's outputs. */
typedef struct
{
  const Pt2Graph *graph;
  uint32_t n;                       /* nodes */
  uint32_t *shape;                  /* by node: number of its text without names */
  uint32_t *target;                 /* number of its operator */
  uint32_t *use_start, *make_start; /* by node: where its names begin; one more at the end */
  uint32_t *uses, *makes;
  uint32_t *partner; /* by node: of the other graph, or PT2_UNPAIRED */
  uint32_t *maker;   /* by name: the node that makes it; the number of nodes for an input; or PT2_UNPAIRED */
} Pt2DiffSide;

/* Fills a side from a graph; its names are added to NAMES, its texts to SHAPES. */
bool pt2_diff_side_init (Pt2Diff *diff, Pt2DiffSide *side, const Pt2Graph *graph, Pt2DiffNames *names,
                         Pt2TextIds *shapes, Pt2Arena *arena);
/* When both sides are filled: makes the pairs of NAMES (none yet) and who makes what. */
bool pt2_diff_sides_ready (Pt2Diff *diff, Pt2DiffSide sides[2], Pt2DiffNames *names, Pt2Arena *arena);
/* Pairs nodes and the names that they make; inputs must be paired. */
bool pt2_diff_match (Pt2Diff *diff, Pt2DiffSide sides[2], Pt2DiffNames *names, Pt2TextIds *shapes, Pt2Arena *arena);
/* Pairs the inputs of two graphs by what they are (ROOT: as the signature says), then by place. PARTNER[side]: by
 * input, filled in. */
bool pt2_diff_match_inputs (Pt2Diff *diff, Pt2DiffSide sides[2], bool root, Pt2DiffNames *names, Pt2Arena *arena,
                            uint32_t *partner[2]);

/* Adds what differs between inputs that were paired so. */
void pt2_diff_compare_inputs (Pt2Diff *diff, Pt2DiffSide sides[2], bool root, Pt2Arena *arena, uint32_t *partner[2]);
/* Adds what differs between outputs, when all names are paired. */
void pt2_diff_compare_outputs (Pt2Diff *diff, Pt2DiffSide sides[2], bool root, const Pt2DiffNames *names,
                               Pt2Arena *arena);

/* The names of values in a value, in order, passed to FUNC. */
typedef bool (*Pt2DiffNameFunc) (Pt2String name, void *data);
bool pt2_diff_foreach_name (Pt2Diff *diff, const Pt2TypeInfo *type, const void *value, Pt2DiffNameFunc func,
                            void *data);

void pt2_diff_native (Pt2Diff *diff);
void pt2_diff_trees (Pt2Diff *diff);
