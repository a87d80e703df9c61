/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a compact archive: reads its index and holds it against the container. No payload is touched. */
#include "pt2c.h"
#include "crc32.h"
#include "json_tree.h"
#include "text.h"
#include "zip_write.h"
#include <string.h>

const char *const pt2c_form_names[] = { "stored", "zstd", "program", "text", NULL };

/* What the index is: found under the container's own root. */
typedef struct
{
  Pt2Archive *archive;
  Pt2Compact *compact;
  size_t root_len;
  Pt2Status *status;
} Opening;

static bool
fail_index (Opening *opening, const char *what, Pt2String name)
{
  char text[128];
  pt2_status_fail (opening->status, PT2_ERROR_R009, PT2_NO_OFFSET, "%s \"%s\"", what,
                   pt2_text_escape (name.data != NULL ? name.data : "", name.len, text, sizeof text));
  pt2_status_set_record (opening->status, PT2C_INDEX);
  return false;
}

static const Pt2ZipEntry *
find_in (const Pt2Zip *zip, size_t root_len, const char *name, size_t len)
{
  g_autoptr (GString) full = g_string_new_len (zip->entries[0].name, (gssize)root_len);
  g_string_append_len (full, name, (gssize)len);
  return pt2_zip_find (zip, full->str, full->len);
}

static bool
says (const Pt2Zip *zip, const Pt2ZipEntry *entry, const char *text, Pt2Status *status)
{
  if (entry == NULL || entry->bytes != strlen (text))
    return false;
  g_autoptr (GBytes) bytes = pt2_zip_read (zip, entry, status);
  return bytes != NULL && memcmp (g_bytes_get_data (bytes, NULL), text, strlen (text)) == 0;
}

/* The length of the root folder if the records are a compact archive's, else 0. */
static size_t
compact_root (const Pt2Zip *zip)
{
  Pt2Status unread = PT2_STATUS_INIT; /* then it is some other archive with a fault, which the layout will tell */
  const char *slash = zip->n_entries > 0 ? strchr (zip->entries[0].name, '/') : NULL;
  if (slash == NULL)
    return 0;
  size_t root_len = (size_t)(slash + 1 - zip->entries[0].name);
  const Pt2ZipEntry *format = find_in (zip, root_len, "archive_format", strlen ("archive_format"));
  return says (zip, format, PT2C_FORMAT, &unread) ? root_len : 0;
}

static bool
check_version (Opening *opening)
{
  const Pt2Zip *container = &opening->compact->container;
  const Pt2ZipEntry *version = find_in (container, opening->root_len, "archive_version", strlen ("archive_version"));
  if (says (container, version, PT2C_VERSION, opening->status))
    return true;
  pt2_status_fail (opening->status, PT2_ERROR_R008, PT2_NO_OFFSET, "this library knows version " PT2C_VERSION);
  pt2_status_set_record (opening->status, "archive_version");
  return false;
}

/* ---- one record ---- */

static bool
find_form (const Pt2JsonNode *node, Pt2cForm *form)
{
  Pt2String name = pt2_json_text (pt2_json_get (node, "as"));
  *form = PT2C_STORED;
  if (pt2_json_get (node, "as") == NULL)
    return true;
  for (guint i = 0; pt2c_form_names[i] != NULL; i++)
    if (name.len == strlen (pt2c_form_names[i]) && memcmp (name.data, pt2c_form_names[i], name.len) == 0)
      {
        *form = (Pt2cForm)i;
        return true;
      }
  return false;
}

static bool
find_entry (Opening *opening, Pt2String at, const Pt2ZipEntry **entry)
{
  *entry = find_in (&opening->compact->container, opening->root_len, at.data, at.len);
  return *entry != NULL || fail_index (opening, "there is no record", at);
}

/* What the directory of the original would say. */
static bool
take_numbers (Opening *opening, const Pt2JsonNode *node, Pt2String name, const Pt2cRecord *record, Pt2ZipEntry *entry)
{
  int64_t bytes = -1, crc = 0;
  if (record->form == PT2C_TEXT)
    {
      entry->bytes = entry->stored_bytes = record->text.len;
      entry->crc32 = pt2_crc32 (0, record->text.data, record->text.len);
      return true;
    }
  entry->stored_bytes = record->entry->stored_bytes;
  entry->bytes = record->entry->bytes;
  entry->crc32 = record->entry->crc32;
  if (record->form == PT2C_STORED)
    return true;
  if (record->patch != NULL)
    entry->stored_bytes += record->patch->stored_bytes;
  if (!pt2_json_integer (pt2_json_get (node, "bytes"), &bytes) || bytes < 0)
    return fail_index (opening, "no number of bytes for", name);
  if (pt2_json_get (node, "crc32") != NULL
      && (!pt2_json_integer (pt2_json_get (node, "crc32"), &crc) || crc < 0 || crc > UINT32_MAX))
    return fail_index (opening, "no CRC for", name);
  entry->bytes = (uint64_t)bytes;
  entry->crc32 = (uint32_t)crc;
  return true;
}

/* What a file claims to inflate to is held against the limits, as in every zip. */
static bool
check_limits (Opening *opening, const Pt2ZipEntry *entry, uint64_t *total)
{
  const Pt2Limits *limits = &opening->archive->limits;
  bool fine = true;
  if (entry->bytes / MAX (limits->inflate_ratio, 1) > entry->stored_bytes)
    fine = pt2_status_fail (opening->status, PT2_ERROR_L007, PT2_NO_OFFSET, "%s", "");
  else if (entry->bytes > limits->inflated_size || *total > limits->inflated_size - entry->bytes)
    fine = pt2_status_fail (opening->status, PT2_ERROR_L006, PT2_NO_OFFSET, "%s", "");
  else
    *total += entry->bytes;
  if (!fine)
    pt2_status_set_record (opening->status, entry->name);
  return fine;
}

static bool
take_record (Opening *opening, const Pt2JsonNode *node, guint number, uint64_t *total)
{
  Pt2cRecord *record = &opening->compact->records[number];
  Pt2ZipEntry *entry = &opening->archive->zip.entries[number];
  Pt2String name = pt2_json_text (pt2_json_get (node, "name")), at = pt2_json_text (pt2_json_get (node, "at"));
  Pt2String patch = pt2_json_text (pt2_json_get (node, "patch"));
  if (name.data == NULL || !find_form (node, &record->form))
    return fail_index (opening, "no name, or a form that is not known, of", name);
  record->text = pt2_json_text (pt2_json_get (node, "text"));
  if (record->form == PT2C_TEXT ? record->text.data == NULL
                                : !find_entry (opening, at.data != NULL ? at : name, &record->entry))
    return record->form != PT2C_TEXT ? false : fail_index (opening, "no text of", name);
  if (record->form == PT2C_PROGRAM && patch.data != NULL && !find_entry (opening, patch, &record->patch))
    return false;
  if (record->entry != NULL && record->entry->method != PT2_ZIP_STORED)
    return fail_index (opening, "a deflated record", name);
  entry->method = PT2_ZIP_STORED;
  entry->header = PT2_NO_OFFSET;
  return take_numbers (opening, node, name, record, entry) && check_limits (opening, entry, total);
}

/* ---- all records ---- */

/* All names in one block, each with its NUL, under the original's root. */
static bool
take_names (Opening *opening, const Pt2JsonNode *records, Pt2String root)
{
  Pt2Zip *zip = &opening->archive->zip;
  uint32_t n = pt2_json_length (records);
  uint64_t room = 1;
  for (uint32_t i = 0; i < n; i++)
    room += (uint64_t)root.len + pt2_json_text (pt2_json_get (pt2_json_item (records, i), "name")).len + 1;
  zip->names = g_try_malloc (room);
  if (zip->names == NULL)
    return pt2_status_fail (opening->status, PT2_ERROR_L001, PT2_NO_OFFSET, "the index");
  char *next = zip->names;
  for (uint32_t i = 0; i < n; i++)
    {
      Pt2String name = pt2_json_text (pt2_json_get (pt2_json_item (records, i), "name"));
      Pt2ZipEntry *entry = &zip->entries[i];
      entry->name = next;
      entry->name_len = root.len + name.len;
      next = pt2_put_bytes (next, root.len > 0 ? root.data : "", root.len);
      next = pt2_put_bytes (next, name.len > 0 ? name.data : "", name.len);
      *next++ = '\0';
      if (name.len == 0 || entry->name_len > zip->limits.name_length)
        return name.len == 0 ? fail_index (opening, "a record without a name behind", root)
                             : pt2_status_fail (opening->status, PT2_ERROR_L005, PT2_NO_OFFSET, "%s", "");
      if (!pt2_zip_check_name (entry->name, entry->name_len, opening->status))
        return false;
    }
  return true;
}

static bool
reserve (Opening *opening, uint32_t n)
{
  Pt2Zip *zip = &opening->archive->zip;
  if (n > zip->limits.records)
    return pt2_status_fail (opening->status, PT2_ERROR_L004, PT2_NO_OFFSET, "%u records", n);
  zip->entries = g_try_new0 (Pt2ZipEntry, (size_t)n + 1);
  opening->compact->records = g_try_new0 (Pt2cRecord, (size_t)n + 1);
  if (zip->entries == NULL || opening->compact->records == NULL)
    return pt2_status_fail (opening->status, PT2_ERROR_L001, PT2_NO_OFFSET, "the index");
  zip->n_entries = n;
  return true;
}

static bool
take_dictionary (Opening *opening, const Pt2JsonNode *index)
{
  Pt2Compact *compact = opening->compact;
  Pt2String at = pt2_json_text (pt2_json_get (index, "dictionary"));
  const Pt2ZipEntry *entry = NULL;
  uint64_t bytes;
  if (at.data == NULL)
    return true;
  if (!find_entry (opening, at, &entry))
    return false;
  g_autoptr (GBytes) packed = pt2_zip_read (&compact->container, entry, opening->status);
  if (packed == NULL)
    return false;
  if (!pt2c_frame_bytes (packed, &bytes) || bytes / MAX (opening->archive->limits.inflate_ratio, 1) > entry->bytes)
    return fail_index (opening, "no dictionary is", at);
  compact->dictionary = pt2c_decompress (packed, bytes, NULL, NULL, opening->status);
  return compact->dictionary != NULL;
}

/* Whatever a reader must know to get the records back right is named here. Version 1 of the format needs nothing. */
static bool
check_needs (Opening *opening, const Pt2JsonNode *index)
{
  char text[64];
  const Pt2JsonNode *needs = pt2_json_get (index, "needs");
  Pt2String first = pt2_json_text (pt2_json_item (needs, 0));
  if (needs == NULL || (needs->kind == PT2_JSON_ARRAY && needs->len == 0))
    return true;
  pt2_status_fail (opening->status, PT2_ERROR_R008, PT2_NO_OFFSET, "it needs \"%s\"",
                   pt2_text_escape (first.data != NULL ? first.data : "", first.len, text, sizeof text));
  pt2_status_set_record (opening->status, PT2C_INDEX);
  return false;
}

static bool
take_index (Opening *opening, const Pt2JsonNode *index)
{
  const Pt2JsonNode *records = pt2_json_get (index, "records");
  Pt2String root = pt2_json_text (pt2_json_get (index, "root"));
  uint64_t total = 0;
  if (!check_needs (opening, index))
    return false;
  if (records == NULL || records->kind != PT2_JSON_ARRAY || root.data == NULL
      || (root.len > 0 && root.data[root.len - 1] != '/'))
    return fail_index (opening, "no list of records, or a root that is no folder:", root);
  uint32_t n = pt2_json_length (records);
  if (!reserve (opening, n) || !take_dictionary (opening, index) || !take_names (opening, records, root))
    return false;
  for (uint32_t i = 0; i < n; i++)
    if (!take_record (opening, pt2_json_item (records, i), i, &total))
      return false;
  return pt2_zip_index_entries (&opening->archive->zip, opening->status);
}

static bool
read_index (Opening *opening)
{
  Pt2Compact *compact = opening->compact;
  const Pt2Limits *limits = &opening->archive->limits;
  const Pt2ZipEntry *entry = NULL;
  uint64_t bytes;
  if (!find_entry (opening, (Pt2String){ PT2C_INDEX, strlen (PT2C_INDEX) }, &entry))
    return false;
  compact->index_entry = entry;
  g_autoptr (GBytes) packed = pt2_zip_read (&compact->container, entry, opening->status);
  if (packed == NULL)
    return false;
  if (!pt2c_frame_bytes (packed, &bytes))
    return fail_index (opening, "no zstd frame", (Pt2String){ NULL, 0 });
  if (bytes / MAX (limits->inflate_ratio, 1) > entry->bytes || bytes > limits->memory)
    return pt2_status_fail (opening->status, PT2_ERROR_L007, PT2_NO_OFFSET, "the index");
  compact->index = pt2c_decompress (packed, bytes, NULL, NULL, opening->status);
  if (compact->index == NULL)
    return false;
  pt2_arena_init (&compact->arena, limits->memory, 0);
  Pt2Status inner = PT2_STATUS_INIT;
  const Pt2JsonNode *index = pt2_json_tree_read (&compact->arena, g_bytes_get_data (compact->index, NULL),
                                                 g_bytes_get_size (compact->index), limits, &inner);
  if (index != NULL)
    return take_index (opening, index);
  *opening->status = inner;
  pt2_status_set_record (opening->status, PT2C_INDEX);
  return false;
}

bool
pt2c_open (Pt2Archive *archive, Pt2Status *status)
{
  size_t root_len = compact_root (&archive->zip);
  if (root_len == 0)
    return true;
  Pt2Compact *compact = g_new0 (Pt2Compact, 1);
  Opening opening = { archive, compact, root_len, status };
  archive->compact = compact;
  compact->container = archive->zip;
  memset (&archive->zip, 0, sizeof archive->zip);
  archive->zip.limits = archive->limits;
  return check_version (&opening) && read_index (&opening);
}

void
pt2c_free (Pt2Compact *compact)
{
  if (compact == NULL)
    return;
  pt2_zip_clear (&compact->container);
  pt2_arena_clear (&compact->arena);
  g_clear_pointer (&compact->index, g_bytes_unref);
  g_clear_pointer (&compact->dictionary, g_bytes_unref);
  g_free (compact->records);
  g_free (compact);
}
