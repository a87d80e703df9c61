/* SPDX-License-Identifier: Apache-2.0 */
/* What nodes say of themselves since schema 8.5 and 8.16. Most of it follows from the node (settle_node.c). A node
 * that does not give one value alone gets a name that no value of its graph has: PyTorch would make one up when it
 * loads the program, and it may make up one that a value comes to have later.
 */
#include "graph_names.h"
#include "minors.h"
#include "upgrade_private.h"
#include <string.h>

/* A node of major 8 is left alone, as PyTorch loads it; but its name would not be that of a call whose result has
 * become another. */
static bool
needs_name (const Pt2Upgrading *upgrading, const Pt2Node *node)
{
  static const uint32_t single_bit = 1 << 4; /* is_hop_single_tensor_return, the fifth field */
  return node->name.data == NULL
         && (upgrading->tree != NULL
             || (node->outputs.len == 1 && (node->present[0] & single_bit) && !node->is_hop_single_tensor_return));
}

static void
name_node (Pt2Upgrading *upgrading, Pt2GraphNames *names, Pt2Node *node, uint32_t number, int64_t *count)
{
  if (upgrading->tree != NULL)
    {
      pt2_minor_settle_node (upgrading->step_data, node);
      *count += node->name.data != NULL;
    }
  if (!needs_name (upgrading, node))
    return;
  node->name = pt2_graph_names_make (upgrading->draft, names, node->target, number);
  (*count)++;
}

static bool
name_nodes (Pt2Upgrading *upgrading, Pt2Graph *graph, int64_t *count)
{
  Pt2GraphNames names;
  bool fine = pt2_graph_names_init (&names, graph, graph->nodes.len);
  for (uint32_t i = 0; fine && i < graph->nodes.len; i++)
    name_node (upgrading, &names, &graph->nodes.items[i], i, count);
  pt2_graph_names_clear (&names);
  upgrading->draft->no_memory = upgrading->draft->no_memory || !fine;
  return fine;
}

int64_t
pt2_upgrade_nodes (Pt2Upgrading *upgrading)
{
  Pt2MinorChange change;
  pt2_minor_change_init (&change, upgrading->draft, pt2_evolve_oldest_minor (), pt2_evolve_newest_minor ());
  upgrading->step_data = &change;
  int64_t count = pt2_upgrade_graphs (upgrading, name_nodes);
  upgrading->step_data = NULL;
  return count;
}
