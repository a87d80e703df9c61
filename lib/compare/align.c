/* SPDX-License-Identifier: Apache-2.0 */
#include "align.h"
#include <string.h>

enum
{
  MOST_LEVELS = 8, /* ranges within ranges: what is not found by then is not unique anywhere near */
};

static uint32_t *
new_array (Pt2Arena *arena, uint32_t n)
{
  uint32_t *array = pt2_arena_alloc (arena, ((size_t)n + 1) * sizeof *array);
  if (array != NULL)
    memset (array, 0, ((size_t)n + 1) * sizeof *array);
  return array;
}

bool
pt2_align_init (Pt2Align *align, Pt2Arena *arena, uint32_t n_items, uint32_t longest)
{
  *align = (Pt2Align){ .n_old = new_array (arena, n_items),
                       .n_new = new_array (arena, n_items),
                       .at_new = new_array (arena, n_items),
                       .tails = new_array (arena, longest),
                       .before = new_array (arena, longest),
                       .candidates = new_array (arena, longest) };
  return align->n_old != NULL && align->n_new != NULL && align->at_new != NULL && align->tails != NULL
         && align->before != NULL && align->candidates != NULL;
}

/* ---- the longest ascending run ---- */

/* The first of the N tails whose value is not below VALUE. */
static uint32_t
find_tail (const uint32_t *tails, uint32_t n, const uint32_t *values, uint32_t value)
{
  uint32_t low = 0;
  while (low < n)
    {
      uint32_t middle = low + (n - low) / 2;
      if (values[tails[middle]] < value)
        low = middle + 1;
      else
        n = middle;
    }
  return low;
}

/* The last member of a longest ascending run of VALUES (UINT32_MAX: none); align->before leads to the others. */
static uint32_t
find_run (Pt2Align *align, const uint32_t *values, uint32_t n)
{
  uint32_t length = 0;
  for (uint32_t i = 0; i < n; i++)
    {
      if (values[i] == UINT32_MAX)
        continue;
      uint32_t at = find_tail (align->tails, length, values, values[i]);
      align->before[i] = at > 0 ? align->tails[at - 1] : UINT32_MAX;
      align->tails[at] = i;
      length = at == length ? length + 1 : length;
    }
  return length > 0 ? align->tails[length - 1] : UINT32_MAX;
}

void
pt2_align_longest_run (Pt2Align *align, const uint32_t *values, uint32_t n, bool *chosen)
{
  memset (chosen, 0, n);
  for (uint32_t i = find_run (align, values, n); i != UINT32_MAX; i = align->before[i])
    chosen[i] = true;
}

/* ---- one range ---- */

static void
pair (Pt2AlignRange *old, Pt2AlignRange *new, uint32_t i, uint32_t j)
{
  old->partner[i] = j;
  new->partner[j] = i;
}

static bool
may_pair (const Pt2AlignRange *old, const Pt2AlignRange *new, uint32_t i, uint32_t j)
{
  return old->partner[i] == PT2_UNPAIRED && new->partner[j] == PT2_UNPAIRED && old->items[i] == new->items[j];
}

/* Equal items behind and before the pair (I, J), within the ranges. */
static void
extend (Pt2AlignRange *old, Pt2AlignRange *new, uint32_t i, uint32_t j)
{
  for (uint32_t k = 1; k < old->end - i && k < new->end - j &&may_pair (old, new, i + k, j + k); k++)
    pair (old, new, i + k, j + k);
  for (uint32_t k = 1; k <= i - old->begin && k <= j - new->begin &&may_pair (old, new, i - k, j - k); k++)
    pair (old, new, i - k, j - k);
}

static void
pair_ends (Pt2AlignRange *old, Pt2AlignRange *new)
{
  while (old->begin < old->end && new->begin < new->end && old->items[old->begin] == new->items[new->begin])
    pair (old, new, old->begin++, new->begin++);
  while (old->begin < old->end && new->begin < new->end && old->items[old->end - 1] == new->items[new->end - 1])
    pair (old, new, --old->end, --new->end);
}

static void
count (Pt2Align *align, const Pt2AlignRange *old, const Pt2AlignRange *new)
{
  for (uint32_t i = old->begin; i < old->end; i++)
    align->n_old[old->items[i]]++;
  for (uint32_t j = new->begin; j < new->end; j++)
    {
      align->n_new[new->items[j]]++;
      align->at_new[new->items[j]] = j;
    }
}

static void
forget_counts (Pt2Align *align, const Pt2AlignRange *old, const Pt2AlignRange *new)
{
  for (uint32_t i = old->begin; i < old->end; i++)
    align->n_old[old->items[i]] = 0;
  for (uint32_t j = new->begin; j < new->end; j++)
    align->n_new[new->items[j]] = align->at_new[new->items[j]] = 0;
}

/* Pairs what stands once in both, as far as it stands in one order, and equal neighbours. False: nothing does. */
static bool
pair_unique (Pt2Align *align, Pt2AlignRange *old, Pt2AlignRange *new)
{
  uint32_t n = old->end - old->begin, *values = align->candidates;
  count (align, old, new);
  for (uint32_t k = 0; k < n; k++)
    {
      uint32_t item = old->items[old->begin + k];
      bool unique = align->n_old[item] == 1 && align->n_new[item] == 1;
      values[k] = unique ? align->at_new[item] : UINT32_MAX;
    }
  forget_counts (align, old, new);
  uint32_t last = find_run (align, values, n);
  for (uint32_t k = last; k != UINT32_MAX; k = align->before[k])
    pair (old, new, old->begin + k, values[k]);
  for (uint32_t k = last; k != UINT32_MAX; k = align->before[k])
    extend (old, new, old->begin + k, values[k]);
  return last != UINT32_MAX;
}

static void
align_range (Pt2Align *align, Pt2AlignRange old, Pt2AlignRange new, unsigned level)
{
  pair_ends (&old, &new);
  if (old.begin == old.end || new.begin == new.end || !pair_unique (align, &old, &new) || level == MOST_LEVELS)
    return;
  Pt2AlignRange a = old, b = new;
  for (uint32_t i = old.begin; i <= old.end; i++)
    {
      if (i < old.end && old.partner[i] == PT2_UNPAIRED)
        continue;
      a.end = i;
      b.end = i < old.end ? old.partner[i] : new.end;
      if (a.begin < a.end && b.begin < b.end)
        align_range (align, a, b, level + 1);
      a.begin = i + 1;
      b.begin = b.end + 1;
    }
}

void
pt2_align_ranges (Pt2Align *align, Pt2AlignRange old, Pt2AlignRange new)
{
  align_range (align, old, new, 0);
}

bool
pt2_align_keys (Pt2Align *align, Pt2KeyedLists *lists, uint32_t n_keys, Pt2Arena *arena)
{
  uint32_t *next = new_array (arena, lists->n[1]), *first = new_array (arena, n_keys);
  uint32_t *const *partner = lists->partner;
  if (next == NULL || first == NULL || !pt2_align_init (align, arena, n_keys, MAX (lists->n[0], lists->n[1])))
    return false;
  for (int side = 0; side < 2; side++)
    memset (partner[side], 0xff, lists->n[side] * sizeof (uint32_t));
  pt2_align_ranges (align, (Pt2AlignRange){ lists->keys[0], partner[0], 0, lists->n[0] },
                    (Pt2AlignRange){ lists->keys[1], partner[1], 0, lists->n[1] });
  memset (first, 0xff, n_keys * sizeof *first);
  for (uint32_t j = lists->n[1]; j-- > 0;)
    if (partner[1][j] == PT2_UNPAIRED)
      {
        next[j] = first[lists->keys[1][j]];
        first[lists->keys[1][j]] = j;
      }
  for (uint32_t i = 0; i < lists->n[0]; i++)
    {
      uint32_t j = partner[0][i] == PT2_UNPAIRED ? first[lists->keys[0][i]] : UINT32_MAX;
      if (j == UINT32_MAX)
        continue;
      first[lists->keys[0][i]] = next[j];
      partner[0][i] = j;
      partner[1][j] = i;
    }
  return true;
}
