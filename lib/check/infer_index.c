/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that choose elements by their place. */
#include "infer.h"

static bool
is_index_type (int32_t dtype)
{
  return dtype == DTYPE_UNKNOWN || dtype == PT2_SCALAR_TYPE_LONG || dtype == PT2_SCALAR_TYPE_INT;
}

static void
infer_embedding (Infer *infer)
{
  Shape weight = infer_tensor (infer, "weight"), indices = infer_tensor (infer, "indices");
  Shape *result = infer_result (infer, 0, weight.dtype);
  if (!is_index_type (indices.dtype))
    infer_misfit (infer, "the indices are no integers");
  if (weight.has_shape && weight.n != 2)
    infer_misfit (infer, "the weight must have 2 dimensions, and has %u", weight.n);
  if (infer->misfit || !weight.has_shape || !indices.has_shape || !infer_set_dims (infer, result, indices.n + 1))
    return;
  memcpy (result->dims, indices.dims, indices.n * sizeof *indices.dims);
  result->dims[indices.n] = weight.dims[1];
}

static void
infer_index_select (Infer *infer)
{
  Shape self = infer_tensor (infer, "self"), index = infer_tensor (infer, "index");
  Shape *result = infer_result (infer, 0, self.dtype);
  int64_t dim;
  uint32_t axis;
  if (!is_index_type (index.dtype))
    infer_misfit (infer, "the indices are no integers");
  if (!self.has_shape || self.n == 0 || !index.has_shape || index.n > 1 || !infer_int (infer, "dim", 0, &dim)
      || !axis_of (dim, self.n, &axis))
    return;
  infer_copy_dims (infer, result, &self);
  if (result->has_shape)
    result->dims[axis] = index.n == 1 ? index.dims[0] : dim_number (1);
}

static void
infer_gather (Infer *infer)
{
  Shape self = infer_tensor (infer, "self"), index = infer_tensor (infer, "index");
  if (!is_index_type (index.dtype))
    infer_misfit (infer, "the indices are no integers");
  if (self.has_shape && index.has_shape && self.n != index.n && self.n > 0 && index.n > 0)
    infer_misfit (infer, "the index has %u dimensions, and must have %u", index.n, self.n);
  infer_copy_dims (infer, infer_result (infer, 0, self.dtype), &index);
}

/* The result is self with some elements changed. */
static void
infer_changed (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  infer_copy_dims (infer, infer_result (infer, 0, self.dtype), &self);
}

/* One index, or several next to each other, of integers: their dimensions take the place of those that they index. */
static void
infer_index (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  Shape *result = infer_result (infer, 0, self.dtype);
  const Pt2Argument *list = infer_argument (infer, "indices");
  if (list == NULL || list->which != PT2_ARGUMENT_AS_TENSORS || !self.has_shape || list->as_tensors.len == 0)
    return;
  uint32_t n = list->as_tensors.len;
  if (n > self.n)
    {
      infer_misfit (infer, "%u indices for %u dimensions", n, self.n);
      return;
    }
  Shape index = infer_shape_of (infer, list->as_tensors.items[0].name);
  if (n != 1 || !index.has_shape || index.dtype == PT2_SCALAR_TYPE_BOOL || index.dtype == PT2_SCALAR_TYPE_BYTE)
    return;
  if (!is_index_type (index.dtype))
    infer_misfit (infer, "the indices are no integers");
  else if (index.n + self.n - 1 <= MOST_DIMS && infer_set_dims (infer, result, index.n + self.n - 1))
    {
      memcpy (result->dims, index.dims, index.n * sizeof *index.dims);
      memcpy (result->dims + index.n, self.dims + 1, (self.n - 1) * sizeof *self.dims);
    }
}

/* Values and their places, K of them. */
static void
infer_topk (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  int64_t dim, k;
  uint32_t axis;
  bool plain = infer_int (infer, "k", 0, &k);
  Shape *values = infer_result (infer, 0, self.dtype), *places = infer_result (infer, 1, PT2_SCALAR_TYPE_LONG);
  if (!self.has_shape || self.n == 0 || !infer_int (infer, "dim", -1, &dim) || !axis_of (dim, self.n, &axis))
    return;
  infer_copy_dims (infer, values, &self);
  infer_copy_dims (infer, places, &self);
  if (values->has_shape)
    values->dims[axis] = places->dims[axis] = plain ? dim_number (k) : dim_unknown ();
}

static void
infer_sort (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  infer_copy_dims (infer, infer_result (infer, 0, self.dtype), &self);
  infer_copy_dims (infer, infer_result (infer, 1, PT2_SCALAR_TYPE_LONG), &self);
}

static void
infer_argsort (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  infer_copy_dims (infer, infer_result (infer, 0, PT2_SCALAR_TYPE_LONG), &self);
}

const InferRule infer_index_rules[] = {
  { "embedding", infer_embedding },
  { "index_select", infer_index_select },
  { "gather", infer_gather },
  { "scatter", infer_changed },
  { "scatter_add", infer_changed },
  { "index_put", infer_changed },
  { "index_add", infer_changed },
  { "select_scatter", infer_changed },
  { "slice_scatter", infer_changed },
  { "index", infer_index },
  { "topk", infer_topk },
  { "sort", infer_sort },
  { "argsort", infer_argsort },
  { NULL, NULL },
};
