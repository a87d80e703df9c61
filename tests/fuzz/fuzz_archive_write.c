/* SPDX-License-Identifier: Apache-2.0 */
/* An archive from anyone, written again: as it is, in today's layout, as a compact archive and out of that again.
 * Whatever can be read is there again with the same bytes; nothing that is written is refused when it is read.
 */
#include "pt2-archive-writer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
must (bool holds, const char *what, const GError *error)
{
  if (holds)
    return;
  fprintf (stderr, "fuzz_archive_write: %s: %s\n", what, error != NULL ? error->message : "");
  abort ();
}

static Pt2Limits
small_limits (void)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.records = 1000;
  limits.name_length = 200;
  limits.inflated_size = 4 << 20;
  limits.program_size = 1 << 20;
  limits.memory = 64 << 20;
  return limits;
}

/* NULL only if a record cannot be read: then writing it fails for the same reason. */
static Pt2Archive *
write_and_open (Pt2Archive *from, Pt2ArchiveWriter *writer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = pt2_archive_writer_to_bytes (writer, &error);
  must ((bytes == NULL) == (error != NULL), "neither bytes nor an error, or both", error);
  if (bytes == NULL)
    return NULL;
  Pt2Archive *archive = pt2_archive_new_from_bytes (bytes, NULL, &error);
  must (archive != NULL, "refuses what it wrote", error);
  return archive;
}

static void
expect_same (Pt2Archive *a, Pt2Archive *b)
{
  guint n;
  const Pt2Record *records = pt2_archive_get_records (a, &n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) left = pt2_archive_read (a, records[i].name, NULL);
      if (left == NULL || g_str_has_suffix (records[i].name, "/"))
        continue;
      g_autoptr (GBytes) right = pt2_archive_read (b, records[i].name, &error);
      must (right != NULL && g_bytes_equal (left, right), "another record", error);
    }
}

static void
write_kept (Pt2Archive *archive)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, PT2_WRITER_AS_IT_IS, &error);
  must (writer != NULL, "no list of an archive's records", error);
  g_autoptr (Pt2Archive) again = write_and_open (archive, writer);
  if (again == NULL || pt2_archive_is_compact (archive))
    return;
  expect_same (archive, again);
  const Pt2CompactOptions options = { TRUE, TRUE };
  g_autoptr (Pt2ArchiveWriter) compact = pt2_archive_writer_new_compact (writer, &options, NULL, NULL, &error);
  must (compact != NULL, "no compact archive of what can be written", error);
  g_autoptr (Pt2Archive) packed = write_and_open (archive, compact);
  must (packed != NULL && pt2_archive_is_compact (packed), "not compact", NULL);
  expect_same (archive, packed);
}

static void
write_today (Pt2Archive *archive)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, PT2_WRITER_TODAY, &error);
  must ((writer == NULL) == (error != NULL), "neither a list nor an error, or both", error);
  g_autoptr (Pt2Archive) again = writer != NULL ? write_and_open (archive, writer) : NULL;
  if (again != NULL && pt2_archive_get_kind (archive) == PT2_KIND_OF_FILE_EXPORTED_PROGRAM)
    must (pt2_archive_get_layout (again) == PT2_ARCHIVE_LAYOUT_RAW, "not today's layout", NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = small_limits ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &limits, NULL);
  guint n;
  if (archive == NULL)
    return 0;
  pt2_archive_get_records (archive, &n);
  if (n == 0)
    return 0;
  write_kept (archive);
  write_today (archive);
  return 0;
}
