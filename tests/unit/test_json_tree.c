/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/json_tree: every value of a text is there, look-ups find what stands there, faults have id and place. */
#include "json_tree.h"
#include "json_text.h"
#include "suite.h"
#include <math.h>
#include <string.h>

typedef struct
{
  Pt2Arena arena;
  Pt2Status status;
  const Pt2JsonNode *root;
} Tree;

static void
read_tree_with (Tree *tree, const char *text, size_t len, const Pt2Limits *limits, uint64_t budget)
{
  tree->status = (Pt2Status)PT2_STATUS_INIT;
  pt2_arena_init (&tree->arena, budget, 0);
  tree->root = pt2_json_tree_read (&tree->arena, text, len, limits, &tree->status);
  ck_assert ((tree->root != NULL) == (tree->status.code == PT2_ERROR_NONE));
}

static void
read_tree (Tree *tree, const char *text)
{
  read_tree_with (tree, text, strlen (text), pt2_limits_default (), 1 << 24);
}

static bool
text_is (Pt2String text, const char *wanted)
{
  return text.data != NULL && text.len == strlen (wanted) && memcmp (text.data, wanted, text.len) == 0;
}

START_TEST (values_of_all_kinds)
{
  Tree tree;
  read_tree (&tree, " {\"n\": null, \"t\": true, \"f\":false, \"i\": -9223372036854775808, \"b\": 9223372036854775808, "
                    "\"d\": 1.5, \"w\": -Infinity, \"s\": \"a\\n\\u00e9\", \"l\": [1, [], {}], \"o\": {\"\": 0}, "
                    "\"\\u0071\": \"plain\"}\n");
  ck_assert_ptr_nonnull (tree.root);
  ck_assert_int_eq (tree.root->kind, PT2_JSON_OBJECT);
  ck_assert_uint_eq (pt2_json_length (tree.root), 11);
  static const Pt2JsonKind kinds[]
      = { PT2_JSON_NULL,   PT2_JSON_BOOL,   PT2_JSON_BOOL,  PT2_JSON_INT,    PT2_JSON_BIGINT, PT2_JSON_DOUBLE,
          PT2_JSON_DOUBLE, PT2_JSON_STRING, PT2_JSON_ARRAY, PT2_JSON_OBJECT, PT2_JSON_STRING };
  for (uint32_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    ck_assert_int_eq (pt2_json_item (tree.root, i)->kind, kinds[i]);
  ck_assert (pt2_json_get (tree.root, "t")->boolean && !pt2_json_get (tree.root, "f")->boolean);
  int64_t integer = 0;
  ck_assert (pt2_json_integer (pt2_json_get (tree.root, "i"), &integer) && integer == INT64_MIN);
  ck_assert (!pt2_json_integer (pt2_json_get (tree.root, "b"), &integer));
  ck_assert (!pt2_json_integer (pt2_json_get (tree.root, "d"), &integer));
  ck_assert (text_is (pt2_json_get (tree.root, "b")->raw, "9223372036854775808"));
  ck_assert (pt2_json_get (tree.root, "d")->number == 1.5);
  ck_assert (pt2_json_get (tree.root, "w")->number == -INFINITY);
  ck_assert (text_is (pt2_json_text (pt2_json_get (tree.root, "s")), "a\n\xc3\xa9"));
  ck_assert (text_is (pt2_json_get (tree.root, "s")->raw, "\"a\\n\\u00e9\""));
  ck_assert (text_is (pt2_json_text (pt2_json_get (tree.root, "q")), "plain"));
  const Pt2JsonNode *list = pt2_json_get (tree.root, "l");
  ck_assert_uint_eq (pt2_json_length (list), 3);
  ck_assert (text_is (list->raw, "[1, [], {}]"));
  ck_assert (text_is (pt2_json_item (list, 2)->raw, "{}"));
  ck_assert (text_is (pt2_json_key (pt2_json_get (tree.root, "o"), 0), ""));
  pt2_arena_clear (&tree.arena);
}
END_TEST

/* Look-ups chain: what is not there, or is no object, gives what is not there. */
START_TEST (what_is_not_there)
{
  Tree tree;
  read_tree (&tree, "{\"a\": {\"b\": [7]}, \"s\": \"\"}");
  ck_assert_ptr_nonnull (pt2_json_item (pt2_json_get (pt2_json_get (tree.root, "a"), "b"), 0));
  ck_assert_ptr_null (pt2_json_item (pt2_json_get (pt2_json_get (tree.root, "a"), "b"), 1));
  ck_assert_ptr_null (pt2_json_get (pt2_json_get (pt2_json_get (tree.root, "x"), "y"), "z"));
  ck_assert_ptr_null (pt2_json_get (pt2_json_get (tree.root, "s"), "a"));
  ck_assert_ptr_null (pt2_json_get_len (tree.root, "ab", 2));
  ck_assert_ptr_nonnull (pt2_json_get_len (tree.root, "ab", 1));
  ck_assert_ptr_null (pt2_json_get_len (tree.root, "", 0));
  ck_assert_ptr_null (pt2_json_item (NULL, 0));
  ck_assert_ptr_null (pt2_json_text (NULL).data);
  ck_assert_ptr_null (pt2_json_text (tree.root).data);
  ck_assert_ptr_null (pt2_json_key (NULL, 0).data);
  ck_assert_ptr_null (pt2_json_key (pt2_json_get (pt2_json_get (tree.root, "a"), "b"), 0).data);
  ck_assert_uint_eq (pt2_json_length (NULL), 0);
  ck_assert_uint_eq (pt2_json_length (pt2_json_get (tree.root, "s")), 0);
  ck_assert (text_is (pt2_json_text (pt2_json_get (tree.root, "s")), ""));
  pt2_arena_clear (&tree.arena);
}
END_TEST

/* Small objects are searched, large ones have their keys sorted. */
START_TEST (objects_of_any_size)
{
  for (unsigned n = 0; n < 300; n = n < 20 ? n + 1 : n * 2)
    {
      Tree tree;
      GString *text = g_string_new ("{");
      for (unsigned i = 0; i < n; i++)
        g_string_append_printf (text, "%s\"k%s%03u\": %u", i > 0 ? ", " : "", i % 3 ? "" : "\\u0065y", i * 7919 % 1000,
                                i);
      g_string_append_c (text, '}');
      read_tree (&tree, text->str);
      ck_assert_ptr_nonnull (tree.root);
      ck_assert_uint_eq (pt2_json_length (tree.root), n);
      for (unsigned i = 0; i < n; i++)
        {
          int64_t value = -1;
          g_autofree char *key = g_strdup_printf ("k%s%03u", i % 3 ? "" : "ey", i * 7919 % 1000);
          ck_assert (pt2_json_integer (pt2_json_get (tree.root, key), &value) && value == i);
          ck_assert (text_is (pt2_json_key (tree.root, i), key));
          ck_assert_ptr_null (pt2_json_get_len (tree.root, key, strlen (key) - 1));
        }
      ck_assert_ptr_null (pt2_json_get (tree.root, ""));
      ck_assert_ptr_null (pt2_json_get (tree.root, "zzz"));
      pt2_arena_clear (&tree.arena);
      g_string_free (text, TRUE);
    }
}
END_TEST

START_TEST (no_key_twice)
{
  for (unsigned n = 2; n < 100; n++)
    {
      Tree tree;
      GString *text = g_string_new ("{");
      for (unsigned i = 0; i < n - 1; i++)
        g_string_append_printf (text, "\"a%u\": 0, ", i);
      g_string_append_printf (text, "\"\\u0061%u\": 1}", n / 2);
      size_t at = (size_t)(strrchr (text->str, '1') - text->str);
      read_tree (&tree, text->str);
      if (n / 2 < n - 1)
        {
          ck_assert_str_eq (pt2_error_code_id (tree.status.code), "PT2-J012");
          ck_assert_uint_eq (tree.status.offset, at);
        }
      else
        ck_assert_ptr_nonnull (tree.root);
      pt2_arena_clear (&tree.arena);
      g_string_free (text, TRUE);
    }
}
END_TEST

typedef struct
{
  const char *text;
  const char *id;
  uint64_t offset;
} Fault;

static const Fault faults[] = {
  { "", "PT2-J001", 0 },
  { "  ", "PT2-J001", 2 },
  { "{\"a\": [1, ", "PT2-J001", 10 },
  { "{\"a\" ", "PT2-J001", 5 },
  { "[tru", "PT2-J001", 1 },
  { "[\"", "PT2-J001", 2 },
  { "x", "PT2-J002", 0 },
  { "[1 2]", "PT2-J002", 3 },
  { "[1,]", "PT2-J002", 3 },
  { "{\"a\" 1}", "PT2-J002", 5 },
  { "{a: 1}", "PT2-J002", 1 },
  { "{\"a\": 1]", "PT2-J002", 7 },
  { "[trux]", "PT2-J002", 1 },
  { "[\"\xff\"]", "PT2-J003", 2 },
  { "[\"\n\"]", "PT2-J004", 2 },
  { "[\"\\q\"]", "PT2-J005", 2 },
  { "[01]", "PT2-J006", 1 },
  { "[1.]", "PT2-J006", 1 },
  { "[-]", "PT2-J006", 1 },
  { "\xef\xbb\xbf{}", "PT2-J007", 0 },
  { "{} x", "PT2-J008", 3 },
  { "1 2", "PT2-J008", 2 },
  { "{\"a\": 1, \"\\u0061\": 2}", "PT2-J012", 19 },
};

START_TEST (faults_have_id_and_place)
{
  Tree tree;
  g_autofree char *copy = g_memdup2 (faults[_i].text, MAX (strlen (faults[_i].text), 1));
  read_tree_with (&tree, copy, strlen (faults[_i].text), pt2_limits_default (), 1 << 20);
  ck_assert_ptr_null (tree.root);
  ck_assert_str_eq (pt2_error_code_id (tree.status.code), faults[_i].id);
  ck_assert_uint_eq (tree.status.offset, faults[_i].offset);
  pt2_arena_clear (&tree.arena);
}
END_TEST

START_TEST (depth_has_a_limit)
{
  for (unsigned depth = 1; depth <= 2 * PT2_JSON_DEEPEST; depth *= 10)
    for (int object = 0; object < 2; object++)
      for (unsigned more = 0; more < 2; more++)
        {
          Tree tree;
          Pt2Limits limits = *pt2_limits_default ();
          unsigned levels = MIN (depth, (unsigned)PT2_JSON_DEEPEST) + more;
          GString *text = g_string_new ("");
          for (unsigned i = 0; i < levels; i++)
            g_string_append (text, object ? "{\"\": " : "[");
          g_string_append (text, "0");
          for (unsigned i = 0; i < levels; i++)
            g_string_append_c (text, object ? '}' : ']');
          limits.depth = depth;
          read_tree_with (&tree, text->str, text->len, &limits, 1 << 24);
          ck_assert_str_eq (pt2_error_code_id (tree.status.code),
                            more ? "PT2-L002" : pt2_error_code_id (PT2_ERROR_NONE));
          pt2_arena_clear (&tree.arena);
          g_string_free (text, TRUE);
        }
}
END_TEST

START_TEST (memory_has_a_limit)
{
  GString *text = g_string_new ("[");
  for (unsigned i = 0; i < 1000; i++)
    g_string_append_printf (text, "%s{\"a\\n%u\": [0, 0]}", i > 0 ? "," : "", i);
  g_string_append_c (text, ']');
  bool enough = false;
  unsigned refused = 0;
  for (uint64_t budget = 0; budget < 4000000 && !enough; budget += 4096, refused += !enough)
    {
      Tree tree;
      read_tree_with (&tree, text->str, text->len, pt2_limits_default (), budget);
      enough = tree.root != NULL;
      ck_assert (enough || tree.status.code == PT2_ERROR_L003);
      ck_assert_uint_le (pt2_arena_bytes (&tree.arena), budget);
      pt2_arena_clear (&tree.arena);
    }
  ck_assert (enough);
  ck_assert_uint_gt (refused, 20);
  g_string_free (text, TRUE);
}
END_TEST

START_TEST (peeking_at_the_version)
{
  static const struct
  {
    const char *text;
    bool found;
    int64_t major, minor;
  } cases[] = {
    { "{\"schema_version\": {\"major\": 8, \"minor\": 20}}", true, 8, 20 },
    { " { \"schema_version\" : 3 }", true, 3, 0 },
    { "{\"a\": [{\"schema_version\": 1}], \"b\": \"x\\n\", \"schema_version\": {\"minor\": 4, \"x\": [], \"major\": "
      "5}, \"c\": 1}",
      true, 5, 4 },
    { "{\"schema_version\": {\"major\": 8, \"minor\": 20}, \"a\"", true, 8,
      20 }, /* what stands behind it is not looked at */
    { "{\"schema_version\": {\"major\": 8}}", false, 0, 0 },
    { "{\"schema_version\": {\"major\": \"8\", \"minor\": 1}}", false, 0, 0 },
    { "{\"schema_version\": {\"major\": 8.0, \"minor\": 1}}", false, 0, 0 },
    { "{\"schema_version\": \"8\"}", false, 0, 0 },
    { "{\"schema_version\": 99999999999999999999}", false, 0, 0 },
    { "{\"a\": {\"schema_version\": 1}}", false, 0, 0 },
    { "{\"schema_versio\": 1}", false, 0, 0 },
    { "{}", false, 0, 0 },
    { "[]", false, 0, 0 },
    { "", false, 0, 0 },
    { "{\"schema_version\"", false, 0, 0 },
    { "{\"schema_version\": ", false, 0, 0 },
    { "{\"a\": 1", false, 0, 0 },
    { "{\"a\": x, \"schema_version\": 1}", false, 0, 0 },
    { "\xef\xbb\xbf{\"schema_version\": 1}", false, 0, 0 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int64_t major = -1, minor = -1;
      ck_assert_msg (pt2_json_peek_version (cases[i].text, strlen (cases[i].text), &major, &minor) == cases[i].found,
                     "%s", cases[i].text);
      ck_assert (!cases[i].found || (major == cases[i].major && minor == cases[i].minor));
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { values_of_all_kinds, 1 },
    { what_is_not_there, 1 },
    { objects_of_any_size, 1 },
    { no_key_twice, 1 },
    { faults_have_id_and_place, G_N_ELEMENTS (faults) },
    { depth_has_a_limit, 1 },
    { memory_has_a_limit, 1 },
    { peeking_at_the_version, 1 },
  };
  return RUN_SUITE ("json_tree", cases);
}
