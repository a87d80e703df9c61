/* SPDX-License-Identifier: Apache-2.0 */
/* The graph as people and programs read it; each form is a file of its own. */
#pragma once

#include "graph_view.h"

void graph_text (const GraphView *view);
void graph_json (const GraphView *view);
void graph_dot (const GraphView *view);
void graph_mermaid (const GraphView *view);

/* How a language of drawings writes boxes in boxes. */
typedef struct
{
  const char *before, *behind;                    /* of the whole */
  void (*open) (guint number, const char *label); /* a box around others */
  void (*close) (void);
  void (*box) (const GraphView *view, guint number);
  void (*edge) (const ViewEdge *edge);
  void (*title) (const char *text); /* of the whole; not escaped */
} Drawing;

/* Draws boxes, in the modules and subgraphs that they belong to, and edges. */
void graph_draw (const GraphView *view, const Drawing *drawing);
