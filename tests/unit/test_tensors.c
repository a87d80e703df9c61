/* SPDX-License-Identifier: Apache-2.0 */
/* lib/archive, tensors: what is listed, views and copies of any stride, sharing, hashes, NumPy headers. */
#include "schema.h"
#include "suite.h"
#include "tensor_cases.h"

/* ---- views ---- */

enum
{
  MOST_DIMS = 5,
  ELEMENTS = 600, /* in the storage */
};

typedef struct
{
  guint n;
  gint64 size[MOST_DIMS], stride[MOST_DIMS], offset;
} Shape;

static Shape
random_shape (GRand *random)
{
  Shape shape = { .n = (guint)g_rand_int_range (random, 0, MOST_DIMS + 1) };
  gint64 last;
  do
    {
      shape.offset = last = g_rand_int_range (random, 0, 40);
      for (guint i = 0; i < shape.n; i++)
        {
          shape.size[i] = g_rand_int_range (random, g_rand_int_range (random, 0, 8) == 0 ? 0 : 1, 6);
          shape.stride[i] = g_rand_int_range (random, 0, 30);
          last += (shape.size[i] - 1) * shape.stride[i];
        }
      if (g_rand_boolean (random)) /* row-major, perhaps with two dimensions exchanged or one repeated */
        for (gint64 i = shape.n, step = 1; i-- > 0; step *= MAX (1, shape.size[i]))
          shape.stride[i] = step;
      last = shape.offset;
      for (guint i = 0; i < shape.n; i++)
        last += (shape.size[i] - 1) * shape.stride[i];
    }
  while (last >= ELEMENTS);
  return shape;
}

static char *
numbers (const gint64 *values, guint n)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s{\"as_int\": %" G_GINT64_FORMAT "}", i > 0 ? ", " : "", values[i]);
  return g_string_free (text, FALSE);
}

static char *
entry_of (const Shape *shape, int dtype)
{
  g_autofree char *sizes = numbers (shape->size, shape->n), *strides = numbers (shape->stride, shape->n);
  return g_strdup_printf ("\"t\": {\"path_name\": \"weight_0\", \"is_param\": true, \"use_pickle\": false, "
                          "\"tensor_meta\": {\"dtype\": %d, \"sizes\": [%s], \"requires_grad\": true, \"device\": "
                          "{\"type\": \"cuda\", \"index\": 1}, \"strides\": [%s], \"storage_offset\": {\"as_int\": "
                          "%" G_GINT64_FORMAT "}, \"layout\": 7}}",
                          dtype, sizes, strides, shape->offset);
}

/* The elements one by one, as the definition says. */
static void
gather (const Shape *shape, guint dim, gint64 at, const char *storage, guint element, GByteArray *out)
{
  if (dim == shape->n)
    {
      g_byte_array_append (out, (const guint8 *)storage + (gsize)at * element, element);
      return;
    }
  for (gint64 i = 0; i < shape->size[dim]; i++)
    gather (shape, dim + 1, at + i * shape->stride[dim], storage, element, out);
}

static gboolean
append_piece (gconstpointer piece, gsize len, gpointer data)
{
  g_byte_array_append (data, piece, (guint)len);
  return TRUE;
}

static void
expect_elements (Pt2Tensors *tensors, const Pt2Tensor *tensor, const GByteArray *want)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = case_bytes (tensors, tensor);
  ck_assert_uint_eq (tensor->nbytes, want->len);
  if (want->len > 0)
    ck_assert_mem_eq (g_bytes_get_data (bytes, NULL), want->data, want->len);
  g_autoptr (GByteArray) pieces = g_byte_array_new ();
  ck_assert (pt2_tensor_foreach_piece (tensors, tensor, append_piece, pieces, &error));
  ck_assert_uint_eq (pieces->len, want->len);
  if (want->len > 0)
    ck_assert_mem_eq (pieces->data, want->data, want->len);
  g_autoptr (GBytes) view = pt2_tensor_get_view (tensors, tensor, &error);
  ck_assert_int_eq (view != NULL, pt2_tensor_is_contiguous (tensors, tensor));
  if (view != NULL)
    ck_assert (g_bytes_equal (view, bytes));
  else
    ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_W013));
}

static void
expect_hash (Pt2Tensors *tensors, const Pt2Tensor *tensor, const GByteArray *want)
{
  guint8 digest[PT2_SHA256_BYTES], found[PT2_SHA256_BYTES];
  gsize len = sizeof digest;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (checksum, want->data, want->len);
  g_checksum_get_digest (checksum, digest, &len);
  ck_assert (pt2_tensor_sha256 (tensors, tensor, found, NULL));
  ck_assert_mem_eq (digest, found, sizeof digest);
}

/* Schema number, bytes and swapped unit of types of every width. */
static const struct
{
  int dtype;
  guint bytes, unit;
} widths[] = { { 1, 1, 1 }, { 6, 2, 2 }, { 7, 4, 4 }, { 9, 4, 2 }, { 8, 8, 8 }, { 10, 8, 4 }, { 11, 16, 8 } };

START_TEST (test_strides)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32)_i);
  char storage[ELEMENTS * 16];
  for (gsize i = 0; i < sizeof storage; i++)
    storage[i] = (char)g_rand_int (random);
  for (guint turn = 0; turn < 60; turn++)
    {
      Shape shape = random_shape (random);
      guint width = turn % G_N_ELEMENTS (widths), element = widths[width].bytes, unit = widths[width].unit;
      g_autofree char *entry = entry_of (&shape, widths[width].dtype);
      CaseArchive what = { .weights = entry,
                           .constants = "",
                           .name = "r/data/weights/weight_0",
                           .data = storage,
                           .len = ELEMENTS * element,
                           .byteorder = turn % 2 == 1 ? "big" : "little",
                           .style = turn % 5 == 0 ? ZIP_DEFLATE : 0 };
      g_autoptr (Pt2Tensors) tensors = case_read (&what);
      const Pt2Tensor *tensor = case_find (tensors, "t");
      ck_assert_msg (tensor->fault == NULL, "%s: %s", entry, tensor->fault != NULL ? tensor->fault->message : "");
      g_autoptr (GByteArray) want = g_byte_array_new ();
      gather (&shape, 0, shape.offset, storage, element, want);
      for (guint i = 0; turn % 2 == 1 && i < want->len; i += unit)
        for (guint k = 0; k < unit / 2; k++)
          {
            guint8 byte = want->data[i + k];
            want->data[i + k] = want->data[i + unit - 1 - k];
            want->data[i + unit - 1 - k] = byte;
          }
      expect_elements (tensors, tensor, want);
      expect_hash (tensors, tensor, want);
    }
}
END_TEST

/* Larger than the pieces that copies are made in. */
START_TEST (test_long_copy)
{
  enum
  {
    SIDE = 301,
  };
  g_autofree gint32 *storage = g_new (gint32, SIDE * SIDE);
  for (gint32 i = 0; i < SIDE * SIDE; i++)
    storage[i] = i * 7;
  Shape shape = { 2, { SIDE, SIDE }, { 1, SIDE }, 0 };
  g_autofree char *entry = entry_of (&shape, 4);
  CaseArchive what = { .weights = entry,
                       .constants = "",
                       .name = "r/data/weights/weight_0",
                       .data = storage,
                       .len = sizeof *storage * SIDE * SIDE };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  g_autoptr (GByteArray) want = g_byte_array_new ();
  gather (&shape, 0, 0, (const char *)storage, 4, want);
  expect_elements (tensors, case_find (tensors, "t"), want);
  expect_hash (tensors, case_find (tensors, "t"), want);
}
END_TEST

static gboolean
stop_piece (gconstpointer piece, gsize len, gpointer data)
{
  return FALSE;
}

START_TEST (test_facts_of_a_tensor)
{
  static const char zeros[400];
  g_autoptr (GError) error = NULL;
  Shape shape = { 3, { 2, 1, 3 }, { 3, 7, 1 }, 4 };
  g_autofree char *entry = entry_of (&shape, 13);
  CaseArchive what
      = { .weights = entry, .constants = "", .name = "r/data/weights/weight_0", .data = zeros, .len = sizeof zeros };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  const Pt2Tensor *tensor = case_find (tensors, "t");
  ck_assert_int_eq (tensor->role, PT2_TENSOR_PARAMETER);
  ck_assert_int_eq (tensor->form, PT2_TENSOR_STRIDED);
  ck_assert_str_eq (tensor->dtype, "bfloat16");
  ck_assert_str_eq (tensor->device, "cuda:1");
  ck_assert_str_eq (tensor->layout, "strided");
  ck_assert_str_eq (tensor->record, "data/weights/weight_0");
  ck_assert (tensor->requires_grad && tensor->persistent && !tensor->pickled);
  ck_assert_uint_eq (tensor->n_dims, 3);
  ck_assert_mem_eq (tensor->shape, shape.size, 3 * sizeof *shape.size);
  ck_assert_mem_eq (tensor->stride, shape.stride, 3 * sizeof *shape.stride);
  ck_assert_int_eq (tensor->storage_offset, 4);
  ck_assert_uint_eq (tensor->numel, 6);
  ck_assert_uint_eq (tensor->nbytes, 12);
  ck_assert_uint_eq (tensor->storage_bytes, sizeof zeros);
  ck_assert (pt2_tensor_is_contiguous (tensors, tensor)); /* the stride of a size of 1 does not matter */
  g_autoptr (GBytes) storage = pt2_tensor_get_storage (tensors, tensor, NULL);
  ck_assert_uint_eq (g_bytes_get_size (storage), sizeof zeros);
  ck_assert (!pt2_tensor_foreach_piece (tensors, tensor, stop_piece, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_F006));
  ck_assert_ptr_null (pt2_tensors_find (tensors, "T"));
}
END_TEST

/* ---- sharing ---- */

START_TEST (test_sharing)
{
  static const char zeros[16];
  guint n;
#define OVER(name, offset)                                                                                             \
  CASE_ENTRY (name, "weight_0", false, CASE_META (7, CASE_INT (2), CASE_INT (1), CASE_INT (offset)))
  CaseArchive what = { .weights = CASE_GOOD ", " OVER ("a", 0) ", " OVER ("b", 1) ", " OVER ("c", 0),
                       .constants = "",
                       .name = "r/data/weights/weight_0",
                       .data = zeros,
                       .len = sizeof zeros };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  ck_assert_uint_eq (n, 4);
  const guint *sharing = pt2_tensors_get_sharing (tensors, case_find (tensors, "b"), &n);
  ck_assert_uint_eq (n, 3);
  for (guint i = 0; i < n; i++)
    ck_assert_uint_eq (sharing[i], i + 1);
  ck_assert_ptr_eq (pt2_tensors_get_first_alike (tensors, &items[3]), &items[1]);
  ck_assert_ptr_eq (pt2_tensors_get_first_alike (tensors, &items[2]), &items[2]);
  pt2_tensors_get_sharing (tensors, &items[0], &n);
  ck_assert_uint_eq (n, 1);
}
END_TEST

/* Fake and empty tensors have one record without bytes, and share nothing. */
START_TEST (test_no_bytes)
{
  GError *error = NULL;
  guint n;
  CaseArchive what
      = { .weights = CASE_GOOD ", " CASE_ENTRY (
              "empty", "weight_0", false,
              CASE_META (7, CASE_INT (0) ", " CASE_INT (9223372036854775807), CASE_INT (5) ", " CASE_INT (1),
                         CASE_INT (3))) ", " CASE_ENTRY ("fake", "weight_0", false,
                                                         CASE_META (7, CASE_INT (9), CASE_INT (1), CASE_INT (0))),
          .constants = "",
          .name = "r/data/weights/weight_0",
          .data = "",
          .len = 0 };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  const Pt2Tensor *empty = case_find (tensors, "empty"), *fake = case_find (tensors, "fake");
  ck_assert (empty->fault == NULL && empty->form == PT2_TENSOR_STRIDED && empty->nbytes == 0);
  g_autoptr (GByteArray) nothing = g_byte_array_new ();
  expect_elements (tensors, empty, nothing);
  ck_assert (fake->fault == NULL && fake->form == PT2_TENSOR_ABSENT && fake->nbytes == 36);
  ck_assert_ptr_null (pt2_tensor_get_bytes (tensors, fake, &error));
  expect_error (error, PT2_ERROR_W012, "fake");
  pt2_tensors_get_sharing (tensors, fake, &n);
  ck_assert_uint_eq (n, 0);
}
END_TEST

/* ---- what is no plain tensor ---- */

START_TEST (test_sparse)
{
  static const char zeros[16];
  GError *error = NULL;
  g_autofree char *entry
      = g_strdup (CASE_ENTRY ("s", "weight_0", false, CASE_META (7, CASE_INT (2), CASE_INT (1), CASE_INT (0))));
  char *layout = strstr (entry, "\"layout\": 7");
  layout[strlen ("\"layout\": ")] = '1';
  CaseArchive what
      = { .weights = entry, .constants = "", .name = "r/data/weights/weight_0", .data = zeros, .len = sizeof zeros };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  const Pt2Tensor *tensor = case_find (tensors, "s");
  ck_assert (tensor->fault == NULL && tensor->form == PT2_TENSOR_SPARSE);
  ck_assert_str_eq (tensor->layout, "sparse_coo");
  ck_assert_ptr_null (pt2_tensor_get_bytes (tensors, tensor, &error));
  expect_error (error, PT2_ERROR_W013, "sparse");
}
END_TEST

START_TEST (test_subclass)
{
  static const char *const files[]
      = { "torch-2.15.0/subclass_weight.pt2", "torch-2.8.0/subclass_weight.pt2", "torch-2.7.1/subclass_weight.pt2" };
  GError *error = NULL;
  g_autoptr (Pt2Archive) archive = open_corpus (files[_i]);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  const Pt2Tensor *weight = case_find (tensors, "weight"), *bias = case_find (tensors, "bias");
  ck_assert (weight->fault == NULL && weight->form == PT2_TENSOR_SUBCLASS && weight->pickled);
  ck_assert (g_str_has_suffix (weight->class_name, "TwoTensor"));
  ck_assert_ptr_null (pt2_tensor_get_bytes (tensors, weight, &error));
  expect_error (error, PT2_ERROR_W013, "subclass");
  ck_assert (bias->fault == NULL && bias->form == PT2_TENSOR_STRIDED);
  g_autoptr (GBytes) bytes = case_bytes (tensors, bias);
}
END_TEST

START_TEST (test_objects)
{
  static const char pickle[] = "\x80\x02"
                               "cmy.module\nThing\nq\x00)Rq\x01.";
  CaseArchive what = { .weights = CASE_GOOD,
                       .constants = CASE_ENTRY ("thing", "opaque_obj_0", true, "null"),
                       .name = "r/data/constants/opaque_obj_0",
                       .data = pickle,
                       .len = sizeof pickle - 1 };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  const Pt2Tensor *thing = case_find (tensors, "thing");
  ck_assert_ptr_null (thing->fault);
  ck_assert (thing->form == PT2_TENSOR_OBJECT && thing->role == PT2_TENSOR_CUSTOM_OBJECT && !thing->persistent);
  ck_assert_str_eq (thing->class_name, "my.module.Thing");
  ck_assert (thing->shape == NULL && thing->dtype == NULL);
}
END_TEST

/* ---- layouts ---- */

/* The same program out of every layout has the same tensors. */
START_TEST (test_layouts)
{
  static const char *const files[] = { "torch-2.15.0/mlp.pt2", "torch-2.8.0/mlp.pt2", "torch-2.5.1/mlp.pt2" };
  static const char *const names[] = { "a.weight", "a.bias", "b.weight", "b.bias" };
  g_autoptr (Pt2Archive) archive = open_corpus (files[_i]), newest = open_corpus (files[0]);
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive), same = case_tensors (newest);
  ck_assert_ptr_null (pt2_tensors_get_faults (tensors)[0]);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const Pt2Tensor *tensor = case_find (tensors, names[i]), *other = case_find (same, names[i]);
      g_autoptr (GBytes) bytes = case_bytes (tensors, tensor), want = case_bytes (same, other);
      ck_assert_msg (g_bytes_equal (bytes, want), "%s: %s", files[_i], names[i]);
      ck_assert (tensor->role == PT2_TENSOR_PARAMETER && tensor->requires_grad && tensor->persistent);
      ck_assert (pt2_tensor_check_record (tensors, tensor, NULL));
    }
}
END_TEST

START_TEST (test_roles)
{
  static const char *const files[] = { "torch-2.15.0/tied_views.pt2", "torch-2.8.0/tied_views.pt2" };
  guint n;
  g_autoptr (Pt2Archive) archive = open_corpus (files[_i]);
  g_autoptr (Pt2Program) program
      = pt2_archive_load_program (archive, pt2_archive_choose_model (archive, NULL, NULL), NULL);
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (archive, NULL, program, NULL);
  const Pt2Tensor *hidden = case_find (tensors, "np"), *view = case_find (tensors, "view");
  ck_assert (hidden->role == PT2_TENSOR_BUFFER && !hidden->persistent);
  ck_assert (view->role == PT2_TENSOR_BUFFER && view->persistent);
  pt2_tensors_get_sharing (tensors, view, &n);
  ck_assert_uint_eq (n, 2);
  const Pt2Tensor *tied = case_find (tensors, "out.weight");
  ck_assert_ptr_eq (pt2_tensors_get_first_alike (tensors, tied), case_find (tensors, "emb.weight"));
}
END_TEST

START_TEST (test_sample_inputs)
{
  static const char *const files[] = { "torch-2.15.0/mlp.pt2", "torch-2.8.0/mlp.pt2", "torch-2.5.1/mlp.pt2" };
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = open_corpus (files[_i]);
  g_autoptr (Pt2Pickle) pickle = pt2_archive_read_sample_inputs (archive, NULL, &error);
  ck_assert_msg (pickle != NULL, "%s", error != NULL ? error->message : "none");
  const Pt2PickleValue *value = pt2_pickle_get_value (pickle);
  ck_assert (value->kind == PT2_PICKLE_TUPLE && value->items.n == 2);
  ck_assert_int_eq (value->items.at[0]->items.at[0]->kind, PT2_PICKLE_TENSOR);
}
END_TEST

START_TEST (test_no_sample_inputs)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = open_corpus ("torch-2.15.0/no_sample_inputs.pt2");
  ck_assert_ptr_null (pt2_archive_read_sample_inputs (archive, NULL, &error));
  ck_assert_ptr_null (error);
}
END_TEST

static gboolean
append_name (const Pt2Record *record, gpointer data)
{
  g_string_append_printf (data, "%s ", record->name);
  return TRUE;
}

START_TEST (test_pickles)
{
  static const char *const cases[][2] = {
    { "torch-2.15.0/subclass_weight.pt2", "data/weights/weight_0 data/sample_inputs/model.pt " },
    { "torch-2.15.0/no_sample_inputs.pt2", "" },
    { "torch-2.8.0/mlp.pt2", "data/weights/model.pt data/constants/model.pt data/sample_inputs/model.pt " },
    { "torch-save/burn-int8.pt", "data.pkl " },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = open_corpus (cases[_i][0]);
  g_autoptr (GString) names = g_string_new (NULL);
  ck_assert (pt2_archive_foreach_pickle (archive, append_name, names, &error));
  ck_assert_str_eq (names->str, cases[_i][1]);
}
END_TEST

/* ---- hashes ---- */

START_TEST (test_all_hashes)
{
  guint n;
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = open_corpus ("torch-2.15.0/tied_views.pt2");
  g_autoptr (Pt2Tensors) tensors = case_tensors (archive);
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  Pt2TensorHash *hashes = pt2_tensors_sha256 (tensors, (guint)_i, NULL, NULL, &error);
  ck_assert_ptr_nonnull (hashes);
  for (guint i = 0; i < n; i++)
    {
      guint8 digest[PT2_SHA256_BYTES];
      ck_assert (hashes[i].known && hashes[i].error == NULL);
      ck_assert (pt2_tensor_sha256 (tensors, &items[i], digest, NULL));
      ck_assert_mem_eq (hashes[i].digest, digest, sizeof digest);
    }
  pt2_tensor_hashes_free (tensors, hashes);
}
END_TEST

/* ---- NumPy ---- */

START_TEST (test_npy)
{
  static const struct
  {
    int dtype;
    Shape shape;
    const char *dict;
    gboolean note;
  } headers[] = {
    { 7, { 2, { 3, 4 }, { 4, 1 }, 0 }, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }", FALSE },
    { 12, { 1, { 5 }, { 1 }, 0 }, "{'descr': '|b1', 'fortran_order': False, 'shape': (5,), }", FALSE },
    { 8, { 0 }, "{'descr': '<f8', 'fortran_order': False, 'shape': (), }", FALSE },
    { 13, { 1, { 5 }, { 1 }, 0 }, "{'descr': '<u2', 'fortran_order': False, 'shape': (5,), }", TRUE },
    { 29, { 1, { 5 }, { 1 }, 0 }, "{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }", TRUE },
    { 9, { 1, { 5 }, { 1 }, 0 }, "{'descr': '<f2', 'fortran_order': False, 'shape': (5, 2), }", TRUE },
    { 9, { 0 }, "{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }", TRUE },
  };
  static const char zeros[512];
  const char *note;
  gsize len;
  g_autofree char *entry = entry_of (&headers[_i].shape, headers[_i].dtype);
  CaseArchive what
      = { .weights = entry, .constants = "", .name = "r/data/weights/weight_0", .data = zeros, .len = sizeof zeros };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  g_autoptr (GBytes) header = pt2_tensor_npy_header (case_find (tensors, "t"), &note, NULL);
  const char *data = g_bytes_get_data (header, &len);
  ck_assert_mem_eq (data, "\x93NUMPY\x01\x00", 8);
  ck_assert_uint_eq (len % 64, 0);
  ck_assert_uint_eq ((guint8)data[8] + 256u * (guint8)data[9], len - 10);
  ck_assert_mem_eq (data + 10, headers[_i].dict, strlen (headers[_i].dict));
  for (gsize i = 10 + strlen (headers[_i].dict); i < len; i++)
    ck_assert_int_eq (data[i], i + 1 < len ? ' ' : '\n');
  ck_assert_int_eq (note != NULL, headers[_i].note);
}
END_TEST

/* So many dimensions that the header needs more than two bytes for its length. */
START_TEST (test_npy_long)
{
  static const char zeros[4];
  gsize len;
  g_autoptr (GString) ones = g_string_new ("{\"as_int\": 1}");
  while (ones->len < 30000 * strlen (", {\"as_int\": 1}"))
    g_string_append (ones, ", {\"as_int\": 1}");
  g_autofree char *entry = g_strdup_printf (
      "\"t\": {\"path_name\": \"weight_0\", \"is_param\": true, \"use_pickle\": false, "
      "\"tensor_meta\": {\"dtype\": 7, \"sizes\": [%s], \"requires_grad\": true, \"device\": {\"type\": "
      "\"cpu\", \"index\": null}, \"strides\": [%s], \"storage_offset\": {\"as_int\": 0}, \"layout\": "
      "7}}",
      ones->str, ones->str);
  CaseArchive what
      = { .weights = entry, .constants = "", .name = "r/data/weights/weight_0", .data = zeros, .len = sizeof zeros };
  g_autoptr (Pt2Tensors) tensors = case_read (&what);
  const Pt2Tensor *tensor = case_find (tensors, "t");
  ck_assert_ptr_null (tensor->fault);
  g_autoptr (GBytes) header = pt2_tensor_npy_header (tensor, NULL, NULL), bytes = case_bytes (tensors, tensor);
  const guint8 *data = g_bytes_get_data (header, &len);
  ck_assert_mem_eq (data, "\x93NUMPY\x02\x00", 8);
  ck_assert_uint_eq (len % 64, 0);
  ck_assert_uint_eq (data[8] | (guint)data[9] << 8 | (guint)data[10] << 16 | (guint)data[11] << 24, len - 12);
}
END_TEST

START_TEST (test_names)
{
  static const char *const dtypes[]
      = { "uint8",         "int8",          "int16",       "int32",           "int64",
          "float16",       "float32",       "float64",     "complex32",       "complex64",
          "complex128",    "bool",          "bfloat16",    "uint16",          "uint32",
          "uint64",        "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz",
          "float8_e8m0fnu" };
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    {
      const Pt2Dtype *dtype = pt2_dtype_by_name (dtypes[i]);
      ck_assert_msg (dtype != NULL, "%s", dtypes[i]);
      ck_assert_str_eq (dtype->name, dtypes[i]);
      ck_assert (dtype->bytes == dtype->unit
                 || (g_str_has_prefix (dtypes[i], "complex") && dtype->bytes == 2 * dtype->unit));
    }
  ck_assert_ptr_null (pt2_dtype_by_name ("quint8"));
  ck_assert_ptr_null (pt2_dtype_by_name (NULL));
  ck_assert_str_eq (pt2_tensor_role_name (PT2_TENSOR_CUSTOM_OBJECT), "custom-object");
  ck_assert_str_eq (pt2_tensor_form_name (PT2_TENSOR_OBJECT), "object");
}
END_TEST

/* Every type of the schema is known by its number. */
START_TEST (test_every_dtype)
{
  const Pt2EnumInfo *types = pt2_schema_find_enum (&pt2_export_schema, "ScalarType");
  for (guint i = 0; i < types->n_members; i++)
    if (types->members[i].value != 0)
      ck_assert_msg (pt2_dtype_by_name (types->members[i].torch) != NULL, "%s", types->members[i].name);
}
END_TEST

int
main (void)
{
  const TestCase tests[] = {
    { test_strides, 20 }, { test_long_copy, 1 },     { test_facts_of_a_tensor, 1 },
    { test_sharing, 1 },  { test_no_bytes, 1 },      { test_sparse, 1 },
    { test_subclass, 3 }, { test_objects, 1 },       { test_layouts, 3 },
    { test_roles, 2 },    { test_sample_inputs, 3 }, { test_no_sample_inputs, 1 },
    { test_pickles, 4 },  { test_all_hashes, 4 },    { test_npy, 7 },
    { test_npy_long, 1 }, { test_names, 1 },         { test_every_dtype, 1 },
  };
  return RUN_SUITE ("tensors", tests);
}
