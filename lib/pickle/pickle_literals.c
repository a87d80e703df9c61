/* SPDX-License-Identifier: Apache-2.0 */
/* The opcodes that make one number or text, and the escapes of protocol 0. Bytes of the pickle are
 * not copied where they can stand as they are.
 */
#include "pickle_private.h"
#include "number.h"
#include "text.h"
#include <string.h>

bool
pickle_text_equals (Pt2PickleText text, const char *want)
{
  return text.len == strlen (want) && memcmp (text.data, want, text.len) == 0;
}

static bool
is_surrogate (const char *data, uint64_t len)
{
  const uint8_t *byte = (const uint8_t *)data;
  return len >= 3 && byte[0] == 0xed && (byte[1] & 0xe0) == 0xa0 && (byte[2] & 0xc0) == 0x80;
}

/* True if the text is UTF-8, but for surrogates: what lies between two of them is looked at as a whole. */
bool
pickle_text_is_valid (Pt2PickleText text)
{
  const char *data = text.data, *end = text.data + text.len;
  while (data < end)
    {
      const char *stop = data;
      while (stop != NULL && stop < end && !is_surrogate (stop, (uint64_t)(end - stop)))
        stop = memchr (stop + 1, 0xed, (size_t)(end - stop - 1));
      if (stop == NULL)
        stop = end;
      if (!pt2_text_is_utf8 (data, (size_t)(stop - data)))
        return false;
      data = stop < end ? stop + 3 : end;
    }
  return true;
}

static bool
push_text (PickleMachine *machine, Pt2PickleKind kind, Pt2PickleText text)
{
  Pt2PickleValue *value = pickle_new (machine, kind);
  if (value != NULL)
    value->text = text;
  return pickle_push (machine, value);
}

bool
pickle_step_text (PickleMachine *machine, const PickleToken *token)
{
  if (!pickle_text_is_valid (token->text))
    return pickle_fail (machine, PT2_ERROR_I009, "%s", pickle_opcodes[token->code].name);
  return push_text (machine, PT2_PICKLE_TEXT, token->text);
}

bool
pickle_step_bytes (PickleMachine *machine, const PickleToken *token)
{
  if (!push_text (machine, PT2_PICKLE_BYTES, token->text))
    return false;
  if (token->code == 0x96)
    pickle_top (machine)->type = "bytearray";
  return true;
}

/* ---- numbers ---- */

bool
pickle_step_none (PickleMachine *machine, const PickleToken *token)
{
  return pickle_push (machine, pickle_new (machine, PT2_PICKLE_NONE));
}

static bool
push_boolean (PickleMachine *machine, bool truth)
{
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_BOOL);
  if (value != NULL)
    value->boolean = truth;
  return pickle_push (machine, value);
}

bool
pickle_step_boolean (PickleMachine *machine, const PickleToken *token)
{
  return push_boolean (machine, token->code == 0x88);
}

static bool
push_integer (PickleMachine *machine, int64_t number)
{
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_INTEGER);
  if (value != NULL)
    value->integer = number;
  return pickle_push (machine, value);
}

bool
pickle_step_integer (PickleMachine *machine, const PickleToken *token)
{
  return push_integer (machine, (int64_t)token->number);
}

/* Without the bytes that only repeat the sign. */
static uint64_t
shortest (Pt2PickleText text)
{
  uint64_t n = text.len;
  while (n > 1
         && ((text.data[n - 1] == 0 && (text.data[n - 2] & 0x80) == 0)
             || ((uint8_t)text.data[n - 1] == 0xff && (text.data[n - 2] & 0x80) != 0)))
    n--;
  return n;
}

bool
pickle_step_long (PickleMachine *machine, const PickleToken *token)
{
  Pt2PickleText text = { token->text.data, shortest (token->text) };
  if (text.len > 8)
    return push_text (machine, PT2_PICKLE_BIG_INTEGER, text);
  uint64_t number = text.len > 0 && (text.data[text.len - 1] & 0x80) != 0 ? UINT64_MAX : 0;
  for (uint64_t i = text.len; i > 0; i--)
    number = number << 8 | (uint8_t)text.data[i - 1];
  return push_integer (machine, (int64_t)number);
}

static bool
push_float (PickleMachine *machine, double number)
{
  Pt2PickleValue *value = pickle_new (machine, PT2_PICKLE_FLOAT);
  if (value != NULL)
    value->number = number;
  return pickle_push (machine, value);
}

bool
pickle_step_float (PickleMachine *machine, const PickleToken *token)
{
  double number;
  memcpy (&number, &token->number, sizeof number);
  return push_float (machine, number);
}

static bool
fail_number (PickleMachine *machine, Pt2PickleText line)
{
  char text[64];
  return pickle_fail (machine, PT2_ERROR_I010, "\"%s\"",
                      pt2_text_escape (line.data, (size_t)MIN (line.len, sizeof text), text, sizeof text));
}

bool
pickle_step_float_line (PickleMachine *machine, const PickleToken *token)
{
  double number;
  if (!pt2_number_read_python_float (token->text.data, (size_t)token->text.len, &number))
    return fail_number (machine, token->text);
  return push_float (machine, number);
}

bool
pickle_line_number (PickleMachine *machine, Pt2PickleText line, int64_t *number)
{
  bool negative = line.len > 0 && line.data[0] == '-';
  uint64_t value = 0;
  for (uint64_t i = negative; i < line.len; i++)
    if (!g_ascii_isdigit (line.data[i]) || __builtin_mul_overflow (value, 10, &value)
        || __builtin_add_overflow (value, (uint64_t)(line.data[i] - '0'), &value))
      return fail_number (machine, line);
  if (line.len == negative || value > (uint64_t)INT64_MAX + negative)
    return fail_number (machine, line);
  *number = (int64_t)(negative ? 0 - value : value);
  return true;
}

/* INT and LONG; the latter has an L behind its digits. INT spells booleans 00 and 01. */
bool
pickle_step_integer_line (PickleMachine *machine, const PickleToken *token)
{
  Pt2PickleText line = token->text;
  int64_t number = 0;
  if (token->code == 'I' && (pickle_text_equals (line, "00") || pickle_text_equals (line, "01")))
    return push_boolean (machine, line.data[1] == '1');
  if (token->code == 'L' && line.len > 0 && line.data[line.len - 1] == 'L')
    line.len--;
  return pickle_line_number (machine, line, &number) && push_integer (machine, number);
}

/* ---- escapes ---- */

/* N digits of BASE at DATA; -1 if they are not there. */
static int64_t
read_digits (const char *data, const char *end, int n, int base)
{
  int64_t number = 0;
  if (end - data < n)
    return -1;
  for (int i = 0; i < n; i++)
    {
      int digit = g_ascii_xdigit_value (data[i]);
      if (digit < 0 || digit >= base)
        return -1;
      number = number * base + digit;
    }
  return number;
}

/* The bytes of a code point, surrogates as three. */
static char *
put_character (char *out, uint32_t c)
{
  return out + g_unichar_to_utf8 (c, out);
}

/* Decodes a line whose bytes are Latin-1 with \uXXXX and \UXXXXXXXX; OUT has two bytes for each of the line. */
static char *
decode_unicode (Pt2PickleText line, char *out)
{
  const char *data = line.data, *end = line.data + line.len;
  while (data < end)
    {
      bool escape = data[0] == '\\' && end - data >= 2;
      int digits = !escape ? 0 : data[1] == 'u' ? 4 : data[1] == 'U' ? 8 : 0;
      if (escape && digits == 0)
        *out++ = *data++; /* and with it what it keeps from being an escape, perhaps another backslash */
      int64_t c = digits > 0 ? read_digits (data + 2, end, digits, 16) : (uint8_t)data[0];
      if (c < 0 || c > 0x10ffff)
        return NULL;
      out = put_character (out, (uint32_t)c);
      data += digits > 0 ? digits + 2 : 1;
    }
  return out;
}

bool
pickle_step_text_line (PickleMachine *machine, const PickleToken *token)
{
  char *out = pickle_alloc (machine, 2 * token->text.len + 8);
  if (out == NULL)
    return false;
  char *end = decode_unicode (token->text, out);
  if (end == NULL)
    return pickle_fail (machine, PT2_ERROR_I009, "an escape in UNICODE");
  return push_text (machine, PT2_PICKLE_TEXT, (Pt2PickleText){ out, (uint64_t)(end - out) });
}

/* One escape behind its backslash; the bytes it took, or 0. */
static size_t
decode_escape (const char *data, const char *end, char *out)
{
  static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
  const char *hit = *data != '\0' ? strchr (from, *data) : NULL;
  if (hit != NULL)
    {
      *out = to[hit - from];
      return 1;
    }
  int64_t byte = *data == 'x' ? read_digits (data + 1, end, 2, 16) : -1;
  if (byte >= 0)
    {
      *out = (char)byte;
      return 3;
    }
  for (int n = 3; n > 0; n--)
    if ((byte = read_digits (data, end, n, 8)) >= 0)
      {
        *out = (char)byte;
        return (size_t)n;
      }
  return 0;
}

/* Decodes what stands between quotes in Python 2's repr() of a string. */
static char *
decode_string (Pt2PickleText line, char *out)
{
  const char *data = line.data, *end = line.data + line.len;
  while (data < end)
    {
      size_t taken = 0;
      if (*data != '\\')
        *out = *data;
      else if (data + 1 == end || (taken = decode_escape (data + 1, end, out)) == 0)
        return NULL;
      data += taken + 1;
      out++;
    }
  return out;
}

bool
pickle_step_string_line (PickleMachine *machine, const PickleToken *token)
{
  Pt2PickleText line = token->text;
  bool quoted
      = line.len >= 2 && line.data[0] == line.data[line.len - 1] && (line.data[0] == '\'' || line.data[0] == '"');
  if (!quoted)
    return pickle_fail (machine, PT2_ERROR_I009, "STRING without its quotes");
  char *out = pickle_alloc (machine, line.len);
  if (out == NULL)
    return false;
  char *end = decode_string ((Pt2PickleText){ line.data + 1, line.len - 2 }, out);
  if (end == NULL)
    return pickle_fail (machine, PT2_ERROR_I009, "an escape in STRING");
  return push_text (machine, PT2_PICKLE_BYTES, (Pt2PickleText){ out, (uint64_t)(end - out) });
}
