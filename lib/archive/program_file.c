/* SPDX-License-Identifier: Apache-2.0 */
/* A program out of whatever file holds it. Reads an archive's directory and one record. */
#include "archive_private.h"
#include "pt2-program.h"
#include "pt2c.h"
#include "text.h"
#include <string.h>

static GBytes *
read_program (Pt2Archive *archive, const Pt2Record *record, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  if (archive->compact == NULL)
    return pt2_archive_read (archive, record->name, error);
  GBytes *bytes = pt2c_read_program (archive, (guint)(record - archive->records), &status);
  if (bytes == NULL)
    pt2_status_to_error (&status, error);
  return bytes;
}

/* A record that PyTorch reads as JSON is nothing else to us. */
static bool
check_is_json (const Pt2Archive *archive, const Pt2Record *record, GBytes *text, GError **error)
{
  size_t len, at = 0;
  const char *data = g_bytes_get_data (text, &len);
  if (archive->compact != NULL)
    return true;
  while (at < len && strchr (" \t\r\n\xef\xbb\xbf", data[at]) != NULL && data[at] != '\0')
    at++;
  if (at < len && data[at] == '{')
    return true;
  g_autofree char *where = g_strdup_printf ("@%zu", at);
  pt2_error_set (error, at < len ? PT2_ERROR_J002 : PT2_ERROR_J001, where, "%s", "an object must stand here");
  if (error != NULL)
    pt2_error_add_record (*error, record->name);
  return false;
}

Pt2Program *
pt2_archive_load_program (Pt2Archive *archive, const Pt2Record *record, GError **error)
{
  g_autoptr (GBytes) text = read_program (archive, record, error);
  if (text == NULL || !check_is_json (archive, record, text, error))
    return NULL;
  GError *inner = NULL;
  Pt2Program *program = pt2_program_new_from_bytes (text, &archive->limits, &inner);
  if (program == NULL)
    {
      pt2_error_add_record (inner, record->name);
      g_propagate_error (error, inner);
    }
  return program;
}

static Pt2Program *
program_from_archive (GBytes *bytes, const char *model, const Pt2Limits *limits, GError **error)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, limits, error);
  const Pt2Record *record = archive != NULL ? pt2_archive_choose_model (archive, model, error) : NULL;
  return record != NULL ? pt2_archive_load_program (archive, record, error) : NULL;
}

Pt2Program *
pt2_program_new_from_data (GBytes *bytes, const char *model, const Pt2Limits *limits, GError **error)
{
  limits = limits != NULL ? limits : pt2_limits_default ();
  if (pt2_sniff (bytes).code != PT2_ERROR_NONE)
    return program_from_archive (bytes, model, limits, error);
  if (model == NULL)
    return pt2_program_new_from_bytes (bytes, limits, error);
  pt2_error_set (error, PT2_ERROR_U003, NULL, "%s", "it is a program by itself, which has no name");
  return NULL;
}

Pt2Program *
pt2_program_new_from_file (const char *path, const char *model, const Pt2Limits *limits, GError **error)
{
  g_autoptr (GBytes) bytes = pt2_map_file (path, error);
  return bytes != NULL ? pt2_program_new_from_data (bytes, model, limits, error) : NULL;
}
