/* SPDX-License-Identifier: Apache-2.0 */
#include "rewrite.h"
#include "form.h"
#include "input.h"
#include "progress.h"
#include "report.h"
#include <string.h>

static int
report_output (const char *out, GError *error)
{
  return report_trouble (strcmp (out, "-") == 0 ? "standard output" : out, error);
}

gboolean
is_archive (GBytes *bytes, gboolean *archive, GError **error)
{
  Pt2FileKind kind;
  if (!pt2_file_kind (bytes, &settings.limits, &kind, error))
    return FALSE;
  *archive = kind != PT2_KIND_OF_FILE_PROGRAM_JSON && kind != PT2_KIND_OF_FILE_PROGRAM_COMPACT;
  return TRUE;
}

static int
write_program (Pt2Program *program, const char *in, const char *out, Pt2Form form, const Rewrite *how, gpointer data)
{
  GError *error = NULL;
  g_autoptr (Pt2Program) changed = how->program (program, NULL, data, &error);
  /* The text of a major that has no structs is JSON, whatever it came as. */
  g_autoptr (GBytes) bytes = changed != NULL ? pt2_program_save (changed, form, &error) : NULL;
  if (bytes == NULL)
    return report_trouble (input_name (in), error);
  if (out == NULL)
    return STATUS_FINE;
  return output_bytes (out, bytes, &error) ? STATUS_FINE : report_output (out, error);
}

static int
rewrite_program (GBytes *bytes, const char *in, const char *out, const Rewrite *how, gpointer data)
{
  GError *error = NULL;
  const FormRow *row = out != NULL ? form_by_suffix (out) : NULL;
  g_autoptr (Pt2Program) program = pt2_program_new_from_data (bytes, settings.model, &settings.limits, &error);
  if (program == NULL)
    return report_trouble (input_name (in), error);
  if (row != NULL && row->kind != OUT_PROGRAM)
    {
      set_error (&error, PT2_ERROR_U002, "%s",
                 "IN is a program by itself, and so is OUT: .json, .thrift or .thrift.zst");
      return report_trouble (NULL, error);
    }
  return write_program (program, in, out, row != NULL ? row->form : pt2_program_get_form (program), how, data);
}

static int
take_program (Pt2Archive *archive, const char *in, const char *out, Pt2Form form, const Rewrite *how, gpointer data)
{
  GError *error = NULL;
  const Pt2Record *record = pt2_archive_choose_model (archive, settings.model, &error);
  g_autoptr (Pt2Program) program = record != NULL ? pt2_archive_load_program (archive, record, &error) : NULL;
  if (program == NULL)
    return report_trouble (input_name (in), error);
  return write_program (program, in, out, form, how, data);
}

static gboolean
change_record (Pt2ArchiveWriter *writer, Pt2Archive *archive, const Pt2Record *record, const Rewrite *how,
               gpointer data, GError **error)
{
  g_autoptr (Pt2Program) program = pt2_archive_load_program (archive, record, error);
  g_autoptr (Pt2Program) changed = program != NULL ? how->program (program, record->name, data, error) : NULL;
  if (changed == NULL || changed == program)
    return changed != NULL;
  g_autoptr (GBytes) text = pt2_program_save (changed, PT2_FORM_JSON, error);
  g_autoptr (Pt2Source) source = text != NULL ? pt2_source_new_bytes (text) : NULL;
  return source != NULL && pt2_archive_writer_replace (writer, record->name, source, error);
}

gboolean
rewrite_programs (Pt2ArchiveWriter *writer, Pt2Archive *archive, const Rewrite *how, gpointer data, GError **error)
{
  guint n;
  const Pt2Record *records = pt2_archive_get_records (archive, &n);
  const Pt2Record *meant = settings.model != NULL ? pt2_archive_choose_model (archive, settings.model, error) : NULL;
  if (settings.model != NULL && meant == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (strcmp (records[i].role, "program") == 0 && (meant == NULL || meant == &records[i])
        && !change_record (writer, archive, &records[i], how, data, error))
      return FALSE;
  return TRUE;
}

static Pt2ArchiveWriter *
changed_archive (Pt2Archive *archive, gboolean compact, const Rewrite *how, gpointer data, GError **error)
{
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, PT2_WRITER_AS_IT_IS, error);
  if (writer == NULL
      || !(how->archive != NULL ? how->archive (writer, archive, data, error)
                                : rewrite_programs (writer, archive, how, data, error)))
    return NULL;
  /* The records that PyTorch adds to an archive of today have no place in an older one. */
  if (pt2_archive_get_layout (archive) < PT2_ARCHIVE_LAYOUT_PICKLED)
    pt2_archive_writer_set_whole (writer);
  if (!compact)
    return g_steal_pointer (&writer);
  Progress progress = PROGRESS_INIT ("reading");
  Pt2ArchiveWriter *result = pt2_archive_writer_new_compact (writer, NULL, progress_show, &progress, error);
  progress_end (&progress);
  return result;
}

static int
rewrite_archive (Pt2Archive *archive, const char *in, const char *out, const Rewrite *how, gpointer data)
{
  GError *error = NULL;
  const FormRow *row = out != NULL ? form_by_suffix (out) : NULL;
  if (*pt2_archive_get_models (archive) == NULL)
    {
      pt2_archive_choose_model (archive, NULL, &error); /* says what it is instead */
      return report_trouble (input_name (in), error);
    }
  if (row != NULL && row->kind == OUT_PROGRAM)
    return take_program (archive, in, out, row->form, how, data);
  gboolean compact = row != NULL && row->kind == OUT_COMPACT_ARCHIVE;
  g_autoptr (Pt2ArchiveWriter) writer = changed_archive (archive, compact, how, data, &error);
  if (writer == NULL)
    return report_trouble (input_name (in), error);
  if (out == NULL)
    return STATUS_FINE;
  return output_archive (out, writer, how->written, data, &error) ? STATUS_FINE : report_output (out, error);
}

int
rewrite_file (const char *in, const char *out, const Rewrite *how, gpointer data)
{
  GError *error = NULL;
  gboolean archived;
  g_autoptr (GBytes) bytes = input_bytes (in, &error);
  if (bytes == NULL || !is_archive (bytes, &archived, &error))
    return report_trouble (input_name (in), error);
  if (!archived)
    return rewrite_program (bytes, in, out, how, data);
  g_autoptr (Pt2Archive) archive = NULL;
  if (strcmp (in, "-") != 0)
    archive = input_archive (in); /* what lies in a file is copied inside the kernel */
  else if ((archive = pt2_archive_new_from_bytes (bytes, &settings.limits, &error)) == NULL)
    report_trouble (input_name (in), error);
  return archive != NULL ? rewrite_archive (archive, in, out, how, data) : STATUS_TROUBLE;
}
