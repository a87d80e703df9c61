/* SPDX-License-Identifier: Apache-2.0 */
#include "signature.h"
#include <string.h>

const Pt2ModuleCallSignature *
pt2_fx_root_call (const Pt2FxModule *module)
{
  const Pt2ModuleCallEntryList *calls = &module->exported->graph_module.module_call_graph;
  for (uint32_t i = 0; i < calls->len; i++)
    if (calls->items[i].fqn.len == 0)
      return calls->items[i].signature;
  return NULL;
}

bool
pt2_fx_split_arguments (const Pt2TreeSpec *tree, const Pt2TreeNode **args, const Pt2TreeNode **kwargs)
{
  const Pt2TreeNode *root = pt2_tree_spec_get_root (tree);
  if (root->kind != PT2_TREE_TUPLE || root->n_children != 2 || root->children[0].kind != PT2_TREE_TUPLE
      || root->children[1].kind != PT2_TREE_DICT)
    return false;
  *args = &root->children[0];
  *kwargs = &root->children[1];
  return true;
}

bool
pt2_fx_is_read_input (const Pt2FxModule *module, const Pt2InputSpec *spec)
{
  const Pt2InputSpecList *read = &module->exported->graph_module.signature.input_specs;
  return spec >= read->items && spec < read->items + read->len;
}

bool
pt2_fx_is_read_output (const Pt2FxModule *module, const Pt2OutputSpec *spec)
{
  const Pt2OutputSpecList *read = &module->exported->graph_module.signature.output_specs;
  return spec >= read->items && spec < read->items + read->len;
}

bool
pt2_fx_is_passed (const Pt2InputSpec *spec)
{
  return spec->which == PT2_INPUT_SPEC_USER_INPUT || spec->which == PT2_INPUT_SPEC_CONSTANT_INPUT;
}

bool
pt2_fx_is_given (const Pt2OutputSpec *spec)
{
  return spec->which == PT2_OUTPUT_SPEC_USER_OUTPUT || spec->which == PT2_OUTPUT_SPEC_LOSS_OUTPUT;
}

/* What the output is the new value or the gradient of, by the qualified name of what is stored or by the name of an
 * input. */
static Pt2String
target_of (const Pt2OutputSpec *spec)
{
  switch (spec->which)
    {
    case PT2_OUTPUT_SPEC_BUFFER_MUTATION:
      return spec->buffer_mutation->buffer_name;
    case PT2_OUTPUT_SPEC_PARAMETER_MUTATION:
      return spec->parameter_mutation->parameter_name;
    case PT2_OUTPUT_SPEC_GRADIENT_TO_PARAMETER:
      return spec->gradient_to_parameter->parameter_name;
    case PT2_OUTPUT_SPEC_GRADIENT_TO_USER_INPUT:
      return spec->gradient_to_user_input->user_input_name;
    case PT2_OUTPUT_SPEC_USER_INPUT_MUTATION:
      return spec->user_input_mutation->user_input_name;
    default:
      return (Pt2String){ NULL, 0 };
    }
}

Pt2String
pt2_fx_spec_input_target (const Pt2InputSpec *spec)
{
  switch (spec->which)
    {
    case PT2_INPUT_SPEC_PARAMETER:
      return spec->parameter->parameter_name;
    case PT2_INPUT_SPEC_BUFFER:
      return spec->buffer->buffer_name;
    case PT2_INPUT_SPEC_TENSOR_CONSTANT:
      return spec->tensor_constant->tensor_constant_name;
    case PT2_INPUT_SPEC_CUSTOM_OBJ:
      return spec->custom_obj->custom_obj_name;
    default:
      return (Pt2String){ NULL, 0 };
    }
}

bool
pt2_fx_is_changed (const Pt2FxNode *node)
{
  const Pt2FxModule *module = node->graph->module;
  const Pt2FxNode *output = node->graph->output;
  if (node->graph->parent != NULL || node->spec == NULL)
    return false;
  Pt2String stored = pt2_fx_spec_input_target (node->spec);
  Pt2String name = stored.data != NULL ? stored : pt2_fx_spec_input_name (node->spec);
  for (uint32_t i = 0; i < output->n_inputs; i++)
    {
      const Pt2OutputSpec *spec = output->specs[i];
      if (spec == NULL)
        continue;
      Pt2String target = target_of (spec);
      if (pt2_fx_is_read_output (module, spec)
              ? pt2_fx_is_read_input (module, node->spec) && target.data != NULL && target.len == name.len
                    && memcmp (target.data, name.data, name.len) == 0
              : ((const Pt2FxMadeOutput *)(const void *)spec)->target == node)
        return true;
    }
  return false;
}
