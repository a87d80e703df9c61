/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a zip archive as PyTorch's own writer does, byte for byte: records stored, each payload at a
 * multiple of 64 (padding in an extra field `FB`), sizes and CRC in a descriptor, no times, zip64 where
 * a size or an offset needs it and always at the end.
 *
 * Records are written one after the other; the directory is gathered in memory (about 60 bytes and the
 * name for each record). Knows nothing of PyTorch's records, checks no names, never looks back.
 */
#pragma once

#include "sink.h"
#include "zip.h"

typedef struct
{
  Pt2Sink *sink;
  Pt2Buffer directory;
  uint64_t records;
  uint64_t crc_chain; /* PyTorch's combination of the CRCs of all records so far */
  /* The record that is being written. */
  const char *name;
  uint16_t name_len;
  bool wide;       /* has a zip64 field */
  bool descriptor; /* ends with sizes and CRC */
  uint64_t header; /* its offset */
  uint64_t bytes;  /* so far */
  uint32_t crc;    /* so far */
} Pt2ZipWriter;

/* SINK is the caller's, at offset 0. */
void pt2_zip_writer_init (Pt2ZipWriter *writer, Pt2Sink *sink);
void pt2_zip_writer_clear (Pt2ZipWriter *writer);

/* Begins a record. NAME (kept until it ends) is valid, and in no other record; BYTES_MOST is how many bytes
 * it will have, or more if that is not known yet. Z021 for a name that is too long. */
bool pt2_zip_writer_begin (Pt2ZipWriter *writer, const char *name, size_t len, uint64_t bytes_most, Pt2Status *status);
bool pt2_zip_writer_put (Pt2ZipWriter *writer, const void *data, size_t len, Pt2Status *status);
/* LEN bytes of the file FROM: inside the kernel, holes as holes, the CRC made beside it. */
bool pt2_zip_writer_copy (Pt2ZipWriter *writer, int from, uint64_t at, uint64_t len, Pt2Status *status);
/* Z020 if the record has more bytes than announced. */
bool pt2_zip_writer_end (Pt2ZipWriter *writer, Pt2Status *status);
/* Writes directory and end records, and all that is pending. */
bool pt2_zip_writer_finish (Pt2ZipWriter *writer, Pt2Status *status);

/* Z011 if a record must not be called that: the rules are the reader's, and folders are none. */
bool pt2_zip_check_name (const char *name, size_t len, Pt2Status *status);
/* A name as it counts when names are compared: two names that fold alike cannot be in one archive. (transfer full) */
char *pt2_zip_fold_name (const char *name, size_t len);

/* Makes the index over entries that come from elsewhere than a zip directory; Z010 for names that are one. */
bool pt2_zip_index_entries (Pt2Zip *zip, Pt2Status *status);

/* Bytes that such an archive takes for a record of BYTES, at most, its payload among them. */
uint64_t pt2_zip_record_room (size_t name_len, uint64_t bytes);
