/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base/arena: alignment, growth in few steps, the budget, sizes that cannot be. */
#include "arena.h"
#include "suite.h"
#include <string.h>

static unsigned
count_blocks (Pt2Arena *arena, uint64_t budget, size_t hint, size_t size, unsigned *n)
{
  unsigned blocks = 0;
  uint64_t total = 0;
  pt2_arena_init (arena, budget, hint);
  for (*n = 0;; ++*n)
    {
      char *p = pt2_arena_alloc (arena, size);
      if (p == NULL)
        return blocks;
      if ((uintptr_t)p % 8 != 0 || pt2_arena_bytes (arena) > budget)
        ck_abort_msg ("at %p, %" G_GUINT64_FORMAT " bytes", (void *)p, pt2_arena_bytes (arena));
      memset (p, 0xee, size);
      blocks += pt2_arena_bytes (arena) != total;
      total = pt2_arena_bytes (arena);
    }
}

START_TEST (values_do_not_overlap)
{
  Pt2Arena arena;
  unsigned char *values[200];
  pt2_arena_init (&arena, UINT64_MAX, 0);
  for (unsigned i = 0; i < 200; i++)
    {
      values[i] = pt2_arena_alloc (&arena, i);
      ck_assert_ptr_nonnull (values[i]);
      memset (values[i], (int)(i & 255), i);
    }
  for (unsigned i = 0; i < 200; i++)
    for (unsigned j = 0; j < i; j++)
      if (values[i][j] != (i & 255))
        ck_abort_msg ("byte %u of value %u was overwritten", j, i);
  pt2_arena_clear (&arena);
  ck_assert_uint_eq (pt2_arena_bytes (&arena), 0);
}
END_TEST

START_TEST (nothing_is_allocated_before_need)
{
  Pt2Arena arena;
  pt2_arena_init (&arena, 0, 1 << 20);
  ck_assert_ptr_nonnull (pt2_arena_alloc (&arena, 0));
  ck_assert_uint_eq (pt2_arena_bytes (&arena), 0);
  ck_assert_ptr_null (pt2_arena_alloc (&arena, 1));
  ck_assert (arena.out_of_budget);
  pt2_arena_clear (&arena);
}
END_TEST

/* Few blocks, all of the budget used but for less than one value, also where the budget is no round number. */
START_TEST (growth_and_budget)
{
  static const uint64_t budgets[] = { 64, 4096, 100000, (1 << 20) + 8, 20000000 };
  for (size_t i = 0; i < G_N_ELEMENTS (budgets); i++)
    {
      Pt2Arena arena;
      unsigned n, blocks = count_blocks (&arena, budgets[i], 0, 24, &n);
      ck_assert_uint_le (blocks, 40);
      ck_assert (arena.out_of_budget);
      ck_assert_uint_le (budgets[i], pt2_arena_bytes (&arena) + 24);
      ck_assert_uint_ge ((uint64_t)(n + blocks) * 24, pt2_arena_bytes (&arena) - 24 * blocks);
      /* What is left still serves smaller values, and the arena is not spoiled. */
      ck_assert_ptr_nonnull (pt2_arena_alloc (&arena, 0));
      pt2_arena_clear (&arena);
    }
}
END_TEST

START_TEST (first_block_as_hinted)
{
  Pt2Arena arena;
  pt2_arena_init (&arena, UINT64_MAX, 100000);
  pt2_arena_alloc (&arena, 8);
  ck_assert_uint_eq (pt2_arena_bytes (&arena), 100000);
  pt2_arena_alloc (&arena, 300000);
  ck_assert_uint_eq (pt2_arena_bytes (&arena), 400000);
  pt2_arena_clear (&arena);
}
END_TEST

START_TEST (impossible_sizes)
{
  static const size_t sizes[]
      = { SIZE_MAX, SIZE_MAX - 6, SIZE_MAX - 7, SIZE_MAX - 8, SIZE_MAX - 15, SIZE_MAX - 64, SIZE_MAX / 2 + 1 };
  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Pt2Arena arena;
      pt2_arena_init (&arena, UINT64_MAX, 0);
      ck_assert_ptr_null (pt2_arena_alloc (&arena, sizes[i]));
      ck_assert_ptr_nonnull (pt2_arena_alloc (&arena, 8));
      ck_assert_ptr_null (pt2_arena_alloc (&arena, sizes[i]));
      pt2_arena_clear (&arena);
    }
}
END_TEST

START_TEST (the_newest_can_shrink)
{
  Pt2Arena arena;
  pt2_arena_init (&arena, UINT64_MAX, 0);
  char *first = pt2_arena_alloc (&arena, 1000);
  pt2_arena_shrink_last (&arena, first, 13);
  char *second = pt2_arena_alloc (&arena, 8);
  ck_assert_ptr_eq (second, first + 16);
  pt2_arena_shrink_last (&arena, second, 0);
  ck_assert_ptr_eq (pt2_arena_alloc (&arena, 1), second);
  pt2_arena_clear (&arena);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { values_do_not_overlap, 1 }, { nothing_is_allocated_before_need, 1 },
    { growth_and_budget, 1 },     { first_block_as_hinted, 1 },
    { impossible_sizes, 1 },      { the_newest_can_shrink, 1 },
  };
  return RUN_SUITE ("arena", cases);
}
