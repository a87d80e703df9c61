/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes every type of elements to doubles, a piece at a time. Integers keep their exact least and greatest. */
#include "statistics.h"
#include <math.h>
#include <string.h>

typedef double (*DecodeFunc) (const guint8 *bytes);

typedef struct
{
  const char *dtype;
  DecodeFunc decode;
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

static const Decoder *
find_decoder (const char *dtype)
{
  for (guint i = 0; dtype != NULL && i < G_N_ELEMENTS (decoders); i++)
    if (strcmp (dtype, decoders[i].dtype) == 0)
      return &decoders[i];
  return NULL;
}

typedef struct
{
  const Decoder *decoder;
  guint bytes;
  Statistics *result;
  long double sum;
  double running, squares; /* mean so far, sum of squared distances from it (Welford) */
  guint64 least, most;     /* integers of 64 bits, whose sign bit is turned round if they are signed */
  guint64 sign;
} Counting;

static void
count_whole (Counting *counting, const guint8 *element)
{
  guint64 value = little (element, counting->bytes);
  if (counting->sign != 0) /* extended to 64 bits, then shifted so that the order is that of unsigned numbers */
    value = ((value ^ counting->sign) - counting->sign) ^ (UINT64_C (1) << 63);
  counting->least = MIN (counting->least, value);
  counting->most = MAX (counting->most, value);
}

static void
count_finite (Counting *counting, double value)
{
  Statistics *result = counting->result;
  double from = value - counting->running;
  if (result->count == 0 || value < result->least)
    result->least = value;
  if (result->count == 0 || value > result->most)
    result->most = value;
  result->zeros += value == 0;
  result->count++;
  counting->sum += value;
  counting->running += from / (double)result->count;
  counting->squares += from * (value - counting->running);
}

static gboolean
count_piece (gconstpointer piece, gsize len, gpointer data)
{
  Counting *counting = data;
  const guint8 *end = (const guint8 *)piece + len;
  for (const guint8 *element = piece; element < end; element += counting->bytes)
    {
      double value = counting->decoder->decode (element);
      if (counting->decoder->integer)
        count_whole (counting, element);
      if (isnan (value))
        counting->result->nan++;
      else if (isinf (value))
        counting->result->infinite++;
      else
        count_finite (counting, value);
    }
  return TRUE;
}

static void
whole_text (const Counting *counting, guint64 value, char *text, gsize size)
{
  if (counting->sign != 0)
    g_snprintf (text, size, "%" G_GINT64_FORMAT, (gint64)(value ^ (UINT64_C (1) << 63)));
  else
    g_snprintf (text, size, "%" G_GUINT64_FORMAT, value);
}

gboolean
statistics_of (Pt2Tensors *tensors, const Pt2Tensor *tensor, Statistics *statistics, GError **error)
{
  Counting counting = { find_decoder (tensor->dtype), tensor->element_bytes, statistics, 0, 0, 0, G_MAXUINT64, 0, 0 };
  *statistics = (Statistics){ .known = FALSE };
  if (counting.decoder == NULL || tensor->form != PT2_TENSOR_STRIDED || tensor->fault != NULL)
    return TRUE;
  statistics->integer = counting.decoder->integer;
  if (g_str_has_prefix (tensor->dtype, "int"))
    counting.sign = UINT64_C (1) << (8 * counting.bytes - 1);
  if (!pt2_tensor_foreach_piece (tensors, tensor, count_piece, &counting, error))
    return FALSE;
  statistics->known = TRUE;
  if (statistics->count > 0)
    {
      statistics->mean = (double)(counting.sum / (long double)statistics->count);
      statistics->deviation = sqrt (counting.squares / (double)statistics->count);
    }
  whole_text (&counting, counting.least, statistics->whole_least, sizeof statistics->whole_least);
  whole_text (&counting, counting.most, statistics->whole_most, sizeof statistics->whole_most);
  return TRUE;
}
