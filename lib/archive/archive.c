/* SPDX-License-Identifier: Apache-2.0 */
/* The archive object: open, share, list, read. Opening maps the file, audits the zip and
 * reads the few tiny records that say what the archive is; no program, weight or pickle.
 */
#include "archive_private.h"
#include "pt2c.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
  pt2c_free (archive->compact);
  if (archive->file >= 0)
    close (archive->file);
  g_free (archive->records);
  g_free (archive->root);
  g_free (archive->version);
  g_free (archive->byteorder);
  g_free (archive->model_records);
  g_strfreev (archive->models);
  g_free (archive);
}

static const char *
method_of (const Pt2Archive *archive, const Pt2ZipEntry *entry)
{
  if (archive->compact != NULL)
    return pt2c_form_names[archive->compact->records[entry - archive->zip.entries].form];
  return entry->method == PT2_ZIP_STORED ? "stored" : "deflated";
}

static Pt2Record
make_record (const Pt2Archive *archive, const Pt2ZipEntry *entry)
{
  /* The root folder's own entry, if there is one, keeps its name. */
  const char *name = entry->name + (entry->name_len > archive->root_len ? archive->root_len : 0);
  return (Pt2Record){
    .name = name,
    .bytes = entry->bytes,
    .stored_bytes = entry->stored_bytes,
    .method = method_of (archive, entry),
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
  /* A zip behind the bytes of another kind of file could be read as either: it is that kind. */
  Pt2Sniffed sniffed = pt2_sniff (bytes);
  if (sniffed.code == PT2_ERROR_NONE)
    return pt2_status_fail (status, PT2_ERROR_K019, PT2_NO_OFFSET, "%s", pt2_file_kind_name (sniffed.kind));
  if (sniffed.code != PT2_ERROR_K002)
    return pt2_status_fail (status, sniffed.code, PT2_NO_OFFSET, "%s", sniffed.what);
  return pt2_zip_open (&archive->zip, bytes, limits, status);
}

/* FILE: what BYTES are mapped from, or -1; becomes the archive's in any case. */
static Pt2Archive *
open_archive (GBytes *bytes, int file, const Pt2Limits *limits, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (Pt2Archive) archive = g_new0 (Pt2Archive, 1);
  g_atomic_ref_count_init (&archive->references);
  archive->file = file;
  archive->limits = limits != NULL ? *limits : *pt2_limits_default ();
  archive->problem = (Pt2Status)PT2_STATUS_INIT;
  if (!open_zip (archive, bytes, limits, &status) || !pt2c_open (archive, &status)
      || !pt2_archive_find_root (archive, &status) || !make_records (archive, &status))
    {
      pt2_status_to_error (&status, error);
      return NULL;
    }
  archive->root = g_strndup (archive->root_len > 0 ? archive->zip.entries[0].name : "", MAX (archive->root_len, 1) - 1);
  pt2_archive_find_layout (archive);
  return g_steal_pointer (&archive);
}

Pt2Archive *
pt2_archive_new_from_bytes (GBytes *bytes, const Pt2Limits *limits, GError **error)
{
  return open_archive (bytes, -1, limits, error);
}

static GBytes *
fail_map (GError **error, const char *why)
{
  pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", why);
  return NULL;
}

/* Only regular files can be mapped. */
static GBytes *
map_open_file (int file, GError **error)
{
  struct stat info;
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) map = NULL;
  bool regular = fstat (file, &info) == 0 && S_ISREG (info.st_mode);
  if (!regular)
    return fail_map (error, S_ISDIR (info.st_mode) ? "a folder" : "not a regular file");
  map = g_mapped_file_new_from_fd (file, FALSE, &cause);
  return map != NULL ? g_mapped_file_get_bytes (map) : fail_map (error, cause->message);
}

/* O_NONBLOCK: opening a pipe would wait for its writer. */
static int
open_path (const char *path, GError **error)
{
  int file = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    fail_map (error, g_strerror (errno));
  return file;
}

GBytes *
pt2_map_file (const char *path, GError **error)
{
  int file = open_path (path, error);
  GBytes *bytes = file >= 0 ? map_open_file (file, error) : NULL;
  if (file >= 0)
    close (file);
  return bytes;
}

Pt2Archive *
pt2_archive_new_from_file (const char *path, const Pt2Limits *limits, GError **error)
{
  int file = open_path (path, error);
  Pt2Archive *archive = file >= 0 ? pt2_archive_new_from_fd (file, limits, error) : NULL;
  if (file >= 0)
    close (file);
  return archive;
}

Pt2Archive *
pt2_archive_new_from_fd (int fd, const Pt2Limits *limits, GError **error)
{
  g_autoptr (GBytes) bytes = map_open_file (fd, error);
  if (bytes == NULL)
    return NULL;
  /* Without a descriptor of its own it is an archive that is copied from the mapping. */
  return open_archive (bytes, fcntl (fd, F_DUPFD_CLOEXEC, 0), limits, error);
}

guint64
pt2_archive_get_bytes (Pt2Archive *archive)
{
  return archive->compact != NULL ? archive->compact->container.size : archive->zip.size;
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

const char *
pt2_archive_get_root (Pt2Archive *archive)
{
  return archive->root;
}

const Pt2Record *
pt2_archive_find (Pt2Archive *archive, const char *name)
{
  const Pt2ZipEntry *entry = find_entry (archive, name);
  return entry != NULL ? &archive->records[entry - archive->zip.entries] : NULL;
}

GBytes *
pt2_archive_read_entry (const Pt2Archive *archive, const Pt2Record *record, Pt2Status *status)
{
  guint number = (guint)(record - archive->records);
  if (archive->compact != NULL)
    return pt2c_read (archive, number, status);
  return pt2_zip_read (&archive->zip, &archive->zip.entries[number], status);
}

/* The zip and the entry in it that hold the bytes of a record as they are; NULL if none does. */
static const Pt2ZipEntry *
stored_entry (const Pt2Archive *archive, const Pt2Record *record, const Pt2Zip **zip)
{
  guint number = (guint)(record - archive->records);
  const Pt2ZipEntry *entry = &archive->zip.entries[number];
  *zip = &archive->zip;
  if (archive->compact != NULL)
    {
      *zip = &archive->compact->container;
      return archive->compact->records[number].form == PT2C_STORED ? archive->compact->records[number].entry : NULL;
    }
  return entry->method == PT2_ZIP_STORED ? entry : NULL;
}

int
pt2_archive_file_range (const Pt2Archive *archive, const Pt2Record *record, guint64 *offset, Pt2Status *status)
{
  const Pt2Zip *zip;
  Pt2ZipPlace place = { 0 };
  const Pt2ZipEntry *entry = stored_entry (archive, record, &zip);
  if (archive->file < 0 || entry == NULL || !pt2_zip_place (zip, entry, &place, status))
    return -1;
  *offset = place.data;
  return archive->file;
}

GBytes *
pt2_archive_view (const Pt2Archive *archive, const Pt2Record *record, Pt2Status *status)
{
  const Pt2Zip *zip;
  Pt2ZipPlace place = { 0 };
  const Pt2ZipEntry *entry = stored_entry (archive, record, &zip);
  if (entry == NULL)
    return pt2_archive_read_entry (archive, record, status);
  if (!pt2_zip_place (zip, entry, &place, status))
    return NULL;
  return g_bytes_new_from_bytes (zip->bytes, (size_t)place.data, (size_t)entry->stored_bytes);
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
  return pt2_archive_read_entry (archive, record, status);
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

gboolean
pt2_archive_locate (Pt2Archive *archive, const Pt2Record *record, guint64 *offset, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2ZipPlace place = { 0 };
  guint number = (guint)(record - archive->records);
  const Pt2Zip *zip = archive->compact != NULL ? &archive->compact->container : &archive->zip;
  const Pt2ZipEntry *entry
      = archive->compact != NULL ? archive->compact->records[number].entry : &archive->zip.entries[number];
  if (entry == NULL) /* a text in the index of a compact archive */
    entry = archive->compact->index_entry;
  if (!pt2_zip_place (zip, entry, &place, &status))
    return pt2_status_to_error (&status, error);
  *offset = place.data;
  return TRUE;
}
