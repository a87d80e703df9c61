/* SPDX-License-Identifier: Apache-2.0 */
/* structs and fetchStruct: records of an archive that are structs of the schema, and how one takes a record's place. */
#include "pt2-struct.h"
#include "service.h"
#include <string.h>

/* Roles of records that are a struct of the schema. */
static const struct
{
  const char *role, *type;
} kinds[] = {
  { "program", "ExportedProgram" },
  { "weights-config", "PayloadConfig" },
  { "constants-config", "PayloadConfig" },
};

static const char *
type_of (const Pt2Record *record)
{
  for (guint i = 0; record != NULL && i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (record->role, kinds[i].role) == 0)
      return kinds[i].type;
  return NULL;
}

static const char *
choose_type (const Pt2Item *item, const char *record, const char *asked, GError **error)
{
  const char *type = asked != NULL ? asked : type_of (pt2_archive_find (item->archive, record));
  if (type == NULL)
    pt2_error_set (error, PT2_ERROR_T018, NULL, "%s", "no type was named, and the record's role does not say it");
  return type;
}

/* The item that PROGRAM names, if it is an archive. (transfer full) */
static Pt2Item *
open_archive (Pt2Call *call, Pt2String program, GError **error)
{
  const char *name = pt2_call_name (call, program, error);
  g_autoptr (Pt2Item) item = name != NULL ? pt2_shelf_open (call->service->shelf, name, error) : NULL;
  if (item == NULL || item->archive != NULL)
    return g_steal_pointer (&item);
  if (item->fault == NULL)
    pt2_error_set (error, PT2_ERROR_K019, NULL, "%s", "it has no records");
  else if (error != NULL)
    *error = g_error_copy (item->fault);
  return NULL;
}

bool
pt2_answer_structs (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeStructListRequest *request = asked;
  Pt2ExchangeStructList *list = answer;
  guint n, len = 0, first = request->first > 0 ? (guint)MIN (request->first, G_MAXINT32) : 0;
  guint most = call->service->options.page_items;
  g_autoptr (Pt2Item) item = open_archive (call, request->program, error);
  if (item == NULL)
    return false;
  const Pt2Record *records = pt2_archive_get_records (item->archive, &n);
  list->structs.items = PT2_RECORD_NEW (&call->arena, StructEntry, MIN (n, most));
  if (list->structs.items == NULL)
    return pt2_call_no_memory (error);
  for (guint i = 0; i < n; i++)
    {
      const char *type = type_of (&records[i]);
      if (type == NULL || len++ < first || list->structs.len == most)
        continue;
      Pt2ExchangeStructEntry *entry = &list->structs.items[list->structs.len++];
      entry->record = pt2_record_copy (&call->arena, records[i].name, strlen (records[i].name));
      entry->type = pt2_record_text (type);
      entry->bytes = (int64_t)records[i].bytes;
      if (entry->record.data == NULL)
        return pt2_call_no_memory (error);
    }
  list->total = len;
  return true;
}

/* ---- fetching ---- */

static GBytes *
convert (Pt2Call *call, Pt2Item *item, const char *record, const char *type, Pt2Form form, GError **error)
{
  if (pt2_archive_find (item->archive, record) == NULL)
    {
      pt2_error_set (error, PT2_ERROR_U005, NULL, "%s", "the archive has no record of that name");
      return NULL;
    }
  g_autoptr (GBytes) text = pt2_archive_read (item->archive, record, error);
  return text != NULL ? pt2_struct_convert (type, text, PT2_FORM_JSON, form, PT2_STRUCT_ANY,
                                            pt2_shelf_limits (call->service->shelf), error)
                      : NULL;
}

bool
pt2_answer_fetchStruct (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeStructFetch *request = asked;
  const Pt2Wanted wanted = { request->offset, request->limit, request->check };
  const char *record = pt2_call_name (call, request->record, error);
  const char *named = request->type.data != NULL ? pt2_call_name (call, request->type, error) : NULL;
  if (record == NULL || (request->type.data != NULL && named == NULL))
    return false;
  if (request->form != PT2_EXCHANGE_PROGRAM_FORM_COMPACT && request->form != PT2_EXCHANGE_PROGRAM_FORM_JSON)
    return pt2_error_set (error, PT2_ERROR_U007, NULL, "%s", "a struct is had as compact or as JSON");
  Pt2Form form = request->form == PT2_EXCHANGE_PROGRAM_FORM_JSON ? PT2_FORM_JSON : PT2_FORM_COMPACT;
  g_autoptr (Pt2Item) item = open_archive (call, request->program, error);
  const char *type = item != NULL ? choose_type (item, record, named, error) : NULL;
  if (type == NULL)
    return false;
  g_autofree char *key = g_strdup_printf ("%d %s %s", (int)form, type, record);
  GBytes *bytes = pt2_item_recall (item, key);
  if (bytes == NULL)
    {
      bytes = convert (call, item, record, type, form, error);
      if (bytes != NULL)
        pt2_item_remember (call->service->shelf, item, key, bytes);
    }
  return bytes != NULL && pt2_call_fill_chunk (call, item, bytes, &wanted, answer, error);
}

/* ---- storing ---- */

/* No struct begins with a field 7 that is a map, whose first byte would be that of a brace. */
static Pt2Form
form_of (GBytes *bytes)
{
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  return len > 0 && data[0] == '{' ? PT2_FORM_JSON : PT2_FORM_COMPACT;
}

bool
pt2_call_put_struct (Pt2Call *call, const Pt2Item *base, Pt2ArchiveWriter *writer, const char *record, const char *type,
                     GBytes *bytes, GError **error)
{
  const Pt2Limits *limits = pt2_shelf_limits (call->service->shelf);
  type = choose_type (base, record, type, error);
  g_autoptr (GBytes) text
      = type != NULL ? pt2_struct_convert (type, bytes, form_of (bytes), PT2_FORM_JSON, PT2_STRUCT_ANY, limits, error)
                     : NULL;
  g_autoptr (Pt2Source) source = text != NULL ? pt2_source_new_bytes (text) : NULL;
  if (source == NULL)
    return false;
  return pt2_archive_writer_find (writer, record) != NULL ? pt2_archive_writer_replace (writer, record, source, error)
                                                          : pt2_archive_writer_add (writer, record, source, error);
}
