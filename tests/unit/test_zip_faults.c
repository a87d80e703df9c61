/* SPDX-License-Identifier: Apache-2.0 */
/* lib/zip: each fault of an archive gets its id, and no change of a byte and no cut does harm. */
#include "zip_zoo.h"
#include <stdlib.h>

/* ---- faults: one patch each ---- */

typedef enum
{
  AT_LOCAL,
  AT_CENTRAL,
  AT_LATER,
  AT_DATA,
  AT_END,
  AT_END64,
  AT_LOCATOR,
} Place;

typedef struct
{
  const char *what;
  Pt2ErrorCode code;
  Place place;
  int record;
  size_t offset;
  guint64 value;
  int bytes;
} Patch;

static const Patch patches[] = {
  { "plain count", PT2_ERROR_Z001, AT_END, 0, 10, 5, 2 },
  { "plain count on this disk", PT2_ERROR_Z001, AT_END, 0, 8, 5, 2 },
  { "plain directory size", PT2_ERROR_Z001, AT_END, 0, 12, 5, 4 },
  { "plain directory offset", PT2_ERROR_Z001, AT_END, 0, 16, 5, 4 },
  { "zip64 signature", PT2_ERROR_Z001, AT_END64, 0, 0, 0, 4 },
  { "zip64 record size", PT2_ERROR_Z001, AT_END64, 0, 4, 45, 8 },
  { "locator offset behind", PT2_ERROR_Z001, AT_LOCATOR, 0, 8, 1 << 20, 8 },
  { "locator offset before", PT2_ERROR_Z003, AT_LOCATOR, 0, 8, 1, 8 },
  { "locator signature: a gap then", PT2_ERROR_Z003, AT_LOCATOR, 0, 0, 0, 4 },
  { "disk", PT2_ERROR_Z002, AT_END, 0, 4, 1, 2 },
  { "directory disk", PT2_ERROR_Z002, AT_END, 0, 6, 1, 2 },
  { "zip64 disk", PT2_ERROR_Z002, AT_END64, 0, 16, 1, 4 },
  { "zip64 directory disk", PT2_ERROR_Z002, AT_END64, 0, 20, 1, 4 },
  { "zip64 count on this disk", PT2_ERROR_Z002, AT_END64, 0, 24, 5, 8 },
  { "locator disk", PT2_ERROR_Z002, AT_LOCATOR, 0, 4, 1, 4 },
  { "locator disks", PT2_ERROR_Z002, AT_LOCATOR, 0, 16, 2, 4 },
  { "locator without disks", PT2_ERROR_Z002, AT_LOCATOR, 0, 16, 0, 4 },
  { "record disk", PT2_ERROR_Z002, AT_CENTRAL, 2, 34, 1, 2 },
  { "central signature", PT2_ERROR_Z005, AT_CENTRAL, 1, 0, 0, 4 },
  { "central name too long", PT2_ERROR_Z005, AT_CENTRAL, 5, 28, 4096, 2 },
  { "central extra too long", PT2_ERROR_Z005, AT_CENTRAL, 5, 30, 60000, 2 },
  { "central zip64 field renamed", PT2_ERROR_Z005, AT_CENTRAL, 4, 46 + 6, 2, 2 },
  { "central zip64 field too long", PT2_ERROR_Z005, AT_CENTRAL, 4, 46 + 6 + 2, 17, 2 },
  { "record offset behind", PT2_ERROR_Z006, AT_CENTRAL, 1, 42, 100000, 4 },
  { "record larger than the file", PT2_ERROR_Z006, AT_CENTRAL, 1, 20, 100000, 4 },
  { "record larger than any file", PT2_ERROR_Z006, AT_CENTRAL, 4, 46 + 6 + 12, G_MAXUINT64, 8 },
  { "local extra reaches into the directory", PT2_ERROR_Z006, AT_LOCAL, 5, 28, 5000, 2 },
  { "local signature", PT2_ERROR_Z007, AT_LOCAL, 1, 0, 0, 4 },
  { "local name", PT2_ERROR_Z007, AT_LOCAL, 1, 30, 'q', 1 },
  { "local name length", PT2_ERROR_Z007, AT_LOCAL, 1, 26, 1, 2 },
  { "local flags", PT2_ERROR_Z007, AT_LOCAL, 1, 6, 2, 2 },
  { "local method", PT2_ERROR_Z007, AT_LOCAL, 1, 8, 0, 2 },
  { "local CRC", PT2_ERROR_Z007, AT_LOCAL, 1, 14, 1, 4 },
  { "local CRC missing", PT2_ERROR_Z007, AT_LOCAL, 1, 14, 0, 4 },
  { "local CRC beside a descriptor", PT2_ERROR_Z007, AT_LOCAL, 2, 14, 1, 4 },
  { "local stored size", PT2_ERROR_Z007, AT_LOCAL, 1, 18, 1, 4 },
  { "local size", PT2_ERROR_Z007, AT_LOCAL, 1, 22, 1, 4 },
  { "local zip64 size", PT2_ERROR_Z007, AT_LOCAL, 4, 30 + 6 + 4, 1, 8 },
  { "local zip64 field renamed", PT2_ERROR_Z007, AT_LOCAL, 4, 30 + 6, 2, 2 },
  { "local second name", PT2_ERROR_Z007, AT_LOCAL, 3, 30 + 7, 0x7075, 2 },
  { "local attributes", PT2_ERROR_Z007, AT_LOCAL, 3, 30 + 7, 0x6c78, 2 },
  { "descriptor CRC", PT2_ERROR_Z008, AT_LATER, 2, 4, 1, 4 },
  { "descriptor stored size", PT2_ERROR_Z008, AT_LATER, 2, 8, 1, 4 },
  { "descriptor size", PT2_ERROR_Z008, AT_LATER, 2, 12, 1, 4 },
  { "wide descriptor size", PT2_ERROR_Z008, AT_LATER, 4, 16, 1, 8 },
  { "encrypted", PT2_ERROR_Z012, AT_CENTRAL, 1, 8, 1, 2 },
  { "strongly encrypted", PT2_ERROR_Z012, AT_CENTRAL, 1, 8, 64, 2 },
  { "masked", PT2_ERROR_Z012, AT_CENTRAL, 1, 8, 8192, 2 },
  { "bzip2", PT2_ERROR_Z013, AT_CENTRAL, 1, 10, 12, 2 },
  { "patch data", PT2_ERROR_Z013, AT_CENTRAL, 1, 8, 32, 2 },
  { "stored sizes differ", PT2_ERROR_Z014, AT_CENTRAL, 0, 24, 5, 4 },
  { "deflated into nothing", PT2_ERROR_Z014, AT_CENTRAL, 1, 20, 0, 4 },
  { "symbolic link", PT2_ERROR_Z015, AT_CENTRAL, 1, 38, 0120777u << 16, 4 },
  { "pipe", PT2_ERROR_Z015, AT_CENTRAL, 1, 38, 0010777u << 16, 4 },
  { "a folder without a slash", PT2_ERROR_Z015, AT_CENTRAL, 1, 38, 0040777u << 16, 4 },
  { "a DOS folder without a slash", PT2_ERROR_Z015, AT_CENTRAL, 1, 38, 0x10, 4 },
  { "deflate stream", PT2_ERROR_Z016, AT_DATA, 1, 0, 0xff, 1 },
  { "payload", PT2_ERROR_Z017, AT_DATA, 0, 0, 'A', 1 },
  { "name ends in a NUL", PT2_ERROR_Z011, AT_CENTRAL, 1, 46 + 2, 0, 1 },
};

static size_t
place_of (const ZipBuilder *zip, const Patch *patch)
{
  switch (patch->place)
    {
    case AT_LOCAL:
      return zip->local[patch->record];
    case AT_CENTRAL:
      return zip->central[patch->record];
    case AT_LATER:
      return zip->later[patch->record];
    case AT_DATA:
      return zip->data[patch->record];
    case AT_END:
      return zip->end;
    case AT_END64:
      return zip->end64;
    case AT_LOCATOR:
      return zip->locator;
    }
  return 0;
}

START_TEST (each_patch_has_its_id)
{
  for (size_t i = 0; i < G_N_ELEMENTS (patches); i++)
    {
      ZipBuilder zip;
      build_zoo (&zip, ZIP_WIDE);
      zip_put (&zip, place_of (&zip, &patches[i]) + patches[i].offset, patches[i].value, patches[i].bytes);
      expect (&zip, patches[i].code, patches[i].what);
    }
}
END_TEST

START_TEST (end_record_without_zip64)
{
  static const struct
  {
    size_t offset;
    guint64 value;
    int bytes;
    Pt2ErrorCode code;
  } cases[] = {
    { 8, 5, 2, PT2_ERROR_Z002 },           { 10, 7, 2, PT2_ERROR_Z002 },          { 12, 0xffffffff, 4, PT2_ERROR_Z001 },
    { 16, 0xffffffff, 4, PT2_ERROR_Z001 }, { 12, 0x7fffffff, 4, PT2_ERROR_Z003 }, { 8, 0x00050005, 4, PT2_ERROR_Z004 },
    { 8, 0x00070007, 4, PT2_ERROR_Z004 },  { 8, 0xf000f000, 4, PT2_ERROR_Z004 },  { 20, 9, 2, PT2_ERROR_K003 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ZipBuilder zip;
      build_zoo (&zip, ZIP_PLAIN);
      zip_put (&zip, zip.end + cases[i].offset, cases[i].value, cases[i].bytes);
      expect (&zip, cases[i].code, "end record");
    }
}
END_TEST

START_TEST (two_directories_or_two_ends)
{
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add (&zip, "a", "x", ZIP_PLAIN);
  zip_finish (&zip, ZIP_PLAIN);
  /* Bytes in front, made so that the offset of the directory, as it stands, hits a header too. */
  char prefix[64] = "front";
  memcpy (prefix + zip.central[0], "PK\001\002", 4);
  zip_prefix (&zip, prefix, sizeof prefix);
  expect (&zip, PT2_ERROR_Z003, "two directories");

  build_zoo (&zip, ZIP_PLAIN);
  size_t len = zip.out->len;
  zip_put16 (&zip, zip.end + 20, 22);
  zip_suffix (&zip, zip.out->data + zip.end, 22);
  zip_put16 (&zip, len + 20, 0);
  expect (&zip, PT2_ERROR_Z018, "two end records");
}
END_TEST

START_TEST (overlapping_records)
{
  ZipBuilder inner, zip;
  zip_begin (&inner);
  zip_add (&inner, "b", "inside", ZIP_PLAIN);
  zip_begin (&zip);
  zip_add_len (&zip, "a", 1, inner.out->data, inner.out->len, ZIP_PLAIN);
  zip_add (&zip, "b", "inside", ZIP_PLAIN);
  zip_finish (&zip, ZIP_PLAIN);
  zip_put32 (&zip, zip.central[1] + 42, zip.data[0]);
  g_bytes_unref (zip_take (&inner));
  expect (&zip, PT2_ERROR_Z009, "a record inside another");

  zip_begin (&zip);
  zip_add (&zip, "a", "text", ZIP_PLAIN);
  zip_finish (&zip, ZIP_PLAIN);
  for (int field = 0; field < 2; field++)
    {
      zip_put32 (&zip, zip.local[0] + 18 + 4 * (size_t)field, 20);
      zip_put32 (&zip, zip.central[0] + 20 + 4 * (size_t)field, 20);
    }
  expect (&zip, PT2_ERROR_Z009, "a record that reaches into the directory");

  zip_begin (&zip);
  zip_add (&zip, "a", "text", ZIP_PLAIN);
  zip_finish (&zip, ZIP_PLAIN);
  for (int field = 0; field < 2; field++)
    {
      zip_put32 (&zip, zip.local[0] + 18 + 4 * (size_t)field, 100);
      zip_put32 (&zip, zip.central[0] + 20 + 4 * (size_t)field, 100);
    }
  expect (&zip, PT2_ERROR_Z006, "a record that reaches behind the file");
}
END_TEST

START_TEST (sizes_that_inflate_otherwise)
{
  for (int delta = -1; delta <= 1; delta += 2)
    {
      ZipBuilder zip;
      size_t len = strlen (zoo_text);
      build_zoo (&zip, ZIP_PLAIN);
      zip_put32 (&zip, zip.local[1] + 22, len + (size_t)delta);
      zip_put32 (&zip, zip.central[1] + 24, len + (size_t)delta);
      expect (&zip, PT2_ERROR_Z016, "another inflated size");
    }
  /* Bytes behind the end of the deflate stream but inside the record. */
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add (&zip, "a", zoo_text, ZIP_DEFLATE);
  zip_suffix (&zip, "junk", 4);
  size_t stored = zip.later[0] - zip.data[0] + 4;
  zip_finish (&zip, ZIP_PLAIN);
  zip_put32 (&zip, zip.local[0] + 18, stored);
  zip_put32 (&zip, zip.central[0] + 20, stored);
  expect (&zip, PT2_ERROR_Z016, "junk behind the stream");
}
END_TEST

START_TEST (crosscheck_sees_differences)
{
  for (int fault = 0; fault < 3; fault++)
    {
      ZipBuilder builder;
      Pt2Zip zip;
      Pt2Status status;
      build_zoo (&builder, ZIP_PLAIN);
      g_autoptr (GBytes) bytes = zip_take (&builder);
      ck_assert (open_bytes (&zip, bytes, &status));
      if (fault == 0)
        zip.entries[1].bytes++;
      else if (fault == 1)
        zip.names[0] = 'x';
      else
        zip.n_entries++;
      ck_assert (!pt2_zip_crosscheck (&zip, &status));
      ck_assert_int_eq (status.code, PT2_ERROR_Z019);
      pt2_zip_clear (&zip);
    }
}
END_TEST

/* ---- cut and changed files ---- */

START_TEST (two_zips_in_one_file)
{
  for (int style = 0; style <= ZIP_WIDE; style += ZIP_WIDE)
    {
      ZipBuilder first, second;
      build_zoo (&first, style);
      build_zoo (&second, style);
      zip_suffix (&first, second.out->data, second.out->len);
      g_bytes_unref (zip_take (&second));
      expect (&first, PT2_ERROR_Z018, "glued together");
    }
}
END_TEST

START_TEST (cut_anywhere)
{
  for (int style = 0; style <= ZIP_WIDE; style += ZIP_WIDE)
    {
      ZipBuilder builder;
      build_zoo (&builder, style);
      g_autoptr (GBytes) whole = zip_take (&builder);
      size_t size;
      const char *data = g_bytes_get_data (whole, &size);
      for (size_t len = 0; len < size; len++)
        {
          char detail[256];
          g_autoptr (GBytes) cut = zip_exact (data, len);
          Pt2ErrorCode code = try_all (cut, detail);
          ck_assert_msg (code == (len < 4 ? PT2_ERROR_K002 : PT2_ERROR_K003), "cut at %zu: %s", len,
                         pt2_error_code_id (code));
          /* What is said to be missing is never more than what is. */
          const char *number = strstr (detail, "at least ");
          ck_assert (len < 4 || number != NULL);
          if (number != NULL)
            {
              guint64 missing = g_ascii_strtoull (number + 9, NULL, 10);
              ck_assert_msg (missing > 0 && missing <= size - len, "cut at %zu of %zu: %s", len, size, detail);
            }
        }
    }
}
END_TEST

START_TEST (cut_behind_an_inner_zip)
{
  ZipBuilder inner, zip;
  build_zoo (&inner, ZIP_WIDE);
  zip_begin (&zip);
  zip_add (&zip, "a", "text", ZIP_PLAIN);
  zip_add_len (&zip, "inner.pt", 8, inner.out->data, inner.out->len, ZIP_PLAIN);
  g_bytes_unref (zip_take (&inner));
  expect (&zip, PT2_ERROR_K003, "what is left ends with a whole zip");
}
END_TEST

/* What passes the audit is what libarchive lists. */
static void
expect_same_list (GBytes *bytes, const char *what)
{
  Pt2Zip zip;
  Pt2Status status;
  g_autofree Pt2ZipGap *gaps = NULL;
  uint32_t n;
  if (!open_bytes (&zip, bytes, &status))
    return;
  if (pt2_zip_audit (&zip, &gaps, &n, &status))
    ck_assert_msg (pt2_zip_crosscheck (&zip, &status), "%s: %s: %s", what, status.record, status.detail);
  pt2_zip_clear (&zip);
}

START_TEST (any_byte_changed)
{
  ZipBuilder builder;
  build_zoo (&builder, ZIP_WIDE);
  g_autoptr (GBytes) whole = zip_take (&builder);
  size_t size;
  const guint8 *data = g_bytes_get_data (whole, &size);
  static const guint8 masks[] = { 0x01, 0x02, 0x08, 0x80, 0xff };
  for (size_t i = 0; i < size; i++)
    for (size_t m = 0; m < sizeof masks; m++)
      {
        g_autofree guint8 *copy = g_memdup2 (data, size);
        copy[i] ^= masks[m];
        g_autoptr (GBytes) bytes = zip_exact (copy, size);
        try_all (bytes, NULL);
        char what[32];
        g_snprintf (what, sizeof what, "byte %zu ^ %02x", i, masks[m]);
        expect_same_list (bytes, what);
      }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("zip_faults");
  TCase *cases = tcase_create ("zip_faults");
  tcase_set_timeout (cases, 240);
  tcase_add_test (cases, each_patch_has_its_id);
  tcase_add_test (cases, end_record_without_zip64);
  tcase_add_test (cases, two_directories_or_two_ends);
  tcase_add_test (cases, overlapping_records);
  tcase_add_test (cases, sizes_that_inflate_otherwise);
  tcase_add_test (cases, crosscheck_sees_differences);
  tcase_add_test (cases, two_zips_in_one_file);
  tcase_add_test (cases, cut_anywhere);
  tcase_add_test (cases, cut_behind_an_inner_zip);
  tcase_add_test (cases, any_byte_changed);
  suite_add_tcase (suite, cases);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
