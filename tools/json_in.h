/* SPDX-License-Identifier: Apache-2.0 */
/* Reads small JSON documents token by token, such as the lines that a batch is fed: the caller knows what it expects.
 * Texts are decoded, numbers stay text. Depth is the caller's.
 */
#pragma once

#include "command.h"

typedef struct
{
  const char *next, *end;
} JsonIn;

/* The byte C after blanks; FALSE, and nothing is taken, if another one stands there. */
gboolean json_in_mark (JsonIn *in, char c);
/* A text into OUT, which is emptied first. Lone surrogates become three bytes each. */
gboolean json_in_text (JsonIn *in, GString *out);
/* A number, or a word such as null: the bytes as they stand, up to the next mark. */
gboolean json_in_word (JsonIn *in, GString *out);
/* Only blanks are left. */
gboolean json_in_end (JsonIn *in);
