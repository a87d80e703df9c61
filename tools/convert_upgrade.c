/* SPDX-License-Identifier: Apache-2.0 */
#include "convert_upgrade.h"
#include "input.h"
#include "report.h"
#include "show.h"
#include <string.h>

enum
{
  CALLS_SAY_RESULTS_SINCE = 5, /* minor of major 8 */
};

/* ---- what needs an upgrade ---- */

static gboolean
version_wants_upgrade (gint64 major, gint64 minor, guint target)
{
  bool known = major != 8 || minor <= pt2_evolve_newest_minor ();
  return (major >= 1 && major < 8) || (known && target == pt2_evolve_newest_minor ())
         || (major == 8 && minor < CALLS_SAY_RESULTS_SINCE && target >= CALLS_SAY_RESULTS_SINCE);
}

gboolean
convert_wants_upgrade (Pt2Program *program, const SchemaTarget *target)
{
  gint64 major, minor;
  pt2_program_get_schema_version (program, &major, &minor);
  return target->minor != 0 && version_wants_upgrade (major, minor, target->minor);
}

/* Legacy archives say the version beside their program. */
static void
legacy_version (Pt2Archive *archive, gint64 *major, gint64 *minor)
{
  g_autoptr (GBytes) bytes = pt2_archive_read (archive, "version", NULL);
  gsize len = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &len) : NULL;
  g_autofree char *text = g_strndup (data != NULL ? data : "", MIN (len, 20));
  char *end = NULL;
  *major = g_ascii_strtoll (text, &end, 10);
  *minor = *end == '.' ? g_ascii_strtoll (end + 1, NULL, 10) : 0;
}

/* An archive of today's layout is upgraded program by program where that is the newest minor; as it is, it is only
 * respelled. */
gboolean
convert_archive_wants_upgrade (Pt2Archive *archive, Pt2WriterStart start, const SchemaTarget *target)
{
  gint64 major = 8, minor = CALLS_SAY_RESULTS_SINCE;
  if (target->minor == 0)
    return FALSE;
  if (pt2_archive_get_layout (archive) == PT2_ARCHIVE_LAYOUT_LEGACY)
    legacy_version (archive, &major, &minor);
  return (major >= 1 && major < 8)
         || (start == PT2_WRITER_TODAY && version_wants_upgrade (major, minor, target->minor));
}

/* ---- upgrades ---- */

static void
explain (Pt2Upgrade *upgrade, const char *model)
{
  guint n;
  const Pt2UpgradeDone *done = pt2_upgrade_get_done (upgrade, &n);
  g_autofree char *name = model != NULL ? escaped (model, -1) : NULL;
  g_autofree char *lead = name != NULL ? g_strconcat (name, ": ", NULL) : g_strdup ("");
  for (guint i = 0; i < n; i++)
    fprintf (stderr, "%s%s: %" G_GUINT64_FORMAT ": %s%s%s\n", lead, done[i].step, done[i].count, done[i].what,
             done[i].note[0] != '\0' ? "; " : "", done[i].note);
  if (n == 0)
    fprintf (stderr, "%snothing had to change but the version\n", lead);
}

Pt2Program *
convert_upgrade_program (Pt2Program *program, const SchemaTarget *target, const char *in)
{
  GError *error = NULL;
  g_autoptr (Pt2Upgrade) upgrade = pt2_upgrade_new (program, NULL, NULL, &settings.limits, &error);
  if (upgrade == NULL)
    {
      report_trouble (input_name (in), error);
      return NULL;
    }
  if (target->explain)
    explain (upgrade, NULL);
  return pt2_program_ref (pt2_upgrade_get_program (upgrade));
}

Pt2ArchiveWriter *
convert_upgrade_archive (Pt2Archive *archive, const SchemaTarget *target, const char *in, GPtrArray **upgrades)
{
  GError *error = NULL;
  Pt2ArchiveWriter *writer = pt2_upgrade_archive (archive, upgrades, &error);
  if (writer == NULL)
    {
      report_trouble (input_name (in), error);
      return NULL;
    }
  const char *const *models = pt2_archive_get_models (archive);
  for (guint i = 0; target->explain && i < (*upgrades)->len; i++)
    explain (g_ptr_array_index (*upgrades, i), (*upgrades)->len > 1 ? models[i] : NULL);
  return writer;
}
