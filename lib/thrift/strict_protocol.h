/* SPDX-License-Identifier: Apache-2.0 */
/* c_glib's compact protocol, which also notices texts that c_glib cuts at a NUL character. For reading bytes that
 * libpt2's codec has checked. */
#pragma once

#include <thrift/c_glib/protocol/thrift_compact_protocol.h>

/* (transfer full) */
ThriftProtocol *pt2_strict_protocol_new (ThriftTransport *transport);
/* Was a text cut since? */
gboolean pt2_strict_protocol_cut_text (ThriftProtocol *protocol);
