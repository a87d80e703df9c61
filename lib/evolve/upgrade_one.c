/* SPDX-License-Identifier: Apache-2.0 */
/* What only schema major 1 (PyTorch 2.1) has: its call spec and its signature, which names inputs and outputs in
 * tables. */
#include "graphs.h"
#include "text.h"
#include "upgrade_private.h"
#include <string.h>

static const Pt2JsonNode *
graph_module (const Pt2Upgrading *upgrading)
{
  return pt2_json_get (upgrading->tree, "graph_module");
}

/* ---- the call spec ---- */

static bool
has_type (const Pt2JsonNode *spec, const char *type)
{
  return pt2_upgrade_is (pt2_json_text (pt2_json_get (spec, "type")), type);
}

/* A call without keywords was described by its positional arguments alone. One with keywords cannot be told from
 * one whose two arguments are a tuple and a dict: that is taken for keywords, which are far more common. */
static bool
has_keywords (const Pt2JsonNode *node)
{
  const Pt2JsonNode *children = pt2_json_get (node, "children_spec");
  return pt2_json_length (children) == 2 && has_type (pt2_json_item (children, 0), "builtins.tuple")
         && has_type (pt2_json_item (children, 1), "builtins.dict");
}

static Pt2String
spec_of_call (Pt2Upgrading *upgrading, Pt2String in_spec)
{
  Pt2Arena arena;
  Pt2Status status = PT2_STATUS_INIT;
  pt2_arena_init (&arena, upgrading->limits->memory, 0);
  const Pt2JsonNode *spec = pt2_json_tree_read (&arena, in_spec.data, in_spec.len, upgrading->limits, &status);
  const Pt2JsonNode *node = pt2_json_item (spec, 1);
  Pt2String text = in_spec;
  if (node != NULL && !has_keywords (node))
    text = pt2_draft_printf (upgrading->draft,
                             "[1, {\"type\": \"builtins.tuple\", \"context\": \"null\", \"children_spec\": [%.*s, "
                             "{\"type\": \"builtins.dict\", \"context\": \"[]\", \"children_spec\": []}]}]",
                             (int)node->raw.len, node->raw.data);
  pt2_arena_clear (&arena);
  return text;
}

int64_t
pt2_upgrade_call_spec (Pt2Upgrading *upgrading)
{
  Pt2Draft *draft = upgrading->draft;
  Pt2ModuleCallEntryList *calls = &draft->exported->graph_module.module_call_graph;
  const Pt2JsonNode *call_spec = pt2_json_get (graph_module (upgrading), "call_spec");
  Pt2String in_spec = pt2_json_text (pt2_json_get (call_spec, "in_spec"));
  Pt2String out_spec = pt2_json_text (pt2_json_get (call_spec, "out_spec"));
  if (calls->len > 0)
    return 0; /* modules whose calls were kept: the root is among them */
  if (in_spec.data == NULL || out_spec.data == NULL)
    return pt2_upgrade_refuse (upgrading, "graph_module.call_spec", "without tree specs nobody can call the program");
  Pt2ModuleCallEntry *entry = pt2_draft_alloc (draft, sizeof *entry);
  Pt2ModuleCallSignature *signature = pt2_draft_alloc (draft, sizeof *signature);
  if (entry == NULL || signature == NULL)
    return -1;
  signature->inputs.items = pt2_draft_alloc (draft, 0);
  signature->outputs.items = pt2_draft_alloc (draft, 0);
  signature->in_spec = spec_of_call (upgrading, in_spec);
  signature->out_spec = out_spec;
  entry->fqn = pt2_draft_text (draft, "", 0);
  entry->signature = signature;
  *calls = (Pt2ModuleCallEntryList){ entry, 1 };
  return 1;
}

/* ---- inputs ---- */

/* The text that a table of texts has for NAME, or {NULL, 0}. */
static Pt2String
look_up (const Pt2JsonNode *table, Pt2String name)
{
  return pt2_json_text (pt2_json_get_len (table, name.data != NULL ? name.data : "", name.len));
}

static bool
make_parameter (Pt2Draft *draft, Pt2InputSpec *spec, Pt2String name, Pt2String fqn)
{
  spec->which = PT2_INPUT_SPEC_PARAMETER;
  spec->parameter = pt2_draft_alloc (draft, sizeof *spec->parameter);
  if (spec->parameter == NULL)
    return false;
  *spec->parameter = (Pt2InputToParameterSpec){ .arg = { name }, .parameter_name = fqn, .present = { 1 } };
  return true;
}

static bool
make_buffer (Pt2Draft *draft, Pt2InputSpec *spec, Pt2String name, Pt2String fqn)
{
  spec->which = PT2_INPUT_SPEC_BUFFER;
  spec->buffer = pt2_draft_alloc (draft, sizeof *spec->buffer);
  if (spec->buffer == NULL)
    return false;
  *spec->buffer = (Pt2InputToBufferSpec){ .arg = { name }, .buffer_name = fqn, .present = { 1 } };
  return true;
}

static bool
make_user_input (Pt2Draft *draft, Pt2InputSpec *spec, const Pt2Argument *argument)
{
  spec->which = PT2_INPUT_SPEC_USER_INPUT;
  spec->user_input = pt2_draft_alloc (draft, sizeof *spec->user_input);
  if (spec->user_input == NULL)
    return false;
  spec->user_input->arg = *argument;
  return true;
}

static int64_t
make_inputs (Pt2Upgrading *upgrading, const Pt2JsonNode *tables)
{
  Pt2Draft *draft = upgrading->draft;
  const Pt2ArgumentList *inputs = &draft->exported->graph_module.graph.inputs;
  const Pt2JsonNode *parameters = pt2_json_get (tables, "inputs_to_parameters");
  const Pt2JsonNode *buffers = pt2_json_get (tables, "inputs_to_buffers");
  Pt2InputSpec *specs = pt2_draft_alloc (draft, inputs->len * sizeof *specs);
  draft->exported->graph_module.signature.input_specs = (Pt2InputSpecList){ specs, inputs->len };
  bool fine = specs != NULL;
  for (uint32_t i = 0; fine && i < inputs->len; i++)
    {
      Pt2String name = pt2_argument_value_name (&inputs->items[i]);
      Pt2String parameter = look_up (parameters, name), buffer = look_up (buffers, name);
      fine = parameter.data != NULL ? make_parameter (draft, &specs[i], name, parameter)
             : buffer.data != NULL  ? make_buffer (draft, &specs[i], name, buffer)
                                    : make_user_input (draft, &specs[i], &inputs->items[i]);
    }
  return fine ? (int64_t)inputs->len : -1;
}

/* ---- outputs ---- */

/* All output specs but the user's have the name of a value and of what it is for. */
typedef struct
{
  Pt2TensorArgument arg;
  Pt2String target;
  uint32_t present[1];
} NamedSpec;

G_STATIC_ASSERT (sizeof (NamedSpec) == sizeof (Pt2BufferMutationSpec));
G_STATIC_ASSERT (sizeof (NamedSpec) == sizeof (Pt2GradientToParameterSpec));
G_STATIC_ASSERT (sizeof (NamedSpec) == sizeof (Pt2GradientToUserInputSpec));

static bool
make_named (Pt2Draft *draft, Pt2OutputSpec *spec, uint32_t which, Pt2String name, Pt2String target)
{
  NamedSpec *named = pt2_draft_alloc (draft, sizeof *named);
  if (named == NULL)
    return false;
  *named = (NamedSpec){ .arg = { name }, .target = target, .present = { 1 } };
  spec->which = which;
  spec->buffer_mutation = (Pt2BufferMutationSpec *)named;
  return true;
}

static bool
make_loss (Pt2Draft *draft, Pt2OutputSpec *spec, Pt2String name)
{
  spec->which = PT2_OUTPUT_SPEC_LOSS_OUTPUT;
  spec->loss_output = pt2_draft_alloc (draft, sizeof *spec->loss_output);
  if (spec->loss_output == NULL)
    return false;
  *spec->loss_output = (Pt2LossOutputSpec){ .arg = { name }, .present = { 1 } };
  return true;
}

static bool
make_user_output (Pt2Draft *draft, Pt2OutputSpec *spec, const Pt2Argument *argument)
{
  spec->which = PT2_OUTPUT_SPEC_USER_OUTPUT;
  spec->user_output = pt2_draft_alloc (draft, sizeof *spec->user_output);
  if (spec->user_output == NULL)
    return false;
  spec->user_output->arg = *argument;
  return true;
}

/* The tables of outputs. New values of buffers came first; the same value may stand again for the user. */
typedef struct
{
  const Pt2JsonNode *mutations, *parameters, *user_inputs;
  Pt2String loss;
} OutputTables;

static bool
make_output (Pt2Draft *draft, const OutputTables *tables, const Pt2Argument *output, uint32_t index,
             Pt2OutputSpec *spec)
{
  Pt2String name = pt2_argument_value_name (output);
  Pt2String buffer
      = index < pt2_json_length (tables->mutations) ? look_up (tables->mutations, name) : (Pt2String){ NULL, 0 };
  Pt2String parameter = look_up (tables->parameters, name), input = look_up (tables->user_inputs, name);
  if (buffer.data != NULL)
    return make_named (draft, spec, PT2_OUTPUT_SPEC_BUFFER_MUTATION, name, buffer);
  if (parameter.data != NULL)
    return make_named (draft, spec, PT2_OUTPUT_SPEC_GRADIENT_TO_PARAMETER, name, parameter);
  if (input.data != NULL)
    return make_named (draft, spec, PT2_OUTPUT_SPEC_GRADIENT_TO_USER_INPUT, name, input);
  if (tables->loss.data != NULL && pt2_upgrade_same (tables->loss, name))
    return make_loss (draft, spec, name);
  return make_user_output (draft, spec, output);
}

static int64_t
make_outputs (Pt2Upgrading *upgrading, const Pt2JsonNode *signature)
{
  Pt2Draft *draft = upgrading->draft;
  const Pt2ArgumentList *outputs = &draft->exported->graph_module.graph.outputs;
  const Pt2JsonNode *backward = pt2_json_get (signature, "backward_signature");
  const OutputTables tables
      = { pt2_json_get (signature, "buffers_to_mutate"), pt2_json_get (backward, "gradients_to_parameters"),
          pt2_json_get (backward, "gradients_to_user_inputs"), pt2_json_text (pt2_json_get (backward, "loss_output")) };
  Pt2OutputSpec *specs = pt2_draft_alloc (draft, outputs->len * sizeof *specs);
  draft->exported->graph_module.signature.output_specs = (Pt2OutputSpecList){ specs, outputs->len };
  bool fine = specs != NULL;
  for (uint32_t i = 0; fine && i < outputs->len; i++)
    fine = make_output (draft, &tables, &outputs->items[i], i, &specs[i]);
  return fine ? (int64_t)outputs->len : -1;
}

int64_t
pt2_upgrade_signature (Pt2Upgrading *upgrading)
{
  const Pt2JsonNode *signature = pt2_json_get (graph_module (upgrading), "signature");
  int64_t inputs = make_inputs (upgrading, signature);
  int64_t outputs = inputs >= 0 ? make_outputs (upgrading, signature) : -1;
  return outputs >= 0 ? inputs + outputs : -1;
}
