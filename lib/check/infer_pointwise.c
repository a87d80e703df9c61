/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that work element by element. */
#include "infer.h"

static const char *const self_other[] = { "self", "other" };

/* The shape of `self`, or of `input`. */
static void
like_self (Infer *infer, int32_t dtype)
{
  Shape self = infer_tensor (infer, infer_argument (infer, "self") != NULL ? "self" : "input");
  infer_copy_dims (infer, infer_result (infer, 0, dtype), &self);
}

static int32_t
type_of_self (const Infer *infer)
{
  return infer_tensor (infer, infer_argument (infer, "self") != NULL ? "self" : "input").dtype;
}

static void
infer_same (Infer *infer)
{
  like_self (infer, type_of_self (infer));
}

/* exp, sin and their like: integers become real. */
static void
infer_real (Infer *infer)
{
  like_self (infer, dtype_to_real (type_of_self (infer)));
}

static void
infer_truth (Infer *infer)
{
  like_self (infer, PT2_SCALAR_TYPE_BOOL);
}

static void
infer_magnitude (Infer *infer)
{
  int32_t dtype = type_of_self (infer);
  like_self (infer, dtype_is_complex (dtype) ? DTYPE_UNKNOWN : dtype);
}

static void
two (Infer *infer, int32_t dtype)
{
  Shape a = infer_tensor (infer, "self"), b = infer_tensor (infer, "other");
  const Pt2Argument *other = infer_argument (infer, "other"), *self = infer_argument (infer, "self");
  Shape *result = infer_result (infer, 0, dtype);
  if (other == NULL || self == NULL)
    return;
  if (other->which != PT2_ARGUMENT_AS_TENSOR)
    infer_copy_dims (infer, result, &a);
  else if (self->which != PT2_ARGUMENT_AS_TENSOR)
    infer_copy_dims (infer, result, &b);
  else
    infer_broadcast (infer, result, &a, &b);
}

static void
infer_arithmetic (Infer *infer)
{
  two (infer, infer_promoted (infer, self_other, 2));
}

static void
infer_in_place (Infer *infer)
{
  Shape other = infer_tensor (infer, "other"), self = infer_tensor (infer, "self");
  Shape *result = infer_result (infer, 0, self.dtype);
  if (infer_broadcast (infer, result, &self, &other))
    infer_copy_dims (infer, result, &self);
}

static void
infer_division (Infer *infer)
{
  const Pt2Argument *mode = infer_argument (infer, "rounding_mode");
  int32_t dtype = infer_promoted (infer, self_other, 2);
  bool rounded = mode != NULL && mode->which == PT2_ARGUMENT_AS_STRING;
  two (infer, rounded ? dtype : dtype_to_real (dtype));
}

static void
infer_comparison (Infer *infer)
{
  two (infer, PT2_SCALAR_TYPE_BOOL);
}

static void
infer_power (Infer *infer)
{
  static const char *const names[] = { "self", "exponent" };
  Shape a = infer_tensor (infer, "self"), b = infer_tensor (infer, "exponent");
  const Pt2Argument *self = infer_argument (infer, "self"), *exponent = infer_argument (infer, "exponent");
  Shape *result = infer_result (infer, 0, infer_promoted (infer, names, 2));
  if (self == NULL || exponent == NULL)
    return;
  if (self->which == PT2_ARGUMENT_AS_TENSOR && exponent->which == PT2_ARGUMENT_AS_TENSOR)
    infer_broadcast (infer, result, &a, &b);
  else
    infer_copy_dims (infer, result, self->which == PT2_ARGUMENT_AS_TENSOR ? &a : &b);
}

static void
infer_where (Infer *infer)
{
  Shape condition = infer_tensor (infer, "condition"), a = infer_tensor (infer, "self"),
        b = infer_tensor (infer, "other");
  const Pt2Argument *self = infer_argument (infer, "self"), *other = infer_argument (infer, "other");
  Shape *result = infer_result (infer, 0, infer_promoted (infer, self_other, 2));
  if (self == NULL || other == NULL)
    return;
  Shape one = { .has_shape = true };
  if (condition.dtype != DTYPE_UNKNOWN && condition.dtype != PT2_SCALAR_TYPE_BOOL
      && condition.dtype != PT2_SCALAR_TYPE_BYTE)
    infer_misfit (infer, "the condition is no truth value");
  else if (infer_broadcast (infer, result, self->which == PT2_ARGUMENT_AS_TENSOR ? &a : &one,
                            other->which == PT2_ARGUMENT_AS_TENSOR ? &b : &one)
           && result->has_shape)
    {
      Dim dims[MOST_DIMS];
      Shape both = *result;
      memcpy (dims, result->dims, result->n * sizeof *dims);
      both.dims = dims;
      result->has_shape = false;
      infer_broadcast (infer, result, &both, &condition);
    }
}

/* Of elements that MASK names; the result is as both together. */
static void
infer_masked (Infer *infer)
{
  Shape self = infer_tensor (infer, "self"), mask = infer_tensor (infer, "mask");
  Shape *result = infer_result (infer, 0, self.dtype);
  if (mask.dtype != DTYPE_UNKNOWN && mask.dtype != PT2_SCALAR_TYPE_BOOL && mask.dtype != PT2_SCALAR_TYPE_BYTE)
    infer_misfit (infer, "the mask is no truth value");
  else
    infer_broadcast (infer, result, &self, &mask);
}

/* The type that is asked for, where it is. */
static void
infer_with_dtype (Infer *infer)
{
  bool other = infer_argument (infer, "other") != NULL;
  int32_t dtype = other ? infer_tensor (infer, "other").dtype : type_of_self (infer);
  like_self (infer, infer_dtype (infer, "dtype", dtype));
}

static void
infer_softmax (Infer *infer)
{
  bool widen = false;
  int32_t dtype = type_of_self (infer);
  if (!infer_bool (infer, "half_to_float", false, &widen))
    return;
  like_self (infer, widen ? PT2_SCALAR_TYPE_FLOAT : infer_dtype (infer, "dtype", dtype));
}

static void
infer_cumulative (Infer *infer)
{
  int32_t dtype = type_of_self (infer);
  bool small = dtype_is_integer (dtype) || dtype == PT2_SCALAR_TYPE_BOOL;
  like_self (infer, infer_dtype (infer, "dtype", small ? PT2_SCALAR_TYPE_LONG : dtype));
}

static void
infer_type_as (Infer *infer)
{
  like_self (infer, infer_tensor (infer, "other").dtype);
}

static void
infer_clamp (Infer *infer)
{
  static const char *const names[] = { "self", "min", "max" };
  const Pt2Argument *min = infer_argument (infer, "min"), *max = infer_argument (infer, "max");
  bool tensors
      = (min != NULL && min->which == PT2_ARGUMENT_AS_TENSOR) || (max != NULL && max->which == PT2_ARGUMENT_AS_TENSOR);
  int32_t dtype = infer_promoted (infer, names, 3);
  if (tensors)
    infer_result (infer, 0, dtype);
  else
    like_self (infer, dtype);
}

const InferRule infer_pointwise_rules[] = {
  { "relu", infer_same },
  { "relu6", infer_same },
  { "gelu", infer_same },
  { "silu", infer_same },
  { "mish", infer_same },
  { "elu", infer_same },
  { "leaky_relu", infer_same },
  { "hardtanh", infer_same },
  { "hardswish", infer_same },
  { "hardsigmoid", infer_same },
  { "softplus", infer_same },
  { "dropout", infer_same },
  { "neg", infer_same },
  { "clone", infer_same },
  { "contiguous", infer_same },
  { "detach", infer_same },
  { "detach_", infer_same },
  { "alias", infer_same },
  { "lift_fresh_copy", infer_same },
  { "lift_fresh", infer_same },
  { "floor", infer_same },
  { "ceil", infer_same },
  { "round", infer_same },
  { "trunc", infer_same },
  { "frac", infer_same },
  { "sign", infer_same },
  { "square", infer_same },
  { "triu", infer_same },
  { "tril", infer_same },
  { "flip", infer_same },
  { "roll", infer_same },
  { "layer_norm", infer_same },
  { "group_norm", infer_same },
  { "instance_norm", infer_same },
  { "batch_norm", infer_same },
  { "rms_norm", infer_same },
  { "masked_fill", infer_masked },
  { "nan_to_num", infer_same },
  { "bitwise_not", infer_same },
  { "copy", infer_same },
  { "fill", infer_same },
  { "zero", infer_same },
  { "relu_", infer_same },
  { "zero_", infer_same },
  { "fill_", infer_same },
  { "copy_", infer_same },
  { "clamp_", infer_same },
  { "masked_fill_", infer_same },
  { "exp", infer_real },
  { "exp2", infer_real },
  { "expm1", infer_real },
  { "log", infer_real },
  { "log2", infer_real },
  { "log10", infer_real },
  { "log1p", infer_real },
  { "sin", infer_real },
  { "cos", infer_real },
  { "tan", infer_real },
  { "sinh", infer_real },
  { "cosh", infer_real },
  { "tanh", infer_real },
  { "asin", infer_real },
  { "acos", infer_real },
  { "atan", infer_real },
  { "asinh", infer_real },
  { "acosh", infer_real },
  { "atanh", infer_real },
  { "sqrt", infer_real },
  { "rsqrt", infer_real },
  { "sigmoid", infer_real },
  { "erf", infer_real },
  { "erfc", infer_real },
  { "erfinv", infer_real },
  { "reciprocal", infer_real },
  { "abs", infer_magnitude },
  { "logical_not", infer_truth },
  { "isnan", infer_truth },
  { "isinf", infer_truth },
  { "isfinite", infer_truth },
  { "add", infer_arithmetic },
  { "sub", infer_arithmetic },
  { "mul", infer_arithmetic },
  { "rsub", infer_arithmetic },
  { "remainder", infer_arithmetic },
  { "fmod", infer_arithmetic },
  { "maximum", infer_arithmetic },
  { "minimum", infer_arithmetic },
  { "bitwise_and", infer_arithmetic },
  { "bitwise_or", infer_arithmetic },
  { "bitwise_xor", infer_arithmetic },
  { "floor_divide", infer_arithmetic },
  { "add_", infer_in_place },
  { "sub_", infer_in_place },
  { "mul_", infer_in_place },
  { "div_", infer_in_place },
  { "div", infer_division },
  { "true_divide", infer_division },
  { "eq", infer_comparison },
  { "ne", infer_comparison },
  { "lt", infer_comparison },
  { "le", infer_comparison },
  { "gt", infer_comparison },
  { "ge", infer_comparison },
  { "logical_and", infer_comparison },
  { "logical_or", infer_comparison },
  { "logical_xor", infer_comparison },
  { "pow", infer_power },
  { "where", infer_where },
  { "softmax", infer_softmax },
  { "log_softmax", infer_softmax },
  { "_softmax", infer_softmax },
  { "_log_softmax", infer_softmax },
  { "cumsum", infer_cumulative },
  { "cumprod", infer_cumulative },
  { "to", infer_with_dtype },
  { "_to_copy", infer_with_dtype },
  { "type_as", infer_type_as },
  { "clamp", infer_clamp },
  { "clamp_min", infer_clamp },
  { "clamp_max", infer_clamp },
  { NULL, NULL },
};
