/* SPDX-License-Identifier: Apache-2.0 */
#include "tree_print.h"
#include "json_text.h"
#include <string.h>

typedef struct
{
  Pt2Buffer *out;
  Pt2TreeChange *change; /* or NULL */
} Printer;

static bool
put (Pt2Buffer *out, const char *text, size_t len)
{
  if (!pt2_buffer_room (out, len))
    return false;
  pt2_buffer_put (out, text, len);
  return true;
}

static bool
put_literal (Pt2Buffer *out, const char *text)
{
  return put (out, text, strlen (text));
}

/* A named tuple's type is what it is registered as; the spec calls all of them the same. */
static bool
put_type (Pt2Buffer *out, const Pt2TreeNode *node)
{
  static const Pt2String named_tuple = { "collections.namedtuple", 22 };
  Pt2JsonFault fault;
  const Pt2String type = node->kind == PT2_TREE_NAMED_TUPLE ? named_tuple : node->type;
  return type.data == NULL ? put_literal (out, "null") : pt2_json_write_string (out, type.data, type.len, &fault);
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
  bool fine = put_literal (&keys, "["), any = false;
  for (guint i = 0; i < node->n_children && fine; i++)
    {
      const Pt2TreeNode *child = &node->children[i];
      if (pt2_tree_is_gone (printer->change, child))
        continue;
      fine = (!any || put_literal (&keys, ", "))
             && (child->step == PT2_TREE_KEY ? pt2_json_write_string (&keys, child->name.data, child->name.len, &fault)
                                             : put (&keys, child->name.data, child->name.len));
      any = true;
    }
  fine = fine && put_literal (&keys, "]")
         && pt2_json_write_string (printer->out, keys.data, pt2_buffer_len (&keys), &fault);
  pt2_buffer_clear (&keys);
  return fine;
}

static bool
put_context (const Printer *printer, const Pt2TreeNode *node, bool loses)
{
  if (!loses || node->kind == PT2_TREE_TUPLE || node->kind == PT2_TREE_LIST || node->kind == PT2_TREE_DEQUE)
    return put (printer->out, node->context.data, node->context.len);
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
    if ((any && !put_literal (printer->out, ", ")) || !put (printer->out, leaf, sizeof leaf - 1))
      return false;
  return true;
}

/* No deeper than the text was. */
static bool
put_node (const Printer *printer, const Pt2TreeNode *node, guint depth)
{
  Pt2Buffer *out = printer->out;
  bool loses = loses_child (printer, node, depth), any = false;
  bool ok = put_literal (out, "{\"type\": ") && put_type (out, node) && put_literal (out, ", \"context\": ")
            && put_context (printer, node, loses) && put_literal (out, ", \"children_spec\": [");
  for (guint i = 0; ok && i < node->n_children; i++)
    {
      if (loses && pt2_tree_is_gone (printer->change, &node->children[i]))
        continue;
      ok = (!any || put_literal (out, ", ")) && put_node (printer, &node->children[i], depth + 1);
      any = true;
    }
  if (ok && printer->change != NULL && printer->change->grown == node)
    ok = put_new_leaves (printer, any);
  return ok && put_literal (out, "]}");
}

bool
pt2_tree_print (Pt2Buffer *out, const Pt2TreeNode *root, Pt2TreeChange *change)
{
  static const char tuple[] = "{\"type\": \"builtins.tuple\", \"context\": \"null\", \"children_spec\": [";
  const Printer printer = { out, change };
  bool wrapped = change != NULL && change->wrapped;
  return put_literal (out, "[1, ") && (!wrapped || put (out, tuple, sizeof tuple - 1)) && put_node (&printer, root, 0)
         && (!wrapped || (put_new_leaves (&printer, true) && put_literal (out, "]}"))) && put_literal (out, "]");
}
