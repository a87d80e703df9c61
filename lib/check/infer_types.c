/* SPDX-License-Identifier: Apache-2.0 */
/* Types of elements: which there are, and which one arithmetic gives. The rules are PyTorch's type promotion. */
#include "infer.h"

typedef enum
{
  CATEGORY_NONE,
  CATEGORY_BOOL,
  CATEGORY_INTEGER,
  CATEGORY_REAL,
  CATEGORY_COMPLEX,
} Category;

bool
dtype_is_integer (int32_t dtype)
{
  return (dtype >= PT2_SCALAR_TYPE_BYTE && dtype <= PT2_SCALAR_TYPE_LONG) || dtype == PT2_SCALAR_TYPE_UINT16
         || dtype == PT2_SCALAR_TYPE_UINT32 || dtype == PT2_SCALAR_TYPE_UINT64;
}

bool
dtype_is_complex (int32_t dtype)
{
  return dtype >= PT2_SCALAR_TYPE_COMPLEXHALF && dtype <= PT2_SCALAR_TYPE_COMPLEXDOUBLE;
}

bool
dtype_is_real (int32_t dtype)
{
  return dtype == DTYPE_DEFAULT || dtype == PT2_SCALAR_TYPE_HALF || dtype == PT2_SCALAR_TYPE_FLOAT
         || dtype == PT2_SCALAR_TYPE_DOUBLE || dtype == PT2_SCALAR_TYPE_BFLOAT16;
}

static Category
category_of (int32_t dtype)
{
  if (dtype == PT2_SCALAR_TYPE_BOOL)
    return CATEGORY_BOOL;
  if (dtype_is_integer (dtype))
    return CATEGORY_INTEGER;
  if (dtype_is_real (dtype))
    return CATEGORY_REAL;
  return dtype_is_complex (dtype) ? CATEGORY_COMPLEX : CATEGORY_NONE;
}

static int
bits_of_integer (int32_t dtype)
{
  static const int bits[] = { [PT2_SCALAR_TYPE_BYTE] = 8,
                              [PT2_SCALAR_TYPE_CHAR] = 8,
                              [PT2_SCALAR_TYPE_SHORT] = 16,
                              [PT2_SCALAR_TYPE_INT] = 32,
                              [PT2_SCALAR_TYPE_LONG] = 64 };
  return dtype >= PT2_SCALAR_TYPE_BYTE && dtype <= PT2_SCALAR_TYPE_LONG ? bits[dtype] : 0;
}

/* Unsigned with signed gives a wider signed type. */
static int32_t
promote_integers (int32_t a, int32_t b)
{
  bool byte = a == PT2_SCALAR_TYPE_BYTE || b == PT2_SCALAR_TYPE_BYTE;
  if (bits_of_integer (a) == 0 || bits_of_integer (b) == 0)
    return DTYPE_UNKNOWN; /* the wider unsigned types */
  if (byte && (a == PT2_SCALAR_TYPE_CHAR || b == PT2_SCALAR_TYPE_CHAR))
    return PT2_SCALAR_TYPE_SHORT;
  return bits_of_integer (a) >= bits_of_integer (b) ? (a == PT2_SCALAR_TYPE_BYTE ? b : a) : b;
}

static int32_t
promote_reals (int32_t a, int32_t b)
{
  if (a == DTYPE_DEFAULT || b == DTYPE_DEFAULT)
    return DTYPE_UNKNOWN;
  if (a == PT2_SCALAR_TYPE_DOUBLE || b == PT2_SCALAR_TYPE_DOUBLE)
    return PT2_SCALAR_TYPE_DOUBLE;
  return PT2_SCALAR_TYPE_FLOAT; /* two different ones of 32 and 16 bits */
}

int32_t
dtype_promote (int32_t a, int32_t b)
{
  Category one = category_of (a), two = category_of (b);
  if (a == b)
    return a;
  if (one == CATEGORY_NONE || two == CATEGORY_NONE || one == CATEGORY_COMPLEX || two == CATEGORY_COMPLEX)
    return DTYPE_UNKNOWN;
  if (one != two)
    return one > two ? a : b;
  return one == CATEGORY_INTEGER ? promote_integers (a, b) : promote_reals (a, b);
}

int32_t
dtype_to_real (int32_t dtype)
{
  Category category = category_of (dtype);
  return category == CATEGORY_BOOL || category == CATEGORY_INTEGER ? DTYPE_DEFAULT : dtype;
}

/* A Python number, as a type that only its category counts of. */
static int32_t
type_of_number (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_BOOL:
    case PT2_ARGUMENT_AS_SYM_BOOL:
      return PT2_SCALAR_TYPE_BOOL;
    case PT2_ARGUMENT_AS_INT:
    case PT2_ARGUMENT_AS_SYM_INT:
      return PT2_SCALAR_TYPE_LONG;
    case PT2_ARGUMENT_AS_FLOAT:
    case PT2_ARGUMENT_AS_SYM_FLOAT:
      return DTYPE_DEFAULT;
    default:
      return DTYPE_UNKNOWN;
    }
}

/* LOWER has a say only by a higher category. */
static int32_t
combine (int32_t higher, int32_t lower)
{
  if (higher == DTYPE_UNKNOWN || category_of (lower) > category_of (higher))
    return lower;
  return higher;
}

int32_t
infer_promoted (const Infer *infer, const char *const *names, uint32_t n)
{
  int32_t types[3] = { DTYPE_UNKNOWN }; /* of tensors with dimensions, tensors without, numbers */
  for (uint32_t i = 0; i < n; i++)
    {
      const Pt2Argument *argument = infer_argument (infer, names[i]);
      if (argument == NULL || argument->which == PT2_ARGUMENT_AS_NONE)
        continue;
      Shape tensor = infer_tensor (infer, names[i]);
      bool is_tensor = argument->which == PT2_ARGUMENT_AS_TENSOR;
      int32_t type = is_tensor ? tensor.dtype : type_of_number (argument);
      int32_t *rank = &types[!is_tensor ? 2 : tensor.n > 0 ? 0 : 1];
      if (category_of (type) == CATEGORY_NONE || (is_tensor && !tensor.has_shape))
        return DTYPE_UNKNOWN;
      *rank = *rank == DTYPE_UNKNOWN ? type : dtype_promote (*rank, type);
      if (*rank == DTYPE_UNKNOWN)
        return DTYPE_UNKNOWN;
    }
  return combine (types[0], combine (types[1], types[2]));
}
