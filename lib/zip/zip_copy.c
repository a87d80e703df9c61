/* SPDX-License-Identifier: Apache-2.0 */
/* A record's bytes from another file. They are copied inside the kernel; their CRC is made at the same time
 * by a second thread, which costs nothing where there are two cores. Holes stay holes: their CRC needs no
 * reading, and a sparse file of 100 GB is copied as fast as what it holds.
 *
 * Everything is read with pread(): a file that shrinks gives F005, never a signal.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* SEEK_DATA */
#endif
#include "zip_write.h"
#include "crc32.h"
#include <errno.h>
#include <unistd.h>
#include <zlib.h>

enum
{
  PIECE = 256 << 10,     /* read and summed at once: fits a core's cache */
  ALONE_MOST = 4 << 20,  /* not worth a thread */
  SMALL_MOST = 64 << 10, /* not worth a look for holes */
};

/* The CRC of a range; runs in a thread of its own. */
typedef struct
{
  int from;
  uint64_t at;
  uint64_t len;
  gint *stop; /* set: give up */
  uint32_t crc;
  bool fine;
  Pt2Status status;
} Sum;

static gpointer
sum_range (gpointer data)
{
  Sum *sum = data;
  g_autofree char *piece = g_try_malloc (PIECE);
  sum->fine = piece != NULL || pt2_status_fail (&sum->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  for (uint64_t done = 0; sum->fine && done < sum->len && !g_atomic_int_get (sum->stop);)
    {
      size_t n = (size_t)MIN (sum->len - done, (uint64_t)PIECE);
      sum->fine = pt2_read_range (sum->from, sum->at + done, piece, n, &sum->status);
      if (sum->fine)
        sum->crc = pt2_crc32 (sum->crc, piece, n);
      done += n;
    }
  return NULL;
}

static bool
copy_steps (Pt2ZipWriter *writer, int from, uint64_t at, uint64_t len, Pt2Status *status)
{
  bool fine = true;
  for (uint64_t done = 0; fine && done < len;)
    {
      size_t n = (size_t)MIN (len - done, (uint64_t)PT2_SINK_STEP);
      fine = pt2_sink_copy (writer->sink, from, at + done, n, status);
      done += n;
    }
  return fine;
}

static bool
copy_beside_sum (Pt2ZipWriter *writer, int from, uint64_t at, uint64_t len, Pt2Status *status)
{
  gint stop = 0;
  Sum sum = { from, at, len, &stop, writer->crc, true, PT2_STATUS_INIT };
  GThread *thread = len > ALONE_MOST ? g_thread_try_new ("pt2-crc", sum_range, &sum, NULL) : NULL;
  bool fine = copy_steps (writer, from, at, len, status);
  if (!fine)
    g_atomic_int_set (&stop, 1);
  if (thread != NULL)
    g_thread_join (thread);
  else if (fine)
    sum_range (&sum);
  if (fine && !sum.fine)
    *status = sum.status;
  writer->crc = sum.crc;
  writer->bytes += len;
  return fine && sum.fine;
}

/* Small ones go the short way: one read, no second look. */
static bool
copy_small (Pt2ZipWriter *writer, int from, uint64_t at, size_t len, Pt2Status *status)
{
  char piece[4096];
  bool fine = true;
  while (fine && len > 0)
    {
      size_t n = MIN (len, sizeof piece);
      fine = pt2_read_range (from, at, piece, n, status) && pt2_zip_writer_put (writer, piece, n, status);
      at += n;
      len -= n;
    }
  return fine;
}

/* The CRC of LEN zeros, by doubling. */
static uint32_t
crc_of_zeros (uint64_t len)
{
  uint32_t sum = 0, power = pt2_crc32 (0, "", 1);
  for (uint64_t bytes = 1; len > 0; len >>= 1, bytes <<= 1)
    {
      if (len & 1)
        sum = (uint32_t)crc32_combine (sum, power, (z_off_t)bytes);
      power = (uint32_t)crc32_combine (power, power, (z_off_t)bytes);
    }
  return sum;
}

static bool
copy_hole (Pt2ZipWriter *writer, uint64_t len, Pt2Status *status)
{
  writer->crc = (uint32_t)crc32_combine (writer->crc, crc_of_zeros (len), (z_off_t)len);
  writer->bytes += len;
  return pt2_sink_zeros (writer->sink, len, status);
}

/* How many of the LEN bytes at AT are a hole, and, if none, how many are data. */
static uint64_t
next_run (int from, uint64_t at, uint64_t len, bool *hole)
{
  off_t data = lseek (from, (off_t)at, SEEK_DATA);
  *hole = data < 0 ? errno == ENXIO : (uint64_t)data > at;
  if (*hole)
    return data < 0 ? len : MIN (len, (uint64_t)data - at);
  off_t end = data < 0 ? -1 : lseek (from, (off_t)at, SEEK_HOLE);
  return end <= (off_t)at ? len : MIN (len, (uint64_t)end - at);
}

/* ENXIO also says that the file ends before AT. */
static bool
check_end (int from, uint64_t end, Pt2Status *status)
{
  off_t size = lseek (from, 0, SEEK_END);
  return size < 0 || (uint64_t)size >= end || pt2_status_fail (status, PT2_ERROR_F005, PT2_NO_OFFSET, "%s", "");
}

bool
pt2_zip_writer_copy (Pt2ZipWriter *writer, int from, uint64_t at, uint64_t len, Pt2Status *status)
{
  if (len <= SMALL_MOST)
    return copy_small (writer, from, at, (size_t)len, status);
  bool fine = check_end (from, at + len, status);
  while (fine && len > 0)
    {
      bool hole = false;
      uint64_t n = next_run (from, at, len, &hole);
      fine = hole ? copy_hole (writer, n, status) : copy_beside_sum (writer, from, at, n, status);
      at += n;
      len -= n;
    }
  return fine;
}
