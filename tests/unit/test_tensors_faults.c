/* SPDX-License-Identifier: Apache-2.0 */
/* lib/archive, tensors of archives that are wrong: each fault has its id and its place, and hides nothing else. */
#include "suite.h"
#include "tensor_cases.h"

#define BAD(path, meta) CASE_GOOD ", " CASE_ENTRY ("bad", path, false, meta)
#define BAD_META(dtype, sizes, strides, offset) BAD ("weight_0", CASE_META (dtype, sizes, strides, offset))
#define PLAIN CASE_META (7, CASE_INT (2), CASE_INT (1), CASE_INT (0))
#define SYMBOL "{\"as_expr\": {\"expr_str\": \"s0\", \"hint\": null}}"
#define HUGE_SIZE CASE_INT (4611686018427387904)
#define LARGE_SIZE CASE_INT (1099511627776)

typedef struct
{
  const char *entries;
  size_t len; /* of weight_0 */
  Pt2ErrorCode code;
  const char *where; /* what the place ends with */
} Case;

static const Case cases[] = {
  { BAD ("../weight_0", PLAIN), 16, PT2_ERROR_W001, "config[\"bad\"]" },
  { BAD ("..", PLAIN), 16, PT2_ERROR_W001, "" },
  { BAD (".", PLAIN), 16, PT2_ERROR_W001, "" },
  { BAD ("", PLAIN), 16, PT2_ERROR_W001, "" },
  { BAD ("/etc/passwd", PLAIN), 16, PT2_ERROR_W001, "" },
  { BAD ("x/weight_0", PLAIN), 16, PT2_ERROR_W001, "" },
  { BAD ("x\\\\weight_0", PLAIN), 16, PT2_ERROR_W001, "" },
  { BAD ("weight_0\\u0000", PLAIN), 16, PT2_ERROR_W001, "" },
  { BAD ("weight_1", PLAIN), 16, PT2_ERROR_W002, "config[\"bad\"]" },
  { BAD ("model_weights_config.jso", PLAIN), 16, PT2_ERROR_W002, "" },
  { BAD_META (7, CASE_INT (-1), CASE_INT (1), CASE_INT (0)), 16, PT2_ERROR_W003, "tensor_meta.sizes[0]" },
  { BAD_META (7, CASE_INT (1), CASE_INT (-1), CASE_INT (0)), 16, PT2_ERROR_W003, "strides[0]" },
  { BAD_META (7, CASE_INT (1), CASE_INT (1), CASE_INT (-1)), 16, PT2_ERROR_W003, "storage_offset" },
  { BAD_META (7, CASE_INT (0), CASE_INT (1), CASE_INT (-1)), 16, PT2_ERROR_W003, "storage_offset" },
  { BAD_META (7, CASE_INT (1), CASE_INT (1), CASE_INT (-9223372036854775808)), 16, PT2_ERROR_W003, "storage_offset" },
  { BAD_META (7, SYMBOL, CASE_INT (1), CASE_INT (0)), 16, PT2_ERROR_W003, "tensor_meta.sizes[0]" },
  { BAD_META (7, CASE_INT (1), SYMBOL, CASE_INT (0)), 16, PT2_ERROR_W003, "tensor_meta.strides[0]" },
  { BAD_META (7, CASE_INT (1), CASE_INT (1), SYMBOL), 16, PT2_ERROR_W003, "tensor_meta.storage_offset" },
  { BAD_META (7, CASE_INT (1), "", CASE_INT (0)), 16, PT2_ERROR_W003, "tensor_meta" },
  { BAD_META (7, CASE_INT (5), CASE_INT (1), CASE_INT (0)), 16, PT2_ERROR_W004, "config[\"bad\"]" },
  { BAD_META (7, CASE_INT (4), CASE_INT (1), CASE_INT (1)), 16, PT2_ERROR_W004, "" },
  { BAD_META (7, CASE_INT (2), CASE_INT (4), CASE_INT (0)), 16, PT2_ERROR_W004, "" },
  { BAD_META (7, "", "", CASE_INT (4)), 16, PT2_ERROR_W004, "" },
  { BAD_META (7, "", "", CASE_INT (9223372036854775807)), 16, PT2_ERROR_W004, "" },
  { BAD_META (7, CASE_INT (4), CASE_INT (1), CASE_INT (0)), 12, PT2_ERROR_W004, "" }, /* a truncated storage */
  { BAD_META (7, CASE_INT (2), CASE_INT (1), CASE_INT (0)), 15, PT2_ERROR_W005, "config[\"bad\"]" },
  { BAD_META (11, CASE_INT (0), CASE_INT (1), CASE_INT (0)), 8, PT2_ERROR_W005, "" },
  { BAD_META (1, LARGE_SIZE ", " LARGE_SIZE, CASE_INT (0) ", " CASE_INT (0), CASE_INT (0)), 16, PT2_ERROR_W006,
    "tensor_meta.sizes[1]" },
  { BAD_META (7, HUGE_SIZE, CASE_INT (0), CASE_INT (0)), 16, PT2_ERROR_W006, "tensor_meta" },
  { BAD_META (1, CASE_INT (9), HUGE_SIZE, CASE_INT (0)), 16, PT2_ERROR_W006, "strides[0]" },
  { BAD_META (1, CASE_INT (3) ", " CASE_INT (3), HUGE_SIZE ", " HUGE_SIZE, HUGE_SIZE), 16, PT2_ERROR_W006,
    "strides[1]" },
  { BAD_META (14, CASE_INT (1), CASE_INT (1), CASE_INT (0)), 16, PT2_ERROR_W007, "tensor_meta.dtype" },
  { BAD_META (0, CASE_INT (1), CASE_INT (1), CASE_INT (0)), 16, PT2_ERROR_W007, "tensor_meta.dtype" },
  { BAD ("weight_0", "null"), 16, PT2_ERROR_W015, "config[\"bad\"]" },
  /* Two descriptions of one payload. */
  { CASE_GOOD ", " CASE_ENTRY ("first", "weight_0", false, PLAIN) ", " CASE_ENTRY (
        "bad", "weight_0", false, CASE_META (5, CASE_INT (1), CASE_INT (1), CASE_INT (0))),
    16, PT2_ERROR_W009, "config[\"bad\"]" },
};

static void
expect_fault (const Pt2Tensor *tensor, Pt2ErrorCode code, const char *where)
{
  ck_assert_msg (tensor->fault != NULL, "no fault, expected %s", pt2_error_code_id (code));
  ck_assert_msg (g_error_matches (tensor->fault, PT2_ERROR, (int)code), "%s, expected %s", tensor->fault->message,
                 pt2_error_code_id (code));
  const char *place = pt2_error_get_where (tensor->fault);
  ck_assert_ptr_nonnull (place);
  ck_assert_msg (g_str_has_prefix (place, "data/") && g_str_has_suffix (place, where), "%s", place);
}

/* All that asks for elements gives the fault, and no other. */
static void
expect_unusable (Pt2Tensors *tensors, const Pt2Tensor *tensor, Pt2ErrorCode code)
{
  GError *error = NULL;
  guint8 digest[PT2_SHA256_BYTES];
  ck_assert_ptr_null (pt2_tensor_get_bytes (tensors, tensor, &error));
  expect_error (g_steal_pointer (&error), code, "bytes");
  ck_assert_ptr_null (pt2_tensor_get_view (tensors, tensor, &error));
  expect_error (g_steal_pointer (&error), code, "view");
  ck_assert (!pt2_tensor_sha256 (tensors, tensor, digest, &error));
  expect_error (g_steal_pointer (&error), code, "hash");
  ck_assert_ptr_null (pt2_tensor_npy_header (tensor, NULL, &error));
  expect_error (g_steal_pointer (&error), code, "npy");
  ck_assert (!pt2_tensor_is_contiguous (tensors, tensor));
}

START_TEST (test_entries)
{
  static const char zeros[16];
  const Case *one = &cases[_i];
  CaseArchive what
      = { .weights = one->entries, .constants = "", .name = "r/data/weights/weight_0", .data = zeros, .len = one->len };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  ck_assert_ptr_null (pt2_tensors_get_faults (tensors)[0]);
  const Pt2Tensor *bad = case_find (tensors, "bad");
  expect_fault (bad, one->code, one->where);
  expect_unusable (tensors, bad, one->code);
  case_expect_good (tensors);
  g_autoptr (GError) error = NULL;
  Pt2TensorHash *hashes = pt2_tensors_sha256 (tensors, 2, NULL, NULL, &error);
  ck_assert_ptr_nonnull (hashes);
  ck_assert (hashes[0].known && !hashes[bad - case_find (tensors, "good")].known);
  pt2_tensor_hashes_free (tensors, hashes);
}
END_TEST

static void
expect_first_fault (Pt2Tensors *tensors, Pt2ErrorCode code)
{
  const GError *fault = pt2_tensors_get_faults (tensors)[0];
  ck_assert_msg (fault != NULL, "no fault, expected %s", pt2_error_code_id (code));
  ck_assert_msg (g_error_matches (fault, PT2_ERROR, (int)code), "%s, expected %s", fault->message,
                 pt2_error_code_id (code));
}

/* What is wrong with one half of the payloads hides nothing of the other. */
START_TEST (test_halves)
{
  static const struct
  {
    CaseArchive what;
    Pt2ErrorCode code;
  } halves[] = {
    { { .weights = CASE_GOOD }, PT2_ERROR_W008 },
    { { .weights = CASE_GOOD, .constants = "\"a\"" }, PT2_ERROR_J002 },
    { { .weights = CASE_GOOD, .constants = "\"a\": {\"path_name\": \"tensor_0\"}" }, PT2_ERROR_J011 },
    { { .weights = CASE_GOOD,
        .constants = CASE_ENTRY ("a", "tensor_0", false, PLAIN) ", " CASE_ENTRY ("a", "tensor_1", false, PLAIN) },
      PT2_ERROR_J012 },
    { { .weights = CASE_GOOD, .name = "r/data/constants/model.pt", .data = "\x80\x02]q\x00.", .len = 6 },
      PT2_ERROR_W016 },
    { { .weights = CASE_GOOD, .name = "r/data/constants/model.pt", .data = "\x80\x02}q\x00K\x01K\x02s.", .len = 11 },
      PT2_ERROR_W016 },
    { { .weights = CASE_GOOD,
        .constants = "",
        .name = "r/data/constants/model.pt",
        .data = "\x80\x02}q\x00.",
        .len = 6 },
      PT2_ERROR_W011 },
  };
  g_autoptr (Pt2Tensors) tensors = case_read (&halves[_i].what);
  expect_first_fault (tensors, halves[_i].code);
  ck_assert_ptr_null (pt2_tensors_get_faults (tensors)[1]);
  case_expect_good (tensors);
}
END_TEST

START_TEST (test_constants)
{
  static const char zeros[8];
  static const struct
  {
    const char *entry;
    const char *record;
    Pt2ErrorCode code;
  } constants[] = {
    { CASE_ENTRY ("bad", "weight_0", false, PLAIN), "r/data/constants/weight_0", PT2_ERROR_W001 },
    { CASE_ENTRY ("bad", "model_constants_config.json", false, PLAIN), NULL, PT2_ERROR_W001 },
    { CASE_ENTRY ("good", "tensor_0", false, PLAIN), "r/data/constants/tensor_0", PT2_ERROR_W010 },
    { CASE_ENTRY ("bad", "tensor_0", true, PLAIN), "r/data/constants/tensor_0", PT2_ERROR_NONE },
    { CASE_ENTRY ("bad", "custom_obj_0", true, "null"), NULL, PT2_ERROR_W002 },
  };
  guint n;
  CaseArchive what = { .weights = CASE_GOOD,
                       .constants = constants[_i].entry,
                       .name = constants[_i].record,
                       .data = zeros,
                       .len = sizeof zeros };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  ck_assert_uint_eq (n, 2);
  ck_assert_ptr_nonnull (items[1].fault);
  if (constants[_i].code != PT2_ERROR_NONE) /* else what the pickle reader says of zeros */
    expect_fault (&items[1], constants[_i].code, "\"]");
  case_expect_good (tensors);
}
END_TEST

/* One file is a pickle to one entry and bare to another, or two entries name a pickle of one tensor. */
START_TEST (test_pickle_or_not)
{
  static const char list[] = "\x80\x02]q\x00.";
  static const char *const entries[] = {
    CASE_GOOD ", " CASE_ENTRY ("first", "weight_0", true, PLAIN) ", " CASE_ENTRY ("bad", "weight_0", false, PLAIN),
    CASE_GOOD ", " CASE_ENTRY ("first", "weight_0", true, PLAIN) ", " CASE_ENTRY ("bad", "weight_0", true, PLAIN),
  };
  CaseArchive what = {
    .weights = entries[_i], .constants = "", .name = "r/data/weights/weight_0", .data = list, .len = sizeof list - 1
  };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  expect_fault (case_find (tensors, "first"), PT2_ERROR_W015, "config[\"first\"]");
  expect_fault (case_find (tensors, "bad"), PT2_ERROR_W009, "config[\"bad\"]");
  case_expect_good (tensors);
}
END_TEST

/* A broken program takes the roles away, not the tensors. */
START_TEST (test_broken_program)
{
  static const char good[8];
  g_autoptr (GError) error = NULL;
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add_len (&zip, "r/data/weights/weight_good", 26, good, sizeof good, ZIP_TORCH);
  zip_add (&zip, "r/data/weights/model_weights_config.json", "{\"config\": {" CASE_GOOD "}}", ZIP_TORCH);
  zip_add (&zip, "r/data/constants/model_constants_config.json", "{\"config\": {}}", ZIP_TORCH);
  zip_add (&zip, "r/models/model.json", "{\"graph_module\": ", ZIP_TORCH);
  zip_add (&zip, "r/archive_format", "pt2", ZIP_TORCH);
  zip_add (&zip, "r/archive_version", "0", ZIP_TORCH);
  zip_finish (&zip, ZIP_WIDE);
  g_autoptr (Pt2Archive) archive = open_built (&zip, &error);
  ck_assert_ptr_nonnull (archive);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  expect_first_fault (tensors, PT2_ERROR_J001);
  ck_assert_int_eq (case_find (tensors, "good")->role, PT2_TENSOR_BUFFER);
}
END_TEST

/* The record of one tensor is damaged: its bytes are refused, the list and the others are not. */
START_TEST (test_damaged_record)
{
  static const char zeros[16];
  GError *error = NULL;
  CaseArchive what = { .weights = CASE_GOOD ", " CASE_ENTRY ("bad", "weight_0", false, PLAIN),
                       .constants = "",
                       .name = "r/data/weights/weight_0",
                       .data = zeros,
                       .len = sizeof zeros };
  g_autoptr (Pt2Archive) sound = case_open (&what, NULL);
  gsize len;
  const guint8 *data = g_bytes_get_data (sound->zip.bytes, &len);
  guint64 at;
  ck_assert (pt2_archive_locate (sound, pt2_archive_find (sound, "data/weights/weight_0"), &at, NULL));
  guint8 *copy = g_memdup2 (data, len);
  copy[at] = 1;
  g_autoptr (GBytes) bytes = g_bytes_new_take (copy, len);
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, NULL, NULL);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  ck_assert (!pt2_tensor_check_record (tensors, case_find (tensors, "bad"), &error));
  expect_error (error, PT2_ERROR_Z017, "CRC");
  ck_assert (pt2_tensor_check_record (tensors, case_find (tensors, "good"), NULL));
  case_expect_good (tensors);
}
END_TEST

/* Expanded tensors may claim far more than there is: hashing and copying are bounded, looking is not. */
START_TEST (test_cost)
{
  static const char zeros[4];
  GError *error = NULL;
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 1 << 20;
  CaseArchive what = { .weights = CASE_GOOD ", " CASE_ENTRY (
                           "large", "weight_0", false, CASE_META (7, CASE_INT (262146), CASE_INT (0), CASE_INT (0))),
                       .constants = "",
                       .name = "r/data/weights/weight_0",
                       .data = zeros,
                       .len = sizeof zeros };
  g_autoptr (Pt2Archive) archive = case_open (&what, &limits);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  ck_assert_ptr_null (case_find (tensors, "large")->fault);
  ck_assert_ptr_null (pt2_tensor_get_bytes (tensors, case_find (tensors, "large"), &error));
  expect_error (g_steal_pointer (&error), PT2_ERROR_L003, "copy");
  ck_assert_ptr_null (pt2_tensors_sha256 (tensors, 1, NULL, NULL, &error));
  expect_error (g_steal_pointer (&error), PT2_ERROR_L003, "hashes");
  ck_assert (!pt2_tensors_check_cost (tensors, NULL, &error));
  expect_error (g_steal_pointer (&error), PT2_ERROR_L003, "cost");
  archive->limits.memory += 4;
  ck_assert (pt2_tensors_check_cost (tensors, NULL, &error));
}
END_TEST

/* Many views of one deflated storage inflate it each time. */
START_TEST (test_cost_of_inflating)
{
  GError *error = NULL;
  guint64 bytes;
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 1 << 20;
  g_autofree char *large = g_malloc0 (1 << 20);
  CaseArchive what
      = { .weights = CASE_GOOD ", " CASE_ENTRY ("a", "weight_0", false, PLAIN) ", " CASE_ENTRY (
              "b", "weight_0", false,
              CASE_META (7, CASE_INT (1), CASE_INT (1), CASE_INT (9))) ", " CASE_ENTRY ("c", "weight_0", false, PLAIN),
          .constants = "",
          .name = "r/data/weights/weight_0",
          .data = large,
          .len = 1 << 20,
          .style = ZIP_DEFLATE };
  g_autoptr (Pt2Archive) archive = case_open (&what, &limits);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  ck_assert (pt2_tensors_check_cost (tensors, &bytes, &error)); /* c is a again */
  ck_assert_uint_eq (bytes, 8 + 8 + 4);
  archive->limits.memory--;
  ck_assert (!pt2_tensors_check_cost (tensors, NULL, &error));
  expect_error (error, PT2_ERROR_L003, "cost");
}
END_TEST

int
main (void)
{
  const TestCase tests[] = {
    { test_entries, G_N_ELEMENTS (cases) },
    { test_halves, 7 },
    { test_constants, 5 },
    { test_pickle_or_not, 2 },
    { test_broken_program, 1 },
    { test_damaged_record, 1 },
    { test_cost, 1 },
    { test_cost_of_inflating, 1 },
  };
  return RUN_SUITE ("tensors_faults", tests);
}
