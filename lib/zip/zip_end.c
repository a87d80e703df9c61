/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a zip: the end record, its zip64 form and the locator between.
 * All that is there must say the same; the directory must end where they begin.
 */
#include "zip_private.h"

/* A second end record whose comment also ends exactly at the end of the file would be
 * what some readers take: no choice is made between the two. */
static bool
check_only_end (const Pt2Zip *zip, uint64_t at, uint64_t first, Pt2Status *status)
{
  for (uint64_t p = at; p-- > first;)
    if (zip->data[p] == 'P' && zip_has (zip, p, ZIP_END_BYTES, ZIP_END)
        && p + ZIP_END_BYTES + zip_le16 (zip->data + p + 20) == zip->size)
      return pt2_status_fail (status, PT2_ERROR_Z018, at, "another one at offset %" G_GUINT64_FORMAT, p);
  return true;
}

static bool
locate_end (Pt2Zip *zip, uint64_t *at, Pt2Status *status)
{
  if (zip->size < ZIP_END_BYTES)
    return zip_fail_cut (zip, 0, status);
  uint64_t last = zip->size - ZIP_END_BYTES;
  uint64_t first = last > ZIP_COMMENT_MAX ? last - ZIP_COMMENT_MAX : 0;
  for (uint64_t p = last + 1; p-- > first;)
    {
      if (zip->data[p] != 'P' || zip_le32 (zip->data + p) != ZIP_END)
        continue;
      zip->comment = p + ZIP_END_BYTES;
      zip->comment_bytes = zip_le16 (zip->data + p + 20);
      *at = p;
      if (!zip_fits (zip->comment, zip->comment_bytes, zip->size))
        return pt2_status_fail (status, PT2_ERROR_K003, p,
                                "it ends inside its comment; %" G_GUINT64_FORMAT " bytes are missing",
                                zip->comment + zip->comment_bytes - zip->size);
      return check_only_end (zip, p, first, status);
    }
  return zip_fail_cut (zip, 0, status);
}

static bool
fail_zip64 (Pt2Status *status, uint64_t at, const char *what)
{
  return pt2_status_fail (status, PT2_ERROR_Z001, at, "%s", what);
}

/* Bytes before the archive that its offsets do not count. A file that itself begins as a zip is no
 * such case: it was cut, and what ends it is a zip inside it. */
static bool
fail_shifted (const Pt2Zip *zip, const ZipEnd *end, uint64_t shift, Pt2Status *status)
{
  if (zip_has (zip, 0, 4, ZIP_LOCAL))
    return zip_fail_cut (zip, end->at, status);
  return pt2_status_fail (status, PT2_ERROR_Z001, end->at,
                          "%" G_GUINT64_FORMAT " bytes stand before the archive that the zip64 locator does not count",
                          shift);
}

/* The zip64 end record stands right before its locator, and there the locator must point: some
 * readers follow the locator (libarchive, PyTorch), some look before it (Python, unzip). */
static bool
locate_end64 (Pt2Zip *zip, ZipEnd *end, Pt2Status *status)
{
  uint64_t locator = end->at - ZIP_LOCATOR64_BYTES, at = locator - ZIP_END64_BYTES;
  const uint8_t *p = zip->data + locator;
  /* Exactly one disk: where it says 0, libarchive falls back to the plain end record. */
  if (zip_le32 (p + 4) != 0 || zip_le32 (p + 16) != 1)
    return pt2_status_fail (status, PT2_ERROR_Z002, locator, "the zip64 locator names disk %u of %u", zip_le32 (p + 4),
                            zip_le32 (p + 16));
  if (locator < ZIP_END64_BYTES || zip_le32 (p - ZIP_END64_BYTES) != ZIP_END64)
    return fail_zip64 (status, locator, "no zip64 end record before its locator");
  if (zip_le64 (zip->data + at + 4) != ZIP_END64_BYTES - 12)
    return fail_zip64 (status, at, "the zip64 end record has a size of its own");
  uint64_t claimed = zip_le64 (p + 8);
  if (claimed > at)
    return fail_zip64 (status, locator, "the locator points behind the zip64 end record");
  end->tail = at;
  return claimed == at || fail_shifted (zip, end, at - claimed, status);
}

/* A field of the plain end record: full, or the same as in the zip64 one. */
static bool
same_or_full (uint64_t plain, uint64_t wide, uint64_t full)
{
  return plain == full || plain == wide;
}

static bool
read_end64 (Pt2Zip *zip, ZipEnd *end, Pt2Status *status)
{
  if (!locate_end64 (zip, end, status))
    return false;
  const uint8_t *plain = zip->data + end->at, *wide = zip->data + end->tail;
  if (zip_le32 (wide + 16) != 0 || zip_le32 (wide + 20) != 0)
    return pt2_status_fail (status, PT2_ERROR_Z002, end->tail, "the zip64 end record is of disk %u",
                            zip_le32 (wide + 16));
  if (zip_le64 (wide + 24) != zip_le64 (wide + 32))
    return pt2_status_fail (status, PT2_ERROR_Z002, end->tail, "not all records are on this disk");
  end->count = zip_le64 (wide + 32);
  end->directory_bytes = zip_le64 (wide + 40);
  end->directory = zip_le64 (wide + 48);
  if (!same_or_full (zip_le16 (plain + 8), end->count, ZIP_FULL16)
      || !same_or_full (zip_le16 (plain + 10), end->count, ZIP_FULL16))
    return fail_zip64 (status, end->at, "the plain and the zip64 end record count other records");
  if (!same_or_full (zip_le32 (plain + 12), end->directory_bytes, ZIP_FULL32)
      || !same_or_full (zip_le32 (plain + 16), end->directory, ZIP_FULL32))
    return fail_zip64 (status, end->at, "the plain and the zip64 end record place the directory differently");
  return true;
}

static bool
read_end (Pt2Zip *zip, ZipEnd *end, Pt2Status *status)
{
  const uint8_t *p = zip->data + end->at;
  bool full = zip_le32 (p + 12) == ZIP_FULL32 || zip_le32 (p + 16) == ZIP_FULL32;
  uint16_t disk = zip_le16 (p + 4), start = zip_le16 (p + 6);
  bool wide = end->at >= ZIP_LOCATOR64_BYTES
              && zip_has (zip, end->at - ZIP_LOCATOR64_BYTES, ZIP_LOCATOR64_BYTES, ZIP_LOCATOR64);
  if (!(disk == 0 || (wide && disk == ZIP_FULL16)) || !(start == 0 || (wide && start == ZIP_FULL16)))
    return pt2_status_fail (status, PT2_ERROR_Z002, end->at, "the end record is of disk %u", disk);
  if (wide)
    return read_end64 (zip, end, status);
  if (full)
    return fail_zip64 (status, end->at, "the end record refers to a zip64 one, which is not there");
  if (zip_le16 (p + 8) != zip_le16 (p + 10))
    return pt2_status_fail (status, PT2_ERROR_Z002, end->at, "not all records are on this disk");
  end->tail = end->at;
  end->count = zip_le16 (p + 10);
  end->directory_bytes = zip_le32 (p + 12);
  end->directory = zip_le32 (p + 16);
  return true;
}

static bool
fail_place (Pt2Status *status, const ZipEnd *end, const char *what)
{
  return pt2_status_fail (status, PT2_ERROR_Z003, end->at,
                          "%s (it should be %" G_GUINT64_FORMAT " bytes at %" G_GUINT64_FORMAT ")", what,
                          end->directory_bytes, end->directory);
}

/* The directory ends where the end records begin. If the offsets say less, bytes were put before the
 * archive, and all offsets are short by their number. */
static bool
place_directory (Pt2Zip *zip, ZipEnd *end, Pt2Status *status)
{
  if (!zip_fits (end->directory, end->directory_bytes, end->tail))
    return fail_place (status, end, "it would reach behind the end record");
  uint64_t shift = end->tail - end->directory - end->directory_bytes;
  if (end->tail != end->at && shift != 0)
    return fail_place (status, end, "it would not reach to the zip64 end record");
  if (shift > 0 && zip_has (zip, 0, 4, ZIP_LOCAL))
    return zip_fail_cut (zip, end->at, status);
  if (shift > 0 && end->count > 0 && zip_has (zip, end->directory, 4, ZIP_CENTRAL))
    return fail_place (status, end, "there are two");
  zip->shift = shift;
  end->directory += shift;
  zip->directory = end->directory;
  return true;
}

bool
zip_find_end (Pt2Zip *zip, ZipEnd *end, Pt2Status *status)
{
  return locate_end (zip, &end->at, status) && read_end (zip, end, status) && place_directory (zip, end, status);
}
