/* SPDX-License-Identifier: Apache-2.0 */
/* Headers, descriptors, directory, end records: the writer's side of zip_private.h. */
#include "zip_write.h"
#include "crc32.h"
#include "zip_private.h"

enum
{
  ALIGNMENT = 64,
  PADDING_HEAD = 4, /* `FB` and a length */
  WIDE_HEAD = 4,
  FULL_FIELDS = 24, /* three numbers of a zip64 field */
};

static bool
put_bytes (Pt2Buffer *out, const void *data, size_t len, Pt2Status *status)
{
  if (!pt2_buffer_room (out, len))
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "the zip directory");
  pt2_buffer_put (out, data, len);
  return true;
}

/* A header that is being put together. */
typedef struct
{
  uint8_t data[128];
  size_t len;
} Header;

static void
put_le (Header *header, uint64_t value, int bytes)
{
  for (int i = 0; i < bytes; i++, value >>= 8)
    header->data[header->len++] = (uint8_t)value;
}

static uint32_t
narrow (uint64_t value)
{
  return value < ZIP_FULL32 ? (uint32_t)value : ZIP_FULL32;
}

/* The zip64 field: sizes if one needs it, the offset if it does. LATER: the stored size is not told yet. */
static void
put_wide (Header *out, uint64_t bytes, uint64_t header, bool later)
{
  bool sizes = bytes >= ZIP_FULL32, offset = header >= ZIP_FULL32;
  if (!sizes && !offset)
    return;
  put_le (out, 0x0001, 2);
  put_le (out, (sizes ? 16u : 0u) + (offset ? 8u : 0u), 2);
  if (sizes)
    {
      put_le (out, bytes, 8);
      put_le (out, later ? 0 : bytes, 8);
    }
  if (offset)
    put_le (out, header, 8);
}

void
pt2_zip_writer_init (Pt2ZipWriter *writer, Pt2Sink *sink)
{
  *writer = (Pt2ZipWriter){ .sink = sink, .directory = PT2_BUFFER_INIT };
}

void
pt2_zip_writer_clear (Pt2ZipWriter *writer)
{
  pt2_buffer_clear (&writer->directory);
}

static uint16_t
flags_of (const Pt2ZipWriter *writer)
{
  return (uint16_t)(ZIP_FLAG_UTF8 | (writer->descriptor ? ZIP_FLAG_DESCRIPTOR : 0));
}

/* ---- a record ---- */

static bool
put_local_header (Pt2ZipWriter *writer, uint64_t bytes_most, Pt2Status *status)
{
  char filling[ALIGNMENT];
  memset (filling, 'Z', sizeof filling);
  Header head = { .len = 0 }, extra = { .len = 0 };
  put_wide (&extra, bytes_most, writer->header, true);
  uint64_t unpadded = writer->header + ZIP_LOCAL_BYTES + writer->name_len + extra.len + PADDING_HEAD;
  size_t padding = (size_t)(ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
  writer->wide = extra.len > 0;
  put_le (&extra, 'F' | 'B' << 8, 2);
  put_le (&extra, padding, 2);
  put_le (&head, ZIP_LOCAL, 4);
  put_le (&head, 0, 2); /* version needed */
  put_le (&head, flags_of (writer), 2);
  put_le (&head, PT2_ZIP_STORED, 2);
  put_le (&head, 0, 4 + 4 + 4 + 4); /* time and date, CRC, sizes */
  put_le (&head, writer->name_len, 2);
  put_le (&head, extra.len + padding, 2);
  return pt2_sink_put (writer->sink, head.data, head.len, status)
         && pt2_sink_put (writer->sink, writer->name, writer->name_len, status)
         && pt2_sink_put (writer->sink, extra.data, extra.len, status)
         && pt2_sink_put (writer->sink, filling, padding, status);
}

bool
pt2_zip_writer_begin (Pt2ZipWriter *writer, const char *name, size_t len, uint64_t bytes_most, Pt2Status *status)
{
  if (len == 0 || len > ZIP_FULL16)
    return pt2_status_fail (status, PT2_ERROR_Z021, PT2_NO_OFFSET, "a name of %zu bytes", len);
  writer->name = name;
  writer->name_len = (uint16_t)len;
  writer->header = writer->sink->offset;
  writer->descriptor = bytes_most > 0;
  writer->bytes = 0;
  writer->crc = 0;
  return put_local_header (writer, bytes_most, status);
}

bool
pt2_zip_writer_put (Pt2ZipWriter *writer, const void *data, size_t len, Pt2Status *status)
{
  writer->crc = pt2_crc32 (writer->crc, data, len);
  writer->bytes += len;
  return pt2_sink_put (writer->sink, data, len, status);
}

static bool
put_descriptor (Pt2ZipWriter *writer, Pt2Status *status)
{
  Header out = { .len = 0 };
  int width = writer->wide ? 8 : 4;
  put_le (&out, ZIP_DESCRIPTOR, 4);
  put_le (&out, writer->crc, 4);
  put_le (&out, writer->bytes, width);
  put_le (&out, writer->bytes, width);
  return pt2_sink_put (writer->sink, out.data, out.len, status);
}

static bool
put_central_header (Pt2ZipWriter *writer, Pt2Status *status)
{
  Header head = { .len = 0 }, extra = { .len = 0 };
  put_wide (&extra, writer->bytes, writer->header, false);
  put_le (&head, ZIP_CENTRAL, 4);
  put_le (&head, 0, 2 + 2); /* version made by, needed */
  put_le (&head, flags_of (writer), 2);
  put_le (&head, PT2_ZIP_STORED, 2);
  put_le (&head, 0, 4); /* time and date */
  put_le (&head, writer->crc, 4);
  put_le (&head, narrow (writer->bytes), 4);
  put_le (&head, narrow (writer->bytes), 4);
  put_le (&head, writer->name_len, 2);
  put_le (&head, extra.len, 2);
  put_le (&head, 0, 2 + 2 + 2 + 4); /* comment, disk, attributes */
  put_le (&head, narrow (writer->header), 4);
  return put_bytes (&writer->directory, head.data, head.len, status)
         && put_bytes (&writer->directory, writer->name, writer->name_len, status)
         && put_bytes (&writer->directory, extra.data, extra.len, status);
}

/* PyTorch's hash_combine. It sees the CRCs in the descriptors, so records without bytes do not count. */
static void
chain_crc (Pt2ZipWriter *writer)
{
  uint64_t seed = writer->crc_chain;
  writer->crc_chain = seed ^ (writer->crc + UINT64_C (0x9e3779b9) + (seed << 6) + (seed >> 2));
}

bool
pt2_zip_writer_end (Pt2ZipWriter *writer, Pt2Status *status)
{
  if (writer->bytes > 0 && !writer->descriptor)
    return pt2_status_fail (status, PT2_ERROR_Z020, PT2_NO_OFFSET, "more than no bytes");
  if (writer->bytes >= ZIP_FULL32 && !writer->wide)
    return pt2_status_fail (status, PT2_ERROR_Z020, PT2_NO_OFFSET, "more bytes than announced");
  if (writer->descriptor)
    {
      if (!put_descriptor (writer, status))
        return false;
      chain_crc (writer);
    }
  writer->records++;
  return put_central_header (writer, status);
}

/* ---- the end ---- */

static void
put_end64 (Header *out, const Pt2ZipWriter *writer, uint64_t at, uint64_t bytes)
{
  put_le (out, ZIP_END64, 4);
  put_le (out, ZIP_END64_BYTES - 12, 8);
  put_le (out, 0x031e, 2); /* version made by, */
  put_le (out, 0x002d, 2); /* needed */
  put_le (out, 0, 4 + 4);  /* disks */
  put_le (out, writer->records, 8);
  put_le (out, writer->records, 8);
  put_le (out, bytes, 8);
  put_le (out, at, 8);
}

static void
put_locator (Header *out, uint64_t end64)
{
  put_le (out, ZIP_LOCATOR64, 4);
  put_le (out, 0, 4);
  put_le (out, end64, 8);
  put_le (out, 1, 4); /* disks */
}

static void
put_end (Header *out, const Pt2ZipWriter *writer, uint64_t at, uint64_t bytes)
{
  uint64_t records = MIN (writer->records, ZIP_FULL16);
  put_le (out, ZIP_END, 4);
  put_le (out, 0, 2 + 2); /* disks */
  put_le (out, records, 2);
  put_le (out, records, 2);
  put_le (out, narrow (bytes), 4);
  put_le (out, narrow (at), 4);
  put_le (out, 0, 2); /* comment */
}

bool
pt2_zip_writer_finish (Pt2ZipWriter *writer, Pt2Status *status)
{
  uint64_t at = writer->sink->offset, bytes = pt2_buffer_len (&writer->directory);
  Header end64 = { .len = 0 }, rest = { .len = 0 };
  put_end64 (&end64, writer, at, bytes);
  put_locator (&rest, at + bytes);
  put_end (&rest, writer, at, bytes);
  return pt2_sink_put (writer->sink, writer->directory.data, (size_t)bytes, status)
         && pt2_sink_put (writer->sink, end64.data, end64.len, status)
         && pt2_sink_put (writer->sink, rest.data, rest.len, status) && pt2_sink_finish (writer->sink, status);
}

uint64_t
pt2_zip_record_room (size_t name_len, uint64_t bytes)
{
  enum
  {
    HEADERS = ZIP_LOCAL_BYTES + PADDING_HEAD + ALIGNMENT + ZIP_CENTRAL_BYTES + 2 * (WIDE_HEAD + FULL_FIELDS)
              + ZIP_DESCRIPTOR_LEAST_BYTES + 12,
  };
  uint64_t room = HEADERS + 2 * (uint64_t)name_len;
  return bytes < UINT64_MAX - room ? bytes + room : UINT64_MAX;
}
