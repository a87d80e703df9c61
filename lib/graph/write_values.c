/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the graph, and subgraphs, as the Arguments that stand for them. */
#include "write.h"

static bool
wrap_sym (Writer *writer, const Pt2FxNode *node, Pt2Argument *to, uint32_t member)
{
  /* The three unions are the same but for the immediate member. */
  G_STATIC_ASSERT (sizeof (Pt2SymIntArgument) == sizeof (Pt2SymBoolArgument)
                   && sizeof (Pt2SymIntArgument) == sizeof (Pt2SymFloatArgument));
  Pt2SymIntArgument *sym = pt2_fx_room (writer, 1, sizeof *sym);
  if (sym == NULL)
    return false;
  sym->which = PT2_SYM_INT_ARGUMENT_AS_NAME;
  sym->as_name = pt2_fx_write_name (writer, node);
  to->which = member;
  to->as_sym_int = sym;
  return true;
}

static bool
wrap_object (Writer *writer, const Pt2FxNode *node, Pt2Argument *to)
{
  const Pt2CustomObjArgument *meta = node->value;
  Pt2CustomObjArgument *object = pt2_fx_room (writer, 1, sizeof *object);
  if (object == NULL)
    return false;
  object->name = pt2_fx_write_name (writer, node);
  object->class_fqn = meta->class_fqn;
  to->which = PT2_ARGUMENT_AS_CUSTOM_OBJ;
  to->as_custom_obj = object;
  return true;
}

static bool
wrap_graph (Writer *writer, const Pt2FxNode *node, Pt2Argument *to)
{
  Pt2FxGraph *graph = node->subgraph;
  Pt2GraphArgument *argument = pt2_draft_alloc (writer->draft, sizeof *argument);
  if (argument == NULL)
    return false;
  if (graph->argument != NULL)
    *argument = *graph->argument;
  else /* it was put in here, and has the fields that the root has */
    argument->graph.present[0] = graph->module->exported->graph_module.graph.present[0] & ~PT2_FX_BARE_FLAG;
  argument->present[0] |= 2;
  argument->name = graph->name_own ? pt2_draft_text (writer->draft, graph->name.data, graph->name.len) : graph->name;
  to->which = PT2_ARGUMENT_AS_GRAPH;
  to->as_graph = argument;
  return pt2_fx_write_graph (writer, graph, &argument->graph);
}

bool
pt2_fx_write_value (Writer *writer, const Pt2FxNode *node, Pt2Argument *to)
{
  if (node->op == PT2_FX_SUBGRAPH)
    return wrap_graph (writer, node, to);
  switch (node->value_kind)
    {
    case PT2_FX_VALUE_SYM_INT:
      return wrap_sym (writer, node, to, PT2_ARGUMENT_AS_SYM_INT);
    case PT2_FX_VALUE_SYM_FLOAT:
      return wrap_sym (writer, node, to, PT2_ARGUMENT_AS_SYM_FLOAT);
    case PT2_FX_VALUE_SYM_BOOL:
      return wrap_sym (writer, node, to, PT2_ARGUMENT_AS_SYM_BOOL);
    case PT2_FX_VALUE_OBJECT:
      return wrap_object (writer, node, to);
    default:
      to->which = PT2_ARGUMENT_AS_TENSOR;
      to->as_tensor.name = pt2_fx_write_name (writer, node);
      return to->as_tensor.name.data != NULL;
    }
}
