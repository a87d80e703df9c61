/* SPDX-License-Identifier: Apache-2.0 */
/* From a graph to a program, by the rules of PyTorch's serializer (docs/graph.md). */
#include "write.h"
#include "graphs.h"
#include <string.h>

void *
pt2_fx_room (Writer *writer, size_t n, size_t size)
{
  void *memory = pt2_arena_alloc (&writer->draft->document.arena, n * size);
  if (memory == NULL)
    writer->draft->no_memory = true;
  return memory;
}

bool
pt2_fx_copy (Writer *writer, const Pt2TypeInfo *type, void *to, const void *from)
{
  if (!writer->has_extras)
    {
      memcpy (to, from, type->size);
      return true;
    }
  Pt2Document *document = &writer->draft->document;
  if (pt2_copy_shallow (document, &writer->module->program->document, type, to, from))
    return true;
  writer->draft->no_memory = true;
  return false;
}

Pt2String
pt2_fx_write_name (Writer *writer, const Pt2FxNode *node)
{
  return node->flags & PT2_FX_NAME_OWN ? pt2_draft_text (writer->draft, node->name, node->name_len)
                                       : pt2_fx_name (node);
}

/* ---- the tables of values ---- */

/* Room for one more entry. What was the same as in the file so far is copied, and the table goes its own way. */
static bool
make_room (Writer *writer, Made *made, Pt2FxTableName table)
{
  size_t size = pt2_fx_tables[table].entry_size, at = pt2_fx_tables[table].value_at;
  if (!made->as_read && made->n < made->room)
    return true;
  const char *from = made->as_read ? made->source->entries : made->entries;
  uint32_t room = made->as_read ? made->source->len + 8 : made->room + made->room / 2;
  char *entries = room > made->n ? pt2_fx_room (writer, room, size) : NULL;
  if (entries == NULL)
    return false;
  if (made->n > 0)
    memcpy (entries, from, made->n * size);
  for (uint32_t i = 0; writer->has_extras && i < made->n; i++)
    if (!pt2_fx_copy (writer, writer->table_types[table], entries + i * size + at, from + i * size + at))
      return false;
  made->entries = entries;
  made->room = room;
  made->as_read = false;
  return true;
}

/* Entries of the file's table that no value had stay where they are. */
static void
keep_left_over (Made *made, Pt2FxTableName table)
{
  size_t size = pt2_fx_tables[table].entry_size;
  while (made->as_read && made->left < made->n_left_over
         && made->left_over[made->left] == (const char *)made->source->entries + made->n * size)
    {
      made->n++;
      made->left++;
    }
}

static bool
add_entry (Writer *writer, Pt2FxTableName table, Pt2String name, const void *meta, bool own)
{
  Made *made = &writer->made[table];
  size_t size = pt2_fx_tables[table].entry_size, at = pt2_fx_tables[table].value_at;
  keep_left_over (made, table);
  const char *read = (const char *)made->source->entries + made->n * size;
  if (made->as_read && made->n < made->source->len && meta == read + at && ((const Pt2String *)read)->data == name.data)
    {
      made->n++;
      return true;
    }
  if (!make_room (writer, made, table))
    return false;
  char *entry = made->entries + made->n++ * size;
  *(Pt2String *)entry = name;
  if (own)
    return pt2_fx_deep_copy (&writer->draft->document.arena, writer->table_types[table], entry + at, meta);
  return pt2_fx_copy (writer, writer->table_types[table], entry + at, meta);
}

/* Takes note of a value and gives the Argument that stands for it where it is made. */
static bool
define (Writer *writer, const Pt2FxNode *node, Pt2Argument *to)
{
  for (Pt2FxTableName table = 0; table < PT2_FX_N_TABLES; table++)
    if (pt2_fx_tables[table].kind == node->value_kind)
      return pt2_fx_write_value (writer, node, to)
             && add_entry (writer, table, pt2_argument_value_name (to), node->value,
                           (node->flags & PT2_FX_VALUE_OWN) != 0);
  if (node->value_kind == PT2_FX_VALUE_UNKNOWN || node->value_kind == PT2_FX_VALUE_CONSTANT)
    {
      *to = *(const Pt2Argument *)node->value;
      return true;
    }
  to->which = PT2_ARGUMENT_AS_NONE;
  to->as_none = true;
  return true;
}

/* ---- what calls give ---- */

/* The getitems of NODE's results, by index; NULL where nobody takes one. They are in the draft's arena for a moment. */
static Pt2FxNode **
find_takers (Writer *writer, Pt2FxNode *node)
{
  Pt2FxUsers users;
  Pt2FxNode **takers = pt2_draft_alloc (writer->draft, node->n_results * sizeof *takers);
  pt2_fx_users_init (&users, node);
  for (Pt2FxNode *user; takers != NULL && (user = pt2_fx_users_next (&users)) != NULL;)
    if (user->op == PT2_FX_GETITEM && user->index < node->n_results && takers[user->index] == NULL)
      takers[user->index] = user;
  return takers;
}

/* A result that nobody takes has a name all the same: CALL_unused_INDEX, of a list's element CALL_unused_INDEX_INNER.
 */
static bool
define_unused (Writer *writer, const Pt2FxNode *call, const char *suffix, const Pt2FxResult *result, Pt2Argument *to)
{
  Pt2FxNode unused = { .graph = call->graph, .op = PT2_FX_GETITEM, .value = result->meta, .value_kind = result->kind };
  g_autofree char *shown = g_strndup (call->name, call->name_len);
  Pt2String name = pt2_draft_printf (writer->draft, "%s_unused%s", shown, suffix);
  unused.name = name.data;
  unused.name_len = name.len;
  unused.flags = result->own ? PT2_FX_VALUE_OWN : 0;
  return name.data != NULL && define (writer, &unused, to);
}

/* The tensors of a list; LIST takes it, or is the call itself, or is NULL. */
static bool
write_tensor_results (Writer *writer, const Pt2FxNode *call, Pt2FxNode *list, const char *suffix,
                      const Pt2FxResult *results, uint32_t n, Pt2Argument *to)
{
  Pt2TensorArgument *items = pt2_fx_room (writer, n, sizeof *items);
  Pt2FxNode **takers = list != NULL ? find_takers (writer, list) : NULL;
  to->which = PT2_ARGUMENT_AS_TENSORS;
  to->as_tensors = (Pt2TensorArgumentList){ items, n };
  if (items == NULL || (list != NULL && takers == NULL))
    return false;
  for (uint32_t i = 0; i < n; i++)
    {
      Pt2Argument tensor = { .which = 0 };
      char inner[32];
      g_snprintf (inner, sizeof inner, "%s_%u", suffix, i);
      bool fine = takers != NULL && takers[i] != NULL ? define (writer, takers[i], &tensor)
                                                      : define_unused (writer, call, inner, &results[i], &tensor);
      if (!fine)
        return false;
      items[i] = tensor.as_tensor;
    }
  return true;
}

static bool
write_result (Writer *writer, const Pt2FxNode *call, Pt2FxNode *taker, uint32_t index, Pt2Argument *to)
{
  const Pt2FxResult *result = (const Pt2FxResult *)call->value + index;
  char suffix[16];
  g_snprintf (suffix, sizeof suffix, "_%u", index);
  if (result->kind == PT2_FX_VALUE_LIST)
    return write_tensor_results (writer, call, taker, suffix, result->items, result->n_items, to);
  if (taker != NULL)
    return define (writer, taker, to);
  return define_unused (writer, call, suffix, result, to);
}

static bool
write_results (Writer *writer, Pt2FxNode *call, Pt2ArgumentList *to)
{
  Pt2FxNode **takers = find_takers (writer, call);
  to->items = pt2_draft_alloc (writer->draft, call->n_results * sizeof *to->items);
  to->len = call->n_results;
  if (takers == NULL || to->items == NULL)
    return false;
  for (uint32_t i = 0; i < call->n_results; i++)
    if (!write_result (writer, call, takers[i], i, &to->items[i]))
      return false;
  return true;
}

static bool
write_outputs (Writer *writer, Pt2FxNode *call, Pt2ArgumentList *to)
{
  if (call->value_kind == PT2_FX_VALUE_TUPLE)
    return write_results (writer, call, to);
  uint32_t n = call->value_kind != PT2_FX_VALUE_NOTHING;
  *to = (Pt2ArgumentList){ pt2_draft_alloc (writer->draft, n * sizeof *to->items), n };
  if (to->items == NULL)
    return false;
  if (call->value_kind == PT2_FX_VALUE_LIST)
    return write_tensor_results (writer, call, call, "", call->value, call->n_results, to->items);
  return n == 0 || define (writer, call, to->items);
}

/* ---- calls ---- */

static const Pt2OpType *
type_of_parameter (const Pt2OpSchema *schema, Pt2String name)
{
  for (guint i = 0; schema != NULL && i < schema->n_arguments; i++)
    if (schema->arguments[i].name.len == name.len && memcmp (schema->arguments[i].name.data, name.data, name.len) == 0)
      return &schema->arguments[i].type;
  return NULL;
}

/* Only empty lists need it. */
static const Pt2OpSchema *
schema_of (const Writer *writer, const Pt2FxNode *call, const Pt2FxArgument *argument)
{
  bool needed = argument->kind == PT2_FX_LIST && argument->len == 0 && argument->member == 0;
  return needed && writer->ops != NULL ? pt2_ops_find (writer->ops, call->source->target) : NULL;
}

static bool
write_inputs (Writer *writer, const Pt2FxNode *call, Pt2NamedArgumentList *to)
{
  Pt2NamedArgument *items = pt2_fx_room (writer, call->n_inputs, sizeof *items);
  *to = (Pt2NamedArgumentList){ items, call->n_inputs };
  for (uint32_t i = 0; items != NULL && i < call->n_inputs; i++)
    {
      const Pt2FxArgument *input = &call->inputs[i];
      items[i] = *pt2_fx_parameter (call, i);
      if (input->flags & PT2_FX_PARAMETER_OWN)
        items[i].name = pt2_draft_text (writer->draft, items[i].name.data, items[i].name.len);
      const Pt2OpSchema *schema = schema_of (writer, call, input);
      if (!pt2_fx_write_argument (writer, input, type_of_parameter (schema, items[i].name), &items[i].arg))
        return false;
    }
  return items != NULL;
}

/* A node has a name of its own since 8.16. One that the file gave, or did not give, stays unless the node was renamed.
 */
static void
write_node_name (Writer *writer, const Pt2FxNode *call, Pt2Node *to)
{
  bool as_read = !(call->flags & (PT2_FX_RENAMED | PT2_FX_NEW));
  if (!as_read && (writer->minor >= 16 || to->name.data != NULL))
    to->name = pt2_fx_write_name (writer, call);
}

static bool
write_call (Writer *writer, Pt2FxNode *call, Pt2Node *to)
{
  *to = *call->source;
  to->target = call->flags & PT2_FX_TARGET_OWN
                   ? pt2_draft_text (writer->draft, call->source->target.data, call->source->target.len)
                   : call->source->target;
  write_node_name (writer, call, to);
  if (!pt2_fx_names_higher_order (to->target))
    to->present[0] &= ~PT2_FX_HOP_FLAG;
  else if ((call->flags & (PT2_FX_NEW | PT2_FX_TARGET_OWN)) && writer->minor >= 5)
    to->present[0] |= PT2_FX_HOP_FLAG;
  if (to->present[0] & PT2_FX_HOP_FLAG)
    to->is_hop_single_tensor_return = call->value_kind == PT2_FX_VALUE_TENSOR;
  return write_inputs (writer, call, &to->inputs) && write_outputs (writer, call, &to->outputs)
         && (!(call->flags & PT2_FX_METADATA_OWN)
             || pt2_draft_copy (writer->draft, pt2_fx_metadata_type (), &to->metadata, &call->source->metadata))
         && ((call->flags & PT2_FX_NEW) || pt2_fx_move_extras (writer, writer->node_type, to, pt2_fx_file_node (call)));
}

/* ---- graphs ---- */

static bool
write_placeholders (Writer *writer, const Pt2FxGraph *graph, Pt2ArgumentList *to)
{
  uint32_t n = 0;
  for (const Pt2FxNode *node = graph->first; node != NULL && node->op == PT2_FX_PLACEHOLDER; node = node->next)
    n++;
  *to = (Pt2ArgumentList){ pt2_draft_alloc (writer->draft, n * sizeof *to->items), n };
  const Pt2FxNode *node = graph->first;
  for (uint32_t i = 0; to->items != NULL && i < n; i++, node = node->next)
    if (!define (writer, node, &to->items[i]))
      return false;
  return to->items != NULL;
}

static bool
write_calls (Writer *writer, const Pt2FxGraph *graph, Pt2NodeList *to)
{
  uint32_t n = 0;
  for (const Pt2FxNode *node = graph->first; node != NULL; node = node->next)
    n += node->op == PT2_FX_CALL;
  Pt2Node *nodes = pt2_draft_alloc (writer->draft, n * sizeof *nodes);
  *to = (Pt2NodeList){ nodes, n };
  for (Pt2FxNode *node = graph->first; nodes != NULL && node != NULL; node = node->next)
    if (node->op == PT2_FX_CALL && !write_call (writer, node, nodes++))
      return false;
  return nodes != NULL;
}

static bool
write_returned (Writer *writer, const Pt2FxNode *output, Pt2ArgumentList *to)
{
  Pt2Argument *items = pt2_fx_room (writer, output->n_inputs, sizeof *items);
  *to = (Pt2ArgumentList){ items, output->n_inputs };
  for (uint32_t i = 0; items != NULL && i < output->n_inputs; i++)
    if (!pt2_fx_write_argument (writer, &output->inputs[i], NULL, &items[i]))
      return false;
  return items != NULL;
}

static void
begin_tables (Writer *writer, const Pt2FxGraph *graph)
{
  for (Pt2FxTableName table = 0; table < PT2_FX_N_TABLES; table++)
    {
      /* A graph that was put in here has the tables that the root has, without entries. */
      static const Pt2AnyMap none = { NULL, 0 };
      static char nothing[1];
      static const Pt2AnyMap empty = { nothing, 0 };
      const Pt2AnyMap *source
          = pt2_fx_table (graph->source != NULL ? graph->source : &writer->module->exported->graph_module.graph, table);
      if (graph->source == NULL)
        source = source->entries != NULL ? &empty : &none;
      writer->made[table] = (Made){ .source = source,
                                    .as_read = true,
                                    .left_over = graph->left_over[table],
                                    .n_left_over = graph->n_left_over[table] };
    }
}

static bool
end_table (Writer *writer, Pt2FxTableName table, Pt2AnyMap *to)
{
  Made *made = &writer->made[table];
  keep_left_over (made, table);
  while (made->left < made->n_left_over)
    {
      const char *entry = made->left_over[made->left++];
      if (!add_entry (writer, table, *(const Pt2String *)entry, entry + pt2_fx_tables[table].value_at, false))
        return false;
    }
  *to = (Pt2AnyMap){ made->as_read ? made->source->entries : made->entries, made->n };
  return true;
}

typedef struct
{
  const Pt2FxNode *user;
  const uint8_t *seen; /* by Pt2FxNode.number */
  const Pt2FxNode *late;
} Order;

static gboolean
was_seen (Pt2FxNode *value, gpointer data)
{
  Order *order = data;
  bool seen = value->graph == order->user->graph && !(value->flags & PT2_FX_ERASED) && order->seen[value->number];
  order->late = seen ? NULL : value;
  return seen;
}

/* Changes may put nodes in any order: now each value has to be made before it is used. */
static bool
check_order (Writer *writer, Pt2FxGraph *graph)
{
  uint8_t *seen = pt2_draft_alloc (writer->draft, graph->n_made);
  for (const Pt2FxNode *node = graph->first; seen != NULL && node != NULL; node = node->next)
    {
      Order order = { node, seen, NULL };
      for (uint32_t i = 0; i < node->n_inputs; i++)
        if (!pt2_fx_argument_foreach_node (&node->inputs[i], was_seen, &order))
          return pt2_fx_fault (graph, NULL, PT2_ERROR_G009, writer->error, "%.*s, used by %.*s",
                               (int)MIN (order.late->name_len, 40), order.late->name, (int)MIN (node->name_len, 40),
                               node->name);
      seen[node->number] = 1;
    }
  return seen != NULL;
}

bool
pt2_fx_write_graph (Writer *writer, Pt2FxGraph *graph, Pt2Graph *to)
{
  Made outer[PT2_FX_N_TABLES];
  memcpy (outer, writer->made, sizeof outer);
  begin_tables (writer, graph);
  if (writer->module->edited && !check_order (writer, graph))
    return false;
  if (!write_placeholders (writer, graph, &to->inputs) || !write_calls (writer, graph, &to->nodes)
      || !write_returned (writer, graph->output, &to->outputs))
    return false;
  to->is_single_tensor_return = graph->returns_bare;
  if (graph->returns_bare)
    to->present[0] |= PT2_FX_BARE_FLAG;
  for (Pt2FxTableName table = 0; table < PT2_FX_N_TABLES; table++)
    if (!end_table (writer, table, pt2_fx_table (to, table)))
      return false;
  memcpy (writer->made, outer, sizeof outer);
  return true;
}

/* ---- the program ---- */

static void
writer_init (Writer *writer, Pt2FxModule *module, Pt2Draft *draft, const Pt2Ops *ops, GError **error)
{
  const Pt2StructInfo *graph = pt2_schema_find_struct (&pt2_export_schema, "Graph");
  *writer = (Writer){ .module = module,
                      .draft = draft,
                      .ops = ops,
                      .minor = draft->exported->schema_version.minor,
                      .has_extras = pt2_document_has_extras (&module->program->document),
                      .node_type = pt2_schema_find_struct (&pt2_export_schema, "Node")->type,
                      .input_type = pt2_schema_find_struct (&pt2_export_schema, "NamedArgument")->type,
                      .argument_type = pt2_schema_find_struct (&pt2_export_schema, "Argument")->type,
                      .graph_type = graph->type,
                      .error = error };
  for (Pt2FxTableName table = 0; table < PT2_FX_N_TABLES; table++)
    writer->table_types[table] = pt2_fx_table_type (table);
}

Pt2Program *
pt2_fx_module_make_program (Pt2FxModule *module, const Pt2Ops *ops, const Pt2Limits *limits, GError **error)
{
  Writer writer;
  g_autoptr (GError) fault = NULL;
  g_autoptr (Pt2Draft) draft = pt2_draft_new (module->program, PT2_DRAFT_ROOT, limits, error);
  if (draft == NULL)
    return NULL;
  writer_init (&writer, module, draft, ops, &fault);
  Pt2GraphModule *graph_module = &draft->exported->graph_module;
  const Pt2Graph *source = &module->exported->graph_module.graph;
  bool fine = pt2_fx_write_graph (&writer, module->graphs[0], &graph_module->graph)
              && pt2_fx_move_extras (&writer, writer.graph_type, &graph_module->graph, source)
              && pt2_fx_write_signature (&writer, graph_module);
  if (fault != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&fault));
      return NULL;
    }
  draft->no_memory = draft->no_memory || !fine;
  return pt2_draft_finish (g_steal_pointer (&draft), error);
}
