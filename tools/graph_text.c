/* SPDX-License-Identifier: Apache-2.0 */
/* A table for a terminal: a line for each node. */
#include "graph_forms.h"
#include "show.h"

static void
add_text (Table *table, char *text)
{
  table_text (table, text, -1);
  g_free (text);
}

static void
add_node (Table *table, const ViewNode *node)
{
  Pt2String name = pt2_fx_node_get_name (node->node);
  table_text (table, name.data, name.len);
  add_text (table, graph_view_operator (node));
  add_text (table, graph_view_value (node));
  add_text (table, graph_view_source (node));
  add_text (table,
            node->type[0] == '\0' ? g_strdup (node->module) : g_strdup_printf ("%s (%s)", node->module, node->type));
}

/* The nodes from FIRST on that are of one graph; returns the first of the next. */
static guint
show_graph (const GraphView *view, guint first)
{
  static const Column columns[] = { { "node", FALSE, STYLE_PLAIN },
                                    { "operator", FALSE, STYLE_PLAIN },
                                    { "value", FALSE, STYLE_PLAIN },
                                    { "source", FALSE, STYLE_FAINT },
                                    { "module", FALSE, STYLE_FAINT } };
  guint graph = g_array_index (view->nodes, ViewNode, first).graph, i = first;
  gboolean any = FALSE;
  Table table;
  table_init (&table, columns, G_N_ELEMENTS (columns), "");
  for (; i < view->nodes->len && g_array_index (view->nodes, ViewNode, i).graph == graph; i++)
    if (g_array_index (view->nodes, ViewNode, i).shown)
      {
        any = TRUE;
        add_node (&table, &g_array_index (view->nodes, ViewNode, i));
      }
  if (any && graph > 0)
    {
      g_autofree char *path = graph_view_path (view, graph), *shown = escaped (path, -1);
      g_autofree char *heading = g_strconcat ("Graph ", shown, NULL);
      printf ("\n");
      print_heading (heading);
    }
  if (any)
    table_print (&table);
  else
    g_ptr_array_unref (table.cells);
  return i;
}

void
graph_text (const GraphView *view)
{
  for (guint i = 0; i < view->nodes->len;)
    i = show_graph (view, i);
}
