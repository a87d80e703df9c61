/* SPDX-License-Identifier: Apache-2.0 */
/* Parts the schema does not know, on their way between the encodings.
 *
 * JSON parts travel in compact as one text field (id PT2_EXTRAS_FIELD_ID):
 *   [[AFTER, "KEY", VALUE], …]
 * AFTER is the name of the known field that stood before the part, or null. KEY and
 * VALUE are spelled as in the JSON they came from. docs/format-compact.md.
 */
#pragma once

#include "codec.h"

/* Adds the JSON parts in TEXT to OWNER; false if TEXT is not of the form above. */
bool pt2_extras_parse (Pt2Document *document, const Pt2StructInfo *info, const void *owner, Pt2String text);

/* Appends the reserved field's text for the JSON parts among EXTRAS. False: no memory. */
bool pt2_extras_print (const Pt2StructInfo *info, const Pt2Extra *extras, Pt2Buffer *out);

/* Does a JSON part stand for this known field (a number too large for its type)? */
bool pt2_extras_hold_field (const Pt2Document *document, const Pt2StructInfo *info, const void *owner,
                            const Pt2FieldInfo *field);

/* The minor in the root's schema_version, 0 if there is none. */
uint32_t pt2_document_find_minor (const Pt2Document *document);
