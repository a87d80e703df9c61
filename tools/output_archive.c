/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"
#include "progress.h"
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  Pt2ArchiveWriter *writer;
  ArchiveCheck check; /* NULL: none */
  gpointer data;
  Progress progress;
} Work;

static gboolean
show_and_go_on (guint64 done, guint64 total, gpointer data)
{
  Work *work = data;
  return output_goes_on () && progress_show (done, total, &work->progress);
}

/* Where SIGPIPE is ignored, a reader that went away is no news for anybody. */
static gboolean
reader_is_gone (int fd)
{
  struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
  return poll (&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLERR) != 0;
}

static gboolean
check_written (int fd, const Work *work, GError **error)
{
  struct stat info;
  if (work->check == NULL || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    return TRUE;
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new_from_fd (fd, FALSE, &cause);
  if (file == NULL)
    return TRUE; /* a file that is open for writing alone, such as standard output */
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (file);
  return work->check (bytes, work->data, error);
}

static gboolean
fill (int fd, gpointer data, GError **error)
{
  Work *work = data;
  gboolean fine = pt2_archive_writer_write (work->writer, fd, show_and_go_on, work, error);
  progress_end (&work->progress);
  if (!fine && reader_is_gone (fd))
    _exit (STATUS_TROUBLE);
  return fine && check_written (fd, work, error);
}

gboolean
output_archive (const char *path, Pt2ArchiveWriter *writer, ArchiveCheck check, gpointer data, GError **error)
{
  Work work = { writer, check, data, PROGRESS_INIT ("writing") };
  return output_filled (path, fill, &work, error);
}
