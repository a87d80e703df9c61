/* SPDX-License-Identifier: Apache-2.0 */
/* A check from its beginning to its end: what the file is, then each group of rules that it has something for. */
#include "check_private.h"

static void
begin (Check *check, const Pt2CheckOptions *options, Pt2CheckOptions *room)
{
  *check = (Check){ .report = pt2_report_new (), .lists_whole = true };
  *room = options != NULL ? *options : (Pt2CheckOptions){ .profile = PT2_PROFILE_STRICT };
  if ((guint)room->profile >= PT2_N_PROFILES)
    room->profile = PT2_PROFILE_STRICT;
  check->options = room;
  check->limits = room->limits != NULL ? *room->limits : *pt2_limits_default ();
  pt2_arena_init (&check->arena, check->limits.memory, 0);
}

static void
end_program (Check *check)
{
  g_clear_pointer (&check->graphs, g_ptr_array_unref);
  check->program = NULL;
  check->exported = NULL;
}

/* The report, or NULL and ERROR if it would not be worth its name. */
static Pt2Report *
end (Check *check, GError **error)
{
  pt2_report_finish (check);
  if (check->no_memory)
    {
      pt2_error_set (error, check->arena.out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, NULL, "%s", "");
      g_clear_pointer (&check->report, pt2_report_free);
    }
  pt2_arena_clear (&check->arena);
  return check->report;
}

/* What keeps a file from being checked at all, and is nothing about its content. */
static bool
is_trouble (const GError *error)
{
  const char *id = pt2_error_get_id (error);
  return strncmp (id, "PT2-F", 5) == 0 || strncmp (id, "PT2-L", 5) == 0 || strncmp (id, "PT2-U", 5) == 0;
}

/* False if ERROR is trouble, which goes on to OUT. */
static bool
take_error (Check *check, GError *error, const char *record, GError **out)
{
  if (is_trouble (error))
    {
      g_propagate_error (out, error);
      return false;
    }
  check_add_error (check, error, record);
  g_error_free (error);
  return true;
}

/* ---- archives ---- */

static bool
check_one_program (Check *check, Pt2Archive *archive, const Pt2Record *record, GError **error)
{
  GError *why = NULL;
  const char *model = pt2_archive_model_name (archive, record);
  g_autoptr (Pt2Program) program = pt2_archive_load_program (archive, record, &why);
  check->n_programs++;
  if (program == NULL)
    {
      check_add_not_checked (check, "program: it cannot be read");
      check->lists_whole = false;
      return take_error (check, why, NULL, error);
    }
  check->program = program;
  check->record = archive->n_models > 1 ? record->name : NULL;
  check_program_rules (check);
  check_record_version (check, archive);
  check->record = NULL;
  check_payload_rules (check, archive, model);
  end_program (check);
  return true;
}

static bool
check_programs (Check *check, Pt2Archive *archive, GError **error)
{
  if (archive->n_models == 0 || archive->problem.code != PT2_ERROR_NONE)
    {
      check_add_not_checked (check, "program: there is none in the archive");
      return true;
    }
  if (check->options->model != NULL)
    {
      const Pt2Record *record = pt2_archive_choose_model (archive, check->options->model, error);
      check->lists_whole = false;
      return record != NULL && check_one_program (check, archive, record, error);
    }
  for (guint i = 0; i < archive->n_models; i++)
    if (!check_one_program (check, archive, &archive->records[archive->model_records[i]], error))
      return false;
  return true;
}

static bool
check_archive (Check *check, Pt2Archive *archive, GError **error)
{
  check->readers = check_alloc (check, archive->zip.n_entries, sizeof *check->readers);
  check_container (check, archive);
  check_records (check, archive);
  if (!check_programs (check, archive, error))
    return false;
  check_unread_payloads (check, archive);
  check_archive_security (check, archive);
  return check_payload_bytes (check, archive, error);
}

/* ---- files ---- */

static bool
check_content (Check *check, GBytes *bytes, GError **error)
{
  GError *why = NULL;
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &check->limits, &why);
  if (archive != NULL)
    return check_archive (check, archive, error);
  if (!g_error_matches (why, PT2_ERROR, PT2_ERROR_K019))
    return take_error (check, why, NULL, error);
  g_clear_error (&why);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, &check->limits, &why);
  if (program == NULL)
    return take_error (check, why, NULL, error);
  check->program = program;
  check_program_rules (check);
  end_program (check);
  check_add_not_checked (check, "payloads: the program is alone");
  return true;
}

Pt2Report *
pt2_check_bytes (GBytes *bytes, const Pt2CheckOptions *options, GError **error)
{
  Check check;
  Pt2CheckOptions room;
  GError *trouble = NULL;
  begin (&check, options, &room);
  bool done = check_content (&check, bytes, &trouble);
  end_program (&check);
  if (done)
    return end (&check, error);
  g_clear_pointer (&check.report, pt2_report_free);
  pt2_arena_clear (&check.arena);
  g_propagate_error (error, trouble);
  return NULL;
}

Pt2Report *
pt2_check_file (const char *path, const Pt2CheckOptions *options, GError **error)
{
  g_autoptr (GBytes) bytes = pt2_map_file (path, error);
  return bytes != NULL ? pt2_check_bytes (bytes, options, error) : NULL;
}

Pt2Report *
pt2_check_program (Pt2Program *program, const Pt2CheckOptions *options, GError **error)
{
  Check check;
  Pt2CheckOptions room;
  begin (&check, options, &room);
  check.program = program;
  check_program_rules (&check);
  end_program (&check);
  check_add_not_checked (&check, "payloads: the program is alone");
  return end (&check, error);
}
