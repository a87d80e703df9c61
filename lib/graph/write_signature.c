/* SPDX-License-Identifier: Apache-2.0 */
/* The signature and the module call graph, in step with the graph. */
#include "signature.h"
#include "graphs.h"
#include "write.h"
#include <string.h>

static bool
same_text (Pt2String a, Pt2String b)
{
  return a.len == b.len && a.data != NULL && b.data != NULL && memcmp (a.data, b.data, a.len) == 0;
}

/* The node that the root's value OLD of the program has become; NULL if it is gone. */
static Pt2FxNode *
node_of (const Writer *writer, Pt2String old)
{
  const Pt2FxModule *module = writer->module;
  uint32_t number = pt2_text_index_find (&writer->renamed, module->renames, sizeof *module->renames, old);
  Pt2FxNode *node = number != PT2_TEXT_INDEX_NONE ? module->renames[number].node
                                                  : pt2_fx_names_find (&module->graphs[0]->names, old);
  for (uint32_t i = 0; i < module->n_renames && node != NULL && (node->flags & PT2_FX_ERASED); i++)
    {
      number = pt2_text_index_find (&writer->renamed, module->renames, sizeof *module->renames, pt2_fx_name (node));
      node = number != PT2_TEXT_INDEX_NONE ? module->renames[number].node : NULL;
    }
  return node != NULL && !(node->flags & PT2_FX_ERASED) ? node : NULL;
}

/* The name that the root's value OLD has now; OLD itself if it is gone. */
static Pt2String
name_now (Writer *writer, Pt2String old)
{
  const Pt2FxNode *node = node_of (writer, old);
  return node != NULL ? pt2_fx_write_name (writer, node) : old;
}

/* ---- inputs ---- */

/* Copies what the union at FROM points to, of the struct called TYPE: it will be written to. */
static void *
copy_inner (Writer *writer, const char *type, const void *from)
{
  const Pt2TypeInfo *info = pt2_schema_find_struct (&pt2_export_schema, type)->type;
  void *to = pt2_fx_room (writer, 1, info->size);
  return to != NULL && pt2_fx_copy (writer, info, to, from) ? to : NULL;
}

static bool
rename_input (Writer *writer, const Pt2FxNode *node, Pt2InputSpec *spec)
{
  Pt2String name = pt2_fx_write_name (writer, node);
  switch (spec->which)
    {
    case PT2_INPUT_SPEC_USER_INPUT:
      spec->user_input = copy_inner (writer, "UserInputSpec", spec->user_input);
      return spec->user_input != NULL
             && (node->value_kind == PT2_FX_VALUE_CONSTANT
                 || pt2_fx_write_value (writer, node, &spec->user_input->arg));
    case PT2_INPUT_SPEC_PARAMETER:
      spec->parameter = copy_inner (writer, "InputToParameterSpec", spec->parameter);
      return spec->parameter != NULL && (spec->parameter->arg.name = name).data != NULL;
    case PT2_INPUT_SPEC_BUFFER:
      spec->buffer = copy_inner (writer, "InputToBufferSpec", spec->buffer);
      return spec->buffer != NULL && (spec->buffer->arg.name = name).data != NULL;
    case PT2_INPUT_SPEC_TENSOR_CONSTANT:
      spec->tensor_constant = copy_inner (writer, "InputToTensorConstantSpec", spec->tensor_constant);
      return spec->tensor_constant != NULL && (spec->tensor_constant->arg.name = name).data != NULL;
    case PT2_INPUT_SPEC_CUSTOM_OBJ:
      spec->custom_obj = copy_inner (writer, "InputToCustomObjSpec", spec->custom_obj);
      return spec->custom_obj != NULL && (spec->custom_obj->arg.name = name).data != NULL;
    case PT2_INPUT_SPEC_TOKEN:
      spec->token = copy_inner (writer, "InputTokenSpec", spec->token);
      return spec->token != NULL && (spec->token->arg.name = name).data != NULL;
    case PT2_INPUT_SPEC_CONSTANT_INPUT:
      spec->constant_input = copy_inner (writer, "InputToConstantInputSpec", spec->constant_input);
      return spec->constant_input != NULL && (spec->constant_input->name = name).data != NULL;
    default:
      return true;
    }
}

static bool
write_input_specs (Writer *writer, Pt2InputSpecList *to)
{
  const Pt2FxGraph *root = writer->module->graphs[0];
  const Pt2TypeInfo *type = pt2_schema_find_struct (&pt2_export_schema, "InputSpec")->type;
  uint32_t n = 0;
  for (const Pt2FxNode *node = root->first; node->op == PT2_FX_PLACEHOLDER; node = node->next)
    n += node->spec != NULL;
  Pt2InputSpec *specs = pt2_fx_room (writer, n, sizeof *specs);
  *to = (Pt2InputSpecList){ specs, n };
  for (const Pt2FxNode *node = root->first; specs != NULL && node->op == PT2_FX_PLACEHOLDER; node = node->next)
    if (node->spec != NULL)
      {
        bool file = pt2_fx_is_read_input (writer->module, node->spec);
        Pt2String told = pt2_fx_spec_input_name (node->spec);
        if (!file ? !pt2_fx_deep_copy (&writer->draft->document.arena, type, specs, node->spec)
                  : !pt2_fx_copy (writer, type, specs, node->spec))
          return false;
        if (!same_text (told, pt2_fx_name (node)) && !rename_input (writer, node, specs))
          return false;
        specs++;
      }
  return specs != NULL;
}

/* ---- outputs ---- */

static bool
set_mutated (Writer *writer, Pt2String *target)
{
  *target = name_now (writer, *target);
  return target->data != NULL;
}

static bool
rename_output (Writer *writer, const Pt2FxArgument *value, Pt2OutputSpec *spec)
{
  Pt2String name = value->kind == PT2_FX_NODE ? pt2_fx_write_name (writer, value->node) : (Pt2String){ "", 0 };
  switch (spec->which)
    {
    case PT2_OUTPUT_SPEC_USER_OUTPUT:
      spec->user_output = copy_inner (writer, "UserOutputSpec", spec->user_output);
      return spec->user_output != NULL && pt2_fx_write_argument (writer, value, NULL, &spec->user_output->arg);
    case PT2_OUTPUT_SPEC_LOSS_OUTPUT:
      spec->loss_output = copy_inner (writer, "LossOutputSpec", spec->loss_output);
      return spec->loss_output != NULL && (spec->loss_output->arg.name = name).data != NULL;
    case PT2_OUTPUT_SPEC_BUFFER_MUTATION:
      spec->buffer_mutation = copy_inner (writer, "BufferMutationSpec", spec->buffer_mutation);
      return spec->buffer_mutation != NULL && (spec->buffer_mutation->arg.name = name).data != NULL;
    case PT2_OUTPUT_SPEC_PARAMETER_MUTATION:
      spec->parameter_mutation = copy_inner (writer, "ParameterMutationSpec", spec->parameter_mutation);
      return spec->parameter_mutation != NULL && (spec->parameter_mutation->arg.name = name).data != NULL;
    case PT2_OUTPUT_SPEC_GRADIENT_TO_PARAMETER:
      spec->gradient_to_parameter = copy_inner (writer, "GradientToParameterSpec", spec->gradient_to_parameter);
      return spec->gradient_to_parameter != NULL && (spec->gradient_to_parameter->arg.name = name).data != NULL;
    case PT2_OUTPUT_SPEC_GRADIENT_TO_USER_INPUT:
      spec->gradient_to_user_input = copy_inner (writer, "GradientToUserInputSpec", spec->gradient_to_user_input);
      return spec->gradient_to_user_input != NULL && (spec->gradient_to_user_input->arg.name = name).data != NULL
             && set_mutated (writer, &spec->gradient_to_user_input->user_input_name);
    case PT2_OUTPUT_SPEC_USER_INPUT_MUTATION:
      spec->user_input_mutation = copy_inner (writer, "UserInputMutationSpec", spec->user_input_mutation);
      return spec->user_input_mutation != NULL && (spec->user_input_mutation->arg.name = name).data != NULL
             && set_mutated (writer, &spec->user_input_mutation->user_input_name);
    case PT2_OUTPUT_SPEC_TOKEN:
      spec->token = copy_inner (writer, "OutputTokenSpec", spec->token);
      return spec->token != NULL && (spec->token->arg.name = name).data != NULL;
    default:
      return true;
    }
}

/* What a mutation, loss or gradient gives is a tensor; only what the caller gets may be a plain value. */
static bool
fits_spec (Writer *writer, const Pt2FxArgument *value, const Pt2OutputSpec *spec)
{
  bool node = value->kind == PT2_FX_NODE;
  bool fits = spec->which == PT2_OUTPUT_SPEC_USER_OUTPUT || spec->which == PT2_UNKNOWN_MEMBER
              || (node && (spec->which == PT2_OUTPUT_SPEC_TOKEN || value->node->value_kind == PT2_FX_VALUE_TENSOR));
  return fits || !writer->module->edited
         || pt2_fx_fault (writer->module->graphs[0], NULL, PT2_ERROR_G015, writer->error, "%s",
                          "what an input becomes, a loss or a gradient is no tensor");
}

static bool
write_output_specs (Writer *writer, Pt2OutputSpecList *to)
{
  const Pt2FxNode *output = writer->module->graphs[0]->output;
  const Pt2TypeInfo *type = pt2_schema_find_struct (&pt2_export_schema, "OutputSpec")->type;
  Pt2OutputSpec *specs = pt2_fx_room (writer, output->n_inputs, sizeof *specs);
  *to = (Pt2OutputSpecList){ specs, 0 };
  for (uint32_t i = 0; specs != NULL && i < output->n_inputs; i++)
    {
      const Pt2OutputSpec *spec = output->specs[i];
      if (spec == NULL)
        continue;
      bool file = pt2_fx_is_read_output (writer->module, spec);
      Pt2OutputSpec *made = &specs[to->len++];
      if (!file ? !pt2_fx_deep_copy (&writer->draft->document.arena, type, made, spec)
                : !pt2_fx_copy (writer, type, made, spec))
        return false;
      if (!fits_spec (writer, &output->inputs[i], spec) || !rename_output (writer, &output->inputs[i], made))
        return false;
      if (!file && made->which == PT2_OUTPUT_SPEC_USER_INPUT_MUTATION)
        made->user_input_mutation->user_input_name
            = pt2_fx_write_name (writer, ((const Pt2FxMadeOutput *)(const void *)spec)->target);
    }
  return specs != NULL;
}

/* ---- the module call graph ---- */

/* False: a value is gone. */
static bool
rename_values (Writer *writer, Pt2ArgumentList *list)
{
  Pt2Argument *items = pt2_fx_room (writer, list->len, sizeof *items);
  for (uint32_t i = 0; items != NULL && i < list->len; i++)
    {
      Pt2String name = pt2_argument_value_name (&list->items[i]);
      Pt2FxNode *node = name.data != NULL ? node_of (writer, name) : NULL;
      if (name.data != NULL && name.len > 0 && node == NULL)
        return false;
      if (!pt2_fx_copy (writer, writer->argument_type, &items[i], &list->items[i]))
        return false;
      if (node != NULL && !same_text (name, pt2_fx_name (node)) && !pt2_fx_write_value (writer, node, &items[i]))
        return false;
    }
  list->items = items;
  return items != NULL;
}

/* A call of a module whose values are not all there any more is no longer known to be one: PyTorch demands that all
 * are. */
static bool
write_calls (Writer *writer, Pt2ModuleCallEntryList *to)
{
  const Pt2ModuleCallEntryList read = *to;
  const Pt2TypeInfo *type = pt2_schema_find_struct (&pt2_export_schema, "ModuleCallEntry")->type;
  to->items = pt2_fx_room (writer, read.len, sizeof *to->items);
  for (uint32_t i = 0; to->items != NULL && i < read.len; i++)
    {
      Pt2ModuleCallEntry *entry = &to->items[i];
      if (!pt2_fx_copy (writer, type, entry, &read.items[i]))
        return false;
      if (entry->signature == NULL)
        continue;
      entry->signature = copy_inner (writer, "ModuleCallSignature", entry->signature);
      if (entry->signature == NULL)
        return false;
      if (entry->fqn.len == 0)
        {
          if (!pt2_fx_write_trees (writer, entry->signature))
            return false;
          continue;
        }
      if (!rename_values (writer, &entry->signature->inputs) || !rename_values (writer, &entry->signature->outputs))
        entry->signature = NULL;
    }
  return to->items != NULL && !pt2_draft_failed (writer->draft);
}

/* A graph that nobody changed has the signature that it was read with. */
bool
pt2_fx_write_signature (Writer *writer, Pt2GraphModule *to)
{
  const Pt2FxModule *module = writer->module;
  if (!module->edited)
    return true;
  bool fine = true;
  pt2_text_index_init (&writer->renamed);
  for (uint32_t i = module->n_renames; i > 0 && fine; i--)
    fine = pt2_text_index_claim (&writer->renamed, module->renames, sizeof *module->renames, i - 1)
           != PT2_TEXT_INDEX_NONE;
  fine = fine && write_input_specs (writer, &to->signature.input_specs)
         && write_output_specs (writer, &to->signature.output_specs) && write_calls (writer, &to->module_call_graph);
  pt2_text_index_clear (&writer->renamed);
  return fine;
}
