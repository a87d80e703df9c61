/* SPDX-License-Identifier: Apache-2.0 */
#include "align.h"
#include "pt2-diff-tensors.h"
#include "status.h"
#include "text_ids.h"
#include <string.h>

/* Roles that are compared elsewhere, or that say nothing of their own; and those that say which layout it is. */
static bool
is_compared (const Pt2Record *record, const Pt2Record *program, bool same_layout)
{
  static const char *const elsewhere[]
      = { "weight", "weights", "weights-config", "constant", "constants", "constants-config", "serialization-id" };
  static const char *const of_layout[] = { "format", "version", "byteorder" };
  for (guint i = 0; i < G_N_ELEMENTS (elsewhere); i++)
    if (strcmp (record->role, elsewhere[i]) == 0)
      return false;
  for (guint i = 0; i < G_N_ELEMENTS (of_layout) && !same_layout; i++)
    if (strcmp (record->role, of_layout[i]) == 0)
      return false;
  return record != program;
}

/* What layouts name differently has one key: its role, and its name in the folder of extra files. */
static Pt2String
key_of (const Pt2Record *record)
{
  static const char *const folders[] = { "extra/", "extra_files/" };
  const char *name = record->name;
  if (strcmp (record->role, "sample-inputs") == 0 && strchr (name, '/') == NULL)
    name = "data/sample_inputs/model.pt"; /* the only ones of a legacy archive */
  for (guint i = 0; strcmp (record->role, "extra") == 0 && i < G_N_ELEMENTS (folders); i++)
    if (g_str_has_prefix (name, folders[i]))
      name += strlen (folders[i]);
  return (Pt2String){ name, (uint32_t)strlen (name) };
}

typedef struct
{
  Pt2Archive *archives[2];
  const Pt2Record *programs[2];
  const Pt2Record **records[2];
  Pt2KeyedLists lists;
  Pt2Arena arena;
  Pt2TextIds ids;
  Pt2RecordChange *changes;
  guint n;
} Work;

static bool
collect (Work *work, int side)
{
  guint n, kept = 0;
  const Pt2Record *records = pt2_archive_get_records (work->archives[side], &n);
  bool same_layout = pt2_archive_get_layout (work->archives[0]) == pt2_archive_get_layout (work->archives[1]);
  work->records[side] = pt2_arena_alloc (&work->arena, ((size_t)n + 1) * sizeof *work->records[side]);
  work->lists.keys[side] = pt2_arena_alloc (&work->arena, ((size_t)n + 1) * sizeof (uint32_t));
  work->lists.partner[side] = pt2_arena_alloc (&work->arena, ((size_t)n + 1) * sizeof (uint32_t));
  if (work->records[side] == NULL || work->lists.keys[side] == NULL || work->lists.partner[side] == NULL)
    return false;
  for (guint i = 0; i < n; i++)
    if (is_compared (&records[i], work->programs[side], same_layout))
      {
        uint32_t key = pt2_text_ids_add (&work->ids, key_of (&records[i]));
        if (key == PT2_TEXT_ID_NONE)
          return false;
        work->lists.keys[side][kept] = key;
        work->records[side][kept++] = &records[i];
      }
  work->lists.n[side] = kept;
  return true;
}

static void
compare_pair (Work *work, const Pt2Record *old, const Pt2Record *new)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) a = pt2_archive_read (work->archives[0], old->name, &error);
  g_autoptr (GBytes) b = a != NULL ? pt2_archive_read (work->archives[1], new->name, &error) : NULL;
  if (b != NULL && g_bytes_equal (a, b))
    return;
  work->changes[work->n++] = (Pt2RecordChange){ PT2_DIFF_CHANGED, old, new, g_steal_pointer (&error) };
}

static bool
compare_all (Work *work)
{
  Pt2Align align;
  if (!collect (work, 0) || !collect (work, 1) || !pt2_align_keys (&align, &work->lists, work->ids.n, &work->arena))
    return false;
  work->changes = g_try_new0 (Pt2RecordChange, (gsize)work->lists.n[0] + work->lists.n[1] + 1);
  for (uint32_t i = 0; work->changes != NULL && i < work->lists.n[0]; i++)
    if (work->lists.partner[0][i] != PT2_UNPAIRED)
      compare_pair (work, work->records[0][i], work->records[1][work->lists.partner[0][i]]);
    else
      work->changes[work->n++] = (Pt2RecordChange){ PT2_DIFF_REMOVED, work->records[0][i], NULL, NULL };
  for (uint32_t j = 0; work->changes != NULL && j < work->lists.n[1]; j++)
    if (work->lists.partner[1][j] == PT2_UNPAIRED)
      work->changes[work->n++] = (Pt2RecordChange){ PT2_DIFF_ADDED, NULL, work->records[1][j], NULL };
  return work->changes != NULL;
}

Pt2RecordChange *
pt2_diff_records (Pt2Archive *old_archive, const Pt2Record *old_program, Pt2Archive *new_archive,
                  const Pt2Record *new_program, guint *n, GError **error)
{
  Work work = { .archives = { old_archive, new_archive }, .programs = { old_program, new_program } };
  pt2_arena_init (&work.arena, UINT64_MAX, 0);
  pt2_text_ids_init (&work.ids, NULL);
  if (!compare_all (&work))
    pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  pt2_text_ids_clear (&work.ids);
  pt2_arena_clear (&work.arena);
  *n = work.n;
  return work.changes;
}

void
pt2_record_changes_free (Pt2RecordChange *changes, guint n)
{
  for (guint i = 0; i < n; i++)
    g_clear_error (&changes[i].error);
  g_free (changes);
}
