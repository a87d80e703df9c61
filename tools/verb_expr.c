/* SPDX-License-Identifier: Apache-2.0 */
#include "expr_answer.h"
#include "expr_batch.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

static gboolean batch;
static ExprQuestion question;

static gboolean
add_setting (const char *text, GError **error)
{
  Pt2ExprSetting setting;
  if (!parse_setting (text, &setting, error))
    return FALSE;
  expr_question_set (&question, setting);
  return TRUE;
}

static gboolean
add_range (const char *text, GError **error)
{
  const char *rest, *colon;
  Pt2ExprRange range = { .name = take_name (text, &rest, error) };
  if (range.name == NULL)
    return FALSE;
  colon = strchr (rest, ':');
  if (colon == NULL)
    set_error (error, PT2_ERROR_U002, "NAME=LOW:HIGH was expected");
  if (colon != NULL && pt2_expr_value_parse (rest, colon - rest, &range.lower, error)
      && pt2_expr_value_parse (colon + 1, -1, &range.upper, error))
    {
      expr_question_range (&question, range);
      return TRUE;
    }
  pt2_expr_value_clear (&range.lower);
  g_free ((char *)range.name);
  return FALSE;
}

static void
print_text (const ExprAnswer *answer)
{
  g_autofree char *normal = escaped (answer->normal, -1);
  g_autofree char *lower = expr_value_text (&answer->bounds.lower), *upper = expr_value_text (&answer->bounds.upper);
  printf ("normal   %s\n", normal);
  printf ("symbols ");
  for (guint i = 0; i < answer->n_free; i++)
    printf (" %.*s", (int)answer->free[i].len, answer->free[i].data);
  printf ("%s\n", answer->n_free == 0 ? " none" : "");
  if (answer->value.kind != PT2_EXPR_NONE)
    {
      g_autofree char *value = expr_value_text (&answer->value);
      printf ("value    %s\n", value);
    }
  else
    printf ("value    none: %s\n", answer->why != NULL ? answer->why->message : "");
  printf ("bounds   %s … %s\n", lower, upper);
}

static int
answer_one (const char *text)
{
  ExprAnswer answer;
  GError *error = NULL;
  question.text = text;
  question.len = strlen (text);
  if (!expr_answer (&question, &answer, &error))
    return report_trouble (NULL, error);
  if (settings.json)
    expr_answer_json (&question, &answer, FALSE);
  else
    print_text (&answer);
  expr_answer_clear (&answer);
  return STATUS_FINE;
}

static int
run (char **operands, int n)
{
  int status = STATUS_TROUBLE;
  GError *error = NULL;
  if (batch != (n == 0))
    set_error (&error, PT2_ERROR_U002, "either an expression or --batch");
  else if (batch && (question.settings != NULL || question.ranges != NULL))
    set_error (&error, PT2_ERROR_U002, "with --batch, values and ranges stand in the lines");
  if (error != NULL)
    status = report_trouble (NULL, error);
  else
    status = batch ? expr_batch () : answer_one (operands[0]);
  expr_question_clear (&question);
  return status;
}

static const Option options[] = {
  { "set",
    0,
    OPTION_CALL,
    { .call = add_setting },
    "NAME=VALUE",
    "what a symbol stands for; may be given several times" },
  { "range",
    0,
    OPTION_CALL,
    { .call = add_range },
    "NAME=LO:HI",
    "what is known of a symbol; an open end is -oo or oo" },
  { "batch", 0, OPTION_FLAG, { .flag = &batch }, NULL, "answer JSON lines from standard input" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_expr = {
  .name = "expr",
  .operands = "EXPR",
  .least = 0,
  .most = 1,
  .summary = "one symbolic expression: normal form, value, bounds",
  .help
  = "Reads an expression as PyTorch writes it, infix or srepr, by a grammar and without running anything, and\n"
    "shows its normal form, its symbols, its value for the given values of symbols, and the bounds of its\n"
    "values inside the given ranges. Integers are exact, whatever their size.\n"
    "\n"
    "With --batch, each line of standard input is a JSON object {\"expr\", \"set\", \"range\"}, of which the last\n"
    "two may be left out, and is answered with one line: what --json prints, or {\"input\", \"error\"}.\n",
  .examples = "$ pt2 expr '2*s77 + 1' --set s77=4 --range s77=2:1024\n"
              "$ pt2 expr --json \"FloorDiv(Symbol('u0', integer=True), Integer(2))\"\n"
              "$ echo '{\"expr\": \"s0 % 3\", \"set\": {\"s0\": 7}}' | pt2 expr --batch\n",
  .options = options,
  .run = run,
};
