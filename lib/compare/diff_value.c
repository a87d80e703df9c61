/* SPDX-License-Identifier: Apache-2.0 */
/* Any two values of one type: one interpreter over the field tables. */
#include "diff_private.h"
#include "value.h"
#include <string.h>

static bool
same_text (Pt2String a, Pt2String b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

/* ---- what a name, a label, an expression is worth ---- */

static bool
same_by_role (Pt2Diff *diff, Pt2DiffRole role, const Pt2TypeInfo *type, const void *old, const void *new)
{
  switch (role)
    {
    case PT2_ROLE_VALUE:
      if (diff->place.names != NULL)
        return pt2_diff_names_agree (diff->place.names, *(const Pt2String *)old, *(const Pt2String *)new);
      break;
    case PT2_ROLE_EXPRESSION:
      return pt2_diff_same_expression (diff, *(const Pt2String *)old, *(const Pt2String *)new);
    case PT2_ROLE_LABEL:
      return (diff->ignore & PT2_DIFF_IGNORE_NAMES) != 0
             || same_text (*(const Pt2String *)old, *(const Pt2String *)new);
    case PT2_ROLE_NODE_NAME:
      return true;
    case PT2_ROLE_GRAPH:
      return false;
    default:
      break;
    }
  return pt2_diff_same (diff, type, old, new);
}

/* Is it what a reader assumes where the field is missing? */
static bool
is_default (const Pt2FieldInfo *field, const void *value)
{
  const char *text = field->default_text;
  if (text == NULL)
    return false;
  switch (field->type->kind)
    {
    case PT2_KIND_BOOL:
      return *(const bool *)value == (text[0] == 't');
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
    case PT2_KIND_MAP:
      return (text[0] == '[' || text[0] == '{') && ((const Pt2AnyList *)value)->len == 0;
    case PT2_KIND_STRING:
      {
        const Pt2String *string = value;
        return text[0] == '"' && strlen (text) == string->len + 2 && memcmp (text + 1, string->data, string->len) == 0;
      }
    default:
      return false;
    }
}

/* Does the program leave out what its schema could not say yet? That it says nothing is then no difference. */
bool
pt2_diff_is_unsaid (const Pt2Program *program, const Pt2FieldInfo *field)
{
  return field->since > program->minor && field->default_text != NULL && strcmp (field->default_text, "null") == 0;
}

/* One of the two values is not there: does that make a difference? */
static bool
is_missing (const Pt2Diff *diff, const Pt2FieldInfo *field, const void *old, const void *new)
{
  return !is_default (field, old != NULL ? old : new)
         && !pt2_diff_is_unsaid (old == NULL ? diff->old : diff->new, field);
}

static const void *
value_of (const Pt2StructInfo *info, const Pt2FieldInfo *field, const void *record)
{
  return pt2_field_present (info, field, record) ? pt2_field_value (field, record) : NULL;
}

/* ---- maps ---- */

/* Finds entries by key: at the same place first, then by an index. */
typedef struct
{
  const Pt2TypeInfo *type;
  const Pt2AnyMap *map;
  Pt2TextIndex index;
  bool indexed;
} Finder;

static const char *
entry_at (const Pt2TypeInfo *type, const Pt2AnyMap *map, uint32_t i)
{
  return (const char *)map->entries + (size_t)i * type->entry_size;
}

static Pt2String
key_at (const Pt2TypeInfo *type, const Pt2AnyMap *map, uint32_t i)
{
  return *(const Pt2String *)(const void *)entry_at (type, map, i);
}

static uint32_t
finder_find (Pt2Diff *diff, Finder *finder, Pt2String key, uint32_t likely)
{
  const Pt2AnyMap *map = finder->map;
  if (likely < map->len && same_text (key_at (finder->type, map, likely), key))
    return likely;
  if (!finder->indexed)
    {
      pt2_text_index_init (&finder->index);
      finder->indexed = true;
      for (uint32_t i = 0; i < map->len; i++)
        if (!pt2_text_index_add (&finder->index, map->entries, finder->type->entry_size, i))
          pt2_diff_no_memory (diff);
    }
  return pt2_text_index_find (&finder->index, map->entries, finder->type->entry_size, key);
}

static void
finder_clear (Finder *finder)
{
  if (finder->indexed)
    pt2_text_index_clear (&finder->index);
}

static bool
same_map (Pt2Diff *diff, const Pt2TypeInfo *type, const Pt2AnyMap *old, const Pt2AnyMap *new)
{
  if (old->len != new->len)
    return false;
  if (type->key->kind != PT2_KIND_STRING)
    return pt2_native_equal (type, old, new);
  Finder finder = { .type = type, .map = new };
  bool same = true;
  for (uint32_t i = 0; i < old->len && same; i++)
    {
      uint32_t j = finder_find (diff, &finder, key_at (type, old, i), i);
      same = j != PT2_TEXT_INDEX_NONE
             && pt2_diff_same (diff, type->element, entry_at (type, old, i) + type->key_size,
                               entry_at (type, new, j) + type->key_size);
    }
  finder_clear (&finder);
  return same;
}

typedef bool (*KeyFilter) (Pt2String key);

static bool
is_no_debug_key (Pt2String key)
{
  return key.len == strlen ("custom") && memcmp (key.data, "custom", key.len) == 0;
}

/* Entries by key. FILTER (nullable): which keys count. */
static void
compare_map (Pt2Diff *diff, const Pt2TypeInfo *type, const Pt2AnyMap *old, const Pt2AnyMap *new, KeyFilter filter,
             const Pt2DiffPath *up)
{
  Finder in_new = { .type = type, .map = new }, in_old = { .type = type, .map = old };
  for (uint32_t i = 0; i < old->len && !diff->failed; i++)
    {
      Pt2String key = key_at (type, old, i);
      const Pt2DiffPath path = { .up = up, .old_key = key, .new_key = key };
      const void *value = entry_at (type, old, i) + type->key_size;
      if (filter != NULL && !filter (key))
        continue;
      uint32_t j = finder_find (diff, &in_new, key, i);
      if (j == PT2_TEXT_INDEX_NONE)
        pt2_diff_add (diff, PT2_DIFF_REMOVED, &path, type->element, value, NULL);
      else
        pt2_diff_compare (diff, type->element, value, entry_at (type, new, j) + type->key_size, &path);
    }
  for (uint32_t j = 0; j < new->len && !diff->failed; j++)
    {
      Pt2String key = key_at (type, new, j);
      const Pt2DiffPath path = { .up = up, .old_key = key, .new_key = key };
      if ((filter == NULL || filter (key)) && finder_find (diff, &in_old, key, j) == PT2_TEXT_INDEX_NONE)
        pt2_diff_add (diff, PT2_DIFF_ADDED, &path, type->element, NULL, entry_at (type, new, j) + type->key_size);
    }
  finder_clear (&in_new);
  finder_clear (&in_old);
}

/* ---- lists ---- */

static const void *
item_at (const Pt2TypeInfo *type, const Pt2AnyList *list, uint32_t i)
{
  return (const char *)list->items + (size_t)i * type->element->size;
}

static bool
same_list (Pt2Diff *diff, const Pt2TypeInfo *type, const Pt2AnyList *old, const Pt2AnyList *new)
{
  if (old->len != new->len)
    return false;
  for (uint32_t i = 0; i < old->len; i++)
    if (!pt2_diff_same (diff, type->element, item_at (type, old, i), item_at (type, new, i)))
      return false;
  return true;
}

static void
compare_items (Pt2Diff *diff, const Pt2TypeInfo *type, const Pt2AnyList *old, const Pt2AnyList *new,
               const Pt2DiffPath *up)
{
  for (uint32_t i = 0; i < old->len && !diff->failed; i++)
    {
      const Pt2DiffPath path = { .up = up, .old_index = i, .new_index = i };
      pt2_diff_compare (diff, type->element, item_at (type, old, i), item_at (type, new, i), &path);
    }
}

/* The field by which items of a list are known: the first of a struct, if it is a text that names nothing else. */
static const Pt2FieldInfo *
key_field (const Pt2Diff *diff, const Pt2TypeInfo *element)
{
  const Pt2StructInfo *info = element->kind == PT2_KIND_STRUCT ? element->record : NULL;
  if (info == NULL || info->n_fields < 2 || info->fields[0].type->kind != PT2_KIND_STRING
      || pt2_diff_role (&diff->roles, info, 0) != PT2_ROLE_PLAIN)
    return NULL;
  return &info->fields[0];
}

static Pt2String
key_of (const Pt2FieldInfo *field, const void *item)
{
  Pt2String text = *(const Pt2String *)(const void *)((const char *)item + (field != NULL ? field->offset : 0));
  return text.data != NULL ? text : (Pt2String){ "", 0 };
}

/* Two lists of what is known by its text. */
typedef struct
{
  const Pt2TypeInfo *type;
  const Pt2FieldInfo *field; /* NULL: the items are texts */
  const Pt2AnyList *lists[2];
  Pt2KeyedLists keyed;
  bool *in_order;
} Keyed;

static bool
number_keys (Pt2Diff *diff, Keyed *keyed, Pt2Arena *arena, Pt2TextIds *ids)
{
  for (int side = 0; side < 2; side++)
    {
      uint32_t n = keyed->keyed.n[side] = keyed->lists[side]->len;
      uint32_t *keys = keyed->keyed.keys[side] = pt2_arena_alloc (arena, n * sizeof (uint32_t));
      keyed->keyed.partner[side] = pt2_arena_alloc (arena, n * sizeof (uint32_t));
      if (keys == NULL || keyed->keyed.partner[side] == NULL)
        return pt2_diff_no_memory (diff);
      for (uint32_t i = 0; i < n; i++)
        {
          keys[i] = pt2_text_ids_add (ids, key_of (keyed->field, item_at (keyed->type, keyed->lists[side], i)));
          if (keys[i] == PT2_TEXT_ID_NONE)
            return pt2_diff_no_memory (diff);
        }
    }
  return true;
}

static bool
pair_keys (Pt2Diff *diff, Keyed *keyed, Pt2Arena *arena, uint32_t n_keys)
{
  Pt2Align align;
  uint32_t n_old = keyed->lists[0]->len;
  keyed->in_order = pt2_arena_alloc (arena, (size_t)n_old + 1);
  if (keyed->in_order == NULL || !pt2_align_keys (&align, &keyed->keyed, n_keys, arena))
    return pt2_diff_no_memory (diff);
  pt2_align_longest_run (&align, keyed->keyed.partner[0], n_old, keyed->in_order);
  return true;
}

static void
compare_keyed_items (Pt2Diff *diff, const Keyed *keyed, const Pt2DiffPath *up)
{
  const Pt2TypeInfo *type = keyed->type, *element = type->element;
  for (uint32_t i = 0; i < keyed->lists[0]->len && !diff->failed; i++)
    {
      uint32_t j = keyed->keyed.partner[0][i];
      const Pt2DiffPath path = { .up = up, .old_index = i, .new_index = j };
      const void *old = item_at (type, keyed->lists[0], i);
      if (j == PT2_UNPAIRED)
        pt2_diff_add (diff, PT2_DIFF_REMOVED, &path, element, old, NULL);
      else if (!keyed->in_order[i] && !(diff->ignore & PT2_DIFF_IGNORE_ORDER))
        pt2_diff_add (diff, PT2_DIFF_MOVED, &path, element, old, item_at (type, keyed->lists[1], j));
      if (j != PT2_UNPAIRED)
        pt2_diff_compare (diff, element, old, item_at (type, keyed->lists[1], j), &path);
    }
  for (uint32_t j = 0; j < keyed->lists[1]->len && !diff->failed; j++)
    {
      const Pt2DiffPath path = { .up = up, .old_index = UINT32_MAX, .new_index = j };
      if (keyed->keyed.partner[1][j] == PT2_UNPAIRED)
        pt2_diff_add (diff, PT2_DIFF_ADDED, &path, element, NULL, item_at (type, keyed->lists[1], j));
    }
}

static void
compare_keyed (Pt2Diff *diff, Keyed *keyed, const Pt2DiffPath *up)
{
  Pt2Arena arena;
  Pt2TextIds ids;
  pt2_arena_init (&arena, diff->limits.memory, 0);
  pt2_text_ids_init (&ids, NULL);
  if (number_keys (diff, keyed, &arena, &ids) && pair_keys (diff, keyed, &arena, ids.n))
    compare_keyed_items (diff, keyed, up);
  pt2_text_ids_clear (&ids);
  pt2_diff_drop (diff, &arena);
}

static bool
same_keys (const Pt2TypeInfo *type, const Pt2FieldInfo *field, const Pt2AnyList *old, const Pt2AnyList *new)
{
  bool same = old->len == new->len;
  for (uint32_t i = 0; i < old->len && same; i++)
    same = same_text (key_of (field, item_at (type, old, i)), key_of (field, item_at (type, new, i)));
  return same;
}

static void
compare_list (Pt2Diff *diff, const Pt2TypeInfo *type, const Pt2AnyList *old, const Pt2AnyList *new,
              const Pt2DiffPath *path)
{
  const Pt2FieldInfo *field = key_field (diff, type->element);
  bool keyed = field != NULL || type->element->kind == PT2_KIND_STRING;
  if (keyed && !same_keys (type, field, old, new))
    {
      Keyed lists = { .type = type, .field = field, .lists = { old, new } };
      compare_keyed (diff, &lists, path);
    }
  else if (old->len == new->len)
    compare_items (diff, type, old, new, path);
  else
    pt2_diff_add (diff, PT2_DIFF_CHANGED, path, type, old, new);
}

/* ---- structs and unions ---- */

static bool
same_field (Pt2Diff *diff, const Pt2StructInfo *info, unsigned i, const void *old, const void *new)
{
  const Pt2FieldInfo *field = &info->fields[i];
  Pt2DiffRole role = pt2_diff_role (&diff->roles, info, i);
  const void *a = value_of (info, field, old), *b = value_of (info, field, new);
  if (a == NULL || b == NULL)
    return a == b || role == PT2_ROLE_NODE_NAME || !is_missing (diff, field, a, b);
  return same_by_role (diff, role, field->type, a, b);
}

static const Pt2FieldInfo *
chosen (const Pt2StructInfo *info, const void *value)
{
  uint32_t which = ((const Pt2AnyUnion *)value)->which;
  return which <= INT16_MAX ? pt2_struct_field_by_id (info, (int)which) : NULL;
}

static bool
same_record (Pt2Diff *diff, const Pt2StructInfo *info, const void *old, const void *new)
{
  if (info == diff->roles.device && (diff->ignore & PT2_DIFF_IGNORE_DEVICE) != 0)
    return true;
  if (!pt2_diff_same_extras (diff, info, old, new))
    return false;
  if (info->is_union)
    {
      const Pt2FieldInfo *member = chosen (info, old);
      if (member != chosen (info, new) || member == NULL)
        return member == chosen (info, new);
      return same_by_role (diff, pt2_diff_role (&diff->roles, info, (unsigned)(member - info->fields)), member->type,
                           pt2_field_value (member, old), pt2_field_value (member, new));
    }
  for (unsigned i = 0; i < info->n_fields; i++)
    if (!same_field (diff, info, i, old, new))
      return false;
  return true;
}

static void
compare_present (Pt2Diff *diff, const Pt2FieldInfo *field, Pt2DiffRole role, const void *old, const void *new,
                 const Pt2DiffPath *path)
{
  bool debug = role == PT2_ROLE_NOTES;
  Pt2DiffPart part = diff->place.part;
  if (debug)
    diff->place.part = PT2_DIFF_METADATA;
  if (role == PT2_ROLE_GRAPH)
    pt2_diff_queue_graph (diff, old, new, path);
  else if (debug)
    compare_map (diff, field->type, old, new, diff->ignore & PT2_DIFF_IGNORE_DEBUG ? is_no_debug_key : NULL, path);
  else if (role == PT2_ROLE_PLAIN)
    pt2_diff_compare (diff, field->type, old, new, path);
  else if (!same_by_role (diff, role, field->type, old, new))
    pt2_diff_add (diff, role == PT2_ROLE_LABEL ? PT2_DIFF_RENAMED : PT2_DIFF_CHANGED, path, field->type, old, new);
  diff->place.part = part;
}

void
pt2_diff_compare_field (Pt2Diff *diff, const Pt2StructInfo *info, unsigned index, const void *old, const void *new,
                        const Pt2DiffPath *up)
{
  const Pt2FieldInfo *field = &info->fields[index];
  Pt2DiffRole role = pt2_diff_role (&diff->roles, info, index);
  const Pt2DiffPath path = { .up = up, .field = field->name };
  const void *a = value_of (info, field, old), *b = value_of (info, field, new);
  if (a != NULL && b != NULL)
    compare_present (diff, field, role, a, b, &path);
  else if (a != b && role != PT2_ROLE_NODE_NAME && is_missing (diff, field, a, b))
    pt2_diff_add (diff, a == NULL ? PT2_DIFF_ADDED : PT2_DIFF_REMOVED, &path, field->type, a, b);
}

static void
compare_record (Pt2Diff *diff, const Pt2TypeInfo *type, const void *old, const void *new, const Pt2DiffPath *path)
{
  const Pt2StructInfo *info = type->record;
  const Pt2FieldInfo *member = info->is_union ? chosen (info, old) : NULL;
  if (info->is_union && (member != chosen (info, new) || member == NULL))
    {
      if (!pt2_diff_same (diff, type, old, new))
        pt2_diff_add (diff, PT2_DIFF_CHANGED, path, type, old, new);
      return;
    }
  pt2_diff_compare_extras (diff, info, old, new, path);
  if (member != NULL)
    {
      const Pt2DiffPath inner = { .up = path, .field = member->name };
      compare_present (diff, member, pt2_diff_role (&diff->roles, info, (unsigned)(member - info->fields)),
                       pt2_field_value (member, old), pt2_field_value (member, new), &inner);
      return;
    }
  for (unsigned i = 0; i < info->n_fields && !diff->failed; i++)
    pt2_diff_compare_field (diff, info, i, old, new, path);
}

/* ---- any ---- */

bool
pt2_diff_same (Pt2Diff *diff, const Pt2TypeInfo *type, const void *old, const void *new)
{
  switch (type->kind)
    {
    case PT2_KIND_STRUCT:
    case PT2_KIND_UNION:
      return same_record (diff, type->record, old, new);
    case PT2_KIND_LIST:
    case PT2_KIND_SET:
      return same_list (diff, type, old, new);
    case PT2_KIND_MAP:
      return same_map (diff, type, old, new);
    default:
      return pt2_native_equal (type, old, new);
    }
}

/* Goes down without asking whether anything differs below, or deep values would be looked at once for each level. */
void
pt2_diff_compare (Pt2Diff *diff, const Pt2TypeInfo *type, const void *old, const void *new, const Pt2DiffPath *path)
{
  bool text_keys = type->kind == PT2_KIND_MAP && type->key->kind == PT2_KIND_STRING;
  bool record = type->kind == PT2_KIND_STRUCT || type->kind == PT2_KIND_UNION;
  if (diff->failed)
    return;
  if (record && type->record != diff->roles.device)
    compare_record (diff, type, old, new, path);
  else if (type->kind == PT2_KIND_LIST || type->kind == PT2_KIND_SET)
    compare_list (diff, type, old, new, path);
  else if (text_keys)
    compare_map (diff, type, old, new, NULL, path);
  else if (!pt2_diff_same (diff, type, old, new))
    pt2_diff_add (diff, PT2_DIFF_CHANGED, path, type, old, new);
}
