/* SPDX-License-Identifier: Apache-2.0 */
/* What the nodes of the outermost graph tell: derived sizes, where symbols that no input gives come from, and
 * assertions. */
#include "shapes_private.h"
#include "status.h"
#include <string.h>

static const char *const members_with_names[][2] = {
  { "as_tensor", "name" },
  { "as_sym_int", "as_name" },
  { "as_sym_bool", "as_name" },
  { "as_sym_float", "as_name" },
};

static Pt2String
argument_name (Pt2Source argument)
{
  for (gsize i = 0; i < G_N_ELEMENTS (members_with_names); i++)
    {
      Pt2String name = pt2_source_text (pt2_source_at (argument, members_with_names[i], 2));
      if (name.data != NULL)
        return name;
    }
  return (Pt2String){ NULL, 0 };
}

/* ---- sizes and origins ---- */

static bool
add_size (Pt2Shapes *shapes, const Pt2Expr *normal, GError **error)
{
  guint n;
  pt2_expr_get_args (normal, &n);
  if (n == 0 || pt2_expr_is_boolean (normal))
    return true;
  gsize len;
  g_autofree char *text = pt2_expr_print (normal, PT2_EXPR_STR, &len);
  if (text == NULL || len > G_MAXUINT32)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  Pt2String key = { text, (uint32_t)len };
  Pt2ShapeSize *items = shapes->sizes.items;
  if (pt2_text_index_find (&shapes->size_index, items, sizeof *items, key) != PT2_TEXT_INDEX_NONE)
    return true;
  if (!PT2_SHAPES_GROW (shapes, shapes->sizes, error))
    return false;
  Pt2ShapeSize *size = &shapes->sizes.items[shapes->sizes.n];
  *size = (Pt2ShapeSize){ .expr = normal };
  if (!pt2_shapes_copy (shapes, text, len, &size->text, error))
    return false;
  return pt2_text_index_add (&shapes->size_index, shapes->sizes.items, sizeof *size, shapes->sizes.n++)
         || pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
}

/* SYM is dimension DIM of the value NAME, or the value itself. */
static bool
see_sym (Pt2Shapes *shapes, Pt2Source sym, const Pt2ShapeValue *value, guint dim, GError **error)
{
  guint text;
  gint64 number;
  GError *why = NULL;
  g_autofree char *name = pt2_shapes_dim_name (value, dim);
  if (!pt2_shapes_sym (shapes, sym, name, &text, &number, &why))
    {
      if (why != NULL)
        g_propagate_error (error, why);
      return why == NULL;
    }
  if (text == G_MAXUINT)
    return true;
  const Pt2Expr *normal = shapes->texts.items[text].normal;
  Pt2String symbol = pt2_expr_get_symbol (normal);
  if (symbol.data == NULL)
    return add_size (shapes, normal, error);
  Pt2ShapeSymbol *item = &shapes->symbols.items[pt2_shapes_find_symbol (shapes, symbol)];
  return item->origin.len > 0 || pt2_shapes_copy (shapes, name, strlen (name), &item->origin, error);
}

static bool
see_value (Pt2Shapes *shapes, Pt2String name, GError **error)
{
  ShapeEntry *entry = name.data != NULL ? pt2_shapes_find_entry (shapes, name) : NULL;
  if (entry == NULL || entry->kind == PT2_SHAPE_OTHER || entry->seen)
    return true;
  entry->seen = true;
  Pt2ShapeValue value = { .name = entry->name, .kind = entry->kind };
  Pt2Source meta = entry->meta;
  if (value.kind == PT2_SHAPE_INTEGER)
    return see_sym (shapes, meta, &value, 0, error);
  Pt2Source sizes = pt2_source_get (meta, "sizes");
  guint n = pt2_source_length (sizes);
  for (guint i = 0; i < n; i++)
    if (!see_sym (shapes, pt2_source_item (sizes, i), &value, i, error))
      return false;
  return true;
}

static bool
see_output (Pt2Shapes *shapes, Pt2Source argument, GError **error)
{
  Pt2Source tensors = pt2_source_get (argument, "as_tensors");
  guint n = pt2_source_length (tensors);
  for (guint i = 0; i < n; i++)
    if (!see_value (shapes, pt2_source_text (pt2_source_get (pt2_source_item (tensors, i), "name")), error))
      return false;
  return see_value (shapes, argument_name (argument), error);
}

/* ---- assertions ---- */

typedef struct
{
  Pt2Shapes *shapes;
  Pt2Source node;
  Pt2String where;
  Pt2String scalar; /* newest tensor that aten.scalar_tensor made, and of which argument */
  Pt2Source of;
} Reader;

/* An input by name, or by place where the names are those of the operator's schema anyway. */
static Pt2Source
input (const Reader *reader, const char *name)
{
  Pt2Source inputs = pt2_source_get (reader->node, "inputs");
  guint n = pt2_source_length (inputs);
  for (guint i = 0; i < n; i++)
    {
      Pt2Source item = pt2_source_item (inputs, i);
      Pt2String text = pt2_source_text (pt2_source_get (item, "name"));
      if (text.len == strlen (name) && memcmp (text.data, name, text.len) == 0)
        return pt2_source_get (item, "arg");
    }
  return (Pt2Source){ 0 };
}

/* The expression of a symbolic value. *TEXT is G_MAXUINT if it has none or it is no expression. */
static bool
expression_of (Reader *reader, Pt2String name, guint *text, GError **error)
{
  static const char *const path[] = { "as_expr", "expr_str" };
  const ShapeEntry *entry = name.data != NULL ? pt2_shapes_find_entry (reader->shapes, name) : NULL;
  Pt2String expr = { NULL, 0 };
  *text = G_MAXUINT;
  if (entry != NULL && entry->kind != PT2_SHAPE_TENSOR)
    expr = pt2_source_text (pt2_source_at (entry->meta, path, 2));
  return expr.data == NULL || pt2_shapes_text (reader->shapes, expr, reader->where.data, text, error);
}

static bool
add_assertion (Reader *reader, const Pt2Expr *condition, Pt2String shown, GError **error)
{
  Pt2ShapeGuard guard
      = { .is_assertion = TRUE, .text = shown, .where = reader->where, .is_checked = condition != NULL };
  ShapeFormula formula = { 0 };
  if (condition != NULL && !pt2_shapes_formula (reader->shapes, condition, &formula, error))
    return false;
  return pt2_shapes_add_guard (reader->shapes, &guard, &formula, error);
}

/* A condition that is there as such. */
static bool
add_constant (Reader *reader, bool value, Pt2String message, GError **error)
{
  const Pt2Expr *condition = pt2_expr_parse (reader->shapes->pool, value ? "true" : "false", -1, error);
  return condition != NULL && add_assertion (reader, condition, message, error);
}

/* ARGUMENT must be true; the node's message says what is asserted where that does not. */
static bool
read_condition (Reader *reader, Pt2Source argument, GError **error)
{
  guint text;
  bool value;
  Pt2String message = pt2_source_text (pt2_source_get (input (reader, "assert_msg"), "as_string"));
  if (message.data == NULL)
    message = (Pt2String){ "", 0 };
  if (pt2_source_boolean (pt2_source_get (argument, "as_bool"), &value))
    return add_constant (reader, value, message, error);
  if (!expression_of (reader, argument_name (argument), &text, error))
    return false;
  const ShapeText *item = text != G_MAXUINT ? &reader->shapes->texts.items[text] : NULL;
  if (item != NULL && pt2_expr_is_boolean (item->expr))
    return add_assertion (reader, item->expr, item->shown, error);
  return add_assertion (reader, NULL, message, error);
}

static bool
read_assert_scalar (Reader *reader, GError **error)
{
  return read_condition (reader, input (reader, "self"), error);
}

/* Up to torch 2.3 a condition becomes a tensor first. Of other tensors nothing is known. */
static bool
read_assert_async (Reader *reader, GError **error)
{
  Pt2String tensor = argument_name (input (reader, "self"));
  bool made = tensor.data != NULL && tensor.len == reader->scalar.len
              && memcmp (tensor.data, reader->scalar.data, tensor.len) == 0;
  return read_condition (reader, made ? reader->of : (Pt2Source){ 0 }, error);
}

static bool
read_scalar_tensor (Reader *reader, GError **error)
{
  Pt2Source outputs = pt2_source_get (reader->node, "outputs");
  reader->scalar = argument_name (pt2_source_item (outputs, 0));
  reader->of = input (reader, "s");
  (void)error;
  return true;
}

/* END: the argument's name; a comparison of OPERATION between it, or what OTHERWISE is meant, and EXPR goes to ARGS. */
static bool
compare_end (Reader *reader, const char *end, const gint64 *otherwise, const char *operation, const Pt2Expr *expr,
             const Pt2Expr **args, guint *n, GError **error)
{
  gint64 value;
  if (!pt2_source_integer (pt2_source_get (input (reader, end), "as_int"), &value))
    {
      if (otherwise == NULL)
        return true;
      value = *otherwise;
    }
  const Pt2Expr *sides[] = { expr, pt2_expr_integer (reader->shapes->pool, value, error) };
  if (sides[1] == NULL || (args[*n] = pt2_expr_make (reader->shapes->pool, operation, sides, 2, error)) == NULL)
    return false;
  ++*n;
  return true;
}

static bool
read_range (Reader *reader, const gint64 *least, GError **error)
{
  Pt2Shapes *shapes = reader->shapes;
  const Pt2Expr *ends[2], *condition = NULL;
  guint text, n = 0;
  if (!expression_of (reader, argument_name (input (reader, "size")), &text, error))
    return false;
  if (text == G_MAXUINT || pt2_expr_is_boolean (shapes->texts.items[text].expr))
    return add_assertion (reader, NULL, (Pt2String){ "", 0 }, error);
  const Pt2Expr *expr = shapes->texts.items[text].expr;
  if (!compare_end (reader, "min", least, "GreaterThan", expr, ends, &n, error)
      || !compare_end (reader, "max", NULL, "LessThan", expr, ends, &n, error))
    return false;
  if (n == 0)
    return true;
  condition = n == 1 ? ends[0] : pt2_expr_make (shapes->pool, "And", ends, n, error);
  g_autofree char *shown = condition != NULL ? pt2_expr_print (condition, PT2_EXPR_STR, NULL) : NULL;
  Pt2String copy;
  return shown != NULL && pt2_shapes_copy (shapes, shown, strlen (shown), &copy, error)
         && add_assertion (reader, condition, copy, error);
}

static bool
read_constrain_range (Reader *reader, GError **error)
{
  return read_range (reader, NULL, error);
}

/* A size is never below 0. */
static bool
read_constrain_size (Reader *reader, GError **error)
{
  static const gint64 none = 0;
  return read_range (reader, &none, error);
}

/* ---- all nodes ---- */

static const struct
{
  const char *target;
  bool (*read) (Reader *reader, GError **error);
} readers[] = {
  { "torch.ops.aten._assert_scalar.default", read_assert_scalar },
  { "torch.ops.aten._assert_async.msg", read_assert_async },
  { "torch.ops.aten._assert_async.default", read_assert_async },
  { "torch.ops.aten.scalar_tensor.default", read_scalar_tensor },
  { "torch.ops.aten.sym_constrain_range.default", read_constrain_range },
  { "torch.ops.aten.sym_constrain_range_for_size.default", read_constrain_size },
};

static bool
read_node (Reader *reader, guint index, GError **error)
{
  Pt2String target = pt2_source_text (pt2_source_get (reader->node, "target"));
  Pt2Source outputs = pt2_source_get (reader->node, "outputs");
  guint n = pt2_source_length (outputs);
  for (guint i = 0; i < n; i++)
    if (!see_output (reader->shapes, pt2_source_item (outputs, i), error))
      return false;
  for (gsize i = 0; i < G_N_ELEMENTS (readers); i++)
    if (target.len == strlen (readers[i].target) && memcmp (target.data, readers[i].target, target.len) == 0)
      {
        char where[64];
        g_snprintf (where, sizeof where, "graph_module.graph.nodes[%u]", index);
        return pt2_shapes_copy (reader->shapes, where, strlen (where), &reader->where, error)
               && readers[i].read (reader, error);
      }
  return true;
}

bool
pt2_shapes_read_nodes (Pt2Shapes *shapes, GError **error)
{
  static const char *const path[] = { "graph_module", "graph", "nodes" };
  Pt2Source nodes = pt2_source_at (pt2_source_root (shapes->program), path, G_N_ELEMENTS (path));
  Reader reader = { .shapes = shapes };
  guint n = pt2_source_length (nodes);
  for (guint i = 0; i < shapes->equations.n; i++)
    if (shapes->equations.items[i].normal != NULL && !add_size (shapes, shapes->equations.items[i].normal, error))
      return false;
  for (guint i = 0; i < n; i++)
    {
      reader.node = pt2_source_item (nodes, i);
      if (!read_node (&reader, i, error))
        return false;
    }
  return true;
}
