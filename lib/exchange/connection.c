/* SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"
#include <string.h>

enum
{
  FIRST_ROOM = 4096, /* bytes for a body, whatever its length claims to be */
  TURN = 1 << 20,    /* bytes read before others have their turn */
};

Pt2Connection *
pt2_connection_new (int fd, guint64 number)
{
  Pt2Connection *connection = g_new0 (Pt2Connection, 1);
  connection->stream = (Pt2Stream){ .fd = fd };
  connection->state = PT2_CONNECTION_READING;
  connection->number = number;
  connection->since = connection->heard = g_get_monotonic_time ();
  return connection;
}

void
pt2_connection_free (Pt2Connection *connection)
{
  pt2_stream_close (&connection->stream);
  pt2_buffer_clear (&connection->answer);
  g_free (connection->peer);
  free (connection->body);
  g_free (connection);
}

size_t
pt2_connection_drop_request (Pt2Connection *connection)
{
  size_t taken = connection->body_room;
  free (connection->body);
  connection->body = NULL;
  connection->header_len = connection->body_len = connection->body_room = connection->body_want = 0;
  return taken;
}

/* Memory grows with what arrives, not with what was announced. */
static bool
make_room (Pt2Connection *connection, guint64 *taken)
{
  if (connection->body_len < connection->body_room)
    return true;
  size_t room = MAX (connection->body_room * 2, FIRST_ROOM);
  room = MIN (room, connection->body_want);
  char *body = realloc (connection->body, room);
  if (body == NULL)
    return false;
  *taken += room - connection->body_room;
  connection->body = body;
  connection->body_room = room;
  return true;
}

static ssize_t
note (Pt2Connection *connection, ssize_t n)
{
  if (n > 0)
    connection->heard = g_get_monotonic_time ();
  return n;
}

static Pt2Progress
read_header (Pt2Connection *connection, size_t most)
{
  while (connection->header_len < PT2_FRAME_HEADER)
    {
      ssize_t n = note (connection, pt2_stream_read (&connection->stream, connection->header + connection->header_len,
                                                     PT2_FRAME_HEADER - connection->header_len));
      if (n < 0)
        return n == PT2_STREAM_LATER ? PT2_PROGRESS_LATER : PT2_PROGRESS_END;
      if (connection->header_len == 0)
        connection->since = connection->heard;
      connection->header_len += (size_t)n;
    }
  uint32_t want;
  memcpy (&want, connection->header, sizeof want);
  connection->body_want = GUINT32_FROM_BE (want);
  return connection->body_want > 0 && connection->body_want <= most ? PT2_PROGRESS_DONE : PT2_PROGRESS_REFUSED;
}

Pt2Progress
pt2_connection_read (Pt2Connection *connection, size_t most, guint64 *taken)
{
  Pt2Progress progress = read_header (connection, most);
  size_t turn = 0;
  while (progress == PT2_PROGRESS_DONE && connection->body_len < connection->body_want)
    {
      if (turn >= TURN && !pt2_stream_pending (&connection->stream))
        return PT2_PROGRESS_LATER;
      if (!make_room (connection, taken))
        return PT2_PROGRESS_REFUSED;
      ssize_t n = note (connection, pt2_stream_read (&connection->stream, connection->body + connection->body_len,
                                                     connection->body_room - connection->body_len));
      if (n < 0)
        return n == PT2_STREAM_LATER ? PT2_PROGRESS_LATER : PT2_PROGRESS_END;
      connection->body_len += (size_t)n;
      turn += (size_t)n;
    }
  return progress;
}

Pt2Progress
pt2_connection_write (Pt2Connection *connection)
{
  size_t len = pt2_buffer_len (&connection->answer);
  while (connection->written < len)
    {
      ssize_t n
          = note (connection, pt2_stream_write (&connection->stream, connection->answer.data + connection->written,
                                                len - connection->written));
      if (n < 0)
        return n == PT2_STREAM_LATER ? PT2_PROGRESS_LATER : PT2_PROGRESS_END;
      connection->written += (size_t)n;
    }
  return PT2_PROGRESS_DONE;
}
