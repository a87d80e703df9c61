/* SPDX-License-Identifier: Apache-2.0 */
/* The records in the order of the file, by the directory alone: each has a place of its own, as
 * far as its name and sizes say how much room it takes. Reads nothing of the records.
 */
#include "zip_private.h"
#include "text.h"
#include <stdlib.h>

static int
compare_offset (const void *a, const void *b)
{
  const Pt2ZipEntry *left = *(Pt2ZipEntry *const *)a, *right = *(Pt2ZipEntry *const *)b;
  return (left->header > right->header) - (left->header < right->header);
}

/* Local header, name, payload and the shortest descriptor there is. Sizes are below the file's. */
static uint64_t
least_bytes (const Pt2ZipEntry *entry)
{
  uint64_t descriptor = (entry->flags & ZIP_FLAG_DESCRIPTOR) != 0 ? ZIP_DESCRIPTOR_LEAST_BYTES : 0;
  return ZIP_LOCAL_BYTES + (uint64_t)entry->name_len + entry->stored_bytes + descriptor;
}

static bool
fail_overlap (const Pt2Zip *zip, const Pt2ZipEntry *entry, const Pt2ZipEntry *next, Pt2Status *status)
{
  char text[128];
  if (next != NULL)
    pt2_status_fail (status, PT2_ERROR_Z009, entry->header, "with \"%s\"",
                     pt2_text_escape (next->name, next->name_len, text, sizeof text));
  else if (zip_fits (entry->header, least_bytes (entry), zip->size))
    pt2_status_fail (status, PT2_ERROR_Z009, entry->header, "with the central directory");
  else
    pt2_status_fail (status, PT2_ERROR_Z006, entry->header, "it reaches behind the end of the file");
  pt2_status_set_record (status, entry->name);
  return false;
}

static bool
set_bounds (Pt2Zip *zip, Pt2ZipEntry *const *order, Pt2Status *status)
{
  zip->first = zip->n_entries > 0 ? order[0]->header : zip->directory;
  for (uint32_t i = 0; i < zip->n_entries; i++)
    {
      const Pt2ZipEntry *next = i + 1 < zip->n_entries ? order[i + 1] : NULL;
      order[i]->bound = next != NULL ? next->header : zip->directory;
      if (!zip_fits (order[i]->header, least_bytes (order[i]), order[i]->bound))
        return fail_overlap (zip, order[i], next, status);
    }
  return true;
}

bool
zip_order_records (Pt2Zip *zip, Pt2Status *status)
{
  bool sorted = true;
  g_autofree Pt2ZipEntry **order = g_try_new (Pt2ZipEntry *, (size_t)zip->n_entries + 1);
  if (order == NULL)
    return pt2_status_fail (status, PT2_ERROR_L001, zip->directory, "the order of the records");
  for (uint32_t i = 0; i < zip->n_entries; i++)
    {
      order[i] = &zip->entries[i];
      sorted &= i == 0 || order[i - 1]->header <= order[i]->header;
    }
  if (!sorted)
    qsort (order, zip->n_entries, sizeof *order, compare_offset);
  return set_bounds (zip, order, status);
}
