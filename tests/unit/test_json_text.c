/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/json_text: what a scan passes it has checked, what is read is written as Python does, at any alignment and
 * never beyond the end.
 */
#include "json_text.h"
#include "suite.h"
#include <string.h>

/* A copy without a byte behind it, so that a look beyond the end is seen. */
static char *
exact_copy (const char *text, size_t len)
{
  char *copy = g_malloc (MAX (len, 1));
  memcpy (copy, text, len);
  return copy;
}

/* ---- blanks, descriptions, the start ---- */

START_TEST (blanks)
{
  static const char text[] = " \t\r\n\n x";
  ck_assert_ptr_eq (pt2_json_blanks (text, text + 7), text + 6);
  ck_assert_ptr_eq (pt2_json_blanks (text, text + 3), text + 3);
  static const char odd[] = "\v";
  ck_assert_ptr_eq (pt2_json_blanks (odd, odd + 1), odd);
}
END_TEST

START_TEST (descriptions)
{
  static const char *const cases[][2] = {
    { "\"", "a string" },
    { "{", "an object" },
    { "[", "a list" },
    { "true", "true" },
    { "truer", "true" },
    { "false", "false" },
    { "null", "null" },
    { "5", "a number" },
    { "-", "a number" },
    { "NaN", "a number" },
    { "Infinity", "a number" },
    { "tru", NULL },
    { "nul", NULL },
    { "x", NULL },
    { "]", NULL },
    { "", NULL },
    { "\xff", NULL },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    ck_assert_pstr_eq (pt2_json_describe (cases[i][0], cases[i][0] + strlen (cases[i][0])), cases[i][1]);
}
END_TEST

START_TEST (the_start)
{
  Pt2JsonFault fault;
  ck_assert (pt2_json_check_start ("", 0, &fault));
  ck_assert (pt2_json_check_start ("\xef\xbb", 2, &fault));
  ck_assert (!pt2_json_check_start ("\xef\xbb\xbf", 3, &fault) && fault.code == PT2_ERROR_J007);
  ck_assert (!pt2_json_check_start ("", UINT32_MAX, &fault) && fault.code == PT2_ERROR_J014);
}
END_TEST

/* ---- plain runs ---- */

/* Every byte at every place of a run of every length. */
START_TEST (plain_runs)
{
  for (size_t len = 0; len < 50; len++)
    for (size_t at = 0; at < MAX (len, 1); at++)
      for (unsigned byte = 0; byte < 256; byte += at == 0 ? 1 : 31)
        {
          g_autofree char *text = g_strnfill (len, 'a');
          if (len > 0)
            text[at] = (char)byte;
          g_autofree char *copy = exact_copy (text, len);
          bool special = len > 0 && (byte < 0x20 || byte > 0x7f || byte == '"' || byte == '\\');
          ck_assert_int_eq (pt2_json_plain_run (copy, copy + len) - copy, (int)(special ? at : len));
        }
}
END_TEST

/* ---- strings ---- */

typedef struct
{
  const char *json; /* from its opening quote on */
  const char *text; /* NULL: refused */
  size_t text_len;
  Pt2ErrorCode code;
  int at;              /* of the fault */
  const char *written; /* NULL: as JSON */
} StringCase;

#define GIVES(text) text, sizeof (text) - 1, PT2_ERROR_NONE, 0
#define REFUSED(code, at) NULL, 0, PT2_ERROR_##code, at

static const StringCase strings[] = {
  { "\"\"", GIVES (""), NULL },
  { "\"a\"", GIVES ("a"), NULL },
  { "\"\\\"\\\\\\b\\f\\n\\r\\t\"", GIVES ("\"\\\b\f\n\r\t"), NULL },
  { "\"\\/\"", GIVES ("/"), "\"/\"" },
  { "\"\\u0000\\u001f\\u007f\"", GIVES ("\0\x1f\x7f"), NULL },
  { "\"\\u0041\"", GIVES ("A"), "\"A\"" },
  { "\"\\u00AF\"", GIVES ("\xc2\xaf"), "\"\\u00af\"" },
  { "\"\\u07ff\\u0800\\uffff\"", GIVES ("\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"), NULL },
  { "\"\\ud800\\udc00\\udbff\\udfff\"", GIVES ("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), NULL },
  { "\"\\ud800\"", GIVES ("\xed\xa0\x80"), NULL },
  { "\"\\udfff\"", GIVES ("\xed\xbf\xbf"), NULL },
  { "\"\\ud800\\ud801\\udc01\\udc02\"", GIVES ("\xed\xa0\x80\xf0\x90\x90\x81\xed\xb0\x82"), NULL },
  { "\"\\ud800\\n\\udc00\"", GIVES ("\xed\xa0\x80\n\xed\xb0\x80"), NULL },
  { "\"\x7f\xc3\xa9\"", GIVES ("\x7f\xc3\xa9"), "\"\\u007f\\u00e9\"" },
  { "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"", GIVES ("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
    "\"\\ud800\\udc00\\udbff\\udfff\"" },
  { "\"", REFUSED (J001, 1), NULL },
  { "\"abc", REFUSED (J001, 4), NULL },
  { "\"a\\", REFUSED (J001, 3), NULL },
  { "\"a\x1f\"", REFUSED (J004, 2), NULL },
  { "\"a\\a\"", REFUSED (J005, 2), NULL },
  { "\"\\u00g0\"", REFUSED (J005, 1), NULL },
  { "\"\\u00", REFUSED (J005, 1), NULL },
  { "\"\\ud800\\u12\"", REFUSED (J005, 7), NULL },
  { "\"\x80\"", REFUSED (J003, 1), NULL },
  { "\"\xc1\xbf\"", REFUSED (J003, 1), NULL },
  { "\"\xe0\x9f\xbf\"", REFUSED (J003, 1), NULL },
  { "\"\xed\xa0\x80\"", REFUSED (J003, 1), NULL },
  { "\"\xf0\x8f\xbf\xbf\"", REFUSED (J003, 1), NULL },
  { "\"\xf4\x90\x80\x80\"", REFUSED (J003, 1), NULL },
  { "\"\xf8\x88\x80\x80\x80\"", REFUSED (J003, 1), NULL },
  { "\"\xe2\x82", REFUSED (J003, 1), NULL },
};

static void
check_read (const StringCase *c, const char *copy, size_t len)
{
  Pt2Arena arena;
  Pt2String text;
  Pt2JsonFault fault;
  bool escaped;
  pt2_arena_init (&arena, 1 << 20, 0);
  const char *scanned = pt2_json_scan_string (copy, copy + len, &escaped, &fault);
  const char *read = pt2_json_read_string (&arena, copy, copy + len, &text, &fault);
  ck_assert_ptr_eq (scanned, read);
  ck_assert_msg ((read != NULL) == (c->text != NULL), "%s", c->json);
  if (read != NULL)
    {
      ck_assert_ptr_eq (read, copy + len);
      ck_assert_int_eq (escaped, strchr (c->json, '\\') != NULL);
      ck_assert_msg (text.len == c->text_len && memcmp (text.data, c->text, text.len) == 0, "%s", c->json);
      /* What needs no unescaping is not copied. */
      ck_assert (escaped || text.data == copy + 1);
    }
  else
    {
      ck_assert_str_eq (pt2_error_code_id (fault.code), pt2_error_code_id (c->code));
      ck_assert_msg (fault.at == copy + c->at, "%s: fault at %d", c->json, (int)(fault.at - copy));
    }
  pt2_arena_clear (&arena);
}

START_TEST (reading_strings)
{
  const StringCase *c = &strings[_i];
  g_autofree char *copy = exact_copy (c->json, strlen (c->json));
  check_read (c, copy, strlen (c->json));
}
END_TEST

START_TEST (writing_strings)
{
  const StringCase *c = &strings[_i];
  const char *wanted = c->written != NULL ? c->written : c->json;
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2JsonFault fault;
  if (c->text == NULL)
    return;
  g_autofree char *copy = exact_copy (c->text, c->text_len);
  ck_assert (pt2_json_write_string (&out, copy, c->text_len, &fault));
  ck_assert (pt2_json_write_escaped (&out, copy, c->text_len, &fault));
  size_t len = strlen (wanted);
  ck_assert_uint_eq (pt2_buffer_len (&out), 2 * len);
  ck_assert_msg (memcmp (out.data, wanted, len) == 0, "wrote %.*s", (int)len, out.data);
  ck_assert (memcmp (out.data + len, wanted, len) == 0);
  pt2_buffer_clear (&out);
}
END_TEST

/* Texts that JSON cannot hold so that they come back. */
START_TEST (what_is_not_text)
{
  static const char *const bad[] = {
    "\x80",
    "\xff",
    "\xc3",
    "\xc0\x80",
    "\xe2\x82",
    "\xe0\x80\x80",
    "\xf4\x90\x80\x80",
    "\xf8\x88\x80\x80\x80",
    "a\xc3",
    "\xed\xa0\x80\xed\xb0\x80", /* two surrogates that would be read as one character */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    for (size_t before = 0; before < 70; before += 23)
      {
        g_autofree char *plain = g_strnfill (before, 'a');
        g_autofree char *text = g_strconcat (plain, bad[i], NULL);
        Pt2Buffer out = PT2_BUFFER_INIT;
        Pt2JsonFault fault;
        ck_assert (!pt2_json_write_string (&out, text, strlen (text), &fault));
        ck_assert_int_eq (fault.code, PT2_ERROR_J015);
        pt2_buffer_clear (&out);
      }
}
END_TEST

/* Where the writer's parts and the arena's blocks end makes no difference. */
START_TEST (strings_of_any_length)
{
  static const char *const pieces[][2] = {
    { "a", "a" },
    { "\n", "\\n" },
    { "\x7f", "\\u007f" },
    { "\xc3\xa9", "\\u00e9" },
    { "\xed\xb0\x80", "\\udc00" },
    { "\xf0\x9f\x98\x80", "\\ud83d\\ude00" },
  };
  for (size_t kind = 0; kind < G_N_ELEMENTS (pieces); kind++)
    for (unsigned before = 0; before < 9000; before += before < 40 || (before > 4060 && before < 4110) ? 1 : 97)
      {
        GString *text = g_string_new (""), *json = g_string_new ("\"");
        for (unsigned i = 0; i < before; i++)
          g_string_append_c (text, 'b');
        g_string_append (json, text->str);
        for (unsigned i = 0; i < 20; i++)
          {
            g_string_append (text, pieces[kind][0]);
            g_string_append (json, pieces[kind][1]);
          }
        g_string_append_c (json, '"');
        Pt2Buffer out = PT2_BUFFER_INIT;
        Pt2JsonFault fault;
        ck_assert (pt2_json_write_string (&out, text->str, text->len, &fault));
        ck_assert (pt2_buffer_len (&out) == json->len && memcmp (out.data, json->str, json->len) == 0);
        pt2_buffer_clear (&out);

        Pt2Arena arena;
        Pt2String read;
        pt2_arena_init (&arena, 1 << 20, 0);
        for (unsigned round = 0; round < 3; round++)
          {
            g_autofree char *copy = exact_copy (json->str, json->len);
            ck_assert_ptr_eq (pt2_json_read_string (&arena, copy, copy + json->len, &read, &fault), copy + json->len);
            ck_assert (read.len == text->len && memcmp (read.data, text->str, text->len) == 0);
          }
        pt2_arena_clear (&arena);
        g_string_free (text, TRUE);
        g_string_free (json, TRUE);
      }
}
END_TEST

START_TEST (no_memory_for_a_text)
{
  Pt2Arena arena;
  Pt2String text;
  Pt2JsonFault fault;
  g_autofree char *json = g_strdup_printf ("\"\\n%0100d\"", 0);
  pt2_arena_init (&arena, 64, 0);
  ck_assert_ptr_null (pt2_json_read_string (&arena, json, json + strlen (json), &text, &fault));
  ck_assert_int_eq (fault.code, PT2_ERROR_L003);
  pt2_arena_clear (&arena);
}
END_TEST

/* ---- skipping ---- */

typedef struct
{
  const char *text;
  int behind; /* -1: refused */
  Pt2ErrorCode code;
  int at;
} SkipCase;

static const SkipCase skips[] = {
  { "1", 1, 0, 0 },
  { "-0.5e+10,", 8, 0, 0 },
  { "\"a\\n\" ", 5, 0, 0 },
  { "true", 4, 0, 0 },
  { "falsehood", 5, 0, 0 },
  { "null]", 4, 0, 0 },
  { "NaN", 3, 0, 0 },
  { "-Infinity", 9, 0, 0 },
  { "[]", 2, 0, 0 },
  { "{ }x", 3, 0, 0 },
  { "[1, [ ], {\"a\" : [null]} ] ", 25, 0, 0 },
  { "{\"a\":{\"b\":{}},\"c\":1}", 20, 0, 0 },
  { "[[[]]]", 6, 0, 0 }, /* as deep as it may be */
  { "[[[[]]]]", -1, PT2_ERROR_L002, 3 },
  { "[{\"a\": [1, {}]}]", -1, PT2_ERROR_L002, 11 },
  { "", -1, PT2_ERROR_J001, 0 },
  { "[", -1, PT2_ERROR_J001, 1 },
  { "[1", -1, PT2_ERROR_J001, 2 },
  { "[1,", -1, PT2_ERROR_J001, 3 },
  { "{", -1, PT2_ERROR_J001, 1 },
  { "{\"a", -1, PT2_ERROR_J001, 3 },
  { "{\"a\"", -1, PT2_ERROR_J001, 4 },
  { "{\"a\":", -1, PT2_ERROR_J001, 5 },
  { "{\"a\":t", -1, PT2_ERROR_J001, 5 },
  { "{\"a\":1", -1, PT2_ERROR_J001, 6 },
  { "x", -1, PT2_ERROR_J002, 0 },
  { "]", -1, PT2_ERROR_J002, 0 },
  { "[,]", -1, PT2_ERROR_J002, 1 },
  { "[1,]", -1, PT2_ERROR_J002, 3 },
  { "[1}", -1, PT2_ERROR_J002, 2 },
  { "{]", -1, PT2_ERROR_J002, 1 },
  { "{\"a\"}", -1, PT2_ERROR_J002, 4 },
  { "{\"a\":}", -1, PT2_ERROR_J002, 5 },
  { "{\"a\":1,}", -1, PT2_ERROR_J002, 7 },
  { "{\"a\":1]", -1, PT2_ERROR_J002, 6 },
  { "{1:1}", -1, PT2_ERROR_J002, 1 },
  { "[nul]", -1, PT2_ERROR_J002, 1 },
  { "[\"\xff\"]", -1, PT2_ERROR_J003, 2 },
  { "[01]", -1, PT2_ERROR_J006, 1 },
  { "-", -1, PT2_ERROR_J001, 1 },
  { "-x", -1, PT2_ERROR_J006, 0 },
};

START_TEST (skipping)
{
  const SkipCase *c = &skips[_i];
  size_t len = strlen (c->text);
  g_autofree char *copy = exact_copy (c->text, len);
  Pt2JsonFault fault = { PT2_ERROR_NONE, copy, "" };
  const char *behind = pt2_json_skip (copy, copy + len, 3, &fault);
  ck_assert_msg ((behind != NULL ? behind - copy : -1) == c->behind, "%s", c->text);
  if (behind == NULL)
    ck_assert_msg (fault.code == c->code && fault.at == copy + c->at, "%s: %s at %d", c->text,
                   pt2_error_code_id (fault.code), (int)(fault.at - copy));
}
END_TEST

/* Skipping does not recurse, but its memory of the levels ends. */
START_TEST (skipping_the_deepest)
{
  for (int object = 0; object < 2; object++)
    for (unsigned more = 0; more < 2; more++)
      {
        GString *text = g_string_new ("");
        for (unsigned i = 0; i < PT2_JSON_DEEPEST + more; i++)
          g_string_append (text, object ? "{\"\":" : "[");
        g_string_append (text, "1");
        for (unsigned i = 0; i < PT2_JSON_DEEPEST + more; i++)
          g_string_append_c (text, object ? '}' : ']');
        Pt2JsonFault fault;
        const char *end = text->str + text->len, *behind = pt2_json_skip (text->str, end, UINT64_MAX, &fault);
        ck_assert_ptr_eq (behind, more ? NULL : end);
        ck_assert (!more || fault.code == PT2_ERROR_L002);
        g_string_free (text, TRUE);
      }
}
END_TEST

START_TEST (scanning_numbers)
{
  static const struct
  {
    const char *text;
    int behind;
    bool integer;
  } cases[] = { { "0", 1, true },          { "-12x", 3, true },  { "1.5", 3, false }, { "1e5", 3, false },
                { "NaN", 3, false },       { "01", -1, false },  { "1.", -1, false }, { "1e", -1, false },
                { "-Infinity", 9, false }, { "-NaN", -1, false } };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      bool integer;
      Pt2JsonFault fault;
      const char *text = cases[i].text, *behind = pt2_json_scan_number (text, text + strlen (text), &integer, &fault);
      ck_assert_int_eq (behind != NULL ? behind - text : -1, cases[i].behind);
      ck_assert (behind == NULL || integer == cases[i].integer);
      ck_assert (behind != NULL || fault.code == PT2_ERROR_J006);
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { blanks, 1 },
    { descriptions, 1 },
    { the_start, 1 },
    { plain_runs, 1 },
    { reading_strings, G_N_ELEMENTS (strings) },
    { writing_strings, G_N_ELEMENTS (strings) },
    { what_is_not_text, 1 },
    { strings_of_any_length, 1 },
    { no_memory_for_a_text, 1 },
    { skipping, G_N_ELEMENTS (skips) },
    { skipping_the_deepest, 1 },
    { scanning_numbers, 1 },
  };
  return RUN_SUITE ("json_text", cases);
}
