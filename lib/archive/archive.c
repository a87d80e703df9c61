/* SPDX-License-Identifier: Apache-2.0 */
/* The archive object: open, share, list, read. Opening maps the file, audits the zip and
 * reads the few tiny records that say what the archive is; no program, weight or pickle.
 */
#include "archive_private.h"
#include "text.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

G_DEFINE_BOXED_TYPE (Pt2Archive, pt2_archive, pt2_archive_ref, pt2_archive_unref)

Pt2Archive *
pt2_archive_ref (Pt2Archive *archive)
{
  g_atomic_ref_count_inc (&archive->references);
  return archive;
}

void
pt2_archive_unref (Pt2Archive *archive)
{
  if (archive == NULL || !g_atomic_ref_count_dec (&archive->references))
    return;
  pt2_zip_clear (&archive->zip);
  g_free (archive->records);
  g_free (archive->version);
  g_free (archive->byteorder);
  g_free (archive->model_records);
  g_strfreev (archive->models);
  g_free (archive);
}

static Pt2Record
make_record (const Pt2Archive *archive, const Pt2ZipEntry *entry)
{
  /* The root folder's own entry, if there is one, keeps its name. */
  const char *name = entry->name + (entry->name_len > archive->root_len ? archive->root_len : 0);
  return (Pt2Record){
    .name = name,
    .offset = entry->data,
    .bytes = entry->bytes,
    .stored_bytes = entry->stored_bytes,
    .method = entry->method == PT2_ZIP_STORED ? "stored" : "deflated",
    .crc32 = entry->crc32,
    .role = pt2_role_of_record (archive->family, name),
  };
}

static bool
make_records (Pt2Archive *archive, Pt2Status *status)
{
  uint32_t n = archive->zip.n_entries;
  archive->records = g_try_new (Pt2Record, (size_t)n + 1);
  if (archive->records == NULL)
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "the list of records");
  for (uint32_t i = 0; i < n; i++)
    archive->records[i] = make_record (archive, &archive->zip.entries[i]);
  if (!pt2_archive_list_models (archive))
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "the list of programs");
  return true;
}

static bool
open_zip (Pt2Archive *archive, GBytes *bytes, const Pt2Limits *limits, Pt2Status *status)
{
  size_t len;
  const uint8_t *data = g_bytes_get_data (bytes, &len);
  /* A zip behind the bytes of another kind of file could be read as either: it is that kind. */
  Pt2Sniffed sniffed = { .code = PT2_ERROR_K002 };
  if (!pt2_sniff_zip (data, len))
    sniffed = pt2_sniff (data, len);
  if (sniffed.code == PT2_ERROR_NONE)
    return pt2_status_fail (status, PT2_ERROR_K019, PT2_NO_OFFSET, "%s", pt2_file_kind_name (sniffed.kind));
  if (sniffed.code != PT2_ERROR_K002)
    return pt2_status_fail (status, sniffed.code, PT2_NO_OFFSET, "%s", sniffed.what);
  return pt2_zip_open (&archive->zip, bytes, limits, status);
}

Pt2Archive *
pt2_archive_new_from_bytes (GBytes *bytes, const Pt2Limits *limits, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (Pt2Archive) archive = g_new0 (Pt2Archive, 1);
  g_atomic_ref_count_init (&archive->references);
  archive->limits = limits != NULL ? *limits : *pt2_limits_default ();
  archive->problem = (Pt2Status)PT2_STATUS_INIT;
  if (!open_zip (archive, bytes, limits, &status) || !pt2_archive_find_root (archive, &status)
      || !make_records (archive, &status))
    {
      pt2_status_to_error (&status, error);
      return NULL;
    }
  pt2_archive_find_layout (archive);
  return g_steal_pointer (&archive);
}

/* Only regular files can be mapped; opening a pipe would wait for its writer. */
static GBytes *
map_file (const char *path, GError **error)
{
  struct stat info;
  g_autoptr (GError) cause = NULL;
  if (stat (path, &info) != 0)
    {
      pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", g_strerror (errno));
      return NULL;
    }
  if (!S_ISREG (info.st_mode))
    {
      pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", S_ISDIR (info.st_mode) ? "a folder" : "not a regular file");
      return NULL;
    }
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &cause);
  if (file == NULL)
    {
      pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", cause->message);
      return NULL;
    }
  return g_mapped_file_get_bytes (file);
}

Pt2Archive *
pt2_archive_new_from_file (const char *path, const Pt2Limits *limits, GError **error)
{
  g_autoptr (GBytes) bytes = map_file (path, error);
  return bytes != NULL ? pt2_archive_new_from_bytes (bytes, limits, error) : NULL;
}

guint64
pt2_archive_get_bytes (Pt2Archive *archive)
{
  return archive->zip.size;
}

const Pt2Record *
pt2_archive_get_records (Pt2Archive *archive, guint *n)
{
  if (n != NULL)
    *n = archive->zip.n_entries;
  return archive->records;
}

/* Joins the root and NAME; the root is the first entry's. */
static const Pt2ZipEntry *
find_entry (const Pt2Archive *archive, const char *name)
{
  const Pt2Zip *zip = &archive->zip;
  if (archive->root_len == 0)
    return pt2_zip_find (zip, name, strlen (name));
  g_autoptr (GString) full = g_string_new_len (zip->entries[0].name, (gssize)archive->root_len);
  g_string_append (full, name);
  return name[0] != '\0' ? pt2_zip_find (zip, full->str, full->len) : NULL;
}

const Pt2Record *
pt2_archive_find (Pt2Archive *archive, const char *name)
{
  const Pt2ZipEntry *entry = find_entry (archive, name);
  return entry != NULL ? &archive->records[entry - archive->zip.entries] : NULL;
}

static GBytes *
read_record (Pt2Archive *archive, const Pt2Record *record, Pt2Status *status)
{
  if (strcmp (record->role, "program") == 0 && record->bytes > archive->limits.program_size)
    {
      pt2_status_fail (status, PT2_ERROR_L008, PT2_NO_OFFSET, "%" G_GUINT64_FORMAT " bytes, limit %" G_GUINT64_FORMAT,
                       record->bytes, archive->limits.program_size);
      pt2_status_set_record (status, record->name);
      return NULL;
    }
  return pt2_zip_read (&archive->zip, &archive->zip.entries[record - archive->records], status);
}

GBytes *
pt2_archive_read (Pt2Archive *archive, const char *name, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  const Pt2Record *record = pt2_archive_find (archive, name);
  char text[256];
  if (record == NULL)
    {
      pt2_error_set (error, PT2_ERROR_U005, pt2_text_escape (name, strlen (name), text, sizeof text), "%s", "");
      return NULL;
    }
  GBytes *bytes = read_record (archive, record, &status);
  if (bytes == NULL)
    pt2_status_to_error (&status, error);
  return bytes;
}
