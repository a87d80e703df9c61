/* SPDX-License-Identifier: Apache-2.0 */
/* How far long work is: on a terminal, from the second second on, unless --no-progress or -q. */
#pragma once

#include "command.h"

typedef struct
{
  const char *what;    /* "hashing" */
  gint64 begun, shown; /* microseconds; 0: not yet */
} Progress;

#define PROGRESS_INIT(text)                                                                                            \
  {                                                                                                                    \
    text, 0, 0                                                                                                         \
  }

/* A Pt2ProgressFunc, whose data is a Progress; never stops the work. */
gboolean progress_show (guint64 done, guint64 total, gpointer progress);
/* Takes the line away. */
void progress_end (Progress *progress);
