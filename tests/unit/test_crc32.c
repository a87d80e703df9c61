/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base/crc32 gives what zlib gives: every length around its steps, any place in memory, in one piece or many. */
#include "crc32.h"
#include "suite.h"
#include <string.h>
#include <zlib.h>

enum
{
  N = 4096,
};

/* Neither zeros nor anything regular. */
static void
fill (uint8_t *bytes, size_t len)
{
  uint32_t state = 1;
  for (size_t i = 0; i < len; i++)
    bytes[i] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24);
}

START_TEST (every_length)
{
  g_autofree uint8_t *bytes = g_malloc (N + 16);
  fill (bytes, N + 16);
  for (size_t len = 0; len <= N; len = len < 700 ? len + 1 : len + 61)
    for (size_t at = 0; at < 16; at += 5)
      ck_assert_msg (pt2_crc32 (0, bytes + at, len) == (uint32_t)crc32_z (0, bytes + at, len), "%zu bytes at %zu", len,
                     at);
}
END_TEST

START_TEST (goes_on)
{
  uint8_t bytes[N];
  fill (bytes, N);
  uint32_t whole = (uint32_t)crc32_z (0, bytes, N);
  for (size_t cut = 0; cut <= N; cut += 17)
    ck_assert_uint_eq (pt2_crc32 (pt2_crc32 (0, bytes, cut), bytes + cut, N - cut), whole);
}
END_TEST

START_TEST (known_ones)
{
  uint8_t zeros[1024] = { 0 }, ones[1024];
  memset (ones, 0xff, sizeof ones);
  ck_assert_uint_eq (pt2_crc32 (0, "123456789", 9), 0xcbf43926);
  ck_assert_uint_eq (pt2_crc32 (0, zeros, sizeof zeros), (uint32_t)crc32_z (0, zeros, sizeof zeros));
  ck_assert_uint_eq (pt2_crc32 (0, ones, sizeof ones), (uint32_t)crc32_z (0, ones, sizeof ones));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { every_length, 1 }, { goes_on, 1 }, { known_ones, 1 } };
  return RUN_SUITE ("crc32", cases);
}
