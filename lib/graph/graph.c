/* SPDX-License-Identifier: Apache-2.0 */
/* The module, its graphs and their lists of nodes and uses. */
#include "graph.h"
#include "namespace.h"
#include <stdlib.h>
#include <string.h>

#define TABLE(field, entry, kind)                                                                                      \
  {                                                                                                                    \
#field, offsetof(Pt2Graph, field), sizeof(entry), offsetof(entry, value), kind                                     \
  }
const Pt2FxTable pt2_fx_tables[PT2_FX_N_TABLES] = {
  TABLE (tensor_values, Pt2StringToTensorMetaMapEntry, PT2_FX_VALUE_TENSOR),
  TABLE (sym_int_values, Pt2StringToSymIntMapEntry, PT2_FX_VALUE_SYM_INT),
  TABLE (sym_float_values, Pt2StringToSymFloatMapEntry, PT2_FX_VALUE_SYM_FLOAT),
  TABLE (sym_bool_values, Pt2StringToSymBoolMapEntry, PT2_FX_VALUE_SYM_BOOL),
  TABLE (custom_obj_values, Pt2StringToCustomObjArgumentMapEntry, PT2_FX_VALUE_OBJECT),
};

bool
pt2_fx_no_memory (const Pt2FxModule *module, GError **error)
{
  return pt2_error_set (error, module->arena.out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, NULL, "%s", "");
}

void *
pt2_fx_alloc (Pt2FxModule *module, size_t size)
{
  void *memory = pt2_arena_alloc (&module->arena, size);
  if (memory == NULL)
    module->no_memory = true;
  else
    memset (memory, 0, size);
  return memory;
}

Pt2FxNode *
pt2_fx_node_alloc (Pt2FxGraph *graph, Pt2FxOp op)
{
  Pt2FxNode *node = pt2_arena_alloc (&graph->module->arena, sizeof *node);
  if (node == NULL)
    graph->module->no_memory = true;
  else
    *node = (Pt2FxNode){ .graph = graph, .op = op, .number = graph->n_made++ };
  return node;
}

/* The output stands last, so a list that has one has its end. */
void
pt2_fx_link (Pt2FxNode *node, Pt2FxNode *next)
{
  Pt2FxGraph *graph = node->graph;
  Pt2FxNode *previous = next != NULL ? next->previous : graph->last;
  node->previous = previous;
  node->next = next;
  *(previous != NULL ? &previous->next : &graph->first) = node;
  *(next != NULL ? &next->previous : &graph->last) = node;
  graph->n_nodes++;
}

void
pt2_fx_unlink (Pt2FxNode *node)
{
  Pt2FxGraph *graph = node->graph;
  *(node->previous != NULL ? &node->previous->next : &graph->first) = node->next;
  *(node->next != NULL ? &node->next->previous : &graph->last) = node->previous;
  graph->n_nodes--;
}

/* ---- uses ---- */

static bool
grow_uses (Pt2FxModule *module)
{
  uint32_t block = module->n_uses >> PT2_FX_USES_BITS;
  if (block == module->uses_room)
    {
      uint32_t room = block == 0 ? 16 : block * 2;
      Pt2FxUse **uses = realloc (module->uses, room * sizeof *uses);
      if (uses == NULL)
        return false;
      module->uses = uses;
      module->uses_room = room;
    }
  module->uses[block] = pt2_arena_alloc (&module->arena, sizeof (Pt2FxUse) << PT2_FX_USES_BITS);
  return module->uses[block] != NULL;
}

/* A number that is free; 0: no memory. Number 0 itself is never given out. */
static uint32_t
take_use (Pt2FxModule *module)
{
  uint32_t number = module->free_use;
  if (number != 0)
    {
      module->free_use = pt2_fx_use (module, number)->next;
      return number;
    }
  bool block_full = (module->n_uses & ((1u << PT2_FX_USES_BITS) - 1)) == 0;
  if (module->n_uses == UINT32_MAX || (block_full && !grow_uses (module)))
    {
      module->no_memory = true;
      return 0;
    }
  number = module->n_uses == 0 ? 1 : module->n_uses;
  module->n_uses = number + 1;
  return number;
}

/* The use of VALUE behind which one more by USER belongs: one of its own, else the last of all. While a program is
 * read, a node's uses come one after the other, and the last is its own if any is. */
static uint32_t
place_of (const Pt2FxModule *module, const Pt2FxNode *value, const Pt2FxNode *user)
{
  uint32_t last = pt2_fx_use (module, value->first_use)->previous;
  if (module->editing && pt2_fx_use (module, last)->user != user)
    {
      uint32_t own = pt2_fx_find_use (user, value);
      return own != 0 ? own : last;
    }
  return last;
}

bool
pt2_fx_add_use (Pt2FxNode *user, Pt2FxArgument *argument, Pt2FxNode *value)
{
  Pt2FxModule *module = user->graph->module;
  uint32_t number = take_use (module);
  if (number == 0)
    return false;
  Pt2FxUse *use = pt2_fx_use (module, number);
  use->user = user;
  if (value->first_use == 0)
    value->first_use = use->next = use->previous = number;
  else
    {
      use->previous = place_of (module, value, user);
      use->next = pt2_fx_use (module, use->previous)->next;
      pt2_fx_use (module, use->next)->previous = number;
      pt2_fx_use (module, use->previous)->next = number;
    }
  value->n_uses++;
  argument->kind = PT2_FX_NODE;
  argument->node = value;
  argument->len = number;
  return true;
}

void
pt2_fx_remove_use (Pt2FxModule *module, Pt2FxArgument *argument)
{
  Pt2FxNode *value = argument->node;
  Pt2FxUse *use = pt2_fx_use (module, argument->len);
  if (--value->n_uses == 0)
    value->first_use = 0;
  else
    {
      pt2_fx_use (module, use->previous)->next = use->next;
      pt2_fx_use (module, use->next)->previous = use->previous;
      if (value->first_use == argument->len)
        value->first_use = use->next;
    }
  use->user = NULL;
  use->next = module->free_use;
  module->free_use = argument->len;
}

static uint32_t find_use (const Pt2FxArgument *argument, const Pt2FxNode *value);

static uint32_t
find_use_in (const Pt2FxArgument *items, uint32_t n, const Pt2FxNode *value)
{
  uint32_t use = 0;
  for (uint32_t i = 0; i < n && use == 0; i++)
    use = find_use (&items[i], value);
  return use;
}

static uint32_t
find_use (const Pt2FxArgument *argument, const Pt2FxNode *value)
{
  uint32_t use = 0;
  if (argument->kind == PT2_FX_NODE)
    return argument->node == value ? argument->len : 0;
  if (argument->kind == PT2_FX_LIST)
    return find_use_in (argument->items, argument->len, value);
  if (argument->kind == PT2_FX_DICT)
    for (uint32_t i = 0; i < argument->len && use == 0; i++)
      use = find_use (&argument->entries[i].value, value);
  return use;
}

uint32_t
pt2_fx_find_use (const Pt2FxNode *user, const Pt2FxNode *value)
{
  uint32_t use = 0;
  for (uint32_t i = 0; i < user->n_inputs && use == 0; i++)
    use = find_use (&user->inputs[i], value);
  return use;
}

/* ---- the module ---- */

Pt2FxGraph *
pt2_fx_graph_alloc (Pt2FxModule *module, Pt2FxGraph *parent, const Pt2Graph *source)
{
  if (module->n_graphs == module->graphs_room)
    {
      uint32_t room = module->graphs_room == 0 ? 4 : module->graphs_room * 2;
      Pt2FxGraph **graphs = realloc (module->graphs, room * sizeof *graphs);
      if (graphs == NULL)
        return NULL;
      module->graphs = graphs;
      module->graphs_room = room;
    }
  Pt2FxGraph *graph = pt2_fx_alloc (module, sizeof *graph);
  if (graph == NULL)
    return NULL;
  graph->name.data = "";
  graph->module = module;
  graph->parent = parent;
  graph->source = source;
  graph->number = module->n_graphs;
  pt2_fx_names_init (&graph->names);
  return module->graphs[module->n_graphs++] = graph;
}

/* Name and parent of GRAPH as one text. {NULL, 0}: no memory. */
static Pt2String
place_text (Pt2Arena *arena, const Pt2FxGraph *graph)
{
  uint32_t parent = graph->parent->number;
  char *text = pt2_arena_alloc (arena, (size_t)graph->name.len + sizeof parent);
  if (text == NULL)
    return (Pt2String){ NULL, 0 };
  memcpy (text, graph->name.data, graph->name.len);
  memcpy (text + graph->name.len, &parent, sizeof parent);
  return (Pt2String){ text, graph->name.len + (uint32_t)sizeof parent };
}

bool
pt2_fx_find_shadowed (Pt2FxModule *module)
{
  Pt2Arena arena;
  Pt2TextIndex index;
  bool fine = true;
  pt2_arena_init (&arena, UINT64_MAX, 0);
  pt2_text_index_init (&index);
  Pt2String *places = pt2_arena_alloc (&arena, module->n_graphs * sizeof *places);
  for (uint32_t i = module->n_graphs; i > 1 && fine && places != NULL; i--)
    {
      Pt2FxGraph *graph = module->graphs[i - 1];
      graph->shadowed = (graph->reference->flags & PT2_FX_ERASED) != 0;
      if (graph->shadowed)
        continue;
      places[i - 1] = place_text (&arena, graph);
      uint32_t owner = places[i - 1].data != NULL ? pt2_text_index_claim (&index, places, sizeof *places, i - 1)
                                                  : PT2_TEXT_INDEX_NONE;
      fine = owner != PT2_TEXT_INDEX_NONE;
      graph->shadowed = fine && owner != i - 1;
    }
  module->no_memory = module->no_memory || !fine || places == NULL;
  pt2_text_index_clear (&index);
  pt2_arena_clear (&arena);
  return !module->no_memory;
}

void
pt2_fx_module_free (Pt2FxModule *module)
{
  if (module == NULL)
    return;
  for (uint32_t i = 0; i < module->n_graphs; i++)
    {
      pt2_fx_names_clear (&module->graphs[i]->names);
      if (module->graphs[i]->made_names != NULL)
        pt2_fx_namespace_clear (module->graphs[i]->made_names);
    }
  free (module->graphs);
  free (module->uses);
  free (module->renames);
  pt2_arena_clear (&module->arena);
  g_clear_pointer (&module->program, pt2_program_unref);
  free (module);
}

Pt2FxModule *
pt2_fx_module_new (Pt2Program *program, const Pt2Limits *limits, GError **error)
{
  const Pt2ExportedProgram *exported = pt2_program_get_exported_program (program);
  if (exported == NULL)
    {
      pt2_error_set (error, PT2_ERROR_P002, NULL, "%s", "");
      return NULL;
    }
  g_autoptr (Pt2FxModule) module = calloc (1, sizeof *module);
  if (module == NULL)
    {
      pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
      return NULL;
    }
  const Pt2Graph *source = &exported->graph_module.graph;
  limits = limits != NULL ? limits : pt2_limits_default ();
  size_t expected = sizeof (Pt2FxGraph) + pt2_fx_expected_bytes (source);
  pt2_arena_init (&module->arena, limits->memory, expected + expected / 64 + (sizeof (Pt2FxUse) << PT2_FX_USES_BITS));
  module->program = pt2_program_ref (program);
  module->exported = exported;
  Pt2FxGraph *root = pt2_fx_graph_alloc (module, NULL, source);
  if (root == NULL)
    {
      pt2_fx_no_memory (module, error);
      return NULL;
    }
  if (!pt2_fx_read_graph (root, error))
    return NULL;
  if (module->n_graphs > 1 && !pt2_fx_find_shadowed (module))
    {
      pt2_fx_no_memory (module, error);
      return NULL;
    }
  module->editing = true;
  return g_steal_pointer (&module);
}
