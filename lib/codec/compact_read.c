/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift compact to native values: one interpreter over the field tables, and before it, for what is spelled as usual,
 * the readers that the generator made of them (compact_fast.h).
 *
 * Memory a value needs is zeroed by whoever reserves it (a list at once, a
 * pointed-to struct alone), so an absent field is all zeros.
 */
#include "compact_fast.h"
#include "extras.h"
#include "value.h"

typedef struct
{
  Pt2Wire wire;
  Pt2Document *document;
  Pt2FastReader fast;
  const char *unusual; /* the generated readers stopped before here: until then they are no use */
} Reader;

enum
{
  IN_CONTAINER = 0xff, /* instead of a field header's type code: the value has no header of its own */
};

static const char *read_record (Reader *r, const char *p, const Pt2StructInfo *info, char *out);
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

/* Zeroes SIZE bytes of the arena, a multiple of 8 or rounded up to one: most are few. */
static inline void
zero (char *memory, size_t size)
{
  if (G_UNLIKELY (size > 256))
    {
      memset (memory, 0, size);
      return;
    }
  for (char *end = memory + size; memory < end; memory += 8)
    {
      memset (memory, 0, 8);
      /* Keeps the compiler from making a call of this loop. */
      __asm__("" : "+r"(memory));
    }
}

/* Room for a struct, zeroed; NULL if there is no memory. */
static inline char *
reserve (Reader *r, size_t size)
{
  char *memory = pt2_arena_alloc (&r->document->arena, size);
  if (G_LIKELY (memory != NULL))
    zero (memory, size);
  return memory;
}

/* Room for COUNT items; those that may leave a part of themselves unwritten are zeroed. */
static inline void *
reserve_items (Reader *r, const Pt2TypeInfo *item, size_t size, uint32_t count)
{
  if (item->kind == PT2_KIND_STRUCT)
    return reserve (r, size * count);
  return pt2_arena_alloc (&r->document->arena, size * count);
}

/* ---- values ---- */

static __attribute__ ((cold, noinline)) const char *
fail_width (Reader *r, const char *at, const char *width)
{
  return pt2_wire_fail (&r->wire, PT2_ERROR_T011, at, width);
}

static inline const char *
read_fixed (Reader *r, const char *p, size_t size)
{
  return G_LIKELY ((size_t)(r->wire.end - p) >= size) ? p + size : pt2_wire_fail (&r->wire, PT2_ERROR_T001, p, "");
}

/* A field's boolean is in the type code of its header, an item's is a byte. */
static inline const char *
read_bool (Reader *r, const char *p, const Pt2TypeInfo *type, unsigned wire, bool *out)
{
  if (wire != IN_CONTAINER)
    {
      *out = wire == PT2_WIRE_TRUE;
      return G_LIKELY (wire - 1 <= 1) ? p : fail_type (r, PT2_ERROR_T003, p, type, wire);
    }
  const char *next = read_fixed (r, p, 1);
  if (G_UNLIKELY (next == NULL))
    return NULL;
  /* An older text of the specification has 0 for false, and some writers follow it. */
  if (G_UNLIKELY ((unsigned char)*p > PT2_WIRE_FALSE))
    return pt2_wire_fail (&r->wire, PT2_ERROR_T013, p, "");
  *out = *p == PT2_WIRE_TRUE;
  return next;
}

static inline const char *
read_integer (Reader *r, const char *p, int64_t *value)
{
  uint64_t raw = 0;
  const char *next = pt2_wire_varint (&r->wire, p, &raw);
  *value = pt2_zigzag_decode (raw);
  return next;
}

static inline const char *
read_pointed (Reader *r, const char *p, const Pt2TypeInfo *type, char **out)
{
  char *target = reserve (r, type->size);
  if (G_UNLIKELY (target == NULL))
    return fail_no_memory (r, p);
  *out = target;
  return read_record (r, p, type->record, target);
}

/* One value: OP is what its type or field says; WIRE the type code of its field header, or IN_CONTAINER.
 * OUT: where the native value or field lies. */
static inline __attribute__ ((always_inline)) const char *
read_value (Reader *r, const char *p, unsigned op, const Pt2TypeInfo *type, unsigned wire, void *out)
{
  const char *next;
  int64_t value;
  switch (op)
    {
    case PT2_KIND_STRING:
    case PT2_KIND_BINARY:
      return pt2_wire_bytes (&r->wire, p, out);
    case PT2_KIND_STRUCT:
    case PT2_KIND_UNION:
    case PT2_OP_TEXT:
      return read_record (r, p, type->record, out);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
      return read_list (r, p, type, out);
    case PT2_KIND_MAP:
      return read_map (r, p, type, out);
    case PT2_KIND_BOOL:
      return read_bool (r, p, type, wire, out);
    case PT2_KIND_I64:
      return read_integer (r, p, out);
    case PT2_KIND_I32:
    case PT2_KIND_ENUM:
      next = read_integer (r, p, &value);
      *(int32_t *)out = (int32_t)value;
      return G_LIKELY (value == (int32_t)value) ? next : fail_width (r, p, "32 bits");
    case PT2_KIND_I16:
      next = read_integer (r, p, &value);
      *(int16_t *)out = (int16_t)value;
      return value == (int16_t)value ? next : fail_width (r, p, "16 bits");
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
    case PT2_OP_POINTER:
      return read_pointed (r, p, type, out);
    default:
      __builtin_unreachable ();
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
fail_in_field (Reader *r, const Pt2FieldInfo *field)
{
  pt2_status_prepend_field (r->wire.status, field->name, field->name_len);
  return NULL;
}

static __attribute__ ((cold, noinline)) const char *
fail_in_item (Reader *r, uint32_t index)
{
  pt2_status_prepend_index (r->wire.status, index);
  return NULL;
}

static const char *
read_items (Reader *r, const char *p, const Pt2TypeInfo *element, char *items, uint32_t count)
{
  size_t size = element->size;
  unsigned op = element->op;
  for (uint32_t i = 0; i < count; i++, items += size)
    {
      p = read_value (r, p, op, element, IN_CONTAINER, items);
      if (G_UNLIKELY (p == NULL))
        return fail_in_item (r, i);
    }
  return p;
}

static const char *
read_list (Reader *r, const char *start, const Pt2TypeInfo *type, Pt2AnyList *out)
{
  const Pt2TypeInfo *element = type->element;
  Pt2ContainerHeader header = { 0 };
  const char *p = pt2_wire_list_header (&r->wire, start, &header);
  if (G_UNLIKELY (p == NULL))
    return NULL;
  /* An empty list's item type is not checked: some writers leave it 0. */
  if (G_UNLIKELY (!pt2_wire_same_type (header.element, element->wire)) && header.count > 0)
    return fail_type (r, PT2_ERROR_T004, start, element, header.element);
  if (G_UNLIKELY ((uint64_t)header.count * element->min_wire > (uint64_t)(r->wire.end - p)))
    return pt2_wire_fail (&r->wire, PT2_ERROR_T005, start, "");
  if (!enter (r, start))
    return NULL;
  out->items = reserve_items (r, element, element->size, header.count);
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
  uint32_t duplicate = pt2_find_duplicate_key (&r->fast.keys, type, map);
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
      if (type->key->kind == PT2_KIND_STRING)
        *(Pt2String *)entries = (Pt2String){ NULL, 0 };
      p = read_value (r, p, type->key->op, type->key, IN_CONTAINER, entries);
      if (G_LIKELY (p != NULL))
        p = read_value (r, p, type->element->op, type->element, IN_CONTAINER, entries + type->key_size);
      if (G_UNLIKELY (p == NULL))
        return fail_in_entry (r, type, entries, i);
    }
  return p;
}

static const char *
read_map (Reader *r, const char *start, const Pt2TypeInfo *type, Pt2AnyMap *out)
{
  Pt2ContainerHeader header = { 0 };
  const char *p = pt2_wire_map_header (&r->wire, start, &header);
  if (G_UNLIKELY (p == NULL))
    return NULL;
  if (header.count > 0 && !pt2_wire_same_type (header.key, type->key->wire))
    return fail_type (r, PT2_ERROR_T004, start, type->key, header.key);
  if (header.count > 0 && !pt2_wire_same_type (header.element, type->element->wire))
    return fail_type (r, PT2_ERROR_T004, start, type->element, header.element);
  if ((uint64_t)header.count * (type->key->min_wire + type->element->min_wire) > (uint64_t)(r->wire.end - p))
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

/* The reserved field at P, up to NEXT. */
static const char *
read_json_parts (Reader *r, const char *p, const char *next, const Pt2StructInfo *info, void *owner, unsigned wire,
                 uint64_t *seen)
{
  Pt2String text;
  if (wire != PT2_WIRE_BINARY)
    return fail_at_field (r, PT2_ERROR_T014, p, info, "");
  pt2_wire_bytes (&r->wire, p, &text);
  Pt2ErrorCode code = pt2_extras_parse (r->document, info, owner, text, r->wire.depth, seen);
  return code == PT2_ERROR_NONE ? next : fail_at_field (r, code, p, info, "");
}

/* A field the schema does not know: its bytes are kept, or the JSON parts that travelled in the reserved field. SEEN:
 * bit i: field i was read. */
static __attribute__ ((noinline)) const char *
keep_unknown (Reader *r, const char *p, const Pt2StructInfo *info, void *owner, Pt2FieldHeader header, int after,
              uint64_t *seen)
{
  if (header.id > INT16_MAX)
    return pt2_wire_fail (&r->wire, PT2_ERROR_T011, p, "a field id has 16 bits");
  const char *next = pt2_wire_skip (&r->wire, p, header.type, false);
  if (next == NULL)
    return NULL;
  if (header.id == PT2_EXTRAS_FIELD_ID)
    return read_json_parts (r, p, next, info, owner, header.type, seen);
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

/* Is FIELD, found behind a header at START, one that may stand here? P: behind the header. */
static const char *
check_field (Reader *r, const char *start, const char *p, const Pt2StructInfo *info, const Pt2WireField *field,
             uint64_t seen, unsigned wire)
{
  if (field->op == PT2_OP_STOP)
    return p;
  if (G_UNLIKELY (seen >> field->index & 1))
    return fail_at_field (r, PT2_ERROR_T007, start, info, info->fields[field->index].name);
  if (G_LIKELY (pt2_wire_same_type (wire, field->wire)))
    return p;
  fail_type (r, PT2_ERROR_T003, p, field->type, wire);
  return fail_in_field (r, &info->fields[field->index]);
}

/* A header at P that is not that of the field NEXT: passes what the schema does not know, up to a known field or the
 * end of the struct, which is *FOUND. *SEEN: bit i: field i was read; *WIRE: the type code. */
static __attribute__ ((noinline)) const char *
find_field (Reader *r, const char *p, const Pt2StructInfo *info, char *out, const Pt2WireField *next, uint64_t *seen,
            const Pt2WireField **found, unsigned *wire)
{
  int after = next > info->wire ? next[-1].id : -1;
  Pt2FieldHeader header = { next > info->wire ? next[-1].id : 0, 0 };
  for (;;)
    {
      const char *start = p;
      p = pt2_wire_field (&r->wire, p, header.id, &header);
      if (G_UNLIKELY (p == NULL))
        return NULL;
      *wire = header.type;
      *found = header.type != PT2_WIRE_STOP ? pt2_struct_wire_by_id (info, header.id) : &info->wire[info->n_fields];
      if (G_LIKELY (*found != NULL))
        return check_field (r, start, p, info, *found, *seen, header.type);
      p = keep_unknown (r, p, info, out, header, after, seen);
      if (p == NULL)
        return NULL;
    }
}

static inline bool
finish_struct (Reader *r, const char *p, const Pt2StructInfo *info, char *out, uint64_t seen)
{
  uint64_t missing = info->required & ~seen;
  if (G_UNLIKELY (missing != 0) && !came_as_text (r, info, out, missing))
    return fail_missing (r, p - 1, info, seen) != NULL;
  if (G_UNLIKELY (r->document->extras != NULL) && pt2_extras_shadow (r->document, info, out, seen))
    return fail_at_field (r, PT2_ERROR_T014, p - 1, info, "") != NULL;
  store_present (info, out, seen);
  return true;
}

static const char *
read_struct (Reader *r, const char *p, const Pt2StructInfo *info, char *out)
{
  /* The field that Apache's writers would write next: mostly it is the one. */
  const Pt2WireField *next = info->wire;
  uint64_t seen = 0;
  if (!enter (r, p))
    return NULL;
  for (;;)
    {
      const Pt2WireField *field = next;
      unsigned wire = G_LIKELY (p < r->wire.end) ? (unsigned char)*p : PT2_HEADER_NEVER - 1;
      if (G_LIKELY (((wire ^ field->header) & field->mask) == 0) && G_LIKELY (!(seen >> field->index & 1)))
        p++;
      else
        {
          uint64_t now = seen; /* so that `seen` itself stays in a register */
          p = find_field (r, p, info, out, next, &now, &field, &wire);
          if (p == NULL)
            return NULL;
          seen = now;
        }
      if (field->op == PT2_OP_STOP)
        break;
      seen |= UINT64_C (1) << field->index;
      next = field + 1;
      p = read_value (r, p, field->op, field->type, wire & 15, out + field->offset);
      if (G_UNLIKELY (p == NULL))
        return fail_in_field (r, &info->fields[field->index]);
    }
  r->wire.depth++;
  return finish_struct (r, p, info, out, seen) ? p : NULL;
}

/* The member behind its header. */
static inline const char *
read_member (Reader *r, const char *p, const Pt2StructInfo *info, Pt2FieldHeader header, char *out)
{
  const Pt2WireField *field = pt2_struct_wire_by_id (info, header.id);
  if (G_UNLIKELY (field == NULL))
    {
      uint64_t seen = 0;
      ((Pt2AnyUnion *)out)->which = PT2_UNKNOWN_MEMBER;
      return keep_unknown (r, p, info, out, header, -1, &seen);
    }
  ((Pt2AnyUnion *)out)->which = (uint32_t)header.id;
  if (G_UNLIKELY (!pt2_wire_same_type (header.type, field->wire)))
    p = fail_type (r, PT2_ERROR_T003, p, field->type, header.type);
  else
    p = read_value (r, p, field->op, field->type, header.type, out + field->offset);
  return G_LIKELY (p != NULL) ? p : fail_in_field (r, &info->fields[field->index]);
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

static const char *
interpret_record (Reader *r, const char *p, const Pt2StructInfo *info, char *out)
{
  return info->is_union ? read_union (r, p, info, out) : read_struct (r, p, info, out);
}

/* The generated reader stopped: the interpreter reads the struct again, and they are not tried before the place where
 * they stopped is behind, so nothing is read more than twice. */
static __attribute__ ((noinline)) const char *
read_unusual (Reader *r, const char *p, const Pt2StructInfo *info, char *out)
{
  r->unusual = r->fast.stopped + 1;
  r->fast.keys.n_hashes = 0;
  memset (out, 0, info->size);
  return interpret_record (r, p, info, out);
}

/* A struct or union. OUT is zeroed. */
static const char *
read_record (Reader *r, const char *p, const Pt2StructInfo *info, char *out)
{
  if (p < r->unusual)
    return interpret_record (r, p, info, out);
  Pt2Arena *arena = &r->document->arena;
  Pt2Arena before = *arena;
  const char *next = info->read (&r->fast, p, out, r->wire.depth);
  if (G_LIKELY (next != NULL))
    return next;
  if (arena->blocks == before.blocks)
    arena->next = before.next;
  return read_unusual (r, p, info, out);
}

/* Values of graphs take a little over twice their compact bytes. In one block of that size a service that reads one
 * program after the other gets the same memory again; two blocks the C library would give back to the system each time.
 * A large program takes what it needs. */
static void
expect_values (Pt2Arena *arena, size_t len)
{
  enum
  {
    LARGE = 16 << 20,
  };
  if (arena->blocks == NULL && len < LARGE)
    arena->next_block = (size_t)MIN (MAX (arena->next_block, len / 4 * 9), arena->budget);
}

bool
pt2_compact_read (Pt2Document *document, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status)
{
  Reader r = { .wire = { data, data + len, status, document->compact_flags, MIN (limits->depth, PT2_LIMIT_DEPTH_MOST) },
               .document = document,
               .fast = { .end = data + len, .arena = &document->arena, .flags = document->compact_flags },
               .unusual = document->compact_flags & PT2_COMPACT_INTERPRET ? data + len + 1 : data };
  expect_values (&document->arena, len);
  char *root = reserve (&r, document->type->size);
  if (root == NULL)
    return pt2_document_no_memory (document, status, 0);
  const char *end = read_record (&r, data, document->type, root);
  pt2_key_table_clear (&r.fast.keys);
  if (end == NULL)
    return false;
  if (end != r.wire.end)
    return pt2_status_fail (status, PT2_ERROR_T010, (uint64_t)(end - data), "%zu bytes", (size_t)(r.wire.end - end));
  document->root = root;
  document->minor = pt2_document_find_minor (document);
  return true;
}
