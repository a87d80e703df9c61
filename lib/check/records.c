/* SPDX-License-Identifier: Apache-2.0 */
/* The records of an archive: those that PyTorch demands are there, those that would stop it are not. */
#include "check_private.h"
#include "text.h"

static bool
has_role (const Pt2Record *record, const char *role)
{
  return strcmp (record->role, role) == 0;
}

static void
demand (Check *check, Pt2Archive *archive, const char *name)
{
  if (pt2_archive_find (archive, name) == NULL)
    check_add (check, CHECK_R101, NULL, "%s", shown_text (name).text);
}

static void
demand_either (Check *check, Pt2Archive *archive, const char *name, const char *other)
{
  if (pt2_archive_find (archive, other) == NULL)
    demand (check, archive, name);
}

/* ---- today's layouts ---- */

static void
demand_of_model (Check *check, Pt2Archive *archive, const char *model)
{
  g_autofree char *inputs = g_strdup_printf ("data/sample_inputs/%s.pt", model);
  g_autofree char *weights = g_strdup_printf ("data/weights/%s_weights_config.json", model);
  g_autofree char *constants = g_strdup_printf ("data/constants/%s_constants_config.json", model);
  g_autofree char *old_weights = g_strdup_printf ("data/weights/%s.pt", model);
  g_autofree char *old_constants = g_strdup_printf ("data/constants/%s.pt", model);
  demand (check, archive, inputs);
  demand_either (check, archive, weights, old_weights);
  demand_either (check, archive, constants, old_constants);
}

static void
demand_of_package (Check *check, Pt2Archive *archive)
{
  static const char *const always[] = { "archive_format", "archive_version", ".data/version" };
  for (gsize i = 0; i < G_N_ELEMENTS (always); i++)
    if (archive->layout != PT2_ARCHIVE_LAYOUT_FLAT || i == 0)
      demand (check, archive, always[i]);
  for (guint i = 0; i < archive->n_models; i++)
    demand_of_model (check, archive, archive->models[i]);
  if (archive->layout == PT2_ARCHIVE_LAYOUT_RAW && archive->byteorder != NULL
      && strcmp (archive->byteorder, "big") == 0)
    check_add (check, CHECK_R103, "byteorder", "%s", archive->byteorder);
}

/* ---- the legacy layout ---- */

static bool
is_of_major_8 (Pt2Archive *archive)
{
  const Pt2Record *record = pt2_archive_find (archive, "version");
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (GBytes) bytes = record != NULL ? pt2_archive_read_entry (archive, record, &status) : NULL;
  gsize len = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &len) : NULL;
  return len >= 2 && data[0] == '8' && data[1] == '.';
}

static void
demand_of_legacy (Check *check, Pt2Archive *archive)
{
  demand (check, archive, "version");
  demand_either (check, archive, "serialized_state_dict.pt", "serialized_state_dict.json");
  /* Older majors, which today's loader refuses anyway, did without. */
  if (!is_of_major_8 (archive))
    return;
  demand_either (check, archive, "serialized_constants.pt", "serialized_constants.json");
  demand (check, archive, "serialized_example_inputs.pt");
}

void
check_record_version (Check *check, Pt2Archive *archive)
{
  int64_t major, minor;
  pt2_program_get_schema_version (check->program, &major, &minor);
  const Pt2Record *record = archive->family == PT2_FAMILY_LEGACY ? pt2_archive_find (archive, "version") : NULL;
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (GBytes) bytes = record != NULL ? pt2_archive_read_entry (archive, record, &status) : NULL;
  if (bytes == NULL)
    return;
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  Pt2String text = { data, (uint32_t)MIN (len, 100) };
  g_autofree char *whole = g_strdup_printf ("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, major, minor);
  g_autofree char *alone = g_strdup_printf ("%" G_GINT64_FORMAT, major);
  if (!text_is (text, whole) && (minor != 0 || !text_is (text, alone)))
    check_add (check, CHECK_R107, "version", "%s, and the program says %s", shown (text).text, whole);
}

/* ---- each record ---- */

static void
check_extra (Check *check, Pt2Archive *archive, const Pt2Record *record)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (GBytes) bytes = pt2_archive_view (archive, record, &status);
  gsize len = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &len) : NULL;
  if (data != NULL && !pt2_text_is_utf8 (data, len))
    check_add (check, CHECK_R105, shown_text (record->name).text, "%s", "");
}

static void
check_record (Check *check, Pt2Archive *archive, const Pt2Record *record)
{
  size_t len = strlen (record->name);
  Shown name = shown_text (record->name);
  bool package = archive->family == PT2_FAMILY_PT2;
  if (len > 0 && record->name[len - 1] == '/')
    check_add (check, CHECK_R106, name.text, "%s", "");
  else if (package && g_str_has_prefix (record->name, "models/") && !has_role (record, "program"))
    check_add (check, CHECK_R104, name.text, "%s", "");
  else if (has_role (record, "unknown") && (package || archive->family == PT2_FAMILY_LEGACY))
    check_add (check, CHECK_R102, name.text, "%s", "");
  else if (has_role (record, "extra") && archive->kind == PT2_KIND_OF_FILE_EXPORTED_PROGRAM)
    check_extra (check, archive, record);
}

void
check_records (Check *check, Pt2Archive *archive)
{
  if (archive->problem.code != PT2_ERROR_NONE)
    check_add_status (check, &archive->problem);
  if (archive->family == PT2_FAMILY_PT2 && archive->n_models > 0)
    demand_of_package (check, archive);
  if (archive->family == PT2_FAMILY_LEGACY)
    demand_of_legacy (check, archive);
  for (uint32_t i = 0; i < archive->zip.n_entries; i++)
    check_record (check, archive, &archive->records[i]);
  check_add_checked (check, "records");
}
