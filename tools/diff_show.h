/* SPDX-License-Identifier: Apache-2.0 */
/* Shows differences: as text in the manner of `git diff`, or as JSON. */
#pragma once

#include "command.h"

typedef struct
{
  const char *old_name, *new_name; /* as the user gave them */
  Pt2Diff *programs;
} Differences;

/* How many changes there are. */
guint differences_count (const Differences *differences);
/* Are there changes, and nothing but names? */
gboolean differences_are_renaming (const Differences *differences);

void diff_json (const Differences *differences);
/* CONTEXT: nodes around a change. */
void diff_text (const Differences *differences, guint context);
/* A line for each part that has changes. */
void diff_stat (const Differences *differences);

/* A node on one line: `name, name = operator(operands)`, escaped. */
void append_node (GString *line, Pt2Value node);
