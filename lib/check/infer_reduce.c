/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that make one element of many. */
#include "infer.h"

/* Which dimensions go: those of DIM, a number or a list; all if none is given. False if it is not known. */
static bool
read_axes (Infer *infer, const Shape *self, bool axes[MOST_DIMS])
{
  Dim dims[MOST_DIMS];
  uint32_t n, axis;
  bool all = !infer_is_given (infer, "dim");
  if (!all && !infer_sizes (infer, "dim", dims, &n))
    return false;
  all = all || n == 0;
  for (uint32_t i = 0; i < self->n; i++)
    axes[i] = all;
  for (uint32_t i = 0; !all && i < n; i++)
    {
      if (dims[i].kind != DIM_NUMBER)
        return false;
      if (!axis_of (dims[i].number, self->n, &axis))
        {
          infer_misfit (infer, "there is no dimension %" G_GINT64_FORMAT " of %u", dims[i].number, self->n);
          return false;
        }
      if (self->n > 0)
        axes[axis] = true;
    }
  return true;
}

static void
reduce (Infer *infer, uint32_t number, const Shape *self, int32_t dtype)
{
  bool axes[MOST_DIMS] = { false }, keep;
  Shape *result = infer_result (infer, number, dtype);
  uint32_t n = 0, at = 0;
  if (!self->has_shape || !infer_bool (infer, "keepdim", false, &keep) || !read_axes (infer, self, axes))
    return;
  for (uint32_t i = 0; i < self->n; i++)
    n += keep || !axes[i];
  if (!infer_set_dims (infer, result, n))
    return;
  for (uint32_t i = 0; i < self->n; i++)
    if (keep || !axes[i])
      result->dims[at++] = axes[i] ? dim_number (1) : self->dims[i];
}

static Shape
self_of (const Infer *infer)
{
  return infer_tensor (infer, "self");
}

static void
infer_sum (Infer *infer)
{
  Shape self = self_of (infer);
  bool small = dtype_is_integer (self.dtype) || self.dtype == PT2_SCALAR_TYPE_BOOL;
  reduce (infer, 0, &self, infer_dtype (infer, "dtype", small ? PT2_SCALAR_TYPE_LONG : self.dtype));
}

static void
infer_mean (Infer *infer)
{
  Shape self = self_of (infer);
  reduce (infer, 0, &self, infer_dtype (infer, "dtype", self.dtype));
}

static void
infer_extreme (Infer *infer)
{
  Shape self = self_of (infer);
  reduce (infer, 0, &self, self.dtype);
}

static void
infer_position (Infer *infer)
{
  Shape self = self_of (infer);
  reduce (infer, 0, &self, PT2_SCALAR_TYPE_LONG);
}

static void
infer_whether (Infer *infer)
{
  Shape self = self_of (infer);
  reduce (infer, 0, &self, self.dtype == PT2_SCALAR_TYPE_BYTE ? DTYPE_UNKNOWN : PT2_SCALAR_TYPE_BOOL);
}

static void
infer_logsumexp (Infer *infer)
{
  Shape self = self_of (infer);
  reduce (infer, 0, &self, dtype_to_real (self.dtype));
}

/* max and min: by themselves, along a dimension with the positions, or of two. */
static void
infer_max (Infer *infer)
{
  static const char *const names[] = { "self", "other" };
  Shape self = self_of (infer), other = infer_tensor (infer, "other");
  if (infer_argument (infer, "other") != NULL)
    infer_broadcast (infer, infer_result (infer, 0, infer_promoted (infer, names, 2)), &self, &other);
  else
    reduce (infer, 0, &self, self.dtype);
  if (infer->schema->n_returns == 2)
    reduce (infer, 1, &self, PT2_SCALAR_TYPE_LONG);
}

/* The mean and the reciprocal deviation beside what layer_norm gives have the shape of what was not normalised. */
static void
infer_native_layer_norm (Infer *infer)
{
  Shape input = infer_tensor (infer, "input");
  infer_copy_dims (infer, infer_result (infer, 0, input.dtype), &input);
}

static void
infer_native_batch_norm (Infer *infer)
{
  Shape input = infer_tensor (infer, "input");
  infer_copy_dims (infer, infer_result (infer, 0, input.dtype), &input);
}

const InferRule infer_reduce_rules[] = {
  { "sum", infer_sum },
  { "prod", infer_sum },
  { "mean", infer_mean },
  { "amax", infer_extreme },
  { "amin", infer_extreme },
  { "max", infer_max },
  { "min", infer_max },
  { "argmax", infer_position },
  { "argmin", infer_position },
  { "any", infer_whether },
  { "all", infer_whether },
  { "logsumexp", infer_logsumexp },
  { "std", infer_extreme },
  { "var", infer_extreme },
  { "native_layer_norm", infer_native_layer_norm },
  { "native_group_norm", infer_native_layer_norm },
  { "_native_batch_norm_legit_no_training", infer_native_batch_norm },
  { "_native_batch_norm_legit_functional", infer_native_batch_norm },
  { "native_batch_norm", infer_native_batch_norm },
  { NULL, NULL },
};
