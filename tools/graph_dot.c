/* SPDX-License-Identifier: Apache-2.0 */
/* For Graphviz. */
#include "graph_boxes.h"
#include "graph_forms.h"
#include "show.h"

/* Inside of quotes; TEXT was made safe for people before. */
static void
put_quoted (const char *text)
{
  for (; *text != '\0'; text++)
    {
      if (*text == '"' || *text == '\\')
        putchar_unlocked ('\\');
      putchar_unlocked (*text);
    }
}

static void
put_escaped (const char *text)
{
  g_autofree char *shown = escaped (text, -1);
  put_quoted (shown);
}

static void
open_cluster (guint number, const char *label)
{
  printf ("subgraph cluster_%u {\nlabel=\"", number);
  put_quoted (label);
  fputs ("\"\n", stdout);
}

static void
close_cluster (void)
{
  fputs ("}\n", stdout);
}

static void
put_line (const char *text)
{
  fputs (text[0] != '\0' ? "\\n" : "", stdout);
  put_escaped (text);
}

static void
put_node (const ViewNode *node, const char *note)
{
  Pt2FxOp op = pt2_fx_node_get_op (node->node);
  const Pt2InputSpec *spec = pt2_fx_node_get_input_spec (node->node);
  gboolean weight = spec != NULL && spec->which != PT2_INPUT_SPEC_USER_INPUT;
  Pt2String name = pt2_fx_node_get_name (node->node);
  g_autofree char *shown = escaped (name.data, name.len), *operator= graph_view_operator (node),
                  *value = graph_view_value (node);
  put_quoted (shown);
  fputs ("\\n", stdout);
  put_escaped (operator);
  put_line (value);
  put_line (note);
  fputs (op == PT2_FX_CALL ? "\""
         : weight          ? "\" fillcolor=\"#eeeeee\""
                           : "\" shape=oval fillcolor=\"#ddeeff\"",
         stdout);
}

static void
put_box (const GraphView *view, guint number)
{
  const ViewBox *box = &g_array_index (view->boxes, ViewBox, number);
  const ViewNode *node = &g_array_index (view->nodes, ViewNode, box->first);
  g_autofree char *note = graph_boxes_note (view, number);
  printf ("n%u [label=\"", number);
  if (!box->folded)
    put_node (node, note);
  else
    {
      put_escaped (box->module);
      printf ("\\n%u nodes", box->n_nodes);
      put_line (note);
      fputs ("\" fillcolor=\"#fff3cc\"", stdout);
    }
  fputs ("]\n", stdout);
}

static void
put_edge (const ViewEdge *edge)
{
  printf ("n%u -> n%u%s\n", edge->from, edge->to, edge->subgraph ? " [style=dashed]" : "");
}

static void
put_title (const char *text)
{
  fputs ("label=\"", stdout);
  put_escaped (text);
  fputs ("\"\nlabelloc=t\n", stdout);
}

void
graph_dot (const GraphView *view)
{
  static const Drawing drawing = {
    "digraph pt2 {\n"
    "node [shape=box style=filled fillcolor=white fontname=\"Helvetica\" fontsize=10]\n"
    "graph [fontname=\"Helvetica\" fontsize=10 color=\"#888888\"]\n",
    "}\n",
    open_cluster,
    close_cluster,
    put_box,
    put_edge,
    put_title,
  };
  graph_draw (view, &drawing);
}
