/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/json_read: each fault has its id, place and path, and no text takes more depth or memory than it may. */
#include "every_construct.h"
#include "json_help.h"
#include "suite.h"

extern const Pt2Schema every_schema;

/* ---- faults ---- */

typedef struct
{
  const char *type;
  const char *text;
  const char *id;
  uint64_t offset;
  const char *path;
} Fault;

static const Fault faults[] = {
  { "Leaf", "", "PT2-J001", 0, "" },
  { "Leaf", "  ", "PT2-J001", 2, "" },
  { "Leaf", "{", "PT2-J001", 1, "" },
  { "Leaf", "{\"name", "PT2-J001", 6, "" },
  { "Leaf", "{\"name\\", "PT2-J001", 7, "" },
  { "Leaf", "{\"name\"", "PT2-J001", 7, "" },
  { "Leaf", "{\"name\":", "PT2-J001", 8, "name" },
  { "Leaf", "{\"name\": \"a", "PT2-J001", 11, "name" },
  { "Leaf", "{\"name\": \"a\"", "PT2-J001", 12, "" },
  { "Leaf", "{\"name\": \"a\",", "PT2-J001", 13, "" },
  { "Leaf", "{\"name\": \"a\", \"weight\": 1", "PT2-J001", 25, "" },
  { "Leaf", "{\"name\": \"a\", \"weight\": -", "PT2-J001", 25, "weight" },
  { "Leaf", "{\"name\": \"a\", \"weight\": nul", "PT2-J001", 24, "weight" },
  { "Choice", "{\"unit\": [", "PT2-J001", 10, "unit" },
  { "Choice", "{\"unit\": tru", "PT2-J001", 9, "unit" },
  { "Choice", "{\"unit\": true", "PT2-J001", 13, "" },
  { "Containers", "{\"ints\": [1, ", "PT2-J001", 13, "ints[1]" },
  { "Empty", "{\"a\": fals", "PT2-J001", 6, "" },
  { "Empty", "{\"a\": [{\"b\": 1", "PT2-J001", 14, "" },

  { "Leaf", "x", "PT2-J002", 0, "" },
  { "Leaf", "{,}", "PT2-J002", 1, "" },
  { "Leaf", "{name: 1}", "PT2-J002", 1, "" },
  { "Leaf", "{\"name\" \"a\"}", "PT2-J002", 8, "" },
  { "Leaf", "{\"name\": }", "PT2-J002", 9, "name" },
  { "Leaf", "{\"name\": \"a\" \"weight\": 1}", "PT2-J002", 13, "" },
  { "Leaf", "{\"name\": \"a\",}", "PT2-J002", 13, "" },
  { "Leaf", "{\"name\": \"a\", }", "PT2-J002", 14, "" },
  { "Leaf", "{\"name\": \"a\"]", "PT2-J002", 12, "" },
  { "Leaf", "{\"name\": \"a\", \"weight\": 1x}", "PT2-J002", 25, "" },
  { "Leaf", "{\"name\": \"a\", \"weight\": nullx}", "PT2-J002", 28, "" },
  { "Choice", "{\"unit\": trux}", "PT2-J002", 9, "unit" },
  { "Choice", "{\"unit\": truex}", "PT2-J002", 13, "" },
  { "Containers", "{\"ints\": [1 2]}", "PT2-J002", 12, "ints" },
  { "Containers", "{\"ints\": [1,]}", "PT2-J002", 12, "ints[1]" },
  { "Containers", "{\"ints\": [,]}", "PT2-J002", 10, "ints[0]" },
  { "Containers", "{\"by_text\": {\"a\" 1}}", "PT2-J002", 17, "by_text" },
  { "Containers", "{\"by_text\": {1: 1}}", "PT2-J002", 13, "by_text" },
  { "Containers", "{\"by_text\": {\"a\": 1]}", "PT2-J002", 19, "by_text" },
  { "Empty", "{\"a\": [1,]}", "PT2-J002", 9, "" },
  { "Empty", "{\"a\": {\"b\" 1}}", "PT2-J002", 11, "" },
  { "Empty", "{\"a\": {1: 1}}", "PT2-J002", 7, "" },
  { "Empty", "{\"a\": [1}}", "PT2-J002", 8, "" },
  { "Empty", "{\"a\": 'x'}", "PT2-J002", 6, "" },
  { "Empty", "{\"a\": nulls}", "PT2-J002", 10, "" },

  { "Choice", "{\"text\": \"\xff\"}", "PT2-J003", 10, "text" },
  { "Choice", "{\"text\": \"abcdefghijklmnopqrst\xc0\x80\"}", "PT2-J003", 30, "text" },
  { "Choice", "{\"text\": \"\xe0\x80\x80\"}", "PT2-J003", 10, "text" },
  { "Choice", "{\"text\": \"\xed\xa0\x80\"}", "PT2-J003", 10, "text" }, /* a surrogate as bytes */
  { "Choice", "{\"text\": \"\xf4\x90\x80\x80\"}", "PT2-J003", 10, "text" },
  { "Choice", "{\"text\": \"\xc3\"}", "PT2-J003", 10, "text" },
  { "Choice", "{\"text\": \"\\n\xe2\x82\"}", "PT2-J003", 12, "text" },
  { "Choice", "{\"te\xff\": 1}", "PT2-J003", 4, "" },
  { "Empty", "{\"a\": \"\x80\"}", "PT2-J003", 7, "" },

  { "Choice", "{\"text\": \"a\nb\"}", "PT2-J004", 11, "text" },
  { "Choice", "{\"text\": \"\\n\x1f\"}", "PT2-J004", 12, "text" },
  { "Choice", "{\"text\": \"0123456789abcdef\t\"}", "PT2-J004", 26, "text" },
  { "Empty", "{\"a\x01\": 1}", "PT2-J004", 3, "" },

  { "Choice", "{\"text\": \"\\x\"}", "PT2-J005", 10, "text" },
  { "Choice", "{\"text\": \"a\\u12g4\"}", "PT2-J005", 11, "text" },
  { "Choice", "{\"text\": \"\\u123\"}", "PT2-J005", 10, "text" },
  { "Choice", "{\"text\": \"\\U0041\"}", "PT2-J005", 10, "text" },
  { "Empty", "{\"a\": [\"\\'\"]}", "PT2-J005", 8, "" },

  { "Choice", "{\"number\": 01}", "PT2-J006", 11, "number" },
  { "Choice", "{\"number\": -x}", "PT2-J006", 11, "number" },
  { "Choice", "{\"number\": 1.}", "PT2-J006", 11, "number" },
  { "Choice", "{\"real\": 1.e5}", "PT2-J006", 9, "real" },
  { "Choice", "{\"real\": 1e}", "PT2-J006", 9, "real" },
  { "Choice", "{\"real\": 1e+}", "PT2-J006", 9, "real" },
  { "Choice", "{\"real\": -NaN}", "PT2-J006", 9, "real" },
  { "Choice", "{\"real\": Infinite}", "PT2-J006", 9, "real" },
  { "Choice", "{\"real\": -00}", "PT2-J006", 9, "real" },
  { "Empty", "{\"a\": 1.}", "PT2-J006", 6, "" },
  { "Empty", "{\"a\": [-]}", "PT2-J006", 7, "" },

  { "Leaf", "\xef\xbb\xbf{\"name\": \"a\"}", "PT2-J007", 0, "" },

  { "Empty", "{} {}", "PT2-J008", 3, "" },
  { "Empty", "{}x", "PT2-J008", 2, "" },
  { "Empty", "{}\v", "PT2-J008", 2, "" },
  { "Choice", "{\"number\": 1}}", "PT2-J008", 13, "" },

  { "Leaf", "[]", "PT2-J009", 0, "" },
  { "Leaf", "{\"name\": 1}", "PT2-J009", 9, "name" },
  { "Leaf", "{\"name\": [\"a\"]}", "PT2-J009", 9, "name" },
  { "Leaf", "{\"name\": \"a\", \"weight\": \"13\"}", "PT2-J009", 24, "weight" },
  { "Leaf", "{\"name\": \"a\", \"weight\": 1.5}", "PT2-J009", 24, "weight" },
  { "Leaf", "{\"name\": \"a\", \"weight\": 1.0}", "PT2-J009", 24, "weight" },
  { "Leaf", "{\"name\": \"a\", \"weight\": 2147483648}", "PT2-J009", 24, "weight" },
  { "Leaf", "{\"name\": \"a\", \"weight\": NaN}", "PT2-J009", 24, "weight" },
  { "Choice", "{\"number\": true}", "PT2-J009", 11, "number" },
  { "Choice", "{\"number\": 1e5}", "PT2-J009", 11, "number" },
  { "Choice", "{\"real\": true}", "PT2-J009", 9, "real" },
  { "Choice", "{\"real\": \"one\"}", "PT2-J009", 9, "real" },
  { "Choice", "{\"real\": \"\"}", "PT2-J009", 9, "real" },
  { "Choice", "{\"colour\": \"RED\"}", "PT2-J009", 11, "colour" },
  { "Choice", "{\"colour\": 4294967297}", "PT2-J009", 11, "colour" },
  { "Choice", "{\"tiny\": 128}", "PT2-J009", 9, "tiny" },
  { "Choice", "{\"small\": -32769}", "PT2-J009", 10, "small" },
  { "Choice", "{\"unit\": 1}", "PT2-J009", 9, "unit" },
  { "Choice", "{\"unit\": [1]}", "PT2-J009", 9, "unit" },
  { "Choice", "{\"unit\": {}}", "PT2-J009", 9, "unit" },
  { "Choice", "{\"leaf\": []}", "PT2-J009", 9, "leaf" },
  { "Choice", "{\"inner\": 1}", "PT2-J009", 10, "inner" },
  { "Choice", "{\"many\": {}}", "PT2-J009", 9, "many" },
  { "Choice", "{\"named\": []}", "PT2-J009", 10, "named" },
  { "Choice", "{\"blob\": 1}", "PT2-J009", 9, "blob" },
  { "Containers", "{\"bools\": [1]}", "PT2-J009", 11, "bools[0]" },
  { "Containers", "{\"longs\": [0, 9223372036854775808]}", "PT2-J009", 14, "longs[1]" },
  { "Containers", "{\"by_text\": {\"a\": -9223372036854775809}}", "PT2-J009", 18, "by_text[\"a\"]" },
  { "Containers", "{\"by_int\": {\"x\": \"\"}}", "PT2-J009", 12, "by_int" },
  { "Containers", "{\"by_int\": {\"\": \"\"}}", "PT2-J009", 12, "by_int" },
  { "Containers", "{\"by_int\": {\"1 \": \"\"}}", "PT2-J009", 12, "by_int" },
  { "Containers", "{\"by_int\": {\"2147483648\": \"\"}}", "PT2-J009", 12, "by_int" },
  { "Containers", "{\"by_int\": {\"1.0\": \"\"}}", "PT2-J009", 12, "by_int" },
  { "Choice",
    "{\"real\": 1" /* an integer beyond any double: Python's float() refuses it */
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000}",
    "PT2-J009", 9, "real" },

  { "Leaf", "{\"name\": null}", "PT2-J010", 9, "name" },
  { "Choice", "{\"number\": null}", "PT2-J010", 11, "number" },
  { "Choice", "{\"unit\": null}", "PT2-J010", 9, "unit" },
  { "Containers", "{\"ints\": [null]}", "PT2-J010", 10, "ints[0]" },
  { "Containers", "{\"leaves\": [{\"name\": \"\"}, null]}", "PT2-J010", 26, "leaves[1]" },
  { "Containers", "{\"by_text\": {\"a\": null}}", "PT2-J010", 18, "by_text[\"a\"]" },
  { "Leaf", "null", "PT2-J010", 0, "" },

  { "Leaf", "{}", "PT2-J011", 1, "" },
  { "Leaf", "{\"weight\": 1}", "PT2-J011", 12, "" },
  { "Maybe", "{\"yes\": true}", "PT2-J011", 12, "" }, /* its null_key */
  { "Containers", "{\"leaves\": [{\"name\": \"\"}, {}]}", "PT2-J011", 27, "leaves[1]" },

  { "Leaf", "{\"name\": \"a\", \"name\": \"a\"}", "PT2-J012", 22, "name" },
  { "Leaf", "{\"name\": \"a\", \"weight\": null, \"weight\": 1}", "PT2-J012", 40, "weight" },
  { "Leaf", "{\"name\": \"a\", \"n\\u0061me\": \"a\"}", "PT2-J012", 27, "name" },
  { "Empty", "{\"a\": 1, \"b\": 2, \"a\": 1}", "PT2-J012", 23, "[\"a\"]" },
  { "Empty", "{\"a\": 1, \"\\u0061\": 2}", "PT2-J012", 20, "[\"a\"]" },
  { "Containers", "{\"by_text\": {\"a\": 1, \"a\": 2}}", "PT2-J012", 12, "by_text[\"a\"]" },
  { "Containers", "{\"by_text\": {\"a\": 1, \"\\u0061\": 2}}", "PT2-J012", 12, "by_text[\"a\"]" },
  { "Containers", "{\"by_int\": {\"5\": \"\", \"\\u0035\": \"\"}}", "PT2-J012", 11, "by_int[1]" },
  { "Containers", "{\"by_int\": {\"0\": \"\", \"-0\": \"\"}}", "PT2-J012", 11, "by_int[1]" },

  { "Choice", "{}", "PT2-J013", 0, "" },
  { "Choice", " { }", "PT2-J013", 1, "" },
  { "Choice", "{\"number\": 1, \"real\": 1.0}", "PT2-J013", 0, "" },
  { "Choice", "{\"number\": 1, \"number\": 1}", "PT2-J013", 0, "" },
  { "Choice", "{\"nobody\": 1, \"real\": 1.0}", "PT2-J013", 0, "" },
  { "Containers", "{\"choices\": [{\"number\": 1}, {}]}", "PT2-J013", 28, "choices[1]" },

  { "Choice", "{\"blob\": \"A\"}", "PT2-J019", 9, "blob" },
  { "Choice", "{\"blob\": \"AA= =\"}", "PT2-J019", 9, "blob" },
  { "Choice", "{\"blob\": \"A===\"}", "PT2-J019", 9, "blob" },
  { "Choice", "{\"blob\": \"====\"}", "PT2-J019", 9, "blob" },
  { "Choice", "{\"blob\": \"AA==AA==\"}", "PT2-J019", 9, "blob" },
  { "Choice", "{\"blob\": \"A=AA\"}", "PT2-J019", 9, "blob" },
  { "Choice", "{\"blob\": \"AA-_\"}", "PT2-J019", 9, "blob" },
  { "Choice", "{\"blob\": \"AAA\\u0000\"}", "PT2-J019", 9, "blob" },
  { "Choice", "{\"blob\": \"AB==\"}", "PT2-J019", 9, "blob" }, /* bits that no byte holds */

  { "Containers", "{\"by_blob\": {\"AA==\": 1}}", "PT2-J020", 13, "by_blob" },
  { "Containers", "{\"by_bool\": {\"true\": 1}}", "PT2-J020", 13, "by_bool" },
  { "Containers", "{\"by_real\": {\"1.0\": 1}}", "PT2-J020", 13, "by_real" },

  /* paths through everything */
  { "Containers", "{\"deep\": [{\"k\": [{\"name\": 1}]}]}", "PT2-J009", 26, "deep[0][\"k\"][0].name" },
  { "Containers", "{\"by_text_deep\": {\"x\": [[{\"named\": {\"\\n\": {\"leaf\": 1}}}]]}}", "PT2-J009", 51,
    "by_text_deep[\"x\"][0][0].named[\"\\n\"].leaf" },
};

START_TEST (faults_have_id_place_and_path)
{
  const Fault *f = &faults[_i];
  g_autoptr (GBytes) bytes = bytes_of_text (f->text);
  fails_at (pt2_json_read, &every_schema, f->type, bytes, f->text, f->id, f->offset, f->path);
}
END_TEST

START_TEST (faults_say_what_was_expected)
{
  static const char *const details[][3] = {
    { "Leaf", "{\"name\": 1}", "expected string, found a number" },
    { "Leaf", "{\"name\": {}}", "expected string, found an object" },
    { "Leaf", "{}", "Leaf.name" },
    { "Containers", "{\"longs\": [99999999999999999999]}", "expected an integer of 64 bits, found a larger one" },
    { "Choice", "{\"number\": 1.5}", "expected an integer, found a number with a fraction" },
    { "Choice", "{\"number\": false}", "expected i64, found false" },
    { "Choice", "{}", "Choice" },
    { "Containers", "{\"by_real\": {\"1\": 1}}", "map<double,i32>" },
    { "Leaf", "{\"name\" 1}", "a colon must stand here" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (details); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of_text (details[i][1]);
      fails_with (pt2_json_read, &every_schema, details[i][0], bytes, details[i][2]);
    }
}
END_TEST

/* Lengths have 32 bits. The memory is only claimed: nobody may look at it. */
START_TEST (too_long_a_text)
{
  Pt2Document document;
  Pt2Status status = PT2_STATUS_INIT;
  open_document (&document, &every_schema, "Leaf", 0);
  ck_assert (!pt2_json_read (&document, "{}", UINT32_MAX, pt2_limits_default (), &status));
  ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-J014");
  pt2_document_clear (&document);
}
END_TEST

/* ---- limits ---- */

static Pt2ErrorCode
read_limited (const char *type, GBytes *bytes, const Pt2Limits *limits, Pt2Status *status)
{
  Pt2Document document;
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  *status = (Pt2Status)PT2_STATUS_INIT;
  pt2_document_init (&document, &every_schema, pt2_schema_find_struct (&every_schema, type), limits, len);
  bool fine = pt2_json_read (&document, data, len, limits, status);
  ck_assert (fine == (status->code == PT2_ERROR_NONE));
  ck_assert_uint_le (pt2_arena_bytes (&document.arena), limits->memory);
  pt2_document_clear (&document);
  return status->code;
}

/* HEAD N times, MIDDLE, TAIL N times. */
static GBytes *
nest (const char *head, const char *middle, const char *tail, unsigned n)
{
  GString *all = g_string_new ("");
  for (unsigned i = 0; i < n; i++)
    g_string_append (all, head);
  g_string_append (all, middle);
  for (unsigned i = 0; i < n; i++)
    g_string_append (all, tail);
  return g_string_free_to_bytes (all);
}

typedef struct
{
  const char *type, *head, *middle, *tail;
  unsigned extra; /* levels around and inside those that repeat */
  unsigned each;  /* levels of one repetition */
} Nesting;

static const Nesting nestings[] = {
  { "Choice", "{\"inner\": ", "{\"unit\": true}", "}", 1, 1 },
  { "Choice", "{\"many\": [", "{\"unit\": true}", "]}", 1, 2 },
  { "Choice", "{\"named\": {\"a\": ", "{\"unit\": true}", "}}", 1, 2 },
  { "Tree", "{\"leaf\": {\"name\": \"\"}, \"children\": [], \"named\": {}, \"left\": ",
    "{\"leaf\": {\"name\": \"\"}, \"children\": [], \"named\": {}}", "}", 2, 1 },
  { "Choice", "{\"x\": ", "{\"unit\": true}", "}", 1, 1 }, /* unknown member */
  { "Empty", "{\"x\": ", "{}", "}", 1, 1 },
  { "Empty", "{\"x\": [", "1", "]}", 0, 2 },
};

START_TEST (depth_has_a_limit)
{
  const Nesting *nesting = &nestings[_i];
  for (unsigned n = 1; n < 40; n++)
    {
      Pt2Status status;
      Pt2Limits limits = *pt2_limits_default ();
      g_autoptr (GBytes) bytes = nest (nesting->head, nesting->middle, nesting->tail, n);
      limits.depth = n * nesting->each + nesting->extra;
      ck_assert_int_eq (read_limited (nesting->type, bytes, &limits, &status), PT2_ERROR_NONE);
      limits.depth--;
      ck_assert_str_eq (pt2_error_code_id (read_limited (nesting->type, bytes, &limits, &status)), "PT2-L002");
    }
}
END_TEST

/* The limit may say what it likes: the stack is finite. */
START_TEST (depth_has_an_end)
{
  const Nesting *nesting = &nestings[_i];
  Pt2Status status;
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = UINT64_MAX;
  unsigned most = (PT2_LIMIT_DEPTH_MOST - nesting->extra) / nesting->each;
  g_autoptr (GBytes) deepest = nest (nesting->head, nesting->middle, nesting->tail, most);
  g_autoptr (GBytes) deeper = nest (nesting->head, nesting->middle, nesting->tail, most + 1);
  g_autoptr (GBytes) abyss = nest (nesting->head, "", "", 100000);
  ck_assert_int_eq (read_limited (nesting->type, deepest, &limits, &status), PT2_ERROR_NONE);
  ck_assert_int_eq (read_limited (nesting->type, deeper, &limits, &status), PT2_ERROR_L002);
  ck_assert_int_eq (read_limited (nesting->type, abyss, &limits, &status), PT2_ERROR_L002);
  ck_assert_uint_lt (strlen (status.path), sizeof status.path);
}
END_TEST

/* With less and less memory: L003 until it is enough, then the value. */
START_TEST (memory_has_a_limit)
{
  GString *text = g_string_new ("{\"many\": [");
  for (unsigned i = 0; i < 300; i++)
    g_string_append_printf (text, "%s{\"named\": {\"a\\n%u\": {\"x\": 1}}}", i > 0 ? ", " : "", i);
  g_string_append (text, "]}");
  g_autoptr (GBytes) bytes = g_string_free_to_bytes (text);
  Pt2Limits limits = *pt2_limits_default ();
  bool enough = false;
  unsigned refused = 0;
  for (limits.memory = 0; limits.memory < 400000 && !enough; limits.memory += 512)
    {
      Pt2Status status;
      Pt2ErrorCode code = read_limited ("Choice", bytes, &limits, &status);
      enough = code == PT2_ERROR_NONE;
      refused++;
      ck_assert_msg (enough || code == PT2_ERROR_L003, "%s", pt2_error_code_id (code));
    }
  ck_assert (enough);
  ck_assert_uint_gt (refused, 20);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { faults_have_id_place_and_path, G_N_ELEMENTS (faults) },
    { faults_say_what_was_expected, 1 },
    { too_long_a_text, 1 },
    { depth_has_a_limit, G_N_ELEMENTS (nestings) },
    { depth_has_an_end, G_N_ELEMENTS (nestings) },
    { memory_has_a_limit, 1 },
  };
  return RUN_SUITE ("json_faults", cases);
}
