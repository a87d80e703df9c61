/* SPDX-License-Identifier: Apache-2.0 */
/* A transport for Apache Thrift's c_glib that reads bytes where they are, or gathers what is written.
 *
 * c_glib's own memory buffer moves all that is left after every read, which is quadratic, and each leaks a little.
 * This one moves a cursor, and never past the end. It does not make c_glib's readers safe: bytes that come from others
 * go through pt2_thrift_struct_from_compact(), which checks them first.
 *
 * Thread rule: one transport belongs to one thread at a time.
 * Since: 1.0
 */
#pragma once

#include "pt2-types.h"
#include <thrift/c_glib/transport/thrift_transport.h>

G_BEGIN_DECLS

/**
 * pt2_thrift_cursor_transport_new:
 * @bytes: what is read; kept by reference while the transport lives
 *
 * Returns: (transfer full): free with g_object_unref()
 * Since: 1.0
 */
PT2_API ThriftTransport *pt2_thrift_cursor_transport_new (GBytes *bytes);

/**
 * pt2_thrift_cursor_transport_new_writer:
 *
 * One that gathers what is written to it.
 * Returns: (transfer full): free with g_object_unref()
 * Since: 1.0
 */
PT2_API ThriftTransport *pt2_thrift_cursor_transport_new_writer (void);

/* All that was written; the transport is empty then. (transfer full) Since: 1.0 */
PT2_API GBytes *pt2_thrift_cursor_transport_take (ThriftTransport *transport);

/* Bytes that were not read yet. Since: 1.0 */
PT2_API gsize pt2_thrift_cursor_transport_get_left (ThriftTransport *transport);

G_END_DECLS
