/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the list out: record by record, then the marks that PyTorch expects of every archive. */
#include "archive_write.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Records that an archive must have, in the order in which PyTorch adds them. */
typedef struct
{
  const char *name;
  const char *text;
} Mark;

static const Mark marks[] = {
  { "archive_format", "pt2" },
  { "archive_version", "0" },
  { ".data/version", "6\n" },
  { "byteorder", "little" },
};
static const char id_record[] = ".data/serialization_id";

enum
{
  ID_SIZE = 48, /* two numbers of 20 digits, and the NUL */
};

#define FNV_START UINT64_C (0xcbf29ce484222325)

typedef struct
{
  Pt2ArchiveWriter *plan;
  Pt2ZipWriter zip;
  GError *fault; /* of a source's own function */
  uint64_t names_hash;
} Work;

static bool
write_bytes (Work *work, const char *name, const void *data, size_t len, Pt2Status *status)
{
  return pt2_zip_writer_begin (&work->zip, name, strlen (name), len, status)
         && pt2_zip_writer_put (&work->zip, data, len, status) && pt2_zip_writer_end (&work->zip, status);
}

/* FNV-1a. PyTorch's half of the id is a combination of its own that depends on the order of a hash table. */
static void
hash_name (Work *work, const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    work->names_hash = (work->names_hash ^ (uint8_t)*c) * UINT64_C (0x100000001b3);
  work->names_hash = (work->names_hash ^ '/') * UINT64_C (0x100000001b3);
}

static bool
write_record (Work *work, const Pt2Planned *planned, Pt2Status *status)
{
  hash_name (work, planned->name + strlen (work->plan->root));
  bool fine = pt2_zip_writer_begin (&work->zip, planned->name, strlen (planned->name),
                                    pt2_source_get_bytes (planned->source), status)
              && pt2_source_copy (planned->source, &work->zip, &work->fault, status)
              && pt2_zip_writer_end (&work->zip, status);
  if (!fine && status->code != PT2_ERROR_NONE && status->record[0] == '\0')
    pt2_status_set_record (status, planned->name + strlen (work->plan->root));
  return fine;
}

static bool
is_own_id (const Work *work, const char *name)
{
  return strcmp (name + strlen (work->plan->root), id_record) == 0;
}

/* The id of an archive that was changed is no longer its own. */
static bool
write_records (Work *work, Pt2Status *status)
{
  Pt2ArchiveWriter *plan = work->plan;
  bool new_id = plan->changed && !plan->own_id && !plan->bare, fine = true;
  g_autofree guint *order = pt2_archive_writer_order (plan);
  if (order == NULL)
    return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "the order of the records");
  for (guint i = 0; fine && i < plan->n; i++)
    {
      const Pt2Planned *planned = &g_array_index (plan->records, Pt2Planned, order[i]);
      if (!new_id || !is_own_id (work, planned->name))
        fine = write_record (work, planned, status);
    }
  return fine;
}

static bool
write_mark (Work *work, const char *name, const char *text, Pt2Status *status)
{
  g_autofree char *full = g_strconcat (work->plan->root, name, NULL);
  hash_name (work, name);
  return write_bytes (work, full, text, strlen (text), status);
}

/* Names and CRCs of all that was written before it. */
static void
make_id (const Work *work, char id[ID_SIZE])
{
  g_snprintf (id, ID_SIZE, "%020" G_GUINT64_FORMAT "%020" G_GUINT64_FORMAT, work->names_hash, work->zip.crc_chain);
}

static bool
write_marks (Work *work, Pt2Status *status)
{
  char id[ID_SIZE];
  bool fine = true;
  if (!work->plan->changed || work->plan->bare)
    return true;
  for (guint i = 0; fine && i < G_N_ELEMENTS (marks); i++)
    if (pt2_archive_writer_find (work->plan, marks[i].name) == NULL)
      fine = write_mark (work, marks[i].name, marks[i].text, status);
  if (!fine || work->plan->own_id)
    return fine;
  make_id (work, id);
  return write_mark (work, id_record, id, status);
}

static gboolean end_with (bool fine, GError *fault, const Pt2Status *status, GError **error);

/* The id that the archive would get, found by writing it to nowhere. */
static bool
find_id (Pt2ArchiveWriter *writer, char id[ID_SIZE], GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Work work = { .plan = writer, .names_hash = FNV_START };
  Pt2Sink sink;
  int fd = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return pt2_error_set (error, PT2_ERROR_F002, NULL, "/dev/null: %s", g_strerror (errno));
  bool fine = pt2_sink_to_fd (&sink, fd, &status);
  if (fine)
    {
      pt2_zip_writer_init (&work.zip, &sink);
      fine = write_records (&work, &status);
      make_id (&work, id);
      pt2_zip_writer_clear (&work.zip);
      pt2_sink_clear (&sink);
    }
  close (fd);
  return end_with (fine, work.fault, &status, error);
}

bool
pt2_archive_writer_complete (Pt2ArchiveWriter *writer, GError **error)
{
  if (!writer->changed || writer->bare)
    return true;
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (pt2_archive_writer_find (writer, marks[i].name) == NULL
        && !pt2_archive_writer_add_text (writer, marks[i].name, marks[i].text, error))
      return false;
  char id[ID_SIZE];
  if (writer->own_id)
    return true;
  if (!find_id (writer, id, error))
    return false;
  if (pt2_archive_writer_find (writer, id_record) != NULL && !pt2_archive_writer_remove (writer, id_record, error))
    return false;
  return pt2_archive_writer_add_text (writer, id_record, id, error);
}

static uint64_t
expected_bytes (const Pt2ArchiveWriter *plan)
{
  uint64_t total = 0;
  for (guint i = 0; i < plan->records->len; i++)
    {
      const Pt2Planned *planned = &g_array_index (plan->records, Pt2Planned, i);
      uint64_t room = planned->source != NULL
                          ? pt2_zip_record_room (strlen (planned->name), pt2_source_get_bytes (planned->source))
                          : 0;
      total = total > UINT64_MAX - room ? UINT64_MAX : total + room;
    }
  return total;
}

static bool
write_all (Pt2ArchiveWriter *plan, Pt2Sink *sink, GError **fault, Pt2Status *status)
{
  Work work = { .plan = plan, .names_hash = FNV_START };
  pt2_zip_writer_init (&work.zip, sink);
  bool fine = write_records (&work, status) && write_marks (&work, status) && pt2_zip_writer_finish (&work.zip, status);
  pt2_zip_writer_clear (&work.zip);
  *fault = work.fault;
  return fine;
}

/* The error of a source goes before what became of it here. */
static gboolean
end_with (bool fine, GError *fault, const Pt2Status *status, GError **error)
{
  if (fine)
    return TRUE;
  if (fault == NULL)
    return pt2_status_to_error (status, error);
  g_propagate_error (error, fault);
  return FALSE;
}

typedef struct
{
  Pt2ArchiveWriter *writer;
  Pt2ProgressFunc progress;
  gpointer data;
} Saving;

static bool
write_to (const Saving *saving, int fd, bool flushed, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  GError *fault = NULL;
  Pt2Sink sink;
  bool fine = pt2_sink_to_fd (&sink, fd, &status);
  if (fine)
    {
      if (flushed)
        pt2_sink_expect_flush (&sink);
      pt2_sink_watch (&sink, saving->progress, saving->data, expected_bytes (saving->writer));
      fine = write_all (saving->writer, &sink, &fault, &status);
      pt2_sink_clear (&sink);
    }
  return end_with (fine, fault, &status, error);
}

gboolean
pt2_archive_writer_write (Pt2ArchiveWriter *writer, int fd, Pt2ProgressFunc progress, gpointer data, GError **error)
{
  const Saving saving = { writer, progress, data };
  return write_to (&saving, fd, false, error);
}

static gboolean
save_archive (int fd, gpointer data, GError **error)
{
  return write_to (data, fd, true, error);
}

gboolean
pt2_archive_writer_save (Pt2ArchiveWriter *writer, const char *path, Pt2SaveFlags flags, Pt2ProgressFunc progress,
                         gpointer data, GError **error)
{
  Saving saving = { writer, progress, data };
  return pt2_save_func (path, flags, save_archive, &saving, error);
}

GBytes *
pt2_archive_writer_to_bytes (Pt2ArchiveWriter *writer, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  GError *fault = NULL;
  Pt2Sink sink;
  pt2_sink_to_memory (&sink);
  bool fine = write_all (writer, &sink, &fault, &status);
  GBytes *bytes = fine ? pt2_sink_take (&sink) : NULL;
  pt2_sink_clear (&sink);
  end_with (fine, fault, &status, error);
  return bytes;
}
