/* SPDX-License-Identifier: Apache-2.0 */
#include "lex.h"
#include "text.h"
#include <string.h>

static bool
is_name_start (char c)
{
  return g_ascii_isalpha (c) || c == '_';
}

static bool
is_name_part (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static void
set (SymLexer *lexer, SymTokenKind kind, const char *start, const char *end)
{
  lexer->token = (SymToken){ kind, 0, start, (size_t)(end - start), (size_t)(start - lexer->text) };
  lexer->next = end;
}

static void
wrong (SymLexer *lexer, const char *at, Pt2ErrorCode code, const char *detail)
{
  set (lexer, SYM_TOKEN_WRONG, at, at);
  pt2_status_fail (lexer->status, code, lexer->token.offset, "%s", detail);
}

static const char *
skip_digits (const char *p, const char *end)
{
  while (p < end && g_ascii_isdigit (*p))
    p++;
  return p;
}

/* Digits, then perhaps a fraction and an exponent. No other base, no underscores, no leading zeros before digits. */
static void
lex_number (SymLexer *lexer)
{
  const char *start = lexer->next, *end = lexer->end, *p = skip_digits (start, end);
  bool whole = true;
  size_t n_whole = (size_t)(p - start);
  if (p < end && *p == '.')
    {
      whole = false;
      p = skip_digits (p + 1, end);
    }
  if (p < end && (*p == 'e' || *p == 'E'))
    {
      const char *digits = p + 1 + (p + 1 < end && (p[1] == '+' || p[1] == '-'));
      whole = false;
      p = skip_digits (digits, end);
      if (p == digits)
        {
          wrong (lexer, p, PT2_ERROR_Y005, "no digits in the exponent");
          return;
        }
    }
  if ((p < end && (is_name_part (*p) || *p == '.')) || (whole && n_whole > 1 && *start == '0')
      || (n_whole == 0 && p == start + 1))
    wrong (lexer, p, PT2_ERROR_Y005, "plain decimal digits were expected");
  else
    set (lexer, whole ? SYM_TOKEN_INTEGER : SYM_TOKEN_FLOAT, start, p);
}

/* Text in quotes may stand only where srepr puts it; escapes never do. */
static void
lex_text (SymLexer *lexer)
{
  const char *start = lexer->next + 1;
  const char *close = memchr (start, lexer->next[0], (size_t)(lexer->end - start));
  if (close == NULL)
    {
      wrong (lexer, lexer->next, PT2_ERROR_Y001, "a quote is not closed");
      return;
    }
  set (lexer, SYM_TOKEN_TEXT, start, close);
  lexer->token.offset--;
  lexer->next = close + 1;
}

static const char doubled[][3] = { "**", "//", "<=", ">=", "==", "!=" };

static void
lex_mark (SymLexer *lexer)
{
  const char *p = lexer->next;
  size_t len = 1;
  for (size_t i = 0; i < G_N_ELEMENTS (doubled); i++)
    if (lexer->end - p >= 2 && p[0] == doubled[i][0] && p[1] == doubled[i][1])
      len = 2;
  set (lexer, SYM_TOKEN_MARK, p, p + len);
  lexer->token.mark = len == 2 ? SYM_MARK2 (p[0], p[1]) : p[0];
}

void
sym_lex (SymLexer *lexer)
{
  while (lexer->next < lexer->end && (*lexer->next == ' ' || *lexer->next == '\t'))
    lexer->next++;
  const char *p = lexer->next, *end = lexer->end;
  if (p == end)
    set (lexer, SYM_TOKEN_END, p, p);
  else if (is_name_start (*p))
    {
      while (p < end && is_name_part (*p))
        p++;
      set (lexer, SYM_TOKEN_NAME, lexer->next, p);
    }
  else if (g_ascii_isdigit (*p) || (*p == '.' && end - p > 1 && g_ascii_isdigit (p[1])))
    lex_number (lexer);
  else if (*p == '\'' || *p == '"')
    lex_text (lexer);
  else if (*p != '\0' && strchr ("+-*/%(),<>=!&|~", *p) != NULL)
    lex_mark (lexer);
  else if (*p != '\0' && strchr (".[]{}:;@", *p) != NULL)
    wrong (lexer, p, PT2_ERROR_Y004, "attributes, subscripts, lists and statements are no part of an expression");
  else
    wrong (lexer, p, PT2_ERROR_Y001, "a character that no expression has");
}

bool
sym_lex_fail (SymLexer *lexer, Pt2ErrorCode code, const char *expected)
{
  const SymToken *token = &lexer->token;
  char found[48];
  if (token->kind == SYM_TOKEN_WRONG)
    return false; /* already told */
  pt2_text_escape (token->start, MIN (token->len, 40), found, sizeof found);
  if (token->kind == SYM_TOKEN_END)
    return pt2_status_fail (lexer->status, code, token->offset, "%s, and the text ends", expected);
  return pt2_status_fail (lexer->status, code, token->offset, "%s, not %s", expected, found);
}
