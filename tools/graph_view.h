/* SPDX-License-Identifier: Apache-2.0 */
/* What the drawings and tables of a graph are made of: the nodes that were asked for, where each is in the hierarchy
 * of modules and in the source, and which boxes they fold into.
 */
#pragma once

#include "command.h"

/* What the command line asks for. */
typedef struct
{
  const char *submodule; /* FQN; NULL: all */
  const char *around;    /* name of a node; NULL: all */
  const char *op;        /* glob of targets; NULL: all */
  guint hops;            /* from `around` */
  guint depth;           /* modules at this level are one box; 0: as many nodes demand */
  gboolean drawn;        /* boxes and edges are wanted */
} GraphWish;

typedef struct
{
  Pt2FxNode *node;
  Pt2FxNode *makes; /* what it is drawn as: itself, or the call that a getitem belongs to */
  guint graph;      /* number of its graph */
  guint box;        /* where it is drawn */
  gboolean shown;
  char *module; /* FQN of the innermost module; "" for the root */
  char *type;   /* that module's type, the last part of its name; "" if it is not known */
} ViewNode;

/* A node or a folded module. */
typedef struct
{
  guint graph;
  guint first;     /* number of its first node */
  guint n_nodes;   /* folded in it */
  guint n_takers;  /* boxes that take its values, if not all edges are drawn; else 0 */
  gboolean folded; /* it is a module, not a node */
  char *module;    /* the module around it, of a folded one itself */
} ViewBox;

/* An edge between boxes, once however many values go along. */
typedef struct
{
  guint from, to;
  gboolean subgraph; /* a graph that is given to a call */
} ViewEdge;

typedef struct
{
  Pt2FxModule *fx;
  GArray *nodes; /* ViewNode, in order of the graphs and of execution; references to subgraphs are not among them */
  GArray *boxes; /* ViewBox, by graph and module, else in order */
  GArray *edges; /* ViewEdge, sorted */
  GArray *far;   /* ViewEdge that are not drawn, by where they lead */
  guint chosen_depth;  /* modules at this level were folded without being asked; 0: not so */
  GHashTable *numbers; /* of nodes, by Pt2FxNode * */
} GraphView;

/* FALSE with U009 if something that was named is not there. Clear VIEW in either case. */
gboolean graph_view_init (GraphView *view, Pt2FxModule *fx, const GraphWish *wish, GError **error);
void graph_view_clear (GraphView *view);

/* Number of NODE; G_MAXUINT if it is not among them. */
guint graph_view_number (const GraphView *view, Pt2FxNode *node);
/* "torch.ops.aten.add.Tensor" is aten.add.Tensor here; "[1]" an element; "input", "parameter w", "output". (transfer
 * full), not escaped. */
char *graph_view_operator (const ViewNode *node);
/* "float32 [s77, 4]", "s77 + 1"; "" for what has no value. (transfer full), not escaped. */
char *graph_view_value (const ViewNode *node);
/* "models.py:16", the innermost place outside of PyTorch itself; "" if it is not known. (transfer full), not escaped.
 */
char *graph_view_source (const ViewNode *node);
/* The path of graph NUMBER; "" for the root. (transfer full), not escaped. */
char *graph_view_path (const GraphView *view, guint number);
