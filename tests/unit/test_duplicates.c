/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/duplicates: the first key that came before is found, among few, among many, and among keys made to
 * collide, in good time.
 */
#include "duplicates.h"
#include "suite.h"
#include <string.h>

static const Pt2TypeInfo text_type = { .kind = PT2_KIND_STRING, .size = sizeof (Pt2String) };
static const Pt2TypeInfo number_type = { .kind = PT2_KIND_I64, .size = sizeof (int64_t) };
static const Pt2TypeInfo by_text = { .kind = PT2_KIND_MAP, .key = &text_type, .entry_size = sizeof (Pt2String) };
static const Pt2TypeInfo by_number = { .kind = PT2_KIND_MAP, .key = &number_type, .entry_size = sizeof (int64_t) };

static uint32_t
find (const Pt2TypeInfo *type, const void *entries, uint32_t n)
{
  Pt2KeyTable table = { NULL, 0 };
  Pt2AnyMap map = { (void *)entries, n };
  uint32_t first = pt2_find_duplicate_key (&table, type, &map);
  /* The table is used again: the answer does not depend on what it held. */
  uint32_t second = pt2_find_duplicate_key (&table, type, &map);
  ck_assert_uint_eq (first, second);
  pt2_key_table_clear (&table);
  return first;
}

START_TEST (numbers)
{
  static const uint32_t sizes[] = { 0, 1, 2, 8, 9, 16, 17, 1000, 50000 };
  for (size_t s = 0; s < G_N_ELEMENTS (sizes); s++)
    {
      uint32_t n = sizes[s];
      g_autofree int64_t *keys = g_new (int64_t, n + 1);
      for (uint32_t i = 0; i < n; i++)
        keys[i] = (int64_t)i << 20;
      ck_assert_uint_eq (find (&by_number, keys, n), PT2_NO_DUPLICATE);
      if (n < 2)
        continue;
      keys[n - 1] = keys[0];
      ck_assert_uint_eq (find (&by_number, keys, n), n - 1);
      keys[n / 2] = keys[n / 2 - 1];
      ck_assert_uint_eq (find (&by_number, keys, n), n / 2);
    }
}
END_TEST

/* As lib/codec/duplicates.c mixes: nothing in it is secret. */
static uint64_t
mix (uint64_t hash, uint64_t word)
{
  hash = (hash ^ word) * UINT64_C (0x9e3779b97f4a7c15);
  return hash ^ hash >> 29;
}

/* All of one hash: the second word undoes what the first one did. */
static void
make_colliding (uint64_t (*words)[2], Pt2String *keys, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    {
      words[i][0] = i;
      words[i][1] = mix (sizeof words[i], i);
      keys[i] = (Pt2String){ (const char *)words[i], sizeof words[i] };
    }
}

/* Pair by pair it would take minutes, and the runner's patience ends before. */
START_TEST (keys_made_to_collide)
{
  enum
  {
    N = 200000,
  };
  g_autofree void *words = g_malloc (N * 16);
  g_autofree Pt2String *keys = g_new (Pt2String, N);
  make_colliding (words, keys, N);
  ck_assert_uint_eq (find (&by_text, keys, N), PT2_NO_DUPLICATE);
  keys[N - 1] = keys[5];
  ck_assert_uint_eq (find (&by_text, keys, N), N - 1);
  keys[700] = keys[600];
  keys[800] = keys[600];
  ck_assert_uint_eq (find (&by_text, keys, N), 700);
}
END_TEST

START_TEST (texts_that_nearly_agree)
{
  static const char letters[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0aaaaaaaaa";
  Pt2String keys[40];
  for (uint32_t i = 0; i < G_N_ELEMENTS (keys); i++)
    keys[i] = (Pt2String){ letters, i };
  ck_assert_uint_eq (find (&by_text, keys, G_N_ELEMENTS (keys)), PT2_NO_DUPLICATE);
  keys[20] = (Pt2String){ letters + 2, 7 };
  ck_assert_uint_eq (find (&by_text, keys, G_N_ELEMENTS (keys)), 20);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { numbers, 1 }, { keys_made_to_collide, 1 }, { texts_that_nearly_agree, 1 } };
  return RUN_SUITE ("duplicates", cases);
}
