/* SPDX-License-Identifier: Apache-2.0 */
/* How each text of a node's metadata is taken apart and put together: one pair of functions for the library's own use
 * (graph, check, evolve) and for pt2-metadata.h. A view is one of the structs there; all begin with a list.
 */
#pragma once

#include "arena.h"
#include "buffer.h"
#include "pt2-metadata.h"
#include "schema.h"
#include "status.h"

/* In the order in which PyTorch writes the keys. */
typedef enum
{
  PT2_METADATA_STACK_TRACE,
  PT2_METADATA_MODULE_STACK,
  PT2_METADATA_SOURCE_FNS,
  PT2_METADATA_TORCH_FN,
  PT2_METADATA_CUSTOM,
  PT2_METADATA_FROM_NODE,
  PT2_METADATA_N_FORMS,
} Pt2MetadataForm;

typedef struct
{
  const char *key;
  size_t view_size;
  size_t item_size;
  unsigned n_texts; /* each item begins with that many Pt2String that the text must give back */
  /* TEXT is not empty; VIEW is zeroed. */
  bool (*read) (Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view, Pt2Status *status);
  /* False: no memory, or, with *BAD set, a text that is no UTF-8 or sources nested too deep. */
  bool (*write) (Pt2Buffer *out, const void *view, bool *bad);
} Pt2MetadataFormInfo;

extern const Pt2MetadataFormInfo pt2_metadata_forms[PT2_METADATA_N_FORMS];

/* Which form the text of KEY has; PT2_METADATA_N_FORMS: none. */
Pt2MetadataForm pt2_metadata_form_of (Pt2String key);

/* Takes TEXT apart into *VIEW, which points into TEXT and ARENA. An empty text is an empty list, as in PyTorch. False
 * with P017, J…, L001 to L003. */
bool pt2_metadata_read (Pt2MetadataForm form, Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view,
                        Pt2Status *status);

/* Finds the next frame of a trace: REST goes on behind its line. `code` is left open. Without memory of its own. */
bool pt2_stack_trace_next (Pt2String *rest, Pt2SourceFrame *frame);

/* In metadata_json.c. */
bool pt2_metadata_read_from_node (Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view,
                                  Pt2Status *status);
bool pt2_metadata_write_from_node (Pt2Buffer *out, const void *view, bool *bad);
bool pt2_metadata_read_custom (Pt2Arena *arena, Pt2String text, const Pt2Limits *limits, void *view, Pt2Status *status);
bool pt2_metadata_write_custom (Pt2Buffer *out, const void *view, bool *bad);
/* Appends TEXT. False: no memory. */
bool pt2_metadata_put (Pt2Buffer *out, Pt2String text);
/* L001 or L003; false. */
bool pt2_metadata_no_memory (const Pt2Arena *arena, Pt2Status *status);
