/* SPDX-License-Identifier: Apache-2.0 */
/* Finds texts among items in constant time, whoever chose the texts: the hash is keyed with
 * random bits, so nobody can make them collide.
 *
 * The items are the caller's: an array whose elements begin with a Pt2String. The index
 * keeps their numbers only, so the array may move between calls. Never aborts for want
 * of memory. An index that no longer changes may be read from any thread.
 */
#pragma once

#include "pt2-types.h"
#include <string.h>

/* What makes a hash nobody's but ours. */
typedef struct
{
  uint64_t words[2];
} Pt2TextKey;

typedef struct
{
  uint32_t number; /* of an item + 1; 0: free */
  uint32_t tag;    /* of its hash, so that few others are looked at */
} Pt2TextSlot;

typedef struct
{
  Pt2TextSlot *slots;
  size_t size; /* a power of two, or 0 */
  uint32_t n;  /* items in it */
  Pt2TextKey key;
} Pt2TextIndex;

/* For tables of another make: a random key, and the hash of TEXT under it. */
void pt2_text_key_init (Pt2TextKey *key);
uint64_t pt2_text_hash (const Pt2TextKey *key, Pt2String text);

/* Another one than any that a file could be made for. */
void pt2_text_index_init (Pt2TextIndex *index);
void pt2_text_index_clear (Pt2TextIndex *index);

#define PT2_TEXT_INDEX_NONE UINT32_MAX

/* Number of the item with TEXT, or PT2_TEXT_INDEX_NONE. STRIDE: bytes of an item. */
uint32_t pt2_text_index_find (const Pt2TextIndex *index, const void *items, size_t stride, Pt2String text);
/* Room for N items in an index that is empty yet: they are then not hashed again while it grows. */
bool pt2_text_index_reserve (Pt2TextIndex *index, uint32_t n);
/* Which of 2^BITS places in a table of the texts that were seen last is that of TEXT. Cheap, and without a key: whoever
 * makes texts meet there only takes the speed away. */
static inline uint32_t
pt2_text_spot (Pt2String text, unsigned bits)
{
  uint32_t n = MIN (text.len, 8), rest = text.len - n;
  uint64_t word = 0, mixed = text.len;
  for (uint32_t i = 0; n > 0 && i <= 4; i++)
    {
      memcpy (&word, text.data + (uint64_t)rest * i / 4, n);
      mixed ^= word * (2 * i + 1);
    }
  return (uint32_t)(mixed * UINT64_C (0x9e3779b97f4a7c15) >> (64 - bits));
}

/* Adds item NUMBER, whose text is not in yet; false if there is no memory. */
bool pt2_text_index_add (Pt2TextIndex *index, const void *items, size_t stride, uint32_t number);
/* Adds item NUMBER unless there is one with its text. NUMBER; or that of the other; or PT2_TEXT_INDEX_NONE, no memory.
 */
uint32_t pt2_text_index_claim (Pt2TextIndex *index, const void *items, size_t stride, uint32_t number);
