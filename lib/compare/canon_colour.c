/* SPDX-License-Identifier: Apache-2.0 */
/* What tells nodes apart that PyTorch's order does not: first what is in them, then where they stand. The hashes have
 * no key, since whoever computes a content id must find the same; a file made so that two collide gets an order that
 * depends on its own, and no more. docs/canonical-form.md says how each is made. */
#include "canon_private.h"
#include "sort.h"

enum
{
  TAG_NOTHING = 0,
  TAG_INPUT = 1,
  TAG_NODE = 2,
  TAG_OUTPUT = 3,
  TAG_CALL = 4,
  TAG_EFFECT = 5,
  TAG_PICKED = 6,
};

static uint64_t
mix (uint64_t hash, uint64_t word)
{
  uint64_t z = hash * UINT64_C (0x9e3779b97f4a7c15) + word;
  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* ---- what is in a node ---- */

static uint64_t
hash_bytes (uint64_t hash, const char *data, size_t len)
{
  for (size_t i = 0; i < len; i++)
    hash = (hash ^ (unsigned char)data[i]) * UINT64_C (0x100000001b3);
  return hash;
}

/* The JSON text of a value of the draft by itself. */
static bool
hash_json (CanonGraph *graph, const Pt2StructInfo *type, const void *value, uint64_t *hash)
{
  Canon *canon = graph->canon;
  canon->scratch.next = canon->scratch.data;
  if (!pt2_json_write_value (&canon->draft->document, type->type, value, &canon->scratch, &canon->status))
    return false;
  *hash = hash_bytes (*hash, canon->scratch.data, pt2_buffer_len (&canon->scratch));
  return true;
}

/* ---- what is left out of it ---- */

/* NAME is FRESH until restore_names(). */
static bool
put_name (Canon *canon, Pt2String *name, Pt2String fresh)
{
  if (canon->n_blanked == canon->room_for_blanked)
    {
      uint32_t room = MAX (64, canon->room_for_blanked * 2);
      CanonBlanked *more = canon_alloc (canon, room, sizeof *more);
      if (more == NULL)
        return false;
      if (canon->n_blanked > 0)
        memcpy (more, canon->blanked, canon->n_blanked * sizeof *more);
      canon->blanked = more;
      canon->room_for_blanked = room;
    }
  canon->blanked[canon->n_blanked++] = (CanonBlanked){ name, *name };
  *name = fresh;
  return true;
}

static void
restore_names (Canon *canon)
{
  for (; canon->n_blanked > 0; canon->n_blanked--)
    *canon->blanked[canon->n_blanked - 1].name = canon->blanked[canon->n_blanked - 1].was;
}

static bool
blank (Canon *canon, Pt2String *name)
{
  return put_name (canon, name, (Pt2String){ name->data, 0 });
}

static bool
blank_graph (Pt2GraphArgument *argument, bool hidden, void *data)
{
  return blank (data, &argument->name);
}

/* Takes the names of values and graphs out of a node, and its own. */
static bool
blank_names (CanonGraph *graph, const CanonNode *node)
{
  Canon *canon = graph->canon;
  for (uint32_t s = 0; s < node->n_slots; s++)
    if (node->slots[s].value != CANON_NONE && !blank (canon, node->slots[s].name))
      return false;
  for (uint32_t i = 0; i < node->n_values; i++)
    if (!blank (canon, graph->values[node->first_value + i].place))
      return false;
  for (uint32_t i = 0; node->has_graphs && i < node->node->inputs.len; i++)
    if (!canon_foreach_graph (&node->node->inputs.items[i].arg, blank_graph, canon))
      return false;
  return put_name (canon, &node->node->name, (Pt2String){ NULL, 0 });
}

static bool
hash_node (CanonGraph *graph, const CanonNode *node, uint64_t *hash)
{
  const Pt2StructInfo *type = pt2_schema_find_struct (&pt2_export_schema, "Node");
  uint32_t metadata = node->node->metadata.len;
  node->node->metadata.len = 0;
  bool fine = blank_names (graph, node) && hash_json (graph, type, node->node, hash);
  restore_names (graph->canon);
  node->node->metadata.len = metadata;
  return fine;
}

uint64_t
canon_content (CanonGraph *graph, uint32_t number)
{
  CanonNode *node = &graph->nodes[number];
  if (node->has_content || graph->canon->status.code != PT2_ERROR_NONE)
    return node->content;
  uint64_t hash = UINT64_C (0xcbf29ce484222325);
  bool fine = hash_node (graph, node, &hash);
  for (uint32_t i = 0; fine && i < node->n_values; i++)
    {
      const CanonValue *value = &graph->values[node->first_value + i];
      hash = hash_bytes (hash, "\n", 1);
      fine = hash_json (graph, canon_table_type (value->table)->element->record, value->meta, &hash);
    }
  node->has_content = true;
  return node->content = hash;
}

/* ---- where it stands ---- */

uint32_t
canon_order_topologically (CanonGraph *graph)
{
  uint32_t n = graph->graph->nodes.len, done = 0, end = 0;
  uint32_t *waits = canon_alloc (graph->canon, n, sizeof *waits);
  graph->topological = canon_alloc (graph->canon, n, sizeof *graph->topological);
  if (waits == NULL || graph->topological == NULL)
    return 0;
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t e = 0; e < graph->nodes[i].n_after; e++)
      waits[graph->after[graph->nodes[i].first_after + e]]++;
  for (uint32_t i = 0; i < n; i++)
    if (waits[i] == 0)
      graph->topological[end++] = i;
  for (; done < end; done++)
    {
      const CanonNode *node = &graph->nodes[graph->topological[done]];
      for (uint32_t e = 0; e < node->n_after; e++)
        if (--waits[graph->after[node->first_after + e]] == 0)
          graph->topological[end++] = graph->after[node->first_after + e];
    }
  return end;
}

static uint64_t
colour_slot (const CanonGraph *graph, const CanonSlot *slot)
{
  if (slot->value == CANON_NONE)
    return TAG_NOTHING;
  const CanonValue *value = &graph->values[slot->value];
  if (value->node == CANON_NONE)
    return mix (TAG_INPUT, value->position);
  return mix (mix (TAG_NODE, graph->colours.up[value->node]), value->position);
}

static void
sweep_up (CanonGraph *graph)
{
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    {
      uint32_t at = graph->topological[i];
      const CanonNode *node = &graph->nodes[at];
      uint64_t hash = node->colour, effects = 0;
      for (uint32_t s = 0; s < node->n_slots; s++)
        hash = mix (hash, colour_slot (graph, &node->slots[s]));
      for (uint32_t e = 0; e < node->n_effects; e++)
        effects += mix (TAG_EFFECT, graph->colours.up[graph->effects[node->first_effect + e].from]);
      graph->colours.up[at] = mix (hash, effects);
    }
}

static void
add_use (CanonGraph *graph, uint32_t value, uint64_t user, uint64_t place)
{
  if (value != CANON_NONE && graph->values[value].node != CANON_NONE)
    graph->colours.uses[graph->values[value].node] += mix (mix (user, place), graph->values[value].position);
}

static void
sweep_down (CanonGraph *graph)
{
  uint32_t n = graph->graph->nodes.len;
  uint64_t *uses = graph->colours.uses;
  memset (uses, 0, n * sizeof *uses);
  for (uint32_t i = 0; i < graph->n_outputs; i++)
    add_use (graph, graph->outputs[i].value, TAG_OUTPUT, i);
  for (uint32_t i = 0; i < graph->n_called; i++)
    add_use (graph, graph->called[i], TAG_CALL, i);
  for (uint32_t i = n; i-- > 0;)
    {
      uint32_t at = graph->topological[i];
      CanonNode *node = &graph->nodes[at];
      node->colour = mix (graph->colours.up[at], uses[at]);
      for (uint32_t s = 0; s < node->n_slots; s++)
        add_use (graph, node->slots[s].value, mix (TAG_NODE, node->colour), s);
      for (uint32_t e = 0; e < node->n_effects; e++)
        uses[graph->effects[node->first_effect + e].from] += mix (TAG_EFFECT, node->colour);
    }
}

static int
by_colour (uint32_t a, uint32_t b, const void *data)
{
  const CanonNode *nodes = data;
  return (nodes[a].colour > nodes[b].colour) - (nodes[a].colour < nodes[b].colour);
}

static uint32_t
count_colours (CanonGraph *graph)
{
  uint32_t n = graph->graph->nodes.len, different = 0, *sorted = graph->colours.sorted;
  for (uint32_t i = 0; i < n; i++)
    sorted[i] = i;
  pt2_sort (sorted, n, by_colour, graph->nodes);
  for (uint32_t i = 0; i < n; i++)
    different += i == 0 || graph->nodes[sorted[i]].colour != graph->nodes[sorted[i - 1]].colour;
  return different;
}

/* Until another pair of sweeps tells no more nodes apart; a graph where that takes longer is made to take long. */
static void
refine (CanonGraph *graph)
{
  enum
  {
    MOST_SWEEPS = 16,
  };
  uint32_t before = 0;
  for (int i = 0; i < MOST_SWEEPS; i++)
    {
      sweep_up (graph);
      sweep_down (graph);
      uint32_t now = count_colours (graph);
      if (now <= before)
        return;
      before = now;
    }
}

bool
canon_colour (CanonGraph *graph)
{
  Canon *canon = graph->canon;
  uint32_t n = graph->graph->nodes.len;
  graph->coloured = true;
  graph->colours = (CanonColours){ canon_alloc (canon, n, sizeof (uint64_t)), canon_alloc (canon, n, sizeof (uint64_t)),
                                   canon_alloc (canon, n, sizeof (uint32_t)) };
  if (graph->colours.up == NULL || graph->colours.uses == NULL || graph->colours.sorted == NULL)
    return false;
  if (canon_order_topologically (graph) < n)
    return canon->status.code == PT2_ERROR_NONE; /* a circle: the queue will find that it cannot end */
  for (uint32_t i = 0; i < n; i++)
    graph->nodes[i].colour = canon_content (graph, i);
  if (canon->status.code == PT2_ERROR_NONE)
    refine (graph);
  return canon->status.code == PT2_ERROR_NONE;
}

void
canon_colour_pick (CanonGraph *graph, uint32_t node, uint32_t number)
{
  graph->nodes[node].colour = mix (mix (TAG_PICKED, number), graph->nodes[node].colour);
  refine (graph);
}

/* ---- inputs ---- */

typedef struct
{
  const uint32_t *classes;
  const uint64_t *uses;
} InputKeys;

static int
by_class (uint32_t a, uint32_t b, const void *data)
{
  const InputKeys *keys = data;
  if (keys->classes[a] != keys->classes[b])
    return keys->classes[a] < keys->classes[b] ? -1 : 1;
  return (keys->uses[a] > keys->uses[b]) - (keys->uses[a] < keys->uses[b]);
}

static void
add_input_use (const CanonGraph *graph, uint64_t *uses, uint32_t value, uint64_t user, uint64_t place)
{
  if (value != CANON_NONE && value < graph->n_inputs)
    uses[value] += mix (user, place);
}

static void
sum_input_uses (const CanonGraph *graph, uint64_t *uses)
{
  for (uint32_t i = 0; i < graph->n_outputs; i++)
    add_input_use (graph, uses, graph->outputs[i].value, TAG_OUTPUT, i);
  for (uint32_t i = 0; i < graph->n_called; i++)
    add_input_use (graph, uses, graph->called[i], TAG_CALL, i);
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    for (uint32_t s = 0; s < graph->nodes[i].n_slots; s++)
      add_input_use (graph, uses, graph->nodes[i].slots[s].value, mix (TAG_NODE, graph->nodes[i].colour), s);
}

static bool
rank_by_use (CanonGraph *graph, const uint32_t *classes)
{
  uint32_t n = graph->n_inputs, *order = canon_alloc (graph->canon, n, sizeof *order);
  uint64_t *uses = canon_alloc (graph->canon, n, sizeof *uses);
  for (uint32_t i = 0; i < n; i++)
    graph->values[i].position = classes[i];
  if (order == NULL || uses == NULL || !canon_colour (graph))
    return false;
  graph->coloured = false; /* these were for the inputs; those for the nodes know the inputs apart */
  sum_input_uses (graph, uses);
  for (uint32_t i = 0; i < n; i++)
    order[i] = i;
  pt2_sort (order, n, by_class, &(InputKeys){ classes, uses });
  for (uint32_t i = 0; i < n; i++)
    graph->values[order[i]].rank = graph->values[order[i]].position = i;
  return true;
}

bool
canon_rank_inputs (CanonGraph *graph)
{
  if (graph->root != NULL && graph->root->classes != NULL)
    return rank_by_use (graph, graph->root->classes);
  for (uint32_t i = 0; i < graph->n_inputs; i++)
    graph->values[i].rank = graph->values[i].position = i;
  return true;
}
