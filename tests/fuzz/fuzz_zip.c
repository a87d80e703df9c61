/* SPDX-License-Identifier: Apache-2.0 */
/* An archive from anyone: opened with small limits, listed, every record located and read, every program chosen.
 * What the audit lets through is one thing to all: records lie apart, gaps fill the rest of the file, libarchive lists
 * the same, and a record reads the same twice. */
#include "archive_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
must (bool holds, const char *what)
{
  if (holds)
    return;
  fprintf (stderr, "fuzz_zip: %s\n", what);
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
  return limits;
}

/* Headers, payloads and descriptors of all records, what lies between them, the directory and the end are the file. */
static void
check_audit (const Pt2Zip *zip)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autofree Pt2ZipGap *gaps = NULL;
  uint32_t n_gaps;
  if (!pt2_zip_audit (zip, &gaps, &n_gaps, &status))
    {
      must (status.code != PT2_ERROR_NONE && gaps == NULL, "an audit fails and does not say why");
      return;
    }
  uint64_t total = zip->comment + zip->comment_bytes - zip->directory;
  for (uint32_t i = 0; i < n_gaps; i++)
    {
      total += gaps[i].bytes;
      must (i == 0 || gaps[i - 1].offset + gaps[i - 1].bytes < gaps[i].offset, "gaps in disorder");
    }
  for (uint32_t i = 0; i < zip->n_entries; i++)
    {
      Pt2ZipPlace place;
      must (pt2_zip_place (zip, &zip->entries[i], &place, &status), "audited, but without a place");
      total += place.end - zip->entries[i].header;
    }
  must (total == zip->size, "bytes counted twice or not at all");
  /* libarchive looks for the end record in the last 16 KiB and never at offset 0. */
  if (zip->size - zip->comment > (15 << 10) || zip->n_entries == 0)
    return;
  if (!pt2_zip_crosscheck (zip, &status))
    must (false, status.detail);
}

static void
check_read (Pt2Archive *archive, const Pt2Record *record)
{
  g_autoptr (GError) error = NULL;
  guint64 offset;
  must (pt2_archive_find (archive, record->name) == record || strchr (record->name, '/') != NULL,
        "not found by its name");
  g_autoptr (GBytes) bytes = pt2_archive_read (archive, record->name, &error);
  must ((bytes == NULL) == (error != NULL), "neither bytes nor an error, or both");
  if (bytes == NULL)
    return;
  must (g_bytes_get_size (bytes) == record->bytes, "another size than listed");
  must (pt2_archive_locate (archive, record, &offset, NULL), "read, but not located");
  g_autoptr (GBytes) again = pt2_archive_read (archive, record->name, NULL);
  must (again != NULL && g_bytes_equal (bytes, again), "reads differently the second time");
}

static void
check_models (Pt2Archive *archive)
{
  const char *const *models = pt2_archive_get_models (archive);
  for (guint i = 0; models[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      const Pt2Record *record = pt2_archive_choose_model (archive, models[i], &error);
      must ((record == NULL) == (error != NULL), "neither a record nor an error, or both");
      must (record == NULL || strcmp (pt2_archive_model_name (archive, record), models[i]) == 0, "another program");
    }
  g_autoptr (GError) error = NULL;
  must ((pt2_archive_choose_model (archive, NULL, &error) == NULL) == (error != NULL), "no choice and no error");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = small_limits ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &limits, &error);
  must ((archive == NULL) == (error != NULL), "neither an archive nor an error, or both");
  if (archive == NULL)
    return 0;
  guint n;
  const Pt2Record *records = pt2_archive_get_records (archive, &n);
  for (guint i = 0; i < n; i++)
    check_read (archive, &records[i]);
  check_models (archive);
  check_audit (&archive->zip);
  return 0;
}
