/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves of expression text, and the calls whose arguments are no expressions: Integer(2), Symbol('s0', …). */
#pragma once

#include "lex.h"

enum
{
  SYM_PARSE_CALL = 64, /* spelled as a call: a sum of one stays a sum */
  SYM_PARSE_SQRT = 128,
};

typedef struct
{
  SymOp op;
  uint16_t flags;
} SymCall;

/* The number at hand, in infix spelling. NULL on failure. */
const Pt2Expr *sym_parse_literal (Pt2ExprPool *pool, SymLexer *lexer);
/* The name at hand: *LEAF, or *CALL with the lexer behind its opening bracket. */
bool sym_parse_name (Pt2ExprPool *pool, SymLexer *lexer, const Pt2Expr **leaf, SymCall *call);
