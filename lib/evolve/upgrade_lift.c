/* SPDX-License-Identifier: Apache-2.0 */
/* Constants inside subgraphs of major 1. Today a subgraph has none: what it needs it is given, so they become operands
 * of the call, and constants of the root graph. In that major only `cond` and `map` call subgraphs.
 */
#include "text.h"
#include "upgrade_constants.h"
#include <string.h>

typedef struct
{
  Pt2Upgrading *upgrading;
  const Pt2JsonNode *values; /* of the root graph, by name */
  Pt2GraphConstant *constants;
  uint32_t n;
  uint64_t number; /* of the next name */
} Lifting;

static const Pt2JsonNode *
subgraph (const Pt2JsonNode *node, uint32_t input)
{
  const Pt2JsonNode *argument = pt2_json_get (pt2_json_item (pt2_json_get (node, "inputs"), input), "arg");
  return pt2_json_get (pt2_json_get (argument, "as_graph"), "graph");
}

/* Of the subgraphs of one call. */
static uint32_t
count_in_node (const Pt2JsonNode *node)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < pt2_json_length (pt2_json_get (node, "inputs")); i++)
    n += pt2_json_length (pt2_json_get (subgraph (node, i), "constants"));
  return n;
}

static bool
has_deeper (const Pt2JsonNode *node)
{
  for (uint32_t i = 0; i < pt2_json_length (pt2_json_get (node, "inputs")); i++)
    {
      const Pt2JsonNode *nodes = pt2_json_get (subgraph (node, i), "nodes");
      for (uint32_t j = 0; j < pt2_json_length (nodes); j++)
        if (count_in_node (pt2_json_item (nodes, j)) > 0 || has_deeper (pt2_json_item (nodes, j)))
          return true;
    }
  return false;
}

int64_t
pt2_lift_count (Pt2Upgrading *upgrading, const Pt2JsonNode *graph)
{
  const Pt2JsonNode *nodes = pt2_json_get (graph, "nodes");
  int64_t n = 0;
  for (uint32_t i = 0; i < pt2_json_length (nodes); i++)
    {
      if (has_deeper (pt2_json_item (nodes, i)))
        return pt2_upgrade_refuse (upgrading, "graph_module.graph",
                                   "a subgraph of a subgraph holds a tensor of its own");
      n += count_in_node (pt2_json_item (nodes, i));
    }
  return n;
}

/* ---- names ---- */

static bool
is_free (const Lifting *lifting, const Pt2JsonNode *node, Pt2String name)
{
  bool found = pt2_json_get_len (lifting->values, name.data, name.len) != NULL;
  for (uint32_t i = 0; !found && i < pt2_json_length (pt2_json_get (node, "inputs")); i++)
    found = pt2_json_get_len (pt2_json_get (subgraph (node, i), "tensor_values"), name.data, name.len) != NULL;
  return !found;
}

/* A name that neither the root graph nor any subgraph of the call has. */
static Pt2String
new_name (Lifting *lifting, const Pt2JsonNode *node)
{
  Pt2String name;
  do
    name = pt2_draft_printf (lifting->upgrading->draft, "lifted_tensor_%" G_GUINT64_FORMAT, lifting->number++);
  while (name.data != NULL && !is_free (lifting, node, name));
  return name;
}

/* ---- operands ---- */

static bool
add_input (Pt2Draft *draft, Pt2Graph *graph, Pt2String name, const Pt2TensorMeta *meta)
{
  uint32_t n = graph->inputs.len, n_values = graph->tensor_values.len;
  Pt2Argument *inputs = pt2_list_open_gap (draft, graph->inputs.items, n, sizeof *inputs, n, 1);
  Pt2StringToTensorMetaMapEntry *values
      = pt2_list_open_gap (draft, graph->tensor_values.entries, n_values, sizeof *values, n_values, 1);
  if (inputs == NULL || values == NULL)
    return false;
  inputs[n] = (Pt2Argument){ .which = PT2_ARGUMENT_AS_TENSOR, .as_tensor = { name } };
  values[n_values] = (Pt2StringToTensorMetaMapEntry){ .key = name, .value = *meta };
  graph->inputs = (Pt2ArgumentList){ inputs, n + 1 };
  graph->tensor_values = (Pt2StringToTensorMetaMap){ values, n_values + 1 };
  return true;
}

/* `cond` has its operands in a list, `map` one behind the other. */
static bool
add_operand (Lifting *lifting, Pt2Node *node, Pt2String name)
{
  Pt2Draft *draft = lifting->upgrading->draft;
  uint32_t n = node->inputs.len;
  Pt2Argument *last = n > 0 ? &node->inputs.items[n - 1].arg : NULL;
  if (pt2_upgrade_is (node->target, "torch.ops.higher_order.cond") && last->which == PT2_ARGUMENT_AS_TENSORS)
    {
      uint32_t len = last->as_tensors.len;
      Pt2TensorArgument *items = pt2_list_open_gap (draft, last->as_tensors.items, len, sizeof *items, len, 1);
      if (items == NULL)
        return false;
      items[len].name = name;
      last->as_tensors = (Pt2TensorArgumentList){ items, len + 1 };
      return true;
    }
  if (!pt2_upgrade_is (node->target, "torch.ops.map_impl"))
    return pt2_upgrade_refuse (lifting->upgrading, "graph_module.graph", "a subgraph holds a tensor of its own") >= 0;
  Pt2NamedArgument *inputs = pt2_list_open_gap (draft, node->inputs.items, n, sizeof *inputs, n, 1);
  if (inputs == NULL)
    return false;
  inputs[n].name = pt2_draft_text (draft, "", 0);
  inputs[n].arg = (Pt2Argument){ .which = PT2_ARGUMENT_AS_TENSOR, .as_tensor = { name } };
  node->inputs = (Pt2NamedArgumentList){ inputs, n + 1 };
  return true;
}

/* The constant INDEX of the subgraph that is input OWNER of NODE. */
static bool
lift (Lifting *lifting, Pt2Node *node, const Pt2JsonNode *tree, uint32_t owner, uint32_t index)
{
  const Pt2JsonNode *table = pt2_json_get (subgraph (tree, owner), "constants");
  Pt2GraphConstant *constant = &lifting->constants[lifting->n++];
  Pt2TensorMeta meta;
  *constant = (Pt2GraphConstant){ new_name (lifting, tree), pt2_json_text (pt2_json_item (table, index)) };
  if (constant->name.data == NULL || !pt2_graph_constant_read (lifting->upgrading, constant, &meta))
    return false;
  for (uint32_t i = 0; i < node->inputs.len; i++)
    {
      Pt2Argument *argument = &node->inputs.items[i].arg;
      Pt2String name = i == owner ? pt2_json_key (table, index) : constant->name;
      if (argument->which == PT2_ARGUMENT_AS_GRAPH
          && !add_input (lifting->upgrading->draft, &argument->as_graph->graph, name, &meta))
        return false;
    }
  return add_operand (lifting, node, constant->name);
}

static bool
lift_from_node (Lifting *lifting, Pt2Node *node, const Pt2JsonNode *tree)
{
  uint32_t n = node->inputs.len; /* it grows */
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < pt2_json_length (pt2_json_get (subgraph (tree, i), "constants")); j++)
      if (!lift (lifting, node, tree, i, j))
        return false;
  return true;
}

bool
pt2_lift_constants (Pt2Upgrading *upgrading, const Pt2JsonNode *graph, Pt2GraphConstant *constants)
{
  const Pt2JsonNode *nodes = pt2_json_get (graph, "nodes");
  Pt2NodeList *list = &upgrading->draft->exported->graph_module.graph.nodes;
  Lifting lifting = { .upgrading = upgrading, .values = pt2_json_get (graph, "tensor_values"), .constants = constants };
  for (uint32_t i = 0; i < list->len; i++)
    if (!lift_from_node (&lifting, &list->items[i], pt2_json_item (nodes, i)))
      return false;
  return true;
}
