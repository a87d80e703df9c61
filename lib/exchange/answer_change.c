/* SPDX-License-Identifier: Apache-2.0 */
/* compare and upgrade: what lib/compare and lib/evolve do, over programs of the shelf. */
#include "pt2-archive-writer.h"
#include "pt2-diff.h"
#include "pt2-evolve.h"
#include "pt2-save.h"
#include "pt2-upgrade.h"
#include "uploads.h"
#include <string.h>
#include <unistd.h>

enum
{
  LONGEST_VALUE = 1000, /* bytes of a value that a change shows */
};

/* ---- compare ---- */

static bool
read_ignored (const Pt2ExchangeDiffRequest *request, guint *ignore, GError **error)
{
  static const struct
  {
    const char *name;
    guint flag;
  } kinds[] = {
    { "debug", PT2_DIFF_IGNORE_DEBUG },
    { "names", PT2_DIFF_IGNORE_NAMES },
    { "order", PT2_DIFF_IGNORE_ORDER },
    { "device", PT2_DIFF_IGNORE_DEVICE },
  };
  *ignore = 0;
  for (uint32_t i = 0; i < request->ignored.len; i++)
    {
      Pt2String word = request->ignored.items[i];
      guint k = 0;
      while (k < G_N_ELEMENTS (kinds)
             && (strlen (kinds[k].name) != word.len || memcmp (kinds[k].name, word.data, word.len) != 0))
        k++;
      if (k == G_N_ELEMENTS (kinds))
        return pt2_error_set (error, PT2_ERROR_U002, NULL, "%s", "ignored: there are debug, names, order and device");
      *ignore |= kinds[k].flag;
    }
  return true;
}

static Pt2Program *
open_program (Pt2Call *call, Pt2String name, Pt2String model_name, GError **error)
{
  Pt2ShelfModel *model;
  g_autoptr (Pt2Item) item = pt2_call_open (call, name, model_name, &model, error);
  return item != NULL ? pt2_item_program (call->service->shelf, item, model, error) : NULL;
}

/* A long one is cut at a character. */
static Pt2String
copy_value (Pt2Call *call, const char *text)
{
  size_t len = text != NULL ? strlen (text) : 0;
  if (text == NULL)
    return (Pt2String){ NULL, 0 };
  if (len > LONGEST_VALUE)
    len = (size_t)(g_utf8_find_prev_char (text, text + LONGEST_VALUE + 1) - text);
  return pt2_record_copy (&call->arena, text, len);
}

static bool
fill_changes (Pt2Call *call, const Pt2Change *changes, guint n, Pt2ExchangeDiffReport *report)
{
  report->changes.items = PT2_RECORD_NEW (&call->arena, Change, n);
  report->changes.len = n;
  for (guint i = 0; report->changes.items != NULL && i < n; i++)
    {
      Pt2ExchangeChange *to = &report->changes.items[i];
      to->part = pt2_record_text (pt2_diff_part_name (changes[i].part));
      to->kind = pt2_record_text (pt2_diff_kind_name (changes[i].kind));
      to->place = copy_value (call, changes[i].where != NULL ? changes[i].where : "");
      to->old_value = copy_value (call, changes[i].old_value);
      to->new_value = copy_value (call, changes[i].new_value);
    }
  return report->changes.items != NULL;
}

bool
pt2_answer_compare (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeDiffRequest *request = asked;
  Pt2ExchangeDiffReport *report = answer;
  guint ignore, n, most = call->service->options.page_items;
  if (!read_ignored (request, &ignore, error))
    return false;
  g_autoptr (Pt2Program) older = open_program (call, request->older, request->older_model, error);
  g_autoptr (Pt2Program) newer
      = older != NULL ? open_program (call, request->newer, request->newer_model, error) : NULL;
  g_autoptr (Pt2Diff) diff
      = newer != NULL ? pt2_diff_new (older, newer, ignore, pt2_shelf_limits (call->service->shelf), error) : NULL;
  if (diff == NULL)
    return false;
  const Pt2Change *changes = pt2_diff_get_changes (diff, &n);
  report->same = n == 0;
  report->total = n;
  if (request->limit > 0 && (guint)request->limit < most)
    most = (guint)request->limit;
  return fill_changes (call, changes, MIN (n, most), report) || pt2_call_no_memory (error);
}

/* ---- upgrade ---- */

/* As today's schema has it, or a minor of it. (transfer full) */
static Pt2Program *
to_schema (Pt2Call *call, Pt2Program *program, int32_t minor, GError **error)
{
  const Pt2Limits *limits = pt2_shelf_limits (call->service->shelf);
  if (minor != 0)
    return pt2_evolve_to_minor (program, (guint)minor, PT2_EVOLVE_STRICT, limits, NULL, NULL, error);
  g_autoptr (Pt2Upgrade) upgrade = pt2_upgrade_new (program, NULL, NULL, limits, error);
  return upgrade != NULL ? pt2_program_ref (pt2_upgrade_get_program (upgrade)) : NULL;
}

static bool
save_program (Pt2Call *call, Pt2Item *item, int32_t minor, const char *path, GError **error)
{
  g_autoptr (Pt2Program) program = pt2_item_program (call->service->shelf, item, &item->models[0], error);
  g_autoptr (Pt2Program) other = program != NULL ? to_schema (call, program, minor, error) : NULL;
  g_autoptr (GBytes) bytes = other != NULL ? pt2_program_save (other, pt2_program_get_form (program), error) : NULL;
  return bytes != NULL && pt2_save_bytes (path, bytes, PT2_SAVE_REPLACE, NULL, NULL, error);
}

/* Every program of the archive as the minor has it; the rest as it is. */
static Pt2ArchiveWriter *
evolve_archive (Pt2Call *call, Pt2Item *item, int32_t minor, GError **error)
{
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (item->archive, PT2_WRITER_AS_IT_IS, error);
  for (guint i = 0; writer != NULL && i < item->n_models; i++)
    {
      const Pt2Record *record = pt2_archive_choose_model (item->archive, item->models[i].name, error);
      g_autoptr (Pt2Program) program
          = record != NULL ? pt2_item_program (call->service->shelf, item, &item->models[i], error) : NULL;
      g_autoptr (Pt2Program) other = program != NULL ? to_schema (call, program, minor, error) : NULL;
      g_autoptr (GBytes) text = other != NULL ? pt2_program_save (other, PT2_FORM_JSON, error) : NULL;
      g_autoptr (Pt2Source) source = text != NULL ? pt2_source_new_bytes (text) : NULL;
      if (source == NULL || !pt2_archive_writer_replace (writer, record->name, source, error))
        return NULL;
    }
  return g_steal_pointer (&writer);
}

static bool
save_archive (Pt2Call *call, Pt2Item *item, int32_t minor, const char *path, GError **error)
{
  g_autoptr (Pt2ArchiveWriter) writer
      = minor != 0 ? evolve_archive (call, item, minor, error) : pt2_upgrade_archive (item->archive, NULL, error);
  return writer != NULL && pt2_archive_writer_save (writer, path, PT2_SAVE_REPLACE, NULL, NULL, error);
}

bool
pt2_answer_upgrade (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeUpgradeRequest *request = asked;
  Pt2ShelfModel *model;
  const char *name = request->name.data != NULL ? pt2_call_name (call, request->name, error) : NULL;
  const char *program = pt2_call_name (call, request->program, error);
  if (program == NULL || (request->name.data != NULL && name == NULL)
      || !pt2_uploads_check_name (call->service->uploads, name, error))
    return false;
  if (request->minor < 0)
    return pt2_error_set (error, PT2_ERROR_E002, NULL, "%d", request->minor);
  g_autoptr (Pt2Item) item = pt2_shelf_open (call->service->shelf, program, error);
  model = item != NULL && item->archive == NULL ? pt2_item_model (item, NULL, error) : NULL;
  if (item == NULL || (item->archive == NULL && model == NULL))
    return false;
  g_autofree char *file = g_strdup_printf ("%08x%08x.made", g_random_int (), g_random_int ());
  g_autofree char *path = pt2_uploads_path (call->service->uploads, file);
  bool done = (item->archive != NULL ? save_archive : save_program) (call, item, request->minor, path, error)
              && pt2_call_publish (call, file, name, request->replace, answer, error);
  unlinkat (pt2_uploads_incoming (call->service->uploads), file, 0);
  return done;
}
