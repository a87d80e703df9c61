/* SPDX-License-Identifier: Apache-2.0 */
/* What verbs share that change a file: IN is an archive or a program by itself, OUT a new file of the same kind. The
 * suffix of OUT may ask for another form of a program, or for one program of an archive.
 */
#pragma once

#include "output.h"

typedef struct
{
  /* The changed program; PROGRAM itself, with a reference, if nothing changes. RECORD: its name; NULL: the file is the
   * program, or OUT is. */
  Pt2Program *(*program) (Pt2Program *program, const char *record, gpointer data, GError **error);
  /* Changes WRITER, which lists what ARCHIVE holds. NULL: rewrite_programs() alone. */
  gboolean (*archive) (Pt2ArchiveWriter *writer, Pt2Archive *archive, gpointer data, GError **error);
  /* Looks at the new archive before it gets its name. NULL: nobody does. */
  ArchiveCheck written;
} Rewrite;

/* Gives each program that --model means to HOW->program. */
gboolean rewrite_programs (Pt2ArchiveWriter *writer, Pt2Archive *archive, const Rewrite *how, gpointer data,
                           GError **error);
/* Reports what goes wrong. OUT NULL: all is made and nothing written. */
int rewrite_file (const char *in, const char *out, const Rewrite *how, gpointer data);
/* Are BYTES, a whole file, an archive, or a program by itself? FALSE with an error if neither. */
gboolean is_archive (GBytes *bytes, gboolean *archive, GError **error);
