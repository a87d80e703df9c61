/* SPDX-License-Identifier: Apache-2.0 */
/* lib/compare/canon: real programs come out in a form that is its own canonical form, in both encodings. (What is the
 * same and what is not: tests/command/test_canon.py.) */
#include "pt2-canon.h"
#include "corpus.h"
#include "suite.h"

static Pt2Program *
canonical (const char *path, Pt2Program *program, Pt2CanonFlags flags, Pt2CanonFunc func, gpointer data)
{
  g_autoptr (GError) error = NULL;
  Pt2Program *result = pt2_program_canonicalize (program, flags, NULL, func, data, &error);
  ck_assert_msg (result != NULL, "%s: %s", path, error != NULL ? error->message : "");
  return result;
}

static void
refuse_change (const Pt2CanonChange *change, gpointer data)
{
  ck_abort_msg ("%s: %s %s", (const char *)data, change->what, change->kind);
}

static GBytes *
save (Pt2Program *program, Pt2Form form)
{
  GBytes *bytes = pt2_program_save (program, form, NULL);
  ck_assert_ptr_nonnull (bytes);
  return bytes;
}

static void
canonicalize_twice (const char *path, Pt2Program *program, gpointer data)
{
  if (pt2_program_get_exported_program (program) == NULL)
    return;
  ++*(guint *)data;
  g_autoptr (GBytes) before = save (program, PT2_FORM_JSON);
  g_autoptr (Pt2Program) once = canonical (path, program, PT2_CANON_PLAIN, NULL, NULL);
  g_autoptr (Pt2Program) twice = canonical (path, once, PT2_CANON_PLAIN, refuse_change, (gpointer)path);
  g_autoptr (GBytes) compact = save (once, PT2_FORM_COMPACT), json = save (once, PT2_FORM_JSON);
  g_autoptr (Pt2Program) read = pt2_program_new_from_bytes (compact, NULL, NULL);
  g_autoptr (Pt2Program) again = canonical (path, read, PT2_CANON_PLAIN, refuse_change, (gpointer)path);
  g_autoptr (GBytes) other = save (again, PT2_FORM_JSON), same = save (twice, PT2_FORM_JSON),
                     after = save (program, PT2_FORM_JSON);
  ck_assert_msg (g_bytes_equal (json, other) && g_bytes_equal (json, same), "%s", path);
  ck_assert_msg (g_bytes_equal (before, after), "%s: the program itself changed", path);
}

START_TEST (canonical_stays_canonical)
{
  guint n = 0;
  corpus_foreach (canonicalize_twice, &n);
  ck_assert_uint_gt (n, 100);
}
END_TEST

/* A field that no schema knows stays with its node when nodes change places. */
START_TEST (unknown_fields_move_along)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/vmap_complex.pt2");
  g_autoptr (GBytes) bytes = save (program, PT2_FORM_JSON);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_auto (GStrv) parts = g_strsplit (text, "{\"target\": \"torch.ops.aten.linalg_svd.default\"", 2);
  ck_assert_uint_eq (g_strv_length (parts), 2);
  g_autofree char *marked
      = g_strconcat (parts[0], "{\"news\": [1], \"target\": \"torch.ops.aten.linalg_svd.default\"", parts[1], NULL);
  g_autoptr (GBytes) input = g_bytes_new_static (marked, strlen (marked));
  g_autoptr (Pt2Program) read = pt2_program_new_from_bytes (input, NULL, NULL);
  ck_assert_uint_eq (pt2_program_count_unknown (read), 1);
  g_autoptr (Pt2Program) result = canonical ("", read, PT2_CANON_PLAIN, NULL, NULL);
  g_autoptr (GBytes) out = save (result, PT2_FORM_JSON);
  g_autofree char *shown = g_strndup (g_bytes_get_data (out, NULL), g_bytes_get_size (out));
  ck_assert_ptr_nonnull (strstr (shown, "{\"news\": [1], \"target\": \"torch.ops.aten.linalg_svd.default\""));
  ck_assert_ptr_eq (strstr (strstr (shown, "\"news\"") + 1, "\"news\""), NULL);
}
END_TEST

static void
count_dropped (const Pt2CanonChange *change, gpointer data)
{
  *(guint64 *)data += strcmp (change->what, "dropped") == 0 ? change->from : 0;
}

START_TEST (debug_text_is_kept_on_request)
{
  guint64 dropped = 0, kept = 0;
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/mlp.pt2");
  g_autoptr (Pt2Program) plain = canonical ("", program, PT2_CANON_PLAIN, count_dropped, &dropped);
  g_autoptr (Pt2Program) with = canonical ("", program, PT2_CANON_KEEP_DEBUG, count_dropped, &kept);
  ck_assert_uint_eq (dropped, 12);
  ck_assert_uint_eq (kept, 0);
  const Pt2Node *node = pt2_program_get_exported_program (with)->graph_module.graph.nodes.items;
  ck_assert_uint_eq (node->metadata.len, 3);
}
END_TEST

START_TEST (limits_hold)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/gpt_2l.pt2");
  Pt2Limits limits = *pt2_limits_default ();
  g_autoptr (GError) error = NULL;
  limits.memory = 10000;
  ck_assert_ptr_null (pt2_program_canonicalize (program, PT2_CANON_PLAIN, &limits, NULL, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_L003));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { canonical_stays_canonical, 1 },
                             { unknown_fields_move_along, 1 },
                             { debug_text_is_kept_on_request, 1 },
                             { limits_hold, 1 } };
  return RUN_SUITE ("canon", cases);
}
