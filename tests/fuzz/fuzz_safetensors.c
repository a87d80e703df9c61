/* SPDX-License-Identifier: Apache-2.0 */
/* A safetensors file from anyone: it is refused, or every tensor is a range of it, one behind the other; and put into
 * an archive, its tensors come out as they went in. */
#include "pt2-safetensors.h"
#include "../unit/zip_builder.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
must (bool holds, const char *what)
{
  if (holds)
    return;
  fprintf (stderr, "fuzz_safetensors: %s\n", what);
  abort ();
}

static void
count_pair (Pt2String key, Pt2String value, gpointer data)
{
  *(guint64 *)data += (guint64)key.len + value.len;
}

static void
check_items (Pt2Safetensors *file, guint64 size)
{
  guint n;
  guint64 total = 0, first = size, last = 0, pairs = 0;
  const Pt2SafetensorsItem *items = pt2_safetensors_get (file, &n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) bytes = pt2_safetensors_get_bytes (file, &items[i]);
      must (bytes != NULL && g_bytes_get_size (bytes) == items[i].nbytes, "another number of bytes");
      must (items[i].offset <= size && items[i].nbytes <= size - items[i].offset, "outside the file");
      first = MIN (first, items[i].offset);
      last = MAX (last, items[i].offset + items[i].nbytes);
      total += items[i].nbytes;
    }
  must (n == 0 || (total == last - first && last == size), "the tensors do not cover the file");
  pt2_safetensors_foreach_metadata (file, count_pair, &pairs);
  must (pairs <= size, "more metadata than bytes");
}

#define INT(n) "{\"as_int\": " #n "}"
#define ENTRY(name, record, dtype, size, stride, offset)                                                               \
  "\"" name "\": {\"path_name\": \"" record "\", \"is_param\": false, \"use_pickle\": false, "                         \
  "\"tensor_meta\": {\"dtype\": " #dtype                                                                               \
  ", \"sizes\": [" INT (size) "], \"requires_grad\": false, "                                                          \
                              "\"device\": {\"type\": \"cpu\", \"index\": null}, \"strides\": [" INT (                 \
                                  stride) "], "                                                                        \
                                          "\"storage_offset\": " INT (offset) ", \"layout\": 7}}"

static Pt2Archive *
open_archive (void)
{
  static const char bytes[32];
  static const char list[]
      = "{\"config\": {" ENTRY ("a", "weight_0", 7, 4, 1, 0) "," ENTRY ("b", "weight_1", 7, 2, 3, 1) "," ENTRY (
          "c", "weight_1", 7, 3, 0, 4) "," ENTRY ("d", "weight_2", 13, 3, 2, 1) "}}";
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add_len (&zip, "r/data/weights/weight_0", 23, bytes, 16, ZIP_TORCH);
  zip_add_len (&zip, "r/data/weights/weight_1", 23, bytes, 32, ZIP_TORCH);
  zip_add_len (&zip, "r/data/weights/weight_2", 23, bytes, 12, ZIP_TORCH);
  zip_add (&zip, "r/data/weights/model_weights_config.json", list, ZIP_TORCH);
  zip_add (&zip, "r/data/constants/model_constants_config.json", "{\"config\": {}}", ZIP_TORCH);
  zip_add (&zip, "r/models/model.json", "{}", ZIP_TORCH);
  zip_add (&zip, "r/archive_format", "pt2", ZIP_TORCH);
  zip_add (&zip, "r/archive_version", "0", ZIP_TORCH);
  zip_add (&zip, "r/byteorder", "big", ZIP_TORCH);
  zip_finish (&zip, ZIP_WIDE);
  g_autoptr (GBytes) whole = zip_take (&zip);
  Pt2Archive *archive = pt2_archive_new_from_bytes (whole, NULL, NULL);
  must (archive != NULL, "the archive does not open");
  return archive;
}

static void
check_taken (GBytes *bytes, Pt2Safetensors *file)
{
  guint n;
  const Pt2SafetensorsItem *items = pt2_safetensors_get (file, &n);
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, NULL, NULL);
  must (archive != NULL, "what was written does not open");
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (archive, NULL, NULL, NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strndup (items[i].name.data, items[i].name.len);
      const Pt2Tensor *tensor = pt2_tensors_find (tensors, name);
      must (tensor != NULL, "a tensor is gone");
      g_autoptr (GBytes) got = pt2_tensor_get_bytes (tensors, tensor, NULL);
      g_autoptr (GBytes) given = pt2_safetensors_get_bytes (file, &items[i]);
      must (got != NULL && g_bytes_equal (got, given), "a tensor has other elements than it was given");
    }
}

static void
check_weights (Pt2Safetensors *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = open_archive ();
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (archive, NULL, NULL, NULL);
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, PT2_WRITER_AS_IT_IS, NULL);
  gboolean taken = pt2_archive_writer_take_weights (writer, tensors, file, NULL, &error);
  must (taken == (error == NULL), "neither weights nor an error, or both");
  g_autoptr (GBytes) bytes = taken ? pt2_archive_writer_to_bytes (writer, &error) : NULL;
  must (!taken || bytes != NULL, "the list cannot be written");
  if (bytes != NULL)
    check_taken (bytes, file);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 4 << 20;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Safetensors) file = pt2_safetensors_new_from_bytes (bytes, &limits, &error);
  must ((file == NULL) == (error != NULL), "neither a file nor an error, or both");
  if (file == NULL)
    return 0;
  check_items (file, size);
  check_weights (file);
  return 0;
}
