/* SPDX-License-Identifier: Apache-2.0 */
#include "pt2-value.h"
#include "schema.h"
#include "value.h"
#include <string.h>

static const Pt2Value invalid = { NULL, NULL };

static inline const Pt2TypeInfo *
type_of (Pt2Value value)
{
  return value.data != NULL ? value.type : NULL;
}

static inline bool
is_kind (Pt2Value value, Pt2Kind kind)
{
  return type_of (value) != NULL && type_of (value)->kind == kind;
}

Pt2Value
pt2_value_make (const Pt2TypeInfo *type, const void *data)
{
  return (Pt2Value){ type, data };
}

Pt2Type
pt2_value_type (Pt2Value value)
{
  static const Pt2Type types[] = {
    [PT2_KIND_BOOL] = PT2_TYPE_BOOL,     [PT2_KIND_I8] = PT2_TYPE_INT,        [PT2_KIND_I16] = PT2_TYPE_INT,
    [PT2_KIND_I32] = PT2_TYPE_INT,       [PT2_KIND_I64] = PT2_TYPE_INT,       [PT2_KIND_DOUBLE] = PT2_TYPE_DOUBLE,
    [PT2_KIND_ENUM] = PT2_TYPE_ENUM,     [PT2_KIND_STRING] = PT2_TYPE_STRING, [PT2_KIND_BINARY] = PT2_TYPE_BINARY,
    [PT2_KIND_STRUCT] = PT2_TYPE_STRUCT, [PT2_KIND_UNION] = PT2_TYPE_UNION,   [PT2_KIND_LIST] = PT2_TYPE_LIST,
    [PT2_KIND_SET] = PT2_TYPE_LIST,      [PT2_KIND_MAP] = PT2_TYPE_MAP,
  };
  return type_of (value) != NULL ? types[type_of (value)->kind] : PT2_TYPE_INVALID;
}

const char *
pt2_value_type_name (Pt2Value value)
{
  return type_of (value) != NULL ? type_of (value)->name : "";
}

gboolean
pt2_value_get_bool (Pt2Value value)
{
  return is_kind (value, PT2_KIND_BOOL) && *(const bool *)value.data;
}

gint64
pt2_value_get_int (Pt2Value value)
{
  if (type_of (value) == NULL)
    return 0;
  switch (type_of (value)->kind)
    {
    case PT2_KIND_I8:
      return *(const int8_t *)value.data;
    case PT2_KIND_I16:
      return *(const int16_t *)value.data;
    case PT2_KIND_I32:
    case PT2_KIND_ENUM:
      return *(const int32_t *)value.data;
    case PT2_KIND_I64:
      return *(const int64_t *)value.data;
    default:
      return 0;
    }
}

double
pt2_value_get_double (Pt2Value value)
{
  return is_kind (value, PT2_KIND_DOUBLE) ? *(const double *)value.data : 0;
}

Pt2String
pt2_value_get_string (Pt2Value value)
{
  if (is_kind (value, PT2_KIND_STRING) || is_kind (value, PT2_KIND_BINARY))
    return *(const Pt2String *)value.data;
  return (Pt2String){ NULL, 0 };
}

static const Pt2EnumMember *
enum_member (Pt2Value value)
{
  if (!is_kind (value, PT2_KIND_ENUM))
    return NULL;
  return pt2_enum_by_value (type_of (value)->enumeration, *(const int32_t *)value.data);
}

const char *
pt2_value_enum_name (Pt2Value value)
{
  const Pt2EnumMember *member = enum_member (value);
  return member != NULL ? member->name : NULL;
}

const char *
pt2_value_enum_torch (Pt2Value value)
{
  const Pt2EnumMember *member = enum_member (value);
  return member != NULL ? member->torch : NULL;
}

static const Pt2StructInfo *
struct_of (Pt2Value value)
{
  return is_kind (value, PT2_KIND_STRUCT) ? type_of (value)->record : NULL;
}

guint
pt2_value_n_fields (Pt2Value value)
{
  const Pt2StructInfo *info = struct_of (value);
  return info != NULL ? info->n_fields : 0;
}

const char *
pt2_value_field_name (Pt2Value value, guint index)
{
  return index < pt2_value_n_fields (value) ? struct_of (value)->fields[index].name : NULL;
}

int
pt2_value_field_id (Pt2Value value, guint index)
{
  return index < pt2_value_n_fields (value) ? struct_of (value)->fields[index].id : 0;
}

Pt2Value
pt2_value_field_at (Pt2Value value, guint index)
{
  if (index >= pt2_value_n_fields (value))
    return invalid;
  const Pt2StructInfo *info = struct_of (value);
  const Pt2FieldInfo *field = &info->fields[index];
  if (!pt2_field_present (info, field, value.data))
    return invalid;
  return pt2_value_make (field->type, pt2_field_value (field, value.data));
}

static Pt2Value
field_by_name (Pt2Value value, const char *name, size_t len)
{
  const Pt2StructInfo *info = struct_of (value);
  const Pt2FieldInfo *field = info != NULL ? pt2_struct_field_by_name (info, name, len) : NULL;
  return field != NULL ? pt2_value_field_at (value, (guint)(field - info->fields)) : invalid;
}

Pt2Value
pt2_value_field (Pt2Value value, const char *name)
{
  return field_by_name (value, name, strlen (name));
}

static const Pt2FieldInfo *
chosen_member (Pt2Value value)
{
  if (!is_kind (value, PT2_KIND_UNION))
    return NULL;
  uint32_t which = ((const Pt2AnyUnion *)value.data)->which;
  return which <= INT16_MAX ? pt2_struct_field_by_id (type_of (value)->record, (int)which) : NULL;
}

const char *
pt2_value_member_name (Pt2Value value)
{
  const Pt2FieldInfo *member = chosen_member (value);
  return member != NULL ? member->name : NULL;
}

Pt2Value
pt2_value_member (Pt2Value value)
{
  const Pt2FieldInfo *member = chosen_member (value);
  return member != NULL ? pt2_value_make (member->type, pt2_field_value (member, value.data)) : invalid;
}

guint
pt2_value_length (Pt2Value value)
{
  if (is_kind (value, PT2_KIND_LIST) || is_kind (value, PT2_KIND_SET) || is_kind (value, PT2_KIND_MAP))
    return ((const Pt2AnyList *)value.data)->len;
  return 0;
}

Pt2Value
pt2_value_item (Pt2Value value, guint index)
{
  if (index >= pt2_value_length (value))
    return invalid;
  const Pt2TypeInfo *type = type_of (value);
  const char *base = ((const Pt2AnyList *)value.data)->items;
  if (type->kind == PT2_KIND_MAP)
    return pt2_value_make (type->element, base + (size_t)index * type->entry_size + type->key_size);
  return pt2_value_make (type->element, base + (size_t)index * type->element->size);
}

Pt2Value
pt2_value_key (Pt2Value value, guint index)
{
  if (!is_kind (value, PT2_KIND_MAP) || index >= pt2_value_length (value))
    return invalid;
  const Pt2TypeInfo *type = type_of (value);
  return pt2_value_make (type->key,
                         (const char *)((const Pt2AnyMap *)value.data)->entries + (size_t)index * type->entry_size);
}

Pt2Value
pt2_value_lookup (Pt2Value value, const char *key, gssize len)
{
  size_t key_len = len < 0 ? strlen (key) : (size_t)len;
  if (!is_kind (value, PT2_KIND_MAP) || type_of (value)->key->kind != PT2_KIND_STRING)
    return invalid;
  guint n = pt2_value_length (value);
  for (guint i = 0; i < n; i++)
    {
      Pt2String text = pt2_value_get_string (pt2_value_key (value, i));
      if (text.len == key_len && memcmp (text.data, key, key_len) == 0)
        return pt2_value_item (value, i);
    }
  return invalid;
}

/* One step by name: a struct's field, or the chosen member of a union if it has that name. */
static Pt2Value
step_name (Pt2Value value, const char *name, size_t len)
{
  const Pt2FieldInfo *member = chosen_member (value);
  if (member != NULL)
    return member->name_len == len && memcmp (member->name, name, len) == 0 ? pt2_value_member (value) : invalid;
  return field_by_name (value, name, len);
}

/* One step in brackets: [3] or ["key"]; sets *END behind it. */
static Pt2Value
step_bracket (Pt2Value value, const char *at, const char **end)
{
  if (at[1] == '"')
    {
      const char *close = strstr (at + 2, "\"]");
      if (close == NULL)
        return invalid;
      *end = close + 2;
      return pt2_value_lookup (value, at + 2, close - at - 2);
    }
  char *stop = NULL;
  guint64 index = g_ascii_isdigit (at[1]) ? g_ascii_strtoull (at + 1, &stop, 10) : G_MAXUINT64;
  if (stop == NULL || *stop != ']')
    return invalid;
  *end = stop + 1;
  return index <= G_MAXUINT32 ? pt2_value_item (value, (guint)index) : invalid;
}

Pt2Value
pt2_value_path (Pt2Value value, const char *path)
{
  /* A name stands first or behind a point, a bracket anywhere else. */
  bool name = *path != '\0' && *path != '[';
  while ((name || *path == '[') && pt2_value_is_valid (value))
    {
      const char *end = path + strcspn (path, ".[");
      value = name ? step_name (value, path, (size_t)(end - path)) : step_bracket (value, path, &end);
      name = *end == '.';
      path = end + name;
    }
  return *path == '\0' ? value : invalid;
}

/* ---- comparison ---- */

static bool
records_equal (const Pt2StructInfo *info, const char *a, const char *b)
{
  if (info->is_union)
    {
      uint32_t which = ((const Pt2AnyUnion *)a)->which;
      const Pt2FieldInfo *member = which <= INT16_MAX ? pt2_struct_field_by_id (info, (int)which) : NULL;
      return which == ((const Pt2AnyUnion *)b)->which
             && (member == NULL
                 || pt2_native_equal (member->type, pt2_field_value (member, a), pt2_field_value (member, b)));
    }
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      bool present = pt2_field_present (info, field, a);
      if (present != pt2_field_present (info, field, b))
        return false;
      if (present && !pt2_native_equal (field->type, pt2_field_value (field, a), pt2_field_value (field, b)))
        return false;
    }
  return true;
}

static bool
lists_equal (const Pt2TypeInfo *type, const Pt2AnyList *a, const Pt2AnyList *b)
{
  bool is_map = type->kind == PT2_KIND_MAP;
  size_t size = is_map ? type->entry_size : type->element->size;
  if (a->len != b->len)
    return false;
  for (uint32_t i = 0; i < a->len; i++)
    {
      const char *x = (const char *)a->items + i * size, *y = (const char *)b->items + i * size;
      if (is_map && !pt2_native_equal (type->key, x, y))
        return false;
      size_t at = is_map ? type->key_size : 0;
      if (!pt2_native_equal (type->element, x + at, y + at))
        return false;
    }
  return true;
}

bool
pt2_native_equal (const Pt2TypeInfo *type, const void *a, const void *b)
{
  switch (type->kind)
    {
    case PT2_KIND_STRING:
    case PT2_KIND_BINARY:
      {
        const Pt2String *x = a, *y = b;
        return x->len == y->len && (x->len == 0 || memcmp (x->data, y->data, x->len) == 0);
      }
    case PT2_KIND_STRUCT:
    case PT2_KIND_UNION:
      return records_equal (type->record, a, b);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
    case PT2_KIND_MAP:
      return lists_equal (type, a, b);
    default:
      return memcmp (a, b, type->size) == 0;
    }
}

gboolean
pt2_value_equal (Pt2Value a, Pt2Value b)
{
  if (!pt2_value_is_valid (a) || !pt2_value_is_valid (b))
    return pt2_value_is_valid (a) == pt2_value_is_valid (b);
  return a.type == b.type && pt2_native_equal (a.type, a.data, b.data);
}
