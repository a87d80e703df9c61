/* SPDX-License-Identifier: Apache-2.0 */
/* lib/codec/extras and document: JSON parts in the reserved field, and extras of very many owners. */
#include "extras.h"
#include "codec_help.h"
#include "every_construct.h"
#include "suite.h"

extern const Pt2Schema every_schema;

static void
append (GByteArray *all, GBytes *bytes)
{
  gsize len;
  const guint8 *data = g_bytes_get_data (bytes, &len);
  g_byte_array_append (all, data, (guint)len);
}

/* A struct's bytes: HEAD, the reserved field with TEXT, and the stop byte. */
static GBytes *
with_parts (const char *head, const char *text)
{
  g_autoptr (GBytes) first = bytes_of_hex (head);
  GByteArray *all = g_byte_array_new ();
  size_t len = strlen (text);
  guint8 header[] = { 0x08, 0xfe, 0xff, 0x03, (guint8)(len < 128 ? len : len | 128), (guint8)(len >> 7) };
  ck_assert_uint_lt (len, 1 << 14);
  append (all, first);
  g_byte_array_append (all, header, len < 128 ? 5 : 6);
  g_byte_array_append (all, (const guint8 *)text, (guint)len);
  g_byte_array_append (all, (const guint8 *)"", 1);
  return g_byte_array_free_to_bytes (all);
}

typedef struct
{
  const char *type;
  const char *head; /* compact bytes before the reserved field */
  const char *text; /* of the reserved field */
  const char *json; /* what the JSON writer makes of it all */
} Part;

static const Part parts[] = {
  { "Empty", "", "[[null, \"a\", 1]]", "{\"a\": 1}" },
  { "Empty", "", "[[null, \"a\", {\"b\": [1e400, NaN, null]}], [null, \"\\u0061b\", \"\\ud800\"]]",
    "{\"a\": {\"b\": [1e400, NaN, null]}, \"\\u0061b\": \"\\ud800\"}" },
  { "Leaf", "18 01 78 15 02", "[[null, \"a\", 1], [\"name\", \"b\", 2], [\"weight\", \"c\", 3]]",
    "{\"a\": 1, \"name\": \"x\", \"b\": 2, \"weight\": 1, \"c\": 3}" },
  { "Leaf", "18 01 78", "[[\"name\", \"b\", \"\"]]", "{\"name\": \"x\", \"b\": \"\"}" },
  { "Choice", "", "[[null, \"as_new\", {\"x\": 1}]]", "{\"as_new\": {\"x\": 1}}" },
  /* An integer that no 64 bits hold stands for its field. */
  { "Scattered", "18 01 78 08 d8 04 01 79", "[[\"last\", \"far\", 18446744073709551616]]",
    "{\"last\": \"y\", \"far\": 18446744073709551616, \"first\": \"x\"}" },
};

START_TEST (json_parts_come_and_go)
{
  const Part *part = &parts[_i];
  Pt2Document from_compact, from_json;
  g_autoptr (GBytes) compact = with_parts (part->head, part->text);
  g_autoptr (GBytes) json = g_bytes_new (part->json, strlen (part->json));
  must_read (pt2_compact_read, &from_compact, &every_schema, part->type, compact);
  g_autoptr (GBytes) compact_again = write_bytes (pt2_compact_write, &from_compact);
  same_bytes (compact_again, compact, part->text);
  g_autoptr (GBytes) json_made = write_bytes (pt2_json_write, &from_compact);
  same_bytes (json_made, json, part->json);
  must_read (pt2_json_read, &from_json, &every_schema, part->type, json);
  ck_assert_uint_eq (from_json.n_extras[PT2_EXTRA_JSON], from_compact.n_extras[PT2_EXTRA_JSON]);
  g_autoptr (GBytes) compact_made = write_bytes (pt2_compact_write, &from_json);
  same_bytes (compact_made, compact, "compact from JSON");
  pt2_document_clear (&from_compact);
  pt2_document_clear (&from_json);
}
END_TEST

static const char *const refused[][3] = {
  { "Empty", "", "" },
  { "Empty", "", "[]" },
  { "Empty", "", "null" },
  { "Empty", "", "{\"a\": 1}" },
  { "Empty", "", "[[null, \"a\", 1]" },
  { "Empty", "", "[[null, \"a\", 1]] x" },
  { "Empty", "", "[[null, \"a\"]]" },
  { "Empty", "", "[[null, \"a\", 1, 2]]" },
  { "Empty", "", "[[null, 1, 1]]" },
  { "Empty", "", "[[null, null, 1]]" },
  { "Empty", "", "[[0, \"a\", 1]]" },
  { "Empty", "", "[[\"name\", \"a\", 1]]" },
  { "Empty", "", "[null]" },
  { "Empty", "", "[{\"a\": 1}]" },
  { "Empty", "", "[[null, \"a\", 01]]" },
  { "Empty", "", "[[null, \"a\", 1], [null, \"a\", 1]]" },
  { "Empty", "", "[[null, \"a\", 1], [null, \"\\u0061\", 1]]" },
  { "Leaf", "18 01 78", "[[null, \"\\u0077eight\", 1]]" },
  { "Choice", "", "[[null, \"a\", 1], [null, \"b\", 1]]" },
  /* A field that is there already, or whose type can hold it, has no business here. */
  { "Scattered", "18 01 78 08 d8 04 01 79", "[[\"last\", \"far\", \"five\"]]" },
  { "Scattered", "18 01 78 08 d8 04 01 79", "[[null, \"first\", \"z\"]]" },
  { "Scattered", "18 01 78 06 22 02 08 d8 04 01 79", "[[\"last\", \"far\", 18446744073709551616]]" },
  /* As in JSON itself, no object has a key twice, however deep. */
  { "Empty", "", "[[null, \"a\", {\"b\": {\"c\": 1, \"c\": 2}}]]" },
};

START_TEST (anything_else_is_refused)
{
  Pt2Document document;
  Pt2Status status;
  g_autoptr (GBytes) bytes = with_parts (refused[_i][1], refused[_i][2]);
  ck_assert_msg (!read_bytes (pt2_compact_read, &document, &every_schema, refused[_i][0], bytes, &status), "%s",
                 refused[_i][2]);
  ck_assert_str_eq (pt2_error_code_id (status.code), "PT2-T014");
}
END_TEST

START_TEST (a_key_twice_among_many)
{
  for (int twice = 0; twice < 2; twice++)
    {
      Pt2Document document;
      Pt2Status status;
      GString *text = g_string_new ("[");
      for (int i = 0; i < 500; i++)
        g_string_append_printf (text, "%s[null, \"k%d\", %d]", i > 0 ? ", " : "", twice && i == 499 ? 250 : i, i);
      g_string_append_c (text, ']');
      g_autoptr (GBytes) bytes = with_parts ("", text->str);
      bool fine = read_bytes (pt2_compact_read, &document, &every_schema, "Empty", bytes, &status);
      ck_assert_int_eq (fine, !twice);
      if (fine)
        pt2_document_clear (&document);
      g_string_free (text, TRUE);
    }
}
END_TEST

/* Each of very many owners keeps its own, in order. */
START_TEST (many_owners)
{
  enum
  {
    N = 100000,
  };
  Pt2Document document;
  open_document (&document, &every_schema, "Containers", N * 8);
  const Pt2StructInfo *info = pt2_schema_find_struct (&every_schema, "Leaf"), *other = document.type;
  EveryLeaf *owners = g_new0 (EveryLeaf, N);
  ck_assert_ptr_null (pt2_document_extras (&document, info, &owners[0]));
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < N; i += 3)
      ck_assert (pt2_document_add_extra (&document, info, &owners[i],
                                         &(Pt2Extra){ .origin = PT2_EXTRA_COMPACT, .after = i, .id = (int16_t)round }));
  for (int i = 0; i < N; i++)
    {
      const Pt2Extra *extra = pt2_document_extras (&document, info, &owners[i]);
      if ((extra != NULL) != (i % 3 == 0))
        ck_abort_msg ("owner %d", i);
      if (extra != NULL && (extra->after != i || extra->id != 0 || extra->next->id != 1 || extra->next->next != NULL))
        ck_abort_msg ("extras of owner %d", i);
      if (pt2_document_extras (&document, other, &owners[i]) != NULL)
        ck_abort_msg ("another type at the address of owner %d", i);
    }
  ck_assert_uint_eq (document.n_extras[PT2_EXTRA_COMPACT], 2 * ((N + 2) / 3));
  g_free (owners);
  pt2_document_clear (&document);
}
END_TEST

/* As many unknown fields as bytes can hold: sound, so no limit of ours may stop them. */
START_TEST (extras_fit_the_budget)
{
  enum
  {
    N = 200000,
  };
  static const char *const heads[][2] = {
    { "Empty", "" },                    /* N fields in one struct */
    { "Containers", "c9 fc c0 9a 0c" }, /* a field in each of N structs */
  };
  for (int each = 0; each < 2; each++)
    {
      Pt2Document document;
      g_autoptr (GBytes) head = bytes_of_hex (heads[each][1]);
      GByteArray *all = g_byte_array_new ();
      append (all, head);
      for (int i = 0; i < N; i++)
        if (each)
          g_byte_array_append (all, (const guint8 *)"\x91", 2);
        else
          g_byte_array_append (all, (const guint8 *)(i % 2 == 0 ? "\x12" : "\x01\x00"), i % 2 == 0 ? 1 : 2);
      g_byte_array_append (all, (const guint8 *)"", 1);
      g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (all);
      must_read (pt2_compact_read, &document, &every_schema, heads[each][0], bytes);
      ck_assert_uint_eq (document.n_extras[PT2_EXTRA_COMPACT], N);
      g_autoptr (GBytes) written = write_bytes (pt2_compact_write, &document);
      ck_assert (g_bytes_equal (written, bytes));
      pt2_document_clear (&document);
    }
}
END_TEST

START_TEST (the_minor_of_a_document)
{
  Pt2Document document;
  EveryLeaf leaf = { .name = TEXT ("x"), .present = { 1 } };
  wrap_value (&document, &every_schema, "Leaf", &leaf);
  ck_assert_uint_eq (pt2_document_find_minor (&document), 0);
  pt2_document_clear (&document);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { json_parts_come_and_go, G_N_ELEMENTS (parts) },
    { anything_else_is_refused, G_N_ELEMENTS (refused) },
    { a_key_twice_among_many, 1 },
    { many_owners, 1 },
    { extras_fit_the_budget, 1 },
    { the_minor_of_a_document, 1 },
  };
  return RUN_SUITE ("extras", cases);
}
