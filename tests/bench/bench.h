/* SPDX-License-Identifier: Apache-2.0 */
/* What every measured program shares, in C and C++: load a file, repeat a step
 * within a time budget, print one line of JSON. It never measures the loading.
 *
 *   PROGRAM WHAT FILE SECONDS
 *
 * A step is one whole decode, encode, load or dump. It returns the bytes at
 * hand, or 0 when it failed. What it made is freed by the release step, timed
 * apart: "median_seconds" is without it, "median_with_release" and "best" with it.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct
{
  char *data; /* a NUL and 64 zero bytes follow it */
  size_t len;
} BenchFile;

typedef size_t (*BenchStep) (void *state);
typedef void (*BenchRelease) (void *state);

enum
{
  BENCH_MAX_RUNS = 4096,
  BENCH_PADDING = 64,
};

static inline double
bench_now (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static inline BenchFile
bench_read_file (const char *path)
{
  BenchFile file = { NULL, 0 };
  FILE *stream = fopen (path, "rb");
  long size = -1;
  if (stream != NULL && fseek (stream, 0, SEEK_END) == 0)
    size = ftell (stream);
  if (size >= 0)
    {
      rewind (stream);
      file.data = (char *)calloc (1, (size_t)size + BENCH_PADDING);
      if (file.data != NULL)
        file.len = fread (file.data, 1, (size_t)size, stream);
    }
  if (stream != NULL)
    fclose (stream);
  if (file.data == NULL || file.len != (size_t)size)
    {
      fprintf (stderr, "%s: not readable\n", path);
      exit (1);
    }
  return file;
}

static int
bench_compare (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Bytes of memory that the process has now and had at most. */
static inline long
bench_status_kib (const char *key)
{
  char line[256];
  long found = 0;
  FILE *status = fopen ("/proc/self/status", "r");
  while (status != NULL && fgets (line, sizeof line, status) != NULL)
    if (strncmp (line, key, strlen (key)) == 0)
      found = atol (line + strlen (key));
  if (status != NULL)
    fclose (status);
  return found;
}

typedef struct
{
  BenchStep step;
  BenchRelease release; /* may be NULL */
  void *state;
} BenchWork;

/* One step and its release; their times go to *ALONE and *WHOLE. */
static inline size_t
bench_once (const BenchWork *work, double *alone, double *whole)
{
  double start = bench_now ();
  size_t bytes = work->step (work->state);
  *alone = bench_now () - start;
  if (work->release != NULL)
    work->release (work->state);
  *whole = bench_now () - start;
  return bytes;
}

/* Warms up (unless COLD: then the first step is measured), repeats the work for about SECONDS, at least three times,
 * and prints the line without its end. */
static inline void
bench_repeat (const char *peer, const char *what, const BenchWork *work, double seconds, int cold)
{
  static double alone[BENCH_MAX_RUNS], whole[BENCH_MAX_RUNS];
  int runs = 0;
  size_t bytes = 1;
  double begin = bench_now ();
  while (!cold && bytes != 0 && bench_now () - begin < seconds / 5)
    bytes = bench_once (work, &alone[0], &whole[0]);
  begin = bench_now ();
  do
    {
      bytes = bytes == 0 ? 0 : bench_once (work, &alone[runs], &whole[runs]);
      runs++;
    }
  while (!cold && bytes != 0 && runs < BENCH_MAX_RUNS && (runs < 3 || bench_now () - begin < seconds));
  if (bytes == 0)
    {
      fprintf (stderr, "%s %s: failed\n", peer, what);
      exit (1);
    }
  qsort (alone, (size_t)runs, sizeof alone[0], bench_compare);
  qsort (whole, (size_t)runs, sizeof whole[0], bench_compare);
  printf ("{\"peer\": \"%s\", \"what\": \"%s\", \"bytes\": %zu, \"median_seconds\": %.9f, "
          "\"median_with_release\": %.9f, \"best\": %.9f, \"runs\": %d, \"peak_kib\": %ld",
          peer, what, bytes, alone[runs / 2], whole[runs / 2], whole[0], runs, bench_status_kib ("VmHWM:"));
}

/* Checks the arguments every program takes; returns the seconds. */
static inline double
bench_arguments (int argc, char **argv)
{
  if (argc != 4)
    {
      fprintf (stderr, "usage: %s WHAT FILE SECONDS\n", argv[0]);
      exit (2);
    }
  return atof (argv[3]);
}
