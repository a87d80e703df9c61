/* SPDX-License-Identifier: Apache-2.0 */
/* lib/archive: every layout, of the corpus and built here, is recognised, lists its records with their roles and gives
 * its programs. Reading is in test_archive_read.c, files that are no archive in test_kind.c.
 */
#include "archive_cases.h"
#include <stdlib.h>

static const BuiltRecord flat[] = {
  { "version", "0" },
  { "archive_format", "pt2" },
  { "models/model.json", "{}" },
  { "data/weights/model.pt", "" },
  { "data/aotinductor/model/a.so", "code" },
  { NULL, NULL },
};
static const BuiltRecord package[] = {
  { "p/data/aotinductor/model/a.wrapper.cpp", "int x;" },
  { "p/data/aotinductor/model/a.wrapper.so", "code" },
  { "p/data/aotinductor/model/a.cubin", "x" },
  { "p/data/aotinductor/model/a_metadata.json", "{}" },
  { "p/data/weights/weight_0", "x" },
  { "p/data/constants/tensor_0", "x" },
  { "p/data/constants/custom_obj_0", "x" },
  { "p/data/constants/unheard_of", "x" },
  { "p/extra/notes/a.txt", "x" },
  { "p/archive_format", "pt2" },
  { "p/archive_version", "0" },
  { "p/.data/version", "6\n" },
  { NULL, NULL },
};
static const BuiltRecord script[] = {
  { "r/data.pkl", "x" },
  { "r/constants.pkl", "x" },
  { "r/version", "3\n" },
  { NULL, NULL },
};
static const BuiltRecord stranger[] = {
  { "word/document.xml", "<x/>" },
  { NULL, NULL },
};

/* ---- layouts ---- */

START_TEST (layouts_of_the_corpus)
{
  static const struct
  {
    const char *file, *name, *version, *byteorder, *program;
    Pt2ArchiveLayout layout;
  } cases[] = {
    { "torch-2.1.2/mlp.pt2", "legacy", NULL, NULL, "serialized_exported_program.json", PT2_ARCHIVE_LAYOUT_LEGACY },
    { "torch-2.5.1/mlp.pt2", "legacy", NULL, NULL, "serialized_exported_program.json", PT2_ARCHIVE_LAYOUT_LEGACY },
    { "torch-2.8.0/mlp.pt2", "pt2-archive", "0", "little", "models/model.json", PT2_ARCHIVE_LAYOUT_PICKLED },
    { "torch-2.15.0/mlp.pt2", "pt2-archive", "0", "little", "models/model.json", PT2_ARCHIVE_LAYOUT_RAW },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Archive) archive = open_corpus (cases[i].file);
      ck_assert_int_eq (pt2_archive_get_kind (archive), PT2_KIND_OF_FILE_EXPORTED_PROGRAM);
      ck_assert_int_eq (pt2_archive_get_layout (archive), cases[i].layout);
      ck_assert_str_eq (pt2_archive_get_layout_name (archive), cases[i].name);
      ck_assert_int_eq (g_strcmp0 (pt2_archive_get_version (archive), cases[i].version), 0);
      ck_assert_int_eq (g_strcmp0 (pt2_archive_get_byteorder (archive), cases[i].byteorder), 0);
      ck_assert_str_eq (pt2_archive_get_models (archive)[0], "model");
      ck_assert_ptr_null (pt2_archive_get_models (archive)[1]);
      const Pt2Record *record = pt2_archive_choose_model (archive, NULL, &error);
      ck_assert_msg (record != NULL, "%s: %s", cases[i].file, error != NULL ? error->message : "");
      ck_assert_str_eq (record->name, cases[i].program);
      ck_assert_ptr_eq (pt2_archive_choose_model (archive, "model", NULL), record);
      ck_assert_str_eq (pt2_archive_model_name (archive, record), "model");
    }
}
END_TEST

START_TEST (roles_of_the_corpus)
{
  static const struct
  {
    const char *file, *record, *role;
  } cases[] = {
    { "torch-2.5.1/extra_files.pt2", "serialized_exported_program.json", "program" },
    { "torch-2.5.1/extra_files.pt2", "serialized_state_dict.pt", "weights" },
    { "torch-2.5.1/extra_files.pt2", "serialized_constants.pt", "constants" },
    { "torch-2.5.1/extra_files.pt2", "serialized_example_inputs.pt", "sample-inputs" },
    { "torch-2.5.1/extra_files.pt2", "version", "version" },
    { "torch-2.5.1/extra_files.pt2", "extra_files/dir/x.json", "extra" },
    { "torch-2.8.0/mlp.pt2", "data/weights/model.pt", "weights" },
    { "torch-2.8.0/mlp.pt2", "data/constants/model.pt", "constants" },
    { "torch-2.8.0/mlp.pt2", "data/sample_inputs/model.pt", "sample-inputs" },
    { "torch-2.15.0/mlp.pt2", "models/model.json", "program" },
    { "torch-2.15.0/mlp.pt2", "data/weights/weight_0", "weight" },
    { "torch-2.15.0/mlp.pt2", "data/weights/model_weights_config.json", "weights-config" },
    { "torch-2.15.0/mlp.pt2", "data/constants/model_constants_config.json", "constants-config" },
    { "torch-2.15.0/mlp.pt2", "archive_format", "format" },
    { "torch-2.15.0/mlp.pt2", "archive_version", "version" },
    { "torch-2.15.0/mlp.pt2", ".data/version", "version" },
    { "torch-2.15.0/mlp.pt2", "byteorder", "byteorder" },
    { "torch-2.15.0/mlp.pt2", ".data/serialization_id", "serialization-id" },
    { "torch-save/burn-state_dict.pt", "data.pkl", "pickle" },
    { "torch-save/burn-state_dict.pt", "data/0", "storage" },
    { "torch-save/burn-state_dict.pt", ".storage_alignment", "format" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Pt2Archive) archive = open_corpus (cases[i].file);
      ck_assert_str_eq (role_of (archive, cases[i].record), cases[i].role);
    }
}
END_TEST

START_TEST (flat_layout)
{
  g_autoptr (Pt2Archive) archive = open_records (flat);
  ck_assert_int_eq (pt2_archive_get_layout (archive), PT2_ARCHIVE_LAYOUT_FLAT);
  ck_assert_str_eq (pt2_archive_get_layout_name (archive), "pt2-archive");
  ck_assert_str_eq (pt2_archive_get_version (archive), "0");
  ck_assert_ptr_null (pt2_archive_get_byteorder (archive));
  ck_assert_str_eq (role_of (archive, "data/weights/model.pt"), "weights");
  ck_assert_str_eq (role_of (archive, "data/aotinductor/model/a.so"), "native-code");
  expect_text (archive, pt2_archive_choose_model (archive, NULL, NULL)->name, "{}");
}
END_TEST

START_TEST (aot_inductor_package)
{
  static const char *const roles[][2] = {
    { "data/aotinductor/model/a.wrapper.cpp", "aot-inductor" },
    { "data/aotinductor/model/a.wrapper.so", "native-code" },
    { "data/aotinductor/model/a.cubin", "native-code" },
    { "data/aotinductor/model/a_metadata.json", "aot-inductor" },
    { "data/weights/weight_0", "weight" },
    { "data/constants/tensor_0", "constant" },
    { "data/constants/custom_obj_0", "constant" },
    { "data/constants/unheard_of", "unknown" },
    { "extra/notes/a.txt", "extra" },
  };
  GError *error = NULL;
  g_autoptr (Pt2Archive) archive = open_records (package);
  ck_assert_int_eq (pt2_archive_get_kind (archive), PT2_KIND_OF_FILE_AOT_INDUCTOR);
  ck_assert_int_eq (pt2_archive_get_layout (archive), PT2_ARCHIVE_LAYOUT_NONE);
  ck_assert_ptr_null (pt2_archive_get_layout_name (archive));
  for (size_t i = 0; i < G_N_ELEMENTS (roles); i++)
    ck_assert_str_eq (role_of (archive, roles[i][0]), roles[i][1]);
  ck_assert_ptr_null (pt2_archive_choose_model (archive, NULL, &error));
  expect_error (error, PT2_ERROR_K016, "a package");
}
END_TEST

START_TEST (archives_without_a_program)
{
  static const struct
  {
    const BuiltRecord *records;
    Pt2FileKind kind;
    Pt2ErrorCode code;
  } cases[] = { { bare, PT2_KIND_OF_FILE_OTHER_ARCHIVE, PT2_ERROR_K018 },
                { script, PT2_KIND_OF_FILE_TORCH_SCRIPT, PT2_ERROR_K014 },
                { stranger, PT2_KIND_OF_FILE_OTHER_ARCHIVE, PT2_ERROR_K017 } };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GError *error = NULL;
      g_autoptr (Pt2Archive) archive = open_records (cases[i].records);
      ck_assert_int_eq (pt2_archive_get_kind (archive), cases[i].kind);
      ck_assert_ptr_null (pt2_archive_get_models (archive)[0]);
      ck_assert_ptr_null (pt2_archive_choose_model (archive, NULL, &error));
      expect_error (error, cases[i].code, cases[i].records[0].name);
    }
  GError *error = NULL;
  g_autoptr (Pt2Archive) saved = open_corpus ("torch-save/burn-state_dict.pt");
  ck_assert_int_eq (pt2_archive_get_kind (saved), PT2_KIND_OF_FILE_TORCH_SAVE);
  ck_assert_ptr_null (pt2_archive_choose_model (saved, "model", &error));
  expect_error (error, PT2_ERROR_K015, "torch.save");
}
END_TEST

/* ---- several programs ---- */

START_TEST (choice_of_a_program)
{
  GError *error = NULL;
  g_autoptr (Pt2Archive) archive = open_records (several);
  ck_assert_str_eq (pt2_archive_get_models (archive)[0], "weight_x");
  ck_assert_str_eq (pt2_archive_get_models (archive)[1], "b/c");
  ck_assert_ptr_null (pt2_archive_get_models (archive)[2]);
  ck_assert_str_eq (role_of (archive, "data/weights/weight_x_weights_config.json"), "weights-config");
  const Pt2Record *record = pt2_archive_choose_model (archive, "b/c", NULL);
  ck_assert_str_eq (pt2_archive_model_name (archive, record), "b/c");
  expect_text (archive, record->name, "second");
  ck_assert_ptr_null (pt2_archive_model_name (archive, pt2_archive_find (archive, "archive_format")));
  ck_assert_ptr_null (pt2_archive_choose_model (archive, NULL, &error));
  ck_assert_ptr_nonnull (strstr (error->message, "\"weight_x\", \"b/c\""));
  expect_error (g_steal_pointer (&error), PT2_ERROR_U004, "no choice made");
  ck_assert_ptr_null (pt2_archive_choose_model (archive, "b", &error));
  expect_error (g_steal_pointer (&error), PT2_ERROR_U003, "no such program");
  ck_assert_ptr_null (pt2_archive_choose_model (archive, "../models/b/c", &error));
  expect_error (error, PT2_ERROR_U003, "a path is no name");
}
END_TEST

START_TEST (several_programs_of_the_corpus)
{
  g_autoptr (Pt2Archive) archive = open_corpus ("torch-2.15.0/multi_program.pt2");
  const char *const *models = pt2_archive_get_models (archive);
  guint n = g_strv_length ((char **)models);
  ck_assert_uint_ge (n, 2);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      const Pt2Record *record = pt2_archive_choose_model (archive, models[i], &error);
      ck_assert_msg (record != NULL, "%s", models[i]);
      ck_assert_str_eq (pt2_archive_model_name (archive, record), models[i]);
      g_autoptr (GBytes) text = pt2_archive_read (archive, record->name, &error);
      ck_assert_msg (text != NULL && ((const char *)g_bytes_get_data (text, NULL))[0] == '{', "%s", models[i]);
    }
}
END_TEST

START_TEST (legacy_holds_one_called_model)
{
  GError *error = NULL;
  g_autoptr (Pt2Archive) archive = open_corpus ("torch-2.5.1/mlp.pt2");
  ck_assert_ptr_null (pt2_archive_choose_model (archive, "other", &error));
  expect_error (error, PT2_ERROR_U003, "legacy");
}
END_TEST

/* ---- what is wrong with the records ---- */

START_TEST (records_that_contradict_the_layout)
{
  static const struct
  {
    Pt2ErrorCode code;
    BuiltRecord records[6];
  } cases[] = {
    { PT2_ERROR_R001,
      { { "r/archive_format", "pt2\n" }, { "r/archive_version", "0" }, { "r/models/model.json", "{}" } } },
    { PT2_ERROR_R001, { { "r/archive_format", "PT2" }, { "r/models/model.json", "{}" } } },
    { PT2_ERROR_R002,
      { { "r/archive_format", "pt2" }, { "r/archive_version", "1" }, { "r/models/model.json", "{}" } } },
    { PT2_ERROR_R002,
      { { "r/archive_format", "pt2" }, { "r/archive_version", "0\n" }, { "r/models/model.json", "{}" } } },
    { PT2_ERROR_R002, { { "archive_format", "pt2" }, { "version", "3" }, { "models/model.json", "{}" } } },
    { PT2_ERROR_R003,
      { { "r/archive_format", "pt2" }, { "r/.data/version", "11\n" }, { "r/models/model.json", "{}" } } },
    { PT2_ERROR_R003, { { "r/data.pkl", "x" }, { "r/version", "0\n" } } },
    { PT2_ERROR_R003, { { "r/data.pkl", "x" }, { "r/.data/version", "a long text that is surely no number" } } },
    { PT2_ERROR_R005, { { "r/archive_format", "pt2" }, { "r/data.pkl", "x" }, { "r/models/model.json", "{}" } } },
    { PT2_ERROR_R005,
      { { "serialized_exported_program.json", "{}" },
        { "archive_format", "pt2" },
        { "version", "8.2" },
        { "models/a.json", "{}" } } },
    { PT2_ERROR_R006, { { "r/archive_format", "pt2" }, { "r/byteorder", "middle" }, { "r/models/model.json", "{}" } } },
    { PT2_ERROR_R007, { { "serialized_exported_program.json", "{}" } } },
    { PT2_ERROR_R007, { { "serialized_exported_program.json", "{}" }, { "version", "8.2\n" } } },
    { PT2_ERROR_R007, { { "serialized_exported_program.json", "{}" }, { "version", "eight" } } },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GError *error = NULL;
      g_autoptr (Pt2Archive) archive = open_records (cases[i].records);
      ck_assert_ptr_null (pt2_archive_choose_model (archive, NULL, &error));
      expect_error (error, cases[i].code, cases[i].records[0].text);
      /* The records can still be listed and read. */
      for (const BuiltRecord *record = cases[i].records; record->name != NULL; record++)
        expect_text (archive, record->name + archive->root_len, record->text);
    }
}
END_TEST

START_TEST (records_outside_the_root)
{
  static const BuiltRecord cases[][5] = {
    { { "r/archive_format", "pt2" }, { "r/models/model.json", "{}" }, { "s/a", "x" } },
    { { "r/archive_format", "pt2" }, { "a", "x" } },
    { { "r/data.pkl", "x" }, { "R2/data/0", "x" } },
    { { "s/a", "x" }, { "r/archive_format", "pt2" }, { "r/archive_version", "0" } },
    { { "a", "x" }, { "r/archive_format", "pt2" } },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GError *error = NULL;
      ZipBuilder zip;
      build (&zip, cases[i]);
      ck_assert_ptr_null (open_built (&zip, &error));
      expect_error (error, PT2_ERROR_R004, cases[i][0].name);
    }
}
END_TEST

/* A marker record that cannot be read is the archive's problem, not its end. */
START_TEST (damaged_marker)
{
  GError *error = NULL;
  ZipBuilder zip;
  build (&zip, several);
  zip.out->data[zip.data[4]] ^= 1;
  g_autoptr (Pt2Archive) archive = open_built (&zip, &error);
  ck_assert_ptr_nonnull (archive);
  ck_assert_ptr_null (pt2_archive_choose_model (archive, "b/c", &error));
  expect_error (error, PT2_ERROR_Z017, "archive_format");
}
END_TEST

START_TEST (empty_zip)
{
  GError *error = NULL;
  ZipBuilder zip;
  zip_begin (&zip);
  zip_finish (&zip, ZIP_PLAIN);
  g_autoptr (Pt2Archive) archive = open_built (&zip, &error);
  guint n = 1;
  ck_assert_ptr_nonnull (archive);
  pt2_archive_get_records (archive, &n);
  ck_assert_uint_eq (n, 0);
  ck_assert_ptr_null (pt2_archive_find (archive, "a"));
  ck_assert_ptr_null (pt2_archive_choose_model (archive, NULL, &error));
  expect_error (error, PT2_ERROR_K017, "an empty zip");
}
END_TEST

START_TEST (references)
{
  Pt2Archive *archive = open_records (several);
  ck_assert_ptr_eq (pt2_archive_ref (archive), archive);
  pt2_archive_unref (archive);
  ck_assert_str_eq (pt2_archive_get_models (archive)[0], "weight_x");
  pt2_archive_unref (archive);
  pt2_archive_unref (NULL);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("archive");
  TCase *cases = tcase_create ("archive");
  tcase_set_timeout (cases, 240);
  tcase_add_test (cases, layouts_of_the_corpus);
  tcase_add_test (cases, roles_of_the_corpus);
  tcase_add_test (cases, flat_layout);
  tcase_add_test (cases, aot_inductor_package);
  tcase_add_test (cases, archives_without_a_program);
  tcase_add_test (cases, choice_of_a_program);
  tcase_add_test (cases, several_programs_of_the_corpus);
  tcase_add_test (cases, legacy_holds_one_called_model);
  tcase_add_test (cases, records_that_contradict_the_layout);
  tcase_add_test (cases, records_outside_the_root);
  tcase_add_test (cases, damaged_marker);
  tcase_add_test (cases, empty_zip);
  tcase_add_test (cases, references);
  suite_add_tcase (suite, cases);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
