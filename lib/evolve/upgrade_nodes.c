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

/* A name that none has: the stem and the number of the node. */
static Pt2String
made_name (Pt2Draft *draft, const Names *names, Pt2String target, uint64_t number)
{
  Pt2String stem = stem_of (target), name;
  const char *fill = "_node_";
  do
    {
      name = pt2_draft_printf (draft, "%.*s%s%" G_GUINT64_FORMAT, (int)MIN (stem.len, 200), stem.data, fill, number);
      number += UINT64_C (1) << 32; /* beyond all nodes: taken names end sooner or later */
    }
  while (name.data != NULL
         && pt2_text_index_find (&names->index, names->names, sizeof *names->names, name) != PT2_TEXT_INDEX_NONE);
  return name;
}

static uint32_t
count_values (const Pt2Graph *graph)
{
  uint64_t n = (uint64_t)graph->tensor_values.len + graph->sym_int_values.len + graph->sym_float_values.len
               + graph->sym_bool_values.len + graph->custom_obj_values.len;
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

static bool
name_nodes (Pt2Upgrading *upgrading, Pt2Graph *graph, int64_t *count)
{
  Names names = { .room = count_values (graph) };
  pt2_text_index_init (&names.index);
  names.names = g_try_new (Pt2String, (size_t)names.room + 1);
  bool fine = names.names != NULL && add_names (&names, graph);
  for (uint32_t i = 0; fine && i < graph->nodes.len; i++)
    {
      Pt2Node *node = &graph->nodes.items[i];
      pt2_minor_settle_node (upgrading->step_data, node);
      if (node->name.data == NULL)
        node->name = made_name (upgrading->draft, &names, node->target, i);
      (*count)++;
    }
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
