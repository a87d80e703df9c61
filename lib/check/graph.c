/* SPDX-License-Identifier: Apache-2.0 */
/* A graph's values: who defines each, who describes it, and whether every use comes after the definition. Subgraphs
 * are graphs of their own: they see nothing of the graph around them.
 */
#include "check_private.h"
#include "text.h"
#include <stdio.h>

Place
place (const CheckGraph *graph, const char *format, ...)
{
  Place out;
  int n = graph != NULL ? snprintf (out.text, sizeof out.text, "%s.", graph->path) : 0;
  size_t used = MIN ((size_t)MAX (n, 0), sizeof out.text - 1);
  va_list args;
  va_start (args, format);
  vsnprintf (out.text + used, sizeof out.text - used, format, args);
  va_end (args);
  /* Nothing of a character that was cut through. */
  size_t len = strlen (out.text);
  while (!pt2_text_is_utf8 (out.text, len))
    out.text[--len] = '\0';
  return out;
}

Shown
shown_node (const Pt2Node *node)
{
  return shown (node->name.len > 0 ? node->name : node->target);
}

CheckValue *
check_find_value (const CheckGraph *graph, Pt2String name)
{
  uint32_t at = name.data != NULL ? pt2_text_index_find (&graph->index, graph->values, sizeof (CheckValue), name)
                                  : PT2_TEXT_INDEX_NONE;
  return at != PT2_TEXT_INDEX_NONE ? &graph->values[at] : NULL;
}

/* ---- tables ---- */

typedef struct
{
  Check *check;
  CheckGraph *graph;
  uint32_t room, room_for_uses, room_for_results;
  uint32_t n_uses, n_results; /* so far */
  uint32_t node;              /* at hand; or the number of nodes: the outputs */
  int input;                  /* of the node; -1: an output of the graph */
} Walk;

static CheckValue *
add_value (Walk *walk, Pt2String name, ValueKind kind, const void *meta)
{
  CheckGraph *graph = walk->graph;
  if (graph->n_values == walk->room)
    return NULL;
  CheckValue *value = &graph->values[graph->n_values];
  *value = (CheckValue){ .name = name, .kind = kind, .defined = DEFINED_NOWHERE, .meta = meta };
  if (!pt2_text_index_add (&graph->index, graph->values, sizeof *value, graph->n_values))
    {
      walk->check->no_memory = true;
      return NULL;
    }
  graph->n_values++;
  return value;
}

static void
add_entry (Walk *walk, const char *table, Pt2String name, ValueKind kind, const void *meta)
{
  /* Within a table names are unique: its reader saw to that. */
  const CheckValue *known = kind != VALUE_TENSOR ? check_find_value (walk->graph, name) : NULL;
  if (known != NULL)
    check_add (walk->check, CHECK_P108, place (walk->graph, "%s[\"%s\"]", table, shown (name).text).text,
               "it is %s in another table", check_kind_name (known->kind));
  else
    add_value (walk, name, kind, meta);
}

#define ADD_TABLE(walk, table, kind)                                                                                   \
  for (uint32_t i = 0; i < (walk)->graph->graph->table.len; i++)                                                       \
  add_entry (walk, #table, (walk)->graph->graph->table.entries[i].key, kind,                                           \
             &(walk)->graph->graph->table.entries[i].value)

static void
add_tables (Walk *walk)
{
  ADD_TABLE (walk, tensor_values, VALUE_TENSOR);
  ADD_TABLE (walk, sym_int_values, VALUE_SYM_INT);
  ADD_TABLE (walk, sym_float_values, VALUE_SYM_FLOAT);
  ADD_TABLE (walk, sym_bool_values, VALUE_SYM_BOOL);
  ADD_TABLE (walk, custom_obj_values, VALUE_OBJECT);
}

/* ---- definitions ---- */

static Place
place_of_output (const Walk *walk, uint32_t node, uint32_t output)
{
  if (node == DEFINED_BY_INPUT)
    return place (walk->graph, "inputs[%u]", output);
  return place (walk->graph, "nodes[%u].outputs[%u]", node - 1, output);
}

typedef struct
{
  Walk *walk;
  uint32_t node; /* number + 1, or DEFINED_BY_INPUT */
  uint32_t output;
} Definer;

static void
keep_result (Walk *walk, uint32_t node, CheckValue *value)
{
  if (node != DEFINED_BY_INPUT && walk->n_results < walk->room_for_results)
    walk->graph->results[walk->n_results++] = value;
}

static void
name_definer (const Walk *walk, const CheckValue *value, char *out, size_t size)
{
  if (value->defined == DEFINED_BY_INPUT)
    snprintf (out, size, "an input of the graph");
  else
    snprintf (out, size, "node %u, %s", value->defined - 1,
              shown_node (&walk->graph->graph->nodes.items[value->defined - 1]).text);
}

static bool
define (const ArgumentName *name, gpointer data)
{
  Definer *definer = data;
  Walk *walk = definer->walk;
  CheckValue *value = check_find_value (walk->graph, name->name);
  char before[200];
  if (value == NULL)
    {
      check_add (walk->check, CHECK_P104, place_of_output (walk, definer->node, definer->output).text, "%s, %s",
                 shown (name->name).text, check_kind_name (name->kind));
      value = add_value (walk, name->name, VALUE_NONE, NULL);
    }
  else if (value->defined != DEFINED_NOWHERE)
    {
      name_definer (walk, value, before, sizeof before);
      check_add (walk->check, CHECK_P103, place_of_output (walk, definer->node, definer->output).text,
                 "%s is the result of %s", shown (name->name).text, before);
      keep_result (walk, definer->node, NULL);
      return true;
    }
  else if (value->kind != name->kind)
    check_add (walk->check, CHECK_P105, place_of_output (walk, definer->node, definer->output).text,
               "%s is given out as %s, and the tables say that it is %s", shown (name->name).text,
               check_kind_name (name->kind), check_kind_name (value->kind));
  if (value != NULL)
    value->defined = definer->node;
  keep_result (walk, definer->node, value);
  return true;
}

static void
define_all (Walk *walk)
{
  const Pt2Graph *graph = walk->graph->graph;
  for (uint32_t i = 0; i < graph->inputs.len; i++)
    check_foreach_name (&graph->inputs.items[i], define, &(Definer){ walk, DEFINED_BY_INPUT, i });
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    {
      walk->graph->results_of_node[i] = walk->n_results;
      for (uint32_t j = 0; j < graph->nodes.items[i].outputs.len; j++)
        check_foreach_name (&graph->nodes.items[i].outputs.items[j], define, &(Definer){ walk, i + 1, j });
    }
  walk->graph->results_of_node[graph->nodes.len] = walk->n_results;
}

static void
find_dangling (Walk *walk)
{
  static const char *const tables[]
      = { "", "tensor_values", "sym_int_values", "sym_float_values", "sym_bool_values", "custom_obj_values" };
  for (uint32_t i = 0; i < walk->graph->n_values; i++)
    {
      const CheckValue *value = &walk->graph->values[i];
      if (value->defined == DEFINED_NOWHERE)
        check_add (walk->check, CHECK_P106,
                   place (walk->graph, "%s[\"%s\"]", tables[value->kind], shown (value->name).text).text, "%s", "");
    }
}

/* ---- uses ---- */

static Place
place_of_use (const Walk *walk)
{
  if (walk->node == walk->graph->graph->nodes.len)
    return place (walk->graph, "outputs[%d]", walk->input);
  return place (walk->graph, "nodes[%u].inputs[%d]", walk->node, walk->input);
}

static const char *
name_of_user (const Walk *walk, Shown *room)
{
  if (walk->node == walk->graph->graph->nodes.len)
    return "the outputs";
  *room = shown_node (&walk->graph->graph->nodes.items[walk->node]);
  return room->text;
}

static bool
use (const ArgumentName *name, gpointer data)
{
  Walk *walk = data;
  CheckValue *value = check_find_value (walk->graph, name->name);
  Shown room;
  if (walk->node < walk->graph->graph->nodes.len && walk->n_uses < walk->room_for_uses)
    walk->graph->uses[walk->n_uses++] = value;
  if (value == NULL || value->defined == DEFINED_NOWHERE)
    {
      /* An object may be a constant that is no input of the graph: payloads.c looks for it. */
      if (name->kind != VALUE_OBJECT)
        check_add (walk->check, CHECK_P101, place_of_use (walk).text, "%s, in %s", shown (name->name).text,
                   name_of_user (walk, &room));
      return true;
    }
  value->uses++;
  if (value->defined > walk->node)
    check_add (walk->check, CHECK_P102, place_of_use (walk).text, "%s, in %s; node %u defines it",
               shown (name->name).text, name_of_user (walk, &room), value->defined - 1);
  /* A list of tensors may hold symbols: PyTorch writes any list of values so. */
  bool loose = name->in_list && name->kind == VALUE_TENSOR;
  if (!loose && value->kind != VALUE_NONE && value->kind != name->kind)
    check_add (walk->check, CHECK_P107, place_of_use (walk).text, "%s, in %s, is %s and not %s",
               shown (name->name).text, name_of_user (walk, &room), check_kind_name (value->kind),
               check_kind_name (name->kind));
  return true;
}

static void
use_all (Walk *walk)
{
  const Pt2Graph *graph = walk->graph->graph;
  uint32_t input = 0;
  for (walk->node = 0; walk->node < graph->nodes.len; walk->node++)
    {
      walk->graph->inputs_of_node[walk->node] = input;
      for (uint32_t j = 0; j < graph->nodes.items[walk->node].inputs.len; j++)
        {
          walk->input = (int)j;
          walk->graph->uses_of_input[input++] = walk->n_uses;
          check_foreach_name (&graph->nodes.items[walk->node].inputs.items[j].arg, use, walk);
        }
    }
  walk->graph->inputs_of_node[graph->nodes.len] = input;
  walk->graph->uses_of_input[input] = walk->n_uses;
  for (uint32_t i = 0; i < graph->outputs.len; i++)
    {
      walk->input = (int)i;
      check_foreach_name (&graph->outputs.items[i], use, walk);
    }
}

/* Has the node results, and does nobody use one? */
static bool
is_unused (const CheckGraph *graph, uint32_t node)
{
  uint32_t first = graph->results_of_node[node], end = graph->results_of_node[node + 1];
  for (uint32_t i = first; i < end; i++)
    if (graph->results[i] == NULL || graph->results[i]->uses > 0)
      return false;
  return end > first;
}

/* "torch.ops.aten.add_.Tensor" changes its argument, by its name. */
static bool
works_in_place (Pt2String target)
{
  for (uint32_t i = 1; i < target.len; i++)
    if (target.data[i] == '.' && target.data[i - 1] == '_')
      return true;
  return false;
}

static void
find_unused (Walk *walk)
{
  const Pt2NodeList *nodes = &walk->graph->graph->nodes;
  for (uint32_t i = 0; i < nodes->len; i++)
    if (is_unused (walk->graph, i) && !works_in_place (nodes->items[i].target)
        && !check_is_higher_order (nodes->items[i].target))
      check_add (walk->check, CHECK_P109, place (walk->graph, "nodes[%u]", i).text, "%s",
                 shown_node (&nodes->items[i]).text);
}

/* ---- inputs and outputs ---- */

static bool
is_input_kind (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_SYM_INT:
      return argument->as_sym_int->which == PT2_SYM_INT_ARGUMENT_AS_NAME;
    case PT2_ARGUMENT_AS_TENSOR:
    case PT2_ARGUMENT_AS_INT:
    case PT2_ARGUMENT_AS_BOOL:
    case PT2_ARGUMENT_AS_STRING:
    case PT2_ARGUMENT_AS_FLOAT:
    case PT2_ARGUMENT_AS_NONE:
    case PT2_ARGUMENT_AS_CUSTOM_OBJ:
      return true;
    default:
      return false;
    }
}

/* PyTorch looks symbolic outputs up by their names, and has no way to give a text back. */
static bool
is_output_kind (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_SYM_INT:
      return argument->as_sym_int->which == PT2_SYM_INT_ARGUMENT_AS_NAME;
    case PT2_ARGUMENT_AS_SYM_BOOL:
      return argument->as_sym_bool->which == PT2_SYM_BOOL_ARGUMENT_AS_NAME;
    case PT2_ARGUMENT_AS_SYM_FLOAT:
      return argument->as_sym_float->which == PT2_SYM_FLOAT_ARGUMENT_AS_NAME;
    case PT2_ARGUMENT_AS_TENSOR:
    case PT2_ARGUMENT_AS_INT:
    case PT2_ARGUMENT_AS_BOOL:
    case PT2_ARGUMENT_AS_FLOAT:
    case PT2_ARGUMENT_AS_NONE:
      return true;
    default:
      return false;
    }
}

static void
check_ends (Check *check, const CheckGraph *graph)
{
  const Pt2Graph *native = graph->graph;
  for (uint32_t i = 0; i < native->inputs.len; i++)
    if (!is_input_kind (&native->inputs.items[i]))
      check_add (check, CHECK_P111, place (graph, "inputs[%u]", i).text, "%s",
                 check_member_name (&native->inputs.items[i]));
  for (uint32_t i = 0; i < native->outputs.len; i++)
    if (!is_output_kind (&native->outputs.items[i]))
      check_add (check, CHECK_P112, place (graph, "outputs[%u]", i).text, "%s",
                 check_member_name (&native->outputs.items[i]));
  if (native->is_single_tensor_return && native->outputs.len != 1)
    check_add (check, CHECK_P113, place (graph, "is_single_tensor_return").text, "it has %u", native->outputs.len);
}

/* ---- the whole, and graphs inside ---- */

static bool
count_name (const ArgumentName *name, gpointer n)
{
  ++*(uint64_t *)n;
  return true;
}

/* How many names and inputs there are; what is kept of them has its room by that. */
typedef struct
{
  uint64_t values, uses, results, inputs;
} Counts;

static Counts
count_all (const Pt2Graph *graph)
{
  Counts counts = { 0 };
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    {
      const Pt2Node *node = &graph->nodes.items[i];
      counts.inputs += node->inputs.len;
      for (uint32_t j = 0; j < node->inputs.len; j++)
        check_foreach_name (&node->inputs.items[j].arg, count_name, &counts.uses);
      for (uint32_t j = 0; j < node->outputs.len; j++)
        check_foreach_name (&node->outputs.items[j], count_name, &counts.results);
    }
  counts.values = (uint64_t)graph->tensor_values.len + graph->sym_int_values.len + graph->sym_float_values.len
                  + graph->sym_bool_values.len + graph->custom_obj_values.len + counts.results;
  for (uint32_t i = 0; i < graph->inputs.len; i++)
    check_foreach_name (&graph->inputs.items[i], count_name, &counts.values);
  return counts;
}

static CheckGraph *
new_graph (Check *check, const Pt2Graph *native, const CheckGraph *parent, const char *path, Walk *walk)
{
  Counts counts = count_all (native);
  if (MAX (counts.values, counts.uses) >= UINT32_MAX || counts.inputs >= UINT32_MAX)
    return NULL;
  CheckGraph *graph = check_alloc (check, 1, sizeof *graph);
  char *path_copy = check_alloc (check, strlen (path) + 1, 1);
  if (graph == NULL || path_copy == NULL)
    return NULL;
  memcpy (path_copy, path, strlen (path));
  *graph = (CheckGraph){ .graph = native, .parent = parent, .path = path_copy };
  graph->values = check_alloc (check, counts.values, sizeof *graph->values);
  graph->uses = check_alloc (check, counts.uses, sizeof *graph->uses);
  graph->results = check_alloc (check, counts.results, sizeof *graph->results);
  graph->uses_of_input = check_alloc (check, counts.inputs + 1, sizeof *graph->uses_of_input);
  graph->inputs_of_node = check_alloc (check, (size_t)native->nodes.len + 1, sizeof *graph->inputs_of_node);
  graph->results_of_node = check_alloc (check, (size_t)native->nodes.len + 1, sizeof *graph->results_of_node);
  if (check->no_memory)
    return NULL;
  pt2_text_index_init (&graph->index);
  g_ptr_array_add (check->graphs, graph);
  check->no_memory = !pt2_text_index_reserve (&graph->index, native->tensor_values.len + native->sym_int_values.len);
  *walk = (Walk){ .check = check,
                  .graph = graph,
                  .room = (uint32_t)counts.values,
                  .room_for_uses = (uint32_t)counts.uses,
                  .room_for_results = (uint32_t)counts.results };
  return graph;
}

static CheckGraph *check_graph (Check *check, const Pt2Graph *native, const CheckGraph *parent, const char *path);

/* The subgraphs among the inputs of a node; those in dictionaries are checked, and not among them. */
static void
check_inner (Check *check, const CheckGraph *graph, const Pt2Argument *argument, const char *path, bool autocast,
             CheckGraph **out)
{
  if (argument->which == PT2_ARGUMENT_AS_GRAPH)
    {
      g_autofree char *inner = g_strdup_printf ("%s.as_graph.graph", path);
      CheckGraph *made = check_graph (check, &argument->as_graph->graph, graph, inner);
      if (made != NULL)
        made->loose_types = autocast;
      if (out != NULL)
        *out = made;
    }
  else if (argument->which == PT2_ARGUMENT_AS_STRING_TO_ARGUMENT)
    for (uint32_t i = 0; i < argument->as_string_to_argument.len; i++)
      {
        const Pt2StringToArgumentMapEntry *entry = &argument->as_string_to_argument.entries[i];
        g_autofree char *inner = g_strdup_printf ("%s.as_string_to_argument[\"%s\"]", path, shown (entry->key).text);
        check_inner (check, graph, &entry->value, inner, autocast, NULL);
      }
}

static bool
has_inner (const Pt2Node *node)
{
  for (uint32_t i = 0; i < node->inputs.len; i++)
    if (node->inputs.items[i].arg.which == PT2_ARGUMENT_AS_GRAPH
        || node->inputs.items[i].arg.which == PT2_ARGUMENT_AS_STRING_TO_ARGUMENT)
      return true;
  return false;
}

static void
check_node (Check *check, const CheckGraph *graph, uint32_t number)
{
  const Pt2Node *node = &graph->graph->nodes.items[number];
  check_node_rules (check, graph, number);
  if (!has_inner (node) && !check_is_higher_order (node->target))
    return;
  CheckGraph **subgraphs = check_alloc (check, node->inputs.len, sizeof *subgraphs);
  for (uint32_t i = 0; subgraphs != NULL && i < node->inputs.len; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s.nodes[%u].inputs[%u].arg", graph->path, number, i);
      check_inner (check, graph, &node->inputs.items[i].arg, path,
                   text_is (node->target, "torch.ops.higher_order.wrap_with_autocast"), &subgraphs[i]);
    }
  if (subgraphs != NULL)
    check_subgraph_call (check, graph, number, subgraphs);
}

static CheckGraph *
check_graph (Check *check, const Pt2Graph *native, const CheckGraph *parent, const char *path)
{
  Walk walk;
  CheckGraph *graph = new_graph (check, native, parent, path, &walk);
  if (graph == NULL)
    return NULL;
  add_tables (&walk);
  define_all (&walk);
  use_all (&walk);
  check_ends (check, graph);
  check_meta_rules (check, graph);
  for (uint32_t i = 0; i < native->nodes.len; i++)
    check_node (check, graph, i);
  find_dangling (&walk);
  find_unused (&walk);
  return graph;
}

CheckGraph *
check_graph_rules (Check *check)
{
  return check_graph (check, &check->exported->graph_module.graph, NULL, "graph_module.graph");
}
