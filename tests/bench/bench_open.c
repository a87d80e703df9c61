/* SPDX-License-Identifier: Apache-2.0 */
/* Opens an archive, loads its program and lists its tensors, in this process: `bench_open FILE ROUNDS [cold]`. Prints
 * the median time in milliseconds, the tensors, and how many bytes the disk gave in the last round. `cold`: what the
 * page cache has of the file is dropped before each round, so that what is needed has to come from the disk.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* posix_fadvise */
#endif
#include "pt2.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum
{
  ROUNDS_MOST = 1000,
};

/* What the disk has given to this process. */
static guint64
bytes_from_disk (void)
{
  static const char key[] = "read_bytes: ";
  g_autofree char *text = NULL;
  const char *at = g_file_get_contents ("/proc/self/io", &text, NULL, NULL) ? strstr (text, key) : NULL;
  return at != NULL ? g_ascii_strtoull (at + strlen (key), NULL, 10) : 0;
}

static void
drop_from_cache (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && fsync (fd) == 0)
    posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  if (fd >= 0)
    close (fd);
}

/* How many tensors there are; 0 if something failed. */
static guint
open_once (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, &error);
  const Pt2Record *record = archive != NULL ? pt2_archive_choose_model (archive, NULL, &error) : NULL;
  g_autoptr (Pt2Program) program = record != NULL ? pt2_archive_load_program (archive, record, &error) : NULL;
  g_autoptr (Pt2Tensors) tensors = program != NULL ? pt2_tensors_new (archive, NULL, program, &error) : NULL;
  guint n = 0;
  if (tensors != NULL)
    pt2_tensors_get (tensors, &n);
  else
    g_printerr ("%s: %s\n", path, error->message);
  return n;
}

static int
compare (const void *a, const void *b)
{
  gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;
  return left < right ? -1 : left > right;
}

int
main (int argc, char **argv)
{
  gint64 times[ROUNDS_MOST];
  guint64 before = 0;
  guint n = 0;
  int rounds = argc >= 3 ? atoi (argv[2]) : 0;
  if (rounds < 1 || rounds > ROUNDS_MOST || argc > 4)
    {
      g_printerr ("usage: bench_open FILE ROUNDS [cold]\n");
      return 2;
    }
  for (int i = 0; i < rounds; i++)
    {
      if (argc == 4)
        drop_from_cache (argv[1]);
      before = bytes_from_disk ();
      gint64 begun = g_get_monotonic_time ();
      n = open_once (argv[1]);
      times[i] = g_get_monotonic_time () - begun;
      if (n == 0)
        return 1;
    }
  qsort (times, (size_t)rounds, sizeof *times, compare);
  printf ("%.3f %u %" G_GUINT64_FORMAT "\n", (double)times[rounds / 2] / 1000, n, bytes_from_disk () - before);
  return 0;
}
