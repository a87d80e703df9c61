/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a Pt2ArchiveWriter. */
#pragma once

#include "archive_source.h"

typedef struct
{
  char *name;        /* with the root folder */
  Pt2Source *source; /* NULL: taken out */
  gboolean original; /* from the archive that the list was made from */
} Pt2Planned;

struct _Pt2ArchiveWriter
{
  gatomicrefcount references;
  char *root; /* with its slash; "" for none */
  Pt2Limits limits;
  GArray *records;    /* Pt2Planned */
  GHashTable *places; /* folded name → number in records + 1 */
  guint n;            /* records that are not taken out */
  gboolean changed;   /* not what an archive holds */
  gboolean own_id;    /* somebody gave a serialization id */
  gboolean bare;      /* no marks are added */
};

/* Without a check of root and records. */
Pt2ArchiveWriter *pt2_archive_writer_new_empty (const char *root, const Pt2Limits *limits);
/* The records in the order in which they are written: numbers in writer->records, writer->n of them. (transfer full)
 * (nullable) */
guint *pt2_archive_writer_order (Pt2ArchiveWriter *writer);
/* As pt2_archive_writer_add(), the bytes a text of the library's own. */
bool pt2_archive_writer_add_text (Pt2ArchiveWriter *writer, const char *name, const char *text, GError **error);
/* archive_save.c: adds what every archive must have and an edited list has not. */
bool pt2_archive_writer_complete (Pt2ArchiveWriter *writer, GError **error);
/* today.c: fills WRITER with ARCHIVE's content in today's layout. */
bool pt2_archive_writer_take_older (Pt2ArchiveWriter *writer, Pt2Archive *archive, GError **error);
