/* SPDX-License-Identifier: Apache-2.0 */
#include "graphs.h"

typedef struct
{
  Pt2GraphFunc func;
  void *data;
  uint32_t n;
} Walk;

static bool walk_graph (Walk *walk, Pt2Graph *graph);

static bool
walk_argument (Walk *walk, Pt2Argument *argument)
{
  if (argument->which == PT2_ARGUMENT_AS_GRAPH)
    return walk_graph (walk, &argument->as_graph->graph);
  if (argument->which == PT2_ARGUMENT_AS_STRING_TO_ARGUMENT)
    for (uint32_t i = 0; i < argument->as_string_to_argument.len; i++)
      if (!walk_argument (walk, &argument->as_string_to_argument.entries[i].value))
        return false;
  return true;
}

static bool
walk_graph (Walk *walk, Pt2Graph *graph)
{
  if (!walk->func (graph, walk->n++, walk->data))
    return false;
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    for (uint32_t j = 0; j < graph->nodes.items[i].inputs.len; j++)
      if (!walk_argument (walk, &graph->nodes.items[i].inputs.items[j].arg))
        return false;
  return true;
}

bool
pt2_graphs_foreach (Pt2Graph *root, Pt2GraphFunc func, void *data)
{
  return walk_graph (&(Walk){ func, data, 0 }, root);
}

Pt2String
pt2_argument_value_name (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
      return argument->as_tensor.name;
    case PT2_ARGUMENT_AS_CUSTOM_OBJ:
      return argument->as_custom_obj->name;
    case PT2_ARGUMENT_AS_SYM_INT:
      if (argument->as_sym_int->which == PT2_SYM_INT_ARGUMENT_AS_NAME)
        return argument->as_sym_int->as_name;
      break;
    case PT2_ARGUMENT_AS_SYM_FLOAT:
      if (argument->as_sym_float->which == PT2_SYM_FLOAT_ARGUMENT_AS_NAME)
        return argument->as_sym_float->as_name;
      break;
    case PT2_ARGUMENT_AS_SYM_BOOL:
      if (argument->as_sym_bool->which == PT2_SYM_BOOL_ARGUMENT_AS_NAME)
        return argument->as_sym_bool->as_name;
      break;
    }
  return (Pt2String){ NULL, 0 };
}
