/* SPDX-License-Identifier: Apache-2.0 */
#include "json_in.h"
#include <string.h>

static void
skip_blanks (JsonIn *in)
{
  while (in->next < in->end && strchr (" \t\r\n", *in->next) != NULL && *in->next != '\0')
    in->next++;
}

gboolean
json_in_mark (JsonIn *in, char c)
{
  skip_blanks (in);
  if (in->next == in->end || *in->next != c)
    return FALSE;
  in->next++;
  return TRUE;
}

gboolean
json_in_end (JsonIn *in)
{
  skip_blanks (in);
  return in->next == in->end;
}

gboolean
json_in_word (JsonIn *in, GString *out)
{
  skip_blanks (in);
  const char *start = in->next;
  while (in->next < in->end && (g_ascii_isalnum (*in->next) || strchr ("+-._", *in->next) != NULL) && *in->next != '\0')
    in->next++;
  g_string_truncate (out, 0);
  g_string_append_len (out, start, in->next - start);
  return in->next > start;
}

/* Four hexadecimal digits. */
static gboolean
take_unit (JsonIn *in, guint *unit)
{
  *unit = 0;
  if (in->end - in->next < 4)
    return FALSE;
  for (int i = 0; i < 4; i++, in->next++)
    {
      if (!g_ascii_isxdigit (*in->next))
        return FALSE;
      *unit = *unit * 16 + (guint)g_ascii_xdigit_value (*in->next);
    }
  return TRUE;
}

static void
append_character (GString *out, guint c)
{
  char bytes[6];
  g_string_append_len (out, bytes, g_unichar_to_utf8 (c, bytes));
}

/* Behind `\u`: a character, or two units that are one together. */
static gboolean
take_escaped_unit (JsonIn *in, GString *out)
{
  guint first, second;
  if (!take_unit (in, &first))
    return FALSE;
  const char *before = in->next;
  if (first >= 0xd800 && first < 0xdc00 && in->end - in->next >= 6 && in->next[0] == '\\' && in->next[1] == 'u')
    {
      in->next += 2;
      if (!take_unit (in, &second))
        return FALSE;
      if (second >= 0xdc00 && second < 0xe000)
        first = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
      else
        in->next = before;
    }
  append_character (out, first);
  return TRUE;
}

static gboolean
take_escape (JsonIn *in, GString *out)
{
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  if (in->next == in->end)
    return FALSE;
  char c = *in->next++;
  if (c == 'u')
    return take_escaped_unit (in, out);
  const char *hit = c != '\0' ? strchr (letters, c) : NULL;
  if (hit != NULL)
    g_string_append_c (out, meanings[hit - letters]);
  return hit != NULL;
}

gboolean
json_in_text (JsonIn *in, GString *out)
{
  g_string_truncate (out, 0);
  if (!json_in_mark (in, '"'))
    return FALSE;
  while (in->next < in->end && *in->next != '"')
    {
      const char *start = in->next;
      while (in->next < in->end && *in->next != '"' && *in->next != '\\' && (guchar)*in->next >= 0x20)
        in->next++;
      g_string_append_len (out, start, in->next - start);
      if (in->next < in->end && *in->next == '\\')
        {
          in->next++;
          if (!take_escape (in, out))
            return FALSE;
        }
      else if (in->next < in->end && *in->next != '"')
        return FALSE;
    }
  return json_in_mark (in, '"');
}
