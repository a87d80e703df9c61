/* SPDX-License-Identifier: Apache-2.0 */
/* Elements as doubles, a piece at a time. Integers keep their exact least and greatest. */
#include "statistics.h"
#include <math.h>
#include <string.h>

typedef struct
{
  Pt2DecodeFunc decode;
  gboolean integer;
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
  guint64 value = 0;
  memcpy (&value, element, counting->bytes);
  value = GUINT64_FROM_LE (value);
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
      double value = counting->decode (element);
      if (counting->integer)
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
  Counting counting = { .bytes = tensor->element_bytes, .result = statistics, .least = G_MAXUINT64 };
  *statistics = (Statistics){ .known = FALSE };
  counting.decode = pt2_dtype_get_decoder (tensor->dtype, &counting.integer);
  if (counting.decode == NULL || tensor->form != PT2_TENSOR_STRIDED || tensor->fault != NULL)
    return TRUE;
  statistics->integer = counting.integer;
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
