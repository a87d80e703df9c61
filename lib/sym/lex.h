/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of expression text. What is not in the grammar is told apart here only as far as the error needs it. */
#pragma once

#include "sym_private.h"

typedef enum
{
  SYM_TOKEN_END,
  SYM_TOKEN_NAME,
  SYM_TOKEN_INTEGER,
  SYM_TOKEN_FLOAT,
  SYM_TOKEN_TEXT, /* in quotes; START and LEN are what stands inside */
  SYM_TOKEN_MARK,
  SYM_TOKEN_WRONG, /* the status says why */
} SymTokenKind;

/* Marks are their bytes: '+', or two of them: SYM_MARK2 ('/', '/'). */
#define SYM_MARK2(a, b) ((a) << 8 | (b))

typedef struct
{
  SymTokenKind kind;
  int mark;
  const char *start;
  size_t len;
  size_t offset; /* bytes from the start of the text */
} SymToken;

typedef struct
{
  const char *text, *next, *end;
  Pt2Status *status;
  SymToken token; /* the one at hand */
} SymLexer;

/* Goes on to the next token. */
void sym_lex (SymLexer *lexer);
/* Fails at the token at hand; false. */
bool sym_lex_fail (SymLexer *lexer, Pt2ErrorCode code, const char *expected);
