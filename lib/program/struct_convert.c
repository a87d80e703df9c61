/* SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"
#include "pt2-struct.h"
#include "text.h"
#include <string.h>

static bool
read_struct (Pt2Document *document, GBytes *bytes, Pt2Form form, const Pt2Limits *limits, Pt2Status *status)
{
  size_t len;
  const char *data = g_bytes_get_data (bytes, &len);
  return (form == PT2_FORM_JSON ? pt2_json_read : pt2_compact_read) (document, data, len, limits, status);
}

static GBytes *
write_struct (const Pt2Document *document, Pt2Form form, Pt2StructFlags flags, Pt2Status *status)
{
  uint64_t unknown = (uint64_t)document->n_extras[PT2_EXTRA_JSON] + document->n_extras[PT2_EXTRA_COMPACT];
  if ((flags & PT2_STRUCT_KNOWN_ONLY) && unknown > 0)
    {
      pt2_status_fail (status, PT2_ERROR_T016, PT2_NO_OFFSET, "%" G_GUINT64_FORMAT " of them", unknown);
      return NULL;
    }
  Pt2Buffer out = PT2_BUFFER_INIT;
  if ((form == PT2_FORM_JSON ? pt2_json_write : pt2_compact_write) (document, &out, status))
    return pt2_buffer_to_bytes (&out);
  pt2_buffer_clear (&out);
  return NULL;
}

static const Pt2StructInfo *
find_type (const char *type, Pt2Form from, Pt2Form to, GError **error)
{
  char name[64];
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, type);
  if (info == NULL)
    pt2_error_set (error, PT2_ERROR_T018, NULL, "\"%s\"", pt2_text_escape (type, strlen (type), name, sizeof name));
  else if (from > PT2_FORM_COMPACT || to > PT2_FORM_COMPACT)
    {
      pt2_error_set (error, PT2_ERROR_U007, NULL, "a struct by itself is JSON or compact");
      return NULL;
    }
  return info;
}

GBytes *
pt2_struct_convert (const char *type, GBytes *bytes, Pt2Form from, Pt2Form to, Pt2StructFlags flags,
                    const Pt2Limits *limits, GError **error)
{
  const Pt2StructInfo *info = find_type (type, from, to, error);
  if (info == NULL)
    return NULL;
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Document document;
  GBytes *converted = NULL;
  limits = limits != NULL ? limits : pt2_limits_default ();
  pt2_document_init (&document, &pt2_export_schema, info, limits, g_bytes_get_size (bytes));
  if (read_struct (&document, bytes, from, limits, &status))
    converted = write_struct (&document, to, flags, &status);
  pt2_document_clear (&document);
  if (converted == NULL)
    pt2_status_to_error (&status, error);
  return converted;
}
