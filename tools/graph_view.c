/* SPDX-License-Identifier: Apache-2.0 */
#include "graph_view.h"
#include "expression.h"
#include "graph_boxes.h"
#include "graph_modules.h"
#include "report.h"
#include "show.h"
#include <stdlib.h>
#include <string.h>

static ViewNode *
node_at (const GraphView *view, guint number)
{
  return &g_array_index (view->nodes, ViewNode, number);
}

guint
graph_view_number (const GraphView *view, Pt2FxNode *node)
{
  gpointer number;
  return g_hash_table_lookup_extended (view->numbers, node, NULL, &number) ? GPOINTER_TO_UINT (number) : G_MAXUINT;
}

static void
add_graph (GraphView *view, guint graph)
{
  Pt2FxNode *node = pt2_fx_graph_get_first (pt2_fx_module_get_graph (view->fx, graph));
  for (; node != NULL; node = pt2_fx_node_get_next (node))
    {
      if (pt2_fx_node_get_op (node) == PT2_FX_SUBGRAPH)
        continue;
      ViewNode made = { node, pt2_fx_node_get_producer (node), graph, 0, TRUE, NULL, NULL };
      made.module = graph_module_of (made.makes, &made.type);
      g_hash_table_insert (view->numbers, node, GUINT_TO_POINTER (view->nodes->len));
      g_array_append_val (view->nodes, made);
    }
}

/* ---- what was asked for ---- */

static gboolean
is_in_module (const char *module, const char *wanted)
{
  gsize len = strlen (wanted);
  return strncmp (module, wanted, len) == 0 && (len == 0 || module[len] == '\0' || module[len] == '.');
}

static gboolean
matches (Pt2FxNode *node, GPatternSpec *glob)
{
  Pt2String target = pt2_fx_node_get_target (node);
  g_autofree char *text = g_strndup (target.data, target.len);
  return target.data != NULL
         && (g_pattern_spec_match_string (glob, text)
             || (g_str_has_prefix (text, "torch.ops.") && g_pattern_spec_match_string (glob, text + 10)));
}

/* Leaves those shown that the wish for a module or operator means; FALSE if there are none. */
static gboolean
keep_named (GraphView *view, const GraphWish *wish)
{
  GPatternSpec *glob = wish->op != NULL ? g_pattern_spec_new (wish->op) : NULL;
  gboolean any = FALSE;
  for (guint i = 0; i < view->nodes->len; i++)
    {
      ViewNode *node = node_at (view, i);
      node->shown = (glob == NULL || matches (node->makes, glob))
                    && (wish->submodule == NULL || is_in_module (node->module, wish->submodule));
      any = any || node->shown;
    }
  if (glob != NULL)
    g_pattern_spec_free (glob);
  return any;
}

/* Nodes by how many hops away they are. */
typedef struct
{
  GraphView *view;
  GArray *queue;    /* of guint: numbers of nodes */
  guint *distances; /* of each node; G_MAXUINT: not reached */
  guint distance;   /* of those that are found now */
} Search;

static gboolean
reach (Pt2FxNode *node, gpointer data)
{
  Search *search = data;
  guint number = graph_view_number (search->view, node);
  /* A subgraph is as near as what stands in for it: its output. */
  if (number == G_MAXUINT && pt2_fx_node_get_subgraph (node) != NULL)
    number = graph_view_number (search->view, pt2_fx_graph_get_output (pt2_fx_node_get_subgraph (node)));
  if (number != G_MAXUINT && search->distances[number] == G_MAXUINT)
    {
      search->distances[number] = search->distance;
      g_array_append_val (search->queue, number);
    }
  return TRUE;
}

static void
reach_neighbours (Search *search, Pt2FxNode *node)
{
  for (guint i = 0; i < pt2_fx_node_get_n_arguments (node); i++)
    pt2_fx_argument_foreach_node (pt2_fx_node_get_argument (node, i), reach, search);
  Pt2FxUsers users;
  pt2_fx_users_init (&users, node);
  for (Pt2FxNode *user; (user = pt2_fx_users_next (&users)) != NULL;)
    reach (user, search);
}

static Pt2FxNode *
find_node (GraphView *view, const char *name)
{
  Pt2FxNode *found = NULL;
  for (guint i = 0; found == NULL && i < pt2_fx_module_get_n_graphs (view->fx); i++)
    found = pt2_fx_graph_find (pt2_fx_module_get_graph (view->fx, i), name, -1);
  return found != NULL && pt2_fx_node_get_op (found) != PT2_FX_SUBGRAPH ? found : NULL;
}

static void
keep_near (GraphView *view, Pt2FxNode *start, guint hops)
{
  Search search = { view, g_array_new (FALSE, FALSE, sizeof (guint)), g_new (guint, view->nodes->len), 0 };
  memset (search.distances, 0xff, view->nodes->len * sizeof (guint));
  reach (start, &search);
  for (guint i = 0; i < search.queue->len; i++)
    {
      guint number = g_array_index (search.queue, guint, i);
      search.distance = search.distances[number] + 1;
      if (search.distance <= hops)
        reach_neighbours (&search, node_at (view, number)->node);
    }
  for (guint i = 0; i < view->nodes->len; i++)
    node_at (view, i)->shown = node_at (view, i)->shown && search.distances[i] != G_MAXUINT;
  g_array_free (search.queue, TRUE);
  g_free (search.distances);
}

static gboolean
not_there (const char *what, const char *name, GError **error)
{
  g_autofree char *shown = escaped (name, -1);
  set_error (error, PT2_ERROR_U009, "%s \"%s\"", what, shown);
  return FALSE;
}

static gboolean
select_nodes (GraphView *view, const GraphWish *wish, GError **error)
{
  if ((wish->op != NULL || wish->submodule != NULL) && !keep_named (view, wish))
    return not_there (wish->op != NULL ? "operator" : "module", wish->op != NULL ? wish->op : wish->submodule, error);
  if (wish->around == NULL)
    return TRUE;
  Pt2FxNode *start = find_node (view, wish->around);
  if (start == NULL)
    return not_there ("node", wish->around, error);
  keep_near (view, start, wish->hops);
  return TRUE;
}

/* ---- the whole ---- */

gboolean
graph_view_init (GraphView *view, Pt2FxModule *fx, const GraphWish *wish, GError **error)
{
  *view = (GraphView){ fx,
                       g_array_new (FALSE, FALSE, sizeof (ViewNode)),
                       g_array_new (FALSE, FALSE, sizeof (ViewBox)),
                       g_array_new (FALSE, FALSE, sizeof (ViewEdge)),
                       g_array_new (FALSE, FALSE, sizeof (ViewEdge)),
                       0,
                       g_hash_table_new (NULL, NULL) };
  for (guint i = 0; i < pt2_fx_module_get_n_graphs (fx); i++)
    add_graph (view, i);
  if (!select_nodes (view, wish, error))
    return FALSE;
  if (wish->drawn)
    graph_boxes_make (view, wish->depth);
  return TRUE;
}

void
graph_view_clear (GraphView *view)
{
  for (guint i = 0; i < view->nodes->len; i++)
    {
      g_free (node_at (view, i)->module);
      g_free (node_at (view, i)->type);
    }
  for (guint i = 0; i < view->boxes->len; i++)
    g_free (g_array_index (view->boxes, ViewBox, i).module);
  g_array_free (view->nodes, TRUE);
  g_array_free (view->boxes, TRUE);
  g_array_free (view->edges, TRUE);
  g_array_free (view->far, TRUE);
  g_hash_table_destroy (view->numbers);
}

char *
graph_view_path (const GraphView *view, guint number)
{
  return pt2_fx_graph_make_path (pt2_fx_module_get_graph (view->fx, number));
}
