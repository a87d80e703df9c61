/* SPDX-License-Identifier: Apache-2.0 */
#include "expr_answer.h"
#include "input.h"
#include "report.h"
#include "shapes_show.h"
#include "show.h"
#include "verbs.h"
#include <errno.h>
#include <string.h>

static GArray *given;  /* of Pt2GivenShape */
static GArray *values; /* of Pt2ExprSetting */

static gboolean
add_setting (const char *text, GError **error)
{
  Pt2ExprSetting setting;
  if (!parse_setting (text, &setting, error))
    return FALSE;
  if (values == NULL)
    values = g_array_new (FALSE, FALSE, sizeof (Pt2ExprSetting));
  g_array_append_val (values, setting);
  return TRUE;
}

/* Sizes with commas between them; none for a tensor without dimensions. */
static gboolean
take_sizes (const char *text, GArray *sizes, GError **error)
{
  const char *p = text;
  for (char *end; *p != '\0'; p = end)
    {
      errno = 0;
      gint64 size = g_ascii_strtoll (p, &end, 10);
      gboolean digits = g_ascii_isdigit (*p) || (*p == '-' && g_ascii_isdigit (p[1]));
      if (!digits || errno != 0 || (*end != '\0' && (*end != ',' || end[1] == '\0')))
        {
          g_autofree char *shown = escaped (text, -1);
          set_error (error, PT2_ERROR_U002, "sizes such as 4,8 were expected, not \"%s\"", shown);
          return FALSE;
        }
      g_array_append_val (sizes, size);
      end += *end == ',';
    }
  return TRUE;
}

static gboolean
add_input (const char *text, GError **error)
{
  const char *rest;
  g_autofree char *name = take_name (text, &rest, error);
  GArray *sizes = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (name == NULL || !take_sizes (rest, sizes, error))
    {
      g_array_free (sizes, TRUE);
      return FALSE;
    }
  Pt2GivenShape shape = { g_steal_pointer (&name), NULL, sizes->len };
  shape.sizes = (const gint64 *)g_array_free (sizes, FALSE);
  if (given == NULL)
    given = g_array_new (FALSE, FALSE, sizeof (Pt2GivenShape));
  g_array_append_val (given, shape);
  return TRUE;
}

static void
clear_question (void)
{
  for (guint i = 0; given != NULL && i < given->len; i++)
    {
      g_free ((char *)g_array_index (given, Pt2GivenShape, i).name);
      g_free ((gint64 *)g_array_index (given, Pt2GivenShape, i).sizes);
    }
  for (guint i = 0; values != NULL && i < values->len; i++)
    {
      g_free ((char *)g_array_index (values, Pt2ExprSetting, i).name);
      pt2_expr_value_clear (&g_array_index (values, Pt2ExprSetting, i).value);
    }
  g_clear_pointer (&given, g_array_unref);
  g_clear_pointer (&values, g_array_unref);
}

static int
show_contract (const Pt2Shapes *shapes, const char *path)
{
  GError *error = NULL;
  g_autoptr (Pt2ShapesAnswer) answer = NULL;
  if (given != NULL || values != NULL)
    {
      answer = pt2_shapes_solve (shapes, given != NULL ? (const Pt2GivenShape *)(void *)given->data : NULL,
                                 given != NULL ? given->len : 0,
                                 values != NULL ? (const Pt2ExprSetting *)(void *)values->data : NULL,
                                 values != NULL ? values->len : 0, &error);
      if (answer == NULL)
        return report_trouble (input_name (path), error);
    }
  settings.json ? shapes_json (shapes, answer) : shapes_text (shapes, answer);
  return answer == NULL || answer->fits ? STATUS_FINE : STATUS_FINDING;
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  int status = STATUS_TROUBLE;
  g_autoptr (Pt2Program) program = input_program (operands[0]);
  if (program != NULL)
    {
      g_autoptr (Pt2Shapes) shapes = pt2_shapes_new (program, &settings.limits, &error);
      status = shapes != NULL ? show_contract (shapes, operands[0]) : report_trouble (input_name (operands[0]), error);
    }
  clear_question ();
  return status;
}

static const Option options[] = {
  { "set",
    0,
    OPTION_CALL,
    { .call = add_setting },
    "NAME=VALUE",
    "what a symbol stands for; may be given several times" },
  { "input",
    0,
    OPTION_CALL,
    { .call = add_input },
    "NAME=SIZES",
    "the shape of an input, or the value of an integer; may be given several times" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_shapes = {
  .name = "shapes",
  .operands = "FILE",
  .least = 1,
  .most = 1,
  .summary = "which shapes the inputs may have, and what follows from them",
  .help
  = "Shows the inputs that the caller passes and the outputs with their shapes, the symbols in them with their\n"
    "ranges and where each comes from, the sizes derived from symbols, and the guards and assertions between\n"
    "them.\n"
    "\n"
    "With --input, the symbols are found from the shapes that are given; with --set, they are given. Then shapes\n"
    "are numbers as far as they are known, each guard holds or fails, and what does not fit is named: the status\n"
    "is 1 if there is such a thing. As in PyTorch, sizes of 0 and 1 are let through where a range begins at 2.\n",
  .examples = "$ pt2 shapes model.pt2\n"
              "$ pt2 shapes model.pt2 --input x=4,8\n"
              "$ pt2 shapes --json model.pt2 --set s77=4 | jq .outputs\n",
  .options = options,
  .run = run,
};
