/* SPDX-License-Identifier: Apache-2.0 */
/* Limits: what a file may cost, and what a caller takes. Every number a file claims is held against the former before
 * anything is allocated from it; versions of a program are held against the latter once it is read, and unless somebody
 * sets them there are no such rules. docs/limits.md explains each.
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
 * PT2_LIMIT_VERSION: a version as one number that can be compared; each part below 2^20.
 *
 * Since: 1.0
 */
#define PT2_LIMIT_VERSION(major, minor, patch) ((uint64_t)(major) << 40 | (uint64_t)(minor) << 20 | (uint64_t)(patch))

/**
 * PT2_LIMIT_ANY: no rule, for the fields of #Pt2Limits that may have none; their least has 0 for that.
 *
 * Since: 1.0
 */
#define PT2_LIMIT_ANY UINT64_MAX

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
 * @schema_least: a program's schema version, at least (%PT2_LIMIT_VERSION with patch 0)
 * @schema_most: the same, at most: 8.20 refuses newer minors, which are read by default; or %PT2_LIMIT_ANY
 * @torch_least: the version of PyTorch that wrote a program, at least; what follows the three numbers does not count
 * @torch_most: the same, at most; or %PT2_LIMIT_ANY. With either, a program that does not say its version is refused
 * @opset_most: version of a program's operator set `aten`, at most, and no other sets; or %PT2_LIMIT_ANY
 * @unknown_parts: fields, keys and union members that the schema does not know, in one program; or %PT2_LIMIT_ANY
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
  uint64_t schema_least;
  uint64_t schema_most;
  uint64_t torch_least;
  uint64_t torch_most;
  uint64_t opset_most;
  uint64_t unknown_parts;
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
 * @value: a decimal number; a suffix K, M, G or T multiplies by a power of 1024. Of a version one to three numbers with
 *   dots; parts that are left out are 0 in what must be at least, and anything in what may be at most. `any`: no rule
 *
 * Returns: %TRUE; on a wrong key or value (a depth above %PT2_LIMIT_DEPTH_MOST among them) %FALSE and
 *   %PT2_ERROR_U006, and @limits is as it was
 * Since: 1.0
 */
PT2_API gboolean pt2_limits_set (Pt2Limits *limits, const char *key, const char *value, GError **error);

/**
 * pt2_limits_get_text:
 * @key: a limit's name
 *
 * Returns: (transfer full) (nullable): its value as pt2_limits_set() takes it; %NULL if there is no limit of that name
 * Since: 1.0
 */
PT2_API char *pt2_limits_get_text (const Pt2Limits *limits, const char *key);

/**
 * Pt2LimitsFunc:
 * Called for each limit in a fixed order. @unit is "version" where @value is a %PT2_LIMIT_VERSION.
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
