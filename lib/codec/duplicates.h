/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a key that stands twice in a map. Expected linear time; the table is
 * kept between calls so that many small maps cost no allocation. */
#pragma once

#include "schema.h"
#include <string.h>

typedef struct
{
  uint64_t *slots;
  size_t size;      /* a power of two, or 0 */
  uint64_t *hashes; /* of keys of maps that are being read, an inner one's behind those of the map around it */
  size_t n_hashes;
  size_t hashes_size;
} Pt2KeyTable;

enum
{
  PT2_FEW_KEYS = 8, /* compared pair by pair, without hashes */
};

#define PT2_NO_DUPLICATE UINT32_MAX
#define PT2_DUPLICATE_NO_MEMORY (UINT32_MAX - 1)

/* Index of the first entry whose key came before, or one of the above. TYPE is the map's. */
uint32_t pt2_find_duplicate_key (Pt2KeyTable *table, const Pt2TypeInfo *type, const Pt2AnyMap *map);
/* The same with HASHES of all keys, which are texts, for a map of more than PT2_FEW_KEYS: a reader that makes them
 * while it has the keys at hand spares another look at each. */
uint32_t pt2_find_duplicate_hash (Pt2KeyTable *table, const Pt2TypeInfo *type, const Pt2AnyMap *map,
                                  const uint64_t *hashes);
/* Room for N more hashes: the number of the first in table->hashes, which may move; SIZE_MAX: no memory. */
size_t pt2_key_table_push (Pt2KeyTable *table, uint32_t n);
void pt2_key_table_clear (Pt2KeyTable *table);

static inline uint64_t
pt2_hash_mix (uint64_t hash, uint64_t word)
{
  hash = (hash ^ word) * UINT64_C (0x9e3779b97f4a7c15);
  return hash ^ hash >> 29;
}

/* Not keyed: an attacker who makes keys collide is stopped by a limit of probes. */
static inline uint64_t
pt2_hash_key (const char *data, size_t len)
{
  uint64_t hash = len, word;
  for (; len >= 8; data += 8, len -= 8)
    {
      memcpy (&word, data, 8);
      hash = pt2_hash_mix (hash, word);
    }
  word = 0;
  if (len > 0)
    memcpy (&word, data, len);
  return pt2_hash_mix (hash, word);
}
