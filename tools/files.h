/* SPDX-License-Identifier: Apache-2.0 */
/* The files that the operands of a verb name: themselves, and what lies in folders, at any depth. */
#pragma once

#include "command.h"

typedef struct
{
  char *path;
  gboolean in_folder; /* found in one, not named */
} NamedFile;

/* In the order of the operands, those of a folder by name; links to folders are not followed. An operand that cannot
 * be read is among them: whoever opens it says why. (transfer full), free with g_array_unref(). */
GArray *find_files (char *const *operands, int n);
/* Is it one file that was named by itself? */
gboolean is_single_file (char *const *operands, int n);
