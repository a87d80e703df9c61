/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"
#include "options.h"
#include "report.h"
#include "verbs.h"

static int
run (char **operands, int n)
{
  const Verb *verb = n > 0 ? find_verb (operands[0]) : NULL;
  GError *error = NULL;
  if (n > 0 && verb == NULL)
    {
      fail_verb (operands[0], &error);
      return report_trouble (NULL, error);
    }
  print_help (verb);
  return STATUS_FINE;
}

const Verb verb_help = {
  .name = "help",
  .operands = "[VERB]",
  .least = 0,
  .most = 1,
  .summary = "how the command or a verb is used",
  .help = "Shows the whole help of the command, or of VERB, as `pt2 VERB --help` does.\n",
  .examples = "$ pt2 help\n"
              "$ pt2 help convert\n",
  .run = run,
};
