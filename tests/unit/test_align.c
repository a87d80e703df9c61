/* SPDX-License-Identifier: Apache-2.0 */
/* lib/compare/align: what belongs together in two sequences, and text_ids, which makes them. */
#include "align.h"
#include "suite.h"
#include "text_ids.h"
#include <string.h>

typedef struct
{
  Pt2Arena arena;
  Pt2Align align;
  uint32_t keys[2][64], partner[2][64];
  Pt2KeyedLists lists;
} Case;

/* Two sequences of letters. */
static void
begin (Case *c, const char *old, const char *new)
{
  const char *texts[2] = { old, new };
  memset (c, 0, sizeof *c);
  pt2_arena_init (&c->arena, UINT64_MAX, 0);
  for (int side = 0; side < 2; side++)
    {
      c->lists.n[side] = (uint32_t)strlen (texts[side]);
      c->lists.keys[side] = c->keys[side];
      c->lists.partner[side] = c->partner[side];
      for (uint32_t i = 0; i < c->lists.n[side]; i++)
        c->keys[side][i] = (uint32_t)(texts[side][i] - 'a');
    }
}

/* WANTED: for each item of the old sequence a digit, the place of its partner, or a point for none. */
static void
must_align (const char *old, const char *new, const char *wanted, gboolean anywhere)
{
  Case c;
  begin (&c, old, new);
  memset (c.partner, 0xff, sizeof c.partner);
  ck_assert (pt2_align_init (&c.align, &c.arena, 26, 64));
  if (anywhere)
    ck_assert (pt2_align_keys (&c.align, &c.lists, 26, &c.arena));
  else
    pt2_align_ranges (&c.align, (Pt2AlignRange){ c.keys[0], c.partner[0], 0, c.lists.n[0] },
                      (Pt2AlignRange){ c.keys[1], c.partner[1], 0, c.lists.n[1] });
  for (uint32_t i = 0; i < c.lists.n[0]; i++)
    {
      uint32_t j = wanted[i] == '.' ? PT2_UNPAIRED : (uint32_t)(wanted[i] - '0');
      ck_assert_msg (c.partner[0][i] == j, "%s to %s: item %u has %u", old, new, i, c.partner[0][i]);
      if (j != PT2_UNPAIRED)
        ck_assert_uint_eq (c.partner[1][j], i);
    }
  pt2_arena_clear (&c.arena);
}

START_TEST (sequences)
{
  must_align ("", "", "", FALSE);
  must_align ("abc", "abc", "012", FALSE);
  must_align ("abc", "", "...", FALSE);
  must_align ("abcde", "abxde", "01.34", FALSE);
  must_align ("aaba", "aaaba", "0134", FALSE); /* both ends first */
  must_align ("xaxbxcx", "yaybycy", ".1.3.5.", FALSE);
  must_align ("abcd", "acbd", "0.13", FALSE); /* pairs do not cross */
  must_align ("abcd", "acbd", "0213", TRUE);  /* but keys are found anywhere */
  must_align ("abca", "dabb", "12..", TRUE);
  must_align ("qaarbbsq", "paatbbup", "........", FALSE); /* nothing stands once in both: no anchor */
}
END_TEST

START_TEST (longest_run)
{
  Case c;
  bool chosen[8];
  const uint32_t values[8] = { 3, 0, UINT32_MAX, 1, 7, 2, UINT32_MAX, 5 };
  begin (&c, "", "");
  ck_assert (pt2_align_init (&c.align, &c.arena, 0, 8));
  pt2_align_longest_run (&c.align, values, 8, chosen);
  const bool wanted[8] = { false, true, false, true, false, true, false, true };
  ck_assert_mem_eq (chosen, wanted, sizeof wanted);
  pt2_align_longest_run (&c.align, values, 0, chosen);
  pt2_arena_clear (&c.arena);
}
END_TEST

START_TEST (no_memory)
{
  Case c;
  begin (&c, "abc", "abc");
  pt2_arena_clear (&c.arena);
  pt2_arena_init (&c.arena, 16, 0);
  ck_assert (!pt2_align_init (&c.align, &c.arena, 1000, 1000));
  ck_assert (!pt2_align_keys (&c.align, &c.lists, 26, &c.arena));
  pt2_arena_clear (&c.arena);
}
END_TEST

START_TEST (text_numbers)
{
  Pt2Arena arena;
  Pt2TextIds ids;
  char text[16] = "a";
  pt2_arena_init (&arena, UINT64_MAX, 0);
  pt2_text_ids_init (&ids, &arena);
  ck_assert_uint_eq (pt2_text_ids_find (&ids, (Pt2String){ "a", 1 }), PT2_TEXT_ID_NONE);
  ck_assert_uint_eq (pt2_text_ids_add (&ids, (Pt2String){ text, 1 }), 0);
  ck_assert_uint_eq (pt2_text_ids_add (&ids, (Pt2String){ "", 0 }), 1);
  text[0] = 'b'; /* the number keeps a copy */
  ck_assert_uint_eq (pt2_text_ids_add (&ids, (Pt2String){ text, 1 }), 2);
  ck_assert_uint_eq (pt2_text_ids_find (&ids, (Pt2String){ "a", 1 }), 0);
  for (uint32_t i = 0; i < 1000; i++)
    {
      uint32_t len = (uint32_t)g_snprintf (text, sizeof text, "n%u", i);
      ck_assert_uint_eq (pt2_text_ids_add (&ids, (Pt2String){ text, len }), i + 3);
    }
  ck_assert_uint_eq (ids.n, 1003);
  pt2_text_ids_clear (&ids);
  pt2_arena_clear (&arena);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { sequences, 1 }, { longest_run, 1 }, { no_memory, 1 }, { text_numbers, 1 } };
  return RUN_SUITE ("align", cases);
}
