/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks of single calls share. */
#pragma once

#include "check_private.h"
#include "pt2-ops.h"

typedef struct
{
  Check *check;
  const Pt2Ops *ops;
  struct Inferences *inferences;
  bool newer;       /* the program may call operators that are not built in here */
  uint32_t unknown; /* calls without a known schema */
  Pt2String first_unknown;
} OperatorCheck;

void check_operator (OperatorCheck *operators, const CheckGraph *graph, uint32_t number);
