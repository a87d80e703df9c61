/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors that a graph of schema major 1 holds as base64 of a file of torch.save. Nothing in them is run. */
#pragma once

#include "pt2-pickle.h"
#include "upgrade_private.h"

/* The file, read; NULL with I… or V001. (transfer full) */
Pt2Pickle *pt2_graph_constant_open (const Pt2GraphConstant *constant, const Pt2Limits *limits, GError **error);
/* The only tensor in it: a plain one, whose elements are there; NULL with V002. */
const Pt2PickleTensor *pt2_graph_constant_tensor (const Pt2GraphConstant *constant, Pt2Pickle *pickle, GError **error);
/* Its description, with memory of DRAFT. False: no memory. */
bool pt2_graph_constant_meta (Pt2Draft *draft, const Pt2PickleTensor *tensor, Pt2TensorMeta *meta);
