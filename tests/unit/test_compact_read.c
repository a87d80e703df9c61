/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/compact_read: what Apache's protocol allows is read, each fault has its id, place and path, and what
 * the schema does not know comes out of the writer as it came in.
 */
#include "codec_help.h"
#include "every_construct.h"
#include "suite.h"

extern const Pt2Schema every_schema;

/* ---- sound bytes ---- */

typedef struct
{
  const char *type;
  const char *hex;
  const char *canonical; /* as Apache's writers spell it; NULL: HEX is so */
} Sound;

static const Sound sound[] = {
  { "Empty", "00", NULL },
  { "Leaf", "18 01 61 00", NULL },
  { "Leaf", "18 01 61 15 0d 00", NULL },
  { "Leaf", "18 00 00", NULL },
  /* long headers where short ones would do; ids descending; a padded length */
  { "Leaf", "08 02 01 61 00", "18 01 61 00" },
  { "Leaf", "25 0d 08 02 01 61 00", "18 01 61 15 0d 00" },
  { "Leaf", "18 81 00 61 00", "18 01 61 00" },
  { "Leaf", "18 81 80 80 80 80 80 80 80 80 00 61 15 8d 80 00 00", "18 01 61 15 0d 00" },
  { "Choice", "11 00", NULL },
  { "Choice", "12 00", NULL },
  { "Choice", "26 ff ff ff ff ff ff ff ff ff 01 00", NULL },
  { "Choice", "26 fe ff ff ff ff ff ff ff ff 01 00", NULL },
  { "Choice", "37 00 00 00 00 00 00 f0 3f 00", NULL },
  { "Choice", "37 01 00 00 00 00 00 f8 7f 00", NULL }, /* a NaN with a payload */
  { "Choice", "0c 28 0c 28 11 00 00 00", NULL },
  { "Choice", "0c 50 00 00", NULL },          /* an empty struct */
  { "Choice", "55 d2 85 d8 cc 04 00", NULL }, /* an enum value of nobody */
  { "Scattered", "18 01 66 06 22 06 08 d8 04 01 6c 00", NULL },
  { "Scattered", "18 01 66 15 04 f6 06 08 d8 04 01 6c 01 fc ff 03 00", NULL },
  { "Containers", "19 31 01 02 01 00", NULL },
  { "Containers", "19 32 01 02 01 00", "19 31 01 02 01 00" }, /* the other code for booleans */
  { "Containers", "19 31 01 00 02 00", "19 31 01 02 02 00" }, /* the other false */
  { "Containers", "29 33 80 00 7f 00", NULL },
  { "Containers", "49 00 00", "49 05 00" }, /* an empty list that leaves its type out */
  { "Containers", "49 f5 02 02 04 00", "49 25 02 04 00" },
  { "Containers", "c9 3c 00 00 00 00", NULL },
  { "Containers", "0b 22 00 00", NULL },
  { "Containers", "0b 22 02 86 01 61 02 01 62 02 00", NULL },
  { "Containers", "0b 2c 02 41 02 01 01 02 00", NULL }, /* i16 to bool */
  { "Containers", "0b 2c 02 42 02 01 01 02 00", "0b 2c 02 41 02 01 01 02 00" },
  { "Containers", "fa 28 01 61 01 62 1a 25 02 04 00", NULL }, /* sets */
};

START_TEST (sound_bytes)
{
  const Sound *s = &sound[_i];
  Pt2Document document;
  g_autoptr (GBytes) bytes = bytes_of_hex (s->hex);
  g_autoptr (GBytes) canonical = bytes_of_hex (s->canonical != NULL ? s->canonical : s->hex);
  must_read (pt2_compact_read, &document, &every_schema, s->type, bytes);
  ck_assert_uint_eq (document.n_extras[0] + document.n_extras[1], 0);
  g_autoptr (GBytes) written = write_bytes (pt2_compact_write, &document);
  same_bytes (written, canonical, s->hex);
  pt2_document_clear (&document);
}
END_TEST

/* ---- faults ---- */

typedef struct
{
  const char *type;
  const char *hex;
  const char *id;
  uint64_t offset;
  const char *path;
} Fault;

static const Fault faults[] = {
  { "Leaf", "", "PT2-T001", 0, "" },
  { "Leaf", "18", "PT2-T001", 1, "name" },
  { "Leaf", "18 80", "PT2-T001", 2, "name" },
  { "Leaf", "18 01 61", "PT2-T001", 3, "" },
  { "Leaf", "18 01 61 15", "PT2-T001", 4, "weight" },
  { "Leaf", "18 01 61 05", "PT2-T001", 4, "" },
  { "Choice", "37 00 00 00 00 00 00 00", "PT2-T001", 1, "real" },
  { "Choice", "11", "PT2-T001", 1, "" },
  { "Choice", "0c 28 11 00", "PT2-T001", 4, "" },
  { "Choice", "03 cc 01", "PT2-T001", 3, "tiny" },
  { "Containers", "0b 22 01", "PT2-T001", 3, "by_text" },
  { "Empty", "97 00 00", "PT2-T001", 1, "" },
  { "Empty", "93", "PT2-T001", 1, "" },
  { "Empty", "9c 15 02", "PT2-T001", 3, "" },

  { "Leaf", "18 80 80 80 80 80 80 80 80 80 02 00", "PT2-T002", 1, "name" },
  { "Leaf", "18 80 80 80 80 80 80 80 80 80 80 00", "PT2-T002", 1, "name" },
  { "Choice", "26 ff ff ff ff ff ff ff ff ff 02 00", "PT2-T002", 1, "number" },
  { "Empty", "96 ff ff ff ff ff ff ff ff ff ff 00", "PT2-T002", 1, "" },

  { "Leaf", "15 00 00", "PT2-T003", 1, "name" },
  { "Leaf", "18 01 61 18 01 62 00", "PT2-T003", 4, "weight" },
  { "Leaf", "18 01 61 16 02 00", "PT2-T003", 4, "weight" }, /* i64 for i32 */
  { "Choice", "13 01 00", "PT2-T003", 1, "unit" },
  { "Choice", "21 00", "PT2-T003", 1, "number" },
  { "Choice", "6b 00 00", "PT2-T003", 1, "leaf" },
  { "Containers", "4a 15 02 00", "PT2-T003", 1, "ints" }, /* a set for a list */

  { "Containers", "49 16 02 00", "PT2-T004", 1, "ints" },
  { "Containers", "19 13 01 00", "PT2-T004", 1, "bools" },
  { "Containers", "0b 22 01 66 02 02 00", "PT2-T004", 2, "by_text" },
  { "Containers", "0b 22 01 88 01 61 01 61 00", "PT2-T004", 2, "by_text" },
  { "Containers", "d9 19 15 02 00", "PT2-T004", 2, "nested[0]" },

  { "Leaf", "18 05 61 00", "PT2-T005", 1, "name" },
  { "Leaf", "18 ff ff ff ff 07 61 00", "PT2-T005", 1, "name" },
  { "Leaf", "18 80 80 80 80 08 61 00", "PT2-T005", 1, "name" }, /* 2^31 */
  { "Leaf", "18 ff ff ff ff ff ff ff ff ff 01 61", "PT2-T005", 1, "name" },
  { "Containers", "49 35 02 04", "PT2-T005", 1, "ints" },
  { "Containers", "49 f5 ff ff ff ff 07 02 00", "PT2-T005", 1, "ints" },
  { "Containers", "49 f5 ff ff ff ff 0f 02 00", "PT2-T005", 2, "ints" },
  { "Containers", "69 17 00 00 00 00 00 00 00", "PT2-T005", 1, "reals" },
  { "Containers", "a9 2c 18 00 00 18 00", "PT2-T005", 1, "leaves" }, /* a leaf takes three bytes */
  { "Containers", "0b 22 80 80 80 40 86 00", "PT2-T005", 2, "by_text" },
  { "Empty", "98 09 61", "PT2-T005", 1, "" },

  { "Leaf", "00", "PT2-T006", 0, "" },
  { "Leaf", "25 0d 00", "PT2-T006", 2, "" },
  { "Containers", "a9 1c 25 02 00 00", "PT2-T006", 4, "leaves[0]" },

  { "Leaf", "18 01 61 08 02 01 62 00", "PT2-T007", 3, "" },
  { "Leaf", "18 01 61 15 02 05 04 02 00", "PT2-T007", 5, "" },

  { "Choice", "00", "PT2-T008", 0, "" },
  { "Choice", "26 02 16 02 00", "PT2-T008", 2, "" },
  { "Choice", "26 02 91 00", "PT2-T008", 2, "" },
  { "Choice", "91 91 00", "PT2-T008", 1, "" },
  { "Containers", "b9 1c 00 00", "PT2-T008", 2, "choices[0]" },

  { "Leaf", "18 01 61 2d 00 00", "PT2-T009", 4, "" },
  { "Empty", "9e 00", "PT2-T009", 1, "" },
  { "Empty", "10 00", "PT2-T009", 1, "" }, /* a step to the stop code */
  { "Leaf", "18 01 61 20 00", "PT2-T009", 4, "" },
  { "Choice", "20 00", "PT2-T003", 1, "number" },
  { "Empty", "9f 00", "PT2-T009", 1, "" },
  { "Empty", "99 1e 00", "PT2-T009", 2, "" },
  { "Empty", "99 10 00", "PT2-T009", 2, "" },
  { "Empty", "9b 01 08 00", "PT2-T009", 3, "" },

  { "Empty", "00 00", "PT2-T010", 1, "" },
  { "Leaf", "18 01 61 00 ff ff", "PT2-T010", 4, "" },

  { "Leaf", "18 01 61 15 80 80 80 80 10 00", "PT2-T011", 4, "weight" },
  { "Containers", "39 14 80 80 04 00", "PT2-T011", 2, "shorts[0]" },
  { "Choice", "55 ff ff ff ff 1f 00", "PT2-T011", 1, "colour" },
  { "Empty", "05 80 80 04 00 00", "PT2-T011", 0, "" },       /* field id 32768 */
  { "Empty", "05 81 80 04 00 00", "PT2-T011", 0, "" },       /* field id -32769 */
  { "Empty", "05 fc ff 03 00 f5 00 00", "PT2-T011", 6, "" }, /* 32766 and a step */
  { "Empty", "9c 05 fc ff 03 00 f5 00 00 00", "PT2-T011", 6, "" },

  { "Containers", "0b 22 02 86 01 61 02 01 61 04 00", "PT2-T012", 10, "by_text[\"a\"]" },
  { "Containers", "0b 24 02 58 02 01 61 02 01 62 00", "PT2-T012", 10, "by_int[1]" },
  { "Containers", "0b 32 02 15 02 02 02 04 00", "PT2-T012", 8, "by_bool[1]" },

  { "Containers", "19 11 03 00", "PT2-T013", 2, "bools[0]" },
  { "Containers", "19 31 01 02 ff 00", "PT2-T013", 4, "bools[2]" },
  { "Containers", "0b 2c 01 41 02 04 00", "PT2-T013", 5, "by_short[0]" },

  /* the reserved field: another type, no JSON, no list of parts, parts of another form */
  { "Empty", "05 fe ff 03 02 00", "PT2-T014", 4, "" },
  { "Empty", "08 fe ff 03 01 78 00", "PT2-T014", 4, "" },
  { "Empty", "08 fe ff 03 02 7b 7d 00", "PT2-T014", 4, "" },
  { "Empty", "08 fe ff 03 02 5b 5d 00", "PT2-T014", 4, "" },
  { "Empty", "08 fe ff 03 03 5b 31 5d 00", "PT2-T014", 4, "" },
  /* [[1, "a", 2]] and [["none", "a", 2]] and [[null, "a"]] */
  { "Empty", "08 fe ff 03 0d 5b5b312c 20 22 61 22 2c 20 32 5d5d 00", "PT2-T014", 4, "" },
  { "Empty", "08 fe ff 03 11 5b5b226e6f6e65222c 2261222c 32 20 5d5d 00", "PT2-T014", 4, "" },
  { "Empty", "08 fe ff 03 0c 5b5b6e756c6c2c 226122 5d5d 00", "PT2-T014", 4, "" },

  /* paths through everything */
  { "Containers", "e9 1b 01 89 01 6b 1c 18 01 61 15", "PT2-T001", 11, "deep[0][\"k\"][0].weight" },
  { "Containers", "0b 2a 01 89 01 78 19 1c 0b c8 01 01", "PT2-T001", 12, "by_text_deep[\"x\"][0][0].named" },
};

START_TEST (faults_have_id_place_and_path)
{
  const Fault *f = &faults[_i];
  g_autoptr (GBytes) bytes = bytes_of_hex (f->hex);
  fails_at (pt2_compact_read, &every_schema, f->type, bytes, f->hex, f->id, f->offset, f->path);
}
END_TEST

START_TEST (faults_say_what_was_expected)
{
  static const char *const details[][3] = {
    { "Leaf", "15 00 00", "expected string (type code 8), found type code 5" },
    { "Containers", "49 16 02 00", "expected i32 (type code 5), found type code 6" },
    { "Leaf", "00", "Leaf.name" },
    { "Leaf", "18 01 61 08 02 01 62 00", "Leaf.name" },
    { "Choice", "00", "Choice" },
    { "Empty", "00 00 00", "2 bytes" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (details); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of_hex (details[i][1]);
      fails_with (pt2_compact_read, &every_schema, details[i][0], bytes, details[i][2]);
    }
}
END_TEST

/* ---- what the schema does not know ---- */

static const char *const unknown[] = {
  "91",                               /* true */
  "92",                               /* false */
  "93 ff",                            /* i8 */
  "94 01",                            /* i16 */
  "95 ff ff ff ff 0f",                /* i32 */
  "96 ff ff ff ff ff ff ff ff ff 01", /* i64 */
  "96 82 80 00",                      /* the same number in more bytes than it needs: kept */
  "97 00 01 02 03 04 05 06 07",       /* double */
  "98 00",                            /* empty text */
  "98 02 ff 00",                      /* bytes */
  "99 05",                            /* empty list */
  "99 31 01 02 00",                   /* list of bool, whatever its bytes */
  "99 f5 02 02 04",                   /* a long header for a short list */
  "9a 28 01 61 01 61",                /* a set that holds one text twice */
  "9b 00",                            /* empty map */
  "9b 02 58 02 01 61 02 01 62",       /* a map that holds one key twice */
  "9b 01 11 01 02",                   /* bool to bool */
  "9c 00",                            /* empty struct */
  "9c 11 22 33 00 19 1c 15 02 00 00", /* struct with a bit of everything */
  "9c 15 02 05 02 04 00",             /* struct with one field twice */
  "05 01 02",                         /* id -1 */
  "05 ff ff 03 02",                   /* id -32768 */
  "05 fc ff 03 02",                   /* id 32766 */
  "91 12 13 07",                      /* several */
  "9c 1c 1c 1c 1c 00 00 00 00 00",
};

/* Alone, before, between and behind fields that are known; in a struct, an item, and a member of a union. */
START_TEST (unknown_fields_come_out_where_they_were)
{
  const char *field = unknown[_i];
  const char *const around[][3] = {
    { "Empty", "", "00" },
    { "Leaf", "18 01 61 15 0d", "00" },
    { "Containers", "c9 2c", "00 00 00" },
    { "Choice", "0c 50", "00 00" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (around); i++)
    {
      g_autofree char *hex = g_strconcat (around[i][1], " ", field, " ", around[i][2], NULL);
      Pt2Document document;
      g_autoptr (GBytes) bytes = bytes_of_hex (hex);
      must_read (pt2_compact_read, &document, &every_schema, around[i][0], bytes);
      ck_assert_uint_ge (document.n_extras[PT2_EXTRA_COMPACT], 1);
      g_autoptr (GBytes) written = write_bytes (pt2_compact_write, &document);
      same_bytes (written, bytes, hex);
      pt2_document_clear (&document);
    }
}
END_TEST

START_TEST (unknown_fields_between_known_ones)
{
  static const char *const texts[] = {
    "18 01 66 15 04 16 08 e6 0a 21 71 08 d8 04 01 6c 15 02 01 fc ff 03 00",
    "05 13 06 b8 01 66 06 22 06 08 d8 04 01 6c 00",
  };
  Pt2Document document;
  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of_hex (texts[i]);
      must_read (pt2_compact_read, &document, &every_schema, "Scattered", bytes);
      g_autoptr (GBytes) written = write_bytes (pt2_compact_write, &document);
      same_bytes (written, bytes, texts[i]);
      pt2_document_clear (&document);
    }
}
END_TEST

START_TEST (unknown_members_are_kept)
{
  for (size_t i = 0; i < G_N_ELEMENTS (unknown); i++)
    {
      if (strncmp (unknown[i], "91 12", 5) == 0)
        continue; /* several fields make no union */
      g_autofree char *hex = g_strconcat (unknown[i], " 00", NULL);
      Pt2Document document;
      g_autoptr (GBytes) bytes = bytes_of_hex (hex);
      must_read (pt2_compact_read, &document, &every_schema, "Choice", bytes);
      ck_assert_uint_eq (((const EveryChoice *)document.root)->which, PT2_UNKNOWN_MEMBER);
      ck_assert_uint_eq (document.n_extras[PT2_EXTRA_COMPACT], 1);
      g_autoptr (GBytes) written = write_bytes (pt2_compact_write, &document);
      same_bytes (written, bytes, hex);
      pt2_document_clear (&document);
    }
}
END_TEST

/* ---- options ---- */

static bool
read_with (unsigned flags, const char *type, GBytes *bytes, Pt2Document *document, Pt2Status *status)
{
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  *status = (Pt2Status)PT2_STATUS_INIT;
  open_document (document, &every_schema, type, len);
  document->compact_flags = flags;
  return pt2_compact_read (document, data, len, pt2_limits_default (), status);
}

START_TEST (big_endian_doubles)
{
  Pt2Document document;
  Pt2Status status;
  g_autoptr (GBytes) bytes = bytes_of_hex ("37 3f f0 00 00 00 00 00 00 00");
  ck_assert (read_with (PT2_COMPACT_BIG_ENDIAN_DOUBLES, "Choice", bytes, &document, &status));
  ck_assert (((const EveryChoice *)document.root)->real == 1.0);
  g_autoptr (GBytes) written = write_bytes (pt2_compact_write, &document);
  same_bytes (written, bytes, "big-endian");
  document.compact_flags = 0;
  g_autoptr (GBytes) little = write_bytes (pt2_compact_write, &document);
  g_autoptr (GBytes) wanted = bytes_of_hex ("37 00 00 00 00 00 00 f0 3f 00");
  same_bytes (little, wanted, "little-endian");
  pt2_document_clear (&document);
}
END_TEST

START_TEST (uuid_only_when_asked_for)
{
  Pt2Document document;
  Pt2Status status;
  g_autoptr (GBytes) whole = bytes_of_hex ("9d 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 00");
  g_autoptr (GBytes) cut = bytes_of_hex ("9d 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e");
  ck_assert (!read_with (0, "Empty", whole, &document, &status));
  ck_assert_int_eq (status.code, PT2_ERROR_T009);
  pt2_document_clear (&document);
  ck_assert (!read_with (PT2_COMPACT_UUID, "Empty", cut, &document, &status));
  ck_assert_int_eq (status.code, PT2_ERROR_T001);
  pt2_document_clear (&document);
  ck_assert (read_with (PT2_COMPACT_UUID, "Empty", whole, &document, &status));
  g_autoptr (GBytes) written = write_bytes (pt2_compact_write, &document);
  same_bytes (written, whole, "UUID");
  pt2_document_clear (&document);
}
END_TEST

/* ---- limits ---- */

START_TEST (memory_has_a_limit)
{
  g_autoptr (GBytes) bytes = nest_compact (
      "0c 28", "79 ec 11 00 11 00 11 00 11 00 11 00 11 00 11 00 11 00 11 00 11 00 11 00 11 00 11 00 91 00 00", "00",
      200);
  Pt2Limits limits = *pt2_limits_default ();
  bool enough = false;
  unsigned refused = 0;
  for (limits.memory = 0; limits.memory < 100000 && !enough; limits.memory += 64)
    {
      Pt2Status status;
      Pt2ErrorCode code = read_compact_limited (&every_schema, "Choice", bytes, &limits, &status);
      enough = code == PT2_ERROR_NONE;
      refused++;
      ck_assert_msg (enough || code == PT2_ERROR_L003, "%s", pt2_error_code_id (code));
    }
  ck_assert (enough);
  ck_assert_uint_gt (refused, 20);
}
END_TEST

/* Many keys, made to collide or not; the duplicate is found, and in good time. */
START_TEST (duplicate_keys_among_many)
{
  enum
  {
    N = 20000,
  };
  for (int twice = 0; twice < 2; twice++)
    {
      Pt2Buffer out = PT2_BUFFER_INIT;
      EveryI32ToStringMapEntry *entries = g_new0 (EveryI32ToStringMapEntry, N);
      EveryContainers containers = { .by_int = { entries, N } };
      Pt2Document document;
      Pt2Status status = PT2_STATUS_INIT;
      for (int i = 0; i < N; i++)
        entries[i] = (EveryI32ToStringMapEntry){ i * 65536, TEXT ("") };
      if (twice)
        entries[N - 1].key = entries[N / 2].key;
      wrap_value (&document, &every_schema, "Containers", &containers);
      ck_assert (pt2_compact_write (&document, &out, &status));
      pt2_document_clear (&document);
      g_autoptr (GBytes) bytes = pt2_buffer_to_bytes (&out);
      bool fine = read_bytes (pt2_compact_read, &document, &every_schema, "Containers", bytes, &status);
      ck_assert_int_eq (fine, !twice);
      if (fine)
        pt2_document_clear (&document);
      else
        {
          ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-T012");
          ck_assert_str_eq (status.path, "by_int[19999]");
        }
      g_free (entries);
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { sound_bytes, G_N_ELEMENTS (sound) },
    { faults_have_id_place_and_path, G_N_ELEMENTS (faults) },
    { faults_say_what_was_expected, 1 },
    { unknown_fields_come_out_where_they_were, G_N_ELEMENTS (unknown) },
    { unknown_fields_between_known_ones, 1 },
    { unknown_members_are_kept, 1 },
    { big_endian_doubles, 1 },
    { uuid_only_when_asked_for, 1 },
    { memory_has_a_limit, 1 },
    { duplicate_keys_among_many, 1 },
  };
  return RUN_SUITE ("compact_read", cases);
}
