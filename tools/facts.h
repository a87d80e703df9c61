/* SPDX-License-Identifier: Apache-2.0 */
/* What `info` knows of a file: gathered once, then told as text or JSON. Reads the directory, the
 * program, and of each payload the first bytes at most.
 */
#pragma once

#include "aot_inductor.h"

typedef struct
{
  guint count;
  guint64 bytes;        /* of the elements, by the program's own shapes and types */
  guint64 stored_bytes; /* of the records, as they lie in the archive */
} Payload;

typedef struct
{
  Pt2FileKind kind;
  guint64 bytes;
  Pt2Archive *archive; /* NULL: a program by itself */
  Pt2Program *program; /* NULL: none in it */
  const char *model;   /* which of the archive's; NULL: none */
  guint n_records;
  guint64 nodes;
  guint operators, subgraphs;
  Payload weights, constants;
  /* Names of records; const char *. */
  GPtrArray *pickles, *native_code, *extra;
  GPtrArray *compiled; /* AotMetadata */
} Facts;

/* NULL with an error if PATH cannot be read. Free with facts_free(). */
Facts *facts_gather (const char *path, GError **error);
void facts_free (gpointer facts);
