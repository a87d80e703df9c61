/* SPDX-License-Identifier: Apache-2.0 */
/* A struct of the schema by itself: a list of payloads, the notes of AOTInductor, one node. Checked, and turned from
 * one encoding into the other. Knows no file; whole programs are pt2-program.h's.
 *
 * Thread rule: any thread.
 * Since: 1.0
 */
#pragma once

#include "pt2-program.h"

G_BEGIN_DECLS

/**
 * Pt2StructFlags:
 * @PT2_STRUCT_ANY: what the schema does not know is kept
 * @PT2_STRUCT_KNOWN_ONLY: it is refused with T016; for readers that would drop it
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_STRUCT_ANY = 0,
  PT2_STRUCT_KNOWN_ONLY = 1,
} Pt2StructFlags;

/**
 * pt2_struct_convert:
 * @type: its name in the schema, such as "PayloadConfig"
 * @bytes: one such struct and nothing else
 * @from: the form of @bytes: JSON or compact
 * @to: the form wanted: JSON or compact
 * @limits: (nullable): %NULL for the default
 *
 * Everything that pt2_program_new_from_bytes() checks is checked. From compact to compact it is a check: sound bytes
 * that Apache's libraries wrote come out as they are.
 * Returns: (transfer full) (nullable): %NULL with J…, T…, L…; U007 for another form; T018 for a type that the schema
 *   does not have
 * Since: 1.0
 */
PT2_API GBytes *pt2_struct_convert (const char *type, GBytes *bytes, Pt2Form from, Pt2Form to, Pt2StructFlags flags,
                                    const Pt2Limits *limits, GError **error);

G_END_DECLS
