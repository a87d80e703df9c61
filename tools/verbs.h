/* SPDX-License-Identifier: Apache-2.0 */
/* Every verb, one file each: verb_NAME.c. */
#pragma once

#include "command.h"

extern const Verb verb_annotate, verb_cat, verb_convert, verb_expr, verb_help, verb_info, verb_limits, verb_ls,
    verb_ops, verb_pack, verb_pickle, verb_shapes, verb_sig, verb_tensors, verb_extract, verb_strip, verb_verify,
    verb_graph, verb_diff;
extern const Verb verb_call, verb_serve;
extern const Verb verb_schema;
extern const Verb verb_edit;
extern const Verb verb_canon, verb_hash;
