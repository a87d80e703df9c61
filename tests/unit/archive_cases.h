/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of lib/archive share: archives of the corpus, and archives built of names and texts. */
#pragma once

#include "archive_private.h"
#include "zip_builder.h"
#include <check.h>

static inline char *
corpus_path (const char *name)
{
  const char *folder = g_getenv ("PT2_CORPUS");
  ck_assert_msg (folder != NULL, "PT2_CORPUS names the folder of the corpus");
  return g_build_filename (folder, name, NULL);
}

static inline void
expect_error (GError *error, Pt2ErrorCode code, const char *what)
{
  ck_assert_msg (error != NULL, "%s: no error, expected %s", what, pt2_error_code_id (code));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)code), "%s: %s, expected %s", what, error->message,
                 pt2_error_code_id (code));
  g_error_free (error);
}

static inline Pt2Archive *
open_corpus (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = corpus_path (name);
  Pt2Archive *archive = pt2_archive_new_from_file (path, NULL, &error);
  ck_assert_msg (archive != NULL, "%s: %s", name, error != NULL ? error->message : "");
  return archive;
}

static inline Pt2Archive *
open_built (ZipBuilder *zip, GError **error)
{
  g_autoptr (GBytes) bytes = zip_take (zip);
  return pt2_archive_new_from_bytes (bytes, NULL, error);
}

typedef struct
{
  const char *name;
  const char *text;
} BuiltRecord;

/* Records up to one without a name, as PyTorch writes them. */
static inline void
build (ZipBuilder *zip, const BuiltRecord *records)
{
  zip_begin (zip);
  for (; records->name != NULL; records++)
    zip_add (zip, records->name, records->text, ZIP_TORCH);
  zip_finish (zip, ZIP_WIDE);
}

static inline Pt2Archive *
open_records (const BuiltRecord *records)
{
  g_autoptr (GError) error = NULL;
  ZipBuilder zip;
  build (&zip, records);
  Pt2Archive *archive = open_built (&zip, &error);
  ck_assert_msg (archive != NULL, "%s: %s", records->name, error != NULL ? error->message : "");
  return archive;
}

static inline const char *
role_of (Pt2Archive *archive, const char *name)
{
  const Pt2Record *record = pt2_archive_find (archive, name);
  ck_assert_msg (record != NULL, "no record %s", name);
  return record->role;
}

static inline void
expect_text (Pt2Archive *archive, const char *name, const char *want)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = pt2_archive_read (archive, name, &error);
  ck_assert_msg (bytes != NULL, "%s: %s", name, error != NULL ? error->message : "");
  g_autoptr (GBytes) text = g_bytes_new_static (want, strlen (want));
  ck_assert_msg (g_bytes_equal (bytes, text), "%s", name);
}

/* A model's name may look like a payload's. */
static const BuiltRecord several[] = {
  { "r/data/weights/weight_0", "abcd" },
  { "r/data/weights/weight_x_weights_config.json", "{}" },
  { "r/models/weight_x.json", "first" },
  { "r/models/b/c.json", "second" },
  { "r/archive_format", "pt2" },
  { "r/archive_version", "0" },
  { NULL, NULL },
};
static const BuiltRecord bare[] = {
  { "r/archive_format", "pt2" },
  { "r/archive_version", "0" },
  { NULL, NULL },
};
