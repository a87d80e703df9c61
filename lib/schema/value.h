/* SPDX-License-Identifier: Apache-2.0 */
/* What other modules need of reflection beside the public header: making values
 * and comparing native ones. Never allocates. */
#pragma once

#include "pt2-value.h"
#include "schema.h"

Pt2Value pt2_value_make (const Pt2TypeInfo *type, const void *data);

/* Same content? Both of TYPE. Recursion is as deep as the values, which the readers bounded. */
bool pt2_native_equal (const Pt2TypeInfo *type, const void *a, const void *b);
