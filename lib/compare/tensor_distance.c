/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor_distance.h"
#include <math.h>
#include <string.h>

/* How the bits of a type's values are ordered. */
typedef enum
{
  ORDER_SIGNED_MAGNITUDE, /* floating point: a sign bit, then what grows with the magnitude */
  ORDER_TWOS_COMPLEMENT,
  ORDER_UNSIGNED,
} BitOrder;

/* One number, or a part of a complex one. */
typedef struct
{
  Pt2DecodeFunc decode;
  guint bytes;
  guint parts; /* in an element */
  BitOrder order;
} NumberType;

static bool
find_type (const char *dtype, NumberType *type)
{
  static const char *const complex_parts[][2]
      = { { "complex32", "float16" }, { "complex64", "float32" }, { "complex128", "float64" } };
  gboolean integer = FALSE;
  type->parts = 1;
  for (guint i = 0; dtype != NULL && i < G_N_ELEMENTS (complex_parts); i++)
    if (strcmp (dtype, complex_parts[i][0]) == 0)
      {
        dtype = complex_parts[i][1];
        type->parts = 2;
        break;
      }
  const Pt2Dtype *known = pt2_dtype_by_name (dtype);
  type->decode = pt2_dtype_get_decoder (dtype, &integer);
  if (known == NULL || type->decode == NULL)
    return false;
  type->bytes = known->bytes;
  type->order = !integer                          ? ORDER_SIGNED_MAGNITUDE
                : g_str_has_prefix (dtype, "int") ? ORDER_TWOS_COMPLEMENT
                                                  : ORDER_UNSIGNED;
  if (strcmp (dtype, "float8_e8m0fnu") == 0)
    type->order = ORDER_UNSIGNED; /* an exponent without a sign */
  return true;
}

/* The place of a value among all values of its type, so that neighbours differ by one. */
static guint64
rank_of (const NumberType *type, const guint8 *element)
{
  guint64 bits = 0, sign = UINT64_C (1) << (8 * type->bytes - 1);
  memcpy (&bits, element, type->bytes);
  bits = GUINT64_FROM_LE (bits);
  switch (type->order)
    {
    case ORDER_SIGNED_MAGNITUDE: /* both zeros have one place */
      return bits & sign ? sign - (bits & (sign - 1)) : sign + bits;
    case ORDER_TWOS_COMPLEMENT:
      return bits ^ sign;
    default:
      return bits;
    }
}

static guint
bucket_of (guint64 steps)
{
  return steps == 0 ? 0 : 64 - (guint)__builtin_clzll (steps);
}

static void
count_difference (Pt2TensorDistance *distance, double a, double b)
{
  double apart = a == b ? 0 : fabs (b - a), magnitude = fmax (fabs (a), fabs (b));
  distance->most = fmax (distance->most, apart);
  if (apart > 0)
    distance->most_relative = fmax (distance->most_relative, isinf (magnitude) ? INFINITY : apart / magnitude);
}

static void
count_pair (Pt2TensorDistance *distance, const NumberType *old_type, const guint8 *old, const NumberType *new_type,
            const guint8 *new)
{
  double a = old_type->decode (old), b = new_type->decode (new);
  bool nan = isnan (a) || isnan (b);
  distance->count++;
  distance->old_nan += isnan (a) != 0;
  distance->new_nan += isnan (b) != 0;
  distance->different += isnan (a) != isnan (b) || (!nan && a != b);
  if (nan)
    return;
  count_difference (distance, a, b);
  if (distance->has_steps)
    {
      guint64 x = rank_of (old_type, old), y = rank_of (new_type, new);
      distance->steps[bucket_of (x > y ? x - y : y - x)]++;
    }
}

bool
pt2_tensor_distance (const char *old_dtype, const guint8 *old, const char *new_dtype, const guint8 *new,
                     guint64 n_elements, Pt2TensorDistance *distance)
{
  NumberType old_type, new_type;
  *distance = (Pt2TensorDistance){ .known = FALSE };
  if (!find_type (old_dtype, &old_type) || !find_type (new_dtype, &new_type) || old_type.parts != new_type.parts)
    return false;
  distance->known = TRUE;
  distance->has_steps = strcmp (old_dtype, new_dtype) == 0;
  for (guint64 i = 0; i < n_elements * old_type.parts; i++, old += old_type.bytes, new += new_type.bytes)
    count_pair (distance, &old_type, old, &new_type, new);
  return true;
}
