/* SPDX-License-Identifier: Apache-2.0 */
/* One value of a program replaced by another, over the field tables. The new value is read into memory of its own and
 * put into its place when it is known to fit.
 */
#include "pt2-edit.h"
#include "draft.h"
#include "old_numbers.h"
#include "text.h"
#include "value.h"
#include <string.h>

/* Where a value stands, or would stand. */
typedef struct
{
  const Pt2TypeInfo *type;    /* of the value */
  void *at;                   /* list, map: the value; NULL: the map does not have the key */
  const Pt2StructInfo *owner; /* struct, union */
  void *record;
  const Pt2FieldInfo *field;
  const Pt2TypeInfo *map_type; /* map */
  Pt2AnyMap *map;
  Pt2String key;
} Place;

/* ---- finding it ---- */

/* Behind the step of a path that begins at AT; at AT if none does. */
static const char *
step_end (const char *at, bool first)
{
  if (*at == '[')
    {
      const char *close = at[1] == '"' ? strstr (at + 2, "\"]") : strchr (at, ']');
      return close == NULL ? at : close + (at[1] == '"' ? 2 : 1);
    }
  at += !first && *at == '.';
  return at + strcspn (at, ".[");
}

static bool
fail_path (const char *path, const char *at, GError **error)
{
  char shown[160];
  g_autofree char *where = g_strndup (path, (gsize)(at - path));
  char escaped[256];
  return pt2_error_set (error, PT2_ERROR_P010,
                        *where != '\0' ? pt2_text_escape (where, strlen (where), escaped, sizeof escaped) : NULL,
                        "\"%s\"", pt2_text_escape (at, strlen (at), shown, sizeof shown));
}

/* The value that holds the one that PATH names; *LAST: the step from there, *STEPS: how many lead there. */
static bool
find_holder (Pt2Value root, const char *path, Pt2Value *holder, const char **last, guint *steps, GError **error)
{
  *holder = root;
  *last = path;
  *steps = 0;
  for (const char *end = step_end (path, true); *end != '\0'; end = step_end (*last, false))
    {
      g_autofree char *before = g_strndup (path, (gsize)(end - path));
      *holder = pt2_value_path (root, before);
      if (end == *last || !pt2_value_is_valid (*holder))
        return fail_path (path, *last, error);
      *last = end;
      ++*steps;
    }
  return true;
}

static void
find_item (Pt2Value holder, const char *step, Place *place)
{
  const Pt2TypeInfo *type = holder.type;
  /* One step, so that the path is the step. */
  place->type = type->element;
  place->at = (void *)pt2_value_path (holder, step).data;
  if (type->kind != PT2_KIND_MAP)
    return;
  place->map_type = type;
  place->map = (Pt2AnyMap *)holder.data;
  if (step[1] == '"' && type->key->kind == PT2_KIND_STRING)
    place->key = (Pt2String){ step + 2, (uint32_t)(strlen (step) - strlen ("[\"\"]")) };
}

static bool
find_place (Pt2Value root, const char *path, Place *place, guint *steps, GError **error)
{
  Pt2Value holder;
  const char *last;
  *place = (Place){ .type = NULL };
  if (strlen (path) > INT32_MAX || !find_holder (root, path, &holder, &last, steps, error))
    return strlen (path) > INT32_MAX ? fail_path ("", "", error) : false;
  const Pt2TypeInfo *type = holder.type;
  if (*last == '[' && type->kind >= PT2_KIND_LIST)
    find_item (holder, last, place);
  else if (*last != '[' && (*last == '.') == (last != path)
           && (type->kind == PT2_KIND_STRUCT || type->kind == PT2_KIND_UNION))
    {
      const char *name = last + (*last == '.');
      place->owner = type->record;
      place->record = (void *)holder.data;
      place->field = pt2_struct_field_by_name (type->record, name, strlen (name));
      place->type = place->field != NULL ? place->field->type : NULL;
    }
  if (place->field != NULL || place->at != NULL || place->key.data != NULL)
    return true;
  return fail_path (path, last, error);
}

/* ---- what stood there ---- */

static void forget_value (Pt2Document *document, const Pt2TypeInfo *type, const void *value);

/* The parts of RECORD that the schema does not know; KEY given: that one alone. */
static void
forget_extras (Pt2Document *document, const Pt2StructInfo *info, const void *record, const char *key)
{
  const Pt2Extra *next,
      *extra = pt2_document_has_extras (document) ? pt2_document_extras (document, info, record) : NULL;
  for (; extra != NULL; extra = next)
    {
      next = extra->next;
      if (key == NULL
          || (extra->origin == PT2_EXTRA_JSON && extra->key.len == strlen (key)
              && memcmp (extra->key.data, key, extra->key.len) == 0))
        pt2_document_remove_extra (document, info, record, extra);
    }
}

static void
forget_record (Pt2Document *document, const Pt2StructInfo *info, const void *record)
{
  uint32_t which = info->is_union ? ((const Pt2AnyUnion *)record)->which : 0;
  forget_extras (document, info, record, NULL);
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      if (info->is_union ? which == (uint32_t)field->id : pt2_field_present (info, field, record))
        forget_value (document, field->type, pt2_field_value (field, record));
    }
}

/* Unknown parts are kept by the address of what they belong to, and the next value may lie at the same. Recursion is
 * as deep as the value, which the readers bounded. */
static void
forget_value (Pt2Document *document, const Pt2TypeInfo *type, const void *value)
{
  if (type->kind == PT2_KIND_STRUCT || type->kind == PT2_KIND_UNION)
    forget_record (document, type->record, value);
  if (type->kind < PT2_KIND_LIST || type->element->kind < PT2_KIND_STRUCT)
    return;
  const Pt2AnyList *list = value;
  bool is_map = type->kind == PT2_KIND_MAP;
  size_t size = is_map ? type->entry_size : type->element->size, at = is_map ? type->key_size : 0;
  for (uint32_t i = 0; i < list->len; i++)
    forget_value (document, type->element, (const char *)list->items + i * size + at);
}

static void
forget_place (Pt2Draft *draft, const Place *place)
{
  Pt2Document *document = &draft->document;
  if (place->at != NULL)
    forget_value (document, place->type, place->at);
  else if (place->field != NULL && place->owner->is_union)
    forget_record (document, place->owner, place->record);
  else if (place->field != NULL)
    {
      forget_extras (document, place->owner, place->record, place->field->name);
      if (pt2_field_present (place->owner, place->field, place->record))
        forget_value (document, place->type, pt2_field_value (place->field, place->record));
    }
}

/* ---- putting the new one there ---- */

/* TO of the entry at FROM, both entries of MAP_TYPE. */
static void
move_entry (Pt2Draft *draft, const Pt2TypeInfo *map_type, char *to, const char *from)
{
  memcpy (to, from, map_type->key_size);
  pt2_draft_copy (draft, map_type->element, to + map_type->key_size, from + map_type->key_size);
  forget_value (&draft->document, map_type->element, from + map_type->key_size);
}

/* The map without the entry of PLACE, and with VALUE at its end. NULL stands for no entry. */
static void
rebuild_map (Pt2Draft *draft, const Place *place, const void *value)
{
  const Pt2TypeInfo *type = place->map_type;
  const char *from = place->map->entries,
             *left_out = (const char *)place->at - (place->at != NULL ? type->key_size : 0);
  char *entries = pt2_draft_alloc (draft, type->entry_size * ((size_t)place->map->len + 1)), *to = entries;
  if (entries == NULL)
    return;
  for (uint32_t i = 0; i < place->map->len; i++, from += type->entry_size)
    if (from != left_out)
      {
        move_entry (draft, type, to, from);
        to += type->entry_size;
      }
  if (value != NULL)
    {
      *(Pt2String *)(void *)to = pt2_draft_text (draft, place->key.data, place->key.len);
      memcpy (to + type->key_size, value, type->element->size);
      to += type->entry_size;
    }
  *place->map = (Pt2AnyMap){ entries, (uint32_t)((size_t)(to - entries) / type->entry_size) };
}

/* VALUE NULL: the field goes. */
static void
put_field (const Place *place, void *value)
{
  const Pt2StructInfo *info = place->owner;
  const Pt2FieldInfo *field = place->field;
  bool pointer = (field->flags & PT2_FIELD_POINTER) != 0;
  char *at = (char *)place->record + field->offset;
  if (info->is_union)
    {
      memset (place->record, 0, info->size);
      ((Pt2AnyUnion *)place->record)->which = (uint32_t)field->id;
    }
  else if (field->present_bit != PT2_NO_PRESENT_BIT)
    {
      uint32_t *words = (uint32_t *)(void *)((char *)place->record + info->present_offset);
      words[field->present_bit / 32] &= ~(UINT32_C (1) << (field->present_bit % 32));
      if (value != NULL)
        pt2_field_bit_set (info, place->record, field->present_bit);
    }
  if (pointer)
    *(void **)(void *)at = value;
  else if (value != NULL)
    memcpy (at, value, field->type->size);
  else
    memset (at, 0, field->type->size);
}

static void
put_value (Pt2Draft *draft, const Place *place, void *value)
{
  forget_place (draft, place);
  if (place->field != NULL)
    put_field (place, value);
  else if (value == NULL || place->at == NULL)
    rebuild_map (draft, place, value);
  else
    memcpy (place->at, value, place->type->size);
}

/* ---- reading it ---- */

static bool
is_null (const char *json)
{
  const char *at = json + strspn (json, " \t\r\n");
  return strncmp (at, "null", 4) == 0 && at[4 + strspn (at + 4, " \t\r\n")] == '\0';
}

static bool
may_go (const Place *place)
{
  if (place->field != NULL)
    return !place->owner->is_union && !(place->field->flags & PT2_FIELD_REQUIRED);
  return place->map != NULL && place->at != NULL;
}

static bool
fail_parts (const char *path, Pt2Status *status)
{
  pt2_status_fail (status, PT2_ERROR_P011, PT2_NO_OFFSET, "%s", "");
  pt2_status_prepend_path (status, path);
  return false;
}

/* The JSON value as a native one in memory of its own; older enum numbers are those of the program. */
static void *
read_value (Pt2Draft *draft, const Place *place, const char *path, const char *json, uint64_t depth, Pt2Status *status)
{
  Pt2FieldInfo field
      = { .name = "", .present_bit = PT2_NO_PRESENT_BIT, .flags = PT2_FIELD_REQUIRED, .type = place->type };
  Pt2StructInfo alone = { .name = "", .fields = &field, .n_fields = 1, .type = place->type };
  Pt2Document *document = &draft->document;
  const uint32_t unknown = document->n_extras[PT2_EXTRA_JSON];
  uint64_t present = 0;
  field.unit_until = place->field != NULL ? place->field->unit_until : 0;
  Pt2String text = pt2_draft_text (draft, json + strspn (json, " \t\r\n"), -1);
  void *value = pt2_draft_alloc (draft, place->type->size);
  if (text.data == NULL || value == NULL)
    return NULL;
  if (!pt2_json_read_field (document, &alone, value, &field, text, depth, &present, status))
    {
      pt2_status_prepend_path (status, path);
      return NULL;
    }
  if (document->n_extras[PT2_EXTRA_JSON] != unknown)
    return fail_parts (path, status) ? value : NULL;
  Pt2Document one = { .schema = document->schema, .type = &alone, .root = value, .minor = document->minor };
  if (pt2_old_numbers_to_new (&one, status))
    return value;
  pt2_status_prepend_path (status, path);
  return NULL;
}

static bool
set_in_draft (Pt2Draft *draft, const char *path, const char *json, uint64_t depth, GError **error)
{
  Place place;
  guint steps = 0;
  Pt2Status status = PT2_STATUS_INIT;
  if (!find_place (pt2_value_make (draft->document.type->type, draft->document.root), path, &place, &steps, error))
    return false;
  void *value = NULL;
  if (!is_null (json) || !may_go (&place))
    {
      value = read_value (draft, &place, path, json, depth > steps ? depth - steps : 1, &status);
      if (value == NULL && !draft->no_memory)
        return pt2_status_to_error (&status, error);
    }
  if (draft->no_memory)
    return true; /* the end of the draft says so */
  put_value (draft, &place, value);
  if (draft->exported->schema_version.major == draft->base->major)
    return true;
  fail_parts (path, &status);
  return pt2_status_to_error (&status, error);
}

Pt2Program *
pt2_edit_set (Pt2Program *program, const char *path, const char *json, const Pt2Limits *limits, GError **error)
{
  g_autoptr (Pt2Draft) draft = pt2_draft_new (program, PT2_DRAFT_ALL, limits, error);
  if (draft == NULL)
    return NULL;
  if (!set_in_draft (draft, path, json, (limits != NULL ? limits : pt2_limits_default ())->depth, error))
    return NULL;
  return pt2_draft_finish (g_steal_pointer (&draft), error);
}
