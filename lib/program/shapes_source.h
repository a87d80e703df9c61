/* SPDX-License-Identifier: Apache-2.0 */
/* A place in a program, whether it has structs (major 8) or is a tree of JSON (majors 1 to 7), so that what looks into
 * both is written once. A place that is not there is one like any other: all questions give nothing. */
#pragma once

#include "program.h"

typedef struct
{
  Pt2Value value;          /* major 8 */
  const Pt2JsonNode *node; /* older; NULL for none */
} Pt2Source;

Pt2Source pt2_source_root (Pt2Program *program);
bool pt2_source_exists (Pt2Source source);
/* A field, or a union's member if that is chosen; a null is not there. */
Pt2Source pt2_source_get (Pt2Source source, const char *name);
Pt2Source pt2_source_at (Pt2Source source, const char *const *names, guint n);
guint pt2_source_length (Pt2Source source);
Pt2Source pt2_source_item (Pt2Source source, guint index); /* list item, or map value */
Pt2String pt2_source_key (Pt2Source source, guint index);  /* map key */
Pt2String pt2_source_text (Pt2Source source);              /* { NULL, 0 } if it is no text */
bool pt2_source_integer (Pt2Source source, gint64 *out);
bool pt2_source_boolean (Pt2Source source, bool *out);
