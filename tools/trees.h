/* SPDX-License-Identifier: Apache-2.0 */
/* Tree specs unfolded: what a program's caller passes and gets, place by place, and the calls of modules that were
 * kept. */
#pragma once

#include "json_out.h"

/* A spec and what its leaves are. */
typedef struct
{
  Pt2String spec;          /* its text; data NULL: there is none */
  const char *root;        /* as of pt2_tree_node_path() */
  const Pt2String *values; /* of the leaves, in order; constants as JSON text */
  guint n_values;
} Tree;

/* For each leaf its path; for each node above it what it is. A spec that cannot be read stands as it is, with why. */
void tree_text (Pt2Program *program, const char *heading, const Tree *tree);
/* [{"path", "type", "value"}, …] with containers before what they hold; null for one that cannot be read. */
void tree_json (Json *json, Pt2Program *program, const Tree *tree);

/* The trees of the whole program; VALUES are to be freed with g_free(). */
Tree tree_of_inputs (Pt2Program *program);
Tree tree_of_outputs (Pt2Program *program);

/* Modules whose calls were kept, besides the root. */
gboolean module_calls_text (Pt2Program *program, GError **error);
gboolean module_calls_json (Json *json, Pt2Program *program, GError **error);
