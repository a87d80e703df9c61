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

typedef struct
{
  char *data;
  char *next; /* where the next byte goes */
  char *end;  /* one past the last byte of room */
} Pt2Buffer;

#define PT2_BUFFER_INIT                                                                                                \
  {                                                                                                                    \
    NULL, NULL, NULL                                                                                                   \
  }

/* Makes room for NEED more bytes; false without changing anything if there is no memory. */
bool pt2_buffer_grow (Pt2Buffer *buffer, size_t need) __attribute__ ((cold, noinline));
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

/* Needs room for LEN. */
static inline void
pt2_buffer_put (Pt2Buffer *buffer, const void *data, size_t len)
{
  memcpy (buffer->next, data, len);
  buffer->next += len;
}
