/* SPDX-License-Identifier: Apache-2.0 */
/* What `verify` prints: a file as it is done, and all of them at the end. */
#pragma once

#include "command.h"

/* What became of one file. */
typedef struct
{
  const char *file;
  gboolean in_folder;
  Pt2Report *report; /* NULL: TROUBLE says why */
  GError *trouble;
} Checked;

typedef struct Verdict Verdict;
/* SINGLE: one file was named by itself. */
Verdict *verdict_new (gboolean single);
/* Prints it, or keeps what JSON needs; takes it over. */
void verdict_take (Verdict *verdict, Checked *checked);
/* Prints what is left to say; the exit status. */
int verdict_end (Verdict *verdict);
/* Prints what an id means; U002 if there is none. */
gboolean explain_rule (const char *id, GError **error);
