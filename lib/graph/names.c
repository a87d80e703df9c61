/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"
#include "arena.h"
#include "graph.h"
#include <stdlib.h>
#include <string.h>

void
pt2_fx_names_init (Pt2FxNames *names)
{
  *names = (Pt2FxNames){ .slots = NULL };
  pt2_text_key_init (&names->key);
}

void
pt2_fx_names_clear (Pt2FxNames *names)
{
  free (names->slots);
  names->slots = NULL;
}

size_t
pt2_fx_names_bytes (const Pt2FxNames *names)
{
  return names->size * sizeof *names->slots;
}

static size_t
home_of (const Pt2FxNames *names, Pt2String name)
{
  return pt2_text_hash (&names->key, name) & (names->size - 1);
}

/* The slot that holds NAME, or the empty one where it would go. */
static size_t
slot_of (const Pt2FxNames *names, Pt2String name)
{
  size_t slot = home_of (names, name);
  for (; names->slots[slot] != NULL; slot = (slot + 1) & (names->size - 1))
    {
      const Pt2FxNode *node = names->slots[slot];
      if (node->name_len == name.len && memcmp (node->name, name.data, name.len) == 0)
        break;
    }
  return slot;
}

static bool
resize (Pt2FxNames *names, size_t size)
{
  Pt2FxNames larger = *names;
  larger.size = size;
  larger.slots = pt2_large_alloc (size * sizeof *larger.slots);
  if (larger.slots == NULL)
    return false;
  memset (larger.slots, 0, size * sizeof *larger.slots);
  for (size_t i = 0; i < names->size; i++)
    if (names->slots[i] != NULL)
      larger.slots[slot_of (&larger, pt2_fx_name (names->slots[i]))] = names->slots[i];
  free (names->slots);
  *names = larger;
  return true;
}

bool
pt2_fx_names_reserve (Pt2FxNames *names, size_t n)
{
  size_t size = names->size == 0 ? 16 : names->size;
  while (n > size / 4 * 3)
    size *= 2;
  return size == names->size || resize (names, size);
}

struct Pt2FxNode *
pt2_fx_names_find (const Pt2FxNames *names, Pt2String name)
{
  return names->size == 0 ? NULL : names->slots[slot_of (names, name)];
}

bool
pt2_fx_names_add (Pt2FxNames *names, struct Pt2FxNode *node, struct Pt2FxNode **other)
{
  *other = NULL;
  if (!pt2_fx_names_reserve (names, names->n + 1))
    return false;
  size_t slot = slot_of (names, pt2_fx_name (node));
  *other = names->slots[slot];
  if (*other != NULL)
    return false;
  names->slots[slot] = node;
  names->n++;
  return true;
}

/* What stands behind the gap moves up, unless that would take it in front of its home. */
void
pt2_fx_names_remove (Pt2FxNames *names, struct Pt2FxNode *node)
{
  size_t mask = names->size - 1, gap;
  if (names->size == 0 || names->slots[gap = slot_of (names, pt2_fx_name (node))] != node)
    return;
  for (size_t i = (gap + 1) & mask; names->slots[i] != NULL; i = (i + 1) & mask)
    {
      size_t home = home_of (names, pt2_fx_name (names->slots[i]));
      if (((i - home) & mask) >= ((i - gap) & mask))
        {
          names->slots[gap] = names->slots[i];
          gap = i;
        }
    }
  names->slots[gap] = NULL;
  names->n--;
}
