/* SPDX-License-Identifier: Apache-2.0 */
/* How far two arrays of numbers are apart. Knows types of elements and nothing of archives. */
#pragma once

#include "pt2-diff-tensors.h"

/* N_BYTES of each: elements of types OLD and NEW, as many in both. False: the types are not known. */
bool pt2_tensor_distance (const char *old_dtype, const guint8 *old, const char *new_dtype, const guint8 *new,
                          guint64 n_elements, Pt2TensorDistance *distance);
