/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift compact to native values: one interpreter over the field tables.
 *
 * Memory a value needs is zeroed by whoever reserves it (a list at once, a
 * pointed-to struct alone), so an absent field is all zeros.
 */
#include "compact_wire.h"
#include "duplicates.h"
#include "extras.h"
#include "value.h"

typedef struct
{
  Pt2Wire wire;
  Pt2Document *document;
  Pt2KeyTable keys;
} Reader;

static const char *read_struct (Reader *r, const char *p, const Pt2StructInfo *info, char *out);
static const char *read_union (Reader *r, const char *p, const Pt2StructInfo *info, char *out);
static const char *read_list (Reader *r, const char *p, const Pt2TypeInfo *type, Pt2AnyList *out);
static const char *read_map (Reader *r, const char *p, const Pt2TypeInfo *type, Pt2AnyMap *out);

/* Fails with a text that names the field. */
static __attribute__ ((cold, noinline)) const char *
fail_at_field (Reader *r, Pt2ErrorCode code, const char *at, const Pt2StructInfo *info, const char *field)
{
  pt2_status_fail (r->wire.status, code, (uint64_t)(at - r->wire.start), "%s%s%s", info->name,
                   field[0] != '\0' ? "." : "", field);
  return NULL;
}

static __attribute__ ((cold, noinline)) const char *
fail_type (Reader *r, Pt2ErrorCode code, const char *at, const Pt2TypeInfo *type, unsigned found)
{
  pt2_status_fail (r->wire.status, code, (uint64_t)(at - r->wire.start),
                   "expected %s (type code %u), found type code %u", type->name, type->wire, found);
  return NULL;
}

static __attribute__ ((cold, noinline)) const char *
fail_no_memory (Reader *r, const char *at)
{
  pt2_document_no_memory (r->document, r->wire.status, (uint64_t)(at - r->wire.start));
  return NULL;
}

static void *
reserve (Reader *r, uint64_t size)
{
  /* A count times a size may pass what 32-bit machines address. */
  if (size > SIZE_MAX / 2)
    {
      r->document->arena.out_of_budget = false;
      return NULL;
    }
  void *memory = pt2_arena_alloc (&r->document->arena, size);
  if (G_LIKELY (memory != NULL))
    memset (memory, 0, size);
  return memory;
}

/* ---- integers ---- */

static const char *
read_integer (Reader *r, const char *p, const Pt2TypeInfo *type, void *out)
{
  uint64_t raw;
  const char *next = pt2_wire_varint (&r->wire, p, &raw);
  if (G_UNLIKELY (next == NULL))
    return NULL;
  int64_t value = pt2_zigzag_decode (raw);
  switch (type->kind)
    {
    case PT2_KIND_I64:
      *(int64_t *)out = value;
      return next;
    case PT2_KIND_I16:
      *(int16_t *)out = (int16_t)value;
      return value == (int16_t)value ? next : pt2_wire_fail (&r->wire, PT2_ERROR_T011, p, "16 bits");
    default:
      *(int32_t *)out = (int32_t)value;
      return G_LIKELY (value == (int32_t)value) ? next : pt2_wire_fail (&r->wire, PT2_ERROR_T011, p, "32 bits");
    }
}

static const char *
read_fixed (Reader *r, const char *p, size_t size)
{
  return (size_t)(r->wire.end - p) >= size ? p + size : pt2_wire_fail (&r->wire, PT2_ERROR_T001, p, "");
}

static const char *
read_bool_item (Reader *r, const char *p, bool *out)
{
  if (p >= r->wire.end)
    return pt2_wire_fail (&r->wire, PT2_ERROR_T001, p, "");
  if (*p != PT2_WIRE_TRUE && *p != PT2_WIRE_FALSE)
    return pt2_wire_fail (&r->wire, PT2_ERROR_T013, p, "");
  *out = *p == PT2_WIRE_TRUE;
  return p + 1;
}

/* One value behind its header, or a container's item; OUT is the native value, by value. */
static inline const char *
read_value (Reader *r, const char *p, const Pt2TypeInfo *type, void *out)
{
  const char *next;
  switch (type->kind)
    {
    case PT2_KIND_STRING:
    case PT2_KIND_BINARY:
      return pt2_wire_bytes (&r->wire, p, out);
    case PT2_KIND_STRUCT:
      return read_struct (r, p, type->record, out);
    case PT2_KIND_UNION:
      return read_union (r, p, type->record, out);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
      return read_list (r, p, type, out);
    case PT2_KIND_MAP:
      return read_map (r, p, type, out);
    case PT2_KIND_BOOL:
      return read_bool_item (r, p, out);
    case PT2_KIND_I8:
      next = read_fixed (r, p, 1);
      if (next != NULL)
        *(int8_t *)out = (int8_t)*p;
      return next;
    case PT2_KIND_DOUBLE:
      next = read_fixed (r, p, 8);
      if (next != NULL)
        *(double *)out = pt2_wire_double (r->wire.flags, p);
      return next;
    default:
      return read_integer (r, p, type, out);
    }
}

/* ---- containers ---- */

static inline bool
enter (Reader *r, const char *p)
{
  if (G_UNLIKELY (r->wire.depth == 0))
    return pt2_wire_fail (&r->wire, PT2_ERROR_L002, p, "") != NULL;
  r->wire.depth--;
  return true;
}

static __attribute__ ((cold, noinline)) const char *
fail_in_item (Reader *r, uint32_t index)
{
  pt2_status_prepend_index (r->wire.status, index);
  return NULL;
}

/* Structs and unions are what most lists hold: their loops keep the type out of the inner switch. */
static const char *
read_items (Reader *r, const char *p, const Pt2TypeInfo *element, char *items, uint32_t count)
{
  size_t size = element->size;
  for (uint32_t i = 0; i < count; i++, items += size)
    {
      if (element->kind == PT2_KIND_UNION)
        p = read_union (r, p, element->record, items);
      else if (element->kind == PT2_KIND_STRUCT)
        p = read_struct (r, p, element->record, items);
      else
        p = read_value (r, p, element, items);
      if (G_UNLIKELY (p == NULL))
        return fail_in_item (r, i);
    }
  return p;
}

static const char *
read_list (Reader *r, const char *start, const Pt2TypeInfo *type, Pt2AnyList *out)
{
  const Pt2TypeInfo *element = type->element;
  Pt2ContainerHeader header;
  const char *p = pt2_wire_list_header (&r->wire, start, &header);
  if (G_UNLIKELY (p == NULL))
    return NULL;
  /* An empty list's item type is not checked: some writers leave it 0. */
  if (G_UNLIKELY (header.count > 0 && !pt2_wire_same_type (header.element, element->wire)))
    return fail_type (r, PT2_ERROR_T004, start, element, header.element);
  if (G_UNLIKELY (header.count > (size_t)(r->wire.end - p) / element->min_wire))
    return pt2_wire_fail (&r->wire, PT2_ERROR_T005, start, "");
  if (!enter (r, start))
    return NULL;
  out->items = reserve (r, (uint64_t)header.count * element->size);
  if (G_UNLIKELY (out->items == NULL))
    return fail_no_memory (r, start);
  out->len = header.count;
  p = read_items (r, p, element, out->items, header.count);
  r->wire.depth++;
  return p;
}

static __attribute__ ((cold, noinline)) const char *
fail_in_entry (Reader *r, const Pt2TypeInfo *type, const char *entry, uint32_t index)
{
  const Pt2String *key = (const Pt2String *)entry;
  if (type->key->kind == PT2_KIND_STRING && key->data != NULL)
    pt2_status_prepend_key (r->wire.status, key->data, key->len);
  else
    pt2_status_prepend_index (r->wire.status, index);
  return NULL;
}

static const char *
check_keys (Reader *r, const char *p, const Pt2TypeInfo *type, const Pt2AnyMap *map)
{
  if (G_LIKELY (map->len < 2))
    return p;
  uint32_t duplicate = pt2_find_duplicate_key (&r->keys, type, map);
  if (G_LIKELY (duplicate == PT2_NO_DUPLICATE))
    return p;
  if (duplicate == PT2_DUPLICATE_NO_MEMORY)
    return pt2_wire_fail (&r->wire, PT2_ERROR_L001, p, "");
  pt2_wire_fail (&r->wire, PT2_ERROR_T012, p, "");
  return fail_in_entry (r, type, (const char *)map->entries + (size_t)duplicate * type->entry_size, duplicate);
}

static const char *
read_entries (Reader *r, const char *p, const Pt2TypeInfo *type, char *entries, uint32_t count)
{
  for (uint32_t i = 0; i < count; i++, entries += type->entry_size)
    {
      p = read_value (r, p, type->key, entries);
      if (G_LIKELY (p != NULL))
        p = read_value (r, p, type->element, entries + type->key_size);
      if (G_UNLIKELY (p == NULL))
        return fail_in_entry (r, type, entries, i);
    }
  return p;
}

static const char *
read_map (Reader *r, const char *start, const Pt2TypeInfo *type, Pt2AnyMap *out)
{
  Pt2ContainerHeader header;
  const char *p = pt2_wire_map_header (&r->wire, start, &header);
  if (G_UNLIKELY (p == NULL))
    return NULL;
  if (header.count > 0 && !pt2_wire_same_type (header.key, type->key->wire))
    return fail_type (r, PT2_ERROR_T004, start, type->key, header.key);
  if (header.count > 0 && !pt2_wire_same_type (header.element, type->element->wire))
    return fail_type (r, PT2_ERROR_T004, start, type->element, header.element);
  if (header.count > (size_t)(r->wire.end - p) / (type->key->min_wire + type->element->min_wire))
    return pt2_wire_fail (&r->wire, PT2_ERROR_T005, start, "");
  if (!enter (r, start))
    return NULL;
  out->entries = reserve (r, (uint64_t)header.count * type->entry_size);
  if (G_UNLIKELY (out->entries == NULL))
    return fail_no_memory (r, start);
  out->len = header.count;
  p = read_entries (r, p, type, out->entries, header.count);
  r->wire.depth++;
  return p != NULL ? check_keys (r, p, type, out) : NULL;
}

/* ---- structs and unions ---- */

/* One field or member behind its header; OUT is where its native field lies. */
static inline const char *
read_field (Reader *r, const char *p, const Pt2FieldInfo *field, unsigned wire, char *out)
{
  const Pt2TypeInfo *type = field->type;
  if (type->kind == PT2_KIND_BOOL)
    {
      *(bool *)out = wire == PT2_WIRE_TRUE;
      return G_LIKELY (wire <= PT2_WIRE_FALSE) ? p : fail_type (r, PT2_ERROR_T003, p, type, wire);
    }
  if (G_UNLIKELY (wire != type->wire))
    return fail_type (r, PT2_ERROR_T003, p, type, wire);
  if (field->flags & PT2_FIELD_POINTER)
    {
      char *target = reserve (r, type->size);
      if (G_UNLIKELY (target == NULL))
        return fail_no_memory (r, p);
      *(char **)out = target;
      out = target;
    }
  return read_value (r, p, type, out);
}

/* A field the schema does not know: its bytes are kept, or JSON parts that travelled in the reserved field. */
static __attribute__ ((noinline)) const char *
keep_unknown (Reader *r, const char *p, const Pt2StructInfo *info, const void *owner, Pt2FieldHeader header, int after)
{
  if (header.id > INT16_MAX)
    return pt2_wire_fail (&r->wire, PT2_ERROR_T011, p, "a field id has 16 bits");
  const char *next = pt2_wire_skip (&r->wire, p, header.type, false);
  if (next == NULL)
    return NULL;
  if (header.id == PT2_EXTRAS_FIELD_ID)
    {
      Pt2String text;
      if (header.type != PT2_WIRE_BINARY)
        return fail_at_field (r, PT2_ERROR_T014, p, info, "");
      pt2_wire_bytes (&r->wire, p, &text);
      return pt2_extras_parse (r->document, info, owner, text) ? next : fail_at_field (r, PT2_ERROR_T014, p, info, "");
    }
  Pt2Extra extra = { .origin = PT2_EXTRA_COMPACT,
                     .after = after,
                     .id = (int16_t)header.id,
                     .wire = (uint8_t)header.type,
                     .raw = { p, (uint32_t)(next - p) } };
  if ((size_t)(next - p) > UINT32_MAX)
    return pt2_wire_fail (&r->wire, PT2_ERROR_T015, p, "");
  return pt2_document_add_extra (r->document, info, owner, &extra) ? next : fail_no_memory (r, p);
}

static __attribute__ ((cold, noinline)) const char *
fail_missing (Reader *r, const char *p, const Pt2StructInfo *info, uint64_t seen)
{
  unsigned index = (unsigned)__builtin_ctzll (info->required & ~seen);
  return fail_at_field (r, PT2_ERROR_T006, p, info, info->fields[index].name);
}

/* A required field may have come as JSON text in the reserved field (an integer too large for its type). */
static bool
came_as_text (Reader *r, const Pt2StructInfo *info, const void *owner, uint64_t missing)
{
  for (unsigned i = 0; i < info->n_fields; i++)
    if (missing >> i & 1 && !pt2_extras_hold_field (r->document, info, owner, &info->fields[i]))
      return false;
  return true;
}

static inline void
store_present (const Pt2StructInfo *info, char *out, uint64_t seen)
{
  if (info->present_words == 0)
    return;
  uint32_t *words = (uint32_t *)(out + info->present_offset);
  words[0] = (uint32_t)seen;
  if (info->present_words > 1)
    words[1] = (uint32_t)(seen >> 32);
}

static const char *
read_struct (Reader *r, const char *p, const Pt2StructInfo *info, char *out)
{
  Pt2FieldHeader header = { 0, 0 };
  uint64_t seen = 0;
  int after = -1;
  if (!enter (r, p))
    return NULL;
  for (;;)
    {
      const char *start = p;
      p = pt2_wire_field (&r->wire, p, header.id, &header);
      if (G_UNLIKELY (p == NULL))
        return NULL;
      if (header.type == PT2_WIRE_STOP)
        break;
      const Pt2FieldInfo *field = pt2_struct_field_by_id (info, header.id);
      if (G_UNLIKELY (field == NULL))
        {
          p = keep_unknown (r, p, info, out, header, after);
          if (p == NULL)
            return NULL;
          continue;
        }
      uint64_t bit = UINT64_C (1) << (field - info->fields);
      if (G_UNLIKELY (seen & bit))
        return fail_at_field (r, PT2_ERROR_T007, start, info, field->name);
      seen |= bit;
      after = header.id;
      p = read_field (r, p, field, header.type, out + field->offset);
      if (G_UNLIKELY (p == NULL))
        {
          pt2_status_prepend_field (r->wire.status, field->name, field->name_len);
          return NULL;
        }
    }
  uint64_t missing = info->required & ~seen;
  if (G_UNLIKELY (missing != 0) && !came_as_text (r, info, out, missing))
    return fail_missing (r, p - 1, info, seen);
  store_present (info, out, seen);
  r->wire.depth++;
  return p;
}

static const char *
read_member (Reader *r, const char *p, const Pt2StructInfo *info, Pt2FieldHeader header, char *out)
{
  const Pt2FieldInfo *member = pt2_struct_field_by_id (info, header.id);
  if (G_UNLIKELY (member == NULL))
    {
      ((Pt2AnyUnion *)out)->which = PT2_UNKNOWN_MEMBER;
      return keep_unknown (r, p, info, out, header, -1);
    }
  ((Pt2AnyUnion *)out)->which = (uint32_t)header.id;
  p = read_field (r, p, member, header.type, out + member->offset);
  if (G_UNLIKELY (p == NULL))
    pt2_status_prepend_field (r->wire.status, member->name, member->name_len);
  return p;
}

static const char *
read_union (Reader *r, const char *p, const Pt2StructInfo *info, char *out)
{
  Pt2FieldHeader header;
  const char *start = p;
  if (!enter (r, p))
    return NULL;
  p = pt2_wire_field (&r->wire, p, 0, &header);
  if (G_UNLIKELY (p == NULL))
    return NULL;
  if (G_UNLIKELY (header.type == PT2_WIRE_STOP))
    return fail_at_field (r, PT2_ERROR_T008, start, info, "");
  p = read_member (r, p, info, header, out);
  if (G_UNLIKELY (p == NULL))
    return NULL;
  if (G_UNLIKELY (p >= r->wire.end))
    return pt2_wire_fail (&r->wire, PT2_ERROR_T001, p, "");
  if (G_UNLIKELY (*p != PT2_WIRE_STOP))
    return fail_at_field (r, PT2_ERROR_T008, p, info, "");
  r->wire.depth++;
  return p + 1;
}

bool
pt2_compact_read (Pt2Document *document, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status)
{
  Reader r = { .wire = { data, data + len, status, document->compact_flags, MIN (limits->depth, PT2_LIMIT_DEPTH_MOST) },
               .document = document };
  char *root = reserve (&r, document->type->size);
  if (root == NULL)
    return pt2_document_no_memory (document, status, 0);
  const char *end = document->type->is_union ? read_union (&r, data, document->type, root)
                                             : read_struct (&r, data, document->type, root);
  pt2_key_table_clear (&r.keys);
  if (end == NULL)
    return false;
  if (end != r.wire.end)
    return pt2_status_fail (status, PT2_ERROR_T010, (uint64_t)(end - data), "%zu bytes", (size_t)(r.wire.end - end));
  document->root = root;
  document->minor = pt2_document_find_minor (document);
  return true;
}
