/* SPDX-License-Identifier: Apache-2.0 */
#include "expr_batch.h"
#include "expr_answer.h"
#include "json_in.h"
#include "json_out.h"
#include "report.h"
#include <stdlib.h>
#include <string.h>

typedef struct
{
  GString *expr, *key, *word;
  gboolean have_expr;
  ExprQuestion question;
} Line;

static gboolean
take_value (JsonIn *in, Line *line, Pt2ExprValue *value, GError **error)
{
  /* Infinite values come as texts. */
  if (!json_in_text (in, line->word) && !json_in_word (in, line->word))
    {
      set_error (error, PT2_ERROR_J001, "a value was expected");
      return FALSE;
    }
  return pt2_expr_value_parse (line->word->str, (gssize)line->word->len, value, error);
}

static gboolean
take_setting (JsonIn *in, Line *line, GError **error)
{
  Pt2ExprSetting setting;
  if (!take_value (in, line, &setting.value, error))
    return FALSE;
  setting.name = g_strndup (line->key->str, line->key->len);
  expr_question_set (&line->question, setting);
  return TRUE;
}

/* An end, or null for an open one. */
static gboolean
take_end (JsonIn *in, Line *line, int side, Pt2ExprValue *end, GError **error)
{
  if (!take_value (in, line, end, error))
    {
      if (strcmp (line->word->str, "null") != 0)
        return FALSE;
      g_clear_error (error);
      *end = (Pt2ExprValue){ PT2_EXPR_INFINITY, side, 0, NULL };
    }
  return TRUE;
}

static gboolean
take_range (JsonIn *in, Line *line, GError **error)
{
  Pt2ExprRange range = { .name = NULL };
  gboolean good = json_in_mark (in, '[') && take_end (in, line, -1, &range.lower, error) && json_in_mark (in, ',')
                  && take_end (in, line, 1, &range.upper, error) && json_in_mark (in, ']');
  if (!good)
    {
      pt2_expr_value_clear (&range.lower);
      pt2_expr_value_clear (&range.upper);
      if (*error == NULL)
        set_error (error, PT2_ERROR_J001, "a range is a list of two");
      return FALSE;
    }
  range.name = g_strndup (line->key->str, line->key->len);
  expr_question_range (&line->question, range);
  return TRUE;
}

/* The members of an object, each by TAKE; null is an object without any. */
static gboolean
take_object (JsonIn *in, Line *line, gboolean (*take) (JsonIn *in, Line *line, GError **error), GError **error)
{
  if (!json_in_mark (in, '{'))
    return json_in_word (in, line->word) && strcmp (line->word->str, "null") == 0;
  if (json_in_mark (in, '}'))
    return TRUE;
  do
    if (!json_in_text (in, line->key) || !json_in_mark (in, ':') || !take (in, line, error))
      return FALSE;
  while (json_in_mark (in, ','));
  return json_in_mark (in, '}');
}

static gboolean
take_member (JsonIn *in, Line *line, GError **error)
{
  const char *key = line->key->str;
  if (strcmp (key, "expr") == 0)
    return line->have_expr = json_in_text (in, line->expr);
  if (strcmp (key, "set") == 0)
    return take_object (in, line, take_setting, error);
  return strcmp (key, "range") == 0 && take_object (in, line, take_range, error);
}

static gboolean
read_line (const char *text, gsize len, Line *line, GError **error)
{
  JsonIn in = { text, text + len };
  if (take_object (&in, line, take_member, error) && json_in_end (&in) && line->have_expr)
    return TRUE;
  if (*error == NULL)
    set_error (error, PT2_ERROR_J001, "an object with expr, set and range was expected");
  return FALSE;
}

static void
put_error (const Line *line, GError *error)
{
  Json json;
  json_init (&json, stdout);
  json.one_line = TRUE;
  json_open (&json, '{');
  json_key (&json, "input");
  json_text (&json, line->have_expr ? line->expr->str : NULL, (gssize)line->expr->len);
  json_key (&json, "error");
  json_open (&json, '{');
  json_member_text (&json, "id", pt2_error_get_id (error));
  json_member_text (&json, "where", pt2_error_get_where (error));
  json_member_text (&json, "message", error->message);
  json_close (&json, '}');
  json_close (&json, '}');
  g_error_free (error);
}

static void
answer_line (const char *text, gsize len, Line *line)
{
  ExprAnswer answer;
  GError *error = NULL;
  gboolean good = read_line (text, len, line, &error);
  line->question.text = line->expr->str;
  line->question.len = line->expr->len;
  if (!good || !expr_answer (&line->question, &answer, &error))
    {
      put_error (line, error);
      return;
    }
  expr_answer_json (&line->question, &answer, TRUE);
  expr_answer_clear (&answer);
}

int
expr_batch (void)
{
  char *text = NULL;
  size_t room = 0;
  ssize_t len;
  Line line = { g_string_new (NULL), g_string_new (NULL), g_string_new (NULL), FALSE, { NULL } };
  while ((len = getline (&text, &room, stdin)) >= 0)
    {
      line.have_expr = FALSE;
      answer_line (text, (gsize)len, &line);
      expr_question_clear (&line.question);
      fflush (stdout);
    }
  g_string_free (line.expr, TRUE);
  g_string_free (line.key, TRUE);
  g_string_free (line.word, TRUE);
  free (text);
  return STATUS_FINE;
}
