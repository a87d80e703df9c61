/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of subgraphs: as many values go in as the subgraph takes, as many come out as the call gives, and they keep
 * their types on the way. One row of a table for each higher-order operator whose form is known; of others nothing is
 * said.
 */
#include "check_private.h"

enum
{
  MOST_GRAPHS = 2,
};

/* Where the inputs of a call are; -1: none. */
typedef struct
{
  const char *name;
  int graphs[MOST_GRAPHS];   /* inputs that are subgraphs */
  int operands[3];           /* inputs that are lists of what the subgraph takes, in their order */
  int rest;                  /* the first of the inputs that the subgraph takes one by one */
  bool results[MOST_GRAPHS]; /* what each subgraph gives is what the call gives */
  bool slices;               /* it is given slices of its operands: their shapes differ */
} CallForm;

static const CallForm forms[] = {
  { "cond", { 1, 2 }, { 3, -1, -1 }, -1, { true, true }, false },
  { "while_loop", { 0, 1 }, { 2, 3, -1 }, -1, { false, true }, false },
  { "while_loop_stack_output", { 0, 1 }, { 2, 3, -1 }, -1, { false, true }, true },
  { "map_impl", { 0, -1 }, { 1, 2, -1 }, -1, { true, false }, true },
  { "wrap_with_set_grad_enabled", { 1, -1 }, { -1, -1, -1 }, 2, { true, false }, false },
  { "wrap_with_autocast", { 4, -1 }, { -1, -1, -1 }, 5, { true, false }, false },
  { "invoke_subgraph", { 0, -1 }, { -1, -1, -1 }, 2, { true, false }, false },
  { "hints_wrapper", { 0, -1 }, { 1, -1, -1 }, -1, { true, false }, false },
  { "strict_mode", { 0, -1 }, { 1, -1, -1 }, -1, { true, false }, false },
};

/* `scan` has had two forms: until PyTorch 2.6 with a dimension and a direction between its operands. */
static const CallForm scans[] = {
  { "scan", { 0, -1 }, { 1, 2, 3 }, -1, { true, false }, true },
  { "scan", { 0, -1 }, { 1, 2, 5 }, -1, { true, false }, true },
};

static const CallForm *
find_form (const Pt2Node *node)
{
  Pt2String name = text_from (node->target, (uint32_t)strlen ("torch.ops.higher_order."));
  if (text_is (name, "scan"))
    return node->inputs.len == 4 ? &scans[0] : node->inputs.len == 6 ? &scans[1] : NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    if (text_is (name, forms[i].name))
      return &forms[i];
  return NULL;
}

/* ---- what goes in ---- */

typedef struct
{
  Check *check;
  const CheckGraph *graph; /* of the call */
  uint32_t number;
  const Pt2Node *node;
  const CallForm *form;
} Call;

/* A list passes its items. A list of nothing but numbers passes them too. */
static uint32_t
count_items (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_TENSORS:
      return argument->as_tensors.len;
    case PT2_ARGUMENT_AS_OPTIONAL_TENSORS:
      return argument->as_optional_tensors.len;
    case PT2_ARGUMENT_AS_SYM_INTS:
      return argument->as_sym_ints.len;
    case PT2_ARGUMENT_AS_INTS:
      return argument->as_ints.len;
    case PT2_ARGUMENT_AS_FLOATS:
      return argument->as_floats.len;
    case PT2_ARGUMENT_AS_BOOLS:
      return argument->as_bools.len;
    case PT2_ARGUMENT_AS_SYM_FLOATS:
      return argument->as_sym_floats.len;
    case PT2_ARGUMENT_AS_SYM_BOOLS:
      return argument->as_sym_bools.len;
    default:
      return 1;
    }
}

static const Pt2Argument *
input_at (const Call *call, int place)
{
  return place >= 0 && (uint32_t)place < call->node->inputs.len ? &call->node->inputs.items[place].arg : NULL;
}

static bool
is_by_place (const Call *call, uint32_t input)
{
  return call->node->inputs.items[input].name.len == 0;
}

static uint32_t
count_passed (const Call *call)
{
  uint32_t n = 0;
  for (int i = 0; i < 3; i++)
    if (input_at (call, call->form->operands[i]) != NULL)
      n += count_items (input_at (call, call->form->operands[i]));
  if (call->form->rest >= 0)
    for (uint32_t i = (uint32_t)call->form->rest; i < call->node->inputs.len; i++)
      n += is_by_place (call, i);
  return n;
}

/* ---- types on the way ---- */

static const CheckValue *
value_of (const CheckGraph *graph, Pt2String name)
{
  const CheckValue *value = check_find_value (graph, name);
  return value != NULL && value->meta != NULL ? value : NULL;
}

static bool
same_numbers (const Pt2SymIntList *a, const Pt2SymIntList *b)
{
  for (uint32_t i = 0; i < a->len; i++)
    if (a->items[i].which == PT2_SYM_INT_AS_INT && b->items[i].which == PT2_SYM_INT_AS_INT
        && a->items[i].as_int != b->items[i].as_int)
      return false;
  return true;
}

/* Of two descriptions of one tensor what cannot both be true, or NULL. */
static const char *
find_difference (const Pt2TensorMeta *a, const Pt2TensorMeta *b, bool slices)
{
  if (a->dtype != b->dtype)
    return "type of elements";
  if (slices)
    return NULL;
  if (a->sizes.len != b->sizes.len)
    return "number of dimensions";
  return same_numbers (&a->sizes, &b->sizes) ? NULL : "shape";
}

static void
compare_values (const Call *call, const CheckValue *outer, const CheckGraph *subgraph, const CheckValue *inner,
                bool slices)
{
  const char *difference = NULL;
  if (outer == NULL || inner == NULL)
    return;
  if (outer->kind != inner->kind)
    difference = "kind";
  else if (outer->kind == VALUE_TENSOR)
    difference = find_difference (outer->meta, inner->meta, slices);
  if (difference != NULL)
    check_add (call->check, CHECK_P132, place (call->graph, "nodes[%u]", call->number).text,
               "%s of %s outside is not that of %s in %s", difference, shown (outer->name).text,
               shown (inner->name).text, subgraph->path);
}

static void
compare_operand (const Call *call, const CheckGraph *subgraph, Pt2String name, uint32_t input, bool slices)
{
  if (name.data == NULL || input >= subgraph->graph->inputs.len)
    return;
  Pt2String inner = check_single_name (&subgraph->graph->inputs.items[input]);
  compare_values (call, value_of (call->graph, name), subgraph, value_of (subgraph, inner), slices);
}

static void
compare_operands (const Call *call, const CheckGraph *subgraph)
{
  uint32_t n = 0;
  for (int i = 0; i < 3; i++)
    {
      const Pt2Argument *list = input_at (call, call->form->operands[i]);
      bool tensors = list != NULL && list->which == PT2_ARGUMENT_AS_TENSORS;
      for (uint32_t k = 0; tensors && k < list->as_tensors.len; k++)
        compare_operand (call, subgraph, list->as_tensors.items[k].name, n + k, call->form->slices);
      n += list != NULL ? count_items (list) : 0;
    }
  if (call->form->rest >= 0)
    for (uint32_t i = (uint32_t)call->form->rest; i < call->node->inputs.len; i++)
      if (is_by_place (call, i))
        compare_operand (call, subgraph, check_single_name (&call->node->inputs.items[i].arg), n++, false);
}

/* ---- what comes out ---- */

/* A tuple of results may be a list, or one result each. */
static uint32_t
count_results (const Pt2Node *node)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < node->outputs.len; i++)
    n += count_items (&node->outputs.items[i]);
  return n;
}

static Pt2String
result_at (const Pt2Node *node, uint32_t number)
{
  for (uint32_t i = 0; i < node->outputs.len; i++)
    {
      const Pt2Argument *output = &node->outputs.items[i];
      uint32_t n = count_items (output);
      if (number < n && output->which == PT2_ARGUMENT_AS_TENSORS)
        return output->as_tensors.items[number].name;
      if (number < n)
        return check_single_name (output);
      number -= n;
    }
  return (Pt2String){ NULL, 0 };
}

static void
check_outputs (const Call *call, const CheckGraph *subgraph)
{
  uint32_t given = subgraph->graph->outputs.len, taken = count_results (call->node);
  if (given != taken)
    {
      check_add (call->check, CHECK_P131, place (call->graph, "nodes[%u].outputs", call->number).text,
                 "%s has %u, %s gives %u", shown_node (call->node).text, taken, subgraph->path, given);
      return;
    }
  for (uint32_t i = 0; i < given; i++)
    compare_values (call, value_of (call->graph, result_at (call->node, i)), subgraph,
                    value_of (subgraph, check_single_name (&subgraph->graph->outputs.items[i])), call->form->slices);
}

/* ---- conditions ---- */

static bool
is_truth (const CheckGraph *graph, const Pt2Argument *argument)
{
  if (argument->which == PT2_ARGUMENT_AS_BOOL || argument->which == PT2_ARGUMENT_AS_SYM_BOOL)
    return true;
  const CheckValue *value = value_of (graph, check_single_name (argument));
  if (value == NULL || value->kind != VALUE_TENSOR)
    return argument->which == PT2_ARGUMENT_AS_TENSOR && value == NULL;
  const Pt2TensorMeta *meta = value->meta;
  for (uint32_t i = 0; i < meta->sizes.len; i++)
    if (meta->sizes.items[i].which == PT2_SYM_INT_AS_INT && meta->sizes.items[i].as_int != 1)
      return false;
  return meta->dtype == PT2_SCALAR_TYPE_BOOL;
}

static void
check_condition (const Call *call, CheckGraph *const *subgraphs)
{
  bool cond = strcmp (call->form->name, "cond") == 0, loop = g_str_has_prefix (call->form->name, "while_loop");
  const CheckGraph *test = loop ? subgraphs[0] : NULL;
  if (cond && !is_truth (call->graph, &call->node->inputs.items[0].arg))
    check_add (call->check, CHECK_P129, place (call->graph, "nodes[%u].inputs[0]", call->number).text,
               "the condition of %s is no truth value", shown_node (call->node).text);
  if (test != NULL && (test->graph->outputs.len != 1 || !is_truth (test, &test->graph->outputs.items[0])))
    check_add (call->check, CHECK_P129, place (call->graph, "nodes[%u].inputs[0]", call->number).text,
               "the condition of %s does not give one truth value", shown_node (call->node).text);
}

/* ---- the whole ---- */

/* Not a subgraph where one must stand, or one where none may. */
static bool
check_form (const Call *call)
{
  for (int i = 0; i < MOST_GRAPHS; i++)
    {
      int at = call->form->graphs[i];
      const Pt2Argument *input = input_at (call, at);
      if (at < 0 || (input != NULL && input->which == PT2_ARGUMENT_AS_GRAPH))
        continue;
      check_add (call->check, CHECK_P129, place (call->graph, "nodes[%u]", call->number).text,
                 "input %d of %s must be a graph, and is %s", at, shown_node (call->node).text,
                 input != NULL ? check_member_name (input) : "missing");
      return false;
    }
  for (int i = 0; i < 3; i++)
    if (call->form->operands[i] >= 0 && input_at (call, call->form->operands[i]) == NULL)
      {
        check_add (call->check, CHECK_P129, place (call->graph, "nodes[%u]", call->number).text,
                   "%s has no input %d, the operands", shown_node (call->node).text, call->form->operands[i]);
        return false;
      }
  return true;
}

static bool
same_graphs (const Pt2Graph *a, const Pt2Graph *b)
{
  if (a->nodes.len != b->nodes.len || a->inputs.len != b->inputs.len || a->outputs.len != b->outputs.len)
    return false;
  for (uint32_t i = 0; i < a->nodes.len; i++)
    if (!text_equal (a->nodes.items[i].target, b->nodes.items[i].target))
      return false;
  return true;
}

/* Two subgraphs of one node; those of different nodes get modules of their own. */
static void
check_graph_names (Check *check, const CheckGraph *graph, uint32_t number)
{
  const Pt2NamedArgumentList *inputs = &graph->graph->nodes.items[number].inputs;
  const Pt2GraphArgument *before = NULL;
  for (uint32_t i = 0; i < inputs->len; i++)
    {
      if (inputs->items[i].arg.which != PT2_ARGUMENT_AS_GRAPH)
        continue;
      const Pt2GraphArgument *here = inputs->items[i].arg.as_graph;
      if (before != NULL && text_equal (before->name, here->name) && !same_graphs (&before->graph, &here->graph))
        check_add (check, CHECK_P128, place (graph, "nodes[%u].inputs[%u].arg.as_graph.name", number, i).text, "%s",
                   shown (here->name).text);
      before = here;
    }
}

void
check_subgraph_call (Check *check, const CheckGraph *graph, uint32_t number, CheckGraph *const *subgraphs)
{
  const Pt2Node *node = &graph->graph->nodes.items[number];
  Call call = { check, graph, number, node, NULL };
  check_graph_names (check, graph, number);
  call.form = check_is_higher_order (node->target) ? find_form (node) : NULL;
  if (call.form == NULL || !check_form (&call))
    return;
  uint32_t passed = count_passed (&call);
  for (int i = 0; i < MOST_GRAPHS && call.form->graphs[i] >= 0; i++)
    {
      const CheckGraph *subgraph = subgraphs[call.form->graphs[i]];
      if (subgraph == NULL)
        return; /* memory is short */
      if (subgraph->graph->inputs.len != passed)
        check_add (check, CHECK_P130, place (graph, "nodes[%u]", number).text, "%s takes %u, %s passes %u",
                   subgraph->path, subgraph->graph->inputs.len, shown_node (node).text, passed);
      else
        compare_operands (&call, subgraph);
      if (call.form->results[i])
        check_outputs (&call, subgraph);
    }
  check_condition (&call, subgraphs);
}
