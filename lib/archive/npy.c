/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a `.npy` file, byte for byte as numpy.save() writes it. Elements are the caller's business. */
#include "tensors_private.h"
#include <string.h>

/* What stands for a type that NumPy has not. */
static const char *
describe (const Pt2Dtype *dtype, const char **note)
{
  *note = NULL;
  if (dtype->numpy != NULL)
    return dtype->numpy;
  if (strcmp (dtype->name, "complex32") == 0)
    {
      *note = "NumPy has no complex32: written as pairs of float16, real and imaginary";
      return "<f2";
    }
  if (dtype->bytes == 2)
    {
      *note = "NumPy has no bfloat16: its bits are written as uint16";
      return "<u2";
    }
  *note = "NumPy has no 8-bit floating point: its bits are written as uint8";
  return "|u1";
}

/* NumPy leaves room for the first size to grow to 21 digits. */
static void
append_growth (GString *text, const Pt2Tensor *tensor, bool pairs)
{
  char digits[32];
  if (tensor->n_dims == 0 && !pairs)
    return;
  int len = g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT, tensor->n_dims > 0 ? tensor->shape[0] : 2);
  for (; len < 21; len++)
    g_string_append_c (text, ' ');
}

static GString *
make_dict (const Pt2Tensor *tensor, const Pt2Dtype *dtype, const char **note)
{
  GString *text = g_string_new (NULL);
  bool pairs = dtype->numpy == NULL && dtype->unit < dtype->bytes;
  guint n = tensor->n_dims + pairs;
  g_string_append_printf (text, "{'descr': '%s', 'fortran_order': False, 'shape': (", describe (dtype, note));
  for (guint i = 0; i < tensor->n_dims; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", tensor->shape[i]);
  if (pairs)
    g_string_append (text, tensor->n_dims > 0 ? ", 2" : "2");
  g_string_append (text, n == 1 ? ",), }" : "), }");
  append_growth (text, tensor, pairs);
  return text;
}

GBytes *
pt2_tensor_npy_header (const Pt2Tensor *tensor, const char **note, GError **error)
{
  static const char magic[] = "\x93NUMPY";
  const char *unread;
  if (!pt2_tensor_check_usable (tensor, error))
    return NULL;
  GString *dict = make_dict (tensor, pt2_dtype_by_name (tensor->dtype), note != NULL ? note : &unread);
  /* The size in two bytes, or in four from version 2.0 on; blanks and a line break fill up to a multiple of 64. */
  gsize start = sizeof magic - 1 + 2, padded = (start + 2 + dict->len + 1 + 63) / 64 * 64 - start - 2;
  bool wide = padded > G_MAXUINT16;
  if (wide)
    padded = (start + 4 + dict->len + 1 + 63) / 64 * 64 - start - 4;
  GString *out = g_string_new_len (magic, sizeof magic - 1);
  g_string_append_c (out, wide ? 2 : 1);
  g_string_append_c (out, 0);
  for (guint i = 0; i < (wide ? 4u : 2u); i++)
    g_string_append_c (out, (char)(padded >> (8 * i)));
  while (dict->len + 1 < padded)
    g_string_append_c (dict, ' ');
  g_string_append_len (out, dict->str, (gssize)dict->len);
  g_string_append_c (out, '\n');
  g_string_free (dict, TRUE);
  return g_string_free_to_bytes (out);
}
