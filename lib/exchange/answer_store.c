/* SPDX-License-Identifier: Apache-2.0 */
/* storeBegin, storeChunk, storeEnd. */
#include "chunk.h"
#include "ids.h"
#include "pt2-archive-writer.h"
#include "pt2-safetensors.h"
#include "sha256.h"
#include "uploads.h"
#include <string.h>
#include <unistd.h>

/* ---- begin and pieces ---- */

static bool
fill_state (Pt2Call *call, const Pt2Upload *upload, Pt2ExchangeStoreState *state, GError **error)
{
  state->upload = pt2_record_copy (&call->arena, upload->id, strlen (upload->id));
  state->known = upload->fd < 0;
  state->offset = (int64_t)(upload->fd < 0 ? upload->bytes : upload->offset);
  return state->upload.data != NULL || pt2_call_no_memory (error);
}

/* Which fields a kind has. */
static bool
fits_kind (const Pt2ExchangeStoreRequest *request)
{
  bool base = request->base.data != NULL, record = request->record.data != NULL;
  switch (request->kind)
    {
    case PT2_EXCHANGE_STORE_KIND_FILE:
      return !base && !record;
    case PT2_EXCHANGE_STORE_KIND_WEIGHTS:
      return base && !record;
    case PT2_EXCHANGE_STORE_KIND_STRUCT:
      return base && record;
    default:
      return false;
    }
}

/* An optional text of the request. */
static bool
read_text (Pt2Call *call, Pt2String text, char **to, GError **error)
{
  return text.data == NULL || (*to = (char *)pt2_call_name (call, text, error)) != NULL;
}

static bool
read_announced (Pt2Call *call, const Pt2ExchangeStoreRequest *request, Pt2Upload *announced, GError **error)
{
  *announced = (Pt2Upload){ .kind = request->kind, .replace = request->replace, .bytes = (uint64_t)request->bytes };
  if (request->sha256.len != PT2_SHA256_LEN || request->bytes < 0 || !fits_kind (request))
    return pt2_error_set (
        error, PT2_ERROR_X014, NULL, "%s",
        "expected a size, a SHA-256 of 32 bytes, a base for weights, a base and a record for a struct");
  char *hex = pt2_arena_alloc (&call->arena, 2 * PT2_SHA256_LEN + 1);
  if (hex == NULL)
    return pt2_call_no_memory (error);
  for (guint i = 0; i < PT2_SHA256_LEN; i++)
    g_snprintf (hex + 2 * i, 3, "%02x", (unsigned char)request->sha256.data[i]);
  announced->hash = hex;
  return read_text (call, request->name, &announced->name, error)
         && read_text (call, request->base, &announced->base, error)
         && read_text (call, request->record, &announced->record, error)
         && read_text (call, request->type, &announced->type, error);
}

/* Has the file NAME the SHA-256 HASH (hexadecimal) and that size? Then storing it changes nothing. */
static bool
is_there (Pt2Call *call, const char *name, const char *hash, uint64_t bytes)
{
  Pt2Shelf *shelf = call->service->shelf;
  Pt2Id id, wanted;
  g_autofree char *text = g_strconcat ("sha256:", hash, NULL);
  g_autoptr (Pt2Item) item = name != NULL ? pt2_shelf_open (shelf, name, NULL) : NULL;
  return item != NULL && item->bytes == bytes && pt2_id_read (text, &wanted)
         && pt2_item_id (shelf, item, NULL, PT2_ID_ALWAYS, call->cancelled, id.digest, NULL)
         && memcmp (id.digest, wanted.digest, sizeof id.digest) == 0;
}

bool
pt2_answer_storeBegin (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  Pt2Upload announced;
  if (!read_announced (call, asked, &announced, error))
    return false;
  announced.there = announced.kind == PT2_EXCHANGE_STORE_KIND_FILE
                    && is_there (call, announced.name, announced.hash, announced.bytes);
  g_autoptr (Pt2Upload) upload = pt2_uploads_begin (call->service->uploads, &announced, error);
  if (upload == NULL)
    return false;
  g_mutex_lock (&upload->lock);
  bool filled = fill_state (call, upload, answer, error);
  g_mutex_unlock (&upload->lock);
  return filled;
}

static Pt2Upload *
find_upload (Pt2Call *call, Pt2String id, GError **error)
{
  const char *name = pt2_call_name (call, id, error);
  return name != NULL ? pt2_uploads_find (call->service->uploads, name, error) : NULL;
}

bool
pt2_answer_storeChunk (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeStoreChunkRequest *request = asked;
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_exchange_schema, "StoreChunkRequest");
  const Pt2FieldInfo *field = pt2_struct_field_by_name (info, "crc32", strlen ("crc32"));
  int64_t crc = pt2_field_present (info, field, request) ? request->crc32 : -1;
  g_autoptr (Pt2Upload) upload = find_upload (call, request->upload, error);
  if (upload == NULL || !pt2_chunk_check (request->data, 0, crc, request->sha256, error))
    return false;
  if (request->offset < 0)
    return pt2_error_set (error, PT2_ERROR_X011, NULL, "%s", "an offset below 0");
  g_mutex_lock (&upload->lock);
  bool added = pt2_upload_add (upload, (uint64_t)request->offset, request->data, error)
               && fill_state (call, upload, answer, error);
  g_mutex_unlock (&upload->lock);
  return added;
}

/* ---- the end ---- */

/* What the name of such a file ends with. */
static const char *
suffix_of (const Pt2Item *item)
{
  gsize len;
  const char *data = g_bytes_get_data (item->data, &len);
  if (item->archive != NULL)
    return pt2_archive_is_compact (item->archive) ? ".pt2c" : ".pt2";
  if (strcmp (item->kind, pt2_file_kind_name (PT2_KIND_OF_FILE_PROGRAM_JSON)) == 0)
    return ".json";
  return len > 4 && memcmp (data, "\x28\xb5\x2f\xfd", 4) == 0 ? ".thrift.zst" : ".thrift";
}

typedef struct
{
  const char *suffix; /* what its name ends with if none is given */
  uint64_t bytes;
} SoundFile;

/* FILE must be sound. */
static bool
check_file (Pt2Call *call, const char *file, SoundFile *sound, GError **error)
{
  const Pt2Limits *limits = pt2_shelf_limits (call->service->shelf);
  Pt2Findings findings;
  g_autoptr (Pt2Item) item = pt2_item_new (pt2_uploads_incoming (call->service->uploads), file, limits, error);
  if (item == NULL || !pt2_call_check_item (call, item, PT2_PROFILE_LOAD, &findings, error))
    return false;
  const Pt2ExchangeFinding *fault = findings.fault;
  if (fault == NULL)
    {
      *sound = (SoundFile){ suffix_of (item), item->bytes };
      return true;
    }
  const char *place = fault->place.data != NULL ? fault->place.data : "the file";
  return pt2_error_set (error, PT2_ERROR_X020, NULL, "%s: %s: %s", fault->id.data, place, fault->message.data);
}

static bool
take_weights (Pt2Call *call, const Pt2Upload *upload, Pt2Item *base, const char *path, Pt2ArchiveWriter *writer,
              GError **error)
{
  Pt2Shelf *shelf = call->service->shelf;
  Pt2ShelfModel *model = pt2_item_model (base, NULL, error);
  g_autoptr (Pt2Tensors) tensors = model != NULL ? pt2_item_tensors (shelf, base, model, error) : NULL;
  Pt2Safetensors *weights
      = tensors != NULL ? pt2_safetensors_new_from_file (path, pt2_shelf_limits (shelf), error) : NULL;
  bool done = weights != NULL && pt2_archive_writer_take_weights (writer, tensors, weights, NULL, error);
  g_clear_pointer (&weights, pt2_safetensors_unref);
  return done;
}

static bool
take_struct (Pt2Call *call, const Pt2Upload *upload, Pt2Item *base, const char *path, Pt2ArchiveWriter *writer,
             GError **error)
{
  g_autoptr (GError) cause = NULL;
  GMappedFile *map = g_mapped_file_new (path, FALSE, &cause);
  if (map == NULL)
    return pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", cause->message);
  g_autoptr (GBytes) bytes = g_mapped_file_get_bytes (map);
  g_mapped_file_unref (map);
  return pt2_call_put_struct (call, base, writer, upload->record, upload->type, bytes, error);
}

/* The archive BASE with what the upload has, in the hidden folder. (transfer full) */
static char *
make_archive (Pt2Call *call, const Pt2Upload *upload, const char *file, GError **error)
{
  Pt2Uploads *uploads = call->service->uploads;
  g_autoptr (Pt2Item) base = pt2_shelf_open (call->service->shelf, upload->base, error);
  if (base == NULL)
    return NULL;
  if (base->archive == NULL)
    {
      pt2_error_set (error, PT2_ERROR_K019, NULL, "%s", "it has no records");
      return NULL;
    }
  g_autofree char *made = g_strconcat (upload->id, ".made", NULL);
  g_autofree char *path = pt2_uploads_path (uploads, made), *arrived = pt2_uploads_path (uploads, file);
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (base->archive, PT2_WRITER_AS_IT_IS, error);
  bool done = writer != NULL
              && (upload->kind == PT2_EXCHANGE_STORE_KIND_STRUCT ? take_struct : take_weights) (call, upload, base,
                                                                                                arrived, writer, error)
              && pt2_archive_writer_save (writer, path, PT2_SAVE_REPLACE, NULL, NULL, error);
  return done ? g_steal_pointer (&made) : NULL;
}

typedef struct
{
  char *name;
  bool known;
} Stored;

static bool
publish (Pt2Call *call, const Pt2Upload *upload, const char *file, const char *hash, Stored *stored, GError **error)
{
  SoundFile sound = { NULL, 0 };
  if (!check_file (call, file, &sound, error))
    return false;
  stored->name = upload->name != NULL ? g_strdup (upload->name) : g_strconcat (hash, sound.suffix, NULL);
  stored->known = is_there (call, stored->name, hash, sound.bytes);
  return stored->known
         || pt2_uploads_publish (call->service->uploads, file, hash, stored->name, upload->replace, &stored->known,
                                 error);
}

bool
pt2_call_publish (Pt2Call *call, const char *file, const char *name, bool replace, Pt2ExchangeStoreResult *result,
                  GError **error)
{
  Pt2Uploads *uploads = call->service->uploads;
  const Pt2Upload as = { .name = (char *)name, .replace = replace };
  Stored stored = { NULL, false };
  g_autofree char *hash = pt2_uploads_hash_file (uploads, file, error);
  bool done = hash != NULL && publish (call, &as, file, hash, &stored, error);
  g_autofree char *called = stored.name;
  g_autoptr (Pt2Item) item = done ? pt2_shelf_open (call->service->shelf, called, error) : NULL;
  result->known = stored.known;
  return item != NULL && pt2_call_fill_entry (call, item, &result->entry, error);
}

static bool
end_made (Pt2Call *call, Pt2Upload *upload, const char *file, Stored *stored, GError **error)
{
  Pt2Uploads *uploads = call->service->uploads;
  g_autofree char *made = make_archive (call, upload, file, error);
  g_autofree char *hash = made != NULL ? pt2_uploads_hash_file (uploads, made, error) : NULL;
  bool done = hash != NULL && publish (call, upload, made, hash, stored, error);
  if (made != NULL)
    unlinkat (pt2_uploads_incoming (uploads), made, 0);
  return done;
}

/* The content was here before: under that name, or stored, so it was checked. */
static bool
end_known (Pt2Call *call, const Pt2Upload *upload, Stored *stored, GError **error)
{
  Pt2Uploads *uploads = call->service->uploads;
  const Pt2Limits *limits = pt2_shelf_limits (call->service->shelf);
  stored->known = true;
  if (is_there (call, upload->name, upload->hash, upload->bytes))
    {
      stored->name = g_strdup (upload->name);
      return true;
    }
  g_autoptr (Pt2Item) item = pt2_item_new (pt2_uploads_objects (uploads), upload->hash, limits, NULL);
  bool same;
  if (item == NULL || item->data == NULL)
    return pt2_error_set (error, PT2_ERROR_X013, NULL, "%s", "");
  stored->name = upload->name != NULL ? g_strdup (upload->name) : g_strconcat (upload->hash, suffix_of (item), NULL);
  return pt2_uploads_publish (uploads, NULL, upload->hash, stored->name, upload->replace, &same, error);
}

/* With the upload's lock. What arrived is taken away also if it is not sound. Where only the name was in the way, the
 * content is kept, and need not be sent again for another name. */
static bool
end_upload (Pt2Call *call, Pt2Upload *upload, Stored *stored, GError **error)
{
  g_autofree char *file = pt2_upload_file (upload);
  GError *cause = NULL;
  bool done;
  if (upload->ended)
    return pt2_error_set (error, PT2_ERROR_X013, NULL, "%s", "");
  if (upload->fd >= 0 && !pt2_upload_check_hash (call->service->uploads, upload, error))
    return false;
  if (upload->fd < 0)
    done = end_known (call, upload, stored, &cause);
  else if (upload->kind != PT2_EXCHANGE_STORE_KIND_FILE)
    done = end_made (call, upload, file, stored, &cause);
  else
    done = publish (call, upload, file, upload->hash, stored, &cause);
  if (!g_error_matches (cause, PT2_ERROR, PT2_ERROR_F006))
    pt2_uploads_forget (call->service->uploads, upload);
  if (cause != NULL)
    g_propagate_error (error, cause);
  return done;
}

bool
pt2_answer_storeEnd (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeStoreEndRequest *request = asked;
  Pt2ExchangeStoreResult *result = answer;
  Stored stored = { NULL, false };
  g_autoptr (Pt2Upload) upload = find_upload (call, request->upload, error);
  if (upload == NULL)
    return false;
  g_mutex_lock (&upload->lock);
  bool done = end_upload (call, upload, &stored, error);
  g_mutex_unlock (&upload->lock);
  g_autofree char *name = stored.name;
  g_autoptr (Pt2Item) item = done ? pt2_shelf_open (call->service->shelf, name, error) : NULL;
  result->known = stored.known;
  return item != NULL && pt2_call_fill_entry (call, item, &result->entry, error);
}
