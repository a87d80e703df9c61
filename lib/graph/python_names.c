/* SPDX-License-Identifier: Apache-2.0 */
/* The names that torch.fx gives the nodes of a graph that PyTorch loads.
 *
 * Each node is named when it is made, in the order of the list. Values are
 * then given the file's name, whatever it is; the made name stays taken.
 */
#include "python.h"
#include <string.h>

static Pt2String
lower_snake (Pt2FxPrinter *printer, Pt2String text)
{
  /* A string target that begins and ends with two underscores goes without them. */
  if (text.len > 4 && text.data[0] == '_' && text.data[1] == '_' && text.data[text.len - 1] == '_'
      && text.data[text.len - 2] == '_')
    text = (Pt2String){ text.data + 2, text.len - 4 };
  return pt2_fx_snake_case (&printer->arena, text, "");
}

static Pt2String
make (Pt2FxPrinter *printer, Pt2String candidate)
{
  Pt2String name = candidate.data != NULL ? pt2_fx_namespace_name (&printer->names, candidate, true) : candidate;
  printer->no_memory = printer->no_memory || name.data == NULL;
  return name;
}

/* What the file calls the node; {NULL, 0}: nothing, or it is one result that is a value and named by that. */
static Pt2String
given_name (const Pt2FxNode *call)
{
  if (call->source == NULL || (call->flags & PT2_FX_RENAMED))
    return pt2_fx_name (call);
  return call->source->name.len > 0 ? call->source->name : (Pt2String){ NULL, 0 };
}

static Pt2String
name_call (Pt2FxPrinter *printer, const Pt2FxNode *call)
{
  Pt2String given = given_name (call);
  bool is_value = call->value_kind >= PT2_FX_VALUE_TENSOR && call->value_kind <= PT2_FX_VALUE_OBJECT;
  if (is_value)
    {
      make (printer, given.data != NULL ? given : pt2_fx_name (call));
      return pt2_fx_name (call);
    }
  Pt2String name
      = make (printer, given.data != NULL ? given : pt2_fx_target_name (&printer->arena, call->source->target, ""));
  if (call->value_kind != PT2_FX_VALUE_NONE)
    return name;
  Pt2String unused = pt2_fx_target_name (&printer->arena, call->source->target, "_unused");
  bool same = unused.len == name.len && memcmp (unused.data, name.data, name.len) == 0;
  return same ? name : make (printer, unused);
}

static Pt2String
name_node (Pt2FxPrinter *printer, const Pt2FxNode *node)
{
  switch (node->op)
    {
    case PT2_FX_CALL:
      return name_call (printer, node);
    case PT2_FX_SUBGRAPH:
      return make (printer, node->subgraph->name);
    case PT2_FX_OUTPUT:
      return make (printer, (Pt2String){ "output", 6 });
    case PT2_FX_PLACEHOLDER:
      {
        Pt2String made = make (printer, lower_snake (printer, pt2_fx_name (node)));
        return node->value_kind == PT2_FX_VALUE_CONSTANT ? made : pt2_fx_name (node);
      }
    default:
      if (node->value_kind == PT2_FX_VALUE_LIST)
        return make (printer, (Pt2String){ "getitem", 7 });
      if (node->value_kind == PT2_FX_VALUE_NONE)
        return make (printer, (Pt2String){ "as_none", 7 });
      make (printer, pt2_fx_name (node));
      return pt2_fx_name (node);
    }
}

bool
pt2_fx_make_names (Pt2FxPrinter *printer)
{
  pt2_fx_namespace_init (&printer->names, &printer->arena);
  for (const Pt2FxNode *node = printer->graph->first; node != NULL && !printer->no_memory; node = node->next)
    printer->node_names[node->number] = name_node (printer, node);
  pt2_fx_namespace_clear (&printer->names);
  return !printer->no_memory;
}
