/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of lib/check share: a check in progress, how a finding is added, and the graph as the rules see it.
 * The rules read only; what they remember lies in the check's arena.
 */
#pragma once

#include "archive_private.h"
#include "arena.h"
#include "metadata.h"
#include "program.h"
#include "pt2-check.h"
#include "pt2-ops.h"
#include "pt2-expr.h"
#include "pt2-tensor.h"
#include "targets.h"
#include "text_index.h"
#include <string.h>

typedef enum
{
#define PT2_RULE(id, strict, load, untrusted, summary, source, next) CHECK_##id,
#include "rules.def"
#undef PT2_RULE
  CHECK_N_RULES
} CheckRule;

struct TargetCache;
struct GoodTexts;
struct Infer;

typedef struct
{
  const Pt2CheckOptions *options;
  Pt2Limits limits;
  Pt2Report *report;
  Pt2Arena arena;
  bool no_memory;     /* an allocation failed: what follows from it is not reported */
  const char *record; /* put before every place, with a blank; NULL: none */
  /* The program at hand. */
  Pt2Program *program;
  const Pt2ExportedProgram *exported;
  int64_t minor;
  bool training;                /* its dialect allows operators that change their arguments */
  struct TargetCache *targets;  /* NULL until one is asked for */
  struct GoodTexts *good_texts; /* nodes.c: texts of metadata that were read; NULL until the first */
  bool foreign_dialect;         /* one whose rules only its package knows */
  bool own_dialect;             /* one of PyTorch's; several may count at once */
  GPtrArray *graphs;            /* CheckGraph: each before those in it */
  /* The archive at hand. */
  uint32_t n_programs; /* so far */
  uint32_t *readers;   /* of each record: the newest program that reads it, 0: none */
  bool lists_whole;    /* every list of payloads could be read */
} Check;

/* ---- findings (report.c) ---- */

Pt2Report *pt2_report_new (void);
/* Counts one more that breaks RULE; is it still to be told? */
bool check_count (Check *check, CheckRule rule);
void check_tell (Check *check, CheckRule rule, const char *where, const char *format, ...) G_GNUC_PRINTF (4, 5);
/* check_add (check, rule, where, format, …). WHERE: safe to print, or NULL. FORMAT: what was found, beyond the rule's
 * summary; texts of the file escaped. Neither is made for what is only counted: files can have millions of those. */
#define check_add(check, rule, ...) (check_count (check, rule) ? check_tell (check, rule, __VA_ARGS__) : (void)0)
/* An error of the library, with its own id, as an error. RECORD (or NULL) is put before its place. */
void check_add_error (Check *check, const GError *error, const char *record);
void check_add_status (Check *check, const Pt2Status *status);
void check_add_checked (Check *check, const char *what);
void check_add_not_checked (Check *check, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Nothing is added after this. */
void pt2_report_finish (Check *check);

/* Zeroed; NULL if memory is short, which is remembered. */
void *check_alloc (Check *check, size_t n, size_t size);

/* Room in an array of the arena for one more item behind N, *ITEMS being its pointer; false if memory is short. */
bool check_grow (Check *check, void *items, uint32_t n, uint32_t *room, size_t size);

enum
{
  TEXT_CACHE_BITS = 9,
  TARGET_CACHE_BITS = 8,
};

/* The numbers of items that were looked up last, by their text: many sizes are written alike, and long. */
typedef struct
{
  uint32_t numbers[1 << TEXT_CACHE_BITS]; /* + 1; 0: none */
} TextCache;

static inline uint32_t *
text_cache_at (TextCache *cache, Pt2String text)
{
  return &cache->numbers[pt2_text_spot (text, TEXT_CACHE_BITS)];
}

/* A text of the file, safe to print and not long: `shown (name).text` lives to the end of the expression. */
typedef struct
{
  char text[128];
} Shown;
Shown shown (Pt2String text);
Shown shown_text (const char *text);

static inline bool
text_is (Pt2String text, const char *other)
{
  return text.len == strlen (other) && memcmp (text.data, other, text.len) == 0;
}

static inline bool
text_equal (Pt2String a, Pt2String b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

static inline bool
text_begins (Pt2String text, const char *prefix)
{
  size_t len = strlen (prefix);
  return text.len >= len && memcmp (text.data, prefix, len) == 0;
}

/* The rest of TEXT behind its first N bytes. */
static inline Pt2String
text_from (Pt2String text, uint32_t n)
{
  return (Pt2String){ text.data + n, text.len - n };
}

/* ---- a graph and its values (graph.c) ---- */

typedef enum
{
  VALUE_NONE, /* no table has it */
  VALUE_TENSOR,
  VALUE_SYM_INT,
  VALUE_SYM_FLOAT,
  VALUE_SYM_BOOL,
  VALUE_OBJECT,
} ValueKind;
const char *check_kind_name (ValueKind kind);

#define DEFINED_NOWHERE UINT32_MAX
#define DEFINED_BY_INPUT 0 /* else number of the node + 1 */

typedef struct
{
  Pt2String name; /* first, for the index */
  ValueKind kind;
  uint32_t defined;
  uint32_t uses;
  struct Shape *shape; /* infer.c: as the rules of operators see it; NULL until it is asked for */
  const void *meta;    /* Pt2TensorMeta, Pt2SymInt and so on, by its kind; NULL if no table has it */
} CheckValue;

typedef struct CheckGraph CheckGraph;
struct CheckGraph
{
  const Pt2Graph *graph;
  const CheckGraph *parent;
  const char *path;  /* "graph_module.graph" */
  bool loose_types;  /* results have types of their own: under autocast */
  bool loose_shapes; /* shapes do not show all dimensions: under vmap */
  CheckValue *values;
  uint32_t n_values;
  /* Every name in the inputs of the nodes, node by node, and what it means (NULL: nothing); the same for the outputs.
   * One more start than nodes or inputs, for the end of the last. */
  CheckValue **uses, **results;
  uint32_t *uses_of_input, *inputs_of_node, *results_of_node;
  Pt2TextIndex index;
};

/* The value of a name, or NULL. */
CheckValue *check_find_value (const CheckGraph *graph, Pt2String name);
/* The value of input INPUT of node NODE if it is one name, not a list of them; else NULL. */
static inline CheckValue *
check_input_value (const CheckGraph *graph, uint32_t node, uint32_t input)
{
  const uint32_t *first = &graph->uses_of_input[graph->inputs_of_node[node] + input];
  return first[1] == first[0] + 1 ? graph->uses[first[0]] : NULL;
}
/* A field path in GRAPH: `place (graph, "nodes[%u]", i).text`. */
typedef struct
{
  char text[512];
} Place;
Place place (const CheckGraph *graph, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* A node as messages name it: its name, or its target. */
Shown shown_node (const Pt2Node *node);

/* One name in an argument. INDEX: in its list, else -1. */
typedef struct
{
  Pt2String name;
  ValueKind kind; /* that the argument's member says; VALUE_NONE: any */
  bool in_list;
} ArgumentName;
typedef bool (*ArgumentNameFunc) (const ArgumentName *name, gpointer data);
/* Calls FUNC for each name that ARGUMENT uses, inside dictionaries too, not inside subgraphs, until it says false. */
bool check_foreach_name (const Pt2Argument *argument, ArgumentNameFunc func, gpointer data);
/* The one name of a tensor, symbol or object; data NULL for all others. */
Pt2String check_single_name (const Pt2Argument *argument);
const char *check_member_name (const Pt2Argument *argument);
bool check_is_higher_order (Pt2String target);

/* ---- targets (targets.c) ---- */

/* What is known of a target: nodes have few different ones, and PyTorch's are long. */
typedef struct
{
  Pt2String target;
  TargetKind kind;
  bool known;                          /* SCHEMA and INFER were looked for */
  const Pt2OpSchema *schema;           /* NULL: none is known */
  void (*infer) (struct Infer *infer); /* NULL: no rule */
} TargetFacts;
TargetFacts *check_target_facts (Check *check, Pt2String target);

/* ---- descriptions of tensors (metas.c) ---- */

bool check_is_dtype (int32_t dtype);
bool check_is_sound_meta (const Pt2TensorMeta *meta);
/* Says what is wrong with one that is not sound. */
void check_tensor_meta (Check *check, const Pt2TensorMeta *meta, const char *where);

/* Why PyTorch could not take a text of metadata apart, in ROOM; NULL: it can. (nodes.c) */
const char *check_metadata_text (Check *check, Pt2MetadataForm form, Pt2String text, char room[96]);

/* ---- the groups of rules ---- */

void check_container (Check *check, Pt2Archive *archive);                       /* container.c: Z */
void check_records (Check *check, Pt2Archive *archive);                         /* records.c: R */
bool check_payload_bytes (Check *check, Pt2Archive *archive, GError **error);   /* container.c: CRCs; false: F006 */
void check_archive_security (Check *check, Pt2Archive *archive);                /* security.c: X */
void check_program_rules (Check *check);                                        /* program.c: P and all of a program */
CheckGraph *check_graph_rules (Check *check);                                   /* graph.c: values */
void check_node_rules (Check *check, const CheckGraph *graph, uint32_t number); /* nodes.c */
void check_meta_rules (Check *check, const CheckGraph *graph);                  /* metas.c: tables */
void check_subgraph_call (Check *check, const CheckGraph *graph, uint32_t number,
                          CheckGraph *const *subgraphs);            /* subgraphs.c */
void check_signature_rules (Check *check, const CheckGraph *graph); /* signature.c: S */
void check_tree_rules (Check *check, const CheckGraph *graph);      /* trees.c: S */
void check_symbol_rules (Check *check, const CheckGraph *graph);    /* symbols.c: Y */
/* guards.c: Y, X. UNREADABLE: an expression was reported already. */
void check_guard_rules (Check *check, bool unreadable);
/* An end of a range: the number, or the infinity of that sign. */
Pt2ExprValue check_end_of (bool has, int64_t value, int infinity);
void check_payload_rules (Check *check, Pt2Archive *archive, const char *model); /* payloads.c: W */
void check_sample_inputs (Check *check, Pt2Archive *archive, const char *model); /* samples.c: W */
void check_unread_payloads (Check *check, Pt2Archive *archive);                  /* payloads.c: W */
void check_record_version (Check *check, Pt2Archive *archive);                   /* records.c: R */
void check_operator_rules (Check *check);                                        /* operators.c: O */
void check_program_security (Check *check);                                      /* security.c: X */
