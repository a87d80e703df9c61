/* SPDX-License-Identifier: Apache-2.0 */
/* lib/archive: records read as they should, nothing else is touched, limits are held, only files are opened. */
#include "archive_cases.h"
#include "pt2-program.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- reading ---- */

START_TEST (every_record_of_the_corpus_reads)
{
  static const char *const folders[]
      = { "torch-2.1.2", "torch-2.2.2",  "torch-2.3.1", "torch-2.5.1", "torch-2.6.0", "torch-2.7.1",    "torch-2.8.0",
          "brachml",     "torch-2.15.0", "executorch",  "tensorrt",    "torch-save",  "velox-torchwave" };
  guint records = 0;
  for (size_t i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = corpus_path (folders[i]);
      g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
      ck_assert_msg (dir != NULL, "%s", folder);
      for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
        {
          g_autofree char *path = g_build_filename (folder, name, NULL);
          g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, NULL);
          Pt2Status status = PT2_STATUS_INIT;
          g_autofree Pt2ZipGap *gaps = NULL;
          uint32_t n_gaps;
          if (archive == NULL)
            {
              ck_assert_msg (!g_str_has_suffix (name, ".pt2"), "%s does not open", path);
              continue;
            }
          ck_assert_msg (archive->problem.code == PT2_ERROR_NONE, "%s: %s", path, archive->problem.detail);
          ck_assert_msg (pt2_zip_audit (&archive->zip, &gaps, &n_gaps, &status), "%s: %s", path, status.detail);
          ck_assert_uint_eq (n_gaps, 0);
          ck_assert_msg (pt2_zip_crosscheck (&archive->zip, &status), "%s: %s", path, status.detail);
          for (guint k = 0; k < archive->zip.n_entries; k++, records++)
            {
              g_autoptr (GError) error = NULL;
              const Pt2Record *record = &archive->records[k];
              g_autoptr (GBytes) bytes = pt2_archive_read (archive, record->name, &error);
              ck_assert_msg (bytes != NULL, "%s: %s", path, error != NULL ? error->message : "");
              ck_assert_uint_eq (g_bytes_get_size (bytes), record->bytes);
              ck_assert_str_ne (record->role, "unknown");
            }
        }
    }
  ck_assert_uint_gt (records, 1000);
}
END_TEST

/* The bytes of the weights are those that PyTorch reports. */
START_TEST (weights_are_what_pytorch_says)
{
  g_autofree char *path = corpus_path ("torch-2.15.0/mlp.expect.json"), *expected = NULL;
  ck_assert (g_file_get_contents (path, &expected, NULL, NULL));
  g_autoptr (Pt2Archive) archive = open_corpus ("torch-2.15.0/mlp.pt2");
  for (int i = 0; i < 4; i++)
    {
      char name[40];
      g_snprintf (name, sizeof name, "data/weights/weight_%d", i);
      g_autoptr (GBytes) bytes = pt2_archive_read (archive, name, NULL);
      g_autofree char *sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
      ck_assert_msg (strstr (expected, sum) != NULL, "%s: %s", name, sum);
    }
}
END_TEST

START_TEST (stored_records_are_views_at_their_offset)
{
  ZipBuilder zip;
  build (&zip, several);
  g_autoptr (GBytes) bytes = zip_take (&zip);
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, NULL, NULL);
  guint n;
  const Pt2Record *records = pt2_archive_get_records (archive, &n);
  ck_assert_uint_eq (n, 6);
  ck_assert_uint_eq (pt2_archive_get_bytes (archive), g_bytes_get_size (bytes));
  for (guint i = 0; i < n; i++)
    {
      guint64 offset;
      ck_assert (pt2_archive_locate (archive, &records[i], &offset, NULL));
      ck_assert_uint_eq (offset % 64, 0);
      g_autoptr (GBytes) read = pt2_archive_read (archive, records[i].name, NULL);
      ck_assert_ptr_eq (g_bytes_get_data (read, NULL), (const char *)g_bytes_get_data (bytes, NULL) + offset);
    }
}
END_TEST

START_TEST (names_that_are_no_record)
{
  static const char *const names[] = { "", "nothing", "r/archive_format", "ARCHIVE_FORMAT", "../r/archive_format" };
  g_autoptr (Pt2Archive) archive = open_records (several);
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GError *error = NULL;
      ck_assert_ptr_null (pt2_archive_find (archive, names[i]));
      ck_assert_ptr_null (pt2_archive_read (archive, names[i], &error));
      expect_error (error, PT2_ERROR_U005, names[i]);
    }
}
END_TEST

/* An archive in a mapping of its own: two weights of that many bytes, then the program. WEIGHTS is the
 * offset behind them. */
static char *
map_with_weights (GBytes *program, size_t weight, size_t *weights, size_t *len)
{
  g_autofree char *zeros = g_malloc0 (weight);
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add_len (&zip, "r/data/weights/weight_0", 23, zeros, weight, ZIP_TORCH);
  zip_add_len (&zip, "r/data/weights/weight_1", 23, zeros, weight, ZIP_TORCH);
  *weights = zip.out->len;
  zip_add_len (&zip, "r/models/model.json", 19, g_bytes_get_data (program, NULL), g_bytes_get_size (program),
               ZIP_TORCH);
  for (const BuiltRecord *record = bare; record->name != NULL; record++)
    zip_add (&zip, record->name, record->text, ZIP_TORCH);
  zip_finish (&zip, ZIP_WIDE);
  g_autoptr (GBytes) bytes = zip_take (&zip);
  const void *data = g_bytes_get_data (bytes, len);
  char *map = mmap (NULL, *len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ck_assert_ptr_ne (map, MAP_FAILED);
  return memcpy (map, data, *len);
}

/* Whatever touches the weights dies of it. Exempt are the file's first page, which says that it is a zip, and the
 * last 64 KiB, where there must be one end record and no other. */
START_TEST (a_program_is_read_without_touching_a_weight)
{
  GError *error = NULL;
  size_t len, weights, weight = (size_t)1 << 20, page = (size_t)sysconf (_SC_PAGESIZE);
  g_autoptr (Pt2Archive) source = open_corpus ("torch-2.15.0/mlp.pt2");
  g_autoptr (GBytes) text = pt2_archive_read (source, "models/model.json", NULL);
  char *map = map_with_weights (text, weight, &weights, &len);
  weights = MIN (weights, len - (66 << 10));
  ck_assert_int_eq (mprotect (map + page, weights - weights % page - page, PROT_NONE), 0);
  {
    g_autoptr (GBytes) bytes = g_bytes_new_static (map, len);
    g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, NULL, &error);
    ck_assert_msg (archive != NULL, "%s", error != NULL ? error->message : "");
    g_autoptr (GBytes) read = pt2_archive_read (archive, "models/model.json", NULL);
    ck_assert (g_bytes_equal (read, text));
    g_autoptr (Pt2Program) program = pt2_program_new_from_data (bytes, NULL, NULL, &error);
    ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
    gint64 major, minor;
    pt2_program_get_schema_version (program, &major, &minor);
    ck_assert_int_eq (major, 8);
  }
  munmap (map, len);
}
END_TEST

/* A damaged record is refused when it is asked for; the others read. */
START_TEST (each_record_is_audited_when_it_is_read)
{
  GError *error = NULL;
  guint64 offset;
  ZipBuilder zip;
  build (&zip, several);
  zip_put16 (&zip, zip.local[0] + 8, 8);  /* the weight's method */
  zip_put32 (&zip, zip.later[1] + 8, 99); /* the configuration's size */
  zip.out->data[zip.data[2]] ^= 1;        /* a byte of the first program */
  g_autoptr (Pt2Archive) archive = open_built (&zip, &error);
  ck_assert_msg (archive != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_ptr_null (pt2_archive_read (archive, "data/weights/weight_0", &error));
  expect_error (g_steal_pointer (&error), PT2_ERROR_Z007, "local header");
  ck_assert (!pt2_archive_locate (archive, pt2_archive_find (archive, "data/weights/weight_0"), &offset, &error));
  expect_error (g_steal_pointer (&error), PT2_ERROR_Z007, "local header");
  ck_assert_ptr_null (pt2_archive_read (archive, "data/weights/weight_x_weights_config.json", &error));
  expect_error (g_steal_pointer (&error), PT2_ERROR_Z008, "descriptor");
  ck_assert_ptr_null (pt2_archive_read (archive, "models/weight_x.json", &error));
  expect_error (error, PT2_ERROR_Z017, "payload");
  expect_text (archive, "models/b/c.json", "second");
}
END_TEST

START_TEST (program_size_limit)
{
  for (int more = 0; more < 2; more++)
    {
      GError *error = NULL;
      ZipBuilder zip;
      Pt2Limits limits = *pt2_limits_default ();
      limits.program_size = strlen ("second") - 1 + (guint64)more;
      build (&zip, several);
      g_autoptr (GBytes) bytes = zip_take (&zip);
      g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &limits, &error);
      g_autoptr (GBytes) read = pt2_archive_read (archive, "models/b/c.json", &error);
      ck_assert_int_eq (read != NULL, more);
      if (!more)
        expect_error (error, PT2_ERROR_L008, "one byte too many");
    }
}
END_TEST

START_TEST (limits_of_the_container)
{
  static const struct
  {
    const char *key, *below, *enough;
    Pt2ErrorCode code;
  } cases[] = { { "records", "5", "6", PT2_ERROR_L004 },
                { "name-length", "42", "43", PT2_ERROR_L005 },
                { "inflated-size", "20", "21", PT2_ERROR_L006 },
                { "inflate-ratio", "1", "400", PT2_ERROR_L007 } };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int enough = 0; enough < 2; enough++)
      {
        GError *error = NULL;
        ZipBuilder zip;
        Pt2Limits limits = *pt2_limits_default ();
        ck_assert (pt2_limits_set (&limits, cases[i].key, enough ? cases[i].enough : cases[i].below, NULL));
        build (&zip, several);
        if (cases[i].code == PT2_ERROR_L007)
          {
            g_autofree char *text = g_strnfill (1000, 'a');
            g_bytes_unref (zip_take (&zip));
            zip_begin (&zip);
            zip_add (&zip, "r/a", text, ZIP_DEFLATE);
            zip_finish (&zip, ZIP_PLAIN);
          }
        g_autoptr (GBytes) bytes = zip_take (&zip);
        g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &limits, &error);
        ck_assert_msg ((archive != NULL) == enough, "%s", cases[i].key);
        if (!enough)
          expect_error (error, cases[i].code, cases[i].key);
      }
}
END_TEST

/* ---- files ---- */

START_TEST (only_regular_files_are_opened)
{
  g_autofree char *folder = g_dir_make_tmp ("pt2-XXXXXX", NULL);
  g_autofree char *pipe_path = g_build_filename (folder, "pipe", NULL);
  g_autofree char *missing = g_build_filename (folder, "missing", NULL);
  g_autofree char *empty = g_build_filename (folder, "empty", NULL);
  ck_assert_int_eq (mkfifo (pipe_path, 0600), 0);
  ck_assert (g_file_set_contents (empty, "", 0, NULL));
  const struct
  {
    const char *path;
    Pt2ErrorCode code;
  } cases[] = {
    { folder, PT2_ERROR_F001 }, { pipe_path, PT2_ERROR_F001 }, { missing, PT2_ERROR_F001 }, { empty, PT2_ERROR_K001 }
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GError *error = NULL;
      ck_assert_ptr_null (pt2_archive_new_from_file (cases[i].path, NULL, &error));
      expect_error (g_steal_pointer (&error), cases[i].code, cases[i].path);
      ck_assert_ptr_null (pt2_program_new_from_file (cases[i].path, NULL, NULL, &error));
      expect_error (error, cases[i].code, cases[i].path);
    }
  unlink (pipe_path);
  unlink (empty);
  rmdir (folder);
}
END_TEST

START_TEST (programs_out_of_files)
{
  static const char *const files[]
      = { "torch-2.1.2/mlp.pt2", "torch-2.5.1/mlp.pt2", "torch-2.8.0/mlp.pt2", "torch-2.15.0/mlp.pt2" };
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      GError *error = NULL;
      g_autofree char *path = corpus_path (files[i]);
      g_autoptr (Pt2Program) program = pt2_program_new_from_file (path, NULL, NULL, &error);
      ck_assert_msg (program != NULL, "%s: %s", files[i], error != NULL ? error->message : "");
      g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, NULL);
      const Pt2Record *record = pt2_archive_choose_model (archive, "model", NULL);
      g_autoptr (GBytes) text = pt2_archive_read (archive, record->name, NULL);
      g_autoptr (Pt2Program) same = pt2_program_new_from_data (text, NULL, NULL, &error);
      ck_assert_msg (same != NULL, "%s: %s", files[i], error != NULL ? error->message : "");
    }
  GError *error = NULL;
  ZipBuilder zip;
  static const BuiltRecord records[]
      = { { "r/archive_format", "pt2" }, { "r/models/model.json", "{}" }, { NULL, NULL } };
  build (&zip, records); /* "{}" is no program; the error names the record */
  g_autoptr (GBytes) bytes = zip_take (&zip);
  ck_assert_ptr_null (pt2_program_new_from_data (bytes, NULL, NULL, &error));
  ck_assert_ptr_nonnull (strstr (pt2_error_get_where (error), "models/model.json"));
  g_error_free (error);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("archive_read");
  TCase *cases = tcase_create ("archive_read");
  tcase_set_timeout (cases, 240);
  tcase_add_test (cases, every_record_of_the_corpus_reads);
  tcase_add_test (cases, weights_are_what_pytorch_says);
  tcase_add_test (cases, stored_records_are_views_at_their_offset);
  tcase_add_test (cases, names_that_are_no_record);
  tcase_add_test (cases, a_program_is_read_without_touching_a_weight);
  tcase_add_test (cases, each_record_is_audited_when_it_is_read);
  tcase_add_test (cases, program_size_limit);
  tcase_add_test (cases, limits_of_the_container);
  tcase_add_test (cases, only_regular_files_are_opened);
  tcase_add_test (cases, programs_out_of_files);
  suite_add_tcase (suite, cases);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
