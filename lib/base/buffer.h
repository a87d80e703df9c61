/* SPDX-License-Identifier: Apache-2.0 */
/* A growing output buffer for the writers.
 *
 * A writer asks once for room for the worst case of what comes next
 * (pt2_buffer_room) and then stores without checks. Never aborts: when the
 * system has no memory, room fails and the writer stops with L001.
 */
#pragma once

#include "pt2-types.h"
#include <string.h>

/* Where bytes go that need not be kept. */
typedef void (*Pt2DrainFunc) (const char *data, size_t len, void *user);

typedef struct
{
  char *data;
  char *next;         /* where the next byte goes */
  char *end;          /* one past the last byte of room */
  Pt2DrainFunc drain; /* NULL: all is kept. Else what is full goes there, and at the end pt2_buffer_drain() is called */
  void *user;
} Pt2Buffer;

#define PT2_BUFFER_INIT                                                                                                \
  {                                                                                                                    \
    NULL, NULL, NULL, NULL, NULL                                                                                       \
  }

/* Makes room for NEED more bytes; false without changing anything if there is no memory. */
bool pt2_buffer_grow (Pt2Buffer *buffer, size_t need) __attribute__ ((cold, noinline));
/* What is in the buffer goes to its drain; there is room again. */
void pt2_buffer_drain (Pt2Buffer *buffer);
void pt2_buffer_clear (Pt2Buffer *buffer);
/* Turns what was written into bytes and leaves the buffer empty. (transfer full) */
GBytes *pt2_buffer_to_bytes (Pt2Buffer *buffer);

static inline size_t
pt2_buffer_len (const Pt2Buffer *buffer)
{
  return (size_t)(buffer->next - buffer->data);
}

static inline bool
pt2_buffer_room (Pt2Buffer *buffer, size_t need)
{
  return G_LIKELY ((size_t)(buffer->end - buffer->next) >= need) || pt2_buffer_grow (buffer, need);
}

/* Copies LEN bytes to OUT and returns the place behind them. Without a call for the short texts that most are. */
static inline char *
pt2_put_bytes (char *out, const char *data, size_t len)
{
  uint64_t first, last;
  uint32_t half, other;
  if (len > 16)
    memcpy (out, data, len);
  else if (len >= 8)
    {
      memcpy (&first, data, 8);
      memcpy (&last, data + len - 8, 8);
      memcpy (out, &first, 8);
      memcpy (out + len - 8, &last, 8);
    }
  else if (len >= 4)
    {
      memcpy (&half, data, 4);
      memcpy (&other, data + len - 4, 4);
      memcpy (out, &half, 4);
      memcpy (out + len - 4, &other, 4);
    }
  else
    for (size_t i = 0; i < len; i++)
      out[i] = data[i];
  return out + len;
}

/* Make their own room, for text that is not written in bulk. False: no memory. */
bool pt2_buffer_text (Pt2Buffer *buffer, const char *text);
bool pt2_buffer_bytes (Pt2Buffer *buffer, const char *data, size_t len);
bool pt2_buffer_integer (Pt2Buffer *buffer, int64_t number);

/* Needs room for LEN. */
static inline void
pt2_buffer_put (Pt2Buffer *buffer, const void *data, size_t len)
{
  buffer->next = pt2_put_bytes (buffer->next, data, len);
}
