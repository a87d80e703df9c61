/* SPDX-License-Identifier: Apache-2.0 */
/* The records as they lie in the file: local headers and data descriptors say what the
 * directory says, nothing overlaps, and what lies between is known. Reads 30 bytes and
 * the name at the front of a record, up to 24 bytes behind it, and no payload.
 */
#include "zip_private.h"
#include "text.h"
#include <stdlib.h>

static bool
fail_here (const Pt2ZipEntry *entry, Pt2Status *status, Pt2ErrorCode code, const char *what)
{
  pt2_status_fail (status, code, entry->header, "%s", what);
  pt2_status_set_record (status, entry->name);
  return false;
}

static bool
fail_name (const Pt2ZipEntry *entry, const uint8_t *name, size_t len, Pt2Status *status)
{
  char text[128];
  pt2_status_fail (status, PT2_ERROR_Z007, entry->header, "the local header names \"%s\"",
                   pt2_text_escape ((const char *)name, len, text, sizeof text));
  pt2_status_set_record (status, entry->name);
  return false;
}

/* A number in the local header: the directory's, or 0 where a descriptor follows. */
static bool
agrees (uint64_t local, uint64_t central, bool later)
{
  return local == central || (later && local == 0);
}

static bool
check_numbers (const Pt2ZipEntry *entry, const uint8_t *p, ZipExtra *extra, Pt2Status *status)
{
  bool later = (entry->flags & ZIP_FLAG_DESCRIPTOR) != 0;
  uint64_t stored = zip_le32 (p + 18), bytes = zip_le32 (p + 22);
  if (extra->damaged || !zip_widen (extra, &bytes) || !zip_widen (extra, &stored))
    return fail_here (entry, status, PT2_ERROR_Z007, "the local header's extra field is damaged");
  if (extra->other_name || extra->encrypted)
    return fail_here (entry, status, PT2_ERROR_Z007, "the local header's extra field has a second name or a cipher");
  if (!agrees (zip_le32 (p + 14), entry->crc32, later))
    return fail_here (entry, status, PT2_ERROR_Z007, "CRC");
  if (!agrees (stored, entry->stored_bytes, later) || !agrees (bytes, entry->bytes, later))
    return fail_here (entry, status, PT2_ERROR_Z007, "sizes");
  return true;
}

/* Sets entry->data. WIDE: the local header has a zip64 field. */
static bool
check_local (const Pt2Zip *zip, Pt2ZipEntry *entry, bool *wide, Pt2Status *status)
{
  if (!zip_fits (entry->header, ZIP_LOCAL_BYTES, zip->directory))
    return fail_here (entry, status, PT2_ERROR_Z006, "its local header reaches into the directory");
  const uint8_t *p = zip->data + entry->header;
  if (zip_le32 (p) != ZIP_LOCAL)
    return fail_here (entry, status, PT2_ERROR_Z007, "no local header where the directory says");
  uint16_t name_len = zip_le16 (p + 26), extra_len = zip_le16 (p + 28);
  entry->data = entry->header + ZIP_LOCAL_BYTES + name_len + extra_len;
  if (entry->data > zip->directory)
    return fail_here (entry, status, PT2_ERROR_Z006, "its local header reaches into the directory");
  if (name_len != entry->name_len || memcmp (p + ZIP_LOCAL_BYTES, entry->name, name_len) != 0)
    return fail_name (entry, p + ZIP_LOCAL_BYTES, name_len, status);
  if (zip_le16 (p + 6) != entry->flags)
    return fail_here (entry, status, PT2_ERROR_Z007, "flags");
  if (zip_le16 (p + 8) != entry->method)
    return fail_here (entry, status, PT2_ERROR_Z007, "method");
  ZipExtra extra = zip_parse_extra (p + ZIP_LOCAL_BYTES + name_len, extra_len);
  *wide = extra.zip64 != NULL;
  return check_numbers (entry, p, &extra, status);
}

/* Length of the descriptor at P if it says what the directory says, else 0. */
static uint64_t
match_descriptor (const Pt2ZipEntry *entry, const uint8_t *p, uint64_t left, bool wide, bool signature)
{
  uint64_t head = signature ? 4 : 0, len = head + (wide ? 20 : 12);
  if (left < len || (signature && zip_le32 (p) != ZIP_DESCRIPTOR) || zip_le32 (p + head) != entry->crc32)
    return 0;
  p += head + 4;
  uint64_t stored = wide ? zip_le64 (p) : zip_le32 (p), bytes = wide ? zip_le64 (p + 8) : zip_le32 (p + 4);
  return stored == entry->stored_bytes && bytes == entry->bytes ? len : 0;
}

/* Sets entry->end. Four forms are in use; the one that fits the header goes first. */
static bool
check_descriptor (const Pt2Zip *zip, Pt2ZipEntry *entry, bool wide, Pt2Status *status)
{
  uint64_t at = entry->data + entry->stored_bytes, len = 0;
  entry->end = at;
  if ((entry->flags & ZIP_FLAG_DESCRIPTOR) == 0)
    return true;
  for (int form = 0; form < 4 && len == 0; form++)
    len = match_descriptor (entry, zip->data + at, zip->directory - at, wide ^ (form >> 1), (form & 1) == 0);
  if (len == 0)
    return fail_here (entry, status, PT2_ERROR_Z008, "");
  entry->end = at + len;
  return true;
}

static bool
check_record (const Pt2Zip *zip, Pt2ZipEntry *entry, Pt2Status *status)
{
  bool wide = false;
  if (!check_local (zip, entry, &wide, status))
    return false;
  if (!zip_fits (entry->data, entry->stored_bytes, zip->size))
    return fail_here (entry, status, PT2_ERROR_Z006, "it reaches behind the end of the file");
  if (!zip_fits (entry->data, entry->stored_bytes, zip->directory))
    return fail_here (entry, status, PT2_ERROR_Z009, "with the central directory");
  return check_descriptor (zip, entry, wide, status);
}

static int
compare_offset (const void *a, const void *b)
{
  const Pt2ZipEntry *left = *(Pt2ZipEntry *const *)a, *right = *(Pt2ZipEntry *const *)b;
  return (left->header > right->header) - (left->header < right->header);
}

static void
add_gap (Pt2Zip *zip, uint64_t from, uint64_t to)
{
  if (from < to)
    zip->gaps[zip->n_gaps++] = (Pt2ZipGap){ from, to - from };
}

/* Walks the records in the order of the file. */
static bool
check_order (Pt2Zip *zip, Pt2ZipEntry *const *order, Pt2Status *status)
{
  uint64_t at = 0;
  for (uint32_t i = 0; i < zip->n_entries; i++)
    {
      if (order[i]->header < at)
        {
          char text[128];
          const Pt2ZipEntry *other = order[i - 1];
          pt2_text_escape (other->name, other->name_len, text, sizeof text);
          pt2_status_fail (status, PT2_ERROR_Z009, order[i]->header, "with \"%s\"", text);
          pt2_status_set_record (status, order[i]->name);
          return false;
        }
      add_gap (zip, at, order[i]->header);
      at = order[i]->end;
    }
  add_gap (zip, at, zip->directory);
  add_gap (zip, zip->comment + zip->comment_bytes, zip->size);
  return true;
}

static bool
sort_and_check (Pt2Zip *zip, Pt2Status *status)
{
  bool sorted = true;
  g_autofree Pt2ZipEntry **order = g_try_new (Pt2ZipEntry *, (size_t)zip->n_entries + 1);
  zip->gaps = g_try_new (Pt2ZipGap, (size_t)zip->n_entries + 2);
  if (order == NULL || zip->gaps == NULL)
    return pt2_status_fail (status, PT2_ERROR_L001, zip->directory, "the order of the records");
  for (uint32_t i = 0; i < zip->n_entries; i++)
    {
      order[i] = &zip->entries[i];
      sorted &= i == 0 || order[i - 1]->header <= order[i]->header;
    }
  if (!sorted)
    qsort (order, zip->n_entries, sizeof *order, compare_offset);
  if (!check_order (zip, order, status))
    return false;
  /* Usually there is none: give the room back. */
  zip->gaps = g_realloc_n (zip->gaps, zip->n_gaps + 1, sizeof *zip->gaps);
  return true;
}

bool
zip_audit_records (Pt2Zip *zip, Pt2Status *status)
{
  for (uint32_t i = 0; i < zip->n_entries; i++)
    if (!check_record (zip, &zip->entries[i], status))
      return false;
  return sort_and_check (zip, status);
}
