/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of something long, with what they are checked by. Both sides use it. */
#pragma once

#include "message.h"

/* Are all LEN bytes zero? */
bool pt2_chunk_is_zero (const void *data, size_t len);
/* The CRC-32 of zip, and the same of LEN zeros. */
uint32_t pt2_chunk_crc32 (const void *data, size_t len);
uint32_t pt2_chunk_crc32_zeros (uint64_t len);
/* X012 if DATA has not the CRC or the hash that is given (crc32 < 0, sha256 without data: not given). ZEROS: that many
 * zeros instead of DATA. */
bool pt2_chunk_check (Pt2String data, uint64_t zeros, int64_t crc32, Pt2String sha256, GError **error);
