/* SPDX-License-Identifier: Apache-2.0 */
/* Input and output specs in one form, whatever their kind. */
#pragma once

#include "pt2-schema.h"

typedef struct
{
  uint32_t which;              /* PT2_INPUT_SPEC_… or PT2_OUTPUT_SPEC_… */
  Pt2String name;              /* of the value; data NULL: none, a constant */
  Pt2String target;            /* data NULL: its kind has none */
  const Pt2Argument *argument; /* of user inputs and outputs, else NULL */
  const Pt2ConstantValue *constant;
  bool persistent;
} Spec;

Spec check_input_spec (const Pt2InputSpec *spec);
Spec check_output_spec (const Pt2OutputSpec *spec);

static inline bool
spec_is_user_input (const Spec *spec)
{
  return spec->which == PT2_INPUT_SPEC_USER_INPUT || spec->which == PT2_INPUT_SPEC_CONSTANT_INPUT;
}

static inline bool
spec_is_user_output (const Spec *spec)
{
  return spec->which == PT2_OUTPUT_SPEC_USER_OUTPUT || spec->which == PT2_OUTPUT_SPEC_LOSS_OUTPUT;
}

static inline bool
spec_is_mutation (const Spec *spec)
{
  return spec->which == PT2_OUTPUT_SPEC_BUFFER_MUTATION || spec->which == PT2_OUTPUT_SPEC_PARAMETER_MUTATION
         || spec->which == PT2_OUTPUT_SPEC_USER_INPUT_MUTATION;
}
