/* SPDX-License-Identifier: Apache-2.0 */
/* Where the bytes of a record come from: memory, a range of a file, a function, another archive. */
#include "archive_source.h"
#include "crc32.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_BOXED_TYPE (Pt2Source, pt2_source, pt2_source_ref, pt2_source_unref)

typedef enum
{
  SOURCE_BYTES,
  SOURCE_FILE,
  SOURCE_FUNC,
  SOURCE_RECORD,
  SOURCE_FILTER,
} SourceKind;

enum
{
  PIECE = 256 << 10,
};

struct _Pt2Source
{
  gatomicrefcount references;
  SourceKind kind;
  guint64 bytes;
  GBytes *memory;
  int fd;
  guint64 offset;
  Pt2SourceFunc func;
  gpointer data;
  GDestroyNotify destroy;
  Pt2Archive *archive;
  const Pt2Record *record;
  Pt2Source *inner; /* SOURCE_FILTER: what it changes; SOURCE_FILE: whose descriptor it uses */
  Pt2FilterFunc filter;
};

static Pt2Source *
new_source (SourceKind kind, guint64 bytes)
{
  Pt2Source *source = g_new0 (Pt2Source, 1);
  g_atomic_ref_count_init (&source->references);
  source->kind = kind;
  source->bytes = bytes;
  source->fd = -1;
  return source;
}

Pt2Source *
pt2_source_new_bytes (GBytes *bytes)
{
  Pt2Source *source = new_source (SOURCE_BYTES, g_bytes_get_size (bytes));
  source->memory = g_bytes_ref (bytes);
  return source;
}

static Pt2Source *
fail_range (GError **error, const char *why)
{
  pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", why);
  return NULL;
}

Pt2Source *
pt2_source_new_file (int fd, guint64 offset, guint64 bytes, GError **error)
{
  struct stat info;
  if (fstat (fd, &info) != 0)
    return fail_range (error, g_strerror (errno));
  if (!S_ISREG (info.st_mode))
    return fail_range (error, "not a regular file");
  if (offset > (guint64)info.st_size || bytes > (guint64)info.st_size - offset)
    return fail_range (error, "the range is not in the file");
  int own = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0)
    return fail_range (error, g_strerror (errno));
  Pt2Source *source = new_source (SOURCE_FILE, bytes);
  source->fd = own;
  source->offset = offset;
  return source;
}

Pt2Source *
pt2_source_new_range (Pt2Source *file, guint64 offset, guint64 bytes, GError **error)
{
  if (file->kind != SOURCE_FILE)
    return fail_range (error, "no file");
  if (offset > file->bytes || bytes > file->bytes - offset)
    return fail_range (error, "the range is not in the file");
  Pt2Source *source = new_source (SOURCE_FILE, bytes);
  source->inner = pt2_source_ref (file);
  source->fd = file->fd;
  source->offset = file->offset + offset;
  return source;
}

Pt2Source *
pt2_source_new_func (guint64 bytes, Pt2SourceFunc func, gpointer data, GDestroyNotify destroy)
{
  Pt2Source *source = new_source (SOURCE_FUNC, bytes);
  source->func = func;
  source->data = data;
  source->destroy = destroy;
  return source;
}

Pt2Source *
pt2_source_new_record (Pt2Archive *archive, const Pt2Record *record)
{
  Pt2Source *source = new_source (SOURCE_RECORD, record->bytes);
  source->archive = pt2_archive_ref (archive);
  source->record = record;
  return source;
}

Pt2Source *
pt2_source_new_filter (Pt2Source *inner, guint64 bytes_most, Pt2FilterFunc filter)
{
  Pt2Source *source = new_source (SOURCE_FILTER, bytes_most);
  source->inner = pt2_source_ref (inner);
  source->filter = filter;
  return source;
}

Pt2Source *
pt2_source_ref (Pt2Source *source)
{
  g_atomic_ref_count_inc (&source->references);
  return source;
}

void
pt2_source_unref (Pt2Source *source)
{
  if (source == NULL || !g_atomic_ref_count_dec (&source->references))
    return;
  g_clear_pointer (&source->memory, g_bytes_unref);
  if (source->fd >= 0 && source->inner == NULL)
    close (source->fd);
  if (source->destroy != NULL)
    source->destroy (source->data);
  pt2_archive_unref (source->archive);
  pt2_source_unref (source->inner);
  g_free (source);
}

guint64
pt2_source_get_bytes (Pt2Source *source)
{
  return source->bytes;
}

bool
pt2_source_known_crc (Pt2Source *source, uint32_t *crc)
{
  *crc = source->kind == SOURCE_RECORD ? source->record->crc32 : 0;
  return *crc != 0; /* 0 is how PyTorch says that it made none */
}

/* ---- pieces ---- */

static bool
foreach_in_memory (GBytes *bytes, Pt2PieceFunc func, gpointer data, Pt2Status *status)
{
  size_t len;
  const char *from = g_bytes_get_data (bytes, &len);
  bool fine = true;
  for (size_t done = 0; fine && done < len; done += PIECE)
    fine = func (from + done, MIN (len - done, (size_t)PIECE), data, status);
  return fine;
}

typedef struct
{
  Pt2Source *source;
  int fd;
  guint64 offset;
} Range;

static bool
fill_piece (const Range *range, char *piece, guint64 done, size_t len, GError **fault, Pt2Status *status)
{
  if (range->fd >= 0)
    return pt2_read_range (range->fd, range->offset + done, piece, len, status);
  return range->source->func (piece, done, len, range->source->data, fault);
}

static bool
foreach_in_range (const Range *range, Pt2PieceFunc func, gpointer data, GError **fault, Pt2Status *status)
{
  g_autofree char *piece = g_try_malloc (PIECE);
  bool fine = piece != NULL || pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  for (guint64 done = 0; fine && done < range->source->bytes;)
    {
      size_t n = (size_t)MIN (range->source->bytes - done, (guint64)PIECE);
      fine = fill_piece (range, piece, done, n, fault, status) && func (piece, n, data, status);
      done += n;
    }
  return fine;
}

/* The bytes of a record that can be copied from the archive's own file: where they lie there. */
static bool
in_file (const Pt2Source *source, Range *range, Pt2Status *status)
{
  *range = (Range){ .source = (Pt2Source *)source, .fd = source->fd, .offset = source->offset };
  if (source->kind != SOURCE_RECORD)
    return source->kind == SOURCE_FILE;
  range->fd = pt2_archive_file_range (source->archive, source->record, &range->offset, status);
  return range->fd >= 0;
}

static bool
check_sum (const Pt2Source *source, uint32_t found, Pt2Status *status)
{
  uint32_t recorded = source->kind == SOURCE_RECORD ? source->record->crc32 : 0;
  if (recorded == 0 || recorded == found)
    return true;
  pt2_status_fail (status, PT2_ERROR_Z017, PT2_NO_OFFSET, "recorded %08x, found %08x", recorded, found);
  pt2_status_set_record (status, source->record->name);
  return false;
}

typedef struct
{
  Pt2PieceFunc func;
  gpointer data;
  uint32_t crc;
} Summed;

static bool
sum_piece (const void *piece, size_t len, gpointer data, Pt2Status *status)
{
  Summed *summed = data;
  summed->crc = pt2_crc32 (summed->crc, piece, len);
  return summed->func (piece, len, summed->data, status);
}

/* What has no place in a file that could be copied from. */
static GBytes *
bytes_of (Pt2Source *source, GError **fault, Pt2Status *status)
{
  if (source->kind == SOURCE_BYTES)
    return g_bytes_ref (source->memory);
  if (source->kind == SOURCE_RECORD)
    return pt2_archive_view (source->archive, source->record, status);
  Pt2Sink sink;
  Pt2ZipWriter memory;
  pt2_sink_to_memory (&sink);
  pt2_zip_writer_init (&memory, &sink);
  GBytes *bytes = source->filter (source->inner, &memory, fault, status) ? pt2_sink_take (&sink) : NULL;
  pt2_sink_clear (&sink);
  return bytes;
}

bool
pt2_source_foreach (Pt2Source *source, Pt2PieceFunc func, gpointer data, GError **fault, Pt2Status *status)
{
  Range range;
  Summed summed = { func, data, 0 };
  if (in_file (source, &range, status) || source->kind == SOURCE_FUNC)
    return foreach_in_range (&range, sum_piece, &summed, fault, status) && check_sum (source, summed.crc, status);
  g_autoptr (GBytes) bytes = status->code == PT2_ERROR_NONE ? bytes_of (source, fault, status) : NULL;
  return bytes != NULL && foreach_in_memory (bytes, sum_piece, &summed, status)
         && check_sum (source, summed.crc, status);
}

/* ---- into an archive ---- */

static bool
put_piece (const void *piece, size_t len, gpointer data, Pt2Status *status)
{
  return pt2_zip_writer_put (data, piece, len, status);
}

/* The writer sums what it writes: one sum is enough. */
bool
pt2_source_copy (Pt2Source *source, Pt2ZipWriter *writer, GError **fault, Pt2Status *status)
{
  Range range;
  if (source->kind == SOURCE_FILTER)
    return source->filter (source->inner, writer, fault, status);
  if (in_file (source, &range, status))
    return pt2_zip_writer_copy (writer, range.fd, range.offset, source->bytes, status)
           && check_sum (source, writer->crc, status);
  if (source->kind == SOURCE_FUNC)
    return foreach_in_range (&range, put_piece, writer, fault, status);
  g_autoptr (GBytes) bytes = status->code == PT2_ERROR_NONE ? bytes_of (source, fault, status) : NULL;
  return bytes != NULL && foreach_in_memory (bytes, put_piece, writer, status)
         && check_sum (source, writer->crc, status);
}

/* ---- all at once ---- */

static bool
gather_piece (const void *piece, size_t len, gpointer data, Pt2Status *status)
{
  Pt2Buffer *out = data;
  if (!pt2_buffer_room (out, len))
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  pt2_buffer_put (out, piece, len);
  return true;
}

GBytes *
pt2_source_read (Pt2Source *source, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Buffer out = PT2_BUFFER_INIT;
  GError *fault = NULL;
  GBytes *bytes = NULL;
  if (source->kind == SOURCE_RECORD)
    bytes = pt2_archive_read_entry (source->archive, source->record, &status);
  else if (source->kind != SOURCE_FILE && source->kind != SOURCE_FUNC)
    bytes = bytes_of (source, &fault, &status);
  else if (pt2_source_foreach (source, gather_piece, &out, &fault, &status))
    bytes = pt2_buffer_to_bytes (&out);
  pt2_buffer_clear (&out);
  if (fault != NULL)
    g_propagate_error (error, fault);
  else if (bytes == NULL)
    pt2_status_to_error (&status, error);
  return bytes;
}
