/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that give their argument in another shape. */
#include "infer.h"

/* The result so far: of self's type, with N dimensions to fill in. NULL if self's shape is not known. */
static Shape *
begin (Infer *infer, Shape *self, int64_t n)
{
  *self = infer_tensor (infer, infer_argument (infer, "self") != NULL ? "self" : "input");
  Shape *result = infer_result (infer, 0, self->dtype);
  bool room = self->has_shape && n + self->n >= 0 && n + self->n <= MOST_DIMS;
  return room && infer_set_dims (infer, result, (uint32_t)(n + self->n)) ? result : NULL;
}

static bool
is_axis (Infer *infer, int64_t axis, uint32_t n, uint32_t *out)
{
  if (axis_of (axis, n, out))
    return true;
  infer_misfit (infer, "there is no dimension %" G_GINT64_FORMAT " of %u", axis, n);
  return false;
}

static void
infer_permute (Infer *infer)
{
  Shape self, *result = begin (infer, &self, 0);
  int64_t order[MOST_DIMS];
  bool seen[MOST_DIMS] = { false };
  Dim dims[MOST_DIMS];
  uint32_t n, axis;
  if (result == NULL || !infer_sizes (infer, "dims", dims, &n))
    return;
  if (n != self.n)
    {
      infer_misfit (infer, "%u dimensions are given an order of %u", self.n, n);
      return;
    }
  for (uint32_t i = 0; i < n; i++)
    {
      order[i] = dims[i].number;
      if (dims[i].kind != DIM_NUMBER || !is_axis (infer, order[i], n, &axis))
        return;
      if (seen[axis])
        infer_misfit (infer, "dimension %u stands twice in the order", axis);
      seen[axis] = true;
      result->dims[i] = self.dims[axis];
    }
}

static void
infer_transpose (Infer *infer)
{
  Shape self, *result = begin (infer, &self, 0);
  int64_t a, b;
  uint32_t one, two;
  if (result == NULL || self.n == 0 || !infer_int (infer, "dim0", 0, &a) || !infer_int (infer, "dim1", 1, &b)
      || !is_axis (infer, a, self.n, &one) || !is_axis (infer, b, self.n, &two))
    return;
  memcpy (result->dims, self.dims, self.n * sizeof *self.dims);
  result->dims[one] = self.dims[two];
  result->dims[two] = self.dims[one];
}

static void
infer_t (Infer *infer)
{
  Shape self, *result = begin (infer, &self, 0);
  if (result == NULL)
    return;
  if (self.n > 2)
    infer_misfit (infer, "t takes at most 2 dimensions, not %u", self.n);
  for (uint32_t i = 0; i < self.n; i++)
    result->dims[i] = self.dims[self.n - 1 - i];
}

static void
infer_unsqueeze (Infer *infer)
{
  Shape self, *result = begin (infer, &self, 1);
  int64_t dim;
  uint32_t axis, at = 0;
  if (result == NULL || !infer_int (infer, "dim", 0, &dim) || !is_axis (infer, dim, self.n + 1, &axis))
    return;
  for (uint32_t i = 0; i <= self.n; i++)
    result->dims[i] = i == axis ? dim_number (1) : self.dims[at++];
}

/* One dimension goes, if it is of size 1. */
static void
infer_squeeze (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  Shape *result = infer_result (infer, 0, self.dtype);
  const Pt2Argument *given = infer_argument (infer, "dim");
  int64_t dim;
  uint32_t axis;
  if (!self.has_shape || self.n == 0 || given == NULL || !infer_int (infer, "dim", 0, &dim)
      || !is_axis (infer, dim, self.n, &axis) || self.dims[axis].kind != DIM_NUMBER)
    return;
  bool goes = self.dims[axis].number == 1;
  if (!infer_set_dims (infer, result, self.n - goes))
    return;
  for (uint32_t i = 0, at = 0; i < self.n; i++)
    if (i != axis || !goes)
      result->dims[at++] = self.dims[i];
}

static Dim
product_of (Infer *infer, const Dim *dims, uint32_t n)
{
  Dim product = dim_number (1);
  for (uint32_t i = 0; i < n; i++)
    product = dim_product (infer, product, dims[i]);
  return product;
}

static void
infer_flatten (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  Shape *result = infer_result (infer, 0, self.dtype);
  int64_t start, end;
  uint32_t from, to;
  if (!self.has_shape || self.n == 0 || !infer_int (infer, "start_dim", 0, &start)
      || !infer_int (infer, "end_dim", -1, &end) || !is_axis (infer, start, self.n, &from)
      || !is_axis (infer, end, self.n, &to) || to < from || !infer_set_dims (infer, result, self.n - (to - from)))
    return;
  for (uint32_t i = 0; i < from; i++)
    result->dims[i] = self.dims[i];
  result->dims[from] = product_of (infer, &self.dims[from], to - from + 1);
  for (uint32_t i = to + 1; i < self.n; i++)
    result->dims[from + i - to] = self.dims[i];
}

/* All elements in a shape that is given; one size may be -1: what is left. */
static void
infer_reshape (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  Shape *result = infer_result (infer, 0, infer_dtype (infer, "dtype", self.dtype));
  Dim dims[MOST_DIMS];
  uint32_t n, open = MOST_DIMS;
  if (infer_argument (infer, "dtype") != NULL
      || !infer_sizes (infer, infer_argument (infer, "shape") != NULL ? "shape" : "size", dims, &n))
    return;
  int64_t whole = 1, rest = 1;
  bool known = self.has_shape;
  for (uint32_t i = 0; i < n; i++)
    {
      known = known && dims[i].kind == DIM_NUMBER;
      if (dim_is (dims[i], -1))
        open = i;
      else if (known)
        known = !__builtin_mul_overflow (rest, dims[i].number, &rest);
    }
  for (uint32_t i = 0; known && i < self.n; i++)
    known = self.dims[i].kind == DIM_NUMBER && !__builtin_mul_overflow (whole, self.dims[i].number, &whole);
  if (known && (open < MOST_DIMS ? rest > 0 && whole % rest != 0 : whole != rest))
    infer_misfit (infer, "%" G_GINT64_FORMAT " elements do not fit the shape", whole);
  if (!infer_set_dims (infer, result, n))
    return;
  for (uint32_t i = 0; i < n; i++)
    result->dims[i] = i != open ? dims[i] : known && rest > 0 ? dim_number (whole / rest) : dim_unknown ();
}

static void
infer_expand (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  Shape *result = infer_result (infer, 0, self.dtype);
  Dim dims[MOST_DIMS];
  uint32_t n;
  if (!self.has_shape || !infer_sizes (infer, "size", dims, &n) || !infer_set_dims (infer, result, n))
    return;
  if (n < self.n)
    {
      infer_misfit (infer, "%u dimensions cannot be expanded to %u", self.n, n);
      return;
    }
  for (uint32_t i = 0; i < n; i++)
    {
      Dim old = i >= n - self.n ? self.dims[i - (n - self.n)] : dim_number (1);
      result->dims[i] = dim_is (dims[i], -1) ? old : dims[i];
      if (!dim_is (dims[i], -1) && dim_apart (old, dims[i]) && !dim_is (old, 1))
        infer_misfit (infer, "size %" G_GINT64_FORMAT " cannot be expanded to %" G_GINT64_FORMAT, old.number,
                      dims[i].number);
    }
}

static void
infer_select (Infer *infer)
{
  Shape self, *result = begin (infer, &self, -1);
  int64_t dim, index;
  uint32_t axis;
  if (result == NULL || !infer_int (infer, "dim", 0, &dim) || !is_axis (infer, dim, self.n, &axis))
    return;
  Dim size = self.dims[axis];
  if (infer_int (infer, "index", 0, &index) && size.kind == DIM_NUMBER
      && (index >= size.number || index < -size.number))
    infer_misfit (infer, "there is no item %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, index, size.number);
  for (uint32_t i = 0, at = 0; i < self.n; i++)
    if (i != axis)
      result->dims[at++] = self.dims[i];
}

static int64_t
clamp_index (int64_t index, int64_t size)
{
  int64_t from_start = index < 0 ? index + size : index;
  return CLAMP (from_start, 0, size);
}

static void
infer_slice (Infer *infer)
{
  Shape self, *result = begin (infer, &self, 0);
  int64_t dim, start, end, step;
  uint32_t axis;
  if (result == NULL || self.n == 0 || !infer_int (infer, "dim", 0, &dim) || !is_axis (infer, dim, self.n, &axis))
    return;
  memcpy (result->dims, self.dims, self.n * sizeof *self.dims);
  bool plain = infer_int (infer, "start", 0, &start) && infer_int (infer, "end", G_MAXINT64, &end)
               && infer_int (infer, "step", 1, &step);
  Dim size = self.dims[axis];
  result->dims[axis] = dim_unknown ();
  if (plain && start == 0 && end == G_MAXINT64 && step == 1)
    result->dims[axis] = size;
  else if (plain && size.kind == DIM_NUMBER && step > 0)
    {
      int64_t from = clamp_index (start, size.number), to = clamp_index (end, size.number);
      result->dims[axis] = dim_number (to > from ? (to - from - 1) / step + 1 : 0);
    }
}

static void
infer_repeat (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  Shape *result = infer_result (infer, 0, self.dtype);
  Dim times[MOST_DIMS];
  uint32_t n;
  if (!self.has_shape || !infer_sizes (infer, "repeats", times, &n) || n < self.n || !infer_set_dims (infer, result, n))
    return;
  for (uint32_t i = 0; i < n; i++)
    result->dims[i] = i < n - self.n ? times[i] : dim_product (infer, times[i], self.dims[i - (n - self.n)]);
}

/* Every result is self without one dimension. */
static void
infer_unbind (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  int64_t dim;
  uint32_t axis;
  if (!self.has_shape || self.n == 0 || !infer_int (infer, "dim", 0, &dim) || !is_axis (infer, dim, self.n, &axis))
    return;
  for (uint32_t k = 0; k < MOST_RESULTS; k++)
    {
      Shape *result = infer_result (infer, k, self.dtype);
      if (!infer_set_dims (infer, result, self.n - 1))
        return;
      for (uint32_t i = 0, at = 0; i < self.n; i++)
        if (i != axis)
          result->dims[at++] = self.dims[i];
    }
}

/* Every result is self but for the size of one dimension; the first ones have the size that is given. */
static void
infer_split (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  Dim sizes[MOST_DIMS];
  int64_t dim, one = 0;
  uint32_t axis, n = 0;
  bool list = infer_argument (infer, "split_sizes") != NULL || text_is (infer->schema->overload, "sizes");
  const char *name = infer_argument (infer, "split_sizes") != NULL ? "split_sizes" : "split_size";
  if (!self.has_shape || self.n == 0 || !infer_int (infer, "dim", 0, &dim) || !is_axis (infer, dim, self.n, &axis))
    return;
  if (list ? !infer_sizes (infer, name, sizes, &n) : !infer_int (infer, name, 0, &one))
    return;
  for (uint32_t k = 0; k < MOST_RESULTS; k++)
    {
      Shape *result = infer_result (infer, k, self.dtype);
      infer_copy_dims (infer, result, &self);
      Dim whole = self.dims[axis], part = dim_unknown ();
      if (list && k < n)
        part = sizes[k];
      else if (!list && one > 0 && whole.kind == DIM_NUMBER && (int64_t)k * one < whole.number)
        part = dim_number (MIN (one, whole.number - (int64_t)k * one));
      if (result->has_shape)
        result->dims[axis] = part;
    }
}

static void
infer_chunk (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  int64_t dim, chunks;
  uint32_t axis;
  if (!self.has_shape || self.n == 0 || !infer_int (infer, "dim", 0, &dim) || !is_axis (infer, dim, self.n, &axis)
      || !infer_int (infer, "chunks", 1, &chunks) || chunks < 1 || self.dims[axis].kind != DIM_NUMBER)
    return;
  int64_t whole = self.dims[axis].number, each = whole > 0 ? (whole - 1) / chunks + 1 : 0;
  for (uint32_t k = 0; each > 0 && k < MOST_RESULTS && (int64_t)k * each < whole; k++)
    {
      Shape *result = infer_result (infer, k, self.dtype);
      infer_copy_dims (infer, result, &self);
      if (result->has_shape)
        result->dims[axis] = dim_number (MIN (each, whole - (int64_t)k * each));
    }
}

/* A size by itself: the expression of the number must be that of the dimension. */
static void
infer_sym_size (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  int64_t dim;
  uint32_t axis;
  if (self.has_shape && self.n > 0 && infer_int (infer, "dim", 0, &dim) && is_axis (infer, dim, self.n, &axis))
    infer_check_number (infer, self.dims[axis]);
  else if (self.has_shape && self.n == 0)
    infer_misfit (infer, "the tensor has no dimensions");
}

const InferRule infer_view_rules[] = {
  { "permute", infer_permute },
  { "transpose", infer_transpose },
  { "swapaxes", infer_transpose },
  { "t", infer_t },
  { "unsqueeze", infer_unsqueeze },
  { "squeeze", infer_squeeze },
  { "flatten", infer_flatten },
  { "view", infer_reshape },
  { "reshape", infer_reshape },
  { "_unsafe_view", infer_reshape },
  { "view_copy", infer_reshape },
  { "expand", infer_expand },
  { "select", infer_select },
  { "slice", infer_slice },
  { "repeat", infer_repeat },
  { "unbind", infer_unbind },
  { "split", infer_split },
  { "split_with_sizes", infer_split },
  { "chunk", infer_chunk },
  { "sym_size", infer_sym_size },
  { NULL, NULL },
};
