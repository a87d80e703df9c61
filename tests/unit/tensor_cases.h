/* SPDX-License-Identifier: Apache-2.0 */
/* Archives of layout P2 made of lists written by the test, for the tests of tensors. */
#pragma once

#include "archive_cases.h"
#include "pt2-tensor.h"

#define CASE_PROGRAM(specs)                                                                                            \
  "{\"graph_module\": {\"graph\": {\"inputs\": [], \"outputs\": [], \"nodes\": [], \"tensor_values\": {}, "            \
  "\"sym_int_values\": {}, \"sym_bool_values\": {}}, \"signature\": {\"input_specs\": [" specs                         \
  "], \"output_specs\": []}, \"module_call_graph\": []}, \"opset_version\": {}, \"range_constraints\": {}, "           \
  "\"schema_version\": {\"major\": 8, \"minor\": 20}}"

#define CASE_META(dtype, sizes, strides, offset)                                                                       \
  "{\"dtype\": " #dtype ", \"sizes\": [" sizes "], \"requires_grad\": false, \"device\": {\"type\": \"cpu\", "         \
  "\"index\": null}, \"strides\": [" strides "], \"storage_offset\": " offset ", \"layout\": 7}"
#define CASE_INT(n) "{\"as_int\": " #n "}"
#define CASE_ENTRY(name, path, pickle, meta)                                                                           \
  "\"" name "\": {\"path_name\": \"" path "\", \"is_param\": false, \"use_pickle\": " #pickle                          \
  ", \"tensor_meta\": " meta "}"
/* Two float32 in a record of their own. */
#define CASE_GOOD CASE_ENTRY ("good", "weight_good", false, CASE_META (7, CASE_INT (2), CASE_INT (1), CASE_INT (0)))

typedef struct
{
  const char *weights;   /* entries; NULL: no list */
  const char *constants; /* the same */
  const char *name;      /* a record more, under the root; NULL: none */
  const void *data;
  size_t len;
  const char *byteorder; /* NULL: little */
  int style;             /* of that record */
} CaseArchive;

static inline void
case_add_list (ZipBuilder *zip, const char *name, const char *entries)
{
  if (entries == NULL)
    return;
  g_autofree char *text = g_strdup_printf ("{\"config\": {%s}}", entries);
  zip_add (zip, name, text, ZIP_TORCH);
}

static inline Pt2Archive *
case_open (const CaseArchive *what, const Pt2Limits *limits)
{
  static const float good[] = { 1.5f, -2 };
  g_autoptr (GError) error = NULL;
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add_len (&zip, "r/data/weights/weight_good", strlen ("r/data/weights/weight_good"), good, sizeof good, ZIP_TORCH);
  if (what->name != NULL)
    zip_add_len (&zip, what->name, strlen (what->name), what->data, what->len,
                 what->style != 0 ? what->style : ZIP_TORCH);
  case_add_list (&zip, "r/data/weights/model_weights_config.json", what->weights);
  case_add_list (&zip, "r/data/constants/model_constants_config.json", what->constants);
  zip_add (&zip, "r/models/model.json", CASE_PROGRAM (""), ZIP_TORCH);
  zip_add (&zip, "r/archive_format", "pt2", ZIP_TORCH);
  zip_add (&zip, "r/archive_version", "0", ZIP_TORCH);
  zip_add (&zip, "r/byteorder", what->byteorder != NULL ? what->byteorder : "little", ZIP_TORCH);
  zip_finish (&zip, ZIP_WIDE);
  g_autoptr (GBytes) bytes = zip_take (&zip);
  Pt2Archive *archive = pt2_archive_new_from_bytes (bytes, limits, &error);
  ck_assert_msg (archive != NULL, "%s", error != NULL ? error->message : "");
  return archive;
}

static inline Pt2Tensors *
case_tensors (Pt2Archive *archive)
{
  g_autoptr (GError) error = NULL;
  Pt2Tensors *tensors = pt2_tensors_new (archive, NULL, NULL, &error);
  ck_assert_msg (tensors != NULL, "%s", error != NULL ? error->message : "");
  return tensors;
}

static inline Pt2Tensors *
case_read (const CaseArchive *what)
{
  g_autoptr (Pt2Archive) archive = case_open (what, NULL);
  return case_tensors (archive);
}

static inline const Pt2Tensor *
case_find (Pt2Tensors *tensors, const char *fqn)
{
  const Pt2Tensor *tensor = pt2_tensors_find (tensors, fqn);
  ck_assert_msg (tensor != NULL, "no %s", fqn);
  return tensor;
}

/* The bytes that every way of taking them gives. */
static inline GBytes *
case_bytes (Pt2Tensors *tensors, const Pt2Tensor *tensor)
{
  GError *error = NULL;
  GBytes *bytes = pt2_tensor_get_bytes (tensors, tensor, &error);
  ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (g_bytes_get_size (bytes), tensor->nbytes);
  return bytes;
}

static inline void
case_expect_good (Pt2Tensors *tensors)
{
  static const float good[] = { 1.5f, -2 };
  const Pt2Tensor *tensor = case_find (tensors, "good");
  ck_assert_ptr_null (tensor->fault);
  g_autoptr (GBytes) bytes = case_bytes (tensors, tensor);
  ck_assert_mem_eq (g_bytes_get_data (bytes, NULL), good, sizeof good);
}
