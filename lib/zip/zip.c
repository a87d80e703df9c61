/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing: the order of the passes. Each pass is a file of its own. */
#include "zip_private.h"

static bool
run_passes (Pt2Zip *zip, Pt2Status *status)
{
  ZipEnd end = { 0 };
  return zip_find_end (zip, &end, status) && zip_read_directory (zip, &end, status) && zip_index_names (zip, status)
         && zip_order_records (zip, status);
}

bool
pt2_zip_open (Pt2Zip *zip, GBytes *bytes, const Pt2Limits *limits, Pt2Status *status)
{
  size_t size = 0;
  memset (zip, 0, sizeof *zip);
  zip->data = g_bytes_get_data (bytes, &size);
  zip->size = size;
  zip->bytes = g_bytes_ref (bytes);
  zip->limits = limits != NULL ? *limits : *pt2_limits_default ();
  if (run_passes (zip, status))
    return true;
  pt2_zip_clear (zip);
  return false;
}

void
pt2_zip_clear (Pt2Zip *zip)
{
  g_clear_pointer (&zip->bytes, g_bytes_unref);
  g_clear_pointer (&zip->entries, g_free);
  g_clear_pointer (&zip->names, g_free);
  g_clear_pointer (&zip->keys, g_free);
  memset (zip, 0, sizeof *zip);
}
