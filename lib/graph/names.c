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

/* The bits of a hash that stand in a slot: a name is only compared where they agree, since what a slot points to is far
 * from the next one's. */
#define TAG_MASK (~UINT64_C (0) << 48)

static inline Pt2FxNode *
node_in (uint64_t slot)
{
  return (Pt2FxNode *)(uintptr_t)(slot & ~TAG_MASK);
}

static inline uint64_t
make_slot (Pt2FxNode *node, uint64_t hash)
{
  return (uint64_t)(uintptr_t)node | (hash & TAG_MASK);
}

/* Any number of slots does, so that a table is no larger than its names need. */
static inline size_t
home_of (const Pt2FxNames *names, uint64_t hash)
{
  return (size_t)((hash & UINT32_MAX) * names->size >> 32);
}

static inline size_t
behind (const Pt2FxNames *names, size_t at)
{
  return at + 1 == names->size ? 0 : at + 1;
}

/* The slot that holds NAME, or the empty one where it would go. */
static size_t
slot_of (const Pt2FxNames *names, Pt2String name, uint64_t hash)
{
  size_t at = home_of (names, hash);
  for (; names->slots[at] != 0; at = behind (names, at))
    {
      if (((names->slots[at] ^ hash) & TAG_MASK) != 0)
        continue;
      const Pt2FxNode *node = node_in (names->slots[at]);
      if (node->name_len == name.len && memcmp (node->name, name.data, name.len) == 0)
        break;
    }
  return at;
}

static uint64_t
hash_of (const Pt2FxNames *names, const Pt2FxNode *node)
{
  return pt2_text_hash (&names->key, pt2_fx_name (node));
}

static bool
resize (Pt2FxNames *names, size_t size)
{
  Pt2FxNames larger = *names;
  larger.size = size;
  larger.slots = size <= UINT32_MAX ? pt2_large_alloc (size * sizeof *larger.slots) : NULL;
  if (larger.slots == NULL)
    return false;
  memset (larger.slots, 0, size * sizeof *larger.slots);
  for (size_t i = 0; i < names->size; i++)
    if (names->slots[i] != 0)
      {
        const Pt2FxNode *node = node_in (names->slots[i]);
        larger.slots[slot_of (&larger, pt2_fx_name (node), hash_of (&larger, node))] = names->slots[i];
      }
  free (names->slots);
  *names = larger;
  return true;
}

bool
pt2_fx_names_reserve (Pt2FxNames *names, size_t n)
{
  if (n <= names->size / 4 * 3)
    return true;
  size_t needed = (n / 3 + 1) * 4;
  return resize (names, MAX (needed, names->size * 2));
}

struct Pt2FxNode *
pt2_fx_names_find (const Pt2FxNames *names, Pt2String name)
{
  if (names->size == 0)
    return NULL;
  return node_in (names->slots[slot_of (names, name, pt2_text_hash (&names->key, name))]);
}

bool
pt2_fx_names_add (Pt2FxNames *names, struct Pt2FxNode *node, struct Pt2FxNode **other)
{
  *other = NULL;
  if (!pt2_fx_names_reserve (names, names->n + 1))
    return false;
  uint64_t hash = hash_of (names, node);
  size_t at = slot_of (names, pt2_fx_name (node), hash);
  *other = node_in (names->slots[at]);
  if (*other != NULL)
    return false;
  names->slots[at] = make_slot (node, hash);
  names->n++;
  return true;
}

static size_t
steps (const Pt2FxNames *names, size_t from, size_t to)
{
  return to >= from ? to - from : to + names->size - from;
}

/* What stands behind the gap moves up, unless that would take it in front of its home. */
void
pt2_fx_names_remove (Pt2FxNames *names, struct Pt2FxNode *node)
{
  if (names->size == 0)
    return;
  size_t gap = slot_of (names, pt2_fx_name (node), hash_of (names, node));
  if (node_in (names->slots[gap]) != node)
    return;
  for (size_t i = behind (names, gap); names->slots[i] != 0; i = behind (names, i))
    {
      size_t home = home_of (names, hash_of (names, node_in (names->slots[i])));
      if (steps (names, home, i) >= steps (names, gap, i))
        {
          names->slots[gap] = names->slots[i];
          gap = i;
        }
    }
  names->slots[gap] = 0;
  names->n--;
}
