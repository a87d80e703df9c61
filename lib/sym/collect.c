/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes of one expression, each once, arguments first. Changes nothing in them, so any thread may. */
#include "sym_private.h"
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const Pt2Expr **nodes; /* found; those from DONE on have arguments to look at */
  uint32_t n, done, room;
  uint32_t *slots; /* index + 1 of a node, by its number */
  uint32_t n_slots;
} Collection;

static bool
grow (Collection *found)
{
  uint32_t room = found->room == 0 ? 32 : found->room * 2, n_slots = room * 2;
  const Pt2Expr **nodes = realloc (found->nodes, room * sizeof *nodes);
  if (nodes != NULL)
    found->nodes = nodes;
  uint32_t *slots = nodes != NULL ? calloc (n_slots, sizeof *slots) : NULL;
  if (slots == NULL)
    return false;
  for (uint32_t i = 0; i < found->n; i++)
    {
      uint32_t place = nodes[i]->number * 0x9e3779b9u & (n_slots - 1);
      while (slots[place] != 0)
        place = (place + 1) & (n_slots - 1);
      slots[place] = i + 1;
    }
  free (found->slots);
  found->slots = slots;
  found->n_slots = n_slots;
  found->room = room;
  return true;
}

static bool
add (Collection *found, const Pt2Expr *node)
{
  if (found->n == found->room && !grow (found))
    return false;
  uint32_t place = node->number * 0x9e3779b9u & (found->n_slots - 1);
  for (; found->slots[place] != 0; place = (place + 1) & (found->n_slots - 1))
    if (found->nodes[found->slots[place] - 1] == node)
      return true;
  found->nodes[found->n++] = node;
  found->slots[place] = found->n;
  return true;
}

static int
compare_numbers (const void *a, const void *b)
{
  uint32_t x = (*(const Pt2Expr *const *)a)->number, y = (*(const Pt2Expr *const *)b)->number;
  return (x > y) - (x < y);
}

const Pt2Expr **
sym_collect (const Pt2Expr *expr, uint32_t *n)
{
  Collection found = { NULL };
  bool good = add (&found, expr);
  for (; good && found.done < found.n; found.done++)
    {
      const Pt2Expr *node = found.nodes[found.done];
      for (uint32_t i = 0; i < node->n_args && good; i++)
        good = add (&found, node->args[i]);
    }
  free (found.slots);
  if (!good)
    {
      free (found.nodes);
      return NULL;
    }
  qsort (found.nodes, found.n, sizeof *found.nodes, compare_numbers);
  *n = found.n;
  return found.nodes;
}
