/* SPDX-License-Identifier: Apache-2.0 */
/* One client of a server: a state, the request that arrives, the answer that leaves. All in the server's thread but
 * the request and the answer while a worker has them. */
#pragma once

#include "buffer.h"
#include "service.h"
#include "stream.h"

typedef enum
{
  PT2_CONNECTION_HANDSHAKE,
  PT2_CONNECTION_READING, /* a request, or nothing yet */
  PT2_CONNECTION_WAITING, /* a worker has it */
  PT2_CONNECTION_WRITING, /* the answer */
} Pt2ConnectionState;

typedef struct
{
  Pt2Stream stream;
  Pt2ConnectionState state;
  guint64 number;
  char *peer;      /* of the certificate; NULL: none */
  gint64 since;    /* when the state, or the request that arrives, began; microseconds */
  gint64 heard;    /* when bytes last came or went */
  bool proven;     /* a request of it was answered */
  bool ended;      /* it sends no more */
  gint gone;       /* nobody waits for the answer; read by workers */
  bool cut;        /* close it as soon as no worker has it */
  uint32_t events; /* what epoll waits for */

  /* The request: header, then body. */
  unsigned char header[PT2_FRAME_HEADER];
  size_t header_len;
  char *body;
  size_t body_len, body_room, body_want;

  Pt2Buffer answer;
  size_t written;

  /* Of the call under way, set by its worker. */
  Pt2Outcome outcome;
  guint64 microseconds;
  bool broken; /* it was no message */
} Pt2Connection;

Pt2Connection *pt2_connection_new (int fd, guint64 number);
void pt2_connection_free (Pt2Connection *connection);

typedef enum
{
  PT2_PROGRESS_LATER,   /* the socket is not ready */
  PT2_PROGRESS_DONE,    /* a whole request is there; the whole answer is gone */
  PT2_PROGRESS_END,     /* the client is gone */
  PT2_PROGRESS_REFUSED, /* a frame that is too large, or no memory */
} Pt2Progress;

/* Reads at most a MiB at a time, so that others have their turn. MOST: bytes of a body. *TAKEN grows by what the
 * request takes in memory. */
Pt2Progress pt2_connection_read (Pt2Connection *connection, size_t most, guint64 *taken);
Pt2Progress pt2_connection_write (Pt2Connection *connection);
/* Forgets the request; what it took in memory. */
size_t pt2_connection_drop_request (Pt2Connection *connection);
