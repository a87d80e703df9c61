/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the archive writers share. */
#pragma once

#include "archive_cases.h"
#include "pt2-archive-writer.h"

static inline Pt2Source *
text_source (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  return pt2_source_new_bytes (bytes);
}

static inline void
add_text (Pt2ArchiveWriter *writer, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Source) source = text_source (text);
  ck_assert_msg (pt2_archive_writer_add (writer, name, source, &error), "%s: %s", name,
                 error != NULL ? error->message : "");
}

static inline Pt2ArchiveWriter *
writer_of (Pt2Archive *archive, Pt2WriterStart start)
{
  g_autoptr (GError) error = NULL;
  Pt2ArchiveWriter *writer = pt2_archive_writer_new_from_archive (archive, start, &error);
  ck_assert_msg (writer != NULL, "%s", error != NULL ? error->message : "");
  return writer;
}

static inline GBytes *
bytes_of (Pt2ArchiveWriter *writer)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = pt2_archive_writer_to_bytes (writer, &error);
  ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
  return bytes;
}

static inline Pt2Archive *
open_bytes (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  Pt2Archive *archive = pt2_archive_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (archive != NULL, "%s", error != NULL ? error->message : "");
  return archive;
}

/* What WRITER makes, opened. */
static inline Pt2Archive *
written (Pt2ArchiveWriter *writer)
{
  g_autoptr (GBytes) bytes = bytes_of (writer);
  return open_bytes (bytes);
}

static inline Pt2Archive *
compact_of (Pt2Archive *archive, const Pt2CompactOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2ArchiveWriter) writer = writer_of (archive, PT2_WRITER_AS_IT_IS);
  g_autoptr (Pt2ArchiveWriter) compact = pt2_archive_writer_new_compact (writer, options, NULL, NULL, &error);
  ck_assert_msg (compact != NULL, "%s", error != NULL ? error->message : "");
  return written (compact);
}

/* Every record of A is in B with the same bytes and role, in the same order. */
static inline void
expect_same_records (Pt2Archive *a, Pt2Archive *b, const char *what)
{
  guint n, n_b;
  const Pt2Record *records = pt2_archive_get_records (a, &n), *others = pt2_archive_get_records (b, &n_b);
  ck_assert_msg (n == n_b, "%s: %u records, not %u", what, n_b, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) left = pt2_archive_read (a, records[i].name, &error);
      ck_assert_msg (left != NULL, "%s: %s", what, error != NULL ? error->message : "");
      g_autoptr (GBytes) right = pt2_archive_read (b, records[i].name, &error);
      ck_assert_msg (right != NULL, "%s: %s", what, error != NULL ? error->message : "");
      ck_assert_msg (g_bytes_equal (left, right), "%s: %s", what, records[i].name);
      ck_assert_msg (strcmp (records[i].name, others[i].name) == 0 && records[i].bytes == others[i].bytes
                         && strcmp (records[i].role, others[i].role) == 0,
                     "%s: %s is %s", what, records[i].name, others[i].name);
    }
}

typedef void (*ArchiveFunc) (const char *path, Pt2Archive *archive);

/* Calls FUNC with every archive of the corpus that opens. */
static inline guint
foreach_archive (ArchiveFunc func)
{
  g_autofree char *root = corpus_path ("");
  g_autoptr (GDir) folders = g_dir_open (root, 0, NULL);
  guint n = 0;
  ck_assert_ptr_nonnull (folders);
  for (const char *folder; (folder = g_dir_read_name (folders)) != NULL;)
    {
      g_autofree char *inner = g_build_filename (root, folder, NULL);
      g_autoptr (GDir) files = g_dir_open (inner, 0, NULL);
      for (const char *file; files != NULL && (file = g_dir_read_name (files)) != NULL;)
        {
          g_autofree char *path = g_build_filename (inner, file, NULL);
          g_autoptr (Pt2Archive) archive
              = g_str_has_suffix (file, ".json") ? NULL : pt2_archive_new_from_file (path, NULL, NULL);
          if (archive == NULL)
            continue;
          func (path, archive);
          n++;
        }
    }
  return n;
}
