/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs and outputs of the root that come and go, and the tree specs that follow them. */
#pragma once

#include "edit.h"
#include "pt2-tree-spec.h"

/* What the signature says of an output that was put in here. */
typedef struct
{
  Pt2OutputSpec spec;
  Pt2FxNode *target; /* the input that it is the new value of, or NULL */
} Pt2FxMadeOutput;

/* How the whole program is called; NULL if it does not say. */
const Pt2ModuleCallSignature *pt2_fx_root_call (const Pt2FxModule *module);
/* The pair of positional and keyword arguments in TREE; false if it is none. */
bool pt2_fx_split_arguments (const Pt2TreeSpec *tree, const Pt2TreeNode **args, const Pt2TreeNode **kwargs);
/* Was SPEC, of an input or output, read from the program? */
bool pt2_fx_is_read_input (const Pt2FxModule *module, const Pt2InputSpec *spec);
bool pt2_fx_is_read_output (const Pt2FxModule *module, const Pt2OutputSpec *spec);
/* Qualified name of what is stored; {NULL, 0}: nothing is. */
Pt2String pt2_fx_spec_input_target (const Pt2InputSpec *spec);
/* Does the caller pass it, or get it? These are the leaves of the tree specs. */
bool pt2_fx_is_passed (const Pt2InputSpec *spec);
bool pt2_fx_is_given (const Pt2OutputSpec *spec);
/* Is NODE, an input of the root, one that some output is the new value or the gradient of? */
bool pt2_fx_is_changed (const Pt2FxNode *node);
