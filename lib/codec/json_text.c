/* SPDX-License-Identifier: Apache-2.0 */
#include "json_text.h"

/* ---- faults ---- */

static const char *
fault_at (Pt2JsonFault *fault, Pt2ErrorCode code, const char *at, const char *detail)
{
  *fault = (Pt2JsonFault){ code, at, detail };
  return NULL;
}

Pt2JsonFault
pt2_json_unexpected (const char *p, const char *end, const char *detail)
{
  return (Pt2JsonFault){ p >= end ? PT2_ERROR_J001 : PT2_ERROR_J002, p, detail };
}

static const char *
unexpected (Pt2JsonFault *fault, const char *p, const char *end, const char *detail)
{
  *fault = pt2_json_unexpected (p, end, detail);
  return NULL;
}

const void *
pt2_json_fail (Pt2Status *status, const char *start, const Pt2JsonFault *fault)
{
  pt2_status_fail (status, fault->code, (uint64_t)(fault->at - start), "%s", fault->detail);
  return NULL;
}

bool
pt2_json_check_start (const char *data, size_t len, Pt2JsonFault *fault)
{
  if (len >= UINT32_MAX)
    return fault_at (fault, PT2_ERROR_J014, data, "") != NULL;
  if (len >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    return fault_at (fault, PT2_ERROR_J007, data, "") != NULL;
  return true;
}

/* ---- words ---- */

/* Behind the word TEXT at P; NULL if it does not stand there. */
static const char *
word (const char *p, const char *end, const char *text)
{
  size_t len = strlen (text);
  return (size_t)(end - p) >= len && memcmp (p, text, len) == 0 ? p + len : NULL;
}

const char *
pt2_json_describe (const char *p, const char *end)
{
  if (p >= end)
    return NULL;
  switch (*p)
    {
    case '"':
      return "a string";
    case '{':
      return "an object";
    case '[':
      return "a list";
    case 't':
      return word (p, end, "true") != NULL ? "true" : NULL;
    case 'f':
      return word (p, end, "false") != NULL ? "false" : NULL;
    case 'n':
      return word (p, end, "null") != NULL ? "null" : NULL;
    default:
      return *p == '-' || *p == 'N' || *p == 'I' || g_ascii_isdigit (*p) ? "a number" : NULL;
    }
}

Pt2JsonFault
pt2_json_no_value (const char *p, const char *end)
{
  static const char *const words[] = { "true", "false", "null" };
  size_t left = (size_t)(end - p);
  for (size_t i = 0; i < G_N_ELEMENTS (words) && left > 0; i++)
    if (left < strlen (words[i]) && memcmp (p, words[i], left) == 0)
      return (Pt2JsonFault){ PT2_ERROR_J001, p, "inside a word" };
  return pt2_json_unexpected (p, end, "a value must stand here");
}

/* ---- UTF-8 ---- */

/* Behind the character at P (a byte above 0x7f), or NULL: RFC 3629. SURROGATES: take those too. */
static const char *
next_character (const char *p, const char *end, bool surrogates, uint32_t *character)
{
  const unsigned char *b = (const unsigned char *)p;
  unsigned extra = b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 1 : b[0] < 0xf0 ? 2 : b[0] < 0xf5 ? 3 : 0;
  if (extra == 0 || end - p <= (ptrdiff_t)extra)
    return NULL;
  uint32_t c = b[0] & (0x3fu >> extra);
  for (unsigned i = 1; i <= extra; i++)
    {
      if ((b[i] & 0xc0) != 0x80)
        return NULL;
      c = c << 6 | (b[i] & 0x3fu);
    }
  bool overlong = (extra == 2 && c < 0x800) || (extra == 3 && c < 0x10000);
  if (overlong || c > 0x10ffff || (!surrogates && c >= 0xd800 && c < 0xe000))
    return NULL;
  *character = c;
  return p + extra + 1;
}

/* Writes CHARACTER (surrogates included) as UTF-8; returns behind it. */
static char *
put_character (char *out, uint32_t c)
{
  if (c < 0x80)
    *out++ = (char)c;
  else if (c < 0x800)
    {
      *out++ = (char)(0xc0 | c >> 6);
      *out++ = (char)(0x80 | (c & 0x3f));
    }
  else if (c < 0x10000)
    {
      *out++ = (char)(0xe0 | c >> 12);
      *out++ = (char)(0x80 | (c >> 6 & 0x3f));
      *out++ = (char)(0x80 | (c & 0x3f));
    }
  else
    {
      *out++ = (char)(0xf0 | c >> 18);
      *out++ = (char)(0x80 | (c >> 12 & 0x3f));
      *out++ = (char)(0x80 | (c >> 6 & 0x3f));
      *out++ = (char)(0x80 | (c & 0x3f));
    }
  return out;
}

/* ---- strings, reading ---- */

/* Four hex digits at P, or -1. */
static int
hex4 (const char *p, const char *end)
{
  int unit = 0;
  if (end - p < 4)
    return -1;
  for (int i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (p[i]);
      if (digit < 0)
        return -1;
      unit = unit << 4 | digit;
    }
  return unit;
}

/* The escape at P (a backslash): behind it, its character in *CHARACTER. A pair of surrogates is one. */
static const char *
read_escape (const char *p, const char *end, uint32_t *character, Pt2JsonFault *fault)
{
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  if (end - p < 2)
    return unexpected (fault, end, end, "inside a string");
  const char *letter = p[1] != '\0' ? strchr (letters, p[1]) : NULL;
  if (letter != NULL)
    {
      *character = (unsigned char)meanings[letter - letters];
      return p + 2;
    }
  if (p[1] != 'u')
    return fault_at (fault, PT2_ERROR_J005, p, "");
  int unit = hex4 (p + 2, end);
  if (unit < 0)
    return fault_at (fault, PT2_ERROR_J005, p, "four hex digits must follow \\u");
  *character = (uint32_t)unit;
  p += 6;
  if (unit < 0xd800 || unit > 0xdbff || end - p < 6 || p[0] != '\\' || p[1] != 'u')
    return p;
  int low = hex4 (p + 2, end);
  if (low < 0xdc00 || low > 0xdfff)
    return p;
  *character = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
  return p + 6;
}

/* What stops a run of plain text at P, when it is no quote and no backslash. */
static const char *
pass_odd_byte (const char *p, const char *end, Pt2JsonFault *fault)
{
  uint32_t character;
  if (p >= end)
    return unexpected (fault, end, end, "inside a string");
  if ((unsigned char)*p < 0x20)
    return fault_at (fault, PT2_ERROR_J004, p, "");
  const char *next = next_character (p, end, false, &character);
  return next != NULL ? next : fault_at (fault, PT2_ERROR_J003, p, "");
}

const char *
pt2_json_scan_string (const char *p, const char *end, bool *escaped, Pt2JsonFault *fault)
{
  uint32_t character;
  *escaped = false;
  for (p = pt2_json_plain_run (p + 1, end); p != NULL; p = p != NULL ? pt2_json_plain_run (p, end) : NULL)
    {
      if (p < end && *p == '"')
        return p + 1;
      if (p < end && *p == '\\')
        {
          *escaped = true;
          p = read_escape (p, end, &character, fault);
        }
      else
        p = pass_odd_byte (p, end, fault);
    }
  return NULL;
}

/* Copies plain text from *P to OUT, at most to LIMIT; leaves *P at what stopped it. DELETE: 0x7f stops too. */
static inline __attribute__ ((always_inline)) char *
copy_plain (const char **p, const char *end, char *out, const char *limit, bool delete)
{
  const char *from = *p;
#ifdef __SSE2__
  for (; end - from >= 16 && limit - out >= 16; from += 16, out += 16)
    {
      __m128i bytes = _mm_loadu_si128 ((const __m128i *)(const void *)from);
      unsigned mask = pt2_json_special16 (bytes);
      if (delete)
        mask |= (unsigned)_mm_movemask_epi8 (_mm_cmpeq_epi8 (bytes, _mm_set1_epi8 (0x7f)));
      _mm_storeu_si128 ((__m128i *)(void *)out, bytes);
      if (mask != 0)
        {
          unsigned n = (unsigned)__builtin_ctz (mask);
          *p = from + n;
          return out + n;
        }
    }
#else
  for (; end - from >= 8 && limit - out >= 8; from += 8, out += 8)
    {
      uint64_t eight = pt2_json_load64 (from);
      if (pt2_json_special64 (eight) != 0 || (delete &&pt2_json_escaped64 (eight) != 0))
        break;
      memcpy (out, &eight, 8);
    }
#endif
  while (from < end && out < limit && pt2_json_is_plain ((unsigned char)*from) && !(delete &&*from == 0x7f))
    *out++ = *from++;
  *p = from;
  return out;
}

/* Copies the text from P on to OUT, escapes resolved. Behind the closing quote; NULL with *FAULT, or
 * with fault->code NONE if LIMIT was reached. *WRITTEN: behind the last byte. */
static const char *
unescape (const char *p, const char *end, char *out, const char *limit, char **written, Pt2JsonFault *fault)
{
  fault->code = PT2_ERROR_NONE;
  for (;;)
    {
      out = copy_plain (&p, end, out, limit, false);
      uint32_t character;
      if (limit - out < 4)
        return NULL;
      const char *from = p;
      if (p < end && *p == '"')
        {
          *written = out;
          return p + 1;
        }
      if (p < end && *p == '\\')
        {
          if ((p = read_escape (p, end, &character, fault)) == NULL)
            return NULL;
          out = put_character (out, character);
          continue;
        }
      if ((p = pass_odd_byte (p, end, fault)) == NULL)
        return NULL;
      memcpy (out, from, (size_t)(p - from));
      out += p - from;
    }
}

/* P: the first byte of the string, behind its quote. */
static const char *
read_escaped (Pt2Arena *arena, const char *p, const char *end, Pt2String *out, Pt2JsonFault *fault)
{
  /* Mostly there is room behind what the arena holds; the length is known only when all is read. */
  char *to = arena->next, *written = NULL;
  const char *behind = NULL;
  fault->code = PT2_ERROR_NONE;
  if (arena->end - arena->next >= 64)
    behind = unescape (p, end, to, arena->end - 16, &written, fault);
  if (behind == NULL)
    {
      bool escaped;
      if (fault->code != PT2_ERROR_NONE || (behind = pt2_json_scan_string (p - 1, end, &escaped, fault)) == NULL)
        return NULL;
      /* Unescaped text is never longer than its escapes. */
      size_t size = (size_t)(behind - p) + 16;
      to = pt2_arena_alloc (arena, size);
      if (to == NULL)
        return fault_at (fault, PT2_ERROR_L003, p, "");
      behind = unescape (p, end, to, to + size, &written, fault);
    }
  pt2_arena_shrink_last (arena, to, (size_t)(written - to));
  *out = (Pt2String){ to, (uint32_t)(written - to) };
  return behind;
}

const char *
pt2_json_read_string (Pt2Arena *arena, const char *p, const char *end, Pt2String *out, Pt2JsonFault *fault)
{
  const char *start = p + 1;
  for (p = pt2_json_plain_run (start, end); p < end && (unsigned char)*p >= 0x80; p = pt2_json_plain_run (p, end))
    if ((p = pass_odd_byte (p, end, fault)) == NULL)
      return NULL;
  if (p < end && *p == '"')
    {
      *out = (Pt2String){ start, (uint32_t)(p - start) };
      return p + 1;
    }
  if (p < end && *p == '\\')
    return read_escaped (arena, start, end, out, fault);
  return pass_odd_byte (p, end, fault);
}

/* ---- numbers ---- */

static const char *
digits (const char *p, const char *end)
{
  while (p < end && g_ascii_isdigit (*p))
    p++;
  return p;
}

const char *
pt2_json_scan_number (const char *p, const char *end, bool *integer, Pt2JsonFault *fault)
{
  const char *start = p;
  *integer = false;
  if (p < end && *p == '-')
    p++;
  if (p < end && (*p == 'I' || (*p == 'N' && p == start)))
    {
      const char *behind = word (p, end, *p == 'I' ? "Infinity" : "NaN");
      return behind != NULL ? behind : fault_at (fault, PT2_ERROR_J006, start, "");
    }
  const char *behind = digits (p, end);
  if (behind == p)
    return p >= end ? unexpected (fault, p, end, "inside a number") : fault_at (fault, PT2_ERROR_J006, start, "");
  if (*p == '0' && behind - p > 1)
    return fault_at (fault, PT2_ERROR_J006, start, "a number does not start with 0");
  *integer = true;
  p = behind;
  if (p < end && *p == '.')
    {
      *integer = false;
      if ((behind = digits (p + 1, end)) == p + 1)
        return fault_at (fault, PT2_ERROR_J006, start, "digits must follow the point");
      p = behind;
    }
  if (p < end && (*p == 'e' || *p == 'E'))
    {
      *integer = false;
      p += 1 + (end - p > 1 && (p[1] == '+' || p[1] == '-'));
      if ((behind = digits (p, end)) == p)
        return fault_at (fault, PT2_ERROR_J006, start, "digits must follow the e");
      p = behind;
    }
  return p;
}

/* ---- skipping ---- */

static const char *
skip_scalar (const char *p, const char *end, Pt2JsonFault *fault)
{
  bool ignored;
  const char *found = pt2_json_describe (p, end);
  if (found == NULL)
    {
      *fault = pt2_json_no_value (p, end);
      return NULL;
    }
  switch (*p)
    {
    case '"':
      return pt2_json_scan_string (p, end, &ignored, fault);
    case 't':
    case 'f':
    case 'n':
      return p + strlen (found);
    default:
      return pt2_json_scan_number (p, end, &ignored, fault);
    }
}

/* Behind the key at P, its colon and the blanks. */
static const char *
skip_key (const char *p, const char *end, Pt2JsonFault *fault)
{
  bool ignored;
  if (p >= end || *p != '"')
    return unexpected (fault, p, end, "a key must stand here");
  if ((p = pt2_json_scan_string (p, end, &ignored, fault)) == NULL)
    return NULL;
  p = pt2_json_blanks (p, end);
  if (p >= end || *p != ':')
    return unexpected (fault, p, end, "a colon must stand here");
  return pt2_json_blanks (p + 1, end);
}

/* The containers around the place where a skip is: a bit each, set for objects. */
typedef struct
{
  uint64_t level;
  uint64_t objects[PT2_JSON_DEEPEST / 64 + 1];
} SkipStack;

static bool
in_object (const SkipStack *stack)
{
  return stack->objects[stack->level / 64] >> (stack->level % 64) & 1;
}

static void
push (SkipStack *stack, bool object)
{
  stack->level++;
  uint64_t bit = UINT64_C (1) << (stack->level % 64);
  stack->objects[stack->level / 64] &= ~bit;
  stack->objects[stack->level / 64] |= object ? bit : 0;
}

/* Behind a value at P: closes containers, passes a comma and a key. NULL: fault, or all is closed and
 * *BEHIND is set. */
static const char *
skip_to_next_value (SkipStack *stack, const char *p, const char *end, const char **behind, Pt2JsonFault *fault)
{
  for (;;)
    {
      if (stack->level == 0)
        {
          *behind = p;
          return NULL;
        }
      p = pt2_json_blanks (p, end);
      bool object = in_object (stack);
      if (p >= end || (*p != ',' && *p != (object ? '}' : ']')))
        return unexpected (fault, p, end, object ? "`,` or `}` must stand here" : "`,` or `]` must stand here");
      if (*p++ == ',')
        {
          p = pt2_json_blanks (p, end);
          return object ? skip_key (p, end, fault) : p;
        }
      stack->level--;
    }
}

const char *
pt2_json_skip (const char *p, const char *end, uint64_t depth, Pt2JsonFault *fault)
{
  SkipStack stack = { .level = 0 };
  const char *behind = NULL;
  depth = MIN (depth, PT2_JSON_DEEPEST);
  while (p != NULL)
    {
      if (p < end && (*p == '{' || *p == '['))
        {
          bool object = *p == '{';
          if (stack.level == depth)
            return fault_at (fault, PT2_ERROR_L002, p, "");
          push (&stack, object);
          p = pt2_json_blanks (p + 1, end);
          if (p >= end || *p != (object ? '}' : ']'))
            {
              p = object ? skip_key (p, end, fault) : p;
              continue;
            }
          p++;
          stack.level--;
        }
      else
        p = skip_scalar (p, end, fault);
      if (p != NULL)
        p = skip_to_next_value (&stack, p, end, &behind, fault);
    }
  return behind;
}

/* ---- strings, writing ---- */

static char *
put_unit (char *out, uint32_t unit)
{
  static const char digit[] = "0123456789abcdef";
  const char text[6] = { '\\', 'u', digit[unit >> 12], digit[unit >> 8 & 15], digit[unit >> 4 & 15], digit[unit & 15] };
  memcpy (out, text, 6);
  return out + 6;
}

static char *
put_escape (char *out, uint32_t c)
{
  static const char meanings[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  const char *hit = c != 0 && c < 0x80 ? strchr (meanings, (int)c) : NULL;
  if (hit != NULL)
    {
      *out++ = '\\';
      *out++ = letters[hit - meanings];
      return out;
    }
  if (c < 0x10000)
    return put_unit (out, c);
  out = put_unit (out, 0xd800 + ((c - 0x10000) >> 10));
  return put_unit (out, 0xdc00 + (c & 0x3ff));
}

/* Escapes from P up to STOP (a character that starts before it may end behind it). */
static const char *
escape_part (const char *p, const char *stop, const char *end, char **to, bool *after_high)
{
  char *out = *to;
  while (p < stop)
    {
      const char *run = p;
      out = copy_plain (&p, stop, out, out + (stop - p) + 16, true);
      *after_high = *after_high && p == run;
      if (p >= stop)
        break;
      uint32_t c = (unsigned char)*p;
      const char *next = c < 0x80 ? p + 1 : next_character (p, end, true, &c);
      /* Two surrogates in a row that would be read as one character are not text of ours. */
      if (next == NULL || (*after_high && c >= 0xdc00 && c < 0xe000))
        return NULL;
      *after_high = c >= 0xd800 && c < 0xdc00;
      out = put_escape (out, c);
      p = next;
    }
  *to = out;
  return p;
}

bool
pt2_json_write_escaped (Pt2Buffer *out, const char *text, size_t len, Pt2JsonFault *fault)
{
  enum
  {
    PART = 4096,
    MARGIN = 64, /* a last character of 12 bytes, vector stores, quotes */
  };
  const char *p = text, *end = text + len;
  bool after_high = false, first = true;
  do
    {
      size_t part = MIN ((size_t)(end - p), (size_t)PART);
      if (!pt2_buffer_room (out, part * 6 + MARGIN))
        return fault_at (fault, PT2_ERROR_L001, p, "") != NULL;
      if (first)
        *out->next++ = '"';
      first = false;
      const char *next = escape_part (p, p + part, end, &out->next, &after_high);
      if (next == NULL)
        return fault_at (fault, PT2_ERROR_J015, p, "") != NULL;
      p = next;
    }
  while (p < end);
  *out->next++ = '"';
  return true;
}
