/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/compact_write: the bytes are Apache's, and what Thrift cannot hold is refused. */
#include "codec_help.h"
#include "every_construct.h"
#include "suite.h"

extern const Pt2Schema every_schema;

static void
check (const char *type, const void *value, const char *hex)
{
  Pt2Document document;
  wrap_value (&document, &every_schema, type, value);
  g_autoptr (GBytes) written = write_bytes (pt2_compact_write, &document);
  g_autoptr (GBytes) wanted = bytes_of_hex (hex);
  same_bytes (written, wanted, type);
  pt2_document_clear (&document);
}

START_TEST (scalars)
{
  EveryScalars value = { .yes = true,
                         .tiny = -1,
                         .small = -300,
                         .medium = 64,
                         .large = INT64_MIN,
                         .real = 1.0,
                         .text = TEXT ("ab"),
                         .blob = TEXT ("\xff"),
                         .colour = EVERY_COLOUR_BLUE,
                         .ticks = INT64_MAX,
                         .present = { -1 } };
  check ("Scalars", &value,
         "11 13 ff 14 d7 04 15 80 01 16 ff ff ff ff ff ff ff ff ff 01 17 00 00 00 00 00 00 f0 3f 18 02 61 62 18 01 ff"
         "15 05 16 fe ff ff ff ff ff ff ff ff 01 00");
  value.yes = false;
  value.real = -0.0;
  value.text.len = 0;
  check ("Scalars", &value,
         "12 13 ff 14 d7 04 15 80 01 16 ff ff ff ff ff ff ff ff ff 01 17 00 00 00 00 00 00 00 80 18 00 18 01 ff"
         "15 05 16 fe ff ff ff ff ff ff ff ff 01 00");
}
END_TEST

/* Where a zigzag number takes one byte more. */
START_TEST (integers_at_their_edges)
{
  static const struct
  {
    int64_t value;
    const char *hex;
  } edges[] = {
    { 0, "26 00 00" },
    { -1, "26 01 00" },
    { 1, "26 02 00" },
    { 63, "26 7e 00" },
    { -64, "26 7f 00" },
    { 64, "26 80 01 00" },
    { -65, "26 81 01 00" },
    { 8191, "26 fe 7f 00" },
    { 8192, "26 80 80 01 00" },
    { INT32_MAX, "26 fe ff ff ff 0f 00" },
    { INT32_MIN, "26 ff ff ff ff 0f 00" },
    { (INT64_C (1) << 62) - 1, "26 fe ff ff ff ff ff ff ff 7f 00" },
    { INT64_C (1) << 62, "26 80 80 80 80 80 80 80 80 80 01 00" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (edges); i++)
    {
      EveryChoice choice = { .which = EVERY_CHOICE_NUMBER, .number = edges[i].value };
      check ("Choice", &choice, edges[i].hex);
    }
}
END_TEST

START_TEST (headers_are_short_where_they_can_be)
{
  EveryScattered value
      = { .first = TEXT ("a"), .far = -1, .last = TEXT ("b"), .present = { 1 << 0 | 1 << 2 | 1 << 3 } };
  check ("Scattered", &value, "18 01 61 06 22 01 08 d8 04 01 62 00");
  value.present[0] = (uint32_t)-1;
  value.second = 1;
  value.largest = false;
  check ("Scattered", &value, "18 01 61 15 02 f6 01 08 d8 04 01 62 02 fc ff 03 00");
  EveryChoice choice = { .which = EVERY_CHOICE_TINY, .tiny = -1 };
  check ("Choice", &choice, "03 cc 01 ff 00");
}
END_TEST

START_TEST (containers)
{
  static int32_t ints[20];
  static bool bools[] = { true, false };
  static EveryI16ToBoolMapEntry flags[] = { { 1, true }, { 2, false } };
  static EveryEmpty empties[2];
  check ("Containers", &(EveryContainers){ .ints = { ints, 0 } }, "49 05 00");
  check ("Containers", &(EveryContainers){ .ints = { ints, 14 } }, "49 e5 00000000000000 00000000000000 00");
  check ("Containers", &(EveryContainers){ .ints = { ints, 15 } }, "49 f5 0f 00000000000000 0000000000000000 00");
  check ("Containers", &(EveryContainers){ .bools = LIST (bools) }, "19 21 01 02 00");
  check ("Containers", &(EveryContainers){ .by_short = LIST (flags) }, "0b 2c 02 41 02 01 04 02 00");
  check ("Containers", &(EveryContainers){ .by_short = { flags, 0 } }, "0b 2c 00 00");
  check ("Containers", &(EveryContainers){ .empties = LIST (empties) }, "c9 2c 00 00 00");
  check ("Containers", &(EveryContainers){ .set_of_ints = { ints, 1 } }, "0a 20 15 00 00");
  check ("Containers", &(EveryContainers){ .ints = { ints, 1 }, .set_of_ints = { ints, 1 } }, "49 15 00 ca 15 00 00");
}
END_TEST

typedef struct
{
  const char *type;
  const void *value;
  const char *id;
  const char *path;
} Refusal;

static Pt2String long_text = { "", (uint32_t)INT32_MAX + 1 };
static EveryLeaf long_leaf = { .name = { "", UINT32_MAX }, .present = { 1 } };
static EveryChoice nothing_chosen[2] = { { .which = EVERY_CHOICE_UNIT }, { .which = 0 } };
static const EveryContainers too_long[] = {
  { .ints = { (int32_t *)"", (uint32_t)INT32_MAX + 1 } },
  { .by_text = { (EveryStringToI64MapEntry *)"", UINT32_MAX } },
  { .texts = { &long_text, 1 } },
  { .leaves = { &long_leaf, 1 } },
  { .choices = { nothing_chosen, 2 } },
};
static const EveryChoice bad_choices[] = {
  { .which = 0 },
  { .which = PT2_UNKNOWN_MEMBER }, /* and nothing was kept of it */
  { .which = 9 },
  { .which = 32767 },
};

static const Refusal refusals[] = {
  { "Containers", &too_long[0], "PT2-T015", "ints" },
  { "Containers", &too_long[1], "PT2-T015", "by_text" },
  { "Containers", &too_long[2], "PT2-T015", "texts[0]" },
  { "Containers", &too_long[3], "PT2-T015", "leaves[0].name" },
  { "Containers", &too_long[4], "PT2-T008", "choices[1]" },
  { "Choice", &bad_choices[0], "PT2-T008", "" },
  { "Choice", &bad_choices[1], "PT2-T008", "" },
  { "Choice", &bad_choices[2], "PT2-T008", "" },
  { "Choice", &bad_choices[3], "PT2-T008", "" },
};

START_TEST (what_thrift_cannot_hold)
{
  const Refusal *refusal = &refusals[_i];
  is_refused (pt2_compact_write, &every_schema, refusal->type, refusal->value, refusal->id, refusal->path);
}
END_TEST

/* The writer appends: what stood in the buffer stays. */
START_TEST (appends)
{
  EveryLeaf leaf = { .name = TEXT ("a"), .present = { 1 } };
  Pt2Document document;
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Status status = PT2_STATUS_INIT;
  wrap_value (&document, &every_schema, "Leaf", &leaf);
  for (int i = 0; i < 2; i++)
    ck_assert (pt2_compact_write (&document, &out, &status));
  g_autoptr (GBytes) written = pt2_buffer_to_bytes (&out);
  g_autoptr (GBytes) wanted = bytes_of_hex ("18 01 61 00 18 01 61 00");
  same_bytes (written, wanted, "twice");
  pt2_document_clear (&document);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { scalars, 1 },
    { integers_at_their_edges, 1 },
    { headers_are_short_where_they_can_be, 1 },
    { containers, 1 },
    { what_thrift_cannot_hold, G_N_ELEMENTS (refusals) },
    { appends, 1 },
  };
  return RUN_SUITE ("compact_write", cases);
}
