/* SPDX-License-Identifier: Apache-2.0 */
#include "tree_print.h"
#include "json_text.h"
#include <string.h>

typedef struct
{
  Pt2Buffer *out;
  Pt2TreeChange *change; /* or NULL */
} Printer;

/* A named tuple's type is what it is registered as; the spec calls all of them the same. */
static bool
put_type (Pt2Buffer *out, const Pt2TreeNode *node)
{
  static const Pt2String named_tuple = { "collections.namedtuple", 22 };
  Pt2JsonFault fault;
  const Pt2String type = node->kind == PT2_TREE_NAMED_TUPLE ? named_tuple : node->type;
  return type.data == NULL ? pt2_buffer_text (out, "null") : pt2_json_write_string (out, type.data, type.len, &fault);
}

bool
pt2_tree_is_gone (const Pt2TreeChange *change, const Pt2TreeNode *node)
{
  return change != NULL && change->gone != NULL && node->n_leaves > 0
         && change->gone[node->first_leaf + node->n_leaves] - change->gone[node->first_leaf] == node->n_leaves;
}

static bool
loses_child (const Printer *printer, const Pt2TreeNode *node, guint depth)
{
  bool loses = false;
  for (guint i = 0; printer->change != NULL && depth + 1 >= printer->change->fixed_depth && i < node->n_children; i++)
    loses = loses || pt2_tree_is_gone (printer->change, &node->children[i]);
  return loses;
}

/* The keys that are left, as JSON in a text of JSON. */
static bool
put_keys (const Printer *printer, const Pt2TreeNode *node)
{
  Pt2Buffer keys = PT2_BUFFER_INIT;
  Pt2JsonFault fault;
  bool fine = pt2_buffer_text (&keys, "["), any = false;
  for (guint i = 0; i < node->n_children && fine; i++)
    {
      const Pt2TreeNode *child = &node->children[i];
      if (pt2_tree_is_gone (printer->change, child))
        continue;
      fine = (!any || pt2_buffer_text (&keys, ", "))
             && (child->step == PT2_TREE_KEY ? pt2_json_write_string (&keys, child->name.data, child->name.len, &fault)
                                             : pt2_buffer_bytes (&keys, child->name.data, child->name.len));
      any = true;
    }
  fine = fine && pt2_buffer_text (&keys, "]")
         && pt2_json_write_string (printer->out, keys.data, pt2_buffer_len (&keys), &fault);
  pt2_buffer_clear (&keys);
  return fine;
}

static bool
put_context (const Printer *printer, const Pt2TreeNode *node, bool loses)
{
  if (!loses || node->kind == PT2_TREE_TUPLE || node->kind == PT2_TREE_LIST || node->kind == PT2_TREE_DEQUE)
    return pt2_buffer_bytes (printer->out, node->context.data, node->context.len);
  if (node->kind == PT2_TREE_DICT || node->kind == PT2_TREE_ORDERED_DICT)
    return put_keys (printer, node);
  printer->change->misfit = node;
  return false;
}

static bool
put_new_leaves (const Printer *printer, bool any)
{
  static const char leaf[] = "{\"type\": null, \"context\": null, \"children_spec\": []}";
  for (uint32_t i = 0; i < printer->change->n_new; i++, any = true)
    if ((any && !pt2_buffer_text (printer->out, ", ")) || !pt2_buffer_bytes (printer->out, leaf, sizeof leaf - 1))
      return false;
  return true;
}

/* No deeper than the text was. */
static bool
put_node (const Printer *printer, const Pt2TreeNode *node, guint depth)
{
  Pt2Buffer *out = printer->out;
  bool loses = loses_child (printer, node, depth), any = false;
  bool ok = pt2_buffer_text (out, "{\"type\": ") && put_type (out, node) && pt2_buffer_text (out, ", \"context\": ")
            && put_context (printer, node, loses) && pt2_buffer_text (out, ", \"children_spec\": [");
  for (guint i = 0; ok && i < node->n_children; i++)
    {
      if (loses && pt2_tree_is_gone (printer->change, &node->children[i]))
        continue;
      ok = (!any || pt2_buffer_text (out, ", ")) && put_node (printer, &node->children[i], depth + 1);
      any = true;
    }
  if (ok && printer->change != NULL && printer->change->grown == node)
    ok = put_new_leaves (printer, any);
  return ok && pt2_buffer_text (out, "]}");
}

bool
pt2_tree_print (Pt2Buffer *out, const Pt2TreeNode *root, Pt2TreeChange *change)
{
  static const char tuple[] = "{\"type\": \"builtins.tuple\", \"context\": \"null\", \"children_spec\": [";
  const Printer printer = { out, change };
  bool wrapped = change != NULL && change->wrapped;
  return pt2_buffer_text (out, "[1, ") && (!wrapped || pt2_buffer_bytes (out, tuple, sizeof tuple - 1))
         && put_node (&printer, root, 0)
         && (!wrapped || (put_new_leaves (&printer, true) && pt2_buffer_text (out, "]}")))
         && pt2_buffer_text (out, "]");
}
