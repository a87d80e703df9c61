/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: one domain, one stable id for each thing that can go wrong.
 *
 * Every failing call of libpt2 sets a #GError of domain %PT2_ERROR whose code
 * is a #Pt2ErrorCode. The error also carries where it happened: the record of
 * an archive, the byte offset inside it and the field path, as far as known.
 * docs/errors.md lists every id with its meaning and the next step.
 *
 * Thread rule: all functions are pure and may be called from any thread.
 * Since: 1.0
 */
#pragma once

#include "pt2-types.h"

G_BEGIN_DECLS

#define PT2_ERROR (pt2_error_quark ())

/**
 * Pt2ErrorCode: PT2_ERROR_Z001 and so on; names and meaning in docs/errors.md.
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_ERROR_NONE = 0,
#define PT2_ERROR_ITEM(id, summary, next) PT2_ERROR_##id,
#include "errors.def"
#undef PT2_ERROR_ITEM
  PT2_ERROR_COUNT_ /*< skip >*/
} Pt2ErrorCode;

PT2_API GQuark pt2_error_quark (void);

/**
 * pt2_error_code_id:
 * @code: a code, 1 … pt2_error_code_count() - 1
 *
 * Returns: (transfer none): the stable id, such as "PT2-Z003"; "PT2-?" for a
 *   number that is no code
 * Since: 1.0
 */
PT2_API const char *pt2_error_code_id (Pt2ErrorCode code);

/**
 * pt2_error_code_summary:
 * Returns: (transfer none): one line of English, what is wrong
 * Since: 1.0
 */
PT2_API const char *pt2_error_code_summary (Pt2ErrorCode code);

/**
 * pt2_error_code_next:
 * Returns: (transfer none): one line of English, what to do next
 * Since: 1.0
 */
PT2_API const char *pt2_error_code_next (Pt2ErrorCode code);

/**
 * pt2_error_code_count:
 * Returns: one more than the largest code
 * Since: 1.0
 */
PT2_API int pt2_error_code_count (void);

/**
 * pt2_error_get_id:
 * @error: an error of any domain
 *
 * Returns: (transfer none): the stable id, or "PT2-F001" for a foreign domain
 * Since: 1.0
 */
PT2_API const char *pt2_error_get_id (const GError *error);

/**
 * pt2_error_get_where:
 * @error: an error of any domain
 *
 * Returns: (transfer none) (nullable): where it happened: a record, a record
 *   and `@OFFSET` in bytes, a field path, or `PATH @OFFSET`; %NULL when the
 *   whole file is meant. Lives as long as @error.
 * Since: 1.0
 */
PT2_API const char *pt2_error_get_where (const GError *error);

G_END_DECLS
