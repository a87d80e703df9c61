/* SPDX-License-Identifier: Apache-2.0 */
#include "archive_private.h"
#include "pt2-archive-edit.h"
#include <string.h>

typedef struct
{
  Pt2ArchiveWriter *writer;
  Pt2Archive *archive;
  const char *model; /* NULL: all */
  Pt2StripFlags what;
  Pt2Stripped stripped;
} Strip;

static bool
strip_program (Strip *strip, const Pt2Record *record, GError **error)
{
  g_autoptr (Pt2Program) program = pt2_archive_load_program (strip->archive, record, error);
  g_autoptr (Pt2Program) result = NULL;
  if (program != NULL)
    result = pt2_program_strip (program, strip->what, &strip->archive->limits, &strip->stripped, error);
  if (result == NULL || result == program)
    return result != NULL;
  g_autoptr (GBytes) text = pt2_program_save (result, PT2_FORM_JSON, error);
  if (text == NULL)
    return false;
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (text);
  return pt2_archive_writer_replace (strip->writer, record->name, source, error);
}

static bool
is_meant (const Strip *strip, const char *model)
{
  return strip->model == NULL || strcmp (strip->model, model) == 0;
}

/* data/sample_inputs/MODEL.pt; the one of a legacy archive, whose only program is called "model". */
static bool
are_inputs_meant (const Strip *strip, const Pt2Record *record)
{
  if (strip->model == NULL || strip->archive->family == PT2_FAMILY_LEGACY)
    return true;
  const char *slash = strrchr (record->name, '/'), *base = slash != NULL ? slash + 1 : record->name;
  size_t len = strlen (strip->model);
  return strncmp (base, strip->model, len) == 0 && strcmp (base + len, ".pt") == 0;
}

static void
count_record (Strip *strip, Pt2StripFlags flag, const Pt2Record *record)
{
  int bit = g_bit_nth_lsf (flag, -1);
  strip->stripped.count[bit]++;
  strip->stripped.bytes[bit] += record->bytes;
}

static bool
strip_record (Strip *strip, const Pt2Record *record, GError **error)
{
  if (strip->what & PT2_STRIP_EXTRA && strcmp (record->role, "extra") == 0)
    {
      count_record (strip, PT2_STRIP_EXTRA, record);
      return pt2_archive_writer_remove (strip->writer, record->name, error);
    }
  if (!(strip->what & PT2_STRIP_SAMPLE_INPUTS) || strcmp (record->role, "sample-inputs") != 0 || record->bytes == 0
      || !are_inputs_meant (strip, record))
    return true;
  count_record (strip, PT2_STRIP_SAMPLE_INPUTS, record);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (nothing);
  return pt2_archive_writer_replace (strip->writer, record->name, source, error);
}

gboolean
pt2_archive_writer_strip (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model, Pt2StripFlags what,
                          Pt2Stripped *stripped, GError **error)
{
  Strip strip = { .writer = writer, .archive = archive, .model = model, .what = what };
  if (model != NULL && pt2_archive_choose_model (archive, model, error) == NULL)
    return FALSE;
  for (guint i = 0; i < archive->n_models; i++)
    if (is_meant (&strip, archive->models[i])
        && !strip_program (&strip, &archive->records[archive->model_records[i]], error))
      return FALSE;
  for (guint i = 0; i < archive->zip.n_entries; i++)
    if (!strip_record (&strip, &archive->records[i], error))
      return FALSE;
  for (int i = 0; i < PT2_STRIP_KINDS && stripped != NULL; i++)
    {
      stripped->count[i] += strip.stripped.count[i];
      stripped->bytes[i] += strip.stripped.bytes[i];
    }
  return TRUE;
}
