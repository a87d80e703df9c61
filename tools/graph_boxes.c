/* SPDX-License-Identifier: Apache-2.0 */
/* What a drawing consists of: nodes and folded modules as boxes, and the edges between them. People look at it and
 * Graphviz has to draw it: of many nodes, modules are folded without being asked, and what goes from one box to very
 * many is written into those instead of drawn. */
#include "graph_boxes.h"
#include "graph_modules.h"
#include <stdlib.h>
#include <string.h>

enum
{
  MOST_BOXES = 200, /* beyond these, modules are folded */
  MOST_LEVELS = 64, /* of modules that are looked at for that */
  MOST_EDGES = 16,  /* out of one box that are drawn */
  NAMES_SHOWN = 4,  /* of boxes that another takes values of */
};

static ViewNode *
node_at (const GraphView *view, guint number)
{
  return &g_array_index (view->nodes, ViewNode, number);
}

static ViewBox *
box_at (const GraphView *view, guint number)
{
  return &g_array_index (view->boxes, ViewBox, number);
}

/* ---- boxes ---- */

/* How much of MODULE is folded into one box at DEPTH; 0: nothing. */
static gsize
folded_length (const char *module, guint depth)
{
  const char *p = module;
  for (guint level = 0; depth > 0 && *p != '\0'; p++)
    {
      p += strcspn (p, ".");
      if (++level == depth)
        return (gsize)(p - module);
      if (*p == '\0')
        break;
    }
  return 0;
}

/* By graph and module, so that what lies in a module stands together; then in order of execution. */
static int
compare_boxes (const void *a, const void *b)
{
  const ViewBox *x = a, *y = b;
  if (x->graph != y->graph)
    return x->graph < y->graph ? -1 : 1;
  int order = graph_module_compare (x->module, y->module);
  return order != 0 ? order : (x->first > y->first) - (x->first < y->first);
}

/* Do BOX and the one before it fold into one, whose name has LEN bytes? */
static gboolean
folds_with (const ViewBox *box, const ViewBox *previous, gsize len, guint depth)
{
  return len > 0 && previous->graph == box->graph && folded_length (previous->module, depth) == len
         && strncmp (previous->module, box->module, len) == 0;
}

static guint
count_at (const GraphView *view, guint depth)
{
  guint n = 0;
  for (guint i = 0; i < view->boxes->len; i++)
    n += i == 0
         || !folds_with (box_at (view, i), box_at (view, i - 1), folded_length (box_at (view, i)->module, depth),
                         depth);
  return n;
}

/* The deepest level that gives no more boxes than can be looked at, or the first; 0 if there is no need, or no module.
 */
static guint
choose_depth (const GraphView *view)
{
  guint depth = 1;
  if (view->boxes->len <= MOST_BOXES || count_at (view, 1) == view->boxes->len)
    return 0;
  while (depth < MOST_LEVELS && count_at (view, depth + 1) <= MOST_BOXES)
    depth++;
  return depth;
}

/* Makes one of the boxes of one module, and lets the nodes know where they are. */
static void
fold (GraphView *view, guint depth)
{
  guint n = 0;
  for (guint i = 0; i < view->boxes->len; i++)
    {
      ViewBox box = *box_at (view, i), *last = n > 0 ? box_at (view, n - 1) : NULL;
      gsize len = folded_length (box.module, depth);
      gboolean same = last != NULL && last->folded && folds_with (&box, last, len, depth);
      node_at (view, box.first)->box = same ? n - 1 : n;
      if (same)
        {
          last->n_nodes++;
          last->first = MIN (last->first, box.first);
          g_free (box.module);
          continue;
        }
      box.folded = len > 0;
      if (len > 0)
        box.module[len] = '\0';
      *box_at (view, n++) = box;
    }
  g_array_set_size (view->boxes, n);
}

/* Getitems are drawn as part of their calls. */
static gboolean
has_box (const ViewNode *node)
{
  return node->shown && node->makes == node->node;
}

static void
make_boxes (GraphView *view, guint depth)
{
  for (guint i = 0; i < view->nodes->len; i++)
    if (has_box (node_at (view, i)))
      {
        ViewBox box = { .graph = node_at (view, i)->graph, .first = i, .n_nodes = 1 };
        box.module = g_strdup (node_at (view, i)->module);
        g_array_append_val (view->boxes, box);
      }
  if (view->boxes->len > 0)
    qsort (view->boxes->data, view->boxes->len, sizeof (ViewBox), compare_boxes);
  view->chosen_depth = depth == 0 ? choose_depth (view) : 0;
  fold (view, depth == 0 ? view->chosen_depth : depth);
}

/* ---- edges ---- */

typedef struct
{
  GraphView *view;
  guint to;
} Target;

static gboolean
add_edge (Pt2FxNode *node, gpointer data)
{
  const Target *target = data;
  GraphView *view = target->view;
  Pt2FxGraph *subgraph = pt2_fx_node_get_subgraph (node);
  Pt2FxNode *maker = subgraph != NULL ? pt2_fx_graph_get_output (subgraph) : pt2_fx_node_get_producer (node);
  guint number = graph_view_number (view, maker);
  if (number == G_MAXUINT || !has_box (node_at (view, number)))
    return TRUE;
  ViewEdge edge = { node_at (view, number)->box, target->to, subgraph != NULL };
  if (edge.from != edge.to)
    g_array_append_val (view->edges, edge);
  return TRUE;
}

static int
compare_edges (const void *a, const void *b)
{
  const ViewEdge *x = a, *y = b;
  if (x->from != y->from)
    return x->from < y->from ? -1 : 1;
  if (x->to != y->to)
    return x->to < y->to ? -1 : 1;
  return x->subgraph - y->subgraph;
}

static int
compare_ends (const void *a, const void *b)
{
  const ViewEdge *x = a, *y = b;
  if (x->to != y->to)
    return x->to < y->to ? -1 : 1;
  return (x->from > y->from) - (x->from < y->from);
}

static ViewEdge *
edges_of (GArray *edges)
{
  return (ViewEdge *)(void *)edges->data;
}

static void
make_edges (GraphView *view)
{
  for (guint i = 0; i < view->nodes->len; i++)
    {
      const ViewNode *node = node_at (view, i);
      Target target = { view, node->box };
      for (guint j = 0; has_box (node) && j < pt2_fx_node_get_n_arguments (node->node); j++)
        pt2_fx_argument_foreach_node (pt2_fx_node_get_argument (node->node, j), add_edge, &target);
    }
  ViewEdge *edges = edges_of (view->edges);
  guint n = 0;
  if (view->edges->len > 0)
    qsort (edges, view->edges->len, sizeof *edges, compare_edges);
  for (guint i = 0; i < view->edges->len; i++)
    if (n == 0 || compare_edges (&edges[n - 1], &edges[i]) != 0)
      edges[n++] = edges[i];
  g_array_set_size (view->edges, n);
}

/* Of N edges out of one box, one stays: to what comes first, so that the box is drawn near it. */
static const ViewEdge *
first_of (const GraphView *view, const ViewEdge *edges, guint n)
{
  const ViewEdge *best = &edges[0];
  for (guint i = 1; i < n; i++)
    if (box_at (view, edges[i].to)->first < box_at (view, best->to)->first)
      best = &edges[i];
  return best;
}

/* Lines from one box to hundreds hide all others, and Graphviz does not come to an end over them. */
static void
take_far_edges (GraphView *view)
{
  ViewEdge *edges = edges_of (view->edges);
  guint kept = 0;
  for (guint i = 0, end; i < view->edges->len; i = end)
    {
      for (end = i + 1; end < view->edges->len && edges[end].from == edges[i].from;)
        end++;
      gboolean many = end - i > MOST_EDGES;
      const ViewEdge stays = many ? *first_of (view, &edges[i], end - i) : edges[i];
      box_at (view, stays.from)->n_takers = many ? end - i : 0;
      for (guint j = i; j < end; j++)
        if (!many || edges[j].to == stays.to || edges[j].subgraph)
          edges[kept++] = edges[j];
        else
          g_array_append_val (view->far, edges[j]);
    }
  g_array_set_size (view->edges, kept);
  if (view->far->len > 0)
    qsort (view->far->data, view->far->len, sizeof (ViewEdge), compare_ends);
}

/* The first of the edges into box NUMBER among those that are not drawn, or where it would be. */
static guint
find_far (const GraphView *view, guint number)
{
  guint low = 0, high = view->far->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (edges_of (view->far)[middle].to < number)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

char *
graph_boxes_note (const GraphView *view, guint number)
{
  GString *text = g_string_new (NULL);
  guint n = 0;
  for (guint i = find_far (view, number); i < view->far->len && edges_of (view->far)[i].to == number; i++, n++)
    {
      const ViewBox *from = box_at (view, edges_of (view->far)[i].from);
      Pt2String name = pt2_fx_node_get_name (node_at (view, from->first)->node);
      if (from->folded)
        name = (Pt2String){ from->module, (guint32)strlen (from->module) };
      if (n < NAMES_SHOWN)
        g_string_append_printf (text, "%s%.*s", n == 0 ? "takes " : ", ", (int)name.len, name.data);
    }
  if (n > NAMES_SHOWN)
    g_string_append_printf (text, " and %u more", n - NAMES_SHOWN);
  if (box_at (view, number)->n_takers > 0)
    g_string_append_printf (text, "%sfor %u boxes", n > 0 ? "; " : "", box_at (view, number)->n_takers);
  return g_string_free (text, FALSE);
}

void
graph_boxes_make (GraphView *view, guint depth)
{
  make_boxes (view, depth);
  make_edges (view);
  take_far_edges (view);
}
