/* SPDX-License-Identifier: Apache-2.0 */
/* From what a guard's text calls an input, such as L['pair'][0]['mask'], to the input: the tree spec of the program's
 * arguments says which leaf that is, and leaves are inputs in order. */
#include "shapes_private.h"
#include "status.h"
#include "tree_read.h"
#include <string.h>

/* A step down in the tree; its text begins with the number of the node above. */
typedef struct
{
  Pt2String text; /* first, for the index */
  guint child;
} Edge;

typedef struct
{
  guint leaf; /* number of the input, or G_MAXUINT */
} Place;

struct Pt2ShapePaths
{
  Pt2Shapes *shapes;
  PT2_SHAPE_ARRAY (Edge) edges;
  PT2_SHAPE_ARRAY (Place) places;
  Pt2TextIndex index;
  guint n_leaves;
};

static const char marks[] = { [SHAPE_STEP_KEY] = ':', [SHAPE_STEP_INDEX] = '#', [SHAPE_STEP_ATTRIBUTE] = '.' };

static char *
edge_text (guint parent, ShapeStepKind kind, Pt2String name)
{
  return g_strdup_printf ("%u%c%.*s", parent, marks[kind], (int)name.len, name.data);
}

static guint
follow (const Pt2ShapePaths *paths, guint parent, ShapeStepKind kind, Pt2String name)
{
  g_autofree char *text = edge_text (parent, kind, name);
  Pt2String key = { text, (uint32_t)strlen (text) };
  uint32_t at = pt2_text_index_find (&paths->index, paths->edges.items, sizeof (Edge), key);
  return at == PT2_TEXT_INDEX_NONE ? G_MAXUINT : paths->edges.items[at].child;
}

static bool
add_edge (Pt2ShapePaths *paths, guint parent, ShapeStepKind kind, Pt2String name, guint child, GError **error)
{
  if (name.data == NULL || follow (paths, parent, kind, name) != G_MAXUINT)
    return true;
  g_autofree char *text = edge_text (parent, kind, name);
  if (!PT2_SHAPES_GROW (paths->shapes, paths->edges, error))
    return false;
  Edge *edge = &paths->edges.items[paths->edges.n];
  edge->child = child;
  if (!pt2_shapes_copy (paths->shapes, text, strlen (text), &edge->text, error))
    return false;
  return pt2_text_index_add (&paths->index, paths->edges.items, sizeof *edge, paths->edges.n++)
         || pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
}

static bool
add_index (Pt2ShapePaths *paths, guint parent, guint index, guint child, GError **error)
{
  char number[16];
  g_snprintf (number, sizeof number, "%u", index);
  return add_edge (paths, parent, SHAPE_STEP_INDEX, (Pt2String){ number, (uint32_t)strlen (number) }, child, error);
}

static bool read_place (Pt2ShapePaths *paths, const Pt2TreeNode *node, GError **error);

/* A child's key or field leads to it; its index too, unless the keys are all there is. */
static bool
read_child (Pt2ShapePaths *paths, const Pt2TreeNode *node, guint place, GError **error)
{
  guint child = paths->places.n;
  if (!read_place (paths, node, error))
    return false;
  if (node->step == PT2_TREE_KEY || node->step == PT2_TREE_JSON_KEY)
    return node->step == PT2_TREE_JSON_KEY || add_edge (paths, place, SHAPE_STEP_KEY, node->name, child, error);
  return (node->step != PT2_TREE_FIELD || add_edge (paths, place, SHAPE_STEP_ATTRIBUTE, node->name, child, error))
         && add_index (paths, place, node->index, child, error);
}

/* No deeper than the text, whose depth its reader bounded. */
static bool
read_place (Pt2ShapePaths *paths, const Pt2TreeNode *node, GError **error)
{
  bool leaf = node->kind == PT2_TREE_LEAF;
  guint place = paths->places.n;
  if (!PT2_SHAPES_GROW (paths->shapes, paths->places, error))
    return false;
  paths->places.items[paths->places.n++].leaf = leaf ? node->first_leaf : G_MAXUINT;
  for (guint i = 0; i < node->n_children; i++)
    if (!read_child (paths, &node->children[i], place, error))
      return false;
  return true;
}

/* ---- names of arguments ---- */

/* Calls the positional arguments as `forward` does. The root is place 0, its first child place 1: the positional
 * arguments; the keyword arguments have their names already. */
static bool
name_arguments (Pt2ShapePaths *paths, GError **error)
{
  static const char *const path[] = { "graph_module", "module_call_graph" };
  Pt2Source calls = pt2_source_at (pt2_source_root (paths->shapes->program), path, 2);
  static const char *const inner[] = { "signature", "forward_arg_names" };
  for (guint i = 0; i < pt2_source_length (calls); i++)
    {
      Pt2Source call = pt2_source_item (calls, i);
      if (pt2_source_text (pt2_source_get (call, "fqn")).len != 0)
        continue;
      Pt2Source names = pt2_source_at (call, inner, 2);
      for (guint j = 0; j < pt2_source_length (names); j++)
        {
          char number[16];
          g_snprintf (number, sizeof number, "%u", j);
          guint child = follow (paths, 1, SHAPE_STEP_INDEX, (Pt2String){ number, (uint32_t)strlen (number) });
          if (child != G_MAXUINT
              && !add_edge (paths, 1, SHAPE_STEP_KEY, pt2_source_text (pt2_source_item (names, j)), child, error))
            return false;
        }
      return true;
    }
  return true;
}

/* A spec that cannot be read leaves every name unknown; it is the loader's to refuse it. */
static bool
read_tree (Pt2ShapePaths *paths, GError **error)
{
  Pt2Shapes *shapes = paths->shapes;
  Pt2String in_spec, out_spec;
  Pt2Status ignored = PT2_STATUS_INIT;
  Pt2TreeTuples tuples;
  Pt2TreeNode root;
  pt2_program_get_tree_specs (shapes->program, &in_spec, &out_spec);
  if (in_spec.data == NULL)
    return true;
  bool memory = pt2_tree_tuples_init (&tuples, shapes->program, &shapes->arena);
  bool tree = memory && pt2_tree_read (&shapes->arena, in_spec, &tuples, &shapes->limits, &root, &ignored);
  pt2_tree_tuples_clear (&tuples);
  if (!memory)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  paths->n_leaves = tree ? root.n_leaves : 0;
  return !tree || (read_place (paths, &root, error) && name_arguments (paths, error));
}

Pt2ShapePaths *
pt2_shape_paths_new (Pt2Shapes *shapes, GError **error)
{
  Pt2ShapePaths *paths = pt2_shapes_alloc (shapes, 1, sizeof *paths, error);
  if (paths == NULL)
    return NULL;
  paths->shapes = shapes;
  pt2_text_index_init (&paths->index);
  if (read_tree (paths, error))
    return paths;
  pt2_shape_paths_free (paths);
  return NULL;
}

void
pt2_shape_paths_free (Pt2ShapePaths *paths)
{
  pt2_text_index_clear (&paths->index);
}

/* ---- finding ---- */

/* The argument, and how many steps that took. Arguments of *args are called args_0 and so on, those of **kwargs by
 * their own name. */
static guint
find_argument (const Pt2ShapePaths *paths, const ShapeStep *steps, guint n, guint *used)
{
  guint keywords = follow (paths, 0, SHAPE_STEP_INDEX, (Pt2String){ "1", 1 });
  guint found = follow (paths, 1, SHAPE_STEP_KEY, steps[0].text);
  *used = 1;
  if (found == G_MAXUINT && keywords != G_MAXUINT)
    found = follow (paths, keywords, SHAPE_STEP_KEY, steps[0].text);
  if (found != G_MAXUINT || n < 2)
    return found;
  *used = 2;
  if (steps[1].kind == SHAPE_STEP_KEY && keywords != G_MAXUINT)
    return follow (paths, keywords, SHAPE_STEP_KEY, steps[1].text);
  if (steps[1].kind != SHAPE_STEP_INDEX)
    return G_MAXUINT;
  g_autofree char *name = g_strdup_printf ("%.*s_%.*s", (int)steps[0].text.len, steps[0].text.data,
                                           (int)steps[1].text.len, steps[1].text.data);
  return follow (paths, 1, SHAPE_STEP_KEY, (Pt2String){ name, (uint32_t)strlen (name) });
}

static bool
is_text (Pt2String text, const char *other)
{
  return text.len == strlen (other) && memcmp (text.data, other, text.len) == 0;
}

guint
pt2_shape_paths_find (const Pt2ShapePaths *paths, const ShapeStep *steps, guint n)
{
  guint used;
  if (n == 0 || steps[0].kind != SHAPE_STEP_KEY || paths->places.n == 0)
    return G_MAXUINT;
  /* The strict tracer numbers the inputs. */
  if (n == 2 && is_text (steps[0].text, "flat_args") && steps[1].kind == SHAPE_STEP_INDEX)
    {
      guint64 number = g_ascii_strtoull (steps[1].text.data, NULL, 10);
      return number < paths->n_leaves ? (guint)number : G_MAXUINT;
    }
  guint place = find_argument (paths, steps, n, &used);
  for (guint i = used; i < n && place != G_MAXUINT; i++)
    place = follow (paths, place, steps[i].kind, steps[i].text);
  return place != G_MAXUINT ? paths->places.items[place].leaf : G_MAXUINT;
}
