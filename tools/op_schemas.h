/* SPDX-License-Identifier: Apache-2.0 */
/* Operator schemas as the command line names them: the built-in ones and those of --ops=FILE. */
#pragma once

#include "command.h"

/* For the option's OptionFunc: remembers a file of schemas. */
gboolean add_ops_file (const char *value, GError **error);
#define OPTION_OPS                                                                                                     \
  {                                                                                                                    \
    "ops", 0, OPTION_CALL, { .call = add_ops_file }, "FILE",                                                           \
        "schemas of further operators, one a line as PyTorch prints them; may be given several times"                  \
  }

/* The schemas, or NULL after the error was reported. (transfer full) */
Pt2Ops *load_ops (void);
