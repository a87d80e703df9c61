/* SPDX-License-Identifier: Apache-2.0 */
/* The pickle object, and the three forms it comes in: a zip of torch.save, the stream of pickles
 * and storages that it wrote before, or one bare pickle. Storages are found and measured here;
 * their bytes are given out, never looked at or swapped.
 */
#include "pickle_private.h"
#include "text.h"
#include <string.h>

G_DEFINE_BOXED_TYPE (Pt2Pickle, pt2_pickle, pt2_pickle_ref, pt2_pickle_unref)

enum
{
  PICKLE_MAX_KEY = 4096, /* bytes */
};

Pt2Pickle *
pt2_pickle_ref (Pt2Pickle *pickle)
{
  g_atomic_ref_count_inc (&pickle->references);
  return pickle;
}

static void
names_clear (PickleNames *names)
{
  pt2_text_index_clear (&names->index);
  pickle_vector_clear (&names->things);
  g_free (names->names);
}

void
pt2_pickle_unref (Pt2Pickle *pickle)
{
  if (pickle == NULL || !g_atomic_ref_count_dec (&pickle->references))
    return;
  names_clear (&pickle->storages);
  names_clear (&pickle->globals);
  pt2_arena_clear (&pickle->arena);
  pt2_zip_clear (&pickle->zip);
  g_clear_pointer (&pickle->record, g_bytes_unref);
  g_bytes_unref (pickle->bytes);
  g_free (pickle);
}

Pt2PickleForm
pt2_pickle_get_form (Pt2Pickle *pickle)
{
  return pickle->form;
}

const char *
pt2_pickle_get_record (Pt2Pickle *pickle)
{
  return pickle->entry != NULL ? pickle->entry->name : NULL;
}

guint
pt2_pickle_get_protocol (Pt2Pickle *pickle)
{
  return pickle->protocol;
}

const char *
pt2_pickle_get_byteorder (Pt2Pickle *pickle)
{
  return pickle->big_endian ? "big" : "little";
}

const Pt2PickleValue *
pt2_pickle_get_value (Pt2Pickle *pickle)
{
  return pickle->value;
}

guint32
pt2_pickle_get_n_values (Pt2Pickle *pickle)
{
  return pickle->n_values;
}

const Pt2PickleStorage *const *
pt2_pickle_get_storages (Pt2Pickle *pickle, guint *n)
{
  if (n != NULL)
    *n = (guint)pickle->storages.things.n;
  return (const Pt2PickleStorage *const *)pickle->storages.things.at;
}

/* The public part stands first in each. */
const Pt2PickleGlobal *const *
pt2_pickle_get_globals (Pt2Pickle *pickle, guint *n)
{
  if (n != NULL)
    *n = (guint)pickle->globals.things.n;
  return (const Pt2PickleGlobal *const *)pickle->globals.things.at;
}

/* ---- opening ---- */

static size_t
root_len (const Pt2Zip *zip)
{
  const char *slash = zip->n_entries > 0 ? strchr (zip->entries[0].name, '/') : NULL;
  return slash != NULL ? (size_t)(slash - zip->entries[0].name) + 1 : 0;
}

/* The record of that name in the root folder, or NULL. */
static const Pt2ZipEntry *
find_record (const Pt2Zip *zip, const char *folder, Pt2String name)
{
  g_autoptr (GString) full = g_string_new_len (zip->n_entries > 0 ? zip->entries[0].name : "", (gssize)root_len (zip));
  g_string_append (full, folder);
  g_string_append_len (full, name.data, name.len);
  return pt2_zip_find (zip, full->str, full->len);
}

static const Pt2ZipEntry *
find_named (const Pt2Zip *zip, const char *name)
{
  return find_record (zip, "", (Pt2String){ name, (uint32_t)strlen (name) });
}

static bool
find_byteorder (Pt2Pickle *pickle, Pt2Status *status)
{
  const Pt2ZipEntry *entry = find_named (&pickle->zip, "byteorder");
  if (entry == NULL)
    return true; /* before PyTorch 2.1: little-endian */
  g_autoptr (GBytes) bytes = entry->bytes <= 6 ? pt2_zip_read (&pickle->zip, entry, status) : NULL;
  if (bytes == NULL && status->code != PT2_ERROR_NONE)
    return false;
  size_t len = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &len) : NULL;
  pickle->big_endian = len == 3 && memcmp (text, "big", 3) == 0;
  if (pickle->big_endian || (len == 6 && memcmp (text, "little", 6) == 0))
    return true;
  pt2_status_fail (status, PT2_ERROR_R006, PT2_NO_OFFSET, "%s", "");
  pt2_status_set_record (status, entry->name);
  return false;
}

static bool
open_zip (Pt2Pickle *pickle, Pt2Status *status)
{
  if (!pt2_zip_open (&pickle->zip, pickle->bytes, &pickle->limits, status))
    return false;
  pickle->form = PT2_PICKLE_FORM_ZIP;
  pickle->entry = find_named (&pickle->zip, "data.pkl");
  if (pickle->entry == NULL)
    return pt2_status_fail (status, PT2_ERROR_I021, PT2_NO_OFFSET, "no record data.pkl in the root folder");
  pickle->record = pt2_zip_read (&pickle->zip, pickle->entry, status);
  return pickle->record != NULL && find_byteorder (pickle, status);
}

static bool
open_record (Pt2Pickle *pickle, Pt2Status *status)
{
  size_t len;
  const char *data = g_bytes_get_data (pickle->bytes, &len);
  if (len == 0)
    return pt2_status_fail (status, PT2_ERROR_K001, PT2_NO_OFFSET, "%s", "");
  if (len >= 2 && memcmp (data, "PK", 2) == 0)
    return open_zip (pickle, status);
  pickle->record = g_bytes_ref (pickle->bytes);
  return true;
}

Pt2Pickle *
pickle_open (GBytes *bytes, const Pt2Limits *limits, PickleScan *scan, Pt2Status *status)
{
  g_autoptr (Pt2Pickle) pickle = g_new0 (Pt2Pickle, 1);
  g_atomic_ref_count_init (&pickle->references);
  pickle->bytes = g_bytes_ref (bytes);
  pickle->limits = limits != NULL ? *limits : *pt2_limits_default ();
  pt2_arena_init (&pickle->arena, pickle->limits.memory, 0);
  pt2_text_index_init (&pickle->storages.index);
  pt2_text_index_init (&pickle->globals.index);
  if (!open_record (pickle, status))
    return NULL;
  size_t len;
  const uint8_t *data = g_bytes_get_data (pickle->record, &len);
  *scan = (PickleScan){ data, len, 0 };
  return g_steal_pointer (&pickle);
}

/* ---- storages of a zip ---- */

static bool
fail_storage (const Pt2PickleStorage *storage, Pt2Status *status, const char *what)
{
  char key[128];
  pt2_text_escape (storage->key.data, storage->key.len, key, sizeof key);
  return pt2_status_fail (status, PT2_ERROR_I017, PT2_NO_OFFSET, "storage %s of %" G_GUINT64_FORMAT " bytes: %s", key,
                          storage->bytes, what);
}

static bool
fail_count (const Pt2PickleStorage *storage, Pt2Status *status, const char *what, uint64_t number)
{
  char text[96];
  g_snprintf (text, sizeof text, "%" G_GUINT64_FORMAT " %s", number, what);
  return fail_storage (storage, status, text);
}

/* Storages of the device "meta" have sizes only. */
static bool
may_be_absent (const Pt2PickleStorage *storage)
{
  return storage->location.len == 4 && memcmp (storage->location.data, "meta", 4) == 0;
}

static bool
find_in_zip (Pt2Pickle *pickle, Pt2PickleStorage *storage, Pt2Status *status)
{
  const Pt2ZipEntry *entry = find_record (&pickle->zip, "data/", storage->key);
  Pt2ZipPlace place = { 0 };
  if (entry == NULL)
    return may_be_absent (storage) || fail_storage (storage, status, "no record for it");
  if (entry->bytes != storage->bytes)
    return fail_count (storage, status, "bytes in its record", entry->bytes);
  if (!pt2_zip_place (&pickle->zip, entry, &place, status))
    return false;
  storage->present = TRUE;
  if (entry->method == PT2_ZIP_STORED)
    storage->offset = place.data;
  return true;
}

static bool
read_zip (Pt2Pickle *pickle, Pt2Status *status)
{
  if (find_named (&pickle->zip, "constants.pkl") != NULL)
    return pt2_status_fail (status, PT2_ERROR_K014, PT2_NO_OFFSET, "%s", "");
  for (size_t i = 0; i < pickle->storages.things.n; i++)
    if (!find_in_zip (pickle, (Pt2PickleStorage *)pickle->storages.things.at[i], status))
      return false;
  return true;
}

/* ---- the stream ---- */

bool
pickle_is_stream_magic (const Pt2PickleValue *value)
{
  static const char magic[] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  return value != NULL && value->kind == PT2_PICKLE_BIG_INTEGER && value->text.len == 10
         && memcmp (value->text.data, magic, 10) == 0;
}

static const Pt2PickleValue *
run_next (Pt2Pickle *pickle, PickleScan *scan, Pt2Status *status)
{
  PickleMachine machine;
  pickle_machine_init (&machine, pickle, scan->at, status);
  const Pt2PickleValue *value = pickle_machine_run (&machine, scan);
  pickle_machine_clear (&machine);
  return value;
}

/* The number of elements, eight bytes, then the bytes; always little-endian. */
static bool
find_in_stream (PickleScan *scan, Pt2PickleStorage *storage, Pt2Status *status)
{
  if (scan->size - scan->at < 8)
    return fail_storage (storage, status, "the file ends before it");
  uint64_t numel;
  memcpy (&numel, scan->data + scan->at, 8);
  scan->at += 8;
  if (GUINT64_FROM_LE (numel) != storage->numel)
    return fail_count (storage, status, "elements before it", GUINT64_FROM_LE (numel));
  if (scan->size - scan->at < storage->bytes)
    return fail_count (storage, status, "bytes left", scan->size - scan->at);
  storage->present = TRUE;
  storage->offset = scan->at;
  scan->at += storage->bytes;
  return true;
}

static bool
find_key (Pt2Pickle *pickle, PickleScan *scan, const Pt2PickleValue *key, Pt2Status *status)
{
  bool text = (key->kind == PT2_PICKLE_TEXT || key->kind == PT2_PICKLE_BYTES) && key->text.len <= PICKLE_MAX_KEY;
  Pt2PickleStorage *storage
      = text ? pickle_names_find (&pickle->storages, (Pt2String){ key->text.data, (uint32_t)key->text.len }) : NULL;
  if (storage == NULL)
    return pt2_status_fail (status, PT2_ERROR_I021, scan->at, "the list of storages names one that nothing uses");
  if (storage->present)
    return pt2_status_fail (status, PT2_ERROR_I021, scan->at, "the list of storages names one twice");
  return find_in_stream (scan, storage, status);
}

static bool
find_streamed (Pt2Pickle *pickle, PickleScan *scan, const Pt2PickleValue *keys, Pt2Status *status)
{
  if (keys->kind != PT2_PICKLE_LIST)
    return pt2_status_fail (status, PT2_ERROR_I021, scan->at, "the list of storages is a %s",
                            pt2_pickle_kind_name (keys->kind));
  for (uint64_t i = 0; i < keys->items.n; i++)
    if (!find_key (pickle, scan, keys->items.at[i], status))
      return false;
  for (size_t i = 0; i < pickle->storages.things.n; i++)
    {
      const Pt2PickleStorage *storage = pickle->storages.things.at[i];
      if (!storage->present && !may_be_absent (storage))
        return fail_storage (storage, status, "the list of storages lacks it");
    }
  return true;
}

/* Behind the magic number: protocol, facts of the system, the object, the storages' keys, the storages. */
static bool
read_stream (Pt2Pickle *pickle, PickleScan *scan, Pt2Status *status)
{
  pickle->form = PT2_PICKLE_FORM_STREAM;
  const Pt2PickleValue *protocol = run_next (pickle, scan, status);
  if (protocol == NULL)
    return false;
  if (protocol->kind != PT2_PICKLE_INTEGER || protocol->integer != 1001)
    return pt2_status_fail (status, PT2_ERROR_I021, scan->at, "its protocol is not 1001");
  if (run_next (pickle, scan, status) == NULL || (pickle->value = run_next (pickle, scan, status)) == NULL)
    return false;
  const Pt2PickleValue *keys = run_next (pickle, scan, status);
  return keys != NULL && find_streamed (pickle, scan, keys, status);
}

/* ---- reading ---- */

static bool
read_forms (Pt2Pickle *pickle, PickleScan *scan, Pt2Status *status)
{
  pickle->value = run_next (pickle, scan, status);
  if (pickle->value == NULL)
    return false;
  bool good = true;
  if (pickle->form == PT2_PICKLE_FORM_ZIP)
    good = read_zip (pickle, status);
  else if (pickle_is_stream_magic (pickle->value))
    good = read_stream (pickle, scan, status);
  if (good && scan->at < scan->size)
    good = pt2_status_fail (status, PT2_ERROR_I012, scan->at, "%" G_GUINT64_FORMAT, scan->size - scan->at);
  return good && pickle_check_values (pickle, status);
}

Pt2Pickle *
pt2_pickle_new_from_bytes (GBytes *bytes, const Pt2Limits *limits, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  PickleScan scan;
  g_autoptr (Pt2Pickle) pickle = pickle_open (bytes, limits, &scan, &status);
  if (pickle != NULL && read_forms (pickle, &scan, &status))
    return g_steal_pointer (&pickle);
  if (pickle != NULL && pickle->entry != NULL && status.record[0] == '\0')
    pt2_status_set_record (&status, pickle->entry->name);
  pt2_status_to_error (&status, error);
  return NULL;
}

GBytes *
pt2_pickle_read_storage (Pt2Pickle *pickle, const Pt2PickleStorage *storage, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  GBytes *bytes = NULL;
  if (!storage->present)
    fail_storage (storage, &status, "it is not in the file");
  else if (pickle->form == PT2_PICKLE_FORM_ZIP)
    bytes = pt2_zip_read (&pickle->zip, find_record (&pickle->zip, "data/", storage->key), &status);
  else
    bytes = g_bytes_new_from_bytes (pickle->bytes, (size_t)storage->offset, (size_t)storage->bytes);
  if (bytes == NULL)
    pt2_status_to_error (&status, error);
  return bytes;
}
