/* SPDX-License-Identifier: Apache-2.0 */
/* Long transfers: pieces one after the other. The next piece is asked for before the last one is looked at, so that
 * both sides work at the same time. */
#include "chunk.h"
#include "client_private.h"
#include "sha256.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- fetching ---- */

typedef struct
{
  const Pt2Method *method;
  union
  {
    Pt2ExchangeProgramFetch program;
    Pt2ExchangeTensorFetch tensor;
    Pt2ExchangeStructFetch structure;
  } request;
  int64_t *offset; /* in the request */
  Pt2ReceiveFunc func;
  gpointer user_data;

  char *version; /* of what is fetched; NULL before the first piece */
  int64_t total;
  bool asked; /* for the piece at *offset */
} Fetch;

static int64_t
crc_of (const Pt2ExchangeChunk *chunk)
{
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_exchange_schema, "Chunk");
  const Pt2FieldInfo *field = pt2_struct_field_by_name (info, "crc32", strlen ("crc32"));
  return pt2_field_present (info, field, chunk) ? chunk->crc32 : -1;
}

/* Is it the piece that was asked for, of what was begun? */
static bool
check_place (Fetch *fetch, const Pt2ExchangeChunk *chunk, GError **error)
{
  int64_t left = chunk->total - chunk->offset;
  if (chunk->offset != *fetch->offset || chunk->zeros < 0 || left < 0 || (chunk->zeros > 0 && chunk->data.len > 0)
      || MAX (chunk->zeros, (int64_t)chunk->data.len) > left || (left > 0 && chunk->zeros == 0 && chunk->data.len == 0))
    return pt2_error_set (error, PT2_ERROR_X011, NULL, "%s", "the server sent another piece than it was asked for");
  if (fetch->version == NULL)
    {
      fetch->version = g_strndup (chunk->version.data, chunk->version.len);
      fetch->total = chunk->total;
    }
  if (chunk->total == fetch->total && strlen (fetch->version) == chunk->version.len
      && memcmp (fetch->version, chunk->version.data, chunk->version.len) == 0)
    return true;
  return pt2_error_set (error, PT2_ERROR_F005, NULL, "%s", "the server has another file of that name now");
}

static bool
take_chunk (const Fetch *fetch, const Pt2ExchangeChunk *chunk, uint64_t offset, GError **error)
{
  bool zeros = chunk->zeros > 0;
  if (!pt2_chunk_check (chunk->data, (uint64_t)chunk->zeros, crc_of (chunk), chunk->sha256, error))
    return false;
  GError *cause = NULL;
  if (fetch->func (zeros ? NULL : chunk->data.data, zeros ? (gsize)chunk->zeros : chunk->data.len, offset,
                   (uint64_t)chunk->total, fetch->user_data, &cause))
    return true;
  if (cause == NULL)
    return pt2_error_set (error, PT2_ERROR_F006, NULL, "%s", "");
  g_propagate_error (error, cause);
  return false;
}

/* One piece. *DONE: it was the last. */
static bool
fetch_piece (Pt2Client *client, Fetch *fetch, bool *again, bool *done, GError **error)
{
  *again = true;
  if (client->stream.fd < 0)
    {
      fetch->asked = false;
      if (!pt2_client_connect (client, error))
        return false;
    }
  if (!fetch->asked && !pt2_client_send (client, fetch->method, &fetch->request, error))
    return false;
  fetch->asked = false;
  g_autoptr (Pt2Reply) reply = pt2_client_receive (client, fetch->method, again, error);
  if (reply == NULL)
    return false;
  const Pt2ExchangeChunk *chunk = pt2_reply_get (reply);
  *again = false;
  if (!check_place (fetch, chunk, error))
    return false;
  uint64_t offset = (uint64_t)chunk->offset;
  *fetch->offset += MAX (chunk->zeros, (int64_t)chunk->data.len);
  *done = *fetch->offset >= chunk->total;
  if (!*done)
    {
      fetch->asked = pt2_client_send (client, fetch->method, &fetch->request, NULL);
      if (!fetch->asked)
        pt2_client_disconnect (client);
    }
  return take_chunk (fetch, chunk, offset, error);
}

static gboolean
run_fetch (Pt2Client *client, Fetch *fetch, GError **error)
{
  bool done = false, again;
  for (guint try = 0; !done;)
    {
      GError *cause = NULL;
      int64_t before = *fetch->offset;
      if (fetch_piece (client, fetch, &again, &done, &cause))
        {
          try = *fetch->offset > before ? 0 : try;
          continue;
        }
      /* A piece that was asked for may still be on its way. */
      pt2_client_disconnect (client);
      *fetch->offset = before;
      done = false;
      again = again || g_error_matches (cause, PT2_ERROR, PT2_ERROR_X012);
      if (!again || try >= client->options.retries || g_error_matches (cause, PT2_ERROR, PT2_ERROR_F006))
        {
          g_propagate_error (error, cause);
          break;
        }
      g_clear_error (&cause);
      if (!pt2_client_pause (client, try++, error))
        break;
    }
  g_free (fetch->version);
  return done;
}

gboolean
pt2_client_fetch_program (Pt2Client *client, const char *program, const char *model, Pt2ExchangeProgramForm form,
                          guint64 offset, Pt2ReceiveFunc func, gpointer user_data, GError **error)
{
  Fetch fetch = { .method = pt2_client_method ("fetchProgram", NULL), .func = func, .user_data = user_data };
  Pt2ExchangeProgramFetch *request = &fetch.request.program;
  pt2_exchange_init ("ProgramFetch", request);
  request->program = pt2_record_text (program);
  if (model != NULL)
    request->model = pt2_record_text (model);
  request->form = (int32_t)form;
  request->offset = (int64_t)offset;
  request->limit = client->options.chunk_bytes;
  request->check = (int32_t)client->options.check;
  fetch.offset = &request->offset;
  return run_fetch (client, &fetch, error);
}

gboolean
pt2_client_fetch_tensor (Pt2Client *client, const char *program, const char *model, const char *fqn, guint64 offset,
                         Pt2ReceiveFunc func, gpointer user_data, GError **error)
{
  Fetch fetch = { .method = pt2_client_method ("fetchTensor", NULL), .func = func, .user_data = user_data };
  Pt2ExchangeTensorFetch *request = &fetch.request.tensor;
  pt2_exchange_init ("TensorFetch", request);
  request->program = pt2_record_text (program);
  if (model != NULL)
    request->model = pt2_record_text (model);
  request->fqn = pt2_record_text (fqn);
  request->offset = (int64_t)offset;
  request->limit = client->options.chunk_bytes;
  request->check = (int32_t)client->options.check;
  fetch.offset = &request->offset;
  return run_fetch (client, &fetch, error);
}

gboolean
pt2_client_fetch_struct (Pt2Client *client, const char *program, const char *record, const char *type,
                         Pt2ExchangeProgramForm form, Pt2ReceiveFunc func, gpointer user_data, GError **error)
{
  Fetch fetch = { .method = pt2_client_method ("fetchStruct", NULL), .func = func, .user_data = user_data };
  Pt2ExchangeStructFetch *request = &fetch.request.structure;
  pt2_exchange_init ("StructFetch", request);
  request->program = pt2_record_text (program);
  request->record = pt2_record_text (record);
  if (type != NULL)
    request->type = pt2_record_text (type);
  request->form = (int32_t)form;
  request->limit = client->options.chunk_bytes;
  request->check = (int32_t)client->options.check;
  fetch.offset = &request->offset;
  return run_fetch (client, &fetch, error);
}

/* ---- into memory ---- */

typedef struct
{
  char *data;
  guint64 limit, len, room;
} Gather;

/* Grows with what arrives: the server may announce what it likes. */
static gboolean
gather (gconstpointer data, gsize len, guint64 offset, guint64 total, gpointer user_data, GError **error)
{
  Gather *to = user_data;
  if (total > to->limit)
    return pt2_error_set (error, PT2_ERROR_L003, NULL, "%" G_GUINT64_FORMAT " bytes", total);
  if (to->room < offset + len)
    {
      guint64 room = MIN (total, MAX (2 * to->room, offset + len));
      char *larger = realloc (to->data, MAX (room, 1));
      if (larger == NULL)
        return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "a program");
      to->data = larger;
      to->room = room;
    }
  if (data != NULL)
    memcpy (to->data + offset, data, len);
  else
    memset (to->data + offset, 0, len);
  to->len = offset + len;
  return TRUE;
}

GBytes *
pt2_client_fetch_program_bytes (Pt2Client *client, const char *program, const char *model, Pt2ExchangeProgramForm form,
                                guint64 limit, GError **error)
{
  Gather to = { .limit = limit != 0 ? limit : pt2_limits_default ()->program_size };
  if (pt2_client_fetch_program (client, program, model, form, 0, gather, &to, error))
    return g_bytes_new_with_free_func (to.data, to.len, free, to.data);
  free (to.data);
  return NULL;
}

GBytes *
pt2_client_fetch_struct_bytes (Pt2Client *client, const char *program, const char *record, const char *type,
                               Pt2ExchangeProgramForm form, guint64 limit, GError **error)
{
  Gather to = { .limit = limit != 0 ? limit : pt2_limits_default ()->program_size };
  if (pt2_client_fetch_struct (client, program, record, type, form, gather, &to, error))
    return g_bytes_new_with_free_func (to.data, to.len, free, to.data);
  free (to.data);
  return NULL;
}

/* ---- storing ---- */

typedef struct
{
  int fd;
  uint64_t bytes;
  Pt2ProgressFunc progress;
  gpointer user_data;
  char *buffer;
  size_t room;
} Store;

static bool
read_piece (const Store *store, uint64_t at, size_t len, GError **error)
{
  for (size_t have = 0; have < len;)
    {
      ssize_t n = pread (store->fd, store->buffer + have, len - have, (off_t)(at + have));
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return pt2_error_set (error, n < 0 ? PT2_ERROR_F001 : PT2_ERROR_F005, NULL, "%s",
                              n < 0 ? g_strerror (errno) : "");
      have += (size_t)n;
    }
  return true;
}

static bool
hash_file (const Store *store, uint8_t digest[PT2_SHA256_LEN], GError **error)
{
  Pt2Sha256 hash;
  bool fine = pt2_sha256_begin (&hash);
  if (!fine)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  for (uint64_t at = 0; fine && at < store->bytes; at += store->room)
    {
      size_t len = (size_t)MIN (store->room, store->bytes - at);
      fine = read_piece (store, at, len, error);
      if (fine)
        pt2_sha256_add (&hash, store->buffer, len);
    }
  pt2_sha256_end (&hash, digest);
  return fine;
}

static bool
send_pieces (Pt2Client *client, Store *store, const Pt2ExchangeStoreState *state, GError **error)
{
  const Pt2Method *method = pt2_client_method ("storeChunk", NULL);
  Pt2ExchangeStoreChunkRequest request;
  g_autofree char *upload = g_strndup (state->upload.data, state->upload.len);
  int64_t offset = state->offset;
  while (!state->known && (uint64_t)offset < store->bytes)
    {
      size_t len = (size_t)MIN (store->room, store->bytes - (uint64_t)offset);
      if (store->progress != NULL && !store->progress ((uint64_t)offset, store->bytes, store->user_data))
        return pt2_error_set (error, PT2_ERROR_F006, NULL, "%s", "");
      if (!read_piece (store, (uint64_t)offset, len, error))
        return false;
      pt2_record_init ("StoreChunkRequest", &request);
      request.upload = pt2_record_text (upload);
      request.offset = offset;
      request.data = (Pt2String){ store->buffer, (uint32_t)len };
      request.crc32 = pt2_chunk_crc32 (store->buffer, len);
      pt2_record_mark ("StoreChunkRequest", &request, "crc32");
      g_autoptr (Pt2Reply) reply = pt2_client_call_method (client, method, &request, error);
      if (reply == NULL)
        return false;
      const Pt2ExchangeStoreState *now = pt2_reply_get (reply);
      if (now->offset < 0 || (uint64_t)now->offset > store->bytes || now->offset <= offset)
        return pt2_error_set (error, PT2_ERROR_X011, NULL, "%s", "the server wants a piece again that it has");
      offset = now->offset;
    }
  return store->progress == NULL || store->progress (store->bytes, store->bytes, store->user_data)
         || pt2_error_set (error, PT2_ERROR_F006, NULL, "%s", "");
}

/* From the announcement to the end, once. */
static Pt2Reply *
store_once (Pt2Client *client, Store *store, const Pt2ExchangeStoreRequest *announced, GError **error)
{
  g_autoptr (Pt2Reply) begun = pt2_client_call (client, "storeBegin", announced, error);
  if (begun == NULL)
    return NULL;
  const Pt2ExchangeStoreState *state = pt2_reply_get (begun);
  Pt2ExchangeStoreEndRequest end;
  pt2_record_init ("StoreEndRequest", &end);
  end.upload = state->upload;
  if (state->offset < 0 || (uint64_t)state->offset > store->bytes)
    {
      pt2_error_set (error, PT2_ERROR_X011, NULL, "%s", "the server has more than there is");
      return NULL;
    }
  return send_pieces (client, store, state, error) ? pt2_client_call (client, "storeEnd", &end, error) : NULL;
}

static Pt2Reply *
announce_and_store (Pt2Client *client, Store *store, Pt2ExchangeStoreRequest *announced, GError **error)
{
  uint8_t digest[PT2_SHA256_LEN];
  if (!hash_file (store, digest, error))
    return NULL;
  announced->bytes = (int64_t)store->bytes;
  announced->sha256 = (Pt2String){ (const char *)digest, sizeof digest };
  GError *cause = NULL;
  Pt2Reply *reply = store_once (client, store, announced, &cause);
  /* The answer to storeEnd was lost, or the server started anew: what it has need not be sent. */
  if (reply == NULL && g_error_matches (cause, PT2_ERROR, PT2_ERROR_X013))
    {
      g_clear_error (&cause);
      reply = store_once (client, store, announced, &cause);
    }
  if (cause != NULL)
    g_propagate_error (error, cause);
  return reply;
}

static Pt2Reply *
store_fd (Pt2Client *client, int fd, Pt2ExchangeStoreRequest *announced, Pt2ProgressFunc progress, gpointer user_data,
          GError **error)
{
  struct stat info;
  uint64_t most = (uint64_t)MAX (pt2_client_get_server (client)->limits.chunk_bytes, 1);
  Store store = { .fd = fd, .progress = progress, .user_data = user_data };
  store.room = (size_t)MAX (MIN (most, client->options.chunk_bytes), 1);
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", "not a regular file");
      return NULL;
    }
  store.bytes = (uint64_t)info.st_size;
  store.buffer = g_try_malloc (store.room);
  if (store.buffer == NULL)
    {
      pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "a piece");
      return NULL;
    }
  Pt2Reply *reply = announce_and_store (client, &store, announced, error);
  g_free (store.buffer);
  return reply;
}

static void
announce (Pt2ExchangeStoreRequest *announced, Pt2ExchangeStoreKind kind, const char *name, const char *base,
          gboolean replace)
{
  pt2_exchange_init ("StoreRequest", announced);
  announced->kind = kind;
  announced->replace = replace;
  if (name != NULL)
    announced->name = pt2_record_text (name);
  if (base != NULL)
    announced->base = pt2_record_text (base);
}

Pt2Reply *
pt2_client_store (Pt2Client *client, int fd, const char *name, const char *base, gboolean replace,
                  Pt2ProgressFunc progress, gpointer user_data, GError **error)
{
  Pt2ExchangeStoreRequest announced;
  announce (&announced, base != NULL ? PT2_EXCHANGE_STORE_KIND_WEIGHTS : PT2_EXCHANGE_STORE_KIND_FILE, name, base,
            replace);
  return store_fd (client, fd, &announced, progress, user_data, error);
}

Pt2Reply *
pt2_client_store_struct (Pt2Client *client, int fd, const char *name, const char *base, const char *record,
                         const char *type, gboolean replace, Pt2ProgressFunc progress, gpointer user_data,
                         GError **error)
{
  Pt2ExchangeStoreRequest announced;
  announce (&announced, PT2_EXCHANGE_STORE_KIND_STRUCT, name, base, replace);
  announced.record = pt2_record_text (record);
  if (type != NULL)
    announced.type = pt2_record_text (type);
  return store_fd (client, fd, &announced, progress, user_data, error);
}
