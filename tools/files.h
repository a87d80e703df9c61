/* SPDX-License-Identifier: Apache-2.0 */
/* The files that the operands of a verb name: themselves, and what lies in folders, at any depth; and work on many at
 * once. Knows nothing of what the files hold.
 */
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
/* Is ID the error of a file that is no model? Many of them lie in folders; one that was named is a mistake. */
gboolean is_other_kind (const char *id);

/* --threads of a verb on files: 1 to 256. */
gboolean set_threads (const char *value, GError **error);
/* What was given; 0: nothing. */
guint threads_given (void);

/* What is done with a file, on any thread; N_THREADS are its own. */
typedef gpointer (*FileWork) (const NamedFile *file, guint n_threads, gpointer data);
/* Takes an answer over, on the caller's thread, as soon as there is one. */
typedef void (*FileTake) (const NamedFile *file, gpointer answer, gpointer data);
/* Each file once, on as many threads as were given; their order is that in which they get done. */
void work_on_files (GArray *files, FileWork work, FileTake take, gpointer data);
