/* SPDX-License-Identifier: Apache-2.0 */
/* The types of elements: how wide they are, and what NumPy calls them. */
#include "pt2-tensor.h"
#include <string.h>

/* In the order of the schema's enum. */
static const Pt2Dtype dtypes[] = {
  { "uint8", 1, 1, "|u1" },         { "int8", 1, 1, "|i1" },           { "int16", 2, 2, "<i2" },
  { "int32", 4, 4, "<i4" },         { "int64", 8, 8, "<i8" },          { "float16", 2, 2, "<f2" },
  { "float32", 4, 4, "<f4" },       { "float64", 8, 8, "<f8" },        { "complex32", 4, 2, NULL },
  { "complex64", 8, 4, "<c8" },     { "complex128", 16, 8, "<c16" },   { "bool", 1, 1, "|b1" },
  { "bfloat16", 2, 2, NULL },       { "uint16", 2, 2, "<u2" },         { "float8_e4m3fn", 1, 1, NULL },
  { "float8_e5m2", 1, 1, NULL },    { "float8_e4m3fnuz", 1, 1, NULL }, { "float8_e5m2fnuz", 1, 1, NULL },
  { "float8_e8m0fnu", 1, 1, NULL }, { "uint32", 4, 4, "<u4" },         { "uint64", 8, 8, "<u8" },
};

const Pt2Dtype *
pt2_dtype_by_name (const char *name)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (dtypes); i++)
    if (strcmp (name, dtypes[i].name) == 0)
      return &dtypes[i];
  return NULL;
}
