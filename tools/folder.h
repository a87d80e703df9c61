/* SPDX-License-Identifier: Apache-2.0 */
/* A folder that files are written to, and nothing outside it: names are made safe, links are never followed.
 *
 * Not pt2_save_func(), for three reasons: that one takes a path, which it resolves anew, and follows a link at its end,
 * while here each part is opened below the one before, so that nobody can put a link into the way; it flushes each
 * file and its folder, which for the 100,000 files of an archive would take minutes; and it knows nothing of names that
 * differ only in case. That a folder is whole is what its manifest says, which is written last.
 */
#pragma once

#include "output.h"

typedef struct
{
  int fd;
  GHashTable *taken; /* names given out, in small letters: how often */
} Folder;

/* Makes PATH if there is none. F003 if it holds anything, unless -f. */
gboolean folder_open (Folder *folder, const char *path, GError **error);
void folder_close (Folder *folder);

/* A folder that is there, to read from. F001. */
gboolean folder_open_there (Folder *folder, const char *path, GError **error);

/* A path below the folder for a name from a file: each part between slashes (all of it, if SLASHES is false, where
 * a slash is escaped too) has only characters that are safe anywhere, and no path is given twice, whatever the case
 * of its letters. (transfer full) */
char *folder_name (Folder *folder, const char *under, const char *name, gsize len, gboolean slashes,
                   const char *suffix);

/* A new file of that path, which folder_name() or the caller's own text gave; it appears whole or not at all.
 * F002; F003 if there is one, unless -f, which replaces it. */
gboolean folder_write (Folder *folder, const char *path, OutputFill fill, gpointer data, GError **error);
/* Opens a regular file of any path below the folder for reading; links, `..` and paths from `/` on are refused. -1 with
 * F001; the caller closes it. */
int folder_read (Folder *folder, const char *path, GError **error);
