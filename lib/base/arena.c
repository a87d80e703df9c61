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

enum
{
  MAPPED = 128 << 10, /* blocks from here on come from the system as they are, all zeros */
  HUGE_PAGE = 2 << 20,
};
#ifndef MAP_POPULATE
#define MAP_POPULATE 0
#endif

static void *
map (size_t size, int flags)
{
  void *memory = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  return memory != MAP_FAILED ? memory : NULL;
}

/* Aligned to huge pages, so that as much of it as can be lies in them. */
static void *
map_huge (size_t size)
{
  size_t whole = size + HUGE_PAGE;
  char *memory = whole > size ? map (whole, 0) : NULL;
  if (memory == NULL)
    return NULL;
  size_t before = -(uintptr_t)memory & (HUGE_PAGE - 1), pages = (size + 4095) & ~(size_t)4095;
  if (before > 0)
    munmap (memory, before);
  if (whole - before > pages)
    munmap (memory + before + pages, whole - before - pages);
#ifdef MADV_HUGEPAGE
  madvise (memory + before, size, MADV_HUGEPAGE); /* an advice: nothing is lost if it fails */
#endif
  return memory + before;
}

void *
pt2_block_alloc (size_t size)
{
  if (size < MAPPED)
    return malloc (size);
  return size < HUGE_PAGE ? map (size, MAP_POPULATE) : map_huge (size);
}

void
pt2_block_free (void *block, size_t size)
{
  if (size < MAPPED)
    free (block);
  else if (block != NULL)
    munmap (block, size);
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
      pt2_block_free (block, sizeof *block + block->size);
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
  Pt2ArenaBlock *block = pt2_block_alloc (sizeof *block + size);
  if (block == NULL)
    {
      arena->out_of_budget = false;
      return NULL;
    }
  *block = (Pt2ArenaBlock){ arena->blocks, size };
  arena->blocks = block;
  arena->total += size;
  arena->clean = sizeof *block + size >= MAPPED;
  arena->next_block = (size_t)(arena->total < DOUBLING_ENDS ? arena->total : arena->total / 4);
  char *start = (char *)(block + 1);
  arena->end = start + size;
  arena->next = start + rounded;
  return start;
}
