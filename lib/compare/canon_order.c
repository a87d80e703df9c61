/* SPDX-License-Identifier: Apache-2.0 */
/* The order of nodes: PyTorch's queue of those that wait for nothing, by operator, then by what they are given; where
 * that leaves two alike, by the rest of what they are, then by their place in the graph. */
#include "canon_private.h"

/* How often nodes that nothing tells apart are told apart by choice, for which all colours are made anew. */
enum
{
  MOST_PICKS = 16,
};

typedef struct
{
  CanonGraph *graph;
  uint32_t *heap;
  uint32_t n;
  uint32_t picks;
} Queue;

/* As a comparison of lists of numbers: what stands for no value comes first. */
static int64_t
rank_of (const CanonGraph *graph, const CanonSlot *slot)
{
  return slot->value != CANON_NONE ? (int64_t)graph->values[slot->value].rank : -1;
}

/* The slots of one input, as far as PyTorch looks. */
static uint32_t
skip_hidden (const CanonNode *node, uint32_t at, uint32_t input)
{
  while (at < node->n_slots && node->slots[at].input == input && node->slots[at].hidden)
    at++;
  return at;
}

static bool
is_input (const CanonNode *node, uint32_t at, uint32_t input)
{
  return at < node->n_slots && node->slots[at].input == input;
}

static int
compare_ranks (const CanonGraph *graph, const CanonNode *a, const CanonNode *b, uint32_t input, uint32_t *at_a,
               uint32_t *at_b)
{
  for (;; ++*at_a, ++*at_b)
    {
      *at_a = skip_hidden (a, *at_a, input);
      *at_b = skip_hidden (b, *at_b, input);
      bool more_a = is_input (a, *at_a, input), more_b = is_input (b, *at_b, input);
      if (!more_a || !more_b)
        return more_a - more_b;
      int64_t one = rank_of (graph, &a->slots[*at_a]), two = rank_of (graph, &b->slots[*at_b]);
      if (one != two)
        return one < two ? -1 : 1;
    }
}

/* PyTorch's order without its last resort, the place in the file. */
static int
compare_as_torch (const CanonGraph *graph, const CanonNode *a, const CanonNode *b)
{
  int order = pt2_text_compare (a->node->target, b->node->target);
  const Pt2NamedArgumentList *one = &a->node->inputs, *two = &b->node->inputs;
  uint32_t at_a = 0, at_b = 0;
  for (uint32_t i = 0; order == 0 && i < one->len && i < two->len; i++)
    {
      order = pt2_text_compare (one->items[i].name, two->items[i].name);
      if (order == 0)
        order = compare_ranks (graph, a, b, i, &at_a, &at_b);
    }
  return order != 0 ? order : (one->len > two->len) - (one->len < two->len);
}

static int
compare_nodes (CanonGraph *graph, uint32_t a, uint32_t b)
{
  CanonNode *one = &graph->nodes[a], *two = &graph->nodes[b];
  int order = compare_as_torch (graph, one, two);
  if (order != 0)
    return order;
  uint64_t content = canon_content (graph, a), other = canon_content (graph, b);
  if (content != other)
    return content < other ? -1 : 1;
  if (!graph->coloured && !canon_colour (graph))
    return 0; /* the fault is in the status */
  return (one->colour > two->colour) - (one->colour < two->colour);
}

static bool
stands_before (const Queue *queue, uint32_t a, uint32_t b)
{
  int order = compare_nodes (queue->graph, a, b);
  return order != 0 ? order < 0 : a < b;
}

static void
sink (Queue *queue, uint32_t at)
{
  uint32_t item = queue->heap[at];
  for (uint32_t child; (child = 2 * at + 1) < queue->n; at = child)
    {
      if (child + 1 < queue->n && stands_before (queue, queue->heap[child + 1], queue->heap[child]))
        child++;
      if (!stands_before (queue, queue->heap[child], item))
        break;
      queue->heap[at] = queue->heap[child];
    }
  queue->heap[at] = item;
}

static void
push (Queue *queue, uint32_t node)
{
  uint32_t at = queue->n++;
  for (uint32_t parent; at > 0 && stands_before (queue, node, queue->heap[parent = (at - 1) / 2]); at = parent)
    queue->heap[at] = queue->heap[parent];
  queue->heap[at] = node;
}

static uint32_t
pop (Queue *queue)
{
  uint32_t first = queue->heap[0];
  queue->heap[0] = queue->heap[--queue->n];
  if (queue->n > 0)
    sink (queue, 0);
  return first;
}

/* FIRST was taken where another would have done as well. From now on it is another, and so is what depends on it. */
static void
settle_tie (Queue *queue, uint32_t first)
{
  CanonGraph *graph = queue->graph;
  if (queue->n == 0 || queue->picks == MOST_PICKS || compare_nodes (graph, first, queue->heap[0]) != 0
      || !graph->nodes[first].is_seen || graph->canon->status.code != PT2_ERROR_NONE)
    return;
  canon_colour_pick (graph, first, queue->picks++);
  for (uint32_t i = queue->n / 2; i-- > 0;)
    sink (queue, i);
}

static void
give_ranks (CanonGraph *graph, const CanonNode *node, uint32_t *ranks)
{
  for (uint32_t i = 0; i < node->n_values; i++)
    graph->values[node->first_value + i].rank = (*ranks)++;
}

static void
release (Queue *queue, const CanonNode *node)
{
  for (uint32_t i = 0; i < node->n_after; i++)
    {
      uint32_t after = queue->graph->after[node->first_after + i];
      if (--queue->graph->nodes[after].waits_for == 0)
        push (queue, after);
    }
}

/* ---- who waits for whom ---- */

/* Calls FUNC for each edge: a value from one node to another, or an effect. */
static void
foreach_edge (CanonGraph *graph, void (*func) (CanonGraph *graph, uint32_t from, uint32_t to))
{
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    for (uint32_t s = 0; s < graph->nodes[i].n_slots; s++)
      {
        uint32_t value = graph->nodes[i].slots[s].value;
        if (value != CANON_NONE && graph->values[value].node != CANON_NONE)
          func (graph, graph->values[value].node, i);
      }
  for (uint32_t i = 0; i < graph->n_effects; i++)
    func (graph, graph->effects[i].from, graph->effects[i].to);
}

static void
count_edge (CanonGraph *graph, uint32_t from, uint32_t to)
{
  graph->nodes[from].n_after++;
  graph->nodes[to].waits_for++;
}

static void
store_edge (CanonGraph *graph, uint32_t from, uint32_t to)
{
  CanonNode *node = &graph->nodes[from];
  graph->after[node->first_after + node->n_after++] = to;
}

bool
canon_link_nodes (CanonGraph *graph)
{
  uint64_t n = 0;
  foreach_edge (graph, count_edge);
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    {
      CanonNode *node = &graph->nodes[i];
      node->is_seen = node->is_seen || node->n_after > 0;
      node->first_after = (uint32_t)n;
      n += node->n_after;
      node->n_after = 0;
    }
  if (n > UINT32_MAX)
    return pt2_status_fail (&graph->canon->status, PT2_ERROR_L003, PT2_NO_OFFSET, "%" G_GUINT64_FORMAT " uses", n);
  graph->after = canon_alloc (graph->canon, n, sizeof *graph->after);
  if (graph->after != NULL)
    foreach_edge (graph, store_edge);
  return graph->after != NULL;
}

bool
canon_order_nodes (CanonGraph *graph)
{
  Canon *canon = graph->canon;
  uint32_t n = graph->graph->nodes.len, done = 0, ranks = graph->n_inputs;
  Queue queue = { .graph = graph, .heap = canon_alloc (canon, n, sizeof *queue.heap) };
  graph->order = canon_alloc (canon, n, sizeof *graph->order);
  if (queue.heap == NULL || graph->order == NULL)
    return false;
  for (uint32_t i = 0; i < n; i++)
    if (graph->nodes[i].waits_for == 0)
      push (&queue, i);
  while (queue.n > 0 && canon->status.code == PT2_ERROR_NONE)
    {
      uint32_t node = pop (&queue);
      settle_tie (&queue, node);
      graph->order[done++] = node;
      give_ranks (graph, &graph->nodes[node], &ranks);
      release (&queue, &graph->nodes[node]);
    }
  if (canon->status.code != PT2_ERROR_NONE)
    return false;
  return done == n || pt2_status_fail (&canon->status, PT2_ERROR_C005, PT2_NO_OFFSET, "%u of %u nodes", n - done, n);
}
