/* SPDX-License-Identifier: Apache-2.0 */
/* Guards and assertions: can any sizes in the ranges fulfil them, and did those of the trace? And is a guard a
 * condition at all: PyTorch runs its text as Python.
 */
#include "check_private.h"
#include "python_text.h"
#include "shapes_private.h"

Pt2ExprValue
check_end_of (bool has, int64_t value, int infinity)
{
  return (Pt2ExprValue){ has ? PT2_EXPR_INTEGER : PT2_EXPR_INFINITY, has ? value : infinity, 0, NULL };
}

static Pt2ExprRange
range_of_symbol (const Pt2ShapeSymbol *symbol)
{
  return (Pt2ExprRange){ symbol->name.data, check_end_of (symbol->has_lower, symbol->lower, -1),
                         check_end_of (symbol->has_upper, symbol->upper, 1) };
}

/* Of a dimension of an input, from the symbols in it. */
static Pt2ExprRange
range_of_dim (const Pt2Shapes *shapes, const ShapeEquation *equation)
{
  const Pt2ShapeDim *dim = &shapes->inputs.items[equation->input].dims[equation->dim];
  Pt2ExprRange range = { equation->source, check_end_of (false, 0, -1), check_end_of (false, 0, 1) }, bounds = { 0 };
  g_autofree Pt2ExprRange *known = g_try_new (Pt2ExprRange, (gsize)equation->formula.n + 1);
  if (dim->expr == NULL)
    range.lower = range.upper = check_end_of (true, dim->value, 0);
  for (guint i = 0; known != NULL && i < equation->formula.n; i++)
    known[i] = range_of_symbol (&shapes->symbols.items[equation->formula.ids[i]]);
  if (dim->expr == NULL || known == NULL
      || !pt2_expr_bounds (shapes->pool, equation->formula.expr, known, equation->formula.n, &bounds, NULL))
    return range;
  if (bounds.lower.kind == PT2_EXPR_INTEGER)
    range.lower = check_end_of (true, bounds.lower.integer, 0);
  if (bounds.upper.kind == PT2_EXPR_INTEGER)
    range.upper = check_end_of (true, bounds.upper.integer, 0);
  pt2_expr_value_clear (&bounds.lower);
  pt2_expr_value_clear (&bounds.upper);
  return range;
}

/* What the ranges say of the symbols of a guard: inputs' dimensions, or, in an assertion, symbols. */
static Pt2ExprRange
range_of_id (const Pt2Shapes *shapes, bool assertion, guint id)
{
  return assertion ? range_of_symbol (&shapes->symbols.items[id]) : range_of_dim (shapes, &shapes->equations.items[id]);
}

static void
check_guard (Check *check, const Pt2Shapes *shapes, guint i)
{
  const Pt2ShapeGuard *guard = &shapes->guards.items[i];
  const ShapeFormula *formula = &shapes->guard_formulas.items[i];
  g_autofree Pt2ExprRange *ranges = g_try_new0 (Pt2ExprRange, (gsize)formula->n + 1);
  if (!guard->is_checked || formula->expr == NULL || ranges == NULL)
    return;
  for (guint k = 0; k < formula->n; k++)
    ranges[k] = range_of_id (shapes, guard->is_assertion, formula->ids[k]);
  if (pt2_expr_decide (shapes->pool, formula->expr, ranges, formula->n, NULL) == PT2_EXPR_NEVER)
    check_add (check, CHECK_Y106, guard->where.data, "%s", shown (guard->text).text);
}

static Pt2ExprValue *
hints_of (const Pt2Shapes *shapes)
{
  Pt2ExprValue *hints = g_try_new0 (Pt2ExprValue, (gsize)shapes->symbols.n + 1);
  for (guint i = 0; hints != NULL && i < shapes->symbols.n; i++)
    if (shapes->symbols.items[i].has_hint)
      hints[i] = check_end_of (true, shapes->symbols.items[i].hint, 0);
  return hints;
}

/* The size that a dimension was traced with; false if it is not known. */
static bool
find_traced (const Pt2Shapes *shapes, guint input, guint dim, const Pt2ExprValue *hints, gint64 *size)
{
  const Pt2ShapeDim *given = &shapes->inputs.items[input].dims[dim];
  Pt2ExprValue value = { 0 };
  *size = given->value;
  if (given->expr == NULL)
    return true;
  const ShapeFormula *formula = &shapes->equations.items[shapes->first_equation[input] + dim].formula;
  bool known = pt2_shapes_evaluate (shapes, formula, pt2_shapes_symbol_name, hints, &value, NULL) == SHAPE_KNOWN
               && value.kind == PT2_EXPR_INTEGER;
  *size = value.integer;
  pt2_expr_value_clear (&value);
  return known;
}

/* Traced shapes of all inputs; false if one is not known. */
static bool
take_traced (const Pt2Shapes *shapes, const Pt2ExprValue *hints, GArray *given, GPtrArray *owned)
{
  for (guint i = 0; i < shapes->inputs.n; i++)
    {
      const Pt2ShapeValue *input = &shapes->inputs.items[i];
      if (input->kind == PT2_SHAPE_OTHER || input->name.data == NULL)
        continue;
      gint64 *sizes = g_new0 (gint64, (gsize)input->n_dims + 1);
      char *name = g_strndup (input->name.data, input->name.len);
      g_ptr_array_add (owned, sizes);
      g_ptr_array_add (owned, name);
      for (guint d = 0; d < input->n_dims; d++)
        if (!find_traced (shapes, i, d, hints, &sizes[d]))
          return false;
      Pt2GivenShape shape = { name, sizes, input->n_dims };
      g_array_append_val (given, shape);
    }
  return true;
}

static void
check_traced (Check *check, const Pt2Shapes *shapes)
{
  g_autoptr (GArray) given = g_array_new (FALSE, FALSE, sizeof (Pt2GivenShape));
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func (g_free);
  g_autofree Pt2ExprValue *hints = hints_of (shapes);
  if (hints == NULL || !take_traced (shapes, hints, given, owned))
    return;
  g_autoptr (Pt2ShapesAnswer) answer
      = pt2_shapes_solve (shapes, (const Pt2GivenShape *)(void *)given->data, given->len, NULL, 0, NULL);
  for (guint i = 0; answer != NULL && i < answer->n_problems; i++)
    {
      const GError *problem = answer->problems[i];
      if (problem->code == PT2_ERROR_Y017 || problem->code == PT2_ERROR_Y018)
        check_add (check, CHECK_Y107, pt2_error_get_where (problem), "%s", problem->message);
    }
}

static void
check_guard_texts (Check *check)
{
  const Pt2StringList *guards = &check->exported->guards_code;
  for (uint32_t i = 0; i < guards->len; i++)
    if (python_text_is_dangerous (guards->items[i]))
      check_add (check, CHECK_X107, place (NULL, "guards_code[%u]", i).text, "%s", shown (guards->items[i]).text);
}

static void
check_all (Check *check, const Pt2Shapes *shapes)
{
  for (guint i = 0; i < shapes->guards.n; i++)
    {
      const Pt2ShapeGuard *guard = &shapes->guards.items[i];
      if (!guard->is_assertion && !guard->is_checked)
        check_add (check, CHECK_X106, guard->where.data, "%s", shown (guard->text).text);
      check_guard (check, shapes, i);
    }
  check_traced (check, shapes);
}

static bool
has_assertions (const Check *check)
{
  const Pt2NodeList *nodes = &check->exported->graph_module.graph.nodes;
  for (uint32_t i = 0; i < nodes->len; i++)
    if (text_begins (nodes->items[i].target, "torch.ops.aten._assert")
        || text_begins (nodes->items[i].target, "torch.ops.aten.sym_constrain"))
      return true;
  return false;
}

void
check_guard_rules (Check *check, bool unreadable)
{
  g_autoptr (GError) error = NULL;
  check_guard_texts (check);
  if (check->exported->guards_code.len == 0 && !has_assertions (check))
    return;
  g_autoptr (Pt2Shapes) shapes = pt2_shapes_new (check->program, &check->limits, &error);
  if (shapes != NULL)
    check_all (check, shapes);
  else if (!unreadable) /* else it was reported where it stands */
    check_add_error (check, error, NULL);
}
