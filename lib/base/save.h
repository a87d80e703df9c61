/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is being made: nameless until it is committed. Knows nothing of what is in it. */
#pragma once

#include "pt2-save.h"
#include "status.h"

typedef struct
{
  int fd;          /* to write to; -1 once committed or given up */
  char *target;    /* what it will be called, symbolic links resolved */
  char *folder;    /* where that is */
  char *temporary; /* its name for the time being; NULL while it has none */
  unsigned mode;   /* permissions that it gets */
  bool replace;
} Pt2Save;

/* F002 or F003; SAVE then needs nothing more. */
bool pt2_save_begin (Pt2Save *save, const char *path, Pt2SaveFlags flags, Pt2Status *status);
/* Flushes the file and names it. Ends SAVE in either case. */
bool pt2_save_commit (Pt2Save *save, Pt2Status *status);
/* Takes the file away. Does nothing after pt2_save_commit(). */
void pt2_save_abort (Pt2Save *save);
