/* SPDX-License-Identifier: Apache-2.0 */
/* Walking all nodes, subgraphs included, of any major. */
#include "program.h"
#include "text_index.h"
#include <string.h>

typedef struct
{
  Pt2NodeFunc func;
  gpointer data;
  guint graphs; /* seen so far */
} Walk;

static bool walk_graph (Walk *walk, const Pt2Graph *graph);

static bool
walk_argument (Walk *walk, const Pt2Argument *argument)
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
walk_graph (Walk *walk, const Pt2Graph *graph)
{
  guint number = walk->graphs++;
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    {
      const Pt2Node *node = &graph->nodes.items[i];
      if (!walk->func (node->target, number, walk->data))
        return false;
      for (uint32_t j = 0; j < node->inputs.len; j++)
        if (!walk_argument (walk, &node->inputs.items[j].arg))
          return false;
    }
  return true;
}

static bool walk_tree_graph (Walk *walk, const Pt2JsonNode *graph);

static bool
walk_tree_argument (Walk *walk, const Pt2JsonNode *argument)
{
  const Pt2JsonNode *graph = pt2_json_get (pt2_json_get (argument, "as_graph"), "graph");
  if (graph != NULL && !walk_tree_graph (walk, graph))
    return false;
  const Pt2JsonNode *map = pt2_json_get (argument, "as_string_to_argument");
  for (uint32_t i = 0; i < pt2_json_length (map); i++)
    if (!walk_tree_argument (walk, pt2_json_item (map, i)))
      return false;
  return true;
}

static bool
walk_tree_graph (Walk *walk, const Pt2JsonNode *graph)
{
  const Pt2JsonNode *nodes = pt2_json_get (graph, "nodes");
  guint number = walk->graphs++;
  for (uint32_t i = 0; i < pt2_json_length (nodes); i++)
    {
      const Pt2JsonNode *node = pt2_json_item (nodes, i), *target = pt2_json_get (node, "target");
      Pt2String name = target != NULL && target->kind == PT2_JSON_STRING ? target->text : (Pt2String){ "", 0 };
      if (!walk->func (name, number, walk->data))
        return false;
      const Pt2JsonNode *inputs = pt2_json_get (node, "inputs");
      for (uint32_t j = 0; j < pt2_json_length (inputs); j++)
        if (!walk_tree_argument (walk, pt2_json_get (pt2_json_item (inputs, j), "arg")))
          return false;
    }
  return true;
}

static bool
walk_program (Pt2Program *program, Walk *walk)
{
  const Pt2ExportedProgram *exported = program->document.root;
  if (exported != NULL)
    return walk_graph (walk, &exported->graph_module.graph);
  return walk_tree_graph (walk, pt2_json_get (pt2_json_get (program->tree, "graph_module"), "graph"));
}

gboolean
pt2_program_foreach_node (Pt2Program *program, Pt2NodeFunc func, gpointer data)
{
  Walk walk = { func, data, 0 };
  return walk_program (program, &walk);
}

static gboolean
ignore_node (Pt2String target, guint graph, gpointer data)
{
  return TRUE;
}

guint
pt2_program_count_subgraphs (Pt2Program *program)
{
  Walk walk = { ignore_node, NULL, 0 };
  walk_program (program, &walk);
  return walk.graphs - 1;
}

/* ---- operators ---- */

typedef struct
{
  Pt2TextIndex index;
  Pt2Buffer counts; /* Pt2OperatorCount */
  bool no_memory;
} Count;

static gboolean
count_node (Pt2String target, guint graph, gpointer data)
{
  Count *count = data;
  Pt2OperatorCount *counts = (Pt2OperatorCount *)count->counts.data;
  uint32_t at = pt2_text_index_find (&count->index, counts, sizeof *counts, target);
  if (at != PT2_TEXT_INDEX_NONE)
    {
      counts[at].count++;
      return TRUE;
    }
  count->no_memory = !pt2_buffer_room (&count->counts, sizeof *counts);
  if (!count->no_memory)
    {
      pt2_buffer_put (&count->counts, &(Pt2OperatorCount){ target, 1 }, sizeof *counts);
      count->no_memory = !pt2_text_index_add (&count->index, count->counts.data, sizeof *counts, count->index.n);
    }
  return !count->no_memory;
}

Pt2OperatorCount *
pt2_program_count_operators (Pt2Program *program, guint *n)
{
  Count count = { .counts = PT2_BUFFER_INIT };
  pt2_text_index_init (&count.index);
  pt2_program_foreach_node (program, count_node, &count);
  *n = count.no_memory ? 0 : count.index.n;
  Pt2OperatorCount *counts = g_try_new (Pt2OperatorCount, (gsize)*n + 1);
  if (counts == NULL || count.no_memory)
    g_clear_pointer (&counts, g_free);
  else if (*n > 0)
    memcpy (counts, count.counts.data, *n * sizeof *counts);
  pt2_buffer_clear (&count.counts);
  pt2_text_index_clear (&count.index);
  return counts;
}
