/* SPDX-License-Identifier: Apache-2.0 */
#include "expr_answer.h"
#include "shapes_show.h"
#include <string.h>

static void
put_end (Json *json, const char *key, gboolean given, gint64 value)
{
  json_key (json, key);
  given ? json_integer (json, value) : json_null (json);
}

static void
put_value (Json *json, const Pt2ExprValue *value)
{
  json_key (json, "value");
  expr_value_json (json, value);
}

static void
put_symbols (Json *json, const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer)
{
  guint n;
  const Pt2ShapeSymbol *symbols = pt2_shapes_get_symbols (shapes, &n);
  json_key (json, "symbols");
  json_open (json, '{');
  for (guint i = 0; i < n; i++)
    {
      json_key_len (json, symbols[i].name.data, symbols[i].name.len);
      json_open (json, '{');
      put_end (json, "lower", symbols[i].has_lower, symbols[i].lower);
      put_end (json, "upper", symbols[i].has_upper, symbols[i].upper);
      put_end (json, "hint", symbols[i].has_hint, symbols[i].hint);
      json_member_text (json, "kind", symbols[i].from_input ? "input" : "data");
      json_member_string (json, "origin", symbols[i].origin);
      if (answer != NULL)
        put_value (json, &answer->symbols[i]);
      json_close (json, '}');
    }
  json_close (json, '}');
}

static void
put_sizes (Json *json, const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer)
{
  guint n;
  const Pt2ShapeSize *sizes = pt2_shapes_get_sizes (shapes, &n);
  json_key (json, "sizes");
  json_open (json, '{');
  for (guint i = 0; i < n; i++)
    {
      json_key_len (json, sizes[i].text.data, sizes[i].text.len);
      json_open (json, '{');
      put_end (json, "lower", sizes[i].has_lower, sizes[i].lower);
      put_end (json, "upper", sizes[i].has_upper, sizes[i].upper);
      if (answer != NULL)
        put_value (json, &answer->sizes[i]);
      json_close (json, '}');
    }
  json_close (json, '}');
}

/* A number where it is known, else the expression. */
static void
put_dim (Json *json, const Pt2ShapeDim *dim, const Pt2ExprValue *value)
{
  if (value != NULL && value->kind != PT2_EXPR_NONE)
    expr_value_json (json, value);
  else if (dim->expr != NULL)
    json_text (json, dim->text.data, dim->text.len);
  else
    json_integer (json, dim->value);
}

static void
put_shape (Json *json, const Pt2ShapeValue *value, const Pt2ExprValue *dims)
{
  if (value->kind == PT2_SHAPE_INTEGER)
    put_dim (json, &value->dims[0], dims);
  else if (value->kind == PT2_SHAPE_OTHER)
    json_null (json);
  else
    {
      json_open (json, '[');
      for (guint i = 0; i < value->n_dims; i++)
        put_dim (json, &value->dims[i], dims != NULL ? &dims[i] : NULL);
      json_close (json, ']');
    }
}

static int
compare_names (const void *a, const void *b)
{
  Pt2String x = (*(const Pt2ShapeValue *const *)a)->name, y = (*(const Pt2ShapeValue *const *)b)->name;
  int order = memcmp (x.data, y.data, MIN (x.len, y.len));
  if (order == 0 && x.len == y.len)
    return *(const Pt2ShapeValue *const *)a < *(const Pt2ShapeValue *const *)b ? -1 : 1;
  return order != 0 ? order : x.len < y.len ? -1 : 1;
}

/* For each value whether its name stands there before: a value may be given out twice, a key may not. */
static gboolean *
find_repeated (const Pt2ShapeValue *values, guint n)
{
  g_autofree const Pt2ShapeValue **sorted = g_new (const Pt2ShapeValue *, n);
  gboolean *repeated = g_new0 (gboolean, n);
  guint named = 0;
  for (guint i = 0; i < n; i++)
    if (values[i].name.data != NULL)
      sorted[named++] = &values[i];
  qsort (sorted, named, sizeof *sorted, compare_names);
  for (guint i = 1; i < named; i++)
    repeated[sorted[i] - values] = sorted[i]->name.len == sorted[i - 1]->name.len
                                   && memcmp (sorted[i]->name.data, sorted[i - 1]->name.data, sorted[i]->name.len) == 0;
  return repeated;
}

static void
put_values (Json *json, const char *key, const Pt2ShapeValue *values, guint n, const Pt2ExprValue *const *dims)
{
  g_autofree gboolean *repeated = find_repeated (values, n);
  json_key (json, key);
  json_open (json, '{');
  for (guint i = 0; i < n; i++)
    {
      if (values[i].name.data == NULL || repeated[i])
        continue;
      json_key_len (json, values[i].name.data, values[i].name.len);
      put_shape (json, &values[i], dims != NULL ? dims[i] : NULL);
    }
  json_close (json, '}');
}

static void
put_guards (Json *json, const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer)
{
  guint n;
  const Pt2ShapeGuard *guards = pt2_shapes_get_guards (shapes, &n);
  json_key (json, "guards");
  json_open (json, '[');
  for (guint i = 0; i < n; i++)
    {
      json_open (json, '{');
      json_member_text (json, "kind", guards[i].is_assertion ? "assertion" : "guard");
      json_member_string (json, "text", guards[i].text);
      json_member_string (json, "where", guards[i].where);
      json_member_bool (json, "checked", guards[i].is_checked);
      if (answer != NULL)
        json_key (json, "holds");
      if (answer != NULL && answer->guards[i] == PT2_SHAPE_UNKNOWN)
        json_null (json);
      else if (answer != NULL)
        json_bool (json, answer->guards[i] == PT2_SHAPE_HOLDS);
      json_close (json, '}');
    }
  json_close (json, ']');
}

static void
put_problems (Json *json, const Pt2ShapesAnswer *answer)
{
  json_member_bool (json, "fits", answer->fits);
  json_key (json, "problems");
  json_open (json, '[');
  for (guint i = 0; i < answer->n_problems; i++)
    {
      json_open (json, '{');
      json_member_text (json, "id", pt2_error_get_id (answer->problems[i]));
      json_member_text (json, "where", pt2_error_get_where (answer->problems[i]));
      json_member_text (json, "message", answer->problems[i]->message);
      json_close (json, '}');
    }
  json_close (json, ']');
}

void
shapes_json (const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer)
{
  Json json;
  guint n;
  json_init (&json, stdout);
  json_open (&json, '{');
  put_symbols (&json, shapes, answer);
  put_sizes (&json, shapes, answer);
  const Pt2ShapeValue *values = pt2_shapes_get_inputs (shapes, &n);
  put_values (&json, "inputs", values, n, answer != NULL ? answer->inputs : NULL);
  values = pt2_shapes_get_outputs (shapes, &n);
  put_values (&json, "outputs", values, n, answer != NULL ? answer->outputs : NULL);
  put_guards (&json, shapes, answer);
  if (answer != NULL)
    put_problems (&json, answer);
  json_close (&json, '}');
}
