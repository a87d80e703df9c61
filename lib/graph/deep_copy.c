/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of native values with their texts, by the field tables: for what somebody gives, and for what was made here.
 */
#include "graph.h"
#include <string.h>

static bool
copy_text (Pt2Arena *arena, Pt2String *text)
{
  char *copy = text->data != NULL ? pt2_arena_alloc (arena, text->len) : NULL;
  if (text->data == NULL)
    return true;
  if (copy == NULL)
    return false;
  memcpy (copy, text->data, text->len);
  text->data = copy;
  return true;
}

static bool copy_inside (Pt2Arena *arena, const Pt2TypeInfo *type, void *value);

static bool
copy_items (Pt2Arena *arena, const Pt2TypeInfo *type, Pt2AnyList *list)
{
  bool is_map = type->kind == PT2_KIND_MAP, fine = true;
  size_t size = is_map ? type->entry_size : type->element->size, at = is_map ? type->key_size : 0;
  if (list->items == NULL)
    return true;
  char *items = pt2_arena_alloc (arena, size * list->len);
  if (items == NULL)
    return false;
  memcpy (items, list->items, size * list->len);
  list->items = items;
  for (uint32_t i = 0; i < list->len && fine; i++)
    fine = (!is_map || copy_inside (arena, type->key, items + i * size))
           && copy_inside (arena, type->element, items + i * size + at);
  return fine;
}

static bool
copy_field (Pt2Arena *arena, const Pt2FieldInfo *field, char *record)
{
  void *at = record + field->offset;
  if (!(field->flags & PT2_FIELD_POINTER))
    return copy_inside (arena, field->type, at);
  void *from = *(void **)at, *to = pt2_arena_alloc (arena, field->type->size);
  if (from == NULL)
    return true;
  if (to == NULL)
    return false;
  *(void **)at = memcpy (to, from, field->type->size);
  return copy_inside (arena, field->type, to);
}

static bool
copy_record (Pt2Arena *arena, const Pt2StructInfo *info, char *record)
{
  if (info->is_union)
    {
      uint32_t which = ((const Pt2AnyUnion *)record)->which;
      const Pt2FieldInfo *member = which != PT2_UNKNOWN_MEMBER ? pt2_struct_field_by_id (info, (int)which) : NULL;
      return member == NULL || copy_field (arena, member, record);
    }
  for (unsigned i = 0; i < info->n_fields; i++)
    if (pt2_field_present (info, &info->fields[i], record) && !copy_field (arena, &info->fields[i], record))
      return false;
  return true;
}

static bool
copy_inside (Pt2Arena *arena, const Pt2TypeInfo *type, void *value)
{
  switch (type->kind)
    {
    case PT2_KIND_STRING:
    case PT2_KIND_BINARY:
      return copy_text (arena, value);
    case PT2_KIND_STRUCT:
    case PT2_KIND_UNION:
      return copy_record (arena, type->record, value);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
    case PT2_KIND_MAP:
      return copy_items (arena, type, value);
    default:
      return true;
    }
}

bool
pt2_fx_deep_copy (Pt2Arena *arena, const Pt2TypeInfo *type, void *to, const void *from)
{
  memcpy (to, from, type->size);
  return copy_inside (arena, type, to);
}

const Pt2TypeInfo *
pt2_fx_table_type (Pt2FxTableName table)
{
  const char *field = pt2_fx_tables[table].field;
  const Pt2StructInfo *graph = pt2_schema_find_struct (&pt2_export_schema, "Graph");
  return pt2_struct_field_by_name (graph, field, strlen (field))->type->element;
}

const void *
pt2_fx_copy_value (Pt2FxModule *module, Pt2FxTableName table, const void *from)
{
  const Pt2TypeInfo *type = pt2_fx_table_type (table);
  void *to = pt2_fx_alloc (module, type->size);
  if (to != NULL && pt2_fx_deep_copy (&module->arena, type, to, from))
    return to;
  module->no_memory = true;
  return NULL;
}
