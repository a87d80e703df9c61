/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/annotate: every byte is explained once, in order, and faults are found where the reader finds them. */
#include "annotate.h"
#include "codec_help.h"
#include "every_construct.h"
#include "suite.h"

extern const Pt2Schema every_schema;

typedef struct
{
  GString *text;
  uint64_t offset; /* where the next piece must begin */
  unsigned n, stop_after;
} Seen;

static bool
see (const Pt2Piece *piece, void *data)
{
  Seen *seen = data;
  ck_assert_uint_eq (piece->offset, seen->offset);
  ck_assert_uint_gt (piece->len, 0);
  ck_assert_str_ne (piece->what, "");
  seen->offset += piece->len;
  g_string_append_printf (seen->text, "%u|%s|%s|%s|%s\n", (unsigned)piece->len, piece->path, piece->what, piece->type,
                          piece->value);
  return ++seen->n != seen->stop_after;
}

static bool
annotate (const char *type, GBytes *bytes, Seen *seen, Pt2Status *status)
{
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  *status = (Pt2Status)PT2_STATUS_INIT;
  return pt2_compact_annotate (pt2_schema_find_struct (&every_schema, type), data, len, pt2_limits_default (), see,
                               seen, status);
}

static const char *const vectors[][3] = {
  { "Leaf", "18 01 61 15 0d 00",
    "1|name|field header|string|id 1, binary\n"
    "1|name|length|string|1\n"
    "1|name|value|string|\"a\"\n"
    "1|weight|field header|i32|id 2, i32\n"
    "1|weight|value|i32|-7\n"
    "1||stop|Leaf|\n" },
  { "Choice", "55 0a 00",
    "1|colour|member header|Colour|id 5, i32\n"
    "1|colour|value|Colour|5 GREEN\n"
    "1||stop|Choice|\n" },
  { "Choice", "0b c8 01 01 8c 01 6b 12 00 00",
    "3|named|member header|map<string,Choice>|id 100, map\n"
    "2|named|map header|map<string,Choice>|1 entries of binary to struct\n"
    "1|named[0]|length|string|1\n"
    "1|named[0]|value|string|\"k\"\n"
    "1|named[0].unit|member header|bool|id 1, bool false\n"
    "1|named[0]|stop|Choice|\n"
    "1||stop|Choice|\n" },
  { "Containers", "19 21 01 02 00",
    "1|bools|field header|list<bool>|id 1, list\n"
    "1|bools|list header|list<bool>|2 items of bool true\n"
    "1|bools[0]|value|bool|true\n"
    "1|bools[1]|value|bool|false\n"
    "1||stop|Containers|\n" },
  { "Empty", "9c 17 00 00 00 00 00 00 e0 3f 00 13 ff 00",
    "1|#9|field header|struct|id 9, struct, unknown\n"
    "1|#9.#1|field header|double|id 1, double, unknown\n"
    "8|#9.#1|value|double|0.5\n"
    "1|#9|stop|struct|\n"
    "1|#10|field header|i8|id 10, i8, unknown\n"
    "1|#10|value|i8|-1\n"
    "1||stop|Empty|\n" },
  { "Leaf", "18 00 00",
    "1|name|field header|string|id 1, binary\n"
    "1|name|length|string|0\n"
    "1||stop|Leaf|\n" },
};

START_TEST (pieces_are_these)
{
  Seen seen = { .text = g_string_new ("") };
  Pt2Status status;
  g_autoptr (GBytes) bytes = bytes_of_hex (vectors[_i][1]);
  ck_assert (annotate (vectors[_i][0], bytes, &seen, &status));
  ck_assert_str_eq (seen.text->str, vectors[_i][2]);
  ck_assert_uint_eq (seen.offset, g_bytes_get_size (bytes));
  g_string_free (seen.text, TRUE);
}
END_TEST

START_TEST (can_be_stopped)
{
  Seen seen = { .text = g_string_new (""), .stop_after = 3 };
  Pt2Status status;
  g_autoptr (GBytes) bytes = bytes_of_hex ("18 01 61 15 0d 00");
  ck_assert (annotate ("Leaf", bytes, &seen, &status));
  ck_assert_uint_eq (seen.n, 3);
  ck_assert_int_eq (status.code, PT2_ERROR_NONE);
  g_string_free (seen.text, TRUE);
}
END_TEST

static const char *const faults[][4] = {
  { "Leaf", "18 05 61", "PT2-T005", "name" },
  { "Leaf", "18 01 61", "PT2-T001", "" },
  { "Choice", "0b c8 01 01 8c 01 6b 37 00", "PT2-T001", "named[0].real" },
  { "Empty", "00 00", "PT2-T010", "" },
  { "Empty", "9e", "PT2-T009", "#9" },
  { "Empty", "9d 00", "PT2-T009", "#9" },
  { "Empty", "99 1f 00", "PT2-T009", "#9[0]" },
  { "Empty", "05 fc ff 03 00 f5 00 00", "PT2-T011", "" },
};

START_TEST (faults_have_a_path)
{
  Seen seen = { .text = g_string_new ("") };
  Pt2Status status;
  g_autoptr (GBytes) bytes = bytes_of_hex (faults[_i][1]);
  ck_assert (!annotate (faults[_i][0], bytes, &seen, &status));
  ck_assert_str_eq (pt2_error_code_id (status.code), faults[_i][2]);
  ck_assert_str_eq (status.path, faults[_i][3]);
  ck_assert_uint_le (seen.offset, g_bytes_get_size (bytes));
  g_string_free (seen.text, TRUE);
}
END_TEST

START_TEST (depth_has_a_limit)
{
  GByteArray *array = g_byte_array_new ();
  for (int i = 0; i < 100000; i++)
    g_byte_array_append (array, (const guint8 *)"\x0c\x28", 2); /* Choice.inner */
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (array);
  Pt2Limits limits = *pt2_limits_default ();
  Pt2Status status = PT2_STATUS_INIT;
  Seen seen = { .text = g_string_new ("") };
  limits.depth = UINT64_MAX;
  ck_assert (!pt2_compact_annotate (pt2_schema_find_struct (&every_schema, "Choice"), g_bytes_get_data (bytes, NULL),
                                    200000, &limits, see, &seen, &status));
  ck_assert_int_eq (status.code, PT2_ERROR_L002);
  ck_assert (g_str_has_prefix (status.path, "…inner."));
  ck_assert (g_str_has_suffix (status.path, ".inner"));
  g_string_free (seen.text, TRUE);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { pieces_are_these, G_N_ELEMENTS (vectors) },
    { can_be_stopped, 1 },
    { faults_have_a_path, G_N_ELEMENTS (faults) },
    { depth_has_a_limit, 1 },
  };
  return RUN_SUITE ("annotate", cases);
}
