/* SPDX-License-Identifier: Apache-2.0 */
/* PyTorch's JSON to native values: one interpreter over the field tables.
 *
 * Keys that stand where PyTorch writes them are recognised with one comparison; any other order, spacing or
 * escaping is read as well, only slower. What the schema does not name is kept as extras, byte for byte.
 * Memory a value needs is zeroed by whoever reserves it, so an absent field is all zeros.
 */
#include "duplicates.h"
#include "extras.h"
#include "json_cursor.h"
#include "json_kept.h"
#include "json_keys.h"
#include "json_scratch.h"
#include "old_numbers.h"

typedef struct
{
  Pt2JsonCursor at;
  Pt2JsonPart *kept; /* the newest part that waits for its owner */
  Pt2Scratch scratch;
  Pt2KeyTable keys;
} Reader;

/* What an empty container points to: it is there, and holds nothing. */
static const uint64_t nothing[1];

static const char *read_value (Reader *r, const char *p, const Pt2TypeInfo *type, void *out);
static const char *read_struct (Reader *r, const char *p, const Pt2StructInfo *info, char *out);
static const char *read_union (Reader *r, const char *p, const Pt2StructInfo *info, char *out);

static __attribute__ ((cold, noinline)) const char *
fail_in_field (Reader *r, const Pt2FieldInfo *field)
{
  pt2_status_prepend_field (r->at.status, field->name, field->name_len);
  return NULL;
}

static __attribute__ ((cold, noinline)) const char *
fail_in_item (Reader *r, uint32_t index)
{
  pt2_status_prepend_index (r->at.status, index);
  return NULL;
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
  if (G_LIKELY (r->at.end - p >= 2) && *p == ',' && p[1] == ' ' && p + 2 < r->at.end && p[2] > ' ')
    {
      *done = false;
      return p + 2;
    }
  p = pt2_json_blanks (p, r->at.end);
  *done = p < r->at.end && *p == close;
  if (*done)
    return p + 1;
  if (p >= r->at.end || *p != ',')
    return pt2_cursor_unexpected (&r->at, p,
                                  close == ']' ? "`,` or `]` must stand here" : "`,` or `}` must stand here");
  return pt2_json_blanks (p + 1, r->at.end);
}

/* Room for one more item of a list that holds parts younger than MARK; zeroed. NULL if there is no memory. */
static inline char *
push_item (Reader *r, Pt2ScratchList *list, const Pt2JsonPart *mark, size_t size)
{
  const char *before = list->items;
  char *item = pt2_scratch_push (&r->scratch, list, size);
  if (G_UNLIKELY (item == NULL))
    return NULL;
  if (G_UNLIKELY (list->items != before) && r->kept != mark)
    pt2_json_move_owners (r->kept, mark, before, (size_t)(item - list->items), list->items);
  memset (item, 0, size);
  return item;
}

/* The items behind the opening bracket of a list that is not empty. */
static const char *
read_items (Reader *r, const char *p, const Pt2TypeInfo *element, Pt2ScratchList *list, uint32_t *len)
{
  const Pt2JsonPart *mark = r->kept;
  bool done = false;
  for (uint32_t i = 0; !done; i++)
    {
      char *item = push_item (r, list, mark, element->size);
      if (G_UNLIKELY (item == NULL))
        return pt2_cursor_no_memory (&r->at, p);
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

/* Moves what the scratch list holds to the arena; MARK: the newest part when the list began. */
static bool
keep_items (Reader *r, const char *at, const Pt2ScratchList *list, Pt2JsonPart *mark, void **items)
{
  size_t size = pt2_scratch_used (&r->scratch, list);
  *items = pt2_arena_alloc (&r->at.document->arena, size);
  if (G_UNLIKELY (*items == NULL))
    return pt2_cursor_no_memory (&r->at, at) != NULL;
  memcpy (*items, list->items, size);
  if (G_LIKELY (r->kept == mark))
    return true;
  pt2_json_move_owners (r->kept, mark, list->items, size, *items);
  return pt2_json_hand_over (r->at.document, &r->kept, mark) || pt2_cursor_no_memory (&r->at, at) != NULL;
}

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
         && pt2_store_integer (key, number.i64, out);
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
  if (p >= r->at.end || *p != '"')
    return pt2_cursor_unexpected (&r->at, p, "a key must stand here");
  p = pt2_cursor_text (&r->at, p, &text);
  if (p == NULL)
    return NULL;
  if (!key_has_json_form (type->key))
    return pt2_cursor_fail (&r->at, PT2_ERROR_J020, start, type->name);
  if (!store_key (type->key, text, entry))
    return pt2_cursor_fail (&r->at, PT2_ERROR_J009, start, "expected an integer as key");
  p = pt2_json_blanks (p, r->at.end);
  if (p >= r->at.end || *p != ':')
    return pt2_cursor_unexpected (&r->at, p, "a colon must stand here");
  return pt2_json_blanks (p + 1, r->at.end);
}

static __attribute__ ((cold, noinline)) const char *
fail_in_entry (Reader *r, const Pt2TypeInfo *type, const char *entry, uint32_t index)
{
  if (type->key->kind != PT2_KIND_STRING)
    return fail_in_item (r, index);
  const Pt2String *key = (const Pt2String *)entry;
  pt2_status_prepend_key (r->at.status, key->data, key->len);
  return NULL;
}

static const char *
read_entries (Reader *r, const char *p, const Pt2TypeInfo *type, Pt2ScratchList *list, uint32_t *len)
{
  const Pt2JsonPart *mark = r->kept;
  bool done = false;
  for (uint32_t i = 0; !done; i++)
    {
      char *entry = push_item (r, list, mark, type->entry_size);
      if (G_UNLIKELY (entry == NULL))
        return pt2_cursor_no_memory (&r->at, p);
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
    return pt2_cursor_fail (&r->at, PT2_ERROR_L001, at, "") != NULL;
  pt2_cursor_fail (&r->at, PT2_ERROR_J012, at, "");
  return fail_in_entry (r, type, (const char *)map->entries + (size_t)duplicate * type->entry_size, duplicate) != NULL;
}

/* A list or a map: both are a pointer and a count. */
static inline __attribute__ ((always_inline)) const char *
read_container (Reader *r, const char *start, const Pt2TypeInfo *type, Pt2AnyList *out, bool is_map)
{
  if (G_UNLIKELY (start >= r->at.end || *start != (is_map ? '{' : '[')))
    return pt2_cursor_fail_type (&r->at, start, type);
  const char *p = pt2_json_blanks (start + 1, r->at.end);
  if (!pt2_cursor_enter (&r->at, start))
    return NULL;
  if (p < r->at.end && *p == (is_map ? '}' : ']'))
    {
      out->items = (void *)nothing;
      r->at.depth++;
      return p + 1;
    }
  Pt2JsonPart *mark = r->kept;
  Pt2ScratchList list;
  pt2_scratch_begin (&r->scratch, &list);
  p = is_map ? read_entries (r, p, type, &list, &out->len) : read_items (r, p, type->element, &list, &out->len);
  bool kept = p != NULL && keep_items (r, start, &list, mark, &out->items);
  pt2_scratch_end (&r->scratch, &list);
  r->at.depth++;
  return kept ? p : NULL;
}

static const char *
read_list (Reader *r, const char *p, const Pt2TypeInfo *type, Pt2AnyList *out)
{
  return read_container (r, p, type, out, false);
}

static const char *
read_map (Reader *r, const char *p, const Pt2TypeInfo *type, Pt2AnyList *out)
{
  const char *next = read_container (r, p, type, out, true);
  return next != NULL && check_keys (r, p, type, (const Pt2AnyMap *)out) ? next : NULL;
}

static inline const char *
read_value (Reader *r, const char *p, const Pt2TypeInfo *type, void *out)
{
  switch (type->kind)
    {
    case PT2_KIND_STRING:
      return G_LIKELY (p < r->at.end && *p == '"') ? pt2_cursor_text (&r->at, p, out)
                                                   : pt2_cursor_fail_type (&r->at, p, type);
    case PT2_KIND_BINARY:
      return p < r->at.end && *p == '"' ? pt2_cursor_binary (&r->at, p, out) : pt2_cursor_fail_type (&r->at, p, type);
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
      return pt2_cursor_bool (&r->at, p, type, out);
    case PT2_KIND_DOUBLE:
      return pt2_cursor_double (&r->at, p, type, out);
    default:
      return pt2_cursor_integer (&r->at, p, type, out);
    }
}

/* ---- fields ---- */

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
  if (p >= r->at.end || *p != '"')
    return pt2_cursor_unexpected (&r->at, p, "a key must stand here");
  p = pt2_cursor_text (&r->at, p, &text);
  if (p == NULL)
    return NULL;
  key->raw = (Pt2String){ start + 1, (uint32_t)(p - start - 2) };
  key->field = pt2_struct_field_by_name (info, text.data, text.len);
  p = pt2_json_blanks (p, r->at.end);
  if (p >= r->at.end || *p != ':')
    return pt2_cursor_unexpected (&r->at, p, "a colon must stand here");
  return pt2_json_blanks (p + 1, r->at.end);
}

/* An integer too large for its 64 bits (Python knows no limit) stays as it is written. */
static bool
is_big_integer (const Reader *r, const char *p, const Pt2FieldInfo *field)
{
  Pt2NumberText number;
  /* Of 19 digits at least, so the 19th byte is one whatever the sign. */
  if (field->type->kind != PT2_KIND_I64 || r->at.end - p <= 18 || !g_ascii_isdigit (p[18])
      || (*p != '-' && !g_ascii_isdigit (*p)))
    return false;
  return pt2_number_read_json (p, r->at.end, &number) != NULL && number.kind == PT2_NUMBER_BIG;
}

/* The value of FIELD at P; OUT is where its native field lies. */
static inline const char *
read_field (Reader *r, const char *p, const Pt2FieldInfo *field, char *out)
{
  const Pt2TypeInfo *type = field->type;
  if (field->flags & PT2_FIELD_POINTER)
    {
      char *target = pt2_cursor_reserve (&r->at, type->size);
      if (G_UNLIKELY (target == NULL))
        return pt2_cursor_no_memory (&r->at, p);
      *(char **)out = target;
      out = target;
    }
  if (G_UNLIKELY (field->unit_until != 0))
    return pt2_cursor_unit (&r->at, p, type, (bool *)out);
  return read_value (r, p, type, out);
}

/* ---- structs ---- */

/* Unknown keys may not repeat either. */
static __attribute__ ((cold, noinline)) bool
check_unknown_keys (Reader *r, const char *at, const Pt2JsonPart *newest, uint32_t n)
{
  static const Pt2TypeInfo text_type = { .kind = PT2_KIND_STRING, .size = sizeof (Pt2String) };
  static const Pt2TypeInfo keys_type
      = { .kind = PT2_KIND_MAP, .key = &text_type, .element = &text_type, .entry_size = sizeof (Pt2String) };
  Pt2String *text = pt2_arena_alloc (&r->at.document->arena, n * sizeof *text);
  Pt2AnyMap keys = { text, n };
  if (text == NULL)
    return pt2_cursor_no_memory (&r->at, at) != NULL;
  for (text += n; newest != NULL; newest = newest->older_unknown)
    if (pt2_cursor_text (&r->at, newest->extra.key.data - 1, --text) == NULL)
      return false;
  return check_keys (r, at, &keys_type, &keys);
}

static __attribute__ ((cold, noinline)) const char *
fail_twice (Reader *r, const char *at, const Pt2FieldInfo *field)
{
  pt2_cursor_fail (&r->at, PT2_ERROR_J012, at, "");
  return fail_in_field (r, field);
}

static __attribute__ ((cold, noinline)) const char *
fail_missing (Reader *r, const char *at, const Pt2StructInfo *info, uint64_t missing)
{
  pt2_status_fail (r->at.status, PT2_ERROR_J011, (uint64_t)(at - r->at.start), "%s.%s", info->name,
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
  uint64_t seen;               /* bit i: key i stood there */
  uint64_t present;            /* bit i: it has a value */
  Pt2JsonPart *newest_unknown; /* of its own unknown keys */
  uint32_t n_unknown;
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
  if (!(field->flags & PT2_FIELD_REQUIRED) && pt2_cursor_at_word (&r->at, p, "null", 4))
    return p + 4;
  if (G_UNLIKELY (is_big_integer (r, p, field)))
    return pt2_json_keep (&r->at, &r->kept, p, m->info, m->out, (Pt2String){ field->name, field->name_len }, after);
  m->present |= bit;
  p = read_field (r, p, field, m->out + field->offset);
  return G_LIKELY (p != NULL) ? p : fail_in_field (r, field);
}

static inline const char *
read_member (Reader *r, const char *p, Members *m)
{
  const Pt2StructInfo *info = m->info;
  if (G_LIKELY (m->next < info->n_fields) && G_LIKELY (pt2_json_key_is (&r->at, p, &info->fields[m->next])))
    return read_known (r, p + info->fields[m->next].json_key_len, m, &info->fields[m->next]);
  const Pt2FieldInfo *field = pt2_json_find_key (&r->at, p, info);
  if (field != NULL)
    return read_known (r, p + field->json_key_len, m, field);
  Key key;
  p = read_key (r, p, info, &key);
  if (p == NULL)
    return NULL;
  if (key.field != NULL)
    return read_known (r, p, m, key.field);
  p = pt2_json_keep (&r->at, &r->kept, p, info, m->out, key.raw, (int)m->next - 1);
  if (p == NULL)
    return NULL;
  r->kept->older_unknown = m->newest_unknown;
  m->newest_unknown = r->kept;
  m->n_unknown++;
  return p;
}

/* What must hold once the closing brace before P is read. */
static inline bool
finish_struct (Reader *r, const char *p, const Members *m)
{
  const Pt2StructInfo *info = m->info;
  uint64_t missing = info->demanded & ~m->seen;
  if (G_UNLIKELY (missing != 0))
    return fail_missing (r, p - 1, info, missing) != NULL;
  if (G_UNLIKELY (m->n_unknown > 1) && !check_unknown_keys (r, p - 1, m->newest_unknown, m->n_unknown))
    return false;
  store_present (info, m->out, m->present);
  return true;
}

static const char *
read_struct (Reader *r, const char *p, const Pt2StructInfo *info, char *out)
{
  if (G_UNLIKELY (p >= r->at.end || *p != '{'))
    return pt2_cursor_fail_type (&r->at, p, info->type);
  if (!pt2_cursor_enter (&r->at, p))
    return NULL;
  Members members = { .info = info, .out = out };
  p = pt2_json_blanks (p + 1, r->at.end);
  bool done = p < r->at.end && *p == '}';
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
  r->at.depth++;
  return finish_struct (r, p, &members) ? p : NULL;
}

/* ---- unions ---- */

static const char *
read_chosen (Reader *r, const char *p, const Pt2StructInfo *info, const Pt2FieldInfo *field, char *out)
{
  if (G_UNLIKELY (is_big_integer (r, p, field)))
    {
      ((Pt2AnyUnion *)out)->which = PT2_UNKNOWN_MEMBER;
      return pt2_json_keep (&r->at, &r->kept, p, info, out, (Pt2String){ field->name, field->name_len }, -1);
    }
  ((Pt2AnyUnion *)out)->which = (uint32_t)field->id;
  p = read_field (r, p, field, out + field->offset);
  return G_LIKELY (p != NULL) ? p : fail_in_field (r, field);
}

static const char *
read_union (Reader *r, const char *p, const Pt2StructInfo *info, char *out)
{
  if (G_UNLIKELY (p >= r->at.end || *p != '{'))
    return pt2_cursor_fail_type (&r->at, p, info->type);
  if (!pt2_cursor_enter (&r->at, p))
    return NULL;
  const char *start = p;
  p = pt2_json_blanks (p + 1, r->at.end);
  if (G_UNLIKELY (p < r->at.end && *p == '}'))
    return pt2_cursor_fail (&r->at, PT2_ERROR_J013, start, info->name);
  const Pt2FieldInfo *field = pt2_json_find_key (&r->at, p, info);
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
          p = pt2_json_keep (&r->at, &r->kept, p, info, out, key.raw, -1);
        }
    }
  if (G_UNLIKELY (p == NULL))
    return NULL;
  p = pt2_json_blanks (p, r->at.end);
  if (G_UNLIKELY (p >= r->at.end || *p != '}'))
    return p < r->at.end && *p == ',' ? pt2_cursor_fail (&r->at, PT2_ERROR_J013, start, info->name)
                                      : pt2_cursor_unexpected (&r->at, p, "`}` must stand here");
  r->at.depth++;
  return p + 1;
}

/* ---- the document ---- */

static const char *
read_root (Reader *r, const char *p)
{
  const Pt2StructInfo *type = r->at.document->type;
  char *root = pt2_cursor_reserve (&r->at, type->size);
  if (root == NULL)
    return pt2_cursor_no_memory (&r->at, p);
  p = type->is_union ? read_union (r, p, type, root) : read_struct (r, p, type, root);
  r->at.document->root = root;
  return p;
}

static Reader
reader_of (Pt2Document *document, const char *data, size_t len, uint64_t depth, Pt2Status *status)
{
  Reader r = { .at = { document, data, data + len, MIN (depth, PT2_JSON_DEEPEST), status } };
  pt2_scratch_init (&r.scratch, &document->arena);
  return r;
}

/* P: behind the value that was the whole text, or NULL. Frees what the reader took. */
static bool
finish (Reader *r, const char *p)
{
  pt2_scratch_clear (&r->scratch);
  pt2_key_table_clear (&r->keys);
  if (p != NULL && (p = pt2_json_blanks (p, r->at.end)) != r->at.end)
    p = pt2_cursor_fail (&r->at, PT2_ERROR_J008, p, "");
  if (p != NULL && !pt2_json_hand_over (r->at.document, &r->kept, NULL))
    p = pt2_cursor_no_memory (&r->at, r->at.end);
  return p != NULL;
}

bool
pt2_json_read_field (Pt2Document *document, const Pt2StructInfo *info, void *owner, const Pt2FieldInfo *field,
                     Pt2String text, uint64_t depth, uint64_t *present, Pt2Status *status)
{
  Reader r = reader_of (document, text.data, text.len, depth, status);
  Members members = { .info = info, .out = owner };
  const char *p
      = info->is_union ? read_chosen (&r, text.data, info, field, owner) : read_known (&r, text.data, &members, field);
  *present |= members.present;
  return finish (&r, p);
}

bool
pt2_json_read (Pt2Document *document, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status)
{
  Reader r = reader_of (document, data, len, limits->depth, status);
  Pt2JsonFault fault;
  if (!pt2_json_check_start (data, len, &fault))
    return pt2_cursor_fault (&r.at, &fault) != NULL;
  if (!finish (&r, read_root (&r, pt2_json_blanks (data, r.at.end))))
    {
      document->root = NULL;
      return false;
    }
  document->minor = pt2_document_find_minor (document);
  return pt2_old_numbers_to_new (document, status);
}
