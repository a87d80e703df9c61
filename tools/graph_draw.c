/* SPDX-License-Identifier: Apache-2.0 */
#include "graph_forms.h"
#include "show.h"
#include <string.h>

enum
{
  /* Modules in modules that are drawn as such: names are the file's, and each dot in one would be a box. */
  MOST_LEVELS = 16,
};

/* The boxes that are open around what is drawn: a subgraph's, then modules'. */
typedef struct
{
  const GraphView *view;
  const Drawing *drawing;
  guint opened; /* so far, for numbers of their own */
  guint graph;
  gboolean in_graph;  /* a subgraph's is open */
  const char *module; /* the module that was drawn last */
  guint n;
  gsize lengths[MOST_LEVELS]; /* of the beginnings of `module` that are open */
} Nesting;

static void
close_to (Nesting *nesting, guint n)
{
  for (; nesting->n > n; nesting->n--)
    nesting->drawing->close ();
}

static void
open_module (Nesting *nesting, const char *module, gsize len)
{
  g_autofree char *label = escaped (module, (gssize)len);
  nesting->drawing->open (nesting->opened++, label);
  nesting->lengths[nesting->n++] = len;
}

/* Is the open box LEVEL around MODULE too? */
static gboolean
stays_open (const Nesting *nesting, guint level, const char *module)
{
  gsize len = nesting->lengths[level];
  return strncmp (nesting->module, module, len) == 0 && (module[len] == '.' || module[len] == '\0');
}

static void
enter_graph (Nesting *nesting, guint graph)
{
  close_to (nesting, 0);
  if (nesting->in_graph)
    nesting->drawing->close ();
  nesting->graph = graph;
  nesting->in_graph = graph > 0;
  nesting->module = "";
  if (graph == 0)
    return;
  g_autofree char *path = graph_view_path (nesting->view, graph), *shown = escaped (path, -1);
  g_autofree char *label = g_strconcat ("graph ", shown, NULL);
  nesting->drawing->open (nesting->opened++, label);
}

/* FOLDED: the last part is the box itself. */
static void
enter_module (Nesting *nesting, const char *module, gboolean folded)
{
  guint keep = 0;
  while (keep < nesting->n && stays_open (nesting, keep, module) && !(folded && module[nesting->lengths[keep]] == '\0'))
    keep++;
  close_to (nesting, keep);
  gsize at = keep > 0 ? nesting->lengths[keep - 1] : 0;
  while (module[at] != '\0' && nesting->n < MOST_LEVELS)
    {
      at += module[at] == '.';
      at += strcspn (module + at, ".");
      if (folded && module[at] == '\0')
        break;
      open_module (nesting, module, at);
    }
  nesting->module = module;
}

void
graph_draw (const GraphView *view, const Drawing *drawing)
{
  Nesting nesting = { .view = view, .drawing = drawing, .module = "" };
  fputs (drawing->before, stdout);
  for (guint i = 0; i < view->boxes->len; i++)
    {
      const ViewBox *box = &g_array_index (view->boxes, ViewBox, i);
      if (box->graph != nesting.graph)
        enter_graph (&nesting, box->graph);
      enter_module (&nesting, box->module, box->folded);
      drawing->box (view, i);
    }
  enter_graph (&nesting, 0);
  for (guint i = 0; i < view->edges->len; i++)
    drawing->edge (&g_array_index (view->edges, ViewEdge, i));
  if (view->chosen_depth > 0)
    {
      g_autofree char *title
          = g_strdup_printf ("%u nodes: modules at level %u are one box each; --depth=N folds at another level",
                             view->nodes->len, view->chosen_depth);
      drawing->title (title);
    }
  fputs (drawing->behind, stdout);
}
