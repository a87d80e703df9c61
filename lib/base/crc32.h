/* SPDX-License-Identifier: Apache-2.0 */
/* The CRC of zip records. Every payload that is copied or read whole is summed, so this is what a copy costs beside the
 * copying: carry-less multiplication where the processor has it, zlib elsewhere.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The CRC of what CRC is the CRC of (0: of nothing) and the LEN bytes behind it. */
uint32_t pt2_crc32 (uint32_t crc, const void *data, size_t len);
