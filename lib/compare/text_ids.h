/* SPDX-License-Identifier: Apache-2.0 */
/* Texts as small numbers: equal texts get equal numbers, counted from 0. What compares many texts many times compares
 * numbers instead. Never aborts for want of memory; of one thread at a time. */
#pragma once

#include "arena.h"
#include "text_index.h"

typedef struct
{
  Pt2TextIndex index;
  Pt2String *texts; /* by number */
  uint32_t n, room;
  Pt2Arena *copies; /* where texts are kept; NULL: the caller keeps them */
} Pt2TextIds;

/* COPIES (nullable): new texts are copied to it. */
void pt2_text_ids_init (Pt2TextIds *ids, Pt2Arena *copies);
void pt2_text_ids_clear (Pt2TextIds *ids);

#define PT2_TEXT_ID_NONE PT2_TEXT_INDEX_NONE

/* The number of TEXT, a new one if need be; PT2_TEXT_ID_NONE if there is no memory. */
uint32_t pt2_text_ids_add (Pt2TextIds *ids, Pt2String text);
/* The number of TEXT; PT2_TEXT_ID_NONE if it has none. */
uint32_t pt2_text_ids_find (const Pt2TextIds *ids, Pt2String text);
