/* SPDX-License-Identifier: Apache-2.0 */
/* Which value of the graph a specification of the signature is about. */
#include "graph.h"
#include "graphs.h"

Pt2String
pt2_fx_spec_input_name (const Pt2InputSpec *spec)
{
  switch (spec->which)
    {
    case PT2_INPUT_SPEC_USER_INPUT:
      return pt2_argument_value_name (&spec->user_input->arg);
    case PT2_INPUT_SPEC_PARAMETER:
      return spec->parameter->arg.name;
    case PT2_INPUT_SPEC_BUFFER:
      return spec->buffer->arg.name;
    case PT2_INPUT_SPEC_TENSOR_CONSTANT:
      return spec->tensor_constant->arg.name;
    case PT2_INPUT_SPEC_CUSTOM_OBJ:
      return spec->custom_obj->arg.name;
    case PT2_INPUT_SPEC_TOKEN:
      return spec->token->arg.name;
    case PT2_INPUT_SPEC_CONSTANT_INPUT:
      return spec->constant_input->name;
    default:
      return (Pt2String){ NULL, 0 };
    }
}

Pt2String
pt2_fx_spec_output_name (const Pt2OutputSpec *spec)
{
  switch (spec->which)
    {
    case PT2_OUTPUT_SPEC_USER_OUTPUT:
      return pt2_argument_value_name (&spec->user_output->arg);
    case PT2_OUTPUT_SPEC_LOSS_OUTPUT:
      return spec->loss_output->arg.name;
    case PT2_OUTPUT_SPEC_BUFFER_MUTATION:
      return spec->buffer_mutation->arg.name;
    case PT2_OUTPUT_SPEC_PARAMETER_MUTATION:
      return spec->parameter_mutation->arg.name;
    case PT2_OUTPUT_SPEC_GRADIENT_TO_PARAMETER:
      return spec->gradient_to_parameter->arg.name;
    case PT2_OUTPUT_SPEC_GRADIENT_TO_USER_INPUT:
      return spec->gradient_to_user_input->arg.name;
    case PT2_OUTPUT_SPEC_USER_INPUT_MUTATION:
      return spec->user_input_mutation->arg.name;
    case PT2_OUTPUT_SPEC_TOKEN:
      return spec->token->arg.name;
    default:
      return (Pt2String){ NULL, 0 };
    }
}
