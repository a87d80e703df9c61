/* SPDX-License-Identifier: Apache-2.0 */
/* Operator schemas as the command line names them: the built-in ones and those of --ops=FILE. */
#pragma once

#include "command.h"

/* For the option's OptionFunc: remembers a file of schemas. */
gboolean add_ops_file (const char *value, GError **error);
#define OPTION_OPS                                                                                                     \
  {                                                                                                                    \
    "ops", 0, OPTION_CALL, { .call = add_ops_file }, "FILE",                                                           \
        "schemas of more operators, one a line; of extensions #SPACE:NAME(…) -> …; may come often"                 \
  }

/* Were any given? */
gboolean ops_given (void);
/* The schemas, or NULL after the error was reported. (transfer full) */
Pt2Ops *load_ops (void);
