/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/json_scratch: lists that nest and grow keep their items, and what they take counts against the budget. */
#include "json_scratch.h"
#include "suite.h"
#include <string.h>

typedef struct
{
  Pt2Arena arena;
  Pt2Scratch scratch;
} Fixture;

static void
begin (Fixture *f, uint64_t budget)
{
  pt2_arena_init (&f->arena, budget, 0);
  pt2_scratch_init (&f->scratch, &f->arena);
}

static void
end (Fixture *f)
{
  pt2_scratch_clear (&f->scratch);
  pt2_arena_clear (&f->arena);
}

static void
push_number (Fixture *f, Pt2ScratchList *list, uint64_t number)
{
  uint64_t *item = pt2_scratch_push (&f->scratch, list, sizeof *item);
  if (item == NULL) /* (libcheck's assertions are slow when they hold) */
    ck_abort_msg ("no room for %" G_GUINT64_FORMAT, number);
  *item = number;
}

static void
check_numbers (const Fixture *f, const Pt2ScratchList *list, uint64_t first, size_t n)
{
  ck_assert_uint_eq (pt2_scratch_used (&f->scratch, list), n * 8);
  for (size_t i = 0; i < n; i++)
    if (((const uint64_t *)(const void *)list->items)[i] != first + i)
      ck_abort_msg ("item %zu of %zu", i, n);
}

START_TEST (an_empty_list)
{
  Fixture f;
  Pt2ScratchList list;
  begin (&f, 1 << 20);
  pt2_scratch_begin (&f.scratch, &list);
  ck_assert_uint_eq (pt2_scratch_used (&f.scratch, &list), 0);
  pt2_scratch_end (&f.scratch, &list);
  ck_assert_uint_eq (f.scratch.total, 0);
  end (&f);
}
END_TEST

START_TEST (a_list_of_any_length)
{
  for (size_t n = 1; n < 100000; n = n * 3 + 1)
    {
      Fixture f;
      Pt2ScratchList list;
      begin (&f, 1 << 24);
      pt2_scratch_begin (&f.scratch, &list);
      for (size_t i = 0; i < n; i++)
        push_number (&f, &list, i);
      check_numbers (&f, &list, 0, n);
      pt2_scratch_end (&f.scratch, &list);
      end (&f);
    }
}
END_TEST

/* N items, a nested list after each, of LEN items; the inner lists move, the outer item stays where it is. */
static void
nest (Fixture *f, unsigned levels, size_t n)
{
  Pt2ScratchList list;
  pt2_scratch_begin (&f->scratch, &list);
  for (size_t i = 0; i < n; i++)
    {
      uint64_t *item = pt2_scratch_push (&f->scratch, &list, sizeof *item);
      if (item == NULL)
        ck_abort_msg ("no room for item %zu", i);
      *item = i + levels;
      if (levels > 0)
        nest (f, levels - 1, i * i * 37 % 1700);
      if (*item != i + levels)
        ck_abort_msg ("item %zu has changed", i);
    }
  check_numbers (f, &list, levels, n);
  pt2_scratch_end (&f->scratch, &list);
}

START_TEST (nested_lists)
{
  Fixture f;
  begin (&f, 1 << 24);
  nest (&f, 1, 1500);
  nest (&f, 2, 30);
  nest (&f, 1, 3000);
  ck_assert_ptr_null (f.scratch.next);
  end (&f);
}
END_TEST

/* Blocks are kept for the lists that follow: a second round takes no more. */
START_TEST (blocks_are_used_again)
{
  Fixture f;
  begin (&f, 1 << 24);
  nest (&f, 1, 2000);
  uint64_t total = f.scratch.total;
  ck_assert_uint_gt (total, 0);
  for (unsigned i = 0; i < 5; i++)
    nest (&f, 1, 2000);
  ck_assert_uint_eq (f.scratch.total, total);
  ck_assert_uint_eq (f.arena.budget, (1 << 24) - total);
  pt2_scratch_clear (&f.scratch);
  ck_assert_uint_eq (f.arena.budget, 1 << 24);
  ck_assert_uint_eq (f.scratch.total, 0);
  end (&f);
}
END_TEST

START_TEST (the_budget_ends)
{
  Fixture f;
  Pt2ScratchList list;
  begin (&f, 100000);
  pt2_scratch_begin (&f.scratch, &list);
  size_t n = 0;
  for (uint64_t *item; (item = pt2_scratch_push (&f.scratch, &list, sizeof *item)) != NULL; n++)
    *item = n;
  ck_assert (f.arena.out_of_budget);
  ck_assert_uint_le (f.scratch.total, 100000);
  ck_assert_uint_gt (n, 1000);
  /* What was there is there. */
  check_numbers (&f, &list, 0, n);
  ck_assert_ptr_null (pt2_scratch_push (&f.scratch, &list, SIZE_MAX / 4));
  pt2_scratch_end (&f.scratch, &list);
  end (&f);
}
END_TEST

START_TEST (large_items)
{
  Fixture f;
  Pt2ScratchList list;
  begin (&f, 1 << 24);
  pt2_scratch_begin (&f.scratch, &list);
  for (unsigned i = 0; i < 20; i++)
    {
      char *item = pt2_scratch_push (&f.scratch, &list, 50000);
      ck_assert_ptr_nonnull (item);
      memset (item, (int)i, 50000);
    }
  for (unsigned i = 0; i < 20; i++)
    for (unsigned k = 0; k < 50000; k += 49999)
      ck_assert_int_eq (list.items[i * 50000 + k], (int)i);
  pt2_scratch_end (&f.scratch, &list);
  end (&f);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { an_empty_list, 1 },         { a_list_of_any_length, 1 }, { nested_lists, 1 },
    { blocks_are_used_again, 1 }, { the_budget_ends, 1 },      { large_items, 1 },
  };
  return RUN_SUITE ("json_scratch", cases);
}
