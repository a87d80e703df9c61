/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that move a window over their argument: convolutions and pools. */
#include "infer.h"

typedef struct
{
  int64_t size, stride, padding, dilation;
  bool ceil;
} Window;

/* How often the window fits. */
static Dim
steps (Infer *infer, Dim size, const Window *window)
{
  if (size.kind != DIM_NUMBER || window->stride < 1 || size.number > G_MAXINT32 || window->size > G_MAXINT32
      || ABS (window->padding) > G_MAXINT32 || ABS (window->dilation) > G_MAXINT32)
    return dim_unknown ();
  int64_t room = size.number + 2 * window->padding - window->dilation * (window->size - 1) - 1;
  if (room < 0)
    {
      infer_misfit (infer, "a window of %" G_GINT64_FORMAT " does not fit into %" G_GINT64_FORMAT, window->size,
                    size.number);
      return dim_unknown ();
    }
  if (window->ceil && room % window->stride != 0)
    return dim_unknown (); /* the last window may not begin in the padding */
  return dim_number (room / window->stride + 1);
}

/* ---- convolution ---- */

static bool
is_transposed (const Infer *infer)
{
  bool transposed = false;
  return !infer_bool (infer, "transposed", false, &transposed) || transposed;
}

/* N spatial dimensions behind the channels, and before them perhaps a batch. */
static void
infer_convolution (Infer *infer)
{
  Shape input = infer_tensor (infer, "input"), weight = infer_tensor (infer, "weight"),
        bias = infer_tensor (infer, "bias");
  Shape *result = infer_result (infer, 0, input.dtype);
  int64_t strides[MOST_DIMS], paddings[MOST_DIMS], dilations[MOST_DIMS], groups;
  if (!input.has_shape || !weight.has_shape || weight.n < 3 || is_transposed (infer)
      || !infer_int (infer, "groups", 1, &groups) || groups < 1)
    return;
  uint32_t n = weight.n - 2, batch = input.n == weight.n;
  if (input.n != weight.n && input.n + 1 != weight.n)
    {
      infer_misfit (infer, "%u dimensions with a weight of %u", input.n, weight.n);
      return;
    }
  Dim channels = input.dims[batch], taken = dim_product (infer, weight.dims[1], dim_number (groups));
  if (dim_apart (channels, taken))
    infer_misfit (infer, "%" G_GINT64_FORMAT " channels, and the weight takes %" G_GINT64_FORMAT, channels.number,
                  taken.number);
  if (bias.has_shape && bias.n == 1 && dim_apart (bias.dims[0], weight.dims[0]))
    infer_misfit (infer, "the bias has %" G_GINT64_FORMAT " elements, and must have %" G_GINT64_FORMAT,
                  bias.dims[0].number, weight.dims[0].number);
  const Pt2Argument *padding = infer_argument (infer, "padding");
  if (infer->misfit || (padding != NULL && padding->which == PT2_ARGUMENT_AS_STRING)
      || !infer_numbers (infer, "stride", 1, n, strides) || !infer_numbers (infer, "padding", 0, n, paddings)
      || !infer_numbers (infer, "dilation", 1, n, dilations))
    return;
  infer_copy_dims (infer, result, &input);
  if (!result->has_shape)
    return;
  result->dims[batch] = weight.dims[0];
  for (uint32_t i = 0; i < n; i++)
    {
      Dim kernel = weight.dims[2 + i];
      Window window = { kernel.number, strides[i], paddings[i], dilations[i], false };
      result->dims[batch + 1 + i]
          = kernel.kind == DIM_NUMBER ? steps (infer, input.dims[batch + 1 + i], &window) : dim_unknown ();
    }
}

/* ---- pools ---- */

/* Of N spatial dimensions, the last ones. */
static void
pool (Infer *infer, Shape *result, uint32_t n)
{
  Shape self = infer_tensor (infer, "self");
  int64_t sizes[MOST_DIMS], strides[MOST_DIMS], paddings[MOST_DIMS], dilations[MOST_DIMS];
  bool ceil;
  if (!self.has_shape || self.n < n + 1 || !infer_numbers (infer, "kernel_size", 1, n, sizes)
      || !infer_numbers (infer, "stride", 0, n, strides) || !infer_numbers (infer, "padding", 0, n, paddings)
      || !infer_numbers (infer, "dilation", 1, n, dilations) || !infer_bool (infer, "ceil_mode", false, &ceil))
    return;
  infer_copy_dims (infer, result, &self);
  for (uint32_t i = 0; result->has_shape && i < n; i++)
    {
      Window window = { sizes[i], strides[i] == 0 ? sizes[i] : strides[i], paddings[i], dilations[i], ceil };
      uint32_t at = self.n - n + i;
      result->dims[at] = steps (infer, self.dims[at], &window);
    }
}

static void
pool_of (Infer *infer, uint32_t n)
{
  pool (infer, infer_result (infer, 0, infer_tensor (infer, "self").dtype), n);
  if (infer->schema->n_returns == 2)
    pool (infer, infer_result (infer, 1, PT2_SCALAR_TYPE_LONG), n);
}

static void
infer_pool1d (Infer *infer)
{
  pool_of (infer, 1);
}

static void
infer_pool2d (Infer *infer)
{
  pool_of (infer, 2);
}

static void
infer_pool3d (Infer *infer)
{
  pool_of (infer, 3);
}

/* The sizes that are asked for, in place of the last ones. */
static void
infer_adaptive (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  Shape *result = infer_result (infer, 0, self.dtype);
  Dim sizes[MOST_DIMS];
  uint32_t n;
  if (!self.has_shape || !infer_sizes (infer, "output_size", sizes, &n) || n >= self.n)
    return;
  infer_copy_dims (infer, result, &self);
  for (uint32_t i = 0; result->has_shape && i < n; i++)
    result->dims[self.n - n + i] = sizes[i];
}

/* Pairs of numbers, the last dimension's first. */
static void
infer_pad (Infer *infer)
{
  Shape self = infer_tensor (infer, "self");
  Shape *result = infer_result (infer, 0, self.dtype);
  Dim pads[MOST_DIMS];
  uint32_t n;
  if (!self.has_shape || !infer_sizes (infer, "pad", pads, &n) || n % 2 != 0 || n / 2 > self.n)
    return;
  infer_copy_dims (infer, result, &self);
  for (uint32_t i = 0; result->has_shape && i < n / 2; i++)
    {
      uint32_t at = self.n - 1 - i;
      result->dims[at] = dim_sum (infer, dim_sum (infer, self.dims[at], pads[2 * i]), pads[2 * i + 1]);
    }
}

const InferRule infer_window_rules[] = {
  { "conv1d", infer_convolution },
  { "conv2d", infer_convolution },
  { "conv3d", infer_convolution },
  { "convolution", infer_convolution },
  { "max_pool1d", infer_pool1d },
  { "max_pool2d", infer_pool2d },
  { "max_pool3d", infer_pool3d },
  { "max_pool2d_with_indices", infer_pool2d },
  { "avg_pool1d", infer_pool1d },
  { "avg_pool2d", infer_pool2d },
  { "adaptive_avg_pool1d", infer_adaptive },
  { "adaptive_avg_pool2d", infer_adaptive },
  { "_adaptive_avg_pool2d", infer_adaptive },
  { "constant_pad_nd", infer_pad },
  { "pad", infer_pad },
  { NULL, NULL },
};
