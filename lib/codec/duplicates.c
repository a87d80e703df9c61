/* SPDX-License-Identifier: Apache-2.0 */
#include "duplicates.h"
#include "arena.h"
#include "sort.h"
#include "value.h"
#include <stdlib.h>
#include <string.h>

static uint64_t
hash_key (const Pt2TypeInfo *key, const void *at)
{
  if (key->kind == PT2_KIND_STRING || key->kind == PT2_KIND_BINARY)
    return pt2_hash_key (((const Pt2String *)at)->data, ((const Pt2String *)at)->len);
  /* Scalars by their bytes; the generator lets no other keys in. */
  return pt2_hash_key (at, key->size);
}

static const char *
key_at (const Pt2TypeInfo *type, const Pt2AnyMap *map, uint32_t index)
{
  return (const char *)map->entries + (size_t)index * type->entry_size;
}

/* Most keys are texts that differ in their length or first bytes. */
static inline bool
same_key (const Pt2TypeInfo *key, const void *a, const void *b)
{
  if (key->kind != PT2_KIND_STRING)
    return pt2_native_equal (key, a, b);
  const Pt2String *x = a, *y = b;
  return x->len == y->len && (x->len == 0 || (x->data[0] == y->data[0] && memcmp (x->data, y->data, x->len) == 0));
}

static uint32_t
find_among_few (const Pt2TypeInfo *type, const Pt2AnyMap *map)
{
  for (uint32_t i = 1; i < map->len; i++)
    for (uint32_t j = 0; j < i; j++)
      if (same_key (type->key, key_at (type, map, i), key_at (type, map, j)))
        return i;
  return PT2_NO_DUPLICATE;
}

/* Slots for N keys, all free: at least as many free ones as keys. Their number, a power of two; 0: no memory. */
static size_t
prepare_table (Pt2KeyTable *table, uint32_t n)
{
  size_t size = 32;
  while (size < (size_t)n * 2)
    size *= 2;
  if (size > table->size)
    {
      free (table->slots);
      table->slots = pt2_large_alloc (size * sizeof *table->slots);
      table->size = table->slots != NULL ? size : 0;
    }
  if (table->slots == NULL)
    return 0;
  memset (table->slots, 0xff, size * sizeof *table->slots);
  return size;
}

typedef struct
{
  const Pt2TypeInfo *type;
  const Pt2AnyMap *map;
} Keys;

static int
compare_keys (uint32_t a, uint32_t b, const void *data)
{
  const Keys *keys = data;
  const Pt2TypeInfo *key = keys->type->key;
  const Pt2String *x = (const Pt2String *)key_at (keys->type, keys->map, a);
  const Pt2String *y = (const Pt2String *)key_at (keys->type, keys->map, b);
  if (key->kind != PT2_KIND_STRING && key->kind != PT2_KIND_BINARY)
    return memcmp (x, y, key->size);
  if (x->len != y->len)
    return x->len < y->len ? -1 : 1;
  return x->len == 0 ? 0 : memcmp (x->data, y->data, x->len);
}

/* For keys made to collide. */
static uint32_t
find_by_sorting (const Pt2TypeInfo *type, const Pt2AnyMap *map)
{
  uint32_t *order = g_try_new (uint32_t, map->len);
  Keys keys = { type, map };
  if (order == NULL)
    return PT2_DUPLICATE_NO_MEMORY;
  for (uint32_t i = 0; i < map->len; i++)
    order[i] = i;
  pt2_sort (order, map->len, compare_keys, &keys);
  uint32_t found = PT2_NO_DUPLICATE;
  for (uint32_t i = 1; i < map->len; i++)
    if (order[i] < found && compare_keys (order[i - 1], order[i], &keys) == 0)
      found = order[i];
  g_free (order);
  return found;
}

/* A slot holds the number of a key and the upper half of its hash, which tells most others apart without a look. */
static inline uint64_t
slot_of (uint64_t hash, uint32_t index)
{
  return (hash & ~(uint64_t)UINT32_MAX) | index;
}

#define TOO_MANY_PROBES (UINT32_MAX - 2)

/* Adds key INDEX to the table: PT2_NO_DUPLICATE; INDEX if it stands there; TOO_MANY_PROBES: the table is no use. */
static uint32_t
add_key (Pt2KeyTable *table, size_t size, const Pt2TypeInfo *type, const Pt2AnyMap *map, uint32_t index, uint64_t hash)
{
  enum
  {
    MOST_PROBES = 128,
  };
  size_t slot = hash & (size - 1);
  for (unsigned probes = 0; table->slots[slot] != UINT64_MAX; slot = (slot + 1) & (size - 1), probes++)
    {
      uint64_t other = table->slots[slot];
      if ((other ^ hash) >> 32 == 0
          && same_key (type->key, key_at (type, map, index), key_at (type, map, (uint32_t)other)))
        return index;
      if (probes == MOST_PROBES)
        return TOO_MANY_PROBES;
    }
  table->slots[slot] = slot_of (hash, index);
  return PT2_NO_DUPLICATE;
}

enum
{
  AHEAD = 16, /* slots that are on their way while earlier keys are added: a large table lies in no cache */
};

static uint32_t
add_keys (Pt2KeyTable *table, size_t size, const Keys *keys, uint32_t start, uint32_t n, const uint64_t *hashes)
{
  for (uint32_t i = 0; i < n; i++)
    __builtin_prefetch (&table->slots[hashes[i] & (size - 1)], 1);
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t found = add_key (table, size, keys->type, keys->map, start + i, hashes[i]);
      if (found != PT2_NO_DUPLICATE)
        return found;
    }
  return PT2_NO_DUPLICATE;
}

/* HASHES NULL: they are made here. */
static uint32_t
find_among_many (Pt2KeyTable *table, const Keys *keys, const uint64_t *hashes)
{
  uint64_t made[AHEAD];
  const Pt2AnyMap *map = keys->map;
  size_t size = prepare_table (table, map->len);
  uint32_t found = size == 0 ? PT2_DUPLICATE_NO_MEMORY : PT2_NO_DUPLICATE;
  for (uint32_t start = 0; start < map->len && found == PT2_NO_DUPLICATE; start += AHEAD)
    {
      uint32_t n = MIN (map->len - start, (uint32_t)AHEAD);
      for (uint32_t i = 0; i < n && hashes == NULL; i++)
        made[i] = hash_key (keys->type->key, key_at (keys->type, map, start + i));
      found = add_keys (table, size, keys, start, n, hashes != NULL ? hashes + start : made);
    }
  return found == TOO_MANY_PROBES ? find_by_sorting (keys->type, map) : found;
}

uint32_t
pt2_find_duplicate_key (Pt2KeyTable *table, const Pt2TypeInfo *type, const Pt2AnyMap *map)
{
  return map->len <= PT2_FEW_KEYS ? find_among_few (type, map) : find_among_many (table, &(Keys){ type, map }, NULL);
}

uint32_t
pt2_find_duplicate_hash (Pt2KeyTable *table, const Pt2TypeInfo *type, const Pt2AnyMap *map, const uint64_t *hashes)
{
  return find_among_many (table, &(Keys){ type, map }, hashes);
}

size_t
pt2_key_table_push (Pt2KeyTable *table, uint32_t n)
{
  size_t first = table->n_hashes;
  if (table->hashes_size - first < n)
    {
      size_t size = (first + n) * 2;
      uint64_t *grown = pt2_large_alloc (size * sizeof *grown);
      if (grown == NULL)
        return SIZE_MAX;
      if (first > 0)
        memcpy (grown, table->hashes, first * sizeof *grown);
      free (table->hashes);
      table->hashes = grown;
      table->hashes_size = size;
    }
  table->n_hashes = first + n;
  return first;
}

void
pt2_key_table_clear (Pt2KeyTable *table)
{
  free (table->slots);
  free (table->hashes);
  *table = (Pt2KeyTable){ NULL, 0 };
}
