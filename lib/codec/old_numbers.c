/* SPDX-License-Identifier: Apache-2.0 */
#include "old_numbers.h"

typedef struct
{
  uint32_t minor;
  Pt2Status *status;
} Walk;

static bool convert_value (Walk *walk, const Pt2TypeInfo *type, void *value);

static bool
renumbered_since (const Pt2EnumInfo *info, uint32_t minor)
{
  return minor > 0 && minor < info->renumbered_at;
}

static bool
convert_number (Walk *walk, const Pt2EnumInfo *info, int32_t *number)
{
  if (!renumbered_since (info, walk->minor))
    return true;
  if (*number < 0 || *number >= info->n_old_numbers)
    return pt2_status_fail (walk->status, PT2_ERROR_J016, PT2_NO_OFFSET, "%s %d in 8.%u", info->name, *number,
                            walk->minor);
  *number = info->old_numbers[*number];
  return true;
}

static bool
convert_field (Walk *walk, const Pt2FieldInfo *field, const void *record)
{
  if (convert_value (walk, field->type, (void *)pt2_field_value (field, record)))
    return true;
  pt2_status_prepend_field (walk->status, field->name, field->name_len);
  return false;
}

static bool
convert_record (Walk *walk, const Pt2StructInfo *info, const void *record)
{
  if (info->is_union)
    {
      uint32_t which = ((const Pt2AnyUnion *)record)->which;
      const Pt2FieldInfo *member = which <= INT16_MAX ? pt2_struct_field_by_id (info, (int)which) : NULL;
      return member == NULL || convert_field (walk, member, record);
    }
  for (unsigned i = 0; i < info->n_fields; i++)
    if (pt2_field_present (info, &info->fields[i], record) && !convert_field (walk, &info->fields[i], record))
      return false;
  return true;
}

static bool
fail_in_part (Walk *walk, const Pt2TypeInfo *type, const void *part, uint32_t index)
{
  const Pt2String *key = part;
  if (type->kind == PT2_KIND_MAP && type->key->kind == PT2_KIND_STRING)
    pt2_status_prepend_key (walk->status, key->data, key->len);
  else
    pt2_status_prepend_index (walk->status, index);
  return false;
}

/* Items of lists and sets, values of maps (keys that are enums: JSON has them as text, today's numbers). */
static bool
convert_items (Walk *walk, const Pt2TypeInfo *type, const Pt2AnyList *list)
{
  bool is_map = type->kind == PT2_KIND_MAP;
  size_t size = is_map ? type->entry_size : type->element->size;
  char *item = list->items;
  if (type->element->kind < PT2_KIND_ENUM || type->element->kind == PT2_KIND_STRING)
    return true;
  for (uint32_t i = 0; i < list->len; i++, item += size)
    if (!convert_value (walk, type->element, item + (is_map ? type->key_size : 0)))
      return fail_in_part (walk, type, item, i);
  return true;
}

static bool
convert_value (Walk *walk, const Pt2TypeInfo *type, void *value)
{
  switch (type->kind)
    {
    case PT2_KIND_ENUM:
      return convert_number (walk, type->enumeration, value);
    case PT2_KIND_STRUCT:
    case PT2_KIND_UNION:
      return convert_record (walk, type->record, value);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
    case PT2_KIND_MAP:
      return convert_items (walk, type, value);
    default:
      return true;
    }
}

bool
pt2_old_numbers_to_new (Pt2Document *document, Pt2Status *status)
{
  Walk walk = { document->minor, status };
  for (unsigned i = 0; i < document->schema->n_enums; i++)
    if (renumbered_since (document->schema->enums[i], document->minor))
      return convert_value (&walk, document->type->type, document->root);
  return true;
}

bool
pt2_number_at_minor (const Pt2EnumInfo *info, uint32_t minor, int32_t value, int32_t *old)
{
  *old = value;
  if (!renumbered_since (info, minor))
    return true;
  for (int32_t i = 0; i < info->n_old_numbers; i++)
    if (info->old_numbers[i] == value)
      {
        *old = i;
        return true;
      }
  return false;
}
