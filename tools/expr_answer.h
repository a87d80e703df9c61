/* SPDX-License-Identifier: Apache-2.0 */
/* What `pt2 expr` is asked and what it answers, for one expression. */
#pragma once

#include "json_out.h"

typedef struct
{
  const char *text; /* not owned */
  gsize len;
  GArray *settings; /* of Pt2ExprSetting; NULL: none. Owned, names and values too */
  GArray *ranges;   /* of Pt2ExprRange, likewise */
} ExprQuestion;

/* Both take over what they are given. */
void expr_question_set (ExprQuestion *question, Pt2ExprSetting setting);
void expr_question_range (ExprQuestion *question, Pt2ExprRange range);
void expr_question_clear (ExprQuestion *question);

typedef struct
{
  Pt2ExprPool *pool;
  char *normal;
  Pt2String *free;
  guint n_free;
  Pt2ExprValue value;
  GError *why; /* there is no value */
  Pt2ExprRange bounds;
} ExprAnswer;

/* FALSE if the expression or a range is refused. */
gboolean expr_answer (const ExprQuestion *question, ExprAnswer *answer, GError **error);
void expr_answer_clear (ExprAnswer *answer);
/* Prints the answer as JSON, on one line if LINE. */
void expr_answer_json (const ExprQuestion *question, const ExprAnswer *answer, gboolean line);
/* A value as JSON. */
void expr_value_json (Json *json, const Pt2ExprValue *value);
/* A value for people: (transfer full) */
char *expr_value_text (const Pt2ExprValue *value);

/* What stands before the first `=` of TEXT, new; *REST: what stands behind it. NULL: U002. */
char *take_name (const char *text, const char **rest, GError **error);
/* NAME=VALUE as options give it; the name is new. */
gboolean parse_setting (const char *text, Pt2ExprSetting *setting, GError **error);
