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
  uint32_t room;
  uint32_t node; /* at hand; or the number of nodes: the outputs */
  int input;     /* of the node; -1: an output of the graph */
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
  const CheckValue *known = check_find_value (walk->graph, name);
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
      return true;
    }
  else if (value->kind != name->kind)
    check_add (walk->check, CHECK_P105, place_of_output (walk, definer->node, definer->output).text,
               "%s is given out as %s, and the tables say that it is %s", shown (name->name).text,
               check_kind_name (name->kind), check_kind_name (value->kind));
  if (value != NULL)
    value->defined = definer->node;
  return true;
}

static void
define_all (Walk *walk)
{
  const Pt2Graph *graph = walk->graph->graph;
  for (uint32_t i = 0; i < graph->inputs.len; i++)
    check_foreach_name (&graph->inputs.items[i], define, &(Definer){ walk, DEFINED_BY_INPUT, i });
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    for (uint32_t j = 0; j < graph->nodes.items[i].outputs.len; j++)
      check_foreach_name (&graph->nodes.items[i].outputs.items[j], define, &(Definer){ walk, i + 1, j });
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
  for (walk->node = 0; walk->node < graph->nodes.len; walk->node++)
    for (uint32_t j = 0; j < graph->nodes.items[walk->node].inputs.len; j++)
      {
        walk->input = (int)j;
        check_foreach_name (&graph->nodes.items[walk->node].inputs.items[j].arg, use, walk);
      }
  for (uint32_t i = 0; i < graph->outputs.len; i++)
    {
      walk->input = (int)i;
      check_foreach_name (&graph->outputs.items[i], use, walk);
    }
}

typedef struct
{
  const CheckGraph *graph;
  bool any, used;
} Usage;

static bool
see_usage (const ArgumentName *name, gpointer data)
{
  Usage *usage = data;
  const CheckValue *value = check_find_value (usage->graph, name->name);
  usage->any = true;
  usage->used = usage->used || value == NULL || value->uses > 0;
  return true;
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
    {
      Usage usage = { walk->graph, false, false };
      for (uint32_t j = 0; j < nodes->items[i].outputs.len; j++)
        check_foreach_name (&nodes->items[i].outputs.items[j], see_usage, &usage);
      if (usage.any && !usage.used && !works_in_place (nodes->items[i].target)
          && !check_is_higher_order (nodes->items[i].target))
        check_add (walk->check, CHECK_P109, place (walk->graph, "nodes[%u]", i).text, "%s",
                   shown_node (&nodes->items[i]).text);
    }
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

static bool
is_output_kind (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
    case PT2_ARGUMENT_AS_SYM_INT:
    case PT2_ARGUMENT_AS_SYM_BOOL:
    case PT2_ARGUMENT_AS_SYM_FLOAT:
    case PT2_ARGUMENT_AS_INT:
    case PT2_ARGUMENT_AS_BOOL:
    case PT2_ARGUMENT_AS_STRING:
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

static uint64_t
count_names (const Pt2Graph *graph)
{
  uint64_t n = (uint64_t)graph->tensor_values.len + graph->sym_int_values.len + graph->sym_float_values.len
               + graph->sym_bool_values.len + graph->custom_obj_values.len + graph->inputs.len;
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    for (uint32_t j = 0; j < graph->nodes.items[i].outputs.len; j++)
      {
        const Pt2Argument *output = &graph->nodes.items[i].outputs.items[j];
        n += output->which == PT2_ARGUMENT_AS_TENSORS ? output->as_tensors.len : 1;
      }
  return n;
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
  uint64_t room = count_names (native);
  CheckGraph *graph = check_alloc (check, 1, sizeof *graph);
  CheckValue *values = graph != NULL && room < UINT32_MAX ? check_alloc (check, room, sizeof *values) : NULL;
  char *path_copy = values != NULL ? check_alloc (check, strlen (path) + 1, 1) : NULL;
  if (path_copy == NULL)
    return NULL;
  memcpy (path_copy, path, strlen (path));
  *graph = (CheckGraph){ .graph = native, .parent = parent, .path = path_copy, .values = values };
  pt2_text_index_init (&graph->index);
  g_ptr_array_add (check->graphs, graph);
  Walk walk = { .check = check, .graph = graph, .room = (uint32_t)room };
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
