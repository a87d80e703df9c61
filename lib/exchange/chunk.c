/* SPDX-License-Identifier: Apache-2.0 */
#include "chunk.h"
#include "crc32.h"
#include "sha256.h"
#include <string.h>
#include <zlib.h>

static const char zeros[64 << 10];

bool
pt2_chunk_is_zero (const void *data, size_t len)
{
  const char *p = data;
  size_t at = 0;
  /* Most data shows within its first bytes that it is not. */
  for (; len - at >= sizeof zeros; at += sizeof zeros)
    if (memcmp (p + at, zeros, sizeof zeros) != 0)
      return false;
  return memcmp (p + at, zeros, len - at) == 0;
}

uint32_t
pt2_chunk_crc32 (const void *data, size_t len)
{
  return pt2_crc32 (0, data, len);
}

uint32_t
pt2_chunk_crc32_zeros (uint64_t len)
{
  uint32_t whole = 0, block = pt2_crc32 (0, zeros, sizeof zeros);
  for (; len >= sizeof zeros; len -= sizeof zeros)
    whole = (uint32_t)crc32_combine (whole, block, sizeof zeros);
  return pt2_crc32 (whole, zeros, (size_t)len);
}

static bool
has_digest (Pt2String data, uint64_t n_zeros, Pt2String sha256)
{
  Pt2Sha256 hash;
  uint8_t digest[PT2_SHA256_LEN];
  if (sha256.len != sizeof digest || !pt2_sha256_begin (&hash))
    return false;
  pt2_sha256_add (&hash, data.data, data.len);
  for (; n_zeros > 0; n_zeros -= MIN (n_zeros, sizeof zeros))
    pt2_sha256_add (&hash, zeros, (size_t)MIN (n_zeros, sizeof zeros));
  pt2_sha256_end (&hash, digest);
  return memcmp (digest, sha256.data, sizeof digest) == 0;
}

bool
pt2_chunk_check (Pt2String data, uint64_t n_zeros, int64_t crc, Pt2String sha256, GError **error)
{
  if (crc >= 0
      && crc != (int64_t)(n_zeros > 0 ? pt2_chunk_crc32_zeros (n_zeros) : pt2_chunk_crc32 (data.data, data.len)))
    return pt2_error_set (error, PT2_ERROR_X012, NULL, "%s", "the CRC-32 of the bytes is another");
  if (sha256.data != NULL && !has_digest (data, n_zeros, sha256))
    return pt2_error_set (error, PT2_ERROR_X012, NULL, "%s", "the SHA-256 of the bytes is another");
  return true;
}
