/* SPDX-License-Identifier: Apache-2.0 */
/* lib/archive, safetensors: what a header must be, and what is written. */
#include "safetensors_cases.h"
#include "suite.h"
#include <fcntl.h>

static void
expect_refused (GBytes *bytes, Pt2ErrorCode code, const char *has)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Safetensors) file = pt2_safetensors_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (file == NULL, "read, where \"%s\" is wrong", has);
  ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)code), "%s: %s", has, error->message);
  ck_assert_msg (strstr (error->message, has) != NULL, "\"%s\" is not in %s", has, error->message);
}

/* ---- reading ---- */

typedef struct
{
  const char *header;
  gsize payload;
  Pt2ErrorCode code;
  const char *has;
} Refused;

static const Refused refused[] = {
  { "", 0, PT2_ERROR_W019, "begin" },
  { " {}", 0, PT2_ERROR_W019, "begin" },
  { "[]", 0, PT2_ERROR_W019, "begin" },
  { "{", 0, PT2_ERROR_J001, "too early" },
  { "{}}", 0, PT2_ERROR_J008, "end" },
  { "{\"a\xff\":1}", 0, PT2_ERROR_J003, "UTF-8" },
  { "{\"a\":" F32 (0, 4) ",\"a\":" F32 (0, 4) "}", 4, PT2_ERROR_J012, "twice" },
  { "{\"a\":" F32 (0, 4) ",\"\\u0061\":" F32 (4, 8) "}", 8, PT2_ERROR_J012, "twice" },
  { "{\"a\":1}", 0, PT2_ERROR_W019, "not an object" },
  { "{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W019, "a text" },
  { "{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W019, "a text" },
  { "{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W023, "F33" },
  { "{\"a\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W023, "f32" },
  { "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W019, "a list" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W019, "a list" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W019, "from 0 on" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W019, "from 0 on" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W019,
    "from 0" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, PT2_ERROR_W019, "two integers" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, PT2_ERROR_W019, "two integers" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, PT2_ERROR_W019, "two integers" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4, PT2_ERROR_W019, "two integers" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 4, PT2_ERROR_W019, "two integers" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,\"4\"]}}", 4, PT2_ERROR_W019, "two integers" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W021, "64 bits" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,0]}}", 0, PT2_ERROR_W021, "32 bits" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,4]}}", 4, PT2_ERROR_W021, "0 bits" },
  { "{\"a\":{\"dtype\":\"F4\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1, PT2_ERROR_W021, "4 bits" },
  { "{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}", 0, PT2_ERROR_W021, "more" },
  { "{\"a\":" F32 (0, 4) ",\"b\":" F32 (0, 4) "}", 4, PT2_ERROR_W020, "ends at 4" },
  { "{\"a\":" F32 (0, 4) ",\"b\":" F32 (2, 6) "}", 6, PT2_ERROR_W020, "ends at 4" },
  { "{\"a\":" F32 (0, 4) ",\"b\":" F32 (8, 12) "}", 12, PT2_ERROR_W020, "begins at 8" },
  { "{\"a\":" F32 (4, 8) "}", 8, PT2_ERROR_W020, "begins at 4" },
  { "{\"a\":" F32 (0, 4) "}", 3, PT2_ERROR_W020, "3 bytes" },
  { "{\"a\":" F32 (0, 4) "}", 5, PT2_ERROR_W020, "5 bytes" },
  { "{}", 1, PT2_ERROR_W020, "1 bytes" },
  { "{\"a\":" F32 (0, 4) ",\"b\":{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[2,2]}}", 4, PT2_ERROR_W020, "at 2" },
  { "{\"__metadata__\":null}", 0, PT2_ERROR_W022, "an object" },
  { "{\"__metadata__\":{\"a\":1}}", 0, PT2_ERROR_W022, "not a text" },
  { "{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, PT2_ERROR_J012, "twice" },
};

START_TEST (test_refused)
{
  const Refused *row = &refused[_i];
  g_autoptr (GBytes) bytes = make_file (row->header, row->payload);
  expect_refused (bytes, row->code, row->has);
}
END_TEST

START_TEST (test_size_of_the_header)
{
  static const guint8 wholes[][16] = {
    { 2, 0, 0, 0, 0, 0, 0 },                                                        /* 7 bytes */
    { 3, 0, 0, 0, 0, 0, 0, 0, '{', '}' },                                           /* 10 */
    { 255, 255, 255, 255, 255, 255, 255, 255, '{', '}' },                           /* 10 */
    { 0x01, 0xe1, 0xf5, 0x05, 0, 0, 0, 0, '{', '}', ' ', ' ', ' ', ' ', ' ', ' ' }, /* 100,000,001 */
  };
  static const gsize sizes[] = { 7, 10, 10, 16 };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (wholes[i], sizes[i]);
      expect_refused (bytes, PT2_ERROR_W017, "size");
    }
  /* One that is really there. */
  gsize len = 100000001 + 8;
  char *large = g_malloc (len);
  memset (large, ' ', len);
  memcpy (large, wholes[3], 10);
  g_autoptr (GBytes) bytes = g_bytes_new_take (large, len);
  expect_refused (bytes, PT2_ERROR_W017, "the format allows 100000000");
}
END_TEST

START_TEST (test_memory)
{
  Pt2Limits limits = *pt2_limits_default ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = make_file ("{\"a\":" F32 (0, 4) "}", 4);
  limits.memory = 64;
  ck_assert_ptr_null (pt2_safetensors_new_from_bytes (bytes, &limits, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_L003));
}
END_TEST

typedef struct
{
  const char *header;
  gsize payload;
  guint n;
} Accepted;

static const Accepted accepted[] = {
  { "{}", 0, 0 },
  { "{ } \n", 0, 0 },
  { "{\"__metadata__\":{}}", 0, 0 },
  { "{\"\":" F32 (0, 4) "}", 4, 1 },
  { "{\"b\":" F32 (4, 8) ",\"a\":" F32 (0, 4) "}    ", 8, 2 },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4],\"more\":1}}", 4, 1 },
  { "{\"a\":" F32 (0, 4) ",\"b\":{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[4,4]}}", 4, 2 },
  { "{\"a\":" F32 (0, 4) ",\"b\":{\"dtype\":\"I8\",\"shape\":[9,0],\"data_offsets\":[0,0]}}", 4, 2 },
  { "{\"a\":{\"dtype\":\"F4\",\"shape\":[3,2],\"data_offsets\":[0,3]}}", 3, 1 },
  { "{\"a\":{\"dtype\":\"F6_E2M3\",\"shape\":[4],\"data_offsets\":[0,3]}}", 3, 1 },
  { "{\"a\":{\"dtype\":\"U64\",\"shape\":[9223372036854775807,9,0],\"data_offsets\":[0,0]}}", 0, 1 },
};

START_TEST (test_accepted)
{
  const Accepted *row = &accepted[_i];
  guint n;
  g_autoptr (Pt2Safetensors) file = open_file (row->header, row->payload);
  const Pt2SafetensorsItem *items = pt2_safetensors_get (file, &n);
  ck_assert_uint_eq (n, row->n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) bytes = pt2_safetensors_get_bytes (file, &items[i]);
      ck_assert_uint_eq (g_bytes_get_size (bytes), items[i].nbytes);
    }
}
END_TEST

static void
append_pair (Pt2String key, Pt2String value, gpointer data)
{
  g_string_append_printf (data, "%.*s=%.*s;", (int)key.len, key.data, (int)value.len, value.data);
}

START_TEST (test_items)
{
  guint n;
  g_autoptr (GString) pairs = g_string_new (NULL);
  g_autoptr (Pt2Safetensors) file
      = open_file ("{\"__metadata__\":{\"format\":\"pt\",\"k\\u00e9\":\"\"},\"w\":{\"dtype\":\"BF16\",\"shape\":[2,1],"
                   "\"data_offsets\":[4,8]},\"f\":{\"dtype\":\"F4\",\"shape\":[8],\"data_offsets\":[0,4]}}  ",
                   8);
  const Pt2SafetensorsItem *items = pt2_safetensors_get (file, &n), *w = pt2_safetensors_find (file, "w");
  ck_assert_uint_eq (n, 2);
  ck_assert_ptr_eq (w, &items[0]);
  ck_assert_ptr_null (pt2_safetensors_find (file, "__metadata__"));
  ck_assert_str_eq (w->type, "BF16");
  ck_assert_str_eq (w->dtype, "bfloat16");
  ck_assert (w->n_dims == 2 && w->shape[0] == 2 && w->shape[1] == 1 && w->nbytes == 4);
  ck_assert_ptr_null (items[1].dtype);
  g_autoptr (GBytes) bytes = pt2_safetensors_get_bytes (file, w);
  ck_assert_mem_eq (g_bytes_get_data (bytes, NULL), "\5\6\7\10", 4);
  pt2_safetensors_foreach_metadata (file, append_pair, pairs);
  ck_assert_str_eq (pairs->str, "format=pt;k\xc3\xa9=;");
  g_autoptr (Pt2Safetensors) again = pt2_safetensors_ref (file);
  ck_assert_ptr_eq (again, file);
}
END_TEST

/* ---- writing ---- */

static void
expect_same_elements (Pt2Tensors *tensors, const Pt2Tensor *tensor, Pt2Safetensors *file)
{
  g_autofree char *name = g_strndup (tensor->fqn.data, tensor->fqn.len);
  const Pt2SafetensorsItem *item = pt2_safetensors_find (file, name);
  ck_assert_msg (item != NULL, "%s is missing", name);
  ck_assert_str_eq (item->dtype, tensor->dtype);
  ck_assert_uint_eq (item->n_dims, tensor->n_dims);
  for (guint i = 0; i < item->n_dims; i++)
    ck_assert_int_eq (item->shape[i], tensor->shape[i]);
  g_autoptr (GBytes) left = pt2_safetensors_get_bytes (file, item), right = case_bytes (tensors, tensor);
  ck_assert_msg (g_bytes_equal (left, right), "%s has other elements", name);
}

typedef struct
{
  guint written, tied, left_out;
} Tally;

static void
check_corpus_file (const char *path, Tally *tally)
{
  guint n, n_items;
  g_autoptr (Pt2Archive) archive = open_corpus (path);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  g_autoptr (Pt2SafetensorsWriter) writer = writer_for (tensors, PT2_SAFETENSORS_PLAIN);
  const Pt2SafetensorsFate *fates = pt2_safetensors_writer_get_fates (writer);
  g_autoptr (Pt2Safetensors) file = saved (writer), repeated = saved_of (tensors, PT2_SAFETENSORS_REPEAT);
  guint written = 0, tied = 0;
  for (guint i = 0; i < n; i++)
    {
      ck_assert_msg ((fates[i].kept_as == NULL) == (fates[i].error != NULL), "%s: left out without a word", path);
      if (fates[i].kept_as == NULL)
        continue;
      expect_same_elements (tensors, fates[i].kept_as, file);
      expect_same_elements (tensors, &items[i], repeated);
      tied += fates[i].kept_as != &items[i];
      written++;
    }
  pt2_safetensors_get (file, &n_items);
  ck_assert_uint_eq (n_items, written - tied);
  pt2_safetensors_get (repeated, &n_items);
  ck_assert_uint_eq (n_items, written);
  tally->written += written;
  tally->tied += tied;
  tally->left_out += n - written;
}

START_TEST (test_corpus)
{
  static const char *const paths[] = { "torch-2.15.0/mlp.pt2",
                                       "torch-2.15.0/tied_views.pt2",
                                       "torch-2.15.0/dtype_zoo.pt2",
                                       "torch-2.15.0/constants.pt2",
                                       "torch-2.15.0/subclass_weight.pt2",
                                       "torch-2.8.0/dtype_zoo_small.pt2",
                                       "torch-2.8.0/tied_views.pt2",
                                       "torch-2.6.0/tied_views.pt2",
                                       "torch-2.1.2/tied_views.pt2",
                                       "torch-2.1.2/quantized.pt2",
                                       "torch-2.6.0/mlp.pt2" };
  Tally tally = { 0, 0, 0 };
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    check_corpus_file (paths[i], &tally);
  ck_assert_uint_ge (tally.written, 70);
  ck_assert_uint_ge (tally.tied, 4);
  ck_assert_uint_ge (tally.left_out, 4);
}
END_TEST

/* Also where the tied ones are not the first of their storage. */
START_TEST (test_ties)
{
  guint n;
  g_autoptr (Pt2Tensors) tensors = case_read (&tied_case);
  g_autoptr (Pt2SafetensorsWriter) writer = writer_for (tensors, PT2_SAFETENSORS_PLAIN);
  g_autoptr (GString) pairs = g_string_new (NULL), names = g_string_new (NULL);
  pt2_safetensors_writer_set_metadata (writer, "about", "x");
  pt2_safetensors_writer_set_metadata (writer, "about", "\"y\"");
  g_autoptr (Pt2Safetensors) file = saved (writer);
  pt2_safetensors_foreach_metadata (file, append_pair, pairs);
  ck_assert_str_eq (pairs->str, "about=\"y\";format=pt;c=b;");
  const Pt2SafetensorsItem *items = pt2_safetensors_get (file, &n);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (names, "%.*s ", (int)items[i].name.len, items[i].name.data);
  ck_assert_str_eq (names->str, "a b flat good ");
  g_autoptr (GBytes) a = pt2_safetensors_get_bytes (file, &items[0]);
  ck_assert_mem_eq (g_bytes_get_data (a, NULL), "\2\0\0\0\4\0\0\0\3\0\0\0\5\0\0\0", 16);
  ck_assert_uint_eq (items[0].offset % 8, 0);
  /* A key of the caller's own goes before the name. */
  pt2_safetensors_writer_set_metadata (writer, "c", "mine");
  g_autoptr (Pt2Safetensors) own = saved (writer);
  g_string_truncate (pairs, 0);
  pt2_safetensors_foreach_metadata (own, append_pair, pairs);
  ck_assert_str_eq (pairs->str, "about=\"y\";c=mine;format=pt;");
}
END_TEST

/* The widest first: so does the library, and so all are aligned. */
START_TEST (test_order)
{
  static const CaseArchive what = {
    .weights = CASE_ENTRY ("x", "weight_v", false, CASE_META (1, CASE_INT (3), ONE, CASE_INT (0))) "," CASE_ENTRY (
        "a", "weight_good", false, CASE_META (7, TWO, ONE, CASE_INT (0))),
    .constants = "",
    .name = "r/data/weights/weight_v",
    .data = "abc",
    .len = 3,
  };
  guint n;
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  g_autoptr (Pt2Safetensors) file = saved_of (tensors, PT2_SAFETENSORS_PLAIN);
  const Pt2SafetensorsItem *items = pt2_safetensors_get (file, &n);
  ck_assert_uint_eq (n, 2);
  ck_assert_str_eq (items[0].type, "F32");
  ck_assert_str_eq (items[1].type, "U8");
}
END_TEST

static void
expect_left_out (const CaseArchive *what, const char *name, Pt2ErrorCode code)
{
  guint n, n_items;
  g_autoptr (Pt2Tensors) tensors = case_read (what);
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  g_autoptr (Pt2SafetensorsWriter) writer = writer_for (tensors, PT2_SAFETENSORS_PLAIN);
  const Pt2SafetensorsFate *fate = &pt2_safetensors_writer_get_fates (writer)[case_find (tensors, name) - items];
  ck_assert_ptr_null (fate->kept_as);
  ck_assert_msg (g_error_matches (fate->error, PT2_ERROR, (int)code), "%s", fate->error->message);
  g_autoptr (Pt2Safetensors) file = saved (writer);
  pt2_safetensors_get (file, &n_items);
  ck_assert_uint_eq (n_items, n - 1);
}

START_TEST (test_left_out)
{
  CaseArchive what = { .constants = "", .name = "r/data/weights/weight_v", .data = "0123456789abcdef", .len = 16 };
  what.weights = CASE_GOOD "," VIEW ("v", 11, ONE, ONE, 0);
  expect_left_out (&what, "v", PT2_ERROR_W023); /* complex128 */
  what.weights = CASE_GOOD "," VIEW ("__metadata__", 7, TWO, ONE, 0);
  expect_left_out (&what, "__metadata__", PT2_ERROR_W024);
  what.weights = CASE_GOOD "," VIEW ("a\\ud800", 7, TWO, ONE, 0);
  expect_left_out (&what, "a\xed\xa0\x80", PT2_ERROR_W024);
  what.len = 0;
  what.weights = CASE_GOOD "," VIEW ("v", 7, TWO, ONE, 0);
  expect_left_out (&what, "v", PT2_ERROR_W012);
}
END_TEST

START_TEST (test_not_written)
{
  static const CaseArchive beyond = {
    .weights = CASE_GOOD "," VIEW ("v", 7, CASE_INT (5), ONE, 0),
    .constants = "",
    .name = "r/data/weights/weight_v",
    .data = "0123456789abcdef",
    .len = 16,
  };
  static const CaseArchive twice = {
    .weights = CASE_GOOD,
    .constants = CASE_ENTRY ("good", "tensor_0", false, CASE_META (7, ONE, ONE, CASE_INT (0))),
    .name = "r/data/constants/tensor_0",
    .data = "0123",
    .len = 4,
  };
  static const CaseArchive no_list = { .constants = "" };
  static const struct
  {
    const CaseArchive *what;
    Pt2ErrorCode code;
  } rows[] = {
    { &beyond, PT2_ERROR_W004 },
    { &twice, PT2_ERROR_W010 },
    { &no_list, PT2_ERROR_W008 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Tensors) tensors = case_read (rows[i].what);
      ck_assert_ptr_null (pt2_safetensors_writer_new (tensors, PT2_SAFETENSORS_PLAIN, &error));
      ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)rows[i].code), "%u: %s", i, error->message);
    }
}
END_TEST

static gboolean
stop (guint64 done, guint64 total, gpointer data)
{
  return FALSE;
}

START_TEST (test_write_faults)
{
  g_autoptr (Pt2Tensors) tensors = case_read (&tied_case);
  g_autoptr (Pt2SafetensorsWriter) writer = writer_for (tensors, PT2_SAFETENSORS_PLAIN);
  expect_write_fails (writer, open ("/dev/null", O_WRONLY), stop, PT2_ERROR_F006);
  expect_write_fails (writer, open ("/dev/full", O_WRONLY), NULL, PT2_ERROR_F002);
  expect_write_fails (writer, open ("/dev/null", O_RDONLY), NULL, PT2_ERROR_F002);
  gsize len = 100000000;
  g_autofree char *large = g_malloc (len + 1);
  memset (large, 'x', len);
  large[len] = '\0';
  pt2_safetensors_writer_set_metadata (writer, "large", large);
  expect_write_fails (writer, open ("/dev/null", O_WRONLY), NULL, PT2_ERROR_W018);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { test_refused, G_N_ELEMENTS (refused) },
    { test_size_of_the_header, 1 },
    { test_memory, 1 },
    { test_accepted, G_N_ELEMENTS (accepted) },
    { test_items, 1 },
    { test_corpus, 1 },
    { test_ties, 1 },
    { test_order, 1 },
    { test_left_out, 1 },
    { test_not_written, 1 },
    { test_write_faults, 1 },
  };
  return RUN_SUITE ("safetensors", cases);
}
