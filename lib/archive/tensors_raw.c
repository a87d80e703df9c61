/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of a list (P2): raw storages, payloads that are pickles by themselves, objects. */
#include "tensors_private.h"
#include <string.h>

static bool
has_prefix (Pt2String text, const char *prefix)
{
  size_t len = strlen (prefix);
  return text.len >= len && memcmp (text.data, prefix, len) == 0;
}

/* In the constants the file's name says what it is; in the weights all are tensors. */
static bool
is_object (const Pt2PayloadHalf *half, const Pt2PayloadMeta *meta)
{
  return !half->weights && (has_prefix (meta->path_name, "custom_obj_") || has_prefix (meta->path_name, "opaque_obj_"));
}

static bool
check_constant_name (const Pt2PayloadHalf *half, const Pt2PayloadMeta *meta, Pt2Status *status)
{
  if (half->weights || is_object (half, meta) || has_prefix (meta->path_name, "tensor_"))
    return true;
  return pt2_status_fail (status, PT2_ERROR_W001, PT2_NO_OFFSET,
                          "those of constants begin with tensor_, custom_obj_ or opaque_obj_");
}

/* The storage that is all of RECORD, the same for every entry that names it. */
static uint32_t
storage_of (Pt2Tensors *tensors, const Pt2Record *record)
{
  uint32_t *known = &tensors->storage_of_record[record - tensors->archive->records];
  if (*known == 0)
    {
      const char *byteorder = tensors->archive->byteorder;
      Pt2TensorStorage storage = {
        .record = record,
        .bytes = record->bytes,
        .big_endian = byteorder != NULL && strcmp (byteorder, "big") == 0,
        .told = tensors->n - 1,
      };
      *known = pt2_tensors_add_storage (tensors, &storage) + 1; /* PT2_NO_STORAGE + 1 is 0 again */
    }
  return *known - 1;
}

/* PyTorch takes the type of a shared storage from the first entry that names it, and the views of the others
 * from themselves: where they differ, it reads those wrongly. */
static bool
check_agreement (Pt2Tensors *tensors, const Pt2TensorStorage *storage, Pt2Status *status)
{
  const Pt2Tensor *tensor = &tensors->items[tensors->n - 1], *first = &tensors->items[storage->told];
  if (storage->bytes == 0 || g_strcmp0 (tensor->dtype, first->dtype) == 0)
    return true;
  return pt2_status_fail (status, PT2_ERROR_W009, PT2_NO_OFFSET, "%s here, %s in the first entry of its file",
                          tensor->dtype, first->dtype != NULL ? first->dtype : "?");
}

static bool
read_raw (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2Record *record, Pt2Status *status)
{
  if (tensors->storage_of_record[record - tensors->archive->records] == PT2_MET_PICKLE)
    return pt2_status_fail (status, PT2_ERROR_W009, PT2_NO_OFFSET, "another entry says that its file is a pickle");
  uint32_t number = storage_of (tensors, record);
  if (number == PT2_NO_STORAGE)
    return false;
  tensors->storage_of[tensors->n - 1] = number;
  if (tensor->form != PT2_TENSOR_STRIDED)
    return true;
  if (record->bytes == 0 && tensor->numel > 0)
    {
      tensor->form = PT2_TENSOR_ABSENT;
      return true;
    }
  return check_agreement (tensors, &tensors->storages[number], status) && pt2_tensor_check_view (tensor, status);
}

/* The tensor inside a pickle must be the one that the entry tells of. */
static bool
check_same (const Pt2Tensor *tensor, const Pt2Tensor *told, Pt2Status *status)
{
  size_t shape = told->n_dims * sizeof *told->shape;
  if (g_strcmp0 (tensor->dtype, told->dtype) == 0 && tensor->n_dims == told->n_dims
      && (shape == 0 || memcmp (tensor->shape, told->shape, shape) == 0))
    return true;
  return pt2_status_fail (status, PT2_ERROR_W009, PT2_NO_OFFSET, "the pickled tensor has another type or shape");
}

/* PyTorch writes one file for each payload that it pickles; more entries would read it again and again. */
static bool
first_to_name (Pt2Tensors *tensors, const Pt2Record *record)
{
  uint32_t *known = &tensors->storage_of_record[record - tensors->archive->records];
  bool first = *known == 0;
  if (first)
    *known = PT2_MET_PICKLE;
  return first;
}

static bool
read_tensor (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2PayloadMeta *meta, const Pt2Record *record,
             Pt2Status *status)
{
  if (meta->tensor_meta == NULL && !meta->use_pickle)
    return pt2_status_fail (status, PT2_ERROR_W015, PT2_NO_OFFSET, "tensor_meta is null");
  if (meta->tensor_meta != NULL && !pt2_tensor_take_meta (tensors, tensor, meta->tensor_meta, status))
    {
      pt2_status_prepend_field (status, "tensor_meta", strlen ("tensor_meta"));
      return false;
    }
  if (!meta->use_pickle)
    return read_raw (tensors, tensor, record, status);
  if (!first_to_name (tensors, record))
    return pt2_status_fail (status, PT2_ERROR_W009, PT2_NO_OFFSET,
                            "another entry names its file, a pickle of one tensor");
  if (meta->tensor_meta == NULL)
    return pt2_tensor_read_untold (tensors, tensor, record, status);
  Pt2Tensor told = *tensor;
  return pt2_tensor_read_pickle (tensors, tensor, record, status) && check_same (tensor, &told, status);
}

static bool
read_entry (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2PayloadList *list, const Pt2PayloadHalf *half,
            const Pt2PayloadMeta *meta, Pt2Status *status)
{
  tensor->pickled = meta->use_pickle;
  tensor->form = is_object (half, meta) ? PT2_TENSOR_OBJECT : PT2_TENSOR_STRIDED;
  const Pt2Record *record = pt2_payload_list_find (list, tensors->archive, meta->path_name, status);
  if (record == NULL)
    {
      /* What the entry says of it can still be told. */
      Pt2Status unseen = PT2_STATUS_INIT;
      if (meta->tensor_meta != NULL)
        pt2_tensor_take_meta (tensors, tensor, meta->tensor_meta, &unseen);
      return false;
    }
  tensor->record = record->name;
  tensor->storage_bytes = record->bytes;
  if (!check_constant_name (half, meta, status))
    return false;
  if (tensor->form != PT2_TENSOR_OBJECT)
    return read_tensor (tensors, tensor, meta, record, status);
  if (first_to_name (tensors, record))
    pt2_tensor_read_object (tensors, tensor, record);
  return true;
}

static void
read_named (Pt2Tensors *tensors, const Pt2PayloadList *list, const Pt2PayloadHalf *half,
            const Pt2StringToPayloadMetaMapEntry *entry)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Tensor *tensor = pt2_tensors_add (tensors, entry->key);
  if (tensor == NULL)
    return;
  if (!read_entry (tensors, tensor, list, half, &entry->value, &status) && status.code != PT2_ERROR_NONE)
    {
      pt2_status_prepend_key (&status, entry->key.data, entry->key.len);
      pt2_status_prepend_field (&status, "config", strlen ("config"));
      pt2_status_set_record (&status, list->record->name);
      pt2_tensor_set_fault (tensor, &status);
    }
  pt2_tensors_set_role (tensors, tensor, half, entry->value.is_param);
}

void
pt2_tensors_read_list (Pt2Tensors *tensors, const Pt2PayloadHalf *half, const Pt2Record *record)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2PayloadList list;
  if (!pt2_payload_list_read (&list, tensors->archive, record, &status))
    {
      pt2_tensors_add_fault (tensors, &status);
      return;
    }
  for (uint32_t i = 0; i < list.config->config.len && tensors->memory.code == PT2_ERROR_NONE; i++)
    read_named (tensors, &list, half, &list.config->config.entries[i]);
  pt2_payload_list_clear (&list);
}
