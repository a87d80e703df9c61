/* SPDX-License-Identifier: Apache-2.0 */
/* From a program to its graph, by the rules of PyTorch's deserializer (docs/graph.md). */
#include "read.h"
#include "text.h"
#include <string.h>

/* ---- names and what they stand for ---- */

/* Not keyed, so a file can make all names meet here; then each look-up is one comparison longer. */
static size_t
recent_slot (Pt2String name)
{
  uint64_t last = 0;
  memcpy (&last, name.len >= 8 ? name.data + name.len - 8 : name.data, name.len >= 8 ? 8 : name.len);
  return (last * UINT64_C (0x9e3779b97f4a7c15)) >> 56;
}

Pt2FxNode *
pt2_fx_find_value (Reader *reader, Pt2String name)
{
  Pt2FxNode *node = reader->recent[recent_slot (name)];
  if (node != NULL && node->name_len == name.len && memcmp (node->name, name.data, name.len) == 0)
    return node;
  node = pt2_fx_names_find (&reader->graph->names, name);
  bool is_value = node != NULL
                  && (pt2_fx_is_value (node) || node->value_kind == PT2_FX_VALUE_NONE
                      || node->value_kind == PT2_FX_VALUE_UNKNOWN);
  if (!is_value)
    return NULL;
  return reader->recent[recent_slot (name)] = node;
}

/* Its entry in the table. Tables are in the order of definition, as PyTorch writes them; else they are indexed. False:
 * no memory. */
static bool
find_meta (Reader *reader, Pt2FxTableName table, Pt2String name, const void **meta)
{
  const Pt2AnyMap *map = pt2_fx_table (reader->graph->source, table);
  Cursor *cursor = &reader->cursors[table];
  const char *entries = map->entries;
  uint32_t stride = pt2_fx_tables[table].entry_size, number = cursor->next;
  const Pt2String *key = (const Pt2String *)(entries + (size_t)number * stride);
  if (number >= map->len || key->len != name.len || memcmp (key->data, name.data, name.len) != 0)
    {
      while (cursor->index.n < map->len)
        if (!pt2_text_index_add (&cursor->index, entries, stride, cursor->index.n))
          return false;
      number = pt2_text_index_find (&cursor->index, entries, stride, name);
    }
  *meta = number != PT2_TEXT_INDEX_NONE ? entries + (size_t)number * stride + pt2_fx_tables[table].value_at : NULL;
  cursor->next = number + 1;
  return true;
}

bool
pt2_fx_reader_no_memory (Reader *reader)
{
  return pt2_fx_no_memory (reader->graph->module, reader->error);
}

/* NODE is the value NAME of TABLE. */
static bool
define (Reader *reader, Pt2FxNode *node, Pt2FxTableName table, Pt2String name)
{
  char text[64];
  const void *meta;
  if (!find_meta (reader, table, name, &meta))
    return pt2_fx_reader_no_memory (reader);
  if (meta == NULL)
    return pt2_fx_fault (reader->graph, reader->source, PT2_ERROR_G003, reader->error, "%s is not in %s",
                         pt2_text_escape (name.data, name.len, text, sizeof text), pt2_fx_tables[table].field);
  node->name = name.data;
  node->name_len = name.len;
  node->value_kind = pt2_fx_tables[table].kind;
  node->value = meta;
  Pt2FxNode *other;
  while (!pt2_fx_names_add (&reader->graph->names, node, &other))
    {
      if (other == NULL)
        return pt2_fx_reader_no_memory (reader);
      if (!(other->flags & PT2_FX_NAME_SOFT))
        return pt2_fx_fault (reader->graph, reader->source, PT2_ERROR_G001, reader->error, "%s",
                             pt2_text_escape (name.data, name.len, text, sizeof text));
      pt2_fx_names_remove (&reader->graph->names, other);
      other->name = NULL;
      reader->n_unnamed++;
    }
  reader->recent[recent_slot (name)] = node;
  reader->cursors[table].n++;
  return true;
}

/* A name that no value has: it is the node's if it is free, else the node gets one when all others are known. */
bool
pt2_fx_name_softly (Reader *reader, Pt2FxNode *node, Pt2String name)
{
  Pt2FxNode *other = NULL;
  node->flags |= PT2_FX_NAME_SOFT;
  node->name = name.data;
  node->name_len = name.len;
  if (name.data == NULL || name.len == 0 || !pt2_fx_names_add (&reader->graph->names, node, &other))
    {
      if (name.data != NULL && name.len != 0 && other == NULL)
        return pt2_fx_reader_no_memory (reader);
      node->name = NULL;
      reader->n_unnamed++;
    }
  return true;
}

/* An input that is a plain value: named by the signature, the root's also in subgraphs, as PyTorch does. */
static bool
name_constant (Reader *reader, Pt2FxNode *node)
{
  Pt2FxModule *module = reader->graph->module;
  const Pt2InputSpecList *specs = &module->exported->graph_module.signature.input_specs;
  Pt2String name
      = node->index < specs->len ? pt2_fx_spec_input_name (&specs->items[node->index]) : (Pt2String){ NULL, 0 };
  if (name.len == 0)
    {
      char text[16];
      int n = g_snprintf (text, sizeof text, "arg%u", node->index);
      char *own = pt2_fx_alloc (module, (size_t)n);
      if (own == NULL)
        return pt2_fx_reader_no_memory (reader);
      name = (Pt2String){ memcpy (own, text, (size_t)n), (uint32_t)n };
      node->flags |= PT2_FX_NAME_OWN;
    }
  return pt2_fx_name_softly (reader, node, name);
}

bool
pt2_fx_refer (Reader *reader, Pt2FxArgument *to, Pt2String name)
{
  char text[64];
  Pt2FxNode *value = pt2_fx_find_value (reader, name);
  if (value == NULL)
    return pt2_fx_fault (reader->graph, reader->source, PT2_ERROR_G002, reader->error, "%s",
                         pt2_text_escape (name.data, name.len, text, sizeof text));
  return pt2_fx_add_use (reader->user, to, value) || pt2_fx_reader_no_memory (reader);
}

/* ---- nodes ---- */

static bool
read_placeholder (Reader *reader, uint32_t number)
{
  const Pt2Argument *input = &reader->graph->source->inputs.items[number];
  Pt2FxNode *node = pt2_fx_node_alloc (reader->graph, PT2_FX_PLACEHOLDER);
  if (node == NULL)
    return pt2_fx_reader_no_memory (reader);
  node->input = input;
  node->index = number;
  const Pt2InputSpecList *specs = &reader->graph->module->exported->graph_module.signature.input_specs;
  node->spec = reader->graph->parent == NULL && number < specs->len ? &specs->items[number] : NULL;
  pt2_fx_link (node, NULL);
  switch (input->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
      return define (reader, node, PT2_FX_TABLE_TENSOR, input->as_tensor.name);
    case PT2_ARGUMENT_AS_CUSTOM_OBJ:
      return define (reader, node, PT2_FX_TABLE_OBJECT, input->as_custom_obj->name);
    case PT2_ARGUMENT_AS_SYM_INT:
      if (input->as_sym_int->which == PT2_SYM_INT_ARGUMENT_AS_NAME)
        return define (reader, node, PT2_FX_TABLE_SYM_INT, input->as_sym_int->as_name);
      break;
    case PT2_ARGUMENT_AS_NONE:
    case PT2_ARGUMENT_AS_INT:
    case PT2_ARGUMENT_AS_FLOAT:
    case PT2_ARGUMENT_AS_BOOL:
    case PT2_ARGUMENT_AS_STRING:
    case PT2_UNKNOWN_MEMBER:
      node->value_kind = PT2_FX_VALUE_CONSTANT;
      node->value = input;
      return name_constant (reader, node);
    }
  return pt2_fx_fault (reader->graph, NULL, PT2_ERROR_G004, reader->error, "input %u", number);
}

/* Its one result, or the result number INDEX of CALL, which then gets a getitem. */
static bool
read_value (Reader *reader, const Pt2Argument *output, Pt2FxNode *node)
{
  switch (output->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
      return define (reader, node, PT2_FX_TABLE_TENSOR, output->as_tensor.name);
    case PT2_ARGUMENT_AS_SYM_INT:
      if (output->as_sym_int->which == PT2_SYM_INT_ARGUMENT_AS_NAME)
        return define (reader, node, PT2_FX_TABLE_SYM_INT, output->as_sym_int->as_name);
      break;
    case PT2_ARGUMENT_AS_SYM_FLOAT:
      if (output->as_sym_float->which == PT2_SYM_FLOAT_ARGUMENT_AS_NAME)
        return define (reader, node, PT2_FX_TABLE_SYM_FLOAT, output->as_sym_float->as_name);
      break;
    case PT2_ARGUMENT_AS_SYM_BOOL:
      if (output->as_sym_bool->which == PT2_SYM_BOOL_ARGUMENT_AS_NAME)
        return define (reader, node, PT2_FX_TABLE_SYM_BOOL, output->as_sym_bool->as_name);
      break;
    case PT2_ARGUMENT_AS_NONE:
      node->value_kind = PT2_FX_VALUE_NONE;
      return pt2_fx_name_softly (reader, node, node->op == PT2_FX_CALL ? node->source->name : (Pt2String){ NULL, 0 });
    case PT2_UNKNOWN_MEMBER:
      node->value_kind = PT2_FX_VALUE_UNKNOWN;
      node->value = output;
      return pt2_fx_name_softly (reader, node, node->op == PT2_FX_CALL ? node->source->name : (Pt2String){ NULL, 0 });
    }
  return pt2_fx_fault (reader->graph, reader->source, PT2_ERROR_G005, reader->error, "%s", "");
}

static Pt2FxNode *
add_getitem (Reader *reader, Pt2FxNode *of, uint32_t index)
{
  Pt2FxNode *node = pt2_fx_node_alloc (reader->graph, PT2_FX_GETITEM);
  Pt2FxArgument *input = pt2_fx_alloc (reader->graph->module, sizeof *input);
  if (node == NULL || input == NULL || !pt2_fx_add_use (node, input, of))
    {
      pt2_fx_reader_no_memory (reader);
      return NULL;
    }
  node->inputs = input;
  node->n_inputs = 1;
  node->index = index;
  pt2_fx_link (node, NULL);
  return node;
}

static bool
read_tensor_result (Reader *reader, const Pt2TensorArgument *output, Pt2FxNode *of, uint32_t index, Pt2FxResult *result)
{
  Pt2FxNode *node = add_getitem (reader, of, index);
  if (node == NULL || !define (reader, node, PT2_FX_TABLE_TENSOR, output->name))
    return false;
  result->kind = PT2_FX_VALUE_TENSOR;
  result->meta = node->value;
  return true;
}

static Pt2FxResult *
read_tensor_results (Reader *reader, const Pt2TensorArgumentList *list, Pt2FxNode *of)
{
  Pt2FxResult *results = pt2_fx_alloc (reader->graph->module, (size_t)list->len * sizeof *results);
  if (results == NULL)
    pt2_fx_reader_no_memory (reader);
  for (uint32_t i = 0; results != NULL && i < list->len; i++)
    if (!read_tensor_result (reader, &list->items[i], of, i, &results[i]))
      return NULL;
  of->value_kind = PT2_FX_VALUE_LIST;
  of->value = results;
  of->n_results = list->len;
  return results;
}

static bool
read_result (Reader *reader, const Pt2Argument *output, Pt2FxNode *of, uint32_t index, Pt2FxResult *result)
{
  Pt2FxNode *node = add_getitem (reader, of, index);
  if (node == NULL)
    return false;
  if (output->which == PT2_ARGUMENT_AS_TENSORS)
    {
      result->items = read_tensor_results (reader, &output->as_tensors, node);
      result->n_items = output->as_tensors.len;
      result->kind = PT2_FX_VALUE_LIST;
      return result->items != NULL && pt2_fx_name_softly (reader, node, (Pt2String){ NULL, 0 });
    }
  if (!read_value (reader, output, node))
    return false;
  result->kind = node->value_kind;
  result->meta = node->value;
  return true;
}

static bool
read_results (Reader *reader, const Pt2ArgumentList *outputs, Pt2FxNode *node)
{
  Pt2FxResult *results = pt2_fx_alloc (reader->graph->module, (size_t)outputs->len * sizeof *results);
  if (results == NULL)
    return pt2_fx_reader_no_memory (reader);
  node->value_kind = PT2_FX_VALUE_TUPLE;
  node->value = results;
  node->n_results = outputs->len;
  for (uint32_t i = 0; i < outputs->len; i++)
    if (!read_result (reader, &outputs->items[i], node, i, &results[i]))
      return false;
  return true;
}

/* PyTorch asks whether the words are anywhere in the target. */
bool
pt2_fx_names_higher_order (Pt2String target)
{
  static const char words[] = "torch.ops.higher_order";
  for (uint32_t at = 0; at + sizeof words - 1 <= target.len; at++)
    if (target.data[at] == *words && memcmp (target.data + at, words, sizeof words - 1) == 0)
      return true;
  return false;
}

/* A call of a subgraph gives its one value in a tuple unless the file says that it does not. */
static bool
gives_tuple (const Pt2Node *source)
{
  bool bare = (source->present[0] & PT2_FX_HOP_FLAG) != 0 && source->is_hop_single_tensor_return;
  uint32_t which = source->outputs.items[0].which;
  return !bare && which != PT2_ARGUMENT_AS_NONE && which != PT2_ARGUMENT_AS_TENSORS
         && pt2_fx_names_higher_order (source->target);
}

static bool
read_outputs (Reader *reader, Pt2FxNode *node)
{
  const Pt2ArgumentList *outputs = &node->source->outputs;
  if (outputs->len == 1 && outputs->items[0].which != PT2_ARGUMENT_AS_TENSORS && !gives_tuple (node->source))
    return read_value (reader, &outputs->items[0], node);
  if (!pt2_fx_name_softly (reader, node, node->source->name))
    return false;
  if (outputs->len == 1 && outputs->items[0].which == PT2_ARGUMENT_AS_TENSORS)
    return read_tensor_results (reader, &outputs->items[0].as_tensors, node) != NULL;
  return outputs->len == 0 || read_results (reader, outputs, node);
}

static bool
read_call (Reader *reader, const Pt2Node *source)
{
  Pt2FxNode *node = pt2_fx_node_alloc (reader->graph, PT2_FX_CALL);
  Pt2FxArgument *inputs = pt2_fx_alloc (reader->graph->module, (size_t)source->inputs.len * sizeof *inputs);
  if (node == NULL || inputs == NULL)
    return pt2_fx_reader_no_memory (reader);
  reader->source = source;
  reader->user = node;
  node->source = source;
  node->inputs = inputs;
  node->n_inputs = source->inputs.len;
  for (uint32_t i = 0; i < source->inputs.len; i++)
    if (!pt2_fx_read_argument (reader, &source->inputs.items[i].arg, &inputs[i]))
      return false;
  pt2_fx_link (node, NULL);
  return read_outputs (reader, node);
}

static bool
can_be_returned (const Pt2Argument *output)
{
  switch (output->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
    case PT2_ARGUMENT_AS_SYM_INT:
    case PT2_ARGUMENT_AS_SYM_FLOAT:
    case PT2_ARGUMENT_AS_SYM_BOOL:
    case PT2_ARGUMENT_AS_CUSTOM_OBJ:
    case PT2_ARGUMENT_AS_NONE:
    case PT2_ARGUMENT_AS_INT:
    case PT2_ARGUMENT_AS_FLOAT:
    case PT2_ARGUMENT_AS_BOOL:
    case PT2_ARGUMENT_AS_STRING:
    case PT2_UNKNOWN_MEMBER:
      return true;
    default:
      return false;
    }
}

static bool
read_output (Reader *reader)
{
  Pt2FxGraph *graph = reader->graph;
  const Pt2ArgumentList *outputs = &graph->source->outputs;
  Pt2FxNode *node = pt2_fx_node_alloc (graph, PT2_FX_OUTPUT);
  Pt2FxArgument *inputs = pt2_fx_alloc (graph->module, (size_t)outputs->len * sizeof *inputs);
  const Pt2OutputSpec **output_specs = pt2_fx_alloc (graph->module, (size_t)outputs->len * sizeof *output_specs);
  if (node == NULL || inputs == NULL || output_specs == NULL)
    return pt2_fx_reader_no_memory (reader);
  reader->source = NULL;
  reader->user = node;
  node->inputs = inputs;
  node->specs = output_specs;
  node->n_inputs = outputs->len;
  const Pt2OutputSpecList *specs = &graph->module->exported->graph_module.signature.output_specs;
  for (uint32_t i = 0; i < outputs->len; i++)
    {
      output_specs[i] = graph->parent == NULL && i < specs->len ? &specs->items[i] : NULL;
      if (!can_be_returned (&outputs->items[i]))
        return pt2_fx_fault (graph, NULL, PT2_ERROR_G006, reader->error, "output %u", i);
      if (!pt2_fx_read_argument (reader, &outputs->items[i], &inputs[i]))
        return false;
    }
  pt2_fx_link (node, NULL);
  graph->output = node;
  graph->returns_bare = graph->source->is_single_tensor_return;
  if (graph->returns_bare && (outputs->len != 1 || inputs[0].kind != PT2_FX_NODE))
    return pt2_fx_fault (graph, NULL, PT2_ERROR_G007, reader->error, "%u outputs", outputs->len);
  return pt2_fx_name_softly (reader, node, (Pt2String){ "output", 6 });
}

/* What no value has is no part of the graph, but not to be lost either. */
static bool
find_left_over (Reader *reader, Pt2FxTableName table)
{
  Pt2FxGraph *graph = reader->graph;
  const Pt2AnyMap *map = pt2_fx_table (graph->source, table);
  uint32_t n = map->len - reader->cursors[table].n;
  if (n == 0)
    return true;
  const char **list = graph->left_over[table] = pt2_fx_alloc (graph->module, n * sizeof *list);
  if (list == NULL)
    return pt2_fx_reader_no_memory (reader);
  for (uint32_t i = 0; i < map->len && graph->n_left_over[table] < n; i++)
    {
      const char *entry = (const char *)map->entries + (size_t)i * pt2_fx_tables[table].entry_size;
      const Pt2FxNode *node = pt2_fx_names_find (&graph->names, *(const Pt2String *)entry);
      if (node == NULL || node->value != entry + pt2_fx_tables[table].value_at)
        list[graph->n_left_over[table]++] = entry;
    }
  return true;
}

static bool
read_all (Reader *reader)
{
  const Pt2Graph *source = reader->graph->source;
  size_t n = 0;
  for (Pt2FxTableName table = 0; table < PT2_FX_N_TABLES; table++)
    n += pt2_fx_table (source, table)->len;
  /* Some nodes more than values have names: calls that give several, or none. */
  if (!pt2_fx_names_reserve (&reader->graph->names, n + n / 16 + 4))
    return pt2_fx_reader_no_memory (reader);
  for (uint32_t i = 0; i < source->inputs.len; i++)
    if (!read_placeholder (reader, i))
      return false;
  for (uint32_t i = 0; i < source->nodes.len; i++)
    if (!read_call (reader, &source->nodes.items[i]))
      return false;
  for (Pt2FxTableName table = 0; table < PT2_FX_N_TABLES; table++)
    if (!find_left_over (reader, table))
      return false;
  return read_output (reader);
}

bool
pt2_fx_read_graph (Pt2FxGraph *graph, GError **error)
{
  Reader reader = { .graph = graph, .error = error };
  for (Pt2FxTableName table = 0; table < PT2_FX_N_TABLES; table++)
    pt2_text_index_init (&reader.cursors[table].index);
  bool fine = read_all (&reader) && (reader.n_unnamed == 0 || pt2_fx_name_nodes (graph, error));
  for (Pt2FxTableName table = 0; table < PT2_FX_N_TABLES; table++)
    pt2_text_index_clear (&reader.cursors[table].index);
  return fine;
}
