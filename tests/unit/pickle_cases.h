/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of lib/pickle share: pickles written as C strings, torch.save zips made of them. */
#pragma once

#include "pt2-pickle.h"
#include "zip_builder.h"
#include <check.h>

/* A pickle in a literal, its NULs included. */
#define PICKLE(text) pickle_bytes (text, sizeof (text) - 1)

#define PROTO2 "\x80\x02"
#define PROTO4 "\x80\x04"
/* Two-line globals */
#define REBUILD_V2 "ctorch._utils\n_rebuild_tensor_v2\n"
#define REBUILD_V3 "ctorch._utils\n_rebuild_tensor_v3\n"
#define ORDERED "ccollections\nOrderedDict\n)R"
/* A storage of NUMEL elements (an integer opcode) under a key of one character. */
#define STORAGE(class, key, numel)                                                                                     \
  "(U\x07storagec" class "\nU\x01" key "U\x03"                                                                         \
                         "cpu" numel "tQ"
#define FLOATS(numel) STORAGE ("torch\nFloatStorage", "0", numel)

static inline GBytes *
pickle_bytes (const void *data, size_t len)
{
  /* Of exactly that size, so that a sanitizer sees every read past it. */
  return g_bytes_new_take (g_memdup2 (data, len), len);
}

static inline Pt2Pickle *
read_pickle (GBytes *bytes, GError **error)
{
  Pt2Pickle *pickle = pt2_pickle_new_from_bytes (bytes, NULL, error);
  g_bytes_unref (bytes);
  return pickle;
}

static inline Pt2Pickle *
good_pickle (GBytes *bytes)
{
  GError *error = NULL;
  Pt2Pickle *pickle = read_pickle (bytes, &error);
  ck_assert_msg (pickle != NULL, "%s", error != NULL ? error->message : "");
  return pickle;
}

static inline void
expect_id (GError *error, const char *id, const char *what)
{
  ck_assert_msg (error != NULL, "%s: no error, expected %s", what, id);
  ck_assert_msg (strcmp (pt2_error_get_id (error), id) == 0, "%s: %s %s, expected %s", what, pt2_error_get_id (error),
                 error->message, id);
  g_error_free (error);
}

static inline void
expect_bad (GBytes *bytes, const char *id, const char *what)
{
  GError *error = NULL;
  g_autoptr (Pt2Pickle) pickle = read_pickle (bytes, &error);
  ck_assert_msg (pickle == NULL, "%s: no error, expected %s", what, id);
  expect_id (error, id, what);
}

/* A torch.save zip around a pickle, with one storage of LEN bytes if KEY is not NULL. */
static inline GBytes *
saved (const void *data, size_t len, const char *key, size_t storage_len, int style)
{
  static const char bytes[256] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add_len (&zip, "archive/data.pkl", 16, data, len, style);
  zip_add (&zip, "archive/byteorder", "little", style);
  if (key != NULL)
    zip_add_len (&zip, key, strlen (key), bytes, storage_len, style);
  zip_finish (&zip, ZIP_WIDE);
  return zip_take (&zip);
}
