/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/json_write: the bytes are PyTorch's own of the program's minor, and what JSON cannot hold is refused. */
#include "every_construct.h"
#include "json_help.h"
#include "pt2-archive.h"
#include "pt2-program.h"
#include "suite.h"
#include <math.h>

extern const Pt2Schema every_schema;

static void
check_as (const char *type, const void *value, uint32_t minor, const char *wanted)
{
  Pt2Document document;
  wrap_value (&document, &every_schema, type, value);
  document.minor = minor;
  g_autoptr (GBytes) written = write_bytes (pt2_json_write, &document);
  g_autoptr (GBytes) text = bytes_of_text (wanted);
  same_text (written, text, type);
  pt2_document_clear (&document);
}

static void
check (const char *type, const void *value, const char *wanted)
{
  check_as (type, value, 0, wanted);
}

/* ---- values ---- */

START_TEST (scalars)
{
  EveryScalars value = { .yes = true,
                         .tiny = -128,
                         .small = -32768,
                         .medium = INT32_MIN,
                         .large = INT64_MIN,
                         .real = 1.0,
                         .text = TEXT ("a\"\\/\x7f\xc3\xa9\xf0\x9f\x98\x80\xed\xa0\x80"),
                         .blob = TEXT ("\xff\x00\x01"),
                         .colour = EVERY_COLOUR_BLUE,
                         .ticks = INT64_MAX,
                         .present = { -1 } };
  check (
      "Scalars", &value,
      "{\"yes\": true, \"tiny\": -128, \"small\": -32768, \"medium\": -2147483648, \"large\": -9223372036854775808, "
      "\"real\": 1.0, \"text\": \"a\\\"\\\\/\\u007f\\u00e9\\ud83d\\ude00\\ud800\", \"blob\": \"/wAB\", \"colour\": -3, "
      "\"ticks\": 9223372036854775807}");
}
END_TEST

START_TEST (doubles)
{
  static const struct
  {
    double value;
    const char *text;
  } cases[] = {
    { 0.0, "0.0" },
    { -0.0, "-0.0" },
    { 1e16, "1e+16" },
    { 1e15, "1000000000000000.0" },
    { 1e-4, "0.0001" },
    { 1e-5, "1e-05" },
    { 1e22, "1e+22" },
    { 5e-324, "5e-324" },
    { 1e100, "1e+100" },
    { 0.1, "0.1" },
    { -1.5e-7, "-1.5e-07" },
    { INFINITY, "\"Infinity\"" },
    { -INFINITY, "\"-Infinity\"" },
    { NAN, "\"NaN\"" },
    { -NAN, "\"NaN\"" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      EveryChoice choice = { .which = EVERY_CHOICE_REAL, .real = cases[i].value };
      g_autofree char *wanted = g_strdup_printf ("{\"real\": %s}", cases[i].text);
      check ("Choice", &choice, wanted);
    }
}
END_TEST

START_TEST (containers)
{
  static int32_t ints[] = { 1, -2 };
  static bool bools[] = { true, false };
  static EveryI16ToBoolMapEntry flags[] = { { -1, true }, { 2, false } };
  static EveryEnumToDoubleMapEntry shares[] = { { 5, 0.5 }, { -3, 1 } };
  static EveryBoolToI32MapEntry no_form[1];
  check ("Containers", &(EveryContainers){ .ints = { ints, 0 } }, "{\"ints\": []}");
  check ("Containers", &(EveryContainers){ .ints = LIST (ints), .bools = LIST (bools) },
         "{\"bools\": [true, false], \"ints\": [1, -2]}");
  check ("Containers", &(EveryContainers){ .by_short = LIST (flags), .by_colour = LIST (shares) },
         "{\"by_colour\": {\"5\": 0.5, \"-3\": 1.0}, \"by_short\": {\"-1\": true, \"2\": false}}");
  check ("Containers", &(EveryContainers){ .by_bool = { no_form, 0 } }, "{\"by_bool\": {}}");
}
END_TEST

/* The writer appends: what stood in the buffer stays, however it grows. */
START_TEST (appends)
{
  EveryLeaf leaf = { .name = TEXT ("a"), .present = { 1 } };
  Pt2Document document;
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Status status = PT2_STATUS_INIT;
  wrap_value (&document, &every_schema, "Leaf", &leaf);
  for (int i = 0; i < 2; i++)
    ck_assert (pt2_json_write (&document, &out, &status));
  g_autoptr (GBytes) written = pt2_buffer_to_bytes (&out);
  g_autoptr (GBytes) wanted = bytes_of_text ("{\"name\": \"a\"}{\"name\": \"a\"}");
  same_text (written, wanted, "twice");
  pt2_document_clear (&document);
}
END_TEST

/* ---- minors ---- */

START_TEST (a_chosen_one_of_each_minor)
{
  EveryChoice choice = { .which = EVERY_CHOICE_UNIT, .unit = true };
  check_as ("Choice", &choice, 1, "{\"unit\": []}");
  check_as ("Choice", &choice, 3, "{\"unit\": []}");
  check_as ("Choice", &choice, 4, "{\"unit\": true}");
  check_as ("Choice", &choice, 0, "{\"unit\": true}");
  choice.unit = false;
  check_as ("Choice", &choice, 3, "{\"unit\": false}");
}
END_TEST

/* 8.2 leaves a null optional out, 8.7 writes it; a field that came later is not written. */
START_TEST (null_optionals_of_each_minor)
{
  static const struct
  {
    const char *type, *written;
    uint32_t minor;
  } cases[] = {
    { "Device", "{\"type\": \"cpu\"}", 1 },
    { "Device", "{\"type\": \"cpu\"}", 2 },
    { "Device", "{\"type\": \"cpu\", \"index\": null}", 7 },
    { "Device", "{\"type\": \"cpu\", \"index\": null}", 20 },
    { "Device", "{\"type\": \"cpu\", \"index\": null}", 0 },
    { "RangeConstraint", "{\"min_val\": null, \"max_val\": null}", 1 },
    { "RangeConstraint", "{\"min_val\": null, \"max_val\": null}", 20 },
    { "NamedArgument", "{\"name\": \"x\", \"arg\": {\"as_none\": []}}", 1 },
    { "NamedArgument", "{\"name\": \"x\", \"arg\": {\"as_none\": true}}", 2 },
    { "NamedArgument", "{\"name\": \"x\", \"arg\": {\"as_none\": true}, \"kind\": null}", 7 },
    { "Node", "{\"target\": \"t\", \"inputs\": [], \"outputs\": [], \"metadata\": {}}", 2 },
    { "Node",
      "{\"target\": \"t\", \"inputs\": [], \"outputs\": [], \"metadata\": {}, \"is_hop_single_tensor_return\": null}",
      14 },
    { "Node",
      "{\"target\": \"t\", \"inputs\": [], \"outputs\": [], \"metadata\": {}, \"is_hop_single_tensor_return\": null, "
      "\"name\": null}",
      16 },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pt2Document document;
      g_autoptr (GBytes) text = bytes_of_text (cases[i].written);
      must_read_text (&document, &pt2_export_schema, cases[i].type, text);
      document.minor = cases[i].minor;
      g_autoptr (GBytes) written = write_bytes (pt2_json_write, &document);
      same_text (written, text, cases[i].type);
      pt2_document_clear (&document);
    }
}
END_TEST

/* ---- what JSON cannot hold ---- */

typedef struct
{
  const char *type;
  const void *value;
  const char *id;
  const char *path;
} Refusal;

static Pt2String bad_texts[] = { TEXT ("fine"), TEXT ("\xff") };
static Pt2String surrogates[] = { TEXT ("\xed\xa0\x80\xed\xb0\x80") };
static EveryChoice nothing_chosen[2] = { { .which = EVERY_CHOICE_UNIT }, { .which = 0 } };
static EveryStringToI64MapEntry bad_keys[] = { { TEXT ("a"), 1 }, { TEXT ("\x80"), 2 } };
static EveryBoolToI32MapEntry by_bool[1];
static EveryDoubleToI32MapEntry by_real[1];
static EveryLeaf bad_leaf = { .name = TEXT ("0123456789abcdef\xc3"), .present = { 1 } };
static const EveryContainers containers_without_form[] = {
  { .texts = LIST (bad_texts) },        { .texts = LIST (surrogates) }, { .by_text = LIST (bad_keys) },
  { .by_bool = LIST (by_bool) },        { .by_real = LIST (by_real) },  { .leaves = { &bad_leaf, 1 } },
  { .choices = LIST (nothing_chosen) },
};
static const EveryChoice bad_choices[] = {
  { .which = 0 },
  { .which = PT2_UNKNOWN_MEMBER }, /* and nothing was kept of it */
  { .which = 9 },
  { .which = 32767 },
};

static const Refusal refusals[] = {
  { "Containers", &containers_without_form[0], "PT2-J015", "texts[1]" },
  { "Containers", &containers_without_form[1], "PT2-J015", "texts[0]" },
  { "Containers", &containers_without_form[2], "PT2-J015", "by_text[\"\\x80\"]" },
  { "Containers", &containers_without_form[3], "PT2-J020", "by_bool[0]" },
  { "Containers", &containers_without_form[4], "PT2-J020", "by_real[0]" },
  { "Containers", &containers_without_form[5], "PT2-J015", "leaves[0].name" },
  { "Containers", &containers_without_form[6], "PT2-J018", "choices[1]" },
  { "Choice", &bad_choices[0], "PT2-J018", "" },
  { "Choice", &bad_choices[1], "PT2-J018", "" },
  { "Choice", &bad_choices[2], "PT2-J018", "" },
  { "Choice", &bad_choices[3], "PT2-J018", "" },
};

START_TEST (what_json_cannot_hold)
{
  const Refusal *refusal = &refusals[_i];
  is_refused (pt2_json_write, &every_schema, refusal->type, refusal->value, refusal->id, refusal->path);
}
END_TEST

/* Fields and members that came in compact and have no name. */
START_TEST (unknown_compact_fields_are_refused)
{
  static const char *const cases[][4] = {
    { "Empty", "95 02 00", "", "Empty, field id 9" },
    { "Choice", "91 00", "", "Choice, field id 9" },
    { "Choice", "6c 18 01 61 75 02 00 00", "leaf", "Leaf, field id 8" },
    { "Containers", "b9 1c 91 00 00", "choices[0]", "Choice, field id 9" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pt2Document document;
      Pt2Buffer out = PT2_BUFFER_INIT;
      Pt2Status status = PT2_STATUS_INIT;
      g_autoptr (GBytes) bytes = bytes_of_hex (cases[i][1]);
      must_read (pt2_compact_read, &document, &every_schema, cases[i][0], bytes);
      ck_assert (!pt2_json_write (&document, &out, &status));
      ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-J017");
      ck_assert_str_eq (status.path, cases[i][2]);
      ck_assert_str_eq (status.detail, cases[i][3]);
      pt2_buffer_clear (&out);
      pt2_document_clear (&document);
    }
}
END_TEST

/* ---- real programs ---- */

static unsigned
check_program (const char *path)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, NULL);
  if (archive == NULL || pt2_archive_get_models (archive) == NULL)
    return 0;
  unsigned n = 0;
  for (const char *const *model = pt2_archive_get_models (archive); *model != NULL; model++)
    {
      g_autoptr (GError) error = NULL;
      const Pt2Record *record = pt2_archive_choose_model (archive, *model, &error);
      g_autoptr (GBytes) bytes = record != NULL ? pt2_archive_read (archive, record->name, &error) : NULL;
      ck_assert_msg (bytes != NULL, "%s: %s", path, error != NULL ? error->message : "");
      int64_t major = 0, minor = 0;
      g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, NULL, &error);
      ck_assert_msg (program != NULL, "%s: %s", path, error != NULL ? error->message : "");
      pt2_program_get_schema_version (program, &major, &minor);
      if (major != 8)
        continue;
      for (int compact = 0; compact < 2; compact++)
        {
          g_autoptr (GBytes) written = rewrite (&pt2_export_schema, "ExportedProgram", bytes, compact);
          ck_assert_msg (g_bytes_equal (written, bytes), "%s changes%s", path, compact ? " by way of compact" : "");
        }
      n++;
    }
  return n;
}

START_TEST (every_program_of_the_corpus)
{
  const char *corpus = g_getenv ("PT2_CORPUS");
  ck_assert_ptr_nonnull (corpus);
  g_autoptr (GDir) folders = g_dir_open (corpus, 0, NULL);
  ck_assert_ptr_nonnull (folders);
  unsigned n = 0;
  for (const char *folder; (folder = g_dir_read_name (folders)) != NULL;)
    {
      g_autofree char *path = g_build_filename (corpus, folder, NULL);
      g_autoptr (GDir) files = g_dir_open (path, 0, NULL);
      for (const char *file; files != NULL && (file = g_dir_read_name (files)) != NULL;)
        if (g_str_has_suffix (file, ".pt2") || g_str_has_suffix (file, ".ep"))
          {
            g_autofree char *name = g_build_filename (path, file, NULL);
            n += check_program (name);
          }
    }
  ck_assert_uint_gt (n, 150);
}
END_TEST

/* Texts that fill the buffer to the last byte: every size of a list, and of a text in it. */
START_TEST (any_size_of_output)
{
  for (unsigned n = 0; n < 600; n += 7)
    {
      g_autofree char *text = g_strnfill (n, n % 2 ? 'a' : '\n');
      Pt2String items[] = { { text, n }, { text, n / 2 }, { text, n / 3 } };
      EveryContainers value = { .texts = LIST (items) };
      Pt2Document document;
      wrap_value (&document, &every_schema, "Containers", &value);
      g_autoptr (GBytes) written = write_bytes (pt2_json_write, &document);
      Pt2Document second;
      must_read_text (&second, &every_schema, "Containers", written);
      ck_assert (same_values (&document, &second));
      pt2_document_clear (&second);
      pt2_document_clear (&document);
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { scalars, 1 },
    { doubles, 1 },
    { containers, 1 },
    { appends, 1 },
    { a_chosen_one_of_each_minor, 1 },
    { null_optionals_of_each_minor, 1 },
    { what_json_cannot_hold, G_N_ELEMENTS (refusals) },
    { unknown_compact_fields_are_refused, 1 },
    { every_program_of_the_corpus, 1 },
    { any_size_of_output, 1 },
  };
  return RUN_SUITE ("json_write", cases);
}
