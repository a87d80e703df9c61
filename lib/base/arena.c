/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"
#include <stdlib.h>
#include <sys/mman.h>

struct Pt2ArenaBlock
{
  Pt2ArenaBlock *previous;
  size_t size; /* usable bytes behind this header */
};

enum
{
  MIN_BLOCK = 4096,
};

/* Below this a block doubles what there is; above, it adds a quarter: fewer unused bytes, still O(log n) blocks. */
#define DOUBLING_ENDS ((uint64_t)1 << 20)

void *
pt2_large_alloc (size_t size)
{
#ifdef MADV_HUGEPAGE
  enum
  {
    HUGE_PAGE = 2 << 20,
  };
  void *memory = NULL;
  if (size >= HUGE_PAGE)
    {
      if (posix_memalign (&memory, HUGE_PAGE, size) != 0)
        return NULL;
      madvise (memory, size, MADV_HUGEPAGE); /* an advice: nothing is lost if it fails */
      return memory;
    }
#endif
  return malloc (size);
}

void
pt2_arena_init (Pt2Arena *arena, uint64_t budget, size_t first_block_hint)
{
  /* No room, but a pointer that is not NULL: what an empty list may have. */
  static char nothing[8] __attribute__ ((aligned (8)));
  *arena = (Pt2Arena){ .budget = budget, .next = nothing, .end = nothing };
  /* An empty block of the hinted size is only remembered: nothing is allocated before it is needed. */
  arena->next_block = first_block_hint < MIN_BLOCK ? MIN_BLOCK : first_block_hint;
}

void
pt2_arena_clear (Pt2Arena *arena)
{
  for (Pt2ArenaBlock *block = arena->blocks; block != NULL;)
    {
      Pt2ArenaBlock *previous = block->previous;
      free (block);
      block = previous;
    }
  *arena = (Pt2Arena){ 0 };
}

uint64_t
pt2_arena_bytes (const Pt2Arena *arena)
{
  return arena->total;
}

static size_t
block_size_for (const Pt2Arena *arena, size_t size)
{
  uint64_t left = arena->budget - arena->total;
  size_t want = arena->next_block > size ? arena->next_block : size;
  /* The last block is all that the budget leaves: still O(log n) blocks. */
  if (want > left)
    want = (size_t)left;
  return want >= size ? want : 0;
}

void *
pt2_arena_grow (Pt2Arena *arena, size_t size)
{
  size = size == 0 ? 8 : size;
  size_t rounded = (size + 7) & ~(size_t)7;
  arena->out_of_budget = true;
  if (rounded < size || rounded > SIZE_MAX / 2 || (size = block_size_for (arena, rounded)) == 0)
    return NULL;
  Pt2ArenaBlock *block = pt2_large_alloc (sizeof *block + size);
  if (block == NULL)
    {
      arena->out_of_budget = false;
      return NULL;
    }
  *block = (Pt2ArenaBlock){ arena->blocks, size };
  arena->blocks = block;
  arena->total += size;
  arena->next_block = (size_t)(arena->total < DOUBLING_ENDS ? arena->total : arena->total / 4);
  char *start = (char *)(block + 1);
  arena->end = start + size;
  arena->next = start + rounded;
  return start;
}
