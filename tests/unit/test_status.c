/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base/status: the first fault counts, paths keep their innermost parts, nothing unprintable gets out. */
#include "status.h"
#include "suite.h"
#include <string.h>

START_TEST (only_the_first_fault_counts)
{
  Pt2Status status = PT2_STATUS_INIT;
  ck_assert (!pt2_status_fail (&status, PT2_ERROR_T003, 17, "%s", "one"));
  ck_assert (!pt2_status_fail (&status, PT2_ERROR_T004, 18, "%s", "two"));
  ck_assert_int_eq (status.code, PT2_ERROR_T003);
  ck_assert_uint_eq (status.offset, 17);
  ck_assert_str_eq (status.detail, "one");
}
END_TEST

START_TEST (a_path_grows_outward)
{
  Pt2Status status = PT2_STATUS_INIT;
  pt2_status_prepend_field (&status, "name", 4);
  pt2_status_prepend_index (&status, UINT64_MAX);
  pt2_status_prepend_key (&status, "a\"b\n", 4);
  pt2_status_prepend_index (&status, 0);
  pt2_status_prepend_field (&status, "inputsX", 6);
  pt2_status_prepend_field (&status, "graph", 5);
  ck_assert_str_eq (status.path, "graph.inputs[0][\"a\\\"b\\n\"][18446744073709551615].name");
}
END_TEST

/* However long it gets, it ends with the innermost parts, without a hole, and begins with the mark. */
START_TEST (a_long_path_loses_its_outer_parts)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autofree char *whole = g_strdup ("");
  for (unsigned i = 0; i < 300; i++)
    {
      /* Long and short parts by turns: a short one must not slip in where a long one had no room. */
      g_autofree char *part = g_strdup_printf (i % 2 == 0 ? "a_part_with_a_rather_long_name_%u" : "f%u", i);
      g_autofree char *longer = g_strdup_printf ("%s%s%s", part, i > 0 ? "." : "", whole);
      pt2_status_prepend_field (&status, part, strlen (part));
      g_free (whole);
      whole = g_steal_pointer (&longer);
      if (strlen (whole) < sizeof status.path - strlen ("…"))
        {
          ck_assert_str_eq (status.path, whole);
          continue;
        }
      ck_assert (g_str_has_prefix (status.path, "…"));
      const char *rest = status.path + strlen ("…");
      ck_assert (g_str_has_suffix (whole, rest));
      ck_assert_int_eq (whole[strlen (whole) - strlen (rest) - 1], '.');
      ck_assert_uint_gt (strlen (rest), sizeof status.path / 2);
    }
}
END_TEST

START_TEST (a_whole_path_is_cut_the_same_way)
{
  Pt2Status status = PT2_STATUS_INIT;
  GString *path = g_string_new ("root");
  for (unsigned i = 0; i < 5000; i++)
    g_string_append_printf (path, i % 2 == 0 ? ".field_%u" : "[%u]", i);
  pt2_status_prepend_path (&status, path->str);
  ck_assert (g_str_has_prefix (status.path, "…"));
  ck_assert (strchr ("f[", status.path[strlen ("…")]) != NULL);
  ck_assert (g_str_has_suffix (path->str, status.path + strlen ("…")));
  ck_assert (g_str_has_suffix (status.path, ".field_4998[4999]"));
  ck_assert_uint_gt (strlen (status.path), 200);
  g_string_free (path, TRUE);

  status = (Pt2Status)PT2_STATUS_INIT;
  pt2_status_prepend_path (&status, "a.b[3].#7");
  ck_assert_str_eq (status.path, "a.b[3].#7");
  status = (Pt2Status)PT2_STATUS_INIT;
  pt2_status_prepend_path (&status, "");
  ck_assert_str_eq (status.path, "");
}
END_TEST

START_TEST (long_details_end_at_a_character)
{
  for (unsigned before = 0; before < 4; before++)
    {
      Pt2Status status = PT2_STATUS_INIT;
      GString *detail = g_string_new ("");
      for (unsigned i = 0; i < before; i++)
        g_string_append_c (detail, 'x');
      while (detail->len < 400)
        g_string_append (detail, "\xf0\x9f\x98\x80");
      pt2_status_fail (&status, PT2_ERROR_T003, 0, "%s", detail->str);
      ck_assert (g_utf8_validate (status.detail, -1, NULL));
      ck_assert_uint_ge (strlen (status.detail), sizeof status.detail - 5);
      g_string_free (detail, TRUE);
    }
}
END_TEST

typedef struct
{
  const char *record;
  const char *path;
  uint64_t offset;
  const char *where; /* NULL: none */
} Where;

static const Where places[] = {
  { "", "", PT2_NO_OFFSET, NULL },
  { "", "", 5, "@5" },
  { "", "a.b", PT2_NO_OFFSET, "a.b" },
  { "", "a.b", 0, "a.b @0" },
  { "models/m.json", "", PT2_NO_OFFSET, "models/m.json" },
  { "models/m.json", "", 7, "models/m.json@7" },
  { "models/m.json", "a[0]", 7, "models/m.json a[0] @7" },
  { "bad\nname", "", PT2_NO_OFFSET, "bad\\nname" },
};

START_TEST (where_it_happened)
{
  const Where *place = &places[_i];
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (GError) error = NULL;
  pt2_status_fail (&status, PT2_ERROR_T012, place->offset, "%s", "");
  pt2_status_prepend_path (&status, place->path);
  pt2_status_set_record (&status, place->record);
  pt2_status_set_record (&status, "another"); /* the first one stays, if there was one */
  if (place->record[0] == '\0')
    status.record[0] = '\0';
  ck_assert (!pt2_status_to_error (&status, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_T012));
  ck_assert_str_eq (pt2_error_get_id (error), "PT2-T012");
  ck_assert_pstr_eq (pt2_error_get_where (error), place->where);
  g_autoptr (GError) copy = g_error_copy (error);
  ck_assert_pstr_eq (pt2_error_get_where (copy), place->where);
}
END_TEST

START_TEST (a_record_stands_before)
{
  static const char *const cases[][3] = {
    { "", "r", "r" },
    { "@5", "r", "r@5" },
    { "a.b @5", "r", "r a.b @5" },
    { "a.b", "r\x1b", "r\\x1b a.b" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      pt2_error_set (&error, PT2_ERROR_F001, cases[i][0], "%s", "why");
      pt2_error_add_record (error, cases[i][1]);
      ck_assert_str_eq (pt2_error_get_where (error), cases[i][2]);
    }
  pt2_error_add_record (NULL, "r");
  g_autoptr (GError) foreign = g_error_new (G_MARKUP_ERROR, 1, "x");
  pt2_error_add_record (foreign, "r");
  ck_assert_ptr_null (pt2_error_get_where (foreign));
  ck_assert_str_eq (pt2_error_get_id (foreign), "PT2-F001");
}
END_TEST

START_TEST (messages)
{
  g_autoptr (GError) with = NULL, without = NULL;
  pt2_error_set (&with, PT2_ERROR_F003, NULL, "%s %d", "x", 3);
  ck_assert_str_eq (with->message, "the output exists: x 3; give -f to overwrite it");
  ck_assert_ptr_null (pt2_error_get_where (with));
  pt2_error_set (&without, PT2_ERROR_F003, "here", "%s", "");
  ck_assert_str_eq (without->message, "the output exists; give -f to overwrite it");
  ck_assert_str_eq (pt2_error_get_where (without), "here");
  ck_assert (!pt2_error_set (NULL, PT2_ERROR_F003, "here", "%s", ""));
}
END_TEST

/* Every code has an id of its own and two sentences; what is no code has neither. */
START_TEST (codes)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  for (int i = 1; i < pt2_error_code_count (); i++)
    {
      const char *id = pt2_error_code_id ((Pt2ErrorCode)i);
      ck_assert (g_regex_match_simple ("^PT2-[A-Z][0-9]{3}$", id, 0, 0));
      ck_assert_msg (g_hash_table_add (seen, (gpointer)id), "%s twice", id);
      ck_assert_str_ne (pt2_error_code_summary ((Pt2ErrorCode)i), "");
      ck_assert_str_ne (pt2_error_code_next ((Pt2ErrorCode)i), "");
    }
  static const int none[] = { 0, -1, PT2_ERROR_COUNT_, INT_MAX, INT_MIN };
  for (size_t i = 0; i < G_N_ELEMENTS (none); i++)
    {
      ck_assert_str_eq (pt2_error_code_id ((Pt2ErrorCode)none[i]), "PT2-?");
      ck_assert_str_eq (pt2_error_code_next ((Pt2ErrorCode)none[i]), "");
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { only_the_first_fault_counts, 1 },
    { a_path_grows_outward, 1 },
    { a_long_path_loses_its_outer_parts, 1 },
    { a_whole_path_is_cut_the_same_way, 1 },
    { long_details_end_at_a_character, 1 },
    { where_it_happened, G_N_ELEMENTS (places) },
    { a_record_stands_before, 1 },
    { messages, 1 },
    { codes, 1 },
  };
  return RUN_SUITE ("status", cases);
}
