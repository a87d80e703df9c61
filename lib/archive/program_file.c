/* SPDX-License-Identifier: Apache-2.0 */
/* A program out of whatever file holds it. Reads an archive's directory and one record. */
#include "pt2-archive.h"
#include "pt2-program.h"
#include "status.h"
#include <string.h>

static Pt2Program *
program_from_archive (GBytes *bytes, const char *model, const Pt2Limits *limits, GError **error)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, limits, error);
  const Pt2Record *record = archive != NULL ? pt2_archive_choose_model (archive, model, error) : NULL;
  g_autoptr (GBytes) text = record != NULL ? pt2_archive_read (archive, record->name, error) : NULL;
  if (text == NULL)
    return NULL;
  GError *inner = NULL;
  Pt2Program *program = pt2_program_new_from_bytes (text, limits, &inner);
  if (program == NULL)
    {
      pt2_error_add_record (inner, record->name);
      g_propagate_error (error, inner);
    }
  return program;
}

Pt2Program *
pt2_program_new_from_data (GBytes *bytes, const char *model, const Pt2Limits *limits, GError **error)
{
  Pt2FileKind kind;
  limits = limits != NULL ? limits : pt2_limits_default ();
  if (!pt2_file_kind (bytes, limits, &kind, error))
    return NULL;
  if (kind != PT2_KIND_OF_FILE_PROGRAM_JSON && kind != PT2_KIND_OF_FILE_PROGRAM_COMPACT)
    return program_from_archive (bytes, model, limits, error);
  return pt2_program_new_from_bytes (bytes, limits, error);
}

Pt2Program *
pt2_program_new_from_file (const char *path, const char *model, const Pt2Limits *limits, GError **error)
{
  GError *inner = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &inner);
  if (file == NULL)
    {
      pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", inner->message);
      g_error_free (inner);
      return NULL;
    }
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (file);
  return pt2_program_new_from_data (bytes, model, limits, error);
}
