/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs that say the same of one file and of many: of many a line each as they get done, or a list in JSON, and a
 * summary on standard error. A file that cannot be read hides none of the others.
 */
#pragma once

#include "files.h"
#include "json_out.h"

typedef struct
{
  const char *done; /* what has become of a file then, such as "hashed" */
  /* Reads PATH, on any thread. */
  gpointer (*read) (const char *path, guint n_threads, GError **error);
  /* Says what was read, into JSON if it is not NULL. FILE: NULL if it is the only one. */
  void (*show) (const char *file, gpointer answer, Json *json);
  /* What is to be reported beside; NULL: nothing. (transfer full) */
  GError *(*finding) (gpointer answer);
  GDestroyNotify free;
} FileTask;

/* The exit status. */
int answer_files (char *const *operands, int n, const FileTask *task);
