/* SPDX-License-Identifier: Apache-2.0 */
#include "json_cursor.h"
#include <math.h>

/* ---- faults ---- */

const char *
pt2_cursor_fail (Pt2JsonCursor *c, Pt2ErrorCode code, const char *at, const char *detail)
{
  pt2_status_fail (c->status, code, (uint64_t)(at - c->start), "%s", detail);
  return NULL;
}

const char *
pt2_cursor_fault (Pt2JsonCursor *c, const Pt2JsonFault *fault)
{
  if (fault->code == PT2_ERROR_L003)
    pt2_document_no_memory (c->document, c->status, (uint64_t)(fault->at - c->start));
  else
    pt2_json_fail (c->status, c->start, fault);
  return NULL;
}

const char *
pt2_cursor_unexpected (Pt2JsonCursor *c, const char *p, const char *detail)
{
  Pt2JsonFault fault = pt2_json_unexpected (p, c->end, detail);
  return pt2_cursor_fault (c, &fault);
}

const char *
pt2_cursor_no_memory (Pt2JsonCursor *c, const char *at)
{
  pt2_document_no_memory (c->document, c->status, (uint64_t)(at - c->start));
  return NULL;
}

const char *
pt2_cursor_fail_type (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type)
{
  const char *found = pt2_json_describe (p, c->end);
  if (found == NULL)
    {
      Pt2JsonFault fault = pt2_json_no_value (p, c->end);
      return pt2_cursor_fault (c, &fault);
    }
  Pt2ErrorCode code = *p == 'n' ? PT2_ERROR_J010 : PT2_ERROR_J009;
  pt2_status_fail (c->status, code, (uint64_t)(p - c->start), "expected %s, found %s", type->name, found);
  return NULL;
}

const char *
pt2_cursor_skip (Pt2JsonCursor *c, const char *p)
{
  Pt2JsonFault fault;
  const char *behind = pt2_json_skip (p, c->end, c->depth, &fault);
  return behind != NULL ? behind : pt2_cursor_fault (c, &fault);
}

/* ---- scalars ---- */

static __attribute__ ((cold, noinline)) const char *
no_bool (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, bool *out)
{
  if ((c->document->json_flags & PT2_JSON_UNITS_ANYWHERE) && p < c->end && *p == '[')
    return pt2_cursor_unit (c, p, type, out);
  return pt2_cursor_fail_type (c, p, type);
}

const char *
pt2_cursor_bool (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, bool *out)
{
  *out = pt2_cursor_at_word (c, p, "true", 4);
  if (*out)
    return p + 4;
  return pt2_cursor_at_word (c, p, "false", 5) ? p + 5 : no_bool (c, p, type, out);
}

const char *
pt2_cursor_unit (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, bool *out)
{
  if (p >= c->end || *p != '[')
    return pt2_cursor_bool (c, p, type, out);
  const char *close = pt2_json_blanks (p + 1, c->end);
  if (close >= c->end || *close != ']')
    return close >= c->end ? pt2_cursor_unexpected (c, close, "") : pt2_cursor_fail_type (c, p, type);
  *out = true;
  return close + 1;
}

const char *
pt2_cursor_number (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, Pt2NumberText *number)
{
  const char *behind = pt2_number_read_json (p, c->end, number);
  if (behind != NULL)
    return behind;
  Pt2JsonFault fault;
  bool integer;
  const char *found = pt2_json_describe (p, c->end);
  if (found == NULL || strcmp (found, "a number") != 0)
    return pt2_cursor_fail_type (c, p, type);
  behind = pt2_json_scan_number (p, c->end, &integer, &fault);
  return behind != NULL ? pt2_cursor_fail (c, PT2_ERROR_J006, p, "") : pt2_cursor_fault (c, &fault);
}

const char *
pt2_cursor_double (Pt2JsonCursor *c, const char *p, const Pt2TypeInfo *type, double *out)
{
  Pt2NumberText number;
  Pt2String text;
  const char *behind;
  if (p < c->end && *p == '"')
    {
      behind = pt2_cursor_text (c, p, &text);
      if (behind != NULL && !pt2_number_read_python_float (text.data, text.len, out))
        return pt2_cursor_fail (c, PT2_ERROR_J009, p, "expected a number, found a text that is none");
      return behind;
    }
  behind = pt2_cursor_number (c, p, type, &number);
  if (behind == NULL)
    return NULL;
  *out = number.kind == PT2_NUMBER_I64 ? (double)number.i64 : number.number;
  /* 1e999 is infinite in Python too, an integer is not. */
  if (number.kind == PT2_NUMBER_BIG && isinf (*out))
    return pt2_cursor_fail (c, PT2_ERROR_J009, p, "an integer larger than any double");
  return behind;
}

/* Only what an encoder writes: padded, and nothing in the bits that no byte holds. */
static bool
is_base64 (const char *text, size_t len)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t n = strspn (text, letters), padding = len - n;
  if (len % 4 != 0 || padding > 2 || strspn (text + n, "=") != padding)
    return false;
  unsigned unused = padding == 2 ? 15 : padding == 1 ? 3 : 0;
  return padding == 0 || ((strchr (letters, text[n - 1]) - letters) & unused) == 0;
}

const char *
pt2_cursor_binary (Pt2JsonCursor *c, const char *p, Pt2String *out)
{
  Pt2String text;
  const char *behind = pt2_cursor_text (c, p, &text);
  if (behind == NULL)
    return NULL;
  char *bytes = pt2_cursor_reserve (c, (size_t)text.len + 1);
  if (bytes == NULL)
    return pt2_cursor_no_memory (c, p);
  memcpy (bytes, text.data, text.len);
  gsize len = 0;
  if (!is_base64 (bytes, text.len))
    return pt2_cursor_fail (c, PT2_ERROR_J019, p, "");
  if (text.len > 0)
    g_base64_decode_inplace (bytes, &len);
  *out = (Pt2String){ bytes, (uint32_t)len };
  return behind;
}
