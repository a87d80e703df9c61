/* SPDX-License-Identifier: Apache-2.0 */
#include "text_index.h"
#include <stdlib.h>
#include <string.h>

/* ---- SipHash-1-3 (Aumasson and Bernstein): as strong as a table needs ---- */

typedef struct
{
  uint64_t a, b, c, d;
} Sip;

static inline uint64_t
rotate (uint64_t word, unsigned bits)
{
  return word << bits | word >> (64 - bits);
}

static inline void
stir (Sip *s)
{
  s->a += s->b;
  s->c += s->d;
  s->b = rotate (s->b, 13) ^ s->a;
  s->d = rotate (s->d, 16) ^ s->c;
  s->a = rotate (s->a, 32);
  s->c += s->b;
  s->a += s->d;
  s->b = rotate (s->b, 17) ^ s->c;
  s->d = rotate (s->d, 21) ^ s->a;
  s->c = rotate (s->c, 32);
}

static inline void
take_word (Sip *s, uint64_t word)
{
  s->d ^= word;
  stir (s);
  s->a ^= word;
}

static inline uint64_t
load (const char *from, size_t n)
{
  uint64_t word = 0;
  memcpy (&word, from, n);
  return GUINT64_FROM_LE (word);
}

/* The last LEFT bytes of TEXT, fewer than 8, as the low end of a word: by loads that overlap, since a copy of so many
 * bytes is a call. */
static inline uint64_t
load_rest (Pt2String text, size_t left)
{
  const char *rest = text.data + text.len - left;
  if (left == 0)
    return 0;
  if (text.len >= 8)
    return load (text.data + text.len - 8, 8) >> (64 - 8 * left);
  if (left >= 4)
    return load (rest, 4) | load (rest + left - 4, 4) << 8 * (left - 4);
  return load (rest, 1) | load (rest + left / 2, 1) << 8 * (left / 2) | load (rest + left - 1, 1) << 8 * (left - 1);
}

uint64_t
pt2_text_hash (const Pt2TextKey *key, Pt2String text)
{
  const uint64_t k0 = key->words[0], k1 = key->words[1];
  Sip s = { k0 ^ UINT64_C (0x736f6d6570736575), k1 ^ UINT64_C (0x646f72616e646f6d), k0 ^ UINT64_C (0x6c7967656e657261),
            k1 ^ UINT64_C (0x7465646279746573) };
  size_t left = text.len;
  for (const char *p = text.data; left >= 8; p += 8, left -= 8)
    take_word (&s, load (p, 8));
  take_word (&s, load_rest (text, left) ^ (uint64_t)text.len << 56);
  s.c ^= 0xff;
  for (int i = 0; i < 3; i++)
    stir (&s);
  return s.a ^ s.b ^ s.c ^ s.d;
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

uint32_t
pt2_text_index_find (const Pt2TextIndex *index, const void *items, size_t stride, Pt2String text)
{
  if (index->size == 0)
    return PT2_TEXT_INDEX_NONE;
  for (size_t slot = pt2_text_hash (&index->key, text) & (index->size - 1); index->slots[slot] != 0;
       slot = (slot + 1) & (index->size - 1))
    {
      const Pt2String *other = text_at (items, stride, index->slots[slot] - 1);
      if (other->len == text.len && (text.len == 0 || memcmp (other->data, text.data, text.len) == 0))
        return index->slots[slot] - 1;
    }
  return PT2_TEXT_INDEX_NONE;
}

static void
put (Pt2TextIndex *index, Pt2String text, uint32_t number)
{
  size_t slot = pt2_text_hash (&index->key, text) & (index->size - 1);
  while (index->slots[slot] != 0)
    slot = (slot + 1) & (index->size - 1);
  index->slots[slot] = number + 1;
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
    if (index->slots[i] != 0)
      put (&larger, *text_at (items, stride, index->slots[i] - 1), index->slots[i] - 1);
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

bool
pt2_text_index_add (Pt2TextIndex *index, const void *items, size_t stride, uint32_t number)
{
  if ((size_t)index->n * 2 >= index->size && !grow (index, items, stride))
    return false;
  put (index, *text_at (items, stride, number), number);
  index->n++;
  return true;
}
