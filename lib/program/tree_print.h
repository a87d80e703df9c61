/* SPDX-License-Identifier: Apache-2.0 */
/* Tree specs as text, as they were read or with leaves taken out and put in. */
#pragma once

#include "buffer.h"
#include "pt2-tree-spec.h"

/* How a tree is printed otherwise than it was read. */
typedef struct
{
  /* Of N leaves, how many of the first 0, 1, … N go. A node whose leaves all go goes too, unless it is less than
   * `fixed_depth` below the root's parent. */
  const uint32_t *gone;
  guint fixed_depth;
  const Pt2TreeNode *grown;  /* the node that gets leaves behind its last child, or NULL */
  uint32_t n_new;            /* that many */
  bool wrapped;              /* the root is put into a tuple, and the new leaves behind it there */
  const Pt2TreeNode *misfit; /* out: a node whose type says what its children are, and that would lose one */
} Pt2TreeChange;

/* Appends the whole spec. CHANGE may be NULL. False: no memory, or a misfit. */
bool pt2_tree_print (Pt2Buffer *out, const Pt2TreeNode *root, Pt2TreeChange *change);
/* Do all of NODE's leaves go, and it has some? */
bool pt2_tree_is_gone (const Pt2TreeChange *change, const Pt2TreeNode *node);
