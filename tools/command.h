/* SPDX-License-Identifier: Apache-2.0 */
/* What the command's files share: a verb, an option, the settings of a call.
 * Each verb is one file and one line in the table of main.c.
 */
#pragma once

#include "pt2.h"
#include <stdio.h>

/* Exit statuses; there are no others. */
enum
{
  STATUS_FINE = 0,
  STATUS_FINDING = 1,
  STATUS_TROUBLE = 2,
};

/* What one option of the command line sets. */
typedef enum
{
  OPTION_FLAG, /* a gboolean; takes no value */
  OPTION_TEXT, /* a const char *, the value */
  OPTION_CALL, /* an OptionFunc that is given the value */
} OptionKind;

typedef gboolean (*OptionFunc) (const char *value, GError **error);

typedef struct
{
  const char *name; /* NULL ends a table */
  char letter;      /* '\0': no short form */
  OptionKind kind;
  union
  {
    gboolean *flag;
    const char **text;
    OptionFunc call;
  };
  const char *value; /* what the help calls the value; NULL for flags */
  const char *meaning;
} Option;

typedef struct
{
  const char *name;
  const char *operands;  /* as the usage line shows them */
  int least, most;       /* how many operands */
  const char *summary;   /* one line */
  const char *help;      /* paragraphs */
  const char *examples;  /* command lines, each with its `$` */
  const Option *options; /* its own; NULL: none */
  int (*run) (char **operands, int n);
} Verb;

/* The verbs in the order in which the help lists them; ends with a NULL. */
extern const Verb *const verbs[];
const Verb *find_verb (const char *name);

/* What the options that every verb takes have set. */
typedef struct
{
  const Verb *verb; /* which was called; NULL: none is known */
  gboolean json, force, quiet, verbose, no_progress;
  gboolean usage, help, version;
  const char *model; /* NULL: not given */
  Pt2Limits limits;
} Settings;
extern Settings settings;
