/* SPDX-License-Identifier: Apache-2.0 */
/* Where nodes come from, by their metadata: the module and the line of source. */
#pragma once

#include "command.h"

/* FQN of the innermost module that NODE was traced in, "" for the root; of a parameter and its like, the module that
 * owns it. *TYPE: that module's type, the last part of its name. (transfer full), both; not escaped. */
char *graph_module_of (Pt2FxNode *node, char **type);
/* Orders FQNs part by part, so that a module stands before what is in it. */
int graph_module_compare (const char *a, const char *b);
