/* SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"
#include <string.h>

/* A document takes a bounded multiple of its input, with room to spare: native values at most 56 bytes for each
 * wire byte (tests/unit/test_schema.c), an unknown boolean in every empty struct about 80. A reader that wants more
 * has a fault. */
enum
{
  MEMORY_FACTOR = 128,
};
#define MEMORY_CONSTANT ((uint64_t)1 << 20)

/* Owner of extras: a struct and its first member may share an address, so the type is part of the key. */
typedef struct
{
  const Pt2StructInfo *info;
  const void *owner;
  Pt2Extra *first;
  Pt2Extra *last;
} ExtraList;

/* Open addressing, at most half full, in the arena. */
struct Pt2ExtraTable
{
  size_t size; /* a power of two */
  size_t n;
  ExtraList *slots[];
};

/* Where the list of OWNER stands, or the empty slot where it would. Multiplying by the golden ratio keeps
 * addresses apart at any distance that a file could lay between them. */
static ExtraList **
find_slot (Pt2ExtraTable *table, const Pt2StructInfo *info, const void *owner)
{
  uint64_t hash = (uint64_t)(uintptr_t)owner / 8 * UINT64_C (0x9e3779b97f4a7c15);
  size_t slot = (size_t)(hash >> 20) & (table->size - 1);
  while (table->slots[slot] != NULL && (table->slots[slot]->owner != owner || table->slots[slot]->info != info))
    slot = (slot + 1) & (table->size - 1);
  return &table->slots[slot];
}

static bool
grow_table (Pt2Document *document)
{
  const Pt2ExtraTable *old = document->extras;
  size_t size = old == NULL ? 16 : old->size * 2;
  Pt2ExtraTable *table = pt2_arena_alloc (&document->arena, sizeof *table + size * sizeof table->slots[0]);
  if (table == NULL)
    return false;
  memset (table->slots, 0, size * sizeof table->slots[0]);
  table->size = size;
  table->n = old == NULL ? 0 : old->n;
  for (size_t i = 0; old != NULL && i < old->size; i++)
    if (old->slots[i] != NULL)
      *find_slot (table, old->slots[i]->info, old->slots[i]->owner) = old->slots[i];
  document->extras = table;
  return true;
}

void
pt2_document_init (Pt2Document *document, const Pt2Schema *schema, const Pt2StructInfo *type, const Pt2Limits *limits,
                   size_t input_size)
{
  *document = (Pt2Document){ .schema = schema, .type = type };
  uint64_t budget = limits->memory;
  if (input_size < (UINT64_MAX - MEMORY_CONSTANT) / MEMORY_FACTOR)
    budget = MIN (budget, (uint64_t)input_size * MEMORY_FACTOR + MEMORY_CONSTANT);
  pt2_arena_init (&document->arena, budget, MIN (input_size, budget));
}

void
pt2_document_clear (Pt2Document *document)
{
  pt2_arena_clear (&document->arena);
  document->extras = NULL;
  document->root = NULL;
}

static ExtraList *
list_of (Pt2Document *document, const Pt2StructInfo *info, const void *owner)
{
  if ((document->extras == NULL || document->extras->n * 2 >= document->extras->size) && !grow_table (document))
    return NULL;
  ExtraList **slot = find_slot (document->extras, info, owner);
  if (*slot != NULL)
    return *slot;
  ExtraList *list = pt2_arena_alloc (&document->arena, sizeof *list);
  if (list == NULL)
    return NULL;
  *list = (ExtraList){ info, owner, NULL, NULL };
  document->extras->n++;
  return *slot = list;
}

bool
pt2_document_add_extra (Pt2Document *document, const Pt2StructInfo *info, const void *owner, const Pt2Extra *extra)
{
  Pt2Extra *copy = pt2_arena_alloc (&document->arena, sizeof *copy);
  ExtraList *list = copy != NULL ? list_of (document, info, owner) : NULL;
  if (list == NULL)
    return false;
  *copy = *extra;
  copy->next = NULL;
  *(list->last != NULL ? &list->last->next : &list->first) = copy;
  list->last = copy;
  document->n_extras[extra->origin]++;
  return true;
}

void
pt2_document_remove_extra (Pt2Document *document, const Pt2StructInfo *info, const void *owner, const Pt2Extra *extra)
{
  ExtraList *list = *find_slot (document->extras, info, owner);
  Pt2Extra *before = NULL, *at = list->first;
  for (; at != extra; at = at->next)
    before = at;
  *(before != NULL ? &before->next : &list->first) = at->next;
  if (at->next == NULL)
    list->last = before;
  document->n_extras[at->origin]--;
}

const Pt2Extra *
pt2_document_extras (const Pt2Document *document, const Pt2StructInfo *info, const void *owner)
{
  for (; document != NULL; document = document->parent)
    {
      const ExtraList *list = document->extras != NULL ? *find_slot (document->extras, info, owner) : NULL;
      if (list != NULL)
        return list->first;
    }
  return NULL;
}

bool
pt2_document_no_memory (const Pt2Document *document, Pt2Status *status, uint64_t offset)
{
  bool budget = document->arena.out_of_budget;
  return pt2_status_fail (status, budget ? PT2_ERROR_L003 : PT2_ERROR_L001, offset, "%s", "");
}
