/* SPDX-License-Identifier: Apache-2.0 */
/* Names for nodes that the file does not name, as PyTorch makes them up. */
#define _GNU_SOURCE /* memrchr */
#include "graph.h"
#include "namespace.h"
#include <string.h>

static bool
has_prefix (Pt2String text, const char *prefix, size_t len)
{
  return text.len > len && memcmp (text.data, prefix, len) == 0;
}

/* The part of a target that names its function: `add.Tensor` of torch.ops.aten.add.Tensor, `cond` of a higher-order
 * operator, `op` of #mine:op, else what stands behind the last point. */
static Pt2String
function_of (Pt2String target)
{
  const char *colon = target.len > 0 && target.data[0] == '#' ? memrchr (target.data, ':', target.len) : NULL;
  if (colon != NULL)
    return (Pt2String){ colon + 1, (uint32_t)(target.data + target.len - colon - 1) };
  uint32_t points = 0, want = UINT32_MAX;
  static const char ops[] = "torch.ops.", higher_order[] = "torch.ops.higher_order.";
  if (has_prefix (target, ops, sizeof ops - 1) && !has_prefix (target, higher_order, sizeof higher_order - 1))
    want = 3;
  uint32_t at = 0;
  for (uint32_t i = 0; i < target.len && points < want; i++)
    if (target.data[i] == '.')
      {
        points++;
        at = i + 1;
      }
  return (Pt2String){ target.data + at, target.len - at };
}

Pt2String
pt2_fx_snake_case (Pt2Arena *arena, Pt2String text, const char *suffix)
{
  size_t len = strlen (suffix);
  char *made = pt2_arena_alloc (arena, 2 * (size_t)text.len + len), *out = made;
  if (made == NULL)
    return (Pt2String){ NULL, 0 };
  for (uint32_t i = 0; i < text.len; i++)
    {
      if (i > 0 && g_ascii_isupper (text.data[i]) && g_ascii_islower (text.data[i - 1]))
        *out++ = '_';
      *out++ = g_ascii_tolower (text.data[i]);
    }
  memcpy (out, suffix, len);
  out += len;
  pt2_arena_shrink_last (arena, made, (size_t)(out - made));
  return (Pt2String){ made, (uint32_t)(out - made) };
}

Pt2String
pt2_fx_target_name (Pt2Arena *arena, Pt2String target, const char *suffix)
{
  return pt2_fx_snake_case (arena, function_of (target), suffix);
}

/* What PyTorch would begin with for NODE. */
static Pt2String
candidate_of (Pt2FxNode *node)
{
  Pt2Arena *arena = &node->graph->module->arena;
  if (node->name != NULL)
    return pt2_fx_name (node);
  switch (node->op)
    {
    case PT2_FX_CALL:
      if (node->source->name.len > 0)
        return node->source->name;
      return pt2_fx_target_name (arena, node->source->target, node->value_kind == PT2_FX_VALUE_NONE ? "_unused" : "");
    case PT2_FX_SUBGRAPH:
      return node->subgraph->name;
    case PT2_FX_GETITEM:
      return node->value_kind == PT2_FX_VALUE_NONE ? (Pt2String){ "as_none", 7 } : (Pt2String){ "getitem", 7 };
    case PT2_FX_OUTPUT:
      return (Pt2String){ "output", 6 };
    default:
      return (Pt2String){ "arg", 3 };
    }
}

static bool
name_node (Pt2FxNode *node, Pt2FxNamespace *names)
{
  Pt2FxNode *other;
  Pt2String name = pt2_fx_namespace_name (names, candidate_of (node), true);
  if (node->name != NULL)
    return name.data != NULL;
  do
    {
      if (name.data == NULL)
        return false;
      node->name = name.data;
      node->name_len = name.len;
      node->flags |= PT2_FX_NAME_OWN;
      if (pt2_fx_names_add (&node->graph->names, node, &other))
        return true;
      name = other != NULL ? pt2_fx_namespace_name (names, name, true) : (Pt2String){ NULL, 0 };
    }
  while (true);
}

bool
pt2_fx_name_nodes (Pt2FxGraph *graph, GError **error)
{
  Pt2FxNamespace names;
  bool fine = true;
  pt2_fx_namespace_init (&names, &graph->module->arena);
  for (Pt2FxNode *node = graph->first; node != NULL && fine; node = node->next)
    fine = name_node (node, &names);
  pt2_fx_namespace_clear (&names);
  return fine || pt2_fx_no_memory (graph->module, error);
}
