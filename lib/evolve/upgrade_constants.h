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
/* The same out of CONSTANT; false with V001, V002, I…, or no memory. */
bool pt2_graph_constant_read (Pt2Upgrading *upgrading, const Pt2GraphConstant *constant, Pt2TensorMeta *meta);
/* N values more in a list of ITEMS of ITEM bytes each, from AT on: the new list, its new values zeroed. NULL: no
 * memory.
 */
void *pt2_list_open_gap (Pt2Draft *draft, const void *items, uint32_t len, size_t item, uint32_t at, uint32_t n);

/* upgrade_lift.c: how many constants the subgraphs of GRAPH hold, or -1 if one cannot be had out of there (V002). */
int64_t pt2_lift_count (Pt2Upgrading *upgrading, const Pt2JsonNode *graph);
/* Makes operands of them, which go by new names in the root graph; CONSTANTS has room for all. False as above. */
bool pt2_lift_constants (Pt2Upgrading *upgrading, const Pt2JsonNode *graph, Pt2GraphConstant *constants);
