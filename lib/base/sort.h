/* SPDX-License-Identifier: Apache-2.0 */
/* Sorts what comes from a file: in place, without memory of its own, n log n at worst.
 * (The sorts of GLib and libc take input-sized memory, or abort for want of it.) */
#pragma once

#include "pt2-types.h"

/* Which of two items, given by their numbers, comes first: below, at or above 0. */
typedef int (*Pt2SortFunc) (uint32_t a, uint32_t b, const void *data);

/* Sorts ORDER, N numbers of items. Equal items stand in the order of their numbers. */
void pt2_sort (uint32_t *order, size_t n, Pt2SortFunc compare, const void *data);
