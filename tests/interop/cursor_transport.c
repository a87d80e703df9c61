/* SPDX-License-Identifier: Apache-2.0 */
#include "cursor_transport.h"

#include <string.h>

typedef ThriftTransportClass Pt2CursorTransportClass;

G_DEFINE_TYPE (Pt2CursorTransport, pt2_cursor_transport, THRIFT_TYPE_TRANSPORT)

ThriftTransport *
pt2_cursor_transport_new (const char *data, size_t len)
{
  Pt2CursorTransport *self = g_object_new (pt2_cursor_transport_get_type (), NULL);
  self->next = data;
  self->end = data + len;
  return &self->parent;
}

size_t
pt2_cursor_transport_left (ThriftTransport *transport)
{
  const Pt2CursorTransport *self = (const Pt2CursorTransport *)transport;
  return (size_t)(self->end - self->next);
}

static gboolean
is_open (ThriftTransport *transport)
{
  return TRUE;
}

static gboolean
nothing_to_do (ThriftTransport *transport, GError **error)
{
  return TRUE;
}

static gint32
read_bytes (ThriftTransport *transport, gpointer to, guint32 len, GError **error)
{
  Pt2CursorTransport *self = (Pt2CursorTransport *)transport;
  if (len > pt2_cursor_transport_left (transport))
    {
      g_set_error_literal (error, THRIFT_TRANSPORT_ERROR, THRIFT_TRANSPORT_ERROR_RECEIVE, "the bytes end too early");
      return -1;
    }
  memcpy (to, self->next, len);
  self->next += len;
  return (gint32)len;
}

static gboolean
write_bytes (ThriftTransport *transport, const gpointer from, const guint32 len, GError **error)
{
  g_set_error_literal (error, THRIFT_TRANSPORT_ERROR, THRIFT_TRANSPORT_ERROR_SEND, "this transport only reads");
  return FALSE;
}

static gboolean
refuse (ThriftTransport *transport, GError **error)
{
  return write_bytes (transport, NULL, 0, error);
}

static gboolean
set_message_size (ThriftTransport *transport, glong bytes, GError **error)
{
  return TRUE;
}

/* Asked before a container is read: BYTES is the least that its items take. */
static gboolean
check_available (ThriftTransport *transport, glong bytes, GError **error)
{
  if (bytes >= 0 && (size_t)bytes <= pt2_cursor_transport_left (transport))
    return TRUE;
  g_set_error_literal (error, THRIFT_TRANSPORT_ERROR, THRIFT_TRANSPORT_ERROR_RECEIVE, "more items than bytes");
  return FALSE;
}

static void
pt2_cursor_transport_class_init (Pt2CursorTransportClass *class)
{
  class->is_open = is_open;
  class->peek = nothing_to_do;
  class->open = nothing_to_do;
  class->close = nothing_to_do;
  class->read = read_bytes;
  class->read_all = read_bytes;
  class->read_end = nothing_to_do;
  class->write = write_bytes;
  class->write_end = refuse;
  class->flush = refuse;
  class->updateKnownMessageSize = set_message_size;
  class->resetConsumedMessageSize = set_message_size;
  class->countConsumedMessageBytes = set_message_size;
  class->checkReadBytesAvailable = check_available;
}

static void
pt2_cursor_transport_init (Pt2CursorTransport *self)
{
  self->next = self->end = NULL;
}
