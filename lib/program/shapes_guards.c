/* SPDX-License-Identifier: Apache-2.0 */
/* The program's list of guards, which PyTorch tests before it runs the graph. */
#include "shapes_private.h"
#include "status.h"
#include <string.h>

bool
pt2_shapes_add_guard (Pt2Shapes *shapes, const Pt2ShapeGuard *guard, const ShapeFormula *formula, GError **error)
{
  if (!PT2_SHAPES_GROW (shapes, shapes->guards, error) || !PT2_SHAPES_GROW (shapes, shapes->guard_formulas, error))
    return false;
  shapes->guards.items[shapes->guards.n++] = *guard;
  shapes->guard_formulas.items[shapes->guard_formulas.n++] = *formula;
  return true;
}

/* The dimensions that CONDITION is about: their names are numbers. */
static bool
make_formula (Pt2Shapes *shapes, const Pt2Expr *condition, ShapeFormula *formula, GError **error)
{
  guint n;
  g_autofree Pt2String *names = pt2_expr_free_symbols (condition, &n);
  guint *ids = pt2_shapes_alloc (shapes, n, sizeof *ids, error);
  if (ids == NULL)
    return false;
  for (guint i = 0; i < n; i++)
    {
      char number[16] = "";
      memcpy (number, names[i].data + strlen ("dim_"), MIN (names[i].len - strlen ("dim_"), sizeof number - 1));
      ids[i] = (guint)g_ascii_strtoull (number, NULL, 10);
    }
  *formula = (ShapeFormula){ condition, ids, n };
  return true;
}

static bool
read_guard (Pt2Shapes *shapes, const Pt2ShapePaths *paths, Pt2String text, guint index, GError **error)
{
  const Pt2Expr *condition;
  g_autofree char *shown = NULL, *where = g_strdup_printf ("guards_code[%u]", index);
  pt2_shape_guard_parse (shapes, paths, text, &condition, &shown);
  Pt2ShapeGuard guard = { .is_checked = condition != NULL };
  ShapeFormula formula = { 0 };
  return pt2_shapes_copy (shapes, shown, strlen (shown), &guard.text, error)
         && pt2_shapes_copy (shapes, where, strlen (where), &guard.where, error)
         && (condition == NULL || make_formula (shapes, condition, &formula, error))
         && pt2_shapes_add_guard (shapes, &guard, &formula, error);
}

bool
pt2_shapes_read_guards (Pt2Shapes *shapes, GError **error)
{
  Pt2Source guards = pt2_source_get (pt2_source_root (shapes->program), "guards_code");
  guint n = pt2_source_length (guards);
  if (n == 0)
    return true;
  Pt2ShapePaths *paths = pt2_shape_paths_new (shapes, error);
  bool good = paths != NULL;
  for (guint i = 0; good && i < n; i++)
    {
      Pt2String text = pt2_source_text (pt2_source_item (guards, i));
      good = text.data == NULL || read_guard (shapes, paths, text, i, error);
    }
  if (paths != NULL)
    pt2_shape_paths_free (paths);
  return good;
}
