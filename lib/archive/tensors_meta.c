/* SPDX-License-Identifier: Apache-2.0 */
/* From a TensorMeta of the schema to a tensor of the list: plain numbers only, since a payload has no symbols. */
#include "tensors_private.h"
#include "text.h"
#include <string.h>

/* torch's name of an enum value, or NULL. */
static const char *
torch_name (const char *enumeration, int32_t value)
{
  const Pt2EnumMember *member = pt2_enum_by_value (pt2_schema_find_enum (&pt2_export_schema, enumeration), value);
  return member != NULL ? member->torch : NULL;
}

static bool
take_number (const Pt2SymInt *number, gint64 *value, Pt2Status *status)
{
  if (number->which != PT2_SYM_INT_AS_INT)
    return pt2_status_fail (status, PT2_ERROR_W003, PT2_NO_OFFSET, "no plain number");
  *value = number->as_int;
  return true;
}

static bool
take_numbers (Pt2Tensors *tensors, const Pt2SymIntList *list, const char *field, const gint64 **values,
              Pt2Status *status)
{
  gint64 *copy = pt2_tensors_alloc (tensors, list->len, sizeof *copy);
  *values = copy;
  for (uint32_t i = 0; copy != NULL && i < list->len; i++)
    if (!take_number (&list->items[i], &copy[i], status))
      {
        pt2_status_prepend_index (status, i);
        pt2_status_prepend_field (status, field, strlen (field));
        return false;
      }
  return copy != NULL;
}

static const char *
take_device (Pt2Tensors *tensors, const Pt2Device *device)
{
  static const uint32_t index_bit = 1 << 1; /* its second field */
  char type[80], text[112];
  if (device->type.len == 3 && memcmp (device->type.data, "cpu", 3) == 0 && (device->present[0] & index_bit) == 0)
    return "cpu";
  pt2_text_escape (device->type.data, device->type.len, type, sizeof type);
  if (device->present[0] & index_bit)
    g_snprintf (text, sizeof text, "%s:%" G_GINT64_FORMAT, type, device->index);
  else
    g_strlcpy (text, type, sizeof text);
  return pt2_tensors_copy_text (tensors, text, strlen (text));
}

static bool
take_types (Pt2Tensor *tensor, const Pt2TensorMeta *meta, Pt2Status *status)
{
  const Pt2Dtype *dtype = pt2_dtype_by_name (torch_name ("ScalarType", meta->dtype));
  tensor->layout = torch_name ("Layout", meta->layout);
  if (dtype == NULL || tensor->layout == NULL)
    {
      const char *field = dtype == NULL ? "dtype" : "layout";
      pt2_status_fail (status, PT2_ERROR_W007, PT2_NO_OFFSET, "%d", dtype == NULL ? meta->dtype : meta->layout);
      pt2_status_prepend_field (status, field, strlen (field));
      return false;
    }
  tensor->dtype = dtype->name;
  tensor->element_bytes = dtype->bytes;
  if (g_str_has_prefix (tensor->layout, "sparse"))
    tensor->form = PT2_TENSOR_SPARSE;
  else if (strcmp (tensor->layout, "strided") != 0)
    tensor->form = PT2_TENSOR_CONVERTED;
  return true;
}

bool
pt2_tensor_take_meta (Pt2Tensors *tensors, Pt2Tensor *tensor, const Pt2TensorMeta *meta, Pt2Status *status)
{
  const gint64 *shape, *stride;
  tensor->device = take_device (tensors, &meta->device);
  tensor->requires_grad = meta->requires_grad;
  if (!take_numbers (tensors, &meta->sizes, "sizes", &shape, status))
    return false;
  tensor->shape = shape;
  tensor->n_dims = meta->sizes.len;
  if (!take_types (tensor, meta, status) || !take_numbers (tensors, &meta->strides, "strides", &stride, status))
    return false;
  if (meta->strides.len != meta->sizes.len)
    return pt2_status_fail (status, PT2_ERROR_W003, PT2_NO_OFFSET, "%u sizes and %u strides", meta->sizes.len,
                            meta->strides.len);
  if (!take_number (&meta->storage_offset, &tensor->storage_offset, status))
    {
      pt2_status_prepend_field (status, "storage_offset", strlen ("storage_offset"));
      return false;
    }
  tensor->stride = stride;
  return pt2_tensor_measure (tensor, status);
}
