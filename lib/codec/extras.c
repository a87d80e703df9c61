/* SPDX-License-Identifier: Apache-2.0 */
#include "extras.h"
#include "json_tree.h"
#include "value.h"
#include <string.h>

static bool
parse_part (Pt2Document *document, const Pt2StructInfo *info, const void *owner, const Pt2JsonNode *part)
{
  const Pt2JsonNode *after = pt2_json_item (part, 0), *key = pt2_json_item (part, 1), *value = pt2_json_item (part, 2);
  if (value == NULL || pt2_json_length (part) != 3 || key->kind != PT2_JSON_STRING)
    return false;
  Pt2Extra extra = { .origin = PT2_EXTRA_JSON, .after = -1, .raw = value->raw };
  if (after->kind == PT2_JSON_STRING)
    {
      const Pt2FieldInfo *field = pt2_struct_field_by_name (info, after->text.data, after->text.len);
      if (field == NULL)
        return false;
      extra.after = (int)(field - info->fields);
    }
  else if (after->kind != PT2_JSON_NULL)
    return false;
  extra.key = (Pt2String){ key->raw.data + 1, key->raw.len - 2 };
  return pt2_document_add_extra (document, info, owner, &extra);
}

bool
pt2_extras_parse (Pt2Document *document, const Pt2StructInfo *info, const void *owner, Pt2String text)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Arena arena;
  /* The tree is scratch: what is kept are slices of TEXT. */
  pt2_arena_init (&arena, (uint64_t)text.len * 64 + 65536, 0);
  const Pt2JsonNode *list = pt2_json_tree_read (&arena, text.data, text.len, pt2_limits_default (), &status);
  bool fine = list != NULL && list->kind == PT2_JSON_ARRAY && pt2_json_length (list) > 0;
  for (uint32_t i = 0; fine && i < pt2_json_length (list); i++)
    fine = parse_part (document, info, owner, pt2_json_item (list, i));
  pt2_arena_clear (&arena);
  return fine;
}

static bool
put_text (Pt2Buffer *out, const char *text, size_t len)
{
  if (!pt2_buffer_room (out, len))
    return false;
  pt2_buffer_put (out, text, len);
  return true;
}

static bool
print_part (const Pt2StructInfo *info, const Pt2Extra *extra, Pt2Buffer *out)
{
  const Pt2FieldInfo *after = extra->after >= 0 && extra->after < info->n_fields ? &info->fields[extra->after] : NULL;
  bool fine = put_text (out, pt2_buffer_len (out) == 0 ? "[[" : ", [", pt2_buffer_len (out) == 0 ? 2 : 3);
  if (after != NULL)
    fine = fine && put_text (out, "\"", 1) && put_text (out, after->name, after->name_len) && put_text (out, "\"", 1);
  else
    fine = fine && put_text (out, "null", 4);
  return fine && put_text (out, ", \"", 3) && put_text (out, extra->key.data, extra->key.len)
         && put_text (out, "\", ", 3) && put_text (out, extra->raw.data, extra->raw.len) && put_text (out, "]", 1);
}

bool
pt2_extras_print (const Pt2StructInfo *info, const Pt2Extra *extras, Pt2Buffer *out)
{
  for (; extras != NULL; extras = extras->next)
    if (extras->origin == PT2_EXTRA_JSON && !print_part (info, extras, out))
      return false;
  return pt2_buffer_len (out) == 0 || put_text (out, "]", 1);
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

uint32_t
pt2_document_find_minor (const Pt2Document *document)
{
  Pt2Value minor = pt2_value_path (pt2_value_make (document->type->type, document->root), "schema_version.minor");
  int64_t number = pt2_value_get_int (minor);
  return number > 0 && number < UINT32_MAX ? (uint32_t)number : 0;
}
