/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* copy_file_range, sync_file_range */
#endif
#include "sink.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  ROOM = 256 << 10, /* of what is gathered before it is written */
  BLOCK = 64 << 10, /* zeros shorter than that are not worth a hole */
};

static bool
fail_write (int number, Pt2Status *status)
{
  return pt2_status_fail (status, PT2_ERROR_F002, PT2_NO_OFFSET, "%s", g_strerror (number));
}

static bool
fail_memory (Pt2Status *status)
{
  return pt2_status_fail (status, PT2_ERROR_L001, PT2_NO_OFFSET, "writing");
}

static bool
fail_shrunk (Pt2Status *status)
{
  return pt2_status_fail (status, PT2_ERROR_F005, PT2_NO_OFFSET, "%s", "");
}

/* What is written to it lies where it is written, and nothing is there yet. */
static bool
is_empty_file (int fd)
{
  struct stat info;
  int flags = fcntl (fd, F_GETFL);
  return fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size == 0 && lseek (fd, 0, SEEK_CUR) == 0
         && flags >= 0 && (flags & O_APPEND) == 0;
}

bool
pt2_sink_to_fd (Pt2Sink *sink, int fd, Pt2Status *status)
{
  *sink = (Pt2Sink){ .fd = fd, .sparse = is_empty_file (fd), .pending = PT2_BUFFER_INIT };
  return pt2_buffer_room (&sink->pending, ROOM) || fail_memory (status);
}

void
pt2_sink_to_memory (Pt2Sink *sink)
{
  *sink = (Pt2Sink){ .fd = -1, .pending = PT2_BUFFER_INIT };
}

void
pt2_sink_expect_flush (Pt2Sink *sink)
{
  sink->flushed_soon = sink->sparse;
}

void
pt2_sink_watch (Pt2Sink *sink, Pt2ProgressFunc progress, gpointer data, uint64_t total)
{
  sink->progress = progress;
  sink->data = data;
  sink->total = total;
  sink->next_report = 0;
}

void
pt2_sink_clear (Pt2Sink *sink)
{
  pt2_buffer_clear (&sink->pending);
}

/* ---- to the system ---- */

static bool
write_all (Pt2Sink *sink, const char *data, size_t len, Pt2Status *status)
{
  for (size_t done = 0; done < len;)
    {
      ssize_t n = write (sink->fd, data + done, len - done);
      if (n >= 0)
        done += (size_t)n;
      else if (errno == EFAULT) /* a view into a mapped file that ends before it by now */
        return fail_shrunk (status);
      else if (errno != EINTR)
        return fail_write (errno, status);
    }
  return true;
}

static bool
flush_pending (Pt2Sink *sink, Pt2Status *status)
{
  size_t len = pt2_buffer_len (&sink->pending);
  sink->pending.next = sink->pending.data;
  if (len == 0)
    return true;
  sink->hole_at_end = false;
  return write_all (sink, sink->pending.data, len, status);
}

/* Lets the disk begin while the rest is made: what is left for fsync() to wait for is short then. */
static void
begin_flushing (Pt2Sink *sink)
{
  if (!sink->flushed_soon || sink->offset < sink->flushing + 4 * (uint64_t)PT2_SINK_STEP)
    return;
  sync_file_range (sink->fd, (off_t)sink->flushing, (off_t)(sink->offset - sink->flushing), SYNC_FILE_RANGE_WRITE);
  sink->flushing = sink->offset;
}

/* LEN bytes more are given. */
static bool
advance (Pt2Sink *sink, uint64_t len, Pt2Status *status)
{
  if (len > G_MAXINT64 - sink->offset)
    return fail_write (EFBIG, status);
  sink->offset += len;
  begin_flushing (sink);
  if (sink->progress == NULL || sink->offset < sink->next_report)
    return true;
  sink->next_report = sink->offset + PT2_SINK_STEP;
  if (sink->progress (sink->offset, MAX (sink->offset, sink->total), sink->data))
    return true;
  return pt2_status_fail (status, PT2_ERROR_F006, PT2_NO_OFFSET, "%s", "");
}

/* ---- bytes ---- */

static bool
put_small (Pt2Sink *sink, const char *data, size_t len, Pt2Status *status)
{
  bool full = (size_t)(sink->pending.end - sink->pending.next) < len;
  if (full && sink->fd >= 0 && !flush_pending (sink, status))
    return false;
  if (!pt2_buffer_room (&sink->pending, len))
    return fail_memory (status);
  memcpy (sink->pending.next, data, len);
  sink->pending.next += len;
  return true;
}

static bool
put_large (Pt2Sink *sink, const char *data, size_t len, Pt2Status *status)
{
  return flush_pending (sink, status) && write_all (sink, data, len, status);
}

static bool
is_zero (const char *data, size_t len)
{
  return data[0] == 0 && memcmp (data, data + 1, len - 1) == 0;
}

/* How many of the LEN bytes can be put at once: a run of blocks that are all zero, or of others. */
static size_t
run_length (const char *data, size_t len, bool *zero)
{
  size_t run = 0;
  *zero = len >= BLOCK && is_zero (data, BLOCK);
  do
    run += MIN (len - run, (size_t)BLOCK);
  while (run < len && (len - run >= BLOCK && is_zero (data + run, BLOCK)) == *zero);
  return run;
}

static bool
put_run (Pt2Sink *sink, const char *data, size_t len, Pt2Status *status)
{
  bool fine = sink->fd < 0 || len < BLOCK ? put_small (sink, data, len, status) : put_large (sink, data, len, status);
  return fine && advance (sink, len, status);
}

bool
pt2_sink_put (Pt2Sink *sink, const void *data, size_t len, Pt2Status *status)
{
  const char *from = data;
  bool fine = true;
  while (fine && len > 0)
    {
      bool zero = false;
      size_t n = MIN (len, (size_t)PT2_SINK_STEP);
      if (sink->sparse)
        n = run_length (from, n, &zero);
      fine = zero ? pt2_sink_zeros (sink, n, status) : put_run (sink, from, n, status);
      from += n;
      len -= n;
    }
  return fine;
}

static bool
write_zeros (Pt2Sink *sink, uint64_t len, Pt2Status *status)
{
  static const char zeros[4096];
  bool fine = true;
  for (; fine && len > 0;)
    {
      size_t n = (size_t)MIN (len, sizeof zeros);
      fine = put_small (sink, zeros, n, status) && advance (sink, n, status);
      len -= n;
    }
  return fine;
}

bool
pt2_sink_zeros (Pt2Sink *sink, uint64_t len, Pt2Status *status)
{
  if (!sink->sparse || len < BLOCK)
    return write_zeros (sink, len, status);
  if (!flush_pending (sink, status))
    return false;
  if (len > G_MAXINT64 - sink->offset || lseek (sink->fd, (off_t)len, SEEK_CUR) < 0)
    return fail_write (EFBIG, status);
  sink->hole_at_end = true;
  return advance (sink, len, status);
}

/* ---- ranges of files ---- */

bool
pt2_read_range (int fd, uint64_t at, void *out, size_t len, Pt2Status *status)
{
  for (size_t done = 0; done < len;)
    {
      ssize_t n = pread (fd, (char *)out + done, len - done, (off_t)(at + done));
      if (n == 0)
        return fail_shrunk (status);
      if (n > 0)
        done += (size_t)n;
      else if (errno != EINTR)
        return pt2_status_fail (status, PT2_ERROR_F001, PT2_NO_OFFSET, "%s", g_strerror (errno));
    }
  return true;
}

static bool
copy_through_memory (Pt2Sink *sink, int from, uint64_t at, size_t len, Pt2Status *status)
{
  bool fine = true;
  while (fine && len > 0)
    {
      size_t n = MIN (len, (size_t)ROOM);
      if ((size_t)(sink->pending.end - sink->pending.next) < n && sink->fd >= 0 && !flush_pending (sink, status))
        return false;
      if (!pt2_buffer_room (&sink->pending, n))
        return fail_memory (status);
      fine = pt2_read_range (from, at, sink->pending.next, n, status);
      if (fine)
        sink->pending.next += n;
      at += n;
      len -= n;
    }
  return fine;
}

/* What the kernel says where it cannot copy between two files, which is no fault of either. */
static bool
cannot_copy (int number)
{
  return number == EXDEV || number == EINVAL || number == ENOSYS || number == EOPNOTSUPP || number == EBADF;
}

static bool
copy_in_kernel (Pt2Sink *sink, int from, uint64_t at, size_t len, Pt2Status *status)
{
  if (!flush_pending (sink, status))
    return false;
  while (len > 0)
    {
      off_t offset = (off_t)at;
      ssize_t n = copy_file_range (from, &offset, sink->fd, NULL, len, 0);
      if (n == 0)
        return fail_shrunk (status);
      if (n < 0 && cannot_copy (errno))
        return copy_through_memory (sink, from, at, len, status);
      if (n < 0 && errno != EINTR)
        return fail_write (errno, status);
      if (n > 0)
        {
          at += (size_t)n;
          len -= (size_t)n;
          sink->hole_at_end = false;
        }
    }
  return true;
}

bool
pt2_sink_copy (Pt2Sink *sink, int from, uint64_t at, size_t len, Pt2Status *status)
{
  bool large = sink->sparse && len >= BLOCK;
  bool fine = large ? copy_in_kernel (sink, from, at, len, status) : copy_through_memory (sink, from, at, len, status);
  return fine && advance (sink, len, status);
}

/* ---- the end ---- */

bool
pt2_sink_finish (Pt2Sink *sink, Pt2Status *status)
{
  if (sink->fd < 0)
    return true;
  if (!flush_pending (sink, status))
    return false;
  if (sink->hole_at_end && ftruncate (sink->fd, (off_t)sink->offset) != 0)
    return fail_write (errno, status);
  return true;
}

GBytes *
pt2_sink_take (Pt2Sink *sink)
{
  return pt2_buffer_to_bytes (&sink->pending);
}
