/* SPDX-License-Identifier: Apache-2.0 */
/* The compact archive, `.pt2c`: docs/format-pt2c.md. It is a zip whose index says how to get the records of
 * another archive, the original, out of it. Everything above lib/archive sees the original: its names, its
 * sizes, its bytes.
 */
#pragma once

#include "archive_private.h"
#include "arena.h"
#include "pt2-archive-writer.h"
#include "pt2-program.h"

#define PT2C_FORMAT "pt2c"
#define PT2C_VERSION "1"
#define PT2C_INDEX "index.json.zst"

/* How a record of the original lies in the compact archive. */
typedef enum
{
  PT2C_STORED,  /* as it is */
  PT2C_ZSTD,    /* in zstd frames */
  PT2C_PROGRAM, /* as Thrift compact in a zstd frame, perhaps with a patch for the spelling of the text */
  PT2C_TEXT,    /* in the index itself */
} Pt2cForm;

/* Its name in the index. */
extern const char *const pt2c_form_names[];

typedef struct
{
  Pt2cForm form;
  const Pt2ZipEntry *entry; /* of the container; NULL for PT2C_TEXT */
  const Pt2ZipEntry *patch; /* PT2C_PROGRAM: NULL if it needs none */
  Pt2String text;           /* PT2C_TEXT */
} Pt2cRecord;

struct _Pt2Compact
{
  Pt2Zip container;
  Pt2Arena arena;                 /* the index */
  GBytes *index;                  /* its text */
  GBytes *dictionary;             /* NULL: none */
  const Pt2ZipEntry *index_entry; /* where that lies */
  Pt2cRecord *records;            /* one for each record of the original */
};

/* pt2c_open.c: if ARCHIVE->zip is a compact archive, puts it into ARCHIVE->compact and the original into
 * ARCHIVE->zip, whose entries then have no place in any file. Fails with R008, R009, Z… and L…. */
bool pt2c_open (Pt2Archive *archive, Pt2Status *status);
void pt2c_free (Pt2Compact *compact);

/* pt2c_read.c: the bytes of record NUMBER of the original, size and CRC checked. (transfer full) */
GBytes *pt2c_read (const Pt2Archive *archive, guint number, Pt2Status *status);
/* Those of a program as Thrift compact if they can be had so, else as pt2c_read(). (transfer full) */
GBytes *pt2c_read_program (const Pt2Archive *archive, guint number, Pt2Status *status);

/* pt2c_zstd.c */
/* Exactly BYTES out of the zstd frames in DATA, which may need a dictionary or what they were made against
 * (PREFIX); R010, L001. */
GBytes *pt2c_decompress (GBytes *data, uint64_t bytes, GBytes *dictionary, GBytes *prefix, Pt2Status *status);
/* How many bytes there are in zstd frames, by what they say; false if they do not. */
bool pt2c_frame_bytes (GBytes *data, uint64_t *bytes);
/* One frame, as small as it gets. P007, L001. */
GBytes *pt2c_compress (GBytes *data, GBytes *dictionary, GBytes *prefix, GError **error);
/* A dictionary of at most ROOM bytes for texts like these, or NULL if none can be trained. */
GBytes *pt2c_train (GPtrArray *samples, size_t room);
/* A source that gives INNER in zstd frames as it is written, or INNER itself where that would not make it smaller.
 * *COMPRESSED says which. (transfer full) */
Pt2Source *pt2c_compressed_source (Pt2Source *inner, bool *compressed, GError **error);
