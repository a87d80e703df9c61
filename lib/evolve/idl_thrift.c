/* SPDX-License-Identifier: Apache-2.0 */
/* The part of Thrift's language that schemas need: enums, structs, unions, typedefs, constants, annotations. Services
 * are passed over; a text that includes others is refused. */
#include "idl.h"
#include <string.h>

typedef enum
{
  TOKEN_END,
  TOKEN_NAME,
  TOKEN_NUMBER,
  TOKEN_STRING, /* text and length without the quotes */
  TOKEN_MARK,   /* one character */
  TOKEN_WRONG,
} TokenKind;

typedef struct
{
  TokenKind kind;
  const char *text;
  size_t len;
  unsigned line;
} Token;

typedef struct
{
  Pt2Idl *idl;
  const char *at, *end;
  unsigned line;
  Token token; /* the one to look at */
  Pt2Status *status;
} Parser;

/* ---- tokens ---- */

static void
skip_to (Parser *parser, const char *end)
{
  for (; parser->at < end; parser->at++)
    parser->line += *parser->at == '\n';
}

static const char *
find (const Parser *parser, const char *what, size_t skip)
{
  const char *from = parser->at + skip;
  const char *found = from <= parser->end ? g_strstr_len (from, parser->end - from, what) : NULL;
  return found != NULL ? found + strlen (what) : parser->end;
}

static void
skip_blanks (Parser *parser)
{
  for (;;)
    {
      size_t left = (size_t)(parser->end - parser->at);
      if (left > 0 && g_ascii_isspace (*parser->at))
        skip_to (parser, parser->at + 1);
      else if (left > 0 && (*parser->at == '#' || (left > 1 && memcmp (parser->at, "//", 2) == 0)))
        skip_to (parser, find (parser, "\n", 0));
      else if (left > 1 && memcmp (parser->at, "/*", 2) == 0)
        skip_to (parser, find (parser, "*/", 2));
      else
        return;
    }
}

static bool
in_name (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '.';
}

static void
next (Parser *parser)
{
  skip_blanks (parser);
  Token *token = &parser->token;
  const char *start = parser->at;
  *token = (Token){ TOKEN_END, start, 0, parser->line };
  if (start == parser->end)
    return;
  if (*start == '"' || *start == '\'')
    {
      const char *close = memchr (start + 1, *start, (size_t)(parser->end - start - 1));
      token->kind = close != NULL ? TOKEN_STRING : TOKEN_WRONG;
      token->text = start + 1;
      token->len = (size_t)((close != NULL ? close : parser->end) - start - 1);
      skip_to (parser, close != NULL ? close + 1 : parser->end);
      return;
    }
  bool number = g_ascii_isdigit (*start)
                || ((*start == '-' || *start == '+') && parser->end - start > 1 && g_ascii_isdigit (start[1]));
  token->kind = number ? TOKEN_NUMBER : in_name (*start) ? TOKEN_NAME : TOKEN_MARK;
  const char *stop = start + 1;
  while (token->kind != TOKEN_MARK && stop < parser->end && in_name (*stop))
    stop++;
  token->len = (size_t)(stop - start);
  skip_to (parser, stop);
}

static bool
is_word (const Parser *parser, const char *word)
{
  const Token *token = &parser->token;
  return (token->kind == TOKEN_NAME || token->kind == TOKEN_MARK) && token->len == strlen (word)
         && memcmp (token->text, word, token->len) == 0;
}

static bool
take (Parser *parser, const char *word)
{
  bool found = is_word (parser, word);
  if (found)
    next (parser);
  return found;
}

static bool
fail_here (Parser *parser, const char *what)
{
  return pt2_idl_fail (parser->status, parser->token.line, what, parser->token.text, parser->token.len);
}

static bool
demand (Parser *parser, const char *word)
{
  if (take (parser, word))
    return true;
  g_autofree char *what = g_strdup_printf ("`%s` must stand instead of", word);
  return fail_here (parser, what);
}

static const char *
take_name (Parser *parser)
{
  if (parser->token.kind != TOKEN_NAME)
    return fail_here (parser, "a name must stand instead of"), NULL;
  const char *name = pt2_idl_text (parser->idl, parser->token.text, parser->token.len, parser->status);
  next (parser);
  return name;
}

static bool
take_number (Parser *parser, int64_t *number)
{
  g_autofree char *text = g_strndup (parser->token.text, parser->token.len);
  char *end = text;
  bool is_number = parser->token.kind == TOKEN_NUMBER;
  *number = is_number ? g_ascii_strtoll (text, &end, 0) : 0;
  if (!is_number || *end != '\0')
    return fail_here (parser, "an integer must stand instead of");
  next (parser);
  return true;
}

/* ---- types ---- */

static Pt2IdlUse *
take_use (Parser *parser, unsigned depth)
{
  Pt2IdlUse *use = pt2_idl_alloc (parser->idl, sizeof *use, parser->status);
  if (use == NULL || (use->name = take_name (parser)) == NULL)
    return NULL;
  bool map = strcmp (use->name, "map") == 0;
  if (!map && strcmp (use->name, "list") != 0 && strcmp (use->name, "set") != 0)
    return use;
  if (depth >= PT2_IDL_NESTING_MOST)
    return fail_here (parser, "containers nested too deep at"), NULL;
  if (!demand (parser, "<"))
    return NULL;
  if (map && ((use->key = take_use (parser, depth + 1)) == NULL || !demand (parser, ",")))
    return NULL;
  use->element = take_use (parser, depth + 1);
  return use->element != NULL && demand (parser, ">") ? use : NULL;
}

/* ---- literals and annotations ---- */

/* Passes over a balanced run from an opening mark to its closing one. */
static bool
skip_balanced (Parser *parser)
{
  unsigned depth = 0;
  do
    {
      bool mark = parser->token.kind == TOKEN_MARK;
      char c = mark ? *parser->token.text : ' ';
      depth += c == '{' || c == '[' || c == '(';
      if (c == '}' || c == ']' || c == ')')
        depth--;
      if (parser->token.kind == TOKEN_END || parser->token.kind == TOKEN_WRONG)
        return fail_here (parser, "the text ends inside something that is not closed");
      next (parser);
    }
  while (depth > 0);
  return true;
}

/* The text of a literal, as JSON where it is a single word; of a container as it stands. */
static const char *
take_literal (Parser *parser)
{
  const Token first = parser->token;
  if (first.kind == TOKEN_STRING)
    {
      g_autofree char *quoted = g_strdup_printf ("\"%.*s\"", (int)first.len, first.text);
      next (parser);
      return pt2_idl_text (parser->idl, quoted, strlen (quoted), parser->status);
    }
  if (is_word (parser, "[") || is_word (parser, "{"))
    {
      const char *end = first.text;
      for (unsigned depth = 0; end < parser->end;)
        {
          depth += *end == '[' || *end == '{';
          depth -= *end == ']' || *end == '}';
          end++;
          if (depth == 0)
            break;
        }
      if (!skip_balanced (parser))
        return NULL;
      return pt2_idl_text (parser->idl, first.text, (size_t)(end - first.text), parser->status);
    }
  if (first.kind != TOKEN_NAME && first.kind != TOKEN_NUMBER)
    return fail_here (parser, "a value must stand instead of"), NULL;
  next (parser);
  return pt2_idl_text (parser->idl, first.text, first.len, parser->status);
}

/* The minor in "8.N"; "always" is beyond all. */
static uint16_t
minor_of (const char *text)
{
  if (strcmp (text, "always") == 0)
    return UINT16_MAX;
  guint64 minor = g_str_has_prefix (text, "8.") ? g_ascii_strtoull (text + 2, NULL, 10) : 0;
  return (uint16_t)MIN (minor, UINT16_MAX - 1);
}

static void
take_note (Pt2IdlField *field, const char *key, const char *value)
{
  if (strcmp (key, "default") == 0)
    field->default_text = value;
  else if (strcmp (key, "json.null_key") == 0)
    field->null_key = strcmp (value, "true") == 0;
  else if (strcmp (key, "json.unit") == 0)
    field->unit_until = minor_of (value);
  else if (strcmp (key, "since") == 0)
    field->since = MAX (1, minor_of (value));
}

/* FIELD NULL: what is annotated is none. */
static bool
take_notes (Parser *parser, Pt2IdlField *field)
{
  if (!take (parser, "("))
    return true;
  while (!take (parser, ")"))
    {
      const char *key = take_name (parser), *value = "";
      if (key == NULL)
        return false;
      if (take (parser, "="))
        {
          if (parser->token.kind != TOKEN_STRING)
            return fail_here (parser, "a text in quotes must stand instead of");
          value = pt2_idl_text (parser->idl, parser->token.text, parser->token.len, parser->status);
          next (parser);
        }
      if (value == NULL)
        return false;
      if (field != NULL)
        take_note (field, key, value);
      if (!take (parser, ","))
        take (parser, ";");
    }
  return true;
}

static void
take_separator (Parser *parser)
{
  if (!take (parser, ","))
    take (parser, ";");
}

/* ---- declarations ---- */

static bool
take_members (Parser *parser, Pt2IdlType *type)
{
  int64_t value = -1;
  while (!take (parser, "}"))
    {
      unsigned line = parser->token.line;
      Pt2IdlField *field = pt2_idl_add_field (type, take_name (parser), line, parser->status);
      if (field == NULL)
        return false;
      value++;
      if (take (parser, "=") && !take_number (parser, &value))
        return false;
      if (value < INT32_MIN || value > INT32_MAX)
        return pt2_idl_fail (parser->status, line, "a value beyond 32 bits, of", field->name, strlen (field->name));
      field->number = value;
      if (!take_notes (parser, field))
        return false;
      take_separator (parser);
    }
  return true;
}

static bool
take_field (Parser *parser, Pt2IdlType *type)
{
  unsigned line = parser->token.line;
  int64_t id;
  if (parser->token.kind != TOKEN_NUMBER)
    return fail_here (parser, "each field begins with its id, which is missing at");
  if (!take_number (parser, &id) || !demand (parser, ":"))
    return false;
  bool optional = take (parser, "optional");
  if (!optional)
    take (parser, "required");
  const Pt2IdlUse *use = take_use (parser, 0);
  take (parser, "&");
  Pt2IdlField *field = use != NULL ? pt2_idl_add_field (type, take_name (parser), line, parser->status) : NULL;
  if (field == NULL)
    return false;
  field->number = id;
  field->use = use;
  if (take (parser, "=") && (field->default_text = take_literal (parser)) == NULL)
    return false;
  field->required = type->kind == PT2_KIND_STRUCT && !optional && field->default_text == NULL;
  if (!take_notes (parser, field))
    return false;
  take_separator (parser);
  return true;
}

static bool
take_declared (Parser *parser, Pt2Kind kind)
{
  unsigned line = parser->token.line;
  next (parser);
  const char *name = take_name (parser);
  Pt2IdlType *type = pt2_idl_add_type (parser->idl, kind, name, line, parser->status);
  if (type == NULL || !demand (parser, "{"))
    return false;
  if (kind == PT2_KIND_ENUM)
    return take_members (parser, type) && take_notes (parser, NULL);
  while (!take (parser, "}"))
    if (!take_field (parser, type))
      return false;
  return take_notes (parser, NULL);
}

static bool
take_typedef (Parser *parser)
{
  unsigned line = parser->token.line;
  next (parser);
  const Pt2IdlUse *use = take_use (parser, 0);
  Pt2IdlType *type
      = use != NULL ? pt2_idl_add_type (parser->idl, PT2_KIND_MAP, take_name (parser), line, parser->status) : NULL;
  if (type == NULL)
    return false;
  type->use = use;
  take_separator (parser);
  return take_notes (parser, NULL);
}

/* A constant without its quotes. */
static const char *
unquoted (Parser *parser, const char *text)
{
  size_t len = strlen (text);
  return len >= 2 && text[0] == '"' ? pt2_idl_text (parser->idl, text + 1, len - 2, parser->status) : text;
}

static bool
take_constant (Parser *parser)
{
  Pt2Idl *idl = parser->idl;
  next (parser);
  if (take_use (parser, 0) == NULL)
    return false;
  const char *name = take_name (parser);
  const char *value = name != NULL && demand (parser, "=") ? take_literal (parser) : NULL;
  const char *text = value != NULL ? unquoted (parser, value) : NULL;
  if (text == NULL)
    return false;
  if (strcmp (name, "SCHEMA_MAJOR") == 0)
    idl->major = g_ascii_strtoll (value, NULL, 10);
  else if (strcmp (name, "SCHEMA_MINOR") == 0)
    idl->minor = g_ascii_strtoll (value, NULL, 10);
  else if (strcmp (name, "TORCH") == 0)
    idl->torch = text;
  else if (strcmp (name, "EVIDENCE") == 0)
    idl->evidence = text;
  take_separator (parser);
  return true;
}

static bool
skip_service (Parser *parser)
{
  while (!is_word (parser, "{"))
    {
      if (parser->token.kind == TOKEN_END)
        return fail_here (parser, "the text ends in a service");
      next (parser);
    }
  return skip_balanced (parser);
}

static bool
skip_namespace (Parser *parser)
{
  next (parser);
  next (parser); /* the language, or `*` */
  return take_name (parser) != NULL && take_notes (parser, NULL);
}

static bool
take_declaration (Parser *parser)
{
  if (is_word (parser, "enum"))
    return take_declared (parser, PT2_KIND_ENUM);
  if (is_word (parser, "struct") || is_word (parser, "exception"))
    return take_declared (parser, PT2_KIND_STRUCT);
  if (is_word (parser, "union"))
    return take_declared (parser, PT2_KIND_UNION);
  if (is_word (parser, "typedef"))
    return take_typedef (parser);
  if (is_word (parser, "const"))
    return take_constant (parser);
  if (is_word (parser, "namespace"))
    return skip_namespace (parser);
  if (is_word (parser, "service"))
    return skip_service (parser);
  return fail_here (parser, "no declaration that is read begins with");
}

bool
pt2_idl_read_thrift (Pt2Idl *idl, const char *text, size_t len, Pt2Status *status)
{
  Parser parser = { .idl = idl, .at = text, .end = text + len, .line = 1, .status = status };
  next (&parser);
  while (parser.token.kind != TOKEN_END)
    if (!take_declaration (&parser))
      return false;
  return true;
}
