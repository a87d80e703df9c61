/* SPDX-License-Identifier: Apache-2.0 */
#include "parse_leaf.h"
#include "number.h"
#include <string.h>

static bool
token_is (const SymLexer *lexer, const char *name)
{
  const SymToken *token = &lexer->token;
  return token->kind == SYM_TOKEN_NAME && strlen (name) == token->len && memcmp (token->start, name, token->len) == 0;
}

static bool
expect (SymLexer *lexer, int mark, const char *expected)
{
  if (lexer->token.kind != SYM_TOKEN_MARK || lexer->token.mark != mark)
    return sym_lex_fail (lexer, PT2_ERROR_Y001, expected);
  sym_lex (lexer);
  return true;
}

static bool
close_bracket (SymLexer *lexer)
{
  return expect (lexer, ')', "a closing bracket was expected");
}

static bool
take_comma (SymLexer *lexer)
{
  return expect (lexer, ',', "a comma was expected");
}

static const Pt2Expr *
number_node (Pt2ExprPool *pool, bool made, SymNumber value)
{
  if (made)
    return sym_make_number (pool, value);
  sym_fail (pool->status, &pool->calc);
  return NULL;
}

/* ---- numbers ---- */

/* An integer with a sign, inside Integer(…) or Rational(…). */
static bool
take_integer (Pt2ExprPool *pool, SymLexer *lexer, SymNumber *out)
{
  bool minus = lexer->token.kind == SYM_TOKEN_MARK && lexer->token.mark == '-';
  if (minus)
    sym_lex (lexer);
  if (lexer->token.kind != SYM_TOKEN_INTEGER)
    return sym_lex_fail (lexer, PT2_ERROR_Y005, "an integer was expected");
  if (!sym_from_digits (&pool->calc, lexer->token.start, lexer->token.len, out)
      || (minus && !sym_negate (&pool->calc, *out, out)))
    return sym_fail (pool->status, &pool->calc);
  sym_lex (lexer);
  return true;
}

static const Pt2Expr *
parse_integer (Pt2ExprPool *pool, SymLexer *lexer)
{
  SymNumber value;
  return take_integer (pool, lexer, &value) && close_bracket (lexer) ? sym_make_number (pool, value) : NULL;
}

static const Pt2Expr *
parse_rational (Pt2ExprPool *pool, SymLexer *lexer)
{
  SymNumber num, den, value;
  size_t offset = lexer->token.offset;
  if (!take_integer (pool, lexer, &num) || !take_comma (lexer) || !take_integer (pool, lexer, &den)
      || !close_bracket (lexer))
    return NULL;
  if (sym_sign (den) == 0)
    {
      pt2_status_fail (lexer->status, PT2_ERROR_Y005, offset, "the denominator is zero");
      return NULL;
    }
  return number_node (pool, sym_ratio (&pool->calc, num, den, &value), value);
}

/* Digits, a point, an exponent, nothing else: Python's float() would take more. */
static bool
is_float_text (const char *text, size_t len)
{
  bool digit = false;
  for (size_t i = 0; i < len; i++)
    {
      digit = digit || g_ascii_isdigit (text[i]);
      if (text[i] == '\0' || strchr ("0123456789+-.eE", text[i]) == NULL)
        return false;
    }
  return digit;
}

/* The text of a float as srepr writes it, without its sign of the end: 17 digits. */
static const Pt2Expr *
make_float (Pt2ExprPool *pool, SymLexer *lexer, SymToken text, uint32_t precision)
{
  double number;
  SymNumber value;
  if (!is_float_text (text.start, text.len) || !pt2_number_read_python_float (text.start, text.len, &number))
    {
      pt2_status_fail (lexer->status, PT2_ERROR_Y005, text.offset, "a decimal number was expected");
      return NULL;
    }
  if (!sym_float (&pool->calc, number, &value))
    return number_node (pool, false, value);
  if (sym_is_inf (value))
    return sym_make_number (pool, value);
  return sym_make_literal (pool, value, (Pt2String){ text.start, (uint32_t)text.len }, precision);
}

static const Pt2Expr *
parse_float (Pt2ExprPool *pool, SymLexer *lexer)
{
  SymToken text = lexer->token;
  SymNumber precision = sym_int (0);
  if (text.kind != SYM_TOKEN_TEXT)
    {
      sym_lex_fail (lexer, PT2_ERROR_Y005, "a number in quotes was expected");
      return NULL;
    }
  sym_lex (lexer);
  if (lexer->token.kind == SYM_TOKEN_MARK && lexer->token.mark == ',')
    {
      sym_lex (lexer);
      if (!token_is (lexer, "precision"))
        {
          sym_lex_fail (lexer, PT2_ERROR_Y005, "precision= was expected");
          return NULL;
        }
      sym_lex (lexer);
      if (!expect (lexer, '=', "= was expected") || !take_integer (pool, lexer, &precision))
        return NULL;
    }
  if (precision.kind != SYM_INT || precision.i < 0 || precision.i > UINT16_MAX)
    {
      pt2_status_fail (lexer->status, PT2_ERROR_Y005, text.offset, "%s", "a precision in bits was expected");
      return NULL;
    }
  return close_bracket (lexer) ? make_float (pool, lexer, text, (uint32_t)precision.i) : NULL;
}

const Pt2Expr *
sym_parse_literal (Pt2ExprPool *pool, SymLexer *lexer)
{
  SymToken token = lexer->token;
  SymNumber value;
  sym_lex (lexer);
  if (token.kind == SYM_TOKEN_FLOAT)
    return make_float (pool, lexer, token, 0);
  return number_node (pool, sym_from_digits (&pool->calc, token.start, token.len, &value), value);
}

/* ---- symbols ---- */

static bool
check_name (SymLexer *lexer, const SymToken *name)
{
  const char *p = name->start;
  bool good = name->len > 0 && name->len <= 255 && !g_ascii_isdigit (p[0]);
  for (size_t i = 0; i < name->len; i++)
    good = good && (g_ascii_isalnum (p[i]) || p[i] == '_');
  if (good && name->len >= 2 && p[0] == '_' && p[1] == '_')
    return pt2_status_fail (lexer->status, PT2_ERROR_Y004, name->offset, "names that begin with two underscores");
  return good || pt2_status_fail (lexer->status, PT2_ERROR_Y006, name->offset, "%s", "");
}

#define BIT(name) (1u << SYM_##name)

/* What follows from an assumption, and what it excludes. */
static const struct
{
  uint32_t follows, excludes;
} consequences[SYM_N_ASSUMPTIONS] = {
  [SYM_INTEGER] = { BIT (REAL) | BIT (RATIONAL) | BIT (FINITE) | BIT (COMPLEX), 0 },
  [SYM_POSITIVE] = { BIT (NONNEGATIVE) | BIT (NONZERO) | BIT (REAL), BIT (NEGATIVE) | BIT (NONPOSITIVE) | BIT (ZERO) },
  [SYM_NONNEGATIVE] = { BIT (REAL), BIT (NEGATIVE) },
  [SYM_NEGATIVE] = { BIT (NONPOSITIVE) | BIT (NONZERO) | BIT (REAL), BIT (POSITIVE) | BIT (NONNEGATIVE) | BIT (ZERO) },
  [SYM_NONPOSITIVE] = { BIT (REAL), BIT (POSITIVE) },
  [SYM_REAL] = { BIT (FINITE) | BIT (COMPLEX) | BIT (EXTENDED_REAL), 0 },
  [SYM_NONZERO] = { 0, BIT (ZERO) },
  [SYM_ZERO] = { BIT (INTEGER) | BIT (NONNEGATIVE) | BIT (NONPOSITIVE) | BIT (EVEN_NUMBER), BIT (NONZERO) | BIT (ODD) },
  [SYM_EVEN_NUMBER] = { BIT (INTEGER), BIT (ODD) },
  [SYM_ODD] = { BIT (INTEGER) | BIT (NONZERO), BIT (EVEN_NUMBER) | BIT (ZERO) },
};

/* Adds what follows; false if it contradicts itself. */
static bool
conclude (uint32_t *is, uint32_t is_not)
{
  for (uint32_t before = 0; before != *is;)
    {
      before = *is;
      for (int i = 0; i < SYM_N_ASSUMPTIONS; i++)
        {
          if ((*is & 1u << i) == 0)
            continue;
          if ((*is & consequences[i].excludes) != 0)
            return false;
          *is |= consequences[i].follows;
        }
    }
  return (*is & is_not) == 0;
}

typedef struct
{
  char text[SYM_N_ASSUMPTIONS * 24];
  size_t len;
  uint32_t is, is_not;
} Assumptions;

/* `positive=True` */
static bool
take_assumption (SymLexer *lexer, Assumptions *out)
{
  int which = 0;
  while (which < SYM_N_ASSUMPTIONS && !token_is (lexer, sym_assumption_names[which]))
    which++;
  if (which == SYM_N_ASSUMPTIONS || ((out->is | out->is_not) & 1u << which) != 0)
    return sym_lex_fail (lexer, PT2_ERROR_Y006, "an assumption that was not there yet was expected");
  sym_lex (lexer);
  if (!expect (lexer, '=', "= was expected"))
    return false;
  bool yes = token_is (lexer, "True");
  if (!yes && !token_is (lexer, "False"))
    return sym_lex_fail (lexer, PT2_ERROR_Y006, "True or False was expected");
  sym_lex (lexer);
  *(yes ? &out->is : &out->is_not) |= 1u << which;
  out->len += (size_t)g_snprintf (out->text + out->len, (gulong)(sizeof out->text - out->len), "%s%s=%s",
                                  out->len > 0 ? ", " : "", sym_assumption_names[which], yes ? "True" : "False");
  return true;
}

static const Pt2Expr *
parse_symbol (Pt2ExprPool *pool, SymLexer *lexer)
{
  SymToken name = lexer->token;
  Assumptions assumptions = { .len = 0 };
  if (name.kind != SYM_TOKEN_TEXT)
    {
      sym_lex_fail (lexer, PT2_ERROR_Y006, "a name in quotes was expected");
      return NULL;
    }
  if (!check_name (lexer, &name))
    return NULL;
  for (sym_lex (lexer); lexer->token.kind == SYM_TOKEN_MARK && lexer->token.mark == ',';)
    {
      sym_lex (lexer);
      if (!take_assumption (lexer, &assumptions))
        return NULL;
    }
  if (!close_bracket (lexer))
    return NULL;
  if (!conclude (&assumptions.is, assumptions.is_not))
    {
      pt2_status_fail (lexer->status, PT2_ERROR_Y006, name.offset, "its assumptions contradict each other");
      return NULL;
    }
  return sym_make_assuming (pool, (Pt2String){ name.start, (uint32_t)name.len },
                            (Pt2String){ assumptions.text, (uint32_t)assumptions.len }, assumptions.is,
                            assumptions.is_not);
}

/* ---- words ---- */

static const char *const python_words[] = {
  "and",  "as",       "assert",  "async", "await", "break",  "class",  "continue", "def",   "del",  "elif",
  "else", "except",   "finally", "for",   "from",  "global", "if",     "import",   "in",    "is",   "lambda",
  "None", "nonlocal", "not",     "or",    "pass",  "raise",  "return", "try",      "while", "with", "yield",
};

static bool
is_python_word (Pt2String name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (python_words); i++)
    if (strlen (python_words[i]) == name.len && memcmp (python_words[i], name.data, name.len) == 0)
      return true;
  return false;
}

static bool
check_plain_name (SymLexer *lexer, const SymToken *name)
{
  if (is_python_word ((Pt2String){ name->start, (uint32_t)name->len }))
    return pt2_status_fail (lexer->status, PT2_ERROR_Y004, name->offset, "a word of Python");
  return check_name (lexer, name);
}

typedef struct
{
  const char *name;
  SymNumber value;
} Word;

static const Word words[] = {
  { "true", { .kind = SYM_BOOL, .i = 1 } },  { "True", { .kind = SYM_BOOL, .i = 1 } },
  { "false", { .kind = SYM_BOOL, .i = 0 } }, { "False", { .kind = SYM_BOOL, .i = 0 } },
  { "oo", { .kind = SYM_INF, .i = 1 } },     { "int_oo", { .kind = SYM_INF, .whole = 1, .i = 1 } },
};

static const Word nullary[] = {
  { "IntInfinity", { .kind = SYM_INF, .whole = 1, .i = 1 } },
  { "NegativeIntInfinity", { .kind = SYM_INF, .whole = 1, .i = -1 } },
};

typedef const Pt2Expr *(*ParseLeaf) (Pt2ExprPool *pool, SymLexer *lexer);

static const struct
{
  const char *name;
  ParseLeaf parse;
} leaf_calls[] = {
  { "Symbol", parse_symbol },
  { "Integer", parse_integer },
  { "Rational", parse_rational },
  { "Float", parse_float },
};

static bool
name_is (Pt2String name, const char *text)
{
  return strlen (text) == name.len && memcmp (text, name.data, name.len) == 0;
}

static const Word *
find_word (Pt2String name, const Word *list, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (name_is (name, list[i].name))
      return &list[i];
  return NULL;
}

/* A function, leaves among them, which may not stand without its brackets. */
static bool
is_function (Pt2String name)
{
  bool found = sym_find_op (name.data, name.len) != SYM_N_OPS || name_is (name, "sqrt") || name_is (name, "Function")
               || find_word (name, nullary, G_N_ELEMENTS (nullary)) != NULL;
  for (size_t i = 0; i < G_N_ELEMENTS (leaf_calls); i++)
    found = found || name_is (name, leaf_calls[i].name);
  return found;
}

static SymConstant
find_constant (Pt2String name)
{
  SymConstant i = 0;
  while (i < SYM_N_CONSTANTS && !name_is (name, sym_constant_names[i]))
    i++;
  return i;
}

bool
sym_reads_as_symbol (Pt2String name)
{
  return find_word (name, words, G_N_ELEMENTS (words)) == NULL && find_constant (name) == SYM_N_CONSTANTS
         && !is_function (name) && !is_python_word (name);
}

/* A name that no bracket follows. */
static const Pt2Expr *
parse_word (Pt2ExprPool *pool, SymLexer *lexer)
{
  SymToken token = lexer->token;
  Pt2String name = { token.start, (uint32_t)token.len };
  const Word *word = find_word (name, words, G_N_ELEMENTS (words));
  SymConstant constant = find_constant (name);
  if (word == NULL && constant == SYM_N_CONSTANTS && is_function (name))
    {
      pt2_status_fail (lexer->status, PT2_ERROR_Y002, token.offset, "a function without its brackets");
      return NULL;
    }
  if (word == NULL && constant == SYM_N_CONSTANTS && !check_plain_name (lexer, &token))
    return NULL;
  sym_lex (lexer);
  if (word != NULL)
    return sym_make_number (pool, word->value);
  return constant != SYM_N_CONSTANTS ? sym_make_constant (pool, constant) : sym_make_symbol (pool, name);
}

/* ---- calls ---- */

/* Function('name')( with the lexer behind Function( : the names that torch's own functions get when a program is saved
 * a second time. */
static bool
parse_quoted (SymLexer *lexer, SymCall *call)
{
  SymToken name = lexer->token;
  if (name.kind != SYM_TOKEN_TEXT)
    return sym_lex_fail (lexer, PT2_ERROR_Y002, "a name in quotes was expected");
  *call = (SymCall){ sym_find_op (name.start, name.len), SYM_NODE_QUOTED };
  if (call->op < SYM_ABS || call->op == SYM_N_OPS)
    return sym_lex_fail (lexer, PT2_ERROR_Y002, "a function was expected");
  sym_lex (lexer);
  return close_bracket (lexer) && expect (lexer, '(', "the function's arguments were expected");
}

static bool
is_sqrt (const SymToken *name)
{
  return name->len == 4 && memcmp (name->start, "sqrt", 4) == 0;
}

static bool
parse_call (Pt2ExprPool *pool, SymLexer *lexer, SymToken name, const Pt2Expr **leaf, SymCall *call)
{
  sym_lex (lexer);
  for (size_t i = 0; i < G_N_ELEMENTS (leaf_calls); i++)
    if (strlen (leaf_calls[i].name) == name.len && memcmp (leaf_calls[i].name, name.start, name.len) == 0)
      return (*leaf = leaf_calls[i].parse (pool, lexer)) != NULL;
  for (size_t i = 0; i < G_N_ELEMENTS (nullary); i++)
    if (strlen (nullary[i].name) == name.len && memcmp (nullary[i].name, name.start, name.len) == 0)
      return close_bracket (lexer) && (*leaf = sym_make_number (pool, nullary[i].value)) != NULL;
  if (name.len == 8 && memcmp (name.start, "Function", 8) == 0)
    return parse_quoted (lexer, call);
  if (is_sqrt (&name))
    *call = (SymCall){ SYM_ABS, SYM_PARSE_SQRT }; /* one argument */
  else
    *call = (SymCall){ sym_find_op (name.start, name.len), 0 };
  if (call->op != SYM_N_OPS)
    return true;
  lexer->token = name;
  return sym_lex_fail (lexer, PT2_ERROR_Y002, "one of the functions was expected");
}

bool
sym_parse_name (Pt2ExprPool *pool, SymLexer *lexer, const Pt2Expr **leaf, SymCall *call)
{
  SymToken name = lexer->token;
  const char *next = name.start + name.len;
  while (next < lexer->end && (*next == ' ' || *next == '\t'))
    next++;
  if (next == lexer->end || *next != '(')
    return (*leaf = parse_word (pool, lexer)) != NULL;
  sym_lex (lexer);
  return parse_call (pool, lexer, name, leaf, call);
}
