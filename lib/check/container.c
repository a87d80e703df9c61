/* SPDX-License-Identifier: Apache-2.0 */
/* The zip: every record where the directory says, no byte without an owner, every CRC right. */
#include "check_private.h"
#include "pt2c.h"
#include "zip.h"

static const Pt2Zip *
zip_of (const Pt2Archive *archive)
{
  return archive->compact != NULL ? &archive->compact->container : &archive->zip;
}

/* Are all records sound where they lie? One fault does not hide the next. */
static bool
check_places (Check *check, const Pt2Zip *zip)
{
  bool sound = true;
  for (uint32_t i = 0; i < zip->n_entries; i++)
    {
      Pt2Status status = PT2_STATUS_INIT;
      Pt2ZipPlace at;
      if (pt2_zip_place (zip, &zip->entries[i], &at, &status))
        continue;
      check_add_status (check, &status);
      sound = false;
    }
  return sound;
}

static void
check_gaps (Check *check, const Pt2Zip *zip)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autofree Pt2ZipGap *gaps = NULL;
  uint32_t n;
  if (!pt2_zip_audit (zip, &gaps, &n, &status))
    {
      check_add_status (check, &status);
      return;
    }
  for (uint32_t i = 0; i < n; i++)
    {
      CheckRule rule = gaps[i].offset == 0                                   ? CHECK_Z101
                       : gaps[i].offset >= zip->comment + zip->comment_bytes ? CHECK_Z103
                                                                             : CHECK_Z102;
      check_add (check, rule, place (NULL, "@%" G_GUINT64_FORMAT, gaps[i].offset).text, "%" G_GUINT64_FORMAT " bytes",
                 gaps[i].bytes);
    }
}

static void
check_missing_crcs (Check *check, const Pt2Zip *zip)
{
  uint32_t n = 0, first = 0;
  for (uint32_t i = 0; i < zip->n_entries; i++)
    if (zip->entries[i].crc32 == 0 && zip->entries[i].bytes > 0 && n++ == 0)
      first = i;
  if (n > 0)
    check_add (check, CHECK_Z105, shown_text (zip->entries[first].name).text, "%u of %u records", n, zip->n_entries);
}

void
check_container (Check *check, Pt2Archive *archive)
{
  const Pt2Zip *zip = zip_of (archive);
  Pt2Status status = PT2_STATUS_INIT;
  bool sound = check_places (check, zip);
  if (sound)
    check_gaps (check, zip);
  if (zip->comment_bytes > 0)
    check_add (check, CHECK_Z104, place (NULL, "@%" G_GUINT64_FORMAT, zip->comment).text, "%" G_GUINT64_FORMAT " bytes",
               zip->comment_bytes);
  check_missing_crcs (check, zip);
  if (sound && !check->options->skip_payloads && !pt2_zip_crosscheck (zip, &status))
    check_add_status (check, &status);
  check_add_checked (check, "container");
}

/* False if the caller wants no more. */
static bool
tell_progress (const Check *check, uint64_t done, uint64_t total)
{
  const Pt2CheckOptions *options = check->options;
  return options->progress == NULL || options->progress (done, total, options->progress_data);
}

bool
check_payload_bytes (Check *check, Pt2Archive *archive, GError **error)
{
  uint64_t done = 0, total = 0;
  if (check->options->skip_payloads)
    {
      check_add_not_checked (check, "payload bytes: left out as asked");
      return true;
    }
  for (uint32_t i = 0; i < archive->zip.n_entries; i++)
    total += archive->records[i].bytes;
  for (uint32_t i = 0; i < archive->zip.n_entries; i++)
    {
      Pt2Status status = PT2_STATUS_INIT;
      if (!tell_progress (check, done, total))
        return pt2_error_set (error, PT2_ERROR_F006, NULL, "%s", "");
      g_autoptr (GBytes) bytes = pt2_archive_read_entry (archive, &archive->records[i], &status);
      if (bytes == NULL)
        check_add_status (check, &status);
      done += archive->records[i].bytes;
    }
  check_add_checked (check, "payload bytes");
  return true;
}
