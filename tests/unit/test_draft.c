/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/draft and lib/codec/copy: copies of real programs are the same, changes stay in the copy. */
#include "draft.h"
#include "corpus.h"
#include "suite.h"

static GBytes *
save (Pt2Program *program, Pt2Form form)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = pt2_program_save (program, form, &error);
  ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
  return bytes;
}

static Pt2Draft *
draft_of (Pt2Program *program, bool deep)
{
  g_autoptr (GError) error = NULL;
  Pt2Draft *draft = pt2_draft_new (program, deep ? PT2_DRAFT_ALL : PT2_DRAFT_ROOT, NULL, &error);
  ck_assert_msg (draft != NULL, "%s", error != NULL ? error->message : "");
  return draft;
}

static Pt2Program *
finish (Pt2Draft *draft)
{
  g_autoptr (GError) error = NULL;
  Pt2Program *program = pt2_draft_finish (draft, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  return program;
}

static void
check_same (const char *path, Pt2Program *a, Pt2Program *b)
{
  ck_assert_msg (pt2_value_equal (pt2_program_get_root (a), pt2_program_get_root (b)), "%s", path);
  for (int form = PT2_FORM_JSON; form <= PT2_FORM_COMPACT; form++)
    {
      g_autoptr (GBytes) bytes_a = save (a, (Pt2Form)form), bytes_b = save (b, (Pt2Form)form);
      ck_assert_msg (g_bytes_equal (bytes_a, bytes_b), "%s: other bytes", path);
    }
}

static void
copy_both_ways (const char *path, Pt2Program *program, gpointer data)
{
  unsigned *n = data;
  if (pt2_program_get_exported_program (program) == NULL)
    return;
  ++*n;
  for (int deep = 0; deep < 2; deep++)
    {
      g_autoptr (Pt2Program) copy = finish (draft_of (program, deep));
      check_same (path, program, copy);
      g_autoptr (Pt2Program) again = finish (draft_of (copy, !deep));
      check_same (path, program, again);
    }
}

START_TEST (copies_of_the_corpus)
{
  unsigned n = 0;
  corpus_foreach (copy_both_ways, &n);
  ck_assert_uint_gt (n, 10);
}
END_TEST

#define NAME "torch-2.15.0/custom_op.pt2"

START_TEST (a_change_stays_in_the_copy)
{
  g_autoptr (Pt2Program) program = corpus_program (NAME);
  g_autoptr (GBytes) before = save (program, PT2_FORM_JSON);
  Pt2Draft *draft = draft_of (program, true);
  Pt2NodeList *nodes = &draft->exported->graph_module.graph.nodes;
  ck_assert_uint_gt (nodes->len, 0);
  nodes->items[0].target = pt2_draft_printf (draft, "torch.ops.%s.%d", "aten", 7);
  draft->exported->torch_version = pt2_draft_text (draft, "0.0", -1);
  g_autoptr (Pt2Program) changed = finish (draft);
  g_autoptr (GBytes) after = save (program, PT2_FORM_JSON), other = save (changed, PT2_FORM_JSON);
  ck_assert (g_bytes_equal (before, after));
  ck_assert (!g_bytes_equal (before, other));
  Pt2Value target = pt2_value_path (pt2_program_get_root (changed), "graph_module.graph.nodes[0].target");
  ck_assert_uint_eq (pt2_value_get_string (target).len, strlen ("torch.ops.aten.7"));
  ck_assert_uint_eq (pt2_program_get_torch_version (changed).len, 3);
}
END_TEST

/* ---- parts the schema does not know ---- */

static Pt2Program *
with_unknown_parts (void)
{
  g_autoptr (Pt2Program) program = corpus_program (NAME);
  g_autoptr (GBytes) json = save (program, PT2_FORM_JSON);
  gsize len;
  const char *text = g_bytes_get_data (json, &len);
  g_autoptr (GString) grown = g_string_new_len (text, (gssize)len);
  ck_assert_uint_gt (g_string_replace (grown, "\"target\": \"torch", "\"later\": {\"a\": [1]}, \"target\": \"torch", 0),
                     0);
  ck_assert_uint_eq (g_string_replace (grown, "{\"graph_module\": ", "{\"first\": null, \"graph_module\": ", 1), 1);
  g_autoptr (GBytes) bytes = g_bytes_new (grown->str, grown->len);
  g_autoptr (GError) error = NULL;
  Pt2Program *made = pt2_program_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (made != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_uint_gt (pt2_program_count_unknown (made), 1);
  return made;
}

START_TEST (unknown_parts_go_along)
{
  g_autoptr (Pt2Program) program = with_unknown_parts ();
  g_autoptr (Pt2Program) deep = finish (draft_of (program, true));
  check_same (NAME, program, deep);
  ck_assert_uint_eq (pt2_program_count_unknown (deep), pt2_program_count_unknown (program));
  g_autoptr (Pt2Program) shallow = finish (draft_of (program, false));
  check_same (NAME, program, shallow);
  /* A list copied within a draft, whose items are the base's. */
  Pt2Draft *draft = draft_of (program, false);
  Pt2NodeList *nodes = &draft->exported->graph_module.graph.nodes, copy;
  const Pt2StructInfo *graph = pt2_schema_find_struct (&pt2_export_schema, "Graph");
  const Pt2FieldInfo *field = pt2_struct_field_by_name (graph, "nodes", 5);
  ck_assert (pt2_draft_copy (draft, field->type, &copy, nodes));
  ck_assert_ptr_ne (copy.items, nodes->items);
  *nodes = copy;
  g_autoptr (Pt2Program) mixed = finish (draft);
  check_same (NAME, program, mixed);
}
END_TEST

START_TEST (the_base_may_go_first)
{
  Pt2Program *program = with_unknown_parts ();
  g_autoptr (GBytes) before = save (program, PT2_FORM_JSON);
  for (int i = 0; i < 100; i++)
    {
      Pt2Program *next = finish (draft_of (program, i % 2));
      pt2_program_unref (program);
      program = next;
    }
  g_autoptr (GBytes) after = save (program, PT2_FORM_JSON);
  ck_assert (g_bytes_equal (before, after));
  pt2_program_unref (program);
}
END_TEST

/* ---- from nothing ---- */

START_TEST (an_empty_program_is_read_back)
{
  Pt2Draft *draft = draft_of (NULL, true);
  draft->exported->schema_version.major = 8;
  draft->exported->schema_version.minor = 20;
  g_autoptr (Pt2Program) program = finish (draft);
  for (int form = PT2_FORM_JSON; form <= PT2_FORM_COMPACT_ZST; form++)
    {
      g_autoptr (GBytes) bytes = save (program, (Pt2Form)form);
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Program) again = pt2_program_new_from_bytes (bytes, NULL, &error);
      ck_assert_msg (again != NULL, "%s", error != NULL ? error->message : "");
      /* Fields with a default are absent in the draft, and written out in JSON. */
      g_autoptr (GBytes) json = save (program, PT2_FORM_JSON), json_again = save (again, PT2_FORM_JSON);
      ck_assert (g_bytes_equal (json, json_again));
    }
}
END_TEST

START_TEST (older_majors_have_no_structs)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.3.1/derived_dims.pt2");
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_draft_new (program, PT2_DRAFT_ROOT, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_P002));
}
END_TEST

START_TEST (memory_that_ends_is_said_at_the_end)
{
  g_autoptr (Pt2Program) program = corpus_program (NAME);
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 1 << 16;
  g_autoptr (GError) error = NULL;
  Pt2Draft *draft = pt2_draft_new (program, PT2_DRAFT_ROOT, &limits, &error);
  ck_assert_ptr_nonnull (draft);
  ck_assert_ptr_null (pt2_draft_alloc (draft, 1 << 20));
  ck_assert (pt2_draft_failed (draft));
  ck_assert_ptr_null (pt2_draft_finish (draft, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_L003));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { copies_of_the_corpus, 1 },
                             { a_change_stays_in_the_copy, 1 },
                             { unknown_parts_go_along, 1 },
                             { the_base_may_go_first, 1 },
                             { an_empty_program_is_read_back, 1 },
                             { older_majors_have_no_structs, 1 },
                             { memory_that_ends_is_said_at_the_end, 1 } };
  return RUN_SUITE ("draft", cases);
}
