/* SPDX-License-Identifier: Apache-2.0 */
/* Which items of two sequences belong together: what stands once in both first (as "patience diff" does), then equal
 * neighbours of what is paired. Items are small numbers; equal numbers are equal items. Takes n log n. */
#pragma once

#include "arena.h"

#define PT2_UNPAIRED UINT32_MAX

typedef struct
{
  /* By item: how often it stands in the range at hand, and where last; all 0 between calls. */
  uint32_t *n_old, *n_new, *at_new;
  uint32_t *tails, *before, *candidates; /* for the longest run */
} Pt2Align;

/* For items below N_ITEMS in sequences of at most LONGEST. False: no memory; the arrays lie in ARENA. */
bool pt2_align_init (Pt2Align *align, Pt2Arena *arena, uint32_t n_items, uint32_t longest);

typedef struct
{
  const uint32_t *items;
  uint32_t *partner; /* place in the other sequence, or PT2_UNPAIRED */
  uint32_t begin, end;
} Pt2AlignRange;

/* Pairs items of the two ranges, none of which is paired yet, so that pairs do not cross. */
void pt2_align_ranges (Pt2Align *align, Pt2AlignRange old, Pt2AlignRange new);

/* Two lists of what is known by a key, and how they fit. */
typedef struct
{
  uint32_t n[2];
  uint32_t *keys[2];    /* small numbers */
  uint32_t *partner[2]; /* place in the other list, or PT2_UNPAIRED */
} Pt2KeyedLists;

/* Pairs equal keys, those that stand in one order first, then the others wherever they stand, the first with the first.
 * N_KEYS: keys are below. ALIGN may be used for both lists afterwards. False: no memory. */
bool pt2_align_keys (Pt2Align *align, Pt2KeyedLists *lists, uint32_t n_keys, Pt2Arena *arena);

/* Marks in CHOSEN the members of a longest ascending run of VALUES (values UINT32_MAX do not count). */
void pt2_align_longest_run (Pt2Align *align, const uint32_t *values, uint32_t n, bool *chosen);
