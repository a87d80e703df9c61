/* SPDX-License-Identifier: Apache-2.0 */
/* Which layout an archive has, by the records that it holds, never by a file name.
 * What is wrong with the marker records is kept as the archive's problem: its records
 * can still be listed and read, but no program is taken from it.
 */
#include "archive_private.h"
#include "text.h"
#include <string.h>

/* ---- root folder and family ---- */

static bool
has_under (const Pt2Zip *zip, const char *root, size_t root_len, const char *name)
{
  char full[4096 + 64];
  size_t len = strlen (name);
  if (root_len + len >= sizeof full)
    return false;
  memcpy (full, root, root_len);
  memcpy (full + root_len, name, len);
  return pt2_zip_find (zip, full, root_len + len) != NULL;
}

/* True if a record is ROOT + "models/…". */
static bool
has_models (const Pt2Zip *zip, const char *root, size_t root_len)
{
  static const char folder[] = "models/";
  size_t len = strlen (folder);
  for (uint32_t i = 0; i < zip->n_entries; i++)
    {
      const Pt2ZipEntry *entry = &zip->entries[i];
      if (entry->name_len > root_len + len && memcmp (entry->name, root, root_len) == 0
          && memcmp (entry->name + root_len, folder, len) == 0 && g_str_has_suffix (entry->name, ".json"))
        return true;
    }
  return false;
}

/* The family of what lies under ROOT ("" or with its slash). */
static Pt2Family
family_under (const Pt2Zip *zip, const char *root, size_t root_len)
{
  if (has_under (zip, root, root_len, "archive_format") || has_under (zip, root, root_len, "archive_version"))
    return PT2_FAMILY_PT2;
  if (has_under (zip, root, root_len, "constants.pkl") || has_under (zip, root, root_len, "bytecode.pkl"))
    return PT2_FAMILY_TORCH_SCRIPT;
  if (has_under (zip, root, root_len, "data.pkl"))
    return PT2_FAMILY_TORCH_SAVE;
  bool marked = has_under (zip, root, root_len, ".data/version");
  return root_len > 0 && marked && has_models (zip, root, root_len) ? PT2_FAMILY_PT2 : PT2_FAMILY_OTHER;
}

static bool
fail_outside (const Pt2ZipEntry *entry, const char *root, size_t root_len, Pt2Status *status)
{
  char text[128];
  pt2_status_fail (status, PT2_ERROR_R004, entry->header, "the root is \"%s\"",
                   pt2_text_escape (root, root_len, text, sizeof text));
  pt2_status_set_record (status, entry->name);
  return false;
}

/* All records lie under the root of the first one. */
static bool
check_root (const Pt2Zip *zip, size_t root_len, Pt2Status *status)
{
  const char *root = zip->entries[0].name;
  for (uint32_t i = 1; i < zip->n_entries; i++)
    if (zip->entries[i].name_len < root_len || memcmp (zip->entries[i].name, root, root_len) != 0)
      return fail_outside (&zip->entries[i], root, root_len, status);
  return true;
}

/* A record ROOT/archive_format where the first record lies elsewhere. */
static bool
check_no_other_root (const Pt2Zip *zip, Pt2Status *status)
{
  for (uint32_t i = 0; i < zip->n_entries; i++)
    {
      const char *slash = strchr (zip->entries[i].name, '/');
      if (slash != NULL && strcmp (slash + 1, "archive_format") == 0)
        return fail_outside (&zip->entries[0], zip->entries[i].name, (size_t)(slash + 1 - zip->entries[i].name),
                             status);
    }
  return true;
}

bool
pt2_archive_find_root (Pt2Archive *archive, Pt2Status *status)
{
  const Pt2Zip *zip = &archive->zip;
  archive->family = PT2_FAMILY_OTHER;
  if (zip->n_entries == 0)
    return true;
  const char *first = zip->entries[0].name, *slash = strchr (first, '/');
  size_t root_len = slash != NULL ? (size_t)(slash + 1 - first) : 0;
  if (root_len > 0)
    archive->family = family_under (zip, first, root_len);
  if (archive->family != PT2_FAMILY_OTHER)
    {
      archive->root_len = root_len;
      return check_root (zip, root_len, status);
    }
  archive->family = family_under (zip, "", 0);
  if (pt2_zip_find (zip, "serialized_exported_program.json", 32) != NULL)
    {
      if (archive->family != PT2_FAMILY_OTHER)
        pt2_status_fail (&archive->problem, PT2_ERROR_R005, PT2_NO_OFFSET,
                         "serialized_exported_program.json beside other marks");
      archive->family = PT2_FAMILY_LEGACY;
    }
  return archive->family != PT2_FAMILY_OTHER || check_no_other_root (zip, status);
}

/* ---- marker records ---- */

/* The text of a small record, escaped, without a last newline if STRIP; NULL if it is not there. */
static char *
read_text (Pt2Archive *archive, const char *name, bool strip)
{
  char text[128];
  Pt2Status status = PT2_STATUS_INIT;
  const Pt2Record *record = pt2_archive_find (archive, name);
  if (record == NULL)
    return NULL;
  if (record->bytes > sizeof text / 4)
    return g_strdup ("(a long text)");
  g_autoptr (GBytes) bytes = pt2_archive_read_entry (archive, record, &status);
  if (bytes == NULL)
    {
      if (archive->problem.code == PT2_ERROR_NONE)
        archive->problem = status;
      return NULL;
    }
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  if (strip && len > 0 && data[len - 1] == '\n')
    len--;
  return g_strdup (pt2_text_escape (len > 0 ? data : "", len, text, sizeof text));
}

/* Keeps the first thing that is wrong. */
static void
note_problem (Pt2Archive *archive, Pt2ErrorCode code, const char *record, const char *found)
{
  if (archive->problem.code != PT2_ERROR_NONE)
    return;
  if (found != NULL)
    pt2_status_fail (&archive->problem, code, PT2_NO_OFFSET, "it says \"%s\"", found);
  else
    pt2_status_fail (&archive->problem, code, PT2_NO_OFFSET, "there is none");
  pt2_status_set_record (&archive->problem, record);
}

static void
read_byteorder (Pt2Archive *archive)
{
  archive->byteorder = read_text (archive, "byteorder", false);
  if (archive->byteorder != NULL && strcmp (archive->byteorder, "little") != 0
      && strcmp (archive->byteorder, "big") != 0)
    note_problem (archive, PT2_ERROR_R006, "byteorder", archive->byteorder);
}

/* `.data/version`, or `version` as older writers called it. */
static char *
read_container_version (Pt2Archive *archive)
{
  const char *record = ".data/version";
  char *text = read_text (archive, record, true);
  if (text == NULL && archive->family != PT2_FAMILY_PT2)
    text = read_text (archive, record = "version", true);
  guint64 number;
  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, 10, &number, NULL))
    note_problem (archive, PT2_ERROR_R003, record, text);
  return text;
}

static void
read_pt2_marks (Pt2Archive *archive)
{
  bool flat = archive->root_len == 0;
  g_autofree char *format = read_text (archive, "archive_format", false);
  g_free (read_container_version (archive)); /* info shows archive_version instead */
  if (format != NULL && strcmp (format, "pt2") != 0)
    note_problem (archive, PT2_ERROR_R001, "archive_format", format);
  const char *record = flat && pt2_archive_find (archive, "archive_version") == NULL ? "version" : "archive_version";
  archive->version = read_text (archive, record, false);
  if (archive->version != NULL && strcmp (archive->version, "0") != 0)
    note_problem (archive, PT2_ERROR_R002, record, archive->version);
  if (pt2_archive_find (archive, "data.pkl") != NULL)
    pt2_status_fail (&archive->problem, PT2_ERROR_R005, PT2_NO_OFFSET, "data.pkl beside archive_format");
}

/* The schema's version: MAJOR in torch 2.1 and 2.2, MAJOR.MINOR since. */
static void
check_legacy_version (Pt2Archive *archive)
{
  g_autofree char *text = read_text (archive, "version", false);
  if (text == NULL || !g_regex_match_simple ("^[0-9]{1,6}(\\.[0-9]{1,6})?\\z", text, G_REGEX_RAW, 0))
    note_problem (archive, PT2_ERROR_R007, "version", text);
}

/* ---- kind and layout ---- */

static bool
has_role (const Pt2Archive *archive, const char *role)
{
  for (uint32_t i = 0; i < archive->zip.n_entries; i++)
    if (strcmp (archive->records[i].role, role) == 0)
      return true;
  return false;
}

/* P1 keeps each payload set in one pickle, P2 has a list beside raw payloads. */
static Pt2ArchiveLayout
pt2_layout (const Pt2Archive *archive)
{
  if (archive->root_len == 0)
    return PT2_ARCHIVE_LAYOUT_FLAT;
  if (has_role (archive, "weights-config") || has_role (archive, "constants-config"))
    return PT2_ARCHIVE_LAYOUT_RAW;
  return has_role (archive, "weights") || has_role (archive, "constants") ? PT2_ARCHIVE_LAYOUT_PICKLED
                                                                          : PT2_ARCHIVE_LAYOUT_RAW;
}

static void
find_pt2_layout (Pt2Archive *archive)
{
  read_pt2_marks (archive);
  if (archive->n_models > 0)
    {
      archive->kind = PT2_KIND_OF_FILE_EXPORTED_PROGRAM;
      archive->layout = pt2_layout (archive);
    }
  else if (has_role (archive, "aot-inductor") || has_role (archive, "native-code"))
    archive->kind = PT2_KIND_OF_FILE_AOT_INDUCTOR;
}

void
pt2_archive_find_layout (Pt2Archive *archive)
{
  archive->kind = PT2_KIND_OF_FILE_OTHER_ARCHIVE;
  archive->layout = PT2_ARCHIVE_LAYOUT_NONE;
  if (archive->family == PT2_FAMILY_OTHER)
    return;
  read_byteorder (archive);
  if (archive->family == PT2_FAMILY_PT2)
    {
      find_pt2_layout (archive);
      return;
    }
  if (archive->family == PT2_FAMILY_LEGACY)
    {
      archive->kind = PT2_KIND_OF_FILE_EXPORTED_PROGRAM;
      archive->layout = PT2_ARCHIVE_LAYOUT_LEGACY;
      check_legacy_version (archive);
      return;
    }
  archive->version = read_container_version (archive);
  archive->kind
      = archive->family == PT2_FAMILY_TORCH_SAVE ? PT2_KIND_OF_FILE_TORCH_SAVE : PT2_KIND_OF_FILE_TORCH_SCRIPT;
}

Pt2FileKind
pt2_archive_get_kind (Pt2Archive *archive)
{
  return archive->kind;
}

Pt2ArchiveLayout
pt2_archive_get_layout (Pt2Archive *archive)
{
  return archive->layout;
}

gboolean
pt2_archive_is_compact (Pt2Archive *archive)
{
  return archive->compact != NULL;
}

const char *
pt2_archive_get_layout_name (Pt2Archive *archive)
{
  if (archive->layout == PT2_ARCHIVE_LAYOUT_NONE)
    return NULL;
  if (archive->compact != NULL)
    return "pt2c";
  return archive->layout == PT2_ARCHIVE_LAYOUT_LEGACY ? "legacy" : "pt2-archive";
}

const char *
pt2_archive_get_version (Pt2Archive *archive)
{
  return archive->version;
}

const char *
pt2_archive_get_byteorder (Pt2Archive *archive)
{
  return archive->byteorder;
}
