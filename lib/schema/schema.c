/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"
#include <string.h>

const Pt2StructInfo *
pt2_schema_find_struct (const Pt2Schema *schema, const char *name)
{
  for (unsigned i = 0; i < schema->n_structs; i++)
    if (strcmp (schema->structs[i]->name, name) == 0)
      return schema->structs[i];
  return NULL;
}

const Pt2EnumInfo *
pt2_schema_find_enum (const Pt2Schema *schema, const char *name)
{
  for (unsigned i = 0; i < schema->n_enums; i++)
    if (strcmp (schema->enums[i]->name, name) == 0)
      return schema->enums[i];
  return NULL;
}

const Pt2EnumMember *
pt2_enum_by_value (const Pt2EnumInfo *info, int32_t value)
{
  unsigned low = 0, high = info->n_members;
  while (low < high)
    {
      unsigned middle = (low + high) / 2;
      if (info->members[middle].value == value)
        return &info->members[middle];
      if (info->members[middle].value < value)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

static bool
same_name (const char *name, const char *text, size_t len)
{
  return strncmp (name, text, len) == 0 && name[len] == '\0';
}

const Pt2EnumMember *
pt2_enum_by_name (const Pt2EnumInfo *info, const char *name, size_t len)
{
  for (unsigned i = 0; i < info->n_members; i++)
    if (same_name (info->members[i].name, name, len))
      return &info->members[i];
  return NULL;
}

const Pt2FieldInfo *
pt2_struct_field_by_name (const Pt2StructInfo *info, const char *name, size_t len)
{
  for (unsigned i = 0; i < info->n_fields; i++)
    if (info->fields[i].name_len == len && memcmp (info->fields[i].name, name, len) == 0)
      return &info->fields[i];
  return NULL;
}
