/* SPDX-License-Identifier: Apache-2.0 */
/* Records seen by themselves: archives in them, and their hashes. Goes one level down; how far to go is the caller's.
 */
#include "archive_private.h"
#include "sha256.h"
#include <string.h>

/* What every archive of PyTorch's begins with; a zip with something in front of it is none. */
static bool
begins_like_archive (GBytes *bytes)
{
  static const char magic[] = "PK\3\4";
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  return len >= sizeof magic - 1 && memcmp (data, magic, sizeof magic - 1) == 0;
}

Pt2Archive *
pt2_archive_open_nested (Pt2Archive *archive, const Pt2Record *record, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  GError *fault = NULL;
  g_autoptr (GBytes) bytes = pt2_archive_view (archive, record, &status);
  if (bytes == NULL)
    {
      pt2_status_set_record (&status, record->name);
      pt2_status_to_error (&status, error);
      return NULL;
    }
  Pt2Archive *nested
      = begins_like_archive (bytes) ? pt2_archive_new_from_bytes (bytes, &archive->limits, &fault) : NULL;
  if (fault != NULL)
    {
      pt2_error_add_record (fault, record->name);
      g_propagate_error (error, fault);
    }
  return nested;
}

gboolean
pt2_archive_sha256 (Pt2Archive *archive, const Pt2Record *record, guint8 digest[PT2_SHA256_LEN], GError **error)
{
  Pt2Sha256 hash;
  gsize len;
  g_autoptr (GBytes) bytes = pt2_archive_read (archive, record->name, error);
  if (bytes == NULL)
    return FALSE;
  if (!pt2_sha256_begin (&hash))
    return pt2_error_set (error, PT2_ERROR_L001, record->name, "%s", "");
  const void *data = g_bytes_get_data (bytes, &len);
  pt2_sha256_add (&hash, data, len);
  pt2_sha256_end (&hash, digest);
  return TRUE;
}
