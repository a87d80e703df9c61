/* SPDX-License-Identifier: Apache-2.0 */
/* fetchProgram and fetchTensor: pieces of long bytes. */
#include "chunk.h"
#include "service.h"
#include "sha256.h"
#include <string.h>

static bool
add_check (Pt2Call *call, int32_t check, const char *data, size_t len, Pt2ExchangeChunk *chunk)
{
  Pt2Sha256 hash;
  if (check == PT2_EXCHANGE_CHECK_CRC32)
    {
      chunk->crc32 = chunk->zeros > 0 ? pt2_chunk_crc32_zeros (len) : pt2_chunk_crc32 (data, len);
      pt2_record_mark ("Chunk", chunk, "crc32");
    }
  if (check != PT2_EXCHANGE_CHECK_SHA256)
    return true;
  uint8_t *digest = pt2_arena_alloc (&call->arena, PT2_SHA256_LEN);
  if (digest == NULL || !pt2_sha256_begin (&hash))
    return false;
  pt2_sha256_add (&hash, data, len);
  pt2_sha256_end (&hash, digest);
  chunk->sha256 = (Pt2String){ (const char *)digest, PT2_SHA256_LEN };
  return true;
}

bool
pt2_call_fill_chunk (Pt2Call *call, Pt2Item *item, GBytes *bytes, const Pt2Wanted *wanted, Pt2ExchangeChunk *chunk,
                     GError **error)
{
  gsize all;
  const char *data = g_bytes_get_data (bytes, &all);
  pt2_call_keep (call, bytes);
  if (wanted->offset < 0 || (uint64_t)wanted->offset > all)
    return pt2_error_set (error, PT2_ERROR_X011, NULL, "byte %" G_GINT64_FORMAT " of %zu", (gint64)wanted->offset, all);
  size_t len = MIN (all - (size_t)wanted->offset, call->service->options.chunk_bytes);
  if (wanted->limit > 0 && (uint64_t)wanted->limit < len)
    len = (size_t)wanted->limit;
  data = len > 0 ? data + wanted->offset : "";
  g_autofree char *version = g_strdup_printf ("%" G_GINT64_MODIFIER "x.%" G_GINT64_MODIFIER "x.%" G_GINT64_MODIFIER "x",
                                              item->inode, item->seconds, item->nanoseconds);
  g_atomic_ref_count_inc (&item->references);
  g_clear_pointer (&call->sent.item, pt2_item_unref);
  call->sent = (Pt2Sent){ item, data, len };
  chunk->offset = wanted->offset;
  chunk->total = (int64_t)all;
  chunk->version = pt2_record_copy (&call->arena, version, strlen (version));
  chunk->data = (Pt2String){ data, (uint32_t)len };
  if (len > 0 && (pt2_item_is_hole (call->service->shelf, item, data, len) || pt2_chunk_is_zero (data, len)))
    {
      chunk->zeros = (int64_t)len;
      chunk->data.len = 0;
      pt2_record_mark ("Chunk", chunk, "zeros");
    }
  return (chunk->version.data != NULL && add_check (call, wanted->check, data, len, chunk))
         || pt2_call_no_memory (error);
}

static GBytes *
bytes_of_form (Pt2Call *call, Pt2Item *item, Pt2ShelfModel *model, int32_t form, GError **error)
{
  static const Pt2Form forms[] = { PT2_FORM_COMPACT, PT2_FORM_COMPACT_ZST, PT2_FORM_JSON };
  if (form == PT2_EXCHANGE_PROGRAM_FORM_STORED)
    return g_bytes_ref (item->data);
  if (form >= 0 && form < (int32_t)G_N_ELEMENTS (forms))
    return pt2_item_form (call->service->shelf, item, model, forms[form], error);
  pt2_error_set (error, PT2_ERROR_U007, NULL, "%d", form);
  return NULL;
}

/* A file as it is stored needs no model, and may be what nothing can be made of. */
static Pt2Item *
open_for_fetch (Pt2Call *call, const Pt2ExchangeProgramFetch *request, Pt2ShelfModel **model, GError **error)
{
  if (request->form != PT2_EXCHANGE_PROGRAM_FORM_STORED)
    return pt2_call_open (call, request->program, request->model, model, error);
  const char *name = pt2_call_name (call, request->program, error);
  g_autoptr (Pt2Item) item = name != NULL ? pt2_shelf_open (call->service->shelf, name, error) : NULL;
  if (item == NULL || item->data != NULL)
    return g_steal_pointer (&item);
  if (error != NULL)
    *error = g_error_copy (item->fault);
  return NULL;
}

bool
pt2_answer_fetchProgram (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeProgramFetch *request = asked;
  const Pt2Wanted wanted = { request->offset, request->limit, request->check };
  Pt2ShelfModel *model = NULL;
  g_autoptr (Pt2Item) item = open_for_fetch (call, request, &model, error);
  GBytes *bytes = item != NULL ? bytes_of_form (call, item, model, request->form, error) : NULL;
  return bytes != NULL && pt2_call_fill_chunk (call, item, bytes, &wanted, answer, error);
}

bool
pt2_answer_fetchTensor (Pt2Call *call, const void *asked, void *answer, GError **error)
{
  const Pt2ExchangeTensorFetch *request = asked;
  const Pt2Wanted wanted = { request->offset, request->limit, request->check };
  Pt2Shelf *shelf = call->service->shelf;
  Pt2ShelfModel *model;
  g_autoptr (Pt2Item) item = pt2_call_open (call, request->program, request->model, &model, error);
  const char *fqn = item != NULL ? pt2_call_name (call, request->fqn, error) : NULL;
  if (fqn == NULL)
    return false;
  g_autoptr (GError) cause = NULL;
  g_autoptr (Pt2Tensors) tensors = pt2_item_tensors (shelf, item, model, &cause);
  if (cause != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return false;
    }
  const Pt2Tensor *tensor = tensors != NULL ? pt2_tensors_find (tensors, fqn) : NULL;
  if (tensor == NULL)
    return pt2_error_set (error, PT2_ERROR_X010, NULL, "%s", "no tensor of that name beside the program");
  guint n, index = (guint)(tensor - pt2_tensors_get (tensors, &n));
  GBytes *bytes = pt2_item_elements (shelf, item, model, tensors, index, error);
  return bytes != NULL && pt2_call_fill_chunk (call, item, bytes, &wanted, answer, error);
}
