/* SPDX-License-Identifier: Apache-2.0 */
#include "sort.h"

typedef struct
{
  uint32_t *order;
  Pt2SortFunc compare;
  const void *data;
} Heap;

static bool
stands_before (const Heap *heap, uint32_t a, uint32_t b)
{
  int order = heap->compare (a, b, heap->data);
  return order != 0 ? order < 0 : a < b;
}

/* Lets the item at AT sink to its place in a heap of N, the last item on top. It goes down to a leaf and up again:
 * where it comes from the end, as it mostly does, it belongs far down, and half the comparisons are saved. */
static void
sink (const Heap *heap, size_t at, size_t n)
{
  const size_t top = at;
  uint32_t item = heap->order[at];
  for (size_t child; (child = 2 * at + 1) < n; at = child)
    {
      if (child + 1 < n && stands_before (heap, heap->order[child], heap->order[child + 1]))
        child++;
      heap->order[at] = heap->order[child];
    }
  for (size_t parent; at > top && stands_before (heap, heap->order[parent = (at - 1) / 2], item); at = parent)
    heap->order[at] = heap->order[parent];
  heap->order[at] = item;
}

static bool
is_sorted (const Heap *heap, size_t n)
{
  for (size_t i = 1; i < n; i++)
    if (!stands_before (heap, heap->order[i - 1], heap->order[i]))
      return false;
  return true;
}

void
pt2_sort (uint32_t *order, size_t n, Pt2SortFunc compare, const void *data)
{
  Heap heap = { order, compare, data };
  if (is_sorted (&heap, n))
    return;
  for (size_t i = n / 2; i-- > 0;)
    sink (&heap, i, n);
  for (size_t left = n; left > 1;)
    {
      uint32_t last = order[--left];
      order[left] = order[0];
      order[0] = last;
      sink (&heap, 0, left);
    }
}
