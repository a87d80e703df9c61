/* SPDX-License-Identifier: Apache-2.0 */
/* lib/archive, safetensors: weights that are put into an archive. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "safetensors_cases.h"
#include "suite.h"
#include <fcntl.h>

#define MATRIX(begin, end) "{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[" #begin "," #end "]}"

static Pt2Archive *
with_weights (const CaseArchive *what, const char *header, gsize payload, GError **error)
{
  g_autofree gboolean *touched = NULL;
  g_autoptr (Pt2Archive) archive = case_open (what, NULL);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  g_autoptr (Pt2Safetensors) weights = open_file (header, payload);
  g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_TODAY);
  if (!pt2_archive_writer_take_weights (writer, tensors, weights, &touched, error))
    return NULL;
  ck_assert (touched[case_find (tensors, "good") - pt2_tensors_get (tensors, &(guint){ 0 })]
             == (pt2_safetensors_find (weights, "good") != NULL));
  return written (writer);
}

static void
expect_record (Pt2Archive *archive, const char *name, const char *want, gsize len)
{
  g_autoptr (GBytes) bytes = pt2_archive_read (archive, name, NULL);
  ck_assert_ptr_nonnull (bytes);
  ck_assert_uint_eq (g_bytes_get_size (bytes), len);
  ck_assert_mem_eq (g_bytes_get_data (bytes, NULL), want, len);
}

START_TEST (test_whole_record)
{
  g_autoptr (Pt2Archive) archive
      = with_weights (&tied_case, "{\"good\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, NULL);
  expect_record (archive, "data/weights/weight_good", "\1\2\3\4\5\6\7\10", 8);
  expect_record (archive, "data/weights/weight_v", tied_case.data, tied_case.len);
}
END_TEST

/* The rest of the storage stays. */
START_TEST (test_strided)
{
  g_autoptr (Pt2Archive) archive = with_weights (&tied_case, "{\"a\":" MATRIX (0, 16) "}", 16, NULL);
  expect_record (archive, "data/weights/weight_v",
                 "\1\0\0\0\1\2\3\4\11\12\13\14\5\6\7\10\15\16\17\20\6\0\0\0\7\0\0\0\10\0\0\0\11\0\0\0", 36);
}
END_TEST

START_TEST (test_big_endian)
{
  CaseArchive big = tied_case;
  big.byteorder = "big";
  g_autoptr (Pt2Archive) archive = with_weights (&big, "{\"b\":" MATRIX (0, 16) "}", 16, NULL);
  expect_record (archive, "data/weights/weight_v",
                 "\1\0\0\0\4\3\2\1\10\7\6\5\14\13\12\11\20\17\16\15\6\0\0\0\7\0\0\0\10\0\0\0\11\0\0\0", 36);
}
END_TEST

/* Larger than the pieces that a storage is gone over in, and taken back by the tensors themselves. */
START_TEST (test_many_elements)
{
  enum
  {
    N = 50000,
  };
  g_autofree char *data = g_malloc0 (2 * N * 4);
  const CaseArchive what = {
    .weights = CASE_GOOD "," VIEW ("v", 7, CASE_INT (50000), TWO, 1),
    .constants = "",
    .name = "r/data/weights/weight_v",
    .data = data,
    .len = 2 * N * 4,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = with_weights (
      &what, "{\"v\":{\"dtype\":\"F32\",\"shape\":[50000],\"data_offsets\":[0,200000]}}", 4 * N, &error);
  ck_assert_msg (archive != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  g_autoptr (GBytes) bytes = case_bytes (tensors, case_find (tensors, "v"));
  const guint8 *got = g_bytes_get_data (bytes, NULL);
  for (guint i = 0; i < 4 * N; i++)
    ck_assert_uint_eq (got[i], (guint8)(i + 1));
}
END_TEST

START_TEST (test_names_that_share)
{
  static const char same[] = "{\"b\":" MATRIX (0, 16) ",\"c\":" MATRIX (16, 32) "}";
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (with_weights (&tied_case, same, 32, &error));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, PT2_ERROR_W026), "%s", error->message);
  /* The bytes count up modulo 256, so they come again after 256. */
  static const char equal[]
      = "{\"b\":" MATRIX (0, 16) ",\"good\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":"
                                 "[16,24]},\"flat\":{\"dtype\":\"F32\",\"shape\":[9],\"data_offsets\":[24,60]}}";
  g_clear_error (&error);
  ck_assert_ptr_null (with_weights (&tied_case, equal, 60, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_W026));
}
END_TEST

/* What is written under every name goes back under every name. */
START_TEST (test_round_trip)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = case_open (&tied_case, NULL);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  for (int flags = PT2_SAFETENSORS_PLAIN; flags <= PT2_SAFETENSORS_REPEAT; flags++)
    {
      g_autoptr (Pt2Safetensors) weights = saved_of (tensors, (Pt2SafetensorsFlags)flags);
      g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_AS_IT_IS);
      ck_assert_msg (pt2_archive_writer_take_weights (writer, tensors, weights, NULL, &error), "%s",
                     error != NULL ? error->message : "");
      g_autoptr (Pt2Archive) again = written (writer);
      expect_record (again, "data/weights/weight_v", tied_case.data, tied_case.len);
    }
}
END_TEST

START_TEST (test_weights_refused)
{
  static const struct
  {
    const char *header;
    gsize payload;
    Pt2ErrorCode code;
    const char *has;
  } rows[] = {
    { "{\"nobody\":" F32 (0, 4) "}", 4, PT2_ERROR_W014, "no tensor" },
    { "{\"good\":" F32 (0, 4) "}", 4, PT2_ERROR_W025, "float32 [1] instead of float32 [2]" },
    { "{\"good\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, PT2_ERROR_W025, "int32 [2] instead" },
    { "{\"good\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]}}", 1, PT2_ERROR_W025, "F4 [2] instead" },
    { "{\"good\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}", 8, PT2_ERROR_W025, "[1, 2] instead" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      ck_assert_ptr_null (with_weights (&tied_case, rows[i].header, rows[i].payload, &error));
      ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)rows[i].code), "%u: %s", i, error->message);
      ck_assert_msg (strstr (error->message, rows[i].has) != NULL, "%s", error->message);
    }
}
END_TEST

static void
expect_not_taken (Pt2Archive *archive, const char *header, gsize payload, Pt2ErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  g_autoptr (Pt2Safetensors) weights = open_file (header, payload);
  g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_AS_IT_IS);
  ck_assert (!pt2_archive_writer_take_weights (writer, tensors, weights, NULL, &error));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)code), "%s", error->message);
}

START_TEST (test_weights_without_a_place)
{
  g_autofree char *path = corpus_path ("torch-2.6.0/mlp.pt2");
  g_autoptr (Pt2Archive) older = pt2_archive_new_from_file (path, NULL, NULL);
  expect_not_taken (older, "{\"a.bias\":{\"dtype\":\"F32\",\"shape\":[16],\"data_offsets\":[0,64]}}", 64,
                    PT2_ERROR_W027);
  CaseArchive what = {
    .weights = VIEW ("v", 7, ONE, ONE, 0), .constants = "", .name = "r/data/weights/weight_v", .data = "", .len = 0
  };
  g_autoptr (Pt2Archive) absent = case_open (&what, NULL);
  expect_not_taken (absent, "{\"v\":" F32 (0, 4) "}", 4, PT2_ERROR_W012);
  what.data = "012";
  what.len = 3;
  g_autoptr (Pt2Archive) cut = case_open (&what, NULL);
  expect_not_taken (cut, "{\"v\":" F32 (0, 4) "}", 4, PT2_ERROR_W005);
}
END_TEST

/* A name may be missing because its list is. */
START_TEST (test_weights_without_a_list)
{
  const CaseArchive what = { .weights = CASE_GOOD };
  g_autoptr (Pt2Archive) archive = case_open (&what, NULL);
  expect_not_taken (archive, "{\"v\":" F32 (0, 4) "}", 4, PT2_ERROR_W008);
}
END_TEST

/* A storage of which a part is replaced is copied: as far as the limit goes. */
START_TEST (test_weights_memory)
{
  static const char nothing[8192];
  const CaseArchive what = { .weights = VIEW ("v", 7, ONE, ONE, 0),
                             .constants = "",
                             .data = nothing,
                             .name = "r/data/weights/weight_v",
                             .len = sizeof nothing };
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 1 << 20;
  static const char header[] = "{\"v\":" F32 (0, 4) "}";
  g_autofree char *large = g_malloc0 (2 << 20);
  CaseArchive larger = what;
  larger.data = large;
  larger.len = 2 << 20;
  g_autoptr (Pt2Archive) archive = case_open (&larger, &limits);
  expect_not_taken (archive, header, 4, PT2_ERROR_L003);
}
END_TEST

START_TEST (test_damaged_record)
{
  static const CaseArchive what = {
    .weights = VIEW ("v", 7, ONE, ONE, 0),
    .constants = "",
    .name = "r/data/weights/weight_v",
    .data = "needle!!",
    .len = 8,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) sound = case_open (&what, NULL);
  g_autoptr (Pt2ArchiveWriter) copy = writer_of (sound, PT2_WRITER_AS_IT_IS);
  g_autoptr (GBytes) bytes = bytes_of (copy);
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  char *changed = g_memdup2 (data, len), *needle = memmem (changed, len, "needle!!", 8);
  needle[3] ^= 1;
  g_autoptr (GBytes) damaged = g_bytes_new_take (changed, len);
  g_autoptr (Pt2Archive) archive = open_bytes (damaged);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  g_autoptr (Pt2SafetensorsWriter) writer = writer_for (tensors, PT2_SAFETENSORS_PLAIN);
  expect_write_fails (writer, open ("/dev/null", O_WRONLY), NULL, PT2_ERROR_Z017);
  /* A copy of it would get a CRC that fits the damage. */
  g_autoptr (Pt2Safetensors) weights = open_file ("{\"v\":" F32 (0, 4) "}", 4);
  g_autoptr (Pt2ArchiveWriter) list = writer_of (archive, PT2_WRITER_AS_IT_IS);
  ck_assert (!pt2_archive_writer_take_weights (list, tensors, weights, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_Z017));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { test_whole_record, 1 },
    { test_strided, 1 },
    { test_big_endian, 1 },
    { test_many_elements, 1 },
    { test_names_that_share, 1 },
    { test_round_trip, 1 },
    { test_weights_refused, 1 },
    { test_weights_without_a_place, 1 },
    { test_weights_without_a_list, 1 },
    { test_weights_memory, 1 },
    { test_damaged_record, 1 },
  };
  return RUN_SUITE ("safetensors_weights", cases);
}
