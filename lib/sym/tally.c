/* SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"
#include <stdlib.h>
#include <string.h>

void
sym_tally_init (SymTally *tally)
{
  tally->entries = tally->few;
  tally->n = 0;
  tally->room = G_N_ELEMENTS (tally->few);
  tally->slots = NULL;
  tally->n_slots = 0;
}

void
sym_tally_clear (SymTally *tally)
{
  if (tally->entries != tally->few)
    free (tally->entries);
  free (tally->slots);
}

static uint32_t
place_of (const SymTally *tally, const Pt2Expr *node)
{
  uint32_t place = (uint32_t)node->hash & (tally->n_slots - 1);
  while (tally->slots[place] != 0 && tally->entries[tally->slots[place] - 1].node != node)
    place = (place + 1) & (tally->n_slots - 1);
  return place;
}

static bool
grow (SymTally *tally)
{
  uint32_t room = tally->room * 2, n_slots = room * 2;
  bool few = tally->entries == tally->few;
  SymEntry *entries = realloc (few ? NULL : tally->entries, room * sizeof *entries);
  if (entries == NULL)
    return false;
  if (few)
    memcpy (entries, tally->few, sizeof tally->few);
  tally->entries = entries;
  uint32_t *slots = calloc (n_slots, sizeof *slots);
  if (slots == NULL)
    return false;
  free (tally->slots);
  tally->slots = slots;
  tally->n_slots = n_slots;
  tally->room = room;
  for (uint32_t i = 0; i < tally->n; i++)
    slots[place_of (tally, entries[i].node)] = i + 1;
  return true;
}

const SymEntry *
sym_tally_find (const SymTally *tally, const Pt2Expr *node)
{
  if (tally->slots != NULL)
    {
      uint32_t found = tally->slots[place_of (tally, node)];
      return found != 0 ? &tally->entries[found - 1] : NULL;
    }
  for (uint32_t i = 0; i < tally->n; i++)
    if (tally->entries[i].node == node)
      return &tally->entries[i];
  return NULL;
}

SymEntry *
sym_tally_get (SymTally *tally, const Pt2Expr *node, bool *fresh)
{
  const SymEntry *found = sym_tally_find (tally, node);
  *fresh = found == NULL;
  if (found != NULL)
    return (SymEntry *)found;
  if (tally->n == tally->room && !grow (tally))
    return NULL;
  if (tally->slots != NULL)
    tally->slots[place_of (tally, node)] = tally->n + 1;
  SymEntry *entry = &tally->entries[tally->n];
  /* The place in the table was found by a node that is not there yet. */
  *entry = (SymEntry){ .node = node };
  tally->n++;
  return entry;
}
