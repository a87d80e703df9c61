/* SPDX-License-Identifier: Apache-2.0 */
/* PyTorch's JSON to native values: one interpreter over the field tables.
 *
 * Keys that stand where PyTorch writes them are recognised with one comparison; any other order, spacing or
 * escaping is read as well, only slower. What the schema does not name is kept as extras, byte for byte.
 * Memory a value needs is zeroed by whoever reserves it, so an absent field is all zeros.
 */
#include "duplicates.h"
#include "extras.h"
#include "json_scratch.h"
#include "json_text.h"
#include "number.h"
#include "old_numbers.h"
#include "value.h"

typedef struct
{
  Pt2Document *document;
  Pt2Scratch scratch;
  Pt2KeyTable keys;
  const char *start, *end;
  uint64_t depth; /* levels left */
  Pt2Status *status;
} Reader;

/* What an empty container points to: it is there, and holds nothing. */
static const uint64_t nothing[1];

static const char *read_value (Reader *r, const char *p, const Pt2TypeInfo *type, void *out);
static const char *read_struct (Reader *r, const char *p, const Pt2StructInfo *info, char *out);
static const char *read_union (Reader *r, const char *p, const Pt2StructInfo *info, char *out);

/* ---- faults ---- */

static __attribute__ ((cold, noinline)) const char *
fail (Reader *r, Pt2ErrorCode code, const char *at, const char *detail)
{
  pt2_status_fail (r->status, code, (uint64_t)(at - r->start), "%s", detail);
  return NULL;
}

static __attribute__ ((cold, noinline)) const char *
fail_fault (Reader *r, const Pt2JsonFault *fault)
{
  if (fault->code == PT2_ERROR_L003)
    pt2_document_no_memory (r->document, r->status, (uint64_t)(fault->at - r->start));
  else
    pt2_json_fail (r->status, r->start, fault);
  return NULL;
}

static __attribute__ ((cold, noinline)) const char *
unexpected (Reader *r, const char *p, const char *detail)
{
  Pt2JsonFault fault = pt2_json_unexpected (p, r->end, detail);
  return fail_fault (r, &fault);
}

static __attribute__ ((cold, noinline)) const char *
no_memory (Reader *r, const char *at)
{
  pt2_document_no_memory (r->document, r->status, (uint64_t)(at - r->start));
  return NULL;
}

/* What stands at P is none of TYPE: says what was expected and what is there. */
static __attribute__ ((cold, noinline)) const char *
fail_type (Reader *r, const char *p, const Pt2TypeInfo *type)
{
  const char *found = pt2_json_describe (p, r->end);
  if (found == NULL)
    return unexpected (r, p, "a value must stand here");
  Pt2ErrorCode code = *p == 'n' ? PT2_ERROR_J010 : PT2_ERROR_J009;
  pt2_status_fail (r->status, code, (uint64_t)(p - r->start), "expected %s, found %s", type->name, found);
  return NULL;
}

static __attribute__ ((cold, noinline)) const char *
fail_in_field (Reader *r, const Pt2FieldInfo *field)
{
  pt2_status_prepend_field (r->status, field->name, field->name_len);
  return NULL;
}

static __attribute__ ((cold, noinline)) const char *
fail_in_item (Reader *r, uint32_t index)
{
  pt2_status_prepend_index (r->status, index);
  return NULL;
}

static inline bool
enter (Reader *r, const char *p)
{
  if (G_UNLIKELY (r->depth == 0))
    return fail (r, PT2_ERROR_L002, p, "") != NULL;
  r->depth--;
  return true;
}

static inline void *
reserve (Reader *r, size_t size)
{
  void *memory = pt2_arena_alloc (&r->document->arena, size);
  if (G_LIKELY (memory != NULL))
    memset (memory, 0, size);
  return memory;
}

static inline const char *
read_text (Reader *r, const char *p, Pt2String *out)
{
  Pt2JsonFault fault;
  const char *behind = pt2_json_read_string (&r->document->arena, p, r->end, out, &fault);
  return G_LIKELY (behind != NULL) ? behind : fail_fault (r, &fault);
}

static const char *
skip_value (Reader *r, const char *p)
{
  Pt2JsonFault fault;
  const char *behind = pt2_json_skip (p, r->end, r->depth, &fault);
  return behind != NULL ? behind : fail_fault (r, &fault);
}

/* Does the word stand at P? */
static inline bool
is_word (const Reader *r, const char *p, const char *word, size_t len)
{
  return (size_t)(r->end - p) >= len && memcmp (p, word, len) == 0;
}

/* ---- scalars ---- */

static const char *
read_bool (Reader *r, const char *p, const Pt2TypeInfo *type, bool *out)
{
  *out = is_word (r, p, "true", 4);
  if (*out)
    return p + 4;
  return is_word (r, p, "false", 5) ? p + 5 : fail_type (r, p, type);
}

/* The chosen one among the members of a union; before PyTorch 2.6 its value was an empty list. */
static const char *
read_unit (Reader *r, const char *p, const Pt2TypeInfo *type, bool *out)
{
  if (p >= r->end || *p != '[')
    return read_bool (r, p, type, out);
  const char *close = pt2_json_blanks (p + 1, r->end);
  if (close >= r->end || *close != ']')
    return close >= r->end ? unexpected (r, close, "") : fail_type (r, p, type);
  *out = true;
  return close + 1;
}

/* Small integers, which most are; NULL if it is another number or none. */
static inline const char *
read_short_integer (const Reader *r, const char *p, int64_t *value)
{
  bool negative = p < r->end && *p == '-';
  const char *at = p + negative;
  uint64_t sum = 0;
  const char *digits = at;
  while (at < r->end && (unsigned char)(*at - '0') < 10 && at - digits < 18)
    sum = sum * 10 + (unsigned char)(*at++ - '0');
  bool odd = at == digits || (*digits == '0' && at - digits > 1) || at >= r->end || *at == '.' || *at == 'e'
             || *at == 'E' || (unsigned char)(*at - '0') < 10;
  *value = negative ? -(int64_t)sum : (int64_t)sum;
  return odd ? NULL : at;
}

static const char *
scan_number (Reader *r, const char *p, const Pt2TypeInfo *type, Pt2NumberText *number)
{
  const char *behind = pt2_number_read_json (p, r->end, number);
  if (behind != NULL)
    return behind;
  Pt2JsonFault fault;
  bool integer;
  const char *found = pt2_json_describe (p, r->end);
  if (found == NULL || strcmp (found, "a number") != 0)
    return fail_type (r, p, type);
  behind = pt2_json_scan_number (p, r->end, &integer, &fault);
  return behind != NULL ? fail (r, PT2_ERROR_J006, p, "") : fail_fault (r, &fault);
}

static inline const char *
read_i64 (Reader *r, const char *p, const Pt2TypeInfo *type, int64_t *value)
{
  const char *behind = read_short_integer (r, p, value);
  if (G_LIKELY (behind != NULL))
    return behind;
  Pt2NumberText number;
  behind = scan_number (r, p, type, &number);
  if (behind == NULL)
    return NULL;
  *value = number.i64;
  if (number.kind == PT2_NUMBER_I64)
    return behind;
  return number.kind == PT2_NUMBER_BIG
             ? fail (r, PT2_ERROR_J009, p, "expected an integer of 64 bits, found a larger one")
             : fail (r, PT2_ERROR_J009, p, "expected an integer, found a number with a fraction");
}

/* Into the native integer of TYPE; false if it does not fit. */
static inline bool
store_integer (const Pt2TypeInfo *type, int64_t value, void *out)
{
  switch (type->kind)
    {
    case PT2_KIND_I64:
      *(int64_t *)out = value;
      return true;
    case PT2_KIND_I16:
      *(int16_t *)out = (int16_t)value;
      return value == (int16_t)value;
    case PT2_KIND_I8:
      *(int8_t *)out = (int8_t)value;
      return value == (int8_t)value;
    default:
      *(int32_t *)out = (int32_t)value;
      return value == (int32_t)value;
    }
}

static inline const char *
read_integer (Reader *r, const char *p, const Pt2TypeInfo *type, void *out)
{
  int64_t value;
  const char *behind = read_i64 (r, p, type, &value);
  if (G_UNLIKELY (behind == NULL) || G_LIKELY (store_integer (type, value, out)))
    return behind;
  return fail (r, PT2_ERROR_J009, p, "the integer does not fit its type");
}

/* A number, or a text that Python's float() takes: that is how PyTorch writes what JSON cannot. */
static const char *
read_double (Reader *r, const char *p, const Pt2TypeInfo *type, double *out)
{
  Pt2NumberText number;
  Pt2String text;
  const char *behind;
  if (p < r->end && *p == '"')
    {
      behind = read_text (r, p, &text);
      if (behind != NULL && !pt2_number_read_python_float (text.data, text.len, out))
        return fail (r, PT2_ERROR_J009, p, "expected a number, found a text that is none");
      return behind;
    }
  behind = scan_number (r, p, type, &number);
  if (behind != NULL)
    *out = number.kind == PT2_NUMBER_I64 ? (double)number.i64 : number.number;
  return behind;
}

static const char *
read_binary (Reader *r, const char *p, Pt2String *out)
{
  Pt2String text;
  const char *behind = read_text (r, p, &text);
  if (behind == NULL)
    return NULL;
  char *bytes = reserve (r, (size_t)text.len + 1);
  if (bytes == NULL)
    return no_memory (r, p);
  memcpy (bytes, text.data, text.len);
  gsize len = 0;
  if (strspn (bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != text.len
      || text.len % 4 != 0)
    return fail (r, PT2_ERROR_J019, p, "");
  if (text.len > 0)
    g_base64_decode_inplace (bytes, &len);
  *out = (Pt2String){ bytes, (uint32_t)len };
  return behind;
}

/* ---- containers ---- */

static inline const char *
read_item (Reader *r, const char *p, const Pt2TypeInfo *type, void *out)
{
  if (type->kind == PT2_KIND_UNION)
    return read_union (r, p, type->record, out);
  if (type->kind == PT2_KIND_STRUCT)
    return read_struct (r, p, type->record, out);
  return read_value (r, p, type, out);
}

/* Behind `, ` or the closing bracket behind a part at P; *DONE: the latter. */
static inline const char *
next_part (Reader *r, const char *p, char close, bool *done)
{
  if (G_LIKELY (r->end - p >= 2) && *p == ',' && p[1] == ' ' && p + 2 < r->end && p[2] > ' ')
    {
      *done = false;
      return p + 2;
    }
  p = pt2_json_blanks (p, r->end);
  *done = p < r->end && *p == close;
  if (*done)
    return p + 1;
  if (p >= r->end || *p != ',')
    return unexpected (r, p, close == ']' ? "`,` or `]` must stand here" : "`,` or `}` must stand here");
  return pt2_json_blanks (p + 1, r->end);
}

/* The items behind the opening bracket of a list that is not empty. */
static const char *
read_items (Reader *r, const char *p, const Pt2TypeInfo *element, Pt2ScratchList *list, uint32_t *len)
{
  size_t size = element->size;
  bool done = false;
  for (uint32_t i = 0; !done; i++)
    {
      char *item = pt2_scratch_push (&r->scratch, list, size);
      if (G_UNLIKELY (item == NULL))
        return no_memory (r, p);
      memset (item, 0, size);
      p = read_item (r, p, element, item);
      if (G_UNLIKELY (p == NULL))
        return fail_in_item (r, i);
      *len = i + 1;
      p = next_part (r, p, ']', &done);
      if (G_UNLIKELY (p == NULL))
        return NULL;
    }
  return p;
}

/* Moves what the scratch list holds to the arena. */
static bool
keep_items (Reader *r, const char *at, const Pt2ScratchList *list, void **items)
{
  size_t size = pt2_scratch_used (&r->scratch, list);
  *items = pt2_arena_alloc (&r->document->arena, size);
  if (G_UNLIKELY (*items == NULL))
    return no_memory (r, at) != NULL;
  memcpy (*items, list->items, size);
  return true;
}

static const char *
read_list (Reader *r, const char *start, const Pt2TypeInfo *type, Pt2AnyList *out)
{
  if (G_UNLIKELY (start >= r->end || *start != '['))
    return fail_type (r, start, type);
  const char *p = pt2_json_blanks (start + 1, r->end);
  if (!enter (r, start))
    return NULL;
  if (p < r->end && *p == ']')
    {
      out->items = (void *)nothing;
      r->depth++;
      return p + 1;
    }
  Pt2ScratchList list;
  pt2_scratch_begin (&r->scratch, &list);
  p = read_items (r, p, type->element, &list, &out->len);
  bool kept = p != NULL && keep_items (r, start, &list, &out->items);
  pt2_scratch_end (&r->scratch, &list);
  r->depth++;
  return kept ? p : NULL;
}

/* A map's key as native value of its type: JSON has only texts there. */
static bool
store_key (const Pt2TypeInfo *key, Pt2String text, void *out)
{
  Pt2NumberText number;
  if (key->kind == PT2_KIND_STRING)
    {
      *(Pt2String *)out = text;
      return true;
    }
  const char *end = text.data + text.len;
  return pt2_number_read_json (text.data, end, &number) == end && number.kind == PT2_NUMBER_I64
         && store_integer (key, number.i64, out);
}

static bool
key_has_json_form (const Pt2TypeInfo *key)
{
  static const uint32_t kinds = 1u << PT2_KIND_STRING | 1u << PT2_KIND_I8 | 1u << PT2_KIND_I16 | 1u << PT2_KIND_I32
                                | 1u << PT2_KIND_I64 | 1u << PT2_KIND_ENUM;
  return kinds >> key->kind & 1;
}

/* The key at P and the colon behind it. */
static const char *
read_map_key (Reader *r, const char *p, const Pt2TypeInfo *type, char *entry)
{
  Pt2String text;
  const char *start = p;
  if (p >= r->end || *p != '"')
    return unexpected (r, p, "a key must stand here");
  p = read_text (r, p, &text);
  if (p == NULL)
    return NULL;
  if (!key_has_json_form (type->key))
    return fail (r, PT2_ERROR_J020, start, type->name);
  if (!store_key (type->key, text, entry))
    return fail (r, PT2_ERROR_J009, start, "expected an integer as key");
  p = pt2_json_blanks (p, r->end);
  if (p >= r->end || *p != ':')
    return unexpected (r, p, "a colon must stand here");
  return pt2_json_blanks (p + 1, r->end);
}

static __attribute__ ((cold, noinline)) const char *
fail_in_entry (Reader *r, const Pt2TypeInfo *type, const char *entry, uint32_t index)
{
  if (type->key->kind != PT2_KIND_STRING)
    return fail_in_item (r, index);
  const Pt2String *key = (const Pt2String *)entry;
  pt2_status_prepend_key (r->status, key->data, key->len);
  return NULL;
}

static const char *
read_entries (Reader *r, const char *p, const Pt2TypeInfo *type, Pt2ScratchList *list, uint32_t *len)
{
  bool done = false;
  for (uint32_t i = 0; !done; i++)
    {
      char *entry = pt2_scratch_push (&r->scratch, list, type->entry_size);
      if (G_UNLIKELY (entry == NULL))
        return no_memory (r, p);
      memset (entry, 0, type->entry_size);
      p = read_map_key (r, p, type, entry);
      if (G_UNLIKELY (p == NULL))
        return NULL;
      p = read_item (r, p, type->element, entry + type->key_size);
      if (G_UNLIKELY (p == NULL))
        return fail_in_entry (r, type, entry, i);
      *len = i + 1;
      p = next_part (r, p, '}', &done);
      if (G_UNLIKELY (p == NULL))
        return NULL;
    }
  return p;
}

static bool
check_keys (Reader *r, const char *at, const Pt2TypeInfo *type, const Pt2AnyMap *map)
{
  uint32_t duplicate = pt2_find_duplicate_key (&r->keys, type, map);
  if (G_LIKELY (duplicate == PT2_NO_DUPLICATE))
    return true;
  if (duplicate == PT2_DUPLICATE_NO_MEMORY)
    return fail (r, PT2_ERROR_L001, at, "") != NULL;
  fail (r, PT2_ERROR_J012, at, "");
  return fail_in_entry (r, type, (const char *)map->entries + (size_t)duplicate * type->entry_size, duplicate) != NULL;
}

static const char *
read_map (Reader *r, const char *start, const Pt2TypeInfo *type, Pt2AnyMap *out)
{
  if (G_UNLIKELY (start >= r->end || *start != '{'))
    return fail_type (r, start, type);
  const char *p = pt2_json_blanks (start + 1, r->end);
  if (!enter (r, start))
    return NULL;
  if (p < r->end && *p == '}')
    {
      out->entries = (void *)nothing;
      r->depth++;
      return p + 1;
    }
  Pt2ScratchList list;
  pt2_scratch_begin (&r->scratch, &list);
  p = read_entries (r, p, type, &list, &out->len);
  bool kept = p != NULL && keep_items (r, start, &list, &out->entries);
  pt2_scratch_end (&r->scratch, &list);
  r->depth++;
  return kept && check_keys (r, start, type, out) ? p : NULL;
}

static inline const char *
read_value (Reader *r, const char *p, const Pt2TypeInfo *type, void *out)
{
  switch (type->kind)
    {
    case PT2_KIND_STRING:
      return G_LIKELY (p < r->end && *p == '"') ? read_text (r, p, out) : fail_type (r, p, type);
    case PT2_KIND_BINARY:
      return p < r->end && *p == '"' ? read_binary (r, p, out) : fail_type (r, p, type);
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
      return read_bool (r, p, type, out);
    case PT2_KIND_DOUBLE:
      return read_double (r, p, type, out);
    default:
      return read_integer (r, p, type, out);
    }
}

/* ---- fields ---- */

static inline bool
same_bytes (const char *p, const char *text, size_t len)
{
  if (len < 8)
    return memcmp (p, text, len) == 0;
  size_t i = 0;
  for (; i + 8 <= len; i += 8)
    if (pt2_json_load64 (p + i) != pt2_json_load64 (text + i))
      return false;
  return pt2_json_load64 (p + len - 8) == pt2_json_load64 (text + len - 8);
}

/* Does FIELD's key stand at P, spelled and spaced as PyTorch does? */
static inline bool
key_is (const Reader *r, const char *p, const Pt2FieldInfo *field)
{
  return (size_t)(r->end - p) > field->json_key_len && same_bytes (p, field->json_key, field->json_key_len);
}

/* The field whose key stands at P, if it is spelled as PyTorch does and no shorter than five letters. */
static inline const Pt2FieldInfo *
find_by_slot (const Reader *r, const char *p, const Pt2StructInfo *info)
{
  if (G_UNLIKELY (r->end - p < 9 || info->key_slot == NULL))
    return NULL;
  unsigned at = info->key_slot[PT2_KEY_HASH (GUINT64_FROM_LE (pt2_json_load64 (p + 1)))];
  for (; at != 0; at = info->fields[at - 1].next_same_key)
    if (key_is (r, p, &info->fields[at - 1]))
      return &info->fields[at - 1];
  return NULL;
}

/* A key and its colon at P, however it is spelled. */
typedef struct
{
  Pt2String raw;             /* as spelled, without quotes */
  const Pt2FieldInfo *field; /* NULL: unknown */
} Key;

static __attribute__ ((noinline)) const char *
read_key (Reader *r, const char *p, const Pt2StructInfo *info, Key *key)
{
  Pt2String text;
  const char *start = p;
  if (p >= r->end || *p != '"')
    return unexpected (r, p, "a key must stand here");
  p = read_text (r, p, &text);
  if (p == NULL)
    return NULL;
  key->raw = (Pt2String){ start + 1, (uint32_t)(p - start - 2) };
  key->field = pt2_struct_field_by_name (info, text.data, text.len);
  p = pt2_json_blanks (p, r->end);
  if (p >= r->end || *p != ':')
    return unexpected (r, p, "a colon must stand here");
  return pt2_json_blanks (p + 1, r->end);
}

/* Keeps the value at P, unread, under KEY. AFTER: index of the known field before it, -1 if none. */
static __attribute__ ((noinline)) const char *
keep_unread (Reader *r, const char *p, const Pt2StructInfo *info, const void *owner, Pt2String key, int after)
{
  const char *behind = skip_value (r, p);
  if (behind == NULL)
    return NULL;
  Pt2Extra extra = { .origin = PT2_EXTRA_JSON, .after = after, .key = key, .raw = { p, (uint32_t)(behind - p) } };
  return pt2_document_add_extra (r->document, info, owner, &extra) ? behind : no_memory (r, p);
}

/* An integer too large for its 64 bits (Python knows no limit) stays as it is written. */
static bool
is_big_integer (const Reader *r, const char *p, const Pt2FieldInfo *field)
{
  Pt2NumberText number;
  if (field->type->kind != PT2_KIND_I64 || p >= r->end || (*p != '-' && !g_ascii_isdigit (*p)))
    return false;
  return r->end - p > 18 && pt2_number_read_json (p, r->end, &number) != NULL && number.kind == PT2_NUMBER_BIG;
}

/* The value of FIELD at P; OUT is where its native field lies. */
static inline const char *
read_field (Reader *r, const char *p, const Pt2FieldInfo *field, char *out)
{
  const Pt2TypeInfo *type = field->type;
  if (field->flags & PT2_FIELD_POINTER)
    {
      char *target = reserve (r, type->size);
      if (G_UNLIKELY (target == NULL))
        return no_memory (r, p);
      *(char **)out = target;
      out = target;
    }
  if (G_UNLIKELY (field->unit_until != 0))
    return read_unit (r, p, type, (bool *)out);
  return read_value (r, p, type, out);
}

/* ---- structs ---- */

/* Unknown keys may not repeat; known ones are counted in SEEN. */
static bool
check_extra_keys (Reader *r, const char *at, const Pt2StructInfo *info, const void *owner, uint32_t n)
{
  static const Pt2TypeInfo text_type = { .kind = PT2_KIND_STRING, .size = sizeof (Pt2String) };
  static const Pt2TypeInfo keys_type
      = { .kind = PT2_KIND_MAP, .key = &text_type, .element = &text_type, .entry_size = sizeof (Pt2String) };
  Pt2AnyMap keys = { pt2_arena_alloc (&r->document->arena, n * sizeof (Pt2String)), n };
  Pt2String *text = keys.entries;
  if (text == NULL)
    return no_memory (r, at) != NULL;
  for (const Pt2Extra *extra = pt2_document_extras (r->document, info, owner); extra != NULL; extra = extra->next)
    if (read_text (r, extra->key.data - 1, text++) == NULL)
      return false;
  return check_keys (r, at, &keys_type, &keys);
}

static __attribute__ ((cold, noinline)) const char *
fail_twice (Reader *r, const char *at, const Pt2FieldInfo *field)
{
  fail (r, PT2_ERROR_J012, at, "");
  return fail_in_field (r, field);
}

static __attribute__ ((cold, noinline)) const char *
fail_missing (Reader *r, const char *at, const Pt2StructInfo *info, uint64_t missing)
{
  pt2_status_fail (r->status, PT2_ERROR_J011, (uint64_t)(at - r->start), "%s.%s", info->name,
                   info->fields[__builtin_ctzll (missing)].name);
  return NULL;
}

static inline void
store_present (const Pt2StructInfo *info, char *out, uint64_t present)
{
  if (info->present_words == 0)
    return;
  uint32_t *words = (uint32_t *)(out + info->present_offset);
  words[0] = (uint32_t)present;
  if (info->present_words > 1)
    words[1] = (uint32_t)(present >> 32);
}

/* A struct while its members are read. */
typedef struct
{
  const Pt2StructInfo *info;
  char *out;
  uint64_t seen;    /* bit i: key i stood there */
  uint64_t present; /* bit i: it has a value */
  uint32_t n_extras;
  unsigned next; /* index of the field that PyTorch would write next */
} Members;

static inline const char *
read_known (Reader *r, const char *p, Members *m, const Pt2FieldInfo *field)
{
  unsigned index = (unsigned)(field - m->info->fields);
  uint64_t bit = UINT64_C (1) << index;
  if (G_UNLIKELY (m->seen & bit))
    return fail_twice (r, p, field);
  m->seen |= bit;
  int after = (int)m->next - 1;
  m->next = index + 1;
  if (!(field->flags & PT2_FIELD_REQUIRED) && is_word (r, p, "null", 4))
    return p + 4;
  if (G_UNLIKELY (is_big_integer (r, p, field)))
    {
      m->n_extras++;
      return keep_unread (r, p, m->info, m->out, (Pt2String){ field->name, field->name_len }, after);
    }
  m->present |= bit;
  p = read_field (r, p, field, m->out + field->offset);
  return G_LIKELY (p != NULL) ? p : fail_in_field (r, field);
}

static inline const char *
read_member (Reader *r, const char *p, Members *m)
{
  const Pt2StructInfo *info = m->info;
  if (G_LIKELY (m->next < info->n_fields) && G_LIKELY (key_is (r, p, &info->fields[m->next])))
    return read_known (r, p + info->fields[m->next].json_key_len, m, &info->fields[m->next]);
  const Pt2FieldInfo *field = find_by_slot (r, p, info);
  if (field != NULL)
    return read_known (r, p + field->json_key_len, m, field);
  Key key;
  p = read_key (r, p, info, &key);
  if (p == NULL)
    return NULL;
  if (key.field != NULL)
    return read_known (r, p, m, key.field);
  m->n_extras++;
  return keep_unread (r, p, info, m->out, key.raw, (int)m->next - 1);
}

/* What must hold once the closing brace before P is read. */
static inline bool
finish_struct (Reader *r, const char *p, const Members *m)
{
  const Pt2StructInfo *info = m->info;
  uint64_t missing = info->demanded & ~m->seen;
  if (G_UNLIKELY (missing != 0))
    return fail_missing (r, p - 1, info, missing) != NULL;
  if (G_UNLIKELY (m->n_extras > 1) && !check_extra_keys (r, p - 1, info, m->out, m->n_extras))
    return false;
  store_present (info, m->out, m->present);
  return true;
}

static const char *
read_struct (Reader *r, const char *p, const Pt2StructInfo *info, char *out)
{
  if (G_UNLIKELY (p >= r->end || *p != '{'))
    return fail_type (r, p, info->type);
  if (!enter (r, p))
    return NULL;
  Members members = { .info = info, .out = out };
  p = pt2_json_blanks (p + 1, r->end);
  bool done = p < r->end && *p == '}';
  p += done;
  while (!done)
    {
      p = read_member (r, p, &members);
      if (G_UNLIKELY (p == NULL))
        return NULL;
      p = next_part (r, p, '}', &done);
      if (G_UNLIKELY (p == NULL))
        return NULL;
    }
  r->depth++;
  return finish_struct (r, p, &members) ? p : NULL;
}

/* ---- unions ---- */

static const char *
read_chosen (Reader *r, const char *p, const Pt2StructInfo *info, const Pt2FieldInfo *field, char *out)
{
  if (G_UNLIKELY (is_big_integer (r, p, field)))
    {
      ((Pt2AnyUnion *)out)->which = PT2_UNKNOWN_MEMBER;
      return keep_unread (r, p, info, out, (Pt2String){ field->name, field->name_len }, -1);
    }
  ((Pt2AnyUnion *)out)->which = (uint32_t)field->id;
  p = read_field (r, p, field, out + field->offset);
  return G_LIKELY (p != NULL) ? p : fail_in_field (r, field);
}

static const char *
read_union (Reader *r, const char *p, const Pt2StructInfo *info, char *out)
{
  if (G_UNLIKELY (p >= r->end || *p != '{'))
    return fail_type (r, p, info->type);
  if (!enter (r, p))
    return NULL;
  const char *start = p;
  p = pt2_json_blanks (p + 1, r->end);
  if (G_UNLIKELY (p < r->end && *p == '}'))
    return fail (r, PT2_ERROR_J013, start, info->name);
  const Pt2FieldInfo *field = find_by_slot (r, p, info);
  if (G_LIKELY (field != NULL))
    p = read_chosen (r, p + field->json_key_len, info, field, out);
  else
    {
      Key key;
      p = read_key (r, p, info, &key);
      if (p != NULL && key.field != NULL)
        p = read_chosen (r, p, info, key.field, out);
      else if (p != NULL)
        {
          ((Pt2AnyUnion *)out)->which = PT2_UNKNOWN_MEMBER;
          p = keep_unread (r, p, info, out, key.raw, -1);
        }
    }
  if (G_UNLIKELY (p == NULL))
    return NULL;
  p = pt2_json_blanks (p, r->end);
  if (G_UNLIKELY (p >= r->end || *p != '}'))
    return p < r->end && *p == ',' ? fail (r, PT2_ERROR_J013, start, info->name)
                                   : unexpected (r, p, "`}` must stand here");
  r->depth++;
  return p + 1;
}

/* ---- the document ---- */

static const char *
read_root (Reader *r, const char *p)
{
  const Pt2StructInfo *type = r->document->type;
  char *root = reserve (r, type->size);
  if (root == NULL)
    return no_memory (r, p);
  p = type->is_union ? read_union (r, p, type, root) : read_struct (r, p, type, root);
  r->document->root = root;
  return p;
}

bool
pt2_json_read (Pt2Document *document, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status)
{
  Reader r = { .document = document,
               .start = data,
               .end = data + len,
               .depth = MIN (limits->depth, PT2_JSON_DEEPEST),
               .status = status };
  Pt2JsonFault fault;
  if (!pt2_json_check_start (data, len, &fault))
    return fail_fault (&r, &fault) != NULL;
  pt2_scratch_init (&r.scratch, &document->arena);
  const char *p = read_root (&r, pt2_json_blanks (data, r.end));
  pt2_scratch_clear (&r.scratch);
  pt2_key_table_clear (&r.keys);
  if (p != NULL && (p = pt2_json_blanks (p, r.end)) != r.end)
    p = fail (&r, PT2_ERROR_J008, p, "");
  if (p == NULL)
    {
      document->root = NULL;
      return false;
    }
  document->minor = pt2_document_find_minor (document);
  return pt2_old_numbers_to_new (document, status);
}
