/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of every type as doubles. */
#include "pt2-tensor.h"
#include <math.h>
#include <string.h>

typedef struct
{
  const char *dtype;
  Pt2DecodeFunc decode;
  gboolean integer;
} Decoder;

static guint64
little (const guint8 *bytes, guint n)
{
  guint64 value = 0;
  while (n-- > 0)
    value = value << 8 | bytes[n];
  return value;
}

/* A small floating-point number with an implied one and gradual underflow; no infinities, no NaN. */
static double
small_float (guint64 bits, int exponent_bits, int mantissa_bits, int bias)
{
  gint64 mantissa = (gint64)(bits & ((UINT64_C (1) << mantissa_bits) - 1));
  int exponent = (int)(bits >> mantissa_bits & ((UINT64_C (1) << exponent_bits) - 1));
  gboolean negative = bits >> (mantissa_bits + exponent_bits) & 1;
  if (exponent > 0)
    mantissa += INT64_C (1) << mantissa_bits;
  double value = ldexp ((double)mantissa, MAX (exponent, 1) - bias - mantissa_bits);
  return negative ? -value : value;
}

/* IEEE: the greatest exponent is kept for infinities and NaN. */
static double
ieee_float (guint64 bits, int exponent_bits, int mantissa_bits)
{
  int bias = (1 << (exponent_bits - 1)) - 1, top = (1 << exponent_bits) - 1;
  if ((int)(bits >> mantissa_bits & (guint64)top) != top)
    return small_float (bits, exponent_bits, mantissa_bits, bias);
  if ((bits & ((UINT64_C (1) << mantissa_bits) - 1)) != 0)
    return NAN;
  return bits >> (mantissa_bits + exponent_bits) & 1 ? -INFINITY : INFINITY;
}

static double
decode_float16 (const guint8 *b)
{
  return ieee_float (little (b, 2), 5, 10);
}

static double
decode_bfloat16 (const guint8 *b)
{
  guint32 bits = (guint32)little (b, 2) << 16;
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static double
decode_float32 (const guint8 *b)
{
  guint32 bits = (guint32)little (b, 4);
  float value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static double
decode_float64 (const guint8 *b)
{
  guint64 bits = little (b, 8);
  double value;
  memcpy (&value, &bits, sizeof value);
  return value;
}

static double
decode_e5m2 (const guint8 *b)
{
  return ieee_float (*b, 5, 2);
}

static double
decode_e4m3fn (const guint8 *b)
{
  return (*b & 0x7f) == 0x7f ? NAN : small_float (*b, 4, 3, 7);
}

static double
decode_e4m3fnuz (const guint8 *b)
{
  return *b == 0x80 ? NAN : small_float (*b, 4, 3, 8);
}

static double
decode_e5m2fnuz (const guint8 *b)
{
  return *b == 0x80 ? NAN : small_float (*b, 5, 2, 16);
}

static double
decode_e8m0fnu (const guint8 *b)
{
  return *b == 0xff ? NAN : ldexp (1, *b - 127);
}

#define DECODE_INTEGER(name, type, bytes)                                                                              \
  static double decode_##name (const guint8 *b)                                                                        \
  {                                                                                                                    \
    return (double)(type)little (b, bytes);                                                                            \
  }
DECODE_INTEGER (uint8, guint8, 1)
DECODE_INTEGER (int8, gint8, 1)
DECODE_INTEGER (int16, gint16, 2)
DECODE_INTEGER (uint16, guint16, 2)
DECODE_INTEGER (int32, gint32, 4)
DECODE_INTEGER (uint32, guint32, 4)
DECODE_INTEGER (int64, gint64, 8)
DECODE_INTEGER (uint64, guint64, 8)

static const Decoder decoders[] = {
  { "uint8", decode_uint8, TRUE },
  { "int8", decode_int8, TRUE },
  { "bool", decode_uint8, TRUE },
  { "int16", decode_int16, TRUE },
  { "uint16", decode_uint16, TRUE },
  { "int32", decode_int32, TRUE },
  { "uint32", decode_uint32, TRUE },
  { "int64", decode_int64, TRUE },
  { "uint64", decode_uint64, TRUE },
  { "float16", decode_float16, FALSE },
  { "bfloat16", decode_bfloat16, FALSE },
  { "float32", decode_float32, FALSE },
  { "float64", decode_float64, FALSE },
  { "float8_e4m3fn", decode_e4m3fn, FALSE },
  { "float8_e5m2", decode_e5m2, FALSE },
  { "float8_e4m3fnuz", decode_e4m3fnuz, FALSE },
  { "float8_e5m2fnuz", decode_e5m2fnuz, FALSE },
  { "float8_e8m0fnu", decode_e8m0fnu, FALSE },
};

Pt2DecodeFunc
pt2_dtype_get_decoder (const char *dtype, gboolean *is_integer)
{
  for (guint i = 0; dtype != NULL && i < G_N_ELEMENTS (decoders); i++)
    if (strcmp (dtype, decoders[i].dtype) == 0)
      {
        if (is_integer != NULL)
          *is_integer = decoders[i].integer;
        return decoders[i].decode;
      }
  return NULL;
}
