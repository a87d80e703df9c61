/* SPDX-License-Identifier: Apache-2.0 */
/* A bump allocator: many small immutable values, freed at once.
 *
 * Blocks grow with what there is, so n bytes take O(log n) system allocations. Memory
 * is NOT zeroed. The budget bounds the total; passing it fails with L003 (or
 * L001 when the system has none left), never an abort.
 * Not thread-safe while it grows; what it holds may be read from any thread.
 */
#pragma once

#include "pt2-types.h"

typedef struct Pt2ArenaBlock Pt2ArenaBlock;

typedef struct
{
  char *next; /* first free byte, 8-aligned */
  char *end;
  Pt2ArenaBlock *blocks;
  size_t next_block;  /* bytes of the next block at least */
  uint64_t total;     /* bytes of all blocks */
  uint64_t budget;    /* bytes in all blocks at most */
  bool out_of_budget; /* why the last grow failed: budget (true) or system (false) */
} Pt2Arena;

void pt2_arena_init (Pt2Arena *arena, uint64_t budget, size_t first_block_hint);
void pt2_arena_clear (Pt2Arena *arena);
uint64_t pt2_arena_bytes (const Pt2Arena *arena); /* taken from the system */
void *pt2_arena_grow (Pt2Arena *arena, size_t size) __attribute__ ((cold, noinline));

/* As malloc (free with free()), large blocks in huge pages where the system has them: a program of a million nodes
 * touches its memory once, and that many faults on small pages cost as much as reading it. */
void *pt2_large_alloc (size_t size);

/* Returns SIZE bytes, 8-aligned, or NULL. SIZE 0 gives a pointer that is not NULL; others may be equal to it. */
static inline void *
pt2_arena_alloc (Pt2Arena *arena, size_t size)
{
  size_t rounded = (size + 7) & ~(size_t)7;
  if (G_UNLIKELY (rounded < size || rounded > (size_t)(arena->end - arena->next)))
    return pt2_arena_grow (arena, size);
  void *p = arena->next;
  arena->next += rounded;
  return p;
}

/* Gives back the tail of the newest allocation (LAST .. LAST+SIZE), keeping KEEP bytes. */
static inline void
pt2_arena_shrink_last (Pt2Arena *arena, void *last, size_t keep)
{
  arena->next = (char *)last + ((keep + 7) & ~(size_t)7);
}
