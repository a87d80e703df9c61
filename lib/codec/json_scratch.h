/* SPDX-License-Identifier: Apache-2.0 */
/* Where a list grows while its length is unknown: a stack of items, copied to the arena when complete.
 *
 * Lists nest as values do, and only the innermost one grows. An item stays where it is until its list
 * grows (never while the item is being read), so pointers into items of outer lists hold. Blocks double
 * and are kept until the end: O(log n) system allocations. What they take counts against the arena's budget.
 */
#pragma once

#include "arena.h"

typedef struct Pt2ScratchBlock Pt2ScratchBlock;

typedef struct
{
  char *next;
  char *end;
  Pt2ScratchBlock *block;
  Pt2ScratchBlock *first;
  Pt2Arena *arena;
  uint64_t total;
} Pt2Scratch;

/* One list that grows. */
typedef struct
{
  char *items;
  Pt2ScratchBlock *block; /* to go back to */
  char *start;
} Pt2ScratchList;

void pt2_scratch_init (Pt2Scratch *scratch, Pt2Arena *arena);
void pt2_scratch_clear (Pt2Scratch *scratch);
bool pt2_scratch_grow (Pt2Scratch *scratch, Pt2ScratchList *list, size_t size) __attribute__ ((cold, noinline));
void pt2_scratch_return (Pt2Scratch *scratch, const Pt2ScratchList *list) __attribute__ ((cold, noinline));

static inline void
pt2_scratch_begin (Pt2Scratch *scratch, Pt2ScratchList *list)
{
  *list = (Pt2ScratchList){ scratch->next, scratch->block, scratch->next };
}

/* Room for one more item of SIZE bytes, not zeroed; NULL if there is no memory. */
static inline void *
pt2_scratch_push (Pt2Scratch *scratch, Pt2ScratchList *list, size_t size)
{
  if (G_UNLIKELY ((size_t)(scratch->end - scratch->next) < size) && !pt2_scratch_grow (scratch, list, size))
    return NULL;
  void *item = scratch->next;
  scratch->next += size;
  return item;
}

/* Bytes of all items. */
static inline size_t
pt2_scratch_used (const Pt2Scratch *scratch, const Pt2ScratchList *list)
{
  return (size_t)(scratch->next - list->items);
}

/* Forgets the items. */
static inline void
pt2_scratch_end (Pt2Scratch *scratch, const Pt2ScratchList *list)
{
  if (G_UNLIKELY (scratch->block != list->block))
    pt2_scratch_return (scratch, list);
  scratch->next = list->start;
}
