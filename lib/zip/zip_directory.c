/* SPDX-License-Identifier: Apache-2.0 */
/* The central directory: one header for each record. It is the authority; the
 * local headers are held against it later.
 */
#include "zip_private.h"
#include "text.h"

/* One central header as it lies in the file. */
typedef struct
{
  const uint8_t *p;
  uint16_t name_len;
  uint16_t extra_len;
  uint16_t comment_len;
  uint64_t bytes; /* all of it */
} CentralHeader;

static bool
fail_here (const Pt2ZipEntry *entry, Pt2Status *status, Pt2ErrorCode code, const char *what)
{
  pt2_status_fail (status, code, entry->header, "%s", what);
  pt2_status_set_record (status, entry->name);
  return false;
}

static bool
frame_header (const Pt2Zip *zip, uint64_t at, uint64_t end, CentralHeader *out, Pt2Status *status)
{
  if (!zip_fits (at, ZIP_CENTRAL_BYTES, end))
    return pt2_status_fail (status, PT2_ERROR_Z004, at, "it is too small for the records that the end record counts");
  const uint8_t *p = zip->data + at;
  if (zip_le32 (p) != ZIP_CENTRAL)
    return pt2_status_fail (status, PT2_ERROR_Z005, at, "no header signature");
  out->p = p;
  out->name_len = zip_le16 (p + 28);
  out->extra_len = zip_le16 (p + 30);
  out->comment_len = zip_le16 (p + 32);
  out->bytes = (uint64_t)ZIP_CENTRAL_BYTES + out->name_len + out->extra_len + out->comment_len;
  if (!zip_fits (at, out->bytes, end))
    return pt2_status_fail (status, PT2_ERROR_Z005, at, "its name, extra field or comment runs out of the directory");
  if (out->name_len > zip->limits.name_length)
    return pt2_status_fail (status, PT2_ERROR_L005, at, "%u bytes, limit %" G_GUINT64_FORMAT, out->name_len,
                            zip->limits.name_length);
  return true;
}

/* Neither a link nor a device, and a folder by attribute only if it is one by name:
 * libarchive and others go by the attributes, PyTorch by the name. */
static bool
check_attributes (const Pt2ZipEntry *entry, uint32_t attributes, Pt2Status *status)
{
  enum
  {
    TYPE = 0170000,
    FOLDER = 0040000,
    FILE = 0100000,
    DOS_FOLDER = 0x10
  };
  unsigned type = attributes >> 16 & TYPE;
  bool folder = entry->name[entry->name_len - 1] == '/';
  if (type != 0 && type != FOLDER && type != FILE)
    return fail_here (entry, status, PT2_ERROR_Z015, type == 0120000 ? "a symbolic link" : "a device, pipe or socket");
  if (folder ? type == FILE : type == FOLDER || (attributes & DOS_FOLDER) != 0)
    return fail_here (entry, status, PT2_ERROR_Z015, "a folder by its name or by its attributes, not by both");
  return true;
}

static bool
check_method (const Pt2ZipEntry *entry, const ZipExtra *extra, Pt2Status *status)
{
  char text[64];
  if ((entry->flags & (ZIP_FLAG_ENCRYPTED | ZIP_FLAG_STRONG | ZIP_FLAG_MASKED)) != 0 || extra->encrypted)
    return fail_here (entry, status, PT2_ERROR_Z012, "");
  g_snprintf (text, sizeof text, "method %u, flags 0x%04x", entry->method, entry->flags);
  if ((entry->method != PT2_ZIP_STORED && entry->method != PT2_ZIP_DEFLATED)
      || (entry->flags & ~(unsigned)ZIP_FLAGS_KNOWN) != 0)
    return fail_here (entry, status, PT2_ERROR_Z013, text);
  return true;
}

static bool
check_sizes (const Pt2Zip *zip, const Pt2ZipEntry *entry, uint64_t *total, Pt2Status *status)
{
  if (entry->name[entry->name_len - 1] == '/' && (entry->bytes != 0 || entry->stored_bytes != 0))
    return fail_here (entry, status, PT2_ERROR_Z014, "a folder with bytes");
  if (entry->method == PT2_ZIP_STORED && entry->bytes != entry->stored_bytes)
    return fail_here (entry, status, PT2_ERROR_Z014, "stored, but its two sizes differ");
  if (entry->method == PT2_ZIP_DEFLATED && entry->stored_bytes == 0)
    return fail_here (entry, status, PT2_ERROR_Z014, "deflated into no bytes at all");
  if (entry->stored_bytes > zip->size)
    return fail_here (entry, status, PT2_ERROR_Z006, "larger than the file");
  if (entry->bytes / MAX (zip->limits.inflate_ratio, 1) > entry->stored_bytes && entry->method == PT2_ZIP_DEFLATED)
    return fail_here (entry, status, PT2_ERROR_L007, "");
  if (entry->bytes > zip->limits.inflated_size || *total > zip->limits.inflated_size - entry->bytes)
    return fail_here (entry, status, PT2_ERROR_L006, "");
  *total += entry->bytes;
  return true;
}

/* Sizes and offset, from the header or, where it is full, from its zip64 field. */
static bool
read_numbers (const Pt2Zip *zip, const uint8_t *p, ZipExtra *extra, Pt2ZipEntry *entry, Pt2Status *status)
{
  entry->stored_bytes = zip_le32 (p + 20);
  entry->bytes = zip_le32 (p + 24);
  entry->header = zip_le32 (p + 42);
  uint16_t disk = zip_le16 (p + 34);
  if (extra->damaged || !zip_widen (extra, &entry->bytes) || !zip_widen (extra, &entry->stored_bytes)
      || !zip_widen (extra, &entry->header))
    return pt2_status_fail (status, PT2_ERROR_Z005, (uint64_t)(p - zip->data), "its extra field is damaged");
  if (disk != 0 && !(disk == ZIP_FULL16 && extra->zip64_len >= 4 && zip_le32 (extra->zip64) == 0))
    return pt2_status_fail (status, PT2_ERROR_Z002, (uint64_t)(p - zip->data), "a record of disk %u", disk);
  if (entry->header > zip->directory - zip->shift)
    return pt2_status_fail (status, PT2_ERROR_Z006, (uint64_t)(p - zip->data),
                            "its local header would be at %" G_GUINT64_FORMAT ", behind all records", entry->header);
  entry->header += zip->shift;
  return true;
}

static bool
read_header (Pt2Zip *zip, const CentralHeader *header, Pt2ZipEntry *entry, uint64_t *total, Pt2Status *status)
{
  const uint8_t *p = header->p;
  entry->flags = zip_le16 (p + 8);
  entry->method = zip_le16 (p + 10);
  entry->crc32 = zip_le32 (p + 16);
  ZipExtra extra = zip_parse_extra (p + ZIP_CENTRAL_BYTES + header->name_len, header->extra_len);
  entry->header = (uint64_t)(p - zip->data);
  if (!zip_check_name (entry, entry->name, entry->name_len, status))
    return false;
  if (!read_numbers (zip, p, &extra, entry, status))
    {
      pt2_status_set_record (status, entry->name);
      return false;
    }
  if (extra.other_name)
    return fail_here (entry, status, PT2_ERROR_Z011, "a second name in an extra field");
  if (extra.attributes)
    return fail_here (entry, status, PT2_ERROR_Z015, "a second set of attributes in an extra field");
  return check_method (entry, &extra, status) && check_attributes (entry, zip_le32 (p + 38), status)
         && check_sizes (zip, entry, total, status);
}

static bool
reserve (Pt2Zip *zip, const ZipEnd *end, Pt2Status *status)
{
  if (end->count > zip->limits.records || end->count >= G_MAXUINT32)
    return pt2_status_fail (status, PT2_ERROR_L004, end->at, "%" G_GUINT64_FORMAT " records, limit %" G_GUINT64_FORMAT,
                            end->count, zip->limits.records);
  if (end->count > end->directory_bytes / ZIP_CENTRAL_BYTES)
    return pt2_status_fail (status, PT2_ERROR_Z004, end->directory,
                            "%" G_GUINT64_FORMAT " records do not fit into %" G_GUINT64_FORMAT " bytes", end->count,
                            end->directory_bytes);
  /* Names lie inside the directory and each header is longer than a NUL. */
  zip->entries = g_try_new0 (Pt2ZipEntry, end->count + 1);
  zip->names = g_try_malloc (end->directory_bytes + 1);
  if (zip->entries == NULL || zip->names == NULL)
    return pt2_status_fail (status, PT2_ERROR_L001, end->directory, "the list of records");
  return true;
}

bool
zip_read_directory (Pt2Zip *zip, const ZipEnd *end, Pt2Status *status)
{
  if (!reserve (zip, end, status))
    return false;
  uint64_t at = end->directory, total = 0;
  char *name = zip->names;
  for (; zip->n_entries < end->count; zip->n_entries++)
    {
      Pt2ZipEntry *entry = &zip->entries[zip->n_entries];
      CentralHeader header = { 0 };
      if (!frame_header (zip, at, end->tail, &header, status))
        return false;
      memcpy (name, header.p + ZIP_CENTRAL_BYTES, header.name_len);
      name[header.name_len] = '\0';
      entry->name = name;
      entry->name_len = header.name_len;
      if (!read_header (zip, &header, entry, &total, status))
        return false;
      name += header.name_len + 1;
      at += header.bytes;
    }
  if (at != end->tail)
    return pt2_status_fail (status, PT2_ERROR_Z004, at, "%" G_GUINT64_FORMAT " bytes are left after the last record",
                            end->tail - at);
  return true;
}
