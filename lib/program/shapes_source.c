/* SPDX-License-Identifier: Apache-2.0 */
#include "shapes_source.h"

Pt2Source
pt2_source_root (Pt2Program *program)
{
  return (Pt2Source){ pt2_program_get_root (program), program->tree };
}

bool
pt2_source_exists (Pt2Source source)
{
  return source.node != NULL ? source.node->kind != PT2_JSON_NULL : pt2_value_is_valid (source.value);
}

Pt2Source
pt2_source_get (Pt2Source source, const char *name)
{
  const Pt2JsonNode *node = pt2_json_get (source.node, name);
  if (node != NULL && node->kind == PT2_JSON_NULL)
    node = NULL;
  return (Pt2Source){ pt2_value_path (source.value, name), node };
}

Pt2Source
pt2_source_at (Pt2Source source, const char *const *names, guint n)
{
  for (guint i = 0; i < n; i++)
    source = pt2_source_get (source, names[i]);
  return source;
}

guint
pt2_source_length (Pt2Source source)
{
  return source.node != NULL ? pt2_json_length (source.node) : pt2_value_length (source.value);
}

Pt2Source
pt2_source_item (Pt2Source source, guint index)
{
  return (Pt2Source){ pt2_value_item (source.value, index), pt2_json_item (source.node, index) };
}

Pt2String
pt2_source_key (Pt2Source source, guint index)
{
  return source.node != NULL ? pt2_json_key (source.node, index)
                             : pt2_value_get_string (pt2_value_key (source.value, index));
}

Pt2String
pt2_source_text (Pt2Source source)
{
  return source.node != NULL ? pt2_json_text (source.node) : pt2_value_get_string (source.value);
}

bool
pt2_source_integer (Pt2Source source, gint64 *out)
{
  if (source.node != NULL)
    return pt2_json_integer (source.node, out);
  *out = pt2_value_get_int (source.value);
  return pt2_value_type (source.value) == PT2_TYPE_INT;
}

bool
pt2_source_boolean (Pt2Source source, bool *out)
{
  if (source.node != NULL)
    {
      *out = source.node->boolean;
      return source.node->kind == PT2_JSON_BOOL;
    }
  *out = pt2_value_get_bool (source.value);
  return pt2_value_type (source.value) == PT2_TYPE_BOOL;
}
