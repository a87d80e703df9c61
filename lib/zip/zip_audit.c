/* SPDX-License-Identifier: Apache-2.0 */
/* A record as it lies in the file: its local header and data descriptor say what the directory
 * says and reach into nothing else. Reads 30 bytes, name and extra field in front of the
 * payload, up to 24 bytes behind it, and no payload.
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
  if (extra->other_name || extra->encrypted || extra->attributes)
    return fail_here (entry, status, PT2_ERROR_Z007,
                      "the local header's extra field has a second name, a cipher or attributes");
  if (!agrees (zip_le32 (p + 14), entry->crc32, later))
    return fail_here (entry, status, PT2_ERROR_Z007, "CRC");
  if (!agrees (stored, entry->stored_bytes, later) || !agrees (bytes, entry->bytes, later))
    return fail_here (entry, status, PT2_ERROR_Z007, "sizes");
  return true;
}

/* Sets place->data. WIDE: the local header has a zip64 field. The header itself lies before the
 * bound: opening has seen to that. */
static bool
check_local (const Pt2Zip *zip, const Pt2ZipEntry *entry, Pt2ZipPlace *place, bool *wide, Pt2Status *status)
{
  const uint8_t *p = zip->data + entry->header;
  if (zip_le32 (p) != ZIP_LOCAL)
    return fail_here (entry, status, PT2_ERROR_Z007, "no local header where the directory says");
  uint16_t name_len = zip_le16 (p + 26), extra_len = zip_le16 (p + 28);
  place->data = entry->header + ZIP_LOCAL_BYTES + name_len + extra_len;
  if (place->data > entry->bound)
    return fail_here (entry, status, PT2_ERROR_Z006, "its local header reaches into what follows");
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

/* Sets place->end. Four forms are in use; the one that fits the header goes first. */
static bool
check_descriptor (const Pt2Zip *zip, const Pt2ZipEntry *entry, Pt2ZipPlace *place, bool wide, Pt2Status *status)
{
  uint64_t at = place->data + entry->stored_bytes, len = 0;
  place->end = at;
  if ((entry->flags & ZIP_FLAG_DESCRIPTOR) == 0)
    return true;
  for (int form = 0; form < 4 && len == 0; form++)
    len = match_descriptor (entry, zip->data + at, entry->bound - at, wide ^ (form >> 1), (form & 1) == 0);
  if (len == 0)
    return fail_here (entry, status, PT2_ERROR_Z008, "");
  place->end = at + len;
  return true;
}

bool
pt2_zip_place (const Pt2Zip *zip, const Pt2ZipEntry *entry, Pt2ZipPlace *place, Pt2Status *status)
{
  bool wide = false;
  if (!check_local (zip, entry, place, &wide, status))
    return false;
  if (!zip_fits (place->data, entry->stored_bytes, entry->bound))
    return fail_here (entry, status, PT2_ERROR_Z009, "with what follows it");
  return check_descriptor (zip, entry, place, wide, status);
}

/* ---- all of them, and what lies between ---- */

typedef struct
{
  Pt2ZipGap *items;
  uint32_t n;
} GapList;

static void
add_gap (GapList *gaps, uint64_t from, uint64_t to)
{
  if (from < to)
    gaps->items[gaps->n++] = (Pt2ZipGap){ from, to - from };
}

static int
compare_gap (const void *a, const void *b)
{
  const Pt2ZipGap *left = a, *right = b;
  return (left->offset > right->offset) - (left->offset < right->offset);
}

/* A record's bound is where the next one begins, so each gap is found at the record before it. */
static bool
find_gaps (const Pt2Zip *zip, GapList *gaps, Pt2Status *status)
{
  add_gap (gaps, 0, zip->first);
  for (uint32_t i = 0; i < zip->n_entries; i++)
    {
      Pt2ZipPlace place = { 0 };
      if (!pt2_zip_place (zip, &zip->entries[i], &place, status))
        return false;
      add_gap (gaps, place.end, zip->entries[i].bound);
    }
  add_gap (gaps, zip->comment + zip->comment_bytes, zip->size);
  qsort (gaps->items, gaps->n, sizeof *gaps->items, compare_gap);
  return true;
}

bool
pt2_zip_audit (const Pt2Zip *zip, Pt2ZipGap **gaps, uint32_t *n_gaps, Pt2Status *status)
{
  g_autofree Pt2ZipGap *items = g_try_new (Pt2ZipGap, (size_t)zip->n_entries + 2);
  GapList list = { items, 0 };
  *gaps = NULL;
  *n_gaps = 0;
  if (items == NULL)
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "the list of gaps");
  if (!find_gaps (zip, &list, status))
    return false;
  *gaps = g_steal_pointer (&items);
  *n_gaps = list.n;
  return true;
}
