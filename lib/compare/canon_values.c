/* SPDX-License-Identifier: Apache-2.0 */
#include "canon_private.h"

/* Fills what one pass finds. */
typedef struct
{
  CanonGraph *graph;
  CanonSlot *slots;
  uint32_t n;
  uint32_t node, input;
  uint32_t position;
} Pass;

uint32_t
canon_find (const CanonGraph *graph, Pt2String name)
{
  uint32_t found = pt2_text_index_find (&graph->index, graph->values, sizeof *graph->values, name);
  return found == PT2_TEXT_INDEX_NONE ? CANON_NONE : found;
}

/* `_0`, `_n0`, `_c0`: all that canon_graph.c makes. */
bool
canon_is_taken (const CanonGraph *graph, Pt2String name)
{
  uint32_t digits = 1;
  if (name.len < 2 || name.data[0] != '_')
    return false;
  digits += name.data[1] == 'n' || name.data[1] == 'c';
  for (uint32_t i = digits; i < name.len; i++)
    if (!g_ascii_isdigit (name.data[i]))
      return false;
  return name.len > digits;
}

/* ---- definitions ---- */

static bool
count_slot (Pt2String *name, CanonTable table, bool hidden, void *data)
{
  ++*(uint64_t *)data;
  return true;
}

static bool
count_slots (Canon *canon, Pt2Argument *arguments, uint32_t n, uint64_t *slots)
{
  for (uint32_t i = 0; i < n; i++)
    if (!canon_foreach_slot (canon, &arguments[i], count_slot, slots))
      return false;
  return true;
}

static bool
define (Pt2String *name, CanonTable table, bool hidden, void *data)
{
  Pass *pass = data;
  CanonGraph *graph = pass->graph;
  if (name == NULL || name->len == 0)
    return true;
  uint32_t number = graph->n_values;
  graph->values[number] = (CanonValue){
    .name = *name, .place = name, .node = pass->node, .position = pass->position++, .rank = CANON_NONE, .table = table
  };
  uint32_t owner = pt2_text_index_claim (&graph->index, graph->values, sizeof *graph->values, number);
  if (owner == PT2_TEXT_INDEX_NONE)
    return pt2_status_fail (&graph->canon->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  graph->n_values++;
  return owner == number || canon_fail (graph->canon, PT2_ERROR_C003, *name);
}

static bool
define_all (Pass *pass, Pt2ArgumentList *arguments)
{
  for (uint32_t i = 0; i < arguments->len; i++)
    if (!canon_foreach_slot (pass->graph->canon, &arguments->items[i], define, pass))
      return false;
  return true;
}

static bool
collect_definitions (CanonGraph *graph)
{
  Canon *canon = graph->canon;
  Pt2Graph *native = graph->graph;
  uint64_t n = 0;
  if (!count_slots (canon, native->inputs.items, native->inputs.len, &n))
    return false;
  for (uint32_t i = 0; i < native->nodes.len; i++)
    if (!count_slots (canon, native->nodes.items[i].outputs.items, native->nodes.items[i].outputs.len, &n))
      return false;
  graph->values = canon_alloc (canon, n, sizeof *graph->values);
  graph->nodes = canon_alloc (canon, native->nodes.len, sizeof *graph->nodes);
  Pass pass = { .graph = graph, .node = CANON_NONE };
  if (graph->values == NULL || graph->nodes == NULL)
    return false;
  if (!pt2_text_index_reserve (&graph->index, (uint32_t)MIN (n, UINT32_MAX / 2)))
    return pt2_status_fail (&canon->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  if (!define_all (&pass, &native->inputs))
    return false;
  graph->n_inputs = graph->n_values;
  for (uint32_t i = 0; i < native->nodes.len; i++)
    {
      pass = (Pass){ .graph = graph, .node = i };
      graph->nodes[i] = (CanonNode){ .node = &native->nodes.items[i], .first_value = graph->n_values };
      if (!define_all (&pass, &native->nodes.items[i].outputs))
        return false;
      graph->nodes[i].n_values = pass.position;
    }
  return true;
}

/* ---- uses ---- */

static bool
use (Pt2String *name, CanonTable table, bool hidden, void *data)
{
  Pass *pass = data;
  CanonGraph *graph = pass->graph;
  uint32_t value = name != NULL && name->len > 0 ? canon_find (graph, *name) : CANON_NONE;
  pass->slots[pass->n++] = (CanonSlot){ name, value, pass->input, hidden };
  if (value != CANON_NONE || name == NULL || name->len == 0)
    return true;
  if (table != CANON_CUSTOM_OBJ) /* objects may be the archive's, by their names there */
    return canon_fail (graph->canon, PT2_ERROR_C002, *name);
  return !canon_is_taken (graph, *name) || canon_fail (graph->canon, PT2_ERROR_C007, *name);
}

static bool
collect_node (CanonGraph *graph, CanonNode *node)
{
  Canon *canon = graph->canon;
  uint64_t n = 0;
  Pt2NamedArgumentList *inputs = &node->node->inputs;
  for (uint32_t i = 0; i < inputs->len; i++)
    if (!canon_foreach_slot (canon, &inputs->items[i].arg, count_slot, &n))
      return false;
  Pass pass = { .graph = graph, .slots = node->slots = canon_alloc (canon, n, sizeof *node->slots) };
  if (node->slots == NULL)
    return false;
  for (; pass.input < inputs->len; pass.input++)
    if (!canon_foreach_slot (canon, &inputs->items[pass.input].arg, use, &pass))
      return false;
  node->n_slots = pass.n;
  return true;
}

static bool
collect_uses (CanonGraph *graph)
{
  Canon *canon = graph->canon;
  Pt2ArgumentList *outputs = &graph->graph->outputs;
  uint64_t n = 0;
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    if (!collect_node (graph, &graph->nodes[i]))
      return false;
  if (!count_slots (canon, outputs->items, outputs->len, &n))
    return false;
  Pass pass = { .graph = graph, .slots = graph->outputs = canon_alloc (canon, n, sizeof *graph->outputs) };
  if (graph->outputs == NULL)
    return false;
  for (; pass.input < outputs->len; pass.input++)
    if (!canon_foreach_slot (canon, &outputs->items[pass.input], use, &pass))
      return false;
  graph->n_outputs = pass.n;
  for (uint32_t i = 0; i < pass.n; i++)
    if (pass.slots[i].value != CANON_NONE && graph->values[pass.slots[i].value].node != CANON_NONE)
      graph->nodes[graph->values[pass.slots[i].value].node].is_seen = true;
  return true;
}

/* ---- tables ---- */

const CanonTableInfo canon_tables[CANON_N_TABLES] = {
  [CANON_TENSOR] = { "tensor_values", offsetof (Pt2Graph, tensor_values) },
  [CANON_SYM_INT] = { "sym_int_values", offsetof (Pt2Graph, sym_int_values) },
  [CANON_SYM_BOOL] = { "sym_bool_values", offsetof (Pt2Graph, sym_bool_values) },
  [CANON_SYM_FLOAT] = { "sym_float_values", offsetof (Pt2Graph, sym_float_values) },
  [CANON_CUSTOM_OBJ] = { "custom_obj_values", offsetof (Pt2Graph, custom_obj_values) },
};

const Pt2TypeInfo *
canon_table_type (CanonTable table)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "Graph");
  const char *name = canon_tables[table].name;
  return pt2_struct_field_by_name (info, name, strlen (name))->type;
}

static bool
read_table (CanonGraph *graph, CanonTable table)
{
  const Pt2TypeInfo *type = canon_table_type (table);
  const Pt2AnyMap *map = (const Pt2AnyMap *)((const char *)graph->graph + canon_tables[table].offset);
  for (uint32_t i = 0; i < map->len; i++)
    {
      const char *entry = (const char *)map->entries + (size_t)i * type->entry_size;
      Pt2String name = *(const Pt2String *)entry;
      uint32_t value = canon_find (graph, name);
      if (value != CANON_NONE && graph->values[value].table == table)
        graph->values[value].meta = entry + type->key_size;
      else if (value != CANON_NONE || canon_is_taken (graph, name))
        return canon_fail (graph->canon, PT2_ERROR_C007, name);
    }
  return true;
}

static bool
read_tables (CanonGraph *graph)
{
  for (int table = 0; table < CANON_N_TABLES; table++)
    if (!read_table (graph, (CanonTable)table))
      return false;
  for (uint32_t i = 0; i < graph->n_values; i++)
    if (graph->values[i].meta == NULL)
      return canon_fail (graph->canon, PT2_ERROR_C004, graph->values[i].name);
  return true;
}

bool
canon_collect (CanonGraph *graph)
{
  return collect_definitions (graph) && collect_uses (graph) && read_tables (graph);
}
