/* SPDX-License-Identifier: Apache-2.0 */
#include "specs.h"
#include "check_private.h"

Spec
check_input_spec (const Pt2InputSpec *spec)
{
  Spec out = { .which = spec->which };
  switch (spec->which)
    {
    case PT2_INPUT_SPEC_USER_INPUT:
      out.argument = &spec->user_input->arg;
      out.name = check_single_name (out.argument);
      break;
    case PT2_INPUT_SPEC_PARAMETER:
      out.name = spec->parameter->arg.name;
      out.target = spec->parameter->parameter_name;
      break;
    case PT2_INPUT_SPEC_BUFFER:
      out.name = spec->buffer->arg.name;
      out.target = spec->buffer->buffer_name;
      out.persistent = spec->buffer->persistent;
      break;
    case PT2_INPUT_SPEC_TENSOR_CONSTANT:
      out.name = spec->tensor_constant->arg.name;
      out.target = spec->tensor_constant->tensor_constant_name;
      break;
    case PT2_INPUT_SPEC_CUSTOM_OBJ:
      out.name = spec->custom_obj->arg.name;
      out.target = spec->custom_obj->custom_obj_name;
      break;
    case PT2_INPUT_SPEC_TOKEN:
      out.name = spec->token->arg.name;
      break;
    case PT2_INPUT_SPEC_CONSTANT_INPUT:
      out.constant = &spec->constant_input->value;
      break;
    default:
      break;
    }
  return out;
}

Spec
check_output_spec (const Pt2OutputSpec *spec)
{
  Spec out = { .which = spec->which };
  switch (spec->which)
    {
    case PT2_OUTPUT_SPEC_USER_OUTPUT:
      out.argument = &spec->user_output->arg;
      out.name = check_single_name (out.argument);
      break;
    case PT2_OUTPUT_SPEC_LOSS_OUTPUT:
      out.name = spec->loss_output->arg.name;
      break;
    case PT2_OUTPUT_SPEC_BUFFER_MUTATION:
      out.name = spec->buffer_mutation->arg.name;
      out.target = spec->buffer_mutation->buffer_name;
      break;
    case PT2_OUTPUT_SPEC_PARAMETER_MUTATION:
      out.name = spec->parameter_mutation->arg.name;
      out.target = spec->parameter_mutation->parameter_name;
      break;
    case PT2_OUTPUT_SPEC_GRADIENT_TO_PARAMETER:
      out.name = spec->gradient_to_parameter->arg.name;
      out.target = spec->gradient_to_parameter->parameter_name;
      break;
    case PT2_OUTPUT_SPEC_GRADIENT_TO_USER_INPUT:
      out.name = spec->gradient_to_user_input->arg.name;
      out.target = spec->gradient_to_user_input->user_input_name;
      break;
    case PT2_OUTPUT_SPEC_USER_INPUT_MUTATION:
      out.name = spec->user_input_mutation->arg.name;
      out.target = spec->user_input_mutation->user_input_name;
      break;
    case PT2_OUTPUT_SPEC_TOKEN:
      out.name = spec->token->arg.name;
      break;
    default:
      break;
    }
  return out;
}
