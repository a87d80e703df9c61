/* SPDX-License-Identifier: Apache-2.0 */
#include "extras.h"
#include "duplicates.h"
#include "json_tree.h"
#include "value.h"
#include <string.h>

/* Where parts are read to. */
typedef struct
{
  Pt2Document *document;
  const Pt2StructInfo *info;
  void *owner;
  uint64_t depth;
  uint64_t *seen;
  Pt2Status *status;
} Target;

static bool
refuse (Target *to)
{
  return pt2_status_fail (to->status, PT2_ERROR_T014, PT2_NO_OFFSET, "%s", "");
}

/* A part whose key a field of the schema has by now: it was written when the schema was younger, and is read into the
 * field. Only an integer beyond 64 bits stays text. */
static bool
take_known (Target *to, const Pt2FieldInfo *field, const Pt2Extra *extra, bool big)
{
  uint64_t bit = UINT64_C (1) << (field - to->info->fields);
  if (*to->seen & bit)
    return refuse (to);
  if (field->type->kind == PT2_KIND_I64 && big)
    return pt2_document_add_extra (to->document, to->info, to->owner, extra)
           || pt2_document_no_memory (to->document, to->status, PT2_NO_OFFSET);
  return pt2_json_read_field (to->document, to->info, to->owner, field, extra->raw, to->depth, to->seen, to->status);
}

static bool
take_part (Target *to, const Pt2JsonNode *part)
{
  const Pt2JsonNode *after = pt2_json_item (part, 0), *key = pt2_json_item (part, 1), *value = pt2_json_item (part, 2);
  if (value == NULL || pt2_json_length (part) != 3 || key->kind != PT2_JSON_STRING)
    return refuse (to);
  Pt2Extra extra = { .origin = PT2_EXTRA_JSON, .after = -1, .raw = value->raw };
  if (after->kind == PT2_JSON_STRING)
    {
      const Pt2FieldInfo *field = pt2_struct_field_by_name (to->info, after->text.data, after->text.len);
      if (field == NULL)
        return refuse (to);
      extra.after = (int)(field - to->info->fields);
    }
  else if (after->kind != PT2_JSON_NULL)
    return refuse (to);
  extra.key = (Pt2String){ key->raw.data + 1, key->raw.len - 2 };
  const Pt2FieldInfo *known = pt2_struct_field_by_name (to->info, key->text.data, key->text.len);
  /* In other letters it would not be recognised later. */
  if (known != NULL && extra.key.len != key->text.len)
    return refuse (to);
  if (known != NULL)
    return take_known (to, known, &extra, value->kind == PT2_JSON_BIGINT);
  return pt2_document_add_extra (to->document, to->info, to->owner, &extra)
         || pt2_document_no_memory (to->document, to->status, PT2_NO_OFFSET);
}

/* No key twice, and in a union no second part: each would make JSON that no reader takes. */
static bool
check_parts (Pt2Arena *scratch, const Pt2StructInfo *info, const Pt2JsonNode *list)
{
  static const Pt2TypeInfo text_type = { .kind = PT2_KIND_STRING, .size = sizeof (Pt2String) };
  static const Pt2TypeInfo keys_type
      = { .kind = PT2_KIND_MAP, .key = &text_type, .element = &text_type, .entry_size = sizeof (Pt2String) };
  uint32_t n = pt2_json_length (list);
  Pt2String *keys = pt2_arena_alloc (scratch, n * sizeof *keys);
  if (n == 0 || keys == NULL || (info->is_union && n > 1))
    return false;
  for (uint32_t i = 0; i < n; i++)
    keys[i] = pt2_json_text (pt2_json_item (pt2_json_item (list, i), 1));
  Pt2KeyTable table = { NULL, 0 };
  bool fine = pt2_find_duplicate_key (&table, &keys_type, &(Pt2AnyMap){ keys, n }) == PT2_NO_DUPLICATE;
  pt2_key_table_clear (&table);
  return fine;
}

static bool
has_json_parts (const Pt2Document *document, const Pt2StructInfo *info, const void *owner)
{
  const Pt2Extra *extra = pt2_document_extras (document, info, owner);
  while (extra != NULL && extra->origin != PT2_EXTRA_JSON)
    extra = extra->next;
  return extra != NULL;
}

Pt2ErrorCode
pt2_extras_parse (Pt2Document *document, const Pt2StructInfo *info, void *owner, Pt2String text, uint64_t depth,
                  uint64_t *seen)
{
  enum
  {
    OWN_LEVELS = 2, /* the list of parts and the part */
  };
  Pt2Status status = PT2_STATUS_INIT;
  Target to = { document, info, owner, depth, seen, &status };
  Pt2Limits limits = { .depth = depth + OWN_LEVELS };
  Pt2Arena arena;
  /* The tree is scratch, in what the document's budget leaves: what is kept are slices of TEXT. */
  pt2_arena_init (&arena, document->arena.budget - document->arena.total, 0);
  bool second = has_json_parts (document, info, owner);
  const Pt2JsonNode *list = pt2_json_tree_read (&arena, text.data, text.len, &limits, &status);
  bool fine = list != NULL && list->kind == PT2_JSON_ARRAY && !second && check_parts (&arena, info, list);
  for (uint32_t i = 0; fine && i < pt2_json_length (list); i++)
    fine = take_part (&to, pt2_json_item (list, i));
  pt2_arena_clear (&arena);
  bool limit = status.code >= PT2_ERROR_L001 && status.code <= PT2_ERROR_L003;
  return fine ? PT2_ERROR_NONE : limit ? status.code : PT2_ERROR_T014;
}

static bool
print_part (const Pt2StructInfo *info, const Pt2Extra *extra, Pt2Buffer *out)
{
  const Pt2FieldInfo *after = extra->after >= 0 && extra->after < info->n_fields ? &info->fields[extra->after] : NULL;
  bool fine = pt2_buffer_bytes (out, pt2_buffer_len (out) == 0 ? "[[" : ", [", pt2_buffer_len (out) == 0 ? 2 : 3);
  if (after != NULL)
    fine = fine && pt2_buffer_bytes (out, "\"", 1) && pt2_buffer_bytes (out, after->name, after->name_len)
           && pt2_buffer_bytes (out, "\"", 1);
  else
    fine = fine && pt2_buffer_bytes (out, "null", 4);
  return fine && pt2_buffer_bytes (out, ", \"", 3) && pt2_buffer_bytes (out, extra->key.data, extra->key.len)
         && pt2_buffer_bytes (out, "\", ", 3) && pt2_buffer_bytes (out, extra->raw.data, extra->raw.len)
         && pt2_buffer_bytes (out, "]", 1);
}

bool
pt2_extras_print (const Pt2StructInfo *info, const Pt2Extra *extras, Pt2Buffer *out)
{
  for (; extras != NULL; extras = extras->next)
    if (extras->origin == PT2_EXTRA_JSON && !print_part (info, extras, out))
      return false;
  return pt2_buffer_len (out) == 0 || pt2_buffer_bytes (out, "]", 1);
}

bool
pt2_extras_hold_field (const Pt2Document *document, const Pt2StructInfo *info, const void *owner,
                       const Pt2FieldInfo *field)
{
  for (const Pt2Extra *extra = pt2_document_extras (document, info, owner); extra != NULL; extra = extra->next)
    if (extra->origin == PT2_EXTRA_JSON && extra->key.len == field->name_len
        && memcmp (extra->key.data, field->name, field->name_len) == 0)
      return true;
  return false;
}

bool
pt2_extras_shadow (const Pt2Document *document, const Pt2StructInfo *info, const void *owner, uint64_t present)
{
  for (unsigned i = 0; i < info->n_fields; i++)
    if (present >> i & 1 && pt2_extras_hold_field (document, info, owner, &info->fields[i]))
      return true;
  return false;
}

uint32_t
pt2_document_find_minor (const Pt2Document *document)
{
  Pt2Value minor = pt2_value_path (pt2_value_make (document->type->type, document->root), "schema_version.minor");
  int64_t number = pt2_value_get_int (minor);
  return number > 0 && number < UINT32_MAX ? (uint32_t)number : 0;
}
