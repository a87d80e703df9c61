/* SPDX-License-Identifier: Apache-2.0 */
#include "canon_private.h"
#include "number.h"
#include "sort.h"

void *
canon_alloc (Canon *canon, size_t n, size_t size)
{
  size_t bytes;
  void *memory = __builtin_mul_overflow (n, size, &bytes) ? NULL : pt2_arena_alloc (&canon->arena, bytes);
  if (memory != NULL)
    return memset (memory, 0, bytes);
  pt2_status_fail (&canon->status, canon->arena.out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, PT2_NO_OFFSET, "%s",
                   "");
  return NULL;
}

bool
canon_fail (Canon *canon, Pt2ErrorCode code, Pt2String name)
{
  char shown[128];
  return pt2_status_fail (&canon->status, code, PT2_NO_OFFSET, "\"%s\"",
                          pt2_text_escape (name.data, name.len, shown, sizeof shown));
}

void
canon_tell (const Canon *canon, const Pt2CanonChange *change)
{
  if (canon->func != NULL)
    canon->func (change, canon->data);
}

static bool
same_text (Pt2String a, Pt2String b)
{
  return a.len == b.len && memcmp (a.data, b.data, a.len) == 0;
}

/* ---- names ---- */

Pt2String
canon_name (Canon *canon, const char *prefix, uint32_t number)
{
  char text[16 + PT2_NUMBER_ROOM];
  size_t len = strlen (prefix);
  memcpy (text, prefix, len);
  return pt2_draft_text (canon->draft, text, pt2_number_write_i64 (number, text + len) - text);
}

void
canon_rename (const CanonGraph *graph, const char *kind, Pt2String *name, Pt2String fresh)
{
  if (!same_text (*name, fresh))
    canon_tell (graph->canon, &(Pt2CanonChange){ "renamed", kind, graph->number, *name, fresh, 0, 0 });
  *name = fresh;
}

static void
rename_uses (CanonGraph *graph, const CanonSlot *slots, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (slots[i].value != CANON_NONE)
      *slots[i].name = graph->values[slots[i].value].fresh;
}

static void
name_values (CanonGraph *graph)
{
  for (uint32_t i = 0; i < graph->n_values; i++)
    graph->values[i].fresh = canon_name (graph->canon, "_", graph->values[i].rank);
}

void
canon_rename_values (CanonGraph *graph)
{
  for (uint32_t i = 0; i < graph->n_values; i++)
    canon_rename (graph, "value", graph->values[i].place, graph->values[i].fresh);
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    rename_uses (graph, graph->nodes[i].slots, graph->nodes[i].n_slots);
  rename_uses (graph, graph->outputs, graph->n_outputs);
}

bool
canon_is_named_like_value (const CanonNode *node)
{
  static const char prefix[] = "torch.ops.higher_order.";
  const Pt2Node *native = node->node;
  bool graphs = native->target.len > strlen (prefix) && memcmp (native->target.data, prefix, strlen (prefix)) == 0;
  if (node->n_values != 1 || native->outputs.len != 1 || (graphs && !native->is_hop_single_tensor_return))
    return false;
  uint32_t which = native->outputs.items[0].which;
  return which == PT2_ARGUMENT_AS_TENSOR || which == PT2_ARGUMENT_AS_SYM_INT || which == PT2_ARGUMENT_AS_SYM_BOOL
         || which == PT2_ARGUMENT_AS_SYM_FLOAT;
}

static void
rename_nodes (CanonGraph *graph)
{
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    {
      CanonNode *node = &graph->nodes[graph->order[i]];
      if (node->node->name.data == NULL)
        continue; /* a schema that has no names of nodes */
      Pt2String fresh = canon_is_named_like_value (node) ? graph->values[node->first_value].fresh
                                                         : canon_name (graph->canon, "_n", i);
      canon_rename (graph, "node", &node->node->name, fresh);
    }
}

typedef struct
{
  CanonGraph *graph;
  uint32_t seen, hidden;
} GraphNames;

static bool
rename_graph (Pt2GraphArgument *argument, bool hidden, void *data)
{
  GraphNames *names = data;
  Pt2String fresh = hidden ? canon_name (names->graph->canon, "_d", names->hidden++)
                           : canon_name (names->graph->canon, "_g", names->seen++);
  canon_rename (names->graph, "subgraph", &argument->name, fresh);
  return true;
}

static void
rename_graphs (CanonGraph *graph)
{
  GraphNames names = { graph, 0, 0 };
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    {
      const CanonNode *node = &graph->nodes[graph->order[i]];
      for (uint32_t j = 0; node->has_graphs && j < node->node->inputs.len; j++)
        canon_foreach_graph (&node->node->inputs.items[j].arg, rename_graph, &names);
    }
}

/* ---- order ---- */

bool
canon_permute (Canon *canon, const Pt2TypeInfo *type, void *list, const uint32_t *order)
{
  Pt2AnyList *items = list;
  bool is_map = type->kind == PT2_KIND_MAP;
  size_t size = is_map ? type->entry_size : type->element->size, at = is_map ? type->key_size : 0;
  char *from = items->items, *to = pt2_draft_alloc (canon->draft, items->len * size);
  bool plain = !pt2_document_has_extras (&canon->draft->document), fine = to != NULL;
  for (uint32_t i = 0; fine && i < items->len; i++)
    {
      memcpy (to + i * size, from + order[i] * size, size);
      /* What the schema does not know belongs to a place in memory. */
      fine = plain || pt2_draft_copy (canon->draft, type->element, to + i * size + at, from + order[i] * size + at);
    }
  items->items = to;
  return fine || pt2_document_no_memory (&canon->draft->document, &canon->status, PT2_NO_OFFSET);
}

uint32_t
canon_common (Pt2String a, Pt2String b, uint32_t most)
{
  uint32_t n = 0;
  most = MIN (most, MIN (a.len, b.len));
  while (n < most && a.data[n] == b.data[n])
    n++;
  return n;
}

uint64_t
canon_head (Pt2String text, uint32_t skip)
{
  uint64_t head = 0;
  if (text.len > skip)
    memcpy (&head, text.data + skip, MIN (text.len - skip, sizeof head));
  return GUINT64_FROM_BE (head);
}

/* What items of a list or map begin with. */
typedef struct
{
  const char *items;
  size_t stride;
  uint64_t *heads;
} CanonKeys;

static Pt2String
key_at (const CanonKeys *keys, uint32_t i)
{
  return *(const Pt2String *)(const void *)(keys->items + i * keys->stride);
}

static int
by_key (uint32_t a, uint32_t b, const void *data)
{
  const CanonKeys *keys = data;
  if (keys->heads[a] != keys->heads[b])
    return keys->heads[a] < keys->heads[b] ? -1 : 1;
  return pt2_text_compare (key_at (keys, a), key_at (keys, b));
}

static void
fill_heads (const CanonKeys *keys, uint32_t n)
{
  uint32_t skip = UINT32_MAX;
  for (uint32_t i = 0; i < n; i++)
    skip = canon_common (key_at (keys, 0), key_at (keys, i), skip);
  for (uint32_t i = 0; i < n; i++)
    keys->heads[i] = canon_head (key_at (keys, i), skip);
}

bool
canon_sort (Canon *canon, uint32_t graph, const char *kind, const Pt2TypeInfo *type, void *list)
{
  Pt2AnyList *items = list;
  size_t size = type->kind == PT2_KIND_MAP ? type->entry_size : type->element->size;
  uint32_t *order = canon_alloc (canon, items->len, sizeof *order);
  CanonKeys keys = { items->items, size, canon_alloc (canon, items->len, sizeof *keys.heads) };
  bool sorted = true;
  if (order == NULL || keys.heads == NULL)
    return false;
  fill_heads (&keys, items->len);
  for (uint32_t i = 0; i < items->len; i++)
    order[i] = i;
  pt2_sort (order, items->len, by_key, &keys);
  for (uint32_t i = 0; i < items->len; i++)
    sorted = sorted && order[i] == i;
  if (sorted)
    return true;
  Pt2String name = { kind, (uint32_t)strlen (kind) };
  canon_tell (canon, &(Pt2CanonChange){ "sorted", "table", graph, name, name, 0, 0 });
  return canon_permute (canon, type, list, order);
}

void
canon_rename_entries (CanonGraph *graph, CanonTable table)
{
  const Pt2TypeInfo *type = canon_table_type (table);
  Pt2AnyMap *map = (Pt2AnyMap *)((char *)graph->graph + canon_tables[table].offset);
  for (uint32_t i = 0; i < map->len; i++)
    {
      char *entry = (char *)map->entries + (size_t)i * type->entry_size;
      Pt2String *key = (Pt2String *)(void *)entry;
      uint32_t value = canon_find (graph, *key);
      if (value == CANON_NONE)
        continue;
      Pt2CustomObjArgument *object = (Pt2CustomObjArgument *)(void *)(entry + type->key_size);
      if (table == CANON_CUSTOM_OBJ && same_text (object->name, *key))
        object->name = graph->values[value].fresh;
      *key = graph->values[value].fresh;
    }
}

static bool
rename_table (CanonGraph *graph, CanonTable table)
{
  void *map = (char *)graph->graph + canon_tables[table].offset;
  canon_rename_entries (graph, table);
  return canon_sort (graph->canon, graph->number, canon_tables[table].name, canon_table_type (table), map);
}

static bool
reorder_nodes (CanonGraph *graph)
{
  bool moved = false;
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    if (graph->order[i] != i)
      {
        Pt2String target = graph->nodes[graph->order[i]].node->target;
        canon_tell (graph->canon,
                    &(Pt2CanonChange){ "moved", "node", graph->number, target, target, graph->order[i], i });
        moved = true;
      }
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "Graph");
  return !moved
         || canon_permute (graph->canon, pt2_struct_field_by_name (info, "nodes", 5)->type, &graph->graph->nodes,
                           graph->order);
}

static void
drop_metadata (CanonGraph *graph)
{
  if (graph->canon->flags & PT2_CANON_KEEP_DEBUG)
    return;
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    {
      graph->canon->dropped += graph->graph->nodes.items[i].metadata.len;
      graph->graph->nodes.items[i].metadata.len = 0;
    }
}

/* ---- */

typedef struct
{
  Canon *canon;
  CanonInnerFunc func;
  CanonDoes does;
  bool any;
} Inside;

static bool
enter_graph (Pt2GraphArgument *argument, bool hidden, void *data)
{
  Inside *inside = data;
  CanonGraph graph;
  bool fine = inside->func (inside->canon, argument, &graph);
  inside->does |= graph.does;
  inside->any = true;
  canon_graph_clear (&graph);
  return fine;
}

bool
canon_enter_graphs (CanonGraph *graph, CanonInnerFunc func)
{
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    {
      CanonNode *node = &graph->nodes[i];
      Inside inside = { graph->canon, func, 0, false };
      for (uint32_t j = 0; j < node->node->inputs.len; j++)
        if (!canon_foreach_graph (&node->node->inputs.items[j].arg, enter_graph, &inside))
          return false;
      node->inside = inside.does;
      node->has_graphs = inside.any;
    }
  return true;
}

static bool
call_value (Pt2String *name, CanonTable table, bool hidden, void *data)
{
  CanonGraph *graph = data;
  uint32_t value = name != NULL ? canon_find (graph, *name) : CANON_NONE;
  if (value != CANON_NONE && graph->called != NULL)
    graph->called[graph->n_called] = value;
  graph->n_called += value != CANON_NONE;
  return true;
}

static bool
foreach_call_value (CanonGraph *graph)
{
  for (uint32_t i = 0; i < graph->root->calls->len; i++)
    {
      const Pt2ModuleCallSignature *signature = graph->root->calls->items[i].signature;
      for (int out = 0; signature != NULL && out < 2; out++)
        {
          const Pt2ArgumentList *arguments = out ? &signature->outputs : &signature->inputs;
          for (uint32_t j = 0; j < arguments->len; j++)
            if (!canon_foreach_slot (graph->canon, &arguments->items[j], call_value, graph))
              return false;
        }
    }
  return true;
}

/* Which values module calls name: that tells some apart which nothing in the graph does. */
static bool
collect_calls (CanonGraph *graph)
{
  if (graph->root == NULL)
    return true;
  if (!foreach_call_value (graph))
    return false;
  graph->called = canon_alloc (graph->canon, graph->n_called, sizeof *graph->called);
  graph->n_called = 0;
  return graph->called != NULL && foreach_call_value (graph);
}

static bool
rename_all (CanonGraph *graph)
{
  name_values (graph);
  canon_rename_values (graph);
  rename_nodes (graph);
  rename_graphs (graph);
  for (int table = 0; table < CANON_N_TABLES; table++)
    if (!rename_table (graph, (CanonTable)table))
      return false;
  drop_metadata (graph);
  return reorder_nodes (graph);
}

static bool
canonicalize_inner (Canon *canon, Pt2GraphArgument *argument, CanonGraph *inner)
{
  return canon_graph (canon, &argument->graph, NULL, inner);
}

void
canon_graph_init (Canon *canon, Pt2Graph *native, const CanonRoot *root, CanonGraph *graph)
{
  *graph = (CanonGraph){ .canon = canon, .graph = native, .number = canon->graphs++, .root = root };
  pt2_text_index_init (&graph->index);
}

bool
canon_graph (Canon *canon, Pt2Graph *native, const CanonRoot *root, CanonGraph *graph)
{
  canon_graph_init (canon, native, root, graph);
  return canon_collect (graph) && canon_enter_graphs (graph, canonicalize_inner) && canon_find_effects (graph)
         && collect_calls (graph) && canon_link_nodes (graph) && canon_rank_inputs (graph) && canon_order_nodes (graph)
         && rename_all (graph);
}

void
canon_graph_clear (CanonGraph *graph)
{
  pt2_text_index_clear (&graph->index);
}
