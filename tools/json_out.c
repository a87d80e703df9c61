/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"
#include "unsafe.h"
#include <math.h>
#include <string.h>

void
json_init (Json *json, FILE *out)
{
  *json = (Json){ .out = out };
}

/* What stands between the item before and the next one. */
static void
separate (Json *json)
{
  if (json->after_key)
    {
      json->after_key = FALSE;
      return;
    }
  if (json->depth > 0 && json->counts[json->depth]++ > 0)
    fputs (json->depth == 1 && !json->one_line ? ",\n " : ", ", json->out);
}

void
json_open (Json *json, char bracket)
{
  separate (json);
  g_assert (json->depth + 1 < G_N_ELEMENTS (json->counts));
  json->counts[++json->depth] = 0;
  fputc (bracket, json->out);
}

void
json_close (Json *json, char bracket)
{
  fputc (bracket, json->out);
  if (--json->depth == 0)
    fputc ('\n', json->out);
}

static void
put_unit (FILE *out, gunichar c)
{
  if (c > 0xffff)
    fprintf (out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
  else
    fprintf (out, "\\u%04x", c);
}

/* Writes the first character of TEXT; returns how many bytes it took. */
static gsize
put_character (FILE *out, const char *text, gsize len)
{
  static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  const char *hit = *text != '\0' ? strchr (plain, *text) : NULL;
  if (hit != NULL)
    {
      fprintf (out, "\\%c", letters[hit - plain]);
      return 1;
    }
  gunichar c = *text != '\0' ? g_utf8_get_char_validated (text, (gssize)len) : 0;
  if ((gint32)c < 0)
    {
      /* The byte stays visible, so that two texts do not become one; a lone surrogate would stop many readers. */
      put_unit (out, 0xfffd);
      fprintf (out, "%02x", (guchar)*text);
      return 1;
    }
  gsize n = (gsize)g_unichar_to_utf8 (c, NULL);
  if (is_unsafe (c))
    put_unit (out, c);
  else
    fwrite (text, 1, n, out);
  return n;
}

/* Bytes that stand for themselves, up to LEN. */
static gsize
plain_run (const char *text, gsize len)
{
  gsize n = 0;
  while (n < len && text[n] >= 0x20 && text[n] < 0x7f && text[n] != '"' && text[n] != '\\')
    n++;
  return n;
}

static void
put_string (FILE *out, const char *text, gsize len)
{
  fputc ('"', out);
  for (gsize i = 0; i < len;)
    {
      gsize plain = plain_run (text + i, len - i);
      fwrite (text + i, 1, plain, out);
      i += plain;
      if (i < len)
        i += put_character (out, text + i, len - i);
    }
  fputc ('"', out);
}

void
json_key_len (Json *json, const char *key, gsize len)
{
  separate (json);
  put_string (json->out, key, len);
  fputs (": ", json->out);
  json->after_key = TRUE;
}

void
json_key (Json *json, const char *key)
{
  json_key_len (json, key, strlen (key));
}

void
json_text (Json *json, const char *text, gssize len)
{
  separate (json);
  if (text != NULL)
    put_string (json->out, text, len < 0 ? strlen (text) : (gsize)len);
  else
    fputs ("null", json->out);
}

void
json_integer (Json *json, gint64 number)
{
  separate (json);
  fprintf (json->out, "%" G_GINT64_FORMAT, number);
}

void
json_unsigned (Json *json, guint64 number)
{
  separate (json);
  fprintf (json->out, "%" G_GUINT64_FORMAT, number);
}

void
json_bool (Json *json, gboolean value)
{
  separate (json);
  fputs (value ? "true" : "false", json->out);
}

void
json_double (Json *json, double number)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  if (!isfinite (number))
    {
      json_null (json);
      return;
    }
  separate (json);
  for (int digits = 15; digits <= 17; digits++)
    {
      char format[8];
      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, number);
      if (g_ascii_strtod (text, NULL) == number)
        break;
    }
  fputs (text, json->out);
}

void
json_digits (Json *json, const char *digits)
{
  separate (json);
  fputs (digits, json->out);
}

/* What stands outside of strings. Behind it. */
static const char *
put_outside (FILE *out, const char *text)
{
  static const char *const words[] = { "NaN", "-Infinity", "Infinity" };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_has_prefix (text, words[i]))
      {
        fprintf (out, "\"%s\"", words[i]);
        return text + strlen (words[i]);
      }
  fputc (*text == '\n' || *text == '\r' || *text == '\t' ? ' ' : *text, out);
  return text + 1;
}

/* What stands in a string, its escapes kept. Behind it. */
static const char *
put_inside (FILE *out, const char *text)
{
  if (*text == '\\' && text[1] != '\0')
    {
      fwrite (text, 1, 2, out);
      return text + 2;
    }
  if ((guchar)*text >= 0x20 && (guchar)*text < 0x7f)
    {
      fputc (*text, out);
      return text + 1;
    }
  return text + put_character (out, text, strnlen (text, 6));
}

void
json_raw (Json *json, const char *text)
{
  gboolean inside = FALSE;
  if (text == NULL)
    {
      json_null (json);
      return;
    }
  separate (json);
  while (*text != '\0')
    if (*text == '"')
      {
        inside = !inside;
        fputc (*text++, json->out);
      }
    else
      text = inside ? put_inside (json->out, text) : put_outside (json->out, text);
}

void
json_null (Json *json)
{
  json_text (json, NULL, 0);
}

void
json_member_text (Json *json, const char *key, const char *text)
{
  json_key (json, key);
  json_text (json, text, -1);
}

void
json_member_string (Json *json, const char *key, Pt2String text)
{
  json_key (json, key);
  json_text (json, text.data, text.len);
}

void
json_member_integer (Json *json, const char *key, gint64 number)
{
  json_key (json, key);
  json_integer (json, number);
}

void
json_member_unsigned (Json *json, const char *key, guint64 number)
{
  json_key (json, key);
  json_unsigned (json, number);
}

void
json_member_bool (Json *json, const char *key, gboolean value)
{
  json_key (json, key);
  json_bool (json, value);
}

void
json_member_null (Json *json, const char *key)
{
  json_key (json, key);
  json_null (json);
}
