/* SPDX-License-Identifier: Apache-2.0 */
#include "expr_answer.h"
#include "shapes_show.h"
#include "show.h"

static const Column plain[] = { { NULL, FALSE, STYLE_PLAIN },
                                { NULL, FALSE, STYLE_PLAIN },
                                { NULL, FALSE, STYLE_PLAIN },
                                { NULL, FALSE, STYLE_PLAIN },
                                { NULL, FALSE, STYLE_PLAIN } };

/* "2…1024"; an open end is left out. */
static char *
ends_text (gboolean has_lower, gint64 lower, gboolean has_upper, gint64 upper)
{
  g_autofree char *from = has_lower ? g_strdup_printf ("%" G_GINT64_FORMAT, lower) : g_strdup ("");
  g_autofree char *to = has_upper ? g_strdup_printf ("%" G_GINT64_FORMAT, upper) : g_strdup ("");
  return has_lower || has_upper ? g_strdup_printf ("%s…%s", from, to) : g_strdup ("");
}

/* The range of a dimension that is a symbol. */
static char *
symbol_range (const Pt2Shapes *shapes, const Pt2ShapeDim *dim)
{
  guint n;
  const Pt2ShapeSymbol *symbols = pt2_shapes_get_symbols (shapes, &n);
  if (dim->symbol >= n)
    return g_strdup ("");
  const Pt2ShapeSymbol *symbol = &symbols[dim->symbol];
  return ends_text (symbol->has_lower, symbol->lower, symbol->has_upper, symbol->upper);
}

static void
append_dim (GString *out, const Pt2Shapes *shapes, const Pt2ShapeDim *dim, const Pt2ExprValue *value)
{
  if (value != NULL && value->kind != PT2_EXPR_NONE)
    {
      g_autofree char *text = expr_value_text (value);
      g_string_append (out, text);
    }
  else if (dim->expr == NULL)
    g_string_append_printf (out, "%" G_GINT64_FORMAT, dim->value);
  else
    {
      append_escaped (out, dim->text.data, dim->text.len);
      g_autofree char *range = shapes != NULL ? symbol_range (shapes, dim) : g_strdup ("");
      if (range[0] != '\0')
        g_string_append_printf (out, " ∈ %s", range);
    }
}

/* SHAPES NULL: without ranges. */
static char *
shape_of (const Pt2Shapes *shapes, const Pt2ShapeValue *value, const Pt2ExprValue *dims)
{
  GString *out = g_string_new (value->kind == PT2_SHAPE_TENSOR ? "[" : "");
  for (guint i = 0; i < value->n_dims; i++)
    {
      g_string_append (out, i > 0 ? ", " : "");
      append_dim (out, shapes, &value->dims[i], dims != NULL ? &dims[i] : NULL);
    }
  if (value->kind == PT2_SHAPE_TENSOR)
    g_string_append_c (out, ']');
  return g_string_free (out, FALSE);
}

static void
print_values (const char *heading, const Pt2Shapes *ranges, const Pt2ShapeValue *values, guint n,
              const Pt2ExprValue *const *dims)
{
  Table table;
  print_heading (heading);
  table_init (&table, plain, 2, "  ");
  for (guint i = 0; i < n; i++)
    {
      table_text (&table, values[i].name.data != NULL ? values[i].name.data : "(constant)",
                  values[i].name.data != NULL ? (gssize)values[i].name.len : -1);
      table_take (&table, shape_of (ranges, &values[i], dims != NULL ? dims[i] : NULL));
    }
  table_print (&table);
}

static void
table_value (Table *table, const Pt2ExprValue *value)
{
  g_autofree char *text = value != NULL && value->kind != PT2_EXPR_NONE ? expr_value_text (value) : NULL;
  table_take (table, text != NULL ? g_strdup_printf ("= %s", text) : g_strdup (""));
}

static void
print_symbols (const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer)
{
  guint n;
  const Pt2ShapeSymbol *symbols = pt2_shapes_get_symbols (shapes, &n);
  Table table;
  if (n == 0)
    return;
  print_heading ("Symbols");
  table_init (&table, plain, 5, "  ");
  for (guint i = 0; i < n; i++)
    {
      const Pt2ShapeSymbol *symbol = &symbols[i];
      g_autofree char *origin = escaped (symbol->origin.data, symbol->origin.len);
      table_text (&table, symbol->name.data, symbol->name.len);
      table_value (&table, answer != NULL ? &answer->symbols[i] : NULL);
      table_take (&table, ends_text (symbol->has_lower, symbol->lower, symbol->has_upper, symbol->upper));
      table_take (&table,
                  symbol->has_hint ? g_strdup_printf ("traced with %" G_GINT64_FORMAT, symbol->hint) : g_strdup (""));
      table_take (&table, g_strconcat (symbol->from_input ? "" : "from data: ", origin, NULL));
    }
  table_print (&table);
}

static void
print_sizes (const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer)
{
  guint n;
  const Pt2ShapeSize *sizes = pt2_shapes_get_sizes (shapes, &n);
  Table table;
  if (n == 0)
    return;
  print_heading ("Derived sizes");
  table_init (&table, plain, 3, "  ");
  for (guint i = 0; i < n; i++)
    {
      table_text (&table, sizes[i].text.data, sizes[i].text.len);
      table_value (&table, answer != NULL ? &answer->sizes[i] : NULL);
      table_take (&table, ends_text (sizes[i].has_lower, sizes[i].lower, sizes[i].has_upper, sizes[i].upper));
    }
  table_print (&table);
}

static const char *
verdict_text (const Pt2ShapeGuard *guard, const Pt2ShapeVerdict *verdict)
{
  static const char *const verdicts[]
      = { [PT2_SHAPE_UNKNOWN] = "not known", [PT2_SHAPE_HOLDS] = "holds", [PT2_SHAPE_FAILS] = "FAILS" };
  if (!guard->is_checked)
    return "not checked";
  return verdict != NULL ? verdicts[*verdict] : "";
}

static void
print_guards (const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer, gboolean assertions)
{
  guint n, shown = 0;
  const Pt2ShapeGuard *guards = pt2_shapes_get_guards (shapes, &n);
  Table table;
  for (guint i = 0; i < n; i++)
    {
      if (guards[i].is_assertion != assertions)
        continue;
      if (shown++ == 0)
        {
          print_heading (assertions ? "Assertions" : "Guards");
          table_init (&table, plain, 2, "  ");
        }
      table_text (&table, guards[i].text.data, guards[i].text.len);
      table_text (&table, verdict_text (&guards[i], answer != NULL ? &answer->guards[i] : NULL), -1);
    }
  if (shown > 0)
    table_print (&table);
}

static void
print_problems (const Pt2ShapesAnswer *answer)
{
  print_heading (answer->fits ? "Fits" : "Does not fit");
  for (guint i = 0; i < answer->n_problems; i++)
    {
      const GError *problem = answer->problems[i];
      const char *where = pt2_error_get_where (problem);
      printf ("  %s%s%s%s%s: %s\n", where != NULL ? where : "", where != NULL ? ": " : "",
              style_begin (stdout, STYLE_ALARM), pt2_error_get_id (problem), style_end (stdout, STYLE_ALARM),
              problem->message);
    }
}

void
shapes_text (const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer)
{
  guint n;
  const Pt2ShapeValue *values = pt2_shapes_get_inputs (shapes, &n);
  print_values ("Inputs", shapes, values, n, answer != NULL ? answer->inputs : NULL);
  values = pt2_shapes_get_outputs (shapes, &n);
  print_values ("Outputs", NULL, values, n, answer != NULL ? answer->outputs : NULL);
  print_symbols (shapes, answer);
  print_sizes (shapes, answer);
  print_guards (shapes, answer, FALSE);
  print_guards (shapes, answer, TRUE);
  if (answer != NULL)
    print_problems (answer);
}
