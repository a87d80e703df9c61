/* SPDX-License-Identifier: Apache-2.0 */
/* Native values to Thrift compact: one interpreter over the field tables.
 *
 * What holds no unknown parts, and so needs no look-ups, goes through the writers that the generator made of the tables
 * (compact_fast.h) instead.
 *
 * The bytes are those that Apache's generated C++ and Python writers make: fields in order of id, short headers
 * wherever the step allows one. Every writing function takes the place to write at and returns the place behind what it
 * wrote, NULL with the status set if it failed. ROOM bytes are free where a field or item begins; its header and a
 * scalar or the head of a container fit into them. Structs and unions look again: they begin behind headers.
 */
#include "compact_fast.h"
#include "extras.h"

typedef struct
{
  Pt2Buffer out; /* its `next` is behind the times while writing */
  const Pt2Document *document;
  bool has_extras;
  Pt2Status *status;
} Writer;

enum
{
  ROOM = PT2_FAST_ROOM,
};

static char *write_struct (Writer *w, char *p, const Pt2StructInfo *info, const char *record);
static char *write_union (Writer *w, char *p, const Pt2StructInfo *info, const char *record);
static char *write_list (Writer *w, char *p, const Pt2TypeInfo *type, const Pt2AnyList *list);
static char *write_map (Writer *w, char *p, const Pt2TypeInfo *type, const Pt2AnyMap *map);

/* ---- room and faults ---- */

static __attribute__ ((cold, noinline)) char *
fail (Writer *w, Pt2ErrorCode code, const char *detail)
{
  pt2_status_fail (w->status, code, PT2_NO_OFFSET, "%s", detail);
  return NULL;
}

static __attribute__ ((cold, noinline)) char *
fail_in_field (Writer *w, const Pt2FieldInfo *field)
{
  pt2_status_prepend_field (w->status, field->name, field->name_len);
  return NULL;
}

static __attribute__ ((cold, noinline)) char *
fail_in_item (Writer *w, uint32_t index)
{
  pt2_status_prepend_index (w->status, index);
  return NULL;
}

static __attribute__ ((cold, noinline)) char *
grow (Writer *w, char *p, size_t need)
{
  w->out.next = p;
  return pt2_buffer_grow (&w->out, need) ? w->out.next : fail (w, PT2_ERROR_L001, "");
}

static inline char *
room (Writer *w, char *p, size_t need)
{
  return G_LIKELY ((size_t)(w->out.end - p) >= need) ? p : grow (w, p, need);
}

/* ---- values ---- */

static inline char *
write_bytes (Writer *w, char *p, const char *data, size_t len)
{
  if (G_UNLIKELY (len > PT2_WIRE_MAX_COUNT))
    return fail (w, PT2_ERROR_T015, "a text");
  p = pt2_put_varint (p, len);
  p = room (w, p, len + ROOM);
  return G_LIKELY (p != NULL) ? pt2_put_bytes (p, data, len) : NULL;
}

/* The value at VALUE (or behind a pointer there) that OP says, headers and booleans of fields excepted. */
static inline __attribute__ ((always_inline)) char *
write_value (Writer *w, char *p, unsigned op, const Pt2TypeInfo *type, const void *value)
{
  switch (op)
    {
    case PT2_KIND_STRING:
    case PT2_KIND_BINARY:
      return write_bytes (w, p, ((const Pt2String *)value)->data, ((const Pt2String *)value)->len);
    case PT2_KIND_STRUCT:
    case PT2_OP_TEXT:
      return write_struct (w, p, type->record, value);
    case PT2_KIND_UNION:
      return write_union (w, p, type->record, value);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
      return write_list (w, p, type, value);
    case PT2_KIND_MAP:
      return write_map (w, p, type, value);
    case PT2_KIND_BOOL:
      *p = *(const bool *)value ? PT2_WIRE_TRUE : PT2_WIRE_FALSE;
      return p + 1;
    case PT2_KIND_I8:
      *p = *(const char *)value;
      return p + 1;
    case PT2_KIND_I16:
      return pt2_put_varint (p, pt2_zigzag_encode (*(const int16_t *)value));
    case PT2_KIND_I32:
    case PT2_KIND_ENUM:
      return pt2_put_varint (p, pt2_zigzag_encode (*(const int32_t *)value));
    case PT2_KIND_I64:
      return pt2_put_varint (p, pt2_zigzag_encode (*(const int64_t *)value));
    case PT2_KIND_DOUBLE:
      return pt2_put_double (p, w->document->compact_flags, *(const double *)value);
    case PT2_OP_POINTER:
      value = *(const void *const *)value;
      return type->kind == PT2_KIND_STRUCT ? write_struct (w, p, type->record, value)
                                           : write_union (w, p, type->record, value);
    default:
      __builtin_unreachable ();
    }
}

static char *
write_list (Writer *w, char *p, const Pt2TypeInfo *type, const Pt2AnyList *list)
{
  const Pt2TypeInfo *element = type->element;
  const char *item = list->items;
  uint32_t len = list->len;
  size_t size = element->size;
  unsigned op = element->op;
  if (G_UNLIKELY (len > PT2_WIRE_MAX_COUNT))
    return fail (w, PT2_ERROR_T015, "a list");
  *p++ = (char)((len < 15 ? len << 4 : 0xf0) | element->wire);
  if (G_UNLIKELY (len >= 15))
    p = pt2_put_varint (p, len);
  for (uint32_t i = 0; i < len; i++, item += size)
    {
      p = room (w, p, ROOM);
      if (G_LIKELY (p != NULL))
        p = write_value (w, p, op, element, item);
      if (G_UNLIKELY (p == NULL))
        return fail_in_item (w, i);
    }
  return room (w, p, ROOM);
}

static inline char *
write_entry (Writer *w, char *p, const Pt2TypeInfo *type, const char *entry)
{
  p = room (w, p, ROOM);
  if (G_LIKELY (p != NULL))
    p = write_value (w, p, type->key->op, type->key, entry);
  if (G_LIKELY (p != NULL))
    p = room (w, p, ROOM);
  return G_LIKELY (p != NULL) ? write_value (w, p, type->element->op, type->element, entry + type->key_size) : NULL;
}

static char *
write_map (Writer *w, char *p, const Pt2TypeInfo *type, const Pt2AnyMap *map)
{
  const char *entry = map->entries;
  if (G_UNLIKELY (map->len > PT2_WIRE_MAX_COUNT))
    return fail (w, PT2_ERROR_T015, "a map");
  p = pt2_put_varint (p, map->len);
  if (map->len > 0)
    *p++ = (char)(type->key->wire << 4 | type->element->wire);
  for (uint32_t i = 0; i < map->len; i++, entry += type->entry_size)
    {
      p = write_entry (w, p, type, entry);
      if (G_UNLIKELY (p == NULL))
        return fail_in_item (w, i);
    }
  return room (w, p, ROOM);
}

/* ---- fields ---- */

static inline char *
put_field_header (char *p, int id, int last_id, unsigned wire)
{
  int step = id - last_id;
  if (G_LIKELY (step > 0 && step <= 15))
    *p++ = (char)((unsigned)step << 4 | wire);
  else
    {
      *p++ = (char)wire;
      p = pt2_put_varint (p, pt2_zigzag_encode (id));
    }
  return p;
}

/* The header and value of a field that is there; LAST_ID: the id of the field before, 0 if it is the first. */
static inline __attribute__ ((always_inline)) char *
write_field (Writer *w, char *p, const Pt2WireField *field, int last_id, const void *value)
{
  if (field->op == PT2_KIND_BOOL)
    return put_field_header (p, field->id, last_id, *(const bool *)value ? PT2_WIRE_TRUE : PT2_WIRE_FALSE);
  p = put_field_header (p, field->id, last_id, field->wire);
  return write_value (w, p, field->op, field->type, value);
}

/* Is the field at VALUE there? PRESENT: the struct's present words. */
static inline bool
is_there (const Pt2WireField *field, const void *value, uint64_t present)
{
  static const uint32_t by_pointer = 1u << PT2_KIND_STRING | 1u << PT2_KIND_BINARY | 1u << PT2_KIND_LIST
                                     | 1u << PT2_KIND_SET | 1u << PT2_KIND_MAP | 1u << PT2_OP_POINTER
                                     | 1u << PT2_OP_TEXT;
  if (by_pointer >> field->op & 1)
    return *(const void *const *)value != NULL;
  if (field->op == PT2_KIND_UNION)
    return ((const Pt2AnyUnion *)value)->which != 0;
  return present >> field->index & 1;
}

static inline uint64_t
present_words (const Pt2StructInfo *info, const char *record)
{
  const uint32_t *words = (const uint32_t *)(record + info->present_offset);
  if (info->present_words == 0)
    return 0;
  return words[0] | (info->present_words > 1 ? (uint64_t)words[1] << 32 : 0);
}

/* ---- what the schema does not know ---- */

/* Unknown compact fields that stood behind the known field AFTER (its id; -1: before all). */
static char *
write_unknown_after (Writer *w, char *p, const Pt2Extra *extra, int after, int *last_id)
{
  for (; extra != NULL && p != NULL; extra = extra->next)
    {
      if (extra->origin != PT2_EXTRA_COMPACT || extra->after != after)
        continue;
      p = put_field_header (p, extra->id, *last_id, extra->wire);
      p = room (w, p, (size_t)extra->raw.len + ROOM);
      if (p != NULL)
        p = pt2_put_bytes (p, extra->raw.data, extra->raw.len);
      *last_id = extra->id;
    }
  return p;
}

static char *
write_json_parts (Writer *w, char *p, const Pt2StructInfo *info, const Pt2Extra *extras, int last_id)
{
  Pt2Buffer text = PT2_BUFFER_INIT;
  if (!pt2_extras_print (info, extras, &text))
    p = fail (w, PT2_ERROR_L001, "");
  else if (pt2_buffer_len (&text) > 0)
    p = write_bytes (w, put_field_header (p, PT2_EXTRAS_FIELD_ID, last_id, PT2_WIRE_BINARY), text.data,
                     pt2_buffer_len (&text));
  pt2_buffer_clear (&text);
  return p;
}

static __attribute__ ((noinline)) char *
write_struct_with_extras (Writer *w, char *p, const Pt2StructInfo *info, const char *record, const Pt2Extra *extras)
{
  int last_id = 0;
  uint64_t present = present_words (info, record);
  p = room (w, p, ROOM);
  if (p != NULL)
    p = write_unknown_after (w, p, extras, -1, &last_id);
  for (const Pt2WireField *field = info->wire; p != NULL && field->op != PT2_OP_STOP; field++)
    {
      const char *value = record + field->offset;
      if (!is_there (field, value, present)
          || pt2_extras_hold_field (w->document, info, record, &info->fields[field->index]))
        continue;
      p = write_field (w, p, field, last_id, value);
      if (p == NULL)
        return fail_in_field (w, &info->fields[field->index]);
      last_id = field->id;
      p = room (w, p, ROOM);
      if (p != NULL)
        p = write_unknown_after (w, p, extras, field->id, &last_id);
    }
  if (p != NULL)
    p = write_json_parts (w, p, info, extras, last_id);
  if (p != NULL)
    *p++ = PT2_WIRE_STOP;
  return p != NULL ? room (w, p, ROOM) : NULL;
}

static __attribute__ ((noinline)) char *
write_unknown_member (Writer *w, char *p, const Pt2StructInfo *info, const char *record)
{
  const Pt2Extra *extras = pt2_document_extras (w->document, info, record);
  int last_id = 0;
  if (extras == NULL)
    return fail (w, PT2_ERROR_T008, info->name);
  p = write_unknown_after (w, p, extras, -1, &last_id);
  if (p != NULL)
    p = write_json_parts (w, p, info, extras, last_id);
  if (p != NULL)
    *p++ = PT2_WIRE_STOP;
  return p != NULL ? room (w, p, ROOM) : NULL;
}

/* ---- structs and unions ---- */

static char *
write_struct (Writer *w, char *p, const Pt2StructInfo *info, const char *record)
{
  if (G_UNLIKELY (w->has_extras))
    {
      const Pt2Extra *extras = pt2_document_extras (w->document, info, record);
      if (extras != NULL)
        return write_struct_with_extras (w, p, info, record, extras);
    }
  int last_id = 0;
  uint64_t present = present_words (info, record);
  p = room (w, p, ROOM);
  if (G_UNLIKELY (p == NULL))
    return NULL;
  for (const Pt2WireField *field = info->wire; field->op != PT2_OP_STOP; field++)
    {
      const char *value = record + field->offset;
      if (!is_there (field, value, present))
        continue;
      p = write_field (w, p, field, last_id, value);
      if (G_UNLIKELY (p == NULL))
        return fail_in_field (w, &info->fields[field->index]);
      last_id = field->id;
      p = room (w, p, ROOM);
      if (G_UNLIKELY (p == NULL))
        return NULL;
    }
  *p++ = PT2_WIRE_STOP;
  return room (w, p, ROOM);
}

static char *
write_union (Writer *w, char *p, const Pt2StructInfo *info, const char *record)
{
  uint32_t which = ((const Pt2AnyUnion *)record)->which;
  const Pt2WireField *field = which <= INT16_MAX ? pt2_struct_wire_by_id (info, (int)which) : NULL;
  p = room (w, p, ROOM);
  if (G_UNLIKELY (p == NULL))
    return NULL;
  if (G_UNLIKELY (field == NULL))
    return write_unknown_member (w, p, info, record);
  p = write_field (w, p, field, 0, record + field->offset);
  if (G_UNLIKELY (p == NULL))
    return fail_in_field (w, &info->fields[field->index]);
  *p++ = PT2_WIRE_STOP;
  return room (w, p, ROOM);
}

/* False: nothing is written; the interpreter will know why. */
static bool
write_fast (const Pt2Document *document, const Pt2StructInfo *info, const void *record, Pt2Buffer *out)
{
  size_t before = pt2_buffer_len (out);
  Pt2FastWriter w = { *out, document->compact_flags };
  char *p = info->write (&w, w.out.next, record);
  *out = w.out;
  if (p != NULL)
    out->next = p;
  else if (out->data != NULL)
    out->next = out->data + before;
  return p != NULL;
}

bool
pt2_compact_write_record (const Pt2Document *document, const Pt2StructInfo *info, const void *record, Pt2Buffer *out,
                          Pt2Status *status)
{
  bool extras = pt2_document_has_extras (document);
  bool interpret = extras || document->compact_flags & PT2_COMPACT_INTERPRET;
  if (G_LIKELY (!interpret) && G_LIKELY (write_fast (document, info, record, out)))
    return true;
  Writer w = { *out, document, extras, status };
  char *p = room (&w, w.out.next, ROOM);
  if (p != NULL)
    p = info->is_union ? write_union (&w, p, info, record) : write_struct (&w, p, info, record);
  if (p != NULL)
    w.out.next = p;
  *out = w.out;
  return p != NULL;
}

bool
pt2_compact_write (const Pt2Document *document, Pt2Buffer *out, Pt2Status *status)
{
  return pt2_compact_write_record (document, document->type, document->root, out, status);
}
