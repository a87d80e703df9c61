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

/* What a terminal would act on or hide: controls, bidi marks, zero-width characters, separators, tags. */
static bool
is_deceptive (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return true;
    default:
      return (c >= 0x2060 && c <= 0x206f) || (c >= 0xe0000 && c <= 0xe0fff);
    }
}

/* Writes one escaped character of DATA to PIECE; returns how many bytes it took. */
static size_t
escape_one (const char *data, size_t len, char piece[16])
{
  unsigned char byte = (unsigned char)*data;
  if (g_ascii_isprint (*data) && byte != '"' && byte != '\\')
    {
      piece[0] = *data;
      piece[1] = '\0';
      return 1;
    }
  if (byte < 0x80)
    {
      static const char short_from[] = "\n\t\r\"\\", short_to[] = "ntr\"\\";
      const char *hit = byte != '\0' ? strchr (short_from, byte) : NULL;
      if (hit != NULL)
        snprintf (piece, 16, "\\%c", short_to[hit - short_from]);
      else
        snprintf (piece, 16, "\\x%02x", byte);
      return 1;
    }
  gunichar c = g_utf8_get_char_validated (data, (gssize)len);
  if ((gint32)c < 0)
    {
      snprintf (piece, 16, "\\x%02x", byte);
      return 1;
    }
  size_t n = (size_t)g_unichar_to_utf8 (c, NULL);
  if (is_deceptive (c))
    snprintf (piece, 16, c > 0xffff ? "\\U%08X" : "\\u%04X", c);
  else
    {
      memcpy (piece, data, n);
      piece[n] = '\0';
    }
  return n;
}

static const char *
escape (const char *data, size_t len, const char *kept, char *out, size_t out_size)
{
  static const char cut[] = "…";
  size_t used = 0, cut_at = SIZE_MAX; /* the last place where the mark had room */
  while (len > 0)
    {
      char piece[16] = { *data };
      size_t taken = *data != '\0' && strchr (kept, *data) != NULL ? 1 : escape_one (data, len, piece);
      size_t n = strlen (piece);
      if (used + sizeof cut <= out_size)
        cut_at = used;
      if (used + n + 1 > out_size)
        {
          if (cut_at == SIZE_MAX)
            break;
          memcpy (out + cut_at, cut, sizeof cut);
          return out;
        }
      memcpy (out + used, piece, n);
      used += n;
      data += taken;
      len -= taken;
    }
  out[used] = '\0';
  return out;
}

const char *
pt2_text_escape (const char *data, size_t len, char *out, size_t out_size)
{
  return escape (data, len, "", out, out_size);
}

const char *
pt2_text_escape_message (const char *data, size_t len, char *out, size_t out_size)
{
  return escape (data, len, "\"\\", out, out_size);
}
