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
 * PT2_LIMIT_DEPTH_MOST: the deepest nesting that any setting allows: readers
 * and writers recurse, and the stack is finite. A level takes at most half a
 * KiB of the calling thread's stack: 512 KiB for the default of @depth, 2.5 MiB
 * for the most. A thread with a smaller stack must set @depth accordingly.
 *
 * Since: 1.0
 */
#define PT2_LIMIT_DEPTH_MOST 5000

/**
 * PT2_LIMIT_INTEGER_BITS_MOST: the longest integers that any setting allows.
 *
 * Since: 1.0
 */
#define PT2_LIMIT_INTEGER_BITS_MOST ((uint64_t)1 << 30)

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
 * @expression_length: bytes of one symbolic expression's text
 * @expression_depth: nesting of a symbolic expression (levels); never above %PT2_LIMIT_DEPTH_MOST
 * @expression_nodes: different parts of all symbolic expressions of a pool
 * @integer_bits: bits of an integer in a symbolic expression; never above %PT2_LIMIT_INTEGER_BITS_MOST
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
  uint64_t expression_length;
  uint64_t expression_depth;
  uint64_t expression_nodes;
  uint64_t integer_bits;
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
