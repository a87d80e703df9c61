/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of operators against their schemas: names and types of the arguments, what must be given, what comes out. Of
 * operators without a known schema nothing is said but their number.
 */
#include "infer.h"
#include "targets.h"
#include <stdio.h>

static bool matches (const Pt2OpType *type, const Pt2Argument *argument);

/* ---- types ---- */

static bool
is_number (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_INT:
    case PT2_ARGUMENT_AS_FLOAT:
    case PT2_ARGUMENT_AS_BOOL:
    case PT2_ARGUMENT_AS_COMPLEX:
    case PT2_ARGUMENT_AS_SYM_INT:
    case PT2_ARGUMENT_AS_SYM_FLOAT:
    case PT2_ARGUMENT_AS_SYM_BOOL:
      return true;
    default:
      return false;
    }
}

static bool
is_integer (const Pt2Argument *argument)
{
  return argument->which == PT2_ARGUMENT_AS_INT || argument->which == PT2_ARGUMENT_AS_SYM_INT;
}

static bool
is_truth (const Pt2Argument *argument)
{
  return argument->which == PT2_ARGUMENT_AS_BOOL || argument->which == PT2_ARGUMENT_AS_SYM_BOOL;
}

static bool
is_real (const Pt2Argument *argument)
{
  return is_integer (argument) || argument->which == PT2_ARGUMENT_AS_FLOAT
         || argument->which == PT2_ARGUMENT_AS_SYM_FLOAT;
}

static bool
is_empty_list (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_TENSORS:
      return argument->as_tensors.len == 0;
    case PT2_ARGUMENT_AS_INTS:
      return argument->as_ints.len == 0;
    case PT2_ARGUMENT_AS_FLOATS:
      return argument->as_floats.len == 0;
    case PT2_ARGUMENT_AS_BOOLS:
      return argument->as_bools.len == 0;
    case PT2_ARGUMENT_AS_STRINGS:
      return argument->as_strings.len == 0;
    default:
      return false;
    }
}

/* Which members a list of KIND is written as. */
static bool
is_list_of (Pt2OpTypeKind kind, uint32_t which)
{
  bool integers = which == PT2_ARGUMENT_AS_INTS || which == PT2_ARGUMENT_AS_SYM_INTS;
  bool reals = integers || which == PT2_ARGUMENT_AS_FLOATS || which == PT2_ARGUMENT_AS_SYM_FLOATS;
  bool truths = which == PT2_ARGUMENT_AS_BOOLS || which == PT2_ARGUMENT_AS_SYM_BOOLS;
  switch (kind)
    {
    case PT2_OP_INT:
    case PT2_OP_SYM_INT:
      return integers;
    case PT2_OP_FLOAT:
    case PT2_OP_SYM_FLOAT:
      return reals;
    case PT2_OP_BOOL:
    case PT2_OP_SYM_BOOL:
      return truths;
    case PT2_OP_SCALAR:
    case PT2_OP_COMPLEX:
      return reals || truths;
    case PT2_OP_STRING:
      return which == PT2_ARGUMENT_AS_STRINGS;
    case PT2_OP_TENSOR:
      return which == PT2_ARGUMENT_AS_TENSORS;
    default:
      return true;
    }
}

static bool
matches_list (const Pt2OpType *type, const Pt2Argument *argument)
{
  const Pt2OpType *item = &type->items[0];
  uint32_t which = argument->which;
  if (is_empty_list (argument))
    return true;
  /* int[2] takes one number for all of them. */
  if (type->size > 0 && matches (item, argument))
    return true;
  if (item->kind == PT2_OP_OPTIONAL && item->items[0].kind == PT2_OP_TENSOR)
    return which == PT2_ARGUMENT_AS_TENSORS || which == PT2_ARGUMENT_AS_OPTIONAL_TENSORS;
  if (item->kind == PT2_OP_LIST)
    return which == PT2_ARGUMENT_AS_INT_LISTS || which == PT2_ARGUMENT_AS_FLOAT_LISTS
           || which == PT2_ARGUMENT_AS_NESTED_TENSORS;
  return is_list_of (item->kind, which);
}

static bool
matches (const Pt2OpType *type, const Pt2Argument *argument)
{
  switch (type->kind)
    {
    case PT2_OP_OPTIONAL:
      return argument->which == PT2_ARGUMENT_AS_NONE || matches (&type->items[0], argument);
    case PT2_OP_LIST:
      return matches_list (type, argument);
    case PT2_OP_TENSOR: /* a number is made a tensor */
      return argument->which == PT2_ARGUMENT_AS_TENSOR || is_number (argument);
    case PT2_OP_INT:
    case PT2_OP_SYM_INT:
      return is_integer (argument);
    case PT2_OP_FLOAT:
    case PT2_OP_SYM_FLOAT:
      return is_real (argument);
    case PT2_OP_BOOL:
    case PT2_OP_SYM_BOOL:
      return is_truth (argument);
    case PT2_OP_SCALAR:
    case PT2_OP_COMPLEX:
      return is_number (argument) || argument->which == PT2_ARGUMENT_AS_TENSOR;
    case PT2_OP_STRING:
      return argument->which == PT2_ARGUMENT_AS_STRING;
    case PT2_OP_DEVICE:
      return argument->which == PT2_ARGUMENT_AS_DEVICE || argument->which == PT2_ARGUMENT_AS_STRING;
    case PT2_OP_SCALAR_TYPE:
      return argument->which == PT2_ARGUMENT_AS_SCALAR_TYPE;
    case PT2_OP_LAYOUT:
      return argument->which == PT2_ARGUMENT_AS_LAYOUT;
    case PT2_OP_MEMORY_FORMAT:
      return argument->which == PT2_ARGUMENT_AS_MEMORY_FORMAT;
    case PT2_OP_GENERATOR:
      return argument->which == PT2_ARGUMENT_AS_NONE || argument->which == PT2_ARGUMENT_AS_CUSTOM_OBJ;
    default:
      return true;
    }
}

/* ---- arguments ---- */

typedef struct
{
  Check *check;
  const CheckGraph *graph;
  uint32_t number;
  const Pt2Node *node;
  const Pt2OpSchema *schema;
} Call;

static guint
find_argument (const Pt2OpSchema *schema, Pt2String name, guint from)
{
  /* They come in the order of the schema, so the next one is the first to look at. */
  for (guint i = 0; i < schema->n_arguments; i++)
    {
      guint at = from + i < schema->n_arguments ? from + i : from + i - schema->n_arguments;
      if (text_equal (schema->arguments[at].name, name))
        return at;
    }
  return G_MAXUINT;
}

static void
check_type (const Call *call, uint32_t i, const Pt2OpArgument *argument)
{
  const Pt2Argument *given = &call->node->inputs.items[i].arg;
  if (given->which == PT2_UNKNOWN_MEMBER || matches (&argument->type, given))
    return;
  g_autofree char *type = pt2_op_type_print (&argument->type);
  check_add (call->check, CHECK_O104, place (call->graph, "nodes[%u].inputs[%u]", call->number, i).text,
             "%s of %s must be %s, and is %s", shown (argument->name).text, shown (call->node->target).text,
             type != NULL ? type : "?", check_member_name (given));
}

static bool
is_by_place (const Pt2NamedArgument *input)
{
  return (input->present[0] >> 2 & 1) != 0 && input->kind == PT2_ARGUMENT_KIND_POSITIONAL;
}

/* Is an argument before the one at AT left out? What comes by place would take its place. */
static bool
has_gap (const bool *given, guint at)
{
  for (guint i = 0; i < at; i++)
    if (!given[i])
      return true;
  return false;
}

static void
check_argument (const Call *call, uint32_t i, bool *given, guint *next)
{
  const Pt2NamedArgument *input = &call->node->inputs.items[i];
  guint number = find_argument (call->schema, input->name, *next);
  if (number == G_MAXUINT)
    {
      if (!call->schema->takes_more)
        check_add (call->check, CHECK_O102, place (call->graph, "nodes[%u].inputs[%u].name", call->number, i).text,
                   "%s has no %s", shown (call->node->target).text, shown (input->name).text);
      return;
    }
  const Pt2OpArgument *argument = &call->schema->arguments[number];
  if (given[number])
    check_add (call->check, CHECK_O105, place (call->graph, "nodes[%u].inputs[%u].name", call->number, i).text,
               "%s of %s", shown (input->name).text, shown (call->node->target).text);
  else if (number < *next)
    check_add (call->check, CHECK_O107, place (call->graph, "nodes[%u].inputs[%u].name", call->number, i).text,
               "%s of %s", shown (input->name).text, shown (call->node->target).text);
  else if (is_by_place (input) && (argument->keyword_only || has_gap (given, number)))
    check_add (call->check, CHECK_O109, place (call->graph, "nodes[%u].inputs[%u].kind", call->number, i).text,
               "%s of %s", shown (input->name).text, shown (call->node->target).text);
  given[number] = true;
  *next = number + 1;
  check_type (call, i, argument);
}

enum
{
  MOST_ARGUMENTS = 64,
};

/* False if something is wrong with them. */
static bool
check_arguments (const Call *call)
{
  bool given[MOST_ARGUMENTS] = { false };
  guint next = 0, n = call->schema->n_arguments;
  guint64 before = pt2_report_count (call->check->report, PT2_SEVERITY_ERROR);
  if (n > MOST_ARGUMENTS)
    return true;
  for (uint32_t i = 0; i < call->node->inputs.len; i++)
    check_argument (call, i, given, &next);
  for (guint i = 0; i < n; i++)
    if (!given[i] && call->schema->arguments[i].default_text.data == NULL
        && call->schema->arguments[i].type.kind != PT2_OP_GENERATOR)
      check_add (call->check, CHECK_O103, place (call->graph, "nodes[%u].inputs", call->number).text, "%s of %s",
                 shown (call->schema->arguments[i].name).text, shown (call->node->target).text);
  return pt2_report_count (call->check->report, PT2_SEVERITY_ERROR) == before;
}

/* ---- results ---- */

static bool
is_symbol (const Pt2Argument *output)
{
  return output->which == PT2_ARGUMENT_AS_SYM_INT || output->which == PT2_ARGUMENT_AS_SYM_FLOAT
         || output->which == PT2_ARGUMENT_AS_SYM_BOOL;
}

static bool
gives (const Pt2OpType *type, const Pt2Argument *output)
{
  uint32_t which = output->which;
  switch (type->kind)
    {
    case PT2_OP_TENSOR:
      return which == PT2_ARGUMENT_AS_TENSOR || which == PT2_ARGUMENT_AS_NONE;
    case PT2_OP_OPTIONAL:
      return which == PT2_ARGUMENT_AS_NONE || gives (&type->items[0], output);
    case PT2_OP_LIST:
      return which == PT2_ARGUMENT_AS_TENSORS || type->items[0].kind != PT2_OP_TENSOR;
    case PT2_OP_INT:
    case PT2_OP_SYM_INT:
      return which == PT2_ARGUMENT_AS_SYM_INT;
    case PT2_OP_FLOAT:
    case PT2_OP_SYM_FLOAT:
      return which == PT2_ARGUMENT_AS_SYM_FLOAT;
    case PT2_OP_BOOL:
    case PT2_OP_SYM_BOOL:
      return which == PT2_ARGUMENT_AS_SYM_BOOL;
    case PT2_OP_SCALAR:
      return is_symbol (output);
    default:
      return true;
    }
}

/* False if they are not the operator's. */
static bool
check_results (const Call *call)
{
  const Pt2OpSchema *schema = call->schema;
  if (schema->gives_more)
    return true;
  if (call->node->outputs.len != schema->n_returns)
    {
      check_add (call->check, CHECK_O106, place (call->graph, "nodes[%u].outputs", call->number).text,
                 "%s gives %u, the node has %u", shown (call->node->target).text, schema->n_returns,
                 call->node->outputs.len);
      return false;
    }
  for (guint i = 0; i < schema->n_returns; i++)
    if (!gives (&schema->returns[i].type, &call->node->outputs.items[i]))
      {
        g_autofree char *type = pt2_op_type_print (&schema->returns[i].type);
        check_add (call->check, CHECK_O106, place (call->graph, "nodes[%u].outputs[%u]", call->number, i).text,
                   "%s gives %s, and not %s", shown (call->node->target).text, type != NULL ? type : "?",
                   check_member_name (&call->node->outputs.items[i]));
        return false;
      }
  return true;
}

/* ---- arithmetic on sizes ---- */

static void
check_function (const Call *call)
{
  guint n;
  const char *const *names = pt2_op_symbolic_inputs (call->node->target, &n);
  if (names == NULL)
    return;
  for (uint32_t i = 0; i < call->node->inputs.len; i++)
    if (i >= n)
      check_add (call->check, CHECK_O102, place (call->graph, "nodes[%u].inputs[%u]", call->number, i).text,
                 "%s takes %u", shown (call->node->target).text, n);
    else if (!is_number (&call->node->inputs.items[i].arg))
      check_add (call->check, CHECK_O104, place (call->graph, "nodes[%u].inputs[%u]", call->number, i).text,
                 "%s takes numbers, and not %s", shown (call->node->target).text,
                 check_member_name (&call->node->inputs.items[i].arg));
  if (call->node->inputs.len < n)
    check_add (call->check, CHECK_O103, place (call->graph, "nodes[%u].inputs", call->number).text, "%s of %s",
               names[call->node->inputs.len], shown (call->node->target).text);
  if (call->node->outputs.len != 1 || !is_symbol (&call->node->outputs.items[0]))
    check_add (call->check, CHECK_O106, place (call->graph, "nodes[%u].outputs", call->number).text,
               "%s gives one number", shown (call->node->target).text);
}

/* ---- extensions ---- */

/* What PyTorch's verifier says of them: it knows neither the type of the operator nor that it gives nothing. */
static void
check_extension (const Call *call)
{
  if (call->check->own_dialect)
    check_add (call->check, CHECK_P135, place (call->graph, "nodes[%u].target", call->number).text, "%s",
               shown (call->node->target).text);
  if (call->node->outputs.len == 0)
    check_add (call->check, CHECK_P136, place (call->graph, "nodes[%u].outputs", call->number).text, "%s",
               shown (call->node->target).text);
}

/* ---- the whole ---- */

static bool
is_built_in (Pt2String target)
{
  return text_begins (target, "torch.ops.aten.") || text_begins (target, "torch.ops.prims.");
}

static void
learn (const OperatorCheck *operators, TargetFacts *facts)
{
  if (facts->known)
    return;
  facts->known = true;
  g_autoptr (GError) fault = NULL;
  facts->schema = pt2_ops_lookup (operators->ops, facts->target, &fault);
  if (fault != NULL)
    check_add_not_checked (operators->check, "calls of %s: %s: %s", shown (facts->target).text,
                           pt2_error_get_id (fault), fault->message);
  facts->infer = facts->schema != NULL && facts->kind == TARGET_OPERATOR
                     ? inferences_find (operators->inferences, facts->schema)
                     : NULL;
}

void
check_operator (OperatorCheck *operators, const CheckGraph *graph, uint32_t number)
{
  const Pt2Node *node = &graph->graph->nodes.items[number];
  Call call = { operators->check, graph, number, node, NULL };
  TargetFacts *facts = check_target_facts (operators->check, node->target);
  if (facts->kind == TARGET_FUNCTION)
    {
      check_function (&call);
      infer_function (operators, graph, number);
    }
  if (facts->kind == TARGET_EXTENSION)
    check_extension (&call);
  else if (facts->kind != TARGET_OPERATOR)
    return;
  learn (operators, facts);
  call.schema = facts->schema;
  if (call.schema == NULL)
    {
      if (is_built_in (node->target) && !operators->newer)
        check_add (call.check, CHECK_O101, place (graph, "nodes[%u].target", number).text, "%s",
                   shown (node->target).text);
      else if (operators->unknown++ == 0)
        operators->first_unknown = node->target;
      return;
    }
  if (call.schema->is_mutable && !call.check->training && !call.check->foreign_dialect)
    check_add (call.check, CHECK_O108, place (graph, "nodes[%u].target", number).text, "%s", shown (node->target).text);
  if (check_arguments (&call) && check_results (&call))
    infer_call (operators, graph, number, facts);
}

/* Is the program of a PyTorch that may have operators which are not built in here? */
static bool
is_newer (Pt2String version)
{
  unsigned major = 0, minor = 0;
  g_autofree char *text = g_strndup (version.data != NULL ? version.data : "", MIN (version.len, 40));
  return sscanf (text, "%u.%u", &major, &minor) == 2 && (major > 2 || (major == 2 && minor > 15));
}

/* Under autocast results have other types than arguments; under vmap a dimension is hidden. */
static void
find_loose_parts (CheckGraph *graph)
{
  graph->loose_types = graph->loose_types || (graph->parent != NULL && graph->parent->loose_types);
  graph->loose_shapes = graph->parent != NULL && graph->parent->loose_shapes;
  for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
    {
      Pt2String target = graph->graph->nodes.items[i].target;
      graph->loose_types = graph->loose_types || text_begins (target, "torch.amp.");
      graph->loose_shapes = graph->loose_shapes || text_begins (target, "torch._functorch.");
    }
}

void
check_operator_rules (Check *check)
{
  const Pt2Ops *given = check->options->ops;
  g_autoptr (Pt2Ops) built_in = given == NULL ? pt2_ops_new (&check->limits, NULL) : NULL;
  const Pt2Ops *ops = given != NULL ? given : built_in;
  OperatorCheck operators = { .check = check, .ops = ops, .newer = is_newer (check->exported->torch_version) };
  if (ops == NULL)
    {
      check->no_memory = true;
      return;
    }
  operators.inferences = inferences_new (check);
  for (guint g = 0; g < check->graphs->len; g++)
    {
      CheckGraph *graph = check->graphs->pdata[g];
      find_loose_parts (graph);
      for (uint32_t i = 0; i < graph->graph->nodes.len; i++)
        check_operator (&operators, graph, i);
    }
  inferences_free (operators.inferences);
  check_add_checked (check, "operators");
  if (operators.unknown > 0)
    check_add_not_checked (check, "%u calls of operators without a known schema, such as %s", operators.unknown,
                           shown (operators.first_unknown).text);
}
