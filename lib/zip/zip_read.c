/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a record. A stored one is a slice of the file. A deflated one is handed to
 * libarchive as a zip of one member: a header made here from audited numbers, then the
 * payload where it lies. So libarchive never decides where a record is or how long.
 */
#include "zip_private.h"
#include "crc32.h"
#include "text.h"
#include <archive.h>
#include <archive_entry.h>

static bool
fail_here (const Pt2ZipEntry *entry, Pt2Status *status, Pt2ErrorCode code, const char *what)
{
  char text[160];
  if (what == NULL)
    what = "";
  pt2_status_fail (status, code, entry->header, "%s", pt2_text_escape (what, strlen (what), text, sizeof text));
  pt2_status_set_record (status, entry->name);
  return false;
}

/* libarchive's source: header, then payload. */
typedef struct
{
  const void *part[2];
  size_t len[2];
  int next;
} Feed;

static la_ssize_t
read_feed (struct archive *reader, void *data, const void **buffer)
{
  Feed *feed = data;
  if (feed->next == 2)
    return 0;
  *buffer = feed->part[feed->next];
  return (la_ssize_t)feed->len[feed->next++];
}

static void
put_le (GByteArray *out, uint64_t value, int bytes)
{
  for (int i = 0; i < bytes; i++, value >>= 8)
    g_byte_array_append (out, &(uint8_t){ (uint8_t)value }, 1);
}

/* The local header of a deflated member called "r", sizes in a zip64 field. */
static GByteArray *
make_header (const Pt2ZipEntry *entry)
{
  GByteArray *out = g_byte_array_new ();
  put_le (out, ZIP_LOCAL, 4);
  put_le (out, 45, 2); /* version needed: zip64 */
  put_le (out, 0, 2);
  put_le (out, PT2_ZIP_DEFLATED, 2);
  put_le (out, 0x00210000, 4); /* 1980-01-01 */
  put_le (out, entry->crc32, 4);
  put_le (out, ZIP_FULL32, 4);
  put_le (out, ZIP_FULL32, 4);
  put_le (out, 1, 2);
  put_le (out, 20, 2);
  put_le (out, 'r', 1);
  put_le (out, 0x0001, 2);
  put_le (out, 16, 2);
  put_le (out, entry->bytes, 8);
  put_le (out, entry->stored_bytes, 8);
  return out;
}

typedef struct archive Reader;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reader, archive_read_free)

/* Fills OUT with exactly entry->bytes; more or fewer are an error. */
static bool
inflate_all (Reader *reader, const Pt2ZipEntry *entry, char *out, Pt2Status *status)
{
  uint64_t done = 0;
  la_ssize_t got;
  char extra;
  while (done < entry->bytes)
    {
      got = archive_read_data (reader, out + done, (size_t)MIN (entry->bytes - done, G_MAXINT32));
      if (got < 0)
        return fail_here (entry, status, PT2_ERROR_Z016, archive_error_string (reader));
      if (got == 0)
        return fail_here (entry, status, PT2_ERROR_Z016, "it inflates to fewer bytes than its size says");
      done += (uint64_t)got;
    }
  got = archive_read_data (reader, &extra, 1);
  if (got > 0)
    return fail_here (entry, status, PT2_ERROR_Z016, "it inflates to more bytes than its size says");
  if (got < 0)
    return fail_here (entry, status, PT2_ERROR_Z016, archive_error_string (reader));
  return true;
}

static bool
inflate_into (const Pt2Zip *zip, const Pt2ZipEntry *entry, uint64_t data, char *out, Pt2Status *status)
{
  g_autoptr (GByteArray) header = make_header (entry);
  Feed feed = { { header->data, zip->data + data }, { header->len, (size_t)entry->stored_bytes }, 0 };
  g_autoptr (Reader) reader = archive_read_new ();
  struct archive_entry *member;
  if (reader == NULL)
    return fail_here (entry, status, PT2_ERROR_L001, "libarchive");
  archive_read_support_format_zip_streamable (reader);
  archive_read_set_options (reader, "zip:ignorecrc32"); /* checked here, unless none is recorded */
  if (archive_read_open (reader, &feed, NULL, read_feed, NULL) != ARCHIVE_OK
      || archive_read_next_header (reader, &member) != ARCHIVE_OK)
    return fail_here (entry, status, PT2_ERROR_Z016, archive_error_string (reader));
  return inflate_all (reader, entry, out, status);
}

static GBytes *
inflate_record (const Pt2Zip *zip, const Pt2ZipEntry *entry, uint64_t data, Pt2Status *status)
{
  /* bytes <= stored_bytes * limit inflate-ratio, and <= limit inflated-size. */
  g_autofree char *out = entry->bytes < G_MAXSSIZE ? g_try_malloc ((size_t)entry->bytes + 1) : NULL;
  if (out == NULL)
    {
      fail_here (entry, status, PT2_ERROR_L001, "inflating it");
      return NULL;
    }
  if (!inflate_into (zip, entry, data, out, status))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&out), (size_t)entry->bytes);
}

static bool
check_crc (const Pt2ZipEntry *entry, GBytes *bytes, Pt2Status *status)
{
  if (entry->crc32 == 0)
    return true; /* PyTorch can write archives without CRCs */
  size_t len;
  const void *data = g_bytes_get_data (bytes, &len);
  uint32_t found = pt2_crc32 (0, data, len);
  if (found == entry->crc32)
    return true;
  char text[64];
  g_snprintf (text, sizeof text, "recorded %08x, found %08x", entry->crc32, found);
  return fail_here (entry, status, PT2_ERROR_Z017, text);
}

GBytes *
pt2_zip_read (const Pt2Zip *zip, const Pt2ZipEntry *entry, Pt2Status *status)
{
  Pt2ZipPlace place = { 0 };
  g_autoptr (GBytes) bytes = NULL;
  if (!pt2_zip_place (zip, entry, &place, status))
    return NULL;
  if (entry->method == PT2_ZIP_STORED)
    bytes = g_bytes_new_from_bytes (zip->bytes, (size_t)place.data, (size_t)entry->stored_bytes);
  else
    bytes = inflate_record (zip, entry, place.data, status);
  if (bytes == NULL || !check_crc (entry, bytes, status))
    return NULL;
  return g_steal_pointer (&bytes);
}
