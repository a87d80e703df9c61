/* SPDX-License-Identifier: Apache-2.0 */
/* Where long output goes: a file with holes, a pipe, or memory. Gathers small pieces, copies ranges of
 * files inside the kernel where it can, says how far it is, and stops when it is told to.
 * Never closes what it writes to.
 */
#pragma once

#include "buffer.h"
#include "pt2-save.h"
#include "status.h"

typedef struct
{
  int fd;            /* -1: memory */
  bool sparse;       /* zeros may be left out: a new regular file, written from its start */
  Pt2Buffer pending; /* not yet written; of a memory sink, all */
  uint64_t offset;   /* bytes given so far */
  bool flushed_soon; /* the disk may begin while the rest is made */
  uint64_t flushing; /* up to where it was asked to */
  bool hole_at_end;
  Pt2ProgressFunc progress;
  gpointer data;
  uint64_t total;
  uint64_t next_report; /* offset at which PROGRESS is called again */
} Pt2Sink;

enum
{
  /* So much is done between two looks at whether to go on. */
  PT2_SINK_STEP = 8 << 20,
};

/* FD: anything that can be written. An empty regular file gets holes, and copies from inside the kernel.
 * L001 if there is no memory. */
bool pt2_sink_to_fd (Pt2Sink *sink, int fd, Pt2Status *status);
void pt2_sink_to_memory (Pt2Sink *sink);
/* What is written will be flushed at the end, as pt2_save_func() does. */
void pt2_sink_expect_flush (Pt2Sink *sink);
void pt2_sink_watch (Pt2Sink *sink, Pt2ProgressFunc progress, gpointer data, uint64_t total);

/* Each of these fails with F002, F005 (the source shrank), F006 or L001. */
bool pt2_sink_put (Pt2Sink *sink, const void *data, size_t len, Pt2Status *status);
bool pt2_sink_zeros (Pt2Sink *sink, uint64_t len, Pt2Status *status);
/* LEN bytes of the file FROM, at most PT2_SINK_STEP. */
bool pt2_sink_copy (Pt2Sink *sink, int from, uint64_t at, size_t len, Pt2Status *status);
/* Writes what is pending. */
bool pt2_sink_finish (Pt2Sink *sink, Pt2Status *status);
/* The bytes of a memory sink. (transfer full) */
GBytes *pt2_sink_take (Pt2Sink *sink);
void pt2_sink_clear (Pt2Sink *sink);

/* Reads exactly LEN bytes; F001, or F005 if the file ends before. */
bool pt2_read_range (int fd, uint64_t at, void *out, size_t len, Pt2Status *status);
