/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a graph has, for steps that give new ones. Names of its subgraphs are others. */
#pragma once

#include "upgrade_private.h"

typedef struct
{
  Pt2TextIndex index;
  Pt2String *names;
  uint32_t n, room;
} Pt2GraphNames;

/* The names of all values of GRAPH, with room for MORE. False: no memory. Always to be cleared. */
bool pt2_graph_names_init (Pt2GraphNames *names, const Pt2Graph *graph, uint32_t more);
void pt2_graph_names_clear (Pt2GraphNames *names);
/* A name that none has, which is taken then: the stem of TARGET, which PyTorch would take, else with NUMBER behind it.
 * NULL text: no memory, remembered. */
Pt2String pt2_graph_names_make (Pt2Draft *draft, Pt2GraphNames *names, Pt2String target, uint64_t number);
