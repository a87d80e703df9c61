/* SPDX-License-Identifier: Apache-2.0 */
#include "expr_answer.h"
#include "show.h"
#include "json_out.h"
#include "report.h"
#include <string.h>

void
expr_question_set (ExprQuestion *question, Pt2ExprSetting setting)
{
  if (question->settings == NULL)
    question->settings = g_array_new (FALSE, FALSE, sizeof setting);
  g_array_append_val (question->settings, setting);
}

void
expr_question_range (ExprQuestion *question, Pt2ExprRange range)
{
  if (question->ranges == NULL)
    question->ranges = g_array_new (FALSE, FALSE, sizeof range);
  g_array_append_val (question->ranges, range);
}

void
expr_question_clear (ExprQuestion *question)
{
  for (guint i = 0; question->settings != NULL && i < question->settings->len; i++)
    {
      Pt2ExprSetting *setting = &g_array_index (question->settings, Pt2ExprSetting, i);
      g_free ((char *)setting->name);
      pt2_expr_value_clear (&setting->value);
    }
  for (guint i = 0; question->ranges != NULL && i < question->ranges->len; i++)
    {
      Pt2ExprRange *range = &g_array_index (question->ranges, Pt2ExprRange, i);
      g_free ((char *)range->name);
      pt2_expr_value_clear (&range->lower);
      pt2_expr_value_clear (&range->upper);
    }
  g_clear_pointer (&question->settings, g_array_unref);
  g_clear_pointer (&question->ranges, g_array_unref);
}

static gboolean
fill (const ExprQuestion *question, ExprAnswer *answer, GError **error)
{
  const Pt2Expr *expr = pt2_expr_parse (answer->pool, question->text, (gssize)question->len, error);
  const Pt2Expr *normal = expr != NULL ? pt2_expr_normal (answer->pool, expr, error) : NULL;
  if (normal == NULL)
    return FALSE;
  const GArray *ranges = question->ranges, *values = question->settings;
  if (!pt2_expr_bounds (answer->pool, expr, ranges != NULL ? (Pt2ExprRange *)(void *)ranges->data : NULL,
                        ranges != NULL ? ranges->len : 0, &answer->bounds, error))
    return FALSE;
  answer->normal = pt2_expr_print (normal, PT2_EXPR_EXACT, NULL);
  answer->free = pt2_expr_free_symbols (expr, &answer->n_free);
  pt2_expr_evaluate (expr, values != NULL ? (Pt2ExprSetting *)(void *)values->data : NULL,
                     values != NULL ? values->len : 0, &settings.limits, &answer->value, &answer->why);
  return TRUE;
}

gboolean
expr_answer (const ExprQuestion *question, ExprAnswer *answer, GError **error)
{
  *answer = (ExprAnswer){ .pool = pt2_expr_pool_new (&settings.limits) };
  if (answer->pool == NULL)
    set_error (error, PT2_ERROR_L001, "%s", "");
  else if (fill (question, answer, error))
    return TRUE;
  expr_answer_clear (answer);
  return FALSE;
}

void
expr_answer_clear (ExprAnswer *answer)
{
  g_free (answer->normal);
  g_free (answer->free);
  g_clear_error (&answer->why);
  pt2_expr_value_clear (&answer->value);
  pt2_expr_value_clear (&answer->bounds.lower);
  pt2_expr_value_clear (&answer->bounds.upper);
  pt2_expr_pool_free (answer->pool);
}

/* The shortest text that reads back the same, and that is no integer. */
static char *
float_text (double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE], format[8];
  for (int digits = 15; digits <= 17; digits++)
    {
      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
  return g_strconcat (text, strpbrk (text, ".en") == NULL ? ".0" : "", NULL);
}

static void
put_float (Json *json, double number)
{
  g_autofree char *text = float_text (number);
  json_digits (json, text);
}

void
expr_value_json (Json *json, const Pt2ExprValue *value)
{
  switch (value->kind)
    {
    case PT2_EXPR_INTEGER:
      json_integer (json, value->integer);
      break;
    case PT2_EXPR_BIG:
      json_digits (json, value->digits);
      break;
    case PT2_EXPR_FRACTION:
    case PT2_EXPR_FLOAT:
      put_float (json, value->number);
      break;
    case PT2_EXPR_BOOLEAN:
      json_bool (json, value->integer != 0);
      break;
    case PT2_EXPR_INFINITY:
      json_text (json, value->integer < 0 ? "-oo" : "oo", -1);
      break;
    case PT2_EXPR_NONE:
      json_null (json);
      break;
    }
}

void
expr_answer_json (const ExprQuestion *question, const ExprAnswer *answer, gboolean line)
{
  Json json;
  json_init (&json, stdout);
  json.one_line = line;
  json_open (&json, '{');
  json_key (&json, "input");
  json_text (&json, question->text, (gssize)question->len);
  json_member_text (&json, "normal", answer->normal);
  json_key (&json, "free");
  json_open (&json, '[');
  for (guint i = 0; i < answer->n_free; i++)
    json_text (&json, answer->free[i].data, answer->free[i].len);
  json_close (&json, ']');
  json_key (&json, "value");
  expr_value_json (&json, &answer->value);
  json_key (&json, "lower");
  expr_value_json (&json, &answer->bounds.lower);
  json_key (&json, "upper");
  expr_value_json (&json, &answer->bounds.upper);
  json_close (&json, '}');
}

char *
expr_value_text (const Pt2ExprValue *value)
{
  switch (value->kind)
    {
    case PT2_EXPR_INTEGER:
      return g_strdup_printf ("%" G_GINT64_FORMAT, value->integer);
    case PT2_EXPR_BIG:
    case PT2_EXPR_FRACTION:
      return g_strdup (value->digits);
    case PT2_EXPR_FLOAT:
      return float_text (value->number);
    case PT2_EXPR_BOOLEAN:
      return g_strdup (value->integer != 0 ? "true" : "false");
    case PT2_EXPR_INFINITY:
      return g_strdup (value->integer < 0 ? "-oo" : "oo");
    case PT2_EXPR_NONE:
      break;
    }
  return g_strdup ("none");
}

char *
take_name (const char *text, const char **rest, GError **error)
{
  const char *equals = strchr (text, '=');
  if (equals == NULL || equals == text)
    {
      g_autofree char *shown = escaped (text, -1);
      set_error (error, PT2_ERROR_U002, "NAME=… was expected, not \"%s\"", shown);
      return NULL;
    }
  *rest = equals + 1;
  return g_strndup (text, (gsize)(equals - text));
}

gboolean
parse_setting (const char *text, Pt2ExprSetting *setting, GError **error)
{
  const char *rest;
  *setting = (Pt2ExprSetting){ .name = take_name (text, &rest, error) };
  if (setting->name != NULL && pt2_expr_value_parse (rest, -1, &setting->value, error))
    return TRUE;
  g_free ((char *)setting->name);
  return FALSE;
}
