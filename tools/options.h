/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: options anywhere, `--` ends them, values behind `=` or in the next word. */
#pragma once

#include "command.h"

/* The options that every verb takes; ends with a NULL name. */
extern const Option common_options[];

typedef struct
{
  const Verb *verb; /* NULL: none was named */
  char **operands;  /* without the verb; point into argv */
  int n_operands;
} CommandLine;

/* Fills LINE and the settings. Reorders nothing in ARGV. Fails with U001, U002 or U006; LINE->verb
 * is set as far as it is known. Free LINE->operands with g_free(). */
gboolean parse_command_line (int argc, char **argv, CommandLine *line, GError **error);

/* U001 for a word that is no verb; names the nearest. */
void fail_verb (const char *word, GError **error);
