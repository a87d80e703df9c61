/* SPDX-License-Identifier: Apache-2.0 */
/* lib/compare/diff: two programs side by side. What each kind of change looks like is in tests/command/test_diff.py. */
#include "corpus.h"
#include "pt2-diff.h"
#include "suite.h"

#define MLP "torch-2.15.0/mlp.pt2"

static Pt2Diff *
compare (Pt2Program *old, Pt2Program *new, guint ignore)
{
  GError *error = NULL;
  Pt2Diff *diff = pt2_diff_new (old, new, ignore, NULL, &error);
  ck_assert_msg (diff != NULL, "%s", error != NULL ? error->message : "");
  return diff;
}

static Pt2Program *
read_again (Pt2Program *program, Pt2Form form)
{
  GError *error = NULL;
  g_autoptr (GBytes) bytes = pt2_program_save (program, form, &error);
  Pt2Program *again = bytes != NULL ? pt2_program_new_from_bytes (bytes, NULL, &error) : NULL;
  ck_assert_msg (again != NULL, "%s", error != NULL ? error->message : "");
  return again;
}

/* ---- every real program: equal to itself in every form, different from the one before it in both directions ---- */

static void
compare_with_itself (const char *path, Pt2Program *program, gpointer data)
{
  Pt2Program **last = data;
  gint64 major, minor;
  guint n, n_back;
  pt2_program_get_schema_version (program, &major, &minor);
  for (int form = PT2_FORM_JSON; form <= (major == 8 ? PT2_FORM_COMPACT : PT2_FORM_JSON); form++)
    {
      g_autoptr (Pt2Program) again = read_again (program, (Pt2Form)form);
      g_autoptr (Pt2Diff) diff = compare (program, again, 0);
      const Pt2Change *changes = pt2_diff_get_changes (diff, &n);
      ck_assert_msg (n == 0, "%s: %s", path, n > 0 ? changes[0].where : "");
    }
  if (*last != NULL)
    {
      g_autoptr (Pt2Diff) there = compare (*last, program, 0), back = compare (program, *last, 0);
      pt2_diff_get_changes (there, &n);
      pt2_diff_get_changes (back, &n_back);
      ck_assert_uint_eq (n > 0, n_back > 0);
      pt2_program_unref (*last);
    }
  *last = pt2_program_ref (program);
}

START_TEST (real_programs)
{
  Pt2Program *last = NULL;
  ck_assert_uint_gt (corpus_foreach (compare_with_itself, &last), 100);
  pt2_program_unref (last);
}
END_TEST

/* ---- places ---- */

/* Every field path that a change names must lead somewhere. */
START_TEST (paths_lead_to_values)
{
  g_autoptr (Pt2Program) old = corpus_program ("torch-2.15.0/mlp.pt2");
  g_autoptr (Pt2Program) new = corpus_program ("torch-2.15.0/convnet.pt2");
  g_autoptr (Pt2Diff) diff = compare (old, new, 0);
  guint n;
  const Pt2Change *changes = pt2_diff_get_changes (diff, &n);
  ck_assert_uint_gt (n, 10);
  for (guint i = 0; i < n; i++)
    {
      const Pt2Change *c = &changes[i];
      Pt2Value was = pt2_value_path (pt2_program_get_root (old), c->old_where != NULL ? c->old_where : "");
      Pt2Value is = pt2_value_path (pt2_program_get_root (new), c->where);
      ck_assert_msg (c->kind == PT2_DIFF_ADDED ? c->old_where == NULL : pt2_value_is_valid (was), "%s", c->where);
      ck_assert_msg (c->kind == PT2_DIFF_REMOVED || pt2_value_is_valid (is), "%s", c->where);
      ck_assert_int_eq (c->kind == PT2_DIFF_ADDED, c->old_value == NULL);
      ck_assert_int_eq (c->kind == PT2_DIFF_REMOVED, c->new_value == NULL);
    }
}
END_TEST

/* Every node of either graph has its row, and rows that pair nodes go forward in both. */
START_TEST (rows_hold_every_node)
{
  g_autoptr (Pt2Program) old = corpus_program ("torch-2.15.0/gpt_2l.pt2");
  g_autoptr (Pt2Program) new = corpus_program ("torch-2.15.0/mlp_train.pt2");
  g_autoptr (Pt2Diff) diff = compare (old, new, 0);
  guint n, seen[2] = { 0, 0 };
  const Pt2DiffGraph *graphs = pt2_diff_get_graphs (diff, &n);
  ck_assert_uint_ge (n, 1);
  gint64 last[2] = { -1, -1 };
  for (guint i = 0; i < graphs[0].n_rows; i++)
    {
      const gint64 at[2] = { graphs[0].rows[i].old_node, graphs[0].rows[i].new_node };
      for (int side = 0; side < 2; side++)
        if (at[side] >= 0)
          {
            ck_assert_int_eq (at[side], last[side] + 1);
            last[side] = at[side];
            seen[side]++;
          }
    }
  ck_assert_uint_eq (seen[0], pt2_program_get_exported_program (old)->graph_module.graph.nodes.len);
  ck_assert_uint_eq (seen[1], pt2_program_get_exported_program (new)->graph_module.graph.nodes.len);
}
END_TEST

/* ---- memory and ownership ---- */

START_TEST (limits_are_kept)
{
  g_autoptr (Pt2Program) old = corpus_program (MLP);
  g_autoptr (Pt2Program) new = corpus_program ("torch-2.15.0/convnet.pt2");
  Pt2Limits limits = *pt2_limits_default ();
  guint failed = 0;
  for (limits.memory = 1; limits.memory < 1 << 20; limits.memory *= 2)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Diff) diff = pt2_diff_new (old, new, 0, &limits, &error);
      ck_assert ((diff == NULL) == g_error_matches (error, PT2_ERROR, PT2_ERROR_L003));
      failed += diff == NULL;
    }
  ck_assert_uint_gt (failed, 0);
  ck_assert_uint_lt (failed, 20);
}
END_TEST

START_TEST (keeps_its_programs)
{
  Pt2Program *program = corpus_program (MLP);
  g_autoptr (Pt2Diff) diff = compare (program, program, 0);
  g_autoptr (Pt2Diff) again = pt2_diff_ref (diff);
  guint n;
  pt2_program_unref (program);
  ck_assert_ptr_eq (pt2_diff_get_old (again), pt2_diff_get_new (again));
  ck_assert_uint_gt (pt2_program_get_exported_program (pt2_diff_get_old (again))->graph_module.graph.nodes.len, 0);
  pt2_diff_get_changes (again, &n);
  ck_assert_uint_eq (n, 0);
  ck_assert (!pt2_diff_is_renaming (again));
  ck_assert_str_eq (pt2_diff_part_name (PT2_DIFF_OTHER), "program");
  ck_assert_str_eq (pt2_diff_kind_name (PT2_DIFF_MOVED), "moved");
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { real_programs, 1 },
                             { paths_lead_to_values, 1 },
                             { rows_hold_every_node, 1 },
                             { limits_are_kept, 1 },
                             { keeps_its_programs, 1 } };
  return RUN_SUITE ("diff", cases);
}
