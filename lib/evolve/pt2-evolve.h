/* SPDX-License-Identifier: Apache-2.0 */
/* Programs from one schema version to another.
 *
 * A program follows the minor of the schema that its writer knew. Here it is
 * made to follow another: what differs is spelled as that minor spells it, what
 * the other minor does not have is refused by name, or left out and listed.
 * Nothing is ever left out silently, and nothing is executed.
 *
 * Since: 1.0
 */
#pragma once

#include "pt2-program.h"

G_BEGIN_DECLS

/* The oldest and the newest minor of major 8 that this library knows: 1 and 20. Since: 1.0 */
PT2_API guint pt2_evolve_oldest_minor (void);
PT2_API guint pt2_evolve_newest_minor (void);

/**
 * Pt2EvolveFlags:
 * @PT2_EVOLVE_STRICT: what the target does not have is refused
 * @PT2_EVOLVE_LOSSY: it is left out where the rest is still a program
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_EVOLVE_STRICT = 0,
  PT2_EVOLVE_LOSSY = 1 << 0,
} Pt2EvolveFlags;

/**
 * Pt2EvolveLoss:
 * @name: what the target does not have: "Node.name", "Argument.as_complex", "ScalarType.UINT32"
 * @since: the minor of major 8 that brought it; 0 if this library does not know it
 * @count: in how many places the program uses it
 * @where: field path of the first of them
 * @stuck: it cannot be left out, since nothing could stand in its place
 *
 * Valid during the call that hands it out.
 * Since: 1.0
 */
typedef struct
{
  const char *name;
  guint since;
  guint64 count;
  const char *where;
  gboolean stuck;
} Pt2EvolveLoss;
typedef void (*Pt2EvolveLossFunc) (const Pt2EvolveLoss *loss, gpointer data);

/**
 * pt2_evolve_to_minor:
 * @program: of major 8
 * @minor: of major 8, the one to follow
 * @limits: (nullable): %NULL for the default
 * @func: (nullable) (scope call): called for each kind of loss, in the order of their first places, whether
 *   the call then succeeds or not
 *
 * Makes the same program as a writer of that minor would have written it. Going down, fields at their defaults go
 * without a word, and so do `Node.name`, `NamedArgument.kind` and `Node.is_hop_single_tensor_return` where an older
 * reader takes the same by itself; going up again, these come back. docs/evolution.md has the rules.
 * Fails with E001 (the program uses what the minor does not have, and this was not to be left out or cannot be),
 * E002 (a minor that this library does not know), P002 (majors 1 to 7), L001, L003.
 * Returns: (transfer full) (nullable): the program; @program does not change
 * Since: 1.0
 */
PT2_API Pt2Program *pt2_evolve_to_minor (Pt2Program *program, guint minor, Pt2EvolveFlags flags,
                                         const Pt2Limits *limits, Pt2EvolveLossFunc func, gpointer data,
                                         GError **error);

/* ---- schemas ---- */

/* A schema: its types, their fields, its version. Immutable, of any number of threads. */
typedef struct _Pt2Idl Pt2Idl;

/**
 * pt2_idl_new_known:
 * @version: "8.7", "2", or "torch-2.6" for the one that this release writes
 *
 * A version that is built in. A minor of 8 of which nothing is known is what the next older known one was.
 * Returns: (transfer full) (nullable): %NULL with E002; free with pt2_idl_unref()
 * Since: 1.0
 */
PT2_API Pt2Idl *pt2_idl_new_known (const char *version, GError **error);
/**
 * pt2_idl_new_from_text:
 * @bytes: an IDL of Thrift (a service is passed over, nothing is included), or the YAML that PyTorch keeps of its
 *   schema; told apart by content. 1 MiB at most
 * @name: what it is called in messages
 *
 * Returns: (transfer full) (nullable): %NULL with E003, which names the line, or L001
 * Since: 1.0
 */
PT2_API Pt2Idl *pt2_idl_new_from_text (GBytes *bytes, const char *name, GError **error);
PT2_API Pt2Idl *pt2_idl_ref (Pt2Idl *idl);
PT2_API void pt2_idl_unref (Pt2Idl *idl);

/* The versions that are built in, oldest first: how many, and the name of one, such as "8.7"; NULL beyond the end. */
PT2_API guint pt2_history_count (void);
PT2_API const char *pt2_history_name (guint index);

/* 0, 0: the text says none. */
PT2_API void pt2_idl_get_version (Pt2Idl *idl, gint64 *major, gint64 *minor);
PT2_API const char *pt2_idl_get_name (Pt2Idl *idl);
/* Releases of PyTorch that write it, apart by blanks, such as "2.12 2.13"; "" if none is known. */
PT2_API const char *pt2_idl_get_torch (Pt2Idl *idl);
/* Where it is known from: "classes" of a release, a published "description", its "neighbours"; "" if not said. */
PT2_API const char *pt2_idl_get_evidence (Pt2Idl *idl);
/* Do its ids come from its text? YAML has none, nor had PyTorch before 8.2: ids are then those that a name has today.
 */
PT2_API gboolean pt2_idl_has_ids (Pt2Idl *idl);

/* A type of a schema, and a field, member or value of one. Pointers live as long as the schema. Since: 1.0 */
typedef struct
{
  const char *name; /* NULL: there is none of that number */
  const char *kind; /* "struct", "union", "enum" */
  guint n_fields;
} Pt2IdlTypeFacts;
typedef struct
{
  const char *name;
  gint64 number;            /* id, or value of an enum's member */
  const char *type;         /* "list<Argument>"; NULL in enums */
  const char *default_text; /* JSON text of what a reader takes for it when it is missing; NULL: none */
  gboolean required;        /* must be there */
  gboolean null_key;        /* may be null, but must be there in JSON */
  gboolean unit;            /* says only that it was chosen; written `[]` */
} Pt2IdlFieldFacts;
PT2_API guint pt2_idl_count (Pt2Idl *idl);
PT2_API Pt2IdlTypeFacts pt2_idl_get_type (Pt2Idl *idl, guint index);
PT2_API Pt2IdlFieldFacts pt2_idl_get_field (Pt2Idl *idl, guint type, guint index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Idl, pt2_idl_unref)

/* ---- what a change of the schema does ---- */

/**
 * Pt2Verdict:
 * @PT2_VERDICT_SAFE: what is written is read as it was meant
 * @PT2_VERDICT_LOSES: it is read, without what the reader does not know
 * @PT2_VERDICT_BREAKS: it is refused, once a program uses what changed
 * @PT2_VERDICT_MISREADS: it is read as something else, and nobody notices
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_VERDICT_SAFE,
  PT2_VERDICT_LOSES,
  PT2_VERDICT_BREAKS,
  PT2_VERDICT_MISREADS,
} Pt2Verdict;
/* "safe", "loses", "breaks", "misreads". */
PT2_API const char *pt2_verdict_name (Pt2Verdict verdict);

/* What PyTorch's own script that keeps the version would ask for. Since: 1.0 */
typedef enum
{
  PT2_DEMAND_NOTHING,
  PT2_DEMAND_MINOR,
  PT2_DEMAND_MAJOR,
  PT2_DEMAND_REJECTED, /* it refuses the change whatever the version */
} Pt2Demand;
/* "nothing", "minor", "major", "rejected". */
PT2_API const char *pt2_demand_name (Pt2Demand demand);

/**
 * Pt2SchemaChange:
 * @rule: stable id of the rule, such as "field-added-required"
 * @where: "Node.name", or the name of a type
 * @was: @is: what stood there before and what stands there now; "" for nothing
 * @happens: what readers do, a sentence
 * @json: @compact: how it is read: [0] the new schema reads what the old one wrote, [1] the reverse. JSON as
 *   PyTorch's reader of that schema does, which knows no keys beside its own up to 8.8 and passes over them later;
 *   compact as readers do that demand what the schema demands
 *
 * Valid during the call that hands it out.
 * Since: 1.0
 */
typedef struct
{
  const char *rule, *where, *was, *is, *happens;
  Pt2Verdict json[2], compact[2];
  Pt2Demand demand;
} Pt2SchemaChange;
typedef void (*Pt2SchemaChangeFunc) (const Pt2SchemaChange *change, gpointer data);

/* The rules by which changes are told, as Pt2SchemaChange.rule has them: the id of one; NULL beyond the end. */
PT2_API const char *pt2_audit_rule_name (guint index);

/**
 * pt2_idl_audit:
 * @func: (scope call): called for every change, by type in the order of @newer, removed types last
 *
 * Returns: how many changes there are
 * Since: 1.0
 */
PT2_API guint pt2_idl_audit (Pt2Idl *older, Pt2Idl *newer, Pt2SchemaChangeFunc func, gpointer data);

/* ---- who can read it ---- */

/**
 * Pt2ReaderFinding:
 * @verdict: what the reader makes of it
 * @what: "Node.name: not known, passed over"
 * @count: @where: in how many places, and the field path of the first
 *
 * Valid during the call that hands it out.
 * Since: 1.0
 */
typedef struct
{
  Pt2Verdict verdict;
  const char *what, *where;
  guint64 count;
} Pt2ReaderFinding;
typedef void (*Pt2ReaderFunc) (const Pt2ReaderFinding *finding, gpointer data);

/**
 * pt2_idl_check_program:
 * @reader: whose types the program is held against
 * @program: of any major
 * @limits: (nullable): %NULL for the default
 * @func: (nullable) (scope call): called for each kind of finding, in the order of their first places
 * @verdict: (out): the worst
 *
 * What would PyTorch's reader of that schema make of the program's JSON? Decided from what the program uses: a reader
 * refuses another major, and of its own major whatever uses a member, a value or a required key that it does not have.
 * Only the schema is looked at, not operators, weights or the layout of an archive.
 * Returns: %FALSE with an error if the program cannot be written as JSON (J…), or for want of memory
 * Since: 1.0
 */
PT2_API gboolean pt2_idl_check_program (Pt2Idl *reader, Pt2Program *program, const Pt2Limits *limits,
                                        Pt2ReaderFunc func, gpointer data, Pt2Verdict *verdict, GError **error);

/* ---- every field, written with one schema and read with another ---- */

/* The encodings of pt2_idl_try(). Since: 1.0 */
typedef enum
{
  PT2_ENCODING_JSON,
  PT2_ENCODING_COMPACT,
} Pt2Encoding;

/**
 * Pt2TrialResult:
 * @counts: by Pt2Verdict: how many values
 * @worst: the worst verdict
 * @where: (transfer full): the first field that had it, such as "Argument.as_complex"; "" if all are safe
 *
 * Since: 1.0
 */
typedef struct
{
  guint counts[4];
  Pt2Verdict worst;
  char *where;
} Pt2TrialResult;

/**
 * Pt2Trial:
 * @type: @field: what the value is made for: a field of a struct, a member of a union
 * @value: of an enum's field, the name of its value; else NULL
 * @bytes: @len: the value, of @type, as the writer writes it
 * @verdict: what the reader makes of it
 *
 * Valid during the call that hands it out.
 * Since: 1.0
 */
typedef struct
{
  const char *type, *field, *value;
  const guint8 *bytes;
  gsize len;
  Pt2Verdict verdict;
} Pt2Trial;
typedef void (*Pt2TrialFunc) (const Pt2Trial *trial, gpointer data);

/**
 * pt2_idl_try_each:
 * @writer: @reader: two schemas; may be one
 * @func: (scope call): called for each value, in the order of the writer's types and fields
 *
 * For each type that both have, and for each field, member and value of it in @writer: makes a value with that and
 * what is required, writes it as @writer does, reads it as @reader does, and looks at what came. JSON is spelled as the
 * PyTorch of that schema spelled it, and read as strictly as PyTorch reads it: scalars are not looked at.
 * Returns: %FALSE with L001
 * Since: 1.0
 */
PT2_API gboolean pt2_idl_try_each (Pt2Idl *writer, Pt2Idl *reader, Pt2Encoding encoding, Pt2TrialFunc func,
                                   gpointer data, GError **error);

/**
 * pt2_idl_try:
 * @writer: @reader: two schemas
 * @result: (out): @result->where is to be freed with g_free()
 *
 * pt2_idl_try_each(), counted.
 * Returns: %FALSE with L001
 * Since: 1.0
 */
PT2_API gboolean pt2_idl_try (Pt2Idl *writer, Pt2Idl *reader, Pt2Encoding encoding, Pt2TrialResult *result,
                              GError **error);

G_END_DECLS
