/* SPDX-License-Identifier: Apache-2.0 */
/* lib/archive, safetensors: what a header must be, what is written, and weights that are put into an archive. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif
#include "pt2-safetensors.h"
#include "suite.h"
#include "tensor_cases.h"
#include "writer_help.h"
#include <fcntl.h>
#include <unistd.h>

#define F32(begin, end) "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" #begin "," #end "]}"

/* A file of that header and PAYLOAD bytes, which count up from 1. */
static GBytes *
make_file (const char *header, gsize payload)
{
  gsize len = strlen (header);
  GByteArray *out = g_byte_array_new ();
  for (guint i = 0; i < 8; i++)
    g_byte_array_append (out, &(guint8){ (guint8)((guint64)len >> (8 * i)) }, 1);
  g_byte_array_append (out, (const guint8 *)header, (guint)len);
  for (gsize i = 0; i < payload; i++)
    g_byte_array_append (out, &(guint8){ (guint8)(i + 1) }, 1);
  return g_byte_array_free_to_bytes (out);
}

static Pt2Safetensors *
open_file (const char *header, gsize payload)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = make_file (header, payload);
  Pt2Safetensors *file = pt2_safetensors_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (file != NULL, "%s: %s", header, error != NULL ? error->message : "");
  return file;
}

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

static Pt2SafetensorsWriter *
writer_for (Pt2Tensors *tensors, Pt2SafetensorsFlags flags)
{
  g_autoptr (GError) error = NULL;
  Pt2SafetensorsWriter *writer = pt2_safetensors_writer_new (tensors, flags, &error);
  ck_assert_msg (writer != NULL, "%s", error != NULL ? error->message : "");
  return writer;
}

static char *
temporary_path (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt2-XXXXXX", NULL);
  ck_assert_ptr_nonnull (folder);
  return g_build_filename (folder, "t.safetensors", NULL);
}

static void
remove_path (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  ck_assert_int_eq (unlink (path), 0);
  ck_assert_int_eq (rmdir (folder), 0);
}

/* What WRITER writes, opened. */
static Pt2Safetensors *
saved (Pt2SafetensorsWriter *writer)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = temporary_path ();
  ck_assert_msg (pt2_safetensors_writer_save (writer, path, PT2_SAVE_NEW, NULL, NULL, &error), "%s",
                 error != NULL ? error->message : "");
  Pt2Safetensors *file = pt2_safetensors_new_from_file (path, NULL, &error);
  ck_assert_msg (file != NULL, "%s", error != NULL ? error->message : "");
  remove_path (path);
  return file;
}

static Pt2Safetensors *
saved_of (Pt2Tensors *tensors, Pt2SafetensorsFlags flags)
{
  g_autoptr (Pt2SafetensorsWriter) writer = writer_for (tensors, flags);
  return saved (writer);
}

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

#define VIEW(name, dtype, sizes, strides, offset)                                                                      \
  CASE_ENTRY (name, "weight_v", false, CASE_META (dtype, sizes, strides, CASE_INT (offset)))
#define TWO CASE_INT (2)
#define ONE CASE_INT (1)

/* Nine floats: the first is alone, then c and b are the same view, and a is another of it. */
static const CaseArchive tied = {
  .constants = "",
  .weights
  = CASE_GOOD "," VIEW ("flat", 7, CASE_INT (9), ONE, 0) "," VIEW ("c", 7, TWO "," TWO, TWO "," ONE, 1) "," VIEW (
      "b", 7, TWO "," TWO, TWO "," ONE, 1) "," VIEW ("a", 7, TWO "," TWO, ONE "," TWO, 1),
  .name = "r/data/weights/weight_v",
  .data = "\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0\6\0\0\0\7\0\0\0\10\0\0\0\11\0\0\0",
  .len = 36,
};

/* Also where the tied ones are not the first of their storage. */
START_TEST (test_ties)
{
  guint n;
  g_autoptr (Pt2Tensors) tensors = case_read (&tied);
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

static void
expect_write_fails (Pt2SafetensorsWriter *writer, int fd, Pt2ProgressFunc progress, Pt2ErrorCode code)
{
  g_autoptr (GError) error = NULL;
  ck_assert_int_ge (fd, 0);
  ck_assert (!pt2_safetensors_writer_write (writer, fd, progress, NULL, &error));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)code), "%s", error->message);
  close (fd);
}

START_TEST (test_write_faults)
{
  g_autoptr (Pt2Tensors) tensors = case_read (&tied);
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

/* ---- weights into an archive ---- */

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
      = with_weights (&tied, "{\"good\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8, NULL);
  expect_record (archive, "data/weights/weight_good", "\1\2\3\4\5\6\7\10", 8);
  expect_record (archive, "data/weights/weight_v", tied.data, tied.len);
}
END_TEST

/* The rest of the storage stays. */
START_TEST (test_strided)
{
  g_autoptr (Pt2Archive) archive = with_weights (&tied, "{\"a\":" MATRIX (0, 16) "}", 16, NULL);
  expect_record (archive, "data/weights/weight_v",
                 "\1\0\0\0\1\2\3\4\11\12\13\14\5\6\7\10\15\16\17\20\6\0\0\0\7\0\0\0\10\0\0\0\11\0\0\0", 36);
}
END_TEST

START_TEST (test_big_endian)
{
  CaseArchive big = tied;
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
  ck_assert_ptr_null (with_weights (&tied, same, 32, &error));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, PT2_ERROR_W026), "%s", error->message);
  /* The bytes count up modulo 256, so they come again after 256. */
  static const char equal[]
      = "{\"b\":" MATRIX (0, 16) ",\"good\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":"
                                 "[16,24]},\"flat\":{\"dtype\":\"F32\",\"shape\":[9],\"data_offsets\":[24,60]}}";
  g_clear_error (&error);
  ck_assert_ptr_null (with_weights (&tied, equal, 60, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_W026));
}
END_TEST

/* What is written under every name goes back under every name. */
START_TEST (test_round_trip)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = case_open (&tied, NULL);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  for (int flags = PT2_SAFETENSORS_PLAIN; flags <= PT2_SAFETENSORS_REPEAT; flags++)
    {
      g_autoptr (Pt2Safetensors) weights = saved_of (tensors, (Pt2SafetensorsFlags)flags);
      g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_AS_IT_IS);
      ck_assert_msg (pt2_archive_writer_take_weights (writer, tensors, weights, NULL, &error), "%s",
                     error != NULL ? error->message : "");
      g_autoptr (Pt2Archive) again = written (writer);
      expect_record (again, "data/weights/weight_v", tied.data, tied.len);
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
      ck_assert_ptr_null (with_weights (&tied, rows[i].header, rows[i].payload, &error));
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
    { test_damaged_record, 1 },
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
  };
  return RUN_SUITE ("safetensors", cases);
}
