/* SPDX-License-Identifier: Apache-2.0 */
/* The signature against the graph: each input and output has its spec, in order, of its kind; targets are there. */
#include "check_private.h"
#include "schema.h"
#include "specs.h"
#include "value.h"

static const char in_path[] = "graph_module.signature.input_specs";
static const char out_path[] = "graph_module.signature.output_specs";

typedef struct
{
  Pt2String target; /* first, for the index */
  uint32_t number;  /* of the spec */
} Target;

typedef struct
{
  Check *check;
  const CheckGraph *graph;
  Spec *inputs, *outputs;
  uint32_t n_inputs, n_outputs;
  /* Inputs by target: parameters, buffers, constants and objects; user inputs by their own name. */
  Target *targets;
  uint32_t n_targets;
  Pt2TextIndex index;
} Signature;

enum
{
  MINOR_OF_TIED_INPUTS = 8,
};

#define AT(path, i) place (NULL, "%s[%u]", path, i).text

/* ---- inputs ---- */

static bool
same_constant (const Pt2ConstantValue *value, const Pt2Argument *argument)
{
  switch (value->which)
    {
    case PT2_CONSTANT_VALUE_AS_NONE:
      return argument->which == PT2_ARGUMENT_AS_NONE;
    case PT2_CONSTANT_VALUE_AS_INT:
      return argument->which == PT2_ARGUMENT_AS_INT && argument->as_int == value->as_int;
    case PT2_CONSTANT_VALUE_AS_FLOAT:
      return argument->which == PT2_ARGUMENT_AS_FLOAT && memcmp (&argument->as_float, &value->as_float, 8) == 0;
    case PT2_CONSTANT_VALUE_AS_STRING:
      return argument->which == PT2_ARGUMENT_AS_STRING && text_equal (argument->as_string, value->as_string);
    case PT2_CONSTANT_VALUE_AS_BOOL:
      return argument->which == PT2_ARGUMENT_AS_BOOL && argument->as_bool == value->as_bool;
    default:
      return true; /* a newer kind of constant */
    }
}

static bool
same_argument (const Pt2Argument *a, const Pt2Argument *b)
{
  return pt2_native_equal (pt2_schema_find_struct (&pt2_export_schema, "Argument")->type, a, b);
}

/* The kind of argument that a spec without one of its own is about. */
static uint32_t
argument_kind (const Spec *spec)
{
  return spec->which == PT2_INPUT_SPEC_CUSTOM_OBJ ? PT2_ARGUMENT_AS_CUSTOM_OBJ : PT2_ARGUMENT_AS_TENSOR;
}

static void
check_input (const Signature *signature, uint32_t i)
{
  const Spec *spec = &signature->inputs[i];
  const Pt2Argument *input = &signature->graph->graph->inputs.items[i];
  Pt2String name = check_single_name (input);
  bool same = text_equal (spec->name, name);
  if (spec->which == PT2_UNKNOWN_MEMBER)
    return;
  if (spec->constant != NULL)
    same = same_constant (spec->constant, input);
  else if (spec->argument != NULL && name.data == NULL)
    same = same_argument (spec->argument, input);
  else if (spec->argument == NULL && same)
    same = input->which == argument_kind (spec);
  else if (same)
    same = spec->argument->which == input->which;
  if (!same)
    check_add (signature->check, CHECK_S103, AT (in_path, i), "the spec is about %s, the input is %s %s",
               spec->constant != NULL ? "a constant" : shown (spec->name).text, check_member_name (input),
               shown (name).text);
}

static int
rank_of_input (const Spec *spec)
{
  switch (spec->which)
    {
    case PT2_INPUT_SPEC_TOKEN:
      return 0;
    case PT2_INPUT_SPEC_PARAMETER:
      return 1;
    case PT2_INPUT_SPEC_BUFFER:
      return 2;
    case PT2_INPUT_SPEC_TENSOR_CONSTANT:
      return 3;
    case PT2_INPUT_SPEC_CUSTOM_OBJ:
      return 4;
    default:
      return 5;
    }
}

static void
check_input_order (const Signature *signature)
{
  for (uint32_t i = 1; i < signature->n_inputs; i++)
    if (rank_of_input (&signature->inputs[i]) < rank_of_input (&signature->inputs[i - 1]))
      {
        check_add (signature->check, CHECK_S108, AT (in_path, i), "%s", shown (signature->inputs[i].name).text);
        return;
      }
}

/* ---- targets ---- */

static uint32_t
find_target (const Signature *signature, Pt2String target)
{
  uint32_t at = pt2_text_index_find (&signature->index, signature->targets, sizeof (Target), target);
  return at != PT2_TEXT_INDEX_NONE ? signature->targets[at].number : PT2_TEXT_INDEX_NONE;
}

/* Up to 8.8 tied weights were an input for each of their names, with one target. */
static bool
may_repeat (const Signature *signature, const Spec *first, const Spec *second)
{
  bool user = first->which == PT2_INPUT_SPEC_USER_INPUT || second->which == PT2_INPUT_SPEC_USER_INPUT;
  return user || (first->which == second->which && signature->check->minor <= MINOR_OF_TIED_INPUTS);
}

static void
add_target (Signature *signature, uint32_t number)
{
  const Spec *spec = &signature->inputs[number];
  Pt2String target = spec->which == PT2_INPUT_SPEC_USER_INPUT ? spec->name : spec->target;
  if (target.data == NULL)
    return;
  if (target.len == 0)
    {
      check_add (signature->check, CHECK_S120, AT (in_path, number), "of %s", shown (spec->name).text);
      return;
    }
  signature->targets[signature->n_targets] = (Target){ target, number };
  uint32_t owner = pt2_text_index_claim (&signature->index, signature->targets, sizeof (Target), signature->n_targets);
  if (owner == PT2_TEXT_INDEX_NONE)
    signature->check->no_memory = true;
  else if (owner == signature->n_targets)
    signature->n_targets++;
  else if (!may_repeat (signature, &signature->inputs[signature->targets[owner].number], spec))
    check_add (signature->check, CHECK_S105, AT (in_path, number), "%s, as in spec %u", shown (target).text,
               signature->targets[owner].number);
}

/* "p_" and so on; NULL if the kind has no such name. */
static const char *
placeholder_prefix (const Spec *spec)
{
  return spec->which == PT2_INPUT_SPEC_PARAMETER         ? "p_"
         : spec->which == PT2_INPUT_SPEC_BUFFER          ? "b_"
         : spec->which == PT2_INPUT_SPEC_TENSOR_CONSTANT ? "c_"
                                                         : NULL;
}

static char
placeholder_letter (char letter)
{
  return g_ascii_isalnum (letter) ? g_ascii_tolower (letter) : '_';
}

/* "p_a_weight" of a.weight, as PyTorch makes it. False if the kind has no such name. */
static bool
make_placeholder (const Spec *spec, GString *out)
{
  const char *prefix = placeholder_prefix (spec);
  if (prefix == NULL)
    return false;
  g_string_assign (out, prefix);
  for (uint32_t i = 0; i < spec->target.len; i++)
    g_string_append_c (out, placeholder_letter (spec->target.data[i]));
  return true;
}

static bool
is_called_after_target (const Spec *spec)
{
  const char *prefix = placeholder_prefix (spec);
  if (prefix == NULL)
    return true;
  if (spec->name.len != spec->target.len + 2 || memcmp (spec->name.data, prefix, 2) != 0)
    return false;
  for (uint32_t i = 0; i < spec->target.len; i++)
    if (spec->name.data[i + 2] != placeholder_letter (spec->target.data[i]))
      return false;
  return true;
}

static bool
are_called_after_targets (const Signature *signature)
{
  for (uint32_t i = 0; i < signature->n_inputs; i++)
    if (!is_called_after_target (&signature->inputs[i]))
      return false;
  return true;
}

/* A placeholder that is called after the target of another spec: the two targets are exchanged. */
static void
check_exchanged (Signature *signature)
{
  if (are_called_after_targets (signature))
    return;
  g_autoptr (GString) name = g_string_new (NULL);
  Target *made = check_alloc (signature->check, signature->n_inputs, sizeof *made);
  Pt2TextIndex index;
  uint32_t n = 0;
  pt2_text_index_init (&index);
  for (uint32_t i = 0; made != NULL && i < signature->n_inputs; i++)
    {
      if (!make_placeholder (&signature->inputs[i], name))
        continue;
      char *copy = check_alloc (signature->check, name->len, 1);
      if (copy == NULL)
        break;
      Pt2String text = { memcpy (copy, name->str, name->len), (uint32_t)name->len };
      made[n] = (Target){ text, i };
      uint32_t owner = pt2_text_index_claim (&index, made, sizeof *made, n);
      signature->check->no_memory = signature->check->no_memory || owner == PT2_TEXT_INDEX_NONE;
      n += owner == n;
    }
  for (uint32_t i = 0; made != NULL && i < signature->n_inputs; i++)
    {
      const Spec *spec = &signature->inputs[i];
      uint32_t other = spec->name.data != NULL ? pt2_text_index_find (&index, made, sizeof *made, spec->name)
                                               : PT2_TEXT_INDEX_NONE;
      if (other == PT2_TEXT_INDEX_NONE || made[other].number == i || !make_placeholder (spec, name)
          || text_equal (spec->name, (Pt2String){ name->str, (uint32_t)name->len }))
        continue;
      check_add (signature->check, CHECK_S119, AT (in_path, i), "%s stands for %s, and not for %s",
                 shown (spec->name).text, shown (spec->target).text,
                 shown (signature->inputs[made[other].number].target).text);
    }
  pt2_text_index_clear (&index);
}

/* ---- outputs ---- */

static void
check_output (const Signature *signature, uint32_t i)
{
  const Spec *spec = &signature->outputs[i];
  const Pt2Argument *output = &signature->graph->graph->outputs.items[i];
  bool same;
  if (spec->which == PT2_UNKNOWN_MEMBER)
    return;
  if (spec->argument != NULL)
    same = same_argument (spec->argument, output);
  else
    same = output->which == PT2_ARGUMENT_AS_TENSOR && text_equal (spec->name, output->as_tensor.name);
  if (!same)
    check_add (signature->check, CHECK_S104, AT (out_path, i), "the spec is about %s, the output is %s %s",
               spec->argument != NULL && spec->name.data == NULL ? check_member_name (spec->argument)
                                                                 : shown (spec->name).text,
               check_member_name (output), shown (check_single_name (output)).text);
}

static int
rank_of_output (const Spec *spec)
{
  return spec->which == PT2_OUTPUT_SPEC_TOKEN ? 0 : spec_is_mutation (spec) ? 1 : 2;
}

static void
check_output_order (const Signature *signature)
{
  for (uint32_t i = 1; i < signature->n_outputs; i++)
    if (rank_of_output (&signature->outputs[i]) < rank_of_output (&signature->outputs[i - 1]))
      {
        check_add (signature->check, CHECK_S107, AT (out_path, i), "%s", shown (signature->outputs[i].name).text);
        return;
      }
}

/* The kind of input that an output's target must be. */
static uint32_t
kind_of_target (const Spec *output)
{
  switch (output->which)
    {
    case PT2_OUTPUT_SPEC_BUFFER_MUTATION:
      return PT2_INPUT_SPEC_BUFFER;
    case PT2_OUTPUT_SPEC_PARAMETER_MUTATION:
    case PT2_OUTPUT_SPEC_GRADIENT_TO_PARAMETER:
      return PT2_INPUT_SPEC_PARAMETER;
    case PT2_OUTPUT_SPEC_USER_INPUT_MUTATION:
    case PT2_OUTPUT_SPEC_GRADIENT_TO_USER_INPUT:
      return PT2_INPUT_SPEC_USER_INPUT;
    default:
      return 0;
    }
}

static bool
same_sizes (const Pt2SymIntList *a, const Pt2SymIntList *b)
{
  if (a->len != b->len)
    return false;
  for (uint32_t i = 0; i < a->len; i++)
    if (a->items[i].which == PT2_SYM_INT_AS_INT && b->items[i].which == PT2_SYM_INT_AS_INT
        && a->items[i].as_int != b->items[i].as_int)
      return false;
  return true;
}

static void
check_mutated (const Signature *signature, uint32_t i, const Spec *target)
{
  const CheckValue *value = check_find_value (signature->graph, signature->outputs[i].name);
  const CheckValue *old = check_find_value (signature->graph, target->name);
  if (value == NULL || old == NULL || value->kind != VALUE_TENSOR || old->kind != VALUE_TENSOR)
    return;
  const Pt2TensorMeta *new_meta = value->meta, *old_meta = old->meta;
  if (new_meta->dtype != old_meta->dtype || !same_sizes (&new_meta->sizes, &old_meta->sizes))
    check_add (signature->check, CHECK_S116, AT (out_path, i), "%s and %s", shown (value->name).text,
               shown (old->name).text);
}

static void
check_output_target (const Signature *signature, uint32_t i, bool *mutated)
{
  const Spec *spec = &signature->outputs[i];
  uint32_t kind = kind_of_target (spec);
  if (kind == 0)
    return;
  uint32_t at = find_target (signature, spec->target);
  if (at == PT2_TEXT_INDEX_NONE || signature->inputs[at].which != kind)
    {
      check_add (signature->check, CHECK_S106, AT (out_path, i), "%s", shown (spec->target).text);
      return;
    }
  if (!spec_is_mutation (spec))
    return;
  if (mutated[at])
    check_add (signature->check, CHECK_S117, AT (out_path, i), "%s", shown (spec->target).text);
  mutated[at] = true;
  check_mutated (signature, i, &signature->inputs[at]);
}

/* ---- the whole ---- */

static bool
read_specs (Signature *signature)
{
  const Pt2GraphSignature *native = &signature->check->exported->graph_module.signature;
  signature->n_inputs = native->input_specs.len;
  signature->n_outputs = native->output_specs.len;
  signature->inputs = check_alloc (signature->check, signature->n_inputs, sizeof (Spec));
  signature->outputs = check_alloc (signature->check, signature->n_outputs, sizeof (Spec));
  signature->targets = check_alloc (signature->check, signature->n_inputs, sizeof (Target));
  if (signature->inputs == NULL || signature->outputs == NULL || signature->targets == NULL)
    return false;
  for (uint32_t i = 0; i < signature->n_inputs; i++)
    signature->inputs[i] = check_input_spec (&native->input_specs.items[i]);
  for (uint32_t i = 0; i < signature->n_outputs; i++)
    signature->outputs[i] = check_output_spec (&native->output_specs.items[i]);
  return true;
}

static void
check_counts (const Signature *signature)
{
  const Pt2Graph *graph = signature->graph->graph;
  if (signature->n_inputs != graph->inputs.len)
    check_add (signature->check, CHECK_S101, in_path, "%u specs, %u inputs", signature->n_inputs, graph->inputs.len);
  if (signature->n_outputs != graph->outputs.len)
    check_add (signature->check, CHECK_S102, out_path, "%u specs, %u outputs", signature->n_outputs,
               graph->outputs.len);
}

void
check_signature_rules (Check *check, const CheckGraph *graph)
{
  Signature signature = { .check = check, .graph = graph };
  if (!read_specs (&signature))
    return;
  bool *mutated = check_alloc (check, signature.n_inputs, sizeof *mutated);
  pt2_text_index_init (&signature.index);
  check_counts (&signature);
  for (uint32_t i = 0; i < MIN (signature.n_inputs, graph->graph->inputs.len); i++)
    check_input (&signature, i);
  for (uint32_t i = 0; i < signature.n_inputs; i++)
    add_target (&signature, i);
  check_input_order (&signature);
  check_exchanged (&signature);
  for (uint32_t i = 0; i < MIN (signature.n_outputs, graph->graph->outputs.len); i++)
    check_output (&signature, i);
  check_output_order (&signature);
  for (uint32_t i = 0; mutated != NULL && i < signature.n_outputs; i++)
    check_output_target (&signature, i, mutated);
  pt2_text_index_clear (&signature.index);
}
