/* SPDX-License-Identifier: Apache-2.0 */
/* Text from files made safe to show, and put into order.
 * Never writes past OUT_SIZE and always terminates OUT.
 */
#pragma once

#include "pt2-types.h"
#include <string.h>

/* Escapes control bytes, quotes, backslash, invalid UTF-8 (as \xNN) and bidi marks
 * (as \u202E) so that the result is printable UTF-8. Cuts with "…" if it does not
 * fit. Returns OUT. */
const char *pt2_text_escape (const char *data, size_t len, char *out, size_t out_size);
/* The same for a message whose own quotes and escapes are meant, but which came from others: quotes and backslashes
 * stay as they are. */
const char *pt2_text_escape_message (const char *data, size_t len, char *out, size_t out_size);
/* True if DATA is valid UTF-8 (RFC 3629: no surrogates, no overlong forms). NUL bytes are valid. */
bool pt2_text_is_utf8 (const char *data, size_t len);

/* By bytes, a text before those that it begins: as memcmp() says it. */
static inline int
pt2_text_compare (Pt2String a, Pt2String b)
{
  uint32_t both = MIN (a.len, b.len);
  int order = both > 0 ? memcmp (a.data, b.data, both) : 0;
  return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}
