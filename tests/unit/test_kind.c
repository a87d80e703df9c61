/* SPDX-License-Identifier: Apache-2.0 */
/* The kind of a file by its bytes alone: each wrong file gets the error that helps, whether it is
 * asked for its kind, opened as an archive or loaded as a program.
 */
#include "pt2-archive.h"
#include "pt2-program.h"
#include "zip_builder.h"
#include <check.h>
#include <zstd.h>

static void
expect_code (GError *error, Pt2ErrorCode code, const char *what)
{
  ck_assert_msg (error != NULL, "%s: no error, expected %s", what, pt2_error_code_id (code));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)code), "%s: %s, expected %s", what, error->message,
                 pt2_error_code_id (code));
  g_error_free (error);
}

/* All three ways in refuse it alike. */
static void
expect_refused (const void *data, size_t len, Pt2ErrorCode code, const char *what)
{
  GError *error = NULL;
  Pt2FileKind kind;
  g_autoptr (GBytes) bytes = zip_exact (data, len);
  ck_assert (!pt2_file_kind (bytes, NULL, &kind, &error));
  expect_code (g_steal_pointer (&error), code, what);
  ck_assert_ptr_null (pt2_archive_new_from_bytes (bytes, NULL, &error));
  expect_code (g_steal_pointer (&error), code, what);
  ck_assert_ptr_null (pt2_program_new_from_data (bytes, NULL, NULL, &error));
  expect_code (error, code, what);
}

static void
expect_kind (GBytes *bytes, const char *name)
{
  g_autoptr (GError) error = NULL;
  Pt2FileKind kind;
  ck_assert_msg (pt2_file_kind (bytes, NULL, &kind, &error), "%s: %s", name, error != NULL ? error->message : "");
  ck_assert_str_eq (pt2_file_kind_name (kind), name);
}

/* A program by itself: no archive. */
static void
expect_program (const void *data, size_t len, const char *name)
{
  GError *error = NULL;
  g_autoptr (GBytes) bytes = zip_exact (data, len);
  expect_kind (bytes, name);
  ck_assert_ptr_null (pt2_archive_new_from_bytes (bytes, NULL, &error));
  expect_code (error, PT2_ERROR_K019, name);
}

#define BYTES(text) text, sizeof text - 1

START_TEST (files_that_are_something_else)
{
  static const struct
  {
    const char *what, *data;
    size_t len;
    Pt2ErrorCode code;
  } cases[] = {
    { "empty", BYTES (""), PT2_ERROR_K001 },
    { "three letters", BYTES ("abc"), PT2_ERROR_K002 },
    { "blanks", BYTES (" \n\n"), PT2_ERROR_K002 },
    { "zeros", BYTES ("\0\0\0\0\0\0\0\0\0\0\0\0"), PT2_ERROR_K002 },
    { "half of a zip's mark", BYTES ("PK"), PT2_ERROR_K002 },
    { "a web page", BYTES ("<!DOCTYPE html><html><title>404"), PT2_ERROR_K004 },
    { "a web page behind a mark and blanks", BYTES ("\xef\xbb\xbf\r\n <html>"), PT2_ERROR_K004 },
    { "XML", BYTES ("<?xml version=\"1.0\"?><Error/>"), PT2_ERROR_K004 },
    { "gzip", BYTES ("\x1f\x8b\x08\0\0\0\0\0\0\3"), PT2_ERROR_K005 },
    { "xz", BYTES ("\xfd\x37zXZ\0"), PT2_ERROR_K005 },
    { "bzip2", BYTES ("BZh91AY"), PT2_ERROR_K005 },
    { "7-Zip", BYTES ("7z\xbc\xaf\x27\x1c"), PT2_ERROR_K005 },
    { "RAR", BYTES ("Rar!\x1a\x07"), PT2_ERROR_K005 },
    { "LZ4", BYTES ("\x04\x22\x4d\x18"), PT2_ERROR_K005 },
    { "safetensors", BYTES ("\x08\0\0\0\0\0\0\0{\"a\":{}}"), PT2_ERROR_K006 },
    { "safetensors, cut in its header", BYTES ("\xff\x0f\0\0\0\0\0\0{\"a\":{"), PT2_ERROR_K006 },
    { "ONNX", BYTES ("\x08\x08\x12\x07pytorch"), PT2_ERROR_K007 },
    { "a pickle", BYTES ("\x80\x02}q\0."), PT2_ERROR_K008 },
    { "torch.save before 1.6", BYTES ("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."), PT2_ERROR_K008 },
    { "GGUF", BYTES ("GGUF\x03\0\0\0"), PT2_ERROR_K010 },
    { "HDF5", BYTES ("\x89HDF\r\n\x1a\n"), PT2_ERROR_K010 },
    { "TensorFlow Lite", BYTES ("\x1c\0\0\0TFL3"), PT2_ERROR_K010 },
    { "ELF", BYTES ("\x7f\x45LF\x02"), PT2_ERROR_K010 },
    { "NumPy", BYTES ("\x93NUMPY\x01\0"), PT2_ERROR_K010 },
    { "PNG", BYTES ("\x89PNG\r\n\x1a\n"), PT2_ERROR_K010 },
    { "PDF", BYTES ("%PDF-1.7"), PT2_ERROR_K010 },
    { "Git LFS", BYTES ("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), PT2_ERROR_K011 },
    { "JSON", BYTES ("{\"a\": 1}"), PT2_ERROR_K012 },
    { "half a JSON", BYTES ("{"), PT2_ERROR_K012 },
    { "a payload configuration", BYTES ("{\"config\": {\"a.weight\": {}}}"), PT2_ERROR_K012 },
    { "ExecuTorch", BYTES ("\x1c\0\0\0ET12\0\0"), PT2_ERROR_K013 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    expect_refused (cases[i].data, cases[i].len, cases[i].code, cases[i].what);
}
END_TEST

START_TEST (tar_is_known_by_what_stands_far_behind)
{
  char block[512] = "data.pkl";
  expect_refused (block, sizeof block, PT2_ERROR_K002, "a block");
  memcpy (block + 257, "ustar", 5);
  expect_refused (block, sizeof block, PT2_ERROR_K009, "tar");
}
END_TEST

START_TEST (programs_by_themselves)
{
  expect_program (BYTES ("{\"graph_module\": {}, \"schema_version\": 1}"), "program-json");
  expect_program (BYTES (" {\"schema_version\": {\"major\": 8, \"minor\": 2}}"), "program-json");
  expect_program (BYTES ("\xef\xbb\xbf{\"graph_module\": {"), "program-json"); /* its reader says what is wrong */
  expect_program (BYTES ("\xac\x1c\x00"), "program-compact");
  /* The version far behind what a window from the front would show. */
  g_autoptr (GString) text = g_string_new ("{\"opset_version\": {\"");
  for (int i = 0; i < 100000; i++)
    g_string_append_c (text, 'a');
  g_string_append (text, "\": 1}, \"schema_version\": {\"major\": 8, \"minor\": 2}}");
  expect_program (text->str, text->len, "program-json");
}
END_TEST

START_TEST (zstd_is_looked_into)
{
  static const struct
  {
    const char *inside;
    size_t len;
    bool program;
  } cases[]
      = { { BYTES ("\xac\x1c\x00"), true }, { BYTES ("{\"graph_module\": {}}"), false }, { BYTES ("\xac"), false } };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char frame[256];
      size_t len = ZSTD_compress (frame, sizeof frame, cases[i].inside, cases[i].len, 3);
      ck_assert (!ZSTD_isError (len));
      if (cases[i].program)
        expect_program (frame, len, "program-compact");
      else
        expect_refused (frame, len, PT2_ERROR_K005, "zstd of something else");
    }
  expect_program (BYTES ("\x28\xb5\x2f\xfd"), "program-compact"); /* nothing to look at: its reader says why */
}
END_TEST

/* ---- zips ---- */

static GBytes *
archive_of (const char *const *records)
{
  ZipBuilder zip;
  zip_begin (&zip);
  for (; records[0] != NULL; records += 2)
    zip_add (&zip, records[0], records[1], ZIP_TORCH);
  zip_finish (&zip, ZIP_WIDE);
  return zip_take (&zip);
}

START_TEST (kinds_of_archives)
{
  static const struct
  {
    const char *kind;
    Pt2ErrorCode code; /* of pt2_file_kind(), or of taking a program from it */
    const char *records[8];
  } cases[] = {
    { "exported-program", PT2_ERROR_NONE, { "r/archive_format", "pt2", "r/models/m.json", "{}" } },
    { "exported-program", PT2_ERROR_NONE, { "r/.data/version", "6\n", "r/models/m.json", "{}" } },
    { "exported-program", PT2_ERROR_NONE, { "serialized_exported_program.json", "{}", "version", "8.2" } },
    { "aot-inductor", PT2_ERROR_K016, { "r/archive_format", "pt2", "r/data/aotinductor/m/a.so", "x" } },
    { "torch-save", PT2_ERROR_K015, { "r/data.pkl", "x", "r/version", "3\n" } },
    { NULL, PT2_ERROR_K014, { "r/data.pkl", "x", "r/constants.pkl", "x", "r/version", "3\n" } },
    { NULL, PT2_ERROR_K017, { "a", "x" } },
    { NULL, PT2_ERROR_K018, { "r/archive_format", "pt2", "r/archive_version", "0" } },
    { NULL, PT2_ERROR_R001, { "r/archive_format", "other", "r/models/m.json", "{}" } },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GError *error = NULL;
      Pt2FileKind kind;
      g_autoptr (GBytes) bytes = archive_of (cases[i].records);
      if (cases[i].kind != NULL)
        expect_kind (bytes, cases[i].kind);
      else
        {
          ck_assert (!pt2_file_kind (bytes, NULL, &kind, &error));
          expect_code (g_steal_pointer (&error), cases[i].code, cases[i].records[0]);
        }
      if (cases[i].code == PT2_ERROR_NONE)
        continue;
      ck_assert_ptr_null (pt2_program_new_from_data (bytes, NULL, NULL, &error));
      expect_code (error, cases[i].code, cases[i].records[0]);
    }
}
END_TEST

START_TEST (a_cut_zip_says_how_much_is_missing)
{
  static const char *const records[] = { "r/archive_format", "pt2", "r/models/m.json", "{}", NULL };
  g_autoptr (GBytes) whole = archive_of (records);
  size_t size;
  const char *data = g_bytes_get_data (whole, &size);
  expect_refused (data, size - 30, PT2_ERROR_K003, "cut in its end records");
  expect_refused (data, 100, PT2_ERROR_K003, "cut in its first record");
  /* A record that says its size in front: what is missing of it is counted. */
  ZipBuilder zip;
  g_autofree char *payload = g_strnfill (5000, 'x');
  zip_begin (&zip);
  zip_add (&zip, "a", payload, ZIP_PLAIN);
  zip_finish (&zip, ZIP_PLAIN);
  g_autoptr (GBytes) stored = zip_take (&zip);
  g_autoptr (GBytes) cut = zip_exact (g_bytes_get_data (stored, NULL), 31 + 1000);
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_archive_new_from_bytes (cut, NULL, &error));
  /* 4000 bytes of payload, a directory of one record and the end record. */
  ck_assert_ptr_nonnull (strstr (error->message, "0 whole records, then it ends in \"a\"; at least 4069 bytes"));
}
END_TEST

/* A zip behind another kind of file could be read as either: it is refused as that kind. */
START_TEST (a_zip_behind_something_else)
{
  static const char *const records[] = { "r/archive_format", "pt2", "r/models/m.json", "{}", NULL };
  static const struct
  {
    const char *front;
    Pt2ErrorCode code;
  } cases[] = { { "<html></html>", PT2_ERROR_K004 }, { "%PDF-1.7", PT2_ERROR_K010 }, { "\x80\x02N.", PT2_ERROR_K008 } };
  g_autoptr (GBytes) archive = archive_of (records);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) both = g_byte_array_new ();
      g_byte_array_append (both, (const guint8 *)cases[i].front, (guint)strlen (cases[i].front));
      g_byte_array_append (both, g_bytes_get_data (archive, NULL), (guint)g_bytes_get_size (archive));
      expect_refused (both->data, both->len, cases[i].code, cases[i].front);
    }
}
END_TEST

START_TEST (kinds_of_the_corpus)
{
  static const struct
  {
    const char *file, *kind;
    Pt2ErrorCode code;
  } cases[] = {
    { "torch-2.1.2/mlp.pt2", "exported-program", PT2_ERROR_NONE },
    { "tensorrt/trt-7.4.ep", "exported-program", PT2_ERROR_NONE },
    { "executorch/linear.pt2", "exported-program", PT2_ERROR_NONE },
    { "torch-save/burn-state_dict.pt", "torch-save", PT2_ERROR_NONE },
    { "torch-save/burn-simple_legacy.pt", NULL, PT2_ERROR_K008 },
    { "torch-save/burn-broken.pt", NULL, PT2_ERROR_K002 },
    { "torch-2.15.0/flex_attention.pt2", NULL, PT2_ERROR_K018 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GError *error = NULL;
      Pt2FileKind kind;
      char *data;
      size_t len;
      g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), cases[i].file, NULL);
      ck_assert_msg (g_file_get_contents (path, &data, &len, NULL), "%s", path);
      g_autoptr (GBytes) bytes = g_bytes_new_take (data, len);
      if (cases[i].kind != NULL)
        expect_kind (bytes, cases[i].kind);
      else
        {
          ck_assert (!pt2_file_kind (bytes, NULL, &kind, &error));
          expect_code (error, cases[i].code, cases[i].file);
        }
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("kind");
  TCase *cases = tcase_create ("kind");
  tcase_add_test (cases, files_that_are_something_else);
  tcase_add_test (cases, tar_is_known_by_what_stands_far_behind);
  tcase_add_test (cases, programs_by_themselves);
  tcase_add_test (cases, zstd_is_looked_into);
  tcase_add_test (cases, kinds_of_archives);
  tcase_add_test (cases, a_cut_zip_says_how_much_is_missing);
  tcase_add_test (cases, a_zip_behind_something_else);
  tcase_add_test (cases, kinds_of_the_corpus);
  suite_add_tcase (suite, cases);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
