/* SPDX-License-Identifier: Apache-2.0 */
/* For Mermaid, which pages of Markdown draw. */
#include "graph_boxes.h"
#include "graph_forms.h"
#include "show.h"
#include <string.h>

/* Inside of quotes: what Mermaid or the page around it would read as its own comes as a numbered entity. */
static void
put_quoted (const char *text)
{
  for (; *text != '\0'; text++)
    if (strchr ("\"#;<>&`\\[]{}|", *text) != NULL)
      printf ("#%d;", *text);
    else
      putchar_unlocked (*text);
}

static void
put_escaped (const char *text)
{
  g_autofree char *shown = escaped (text, -1);
  put_quoted (shown);
}

static void
open_subgraph (guint number, const char *label)
{
  printf ("subgraph c%u[\"", number);
  put_quoted (label);
  fputs ("\"]\n", stdout);
}

static void
close_subgraph (void)
{
  fputs ("end\n", stdout);
}

static void
put_line (const char *text)
{
  fputs (text[0] != '\0' ? "<br/>" : "", stdout);
  put_escaped (text);
}

static void
put_node (const ViewNode *node, const char *note)
{
  Pt2String name = pt2_fx_node_get_name (node->node);
  g_autofree char *shown = escaped (name.data, name.len), *operator= graph_view_operator (node),
                  *value = graph_view_value (node);
  put_quoted (shown);
  fputs ("<br/>", stdout);
  put_escaped (operator);
  put_line (value);
  put_line (note);
}

static void
put_box (const GraphView *view, guint number)
{
  const ViewBox *box = &g_array_index (view->boxes, ViewBox, number);
  const ViewNode *node = &g_array_index (view->nodes, ViewNode, box->first);
  gboolean call = pt2_fx_node_get_op (node->node) == PT2_FX_CALL;
  g_autofree char *note = graph_boxes_note (view, number);
  printf ("n%u%s\"", number, box->folded ? "[[" : call ? "[" : "([");
  if (!box->folded)
    put_node (node, note);
  else
    {
      put_escaped (box->module);
      printf ("<br/>%u nodes", box->n_nodes);
      put_line (note);
    }
  printf ("\"%s\n", box->folded ? "]]" : call ? "]" : "])");
}

static void
put_edge (const ViewEdge *edge)
{
  printf ("n%u %s n%u\n", edge->from, edge->subgraph ? "-.->" : "-->", edge->to);
}

static void
put_title (const char *text)
{
  printf ("%%%% %s\n", text);
}

void
graph_mermaid (const GraphView *view)
{
  static const Drawing drawing = { "flowchart TD\n", "", open_subgraph, close_subgraph, put_box, put_edge, put_title };
  graph_draw (view, &drawing);
}
