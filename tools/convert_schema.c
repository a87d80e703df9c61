/* SPDX-License-Identifier: Apache-2.0 */
#include "convert_schema.h"
#include "convert_upgrade.h"
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

static Pt2Program *
follow_minor (Pt2Program *program, const SchemaTarget *target, const char *in)
{
  GError *error = NULL;
  g_autoptr (GString) lines = g_string_new (NULL);
  Pt2Program *made = pt2_evolve_to_minor (program, target->minor, target->lossy ? PT2_EVOLVE_LOSSY : PT2_EVOLVE_STRICT,
                                          &settings.limits, list_loss, lines, &error);
  if (made == NULL)
    report_trouble (input_name (in), error);
  else if (!settings.quiet)
    fputs (lines->str, stderr);
  return made;
}

/* An upgrade ends at the newest minor. */
static Pt2Program *
follow_minor_after_upgrade (Pt2Program *upgraded, const SchemaTarget *target, const char *in)
{
  bool done = target->minor == pt2_evolve_newest_minor ();
  return done ? pt2_program_ref (upgraded) : follow_minor (upgraded, target, in);
}

Pt2Program *
convert_to_schema (Pt2Program *program, const SchemaTarget *target, const char *in)
{
  if (target->minor == 0)
    return pt2_program_ref (program);
  if (!convert_wants_upgrade (program, target))
    return follow_minor (program, target, in);
  g_autoptr (Pt2Program) upgraded = convert_upgrade_program (program, target, in);
  return upgraded != NULL ? follow_minor_after_upgrade (upgraded, target, in) : NULL;
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
  if (pt2_archive_get_layout (archive) != PT2_ARCHIVE_LAYOUT_LEGACY
      || pt2_archive_writer_find (writer, "version") == NULL)
    return TRUE;
  char *text = g_strdup_printf ("8.%u", minor);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  return replace (writer, "version", bytes, error);
}

/* MADE in the place of the program MODEL. In today's layout its record may have another name than where it came from.
 */
static gboolean
replace_program (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model, Pt2Program *made, GError **error)
{
  const Pt2Record *record = pt2_archive_choose_model (archive, model, error);
  if (record == NULL)
    return FALSE;
  g_autofree char *today = g_strdup_printf ("models/%s.json", model);
  const char *name = pt2_archive_writer_find (writer, record->name) != NULL ? record->name : today;
  g_autoptr (GBytes) text = pt2_program_save (made, PT2_FORM_JSON, error);
  return text != NULL && replace (writer, name, text, error);
}

static gboolean
convert_record (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model, Pt2Program *program,
                const SchemaTarget *target, const char *in)
{
  GError *error = NULL;
  g_autoptr (Pt2Program) made = follow_minor (program, target, in);
  if (made == NULL)
    return FALSE;
  if (replace_program (writer, archive, model, made, &error)
      && replace_version (writer, archive, target->minor, &error))
    return TRUE;
  report_trouble (input_name (in), error);
  return FALSE;
}

static Pt2Program *
load_program (Pt2Archive *archive, const char *model, const char *in)
{
  GError *error = NULL;
  const Pt2Record *record = pt2_archive_choose_model (archive, model, &error);
  Pt2Program *program = record != NULL ? pt2_archive_load_program (archive, record, &error) : NULL;
  if (program == NULL)
    report_trouble (input_name (in), error);
  return program;
}

/* UPGRADES: one for each program, or NULL: as they stand in the archive. */
static gboolean
convert_records (Pt2ArchiveWriter *writer, Pt2Archive *archive, GPtrArray *upgrades, const SchemaTarget *target,
                 const char *in)
{
  const char *const *models = pt2_archive_get_models (archive);
  for (guint i = 0; models[i] != NULL; i++)
    {
      g_autoptr (Pt2Program) program = upgrades != NULL
                                           ? pt2_program_ref (pt2_upgrade_get_program (g_ptr_array_index (upgrades, i)))
                                           : load_program (archive, models[i], in);
      if (program == NULL || !convert_record (writer, archive, models[i], program, target, in))
        return FALSE;
    }
  return TRUE;
}

static Pt2ArchiveWriter *
upgraded (Pt2Archive *archive, const SchemaTarget *target, const char *in)
{
  g_autoptr (GPtrArray) upgrades = NULL;
  g_autoptr (Pt2ArchiveWriter) writer = convert_upgrade_archive (archive, target, in, &upgrades);
  bool done = target->minor == pt2_evolve_newest_minor ();
  return writer != NULL && (done || convert_records (writer, archive, upgrades, target, in)) ? g_steal_pointer (&writer)
                                                                                             : NULL;
}

Pt2ArchiveWriter *
convert_archive_to_schema (Pt2Archive *archive, Pt2WriterStart start, const SchemaTarget *target, const char *in)
{
  GError *error = NULL;
  if (convert_archive_wants_upgrade (archive, start, target))
    return upgraded (archive, target, in);
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, start, &error);
  if (writer == NULL)
    report_trouble (input_name (in), error);
  return writer != NULL && (target->minor == 0 || convert_records (writer, archive, NULL, target, in))
             ? g_steal_pointer (&writer)
             : NULL;
}
