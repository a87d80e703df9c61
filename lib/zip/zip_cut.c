/* SPDX-License-Identifier: Apache-2.0 */
/* A file with no usable end record: no zip at all, one that was cut short, or one with a second
 * zip glued behind it. The records that are still there tell where a cut one broke off and how
 * many bytes, at least, are gone: what is left of the record at hand, and the directory of all
 * records seen.
 */
#include "zip_private.h"
#include "text.h"

/* A record without sizes in front is looked for by its descriptor, but not for ever. */
#define CUT_SEARCH_MAX (UINT64_C (256) << 20)

typedef struct
{
  uint64_t at;        /* next byte to look at */
  uint64_t whole;     /* records that are there to their end */
  uint64_t directory; /* bytes that the directory and end record of the records seen take */
  uint64_t missing;   /* of the record at hand, as far as known */
  uint64_t searched;
  const char *name; /* of the record at hand, NULL if none */
  size_t name_len;
} CutWalk;

typedef enum
{
  CUT_WHOLE,  /* a record, all of it; walk->at is behind it */
  CUT_BROKEN, /* a record that the file ends in */
  CUT_OTHER,  /* no record */
} CutStep;

/* Offset behind the descriptor that ends the payload at DATA, or 0. */
static uint64_t
search_descriptor (const Pt2Zip *zip, CutWalk *walk, uint64_t data)
{
  for (uint64_t at = data; zip_fits (at, 16, zip->size) && walk->searched < CUT_SEARCH_MAX; walk->searched++, at++)
    {
      const uint8_t *p = zip->data + at;
      if (p[0] != 'P' || zip_le32 (p) != ZIP_DESCRIPTOR)
        continue;
      if (zip_fits (at, 24, zip->size) && zip_le64 (p + 8) == at - data && zip_le32 (p + 20) == 0)
        return at + 24;
      if (zip_le32 (p + 8) == at - data)
        return at + 16;
    }
  return 0;
}

static CutStep
walk_payload (const Pt2Zip *zip, CutWalk *walk, const uint8_t *p, uint64_t data)
{
  ZipExtra extra = zip_parse_extra (zip->data + data - zip_le16 (p + 28), zip_le16 (p + 28));
  uint64_t stored = zip_le32 (p + 18), bytes = zip_le32 (p + 22);
  bool later = (zip_le16 (p + 6) & ZIP_FLAG_DESCRIPTOR) != 0;
  if (!zip_widen (&extra, &bytes) || !zip_widen (&extra, &stored))
    return CUT_BROKEN;
  if (later && stored == 0)
    {
      walk->at = search_descriptor (zip, walk, data);
      return walk->at != 0 ? CUT_WHOLE : CUT_BROKEN;
    }
  if (!zip_fits (data, stored, zip->size))
    {
      walk->missing = stored - (zip->size - data);
      return CUT_BROKEN;
    }
  walk->at = data + stored;
  if (later && zip_has (zip, walk->at, 16, ZIP_DESCRIPTOR))
    walk->at += 16;
  return CUT_WHOLE;
}

static CutStep
walk_record (const Pt2Zip *zip, CutWalk *walk)
{
  const uint8_t *p = zip->data + walk->at;
  walk->name = NULL;
  if (!zip_has (zip, walk->at, 4, ZIP_LOCAL))
    return CUT_OTHER;
  walk->directory += ZIP_CENTRAL_BYTES;
  uint64_t data = walk->at + ZIP_LOCAL_BYTES;
  if (data <= zip->size)
    {
      walk->directory += zip_le16 (p + 26);
      data += (uint64_t)zip_le16 (p + 26) + zip_le16 (p + 28);
    }
  if (data > zip->size)
    {
      walk->missing = data - zip->size;
      return CUT_BROKEN;
    }
  walk->name = (const char *)p + ZIP_LOCAL_BYTES;
  walk->name_len = zip_le16 (p + 26);
  return walk_payload (zip, walk, p, data);
}

/* Offset of the end record behind the directory at walk->at, or 0. */
static uint64_t
find_own_end (const Pt2Zip *zip, const CutWalk *walk)
{
  uint64_t at = walk->at;
  while (zip_has (zip, at, ZIP_CENTRAL_BYTES, ZIP_CENTRAL))
    {
      const uint8_t *p = zip->data + at;
      at += (uint64_t)ZIP_CENTRAL_BYTES + zip_le16 (p + 28) + zip_le16 (p + 30) + zip_le16 (p + 32);
    }
  if (zip_has (zip, at, ZIP_END64_BYTES, ZIP_END64))
    at += ZIP_END64_BYTES + ZIP_LOCATOR64_BYTES;
  return zip_has (zip, at, ZIP_END_BYTES, ZIP_END) ? at : 0;
}

/* The part of the directory that is there is not missing. */
static void
discount_directory (const Pt2Zip *zip, CutWalk *walk)
{
  uint64_t there = zip->size - walk->at;
  if (zip_has (zip, walk->at, 4, ZIP_CENTRAL))
    walk->directory = walk->directory > there ? walk->directory - there : 1;
}

bool
zip_fail_cut (const Pt2Zip *zip, uint64_t end, Pt2Status *status)
{
  CutWalk walk = { .directory = ZIP_END_BYTES };
  CutStep step = CUT_OTHER;
  char name[120], where[160] = "";
  if (!zip_has (zip, 0, 4, ZIP_LOCAL))
    return pt2_status_fail (status, PT2_ERROR_K002, PT2_NO_OFFSET, "neither a zip archive nor a program");
  while (walk.at < zip->size && (step = walk_record (zip, &walk)) == CUT_WHOLE)
    walk.whole++;
  uint64_t own_end = step == CUT_OTHER ? find_own_end (zip, &walk) : 0;
  if (own_end != 0)
    return pt2_status_fail (status, own_end == end ? PT2_ERROR_Z003 : PT2_ERROR_Z018, own_end,
                            "the directory that belongs to the first records ends here");
  if (step == CUT_OTHER)
    discount_directory (zip, &walk);
  if (step == CUT_BROKEN && walk.name != NULL)
    g_snprintf (where, sizeof where, ", then it ends in \"%s\"",
                pt2_text_escape (walk.name, walk.name_len, name, sizeof name));
  return pt2_status_fail (status, PT2_ERROR_K003, zip->size,
                          "%" G_GUINT64_FORMAT " whole records%s; at least %" G_GUINT64_FORMAT " bytes are missing",
                          walk.whole, where, walk.missing + walk.directory);
}
