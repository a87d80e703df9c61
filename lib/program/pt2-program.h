/* SPDX-License-Identifier: Apache-2.0 */
/* A loaded exported program.
 *
 * Immutable: made by one of the constructors, then only read, from any number
 * of threads. Majors 1–7 of the schema are read generically: the questions
 * below work, but there are no native structs (pt2_program_get_root() is
 * invalid) and no compact form until they are upgraded.
 *
 * Every pointer a getter returns belongs to the program and lives as long as it.
 * Since: 1.0
 */
#pragma once

#include "pt2-limits.h"
#include "pt2-schema.h" /* generated: Pt2ExportedProgram and all structs and enums */
#include "pt2-value.h"
#include <glib-object.h>

G_BEGIN_DECLS

#define PT2_TYPE_PROGRAM (pt2_program_get_type ())
PT2_API GType pt2_program_get_type (void);
typedef struct _Pt2Program Pt2Program;

typedef enum
{
  PT2_FORM_JSON,        /* PyTorch's JSON text */
  PT2_FORM_COMPACT,     /* Thrift compact */
  PT2_FORM_COMPACT_ZST, /* Thrift compact in one zstd frame */
} Pt2Form;

/**
 * pt2_program_new_from_bytes:
 * @bytes: JSON, compact or zstd-compressed compact; told apart by content. Kept
 *   (not copied) while the program lives.
 * @limits: (nullable): %NULL for the default
 * @error: set on failure; ids J…, T…, L…, P…, K…
 *
 * Returns: (transfer full) (nullable): the program; free with pt2_program_unref()
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_program_new_from_bytes (GBytes *bytes, const Pt2Limits *limits, GError **error);

/**
 * pt2_program_new_from_file:
 * @path: a file that holds a program by itself, or an archive
 * @model: (nullable): which program of an archive; %NULL: the only one, else
 *   the one called "model"
 *
 * Reads the archive's directory and that one record, never a weight.
 * Returns: (transfer full) (nullable): the program
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_program_new_from_file (const char *path, const char *model, const Pt2Limits *limits,
                                               GError **error);

/**
 * pt2_program_new_from_data:
 * @bytes: a whole file: a program by itself, or an archive; kept, not copied
 *
 * As pt2_program_new_from_file(), from memory.
 * Returns: (transfer full) (nullable): the program
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_program_new_from_data (GBytes *bytes, const char *model, const Pt2Limits *limits,
                                               GError **error);

PT2_API Pt2Program *pt2_program_ref (Pt2Program *program);
PT2_API void pt2_program_unref (Pt2Program *program);

/* Which form the bytes had. */
PT2_API Pt2Form pt2_program_get_form (Pt2Program *program);
/* Schema version in the program; an integer version (majors 1, 2) has minor 0. */
PT2_API void pt2_program_get_schema_version (Pt2Program *program, gint64 *major, gint64 *minor);
/* PyTorch's version text; {NULL,0} where the program has none. */
PT2_API Pt2String pt2_program_get_torch_version (Pt2Program *program);

/* The native structs; NULL for majors 1–7. */
PT2_API const Pt2ExportedProgram *pt2_program_get_exported_program (Pt2Program *program);
/* The same for reflection; invalid for majors 1–7. */
PT2_API Pt2Value pt2_program_get_root (Pt2Program *program);

/**
 * pt2_program_save:
 * @form: the form to write
 *
 * JSON is PyTorch's own text. Majors 1–7 give their JSON text back as it was;
 * compact is refused with P002 for them.
 * Returns: (transfer full) (nullable): the bytes
 * Since: 1.0
 */
PT2_API GBytes *pt2_program_save (Pt2Program *program, Pt2Form form, GError **error);

/**
 * pt2_program_check_text:
 *
 * Does pt2_program_save() with JSON give back the very text that the program
 * was read from? Always %TRUE for programs that were not read from JSON.
 * Returns: %TRUE if so; else %FALSE with P001, whose message says what differs
 * Since: 1.0
 */
PT2_API gboolean pt2_program_check_text (Pt2Program *program, GError **error);

/* Bytes of memory the program takes, beside its input. */
PT2_API guint64 pt2_program_get_memory (Pt2Program *program);

/* How many parts the schema does not know: fields, keys, union members. */
PT2_API guint pt2_program_count_unknown (Pt2Program *program);

/* ---- questions that every major answers ---- */

/* Called for every node, subgraphs included, in depth-first order: a node before
 * the subgraphs among its inputs. GRAPH is 0 for the root, 1… for subgraphs.
 * Return FALSE to stop. Returns FALSE if it was stopped. */
typedef gboolean (*Pt2NodeFunc) (Pt2String target, guint graph, gpointer data);
PT2_API gboolean pt2_program_foreach_node (Pt2Program *program, Pt2NodeFunc func, gpointer data);
PT2_API guint pt2_program_count_subgraphs (Pt2Program *program);

typedef struct
{
  Pt2String target;
  guint count;
} Pt2OperatorCount;
/* Operators in order of first use. Free with g_free(). (transfer full) (array length=n)
 * (nullable): %NULL, and 0 in @n, if there is no memory. */
PT2_API Pt2OperatorCount *pt2_program_count_operators (Pt2Program *program, guint *n);

/* A dimension, stride or offset: a number, or the text of an expression. */
typedef struct
{
  Pt2String expr; /* data NULL: it is the number */
  gint64 value;
} Pt2Dim;

/**
 * pt2_program_make_signature:
 *
 * Makes what the functions below answer from: inputs, outputs, ranges, operator
 * sets. They make it themselves on first use, but cannot say that memory ran
 * out; after this call has succeeded, it cannot.
 * Returns: %TRUE; %FALSE with L001 if the system has no memory
 * Since: 1.0
 */
PT2_API gboolean pt2_program_make_signature (Pt2Program *program, GError **error);

/* One input or output. */
typedef struct
{
  const char *kind;    /* "USER_INPUT", "PARAMETER", …: torch's InputKind / OutputKind */
  Pt2String name;      /* data NULL: no value (a constant output) */
  Pt2String target;    /* FQN or mutated name; data NULL: none */
  const char *dtype;   /* "float32"; NULL if it is no tensor */
  const Pt2Dim *shape; /* n_shape of them; NULL if it is no tensor */
  guint n_shape;
  gint persistent;    /* buffers: 1 or 0; else -1 */
  Pt2String constant; /* constant inputs and outputs: the value as JSON text; else NULL */
} Pt2SignatureItem;
PT2_API const Pt2SignatureItem *pt2_program_get_inputs (Pt2Program *program, guint *n);
PT2_API const Pt2SignatureItem *pt2_program_get_outputs (Pt2Program *program, guint *n);

/**
 * pt2_scalar_type_name:
 * @number: a #Pt2ScalarType, or any number that a file has in its place
 *
 * Returns: (transfer none) (nullable): what PyTorch calls the type: "float32"; %NULL if the schema has no such number
 * Since: 1.0
 */
PT2_API const char *pt2_scalar_type_name (gint32 number);

/**
 * pt2_program_get_user_inputs:
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): of the inputs those that a caller passes (constants among them), in order
 * Since: 1.0
 */
PT2_API const Pt2SignatureItem *const *pt2_program_get_user_inputs (Pt2Program *program, guint *n);

/**
 * pt2_program_get_user_outputs:
 * @n: (out): how many
 *
 * Returns: (transfer none) (array length=n): of the outputs those that a caller gets, a loss among them, in order
 * Since: 1.0
 */
PT2_API const Pt2SignatureItem *const *pt2_program_get_user_outputs (Pt2Program *program, guint *n);

/**
 * pt2_program_find_input:
 * @name: of a value of the graph
 *
 * What a value is: a parameter, a buffer, a constant, something that the caller passes. In constant time.
 *
 * Returns: (transfer none) (nullable): the input of that name; %NULL if the value is no input
 * Since: 1.0
 */
PT2_API const Pt2SignatureItem *pt2_program_find_input (Pt2Program *program, Pt2String name);

/**
 * pt2_program_find_target:
 * @target: the qualified name of a parameter, buffer, constant or custom object
 *
 * Returns: (transfer none) (nullable): the input that it comes in by
 * Since: 1.0
 */
PT2_API const Pt2SignatureItem *pt2_program_find_target (Pt2Program *program, Pt2String target);

/**
 * pt2_program_find_mutation:
 * @input: an input of @program
 *
 * Returns: (transfer none) (nullable): the output that is the new value of @input after a run; %NULL if it keeps
 *   its own
 * Since: 1.0
 */
PT2_API const Pt2SignatureItem *pt2_program_find_mutation (Pt2Program *program, const Pt2SignatureItem *input);

/**
 * pt2_program_find_gradient:
 * @input: an input of @program
 *
 * Returns: (transfer none) (nullable): the output that is the gradient for @input
 * Since: 1.0
 */
PT2_API const Pt2SignatureItem *pt2_program_find_gradient (Pt2Program *program, const Pt2SignatureItem *input);

typedef struct
{
  Pt2String name;
  gint64 min, max;
  gboolean has_min, has_max;
} Pt2Range;
/* Symbols and their bounds in file order. */
PT2_API const Pt2Range *pt2_program_get_ranges (Pt2Program *program, guint *n);

typedef struct
{
  Pt2String name;
  gint64 version;
} Pt2OpsetVersion;
PT2_API const Pt2OpsetVersion *pt2_program_get_opsets (Pt2Program *program, guint *n);
/* Tree specs of the root module; data NULL if absent. */
PT2_API void pt2_program_get_tree_specs (Pt2Program *program, Pt2String *in_spec, Pt2String *out_spec);

/* ---- seen byte by byte ---- */

typedef struct
{
  guint64 offset;    /* in the compact bytes */
  guint64 len;       /* bytes, at least 1 */
  const char *path;  /* field path, "" for the root; of a very long one the last 1000 bytes */
  const char *what;  /* "field header", "list header", "length", "value", "stop", … */
  const char *type;  /* type in IDL words; "" where it has none */
  const char *value; /* the value as text, escaped; "" where it has none */
} Pt2Annotation;
typedef gboolean (*Pt2AnnotateFunc) (const Pt2Annotation *annotation, gpointer data);
/**
 * pt2_annotate:
 * @bytes: a compact program
 * @func: (scope call): called in order of offset for consecutive pieces that cover every byte
 *
 * Returns: %FALSE with an error if the bytes are no valid program (pieces before the fault are given)
 * Since: 1.0
 */
PT2_API gboolean pt2_annotate (GBytes *bytes, const Pt2Limits *limits, Pt2AnnotateFunc func, gpointer data,
                               GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Program, pt2_program_unref)

G_END_DECLS
