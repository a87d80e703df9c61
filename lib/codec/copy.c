/* SPDX-License-Identifier: Apache-2.0 */
#include "copy.h"
#include <string.h>

typedef struct
{
  Pt2Document *document;
  const Pt2Document *source;
  bool deep;
  const Pt2StructInfo *shared; /* what is in these, and lists of scalars and texts, is not copied; NULL: all is */
} Copier;

static bool copy_inside (const Copier *copier, const Pt2TypeInfo *type, void *to, const void *from);

static bool
copy_extras (const Copier *copier, const Pt2StructInfo *info, const void *to, const void *from)
{
  if (!pt2_document_has_extras (copier->source))
    return true;
  for (const Pt2Extra *extra = pt2_document_extras (copier->source, info, from); extra != NULL; extra = extra->next)
    if (!pt2_document_add_extra (copier->document, info, to, extra))
      return false;
  return true;
}

/* *AT points to a value of TYPE elsewhere: makes it point to a copy. */
static bool
copy_pointed (const Copier *copier, const Pt2TypeInfo *type, void **at)
{
  const void *from = *at;
  if (!copier->deep || from == NULL)
    return true;
  *at = pt2_arena_alloc (&copier->document->arena, type->size);
  if (*at == NULL)
    return false;
  memcpy (*at, from, type->size);
  return copy_inside (copier, type, *at, from);
}

static bool
copy_items (const Copier *copier, const Pt2TypeInfo *type, Pt2AnyList *list)
{
  const char *from = list->items;
  if (!copier->deep || from == NULL || (copier->shared != NULL && type->element->kind < PT2_KIND_STRUCT))
    return true;
  bool is_map = type->kind == PT2_KIND_MAP;
  size_t size = is_map ? type->entry_size : type->element->size, at = is_map ? type->key_size : 0;
  char *to = pt2_arena_alloc (&copier->document->arena, size * list->len);
  if (to == NULL)
    return false;
  memcpy (to, from, size * list->len);
  list->items = to;
  if (type->element->kind < PT2_KIND_STRUCT)
    return true;
  for (uint32_t i = 0; i < list->len; i++)
    if (!copy_inside (copier, type->element, to + i * size + at, from + i * size + at))
      return false;
  return true;
}

static bool
copy_field (const Copier *copier, const Pt2FieldInfo *field, void *to, const void *from)
{
  if (field->flags & PT2_FIELD_POINTER)
    return copy_pointed (copier, field->type, (void **)((char *)to + field->offset));
  return copy_inside (copier, field->type, (char *)to + field->offset, (const char *)from + field->offset);
}

static bool
copy_record (const Copier *copier, const Pt2StructInfo *info, void *to, const void *from)
{
  if (info == copier->shared)
    return true;
  if (!copy_extras (copier, info, to, from))
    return false;
  if (info->is_union)
    {
      uint32_t which = ((const Pt2AnyUnion *)from)->which;
      const Pt2FieldInfo *member = which != PT2_UNKNOWN_MEMBER ? pt2_struct_field_by_id (info, (int)which) : NULL;
      return member == NULL || copy_field (copier, member, to, from);
    }
  for (unsigned i = 0; i < info->n_fields; i++)
    if (info->fields[i].type->kind >= PT2_KIND_STRUCT && pt2_field_present (info, &info->fields[i], from)
        && !copy_field (copier, &info->fields[i], to, from))
      return false;
  return true;
}

/* TO has the bytes of FROM already: what they point to, and what belongs to the place, is copied. */
static bool
copy_inside (const Copier *copier, const Pt2TypeInfo *type, void *to, const void *from)
{
  if (type->kind >= PT2_KIND_LIST)
    return copy_items (copier, type, to);
  return type->kind < PT2_KIND_STRUCT || copy_record (copier, type->record, to, from);
}

bool
pt2_copy_value (Pt2Document *document, const Pt2Document *source, const Pt2TypeInfo *type, void *to, const void *from)
{
  memcpy (to, from, type->size);
  return copy_inside (&(Copier){ document, source, true, NULL }, type, to, from);
}

bool
pt2_copy_named (Pt2Document *document, const Pt2Document *source, const Pt2TypeInfo *type, const Pt2StructInfo *shared,
                void *to, const void *from)
{
  /* What the schema does not know belongs to a place in memory: nothing that stands inline may be passed over then. */
  bool plain = !pt2_document_has_extras (source);
  memcpy (to, from, type->size);
  return copy_inside (&(Copier){ document, source, true, plain ? shared : NULL }, type, to, from);
}

bool
pt2_copy_shallow (Pt2Document *document, const Pt2Document *source, const Pt2TypeInfo *type, void *to, const void *from)
{
  memcpy (to, from, type->size);
  return copy_inside (&(Copier){ document, source, false, NULL }, type, to, from);
}
