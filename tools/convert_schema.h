/* SPDX-License-Identifier: Apache-2.0 */
/* `convert --schema`: programs made to follow another version of the schema on their way out. */
#pragma once

#include "command.h"

typedef struct
{
  guint minor;      /* of major 8; 0: the program's own, nothing to do */
  gboolean lossy;   /* what the minor does not have is left out and listed */
  gboolean explain; /* what an upgrade does is listed */
} SchemaTarget;

/* TEXT is "8.N", or NULL: the program's own. False with E002. */
gboolean schema_target_parse (const char *text, SchemaTarget *target, GError **error);
/* The program as TARGET wants it, or NULL after the error was reported; what is left out is listed. IN is the file
 * that it came from. (transfer full) */
Pt2Program *convert_to_schema (Pt2Program *program, const SchemaTarget *target, const char *in);
/* The records of ARCHIVE, in today's layout or as they are, each program as TARGET wants it. Programs that had to be
 * upgraded come out in today's layout. NULL after the error was reported. */
Pt2ArchiveWriter *convert_archive_to_schema (Pt2Archive *archive, Pt2WriterStart start, const SchemaTarget *target,
                                             const char *in);
