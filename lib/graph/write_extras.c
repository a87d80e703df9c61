/* SPDX-License-Identifier: Apache-2.0 */
/* Parts that the schema does not know go along: from each value of the file to the one that was made in its place. */
#include "write.h"
#include <string.h>

static bool move_value (Writer *writer, const Pt2TypeInfo *type, const void *to, const void *from);

static bool
move_own (Writer *writer, const Pt2StructInfo *info, const void *to, const void *from)
{
  const Pt2Document *source = &writer->module->program->document;
  for (const Pt2Extra *extra = pt2_document_extras (source, info, from); extra != NULL; extra = extra->next)
    if (!pt2_document_add_extra (&writer->draft->document, info, to, extra))
      return false;
  return true;
}

/* What both lead to has its extras already; of lists that differ in length nobody knows what came from what. */
static bool
move_items (Writer *writer, const Pt2TypeInfo *type, const Pt2AnyList *to, const Pt2AnyList *from)
{
  bool is_map = type->kind == PT2_KIND_MAP;
  size_t size = is_map ? type->entry_size : type->element->size, at = is_map ? type->key_size : 0;
  if (to->items == from->items || to->len != from->len || type->element->kind < PT2_KIND_STRUCT)
    return true;
  for (uint32_t i = 0; i < to->len; i++)
    if (!move_value (writer, type->element, (const char *)to->items + i * size + at,
                     (const char *)from->items + i * size + at))
      return false;
  return true;
}

static bool
move_field (Writer *writer, const Pt2FieldInfo *field, const void *to, const void *from)
{
  const void *to_value = pt2_field_value (field, to), *from_value = pt2_field_value (field, from);
  return to_value == from_value || move_value (writer, field->type, to_value, from_value);
}

/* Nodes see to themselves, and so do the entries of tables. */
static bool
sees_to_itself (const Pt2FieldInfo *field)
{
  return field->type->kind == PT2_KIND_MAP || strcmp (field->name, "nodes") == 0;
}

static bool
move_record (Writer *writer, const Pt2StructInfo *info, const void *to, const void *from)
{
  if (!move_own (writer, info, to, from))
    return false;
  if (info->is_union)
    {
      uint32_t which = ((const Pt2AnyUnion *)to)->which;
      if (which != ((const Pt2AnyUnion *)from)->which || which == PT2_UNKNOWN_MEMBER)
        return true;
      const Pt2FieldInfo *member = pt2_struct_field_by_id (info, (int)which);
      return member == NULL || move_field (writer, member, to, from);
    }
  bool is_graph = strcmp (info->name, "Graph") == 0;
  for (unsigned i = 0; i < info->n_fields; i++)
    if (info->fields[i].type->kind >= PT2_KIND_STRUCT && !(is_graph && sees_to_itself (&info->fields[i]))
        && pt2_field_present (info, &info->fields[i], to) && pt2_field_present (info, &info->fields[i], from)
        && !move_field (writer, &info->fields[i], to, from))
      return false;
  return true;
}

static bool
move_value (Writer *writer, const Pt2TypeInfo *type, const void *to, const void *from)
{
  if (type->kind >= PT2_KIND_LIST)
    return move_items (writer, type, to, from);
  return type->kind < PT2_KIND_STRUCT || move_record (writer, type->record, to, from);
}

bool
pt2_fx_move_extras (Writer *writer, const Pt2TypeInfo *type, const void *to, const void *from)
{
  return !writer->has_extras || move_value (writer, type, to, from);
}
