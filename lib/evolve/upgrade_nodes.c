/* SPDX-License-Identifier: Apache-2.0 */
/* What nodes say of themselves since schema 8.5 and 8.16. Most of it follows from the node (settle_node.c). A node
 * that does not give one value alone gets a name that no value of its graph has: PyTorch would make one up when it
 * loads the program, and it may make up one that a value comes to have later.
 */
#include "minors.h"
#include "upgrade_private.h"
#include <string.h>

typedef struct
{
  Pt2TextIndex index;
  Pt2String *names;
  uint32_t n, room;
} Names;

static bool
add_name (Names *names, Pt2String name)
{
  if (name.data == NULL || names->n == names->room
      || pt2_text_index_find (&names->index, names->names, sizeof *names->names, name) != PT2_TEXT_INDEX_NONE)
    return true;
  names->names[names->n] = name;
  return pt2_text_index_add (&names->index, names->names, sizeof *names->names, names->n++);
}

/* "native_dropout" of "torch.ops.aten.native_dropout.default", "cond" of "torch.ops.higher_order.cond". */
static Pt2String
stem_of (Pt2String target)
{
  unsigned part = 0;
  uint32_t starts[5] = { 0 };
  for (uint32_t i = 0; i < target.len && part < 4; i++)
    if (target.data[i] == '.')
      starts[++part] = i + 1;
  uint32_t from = starts[MIN (part, 3)];
  uint32_t end = part == 4 ? starts[4] - 1 : target.len;
  return from < end ? (Pt2String){ target.data + from, end - from } : target;
}

static bool
is_taken (const Names *names, Pt2String name)
{
  return pt2_text_index_find (&names->index, names->names, sizeof *names->names, name) != PT2_TEXT_INDEX_NONE;
}

/* A name that none has: the stem, which PyTorch would take, else with the number of the node behind it. */
static Pt2String
made_name (Pt2Draft *draft, Names *names, Pt2String target, uint64_t number)
{
  Pt2String stem = stem_of (target);
  stem.len = MIN (stem.len, 200);
  Pt2String name = stem;
  /* Numbers beyond all nodes are taken by few: the search ends. */
  for (; name.data != NULL && is_taken (names, name); number += UINT64_C (1) << 32)
    name = pt2_draft_printf (draft, "%.*s_%" G_GUINT64_FORMAT, (int)stem.len, stem.data, number);
  if (name.data != NULL && !add_name (names, name))
    draft->no_memory = true;
  return name;
}

static uint32_t
count_values (const Pt2Graph *graph)
{
  uint64_t n = (uint64_t)graph->tensor_values.len + graph->sym_int_values.len + graph->sym_float_values.len
               + graph->sym_bool_values.len + graph->custom_obj_values.len + graph->nodes.len;
  return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static bool
add_names (Names *names, const Pt2Graph *graph)
{
  bool fine = true;
  for (uint32_t i = 0; fine && i < graph->tensor_values.len; i++)
    fine = add_name (names, graph->tensor_values.entries[i].key);
  for (uint32_t i = 0; fine && i < graph->sym_int_values.len; i++)
    fine = add_name (names, graph->sym_int_values.entries[i].key);
  for (uint32_t i = 0; fine && i < graph->sym_float_values.len; i++)
    fine = add_name (names, graph->sym_float_values.entries[i].key);
  for (uint32_t i = 0; fine && i < graph->sym_bool_values.len; i++)
    fine = add_name (names, graph->sym_bool_values.entries[i].key);
  for (uint32_t i = 0; fine && i < graph->custom_obj_values.len; i++)
    fine = add_name (names, graph->custom_obj_values.entries[i].key);
  return fine;
}

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
name_node (Pt2Upgrading *upgrading, Names *names, Pt2Node *node, uint32_t number, int64_t *count)
{
  if (upgrading->tree != NULL)
    {
      pt2_minor_settle_node (upgrading->step_data, node);
      *count += node->name.data != NULL;
    }
  if (!needs_name (upgrading, node))
    return;
  node->name = made_name (upgrading->draft, names, node->target, number);
  (*count)++;
}

static bool
name_nodes (Pt2Upgrading *upgrading, Pt2Graph *graph, int64_t *count)
{
  Names names = { .room = count_values (graph) };
  pt2_text_index_init (&names.index);
  names.names = g_try_new (Pt2String, (size_t)names.room + 1);
  bool fine = names.names != NULL && add_names (&names, graph);
  for (uint32_t i = 0; fine && i < graph->nodes.len; i++)
    name_node (upgrading, &names, &graph->nodes.items[i], i, count);
  pt2_text_index_clear (&names.index);
  g_free (names.names);
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
