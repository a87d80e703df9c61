/* SPDX-License-Identifier: Apache-2.0 */
/* Native values to PyTorch's JSON text: one interpreter over the field tables.
 *
 * The bytes are those of PyTorch's own writer of the document's minor: fields in the order of declaration, all of them
 * written, younger ones not, separators with one blank, floats as Python's repr.
 */
#include "extras.h"
#include "json_text.h"
#include "number.h"
#include "old_numbers.h"
#include <math.h>

typedef struct
{
  Pt2Buffer out; /* a copy while writing: its pointers stay in registers */
  const Pt2Document *document;
  bool has_extras;
  uint32_t minor; /* UINT32_MAX: the newest */
  Pt2Status *status;
} Writer;

enum
{
  ROOM = 64,                   /* brackets, separators and any scalar */
  NULLS_ARE_WRITTEN_SINCE = 7, /* 8.2 and older leave a null optional out (facts: torch 2.6 against 2.7) */
};

static bool write_value (Writer *w, const Pt2TypeInfo *type, const void *value);

/* ---- faults and pieces ---- */

static __attribute__ ((cold, noinline)) bool
fail (Writer *w, Pt2ErrorCode code, const char *detail)
{
  return pt2_status_fail (w->status, code, PT2_NO_OFFSET, "%s", detail);
}

static inline bool
room (Writer *w, size_t need)
{
  return pt2_buffer_room (&w->out, need) || fail (w, PT2_ERROR_L001, "");
}

static inline void
put_char (Writer *w, char c)
{
  *w->out.next++ = c;
}

static inline bool
is_short (const Writer *w)
{
  return G_UNLIKELY (w->document->json_flags & PT2_JSON_SHORT);
}

static inline void
put_separator (Writer *w)
{
  memcpy (w->out.next, ", ", 2);
  w->out.next += is_short (w) ? 1 : 2;
}

/* Behind a key. */
static inline void
put_colon (Writer *w)
{
  memcpy (w->out.next, ": ", 2);
  w->out.next += is_short (w) ? 1 : 2;
}

static bool
write_text (Writer *w, const char *text, size_t len)
{
  if (!room (w, len + ROOM))
    return false;
  pt2_buffer_put (&w->out, text, len);
  return true;
}

static inline bool
write_string (Writer *w, const Pt2String *text)
{
  Pt2JsonFault fault;
  return G_LIKELY (pt2_json_write_string (&w->out, text->data, text->len, &fault))
         || fail (w, fault.code, fault.detail);
}

/* ---- scalars: ROOM must be there ---- */

static void
put_double (Writer *w, double value)
{
  if (isfinite (value))
    w->out.next = pt2_number_write_double (value, w->out.next);
  else
    {
      const char *word = isnan (value) ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
      pt2_buffer_put (&w->out, word, strlen (word));
    }
}

static inline void
put_bool (Writer *w, bool value)
{
  memcpy (w->out.next, value ? "true" : "false", 5);
  w->out.next += value ? 4 : 5;
}

static bool
put_enum (Writer *w, const Pt2EnumInfo *info, int32_t value)
{
  int32_t number;
  if (!pt2_number_at_minor (info, w->document->minor, value, &number))
    return pt2_status_fail (w->status, PT2_ERROR_J016, PT2_NO_OFFSET, "%s %d in 8.%u", info->name, value,
                            w->document->minor);
  w->out.next = pt2_number_write_i64 (number, w->out.next);
  return true;
}

static int64_t
integer_of (const Pt2TypeInfo *type, const void *value)
{
  switch (type->kind)
    {
    case PT2_KIND_I64:
      return *(const int64_t *)value;
    case PT2_KIND_I16:
      return *(const int16_t *)value;
    case PT2_KIND_I8:
      return *(const int8_t *)value;
    default:
      return *(const int32_t *)value;
    }
}

static bool
write_binary (Writer *w, const Pt2String *bytes)
{
  g_autofree char *text = g_base64_encode ((const guchar *)(bytes->len > 0 ? bytes->data : ""), bytes->len);
  size_t len = strlen (text);
  if (!room (w, len + ROOM))
    return false;
  put_char (w, '"');
  pt2_buffer_put (&w->out, text, len);
  put_char (w, '"');
  return true;
}

/* ---- containers ---- */

static __attribute__ ((cold, noinline)) bool
fail_in_item (Writer *w, uint32_t index)
{
  pt2_status_prepend_index (w->status, index);
  return false;
}

static bool
write_list (Writer *w, const Pt2TypeInfo *type, const Pt2AnyList *list)
{
  const Pt2TypeInfo *element = type->element;
  const char *item = list->items;
  if (!room (w, ROOM))
    return false;
  put_char (w, '[');
  for (uint32_t i = 0; i < list->len; i++, item += element->size)
    {
      if (i > 0)
        put_separator (w);
      if (G_UNLIKELY (!write_value (w, element, item)) || G_UNLIKELY (!room (w, ROOM)))
        return fail_in_item (w, i);
    }
  put_char (w, ']');
  return true;
}

static bool
write_key (Writer *w, const Pt2TypeInfo *map, const void *key)
{
  const Pt2TypeInfo *type = map->key;
  if (type->kind == PT2_KIND_STRING)
    return write_string (w, key);
  if (type->kind < PT2_KIND_I8 || type->kind > PT2_KIND_ENUM || type->kind == PT2_KIND_DOUBLE)
    return fail (w, PT2_ERROR_J020, map->name);
  put_char (w, '"');
  w->out.next = pt2_number_write_i64 (integer_of (type, key), w->out.next);
  put_char (w, '"');
  return true;
}

static bool
write_entry (Writer *w, const Pt2TypeInfo *type, const char *entry)
{
  if (G_UNLIKELY (!write_key (w, type, entry)) || G_UNLIKELY (!room (w, ROOM)))
    return false;
  put_colon (w);
  return G_LIKELY (write_value (w, type->element, entry + type->key_size)) && G_LIKELY (room (w, ROOM));
}

static __attribute__ ((cold, noinline)) bool
fail_in_entry (Writer *w, const Pt2TypeInfo *type, const char *entry, uint32_t index)
{
  const Pt2String *key = (const Pt2String *)entry;
  if (type->key->kind != PT2_KIND_STRING)
    return fail_in_item (w, index);
  pt2_status_prepend_key (w->status, key->data, key->len);
  return false;
}

static bool
write_map (Writer *w, const Pt2TypeInfo *type, const Pt2AnyMap *map)
{
  const char *entry = map->entries;
  if (!room (w, ROOM))
    return false;
  put_char (w, '{');
  for (uint32_t i = 0; i < map->len; i++, entry += type->entry_size)
    {
      if (i > 0)
        put_separator (w);
      if (G_UNLIKELY (!write_entry (w, type, entry)))
        return fail_in_entry (w, type, entry, i);
    }
  put_char (w, '}');
  return true;
}

/* ---- structs and unions ---- */

static inline void
put_key (Writer *w, const Pt2FieldInfo *field)
{
  pt2_buffer_put (&w->out, field->json_key, field->json_key_len);
  w->out.next -= is_short (w); /* the blank behind the colon */
}

/* A present field or chosen member. */
static inline bool
write_field (Writer *w, const Pt2FieldInfo *field, const void *record)
{
  const void *value = pt2_field_value (field, record);
  if (!room (w, field->json_key_len + ROOM))
    return false;
  put_key (w, field);
  if (G_UNLIKELY (field->unit_until >= w->minor) && *(const bool *)value)
    {
      pt2_buffer_put (&w->out, "[]", 2);
      return true;
    }
  if (G_LIKELY (write_value (w, field->type, value)))
    return true;
  pt2_status_prepend_field (w->status, field->name, field->name_len);
  return false;
}

/* What PyTorch writes for a field without value: NULL if nothing, as for one younger than the minor. */
static inline const char *
text_of_absent (const Writer *w, const Pt2FieldInfo *field)
{
  if (field->flags & PT2_FIELD_NULL_KEY)
    return "null";
  if (field->default_text == NULL || field->since > w->minor || is_short (w))
    return NULL;
  return strcmp (field->default_text, "null") == 0 && w->minor < NULLS_ARE_WRITTEN_SINCE ? NULL : field->default_text;
}

/* Members of one JSON object as they come. */
typedef struct
{
  bool first;
} Members;

static inline void
begin_member (Writer *w, Members *members)
{
  if (!members->first)
    put_separator (w);
  members->first = false;
}

/* The parts that stood behind the known field AFTER (-1: before all). */
static bool
write_extras_after (Writer *w, const Pt2Extra *extra, int after, Members *members)
{
  for (; extra != NULL; extra = extra->next)
    {
      if (extra->origin != PT2_EXTRA_JSON || extra->after != after)
        continue;
      if (!room (w, ROOM))
        return false;
      begin_member (w, members);
      put_char (w, '"');
      if (!write_text (w, extra->key.data, extra->key.len))
        return false;
      put_char (w, '"');
      put_colon (w);
      if (!write_text (w, extra->raw.data, extra->raw.len))
        return false;
    }
  return true;
}

/* Parts that only compact can hold are refused, by number. */
static bool
check_extras (Writer *w, const Pt2StructInfo *info, const Pt2Extra *extra)
{
  for (; extra != NULL; extra = extra->next)
    if (extra->origin == PT2_EXTRA_COMPACT)
      return pt2_status_fail (w->status, PT2_ERROR_J017, PT2_NO_OFFSET, "%s, field id %d", info->name, extra->id);
  return true;
}

static inline bool
write_absent (Writer *w, const Pt2FieldInfo *field, Members *members)
{
  const char *text = text_of_absent (w, field);
  if (text == NULL)
    return true;
  if (!room (w, field->json_key_len + ROOM))
    return false;
  begin_member (w, members);
  put_key (w, field);
  return write_text (w, text, strlen (text));
}

static __attribute__ ((noinline)) bool
write_struct_with_extras (Writer *w, const Pt2StructInfo *info, const void *record, const Pt2Extra *extras)
{
  Members members = { true };
  if (!check_extras (w, info, extras) || !room (w, ROOM))
    return false;
  put_char (w, '{');
  if (!write_extras_after (w, extras, -1, &members))
    return false;
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      if (!pt2_extras_hold_field (w->document, info, record, field))
        {
          bool present = pt2_field_present (info, field, record);
          if (!room (w, ROOM))
            return false;
          if (present)
            begin_member (w, &members);
          if (!(present ? write_field (w, field, record) : write_absent (w, field, &members)))
            return false;
        }
      if (!write_extras_after (w, extras, (int)i, &members))
        return false;
    }
  if (!room (w, ROOM))
    return false;
  put_char (w, '}');
  return true;
}

static bool
write_struct (Writer *w, const Pt2StructInfo *info, const void *record)
{
  if (G_UNLIKELY (w->has_extras))
    {
      const Pt2Extra *extras = pt2_document_extras (w->document, info, record);
      if (extras != NULL)
        return write_struct_with_extras (w, info, record, extras);
    }
  Members members = { true };
  if (!room (w, ROOM))
    return false;
  put_char (w, '{');
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      if (!pt2_field_present (info, field, record))
        {
          if (G_UNLIKELY (!write_absent (w, field, &members)))
            return false;
          continue;
        }
      begin_member (w, &members);
      if (G_UNLIKELY (!write_field (w, field, record)) || G_UNLIKELY (!room (w, ROOM)))
        return false;
    }
  if (!room (w, ROOM))
    return false;
  put_char (w, '}');
  return true;
}

static __attribute__ ((noinline)) bool
write_unknown_member (Writer *w, const Pt2StructInfo *info, const void *record)
{
  Members members = { true };
  const Pt2Extra *extras = pt2_document_extras (w->document, info, record);
  if (extras == NULL)
    return fail (w, PT2_ERROR_J018, info->name);
  if (!check_extras (w, info, extras) || !room (w, ROOM))
    return false;
  put_char (w, '{');
  if (!write_extras_after (w, extras, -1, &members) || !room (w, ROOM))
    return false;
  put_char (w, '}');
  return true;
}

/* As 2.1 and 2.2 wrote them. */
static __attribute__ ((cold, noinline)) bool
write_whole_union (Writer *w, const Pt2StructInfo *info, const void *record, const Pt2FieldInfo *member)
{
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[i];
      if (!room (w, field->json_key_len + ROOM))
        return false;
      if (i == 0)
        put_char (w, '{');
      else
        put_separator (w);
      if (field != member)
        put_key (w, field);
      if (!(field == member ? write_field (w, field, record) : write_text (w, "null", 4)))
        return false;
    }
  if (!room (w, ROOM))
    return false;
  put_char (w, '}');
  return true;
}

static bool
write_union (Writer *w, const Pt2StructInfo *info, const void *record)
{
  uint32_t which = ((const Pt2AnyUnion *)record)->which;
  const Pt2FieldInfo *member = which <= INT16_MAX ? pt2_struct_field_by_id (info, (int)which) : NULL;
  if (G_UNLIKELY (member == NULL))
    return write_unknown_member (w, info, record);
  if (G_UNLIKELY (w->document->json_flags & PT2_JSON_WHOLE_UNIONS))
    return write_whole_union (w, info, record, member);
  if (!room (w, ROOM))
    return false;
  put_char (w, '{');
  if (G_UNLIKELY (!write_field (w, member, record)) || G_UNLIKELY (!room (w, ROOM)))
    return false;
  put_char (w, '}');
  return true;
}

/* ROOM must be there for scalars. */
static inline bool
write_value (Writer *w, const Pt2TypeInfo *type, const void *value)
{
  switch (type->kind)
    {
    case PT2_KIND_STRING:
      return write_string (w, value);
    case PT2_KIND_BINARY:
      return write_binary (w, value);
    case PT2_KIND_STRUCT:
      return write_struct (w, type->record, value);
    case PT2_KIND_UNION:
      return write_union (w, type->record, value);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
      return write_list (w, type, value);
    case PT2_KIND_MAP:
      return write_map (w, type, value);
    case PT2_KIND_BOOL:
      put_bool (w, *(const bool *)value);
      return true;
    case PT2_KIND_DOUBLE:
      put_double (w, *(const double *)value);
      return true;
    case PT2_KIND_ENUM:
      return put_enum (w, type->enumeration, *(const int32_t *)value);
    default:
      w->out.next = pt2_number_write_i64 (integer_of (type, value), w->out.next);
      return true;
    }
}

bool
pt2_json_write_value (const Pt2Document *document, const Pt2TypeInfo *type, const void *value, Pt2Buffer *out,
                      Pt2Status *status)
{
  bool extras = pt2_document_has_extras (document);
  Writer w = { *out, document, extras, document->minor > 0 ? document->minor : UINT32_MAX, status };
  bool fine = room (&w, ROOM) && write_value (&w, type, value);
  *out = w.out;
  return fine;
}

bool
pt2_json_write (const Pt2Document *document, Pt2Buffer *out, Pt2Status *status)
{
  return pt2_json_write_value (document, document->type->type, document->root, out, status);
}
