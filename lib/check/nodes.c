/* SPDX-License-Identifier: Apache-2.0 */
/* A node by itself: its target, the form of its arguments and results, and the texts of its metadata. */
#include "check_private.h"
#include "targets.h"

/* The minors that brought what is asked for here. */
enum
{
  MINOR_OF_KIND = 5,
  MINOR_OF_NODE_NAME = 16,
};

/* ---- target ---- */

static void
check_target (Check *check, const CheckGraph *graph, uint32_t number)
{
  Pt2String target = graph->graph->nodes.items[number].target;
  TargetKind kind = check_target_facts (check, target)->kind;
  if (kind == TARGET_UNKNOWN)
    check_add (check, CHECK_P110, place (graph, "nodes[%u].target", number).text, "%s", shown (target).text);
  else if (text_is (target, "torch.ops.higher_order.triton_kernel_wrapper_functional"))
    check_add (check, CHECK_P134, place (graph, "nodes[%u].target", number).text, "%s",
               shown_node (&graph->graph->nodes.items[number]).text);
  else if (kind == TARGET_FOREIGN)
    check_add (check, CHECK_X108, place (graph, "nodes[%u].target", number).text, "%s", shown (target).text);
}

/* ---- results ---- */

static bool
is_result (const Pt2Argument *output)
{
  switch (output->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
    case PT2_ARGUMENT_AS_TENSORS:
    case PT2_ARGUMENT_AS_NONE:
    case PT2_ARGUMENT_AS_OPTIONAL_TENSORS:
    case PT2_ARGUMENT_AS_CUSTOM_OBJ:
      return true;
    case PT2_ARGUMENT_AS_SYM_INT:
      return output->as_sym_int->which == PT2_SYM_INT_ARGUMENT_AS_NAME;
    case PT2_ARGUMENT_AS_SYM_FLOAT:
      return output->as_sym_float->which == PT2_SYM_FLOAT_ARGUMENT_AS_NAME;
    case PT2_ARGUMENT_AS_SYM_BOOL:
      return output->as_sym_bool->which == PT2_SYM_BOOL_ARGUMENT_AS_NAME;
    default:
      return false;
    }
}

/* PyTorch takes each of several results out of a tuple, and can do that with these kinds alone. */
static bool
is_one_of_several (const Pt2Argument *output)
{
  return output->which != PT2_ARGUMENT_AS_SYM_BOOL && output->which != PT2_ARGUMENT_AS_CUSTOM_OBJ
         && output->which != PT2_ARGUMENT_AS_OPTIONAL_TENSORS;
}

static void
check_results (Check *check, const CheckGraph *graph, uint32_t number)
{
  const Pt2Node *node = &graph->graph->nodes.items[number];
  for (uint32_t i = 0; i < node->outputs.len; i++)
    if (!is_result (&node->outputs.items[i]))
      check_add (check, CHECK_P114, place (graph, "nodes[%u].outputs[%u]", number, i).text, "%s, of %s",
                 check_member_name (&node->outputs.items[i]), shown_node (node).text);
    else if (node->outputs.len > 1 && !is_one_of_several (&node->outputs.items[i]))
      check_add (check, CHECK_P137, place (graph, "nodes[%u].outputs[%u]", number, i).text, "%s, of %s",
                 check_member_name (&node->outputs.items[i]), shown_node (node).text);
  if (node->outputs.len == 1 && node->outputs.items[0].which == PT2_ARGUMENT_AS_TENSORS
      && node->outputs.items[0].as_tensors.len == 0)
    check_add (check, CHECK_P133, place (graph, "nodes[%u].outputs[0]", number).text, "%s", shown_node (node).text);
}

/* ---- names and flags ---- */

static bool
has_name (const Pt2Node *node)
{
  return node->name.data != NULL;
}

/* A single result is called like its node, but for higher-order operators, whose result may be taken out of a tuple. */
static void
check_name (Check *check, const CheckGraph *graph, uint32_t number)
{
  const Pt2Node *node = &graph->graph->nodes.items[number];
  Pt2String value = node->outputs.len == 1 ? check_single_name (&node->outputs.items[0]) : (Pt2String){ NULL, 0 };
  if (!has_name (node))
    {
      if (check->minor >= MINOR_OF_NODE_NAME)
        check_add (check, CHECK_P115, place (graph, "nodes[%u]", number).text, "it has none, since 8.%d it must",
                   MINOR_OF_NODE_NAME);
      return;
    }
  if (value.data != NULL && !check_is_higher_order (node->target) && !text_equal (value, node->name))
    check_add (check, CHECK_P115, place (graph, "nodes[%u].name", number).text, "the node is %s, its value %s",
               shown (node->name).text, shown (value).text);
}

/* pt2_field bits are declaration order: target, inputs, outputs, metadata, is_hop_single_tensor_return, name. */
static bool
has_flag (const Pt2Node *node)
{
  return (node->present[0] >> 4 & 1) != 0;
}

static void
check_flag (Check *check, const CheckGraph *graph, uint32_t number)
{
  const Pt2Node *node = &graph->graph->nodes.items[number];
  bool higher = check_is_higher_order (node->target), single = has_flag (node) && node->is_hop_single_tensor_return;
  const char *what = NULL;
  if (higher && !has_flag (node) && check->minor >= MINOR_OF_KIND)
    what = "a higher-order operator does not say it";
  else if (!higher && has_flag (node))
    what = "only higher-order operators have it";
  else if (single && (node->outputs.len != 1 || node->outputs.items[0].which != PT2_ARGUMENT_AS_TENSOR))
    what = "the result is not one tensor";
  else if (single && has_name (node) && !text_equal (node->name, node->outputs.items[0].as_tensor.name))
    what = "it is true, and the result is called otherwise than the node";
  else if (higher && has_flag (node) && !single && has_name (node) && node->outputs.len == 1
           && text_equal (node->name, check_single_name (&node->outputs.items[0]))
           && node->outputs.items[0].which == PT2_ARGUMENT_AS_TENSOR)
    what = "it is false, and the result is called like the node, as if it were bare";
  if (what != NULL)
    check_add (check, CHECK_P117, place (graph, "nodes[%u].is_hop_single_tensor_return", number).text, "%s: %s",
               shown_node (node).text, what);
}

/* ---- kinds of arguments ---- */

static bool
has_kind (const Pt2NamedArgument *argument)
{
  return (argument->present[0] >> 2 & 1) != 0;
}

/* What is wrong with how an input is passed, or NULL. NAMED: one before it is passed by name. */
static const char *
kind_fault (const Check *check, const Pt2NamedArgument *input, bool function, bool named)
{
  if (!has_kind (input))
    return NULL;
  if (input->kind == PT2_ARGUMENT_KIND_UNKNOWN)
    return check->minor > MINOR_OF_KIND ? "it is not said how it is passed" : NULL;
  if (input->kind == PT2_ARGUMENT_KIND_POSITIONAL)
    return named ? "it is passed by place" : NULL;
  return function ? "this function takes all by place" : NULL;
}

static void
check_kinds (Check *check, const CheckGraph *graph, uint32_t number)
{
  const Pt2Node *node = &graph->graph->nodes.items[number];
  bool function = check_target_facts (check, node->target)->kind == TARGET_FUNCTION, named = false;
  for (uint32_t i = 0; i < node->inputs.len; i++)
    {
      const Pt2NamedArgument *input = &node->inputs.items[i];
      const char *fault = NULL;
      if (has_kind (input) && (input->kind < PT2_ARGUMENT_KIND_UNKNOWN || input->kind > PT2_ARGUMENT_KIND_KEYWORD))
        check_add (check, CHECK_P120, place (graph, "nodes[%u].inputs[%u].kind", number, i).text, "ArgumentKind %d",
                   input->kind);
      else
        fault = kind_fault (check, input, function, named);
      if (fault != NULL)
        check_add (check, CHECK_P118, place (graph, "nodes[%u].inputs[%u].kind", number, i).text, "%s of %s: %s",
                   shown (input->name).text, shown_node (node).text, fault);
      named = named || (has_kind (input) && input->kind == PT2_ARGUMENT_KIND_KEYWORD);
    }
}

/* ---- arguments ---- */

static void
check_arguments (Check *check, const CheckGraph *graph, uint32_t number)
{
  const Pt2Node *node = &graph->graph->nodes.items[number];
  for (uint32_t i = 0; i < node->inputs.len; i++)
    if (node->inputs.items[i].arg.which == PT2_ARGUMENT_AS_OPTIONAL_TENSOR)
      check_add (check, CHECK_P138, place (graph, "nodes[%u].inputs[%u]", number, i).text, "%s of %s",
                 shown (node->inputs.items[i].name).text, shown_node (node).text);
}

/* ---- metadata ---- */

const char *
check_metadata_text (Check *check, Pt2MetadataForm form, Pt2String text, char room[96])
{
  Pt2Arena arena;
  Pt2Status status = PT2_STATUS_INIT;
  union
  {
    Pt2ModuleStack stack;
    Pt2SourceFnStack functions;
    Pt2StackTrace trace;
    Pt2StringList names;
    Pt2Provenance sources;
    Pt2CustomNotes notes;
  } view;
  pt2_arena_init (&arena, check->limits.memory, 0);
  bool good = pt2_metadata_read (form, &arena, text, &check->limits, &view, &status);
  bool older = good && form == PT2_METADATA_MODULE_STACK && view.stack.older;
  pt2_arena_clear (&arena);
  if (good && !older)
    return NULL;
  const char *fault = older                           ? "it is spelled as before schema 2"
                      : status.code == PT2_ERROR_P017 ? status.detail
                                                      : "it is no JSON";
  g_strlcpy (room, fault, 96);
  return room;
}

/* Neighbours were called in the same modules: their texts are the same, and are read once. */
enum
{
  GOOD_TEXT_BITS = 8,
};

struct GoodTexts
{
  struct
  {
    Pt2String text;
    Pt2MetadataForm form;
  } places[1 << GOOD_TEXT_BITS];
};

static const char *
check_metadata_once (Check *check, Pt2MetadataForm form, Pt2String text, char room[96])
{
  if (check->good_texts == NULL)
    check->good_texts = check_alloc (check, 1, sizeof *check->good_texts);
  if (check->good_texts == NULL || text.len == 0)
    return check_metadata_text (check, form, text, room);
  uint32_t spot = pt2_text_spot (text, GOOD_TEXT_BITS);
  if (check->good_texts->places[spot].form == form && text_equal (check->good_texts->places[spot].text, text))
    return NULL;
  const char *fault = check_metadata_text (check, form, text, room);
  if (fault == NULL)
    {
      check->good_texts->places[spot].text = text;
      check->good_texts->places[spot].form = form;
    }
  return fault;
}

static void
check_metadata (Check *check, const CheckGraph *graph, uint32_t number)
{
  const Pt2Node *node = &graph->graph->nodes.items[number];
  char room[96];
  for (uint32_t i = 0; i < node->metadata.len; i++)
    {
      const Pt2StringToStringMapEntry *entry = &node->metadata.entries[i];
      Pt2MetadataForm form = pt2_metadata_form_of (entry->key);
      bool any = form == PT2_METADATA_STACK_TRACE || form == PT2_METADATA_TORCH_FN || form == PT2_METADATA_N_FORMS;
      const char *fault = any ? NULL : check_metadata_once (check, form, entry->value, room);
      if (fault != NULL)
        check_add (check, CHECK_P119,
                   place (graph, "nodes[%u].metadata[\"%s\"]", number, pt2_metadata_forms[form].key).text, "%s: %s",
                   shown_node (node).text, fault);
    }
}

void
check_node_rules (Check *check, const CheckGraph *graph, uint32_t number)
{
  check_target (check, graph, number);
  check_results (check, graph, number);
  check_name (check, graph, number);
  check_flag (check, graph, number);
  check_kinds (check, graph, number);
  check_arguments (check, graph, number);
  check_metadata (check, graph, number);
}
