/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"
#include "progress.h"
#include <poll.h>
#include <unistd.h>

typedef struct
{
  Pt2ArchiveWriter *writer;
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
fill (int fd, gpointer data, GError **error)
{
  Work *work = data;
  gboolean fine = pt2_archive_writer_write (work->writer, fd, show_and_go_on, work, error);
  progress_end (&work->progress);
  if (!fine && reader_is_gone (fd))
    _exit (STATUS_TROUBLE);
  return fine;
}

gboolean
output_archive (const char *path, Pt2ArchiveWriter *writer, GError **error)
{
  Work work = { writer, PROGRESS_INIT ("writing") };
  return output_filled (path, fill, &work, error);
}
