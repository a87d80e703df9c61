/* SPDX-License-Identifier: Apache-2.0 */
/* What must stay before what, beyond who uses whose values: writes to memory that others read, random numbers, state of
 * the run. PyTorch's order knows none of this, since it only ever compares; a program in another order would compute
 * something else. */
#include "canon_operators.h"
#include "canon_private.h"

/* A set of values that may share memory, found by the one that stands for it. */
typedef struct
{
  uint32_t parent;
  uint32_t last_write; /* node + 1; 0: none yet */
  uint32_t readers;    /* since then: first in the list, + 1 */
  bool written;        /* by any node */
} Memory;

typedef struct
{
  uint32_t node, next;
} Reader;

typedef struct
{
  CanonGraph *graph;
  Memory *memory; /* of each value; the last is all constants by name */
  CanonOperator *operators;
  Reader *readers;
  uint32_t n_readers;
  uint32_t room;                     /* of graph->effects */
  uint32_t last_ordered, last_state; /* node + 1 */
  bool no_memory;
} Effects;

static uint32_t
find_set (Effects *effects, uint32_t value)
{
  Memory *memory = effects->memory;
  while (memory[value].parent != value)
    value = memory[value].parent = memory[memory[value].parent].parent;
  return value;
}

static void
join (Effects *effects, uint32_t a, uint32_t b)
{
  uint32_t one = find_set (effects, a), two = find_set (effects, b);
  effects->memory[MAX (one, two)].parent = MIN (one, two);
  effects->memory[MIN (one, two)].written |= effects->memory[MAX (one, two)].written;
}

/* The set of a slot that holds memory, or CANON_NONE. */
static uint32_t
slot_set (Effects *effects, const CanonSlot *slot)
{
  const CanonGraph *graph = effects->graph;
  if (slot->value != CANON_NONE)
    {
      CanonTable table = graph->values[slot->value].table;
      return table == CANON_TENSOR || table == CANON_CUSTOM_OBJ ? find_set (effects, slot->value) : CANON_NONE;
    }
  return slot->name != NULL && slot->name->len > 0 ? find_set (effects, graph->n_values) : CANON_NONE;
}

static bool
is_object (const CanonGraph *graph, const CanonSlot *slot)
{
  return slot->value == CANON_NONE || graph->values[slot->value].table == CANON_CUSTOM_OBJ;
}

static bool
is_written (const Effects *effects, uint32_t number, const CanonSlot *slot)
{
  const CanonNode *node = &effects->graph->nodes[number];
  Pt2String name = node->node->inputs.items[slot->input].name;
  if (is_object (effects->graph, slot))
    return true; /* methods of objects may change them */
  switch (effects->operators[number].written)
    {
    case CANON_WRITTEN_FIRST:
      return slot->input == 0;
    case CANON_WRITTEN_RUNNING:
      return name.len > 8 && memcmp (name.data, "running_", 8) == 0;
    case CANON_WRITTEN_ALL:
      return true;
    default:
      return false;
    }
}

/* ---- what each node does ---- */

static bool
is_set (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_BOOL:
      return argument->as_bool;
    case PT2_ARGUMENT_AS_INT:
      return argument->as_int != 0;
    case PT2_ARGUMENT_AS_FLOAT:
      return argument->as_float != 0;
    case PT2_ARGUMENT_AS_NONE:
      return false;
    default:
      return true;
    }
}

static bool
has_set_input (const Pt2Node *node, const char *name)
{
  for (uint32_t i = 0; i < node->inputs.len; i++)
    if (node->inputs.items[i].name.len == strlen (name)
        && memcmp (node->inputs.items[i].name.data, name, strlen (name)) == 0)
      return is_set (&node->inputs.items[i].arg);
  return false;
}

enum
{
  KNOWN_BITS = 8,
};

struct CanonKnown
{
  struct
  {
    Pt2String target;
    CanonOperator does;
  } places[1 << KNOWN_BITS];
};

static CanonOperator
look_up (Canon *canon, Pt2String target)
{
  if (canon->known == NULL)
    canon->known = canon_alloc (canon, 1, sizeof *canon->known);
  if (canon->known == NULL)
    return (CanonOperator){ .state = true };
  uint32_t spot = pt2_text_spot (target, KNOWN_BITS);
  Pt2String known = canon->known->places[spot].target;
  if (known.data == NULL || known.len != target.len || memcmp (known.data, target.data, target.len) != 0)
    {
      canon->known->places[spot].target = target;
      canon->known->places[spot].does = canon_operator (target, canon->training);
    }
  return canon->known->places[spot].does;
}

/* A node that runs graphs does what is done in them. */
static CanonOperator
operator_of (const CanonGraph *graph, const CanonNode *node)
{
  CanonOperator result = look_up (graph->canon, node->node->target);
  if (node->has_graphs)
    result.written = node->inside & CANON_WRITES ? CANON_WRITTEN_ALL : CANON_WRITTEN_NOTHING;
  result.ordered = result.ordered && (result.unless == NULL || has_set_input (node->node, result.unless));
  result.ordered = result.ordered || node->inside & CANON_ORDERED;
  result.state = result.state || node->inside & CANON_STATE;
  return result;
}

static void
join_outputs (Effects *effects, const CanonNode *node)
{
  uint32_t first = CANON_NONE;
  for (uint32_t s = 0; s < node->n_slots; s++)
    {
      uint32_t set = slot_set (effects, &node->slots[s]);
      if (set != CANON_NONE && first == CANON_NONE)
        first = set;
      else if (set != CANON_NONE)
        join (effects, first, set);
    }
  for (uint32_t i = 0; first != CANON_NONE && i < node->n_values; i++)
    if (effects->graph->values[node->first_value + i].table == CANON_TENSOR)
      join (effects, first, node->first_value + i);
}

static void
look_at_node (Effects *effects, uint32_t number)
{
  CanonGraph *graph = effects->graph;
  const CanonNode *node = &graph->nodes[number];
  CanonOperator *op = &effects->operators[number];
  *op = operator_of (graph, node);
  if (op->aliases)
    join_outputs (effects, node);
  for (uint32_t s = 0; s < node->n_slots; s++)
    {
      uint32_t set = slot_set (effects, &node->slots[s]);
      if (set != CANON_NONE && is_written (effects, number, &node->slots[s]))
        {
          effects->memory[set].written = true;
          graph->does |= CANON_WRITES;
        }
    }
  graph->does |= op->ordered ? CANON_ORDERED : 0;
  graph->does |= op->state ? CANON_STATE : 0;
}

/* ---- what stays before what ---- */

static void
add_effect (Effects *effects, uint32_t from, uint32_t to)
{
  CanonGraph *graph = effects->graph;
  if (from == to || effects->no_memory)
    return;
  if (graph->n_effects == effects->room)
    {
      uint32_t room = effects->room < 16 ? 16 : effects->room < UINT32_MAX / 2 ? 2 * effects->room : 0;
      CanonEffect *more = room > 0 ? canon_alloc (graph->canon, room, sizeof *more) : NULL;
      effects->no_memory = more == NULL;
      if (more == NULL)
        return;
      if (graph->n_effects > 0)
        memcpy (more, graph->effects, graph->n_effects * sizeof *more);
      graph->effects = more;
      effects->room = room;
    }
  graph->effects[graph->n_effects++] = (CanonEffect){ from, to };
}

static void
write_memory (Effects *effects, Memory *memory, uint32_t node)
{
  if (memory->last_write > 0 && memory->readers == 0)
    add_effect (effects, memory->last_write - 1, node);
  for (uint32_t reader = memory->readers; reader > 0; reader = effects->readers[reader - 1].next)
    add_effect (effects, effects->readers[reader - 1].node, node);
  memory->last_write = node + 1;
  memory->readers = 0;
}

static void
read_memory (Effects *effects, Memory *memory, uint32_t node)
{
  if (memory->last_write == node + 1)
    return;
  if (memory->last_write > 0)
    add_effect (effects, memory->last_write - 1, node);
  effects->readers[effects->n_readers] = (Reader){ node, memory->readers };
  memory->readers = ++effects->n_readers;
}

static void
touch_memory (Effects *effects, uint32_t number, bool writing)
{
  const CanonNode *node = &effects->graph->nodes[number];
  for (uint32_t s = 0; s < node->n_slots; s++)
    {
      uint32_t set = slot_set (effects, &node->slots[s]);
      if (set == CANON_NONE || !effects->memory[set].written
          || is_written (effects, number, &node->slots[s]) != writing)
        continue;
      writing ? write_memory (effects, &effects->memory[set], number)
              : read_memory (effects, &effects->memory[set], number);
    }
}

/* What changes the state stays behind all before it, and all after it behind that. */
static void
keep_state (Effects *effects, uint32_t number)
{
  if (effects->operators[number].state)
    {
      for (uint32_t i = effects->last_state; i < number; i++)
        add_effect (effects, i, number);
      if (effects->last_state > 0)
        add_effect (effects, effects->last_state - 1, number);
      effects->last_state = number + 1;
    }
  else if (effects->last_state > 0)
    add_effect (effects, effects->last_state - 1, number);
}

static void
order_node (Effects *effects, uint32_t number)
{
  CanonNode *node = &effects->graph->nodes[number];
  node->first_effect = effects->graph->n_effects;
  touch_memory (effects, number, false);
  touch_memory (effects, number, true);
  if (effects->operators[number].ordered)
    {
      if (effects->last_ordered > 0)
        add_effect (effects, effects->last_ordered - 1, number);
      effects->last_ordered = number + 1;
    }
  keep_state (effects, number);
  node->n_effects = effects->graph->n_effects - node->first_effect;
}

bool
canon_find_effects (CanonGraph *graph)
{
  Canon *canon = graph->canon;
  uint32_t n = graph->graph->nodes.len;
  uint64_t slots = 0;
  for (uint32_t i = 0; i < n; i++)
    slots += graph->nodes[i].n_slots;
  Effects effects = { .graph = graph,
                      .memory = canon_alloc (canon, (size_t)graph->n_values + 1, sizeof *effects.memory),
                      .operators = canon_alloc (canon, n, sizeof *effects.operators) };
  if (effects.memory == NULL || effects.operators == NULL)
    return false;
  for (uint32_t i = 0; i <= graph->n_values; i++)
    effects.memory[i].parent = i;
  for (uint32_t i = 0; i < n; i++)
    look_at_node (&effects, i);
  if (graph->does == 0)
    return true;
  effects.readers = canon_alloc (canon, slots, sizeof *effects.readers);
  for (uint32_t i = 0; effects.readers != NULL && i < n; i++)
    order_node (&effects, i);
  return effects.readers != NULL && !effects.no_memory;
}
