/* SPDX-License-Identifier: Apache-2.0 */
/* One audited view of a zip archive in memory.
 *
 * One rule, whatever the size: nothing of a record is used before it was audited, and
 * nothing is audited before it is used.
 *  - pt2_zip_open() reads the central directory and looks for end records in the last 64 KiB,
 *    nothing else: names, sizes, methods, and that no two records can overlap.
 *  - pt2_zip_place() holds one record's local header and data descriptor against the
 *    directory; pt2_zip_read() does so before it reads.
 *  - pt2_zip_audit() does it for all records and finds the bytes that belong to none.
 * The local headers stand beside the payloads: to read them all at opening costs a page of
 * the disk each (100,000 records of a cold 100 GB file: 6 to 79 seconds and over 400 MB).
 *
 * What two readers could understand differently is refused with a Z id; bytes that belong
 * to no record are not, as long as all readers skip them alike. Members are inflated by
 * libarchive, one at a time.
 *
 * Knows nothing of PyTorch. Never writes, never extracts, never follows a name.
 * A Pt2Zip is immutable once opened and may be read from any thread.
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
  uint64_t header;       /* offset of the local header in the file */
  uint64_t bound;        /* offset of what comes next in the file: a record or the directory */
  uint64_t stored_bytes; /* as they lie in the file */
  uint64_t bytes;        /* inflated */
} Pt2ZipEntry;

/* Where an audited record lies. */
typedef struct
{
  uint64_t data; /* offset of the payload in the file, */
  uint64_t end;  /* and behind payload and data descriptor */
} Pt2ZipPlace;

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
  uint64_t shift;         /* bytes put before the archive that its own offsets do not count */
  uint64_t first;         /* offset of the first local header, or of the directory if there is none */
  uint64_t directory;     /* offset of the central directory in the file */
  uint64_t comment;       /* offset of the archive comment, */
  uint64_t comment_bytes; /* 0 if there is none */
  char *names;            /* all names, each with its NUL */
  Pt2ZipKey *keys;
} Pt2Zip;

/* Opens BYTES (kept by reference). Fails with K002 (no zip at all), K003 (cut short), Z… and
 * L…; ZIP is then empty and needs no clearing. O(n log n) in the records. */
bool pt2_zip_open (Pt2Zip *zip, GBytes *bytes, const Pt2Limits *limits, Pt2Status *status);
void pt2_zip_clear (Pt2Zip *zip);

/* The entry of exactly that name, or NULL. O(log n). */
const Pt2ZipEntry *pt2_zip_find (const Pt2Zip *zip, const char *name, size_t len);

/* Audits one record and says where it lies. Fails with Z006 to Z009. */
bool pt2_zip_place (const Pt2Zip *zip, const Pt2ZipEntry *entry, Pt2ZipPlace *place, Pt2Status *status);

/* Audits every record; the first fault in the order of the directory. GAPS (transfer full,
 * g_free) is the bytes that belong to no record, ascending: before, between, after. */
bool pt2_zip_audit (const Pt2Zip *zip, Pt2ZipGap **gaps, uint32_t *n_gaps, Pt2Status *status);

/* Audits a record and gives its bytes: a view of the file if stored, inflated otherwise. The
 * CRC is checked unless the archive records 0, which is how PyTorch writes "none". (transfer full) */
GBytes *pt2_zip_read (const Pt2Zip *zip, const Pt2ZipEntry *entry, Pt2Status *status);

/* Lists the archive with libarchive and compares: names, sizes, folders, count.
 * Z019 if the two disagree. Costs a whole second pass; opening does not do it. */
bool pt2_zip_crosscheck (const Pt2Zip *zip, Pt2Status *status);
