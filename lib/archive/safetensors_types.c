/* SPDX-License-Identifier: Apache-2.0 */
/* What safetensors calls the types of elements. */
#include "safetensors_private.h"
#include <string.h>

const Pt2SafetensorsType pt2_safetensors_types[] = {
  { "U64", "uint64", 64 },
  { "I64", "int64", 64 },
  { "F64", "float64", 64 },
  { "C64", "complex64", 64 },
  { "F32", "float32", 32 },
  { "U32", "uint32", 32 },
  { "I32", "int32", 32 },
  { "BF16", "bfloat16", 16 },
  { "F16", "float16", 16 },
  { "U16", "uint16", 16 },
  { "I16", "int16", 16 },
  { "F8_E5M2FNUZ", "float8_e5m2fnuz", 8 },
  { "F8_E4M3FNUZ", "float8_e4m3fnuz", 8 },
  { "F8_E8M0", "float8_e8m0fnu", 8 },
  { "F8_E4M3", "float8_e4m3fn", 8 },
  { "F8_E5M2", "float8_e5m2", 8 },
  { "I8", "int8", 8 },
  { "U8", "uint8", 8 },
  { "F6_E3M2", NULL, 6 },
  { "F6_E2M3", NULL, 6 },
  { "F4", NULL, 4 },
  { "BOOL", "bool", 8 },
};
const guint pt2_safetensors_n_types = G_N_ELEMENTS (pt2_safetensors_types);

guint
pt2_safetensors_type_by_name (Pt2String name)
{
  guint i = 0;
  while (i < pt2_safetensors_n_types
         && (strlen (pt2_safetensors_types[i].name) != name.len
             || memcmp (pt2_safetensors_types[i].name, name.data, name.len) != 0))
    i++;
  return i;
}

guint
pt2_safetensors_type_by_dtype (const char *dtype)
{
  guint i = 0;
  while (i < pt2_safetensors_n_types && g_strcmp0 (pt2_safetensors_types[i].dtype, dtype) != 0)
    i++;
  return i;
}
