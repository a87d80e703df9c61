/* SPDX-License-Identifier: Apache-2.0 */
/* gen/: what the generator makes of an IDL with every construct. Values made by hand in the native structs
 * go through both encodings and come back the same.
 */
#include "codec_help.h"
#include "every_construct.h"

extern const Pt2Schema every_schema;

/* ---- a value of everything ---- */

enum
{
  ALL = -1, /* every presence bit */
};

static EveryLeaf heavy = { .name = TEXT ("heavy"), .present = { ALL }, .weight = -7 };
static EveryLeaf light = { .name = TEXT (""), .present = { 1 } };

static EveryChoice choices[] = {
  { .which = EVERY_CHOICE_UNIT, .unit = true },
  { .which = EVERY_CHOICE_NUMBER, .number = INT64_MIN },
  { .which = EVERY_CHOICE_REAL, .real = -0.0 },
  { .which = EVERY_CHOICE_TEXT, .text = TEXT ("t\"\\\n\xc3\xa9") },
  { .which = EVERY_CHOICE_COLOUR, .colour = -3 },
  { .which = EVERY_CHOICE_LEAF, .leaf = &heavy },
  { .which = EVERY_CHOICE_EMPTY },
  { .which = EVERY_CHOICE_SMALL, .small = -32768 },
  { .which = EVERY_CHOICE_TINY, .tiny = 127 },
  { .which = EVERY_CHOICE_BLOB, .blob = TEXT ("\0\xff\x80") },
};
static EveryStringToChoiceMapEntry named_choices[] = {
  { TEXT ("first"), { .which = EVERY_CHOICE_NUMBER, .number = INT64_MAX } },
  { TEXT (""), { .which = EVERY_CHOICE_MANY, .many = LIST (choices) } },
};
static EveryChoice in_choice = { .which = EVERY_CHOICE_NAMED, .named = LIST (named_choices) };
static EveryChoice deep_choice = { .which = EVERY_CHOICE_INNER, .inner = &in_choice };

static EveryTree children[] = {
  { .leaf = { .name = TEXT ("child"), .present = { ALL }, .weight = INT32_MAX },
    .children = { children, 0 },
    .named = { (void *)children, 0 },
    .present = { ALL } },
};
static EveryTree left = { .leaf = { .name = TEXT ("left"), .present = { 1 } },
                          .children = LIST (children),
                          .named = { (void *)children, 0 },
                          .choice = &deep_choice,
                          .present = { ALL } };
static EveryStringToTreeMapEntry named_trees[] = { { TEXT ("key"),
                                                     { .leaf = { .name = TEXT ("x"), .present = { 1 } },
                                                       .children = { children, 0 },
                                                       .named = { (void *)children, 0 },
                                                       .present = { ALL } } } };

static bool bools[] = { true, false, true };
static int8_t bytes[] = { -128, 0, 127 };
static int16_t shorts[] = { INT16_MIN, -1, INT16_MAX };
static int32_t ints[] = { INT32_MIN, 64, INT32_MAX };
static int64_t longs[20] = { INT64_MIN, -1, 0, 1, INT64_MAX }; /* 20: a long list header */
static double reals[] = { 0.1, -1.5e308, 5e-324 };
static Pt2String texts[] = { TEXT ("a"), TEXT (""), TEXT ("\xe2\x82\xac") };
static Pt2String blobs[] = { TEXT ("\x80"), TEXT ("") };
static int32_t colours[] = { 1, 5, -3, INT32_MAX, 12345 }; /* the last is unknown */
static EveryLeaf leaves[]
    = { { .name = TEXT ("one"), .present = { ALL }, .weight = 1 }, { .name = TEXT ("two"), .present = { 1 } } };
static EveryEmpty empties[3];
static EveryI64List nested[] = { { longs, 2 }, { longs, 0 }, { longs, 20 } };
static EveryStringToLeafListMapEntry leaf_lists[] = { { TEXT ("k"), LIST (leaves) }, { TEXT ("l"), { leaves, 0 } } };
static EveryStringToLeafListMap deep[] = { LIST (leaf_lists), { leaf_lists, 0 } };
static EveryStringToI64MapEntry by_text[] = { { TEXT ("z"), 1 }, { TEXT ("a"), -2 } };
static EveryI32ToStringMapEntry by_int[] = { { -5, TEXT ("minus five") }, { 5, TEXT ("five") } };
static EveryI64ToLeafMapEntry by_long[] = { { INT64_MIN, { .name = TEXT ("least"), .present = { 1 } } } };
static EveryEnumToDoubleMapEntry by_colour[] = { { 5, 0.5 }, { 1, 1e300 } };
static EveryChoiceList choice_lists[] = { LIST (choices), { choices, 1 } };
static EveryStringToChoiceListListMapEntry by_text_deep[] = { { TEXT ("lists"), LIST (choice_lists) } };
static EveryI16ToBoolMapEntry by_short[] = { { 1, true }, { -1, false } };
static EveryI8ToI64ListMapEntry by_tiny[] = { { -1, { longs, 3 } } };
static EveryStringToI32MapEntry by_blob[] = { { TEXT ("\xff"), 255 } };
static EveryBoolToI32MapEntry by_bool[] = { { false, 0 }, { true, 1 } };
static EveryDoubleToI32MapEntry by_real[] = { { 0.0, 0 }, { -0.0, 1 } };

static EveryEverything
make_everything (void)
{
  return (EveryEverything){
    .present = { ALL },
    .scalars = { .yes = true,
                 .tiny = -1,
                 .small = 300,
                 .medium = -70000,
                 .large = INT64_C (1) << 62,
                 .real = 2.5,
                 .text = TEXT ("text"),
                 .blob = TEXT ("\x01\x02"),
                 .colour = 1,
                 .ticks = -1,
                 .present = { ALL } },
    .maybe = { .present = { 1 << 0 | 1 << 3 | 1 << 4 },
               .yes = false,
               .medium = 0,
               .large = 7,
               .leaf = &light,
               .choice = { .which = EVERY_CHOICE_UNIT, .unit = true },
               .numbers = { ints, 0 } },
    .choice = { .which = EVERY_CHOICE_TREE, .tree = &left },
    .tree
    = { .leaf = heavy, .children = LIST (children), .left = &left, .named = LIST (named_trees), .present = { ALL } },
    .containers = { .bools = LIST (bools),
                    .bytes = LIST (bytes),
                    .shorts = LIST (shorts),
                    .ints = LIST (ints),
                    .longs = LIST (longs),
                    .reals = LIST (reals),
                    .texts = LIST (texts),
                    .blobs = LIST (blobs),
                    .colours = LIST (colours),
                    .leaves = LIST (leaves),
                    .choices = LIST (choices),
                    .empties = LIST (empties),
                    .nested = LIST (nested),
                    .deep = LIST (deep),
                    .set_of_texts = LIST (texts),
                    .set_of_ints = LIST (ints),
                    .by_text = LIST (by_text),
                    .by_int = LIST (by_int),
                    .by_long = LIST (by_long),
                    .by_colour = LIST (by_colour),
                    .by_text_deep = LIST (by_text_deep),
                    .by_short = LIST (by_short),
                    .by_tiny = LIST (by_tiny),
                    .by_blob = LIST (by_blob),
                    .by_bool = LIST (by_bool),
                    .by_real = LIST (by_real) },
    .scattered
    = { .last = TEXT ("last"), .second = 2, .far = 3, .first = TEXT ("first"), .largest = true, .present = { ALL } },
    .wide = { .f1 = 1, .f32 = 32, .f33 = 33, .f34 = 34, .present = { 1u | 1u << 31, 1 | 2 } },
  };
}

/* ---- what stands in the tables ---- */

static const Pt2FieldInfo *
field_of (const char *type, const char *name)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&every_schema, type);
  ck_assert_ptr_nonnull (info);
  const Pt2FieldInfo *field = pt2_struct_field_by_name (info, name, strlen (name));
  ck_assert_msg (field != NULL, "%s.%s", type, name);
  ck_assert_ptr_eq (field, pt2_struct_field_by_id (info, field->id));
  return field;
}

START_TEST (constants_and_enums)
{
  ck_assert_int_eq (EVERY_ANSWER, 42);
  ck_assert (EVERY_FAR == G_GINT64_CONSTANT (-9000000000));
  ck_assert_str_eq (EVERY_GREETING, "hello");
  ck_assert (EVERY_REALLY);
  ck_assert (EVERY_HALF == 0.5);
  ck_assert_int_eq (EVERY_FAVOURITE, 5);
  ck_assert_int_eq (EVERY_COLOUR_BLUE, -3);
  ck_assert_int_eq (EVERY_COLOUR_LAST, INT32_MAX);
  const Pt2EnumInfo *colour = pt2_schema_find_enum (&every_schema, "Colour");
  ck_assert_uint_eq (colour->n_members, 4);
  ck_assert_str_eq (pt2_enum_by_value (colour, 5)->name, "GREEN");
  ck_assert_str_eq (pt2_enum_by_value (colour, 5)->torch, "green");
  ck_assert_str_eq (pt2_enum_by_value (colour, 5)->doc, "The one with a name of torch's.");
  ck_assert_ptr_null (pt2_enum_by_value (colour, 1)->torch);
  ck_assert_int_eq (pt2_enum_by_name (colour, "BLUE", 4)->value, -3);
  ck_assert_uint_eq (pt2_enum_by_name (colour, "BLUE", 4)->since, 7);
  ck_assert_ptr_null (pt2_enum_by_name (colour, "BLUEISH", 7));
  ck_assert_ptr_null (pt2_enum_by_name (colour, "BLU", 3));
  ck_assert_ptr_null (pt2_enum_by_value (colour, 0));
  const Pt2EnumInfo *turned = pt2_schema_find_enum (&every_schema, "Turned");
  ck_assert_uint_eq (turned->renumbered_at, 4);
  ck_assert_uint_eq (turned->n_old_numbers, 3);
  ck_assert_int_eq (turned->old_numbers[1], 20);
}
END_TEST

START_TEST (field_tables)
{
  ck_assert (field_of ("Scalars", "yes")->flags & PT2_FIELD_REQUIRED);
  ck_assert (!(field_of ("Maybe", "yes")->flags & PT2_FIELD_REQUIRED));
  ck_assert (field_of ("Maybe", "large")->flags & PT2_FIELD_NULL_KEY);
  ck_assert_uint_eq (field_of ("Choice", "unit")->unit_until, 3);
  ck_assert (field_of ("Choice", "leaf")->flags & PT2_FIELD_POINTER);
  ck_assert (field_of ("Choice", "inner")->flags & PT2_FIELD_POINTER);
  ck_assert (!(field_of ("Choice", "empty")->flags & PT2_FIELD_POINTER));
  ck_assert (field_of ("Tree", "left")->flags & PT2_FIELD_POINTER);
  ck_assert (!(field_of ("Tree", "leaf")->flags & PT2_FIELD_POINTER));
  ck_assert_str_eq (field_of ("Scalars", "ticks")->type->name, "i64");
  ck_assert_str_eq (field_of ("Containers", "longs")->type->name, "list<i64>");
  ck_assert_str_eq (field_of ("Containers", "leaves")->type->name, "list<Leaf>");
  ck_assert_str_eq (field_of ("Containers", "deep")->type->name, "list<map<string,list<Leaf>>>");
  ck_assert_str_eq (field_of ("Scattered", "far")->json_key, "\"far\": ");
  static const struct
  {
    int id;
    unsigned header;
  } wire[] = { { 1, 0x18 }, { 2, 0x15 }, { 17, 0xf6 }, { 300, PT2_HEADER_NEVER }, { 32766, PT2_HEADER_NEVER } };
  const Pt2StructInfo *scattered = pt2_schema_find_struct (&every_schema, "Scattered");
  for (unsigned i = 0; i < G_N_ELEMENTS (wire); i++)
    {
      const Pt2FieldInfo *field = &scattered->fields[scattered->wire[i].index];
      ck_assert_int_eq (scattered->wire[i].id, wire[i].id);
      ck_assert_uint_eq (scattered->wire[i].header, wire[i].header);
      ck_assert_int_eq (field->id, wire[i].id);
      ck_assert_ptr_eq (field->type, scattered->wire[i].type);
    }
  ck_assert_uint_eq (scattered->wire[G_N_ELEMENTS (wire)].op, PT2_OP_STOP);
  ck_assert_ptr_null (pt2_struct_field_by_id (scattered, 32767));
  ck_assert_ptr_null (pt2_struct_field_by_id (scattered, 0));
  ck_assert_ptr_null (pt2_struct_field_by_id (scattered, -1));
  ck_assert_uint_eq (pt2_schema_find_struct (&every_schema, "Wide")->present_words, 2);
  ck_assert_ptr_null (pt2_schema_find_struct (&every_schema, "Nothing"));
  ck_assert_ptr_null (pt2_schema_find_enum (&every_schema, "Leaf"));
}
END_TEST

START_TEST (defaults)
{
  static const char *const wanted[][2] = {
    { "yes", "true" },           { "tiny", "-5" },
    { "small", NULL },           { "medium", "7" },
    { "real", "0.5" },           { "colour", "5" },
    { "numbers", "[1, 2]" },     { "leaf", NULL },
    { "table", "{\"one\": 1}" }, { "text", "\"a \\\"b\\\" \\\\ c\"" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      const char *found = field_of ("Maybe", wanted[i][0])->default_text;
      ck_assert_msg (g_strcmp0 (found, wanted[i][1]) == 0, "%s: %s", wanted[i][0], found);
    }
}
END_TEST

/* ---- both encodings ---- */

static void
check_round_trip (ReadFunc read, WriteFunc write, const char *type, const void *value)
{
  Pt2Document made, found;
  wrap_value (&made, &every_schema, type, value);
  g_autoptr (GBytes) bytes_once = write_bytes (write, &made);
  must_read (read, &found, &every_schema, type, bytes_once);
  ck_assert_msg (same_values (&made, &found), "%s: another value came back", type);
  ck_assert_uint_eq (found.n_extras[0] + found.n_extras[1], 0);
  g_autoptr (GBytes) bytes_twice = write_bytes (write, &found);
  same_bytes (bytes_twice, bytes_once, type);
  pt2_document_clear (&found);
  pt2_document_clear (&made);
}

START_TEST (everything_through_compact)
{
  EveryEverything all = make_everything ();
  check_round_trip (pt2_compact_read, pt2_compact_write, "Everything", &all);
  for (size_t i = 0; i < G_N_ELEMENTS (choices); i++)
    check_round_trip (pt2_compact_read, pt2_compact_write, "Choice", &choices[i]);
}
END_TEST

/* Everything, but for keys that have no form in JSON; and JSON writes a default for what is absent. */
static EveryEverything
make_for_json (void)
{
  EveryEverything all = make_everything ();
  all.containers.by_blob.len = all.containers.by_bool.len = all.containers.by_real.len = 0;
  all.maybe.present[0] = ALL & ~(1u << 2 | 1u << 13); /* small and turned have no default */
  all.maybe.colour = 1;
  all.maybe.text = (Pt2String)TEXT ("not the default");
  all.maybe.table = (EveryStringToI32Map){ by_blob, 0 };
  return all;
}

START_TEST (everything_through_json)
{
  EveryEverything all = make_for_json ();
  check_round_trip (pt2_json_read, pt2_json_write, "Everything", &all);
  for (size_t i = 0; i < G_N_ELEMENTS (choices); i++)
    check_round_trip (pt2_json_read, pt2_json_write, "Choice", &choices[i]);
}
END_TEST

/* From one encoding to the other and back: the same bytes. */
START_TEST (encodings_agree)
{
  EveryEverything all = make_for_json ();
  Pt2Document made, from_json, from_compact;
  wrap_value (&made, &every_schema, "Everything", &all);
  g_autoptr (GBytes) compact = write_bytes (pt2_compact_write, &made);
  g_autoptr (GBytes) json = write_bytes (pt2_json_write, &made);
  must_read (pt2_json_read, &from_json, &every_schema, "Everything", json);
  must_read (pt2_compact_read, &from_compact, &every_schema, "Everything", compact);
  ck_assert (same_values (&from_json, &from_compact));
  g_autoptr (GBytes) compact_again = write_bytes (pt2_compact_write, &from_json);
  g_autoptr (GBytes) json_again = write_bytes (pt2_json_write, &from_compact);
  same_bytes (compact_again, compact, "compact from JSON");
  same_bytes (json_again, json, "JSON from compact");
  pt2_document_clear (&from_json);
  pt2_document_clear (&from_compact);
  pt2_document_clear (&made);
}
END_TEST

/* What a reader assumes for an absent field is what JSON says of it. */
START_TEST (json_writes_defaults)
{
  EveryMaybe nothing = { 0 };
  Pt2Document made, found;
  wrap_value (&made, &every_schema, "Maybe", &nothing);
  g_autoptr (GBytes) json = write_bytes (pt2_json_write, &made);
  must_read (pt2_json_read, &found, &every_schema, "Maybe", json);
  const EveryMaybe *maybe = found.root;
  ck_assert (maybe->yes);
  ck_assert_int_eq (maybe->tiny, -5);
  ck_assert_int_eq (maybe->medium, 7);
  ck_assert (maybe->real == 0.5);
  ck_assert_uint_eq (maybe->text.len, strlen ("a \"b\" \\ c"));
  ck_assert_int_eq (memcmp (maybe->text.data, "a \"b\" \\ c", maybe->text.len), 0);
  ck_assert_int_eq (maybe->colour, EVERY_COLOUR_GREEN);
  ck_assert_uint_eq (maybe->numbers.len, 2);
  ck_assert_int_eq (maybe->table.entries[0].value, 1);
  ck_assert_ptr_null (maybe->leaf);
  ck_assert_uint_eq (maybe->choice.which, 0);
  pt2_document_clear (&found);
  pt2_document_clear (&made);
}
END_TEST

static void
check_refused (const EveryContainers *containers, const char *field)
{
  Pt2Document made;
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Status status = PT2_STATUS_INIT;
  wrap_value (&made, &every_schema, "Containers", containers);
  ck_assert (!pt2_json_write (&made, &out, &status));
  ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-J020");
  ck_assert_str_eq (status.path, field);
  pt2_buffer_clear (&out);
  pt2_document_clear (&made);
}

START_TEST (keys_without_json_form)
{
  EveryContainers containers = make_everything ().containers;
  check_refused (&containers, "by_blob[0]");
  containers.by_blob.len = 0;
  check_refused (&containers, "by_bool[0]");
  containers.by_bool.len = 0;
  check_refused (&containers, "by_real[0]");
}
END_TEST

START_TEST (nothing_chosen_has_no_form)
{
  static const uint32_t which[] = { 0, PT2_UNKNOWN_MEMBER, 9 };
  for (size_t i = 0; i < G_N_ELEMENTS (which); i++)
    {
      EveryChoice choice = { .which = which[i] };
      Pt2Document made;
      Pt2Buffer out = PT2_BUFFER_INIT;
      Pt2Status status = PT2_STATUS_INIT;
      wrap_value (&made, &every_schema, "Choice", &choice);
      ck_assert (!pt2_json_write (&made, &out, &status));
      ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-J018");
      pt2_buffer_clear (&out);
      pt2_document_clear (&made);
    }
}
END_TEST

/* Each leaf of the value counts in a comparison. */
START_TEST (comparison_sees_every_part)
{
  EveryEverything a = make_everything (), b = make_everything ();
  const Pt2TypeInfo *type = pt2_schema_find_struct (&every_schema, "Everything")->type;
  ck_assert (pt2_native_equal (type, &a, &b));
#define CHANGED(change)                                                                                                \
  do                                                                                                                   \
    {                                                                                                                  \
      b = make_everything ();                                                                                          \
      change;                                                                                                          \
      ck_assert_msg (!pt2_native_equal (type, &a, &b), "not seen: " #change);                                          \
    }                                                                                                                  \
  while (0)
  CHANGED (b.scalars.yes = false);
  CHANGED (b.scalars.real = 2.25);
  CHANGED (b.scalars.text.len--);
  CHANGED (b.maybe.present[0] |= 1 << 1);
  CHANGED (b.maybe.leaf = NULL);
  CHANGED (b.maybe.leaf = &heavy);
  CHANGED (b.maybe.choice.which = 0);
  CHANGED (b.choice.which = EVERY_CHOICE_INNER; b.choice.inner = &deep_choice);
  CHANGED (b.tree.left = &children[0]);
  CHANGED (b.containers.bools.len--);
  CHANGED (b.containers.by_real.len--);
  CHANGED (EveryI64List other = b.containers.nested.items[0]; other.len = 1; b.containers.nested.items = &other;
           b.containers.nested.len = 1);
  CHANGED (b.wide.present[1] = 2);
  CHANGED (b.wide.f34++);
#undef CHANGED
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("generated");
  TCase *tests = tcase_create ("generated");
  tcase_add_test (tests, constants_and_enums);
  tcase_add_test (tests, field_tables);
  tcase_add_test (tests, defaults);
  tcase_add_test (tests, everything_through_compact);
  tcase_add_test (tests, everything_through_json);
  tcase_add_test (tests, encodings_agree);
  tcase_add_test (tests, json_writes_defaults);
  tcase_add_test (tests, keys_without_json_form);
  tcase_add_test (tests, nothing_chosen_has_no_form);
  tcase_add_test (tests, comparison_sees_every_part);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
