/* SPDX-License-Identifier: Apache-2.0 */
/* What changing a program's graphs begins with: all of them, the root and those among the arguments of nodes, and the
 * names of values. */
#pragma once

#include "pt2-schema.h"

/* NUMBER: 0 for the root, 1… for subgraphs in the order of the file. False stops. */
typedef bool (*Pt2GraphFunc) (Pt2Graph *graph, uint32_t number, void *data);
/* A graph before those inside it. Recursion is as deep as the value, which the readers bounded. False: stopped. */
bool pt2_graphs_foreach (Pt2Graph *root, Pt2GraphFunc func, void *data);

/* The one value that ARGUMENT names: a tensor, a symbolic number, a script object; else {NULL, 0}. */
Pt2String pt2_argument_value_name (const Pt2Argument *argument);
