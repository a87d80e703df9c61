/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the lists of payloads, and says which records are pickles by what the lists say. Never opens a payload
 * that a list tells about.
 */
#include "payload_config.h"
#include "pt2-tensor.h"
#include "text.h"
#include <string.h>

/* ---- one list ---- */

static bool
check_size (const Pt2Archive *archive, const Pt2Record *record, Pt2Status *status)
{
  if (record->bytes <= archive->limits.program_size)
    return true;
  return pt2_status_fail (status, PT2_ERROR_L008, PT2_NO_OFFSET,
                          "%" G_GUINT64_FORMAT " bytes, limit %" G_GUINT64_FORMAT, record->bytes,
                          archive->limits.program_size);
}

static bool
read_text (Pt2PayloadList *list, const Pt2Archive *archive, Pt2Status *status)
{
  static const Pt2StructInfo *type;
  size_t len;
  if (list->text == NULL && check_size (archive, list->record, status))
    list->text = pt2_archive_read_entry (archive, list->record, status);
  if (list->text == NULL)
    return false;
  const char *data = g_bytes_get_data (list->text, &len);
  if (g_once_init_enter (&type))
    g_once_init_leave (&type, pt2_schema_find_struct (&pt2_export_schema, "PayloadConfig"));
  pt2_document_init (&list->document, &pt2_export_schema, type, &archive->limits, len);
  if (!pt2_json_read (&list->document, data != NULL ? data : "", len, &archive->limits, status))
    return false;
  list->config = list->document.root;
  return true;
}

bool
pt2_payload_list_read_text (Pt2PayloadList *list, const Pt2Archive *archive, const Pt2Record *record, GBytes *text,
                            Pt2Status *status)
{
  *list = (Pt2PayloadList){ .record = record, .text = text != NULL ? g_bytes_ref (text) : NULL };
  if (read_text (list, archive, status))
    return true;
  pt2_status_set_record (status, record->name);
  pt2_payload_list_clear (list);
  return false;
}

bool
pt2_payload_list_read (Pt2PayloadList *list, const Pt2Archive *archive, const Pt2Record *record, Pt2Status *status)
{
  return pt2_payload_list_read_text (list, archive, record, NULL, status);
}

void
pt2_payload_list_clear (Pt2PayloadList *list)
{
  if (list->text != NULL)
    {
      pt2_document_clear (&list->document);
      g_bytes_unref (list->text);
    }
  *list = (Pt2PayloadList){ .text = NULL };
}

size_t
pt2_payload_list_folder (const Pt2PayloadList *list)
{
  /* Known from the record's role: a model's name may hold slashes of its own. */
  return strlen (strcmp (list->record->role, "weights-config") == 0 ? "data/weights/" : "data/constants/");
}

/* ---- the record of an entry ---- */

enum
{
  NAME_MOST = 4096, /* bytes of a file name: longer ones are in no archive */
};

static bool
is_plain_name (Pt2String name)
{
  if (name.len == 0 || (name.len == 1 && name.data[0] == '.') || (name.len == 2 && memcmp (name.data, "..", 2) == 0))
    return false;
  return memchr (name.data, '/', name.len) == NULL && memchr (name.data, '\\', name.len) == NULL
         && memchr (name.data, '\0', name.len) == NULL;
}

static const Pt2Record *
fail_name (Pt2Status *status, Pt2ErrorCode code, Pt2String name)
{
  char text[160];
  pt2_status_fail (status, code, PT2_NO_OFFSET, "\"%s\"", pt2_text_escape (name.data, name.len, text, sizeof text));
  return NULL;
}

const Pt2Record *
pt2_payload_list_find (const Pt2PayloadList *list, Pt2Archive *archive, Pt2String path_name, Pt2Status *status)
{
  char name[32 + NAME_MOST];
  size_t folder = pt2_payload_list_folder (list);
  if (!is_plain_name (path_name))
    return fail_name (status, PT2_ERROR_W001, path_name);
  if (path_name.len >= NAME_MOST)
    return fail_name (status, PT2_ERROR_W002, path_name);
  memcpy (name, list->record->name, folder);
  memcpy (name + folder, path_name.data, path_name.len);
  name[folder + path_name.len] = '\0';
  const Pt2Record *record = pt2_archive_find (archive, name);
  return record != NULL ? record : fail_name (status, PT2_ERROR_W002, path_name);
}

/* ---- which records are pickles ---- */

typedef enum
{
  UNTOLD, /* no list tells */
  RAW,
  PICKLED,
} Told;

static bool
role_is (const Pt2Record *record, const char *role)
{
  return strcmp (record->role, role) == 0;
}

/* What the entries of one list say of their records. One that cannot be read says nothing: its payloads are then
 * looked at one by one. */
static void
hear_list (Pt2Archive *archive, const Pt2Record *record, guint8 *told)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2PayloadList list;
  if (!pt2_payload_list_read (&list, archive, record, &status))
    return;
  for (uint32_t i = 0; i < list.config->config.len; i++)
    {
      const Pt2PayloadMeta *meta = &list.config->config.entries[i].value;
      Pt2Status one = PT2_STATUS_INIT;
      const Pt2Record *payload = pt2_payload_list_find (&list, archive, meta->path_name, &one);
      if (payload != NULL && told[payload - archive->records] != PICKLED)
        told[payload - archive->records] = meta->use_pickle ? PICKLED : RAW;
    }
  pt2_payload_list_clear (&list);
}

/* What torch.save writes: a zip archive with a pickle in it, or before 1.6 a row of pickles. */
static bool
is_saved_by_torch (GBytes *bytes)
{
  static const char archive[] = "PK\x03\x04";
  static const char row[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  return (len >= sizeof archive - 1 && memcmp (data, archive, sizeof archive - 1) == 0)
         || (len >= sizeof row - 1 && memcmp (data, row, sizeof row - 1) == 0);
}

static bool
look_at_payload (const Pt2Archive *archive, const Pt2Record *record, bool *pickle, Pt2Status *status)
{
  *pickle = g_str_has_prefix (record->name, "data/constants/custom_obj_")
            || g_str_has_prefix (record->name, "data/constants/opaque_obj_");
  if (*pickle)
    return true;
  g_autoptr (GBytes) bytes = pt2_archive_view (archive, record, status);
  *pickle = bytes != NULL && is_saved_by_torch (bytes);
  return bytes != NULL;
}

static bool
is_pickle (const Pt2Archive *archive, const Pt2Record *record, Told told, bool *pickle, Pt2Status *status)
{
  static const char *const pickled[] = { "pickle", "sample-inputs", "weights", "constants" };
  *pickle = told == PICKLED;
  if (record->bytes == 0)
    *pickle = false;
  if (record->bytes == 0 || told != UNTOLD)
    return true;
  for (guint i = 0; i < G_N_ELEMENTS (pickled) && !*pickle; i++)
    *pickle = role_is (record, pickled[i]);
  if (*pickle || (!role_is (record, "weight") && !role_is (record, "constant")))
    return true;
  return look_at_payload (archive, record, pickle, status);
}

static bool
list_pickles (Pt2Archive *archive, guint8 *told, Pt2RecordFunc func, gpointer data, Pt2Status *status)
{
  uint32_t n = archive->zip.n_entries;
  bool pickle;
  for (uint32_t i = 0; i < n; i++)
    if (role_is (&archive->records[i], "weights-config") || role_is (&archive->records[i], "constants-config"))
      hear_list (archive, &archive->records[i], told);
  for (uint32_t i = 0; i < n; i++)
    {
      if (!is_pickle (archive, &archive->records[i], told[i], &pickle, status))
        return false;
      if (pickle && !func (&archive->records[i], data))
        break;
    }
  return true;
}

gboolean
pt2_archive_foreach_pickle (Pt2Archive *archive, Pt2RecordFunc func, gpointer data, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autofree guint8 *told = g_try_malloc0 ((size_t)archive->zip.n_entries + 1);
  if (told == NULL)
    pt2_status_fail (&status, PT2_ERROR_L001, PT2_NO_OFFSET, "the list of pickles");
  if (told != NULL && list_pickles (archive, told, func, data, &status))
    return TRUE;
  return pt2_status_to_error (&status, error);
}
