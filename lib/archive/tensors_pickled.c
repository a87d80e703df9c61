/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors out of pickles: the dictionaries of layouts L and P1, and payloads of P2 that are pickles by themselves.
 * The pickle reader builds values, nothing is executed; what is no plain tensor is described.
 */
#include "tensors_private.h"
#include "text.h"
#include <string.h>

/* ---- opening a pickle ---- */

/* Keeps it for as long as the list lives: views alias it. NULL with its error in STATUS. */
static Pt2Pickle *
open_pickle (Pt2Tensors *tensors, const Pt2Record *record, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (GBytes) bytes = pt2_archive_view (tensors->archive, record, &status);
  if (bytes == NULL)
    {
      pt2_status_to_error (&status, error);
      return NULL;
    }
  Pt2Pickle *pickle = pt2_pickle_new_from_bytes (bytes, &tensors->archive->limits, error);
  if (pickle != NULL)
    g_ptr_array_add (tensors->pickles, pickle);
  else if (error != NULL)
    pt2_error_add_record (*error, record->name);
  return pickle;
}

/* Adds the storages of PICKLE; the first has number *BASE. */
static bool
add_storages (Pt2Tensors *tensors, Pt2Pickle *pickle, const Pt2Record *record, uint32_t *base)
{
  guint n;
  const Pt2PickleStorage *const *inner = pt2_pickle_get_storages (pickle, &n);
  bool big_endian = g_strcmp0 (pt2_pickle_get_byteorder (pickle), "big") == 0;
  *base = tensors->n_storages;
  for (guint i = 0; i < n; i++)
    {
      Pt2TensorStorage storage = {
        .record = record, .pickle = pickle, .inner = inner[i], .bytes = inner[i]->bytes, .big_endian = big_endian
      };
      if (pt2_tensors_add_storage (tensors, &storage) == PT2_NO_STORAGE)
        return false;
    }
  return true;
}

/* ---- one tensor ---- */

static const char *
copy_class (Pt2Tensors *tensors, const Pt2PickleGlobal *global)
{
  char text[256];
  pt2_text_escape (global->name, global->name_len, text, sizeof text);
  return pt2_tensors_copy_text (tensors, text, strlen (text));
}

static const gint64 *
copy_numbers (Pt2Tensors *tensors, const gint64 *numbers, guint n)
{
  gint64 *copy = pt2_tensors_alloc (tensors, n, sizeof *copy);
  if (copy != NULL && n > 0)
    memcpy (copy, numbers, n * sizeof *copy);
  return copy;
}

static bool
is_plain_class (const Pt2PickleGlobal *subclass)
{
  return subclass == NULL || strcmp (subclass->name, "torch.nn.parameter.Parameter") == 0
         || strcmp (subclass->name, "torch.Tensor") == 0 || strcmp (subclass->name, "torch._tensor.Tensor") == 0;
}

static Pt2TensorForm
form_of (const Pt2PickleTensor *inner)
{
  static const Pt2TensorForm forms[] = {
    [PT2_PICKLE_TENSOR_STRIDED] = PT2_TENSOR_STRIDED, [PT2_PICKLE_TENSOR_QUANTIZED] = PT2_TENSOR_QUANTIZED,
    [PT2_PICKLE_TENSOR_META] = PT2_TENSOR_ABSENT,     [PT2_PICKLE_TENSOR_WRAPPER] = PT2_TENSOR_SUBCLASS,
    [PT2_PICKLE_TENSOR_SPARSE] = PT2_TENSOR_SPARSE,   [PT2_PICKLE_TENSOR_CONVERTED] = PT2_TENSOR_CONVERTED,
    [PT2_PICKLE_TENSOR_FAKE] = PT2_TENSOR_ABSENT,
  };
  if (!is_plain_class (inner->subclass))
    return PT2_TENSOR_SUBCLASS;
  if (inner->form != PT2_PICKLE_TENSOR_STRIDED)
    return forms[inner->form];
  if (inner->storage == NULL || !inner->storage->present)
    return PT2_TENSOR_ABSENT;
  return inner->conjugate || inner->negative ? PT2_TENSOR_LAZY : PT2_TENSOR_STRIDED;
}

/* A fake tensor is the JSON of its description. */
static bool
take_fake (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2PickleTensor *inner, Pt2Status *status)
{
  const Pt2PickleValue *json = inner->parts;
  const Pt2Limits *limits = &tensors->archive->limits;
  Pt2Document document;
  if (json == NULL || (json->kind != PT2_PICKLE_BYTES && json->kind != PT2_PICKLE_TEXT))
    return pt2_status_fail (status, PT2_ERROR_W015, PT2_NO_OFFSET, "a fake tensor without a description");
  pt2_document_init (&document, &pt2_export_schema, pt2_schema_find_struct (&pt2_export_schema, "TensorMeta"), limits,
                     json->text.len);
  bool fine = pt2_json_read (&document, json->text.data, json->text.len, limits, status)
              && pt2_tensor_take_meta (tensors, tensor, document.root, status);
  pt2_document_clear (&document);
  tensor->form = PT2_TENSOR_ABSENT;
  return fine;
}

/* What has no storage does not say; its entry in a list may have. */
static void
take_device (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2PickleTensor *inner)
{
  char device[112];
  if (inner->form == PT2_PICKLE_TENSOR_META)
    tensor->device = "meta";
  if (inner->storage == NULL)
    return;
  pt2_text_escape (inner->storage->location.data, inner->storage->location.len, device, sizeof device);
  tensor->device = pt2_tensors_copy_text (tensors, device, strlen (device));
}

static bool
take_plain (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2PickleTensor *inner, Pt2Status *status)
{
  tensor->shape = copy_numbers (tensors, inner->sizes, inner->n_dims);
  tensor->stride = inner->strides != NULL ? copy_numbers (tensors, inner->strides, inner->n_dims) : NULL;
  if (tensor->shape == NULL || (inner->strides != NULL && tensor->stride == NULL))
    return false;
  tensor->n_dims = inner->n_dims;
  tensor->storage_offset = inner->storage_offset;
  tensor->dtype = inner->dtype->name;
  tensor->element_bytes = inner->dtype->bytes;
  tensor->layout = pt2_tensors_copy_text (tensors, inner->layout, strlen (inner->layout));
  take_device (tensors, tensor, inner);
  return pt2_tensor_measure (tensor, status);
}

/* BASE: number of the pickle's first storage. */
static bool
take_tensor (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2PickleTensor *inner, uint32_t base, Pt2Status *status)
{
  tensor->form = form_of (inner);
  tensor->requires_grad = inner->requires_grad;
  if (tensor->form == PT2_TENSOR_SUBCLASS && inner->subclass != NULL)
    tensor->class_name = copy_class (tensors, inner->subclass);
  if (inner->storage != NULL)
    {
      tensor->storage_bytes = inner->storage->bytes;
      tensors->storage_of[tensors->n - 1] = base + inner->storage->index;
    }
  else
    tensor->storage_bytes = 0;
  if (inner->form == PT2_PICKLE_TENSOR_FAKE)
    return take_fake (tensors, tensor, inner, status);
  if (!take_plain (tensors, tensor, inner, status))
    return false;
  if (tensor->form == PT2_TENSOR_STRIDED && pt2_dtype_by_name (tensor->dtype) == NULL)
    tensor->form = PT2_TENSOR_QUANTIZED;
  return tensor->form != PT2_TENSOR_STRIDED || pt2_tensor_check_view (tensor, status);
}

/* ---- a dictionary ---- */

static const Pt2PickleGlobal *
class_of (const Pt2PickleValue *value)
{
  /* A call of a call, and so on: its innermost name, if it is near. */
  for (guint i = 0; value != NULL && i < 8; i++)
    {
      if (value->kind == PT2_PICKLE_GLOBAL)
        return value->global;
      value = value->kind == PT2_PICKLE_OPAQUE ? value->opaque->callable : NULL;
    }
  return NULL;
}

static void
take_object (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2PickleValue *value)
{
  const Pt2PickleGlobal *global = class_of (value);
  const char *name = value->type != NULL ? value->type : pt2_pickle_kind_name (value->kind);
  tensor->form = PT2_TENSOR_OBJECT;
  tensor->class_name
      = global != NULL ? copy_class (tensors, global) : pt2_tensors_copy_text (tensors, name, strlen (name));
}

static void
read_item (Pt2Tensors *tensors, const Pt2PayloadHalf *half, const Pt2Record *record, uint32_t base,
           const Pt2PickleValue *key, const Pt2PickleValue *value)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2String fqn = { key->text.data, (uint32_t)key->text.len };
  Pt2Tensor *tensor = pt2_tensors_add (tensors, fqn);
  if (tensor == NULL)
    return;
  tensor->pickled = true;
  tensor->record = record->name;
  if (value->kind != PT2_PICKLE_TENSOR)
    take_object (tensors, tensor, value);
  else if (!take_tensor (tensors, tensor, value->tensor, base, &status) && status.code != PT2_ERROR_NONE)
    {
      pt2_status_prepend_key (&status, fqn.data, fqn.len);
      pt2_status_set_record (&status, record->name);
      pt2_tensor_set_fault (tensor, &status);
    }
  pt2_tensors_set_role (tensors, tensor, half, value->kind == PT2_PICKLE_TENSOR && value->tensor->is_parameter);
}

static void
fail_dict (Pt2Tensors *tensors, const Pt2Record *record, const char *what)
{
  Pt2Status status = PT2_STATUS_INIT;
  pt2_status_fail (&status, PT2_ERROR_W016, PT2_NO_OFFSET, "%s", what);
  pt2_status_set_record (&status, record->name);
  pt2_tensors_add_fault (tensors, &status);
}

/* A key that is no name hides itself only; one fault tells of all of them. */
static void
read_items (Pt2Tensors *tensors, const Pt2PayloadHalf *half, const Pt2Record *record, uint32_t base,
            const Pt2PickleItems *items)
{
  guint64 nameless = 0;
  for (guint64 i = 0; i + 1 < items->n && tensors->memory.code == PT2_ERROR_NONE; i += 2)
    {
      const Pt2PickleValue *key = items->at[i];
      if (key->kind == PT2_PICKLE_TEXT && key->text.len < UINT32_MAX)
        read_item (tensors, half, record, base, key, items->at[i + 1]);
      else
        nameless++;
    }
  if (nameless > 0)
    fail_dict (tensors, record, "some of its keys are no texts");
}

void
pt2_tensors_read_dict (Pt2Tensors *tensors, const Pt2PayloadHalf *half, const Pt2Record *record)
{
  GError *error = NULL;
  uint32_t base;
  if (record->bytes == 0) /* how PyTorch writes "none" */
    return;
  Pt2Pickle *pickle = open_pickle (tensors, record, &error);
  if (pickle == NULL)
    {
      g_ptr_array_add (tensors->faults, error);
      return;
    }
  const Pt2PickleValue *value = pt2_pickle_get_value (pickle);
  if (value->kind != PT2_PICKLE_DICT)
    fail_dict (tensors, record, pt2_pickle_kind_name (value->kind));
  else if (add_storages (tensors, pickle, record, &base))
    read_items (tensors, half, record, base, &value->items);
}

/* ---- payloads that are pickles by themselves ---- */

/* The value that RECORD holds, and the storages it needs; NULL with the fault of TENSOR set. */
static const Pt2PickleValue *
open_value (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2Record *record, uint32_t *base)
{
  GError *error = NULL;
  Pt2Pickle *pickle = open_pickle (tensors, record, &error);
  if (pickle == NULL)
    {
      tensor->fault = error;
      return NULL;
    }
  const Pt2PickleValue *value = pt2_pickle_get_value (pickle);
  return value->kind != PT2_PICKLE_TENSOR || add_storages (tensors, pickle, record, base) ? value : NULL;
}

bool
pt2_tensor_read_pickle (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2Record *record, Pt2Status *status)
{
  uint32_t base = 0;
  const Pt2PickleValue *value = open_value (tensors, tensor, record, &base);
  if (value == NULL)
    return false;
  if (value->kind == PT2_PICKLE_OPAQUE)
    {
      /* A subclass that only its own code can make. */
      const Pt2PickleGlobal *global = class_of (value);
      tensor->form = PT2_TENSOR_SUBCLASS;
      tensor->class_name = global != NULL ? copy_class (tensors, global) : NULL;
      return true;
    }
  if (value->kind != PT2_PICKLE_TENSOR)
    return pt2_status_fail (status, PT2_ERROR_W015, PT2_NO_OFFSET, "a pickled %s instead of a tensor",
                            pt2_pickle_kind_name (value->kind));
  return take_tensor (tensors, tensor, value->tensor, base, status);
}

bool
pt2_tensor_read_untold (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2Record *record, Pt2Status *status)
{
  uint32_t base = 0;
  const Pt2PickleValue *value = open_value (tensors, tensor, record, &base);
  if (value == NULL)
    return false;
  if (value->kind == PT2_PICKLE_TENSOR)
    return take_tensor (tensors, tensor, value->tensor, base, status);
  take_object (tensors, tensor, value);
  return true;
}

/* An object stays closed; that its pickle cannot be read is nothing wrong with it. */
void
pt2_tensor_read_object (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2Record *record)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autoptr (GBytes) bytes = pt2_archive_view (tensors->archive, record, &status);
  g_autoptr (Pt2Pickle) pickle
      = bytes != NULL ? pt2_pickle_new_from_bytes (bytes, &tensors->archive->limits, NULL) : NULL;
  const Pt2PickleGlobal *global = pickle != NULL ? class_of (pt2_pickle_get_value (pickle)) : NULL;
  if (global != NULL)
    tensor->class_name = copy_class (tensors, global);
}
