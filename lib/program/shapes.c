/* SPDX-License-Identifier: Apache-2.0 */
/* The contract as a whole: memory, expressions, ranges, hints and bounds. */
#include "shapes_private.h"
#include "status.h"
#include "text.h"
#include <string.h>

/* ---- memory ---- */

static bool
fail_memory (const Pt2Shapes *shapes, GError **error)
{
  return pt2_error_set (error, shapes->arena.out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, NULL, "%s", "");
}

void *
pt2_shapes_alloc (Pt2Shapes *shapes, gsize n, gsize size, GError **error)
{
  void *p = n <= G_MAXSIZE / 2 / size ? pt2_arena_alloc (&shapes->arena, n * size) : NULL;
  if (p == NULL)
    fail_memory (shapes, error);
  else
    memset (p, 0, n * size);
  return p;
}

bool
pt2_shapes_copy (Pt2Shapes *shapes, const char *text, gsize len, Pt2String *out, GError **error)
{
  char *copy = pt2_shapes_alloc (shapes, len + 1, 1, error);
  if (copy == NULL || len > G_MAXUINT32)
    return copy != NULL && fail_memory (shapes, error);
  memcpy (copy, text, len);
  *out = (Pt2String){ copy, (uint32_t)len };
  return true;
}

bool
pt2_shapes_grow (Pt2Shapes *shapes, void *items, guint n, guint *room, gsize size, GError **error)
{
  void **place = items;
  if (n < *room)
    return true;
  if (n > G_MAXUINT / 4)
    return fail_memory (shapes, error);
  guint more = MAX (8, n * 2);
  char *grown = pt2_shapes_alloc (shapes, more, size, error);
  if (grown == NULL)
    return false;
  if (n > 0)
    memcpy (grown, *place, n * size);
  *place = grown;
  *room = more;
  return true;
}

/* ---- symbols ---- */

guint
pt2_shapes_find_symbol (const Pt2Shapes *shapes, Pt2String name)
{
  uint32_t at
      = pt2_text_index_find (&shapes->symbol_index, shapes->symbols.items, sizeof shapes->symbols.items[0], name);
  return at == PT2_TEXT_INDEX_NONE ? G_MAXUINT : at;
}

static bool
add_symbol (Pt2Shapes *shapes, Pt2String name, GError **error)
{
  if (pt2_shapes_find_symbol (shapes, name) != G_MAXUINT)
    return true;
  if (!PT2_SHAPES_GROW (shapes, shapes->symbols, error))
    return false;
  Pt2ShapeSymbol *symbol = &shapes->symbols.items[shapes->symbols.n];
  symbol->origin = (Pt2String){ "", 0 };
  if (!pt2_shapes_copy (shapes, name.data, name.len, &symbol->name, error))
    return false;
  return pt2_text_index_add (&shapes->symbol_index, shapes->symbols.items, sizeof *symbol, shapes->symbols.n++)
         || fail_memory (shapes, error);
}

static bool
add_symbols (Pt2Shapes *shapes, const Pt2Expr *expr, GError **error)
{
  guint n;
  g_autofree Pt2String *names = pt2_expr_free_symbols (expr, &n);
  for (guint i = 0; i < n; i++)
    if (!add_symbol (shapes, names[i], error))
      return false;
  return true;
}

/* ---- expressions ---- */

static bool
parse (Pt2Shapes *shapes, ShapeText *text, const char *where, GError **error)
{
  GError *why = NULL;
  text->expr = pt2_expr_parse (shapes->pool, text->text.data, text->text.len, &why);
  text->normal = text->expr != NULL ? pt2_expr_normal (shapes->pool, text->expr, &why) : NULL;
  if (text->normal == NULL)
    {
      pt2_error_add_record (why, where);
      g_propagate_error (error, why);
      return false;
    }
  gsize len;
  g_autofree char *shown = pt2_expr_print (text->expr, PT2_EXPR_STR, &len);
  if (shown == NULL)
    return fail_memory (shapes, error);
  return pt2_shapes_copy (shapes, shown, len, &text->shown, error) && add_symbols (shapes, text->expr, error);
}

bool
pt2_shapes_text (Pt2Shapes *shapes, Pt2String text, const char *where, guint *number, GError **error)
{
  uint32_t at = pt2_text_index_find (&shapes->text_index, shapes->texts.items, sizeof shapes->texts.items[0], text);
  *number = at;
  if (at != PT2_TEXT_INDEX_NONE)
    return true;
  if (!PT2_SHAPES_GROW (shapes, shapes->texts, error))
    return false;
  ShapeText *item = &shapes->texts.items[shapes->texts.n];
  *item = (ShapeText){ .text = text };
  if (!parse (shapes, item, where, error))
    return false;
  *number = shapes->texts.n++;
  return pt2_text_index_add (&shapes->text_index, shapes->texts.items, sizeof *item, *number)
         || fail_memory (shapes, error);
}

bool
pt2_shapes_formula (Pt2Shapes *shapes, const Pt2Expr *expr, ShapeFormula *formula, GError **error)
{
  guint n;
  g_autofree Pt2String *names = pt2_expr_free_symbols (expr, &n);
  guint *ids = pt2_shapes_alloc (shapes, n, sizeof *ids, error);
  if (ids == NULL)
    return false;
  for (guint i = 0; i < n; i++)
    ids[i] = pt2_shapes_find_symbol (shapes, names[i]);
  *formula = (ShapeFormula){ expr, ids, n };
  return true;
}

const char *
pt2_shapes_symbol_name (const Pt2Shapes *shapes, guint id)
{
  return shapes->symbols.items[id].name.data;
}

const char *
pt2_shapes_source_name (const Pt2Shapes *shapes, guint id)
{
  return shapes->equations.items[id].source;
}

ShapeOutcome
pt2_shapes_evaluate (const Pt2Shapes *shapes, const ShapeFormula *formula, ShapeNameFunc name,
                     const Pt2ExprValue *values, Pt2ExprValue *out, GError **error)
{
  *out = (Pt2ExprValue){ .kind = PT2_EXPR_NONE };
  for (guint i = 0; i < formula->n; i++)
    if (values[formula->ids[i]].kind == PT2_EXPR_NONE)
      return SHAPE_NOT_KNOWN;
  Pt2ExprSetting few[8], *settings = few;
  g_autofree Pt2ExprSetting *many = NULL;
  if (formula->n > G_N_ELEMENTS (few))
    settings = many = g_try_new (Pt2ExprSetting, formula->n);
  if (settings == NULL)
    {
      fail_memory (shapes, error);
      return SHAPE_UNDEFINED;
    }
  for (guint i = 0; i < formula->n; i++)
    settings[i] = (Pt2ExprSetting){ name (shapes, formula->ids[i]), values[formula->ids[i]] };
  return pt2_expr_evaluate (formula->expr, settings, formula->n, &shapes->limits, out, error) ? SHAPE_KNOWN
                                                                                              : SHAPE_UNDEFINED;
}

char *
pt2_shapes_dim_name (const Pt2ShapeValue *value, guint dim)
{
  if (value->kind == PT2_SHAPE_INTEGER)
    return g_strndup (value->name.data, value->name.len);
  return g_strdup_printf ("%.*s.shape[%u]", (int)value->name.len, value->name.data, dim);
}

/* ---- ranges and bounds ---- */

/* Old versions of PyTorch write the largest numbers for an open end. */
static void
open_ends (Pt2Range *range)
{
  range->has_max = range->has_max && range->max < G_MAXINT64 - 1;
  range->has_min = range->has_min && range->min > -(G_MAXINT64 - 1);
}

static bool
read_range (Pt2Shapes *shapes, const Pt2Range *range, GError **error)
{
  char name[128];
  g_autofree char *where = g_strdup_printf ("range_constraints[\"%s\"]",
                                            pt2_text_escape (range->name.data, range->name.len, name, sizeof name));
  guint number;
  if (!pt2_shapes_text (shapes, range->name, where, &number, error) || !PT2_SHAPES_GROW (shapes, shapes->ranges, error))
    return false;
  ShapeRange *item = &shapes->ranges.items[shapes->ranges.n];
  *item = (ShapeRange){ .range = *range, .normal = shapes->texts.items[number].normal };
  open_ends (&item->range);
  if (item->range.has_min && item->range.has_max && item->range.min > item->range.max)
    return pt2_error_set (error, PT2_ERROR_Y009, where, "%s", "");
  shapes->ranges.n++;
  return pt2_shapes_formula (shapes, item->normal, &item->formula, error);
}

static bool
read_ranges (Pt2Shapes *shapes, GError **error)
{
  guint n;
  const Pt2Range *ranges = pt2_program_get_ranges (shapes->program, &n);
  for (guint i = 0; i < n; i++)
    if (!read_range (shapes, &ranges[i], error))
      return false;
  return true;
}

static void
take_end (const Pt2ExprValue *end, gboolean *has, gint64 *out)
{
  *has = end->kind == PT2_EXPR_INTEGER;
  *out = *has ? end->integer : 0;
}

/* What the symbol's assumptions say, where no range constraint does. A name that is no symbol when it stands alone,
 * such as `pi`, has no ends. */
static void
bound_symbol (Pt2Shapes *shapes, Pt2ShapeSymbol *symbol)
{
  const Pt2Expr *expr = pt2_expr_parse (shapes->pool, symbol->name.data, symbol->name.len, NULL);
  Pt2ExprRange bounds = { 0 };
  if (expr == NULL || pt2_expr_get_symbol (expr).data == NULL
      || !pt2_expr_bounds (shapes->pool, expr, NULL, 0, &bounds, NULL))
    return;
  take_end (&bounds.lower, &symbol->has_lower, &symbol->lower);
  take_end (&bounds.upper, &symbol->has_upper, &symbol->upper);
  pt2_expr_value_clear (&bounds.lower);
  pt2_expr_value_clear (&bounds.upper);
}

static void
bound_symbols (Pt2Shapes *shapes)
{
  for (guint i = 0; i < shapes->symbols.n; i++)
    bound_symbol (shapes, &shapes->symbols.items[i]);
  for (guint i = 0; i < shapes->ranges.n; i++)
    {
      const ShapeRange *range = &shapes->ranges.items[i];
      if (pt2_expr_get_symbol (range->normal).data == NULL)
        continue;
      Pt2ShapeSymbol *symbol = &shapes->symbols.items[range->formula.ids[0]];
      symbol->lower = range->range.min;
      symbol->upper = range->range.max;
      symbol->has_lower = range->range.has_min;
      symbol->has_upper = range->range.has_max;
    }
}

static Pt2ExprValue
end_value (gboolean has, gint64 value, int infinity)
{
  return (Pt2ExprValue){ has ? PT2_EXPR_INTEGER : PT2_EXPR_INFINITY, has ? value : infinity, 0, NULL };
}

static bool
bound_size (Pt2Shapes *shapes, Pt2ShapeSize *size, const ShapeFormula *formula, GError **error)
{
  g_autofree Pt2ExprRange *ranges = g_try_new (Pt2ExprRange, formula->n);
  if (ranges == NULL && formula->n > 0)
    return fail_memory (shapes, error);
  for (guint i = 0; i < formula->n; i++)
    {
      const Pt2ShapeSymbol *symbol = &shapes->symbols.items[formula->ids[i]];
      ranges[i] = (Pt2ExprRange){ symbol->name.data, end_value (symbol->has_lower, symbol->lower, -1),
                                  end_value (symbol->has_upper, symbol->upper, 1) };
    }
  Pt2ExprRange bounds = { 0 };
  if (!pt2_expr_bounds (shapes->pool, size->expr, ranges, formula->n, &bounds, error))
    return false;
  take_end (&bounds.lower, &size->has_lower, &size->lower);
  take_end (&bounds.upper, &size->has_upper, &size->upper);
  pt2_expr_value_clear (&bounds.lower);
  pt2_expr_value_clear (&bounds.upper);
  return true;
}

static bool
bound_sizes (Pt2Shapes *shapes, GError **error)
{
  ShapeFormula *formulas = pt2_shapes_alloc (shapes, shapes->sizes.n, sizeof *formulas, error);
  if (formulas == NULL)
    return false;
  for (guint i = 0; i < shapes->sizes.n; i++)
    if (!pt2_shapes_formula (shapes, shapes->sizes.items[i].expr, &formulas[i], error)
        || !bound_size (shapes, &shapes->sizes.items[i], &formulas[i], error))
      return false;
  shapes->size_formulas = formulas;
  return true;
}

/* ---- the whole ---- */

static bool
read_all (Pt2Shapes *shapes, GError **error)
{
  if (!pt2_shapes_read_values (shapes, error) || !read_ranges (shapes, error) || !pt2_shapes_read_guards (shapes, error)
      || !pt2_shapes_read_nodes (shapes, error))
    return false;
  bound_symbols (shapes);
  return bound_sizes (shapes, error) && pt2_shapes_find_hints (shapes, error);
}

Pt2Shapes *
pt2_shapes_new (Pt2Program *program, const Pt2Limits *limits, GError **error)
{
  Pt2Shapes *shapes = g_new0 (Pt2Shapes, 1);
  shapes->limits = limits != NULL ? *limits : *pt2_limits_default ();
  shapes->program = pt2_program_ref (program);
  pt2_arena_init (&shapes->arena, shapes->limits.memory, 0);
  Pt2TextIndex *indices[]
      = { &shapes->text_index, &shapes->symbol_index, &shapes->size_index, &shapes->input_index, &shapes->entry_index };
  for (gsize i = 0; i < G_N_ELEMENTS (indices); i++)
    pt2_text_index_init (indices[i]);
  shapes->pool = pt2_expr_pool_new (&shapes->limits);
  if (shapes->pool != NULL ? read_all (shapes, error) : fail_memory (shapes, error))
    return shapes;
  pt2_shapes_free (shapes);
  return NULL;
}

void
pt2_shapes_free (Pt2Shapes *shapes)
{
  if (shapes == NULL)
    return;
  pt2_text_index_clear (&shapes->text_index);
  pt2_text_index_clear (&shapes->symbol_index);
  pt2_text_index_clear (&shapes->size_index);
  pt2_text_index_clear (&shapes->input_index);
  pt2_text_index_clear (&shapes->entry_index);
  pt2_expr_pool_free (shapes->pool);
  pt2_program_unref (shapes->program);
  pt2_arena_clear (&shapes->arena);
  g_free (shapes);
}

#define GETTER(Type, name, array)                                                                                      \
  const Type *pt2_shapes_get_##name (const Pt2Shapes *shapes, guint *n)                                                \
  {                                                                                                                    \
    *n = shapes->array.n;                                                                                              \
    return shapes->array.items;                                                                                        \
  }
GETTER (Pt2ShapeSymbol, symbols, symbols)
GETTER (Pt2ShapeSize, sizes, sizes)
GETTER (Pt2ShapeValue, inputs, inputs)
GETTER (Pt2ShapeValue, outputs, outputs)
GETTER (Pt2ShapeGuard, guards, guards)
#undef GETTER
