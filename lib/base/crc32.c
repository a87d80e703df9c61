/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes are coefficients of a polynomial, and a CRC is its remainder. A block of 128 bits that lies N bits before the
 * end may be replaced by anything of the same remainder, so by a product with x^N mod P that is added to the block
 * there: four blocks at once are moved on by 512 bits, until the last four are left, and these are moved together. zlib
 * takes the remainder of what is left: 16 bytes that stand for all before them.
 */
#include "crc32.h"
#include <zlib.h>

#ifdef __x86_64__
#include <immintrin.h>

enum
{
  LANES = 4,
  STEP = LANES * sizeof (__m128i),
  SHORT_MOST = 4 * STEP, /* not worth the beginning and the end */
};

/* x^N mod P for the two halves of a block, bits reversed as all is here, and one place to the left, since the product
 * of reversed numbers is one place short: x^544 and x^480 move a block on by 512 bits, x^160 and x^96 by 128. */
static const uint64_t by_512[2] = { 0x154442bd4, 0x1c6e41596 }, by_128[2] = { 0x1751997d0, 0x0ccaa009e };

#define WITH_CLMUL __attribute__ ((target ("pclmul")))

WITH_CLMUL static inline __m128i
move_on (__m128i block, __m128i powers, __m128i next)
{
  return _mm_xor_si128 (
      next, _mm_xor_si128 (_mm_clmulepi64_si128 (block, powers, 0x00), _mm_clmulepi64_si128 (block, powers, 0x11)));
}

/* LEN: a multiple of STEP, and not 0. */
WITH_CLMUL static uint32_t
sum_steps (uint32_t crc, const __m128i *data, size_t len)
{
  __m128i powers = _mm_loadu_si128 ((const __m128i *)by_512), lanes[LANES];
  uint8_t rest[sizeof (__m128i)];
  for (int i = 0; i < LANES; i++)
    lanes[i] = _mm_loadu_si128 (data + i);
  lanes[0] = _mm_xor_si128 (lanes[0], _mm_cvtsi32_si128 ((int)~crc));
  for (size_t done = LANES; done < len / sizeof (__m128i); done += LANES)
    for (int i = 0; i < LANES; i++)
      lanes[i] = move_on (lanes[i], powers, _mm_loadu_si128 (data + done + i));
  powers = _mm_loadu_si128 ((const __m128i *)by_128);
  for (int i = 1; i < LANES; i++)
    lanes[i] = move_on (lanes[i - 1], powers, lanes[i]);
  _mm_storeu_si128 ((__m128i *)rest, lanes[LANES - 1]);
  return (uint32_t)crc32_z (UINT32_MAX, rest, sizeof rest); /* begins with no bit set */
}
#endif

uint32_t
pt2_crc32 (uint32_t crc, const void *data, size_t len)
{
#ifdef __x86_64__
  if (len >= SHORT_MOST && __builtin_cpu_supports ("pclmul"))
    {
      size_t steps = len - len % STEP;
      crc = sum_steps (crc, data, steps);
      data = (const uint8_t *)data + steps;
      len -= steps;
    }
#endif
  return len > 0 ? (uint32_t)crc32_z (crc, data, len) : crc;
}
