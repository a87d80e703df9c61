/* SPDX-License-Identifier: Apache-2.0 */
#include "convert_schema.h"
#include "input.h"
#include "report.h"
#include "show.h"
#include <string.h>

gboolean
schema_target_parse (const char *text, SchemaTarget *target, GError **error)
{
  target->minor = 0;
  if (text == NULL)
    return TRUE;
  guint64 minor = 0;
  if (g_str_has_prefix (text, "8.") && g_ascii_string_to_unsigned (text + 2, 10, 1, G_MAXINT32, &minor, NULL))
    {
      target->minor = (guint)minor;
      return TRUE;
    }
  g_autofree char *shown = escaped (text, -1);
  set_error (error, PT2_ERROR_E002, "--schema=%s; versions are written 8.N", shown);
  return FALSE;
}

/* A line for each thing that is left out. Nothing is while the program is refused. */
static void
list_loss (const Pt2EvolveLoss *loss, gpointer data)
{
  GString *lines = data;
  g_autofree char *where = escaped (loss->where, -1), *name = escaped (loss->name, -1);
  g_string_append_printf (lines, "pt2: left out: %s", name);
  if (loss->since > 0)
    g_string_append_printf (lines, " (since 8.%u)", loss->since);
  if (loss->count > 1)
    g_string_append_printf (lines, ", in %" G_GUINT64_FORMAT " places, first", loss->count);
  g_string_append_printf (lines, " at %s\n", where[0] != '\0' ? where : "the root");
}

Pt2Program *
convert_to_schema (Pt2Program *program, const SchemaTarget *target, const char *in)
{
  GError *error = NULL;
  g_autoptr (GString) lines = g_string_new (NULL);
  if (target->minor == 0)
    return pt2_program_ref (program);
  Pt2Program *made = pt2_evolve_to_minor (program, target->minor, target->lossy ? PT2_EVOLVE_LOSSY : PT2_EVOLVE_STRICT,
                                          &settings.limits, list_loss, lines, &error);
  if (made == NULL)
    report_trouble (input_name (in), error);
  else if (!settings.quiet)
    fputs (lines->str, stderr);
  return made;
}

/* ---- archives ---- */

static gboolean
replace (Pt2ArchiveWriter *writer, const char *name, GBytes *bytes, GError **error)
{
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (bytes);
  return pt2_archive_writer_replace (writer, name, source, error);
}

/* Legacy archives say the version beside the program too. */
static gboolean
replace_version (Pt2ArchiveWriter *writer, Pt2Archive *archive, guint minor, GError **error)
{
  if (g_strcmp0 (pt2_archive_get_layout_name (archive), "legacy") != 0
      || pt2_archive_writer_find (writer, "version") == NULL)
    return TRUE;
  char *text = g_strdup_printf ("8.%u", minor);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  return replace (writer, "version", bytes, error);
}

static int
convert_record (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model, const SchemaTarget *target,
                const char *in)
{
  GError *error = NULL;
  const Pt2Record *record = pt2_archive_choose_model (archive, model, &error);
  g_autoptr (Pt2Program) program = record != NULL ? pt2_archive_load_program (archive, record, &error) : NULL;
  if (program == NULL)
    return report_trouble (input_name (in), error);
  g_autoptr (Pt2Program) made = convert_to_schema (program, target, in);
  if (made == NULL)
    return STATUS_TROUBLE;
  /* In today's layout the record may have another name than where it came from. */
  g_autofree char *today = g_strdup_printf ("models/%s.json", model);
  const char *name = pt2_archive_writer_find (writer, record->name) != NULL ? record->name : today;
  g_autoptr (GBytes) text = pt2_program_save (made, PT2_FORM_JSON, &error);
  if (text == NULL || !replace (writer, name, text, &error)
      || !replace_version (writer, archive, target->minor, &error))
    return report_trouble (input_name (in), error);
  return STATUS_FINE;
}

int
convert_archive_to_schema (Pt2ArchiveWriter *writer, Pt2Archive *archive, const SchemaTarget *target, const char *in)
{
  int status = STATUS_FINE;
  for (const char *const *model = pt2_archive_get_models (archive);
       target->minor != 0 && status == STATUS_FINE && *model != NULL; model++)
    status = convert_record (writer, archive, *model, target, in);
  return status;
}
