/* SPDX-License-Identifier: Apache-2.0 */
/* lib/schema/value: every question about every kind of value, and questions that do not fit. */
#include "value.h"
#include "every_construct.h"
#include "suite.h"
#include <string.h>

extern const Pt2Schema every_schema;

#define TEXT(literal)                                                                                                  \
  {                                                                                                                    \
    (literal), sizeof (literal) - 1                                                                                    \
  }

static EveryLeaf leaves[]
    = { { .name = TEXT ("one"), .present = { 3 }, .weight = 1 }, { .name = TEXT (""), .present = { 1 } } };
static EveryStringToI64MapEntry by_text[]
    = { { TEXT ("z"), 26 }, { TEXT ("a.b[0]"), -2 }, { TEXT (""), 0 }, { TEXT ("z"), 27 } };
static EveryI32ToStringMapEntry by_int[] = { { -5, TEXT ("minus five") } };
static EveryChoice choices[] = {
  { .which = EVERY_CHOICE_LEAF, .leaf = &leaves[0] },
  { .which = PT2_UNKNOWN_MEMBER },
  { .which = 0 },
  { .which = EVERY_CHOICE_COLOUR, .colour = EVERY_COLOUR_GREEN },
  { .which = EVERY_CHOICE_COLOUR, .colour = 4711 },
};
static EveryEverything everything = {
  .scalars = { .yes = true,
               .tiny = -1,
               .small = -300,
               .medium = 70000,
               .large = INT64_MIN,
               .real = 2.5,
               .text = TEXT ("text"),
               .blob = TEXT ("\0\xff"),
               .colour = EVERY_COLOUR_GREEN,
               .ticks = 5,
               .present = { -1 } },
  .choice = { .which = EVERY_CHOICE_NUMBER, .number = 7 },
  .containers = { .leaves = { leaves, 2 },
                  .choices = { choices, 5 },
                  .by_text = { by_text, 4 },
                  .by_int = { by_int, 1 },
                  .set_of_texts = { &leaves[0].name, 1 } },
  .present = { -1 },
};

static Pt2Value
root (void)
{
  return pt2_value_make (pt2_schema_find_struct (&every_schema, "Everything")->type, &everything);
}

static Pt2Value
at (const char *path)
{
  return pt2_value_path (root (), path);
}

static bool
is_text (Pt2Value value, const char *text)
{
  Pt2String found = pt2_value_get_string (value);
  return found.data != NULL && found.len == strlen (text) && memcmp (found.data, text, found.len) == 0;
}

START_TEST (scalars)
{
  ck_assert (pt2_value_get_bool (at ("scalars.yes")));
  ck_assert_int_eq (pt2_value_get_int (at ("scalars.tiny")), -1);
  ck_assert_int_eq (pt2_value_get_int (at ("scalars.small")), -300);
  ck_assert_int_eq (pt2_value_get_int (at ("scalars.medium")), 70000);
  ck_assert (pt2_value_get_int (at ("scalars.large")) == INT64_MIN);
  ck_assert (pt2_value_get_double (at ("scalars.real")) == 2.5);
  ck_assert (is_text (at ("scalars.text"), "text"));
  ck_assert_uint_eq (pt2_value_get_string (at ("scalars.blob")).len, 2);
  ck_assert_int_eq (pt2_value_get_int (at ("scalars.colour")), 5);
  ck_assert_str_eq (pt2_value_enum_name (at ("scalars.colour")), "GREEN");
  ck_assert_str_eq (pt2_value_enum_torch (at ("scalars.colour")), "green");
  ck_assert_ptr_null (pt2_value_enum_name (at ("containers.choices[4].colour")));
  ck_assert_ptr_null (pt2_value_enum_torch (at ("containers.choices[4].colour")));
  ck_assert_int_eq (pt2_value_get_int (at ("containers.choices[4].colour")), 4711);
}
END_TEST

START_TEST (types)
{
  static const struct
  {
    const char *path;
    Pt2Type type;
    const char *name;
  } wanted[] = {
    { "scalars.yes", PT2_TYPE_BOOL, "bool" },
    { "scalars.tiny", PT2_TYPE_INT, "i8" },
    { "scalars.small", PT2_TYPE_INT, "i16" },
    { "scalars.medium", PT2_TYPE_INT, "i32" },
    { "scalars.large", PT2_TYPE_INT, "i64" },
    { "scalars.real", PT2_TYPE_DOUBLE, "double" },
    { "scalars.text", PT2_TYPE_STRING, "string" },
    { "scalars.blob", PT2_TYPE_BINARY, "binary" },
    { "scalars.colour", PT2_TYPE_ENUM, "Colour" },
    { "scalars", PT2_TYPE_STRUCT, "Scalars" },
    { "choice", PT2_TYPE_UNION, "Choice" },
    { "containers.leaves", PT2_TYPE_LIST, "list<Leaf>" },
    { "containers.set_of_texts", PT2_TYPE_LIST, "set<string>" },
    { "containers.by_text", PT2_TYPE_MAP, "map<string,i64>" },
    { "", PT2_TYPE_STRUCT, "Everything" },
    { "containers.nested", PT2_TYPE_INVALID, "" }, /* absent */
  };
  for (size_t i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      ck_assert_msg (pt2_value_type (at (wanted[i].path)) == wanted[i].type, "%s", wanted[i].path);
      ck_assert_str_eq (pt2_value_type_name (at (wanted[i].path)), wanted[i].name);
      ck_assert_int_eq (pt2_value_is_valid (at (wanted[i].path)), wanted[i].type != PT2_TYPE_INVALID);
    }
}
END_TEST

START_TEST (structs)
{
  Pt2Value leaf = at ("containers.leaves[0]"), light = at ("containers.leaves[1]");
  ck_assert_uint_eq (pt2_value_n_fields (leaf), 2);
  ck_assert_str_eq (pt2_value_field_name (leaf, 1), "weight");
  ck_assert_ptr_null (pt2_value_field_name (leaf, 2));
  ck_assert_int_eq (pt2_value_field_id (leaf, 1), 2);
  ck_assert_int_eq (pt2_value_field_id (leaf, 2), 0);
  ck_assert_int_eq (pt2_value_get_int (pt2_value_field_at (leaf, 1)), 1);
  ck_assert (!pt2_value_is_valid (pt2_value_field_at (light, 1)));
  ck_assert (!pt2_value_is_valid (pt2_value_field_at (leaf, 2)));
  ck_assert (!pt2_value_is_valid (pt2_value_field_at (leaf, G_MAXUINT)));
  ck_assert (is_text (pt2_value_field (leaf, "name"), "one"));
  ck_assert (is_text (pt2_value_field (light, "name"), ""));
  ck_assert (!pt2_value_is_valid (pt2_value_field (leaf, "names")));
  ck_assert (!pt2_value_is_valid (pt2_value_field (leaf, "")));
}
END_TEST

START_TEST (unions)
{
  ck_assert_str_eq (pt2_value_member_name (at ("choice")), "number");
  ck_assert_int_eq (pt2_value_get_int (pt2_value_member (at ("choice"))), 7);
  ck_assert_str_eq (pt2_value_member_name (at ("containers.choices[0]")), "leaf");
  ck_assert_int_eq (pt2_value_type (pt2_value_member (at ("containers.choices[0]"))), PT2_TYPE_STRUCT);
  for (int i = 1; i <= 2; i++)
    {
      Pt2Value choice = pt2_value_item (at ("containers.choices"), (guint)i);
      ck_assert (pt2_value_is_valid (choice));
      ck_assert_ptr_null (pt2_value_member_name (choice));
      ck_assert (!pt2_value_is_valid (pt2_value_member (choice)));
    }
}
END_TEST

START_TEST (lists_and_maps)
{
  Pt2Value map = at ("containers.by_text"), numbers = at ("containers.by_int"), list = at ("containers.leaves");
  ck_assert_uint_eq (pt2_value_length (map), 4);
  ck_assert_uint_eq (pt2_value_length (list), 2);
  ck_assert_uint_eq (pt2_value_length (at ("containers.set_of_texts")), 1);
  ck_assert (is_text (pt2_value_key (map, 1), "a.b[0]"));
  ck_assert_int_eq (pt2_value_get_int (pt2_value_item (map, 1)), -2);
  ck_assert_int_eq (pt2_value_get_int (pt2_value_key (numbers, 0)), -5);
  ck_assert (is_text (pt2_value_item (numbers, 0), "minus five"));
  ck_assert (!pt2_value_is_valid (pt2_value_item (map, 4)));
  ck_assert (!pt2_value_is_valid (pt2_value_key (map, 4)));
  ck_assert (!pt2_value_is_valid (pt2_value_key (list, 0)));
  ck_assert (!pt2_value_is_valid (pt2_value_item (list, G_MAXUINT)));
  ck_assert_int_eq (pt2_value_get_int (pt2_value_lookup (map, "z", -1)), 26);
  ck_assert_int_eq (pt2_value_get_int (pt2_value_lookup (map, "zebra", 1)), 26);
  ck_assert (pt2_value_is_valid (pt2_value_lookup (map, "", 0)));
  ck_assert (!pt2_value_is_valid (pt2_value_lookup (map, "y", -1)));
  ck_assert (!pt2_value_is_valid (pt2_value_lookup (numbers, "-5", -1)));
  ck_assert (!pt2_value_is_valid (pt2_value_lookup (list, "0", -1)));
}
END_TEST

/* Every question to the invalid value and to values of all other kinds: an empty answer, no crash. */
START_TEST (questions_that_do_not_fit)
{
  static const char *const paths[]
      = { "nothing", "scalars.yes", "scalars.real",      "scalars.text",       "scalars.colour",
          "scalars", "choice",      "containers.leaves", "containers.by_text", "containers.choices[1]" };
  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      Pt2Value value = at (paths[i]);
      Pt2Type type = pt2_value_type (value);
      ck_assert (type == PT2_TYPE_BOOL || !pt2_value_get_bool (value));
      ck_assert (type == PT2_TYPE_ENUM || pt2_value_get_int (value) == 0);
      ck_assert (type == PT2_TYPE_DOUBLE || pt2_value_get_double (value) == 0);
      ck_assert (type == PT2_TYPE_STRING || pt2_value_get_string (value).data == NULL);
      ck_assert (type == PT2_TYPE_ENUM || pt2_value_enum_name (value) == NULL);
      ck_assert (type == PT2_TYPE_ENUM || pt2_value_enum_torch (value) == NULL);
      ck_assert (type == PT2_TYPE_STRUCT || pt2_value_n_fields (value) == 0);
      ck_assert (type == PT2_TYPE_STRUCT || pt2_value_field_name (value, 0) == NULL);
      ck_assert (type == PT2_TYPE_STRUCT || pt2_value_field_id (value, 0) == 0);
      ck_assert (type == PT2_TYPE_STRUCT || !pt2_value_is_valid (pt2_value_field_at (value, 0)));
      ck_assert (!pt2_value_is_valid (pt2_value_field (value, "number")));
      ck_assert (type == PT2_TYPE_UNION || pt2_value_member_name (value) == NULL);
      ck_assert (type == PT2_TYPE_UNION || !pt2_value_is_valid (pt2_value_member (value)));
      ck_assert (type == PT2_TYPE_LIST || type == PT2_TYPE_MAP || pt2_value_length (value) == 0);
      ck_assert (type == PT2_TYPE_LIST || type == PT2_TYPE_MAP || !pt2_value_is_valid (pt2_value_item (value, 0)));
      ck_assert (type == PT2_TYPE_MAP || !pt2_value_is_valid (pt2_value_key (value, 0)));
      ck_assert (type == PT2_TYPE_MAP || !pt2_value_is_valid (pt2_value_lookup (value, "z", -1)));
    }
  Pt2Value half = { root ().type, NULL };
  ck_assert_int_eq (pt2_value_type (half), PT2_TYPE_INVALID);
  ck_assert_uint_eq (pt2_value_length (half), 0);
}
END_TEST

START_TEST (paths)
{
  ck_assert_int_eq (pt2_value_get_int (at ("containers.leaves[0].weight")), 1);
  ck_assert_int_eq (pt2_value_get_int (at ("containers.choices[0].leaf.weight")), 1);
  ck_assert_int_eq (pt2_value_get_int (at ("containers.by_text[\"a.b[0]\"]")), -2);
  ck_assert_int_eq (pt2_value_get_int (at ("containers.by_text[1]")), -2);
  ck_assert (pt2_value_is_valid (at ("containers.by_text[\"\"]")));
  ck_assert_int_eq (pt2_value_get_int (at ("choice.number")), 7);
}
END_TEST

static const char *const bad_paths[] = {
  ".",
  "..",
  ".scalars",
  "scalars..yes",
  "scalars.yes.more",
  "scalar",
  "scalarss",
  "scalars.",
  "containers.leaves[0].",
  "containers.leaves[0]weight",
  "scalars.yes]",
  "[0]",
  "[",
  "]",
  "[]",
  "[\"",
  "[\"]",
  "[\"\"",
  "containers.leaves[",
  "containers.leaves[]",
  "containers.leaves[2]",
  "containers.leaves[-1]",
  "containers.leaves[+0]",
  "containers.leaves[ 0]",
  "containers.leaves[0 ]",
  "containers.leaves[0",
  "containers.leaves[0x0]",
  "containers.leaves[4294967295]",
  "containers.leaves[4294967296]",
  "containers.leaves[18446744073709551616]",
  "containers.leaves[99999999999999999999999999]",
  "containers.leaves[\"0\"]",
  "containers.by_text[\"z\"",
  "containers.by_text[\"z",
  "containers.by_text[\"y\"]",
  "containers.by_int[\"-5\"]",
  "choice.text",
  "choice.leaf",
  "choice[0]",
  "containers.choices[1].leaf",
  "containers.choices[2].leaf",
  "containers.nested[0]",
  "%s%n",
};

START_TEST (hostile_paths)
{
  ck_assert_msg (!pt2_value_is_valid (at (bad_paths[_i])), "%s", bad_paths[_i]);
  ck_assert (!pt2_value_is_valid (pt2_value_path ((Pt2Value){ NULL, NULL }, bad_paths[_i])));
}
END_TEST

/* Any beginning of a path, and any path with one character changed. */
START_TEST (paths_with_one_change)
{
  static const char whole[] = "containers.by_text[\"a.b[0]\"]";
  for (size_t i = 0; i < sizeof whole - 1; i++)
    for (int c = 0; c < 256; c++)
      {
        g_autofree char *path = g_strdup (whole);
        path[i] = (char)c;
        Pt2Value value = at (path);
        if (strcmp (path, whole) == 0)
          ck_assert_int_eq (pt2_value_get_int (value), -2);
      }
}
END_TEST

START_TEST (equality)
{
  Pt2Value invalid = { NULL, NULL };
  ck_assert (pt2_value_equal (invalid, invalid));
  ck_assert (!pt2_value_equal (invalid, root ()));
  ck_assert (pt2_value_equal (root (), root ()));
  ck_assert (!pt2_value_equal (at ("scalars.medium"), at ("scalars.large")));
  ck_assert (!pt2_value_equal (at ("scalars.large"), at ("scalars.ticks")));
  ck_assert (pt2_value_equal (at ("containers.leaves[0]"), at ("containers.choices[0].leaf")));
  ck_assert (!pt2_value_equal (at ("containers.leaves[0]"), at ("containers.leaves[1]")));
  ck_assert (pt2_value_equal (at ("containers.by_text[\"z\"]"), at ("containers.by_text[0]")));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { scalars, 1 },
    { types, 1 },
    { structs, 1 },
    { unions, 1 },
    { lists_and_maps, 1 },
    { questions_that_do_not_fit, 1 },
    { paths, 1 },
    { hostile_paths, G_N_ELEMENTS (bad_paths) },
    { paths_with_one_change, 1 },
    { equality, 1 },
  };
  return RUN_SUITE ("value", cases);
}
