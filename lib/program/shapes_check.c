/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: what follows from given shapes and symbols, and which rules they break. */
#include "shapes_private.h"
#include "status.h"
#include "text.h"
#include <string.h>

enum
{
  /* PyTorch leaves 0 and 1 to the run time, whatever the range says: they are in it only to keep the tracer from
   * making them special. */
  LEAST_TESTED = 2,
};

/* An answer while it is made; the public part points into it. */
typedef struct
{
  Pt2ShapesAnswer answer; /* first */
  const Pt2Shapes *shapes;
  GPtrArray *problems;
  Pt2ExprValue *symbols, *sizes, *dims, *output_dims;
  const Pt2ExprValue **inputs, **outputs;
  Pt2ShapeVerdict *guards;
  gint64 *given_sizes;
  bool *given;
  guint *from;
} Answer;

static void add_problem (Answer *answer, Pt2ErrorCode code, const char *where, const char *detail, ...)
    G_GNUC_PRINTF (4, 5);

static void
add_problem (Answer *answer, Pt2ErrorCode code, const char *where, const char *detail, ...)
{
  va_list args;
  GError *error = NULL;
  va_start (args, detail);
  g_autofree char *text = g_strdup_vprintf (detail, args);
  va_end (args);
  gsize len = strlen (text), where_len = strlen (where);
  g_autofree char *safe = g_malloc (4 * len + 8), *safe_where = g_malloc (4 * where_len + 8);
  pt2_text_escape (text, len, safe, 4 * len + 8);
  pt2_text_escape (where, where_len, safe_where, 4 * where_len + 8);
  pt2_error_set (&error, code, safe_where, "%s", safe);
  g_ptr_array_add (answer->problems, error);
}

static Pt2ExprValue
integer (gint64 value)
{
  return (Pt2ExprValue){ PT2_EXPR_INTEGER, value, (double)value, NULL };
}

static char *
value_text (const Pt2ExprValue *value)
{
  if (value->digits != NULL)
    return g_strdup (value->digits);
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  switch (value->kind)
    {
    case PT2_EXPR_INTEGER:
      return g_strdup_printf ("%" G_GINT64_FORMAT, value->integer);
    case PT2_EXPR_BOOLEAN:
      return g_strdup (value->integer != 0 ? "true" : "false");
    case PT2_EXPR_INFINITY:
      return g_strdup (value->integer < 0 ? "-oo" : "oo");
    default:
      return g_strdup (g_ascii_dtostr (number, sizeof number, value->number));
    }
}

static bool
is_integer (const Pt2ExprValue *value, gint64 number)
{
  return value->kind == PT2_EXPR_INTEGER && value->integer == number;
}

/* ---- names ---- */

static const Pt2ShapeValue *
input_of (const Answer *answer, guint equation)
{
  return &answer->shapes->inputs.items[answer->shapes->equations.items[equation].input];
}

/* "x.shape[0]" of an equation. */
static char *
place_of (const Answer *answer, guint equation)
{
  return pt2_shapes_dim_name (input_of (answer, equation), answer->shapes->equations.items[equation].dim);
}

static const Pt2ShapeDim *
dim_of (const Answer *answer, guint equation)
{
  return &input_of (answer, equation)->dims[answer->shapes->equations.items[equation].dim];
}

/* "s17 = 6 by y.shape[0]" for each symbol of FORMULA. */
static char *
reasons (const Answer *answer, const ShapeFormula *formula)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < formula->n; i++)
    {
      guint id = formula->ids[i];
      g_autofree char *value = value_text (&answer->symbols[id]);
      g_autofree char *place = answer->from[id] != G_MAXUINT ? place_of (answer, answer->from[id]) : NULL;
      g_string_append_printf (out, "%s%s = %s%s%s", i > 0 ? ", " : "", pt2_shapes_symbol_name (answer->shapes, id),
                              value, place != NULL ? " by " : "", place != NULL ? place : "");
    }
  return g_string_free (out, FALSE);
}

/* ---- what is given ---- */

static bool
fail_name (GError **error, Pt2ErrorCode code, const char *name, const char *what)
{
  char safe[128];
  return pt2_error_set (error, code, NULL, "%s%s", pt2_text_escape (name, strlen (name), safe, sizeof safe), what);
}

static bool
take_settings (Answer *answer, const Pt2ExprSetting *settings, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      guint id = pt2_shapes_find_symbol (answer->shapes,
                                         (Pt2String){ settings[i].name, (uint32_t)strlen (settings[i].name) });
      if (id == G_MAXUINT || answer->symbols[id].kind != PT2_EXPR_NONE)
        return fail_name (error, PT2_ERROR_Y011, settings[i].name, id == G_MAXUINT ? "" : ", twice");
      answer->symbols[id] = settings[i].value;
      if (settings[i].value.digits != NULL)
        answer->symbols[id].digits = g_strdup (settings[i].value.digits);
      if (answer->shapes->symbols.items[id].from_input && settings[i].value.kind != PT2_EXPR_INTEGER)
        {
          g_autofree char *value = value_text (&settings[i].value);
          add_problem (answer, PT2_ERROR_Y015, settings[i].name, "%s is no integer of 64 bits", value);
        }
    }
  return true;
}

/* A size that is no expression is what it is. */
static void
check_fixed (Answer *answer, guint equation)
{
  const Pt2ShapeDim *dim = dim_of (answer, equation);
  g_autofree char *where = place_of (answer, equation);
  gint64 size = answer->given_sizes[equation];
  if (input_of (answer, equation)->kind == PT2_SHAPE_TENSOR && size < 0)
    add_problem (answer, PT2_ERROR_Y015, where, "%" G_GINT64_FORMAT " is below 0", size);
  if (dim->expr == NULL && size != dim->value)
    add_problem (answer, PT2_ERROR_Y014, where, "it is always %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT, dim->value,
                 size);
}

static bool
take_shape (Answer *answer, const Pt2GivenShape *given, GError **error)
{
  const Pt2Shapes *shapes = answer->shapes;
  Pt2String name = { given->name, (uint32_t)strlen (given->name) };
  uint32_t number
      = pt2_text_index_find (&shapes->input_index, shapes->inputs.items, sizeof shapes->inputs.items[0], name);
  if (number == PT2_TEXT_INDEX_NONE || shapes->inputs.items[number].kind == PT2_SHAPE_OTHER)
    return fail_name (error, PT2_ERROR_Y012, given->name, number == PT2_TEXT_INDEX_NONE ? "" : " has no shape");
  const Pt2ShapeValue *value = &shapes->inputs.items[number];
  guint first = shapes->first_equation[number];
  if (value->n_dims > 0 && answer->given[first])
    return fail_name (error, PT2_ERROR_Y012, given->name, ", twice");
  if (given->n != value->n_dims)
    {
      add_problem (answer, PT2_ERROR_Y013, given->name, "%u, not %u", value->n_dims, given->n);
      return true;
    }
  for (guint i = 0; i < given->n; i++)
    {
      answer->given[first + i] = true;
      answer->given_sizes[first + i] = given->sizes[i];
      check_fixed (answer, first + i);
    }
  return true;
}

/* ---- sizes ---- */

static void
fill_value (Answer *answer, const ShapeFormula *formula, const Pt2ShapeValue *value, guint dim, Pt2ExprValue *out)
{
  GError *why = NULL;
  if (formula->expr == NULL)
    *out = integer (value->dims[dim].value);
  else if (pt2_shapes_evaluate (answer->shapes, formula, pt2_shapes_symbol_name, answer->symbols, out, &why)
           == SHAPE_UNDEFINED)
    {
      g_autofree char *name = pt2_shapes_dim_name (value, dim);
      pt2_error_add_record (why, name);
      g_ptr_array_add (answer->problems, why);
    }
}

/* Whether what is given of a size is what its expression says. */
static void
compare_size (Answer *answer, guint i, const Pt2ExprValue *follows)
{
  const ShapeEquation *equation = &answer->shapes->equations.items[i];
  const Pt2ShapeDim *dim = dim_of (answer, i);
  if (equation->normal == NULL || follows->kind == PT2_EXPR_NONE || is_integer (follows, answer->given_sizes[i]))
    return;
  g_autofree char *where = place_of (answer, i), *value = value_text (follows),
                  *why = reasons (answer, &equation->formula);
  add_problem (answer, PT2_ERROR_Y014, where, "it is %" G_GINT64_FORMAT ", but %.*s is %s, since %s",
               answer->given_sizes[i], (int)dim->text.len, dim->text.data, value, why);
}

static void
fill_dims (Answer *answer)
{
  for (guint i = 0; i < answer->shapes->equations.n; i++)
    {
      const ShapeEquation *equation = &answer->shapes->equations.items[i];
      fill_value (answer, &equation->formula, input_of (answer, i), equation->dim, &answer->dims[i]);
      if (!answer->given[i])
        continue;
      compare_size (answer, i, &answer->dims[i]);
      pt2_expr_value_clear (&answer->dims[i]);
      answer->dims[i] = integer (answer->given_sizes[i]);
    }
}

/* An output that is given out twice is filled once. */
static void
fill_outputs (Answer *answer)
{
  const Pt2Shapes *shapes = answer->shapes;
  guint done = 0;
  for (guint i = 0; i < shapes->outputs.n; i++)
    for (guint d = 0; shapes->first_output_dim[i] >= done && d < shapes->outputs.items[i].n_dims; d++)
      {
        guint at = shapes->first_output_dim[i] + d;
        fill_value (answer, &shapes->output_formulas[at], &shapes->outputs.items[i], d, &answer->output_dims[at]);
        if (d + 1 == shapes->outputs.items[i].n_dims)
          done = at + 1;
      }
}

static void
fill_sizes (Answer *answer)
{
  for (guint i = 0; i < answer->shapes->sizes.n; i++)
    pt2_shapes_evaluate (answer->shapes, &answer->shapes->size_formulas[i], pt2_shapes_symbol_name, answer->symbols,
                         &answer->sizes[i], NULL);
}

/* ---- rules ---- */

static void
check_range (Answer *answer, const ShapeRange *item)
{
  const Pt2Range *range = &item->range;
  Pt2ExprValue value;
  if (pt2_shapes_evaluate (answer->shapes, &item->formula, pt2_shapes_symbol_name, answer->symbols, &value, NULL)
          != SHAPE_KNOWN
      || value.kind != PT2_EXPR_INTEGER)
    {
      pt2_expr_value_clear (&value);
      return;
    }
  bool of_inputs = true;
  for (guint i = 0; i < item->formula.n; i++)
    of_inputs = of_inputs && answer->shapes->symbols.items[item->formula.ids[i]].from_input;
  bool low = range->has_min && value.integer < range->min && (!of_inputs || range->min > LEAST_TESTED);
  bool high = range->has_max && value.integer > range->max;
  if (!low && !high)
    return;
  g_autofree char *name = g_strndup (range->name.data, range->name.len), *why = reasons (answer, &item->formula);
  add_problem (answer, PT2_ERROR_Y015, name, "%" G_GINT64_FORMAT " is %s %" G_GINT64_FORMAT " (%s)", value.integer,
               low ? "below" : "above", low ? range->min : range->max, why);
}

/* The dimensions that a guard is about have the values that are given, or that follow. */
static void
check_guard (Answer *answer, guint i)
{
  const Pt2ShapeGuard *guard = &answer->shapes->guards.items[i];
  Pt2ExprValue value;
  g_autoptr (GError) why = NULL;
  if (!guard->is_checked)
    return;
  ShapeOutcome outcome = pt2_shapes_evaluate (answer->shapes, &answer->shapes->guard_formulas.items[i],
                                              guard->is_assertion ? pt2_shapes_symbol_name : pt2_shapes_source_name,
                                              guard->is_assertion ? answer->symbols : answer->dims, &value, &why);
  if (outcome == SHAPE_NOT_KNOWN)
    return;
  bool holds = outcome == SHAPE_KNOWN && value.kind == PT2_EXPR_BOOLEAN && value.integer != 0;
  pt2_expr_value_clear (&value);
  answer->guards[i] = holds ? PT2_SHAPE_HOLDS : PT2_SHAPE_FAILS;
  if (!holds)
    add_problem (answer, guard->is_assertion ? PT2_ERROR_Y018 : PT2_ERROR_Y017, guard->where.data, "%s%s%s",
                 guard->text.data, why != NULL ? ": " : "", why != NULL ? why->message : "");
}

static void
check_failed (Answer *answer, guint i)
{
  if (i == G_MAXUINT)
    return;
  const Pt2ShapeDim *dim = dim_of (answer, i);
  g_autofree char *where = place_of (answer, i);
  add_problem (answer, PT2_ERROR_Y016, where, "%" G_GINT64_FORMAT " is not %.*s", answer->given_sizes[i],
               (int)dim->text.len, dim->text.data);
}

static bool
solve (Answer *answer, GError **error)
{
  for (guint i = 0; i < answer->shapes->symbols.n; i++)
    answer->from[i] = G_MAXUINT;
  ShapeSystem system = { answer->symbols, answer->from, answer->given_sizes, answer->given, G_MAXUINT };
  if (!pt2_shapes_solve_system (answer->shapes, &system, error))
    return false;
  check_failed (answer, system.failed);
  fill_dims (answer);
  for (guint i = 0; i < answer->shapes->ranges.n; i++)
    check_range (answer, &answer->shapes->ranges.items[i]);
  for (guint i = 0; i < answer->shapes->guards.n; i++)
    check_guard (answer, i);
  fill_outputs (answer);
  fill_sizes (answer);
  return true;
}

/* ---- the whole ---- */

static void
point_at_dims (Answer *answer)
{
  const Pt2Shapes *shapes = answer->shapes;
  for (guint i = 0; i < shapes->inputs.n; i++)
    answer->inputs[i] = answer->dims + shapes->first_equation[i];
  for (guint i = 0; i < shapes->outputs.n; i++)
    answer->outputs[i] = answer->output_dims + shapes->first_output_dim[i];
}

/* At least one, so that nothing is NULL but for want of memory. */
#define NEW(Type, n) (Type *)g_try_malloc0_n (MAX ((n), 1), sizeof (Type))

static Answer *
new_answer (const Pt2Shapes *shapes)
{
  Answer *answer = g_new0 (Answer, 1);
  answer->shapes = shapes;
  answer->problems = g_ptr_array_new_with_free_func ((GDestroyNotify)g_error_free);
  answer->symbols = NEW (Pt2ExprValue, shapes->symbols.n);
  answer->sizes = NEW (Pt2ExprValue, shapes->sizes.n);
  answer->dims = NEW (Pt2ExprValue, shapes->equations.n);
  answer->output_dims = NEW (Pt2ExprValue, answer->shapes->n_output_dims);
  answer->inputs = NEW (const Pt2ExprValue *, shapes->inputs.n);
  answer->outputs = NEW (const Pt2ExprValue *, shapes->outputs.n);
  answer->guards = NEW (Pt2ShapeVerdict, shapes->guards.n);
  answer->given_sizes = NEW (gint64, shapes->equations.n);
  answer->given = NEW (bool, shapes->equations.n);
  answer->from = NEW (guint, shapes->symbols.n);
  const void *const made[] = { answer->symbols, answer->sizes,  answer->dims,  answer->output_dims, answer->inputs,
                               answer->outputs, answer->guards, answer->given, answer->given_sizes, answer->from };
  for (gsize i = 0; i < G_N_ELEMENTS (made); i++)
    if (made[i] == NULL)
      {
        pt2_shapes_answer_free (&answer->answer);
        return NULL;
      }
  point_at_dims (answer);
  return answer;
}

static bool
fill_answer (Answer *answer, const Pt2GivenShape *given, guint n_given, const Pt2ExprSetting *settings,
             guint n_settings, GError **error)
{
  if (!take_settings (answer, settings, n_settings, error))
    return false;
  for (guint i = 0; i < n_given; i++)
    if (!take_shape (answer, &given[i], error))
      return false;
  return solve (answer, error);
}

Pt2ShapesAnswer *
pt2_shapes_solve (const Pt2Shapes *shapes, const Pt2GivenShape *given, guint n_given, const Pt2ExprSetting *settings,
                  guint n_settings, GError **error)
{
  Answer *answer = new_answer (shapes);
  if (answer == NULL)
    pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  else if (fill_answer (answer, given, n_given, settings, n_settings, error))
    {
      answer->answer = (Pt2ShapesAnswer){
        .fits = answer->problems->len == 0,
        .problems = (GError *const *)answer->problems->pdata,
        .n_problems = answer->problems->len,
        .symbols = answer->symbols,
        .sizes = answer->sizes,
        .inputs = answer->inputs,
        .outputs = answer->outputs,
        .guards = answer->guards,
      };
      return &answer->answer;
    }
  if (answer != NULL)
    pt2_shapes_answer_free (&answer->answer);
  return NULL;
}

static void
free_values (Pt2ExprValue *values, guint n)
{
  for (guint i = 0; values != NULL && i < n; i++)
    pt2_expr_value_clear (&values[i]);
  g_free (values);
}

void
pt2_shapes_answer_free (Pt2ShapesAnswer *public_answer)
{
  Answer *answer = (Answer *)public_answer;
  if (answer == NULL)
    return;
  free_values (answer->symbols, answer->shapes->symbols.n);
  free_values (answer->sizes, answer->shapes->sizes.n);
  free_values (answer->dims, answer->shapes->equations.n);
  free_values (answer->output_dims, answer->shapes->n_output_dims);
  g_free (answer->inputs);
  g_free (answer->outputs);
  g_free (answer->guards);
  g_free (answer->given_sizes);
  g_free (answer->given);
  g_free (answer->from);
  g_ptr_array_free (answer->problems, TRUE);
  g_free (answer);
}

gboolean
pt2_program_check_shapes (Pt2Program *program, const Pt2GivenShape *given, guint n, GError **error)
{
  g_autoptr (Pt2Shapes) shapes = pt2_shapes_new (program, NULL, error);
  g_autoptr (Pt2ShapesAnswer) answer = shapes != NULL ? pt2_shapes_solve (shapes, given, n, NULL, 0, error) : NULL;
  if (answer == NULL || answer->fits)
    return answer != NULL;
  g_propagate_error (error, g_error_copy (answer->problems[0]));
  return FALSE;
}
