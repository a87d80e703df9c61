/* SPDX-License-Identifier: Apache-2.0 */
#include "strict_protocol.h"
#include <string.h>

typedef struct
{
  ThriftCompactProtocol parent;
  gboolean cut_text;
} Pt2StrictProtocol;
typedef ThriftCompactProtocolClass Pt2StrictProtocolClass;

static GType pt2_strict_protocol_get_type (void);
G_DEFINE_TYPE (Pt2StrictProtocol, pt2_strict_protocol, THRIFT_TYPE_COMPACT_PROTOCOL)

ThriftProtocol *
pt2_strict_protocol_new (ThriftTransport *transport)
{
  return g_object_new (pt2_strict_protocol_get_type (), "transport", transport, NULL);
}

gboolean
pt2_strict_protocol_cut_text (ThriftProtocol *protocol)
{
  return ((const Pt2StrictProtocol *)protocol)->cut_text;
}

/* Bytes of a length in front of a text. */
static gsize
varint_bytes (gsize value)
{
  gsize bytes = 1;
  for (; value >= 128; value >>= 7)
    bytes++;
  return bytes;
}

/* What is read is the length and the text; less of it in memory is a text that was cut. */
static gint32
read_string (ThriftProtocol *protocol, gchar **text, GError **error)
{
  gint32 read = THRIFT_PROTOCOL_CLASS (pt2_strict_protocol_parent_class)->read_string (protocol, text, error);
  gsize len = read > 0 && *text != NULL ? strlen (*text) : 0;
  if (read > 0 && (gsize)read != len + varint_bytes (len))
    ((Pt2StrictProtocol *)protocol)->cut_text = TRUE;
  return read;
}

static void
pt2_strict_protocol_class_init (Pt2StrictProtocolClass *class)
{
  THRIFT_PROTOCOL_CLASS (class)->read_string = read_string;
}

static void
pt2_strict_protocol_init (Pt2StrictProtocol *self)
{
  self->cut_text = FALSE;
}
