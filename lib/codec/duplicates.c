/* SPDX-License-Identifier: Apache-2.0 */
#include "duplicates.h"
#include "sort.h"
#include "value.h"
#include <stdlib.h>
#include <string.h>

enum
{
  FEW = 8, /* compared pair by pair */
};

static uint64_t
mix (uint64_t hash, uint64_t word)
{
  hash = (hash ^ word) * UINT64_C (0x9e3779b97f4a7c15);
  return hash ^ hash >> 29;
}

/* Not keyed: an attacker who makes keys collide is stopped by the probe limit in add_key(). */
static uint64_t
hash_bytes (const char *data, size_t len)
{
  uint64_t hash = len, word;
  for (; len >= 8; data += 8, len -= 8)
    {
      memcpy (&word, data, 8);
      hash = mix (hash, word);
    }
  word = 0;
  if (len > 0)
    memcpy (&word, data, len);
  return mix (hash, word);
}

static uint64_t
hash_key (const Pt2TypeInfo *key, const void *at)
{
  if (key->kind == PT2_KIND_STRING || key->kind == PT2_KIND_BINARY)
    return hash_bytes (((const Pt2String *)at)->data, ((const Pt2String *)at)->len);
  /* Scalars by their bytes; the generator lets no other keys in. */
  return hash_bytes (at, key->size);
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
      table->slots = malloc (size * sizeof *table->slots);
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

uint32_t
pt2_find_duplicate_key (Pt2KeyTable *table, const Pt2TypeInfo *type, const Pt2AnyMap *map)
{
  enum
  {
    AHEAD = 16, /* slots that are on their way while earlier keys are added: a large table lies in no cache */
  };
  uint64_t hashes[AHEAD];
  if (map->len <= FEW)
    return find_among_few (type, map);
  size_t size = prepare_table (table, map->len);
  if (size == 0)
    return PT2_DUPLICATE_NO_MEMORY;
  for (uint32_t start = 0; start < map->len; start += AHEAD)
    {
      uint32_t n = MIN (map->len - start, (uint32_t)AHEAD);
      for (uint32_t i = 0; i < n; i++)
        {
          hashes[i] = hash_key (type->key, key_at (type, map, start + i));
          __builtin_prefetch (&table->slots[hashes[i] & (size - 1)], 1);
        }
      for (uint32_t i = 0; i < n; i++)
        {
          uint32_t found = add_key (table, size, type, map, start + i, hashes[i]);
          if (found != PT2_NO_DUPLICATE)
            return found == TOO_MANY_PROBES ? find_by_sorting (type, map) : found;
        }
    }
  return PT2_NO_DUPLICATE;
}

void
pt2_key_table_clear (Pt2KeyTable *table)
{
  free (table->slots);
  *table = (Pt2KeyTable){ NULL, 0 };
}
