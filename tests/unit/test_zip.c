/* SPDX-License-Identifier: Apache-2.0 */
/* lib/zip: sound archives open and read, names and limits are held, what lies between records is found. What is
 * wrong with an archive is in test_zip_faults.c.
 */
#include "zip_zoo.h"
#include <stdlib.h>

START_TEST (sound_archives_open_and_read)
{
  for (int style = 0; style <= ZIP_WIDE; style += ZIP_WIDE)
    {
      ZipBuilder builder;
      Pt2Zip zip;
      Pt2Status status;
      build_zoo (&builder, style);
      size_t data[6];
      memcpy (data, builder.data, sizeof data);
      g_autoptr (GBytes) bytes = zip_take (&builder);
      ck_assert_msg (open_bytes (&zip, bytes, &status), "%s", status.detail);
      ck_assert_uint_eq (zip.n_entries, 6);
      ck_assert_uint_eq (audit (&zip, NULL, 0), 0);
      ck_assert_uint_eq (zip.shift, 0);
      for (uint32_t i = 0; i < 6; i++)
        {
          g_autoptr (GBytes) read = pt2_zip_read (&zip, &zip.entries[i], &status);
          g_autoptr (GBytes) want = g_bytes_new (zoo_text, i < 5 ? strlen (zoo_text) : 0);
          ck_assert_msg (read != NULL, "%s: %s", zip.entries[i].name, status.detail);
          ck_assert (g_bytes_equal (read, want));
          ck_assert_uint_eq (place_of_data (&zip, i), data[i]);
          ck_assert_ptr_eq (pt2_zip_find (&zip, zip.entries[i].name, zip.entries[i].name_len), &zip.entries[i]);
        }
      ck_assert_uint_eq (data[3] % 64, 0);
      ck_assert_ptr_null (pt2_zip_find (&zip, "r/STORED", 8));
      ck_assert_ptr_null (pt2_zip_find (&zip, "r/stored/", 9));
      ck_assert_ptr_null (pt2_zip_find (&zip, "r/nothing", 9));
      ck_assert_ptr_null (pt2_zip_find (&zip, "", 0));
      ck_assert_msg (pt2_zip_crosscheck (&zip, &status), "%s", status.detail);
      pt2_zip_clear (&zip);
    }
}
END_TEST

START_TEST (stored_records_are_views)
{
  ZipBuilder builder;
  Pt2Zip zip;
  Pt2Status status;
  build_zoo (&builder, ZIP_PLAIN);
  g_autoptr (GBytes) bytes = zip_take (&builder);
  ck_assert (open_bytes (&zip, bytes, &status));
  g_autoptr (GBytes) read = pt2_zip_read (&zip, &zip.entries[0], &status);
  ck_assert_ptr_eq (g_bytes_get_data (read, NULL),
                    (const char *)g_bytes_get_data (bytes, NULL) + place_of_data (&zip, 0));
  pt2_zip_clear (&zip);
}
END_TEST

START_TEST (no_crc_recorded_is_accepted)
{
  ZipBuilder builder;
  build_zoo (&builder, ZIP_PLAIN);
  for (guint i = 0; i < builder.n; i++)
    zip_put32 (&builder, builder.central[i] + 16, 0);
  for (guint i = 0; i < 2; i++)
    zip_put32 (&builder, builder.local[i] + 14, 0);
  for (guint i = 2; i < 5; i++)
    zip_put32 (&builder, builder.later[i] + 4, 0);
  builder.out->data[builder.data[0]] ^= 1; /* nothing can tell */
  expect (&builder, PT2_ERROR_NONE, "no CRC");
}
END_TEST

START_TEST (descriptor_without_signature)
{
  ZipBuilder builder;
  zip_begin (&builder);
  zip_add (&builder, "a", "text", ZIP_LATER);
  g_byte_array_remove_range (builder.out, (guint)builder.later[0], 4);
  zip_finish (&builder, ZIP_PLAIN);
  expect (&builder, PT2_ERROR_NONE, "descriptor without signature");
}
END_TEST

/* COUNTED: the offsets count the bytes in front. */
static void
build_gaps (ZipBuilder *builder, int style, bool counted)
{
  zip_begin (builder);
  if (counted)
    zip_suffix (builder, "before", 6);
  zip_add (builder, "r/a", "one", ZIP_PLAIN);
  zip_suffix (builder, "between", 7);
  zip_add (builder, "r/b", "two", ZIP_DEFLATE);
  zip_suffix (builder, "last", 4);
  zip_finish (builder, style);
  if (!counted)
    zip_prefix (builder, "before", 6);
  zip_suffix (builder, "behind", 6);
}

START_TEST (bytes_around_are_gaps)
{
  static const struct
  {
    int style;
    bool counted;
  } cases[] = { { ZIP_PLAIN, true }, { ZIP_PLAIN, false }, { ZIP_WIDE, true } };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ZipBuilder builder;
      Pt2Zip zip;
      Pt2Status status;
      Pt2ZipGap gaps[4];
      build_gaps (&builder, cases[i].style, cases[i].counted);
      g_autoptr (GBytes) bytes = zip_take (&builder);
      ck_assert_msg (open_bytes (&zip, bytes, &status), "%s", status.detail);
      ck_assert_uint_eq (zip.shift, cases[i].counted ? 0 : 6);
      ck_assert_uint_eq (audit (&zip, gaps, 4), 4);
      ck_assert_uint_eq (gaps[0].offset, 0);
      ck_assert_uint_eq (gaps[0].bytes, 6);
      ck_assert_uint_eq (gaps[1].bytes, 7);
      ck_assert_uint_eq (gaps[2].bytes, 4);
      ck_assert_uint_eq (gaps[3].offset + gaps[3].bytes, zip.size);
      g_autoptr (GBytes) read = pt2_zip_read (&zip, &zip.entries[1], &status);
      ck_assert_uint_eq (g_bytes_get_size (read), 3);
      ck_assert_msg (pt2_zip_crosscheck (&zip, &status), "%s", status.detail);
      pt2_zip_clear (&zip);
    }
}
END_TEST

/* Readers that follow the zip64 locator find something else than readers that look before it. */
START_TEST (bytes_before_zip64_must_be_counted)
{
  ZipBuilder builder;
  build_gaps (&builder, ZIP_WIDE, false);
  expect (&builder, PT2_ERROR_Z001, "bytes before a zip64 archive");

  /* What the locator's number then points at: another zip64 end record, of another directory. */
  ZipBuilder other;
  zip_begin (&other);
  zip_suffix (&other, "#", 1);
  zip_add (&other, "decoy", "other bytes", ZIP_PLAIN);
  zip_finish (&other, ZIP_WIDE);
  zip_begin (&builder);
  zip_add (&builder, "r/a", "one", ZIP_PLAIN);
  zip_finish (&builder, ZIP_WIDE);
  zip_put (&builder, builder.locator + 8, other.end64, 8);
  zip_prefix (&builder, other.out->data, other.out->len);
  g_bytes_unref (zip_take (&other));
  expect (&builder, PT2_ERROR_Z001, "a decoy directory");
}
END_TEST

START_TEST (comment_and_empty_archive)
{
  ZipBuilder builder;
  Pt2Zip zip;
  Pt2Status status;
  zip_begin (&builder);
  zip_finish (&builder, ZIP_PLAIN);
  zip_put16 (&builder, builder.end + 20, 5);
  zip_suffix (&builder, "hello", 5);
  g_autoptr (GBytes) bytes = zip_take (&builder);
  ck_assert (open_bytes (&zip, bytes, &status));
  ck_assert_uint_eq (zip.n_entries, 0);
  ck_assert_uint_eq (zip.comment_bytes, 5);
  ck_assert_uint_eq (audit (&zip, NULL, 0), 0);
  ck_assert_ptr_null (pt2_zip_find (&zip, "a", 1));
  pt2_zip_clear (&zip);
}
END_TEST

START_TEST (names_that_collide)
{
  static const char *const pairs[][2] = {
    { "r/a", "r/a" },
    { "r/a", "r/A" },
    { "r/a", "r/a/" },
    { "r/\xc3\xa9", "r/\xc3\x89" }, /* e and E with acute */
    { "r/k", "r/\xe2\x84\xaa" },    /* the sign for kelvin is a K */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      ZipBuilder zip;
      zip_begin (&zip);
      zip_add (&zip, pairs[i][0], "one", ZIP_UTF8);
      zip_add (&zip, "r/other", "", ZIP_PLAIN);
      zip_add (&zip, pairs[i][1], "", ZIP_UTF8);
      zip_finish (&zip, ZIP_PLAIN);
      expect (&zip, PT2_ERROR_Z010, pairs[i][1]);
    }
}
END_TEST

START_TEST (names_that_are_refused)
{
  static const struct
  {
    const char *name;
    size_t len;
    int style;
  } cases[] = {
    { "", 0, 0 },
    { "/a", 2, 0 },
    { "a\\b", 3, 0 },
    { "..", 2, 0 },
    { "a/../b", 6, 0 },
    { "a/..", 4, 0 },
    { "./a", 3, 0 },
    { "a/./b", 5, 0 },
    { "//a", 3, 0 },
    { "a//b", 4, 0 },
    { "a\0b", 3, 0 },
    { "a\nb", 3, 0 },
    { "a\x7f", 2, 0 },
    { "C:/a", 4, 0 },
    { "c:", 2, 0 },
    { "\xc3\xa9", 2, 0 },
    { "\xc3", 1, ZIP_UTF8 },
    { "a//", 3, ZIP_UTF8 },
    { "\xc0\xaf", 2, ZIP_UTF8 },
    { "/", 1, 0 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ZipBuilder zip;
      zip_begin (&zip);
      zip_add_len (&zip, cases[i].name, cases[i].len, "", 0, cases[i].style);
      zip_finish (&zip, ZIP_PLAIN);
      expect (&zip, PT2_ERROR_Z011, cases[i].name);
    }
}
END_TEST

START_TEST (names_that_are_fine)
{
  static const char *const names[]
      = { "a", "..a", "a..", "...", ".data/version", "r/", "\xc3\xa9/\xe6\xa8\xa1", "a b:c" };
  ZipBuilder builder;
  Pt2Zip zip;
  Pt2Status status;
  zip_begin (&builder);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    zip_add (&builder, names[i], "", ZIP_UTF8);
  zip_finish (&builder, ZIP_PLAIN);
  g_autoptr (GBytes) bytes = zip_take (&builder);
  ck_assert_msg (open_bytes (&zip, bytes, &status), "%s", status.detail);
  ck_assert_uint_eq (audit (&zip, NULL, 0), 0);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    ck_assert_ptr_eq (pt2_zip_find (&zip, names[i], strlen (names[i])), &zip.entries[i]);
  ck_assert_ptr_null (pt2_zip_find (&zip, "\xc3\x89/\xe6\xa8\xa1", 6)); /* case counts where one looks */
  ck_assert_ptr_null (pt2_zip_find (&zip, "\xc3", 1));
  ck_assert_msg (pt2_zip_crosscheck (&zip, &status), "%s", status.detail);
  pt2_zip_clear (&zip);
}
END_TEST

START_TEST (folders)
{
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add (&zip, "r/", "bytes", ZIP_PLAIN);
  zip_finish (&zip, ZIP_PLAIN);
  expect (&zip, PT2_ERROR_Z014, "a folder with bytes");
  static const struct
  {
    guint32 attributes;
    Pt2ErrorCode code;
  } cases[] = { { 0040755u << 16 | 0x10, PT2_ERROR_NONE }, { 0100644u << 16, PT2_ERROR_Z015 } };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      zip_begin (&zip);
      zip_add (&zip, "r/", "", ZIP_PLAIN);
      zip_finish (&zip, ZIP_PLAIN);
      zip_put32 (&zip, zip.central[0] + 38, cases[i].attributes);
      expect (&zip, cases[i].code, "folder attributes");
    }
}
END_TEST

/* An extra field put into the central header of a one-record archive. */
static void
expect_extra (const char *extra, size_t len, Pt2ErrorCode code)
{
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add (&zip, "a", "text", ZIP_PLAIN);
  zip_append (zip.directory, 0, 0);
  g_byte_array_append (zip.directory, (const guint8 *)extra, (guint)len);
  zip.directory->data[30] = (guint8)len;
  zip_finish (&zip, ZIP_PLAIN);
  expect (&zip, code, "extra field");
}

START_TEST (extra_fields)
{
  expect_extra ("\x55\x54\x01\x00z", 5, PT2_ERROR_NONE); /* a time stamp */
  expect_extra ("\0\0\0", 3, PT2_ERROR_NONE);            /* padding */
  expect_extra ("abc", 3, PT2_ERROR_Z005);
  expect_extra ("\x01\x00\x00\x00\x01\x00\x00\x00", 8, PT2_ERROR_Z005); /* zip64 twice */
  expect_extra ("\x01\x99\x00\x00", 4, PT2_ERROR_Z012);
  expect_extra ("\x75\x70\x00\x00", 4, PT2_ERROR_Z011);
  expect_extra ("\x78\x6c\x01\x00\x00", 5, PT2_ERROR_Z015);
}
END_TEST

START_TEST (limits_hold)
{
  static const struct
  {
    const char *key, *value;
    Pt2ErrorCode code;
  } cases[] = {
    { "records", "5", PT2_ERROR_L004 },         { "records", "6", PT2_ERROR_NONE },
    { "name-length", "9", PT2_ERROR_L005 },     { "name-length", "10", PT2_ERROR_NONE },
    { "inflated-size", "400", PT2_ERROR_L006 }, { "inflated-size", "1000", PT2_ERROR_NONE },
    { "inflate-ratio", "1", PT2_ERROR_L007 },   { "inflate-ratio", "0", PT2_ERROR_L007 },
  };
  ZipBuilder builder;
  build_zoo (&builder, ZIP_PLAIN);
  g_autoptr (GBytes) bytes = zip_take (&builder);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pt2Zip zip;
      Pt2Status status = PT2_STATUS_INIT;
      Pt2Limits limits = *pt2_limits_default ();
      ck_assert (pt2_limits_set (&limits, cases[i].key, cases[i].value, NULL));
      if (pt2_zip_open (&zip, bytes, &limits, &status))
        pt2_zip_clear (&zip);
      ck_assert_msg (status.code == cases[i].code, "%s=%s: %s", cases[i].key, cases[i].value,
                     pt2_error_code_id (status.code));
    }
}
END_TEST

START_TEST (many_records)
{
  /* 70,000 records: more than a plain end record counts. Names in no order. */
  enum
  {
    N = 70000
  };
  GByteArray *out = g_byte_array_new (), *directory = g_byte_array_new ();
  for (guint i = 0; i < N; i++)
    {
      char name[16];
      g_snprintf (name, sizeof name, "r/%010u", i * 2654435761u);
      guint offset = out->len;
      zip_append (out, 0x04034b50, 4);
      zip_append (out, 0, 22);
      zip_append (out, 12, 4);
      g_byte_array_append (out, (guint8 *)name, 12);
      zip_append (directory, 0x02014b50, 4);
      zip_append (directory, 0, 24);
      zip_append (directory, 12, 4);
      zip_append (directory, 0, 10);
      zip_append (directory, offset, 4);
      g_byte_array_append (directory, (guint8 *)name, 12);
    }
  ZipBuilder builder = { .out = out, .directory = directory };
  zip_finish (&builder, ZIP_WIDE);
  zip_put (&builder, builder.end64 + 24, N, 8);
  zip_put (&builder, builder.end64 + 32, N, 8);
  zip_put (&builder, builder.end + 8, 0xffffffff, 4);
  g_autoptr (GBytes) bytes = zip_take (&builder);
  Pt2Zip zip;
  Pt2Status status;
  gint64 start = g_get_monotonic_time ();
  ck_assert_msg (open_bytes (&zip, bytes, &status), "%s", status.detail);
  g_print ("%u records opened in %.1f ms\n", N, (double)(g_get_monotonic_time () - start) / 1000);
  ck_assert_uint_eq (zip.n_entries, N);
  for (uint32_t i = 0; i < N; i += 7)
    ck_assert_ptr_eq (pt2_zip_find (&zip, zip.entries[i].name, 12), &zip.entries[i]);
  pt2_zip_clear (&zip);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("zip");
  TCase *cases = tcase_create ("zip");
  tcase_set_timeout (cases, 240);
  tcase_add_test (cases, sound_archives_open_and_read);
  tcase_add_test (cases, stored_records_are_views);
  tcase_add_test (cases, no_crc_recorded_is_accepted);
  tcase_add_test (cases, descriptor_without_signature);
  tcase_add_test (cases, bytes_around_are_gaps);
  tcase_add_test (cases, bytes_before_zip64_must_be_counted);
  tcase_add_test (cases, comment_and_empty_archive);
  tcase_add_test (cases, names_that_collide);
  tcase_add_test (cases, names_that_are_refused);
  tcase_add_test (cases, names_that_are_fine);
  tcase_add_test (cases, folders);
  tcase_add_test (cases, extra_fields);
  tcase_add_test (cases, limits_hold);
  tcase_add_test (cases, many_records);
  suite_add_tcase (suite, cases);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
