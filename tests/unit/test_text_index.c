/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base/text_index: finds what was added and nothing else, also where the items move. */
#include "suite.h"
#include "text_index.h"
#include <string.h>

typedef struct
{
  Pt2String text;
  int payload;
} Item;

START_TEST (finds_what_was_added)
{
  enum
  {
    N = 5000,
  };
  g_autofree char *letters = g_malloc (N);
  memset (letters, 'x', N);
  Pt2TextIndex index;
  pt2_text_index_init (&index);
  if (_i == 1)
    ck_assert (pt2_text_index_reserve (&index, N));
  Item *items = NULL;
  ck_assert_uint_eq (pt2_text_index_find (&index, NULL, sizeof *items, (Pt2String){ "", 0 }), PT2_TEXT_INDEX_NONE);
  /* Every length of one letter: texts that are all beginnings of each other. */
  for (uint32_t i = 0; i < N; i++)
    {
      Item *moved = g_new (Item, i + 1);
      if (i > 0)
        memcpy (moved, items, i * sizeof *items);
      g_free (items);
      items = moved;
      items[i] = (Item){ { letters, i }, (int)i };
      ck_assert_uint_eq (pt2_text_index_find (&index, items, sizeof *items, items[i].text), PT2_TEXT_INDEX_NONE);
      ck_assert (pt2_text_index_add (&index, items, sizeof *items, i));
    }
  for (uint32_t i = 0; i < N; i++)
    ck_assert_uint_eq (pt2_text_index_find (&index, items, sizeof *items, items[i].text), i);
  ck_assert_uint_eq (pt2_text_index_find (&index, items, sizeof *items, (Pt2String){ "y", 1 }), PT2_TEXT_INDEX_NONE);
  ck_assert_uint_eq (index.n, N);
  pt2_text_index_clear (&index);
  g_free (items);
}
END_TEST

/* Keys that collide in one table do not in another: nobody can prepare them. */
START_TEST (tables_differ)
{
  Pt2TextIndex a, b;
  pt2_text_index_init (&a);
  pt2_text_index_init (&b);
  ck_assert (a.key.words[0] != b.key.words[0] || a.key.words[1] != b.key.words[1]);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { finds_what_was_added, 2 }, { tables_differ, 1 } };
  return RUN_SUITE ("text_index", cases);
}
