/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that make tensors from nothing but a shape, and those that put tensors together. */
#include "infer.h"

static void
make (Infer *infer, int32_t dtype)
{
  Dim dims[MOST_DIMS];
  uint32_t n;
  Shape *result = infer_result (infer, 0, infer_dtype (infer, "dtype", dtype));
  if (infer_sizes (infer, "size", dims, &n) && infer_set_dims (infer, result, n))
    memcpy (result->dims, dims, n * sizeof *dims);
}

static void
infer_of_size (Infer *infer)
{
  make (infer, DTYPE_DEFAULT);
}

/* full takes its type from the value. */
static void
infer_full (Infer *infer)
{
  const Pt2Argument *value = infer_argument (infer, "fill_value");
  uint32_t which = value != NULL ? value->which : 0;
  make (infer, which == PT2_ARGUMENT_AS_BOOL    ? PT2_SCALAR_TYPE_BOOL
               : which == PT2_ARGUMENT_AS_INT   ? PT2_SCALAR_TYPE_LONG
               : which == PT2_ARGUMENT_AS_FLOAT ? DTYPE_DEFAULT
                                                : DTYPE_UNKNOWN);
}

static void
infer_new (Infer *infer)
{
  make (infer, infer_tensor (infer, "self").dtype);
}

static void
infer_like (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  infer_copy_dims (infer, infer_result (infer, 0, infer_dtype (infer, "dtype", self.dtype)), &self);
}

static void
infer_scalar_tensor (Infer *infer)
{
  infer_set_dims (infer, infer_result (infer, 0, infer_dtype (infer, "dtype", DTYPE_UNKNOWN)), 0);
}

/* Whole numbers only: how many there are is then plain. */
static void
infer_arange (Infer *infer)
{
  int64_t start, end, step;
  const Pt2Argument *last = infer_argument (infer, "end");
  bool whole = last != NULL && last->which == PT2_ARGUMENT_AS_INT && infer_int (infer, "start", 0, &start)
               && infer_int (infer, "end", 0, &end) && infer_int (infer, "step", 1, &step);
  Shape *result = infer_result (infer, 0, infer_dtype (infer, "dtype", whole ? PT2_SCALAR_TYPE_LONG : DTYPE_UNKNOWN));
  if (!infer_set_dims (infer, result, 1) || !whole || step == 0 || ABS (start) > G_MAXINT32 || ABS (end) > G_MAXINT32)
    return;
  int64_t distance = step > 0 ? end - start : start - end, stride = ABS (step);
  if (distance >= 0)
    result->dims[0] = dim_number ((distance + stride - 1) / stride);
}

/* ---- several into one ---- */

static const Pt2TensorArgumentList *
tensors_of (const Infer *infer)
{
  const Pt2Argument *list = infer_argument (infer, "tensors");
  return list != NULL && list->which == PT2_ARGUMENT_AS_TENSORS && list->as_tensors.len > 0 ? &list->as_tensors : NULL;
}

/* The type of all, if they are of one. */
static int32_t
type_of_all (const Infer *infer, const Pt2TensorArgumentList *list)
{
  int32_t dtype = infer_shape_of (infer, list->items[0].name).dtype;
  for (uint32_t i = 1; i < list->len; i++)
    if (infer_shape_of (infer, list->items[i].name).dtype != dtype)
      return DTYPE_UNKNOWN;
  return dtype;
}

/* A tensor of one dimension without elements is passed over. */
static bool
is_legacy_empty (const Shape *shape)
{
  return shape->n == 1 && dim_is (shape->dims[0], 0);
}

static void
infer_cat (Infer *infer)
{
  const Pt2TensorArgumentList *list = tensors_of (infer);
  int64_t dim;
  uint32_t axis;
  if (list == NULL || !infer_int (infer, "dim", 0, &dim))
    return;
  Shape first = infer_shape_of (infer, list->items[0].name),
        *result = infer_result (infer, 0, type_of_all (infer, list));
  if (!first.has_shape || is_legacy_empty (&first) || !axis_of (dim, first.n, &axis))
    return;
  infer_copy_dims (infer, result, &first);
  for (uint32_t i = 1; i < list->len && result->has_shape; i++)
    {
      Shape next = infer_shape_of (infer, list->items[i].name);
      if (!next.has_shape || is_legacy_empty (&next))
        {
          result->has_shape = false;
          return;
        }
      if (next.n != first.n)
        {
          infer_misfit (infer, "tensors of %u and %u dimensions", first.n, next.n);
          return;
        }
      for (uint32_t k = 0; k < first.n; k++)
        if (k == axis)
          result->dims[k] = dim_sum (infer, result->dims[k], next.dims[k]);
        else if (dim_apart (first.dims[k], next.dims[k]))
          infer_misfit (infer, "sizes %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " beside each other",
                        first.dims[k].number, next.dims[k].number);
        else if (!dim_same (first.dims[k], next.dims[k]))
          result->dims[k] = dim_unknown ();
    }
}

static void
infer_stack (Infer *infer)
{
  const Pt2TensorArgumentList *list = tensors_of (infer);
  int64_t dim;
  uint32_t axis, at = 0;
  if (list == NULL || !infer_int (infer, "dim", 0, &dim))
    return;
  Shape first = infer_shape_of (infer, list->items[0].name),
        *result = infer_result (infer, 0, type_of_all (infer, list));
  if (!first.has_shape || !axis_of (dim, first.n + 1, &axis) || !infer_set_dims (infer, result, first.n + 1))
    return;
  for (uint32_t i = 0; i <= first.n; i++)
    result->dims[i] = i == axis ? dim_number (list->len) : first.dims[at++];
  for (uint32_t i = 1; i < list->len; i++)
    {
      Shape next = infer_shape_of (infer, list->items[i].name);
      for (uint32_t k = 0; next.has_shape && next.n == first.n && k < next.n; k++)
        if (dim_apart (first.dims[k], next.dims[k]))
          infer_misfit (infer, "sizes %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " on each other",
                        first.dims[k].number, next.dims[k].number);
      if (next.has_shape && next.n != first.n)
        infer_misfit (infer, "tensors of %u and %u dimensions", first.n, next.n);
    }
}

const InferRule infer_make_rules[] = {
  { "zeros", infer_of_size },   { "ones", infer_of_size },    { "empty", infer_of_size },
  { "rand", infer_of_size },    { "randn", infer_of_size },   { "full", infer_full },
  { "new_zeros", infer_new },   { "new_ones", infer_new },    { "new_empty", infer_new },
  { "new_full", infer_new },    { "zeros_like", infer_like }, { "ones_like", infer_like },
  { "empty_like", infer_like }, { "full_like", infer_like },  { "rand_like", infer_like },
  { "randn_like", infer_like }, { "arange", infer_arange },   { "scalar_tensor", infer_scalar_tensor },
  { "cat", infer_cat },         { "stack", infer_stack },     { NULL, NULL },
};
