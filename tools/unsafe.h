/* SPDX-License-Identifier: Apache-2.0 */
/* Which characters may not reach a terminal as they are. */
#pragma once

#include <glib.h>

/* Control characters, and marks that reorder or hide text: bidi controls, zero-width characters,
 * line separators, the byte order mark, tags. */
static inline gboolean
is_unsafe (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f)
         || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff
         || (c >= 0xe0000 && c <= 0xe0fff);
}
