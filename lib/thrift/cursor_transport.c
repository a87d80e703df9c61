/* SPDX-License-Identifier: Apache-2.0 */
#include "pt2-cursor-transport.h"

#include <string.h>

typedef struct
{
  ThriftTransport parent;
  GBytes *bytes; /* what is read; NULL in one that writes */
  const char *next;
  const char *end;
  GByteArray *written; /* NULL in one that reads */
} Pt2CursorTransport;
typedef ThriftTransportClass Pt2CursorTransportClass;

static GType pt2_cursor_transport_get_type (void);
G_DEFINE_TYPE (Pt2CursorTransport, pt2_cursor_transport, THRIFT_TYPE_TRANSPORT)

ThriftTransport *
pt2_thrift_cursor_transport_new (GBytes *bytes)
{
  Pt2CursorTransport *self = g_object_new (pt2_cursor_transport_get_type (), NULL);
  gsize len;
  self->bytes = g_bytes_ref (bytes);
  self->next = g_bytes_get_data (bytes, &len);
  self->end = self->next + len;
  return &self->parent;
}

ThriftTransport *
pt2_thrift_cursor_transport_new_writer (void)
{
  Pt2CursorTransport *self = g_object_new (pt2_cursor_transport_get_type (), NULL);
  self->written = g_byte_array_new ();
  return &self->parent;
}

GBytes *
pt2_thrift_cursor_transport_take (ThriftTransport *transport)
{
  Pt2CursorTransport *self = (Pt2CursorTransport *)transport;
  GBytes *bytes = g_byte_array_free_to_bytes (self->written);
  self->written = g_byte_array_new ();
  return bytes;
}

gsize
pt2_thrift_cursor_transport_get_left (ThriftTransport *transport)
{
  const Pt2CursorTransport *self = (const Pt2CursorTransport *)transport;
  return (gsize)(self->end - self->next);
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
  if (len > pt2_thrift_cursor_transport_get_left (transport))
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
  Pt2CursorTransport *self = (Pt2CursorTransport *)transport;
  if (self->written != NULL && len <= G_MAXINT32 - self->written->len)
    {
      g_byte_array_append (self->written, from, len);
      return TRUE;
    }
  g_set_error_literal (error, THRIFT_TRANSPORT_ERROR, THRIFT_TRANSPORT_ERROR_SEND,
                       self->written == NULL ? "this transport only reads" : "more than a message can hold");
  return FALSE;
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
  if (bytes >= 0 && (gsize)bytes <= pt2_thrift_cursor_transport_get_left (transport))
    return TRUE;
  g_set_error_literal (error, THRIFT_TRANSPORT_ERROR, THRIFT_TRANSPORT_ERROR_RECEIVE, "more items than bytes");
  return FALSE;
}

static void
finalize (GObject *object)
{
  Pt2CursorTransport *self = (Pt2CursorTransport *)object;
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->written, g_byte_array_unref);
  G_OBJECT_CLASS (pt2_cursor_transport_parent_class)->finalize (object);
}

static void
pt2_cursor_transport_class_init (Pt2CursorTransportClass *class)
{
  G_OBJECT_CLASS (class)->finalize = finalize;
  class->is_open = is_open;
  class->peek = nothing_to_do;
  class->open = nothing_to_do;
  class->close = nothing_to_do;
  class->read = read_bytes;
  class->read_all = read_bytes;
  class->read_end = nothing_to_do;
  class->write = write_bytes;
  class->write_end = nothing_to_do;
  class->flush = nothing_to_do;
  class->updateKnownMessageSize = set_message_size;
  class->resetConsumedMessageSize = set_message_size;
  class->countConsumedMessageBytes = set_message_size;
  class->checkReadBytesAvailable = check_available;
}

static void
pt2_cursor_transport_init (Pt2CursorTransport *self)
{
  self->bytes = NULL;
  self->written = NULL;
}
