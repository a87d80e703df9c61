/* SPDX-License-Identifier: Apache-2.0 */
/* One audited view of a zip archive in memory.
 *
 * Opening reads the end records, the central directory and, for each record,
 * its local header and data descriptor; never a payload. An archive that two
 * readers could understand differently is refused with a Z id. Members are
 * inflated by libarchive, one at a time, only when they are read.
 * What belongs to no record (before, between, after) is kept as a list of gaps.
 *
 * Knows nothing of PyTorch. Never writes, never extracts, never follows a name.
 * A Pt2Zip is immutable once opened and may be read from any thread.
 * docs/format-archive.md has the rules.
 */
#pragma once

#include "pt2-limits.h"
#include "status.h"

typedef enum
{
  PT2_ZIP_STORED = 0,
  PT2_ZIP_DEFLATED = 8,
} Pt2ZipMethod;

typedef struct
{
  const char *name;      /* NUL-terminated UTF-8, as in the directory; a folder ends with '/' */
  uint32_t name_len;     /* bytes */
  uint16_t method;       /* Pt2ZipMethod */
  uint16_t flags;        /* general purpose bits */
  uint32_t crc32;        /* of the inflated bytes; 0: not recorded (or really 0) */
  uint64_t header;       /* offsets in the file: of the local header, */
  uint64_t data;         /* of the payload, */
  uint64_t end;          /* and behind payload and data descriptor */
  uint64_t stored_bytes; /* as they lie in the file */
  uint64_t bytes;        /* inflated */
} Pt2ZipEntry;

/* Bytes of the file that belong to no record and no directory. */
typedef struct
{
  uint64_t offset;
  uint64_t bytes;
} Pt2ZipGap;

/* Entries by name: sorted by hash, then by case-folded name. */
typedef struct
{
  uint64_t hash;
  uint32_t entry;
} Pt2ZipKey;

typedef struct
{
  GBytes *bytes;
  const uint8_t *data; /* the bytes */
  uint64_t size;
  Pt2Limits limits;
  Pt2ZipEntry *entries; /* in the order of the central directory */
  uint32_t n_entries;
  Pt2ZipGap *gaps; /* ascending; prefix first, suffix last */
  uint32_t n_gaps;
  uint64_t shift;         /* bytes put before the archive that its own offsets do not count */
  uint64_t directory;     /* offset of the central directory in the file */
  uint64_t comment;       /* offset of the archive comment, */
  uint64_t comment_bytes; /* 0 if there is none */
  char *names;            /* all names, each with its NUL */
  Pt2ZipKey *keys;
} Pt2Zip;

/* Opens BYTES (kept by reference). Fails with K002 (no zip at all), K003 (cut
 * short), Z… and L…; ZIP is then empty and needs no clearing. */
bool pt2_zip_open (Pt2Zip *zip, GBytes *bytes, const Pt2Limits *limits, Pt2Status *status);
void pt2_zip_clear (Pt2Zip *zip);

/* The entry of exactly that name, or NULL. O(log n). */
const Pt2ZipEntry *pt2_zip_find (const Pt2Zip *zip, const char *name, size_t len);

/* The bytes of a record: a view of the file if stored, inflated otherwise. The
 * CRC is checked unless the archive records none. (transfer full) */
GBytes *pt2_zip_read (const Pt2Zip *zip, const Pt2ZipEntry *entry, Pt2Status *status);

/* Lists the archive with libarchive and compares: names, sizes, folders, count.
 * Z019 if the two disagree. Costs a whole second pass; opening does not do it. */
bool pt2_zip_crosscheck (const Pt2Zip *zip, Pt2Status *status);
