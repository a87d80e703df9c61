/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_private.h"
#include "status.h"
#include <string.h>

G_DEFINE_BOXED_TYPE (Pt2Diff, pt2_diff, pt2_diff_ref, pt2_diff_unref)

const char *
pt2_diff_part_name (Pt2DiffPart part)
{
  static const char *const names[PT2_DIFF_N_PARTS]
      = { "node", "value", "input", "output", "range", "symbol", "guard", "module", "metadata", "version", "program" };
  return part < PT2_DIFF_N_PARTS ? names[part] : "program";
}

const char *
pt2_diff_kind_name (Pt2DiffKind kind)
{
  static const char *const names[PT2_DIFF_N_KINDS] = { "changed", "added", "removed", "renamed", "moved" };
  return kind < PT2_DIFF_N_KINDS ? names[kind] : "changed";
}

static void
compare (Pt2Diff *diff)
{
  bool native = diff->old->document.root != NULL && diff->new->document.root != NULL;
  if (!pt2_diff_roles_init (&diff->roles))
    pt2_diff_no_memory (diff);
  else if (native)
    pt2_diff_native (diff);
  else
    pt2_diff_trees (diff);
  pt2_diff_roles_clear (&diff->roles);
  pt2_diff_symbols_free (diff->symbols);
  pt2_buffer_clear (&diff->text);
  diff->symbols = NULL;
}

Pt2Diff *
pt2_diff_new (Pt2Program *old_program, Pt2Program *new_program, guint ignore, const Pt2Limits *limits, GError **error)
{
  Pt2Diff *diff = g_try_new0 (Pt2Diff, 1);
  if (diff == NULL)
    {
      pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
      return NULL;
    }
  g_atomic_ref_count_init (&diff->references);
  diff->old = pt2_program_ref (old_program);
  diff->new = pt2_program_ref (new_program);
  diff->ignore = ignore;
  diff->limits = limits != NULL ? *limits : *pt2_limits_default ();
  pt2_arena_init (&diff->arena, diff->limits.memory, 0);
  if (diff->old != diff->new)
    compare (diff);
  if (!diff->failed && diff->error == NULL)
    return diff;
  if (diff->error != NULL)
    g_propagate_error (error, g_steal_pointer (&diff->error));
  else
    pt2_error_set (error, diff->over_budget || diff->arena.out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, NULL, "%s",
                   "");
  pt2_diff_unref (diff);
  return NULL;
}

Pt2Diff *
pt2_diff_ref (Pt2Diff *diff)
{
  g_atomic_ref_count_inc (&diff->references);
  return diff;
}

void
pt2_diff_unref (Pt2Diff *diff)
{
  if (!g_atomic_ref_count_dec (&diff->references))
    return;
  pt2_program_unref (diff->old);
  pt2_program_unref (diff->new);
  pt2_arena_clear (&diff->arena);
  g_free (diff->changes);
  g_free (diff->graphs);
  g_free (diff);
}

const Pt2Change *
pt2_diff_get_changes (Pt2Diff *diff, guint *n)
{
  *n = diff->n_changes;
  return diff->changes;
}

const Pt2DiffGraph *
pt2_diff_get_graphs (Pt2Diff *diff, guint *n)
{
  *n = diff->n_graphs;
  return diff->graphs;
}

gboolean
pt2_diff_is_renaming (Pt2Diff *diff)
{
  for (guint i = 0; i < diff->n_changes; i++)
    if (diff->changes[i].kind != PT2_DIFF_RENAMED)
      return FALSE;
  return diff->n_changes > 0;
}

Pt2Program *
pt2_diff_get_old (Pt2Diff *diff)
{
  return diff->old;
}

Pt2Program *
pt2_diff_get_new (Pt2Diff *diff)
{
  return diff->new;
}
