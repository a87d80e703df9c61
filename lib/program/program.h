/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a Pt2Program. Immutable but for the signature, which is made once
 * on first use. Never does file I/O; never evaluates anything. */
#pragma once

#include "codec.h"
#include "json_tree.h"
#include "pt2-program.h"
#include "text_index.h"

/* Items by one of their texts. */
typedef struct
{
  struct Pt2NamedItem *entries;
  Pt2TextIndex index;
} Pt2ItemTable;

/* What outputs say of inputs: whose new value or gradient they are. */
typedef enum
{
  PT2_MUTATION_OF_TARGET,
  PT2_MUTATION_OF_INPUT,
  PT2_GRADIENT_OF_TARGET,
  PT2_GRADIENT_OF_INPUT,
  PT2_N_OUTPUT_TABLES,
} Pt2OutputTable;

typedef struct
{
  Pt2Arena arena;
  Pt2SignatureItem *inputs, *outputs;
  Pt2Range *ranges;
  Pt2OpsetVersion *opsets;
  guint n_inputs, n_outputs, n_ranges, n_opsets;
  const Pt2SignatureItem **user_inputs, **user_outputs;
  guint n_user_inputs, n_user_outputs;
  Pt2ItemTable inputs_by_name, inputs_by_target, outputs_by_use[PT2_N_OUTPUT_TABLES];
  bool incomplete; /* memory ran out while it was made */
} Pt2Signature;

static inline void *
pt2_signature_alloc (Pt2Signature *signature, size_t size)
{
  void *memory = pt2_arena_alloc (&signature->arena, size);
  signature->incomplete = signature->incomplete || memory == NULL;
  return memory;
}

struct _Pt2Program
{
  gatomicrefcount references;
  Pt2Program *base; /* what it was made of (draft.h), whose values and texts it may use; or NULL */
  GBytes *input;    /* as it came; NULL if it was made here */
  GBytes *bytes;    /* JSON text or compact, inflated; the document aliases it */
  Pt2Form form;
  int64_t major, minor;
  Pt2Document document; /* root NULL for majors 1–7 */
  Pt2Arena tree_arena;  /* majors 1–7 */
  const Pt2JsonNode *tree;
  Pt2String torch_version;
  gsize signature; /* Pt2Signature *, by g_once_init */
};

/* A program of DOCUMENT (taken over; its root is there), which uses values of BASE (or NULL; a reference is taken). */
Pt2Program *pt2_program_new_from_document (const Pt2Document *document, Pt2Program *base);

/* Made on first use; never NULL (an empty one when memory ran out). */
const Pt2Signature *pt2_program_signature (Pt2Program *program);
/* The parts of it, from native values or from a JSON tree. */
void pt2_signature_from_native (Pt2Program *program, Pt2Signature *signature);
void pt2_signature_from_tree (Pt2Program *program, Pt2Signature *signature);
/* What VALUE, a union of an argument's kinds, holds if it is a constant, as JSON text; { NULL, 0 } if it is none. */
Pt2String pt2_signature_constant (const Pt2Program *program, Pt2Signature *signature, Pt2Value value);
/* The same of a JSON tree: the union's MEMBER, and what is in it. */
Pt2String pt2_signature_tree_constant (Pt2String member, const Pt2JsonNode *value);
/* The views of both: lists and look-ups. */
void pt2_signature_make_views (Pt2Signature *signature);
void pt2_signature_clear_views (Pt2Signature *signature);
/* One row for each kind of spec: how the schema names it, how torch does, and what it targets. */
typedef struct
{
  const char *member;
  const char *kind;
  const char *target; /* field that names the target, or NULL */
} Pt2SpecKind;
const Pt2SpecKind *pt2_input_kind (const char *member, size_t len);
const Pt2SpecKind *pt2_output_kind (const char *member, size_t len);

/* version_rules.c: what LIMITS says of versions and unknown parts; L013 to L016. */
bool pt2_program_check_rules (Pt2Program *program, const Pt2Limits *limits, Pt2Status *status);

/* Zstd: compress with the library's fixed parameters; decompress exactly one frame within the limits. */
GBytes *pt2_zstd_compress (GBytes *bytes, GError **error);
GBytes *pt2_zstd_decompress (GBytes *bytes, const Pt2Limits *limits, GError **error);
