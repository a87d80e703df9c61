/* SPDX-License-Identifier: Apache-2.0 */
#include "text_index.h"
#include <stdlib.h>
#include <string.h>

/* ---- the hash: folded products of 64 bits, as in wyhash and foldhash ---- */

/* Both halves of the product. Of two words that are mixed with secrets, nobody can tell what makes it the same. */
static inline uint64_t
fold (uint64_t a, uint64_t b)
{
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t
word_at (const char *p)
{
  uint64_t word;
  memcpy (&word, p, 8);
  return word;
}

/* The first and the last of at most 16 bytes, in two words that overlap. */
static inline void
read_short (const char *p, size_t len, uint64_t words[2])
{
  uint32_t first, last;
  words[0] = words[1] = 0;
  if (len >= 8)
    {
      words[0] = word_at (p);
      words[1] = word_at (p + len - 8);
    }
  else if (len >= 4)
    {
      memcpy (&first, p, 4);
      memcpy (&last, p + len - 4, 4);
      words[0] = first;
      words[1] = last;
    }
  else if (len > 0)
    words[0] = (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[len / 2] << 8
               | (uint64_t)(unsigned char)p[len - 1] << 16;
}

uint64_t
pt2_text_hash (const Pt2TextKey *key, Pt2String text)
{
  const uint64_t k0 = key->words[0], k1 = key->words[1];
  const char *p = text.data;
  size_t left = text.len;
  uint64_t state = k0 ^ text.len, words[2];
  for (; left > 16; p += 16, left -= 16)
    state = fold (word_at (p) ^ state, word_at (p + 8) ^ k1);
  if (text.len > 16)
    {
      words[0] = word_at (p + left - 16);
      words[1] = word_at (p + left - 8);
    }
  else
    read_short (p, left, words);
  return fold (fold (words[0] ^ state, words[1] ^ k1) ^ k0, k1);
}

/* ---- the table: open addressing, at most half full ---- */

void
pt2_text_key_init (Pt2TextKey *key)
{
  for (int i = 0; i < 2; i++)
    key->words[i] = (uint64_t)g_random_int () << 32 | g_random_int ();
}

void
pt2_text_index_init (Pt2TextIndex *index)
{
  *index = (Pt2TextIndex){ .slots = NULL };
  pt2_text_key_init (&index->key);
}

void
pt2_text_index_clear (Pt2TextIndex *index)
{
  free (index->slots);
  *index = (Pt2TextIndex){ .slots = NULL };
}

static const Pt2String *
text_at (const void *items, size_t stride, uint32_t number)
{
  return (const Pt2String *)((const char *)items + number * stride);
}

/* The slot of TEXT, whose hash is HASH, or the free one where it would be; there is one. */
static size_t
slot_of (const Pt2TextIndex *index, const void *items, size_t stride, Pt2String text, uint64_t hash)
{
  const uint32_t tag = (uint32_t)(hash >> 32);
  size_t slot = hash & (index->size - 1);
  for (; index->slots[slot].number != 0; slot = (slot + 1) & (index->size - 1))
    if (index->slots[slot].tag == tag)
      {
        const Pt2String *other = text_at (items, stride, index->slots[slot].number - 1);
        if (other->len == text.len && (text.len == 0 || memcmp (other->data, text.data, text.len) == 0))
          break;
      }
  return slot;
}

uint32_t
pt2_text_index_find (const Pt2TextIndex *index, const void *items, size_t stride, Pt2String text)
{
  if (index->size == 0)
    return PT2_TEXT_INDEX_NONE;
  /* Number 0, a free slot, becomes PT2_TEXT_INDEX_NONE. */
  return index->slots[slot_of (index, items, stride, text, pt2_text_hash (&index->key, text))].number - 1;
}

static void
put (Pt2TextIndex *index, uint64_t hash, uint32_t number)
{
  size_t slot = hash & (index->size - 1);
  while (index->slots[slot].number != 0)
    slot = (slot + 1) & (index->size - 1);
  index->slots[slot] = (Pt2TextSlot){ number + 1, (uint32_t)(hash >> 32) };
}

static bool
grow (Pt2TextIndex *index, const void *items, size_t stride)
{
  Pt2TextIndex larger = *index;
  larger.size = index->size == 0 ? 16 : index->size * 2;
  larger.slots = calloc (larger.size, sizeof *larger.slots);
  if (larger.slots == NULL)
    return false;
  for (size_t i = 0; i < index->size; i++)
    if (index->slots[i].number != 0)
      put (&larger, pt2_text_hash (&index->key, *text_at (items, stride, index->slots[i].number - 1)),
           index->slots[i].number - 1);
  free (index->slots);
  *index = larger;
  return true;
}

bool
pt2_text_index_reserve (Pt2TextIndex *index, uint32_t n)
{
  size_t size = 16;
  while (size / 2 <= n && size <= SIZE_MAX / 4)
    size *= 2;
  if (index->size > 0)
    return true;
  index->slots = calloc (size, sizeof *index->slots);
  index->size = index->slots != NULL ? size : 0;
  return index->slots != NULL;
}

static bool
has_room (Pt2TextIndex *index, const void *items, size_t stride)
{
  return (size_t)index->n * 2 < index->size || grow (index, items, stride);
}

bool
pt2_text_index_add (Pt2TextIndex *index, const void *items, size_t stride, uint32_t number)
{
  if (!has_room (index, items, stride))
    return false;
  put (index, pt2_text_hash (&index->key, *text_at (items, stride, number)), number);
  index->n++;
  return true;
}

uint32_t
pt2_text_index_claim (Pt2TextIndex *index, const void *items, size_t stride, uint32_t number)
{
  if (!has_room (index, items, stride))
    return PT2_TEXT_INDEX_NONE;
  Pt2String text = *text_at (items, stride, number);
  uint64_t hash = pt2_text_hash (&index->key, text);
  size_t slot = slot_of (index, items, stride, text, hash);
  if (index->slots[slot].number != 0)
    return index->slots[slot].number - 1;
  index->slots[slot] = (Pt2TextSlot){ number + 1, (uint32_t)(hash >> 32) };
  index->n++;
  return number;
}
