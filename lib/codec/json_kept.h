/* SPDX-License-Identifier: Apache-2.0 */
/* What the JSON reader met and the schema does not know, until its owner is where it stays: items of a list move while
 * the list grows. Never looks into the values but for keys that stand twice. */
#pragma once

#include "json_cursor.h"

typedef struct Pt2JsonPart Pt2JsonPart;
struct Pt2JsonPart
{
  Pt2JsonPart *older;
  Pt2JsonPart *older_unknown; /* of the same owner; the reader's */
  const Pt2StructInfo *info;
  const char *owner;
  Pt2Extra extra;
};

/* Keeps the value at P, unread, as *NEWEST under KEY: as spelled in the input, or the name of a known field. AFTER:
 * index of the known field before it, -1 if none. Behind the value, or NULL. */
const char *pt2_json_keep (Pt2JsonCursor *c, Pt2JsonPart **newest, const char *p, const Pt2StructInfo *info,
                           const void *owner, Pt2String key, int after);

/* USED bytes of items moved from OLD to NEW: so did the owners among them, all younger than MARK. */
void pt2_json_move_owners (Pt2JsonPart *newest, const Pt2JsonPart *mark, const char *old, size_t used, const char *new);

/* Gives the parts younger than MARK to the document, in the order of the text; *NEWEST is MARK then. False: no memory.
 */
bool pt2_json_hand_over (Pt2Document *document, Pt2JsonPart **newest, Pt2JsonPart *mark);
