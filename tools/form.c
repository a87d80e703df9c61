/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"
#include <string.h>

/* Longer suffixes come before those they end with. */
static const FormRow forms[] = {
  { "json", ".json", OUT_PROGRAM, PT2_FORM_JSON },
  { "compact.zst", ".thrift.zst", OUT_PROGRAM, PT2_FORM_COMPACT_ZST },
  { "compact", ".thrift", OUT_PROGRAM, PT2_FORM_COMPACT },
  { "pt2", ".pt2", OUT_ARCHIVE, PT2_FORM_JSON },
  { "pt2c", ".pt2c", OUT_COMPACT_ARCHIVE, PT2_FORM_JSON },
  { "safetensors", ".safetensors", OUT_SAFETENSORS, PT2_FORM_JSON },
};

const FormRow *
form_by_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (strcmp (name, forms[i].name) == 0)
      return &forms[i];
  return NULL;
}

const FormRow *
form_by_suffix (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_has_suffix (path, forms[i].suffix))
      return &forms[i];
  return NULL;
}
