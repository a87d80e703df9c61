/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of lib/zip share: an archive with every style of record, and ways to open and judge one. */
#pragma once

#include "zip.h"
#include "zip_builder.h"
#include <check.h>

static const char zoo_text[]
    = "a line that repeats itself; a line that repeats itself; a line that repeats itself; a line";

/* Every style of record: 0 stored, 1 deflated, 2 stored with descriptor, 3 as PyTorch, 4 zip64, 5 empty. */
static inline void
build_zoo (ZipBuilder *zip, int end_style)
{
  zip_begin (zip);
  zip_add (zip, "r/stored", zoo_text, ZIP_PLAIN);
  zip_add (zip, "r/deflated", zoo_text, ZIP_DEFLATE);
  zip_add (zip, "r/later", zoo_text, ZIP_LATER);
  zip_add (zip, "r/torch", zoo_text, ZIP_TORCH);
  zip_add (zip, "r/wide", zoo_text, ZIP_WIDE | ZIP_LATER | ZIP_DEFLATE);
  zip_add (zip, "r/empty", "", ZIP_PLAIN);
  zip_finish (zip, end_style);
}

/* How many bytes belong to no record; fails the test if the audit does. */
static inline uint32_t
audit (const Pt2Zip *zip, Pt2ZipGap *out, uint32_t room)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autofree Pt2ZipGap *gaps = NULL;
  uint32_t n;
  ck_assert_msg (pt2_zip_audit (zip, &gaps, &n, &status), "%s: %s", status.record, status.detail);
  for (uint32_t i = 0; i < n && i < room; i++)
    out[i] = gaps[i];
  return n;
}

static inline uint64_t
place_of_data (const Pt2Zip *zip, uint32_t entry)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2ZipPlace place;
  ck_assert_msg (pt2_zip_place (zip, &zip->entries[entry], &place, &status), "%s", status.detail);
  return place.data;
}

static inline bool
open_bytes (Pt2Zip *zip, GBytes *bytes, Pt2Status *status)
{
  *status = (Pt2Status)PT2_STATUS_INIT;
  return pt2_zip_open (zip, bytes, NULL, status);
}

/* Opens and reads every record; the first fault. */
static inline Pt2ErrorCode
try_all (GBytes *bytes, char *detail)
{
  Pt2Zip zip;
  Pt2Status status;
  if (open_bytes (&zip, bytes, &status))
    {
      for (uint32_t i = 0; i < zip.n_entries && status.code == PT2_ERROR_NONE; i++)
        g_bytes_unref (pt2_zip_read (&zip, &zip.entries[i], &status) ?: g_bytes_new (NULL, 0));
      pt2_zip_clear (&zip);
    }
  if (detail != NULL)
    g_strlcpy (detail, status.detail, 256);
  return status.code;
}

static inline void
expect (ZipBuilder *zip, Pt2ErrorCode code, const char *what)
{
  char detail[256];
  g_autoptr (GBytes) bytes = zip_take (zip);
  Pt2ErrorCode found = try_all (bytes, detail);
  ck_assert_msg (found == code, "%s: %s (%s), expected %s", what, pt2_error_code_id (found), detail,
                 pt2_error_code_id (code));
}
