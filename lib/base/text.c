/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"
#include <stdio.h>
#include <string.h>

bool
pt2_text_is_utf8 (const char *data, size_t len)
{
  /* g_utf8_validate_len() refuses NUL; text between NULs is what it can judge. */
  const char *end = data + len;
  while (data < end)
    {
      const char *nul = memchr (data, '\0', (size_t)(end - data));
      const char *stop = nul != NULL ? nul : end;
      if (!g_utf8_validate_len (data, (size_t)(stop - data), NULL))
        return false;
      data = nul != NULL ? nul + 1 : end;
    }
  return true;
}

/* Marks that reorder or hide text on a terminal: bidi controls, zero-width, line separators, BOM, tags. */
static bool
is_deceptive (gunichar c)
{
  return c == 0x061c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f)
         || c == 0xfeff || (c >= 0xe0000 && c <= 0xe0fff);
}

/* Writes one escaped character of DATA to PIECE; returns how many bytes it took. */
static size_t
escape_one (const char *data, size_t len, char piece[16])
{
  unsigned char byte = (unsigned char)*data;
  if (byte < 0x80)
    {
      static const char short_from[] = "\n\t\r\"\\", short_to[] = "ntr\"\\";
      const char *hit = byte != '\0' ? strchr (short_from, byte) : NULL;
      if (hit != NULL)
        snprintf (piece, 16, "\\%c", short_to[hit - short_from]);
      else
        snprintf (piece, 16, byte < 0x20 || byte == 0x7f ? "\\x%02x" : "%c", byte);
      return 1;
    }
  gunichar c = g_utf8_get_char_validated (data, (gssize)len);
  if ((gint32)c < 0)
    {
      snprintf (piece, 16, "\\x%02x", byte);
      return 1;
    }
  size_t n = (size_t)g_unichar_to_utf8 (c, NULL);
  if (is_deceptive (c) || (c >= 0x80 && c < 0xa0))
    snprintf (piece, 16, c > 0xffff ? "\\U%08X" : "\\u%04X", c);
  else
    {
      memcpy (piece, data, n);
      piece[n] = '\0';
    }
  return n;
}

const char *
pt2_text_escape (const char *data, size_t len, char *out, size_t out_size)
{
  static const char cut[] = "…";
  size_t used = 0;
  while (len > 0)
    {
      char piece[16];
      size_t taken = escape_one (data, len, piece);
      size_t n = strlen (piece);
      /* Room is kept for the cut mark and the end, unless this is the last piece. */
      if (used + n + (taken == len ? 1 : sizeof cut) > out_size)
        {
          if (used + sizeof cut <= out_size)
            memcpy (out + used, cut, sizeof cut), used += sizeof cut - 1;
          break;
        }
      memcpy (out + used, piece, n);
      used += n;
      data += taken;
      len -= taken;
    }
  out[used] = '\0';
  return out;
}
