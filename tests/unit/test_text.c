/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base/text: what escapes look like, where a text is cut, what UTF-8 is. */
#include "suite.h"
#include "text.h"
#include <string.h>

typedef struct
{
  const char *from;
  size_t len;
  const char *to;
} Escape;
#define FROM(literal) literal, sizeof (literal) - 1

static const Escape escapes[] = {
  { FROM (""), "" },
  { FROM ("plain text ~"), "plain text ~" },
  { FROM ("\"quoted\" back\\slash"), "\\\"quoted\\\" back\\\\slash" },
  { FROM ("\n\t\r"), "\\n\\t\\r" },
  { FROM ("\0\x01\x1b[31m\x7f"), "\\x00\\x01\\x1b[31m\\x7f" },
  { FROM ("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
  { FROM ("\xc2\x85"), "\\u0085" }, /* a C1 control */
  { FROM ("a\xe2\x80\xae"
          "b"),
    "a\\u202Eb" },                                         /* right-to-left override */
  { FROM ("\xe2\x81\xa6\xe2\x81\xa9"), "\\u2066\\u2069" }, /* isolates */
  { FROM ("\xe2\x80\x8b\xef\xbb\xbf"), "\\u200B\\uFEFF" }, /* zero width */
  { FROM ("soft\xc2\xadhyphen"), "soft\\u00ADhyphen" },
  { FROM ("\xd8\x9c"), "\\u061C" },                      /* Arabic letter mark */
  { FROM ("\xe2\x80\xa8"), "\\u2028" },                  /* line separator */
  { FROM ("\xf3\xa0\x81\x81"), "\\U000E0041" },          /* a tag */
  { FROM ("\xff\x80\xc3"), "\\xff\\x80\\xc3" },          /* never valid, stray, cut */
  { FROM ("\xc0\xaf"), "\\xc0\\xaf" },                   /* overlong */
  { FROM ("\xed\xa0\x80"), "\\xed\\xa0\\x80" },          /* a surrogate */
  { FROM ("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80" }, /* above U+10FFFF */
  { FROM ("\xe2\x82"), "\\xe2\\x82" },
};

START_TEST (escapes_are_these)
{
  for (size_t i = 0; i < G_N_ELEMENTS (escapes); i++)
    {
      char out[200];
      ck_assert_str_eq (pt2_text_escape (escapes[i].from, escapes[i].len, out, sizeof out), escapes[i].to);
    }
}
END_TEST

/* At every size: ends inside it, is UTF-8, and is the whole text or a beginning of it and the mark. */
/* A message of another process says what was escaped already: nothing gets through, and nothing is escaped twice. */
START_TEST (messages_are_escaped_once)
{
  static const char said[] = "there is no \"a\\x1b\\\"\" \x1b[31m\xff\u202e";
  char out[100], again[100];
  pt2_text_escape_message (said, sizeof said - 1, out, sizeof out);
  ck_assert_str_eq (out, "there is no \"a\\x1b\\\"\" \\x1b[31m\\xff\\u202E");
  ck_assert_str_eq (pt2_text_escape_message (out, strlen (out), again, sizeof again), out);
}
END_TEST

START_TEST (cut_at_every_size)
{
  static const char mark[] = "…";
  for (size_t i = 0; i < G_N_ELEMENTS (escapes); i++)
    for (size_t size = 1; size <= 80; size++)
      {
        g_autofree char *out = g_malloc (size);
        const char *whole = escapes[i].to;
        pt2_text_escape (escapes[i].from, escapes[i].len, out, size);
        size_t len = strlen (out);
        ck_assert_uint_lt (len, size);
        ck_assert (g_utf8_validate (out, -1, NULL));
        if (strcmp (out, whole) == 0)
          continue;
        ck_assert_uint_le (size, strlen (whole)); /* it was cut for want of room only */
        bool marked = g_str_has_suffix (out, mark);
        ck_assert (marked || size < sizeof mark);
        ck_assert_int_eq (strncmp (out, whole, len - (marked ? sizeof mark - 1 : 0)), 0);
      }
}
END_TEST

/* Every byte and every pair of bytes gives UTF-8 without controls and format characters. */
START_TEST (nothing_gets_through)
{
  for (unsigned pair = 0; pair < 1 << 16; pair++)
    {
      const char from[] = { (char)(pair >> 8), (char)pair };
      char out[20];
      pt2_text_escape (from, 2, out, sizeof out);
      ck_assert (g_utf8_validate (out, -1, NULL));
      for (const char *p = out; *p != '\0'; p = g_utf8_next_char (p))
        {
          GUnicodeType type = g_unichar_type (g_utf8_get_char (p));
          ck_assert (type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT);
        }
    }
}
END_TEST

START_TEST (utf8)
{
  static const struct
  {
    const char *text;
    size_t len;
    bool valid;
  } texts[] = {
    { FROM (""), true },
    { FROM ("a"), true },
    { FROM ("\0"), true },
    { FROM ("a\0b\0\0\xc3\xa9"), true },
    { FROM ("\xf4\x8f\xbf\xbf"), true },
    { FROM ("\xff"), false },
    { FROM ("a\0\xff"), false },
    { FROM ("\xc3"), false },
    { FROM ("\xc3\0"), false },
    { FROM ("\xed\xa0\x80"), false },
    { FROM ("\xc0\x80"), false },
    { FROM ("\xf4\x90\x80\x80"), false },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    ck_assert_msg (pt2_text_is_utf8 (texts[i].text, texts[i].len) == texts[i].valid, "text %zu", i);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { escapes_are_these, 1 },
                             { messages_are_escaped_once, 1 },
                             { cut_at_every_size, 1 },
                             { nothing_gets_through, 1 },
                             { utf8, 1 } };
  return RUN_SUITE ("text", cases);
}
