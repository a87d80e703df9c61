/* SPDX-License-Identifier: Apache-2.0 */
/* A list of payloads from anyone, beside a few records: every tensor is either
 * at fault, or described, or a view whose elements all lie in its storage,
 * however they are asked for. The first byte chooses which list it is, and the
 * byte order. */
#include "pt2-tensor.h"
#include "../unit/zip_builder.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
must (bool holds, const char *what)
{
  if (holds)
    return;
  fprintf (stderr, "fuzz_payload_config: %s\n", what);
  abort ();
}

#define PROGRAM                                                                                                        \
  "{\"graph_module\": {\"graph\": {\"inputs\": [], \"outputs\": [], "                                                  \
  "\"nodes\": [], \"tensor_values\": {}, "                                                                             \
  "\"sym_int_values\": {}, \"sym_bool_values\": {}}, \"signature\": "                                                  \
  "{\"input_specs\": [{\"parameter\": {\"arg\": "                                                                      \
  "{\"name\": \"p\"}, \"parameter_name\": \"p\"}}, {\"buffer\": {\"arg\": "                                            \
  "{\"name\": \"b\"}, \"buffer_name\": \"b\", "                                                                        \
  "\"persistent\": false}}], \"output_specs\": []}, \"module_call_graph\": "                                           \
  "[]}, \"opset_version\": {}, "                                                                                       \
  "\"range_constraints\": {}, \"schema_version\": {\"major\": 8, \"minor\": "                                          \
  "20}}"

static GBytes *
make_archive (const char *text, size_t len, bool constants, bool big_endian)
{
  static const char bytes[96];
  /* A list, and an object of a class that is not built. */
  static const char list[] = "\x80\x02]q\x00.", object[] = "\x80\x02"
                                                           "ca\nB\nq\x00)Rq\x01.";
  static const char none[] = "{\"config\": {}}";
  const char *weights = "r/data/weights/model_weights_config.json";
  const char *others = "r/data/constants/model_constants_config.json";
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add_len (&zip, "r/data/weights/weight_0", 23, bytes, sizeof bytes, ZIP_TORCH);
  zip_add_len (&zip, "r/data/weights/weight_1", 23, "", 0, ZIP_TORCH);
  zip_add_len (&zip, "r/data/weights/weight_2", 23, list, sizeof list - 1, ZIP_TORCH);
  zip_add_len (&zip, "r/data/weights/weight_3", 23, bytes, sizeof bytes, ZIP_DEFLATE);
  zip_add_len (&zip, "r/data/constants/tensor_0", 25, bytes, 33, ZIP_TORCH);
  zip_add_len (&zip, "r/data/constants/opaque_obj_0", 29, object, sizeof object - 1, ZIP_TORCH);
  zip_add_len (&zip, weights, strlen (weights), constants ? none : text, constants ? sizeof none - 1 : len, ZIP_TORCH);
  zip_add_len (&zip, others, strlen (others), constants ? text : none, constants ? len : sizeof none - 1, ZIP_TORCH);
  zip_add (&zip, "r/models/model.json", PROGRAM, ZIP_TORCH);
  zip_add (&zip, "r/archive_format", "pt2", ZIP_TORCH);
  zip_add (&zip, "r/archive_version", "0", ZIP_TORCH);
  zip_add (&zip, "r/byteorder", big_endian ? "big" : "little", ZIP_TORCH);
  zip_finish (&zip, ZIP_WIDE);
  return zip_take (&zip);
}

typedef struct
{
  guint64 bytes;
  guint64 sum;
} Seen;

static void
look (Seen *seen, const guint8 *piece, gsize len)
{
  for (gsize i = 0; i < len; i++)
    seen->sum = seen->sum * 31 + piece[i];
  seen->bytes += len;
}

static gboolean
look_at_piece (gconstpointer piece, gsize len, gpointer data)
{
  look (data, piece, len);
  return TRUE;
}

static void
check_elements (Pt2Tensors *tensors, const Pt2Tensor *tensor)
{
  g_autoptr (GError) error = NULL;
  Seen seen = { 0, 0 }, again = { 0, 0 };
  gsize len = 0;
  g_autoptr (GBytes) bytes = pt2_tensor_get_bytes (tensors, tensor, &error);
  must ((bytes == NULL) == (error != NULL), "neither bytes nor an error, or both");
  if (bytes == NULL)
    return;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  must (tensor->fault == NULL && tensor->form == PT2_TENSOR_STRIDED, "bytes of a tensor that has none");
  must (len == tensor->nbytes && tensor->nbytes == tensor->numel * tensor->element_bytes, "another number of bytes");
  look (&seen, data, len);
  must (pt2_tensor_foreach_piece (tensors, tensor, look_at_piece, &again, NULL), "bytes, but no pieces");
  must (seen.bytes == again.bytes && seen.sum == again.sum, "the pieces are other bytes");
  g_autoptr (GBytes) view = pt2_tensor_get_view (tensors, tensor, NULL);
  must ((view != NULL) == pt2_tensor_is_contiguous (tensors, tensor), "contiguous without a view, or the other way");
  must (view == NULL || g_bytes_equal (view, bytes), "the view has other bytes");
  g_autoptr (GBytes) header = pt2_tensor_npy_header (tensor, NULL, NULL);
  must (header != NULL && g_bytes_get_size (header) % 64 == 0, "no NumPy header");
}

static void
check_tensor (Pt2Tensors *tensors, const Pt2Tensor *items, guint number)
{
  guint n;
  const Pt2Tensor *tensor = &items[number];
  const guint *sharing = pt2_tensors_get_sharing (tensors, tensor, &n);
  bool itself = n == 0;
  for (guint i = 0; i < n; i++)
    itself = itself || sharing[i] == number;
  must (itself, "does not share with itself");
  must (tensor->shape != NULL || tensor->n_dims == 0, "dimensions without sizes");
  must (pt2_tensors_get_first_alike (tensors, tensor) <= tensor, "alike to a later one");
  check_elements (tensors, tensor);
}

static void
check_hashes (Pt2Tensors *tensors, const Pt2Tensor *items, guint n)
{
  g_autoptr (GError) error = NULL;
  Pt2TensorHash *hashes = pt2_tensors_sha256 (tensors, 1, NULL, NULL, &error);
  must ((hashes == NULL) == (error != NULL), "neither hashes nor an error, or both");
  for (guint i = 0; hashes != NULL && i < n; i++)
    must (!hashes[i].known || (items[i].fault == NULL && items[i].form == PT2_TENSOR_STRIDED), "the hash of nothing");
  pt2_tensor_hashes_free (tensors, hashes);
}

static gboolean
count_pickle (const Pt2Record *record, gpointer data)
{
  must (record->bytes > 0, "a pickle without bytes");
  ++*(guint *)data;
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = *pt2_limits_default ();
  guint n, pickles = 0;
  if (size == 0)
    return 0;
  limits.memory = 4 << 20;
  g_autoptr (GBytes) bytes = make_archive ((const char *)data + 1, size - 1, data[0] & 1, data[0] & 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &limits, &error);
  must (archive != NULL, "the archive does not open");
  must (pt2_archive_foreach_pickle (archive, count_pickle, &pickles, NULL), "the pickles cannot be listed");
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (archive, NULL, NULL, &error);
  must ((tensors == NULL) == (error != NULL), "neither a list nor an error, or both");
  if (tensors == NULL)
    return 0;
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  for (guint i = 0; i < n; i++)
    check_tensor (tensors, items, i);
  check_hashes (tensors, items, n);
  return 0;
}
