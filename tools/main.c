/* SPDX-License-Identifier: Apache-2.0 */
/* The `pt2` command: finds the verb and lets it run. It knows libpt2's public headers only. */
#include "command.h"
#include "help.h"
#include "options.h"
#include "output.h"
#include "report.h"
#include "verbs.h"
#include <locale.h>
#include <string.h>

const Verb *const verbs[] = {
  &verb_info,    &verb_ls,       &verb_cat,     &verb_ops,  &verb_sig,    &verb_shapes, &verb_tensors,
  &verb_extract, &verb_pack,     &verb_convert, &verb_diff, &verb_strip,  &verb_canon,  &verb_hash,
  &verb_verify,  &verb_annotate, &verb_pickle,  &verb_expr, &verb_schema, &verb_serve,  &verb_call,
  &verb_limits,  &verb_graph,    &verb_edit,    &verb_help, NULL,
};

const Verb *
find_verb (const char *name)
{
  for (guint i = 0; verbs[i] != NULL; i++)
    if (strcmp (verbs[i]->name, name) == 0)
      return verbs[i];
  return NULL;
}

static int
run (const CommandLine *line)
{
  if (settings.help || settings.usage)
    {
      settings.help ? print_help (line->verb) : print_usage (stdout, line->verb);
      return STATUS_FINE;
    }
  if (settings.version)
    {
      print_version ();
      return STATUS_FINE;
    }
  if (line->verb != NULL)
    return line->verb->run (line->operands, line->n_operands);
  GError *error = NULL;
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; verbs[i] != NULL; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", verbs[i]->name);
  set_error (&error, PT2_ERROR_U002, "no verb was given; there are %s", names->str);
  return report_trouble (NULL, error);
}

int
main (int argc, char **argv)
{
  /* Characters, but not numbers, follow the user's locale. */
  setlocale (LC_CTYPE, "");
  CommandLine line;
  GError *error = NULL;
  int status;
  if (parse_command_line (argc, argv, &line, &error))
    status = run (&line);
  else
    status = report_trouble (NULL, error);
  g_free (line.operands);
  return output_finish (status);
}
