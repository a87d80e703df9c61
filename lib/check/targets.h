/* SPDX-License-Identifier: Apache-2.0 */
/* What the target of a node is, by its spelling alone. */
#pragma once

#include "pt2-types.h"

typedef enum
{
  TARGET_UNKNOWN,      /* PyTorch cannot resolve it */
  TARGET_OPERATOR,     /* torch.ops.NAMESPACE.NAME.OVERLOAD */
  TARGET_HIGHER_ORDER, /* torch.ops.higher_order.NAME */
  TARGET_FUNCTION,     /* a function that programs may call */
  TARGET_EXTENSION,    /* #NAMESPACE:NAME */
  TARGET_FOREIGN,      /* PyTorch would find something of that name, but no program calls it */
} TargetKind;

TargetKind target_kind (Pt2String target);
