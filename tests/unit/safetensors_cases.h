/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of safetensors share: files made of a header, and what a writer writes, opened again. */
#pragma once

#include "pt2-safetensors.h"
#include "tensor_cases.h"
#include "writer_help.h"
#include <unistd.h>

#define F32(begin, end) "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" #begin "," #end "]}"

/* A file of that header and PAYLOAD bytes, which count up from 1. */
static inline GBytes *
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

static inline Pt2Safetensors *
open_file (const char *header, gsize payload)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = make_file (header, payload);
  Pt2Safetensors *file = pt2_safetensors_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (file != NULL, "%s: %s", header, error != NULL ? error->message : "");
  return file;
}

static inline Pt2SafetensorsWriter *
writer_for (Pt2Tensors *tensors, Pt2SafetensorsFlags flags)
{
  g_autoptr (GError) error = NULL;
  Pt2SafetensorsWriter *writer = pt2_safetensors_writer_new (tensors, flags, &error);
  ck_assert_msg (writer != NULL, "%s", error != NULL ? error->message : "");
  return writer;
}

static inline char *
temporary_path (void)
{
  g_autofree char *folder = g_dir_make_tmp ("pt2-XXXXXX", NULL);
  ck_assert_ptr_nonnull (folder);
  return g_build_filename (folder, "t.safetensors", NULL);
}

static inline void
remove_path (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  ck_assert_int_eq (unlink (path), 0);
  ck_assert_int_eq (rmdir (folder), 0);
}

/* What WRITER writes, opened. */
static inline Pt2Safetensors *
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

static inline Pt2Safetensors *
saved_of (Pt2Tensors *tensors, Pt2SafetensorsFlags flags)
{
  g_autoptr (Pt2SafetensorsWriter) writer = writer_for (tensors, flags);
  return saved (writer);
}

#define VIEW(name, dtype, sizes, strides, offset)                                                                      \
  CASE_ENTRY (name, "weight_v", false, CASE_META (dtype, sizes, strides, CASE_INT (offset)))
#define TWO CASE_INT (2)
#define ONE CASE_INT (1)

/* Nine floats: the first is alone, then c and b are the same view, and a is another of it. */
static const CaseArchive tied_case = {
  .constants = "",
  .weights
  = CASE_GOOD "," VIEW ("flat", 7, CASE_INT (9), ONE, 0) "," VIEW ("c", 7, TWO "," TWO, TWO "," ONE, 1) "," VIEW (
      "b", 7, TWO "," TWO, TWO "," ONE, 1) "," VIEW ("a", 7, TWO "," TWO, ONE "," TWO, 1),
  .name = "r/data/weights/weight_v",
  .data = "\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5\0\0\0\6\0\0\0\7\0\0\0\10\0\0\0\11\0\0\0",
  .len = 36,
};

static inline void
expect_write_fails (Pt2SafetensorsWriter *writer, int fd, Pt2ProgressFunc progress, Pt2ErrorCode code)
{
  g_autoptr (GError) error = NULL;
  ck_assert_int_ge (fd, 0);
  ck_assert (!pt2_safetensors_writer_write (writer, fd, progress, NULL, &error));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)code), "%s", error->message);
  close (fd);
}
