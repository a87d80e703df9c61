/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of views: how many elements, whether they lie within the storage, and how to walk them.
 * Every number comes from a file; nothing is multiplied or added unchecked. Knows no file.
 */
#include "tensors_private.h"
#include <string.h>

static bool
fail_dim (Pt2Status *status, Pt2ErrorCode code, const char *field, guint dim, gint64 value)
{
  pt2_status_fail (status, code, PT2_NO_OFFSET, "%" G_GINT64_FORMAT, value);
  pt2_status_prepend_index (status, dim);
  pt2_status_prepend_field (status, field, strlen (field));
  return false;
}

bool
pt2_tensor_measure (Pt2Tensor *tensor, Pt2Status *status)
{
  bool empty = false;
  guint64 numel = 1;
  for (guint i = 0; i < tensor->n_dims; i++)
    {
      if (tensor->shape[i] < 0)
        return fail_dim (status, PT2_ERROR_W003, "sizes", i, tensor->shape[i]);
      empty = empty || tensor->shape[i] == 0;
    }
  /* A size of 0 makes it empty, whatever the others would come to. */
  for (guint i = 0; i < tensor->n_dims && !empty; i++)
    if (__builtin_mul_overflow (numel, (guint64)tensor->shape[i], &numel) || numel > G_MAXINT64)
      return fail_dim (status, PT2_ERROR_W006, "sizes", i, tensor->shape[i]);
  tensor->numel = empty ? 0 : numel;
  if (__builtin_mul_overflow (tensor->numel, (guint64)tensor->element_bytes, &tensor->nbytes)
      || tensor->nbytes > G_MAXINT64)
    return pt2_status_fail (status, PT2_ERROR_W006, PT2_NO_OFFSET, "%" G_GUINT64_FORMAT " elements of %u bytes",
                            tensor->numel, tensor->element_bytes);
  return true;
}

/* The last element that a view which is not empty reaches. */
static bool
last_element (const Pt2Tensor *tensor, guint64 *last, Pt2Status *status)
{
  *last = (guint64)tensor->storage_offset;
  for (guint i = 0; i < tensor->n_dims; i++)
    {
      guint64 reach;
      if (__builtin_mul_overflow ((guint64)(tensor->shape[i] - 1), (guint64)tensor->stride[i], &reach)
          || __builtin_add_overflow (*last, reach, last))
        return fail_dim (status, PT2_ERROR_W006, "strides", i, tensor->stride[i]);
    }
  return true;
}

static bool
check_signs (const Pt2Tensor *tensor, Pt2Status *status)
{
  for (guint i = 0; i < tensor->n_dims; i++)
    if (tensor->stride[i] < 0)
      return fail_dim (status, PT2_ERROR_W003, "strides", i, tensor->stride[i]);
  if (tensor->storage_offset >= 0)
    return true;
  pt2_status_fail (status, PT2_ERROR_W003, PT2_NO_OFFSET, "%" G_GINT64_FORMAT, tensor->storage_offset);
  pt2_status_prepend_field (status, "storage_offset", strlen ("storage_offset"));
  return false;
}

bool
pt2_tensor_check_view (const Pt2Tensor *tensor, Pt2Status *status)
{
  guint64 last;
  if (!check_signs (tensor, status))
    return false;
  if (tensor->storage_bytes % tensor->element_bytes != 0)
    return pt2_status_fail (status, PT2_ERROR_W005, PT2_NO_OFFSET, "%" G_GUINT64_FORMAT " bytes, elements of %u (%s)",
                            tensor->storage_bytes, tensor->element_bytes, tensor->dtype);
  if (tensor->numel == 0)
    return true;
  if (!last_element (tensor, &last, status))
    return false;
  guint64 room = tensor->storage_bytes / tensor->element_bytes;
  if (last < room)
    return true;
  return pt2_status_fail (status, PT2_ERROR_W004, PT2_NO_OFFSET,
                          "it uses element %" G_GUINT64_FORMAT ", the storage has %" G_GUINT64_FORMAT, last, room);
}

/* ---- walking ---- */

void
pt2_tensor_collapse (const Pt2Tensor *tensor, Pt2Run *run)
{
  run->n = 0;
  if (tensor->numel == 0)
    return;
  for (guint i = 0; i < tensor->n_dims; i++)
    {
      guint64 size = (guint64)tensor->shape[i], stride = (guint64)tensor->stride[i], whole;
      if (size == 1)
        continue;
      /* Does the dimension before step exactly over this one? */
      if (run->n > 0 && !__builtin_mul_overflow (size, stride, &whole) && run->stride[run->n - 1] == whole)
        {
          run->size[run->n - 1] *= size;
          run->stride[run->n - 1] = stride;
          continue;
        }
      /* Sizes of 2 and more, whose product fits 63 bits: at most 63 of them. */
      run->size[run->n] = size;
      run->stride[run->n++] = stride;
    }
}

#define COPY_ELEMENTS(type)                                                                                            \
  for (guint64 i = 0; i < n; i++, from += from_step, to += to_step)                                                    \
  memcpy (to, from, sizeof (type))

/* N elements that lie FROM_STEP bytes apart, to where they shall lie TO_STEP bytes apart. */
static void
copy_apart (const char *from, guint64 from_step, guint element, guint64 n, char *to, guint64 to_step)
{
  if (from_step == element && to_step == element)
    {
      memcpy (to, from, n * element);
      return;
    }
  switch (element)
    {
    case 1:
      COPY_ELEMENTS (guint8);
      break;
    case 2:
      COPY_ELEMENTS (guint16);
      break;
    case 4:
      COPY_ELEMENTS (guint32);
      break;
    case 8:
      COPY_ELEMENTS (guint64);
      break;
    default:
      for (guint64 i = 0; i < n; i++, from += from_step, to += to_step)
        memcpy (to, from, element);
    }
}

/* Where element FIRST is: an index for each dimension; returns the offset in elements. */
static guint64
locate (const Pt2Run *run, guint64 first, guint64 index[])
{
  guint64 at = 0;
  for (guint i = run->n; i-- > 0; first /= run->size[i])
    {
      index[i] = first % run->size[i];
      at += index[i] * run->stride[i];
    }
  return at;
}

/* To the start of the next row: the index of the last dimension becomes 0. */
static guint64
next_row (const Pt2Run *run, guint64 index[])
{
  guint64 at = 0;
  guint i = run->n - 1;
  index[i] = 0;
  while (i-- > 0 && ++index[i] == run->size[i])
    index[i] = 0;
  for (i = 0; i < run->n; i++)
    at += index[i] * run->stride[i];
  return at;
}

/* Elements FIRST … FIRST+N-1 of the view whose first element is at ORIGIN, row by row: out of the view to PACKED, where
 * they follow on each other, or INTO it. */
static void
walk_rows (const Pt2Run *run, char *origin, guint element, guint64 first, guint64 n, char *packed, bool into)
{
  guint64 index[G_N_ELEMENTS (run->size)];
  guint64 at = locate (run, first, index), row = run->n > 0 ? run->size[run->n - 1] : 1;
  guint64 step = run->n > 0 ? run->stride[run->n - 1] * element : element;
  while (n > 0)
    {
      guint64 take = MIN (n, row - (run->n > 0 ? index[run->n - 1] : 0));
      char *place = origin + at * element;
      if (into)
        copy_apart (packed, element, element, take, place, step);
      else
        copy_apart (place, step, element, take, packed, element);
      packed += take * element;
      n -= take;
      if (n > 0)
        at = next_row (run, index);
    }
}

void
pt2_run_copy (const Pt2Run *run, const char *origin, guint element, guint64 first, guint64 n, char *out)
{
  walk_rows (run, (char *)origin, element, first, n, out, false);
}

void
pt2_run_place (const Pt2Run *run, char *origin, guint element, guint64 first, guint64 n, const char *in)
{
  walk_rows (run, origin, element, first, n, (char *)in, true);
}
