/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"
#include "input.h"
#include "report.h"
#include <string.h>

/* ---- payloads, by the program's signature ---- */

/* 0 for what has no size known here; the file's numbers cannot make it overflow. */
static guint64
tensor_bytes (const Pt2SignatureItem *item)
{
  const Pt2Dtype *dtype = item->shape != NULL ? pt2_dtype_by_name (item->dtype) : NULL;
  guint64 bytes = dtype != NULL ? dtype->bytes : 0;
  for (guint i = 0; i < item->n_shape; i++)
    if (item->shape[i].expr.data != NULL || item->shape[i].value < 0
        || !g_uint64_checked_mul (&bytes, bytes, (guint64)item->shape[i].value))
      return 0;
  return bytes;
}

/* The state dictionary holds parameters and persistent buffers, the constants hold the rest. */
static Payload *
payload_of (Facts *facts, const Pt2SignatureItem *item)
{
  if (strcmp (item->kind, "PARAMETER") == 0 || (strcmp (item->kind, "BUFFER") == 0 && item->persistent != 0))
    return &facts->weights;
  gboolean constant = strcmp (item->kind, "BUFFER") == 0 || strcmp (item->kind, "CONSTANT_TENSOR") == 0
                      || strcmp (item->kind, "CUSTOM_OBJ") == 0;
  return constant ? &facts->constants : NULL;
}

static void
count_payloads (Facts *facts)
{
  guint n;
  const Pt2SignatureItem *inputs = pt2_program_get_inputs (facts->program, &n);
  for (guint i = 0; i < n; i++)
    {
      Payload *payload = payload_of (facts, &inputs[i]);
      if (payload == NULL)
        continue;
      payload->count++;
      if (!g_uint64_checked_add (&payload->bytes, payload->bytes, tensor_bytes (&inputs[i])))
        payload->bytes = G_MAXUINT64;
    }
}

/* ---- records ---- */

static gboolean
role_is (const Pt2Record *record, const char *role)
{
  return strcmp (record->role, role) == 0;
}

static gboolean
add_pickle (const Pt2Record *record, gpointer data)
{
  Facts *facts = data;
  g_ptr_array_add (facts->pickles, (gpointer)record->name);
  return TRUE;
}

static void
sort_record (Facts *facts, const Pt2Record *record)
{
  if (role_is (record, "native-code"))
    g_ptr_array_add (facts->native_code, (gpointer)record->name);
  if (role_is (record, "extra"))
    g_ptr_array_add (facts->extra, (gpointer)record->name);
  if (role_is (record, "weight") || role_is (record, "weights"))
    facts->weights.stored_bytes += record->stored_bytes;
  if (role_is (record, "constant") || role_is (record, "constants"))
    facts->constants.stored_bytes += record->stored_bytes;
}

static gboolean
sort_records (Facts *facts, GError **error)
{
  const Pt2Record *records = pt2_archive_get_records (facts->archive, &facts->n_records);
  for (guint i = 0; i < facts->n_records; i++)
    sort_record (facts, &records[i]);
  for (guint i = 0; i < facts->n_records; i++)
    aot_read_metadata (facts->archive, &records[i], facts->compiled);
  return pt2_archive_foreach_pickle (facts->archive, add_pickle, facts, error);
}

/* ---- the program ---- */

static gboolean
count_node (Pt2String target, guint graph, gpointer data)
{
  ++*(guint64 *)data;
  return TRUE;
}

static gboolean
count_graph (Facts *facts, GError **error)
{
  pt2_program_foreach_node (facts->program, count_node, &facts->nodes);
  g_autofree Pt2OperatorCount *counts = pt2_program_count_operators (facts->program, &facts->operators);
  facts->subgraphs = pt2_program_count_subgraphs (facts->program);
  if (counts != NULL)
    return pt2_program_make_signature (facts->program, error);
  set_error (error, PT2_ERROR_L001, "%s", "the operators");
  return FALSE;
}

static gboolean
is_archive (Pt2FileKind kind)
{
  return kind != PT2_KIND_OF_FILE_PROGRAM_JSON && kind != PT2_KIND_OF_FILE_PROGRAM_COMPACT;
}

static gboolean
open_archive (Facts *facts, GBytes *file, GError **error)
{
  facts->archive = pt2_archive_new_from_bytes (file, &settings.limits, error);
  if (facts->archive == NULL || !sort_records (facts, error))
    return FALSE;
  if (facts->kind != PT2_KIND_OF_FILE_EXPORTED_PROGRAM)
    return TRUE;
  const Pt2Record *record = pt2_archive_choose_model (facts->archive, settings.model, error);
  facts->model = record != NULL ? pt2_archive_model_name (facts->archive, record) : NULL;
  return record != NULL;
}

static gboolean
open_file (Facts *facts, GBytes *file, GError **error)
{
  facts->bytes = g_bytes_get_size (file);
  if (!pt2_file_kind (file, &settings.limits, &facts->kind, error))
    return FALSE;
  if (is_archive (facts->kind) && !open_archive (facts, file, error))
    return FALSE;
  if (facts->archive != NULL && facts->model == NULL)
    return TRUE;
  facts->program = pt2_program_new_from_data (file, facts->archive != NULL ? facts->model : settings.model,
                                              &settings.limits, error);
  if (facts->program == NULL)
    return FALSE;
  if (!count_graph (facts, error))
    return FALSE;
  count_payloads (facts);
  return TRUE;
}

Facts *
facts_gather (const char *path, GError **error)
{
  Facts *facts = g_new (Facts, 1);
  *facts = (Facts){ .pickles = g_ptr_array_new (), .native_code = g_ptr_array_new (), .extra = g_ptr_array_new () };
  facts->compiled = g_ptr_array_new_with_free_func (aot_metadata_free);
  g_autoptr (GBytes) file = input_bytes (path, error);
  if (file != NULL && open_file (facts, file, error))
    return facts;
  facts_free (facts);
  return NULL;
}

void
facts_free (gpointer data)
{
  Facts *facts = data;
  g_clear_pointer (&facts->archive, pt2_archive_unref);
  g_clear_pointer (&facts->program, pt2_program_unref);
  g_ptr_array_free (facts->pickles, TRUE);
  g_ptr_array_free (facts->native_code, TRUE);
  g_ptr_array_free (facts->extra, TRUE);
  g_ptr_array_free (facts->compiled, TRUE);
  g_free (facts);
}
