/* SPDX-License-Identifier: Apache-2.0 */
#include "graph_names.h"
#include <string.h>

static bool
add_name (Pt2GraphNames *names, Pt2String name)
{
  if (name.data == NULL || names->n == names->room)
    return true;
  names->names[names->n] = name;
  uint32_t owner = pt2_text_index_claim (&names->index, names->names, sizeof *names->names, names->n);
  names->n += owner == names->n;
  return owner != PT2_TEXT_INDEX_NONE;
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
is_taken (const Pt2GraphNames *names, Pt2String name)
{
  return pt2_text_index_find (&names->index, names->names, sizeof *names->names, name) != PT2_TEXT_INDEX_NONE;
}

Pt2String
pt2_graph_names_make (Pt2Draft *draft, Pt2GraphNames *names, Pt2String target, uint64_t number)
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

static uint64_t
count_values (const Pt2Graph *graph)
{
  return (uint64_t)graph->tensor_values.len + graph->sym_int_values.len + graph->sym_float_values.len
         + graph->sym_bool_values.len + graph->custom_obj_values.len;
}

static bool
add_names (Pt2GraphNames *names, const Pt2Graph *graph)
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

bool
pt2_graph_names_init (Pt2GraphNames *names, const Pt2Graph *graph, uint32_t more)
{
  names->n = 0;
  names->room = (uint32_t)MIN (count_values (graph) + more, UINT32_MAX);
  names->names = g_try_new (Pt2String, (size_t)names->room + 1);
  pt2_text_index_init (&names->index);
  return names->names != NULL && add_names (names, graph);
}

void
pt2_graph_names_clear (Pt2GraphNames *names)
{
  pt2_text_index_clear (&names->index);
  g_free (names->names);
}
