/* SPDX-License-Identifier: Apache-2.0 */
/* Writes results: whole files or none, and standard output with its troubles. */
#pragma once

#include "command.h"

/* Writes BYTES to PATH, `-` for standard output: F002, F003 or F004 on failure. A file appears
 * whole or not at all; one that exists is kept unless -f. What is not plain ASCII text
 * does not go to a terminal unless -f. */
gboolean output_bytes (const char *path, GBytes *bytes, GError **error);
/* Writes all of DATA to a descriptor: F002, or F005 if it is a view of a mapped file that shrank. */
gboolean output_put (int fd, gconstpointer data, gsize len, GError **error);
/* Puts what there is to write, with output_put(). */
typedef gboolean (*OutputFill) (int fd, gpointer data, GError **error);
/* As output_bytes(), piece by piece; never plain text. */
gboolean output_filled (const char *path, OutputFill fill, gpointer data, GError **error);
/* False once a signal wants the command to end: what fills a file stops then, and the file is taken away. */
gboolean output_goes_on (void);
/* Looks at an archive that is whole and has no name yet; it gets none if this fails. */
typedef gboolean (*ArchiveCheck) (GBytes *archive, gpointer data, GError **error);
/* Writes an archive: to `-`, a pipe or a file, as output_filled() does. CHECK: NULL for none; what goes to `-` or a
 * pipe cannot be looked at. */
gboolean output_archive (const char *path, Pt2ArchiveWriter *writer, ArchiveCheck check, gpointer data, GError **error);
/* Ends standard output: STATUS, or STATUS_TROUBLE after a report if it could not be written. */
int output_finish (int status);
