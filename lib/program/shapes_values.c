/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the outermost graph: what the caller passes and gets, dimension by dimension, and hints of symbols. */
#include "shapes_private.h"
#include "status.h"
#include "text.h"
#include <string.h>

enum
{
  LONGEST_ORIGIN = 200, /* bytes of an expression in it */
};

static Pt2Source
graph_of (const Pt2Shapes *shapes)
{
  static const char *const path[] = { "graph_module", "graph" };
  return pt2_source_at (pt2_source_root (shapes->program), path, G_N_ELEMENTS (path));
}

/* ---- tables of values ---- */

ShapeEntry *
pt2_shapes_find_entry (const Pt2Shapes *shapes, Pt2String name)
{
  uint32_t at
      = pt2_text_index_find (&shapes->entry_index, shapes->entries.items, sizeof shapes->entries.items[0], name);
  return at == PT2_TEXT_INDEX_NONE ? NULL : &shapes->entries.items[at];
}

static bool
read_table (Pt2Shapes *shapes, Pt2Source table, Pt2ShapeValueKind kind, GError **error)
{
  guint n = pt2_source_length (table);
  for (guint i = 0; i < n; i++)
    {
      Pt2String name = pt2_source_key (table, i);
      if (name.data == NULL || pt2_shapes_find_entry (shapes, name) != NULL)
        continue;
      if (!PT2_SHAPES_GROW (shapes, shapes->entries, error))
        return false;
      shapes->entries.items[shapes->entries.n] = (ShapeEntry){ name, pt2_source_item (table, i), kind };
      if (!pt2_text_index_add (&shapes->entry_index, shapes->entries.items, sizeof (ShapeEntry), shapes->entries.n++))
        return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
    }
  return true;
}

static bool
read_tables (Pt2Shapes *shapes, GError **error)
{
  static const struct
  {
    const char *name;
    Pt2ShapeValueKind kind;
  } tables[] = {
    { "tensor_values", PT2_SHAPE_TENSOR },
    { "sym_int_values", PT2_SHAPE_INTEGER },
    { "sym_float_values", PT2_SHAPE_OTHER },
    { "sym_bool_values", PT2_SHAPE_OTHER },
  };
  Pt2Source graph = graph_of (shapes);
  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    if (!read_table (shapes, pt2_source_get (graph, tables[i].name), tables[i].kind, error))
      return false;
  return true;
}

bool
pt2_shapes_sym (Pt2Shapes *shapes, Pt2Source sym, const char *where, guint *text, gint64 *value, GError **error)
{
  static const char *const path[] = { "as_expr", "expr_str" };
  Pt2String expr = pt2_source_text (pt2_source_at (sym, path, G_N_ELEMENTS (path)));
  *text = G_MAXUINT;
  *value = 0;
  if (expr.data != NULL)
    return pt2_shapes_text (shapes, expr, where, text, error);
  return pt2_source_integer (pt2_source_get (sym, "as_int"), value);
}

/* ---- inputs and outputs ---- */

static bool
fill_dim (Pt2Shapes *shapes, const Pt2Dim *from, const char *where, Pt2ShapeDim *dim, GError **error)
{
  guint number;
  *dim = (Pt2ShapeDim){ .value = from->value, .symbol = G_MAXUINT };
  if (from->expr.data == NULL)
    return true;
  if (!pt2_shapes_text (shapes, from->expr, where, &number, error))
    return false;
  dim->expr = shapes->texts.items[number].expr;
  dim->text = shapes->texts.items[number].shown;
  Pt2String symbol = pt2_expr_get_symbol (dim->expr);
  if (symbol.data != NULL)
    dim->symbol = pt2_shapes_find_symbol (shapes, symbol);
  return true;
}

static bool
fill_tensor (Pt2Shapes *shapes, const Pt2SignatureItem *item, const char *where, Pt2ShapeValue *value, GError **error)
{
  Pt2ShapeDim *dims = pt2_shapes_alloc (shapes, item->n_shape, sizeof *dims, error);
  if (dims == NULL)
    return false;
  for (guint i = 0; i < item->n_shape; i++)
    if (!fill_dim (shapes, &item->shape[i], where, &dims[i], error))
      return false;
  value->kind = PT2_SHAPE_TENSOR;
  value->dims = dims;
  value->n_dims = item->n_shape;
  return true;
}

/* SYM: a SymInt, or a constant of its form. */
static bool
fill_integer (Pt2Shapes *shapes, Pt2Source sym, const char *where, Pt2ShapeValue *value, GError **error)
{
  GError *why = NULL;
  guint text;
  Pt2Dim from = { { NULL, 0 }, 0 };
  if (!pt2_shapes_sym (shapes, sym, where, &text, &from.value, &why))
    {
      if (why != NULL)
        g_propagate_error (error, why);
      return why == NULL;
    }
  Pt2ShapeDim *dim = pt2_shapes_alloc (shapes, 1, sizeof *dim, error);
  if (dim == NULL)
    return false;
  if (text != G_MAXUINT)
    from.expr = shapes->texts.items[text].text;
  value->kind = PT2_SHAPE_INTEGER;
  value->dims = dim;
  value->n_dims = 1;
  return fill_dim (shapes, &from, where, dim, error);
}

static bool
fill_value (Pt2Shapes *shapes, const Pt2SignatureItem *item, Pt2Source spec, Pt2ShapeValue *value, GError **error)
{
  static const char *const path[] = { "constant_input", "value" };
  g_autofree char *where
      = g_strdup_printf ("%.*s", (int)item->name.len, item->name.data != NULL ? item->name.data : "");
  *value = (Pt2ShapeValue){ .name = item->name, .kind = PT2_SHAPE_OTHER };
  if (item->shape != NULL)
    return fill_tensor (shapes, item, where, value, error);
  const ShapeEntry *entry = item->name.data != NULL ? pt2_shapes_find_entry (shapes, item->name) : NULL;
  if (entry != NULL && entry->kind == PT2_SHAPE_INTEGER)
    return fill_integer (shapes, entry->meta, where, value, error);
  return fill_integer (shapes, pt2_source_at (spec, path, G_N_ELEMENTS (path)), where, value, error);
}

static bool
index_input (Pt2Shapes *shapes, guint number, GError **error)
{
  const Pt2ShapeValue *value = &shapes->inputs.items[number];
  char name[128];
  if (value->name.data == NULL)
    return true;
  uint32_t owner = pt2_text_index_claim (&shapes->input_index, shapes->inputs.items, sizeof *value, number);
  if (owner == PT2_TEXT_INDEX_NONE)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  return owner == number
         || pt2_error_set (error, PT2_ERROR_Y012, NULL, "%s is two inputs",
                           pt2_text_escape (value->name.data, value->name.len, name, sizeof name));
}

static bool
read_inputs (Pt2Shapes *shapes, GError **error)
{
  static const char *const path[] = { "graph_module", "signature", "input_specs" };
  Pt2Source specs = pt2_source_at (pt2_source_root (shapes->program), path, G_N_ELEMENTS (path));
  guint n;
  const Pt2SignatureItem *items = pt2_program_get_inputs (shapes->program, &n);
  for (guint i = 0; i < n; i++)
    {
      if (strcmp (items[i].kind, "USER_INPUT") != 0)
        continue;
      if (!PT2_SHAPES_GROW (shapes, shapes->inputs, error)
          || !fill_value (shapes, &items[i], pt2_source_item (specs, i), &shapes->inputs.items[shapes->inputs.n],
                          error))
        return false;
      guint number = shapes->inputs.n++;
      if (!index_input (shapes, number, error))
        return false;
    }
  return true;
}

/* A value that was an output before shares its dimensions. */
static bool
read_output (Pt2Shapes *shapes, const Pt2SignatureItem *item, GError **error)
{
  ShapeEntry *entry = item->name.data != NULL ? pt2_shapes_find_entry (shapes, item->name) : NULL;
  if (!PT2_SHAPES_GROW (shapes, shapes->outputs, error))
    return false;
  guint number = shapes->outputs.n++;
  Pt2ShapeValue *value = &shapes->outputs.items[number];
  if (entry != NULL && entry->output > 0)
    {
      *value = shapes->outputs.items[entry->output - 1];
      return true;
    }
  if (entry != NULL)
    entry->output = number + 1;
  return fill_value (shapes, item, (Pt2Source){ 0 }, value, error);
}

static bool
read_outputs (Pt2Shapes *shapes, GError **error)
{
  guint n;
  const Pt2SignatureItem *items = pt2_program_get_outputs (shapes->program, &n);
  for (guint i = 0; i < n; i++)
    if (!read_output (shapes, &items[i], error))
      return false;
  return true;
}

/* ---- what is evaluated of them ---- */

/* Simplified, so that the same size is the same expression and a number is seen to be one. */
static bool
dim_formula (Pt2Shapes *shapes, const Pt2ShapeDim *dim, ShapeFormula *formula, GError **error)
{
  *formula = (ShapeFormula){ 0 };
  if (dim->expr == NULL)
    return true;
  const Pt2Expr *normal = pt2_expr_normal (shapes->pool, dim->expr, error);
  return normal != NULL && pt2_shapes_formula (shapes, normal, formula, error);
}

/* "x.shape[0]", or "x.shape[0] = 2*s17" with TEXT. Many symbols may have the same origin, so a long one is cut. */
static bool
make_origin (Pt2Shapes *shapes, const Pt2ShapeValue *value, guint dim, const Pt2String *text, Pt2String *out,
             GError **error)
{
  g_autofree char *name = pt2_shapes_dim_name (value, dim);
  g_autofree char *origin = NULL;
  if (text == NULL)
    return pt2_shapes_copy (shapes, name, strlen (name), out, error);
  if (text->len > LONGEST_ORIGIN)
    origin = g_strdup_printf ("%s = …", name);
  else
    origin = g_strdup_printf ("%s = %.*s", name, (int)text->len, text->data);
  return pt2_shapes_copy (shapes, origin, strlen (origin), out, error);
}

static bool
add_equation (Pt2Shapes *shapes, guint input, guint dim, GError **error)
{
  const Pt2ShapeValue *value = &shapes->inputs.items[input];
  if (!PT2_SHAPES_GROW (shapes, shapes->equations, error))
    return false;
  ShapeEquation *equation = &shapes->equations.items[shapes->equations.n];
  *equation = (ShapeEquation){ .input = input, .dim = dim };
  g_autofree char *source = g_strdup_printf ("dim_%u", shapes->equations.n);
  Pt2String copy;
  if (!pt2_shapes_copy (shapes, source, strlen (source), &copy, error)
      || !dim_formula (shapes, &value->dims[dim], &equation->formula, error))
    return false;
  equation->source = copy.data;
  equation->normal = equation->formula.expr;
  shapes->equations.n++;
  if (equation->normal != NULL && pt2_expr_get_symbol (equation->normal).data != NULL)
    {
      Pt2ShapeSymbol *symbol = &shapes->symbols.items[equation->formula.ids[0]];
      symbol->from_input = TRUE;
      return symbol->origin.len > 0 || make_origin (shapes, value, dim, NULL, &symbol->origin, error);
    }
  return true;
}

static bool
make_equations (Pt2Shapes *shapes, GError **error)
{
  guint *first = pt2_shapes_alloc (shapes, (gsize)shapes->inputs.n + 1, sizeof *first, error);
  shapes->first_equation = first;
  if (first == NULL)
    return false;
  for (guint i = 0; i < shapes->inputs.n; i++)
    {
      first[i] = shapes->equations.n;
      for (guint d = 0; d < shapes->inputs.items[i].n_dims; d++)
        if (!add_equation (shapes, i, d, error))
          return false;
    }
  first[shapes->inputs.n] = shapes->equations.n;
  return true;
}

/* Symbols that no input gives by themselves: from the first derived size that they are in. */
static bool
name_derived_origins (Pt2Shapes *shapes, GError **error)
{
  for (guint i = 0; i < shapes->equations.n; i++)
    {
      const ShapeEquation *equation = &shapes->equations.items[i];
      const Pt2ShapeValue *value = &shapes->inputs.items[equation->input];
      Pt2String origin = { "", 0 };
      for (guint j = 0; j < equation->formula.n; j++)
        {
          Pt2ShapeSymbol *symbol = &shapes->symbols.items[equation->formula.ids[j]];
          symbol->from_input = TRUE;
          if (symbol->origin.len > 0)
            continue;
          if (origin.len == 0
              && !make_origin (shapes, value, equation->dim, &value->dims[equation->dim].text, &origin, error))
            return false;
          symbol->origin = origin;
        }
    }
  return true;
}

static bool
is_repeated (const Pt2Shapes *shapes, guint output, guint *first)
{
  Pt2String name = shapes->outputs.items[output].name;
  const ShapeEntry *entry = name.data != NULL ? pt2_shapes_find_entry (shapes, name) : NULL;
  *first = entry != NULL && entry->output > 0 ? entry->output - 1 : output;
  return *first != output;
}

static bool
make_output_formulas (Pt2Shapes *shapes, GError **error)
{
  guint first, *starts = pt2_shapes_alloc (shapes, shapes->outputs.n, sizeof *starts, error);
  shapes->first_output_dim = starts;
  if (starts == NULL)
    return false;
  for (guint i = 0; i < shapes->outputs.n; i++)
    if (is_repeated (shapes, i, &first))
      starts[i] = starts[first];
    else
      {
        starts[i] = shapes->n_output_dims;
        shapes->n_output_dims += shapes->outputs.items[i].n_dims;
      }
  ShapeFormula *formulas = pt2_shapes_alloc (shapes, shapes->n_output_dims, sizeof *formulas, error);
  shapes->output_formulas = formulas;
  if (formulas == NULL)
    return false;
  for (guint i = 0; i < shapes->outputs.n; i++)
    for (guint d = 0; !is_repeated (shapes, i, &first) && d < shapes->outputs.items[i].n_dims; d++)
      if (!dim_formula (shapes, &shapes->outputs.items[i].dims[d], &formulas[starts[i] + d], error))
        return false;
  return true;
}

bool
pt2_shapes_read_values (Pt2Shapes *shapes, GError **error)
{
  return read_tables (shapes, error) && read_inputs (shapes, error) && make_equations (shapes, error)
         && name_derived_origins (shapes, error) && read_outputs (shapes, error)
         && make_output_formulas (shapes, error);
}

/* ---- hints ---- */

/* The hint that the program keeps with an input's dimension. */
static bool
hint_of (const Pt2Shapes *shapes, const ShapeEquation *equation, gint64 *hint)
{
  static const char *const path[] = { "as_expr", "hint", "as_int" };
  const Pt2ShapeValue *value = &shapes->inputs.items[equation->input];
  const ShapeEntry *entry = value->name.data != NULL ? pt2_shapes_find_entry (shapes, value->name) : NULL;
  if (entry == NULL)
    return false;
  Pt2Source sym = entry->meta;
  if (value->kind == PT2_SHAPE_TENSOR)
    sym = pt2_source_item (pt2_source_get (sym, "sizes"), equation->dim);
  return pt2_source_integer (pt2_source_at (sym, path, G_N_ELEMENTS (path)), hint);
}

bool
pt2_shapes_find_hints (Pt2Shapes *shapes, GError **error)
{
  guint n = shapes->equations.n;
  gint64 *sizes = pt2_shapes_alloc (shapes, n, sizeof *sizes, error);
  bool *given = pt2_shapes_alloc (shapes, n, sizeof *given, error);
  Pt2ExprValue *values = pt2_shapes_alloc (shapes, shapes->symbols.n, sizeof *values, error);
  guint *from = pt2_shapes_alloc (shapes, shapes->symbols.n, sizeof *from, error);
  if (sizes == NULL || given == NULL || values == NULL || from == NULL)
    return false;
  for (guint i = 0; i < n; i++)
    given[i] = shapes->equations.items[i].normal != NULL && hint_of (shapes, &shapes->equations.items[i], &sizes[i]);
  ShapeSystem system = { values, from, sizes, given, G_MAXUINT };
  if (!pt2_shapes_solve_system (shapes, &system, error))
    return false;
  for (guint i = 0; i < shapes->symbols.n; i++)
    if (values[i].kind == PT2_EXPR_INTEGER)
      {
        shapes->symbols.items[i].has_hint = TRUE;
        shapes->symbols.items[i].hint = values[i].integer;
      }
  return true;
}
