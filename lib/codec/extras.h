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

/* Takes the JSON parts in TEXT to OWNER: what the schema knows by now into its field (its bit is set in *SEEN, bit i
 * for field i), the rest as extras. DEPTH: levels that a VALUE may have. PT2_ERROR_NONE, T014 (TEXT is not of the form
 * above), or L001 to L003. */
Pt2ErrorCode pt2_extras_parse (Pt2Document *document, const Pt2StructInfo *info, void *owner, Pt2String text,
                               uint64_t depth, uint64_t *seen);

/* Appends the reserved field's text for the JSON parts among EXTRAS. False: no memory. */
bool pt2_extras_print (const Pt2StructInfo *info, const Pt2Extra *extras, Pt2Buffer *out);

/* Does a JSON part stand for this known field (a number too large for its type)? */
bool pt2_extras_hold_field (const Pt2Document *document, const Pt2StructInfo *info, const void *owner,
                            const Pt2FieldInfo *field);

/* Does a JSON part stand for a field that is there as well (bit i of PRESENT: field i is)? */
bool pt2_extras_shadow (const Pt2Document *document, const Pt2StructInfo *info, const void *owner, uint64_t present);

/* The minor in the root's schema_version, 0 if there is none. */
uint32_t pt2_document_find_minor (const Pt2Document *document);
