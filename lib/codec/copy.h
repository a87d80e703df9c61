/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of native values, by the field tables: what a change to a loaded
 * program begins with, since that itself never changes.
 *
 * Parts the schema does not know go along. Texts are not copied: they stay
 * where they are, so the source's bytes must outlive the copy.
 */
#pragma once

#include "codec.h"

/* Copies the value of TYPE at FROM (of document SOURCE) to TO: type->size bytes, whose lists, maps and pointers are new
 * ones in DOCUMENT's arena. Recursion is as deep as the value, which the readers bounded. False: no memory. */
bool pt2_copy_value (Pt2Document *document, const Pt2Document *source, const Pt2TypeInfo *type, void *to,
                     const void *from);

/* The same, but for what is in structs SHARED and in lists of scalars and texts: that may be the source's, which must
 * outlive the copy. */
bool pt2_copy_named (Pt2Document *document, const Pt2Document *source, const Pt2TypeInfo *type,
                     const Pt2StructInfo *shared, void *to, const void *from);

/* The same for the value alone and what stands inline in it: lists, maps and pointers are shared with the source, which
 * must then be an ancestor of DOCUMENT (Pt2Document.parent) or hold no unknown parts. */
bool pt2_copy_shallow (Pt2Document *document, const Pt2Document *source, const Pt2TypeInfo *type, void *to,
                       const void *from);
