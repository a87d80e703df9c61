/* SPDX-License-Identifier: Apache-2.0 */
#include "json_scratch.h"
#include <stdlib.h>
#include <string.h>

struct Pt2ScratchBlock
{
  Pt2ScratchBlock *newer; /* larger than this one */
  size_t size;            /* usable bytes behind this header */
};

enum
{
  FIRST_BLOCK = 16384,
};

static char *
block_data (Pt2ScratchBlock *block)
{
  return (char *)(block + 1);
}

void
pt2_scratch_init (Pt2Scratch *scratch, Pt2Arena *arena)
{
  *scratch = (Pt2Scratch){ .arena = arena };
}

void
pt2_scratch_clear (Pt2Scratch *scratch)
{
  for (Pt2ScratchBlock *block = scratch->first; block != NULL;)
    {
      Pt2ScratchBlock *newer = block->newer;
      free (block);
      block = newer;
    }
  scratch->arena->budget += scratch->total;
  pt2_scratch_init (scratch, scratch->arena);
}

/* A block behind LAST with room for NEED bytes, larger than any before. */
static Pt2ScratchBlock *
new_block (Pt2Scratch *scratch, Pt2ScratchBlock *last, size_t need)
{
  uint64_t left = scratch->arena->budget - scratch->arena->total;
  size_t size = MAX ((size_t)FIRST_BLOCK, MAX (need, last != NULL ? last->size : 0) * 2);
  size = (size + 7) & ~(size_t)7;
  scratch->arena->out_of_budget = size > left;
  Pt2ScratchBlock *block = size <= left ? pt2_large_alloc (sizeof *block + size) : NULL;
  if (block == NULL)
    return NULL;
  *block = (Pt2ScratchBlock){ NULL, size };
  scratch->arena->budget -= size;
  scratch->total += size;
  if (last != NULL)
    last->newer = block;
  else
    scratch->first = block;
  return block;
}

bool
pt2_scratch_grow (Pt2Scratch *scratch, Pt2ScratchList *list, size_t size)
{
  size_t used = pt2_scratch_used (scratch, list);
  if (size > SIZE_MAX / 8 - used)
    return false;
  Pt2ScratchBlock *last = scratch->block, *block = last != NULL ? last->newer : scratch->first;
  for (; block != NULL && block->size < used + size; block = block->newer)
    last = block;
  if (block == NULL && (block = new_block (scratch, last, used + size)) == NULL)
    return false;
  if (used > 0)
    memcpy (block_data (block), list->items, used);
  list->items = block_data (block);
  scratch->block = block;
  scratch->next = list->items + used;
  scratch->end = list->items + block->size;
  return true;
}

void
pt2_scratch_return (Pt2Scratch *scratch, const Pt2ScratchList *list)
{
  scratch->block = list->block;
  scratch->end = list->block != NULL ? block_data (list->block) + list->block->size : NULL;
}
