/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "graph_view.h"

/* Makes boxes and edges of the nodes that are shown. DEPTH: modules at this level are one box; 0: of many nodes, at the
 * level that gives a drawing to be looked at. */
void graph_boxes_make (GraphView *view, guint depth);
/* What is not drawn of box NUMBER's edges, in words; "" if all are. (transfer full), not escaped. */
char *graph_boxes_note (const GraphView *view, guint number);
