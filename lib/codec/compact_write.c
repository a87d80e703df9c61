/* SPDX-License-Identifier: Apache-2.0 */
/* Native values to Thrift compact: one interpreter over the field tables.
 *
 * The bytes are those that Apache's generated C++ and Python writers make:
 * fields in order of id, short headers wherever the step allows one.
 */
#include "compact_wire.h"
#include "extras.h"

typedef struct
{
  Pt2Buffer out; /* a copy while writing: its pointers stay in registers */
  const Pt2Document *document;
  Pt2Status *status;
} Writer;

enum
{
  HEADER_ROOM = 16, /* a field header and the longest scalar behind it */
};

static bool write_struct (Writer *w, const Pt2StructInfo *info, const char *record);
static bool write_union (Writer *w, const Pt2StructInfo *info, const char *record);
static bool write_list (Writer *w, const Pt2TypeInfo *type, const Pt2AnyList *list);
static bool write_map (Writer *w, const Pt2TypeInfo *type, const Pt2AnyMap *map);

static __attribute__ ((cold, noinline)) bool
fail_no_memory (Writer *w)
{
  return pt2_status_fail (w->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
}

static inline bool
room (Writer *w, size_t need)
{
  return pt2_buffer_room (&w->out, need) || fail_no_memory (w);
}

static inline void
put_byte (Writer *w, unsigned byte)
{
  *w->out.next++ = (char)byte;
}

static inline void
put_varint (Writer *w, uint64_t value)
{
  char *p = w->out.next;
  while (G_UNLIKELY (value > 127))
    {
      *p++ = (char)(value | 128);
      value >>= 7;
    }
  *p++ = (char)value;
  w->out.next = p;
}

static inline void
put_double (Writer *w, double value)
{
  uint64_t bits;
  memcpy (&bits, &value, 8);
  bool big = w->document->compact_flags & PT2_COMPACT_BIG_ENDIAN_DOUBLES;
  bits = big ? GUINT64_TO_BE (bits) : GUINT64_TO_LE (bits);
  pt2_buffer_put (&w->out, &bits, 8);
}

static inline bool
write_bytes (Writer *w, const char *data, size_t len)
{
  if (G_UNLIKELY (len > PT2_WIRE_MAX_COUNT))
    return pt2_status_fail (w->status, PT2_ERROR_T015, PT2_NO_OFFSET, "%zu bytes", len);
  if (!room (w, len + HEADER_ROOM))
    return false;
  put_varint (w, len);
  pt2_buffer_put (&w->out, data, len);
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
    default:
      return *(const int32_t *)value;
    }
}

/* A value behind its header or a container's item. Scalars need HEADER_ROOM to be there. */
static inline bool
write_value (Writer *w, const Pt2TypeInfo *type, const void *value)
{
  switch (type->kind)
    {
    case PT2_KIND_STRING:
    case PT2_KIND_BINARY:
      return write_bytes (w, ((const Pt2String *)value)->data, ((const Pt2String *)value)->len);
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
      put_byte (w, *(const bool *)value ? PT2_WIRE_TRUE : PT2_WIRE_FALSE);
      return true;
    case PT2_KIND_I8:
      put_byte (w, *(const uint8_t *)value);
      return true;
    case PT2_KIND_DOUBLE:
      put_double (w, *(const double *)value);
      return true;
    default:
      put_varint (w, pt2_zigzag_encode (integer_of (type, value)));
      return true;
    }
}

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
  if (G_UNLIKELY (list->len > PT2_WIRE_MAX_COUNT))
    return pt2_status_fail (w->status, PT2_ERROR_T015, PT2_NO_OFFSET, "%u items", list->len);
  if (!room (w, HEADER_ROOM))
    return false;
  if (G_LIKELY (list->len < 15))
    put_byte (w, list->len << 4 | element->wire);
  else
    {
      put_byte (w, 0xf0 | element->wire);
      put_varint (w, list->len);
    }
  for (uint32_t i = 0; i < list->len; i++, item += element->size)
    if (G_UNLIKELY (!room (w, HEADER_ROOM) || !write_value (w, element, item)))
      return fail_in_item (w, i);
  return true;
}

static bool
write_map (Writer *w, const Pt2TypeInfo *type, const Pt2AnyMap *map)
{
  const char *entry = map->entries;
  if (G_UNLIKELY (map->len > PT2_WIRE_MAX_COUNT))
    return pt2_status_fail (w->status, PT2_ERROR_T015, PT2_NO_OFFSET, "%u entries", map->len);
  if (!room (w, HEADER_ROOM))
    return false;
  put_varint (w, map->len);
  if (map->len > 0)
    put_byte (w, (unsigned)type->key->wire << 4 | type->element->wire);
  for (uint32_t i = 0; i < map->len; i++, entry += type->entry_size)
    {
      bool fine = room (w, HEADER_ROOM) && write_value (w, type->key, entry) && room (w, HEADER_ROOM)
                  && write_value (w, type->element, entry + type->key_size);
      if (G_UNLIKELY (!fine))
        return fail_in_item (w, i);
    }
  return true;
}

/* ---- fields ---- */

static inline void
put_field_header (Writer *w, int id, int last_id, unsigned wire)
{
  int step = id - last_id;
  if (G_LIKELY (step > 0 && step <= 15))
    put_byte (w, (unsigned)step << 4 | wire);
  else
    {
      put_byte (w, wire);
      put_varint (w, pt2_zigzag_encode (id));
    }
}

static inline bool
write_field (Writer *w, const Pt2FieldInfo *field, int last_id, const char *record)
{
  const Pt2TypeInfo *type = field->type;
  const void *value = pt2_field_value (field, record);
  if (!room (w, 2 * HEADER_ROOM))
    return false;
  if (type->kind == PT2_KIND_BOOL)
    {
      put_field_header (w, field->id, last_id, *(const bool *)value ? PT2_WIRE_TRUE : PT2_WIRE_FALSE);
      return true;
    }
  put_field_header (w, field->id, last_id, type->wire);
  if (G_LIKELY (write_value (w, type, value)))
    return true;
  pt2_status_prepend_field (w->status, field->name, field->name_len);
  return false;
}

/* Unknown compact fields that stood behind the known field AFTER (its id; -1: before all). */
static bool
write_unknown_after (Writer *w, const Pt2Extra *extra, int after, int *last_id)
{
  for (; extra != NULL; extra = extra->next)
    {
      if (extra->origin != PT2_EXTRA_COMPACT || extra->after != after)
        continue;
      if (!room (w, (size_t)extra->raw.len + HEADER_ROOM))
        return false;
      put_field_header (w, extra->id, *last_id, extra->wire);
      pt2_buffer_put (&w->out, extra->raw.data, extra->raw.len);
      *last_id = extra->id;
    }
  return true;
}

static bool
write_json_parts (Writer *w, const Pt2StructInfo *info, const Pt2Extra *extras, int last_id)
{
  Pt2Buffer text = PT2_BUFFER_INIT;
  bool fine = pt2_extras_print (info, extras, &text) || fail_no_memory (w);
  if (fine && pt2_buffer_len (&text) > 0)
    {
      fine = room (w, HEADER_ROOM);
      if (fine)
        put_field_header (w, PT2_EXTRAS_FIELD_ID, last_id, PT2_WIRE_BINARY);
      fine = fine && write_bytes (w, text.data, pt2_buffer_len (&text));
    }
  pt2_buffer_clear (&text);
  return fine;
}

static __attribute__ ((noinline)) bool
write_struct_with_extras (Writer *w, const Pt2StructInfo *info, const char *record, const Pt2Extra *extras)
{
  int last_id = 0;
  if (!write_unknown_after (w, extras, -1, &last_id))
    return false;
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[info->by_id[i]];
      if (!pt2_field_present (info, field, record) || pt2_extras_hold_field (w->document, info, record, field))
        continue;
      if (!write_field (w, field, last_id, record))
        return false;
      last_id = field->id;
      if (!write_unknown_after (w, extras, field->id, &last_id))
        return false;
    }
  if (!write_json_parts (w, info, extras, last_id) || !room (w, 1))
    return false;
  put_byte (w, PT2_WIRE_STOP);
  return true;
}

static bool
write_struct (Writer *w, const Pt2StructInfo *info, const char *record)
{
  const Pt2Extra *extras
      = G_UNLIKELY (w->document->extras != NULL) ? pt2_document_extras (w->document, info, record) : NULL;
  if (G_UNLIKELY (extras != NULL))
    return write_struct_with_extras (w, info, record, extras);
  int last_id = 0;
  for (unsigned i = 0; i < info->n_fields; i++)
    {
      const Pt2FieldInfo *field = &info->fields[info->by_id[i]];
      if (!pt2_field_present (info, field, record))
        continue;
      if (G_UNLIKELY (!write_field (w, field, last_id, record)))
        return false;
      last_id = field->id;
    }
  if (!room (w, 1))
    return false;
  put_byte (w, PT2_WIRE_STOP);
  return true;
}

static __attribute__ ((noinline)) bool
write_unknown_member (Writer *w, const Pt2StructInfo *info, const char *record)
{
  const Pt2Extra *extras = pt2_document_extras (w->document, info, record);
  int last_id = 0;
  if (extras == NULL)
    return pt2_status_fail (w->status, PT2_ERROR_T008, PT2_NO_OFFSET, "%s", info->name);
  if (!write_unknown_after (w, extras, -1, &last_id) || !write_json_parts (w, info, extras, last_id) || !room (w, 1))
    return false;
  put_byte (w, PT2_WIRE_STOP);
  return true;
}

static bool
write_union (Writer *w, const Pt2StructInfo *info, const char *record)
{
  uint32_t which = ((const Pt2AnyUnion *)record)->which;
  const Pt2FieldInfo *member = which <= INT16_MAX ? pt2_struct_field_by_id (info, (int)which) : NULL;
  if (G_UNLIKELY (member == NULL))
    return write_unknown_member (w, info, record);
  if (G_UNLIKELY (!write_field (w, member, 0, record)) || !room (w, 1))
    return false;
  put_byte (w, PT2_WIRE_STOP);
  return true;
}

bool
pt2_compact_write (const Pt2Document *document, Pt2Buffer *out, Pt2Status *status)
{
  Writer w = { *out, document, status };
  bool fine = document->type->is_union ? write_union (&w, document->type, document->root)
                                       : write_struct (&w, document->type, document->root);
  *out = w.out;
  return fine;
}
