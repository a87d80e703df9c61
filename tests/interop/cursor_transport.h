/* SPDX-License-Identifier: Apache-2.0 */
/* A transport for Apache Thrift's c_glib that reads bytes where they are.
 *
 * c_glib's own memory buffer moves all that is left after every read, which is
 * quadratic. This one moves a cursor. It only reads, owns nothing, and never
 * reads past the end. For tests and benchmarks.
 */
#pragma once

#include <thrift/c_glib/transport/thrift_transport.h>

typedef struct
{
  ThriftTransport parent;
  const char *next;
  const char *end;
} Pt2CursorTransport;

GType pt2_cursor_transport_get_type (void);

/* Reads the LEN bytes at DATA, which must outlive the transport. (transfer full) */
ThriftTransport *pt2_cursor_transport_new (const char *data, size_t len);

/* Bytes that were not read yet. */
size_t pt2_cursor_transport_left (ThriftTransport *transport);
