/* SPDX-License-Identifier: Apache-2.0 */
/* The elements of a tensor: where they lie if they are contiguous, else copied piece by piece.
 * Nothing is kept between calls, so that any number of threads may ask.
 */
#include "tensors_private.h"
#include "text.h"
#include <string.h>

const Pt2TensorStorage *
pt2_tensor_storage_of (const Pt2Tensors *tensors, const Pt2Tensor *tensor)
{
  uint32_t number = tensors->storage_of[tensor - tensors->items];
  return number != PT2_NO_STORAGE ? &tensors->storages[number] : NULL;
}

static bool
fail_form (const Pt2Tensor *tensor, GError **error)
{
  char where[200];
  pt2_text_escape (tensor->fqn.data, tensor->fqn.len, where, sizeof where);
  if (tensor->form == PT2_TENSOR_ABSENT)
    return pt2_error_set (error, PT2_ERROR_W012, where, "%s", "");
  return pt2_error_set (error, PT2_ERROR_W013, where, "%s%s%s", pt2_tensor_form_name (tensor->form),
                        tensor->class_name != NULL ? " of class " : "",
                        tensor->class_name != NULL ? tensor->class_name : "");
}

/* Only sound strided tensors have elements. */
bool
pt2_tensor_check_usable (const Pt2Tensor *tensor, GError **error)
{
  if (tensor->fault != NULL)
    {
      if (error != NULL)
        *error = g_error_copy (tensor->fault);
      return false;
    }
  return tensor->form == PT2_TENSOR_STRIDED || fail_form (tensor, error);
}

/* ---- storages ---- */

/* A slice of the pickle's bytes if the storage lies in them as it is: pt2_pickle_read_storage() would go over
 * all of it for the CRC. */
static GBytes *
load_pickled (const Pt2TensorStorage *storage, GBytes *record, GError **error)
{
  const Pt2PickleStorage *inner = storage->inner;
  gsize size = g_bytes_get_size (record);
  if (inner->present && inner->offset != PT2_PICKLE_NO_PLACE && inner->offset <= size
      && inner->bytes <= size - inner->offset)
    return g_bytes_new_from_bytes (record, (gsize)inner->offset, (gsize)inner->bytes);
  return pt2_pickle_read_storage (storage->pickle, inner, error);
}

static GBytes *
load_storage (const Pt2Tensors *tensors, const Pt2TensorStorage *storage, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  if (storage->pickle != NULL && strcmp (storage->record->method, "stored") != 0)
    return pt2_pickle_read_storage (storage->pickle, storage->inner, error); /* it holds the inflated record */
  GBytes *bytes = pt2_archive_view (tensors->archive, storage->record, &status);
  if (bytes == NULL)
    pt2_status_to_error (&status, error);
  if (bytes == NULL || storage->pickle == NULL)
    return bytes;
  GBytes *inner = load_pickled (storage, bytes, error);
  g_bytes_unref (bytes);
  return inner;
}

GBytes *
pt2_tensor_get_storage (Pt2Tensors *tensors, const Pt2Tensor *tensor, GError **error)
{
  const Pt2TensorStorage *storage = pt2_tensor_storage_of (tensors, tensor);
  if (storage != NULL)
    return load_storage (tensors, storage, error);
  if (tensor->fault == NULL || error == NULL)
    fail_form (tensor, error);
  else
    *error = g_error_copy (tensor->fault);
  return NULL;
}

gboolean
pt2_tensor_check_record (Pt2Tensors *tensors, const Pt2Tensor *tensor, GError **error)
{
  const Pt2TensorStorage *storage = pt2_tensor_storage_of (tensors, tensor);
  if (storage == NULL)
    return TRUE;
  /* The CRC of the record around a pickle would go over all tensors in it: the inner zip has one for each. */
  g_autoptr (GBytes) bytes = storage->pickle != NULL
                                 ? pt2_pickle_read_storage (storage->pickle, storage->inner, error)
                                 : pt2_archive_read (tensors->archive, storage->record->name, error);
  return bytes != NULL;
}

/* ---- views and copies ---- */

guint
pt2_tensor_swap_unit (const Pt2Tensors *tensors, const Pt2Tensor *tensor)
{
  const Pt2TensorStorage *storage = pt2_tensor_storage_of (tensors, tensor);
  guint unit = storage != NULL && storage->big_endian ? pt2_dtype_by_name (tensor->dtype)->unit : 0;
  return unit > 1 ? unit : 0;
}

static bool
is_one_run (const Pt2Run *run)
{
  return run->n == 0 || (run->n == 1 && run->stride[0] == 1);
}

gboolean
pt2_tensor_is_contiguous (Pt2Tensors *tensors, const Pt2Tensor *tensor)
{
  Pt2Run run;
  if (!pt2_tensor_check_usable (tensor, NULL) || pt2_tensor_swap_unit (tensors, tensor) != 0)
    return FALSE;
  pt2_tensor_collapse (tensor, &run);
  return is_one_run (&run);
}

/* All that the walks need of a tensor that is open. */
typedef struct
{
  GBytes *storage;
  const char *first; /* its first element */
  Pt2Run run;
  guint element, swap; /* bytes; 0: nothing is swapped */
} Walk;

static void
walk_clear (Walk *walk)
{
  g_clear_pointer (&walk->storage, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Walk, walk_clear)

static bool
walk_open (Walk *walk, Pt2Tensors *tensors, const Pt2Tensor *tensor, GError **error)
{
  gsize size;
  *walk = (Walk){ .element = tensor->element_bytes };
  if (!pt2_tensor_check_usable (tensor, error))
    return false;
  walk->storage = pt2_tensor_get_storage (tensors, tensor, error);
  if (walk->storage == NULL)
    return false;
  const char *data = g_bytes_get_data (walk->storage, &size);
  g_assert (size == tensor->storage_bytes); /* what the view was checked against */
  walk->first = tensor->numel > 0 ? data + (gsize)tensor->storage_offset * tensor->element_bytes : data;
  walk->swap = pt2_tensor_swap_unit (tensors, tensor);
  pt2_tensor_collapse (tensor, &walk->run);
  return true;
}

static GBytes *
make_view (const Walk *walk, const Pt2Tensor *tensor)
{
  gsize at = tensor->numel > 0 ? (gsize)tensor->storage_offset * tensor->element_bytes : 0;
  return g_bytes_new_from_bytes (walk->storage, at, (gsize)tensor->nbytes);
}

GBytes *
pt2_tensor_get_view (Pt2Tensors *tensors, const Pt2Tensor *tensor, GError **error)
{
  g_auto (Walk) walk = { NULL };
  if (!walk_open (&walk, tensors, tensor, error))
    return NULL;
  if (walk.swap == 0 && is_one_run (&walk.run))
    return make_view (&walk, tensor);
  pt2_error_set (error, PT2_ERROR_W013, tensor->record, "%s",
                 walk.swap != 0 ? "they are big-endian" : "they are not contiguous");
  return NULL;
}

void
pt2_swap_units (char *data, gsize len, guint unit)
{
  for (; len >= unit; data += unit, len -= unit)
    for (guint i = 0; i < unit / 2; i++)
      {
        char byte = data[i];
        data[i] = data[unit - 1 - i];
        data[unit - 1 - i] = byte;
      }
}

static void
copy_elements (const Walk *walk, guint64 first, guint64 n, char *out)
{
  pt2_run_copy (&walk->run, walk->first, walk->element, first, n, out);
  if (walk->swap != 0)
    pt2_swap_units (out, (gsize)n * walk->element, walk->swap);
}

GBytes *
pt2_tensor_get_bytes (Pt2Tensors *tensors, const Pt2Tensor *tensor, GError **error)
{
  g_auto (Walk) walk = { NULL };
  if (!walk_open (&walk, tensors, tensor, error))
    return NULL;
  if (walk.swap == 0 && is_one_run (&walk.run))
    return make_view (&walk, tensor);
  guint64 limit = tensors->archive->limits.memory;
  char *copy = tensor->nbytes <= limit ? g_try_malloc ((gsize)tensor->nbytes) : NULL;
  if (copy == NULL && tensor->nbytes > 0)
    {
      pt2_error_set (error, tensor->nbytes <= limit ? PT2_ERROR_L001 : PT2_ERROR_L003, tensor->record,
                     "a copy of %" G_GUINT64_FORMAT " bytes", tensor->nbytes);
      return NULL;
    }
  if (tensor->numel > 0)
    copy_elements (&walk, 0, tensor->numel, copy);
  return g_bytes_new_take (copy, (gsize)tensor->nbytes);
}

/* ---- piece by piece ---- */

enum
{
  PIECE_OF_VIEW = 16 << 20,
  PIECE_OF_COPY = 64 << 10,
};

static bool
walk_view (const Walk *walk, guint64 nbytes, Pt2TensorPieceFunc func, gpointer data)
{
  for (guint64 at = 0; at < nbytes; at += PIECE_OF_VIEW)
    if (!func (walk->first + at, (gsize)MIN (nbytes - at, PIECE_OF_VIEW), data))
      return false;
  return true;
}

static bool
walk_copy (const Walk *walk, guint64 numel, Pt2TensorPieceFunc func, gpointer data)
{
  char piece[PIECE_OF_COPY];
  guint64 most = sizeof piece / walk->element;
  for (guint64 at = 0; at < numel; at += most)
    {
      guint64 n = MIN (numel - at, most);
      copy_elements (walk, at, n, piece);
      if (!func (piece, (gsize)n * walk->element, data))
        return false;
    }
  return true;
}

gboolean
pt2_tensor_foreach_piece (Pt2Tensors *tensors, const Pt2Tensor *tensor, Pt2TensorPieceFunc func, gpointer data,
                          GError **error)
{
  g_auto (Walk) walk = { NULL };
  if (!walk_open (&walk, tensors, tensor, error))
    return FALSE;
  bool done = walk.swap == 0 && is_one_run (&walk.run) ? walk_view (&walk, tensor->nbytes, func, data)
                                                       : walk_copy (&walk, tensor->numel, func, data);
  return done || pt2_error_set (error, PT2_ERROR_F006, NULL, "%s", "");
}
