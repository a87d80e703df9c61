/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to modules, graphs and nodes. */
#include "graph.h"
#include <string.h>

Pt2Program *
pt2_fx_module_get_program (Pt2FxModule *module)
{
  return module->program;
}

guint64
pt2_fx_module_get_memory (Pt2FxModule *module)
{
  guint64 bytes = sizeof *module + pt2_arena_bytes (&module->arena);
  bytes += module->graphs_room * sizeof *module->graphs + module->uses_room * sizeof *module->uses;
  for (uint32_t i = 0; i < module->n_graphs; i++)
    bytes += pt2_fx_names_bytes (&module->graphs[i]->names);
  return bytes;
}

Pt2FxGraph *
pt2_fx_module_get_root (Pt2FxModule *module)
{
  return module->graphs[0];
}

guint
pt2_fx_module_get_n_graphs (Pt2FxModule *module)
{
  return module->n_graphs;
}

Pt2FxGraph *
pt2_fx_module_get_graph (Pt2FxModule *module, guint number)
{
  return number < module->n_graphs ? module->graphs[number] : NULL;
}

Pt2String
pt2_fx_graph_get_name (Pt2FxGraph *graph)
{
  return graph->name;
}

char *
pt2_fx_graph_make_path (Pt2FxGraph *graph)
{
  gsize len = 0;
  for (const Pt2FxGraph *at = graph; at->parent != NULL; at = at->parent)
    len += at->name.len + 1;
  char *path = g_malloc (len + 1), *end = path + len;
  *end = '\0';
  for (const Pt2FxGraph *at = graph; at->parent != NULL; at = at->parent)
    {
      if (at != graph)
        *--end = '.';
      end -= at->name.len;
      memcpy (end, at->name.data, at->name.len);
    }
  return memmove (path, end, strlen (end) + 1);
}

/* Does the dotted path of GRAPH end with the LEN bytes of PATH, and is it no longer? */
static bool
has_path (const Pt2FxGraph *graph, const char *path, size_t len)
{
  for (; graph->parent != NULL; graph = graph->parent)
    {
      if (len < graph->name.len || memcmp (path + len - graph->name.len, graph->name.data, graph->name.len) != 0)
        return false;
      len -= graph->name.len;
      if (graph->parent->parent == NULL)
        return len == 0;
      if (len == 0 || path[--len] != '.')
        return false;
    }
  return len == 0;
}

Pt2FxGraph *
pt2_fx_module_find_graph (Pt2FxModule *module, const char *path)
{
  size_t len = strlen (path);
  for (uint32_t i = module->n_graphs; i > 0; i--)
    if (has_path (module->graphs[i - 1], path, len) && pt2_fx_graph_is_attribute (module->graphs[i - 1]))
      return module->graphs[i - 1];
  return NULL;
}

gboolean
pt2_fx_graph_is_attribute (Pt2FxGraph *graph)
{
  for (const Pt2FxGraph *at = graph; at->parent != NULL; at = at->parent)
    if (at->shadowed)
      return FALSE;
  return TRUE;
}

Pt2FxNode *
pt2_fx_graph_get_reference (Pt2FxGraph *graph)
{
  return graph->reference;
}

Pt2FxGraph *
pt2_fx_graph_get_parent (Pt2FxGraph *graph)
{
  return graph->parent;
}

Pt2FxModule *
pt2_fx_graph_get_module (Pt2FxGraph *graph)
{
  return graph->module;
}

guint
pt2_fx_graph_get_n_nodes (Pt2FxGraph *graph)
{
  return graph->n_nodes;
}

Pt2FxNode *
pt2_fx_graph_get_first (Pt2FxGraph *graph)
{
  return graph->first;
}

Pt2FxNode *
pt2_fx_graph_get_output (Pt2FxGraph *graph)
{
  return graph->output;
}

Pt2FxNode *
pt2_fx_graph_find (Pt2FxGraph *graph, const char *name, gssize len)
{
  gsize n = len < 0 ? strlen (name) : (gsize)len;
  return n <= UINT32_MAX ? pt2_fx_names_find (&graph->names, (Pt2String){ name, (uint32_t)n }) : NULL;
}

gboolean
pt2_fx_graph_returns_bare (Pt2FxGraph *graph)
{
  return graph->returns_bare;
}

/* ---- nodes ---- */

Pt2FxOp
pt2_fx_node_get_op (Pt2FxNode *node)
{
  return node->op;
}

Pt2FxNode *
pt2_fx_node_get_next (Pt2FxNode *node)
{
  return node->next;
}

Pt2FxNode *
pt2_fx_node_get_previous (Pt2FxNode *node)
{
  return node->previous;
}

Pt2FxGraph *
pt2_fx_node_get_graph (Pt2FxNode *node)
{
  return node->graph;
}

Pt2String
pt2_fx_node_get_name (Pt2FxNode *node)
{
  return pt2_fx_name (node);
}

Pt2String
pt2_fx_node_get_target (Pt2FxNode *node)
{
  if (node->op == PT2_FX_SUBGRAPH)
    return node->subgraph->name;
  return node->op == PT2_FX_CALL ? node->source->target : (Pt2String){ NULL, 0 };
}

guint
pt2_fx_node_get_index (Pt2FxNode *node)
{
  return node->index;
}

Pt2FxGraph *
pt2_fx_node_get_subgraph (Pt2FxNode *node)
{
  return node->op == PT2_FX_SUBGRAPH ? node->subgraph : NULL;
}

Pt2FxNode *
pt2_fx_node_get_producer (Pt2FxNode *node)
{
  while (node->op == PT2_FX_GETITEM)
    node = node->inputs[0].node;
  return node;
}

Pt2FxValueKind
pt2_fx_node_get_value_kind (Pt2FxNode *node)
{
  return node->value_kind;
}

static const void *
value_of_kind (const Pt2FxNode *node, Pt2FxValueKind kind)
{
  return node->value_kind == kind ? node->value : NULL;
}

const Pt2TensorMeta *
pt2_fx_node_get_tensor (Pt2FxNode *node)
{
  return value_of_kind (node, PT2_FX_VALUE_TENSOR);
}

const Pt2SymInt *
pt2_fx_node_get_sym_int (Pt2FxNode *node)
{
  return value_of_kind (node, PT2_FX_VALUE_SYM_INT);
}

const Pt2SymFloat *
pt2_fx_node_get_sym_float (Pt2FxNode *node)
{
  return value_of_kind (node, PT2_FX_VALUE_SYM_FLOAT);
}

const Pt2SymBool *
pt2_fx_node_get_sym_bool (Pt2FxNode *node)
{
  return value_of_kind (node, PT2_FX_VALUE_SYM_BOOL);
}

const Pt2CustomObjArgument *
pt2_fx_node_get_object (Pt2FxNode *node)
{
  return value_of_kind (node, PT2_FX_VALUE_OBJECT);
}

const Pt2Argument *
pt2_fx_node_get_constant (Pt2FxNode *node)
{
  return value_of_kind (node, PT2_FX_VALUE_CONSTANT);
}

guint
pt2_fx_node_get_n_results (Pt2FxNode *node)
{
  return node->n_results;
}

const Pt2InputSpec *
pt2_fx_node_get_input_spec (Pt2FxNode *node)
{
  return node->op == PT2_FX_PLACEHOLDER ? node->spec : NULL;
}

const Pt2OutputSpec *
pt2_fx_node_get_output_spec (Pt2FxNode *node, guint index)
{
  return node->op == PT2_FX_OUTPUT && index < node->n_inputs ? node->specs[index] : NULL;
}

/* ---- arguments ---- */

guint
pt2_fx_node_get_n_arguments (Pt2FxNode *node)
{
  return node->n_inputs;
}

const Pt2FxArgument *
pt2_fx_node_get_argument (Pt2FxNode *node, guint index)
{
  return index < node->n_inputs ? &node->inputs[index] : NULL;
}

static const Pt2NamedArgument *
parameter_of (const Pt2FxNode *node, guint index)
{
  return node->op == PT2_FX_CALL && index < node->n_inputs ? pt2_fx_parameter (node, index) : NULL;
}

Pt2String
pt2_fx_node_get_argument_name (Pt2FxNode *node, guint index)
{
  const Pt2NamedArgument *parameter = parameter_of (node, index);
  return parameter != NULL ? parameter->name : (Pt2String){ "", 0 };
}

Pt2FxPassing
pt2_fx_node_get_argument_passing (Pt2FxNode *node, guint index)
{
  const Pt2NamedArgument *parameter = parameter_of (node, index);
  if (parameter == NULL)
    return PT2_FX_POSITIONAL;
  if (!(parameter->present[0] & PT2_FX_KIND_FLAG))
    return PT2_FX_BY_SCHEMA;
  return parameter->kind == PT2_ARGUMENT_KIND_POSITIONAL ? PT2_FX_POSITIONAL
         : parameter->kind == PT2_ARGUMENT_KIND_KEYWORD  ? PT2_FX_KEYWORD
                                                         : PT2_FX_BY_SCHEMA;
}

gint
pt2_fx_node_find_argument (Pt2FxNode *node, const char *name)
{
  size_t len = strlen (name);
  for (uint32_t i = 0; i < node->n_inputs && i <= G_MAXINT; i++)
    {
      Pt2String own = pt2_fx_node_get_argument_name (node, i);
      if (own.len == len && memcmp (own.data, name, len) == 0)
        return (gint)i;
    }
  return -1;
}

static gboolean
foreach_item (const Pt2FxArgument *items, guint n, Pt2FxNodeFunc func, gpointer data)
{
  for (guint i = 0; i < n; i++)
    if (!pt2_fx_argument_foreach_node (&items[i], func, data))
      return FALSE;
  return TRUE;
}

gboolean
pt2_fx_argument_foreach_node (const Pt2FxArgument *argument, Pt2FxNodeFunc func, gpointer data)
{
  if (argument->kind == PT2_FX_NODE)
    return func (argument->node, data);
  if (argument->kind == PT2_FX_LIST)
    return foreach_item (argument->items, argument->len, func, data);
  for (guint i = 0; argument->kind == PT2_FX_DICT && i < argument->len; i++)
    if (!pt2_fx_argument_foreach_node (&argument->entries[i].value, func, data))
      return FALSE;
  return TRUE;
}

/* ---- users ---- */

guint
pt2_fx_node_get_n_uses (Pt2FxNode *node)
{
  return node->n_uses;
}

void
pt2_fx_users_init (Pt2FxUsers *users, Pt2FxNode *value)
{
  users->value = value;
  users->next = value->first_use;
}

Pt2FxNode *
pt2_fx_users_next (Pt2FxUsers *users)
{
  const Pt2FxModule *module = users->value->graph->module;
  if (users->next == 0)
    return NULL;
  Pt2FxNode *user = pt2_fx_use (module, users->next)->user;
  do
    {
      users->next = pt2_fx_use (module, users->next)->next;
      if (users->next == users->value->first_use)
        users->next = 0;
    }
  while (users->next != 0 && pt2_fx_use (module, users->next)->user == user);
  return user;
}
