/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share. Parts of the program are kept as the JSON that they will be: it is read at the end
 * by the reader of all programs, which checks it. */
#pragma once

#include "pt2-build.h"
#include "pt2-expr.h"

typedef enum
{
  BUILD_TENSOR,
  BUILD_SYM_INT,
  BUILD_SYM_FLOAT,
  BUILD_SYM_BOOL,
  BUILD_OBJECT,
  BUILD_N_KINDS,
} BuildKind;

/* In the order of the graph's inputs. */
typedef enum
{
  BUILD_TOKEN,
  BUILD_PARAMETER,
  BUILD_BUFFER,
  BUILD_CONSTANT,
  BUILD_STORED_OBJECT,
  BUILD_INPUT,
  BUILD_RESULT,
  BUILD_N_ROLES,
} BuildRole;

#define BUILD_NO_LOSS G_MAXUINT

struct Pt2BuildValue
{
  Pt2BuildGraph *graph;
  char *name;
  BuildKind kind;
  BuildRole role;
  char *meta; /* JSON of what the table of its kind says */
  /* Parameters, buffers, constants and objects: */
  char *fqn;
  GBytes *data;
  gboolean persistent;
  char *class_name;              /* of objects */
  bool is_python;                /* an object that is a pickle of Python */
  bool is_mutated, has_gradient; /* inputs: each once */
  /* Results: all of the call, in order; NULL for others. */
  GPtrArray *siblings;
  guint index;
};

struct Pt2BuildGraph
{
  Pt2Builder *builder;
  char *name;
  GPtrArray *values;   /* Pt2BuildValue *, owned, in order of definition */
  GPtrArray *outputs;  /* Pt2BuildValue * */
  GHashTable *names;   /* of values and calls */
  GHashTable *numbers; /* the last that was put behind a name, as GUINT_TO_POINTER */
  GString *nodes;      /* JSON, with commas between */
};

typedef struct
{
  Pt2BuildValue *target, *value;
} BuildMutation;

/* A tree of what goes in or comes out. */
typedef struct
{
  GString *spec;      /* JSON of the node; NULL: nothing was said */
  GString *arguments; /* JSON of the names of arguments, with commas between */
  guint n_leaves;
  gboolean said; /* by the caller */
} BuildTree;

typedef struct
{
  char *name;
  gint64 min, max;
} BuildSymbol;

struct Pt2Builder
{
  const Pt2Ops *ops;
  Pt2Ops *own_ops;
  Pt2ExprPool *pool;
  GError *error;
  GPtrArray *graphs; /* Pt2BuildGraph *, owned; the root first */
  GArray *symbols;   /* BuildSymbol */
  GArray *hints;     /* Pt2ExprSetting, of the same symbols */
  GArray *mutations; /* BuildMutation */
  char *dialect;     /* NULL: one of PyTorch's */
  GArray *gradients; /* BuildMutation: of the target */
  GPtrArray *tokens; /* Pt2BuildValue *, as they go out */
  guint loss;        /* number of the output that is it, or BUILD_NO_LOSS */
  BuildTree takes, gives;
  GString *tuple_fields; /* JSON: fields of named tuples, with commas between */
  GPtrArray *calls;      /* the arrays of siblings, owned */
};

/* Remembers ERROR if it is the first; taken. */
void build_take_error (Pt2Builder *builder, GError *error);
/* Remembers the first error; NULL. */
void *build_fail (Pt2Builder *builder, Pt2ErrorCode code, const char *format, ...) G_GNUC_PRINTF (3, 4);
Pt2BuildValue *build_add_value (Pt2BuildGraph *graph, const char *name, BuildRole role, const char *type);
/* NAME, or NAME_1 and so on if that is taken or Python's. (transfer full) */
char *build_free_name (Pt2BuildGraph *graph, const char *name);

/* What TYPE says, as JSON, and its kind; NULL after an error. (transfer full) */
char *build_read_type (Pt2Builder *builder, const char *type, gboolean gradient, BuildKind *kind);
/* Bytes of a tensor of TYPE whose sizes are numbers; G_MAXUINT64 after an error. */
guint64 build_type_bytes (Pt2Builder *builder, const char *type);

/* What the caller left out; FALSE after an error. */
gboolean build_finish_trees (Pt2Builder *builder);
void build_tree_clear (BuildTree *tree);
/* TEXT as JSON. */
void build_put_text (GString *out, const char *text);
/* {"as_tensor": {"name": …}} and so on. */
void build_put_value (GString *out, const Pt2BuildValue *value);
/* What the signature says of inputs and outputs, and how the program is called. */
void build_put_signature (GString *out, Pt2Builder *builder);
void build_put_call_signature (GString *out, const Pt2Builder *builder);
void build_put_graph (GString *out, const Pt2BuildGraph *graph);
/* The order in which inputs stand: ROLE by ROLE. */
#define BUILD_FOREACH_INPUT(role, i, value, graph)                                                                     \
  for (guint role = 0; role < BUILD_RESULT; role++)                                                                    \
    for (guint i = 0; i < (graph)->values->len; i++)                                                                   \
      for (Pt2BuildValue *value = (graph)->values->pdata[i]; value != NULL && value->role == role; value = NULL)
