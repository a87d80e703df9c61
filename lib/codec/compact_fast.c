/* SPDX-License-Identifier: Apache-2.0 */
#include "compact_fast.h"

const char *
pt2_fast_varint_long (Pt2FastReader *r, const char *p, uint64_t *value)
{
  unsigned n = pt2_wire_varint_bytes (p, r->end, value);
  return n > 0 ? p + n : pt2_fast_stop (r, p);
}
