/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of lib/zip share: little-endian loads, record layouts, passes.
 * Every function here takes offsets that its caller has checked against size.
 */
#pragma once

#include "zip.h"
#include <string.h>

enum
{
  ZIP_LOCAL = 0x04034b50,
  ZIP_CENTRAL = 0x02014b50,
  ZIP_END = 0x06054b50,
  ZIP_END64 = 0x06064b50,
  ZIP_LOCATOR64 = 0x07064b50,
  ZIP_DESCRIPTOR = 0x08074b50,
};

enum
{
  ZIP_LOCAL_BYTES = 30,
  ZIP_CENTRAL_BYTES = 46,
  ZIP_END_BYTES = 22,
  ZIP_END64_BYTES = 56,
  ZIP_LOCATOR64_BYTES = 20,
  ZIP_DESCRIPTOR_LEAST_BYTES = 12,
  ZIP_COMMENT_MAX = 65535,
};

enum
{
  ZIP_FLAG_ENCRYPTED = 1 << 0,
  ZIP_FLAG_DESCRIPTOR = 1 << 3,
  ZIP_FLAG_STRONG = 1 << 6,
  ZIP_FLAG_UTF8 = 1 << 11,
  ZIP_FLAG_MASKED = 1 << 13,
  /* What a record may have: deflate's speed hints, a descriptor, UTF-8 names. */
  ZIP_FLAGS_KNOWN = 1 << 1 | 1 << 2 | ZIP_FLAG_DESCRIPTOR | ZIP_FLAG_UTF8,
};

#define ZIP_FULL16 UINT16_C (0xffff)
#define ZIP_FULL32 UINT32_C (0xffffffff)

static inline uint16_t
zip_le16 (const uint8_t *p)
{
  return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
zip_le32 (const uint8_t *p)
{
  uint32_t v;
  memcpy (&v, p, sizeof v);
  return GUINT32_FROM_LE (v);
}

static inline uint64_t
zip_le64 (const uint8_t *p)
{
  uint64_t v;
  memcpy (&v, p, sizeof v);
  return GUINT64_FROM_LE (v);
}

/* True if the LEN bytes at OFFSET lie before END. */
static inline bool
zip_fits (uint64_t offset, uint64_t len, uint64_t end)
{
  return offset <= end && len <= end - offset;
}

/* True if a record of BYTES with that signature lies at OFFSET. */
static inline bool
zip_has (const Pt2Zip *zip, uint64_t offset, uint64_t bytes, uint32_t signature)
{
  return zip_fits (offset, bytes, zip->size) && zip_le32 (zip->data + offset) == signature;
}

/* What the end records say. */
typedef struct
{
  uint64_t at;        /* offset of the end record */
  uint64_t tail;      /* offset of the first end record: zip64's if there is one */
  uint64_t count;     /* records */
  uint64_t directory; /* offset of the directory, in the file */
  uint64_t directory_bytes;
} ZipEnd;

/* What an extra field says that matters here. */
typedef struct
{
  bool damaged;
  bool encrypted;  /* AES or strong encryption header */
  bool other_name; /* Info-ZIP Unicode path: a second name */
  bool attributes; /* libarchive's own field: a second set of attributes, which it prefers */
  const uint8_t *zip64;
  uint16_t zip64_len;
} ZipExtra;

/* zip_end.c */
bool zip_find_end (Pt2Zip *zip, ZipEnd *end, Pt2Status *status);
/* zip_cut.c: says what became of a zip whose records and end record do not belong together. END: the
 * offset of the end record that was found, or 0. K002, K003, Z003 or Z018; always false. */
bool zip_fail_cut (const Pt2Zip *zip, uint64_t end, Pt2Status *status) __attribute__ ((cold));
/* zip_extra.c */
ZipExtra zip_parse_extra (const uint8_t *extra, size_t len);
/* Takes the next 8 bytes of the zip64 field into *VALUE if *VALUE is 0xffffffff. */
bool zip_widen (ZipExtra *extra, uint64_t *value);
/* zip_directory.c: fills entries (all but bound) and names. */
bool zip_read_directory (Pt2Zip *zip, const ZipEnd *end, Pt2Status *status);
/* zip_names.c */
bool zip_check_name (const Pt2ZipEntry *entry, const char *name, size_t len, Pt2Status *status);
bool zip_index_names (Pt2Zip *zip, Pt2Status *status);
/* zip_order.c: sets bound and first; Z009 if two records must overlap. */
bool zip_order_records (Pt2Zip *zip, Pt2Status *status);
