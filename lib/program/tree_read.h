/* SPDX-License-Identifier: Apache-2.0 */
/* Reads tree specs into an arena of the caller's: for Pt2TreeSpec and for the names that guards use. */
#pragma once

#include "pt2-tree-spec.h"
#include "shapes_source.h"
#include "text_index.h"

/* A kind of named tuple. */
typedef struct
{
  Pt2String name; /* first, for the index */
  Pt2Source fields;
} Pt2TreeTuple;

/* Those that a program knows. */
typedef struct
{
  Pt2TreeTuple *items;
  guint n;
  Pt2TextIndex index;
} Pt2TreeTuples;

/* False: no memory. To be cleared in either case. */
bool pt2_tree_tuples_init (Pt2TreeTuples *tuples, Pt2Program *program, Pt2Arena *arena);
void pt2_tree_tuples_clear (Pt2TreeTuples *tuples);

/* The tree in TEXT, which must outlive it. TUPLES may be NULL. */
bool pt2_tree_read (Pt2Arena *arena, Pt2String text, const Pt2TreeTuples *tuples, const Pt2Limits *limits,
                    Pt2TreeNode *root, Pt2Status *status);
