/* SPDX-License-Identifier: Apache-2.0 */
#include "namespace.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keywords and builtins of Python 3.11, and what the code of every graph uses; sorted. */
static const char *const reserved[] = {
  "ArithmeticError",
  "AssertionError",
  "AttributeError",
  "BaseException",
  "BaseExceptionGroup",
  "BlockingIOError",
  "BrokenPipeError",
  "BufferError",
  "BytesWarning",
  "ChildProcessError",
  "ConnectionAbortedError",
  "ConnectionError",
  "ConnectionRefusedError",
  "ConnectionResetError",
  "DeprecationWarning",
  "EOFError",
  "Ellipsis",
  "EncodingWarning",
  "EnvironmentError",
  "Exception",
  "ExceptionGroup",
  "False",
  "FileExistsError",
  "FileNotFoundError",
  "FloatingPointError",
  "FutureWarning",
  "GeneratorExit",
  "IOError",
  "ImportError",
  "ImportWarning",
  "IndentationError",
  "IndexError",
  "InterruptedError",
  "IsADirectoryError",
  "KeyError",
  "KeyboardInterrupt",
  "LookupError",
  "MemoryError",
  "ModuleNotFoundError",
  "NameError",
  "None",
  "NoneType",
  "NotADirectoryError",
  "NotImplemented",
  "NotImplementedError",
  "OSError",
  "OverflowError",
  "PendingDeprecationWarning",
  "PermissionError",
  "ProcessLookupError",
  "RecursionError",
  "ReferenceError",
  "ResourceWarning",
  "RuntimeError",
  "RuntimeWarning",
  "StopAsyncIteration",
  "StopIteration",
  "SyntaxError",
  "SyntaxWarning",
  "SystemError",
  "SystemExit",
  "TabError",
  "TimeoutError",
  "True",
  "TypeError",
  "UnboundLocalError",
  "UnicodeDecodeError",
  "UnicodeEncodeError",
  "UnicodeError",
  "UnicodeTranslateError",
  "UnicodeWarning",
  "UserWarning",
  "ValueError",
  "Warning",
  "ZeroDivisionError",
  "__build_class__",
  "__debug__",
  "__doc__",
  "__import__",
  "__loader__",
  "__name__",
  "__package__",
  "__spec__",
  "abs",
  "aiter",
  "all",
  "and",
  "anext",
  "any",
  "as",
  "ascii",
  "assert",
  "async",
  "await",
  "bin",
  "bool",
  "break",
  "breakpoint",
  "bytearray",
  "bytes",
  "callable",
  "chr",
  "class",
  "classmethod",
  "compile",
  "complex",
  "continue",
  "copyright",
  "credits",
  "def",
  "del",
  "delattr",
  "device",
  "dict",
  "dir",
  "divmod",
  "elif",
  "else",
  "enumerate",
  "eval",
  "except",
  "exec",
  "exit",
  "filter",
  "finally",
  "float",
  "for",
  "format",
  "from",
  "frozenset",
  "fx_pytree",
  "getattr",
  "global",
  "globals",
  "hasattr",
  "hash",
  "help",
  "hex",
  "id",
  "if",
  "import",
  "in",
  "inf",
  "input",
  "int",
  "is",
  "isinstance",
  "issubclass",
  "iter",
  "lambda",
  "len",
  "license",
  "list",
  "locals",
  "map",
  "max",
  "memoryview",
  "min",
  "nan",
  "next",
  "nonlocal",
  "not",
  "object",
  "oct",
  "open",
  "or",
  "ord",
  "pass",
  "pow",
  "print",
  "property",
  "pytree",
  "quit",
  "raise",
  "range",
  "repr",
  "return",
  "reversed",
  "round",
  "set",
  "setattr",
  "slice",
  "sorted",
  "staticmethod",
  "str",
  "sum",
  "super",
  "torch",
  "try",
  "tuple",
  "type",
  "vars",
  "while",
  "with",
  "yield",
  "zip",
};
static const char *const keywords[] = {
  "False",  "None",     "True", "and",    "as",      "assert", "async",  "await",  "break", "class",  "continue", "def",
  "del",    "elif",     "else", "except", "finally", "for",    "from",   "global", "if",    "import", "in",       "is",
  "lambda", "nonlocal", "not",  "or",     "pass",    "raise",  "return", "try",    "while", "with",   "yield",
};

static bool
is_among (const char *const *words, size_t n, Pt2String name)
{
  while (n > 0)
    {
      const char *middle = words[n / 2];
      size_t len = strlen (middle);
      int order = memcmp (name.data, middle, name.len < len ? name.len : len);
      if (order == 0 && name.len == len)
        return true;
      if (order > 0 || (order == 0 && name.len > len))
        {
          words += n / 2 + 1;
          n -= n / 2 + 1;
        }
      else
        n /= 2;
    }
  return false;
}

bool
pt2_fx_name_is_reserved (Pt2String name)
{
  return is_among (reserved, G_N_ELEMENTS (reserved), name);
}

bool
pt2_fx_name_is_keyword (Pt2String name)
{
  return is_among (keywords, G_N_ELEMENTS (keywords), name);
}

static bool
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

/* Letters, digits and underscores of ASCII, and no digit first. */
bool
pt2_fx_is_identifier (Pt2String name)
{
  for (uint32_t i = 0; i < name.len; i++)
    if (!is_word (name.data[i]))
      return false;
  return name.len > 0 && !g_ascii_isdigit (name.data[0]);
}

static bool
may_stand_in_name (gunichar c, bool first)
{
  if (c == '_' || g_unichar_isalpha (c) || g_unichar_type (c) == G_UNICODE_LETTER_NUMBER)
    return true;
  return !first
         && (g_unichar_isdigit (c) || g_unichar_ismark (c) || g_unichar_type (c) == G_UNICODE_CONNECT_PUNCTUATION);
}

bool
pt2_fx_is_python_identifier (Pt2String name)
{
  const char *end = name.data + name.len;
  for (const char *at = name.data; at < end; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char_validated (at, end - at);
      if (c == 0 || c >= (gunichar)-2 || !may_stand_in_name (c, at == name.data))
        return false;
    }
  return name.len > 0;
}

void
pt2_fx_namespace_init (Pt2FxNamespace *names, Pt2Arena *arena)
{
  *names = (Pt2FxNamespace){ .arena = arena };
  pt2_text_index_init (&names->index);
}

void
pt2_fx_namespace_clear (Pt2FxNamespace *names)
{
  pt2_text_index_clear (&names->index);
  free (names->taken);
  names->taken = NULL;
}

/* The entry of TEXT; NULL if there is none. */
static Pt2FxTaken *
find (const Pt2FxNamespace *names, Pt2String text)
{
  uint32_t number = pt2_text_index_find (&names->index, names->taken, sizeof *names->taken, text);
  return number != PT2_TEXT_INDEX_NONE ? &names->taken[number] : NULL;
}

/* The entry of TEXT, made if need be (TEXT must then stay); NULL: no memory. */
static Pt2FxTaken *
find_or_add (Pt2FxNamespace *names, Pt2String text)
{
  Pt2FxTaken *entry = find (names, text);
  if (entry != NULL)
    return entry;
  if (names->n == names->room)
    {
      uint32_t room = names->room == 0 ? 64 : names->room + names->room / 2;
      Pt2FxTaken *taken = room > names->room ? realloc (names->taken, room * sizeof *taken) : NULL;
      if (taken == NULL)
        return NULL;
      names->taken = taken;
      names->room = room;
    }
  names->taken[names->n] = (Pt2FxTaken){ .text = text };
  if (!pt2_text_index_add (&names->index, names->taken, sizeof *names->taken, names->n))
    return NULL;
  return &names->taken[names->n++];
}

/* CANDIDATE with each run of other characters as one underscore, and no digit first. */
static Pt2String
make_identifier (Pt2FxNamespace *names, Pt2String candidate)
{
  if (pt2_fx_is_identifier (candidate))
    return candidate;
  if (candidate.len == 0)
    return (Pt2String){ "_unnamed", 8 };
  char *made = pt2_arena_alloc (names->arena, (size_t)candidate.len + 1), *out = made;
  if (made == NULL)
    return (Pt2String){ NULL, 0 };
  if (g_ascii_isdigit (candidate.data[0]))
    *out++ = '_';
  for (uint32_t i = 0; i < candidate.len; i++)
    if (is_word (candidate.data[i]))
      *out++ = candidate.data[i];
    else if (i == 0 || is_word (candidate.data[i - 1]))
      *out++ = '_';
  return (Pt2String){ made, (uint32_t)(out - made) };
}

/* Bytes of NAME without an underscore and digits at its end, and their value. All of NAME if there are none. */
static uint32_t
split_number (Pt2String name, uint64_t *number)
{
  uint32_t at = name.len;
  while (at > 0 && g_ascii_isdigit (name.data[at - 1]))
    at--;
  if (at == name.len || at < 2 || name.data[at - 1] != '_')
    return name.len;
  *number = 0;
  for (uint32_t i = at; i < name.len; i++)
    *number = *number > UINT64_MAX / 10 - 1 ? UINT64_MAX / 2 : *number * 10 + (uint64_t)(name.data[i] - '0');
  return at - 1;
}

static Pt2String
with_number (Pt2FxNamespace *names, Pt2String base, uint64_t number)
{
  char digits[24];
  int n = snprintf (digits, sizeof digits, "_%" G_GUINT64_FORMAT, number);
  char *made = pt2_arena_alloc (names->arena, (size_t)base.len + (size_t)n);
  if (made == NULL)
    return (Pt2String){ NULL, 0 };
  memcpy (made, base.data, base.len);
  memcpy (made + base.len, digits, (size_t)n);
  return (Pt2String){ made, base.len + (uint32_t)n };
}

/* The first of BASE_(number + 1), … that nobody has. What was found taken once is jumped over the next time, else a
 * file could make this quadratic. */
static Pt2String
count_on (Pt2FxNamespace *names, Pt2String base, uint64_t *number)
{
  Pt2String name;
  uint32_t previous = UINT32_MAX;
  const Pt2FxTaken *entry;
  do
    {
      ++*number;
      name = with_number (names, base, *number);
      entry = name.data != NULL ? find (names, name) : NULL;
      if (entry != NULL && entry->used)
        {
          uint32_t at = (uint32_t)(entry - names->taken);
          pt2_arena_shrink_last (names->arena, (char *)name.data, 0);
          if (entry->after > *number + 1)
            *number = entry->after - 1;
          if (previous != UINT32_MAX)
            names->taken[previous].after = *number + 1;
          previous = at;
        }
    }
  while (entry != NULL && entry->used);
  return name;
}

Pt2String
pt2_fx_namespace_name (Pt2FxNamespace *names, Pt2String candidate, bool none_is_free)
{
  uint64_t number = 0;
  Pt2String name = make_identifier (names, candidate);
  if (name.data == NULL)
    return name;
  Pt2String base = { name.data, split_number (name, &number) };
  const Pt2FxTaken *entry = find (names, name), *counted = find (names, base);
  bool used = entry != NULL && entry->used;
  if (base.len == name.len || used)
    {
      number = counted != NULL ? counted->number : 0;
      bool none = none_is_free && name.len == 4 && memcmp (name.data, "None", 4) == 0;
      if (!none && pt2_fx_name_is_reserved (name))
        {
          name = with_number (names, base, ++number);
          entry = name.data != NULL ? find (names, name) : NULL;
          used = entry != NULL && entry->used;
        }
    }
  if (used)
    name = count_on (names, base, &number);
  Pt2FxTaken *made = name.data != NULL ? find_or_add (names, name) : NULL;
  if (made == NULL)
    return (Pt2String){ NULL, 0 };
  made->used = true;
  made = find_or_add (names, base);
  if (made == NULL)
    return (Pt2String){ NULL, 0 };
  made->number = number;
  return name;
}

bool
pt2_fx_namespace_take (Pt2FxNamespace *names, Pt2String text)
{
  Pt2FxTaken *entry = find_or_add (names, text);
  if (entry != NULL)
    entry->used = true;
  return entry != NULL;
}
