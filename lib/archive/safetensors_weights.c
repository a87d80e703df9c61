/* SPDX-License-Identifier: Apache-2.0 */
/* Other elements for the tensors of an archive, out of a safetensors file. Where a tensor is all of its record, the
 * record becomes a part of that file; else the record's bytes are copied and its tensors put into the copy.
 */
#include "safetensors_private.h"
#include "text.h"
#include <string.h>

typedef struct
{
  Pt2ArchiveWriter *writer;
  Pt2Tensors *tensors;
  Pt2Safetensors *weights;
  const Pt2SafetensorsItem **given; /* of each tensor; NULL: none */
  gboolean *touched;
  GError **error;
} Taking;

/* ---- which names, and whether they fit ---- */

static bool
fail_tensor (const Taking *taking, Pt2ErrorCode code, Pt2String name, const char *detail)
{
  char where[200];
  return pt2_error_set (taking->error, code, pt2_text_escape (name.data, name.len, where, sizeof where), "%s", detail);
}

static void
append_kind (GString *out, const char *type, const gint64 *shape, guint n)
{
  g_string_append_printf (out, "%s [", type);
  for (guint i = 0; i < n && i < 8; i++)
    g_string_append_printf (out, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", shape[i]);
  g_string_append (out, n > 8 ? ", …]" : "]");
}

static bool
check_kind (const Taking *taking, const Pt2Tensor *tensor, const Pt2SafetensorsItem *item)
{
  if (g_strcmp0 (tensor->dtype, item->dtype) == 0 && tensor->n_dims == item->n_dims
      && (item->n_dims == 0 || memcmp (tensor->shape, item->shape, item->n_dims * sizeof *item->shape) == 0))
    return true;
  g_autoptr (GString) detail = g_string_new (NULL);
  append_kind (detail, item->dtype != NULL ? item->dtype : item->type, item->shape, item->n_dims);
  g_string_append (detail, " instead of ");
  append_kind (detail, tensor->dtype, tensor->shape, tensor->n_dims);
  return fail_tensor (taking, PT2_ERROR_W025, item->name, detail->str);
}

/* A list that cannot be read may be why the name is not there. */
static bool
fail_unknown (const Taking *taking, Pt2String name)
{
  const GError *fault = pt2_tensors_get_faults (taking->tensors)[0];
  if (fault == NULL)
    return fail_tensor (taking, PT2_ERROR_W014, name, "");
  if (taking->error != NULL)
    *taking->error = g_error_copy (fault);
  return false;
}

static bool
take_name (Taking *taking, const Pt2SafetensorsItem *item)
{
  Pt2Tensors *tensors = taking->tensors;
  uint32_t number = pt2_text_index_find (&tensors->index, tensors->items, sizeof *tensors->items, item->name);
  if (number == PT2_TEXT_INDEX_NONE)
    return fail_unknown (taking, item->name);
  const Pt2Tensor *tensor = &tensors->items[number];
  const Pt2TensorStorage *storage = pt2_tensor_storage_of (tensors, tensor);
  if (tensor->pickled || (storage != NULL && storage->pickle != NULL))
    return fail_tensor (taking, PT2_ERROR_W027, item->name, "");
  taking->given[number] = item;
  return pt2_tensor_check_usable (tensor, taking->error) && check_kind (taking, tensor, item);
}

static bool
take_names (Taking *taking)
{
  guint n;
  const Pt2SafetensorsItem *items = pt2_safetensors_get (taking->weights, &n);
  for (guint i = 0; i < n; i++)
    if (!take_name (taking, &items[i]))
      return false;
  return true;
}

/* ---- putting elements into a copy of a storage ---- */

enum
{
  PIECE = 64 << 10,
};

/* Calls for pieces of ELEMENTS: either puts them into the view of STORAGE, or says whether they are there. */
static bool
go_over (const Taking *taking, const Pt2Tensor *tensor, const char *elements, char *storage, bool compare)
{
  char piece[PIECE];
  guint element = tensor->element_bytes, swap = pt2_tensor_swap_unit (taking->tensors, tensor);
  char *origin = storage + (gsize)tensor->storage_offset * element;
  guint64 most = sizeof piece / element;
  Pt2Run run;
  pt2_tensor_collapse (tensor, &run);
  for (guint64 at = 0; at < tensor->numel; at += most)
    {
      guint64 n = MIN (tensor->numel - at, most);
      const char *wanted = elements + at * element;
      if (compare)
        pt2_run_copy (&run, origin, element, at, n, piece);
      else
        memcpy (piece, wanted, n * element);
      if (swap != 0)
        pt2_swap_units (piece, n * element, swap);
      if (!compare)
        pt2_run_place (&run, origin, element, at, n, piece);
      else if (memcmp (piece, wanted, n * element) != 0)
        return false;
    }
  return true;
}

/* All tensors of a storage that were given something: first all are put, then all must still be there. */
static bool
put_given (Taking *taking, const guint *sharing, guint n, char *storage)
{
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < n; i++)
      {
        const Pt2Tensor *tensor = &taking->tensors->items[sharing[i]];
        const Pt2SafetensorsItem *item = taking->given[sharing[i]];
        if (item == NULL || item->nbytes == 0)
          continue;
        g_autoptr (GBytes) elements = pt2_safetensors_get_bytes (taking->weights, item);
        if (!go_over (taking, tensor, g_bytes_get_data (elements, NULL), storage, pass == 1))
          return fail_tensor (taking, PT2_ERROR_W026, item->name, "");
      }
  return true;
}

static char *
copy_storage (Taking *taking, const Pt2Tensor *tensor)
{
  guint64 limit = taking->tensors->archive->limits.memory;
  gsize len;
  if (!pt2_tensor_check_record (taking->tensors, tensor, taking->error))
    return NULL;
  g_autoptr (GBytes) bytes = pt2_tensor_get_storage (taking->tensors, tensor, taking->error);
  if (bytes == NULL)
    return NULL;
  const void *data = g_bytes_get_data (bytes, &len);
  char *copy = len <= limit ? g_try_malloc (len + 1) : NULL;
  if (copy != NULL)
    return memcpy (copy, data != NULL ? data : "", len);
  pt2_error_set (taking->error, len <= limit ? PT2_ERROR_L001 : PT2_ERROR_L003, tensor->record, "a copy of %zu bytes",
                 len);
  return NULL;
}

static GBytes *
assemble (Taking *taking, const Pt2Tensor *tensor, const guint *sharing, guint n)
{
  g_autofree char *copy = copy_storage (taking, tensor);
  if (copy == NULL || !put_given (taking, sharing, n, copy))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&copy), (gsize)tensor->storage_bytes);
}

/* ---- one storage ---- */

/* The elements are all that the record is, in its order. */
static bool
is_whole_record (const Taking *taking, const Pt2Tensor *tensor)
{
  return tensor->storage_offset == 0 && tensor->nbytes == tensor->storage_bytes
         && pt2_tensor_is_contiguous (taking->tensors, tensor);
}

static GBytes *
new_bytes (Taking *taking, guint first, const guint *sharing, guint n)
{
  const Pt2Tensor *tensor = &taking->tensors->items[first];
  guint count = 0;
  for (guint i = 0; i < n; i++)
    count += taking->given[sharing[i]] != NULL;
  if (count == 1 && is_whole_record (taking, tensor))
    return pt2_safetensors_get_bytes (taking->weights, taking->given[first]);
  return assemble (taking, tensor, sharing, n);
}

/* FIRST: the first of its storage that was given something. */
static bool
replace_storage (Taking *taking, guint first)
{
  guint n;
  const Pt2Tensor *tensor = &taking->tensors->items[first];
  const guint *sharing = pt2_tensors_get_sharing (taking->tensors, tensor, &n);
  taking->touched[first] = TRUE;
  if (n == 0 || tensor->record == NULL) /* no bytes at all: nothing changes */
    return true;
  for (guint i = 0; i < n; i++)
    taking->touched[sharing[i]] = TRUE;
  g_autoptr (GBytes) bytes = new_bytes (taking, first, sharing, n);
  if (bytes == NULL)
    return false;
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (bytes);
  return pt2_archive_writer_replace (taking->writer, tensor->record, source, taking->error);
}

static bool
replace_all (Taking *taking)
{
  for (guint i = 0; i < taking->tensors->n; i++)
    if (taking->given[i] != NULL && !taking->touched[i] && !replace_storage (taking, i))
      return false;
  return true;
}

gboolean
pt2_archive_writer_take_weights (Pt2ArchiveWriter *writer, Pt2Tensors *tensors, Pt2Safetensors *weights,
                                 gboolean **touched, GError **error)
{
  gsize n = (gsize)tensors->n + 1;
  g_autofree const Pt2SafetensorsItem **given = g_try_new0 (const Pt2SafetensorsItem *, n);
  g_autofree gboolean *changed = g_try_new0 (gboolean, n);
  Taking taking = { writer, tensors, weights, given, changed, error };
  if (given == NULL || changed == NULL)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "the list of tensors");
  if (!take_names (&taking) || !replace_all (&taking))
    return FALSE;
  if (touched != NULL)
    *touched = g_steal_pointer (&changed);
  return TRUE;
}
