/* SPDX-License-Identifier: Apache-2.0 */
/* `pack`: the reverse of `extract --all`. Reads only what the manifest names, and nothing outside the folder. */
#include "folder.h"
#include "input.h"
#include "pack_manifest.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  Folder folder;
  Manifest manifest;
} Pack;

/* ---- bytes of a record ---- */

/* A file that is open only while it is read: there may be more than a process may have open. */
typedef struct
{
  Folder *folder;
  const char *path;
  guint64 start, bytes;
  int fd; /* -1: not open */
} FilePart;

static void
close_part (FilePart *part)
{
  if (part->fd >= 0)
    close (part->fd);
  part->fd = -1;
}

static void
free_part (gpointer data)
{
  close_part (data);
  g_free (data);
}

static gboolean
read_part (gpointer out, guint64 offset, gsize len, gpointer data, GError **error)
{
  FilePart *part = data;
  if (part->fd < 0 && (part->fd = folder_read (part->folder, part->path, error)) < 0)
    return FALSE;
  for (gsize done = 0; done < len;)
    {
      gssize n = pread (part->fd, (char *)out + done, len - done, (off_t)(part->start + offset + done));
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          set_error (error, n == 0 ? PT2_ERROR_F005 : PT2_ERROR_F001, "%s", n == 0 ? "" : g_strerror (errno));
          return FALSE;
        }
      done += (gsize)n;
    }
  if (offset + len == part->bytes)
    close_part (part);
  return TRUE;
}

/* ---- does it fit? ---- */

static gboolean
fail_fit (const PackRecord *record, const char *why, GError **error)
{
  g_autofree char *file = escaped (record->file, -1);
  set_error (error, PT2_ERROR_R013, "\"%s\" %s", file, why);
  return FALSE;
}

/* A .npy file may only differ in its elements: an array of another type, shape or order would be taken for one of this.
 */
static gboolean
check_header (const PackRecord *record, const PackTensor *tensor, int fd, GError **error)
{
  const Pt2Tensor model = {
    .form = PT2_TENSOR_STRIDED,
    .dtype = tensor->dtype,
    .n_dims = tensor->shape->len,
    .shape = (const gint64 *)(const void *)tensor->shape->data,
  };
  if (pt2_dtype_by_name (tensor->dtype) == NULL)
    return fail_fit (record, "is of a type that is not known", error);
  g_autoptr (GBytes) header = pt2_tensor_npy_header (&model, NULL, error);
  if (header == NULL)
    return FALSE;
  gsize len = g_bytes_get_size (header);
  g_autofree char *there = g_malloc (len);
  if (record->offset != len || pread (fd, there, len, 0) != (gssize)len
      || memcmp (there, g_bytes_get_data (header, NULL), len) != 0)
    return fail_fit (record, "does not begin with the header of an array of its tensor's type and shape", error);
  return TRUE;
}

static gboolean
check_fit (Pack *pack, PackRecord *record, int fd, guint64 size, GError **error)
{
  if (record->offset > size)
    return fail_fit (record, "ends before its record begins", error);
  guint64 bytes = size - record->offset;
  if (record->tensor != 0 && bytes != record->bytes)
    return fail_fit (record, "has another size", error);
  record->bytes = bytes;
  if (record->tensor == 0 || pack->manifest.raw)
    return TRUE;
  return check_header (record, &g_array_index (pack->manifest.tensors, PackTensor, record->tensor - 1), fd, error);
}

/* ---- the list of records ---- */

static Pt2Source *
source_of (Pack *pack, PackRecord *record, GError **error)
{
  struct stat info;
  int fd = folder_read (&pack->folder, record->file, error);
  if (fd < 0)
    return NULL;
  gboolean fine = fstat (fd, &info) == 0 && check_fit (pack, record, fd, (guint64)info.st_size, error);
  close (fd);
  if (!fine)
    return NULL;
  FilePart *part = g_new (FilePart, 1);
  *part = (FilePart){ &pack->folder, record->file, record->offset, record->bytes, -1 };
  return pt2_source_new_func (record->bytes, read_part, part, free_part);
}

static gboolean
add_record (Pack *pack, Pt2ArchiveWriter *writer, PackRecord *record, GError **error)
{
  if (record->file == NULL && g_str_has_suffix (record->name, "/"))
    return TRUE; /* a folder, which archives of today do not list */
  if (record->file == NULL)
    {
      g_autofree char *name = escaped (record->name, -1);
      set_error (error, PT2_ERROR_R012, "the record \"%s\" has no file: it could not be extracted", name);
      return FALSE;
    }
  g_autoptr (Pt2Source) source = source_of (pack, record, error);
  return source != NULL && pt2_archive_writer_add (writer, record->name, source, error);
}

static gboolean
read_manifest (Pack *pack, GError **error)
{
  g_autofree char *text = NULL;
  gsize len = 0;
  int fd = folder_read (&pack->folder, "manifest.json", error);
  struct stat info;
  if (fd < 0)
    return FALSE;
  gboolean fine = fstat (fd, &info) == 0 && (guint64)info.st_size <= settings.limits.program_size;
  if (fine && (text = g_try_malloc ((gsize)info.st_size + 1)) != NULL)
    while (len < (gsize)info.st_size)
      {
        gssize n = pread (fd, text + len, (gsize)info.st_size - len, (off_t)len);
        if (n <= 0)
          break;
        len += (gsize)n;
      }
  close (fd);
  if (!fine || text == NULL)
    set_error (error, fine ? PT2_ERROR_L001 : PT2_ERROR_L008, "manifest.json");
  return fine && text != NULL && manifest_read (&pack->manifest, text, len, error);
}

static Pt2ArchiveWriter *
plan (Pack *pack, GError **error)
{
  if (!read_manifest (pack, error))
    return NULL;
  g_autoptr (Pt2ArchiveWriter) writer
      = pt2_archive_writer_new (pack->manifest.root[0] != '\0' ? pack->manifest.root : NULL, error);
  if (writer == NULL)
    return NULL;
  for (guint i = 0; i < pack->manifest.records->len; i++)
    if (!add_record (pack, writer, &g_array_index (pack->manifest.records, PackRecord, i), error))
      return NULL;
  pt2_archive_writer_set_whole (writer);
  return g_steal_pointer (&writer);
}

static int
pack_folder (Pack *pack, const char *dir, const char *out)
{
  GError *error = NULL;
  if (!folder_open_there (&pack->folder, dir, &error))
    return report_trouble (dir, error);
  g_autoptr (Pt2ArchiveWriter) writer = plan (pack, &error);
  if (writer == NULL)
    return report_trouble (dir, error);
  if (!output_archive (out, writer, NULL, NULL, &error))
    return report_trouble (strcmp (out, "-") == 0 ? "standard output" : out, error);
  return STATUS_FINE;
}

static int
run (char **operands, int n)
{
  Pack pack = { .folder = { .fd = -1 } };
  int status = pack_folder (&pack, operands[0], operands[1]);
  if (pack.manifest.records != NULL)
    manifest_clear (&pack.manifest);
  folder_close (&pack.folder);
  return status;
}

const Verb verb_pack = {
  .name = "pack",
  .operands = "DIR OUT",
  .least = 2,
  .most = 2,
  .summary = "a folder made by `extract --all` becomes an archive again",
  .help
  = "Writes the records that DIR/manifest.json lists to OUT, in its order and under its names. From a folder that\n"
    "was not touched, an archive of PyTorch 2.9 and later comes back byte for byte; older ones come back with\n"
    "the same records, stored. Files may be changed in between:\n"
    "  records/NAME      any bytes, such as another models/model.json\n"
    "  tensors/FQN.npy   other elements of the same type and shape, as numpy.save() writes them, where the\n"
    "                    manifest says \"is_record\"; the other .npy files are copies that nothing is made of\n"
    "Files that the manifest does not name are not looked at. Nothing outside DIR is read, and no link is followed.\n"
    "OUT appears whole or not at all; one that exists is kept unless -f; `-` is standard output.\n",
  .examples = "$ pt2 extract model.pt2 --all model.d\n"
              "$ pt2 pack model.d again.pt2\n",
  .run = run,
};
