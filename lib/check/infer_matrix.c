/* SPDX-License-Identifier: Apache-2.0 */
/* Products of matrices, and attention. */
#include "infer.h"

/* A has N dimensions, if its shape is known. */
static bool
has_dims (Infer *infer, const Shape *a, uint32_t n, const char *name)
{
  if (!a->has_shape)
    return false;
  if (a->n != n)
    infer_misfit (infer, "%s must have %u dimensions, and has %u", name, n, a->n);
  return a->n == n;
}

static bool
must_meet (Infer *infer, Dim a, Dim b)
{
  if (dim_apart (a, b))
    infer_misfit (infer, "sizes %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT " do not meet", a.number, b.number);
  return !dim_apart (a, b);
}

static int32_t
type_of_both (Infer *infer, const Shape *a, const Shape *b)
{
  if (a->dtype != DTYPE_UNKNOWN && b->dtype != DTYPE_UNKNOWN && a->dtype != b->dtype && !infer->graph->loose_types)
    infer_misfit (infer, "the operands are of different types");
  return a->dtype;
}

static void
infer_linear (Infer *infer)
{
  Shape input = infer_tensor (infer, "input"), weight = infer_tensor (infer, "weight"),
        bias = infer_tensor (infer, "bias");
  Shape *result = infer_result (infer, 0, type_of_both (infer, &input, &weight));
  if (!input.has_shape || !weight.has_shape || input.n == 0)
    return;
  if (weight.n != 2)
    {
      if (weight.n > 2 || weight.n == 0)
        infer_misfit (infer, "the weight must have 2 dimensions, and has %u", weight.n);
      return;
    }
  if (!must_meet (infer, input.dims[input.n - 1], weight.dims[1])
      || (bias.has_shape && bias.n == 1 && !must_meet (infer, bias.dims[0], weight.dims[0])))
    return;
  if (bias.has_shape && bias.n > 1)
    infer_misfit (infer, "the bias must have 1 dimension, and has %u", bias.n);
  infer_copy_dims (infer, result, &input);
  if (result->has_shape)
    result->dims[input.n - 1] = weight.dims[0];
}

/* [n, k] and [k, m] */
static void
multiply (Infer *infer, const char *left, const char *right)
{
  Shape a = infer_tensor (infer, left), b = infer_tensor (infer, right);
  Shape *result = infer_result (infer, 0, type_of_both (infer, &a, &b));
  if (!has_dims (infer, &a, 2, left) || !has_dims (infer, &b, 2, right) || !must_meet (infer, a.dims[1], b.dims[0])
      || !infer_set_dims (infer, result, 2))
    return;
  result->dims[0] = a.dims[0];
  result->dims[1] = b.dims[1];
}

static void
infer_mm (Infer *infer)
{
  multiply (infer, "self", "mat2");
}

static void
infer_addmm (Infer *infer)
{
  multiply (infer, "mat1", "mat2");
}

/* [b, n, k] and [b, k, m] */
static void
multiply_batches (Infer *infer, const char *left, const char *right)
{
  Shape a = infer_tensor (infer, left), b = infer_tensor (infer, right);
  Shape *result = infer_result (infer, 0, type_of_both (infer, &a, &b));
  if (!has_dims (infer, &a, 3, left) || !has_dims (infer, &b, 3, right) || !must_meet (infer, a.dims[0], b.dims[0])
      || !must_meet (infer, a.dims[2], b.dims[1]) || !infer_set_dims (infer, result, 3))
    return;
  result->dims[0] = a.dims[0];
  result->dims[1] = a.dims[1];
  result->dims[2] = b.dims[2];
}

static void
infer_bmm (Infer *infer)
{
  multiply_batches (infer, "self", "mat2");
}

static void
infer_baddbmm (Infer *infer)
{
  multiply_batches (infer, "batch1", "batch2");
}

static void
infer_mv (Infer *infer)
{
  Shape a = infer_tensor (infer, "self"), b = infer_tensor (infer, "vec");
  Shape *result = infer_result (infer, 0, type_of_both (infer, &a, &b));
  if (has_dims (infer, &a, 2, "self") && has_dims (infer, &b, 1, "vec") && must_meet (infer, a.dims[1], b.dims[0])
      && infer_set_dims (infer, result, 1))
    result->dims[0] = a.dims[0];
}

static void
infer_matmul (Infer *infer)
{
  Shape a = infer_tensor (infer, "self"), b = infer_tensor (infer, "other");
  Shape *result = infer_result (infer, 0, type_of_both (infer, &a, &b));
  if (!a.has_shape || !b.has_shape)
    return;
  if (a.n == 0 || b.n == 0)
    {
      infer_misfit (infer, "both must have dimensions");
      return;
    }
  if (!must_meet (infer, a.dims[a.n - 1], b.dims[b.n > 1 ? b.n - 2 : 0]))
    return;
  if (a.n < 2 || b.n < 2)
    {
      /* A vector lends itself as a row or a column, which then goes. */
      Shape *more = a.n > 1 ? &a : &b;
      if (a.n == 1 && b.n == 1)
        infer_set_dims (infer, result, 0);
      else if (infer_set_dims (infer, result, more->n - 1))
        for (uint32_t i = 0; i + 1 < more->n; i++)
          result->dims[i] = more == &a || i + 2 < more->n ? more->dims[i] : more->dims[i + 1];
      return;
    }
  Shape rows = { .has_shape = true, .n = a.n - 2, .dims = a.dims },
        columns = { .has_shape = true, .n = b.n - 2, .dims = b.dims };
  Dim batch[MOST_DIMS];
  if (!infer_broadcast (infer, result, &rows, &columns))
    return;
  uint32_t n = result->n;
  memcpy (batch, result->dims, n * sizeof *batch);
  if (!infer_set_dims (infer, result, n + 2))
    return;
  memcpy (result->dims, batch, n * sizeof *batch);
  result->dims[n] = a.dims[a.n - 2];
  result->dims[n + 1] = b.dims[b.n - 1];
}

static void
infer_attention (Infer *infer)
{
  Shape query = infer_tensor (infer, "query"), key = infer_tensor (infer, "key"), value = infer_tensor (infer, "value");
  Shape *result = infer_result (infer, 0, query.dtype);
  if (!query.has_shape || !key.has_shape || !value.has_shape || query.n < 2 || key.n < 2 || value.n < 2)
    return;
  if (!must_meet (infer, query.dims[query.n - 1], key.dims[key.n - 1])
      || !must_meet (infer, key.dims[key.n - 2], value.dims[value.n - 2]))
    return;
  infer_copy_dims (infer, result, &query);
  if (result->has_shape)
    result->dims[query.n - 1] = value.dims[value.n - 1];
}

const InferRule infer_matrix_rules[] = {
  { "linear", infer_linear },
  { "mm", infer_mm },
  { "addmm", infer_addmm },
  { "bmm", infer_bmm },
  { "baddbmm", infer_baddbmm },
  { "mv", infer_mv },
  { "matmul", infer_matmul },
  { "scaled_dot_product_attention", infer_attention },
  { NULL, NULL },
};
