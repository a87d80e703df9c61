/* SPDX-License-Identifier: Apache-2.0 */
/* Limits: what a file may cost. Every number a file claims is held against
 * these before anything is allocated from it. docs/limits.md explains each.
 *
 * Thread rule: a Pt2Limits is a plain value; copy it freely.
 * Since: 1.0
 */
#pragma once

#include "pt2-error.h"

G_BEGIN_DECLS

/**
 * PT2_LIMIT_DEPTH_MOST: the deepest nesting that any setting allows: the
 * readers recurse, and the stack is finite.
 *
 * Since: 1.0
 */
#define PT2_LIMIT_DEPTH_MOST 5000

/**
 * Pt2Limits:
 * @depth: nesting of structs, unions, lists and maps (levels); the readers stop at %PT2_LIMIT_DEPTH_MOST
 *   however high this is
 * @memory: bytes of memory a loaded program may take, beside its input
 * @program_size: bytes of one program record, inflated
 * @records: records in an archive
 * @name_length: bytes in a record's name
 * @inflated_size: bytes that all records together may inflate to
 * @inflate_ratio: inflated bytes for each stored byte of one record
 *
 * Since: 1.0
 */
typedef struct
{
  uint64_t depth;
  uint64_t memory;
  uint64_t program_size;
  uint64_t records;
  uint64_t name_length;
  uint64_t inflated_size;
  uint64_t inflate_ratio;
} Pt2Limits;

/**
 * pt2_limits_default:
 * Returns: (transfer none): the default limits; static, never changes
 * Since: 1.0
 */
PT2_API const Pt2Limits *pt2_limits_default (void);

/**
 * pt2_limits_set:
 * @limits: (inout): the limits to change
 * @key: a limit's name as `pt2 limits` prints it, such as "depth"
 * @value: a decimal number; a suffix K, M, G or T multiplies by a power of 1024
 *
 * Returns: %TRUE; on a wrong key or value (a depth above %PT2_LIMIT_DEPTH_MOST among them) %FALSE and
 *   %PT2_ERROR_U006, and @limits is as it was
 * Since: 1.0
 */
PT2_API gboolean pt2_limits_set (Pt2Limits *limits, const char *key, const char *value, GError **error);

/**
 * Pt2LimitsFunc:
 * Called for each limit in a fixed order.
 * Since: 1.0
 */
typedef void (*Pt2LimitsFunc) (const char *key, uint64_t value, const char *unit, const char *meaning, gpointer data);

/**
 * pt2_limits_foreach:
 * @func: (scope call): called once for each limit
 * Since: 1.0
 */
PT2_API void pt2_limits_foreach (const Pt2Limits *limits, Pt2LimitsFunc func, gpointer data);

G_END_DECLS
