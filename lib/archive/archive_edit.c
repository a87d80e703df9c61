/* SPDX-License-Identifier: Apache-2.0 */
#include "archive_source.h"
#include "devices.h"
#include "payload_config.h"
#include "pt2-archive-edit.h"
#include <string.h>

typedef struct Edit Edit;
struct Edit
{
  Pt2ArchiveWriter *writer;
  Pt2Archive *archive;
  const char *model; /* NULL: all */
  /* How many changes it made; *STATUS may fail. */
  uint64_t (*change) (Edit *edit, Pt2PayloadList *list, Pt2Status *status);
  Pt2DeviceName from, to;
  const char *old_name, *new_name;
  uint64_t count;
};

static bool
is_list (const Edit *edit, const Pt2Record *record)
{
  static const struct
  {
    const char *role, *folder, *suffix;
  } lists[] = { { "weights-config", "data/weights/", "_weights_config.json" },
                { "constants-config", "data/constants/", "_constants_config.json" } };
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (strcmp (record->role, lists[i].role) == 0)
      {
        g_autofree char *name = g_strconcat (lists[i].folder, edit->model, lists[i].suffix, NULL);
        return edit->model == NULL || strcmp (record->name, name) == 0;
      }
  return false;
}

static bool
put_list (const Edit *edit, const Pt2PayloadList *list, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Buffer text = PT2_BUFFER_INIT;
  bool fine = pt2_json_write (&list->document, &text, &status);
  g_autoptr (GBytes) bytes = fine ? pt2_buffer_to_bytes (&text) : NULL;
  g_autoptr (Pt2Source) source = NULL;
  pt2_buffer_clear (&text);
  if (bytes == NULL)
    {
      if (fine)
        pt2_status_fail (&status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
      return pt2_status_to_error (&status, error);
    }
  source = pt2_source_new_bytes (bytes);
  return pt2_archive_writer_replace (edit->writer, list->record->name, source, error);
}

/* What the writer has by now of a list, which an earlier change may have made. */
static bool
edit_list (Edit *edit, const Pt2Record *record, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2PayloadList list;
  Pt2Source *source = pt2_archive_writer_find (edit->writer, record->name);
  g_autoptr (GBytes) text = source != NULL ? pt2_source_read (source, error) : NULL;
  if (source != NULL && text == NULL)
    return false;
  if (!pt2_payload_list_read_text (&list, edit->archive, record, text, &status))
    return pt2_status_to_error (&status, error);
  uint64_t n = edit->change (edit, &list, &status);
  if (status.code != PT2_ERROR_NONE)
    pt2_status_set_record (&status, record->name);
  bool fine
      = status.code != PT2_ERROR_NONE ? pt2_status_to_error (&status, error) : n == 0 || put_list (edit, &list, error);
  edit->count += n;
  pt2_payload_list_clear (&list);
  return fine;
}

static bool
edit_lists (Edit *edit, GError **error)
{
  for (guint i = 0; i < edit->archive->zip.n_entries; i++)
    if (is_list (edit, &edit->archive->records[i]) && !edit_list (edit, &edit->archive->records[i], error))
      return false;
  return true;
}

static uint64_t
change_device (Edit *edit, Pt2PayloadList *list, Pt2Status *status)
{
  return pt2_devices_map (list->document.type->type, list->document.root, &edit->from, &edit->to);
}

gboolean
pt2_archive_writer_edit_device (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model, const char *from,
                                const char *to, guint64 *count, GError **error)
{
  Edit edit = { .writer = writer, .archive = archive, .model = model, .change = change_device };
  if (!pt2_device_parse (from, &edit.from, error) || !pt2_device_parse (to, &edit.to, error))
    return FALSE;
  if (!edit_lists (&edit, error))
    return FALSE;
  if (count != NULL)
    *count += edit.count;
  return TRUE;
}

static bool
is_name (Pt2String key, const char *name)
{
  return key.len == strlen (name) && memcmp (key.data, name, key.len) == 0;
}

static uint64_t
change_name (Edit *edit, Pt2PayloadList *list, Pt2Status *status)
{
  uint64_t n = 0;
  Pt2PayloadConfig *config = list->document.root;
  for (uint32_t i = 0; i < config->config.len; i++)
    {
      Pt2String *key = &config->config.entries[i].key;
      if (is_name (*key, edit->new_name) && strcmp (edit->old_name, edit->new_name) != 0)
        pt2_status_fail (status, PT2_ERROR_P015, PT2_NO_OFFSET, "%s", "");
      else if (is_name (*key, edit->old_name))
        {
          *key = (Pt2String){ edit->new_name, (uint32_t)strlen (edit->new_name) };
          n++;
        }
    }
  return n;
}

gboolean
pt2_archive_writer_edit_rename (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model, const char *old_name,
                                const char *new_name, GError **error)
{
  Edit edit = { .writer = writer, .archive = archive, .model = model, .change = change_name };
  edit.old_name = old_name;
  edit.new_name = new_name;
  if (!edit_lists (&edit, error))
    return FALSE;
  return edit.count > 0 || pt2_error_set (error, PT2_ERROR_W028, NULL, "%s", "");
}
