/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base/sort: order, equal items by number, and n log n whatever the input. */
#include "sort.h"
#include "suite.h"

typedef struct
{
  const uint32_t *values;
  uint64_t compared;
} Items;

static int
compare (uint32_t a, uint32_t b, const void *data)
{
  Items *items = (Items *)data;
  items->compared++;
  return items->values[a] < items->values[b] ? -1 : items->values[a] > items->values[b];
}

/* Sorts 0 … N-1 by VALUES; returns how many comparisons it took. */
static uint64_t
check_sort (const uint32_t *values, uint32_t n)
{
  g_autofree uint32_t *order = g_new (uint32_t, n + 1);
  g_autofree bool *seen = g_new0 (bool, n + 1);
  Items items = { values, 0 };
  for (uint32_t i = 0; i < n; i++)
    order[i] = i;
  pt2_sort (order, n, compare, &items);
  for (uint32_t i = 0; i < n; i++)
    {
      if (order[i] >= n || seen[order[i]])
        ck_abort_msg ("number %u at %u: twice, or none of ours", order[i], i);
      seen[order[i]] = true;
      if (i > 0 && values[order[i - 1]] >= values[order[i]]
          && (values[order[i - 1]] > values[order[i]] || order[i - 1] > order[i]))
        ck_abort_msg ("numbers %u and %u at %u are out of order", order[i - 1], order[i], i);
    }
  return items.compared;
}

START_TEST (small_ones_of_every_order)
{
  uint32_t values[6];
  for (uint32_t code = 0; code < 46656; code++) /* 6^6 */
    {
      uint32_t rest = code;
      for (int i = 0; i < 6; i++, rest /= 6)
        values[i] = rest % 6;
      check_sort (values, code % 7);
    }
}
END_TEST

START_TEST (large_ones_of_hard_orders)
{
  enum
  {
    N = 100000,
  };
  g_autofree uint32_t *values = g_new (uint32_t, N);
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  for (int kind = 0; kind < 5; kind++)
    {
      for (uint32_t i = 0; i < N; i++)
        {
          const uint32_t kinds[] = { i, N - i, 5, i % 2 == 0 ? i : N - i, g_rand_int (random) };
          values[i] = kinds[kind];
        }
      ck_assert_uint_le (check_sort (values, N), (uint64_t)N * 2 * 18);
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { small_ones_of_every_order, 1 }, { large_ones_of_hard_orders, 1 } };
  return RUN_SUITE ("sort", cases);
}
