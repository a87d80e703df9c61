/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/json_read: every spelling that Python's reader takes is read, each fault has its id, place and path, and
 * what the schema does not know comes out of the writer byte for byte, by way of compact too.
 */
#include "every_construct.h"
#include "json_help.h"
#include "suite.h"

extern const Pt2Schema every_schema;

/* ---- spellings ---- */

typedef struct
{
  const char *type;
  const char *text;
  const char *written; /* NULL: as TEXT */
} Sound;

#define SCALARS(large, real, text, blob)                                                                               \
  "{\"yes\": true, \"tiny\": -128, \"small\": 32767, \"medium\": -2147483648, \"large\": " large ", \"real\": " real   \
  ", \"text\": " text ", \"blob\": " blob ", \"colour\": 5, \"ticks\": 0}"
#define MAYBE(yes, tiny, medium, large, real, text, colour, numbers, table)                                            \
  "{\"yes\": " yes ", \"tiny\": " tiny ", \"medium\": " medium ", \"large\": " large ", \"real\": " real               \
  ", \"text\": " text ", \"colour\": " colour ", \"numbers\": " numbers ", \"table\": " table "}"

static const Sound sound[] = {
  { "Leaf", "{\"name\": \"a\"}", NULL },
  { "Leaf", "{\"name\": \"a\", \"weight\": 13}", NULL },
  { "Leaf", "{\"name\": \"a\", \"weight\": null}", "{\"name\": \"a\"}" },
  { "Empty", "{}", NULL },
  { "Empty", " \t\r\n{ \n} \n", "{}" },
  /* order and spacing */
  { "Leaf", "{\"weight\": 13, \"name\": \"a\"}", "{\"name\": \"a\", \"weight\": 13}" },
  { "Leaf", "{\"name\":\"a\",\"weight\":13}", "{\"name\": \"a\", \"weight\": 13}" },
  { "Leaf", "\n{\t\"name\" : \"a\"\r\n,\n\"weight\"  :13\t}\n", "{\"name\": \"a\", \"weight\": 13}" },
  { "Leaf", "{\"name\":  \"a\", \"weight\": \n 13}", "{\"name\": \"a\", \"weight\": 13}" },
  { "Choice", "{\"number\":  5}", "{\"number\": 5}" },
  { "Leaf", "{\"name\": \"a\" , \"weight\": 13 }", "{\"name\": \"a\", \"weight\": 13}" },
  /* keys with escapes */
  { "Leaf", "{\"\\u006eame\": \"a\", \"weig\\u0068t\": 13}", "{\"name\": \"a\", \"weight\": 13}" },
  { "Choice", "{\"re\\u0061l\": 1}", "{\"real\": 1.0}" },
  { "Choice", "{\"number\":5}", "{\"number\": 5}" },
  { "Choice", " { \"number\" : 5 } ", "{\"number\": 5}" },
  /* integers */
  { "Choice", "{\"number\": 9223372036854775807}", NULL },
  { "Choice", "{\"number\": -9223372036854775808}", NULL },
  { "Choice", "{\"number\": 999999999999999999}", NULL },
  { "Choice", "{\"number\": -0}", "{\"number\": 0}" },
  /* doubles, and what Python's float() makes of texts */
  { "Choice", "{\"real\": 3}", "{\"real\": 3.0}" },
  { "Choice", "{\"real\": -0}", "{\"real\": 0.0}" },
  { "Choice", "{\"real\": -0.0}", NULL },
  { "Choice", "{\"real\": 1E5}", "{\"real\": 100000.0}" },
  { "Choice", "{\"real\": 1e999}", "{\"real\": \"Infinity\"}" },
  { "Choice", "{\"real\": 123456789012345678901234567890}", "{\"real\": 1.2345678901234568e+29}" },
  { "Choice", "{\"real\": NaN}", "{\"real\": \"NaN\"}" },
  { "Choice", "{\"real\": Infinity}", "{\"real\": \"Infinity\"}" },
  { "Choice", "{\"real\": -Infinity}", "{\"real\": \"-Infinity\"}" },
  { "Choice", "{\"real\": \"NaN\"}", NULL },
  { "Choice", "{\"real\": \"Infinity\"}", NULL },
  { "Choice", "{\"real\": \"-Infinity\"}", NULL },
  { "Choice", "{\"real\": \" -inf\\n\"}", "{\"real\": \"-Infinity\"}" },
  { "Choice", "{\"real\": \"1_0.5\"}", "{\"real\": 10.5}" },
  /* a bool that only says "chosen" */
  { "Choice", "{\"unit\": true}", NULL },
  { "Choice", "{\"unit\": false}", NULL },
  { "Choice", "{\"unit\": []}", "{\"unit\": true}" },
  { "Choice", "{\"unit\": [ ]}", "{\"unit\": true}" },
  /* enums that nobody knows are kept */
  { "Choice", "{\"colour\": -3}", NULL },
  { "Choice", "{\"colour\": 77}", NULL },
  /* texts */
  { "Choice", "{\"text\": \"\"}", NULL },
  { "Choice", "{\"text\": \"\\u00e9\\ud83d\\ude00\\u007f\\u0000\\\"\\\\/\\b\\f\\n\\r\\t\"}", NULL },
  { "Choice", "{\"text\": \"\xc3\xa9\xf0\x9f\x98\x80\x7f\\/\"}", "{\"text\": \"\\u00e9\\ud83d\\ude00\\u007f/\"}" },
  { "Choice", "{\"text\": \"\\uD83D\\uDE00 \\u00E9\"}", "{\"text\": \"\\ud83d\\ude00 \\u00e9\"}" },
  { "Choice", "{\"text\": \"\\ud800\"}", NULL },
  { "Choice", "{\"text\": \"\\udc00\\ud800\"}", NULL },
  { "Choice", "{\"text\": \"\\ud800\\ud800\\udc00\"}", NULL },
  { "Choice", "{\"text\": \"\\ud800x\\udc00\"}", NULL },
  { "Choice", "{\"text\": \"\\ud800\\u0041\"}", "{\"text\": \"\\ud800A\"}" },
  /* binary */
  { "Choice", "{\"blob\": \"\"}", NULL },
  { "Choice", "{\"blob\": \"/w==\"}", NULL },
  { "Choice", "{\"blob\": \"+/8=\"}", NULL },
  { "Choice", "{\"blob\": \"YWJj\"}", NULL },
  { "Choice", "{\"blob\": \"\\u0059WJj\"}", "{\"blob\": \"YWJj\"}" },
  /* containers */
  { "Containers", "{}", NULL },
  { "Containers", "{\"ints\": []}", NULL },
  { "Containers", "{\"ints\": null, \"texts\": null}", "{}" },
  { "Containers", "{\"ints\":[1 ,2,\n3 ] }", "{\"ints\": [1, 2, 3]}" },
  { "Containers", "{\"bools\": [true, false], \"bytes\": [-128, 127], \"shorts\": [-32768], \"longs\": [0]}", NULL },
  { "Containers", "{\"reals\": [0.1, \"NaN\"], \"texts\": [\"\", \"b\"], \"blobs\": [\"AA==\"], \"colours\": [1, 99]}",
    NULL },
  { "Containers", "{\"nested\": [[], [1], [2, 3]], \"deep\": [{}, {\"k\": [{\"name\": \"x\"}]}]}", NULL },
  { "Containers", "{\"empties\": [{}, {}], \"set_of_texts\": [\"b\", \"a\"], \"set_of_ints\": [2, 1]}", NULL },
  { "Containers", "{\"by_text\": {\"b\": 1, \"\": 2, \"a\\u00e9\": 3}}", NULL },
  { "Containers", "{\"by_text\" : {\"b\":1 ,\"a\" : 2}}", "{\"by_text\": {\"b\": 1, \"a\": 2}}" },
  { "Containers",
    "{\"by_int\": {\"-1\": \"x\", \"5\": \"y\"}, \"by_long\": {\"9223372036854775807\": {\"name\": \"\"}}}", NULL },
  { "Containers", "{\"by_colour\": {\"5\": 0.5, \"44\": 1.0}, \"by_short\": {\"-32768\": true}}", NULL },
  { "Containers", "{\"by_tiny\": {\"-128\": [1, 2], \"127\": []}}", NULL },
  { "Containers", "{\"by_int\": {\"\\u0035\": \"y\"}}", "{\"by_int\": {\"5\": \"y\"}}" },
  { "Containers", "{\"by_blob\": {}, \"by_bool\": {}, \"by_real\": {}}", NULL },
  { "Containers", "{\"by_text_deep\": {\"x\": [[{\"number\": 1}], []]}}", NULL },
  { "Scalars", SCALARS ("1", "0.5", "\"t\"", "\"AA==\""), NULL },
  /* what is missing has its default, the demanded key its null */
  { "Maybe", "{\"large\": null}",
    MAYBE ("true", "-5", "7", "null", "0.5", "\"a \\\"b\\\" \\\\ c\"", "5", "[1, 2]", "{\"one\": 1}") },
  { "Maybe", "{\"large\": 3, \"yes\": false}",
    MAYBE ("false", "-5", "7", "3", "0.5", "\"a \\\"b\\\" \\\\ c\"", "5", "[1, 2]", "{\"one\": 1}") },
};

START_TEST (sound_texts)
{
  const Sound *s = &sound[_i];
  Pt2Document document;
  g_autoptr (GBytes) bytes = bytes_of_text (s->text);
  must_read_text (&document, &every_schema, s->type, bytes);
  ck_assert_uint_eq (document.n_extras[0] + document.n_extras[1], 0);
  pt2_document_clear (&document);
  check_rewrite (&every_schema, s->type, s->text, s->written != NULL ? s->written : s->text);
}
END_TEST

/* Where one byte of a text lies against the steps of 16 and 8 bytes makes no difference. */
START_TEST (texts_of_any_length)
{
  static const char *const odd[] = { "", "\\n", "\\ud800", "\\ud83d\\ude00", "\\u007f" };
  for (size_t kind = 0; kind < G_N_ELEMENTS (odd); kind++)
    for (unsigned before = 0; before < 70; before++)
      for (unsigned behind = 0; behind < 36; behind += 5)
        {
          g_autofree char *a = g_strnfill (before, 'a'), *b = g_strnfill (behind, 'b');
          g_autofree char *text = g_strdup_printf ("{\"text\": \"%s%s%s\"}", a, odd[kind], b);
          g_autoptr (GBytes) bytes = bytes_of_text (text);
          g_autoptr (GBytes) written = rewrite (&every_schema, "Choice", bytes, false);
          same_text (written, bytes, text);
        }
}
END_TEST

/* ---- what the schema does not know ---- */

static const char *const values[] = {
  "null",
  "true",
  "false",
  "0",
  "-0",
  "-1.50E+009",
  "NaN",
  "-Infinity",
  "123456789012345678901234567890123456789012345678901234567890",
  "\"\"",
  "\"text \\u00E9 \\/ \\ud800 \xc3\xa9\"",
  "[]",
  "{}",
  "[ ]",
  "[1 ,2,\n[ {\"a\"\t: [ ] } ] ]",
  "{\"a\":{\"b\":\t{\"c\" : null}}, \"a \\\"\": [0]}",
  "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]",
};

/* First, in the middle and last; in a struct, an item, a map's value and a member. */
START_TEST (unknown_keys_come_out_where_they_were)
{
  const char *value = values[_i];
  static const char *const around[][3] = {
    { "Empty", "{", "}" },
    { "Leaf", "{", ", \"name\": \"a\", \"weight\": 1}" },
    { "Leaf", "{\"name\": \"a\", ", ", \"weight\": 1}" },
    { "Leaf", "{\"name\": \"a\", \"weight\": 1, ", "}" },
    { "Containers", "{\"leaves\": [{\"name\": \"a\", ", "}, {\"name\": \"b\"}]}" },
    { "Containers", "{\"by_long\": {\"7\": {", ", \"name\": \"a\"}}}" },
    { "Choice", "{\"leaf\": {", ", \"name\": \"a\"}}" },
    { "Choice", "{\"empty\": {", "}}" },
  };
  static const char *const keys[] = { "\"x\"", "\"n\\u00e9 \\\"\"", "\"\"", "\"names\"", "\"Name\"" };
  for (size_t i = 0; i < G_N_ELEMENTS (around); i++)
    for (size_t key = 0; key < G_N_ELEMENTS (keys); key++)
      {
        g_autofree char *one = g_strconcat (around[i][1], keys[key], ": ", value, around[i][2], NULL);
        check_rewrite (&every_schema, around[i][0], one, one);
        g_autofree char *two = g_strconcat (around[i][1], "\"_\": [ ], ", keys[key], ": ", value, around[i][2], NULL);
        check_rewrite (&every_schema, around[i][0], two, two);
      }
}
END_TEST

START_TEST (unknown_members_are_kept)
{
  for (int inner = 0; inner < 2; inner++)
    {
      const char *head = inner ? "{\"many\": [{\"number\": 1}, " : "", *tail = inner ? ", {\"unit\": true}]}" : "";
      g_autofree char *text = g_strconcat (head, "{\"as_y\\u0065t\": ", values[_i], "}", tail, NULL);
      Pt2Document document;
      g_autoptr (GBytes) bytes = bytes_of_text (text);
      must_read_text (&document, &every_schema, "Choice", bytes);
      const EveryChoice *choice = document.root;
      ck_assert_uint_eq (inner ? choice->many.items[1].which : choice->which, PT2_UNKNOWN_MEMBER);
      ck_assert_uint_eq (document.n_extras[PT2_EXTRA_JSON], 1);
      pt2_document_clear (&document);
      check_rewrite (&every_schema, "Choice", text, text);
    }
}
END_TEST

/* Python knows no limit of 64 bits. */
START_TEST (large_integers_are_kept)
{
  static const char *const numbers[]
      = { "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890" };
  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *member = g_strdup_printf ("{\"number\": %s}", numbers[i]);
      check_rewrite (&every_schema, "Choice", member, member);
      g_autofree char *one = g_strdup_printf (SCALARS ("%s", "0.5", "\"t\"", "\"AA==\""), numbers[i]);
      check_rewrite (&every_schema, "Scalars", one, one);
      g_autofree char *scattered
          = g_strdup_printf ("{\"last\": \"l\", \"far\": %s, \"first\": \"f\", \"a\": 0}", numbers[i]);
      check_rewrite (&every_schema, "Scattered", scattered, scattered);
      g_autofree char *optional
          = g_strdup_printf (MAYBE ("true", "-5", "7", "%s", "0.5", "\"\"", "5", "[]", "{}"), numbers[i]);
      check_rewrite (&every_schema, "Maybe", optional, optional);
    }
  /* Two in one struct: neither is a key that stands twice. */
  static const char range[] = "{\"min_val\": -9223372036854775809, \"max_val\": 9223372036854775808}";
  check_rewrite (&pt2_export_schema, "RangeConstraint", range, range);
  static const char range_and_more[] = "{\"min_val\": 0, \"max_val\": 9223372036854775808, \"other\": 1}";
  check_rewrite (&pt2_export_schema, "RangeConstraint", range_and_more, range_and_more);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { sound_texts, G_N_ELEMENTS (sound) },
    { texts_of_any_length, 1 },
    { unknown_keys_come_out_where_they_were, G_N_ELEMENTS (values) },
    { unknown_members_are_kept, G_N_ELEMENTS (values) },
    { large_integers_are_kept, 1 },
  };
  return RUN_SUITE ("json_read", cases);
}
