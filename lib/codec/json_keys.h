/* SPDX-License-Identifier: Apache-2.0 */
/* Recognises the key of a field with one comparison where PyTorch's spelling stands. Any other spelling is not found
 * here: that says nothing about the key. */
#pragma once

#include "json_cursor.h"

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

/* Does FIELD's key stand at P, spelled and spaced as PyTorch does, and its value right behind it? */
static inline bool
pt2_json_key_is (const Pt2JsonCursor *c, const char *p, const Pt2FieldInfo *field)
{
  return (size_t)(c->end - p) > field->json_key_len && (unsigned char)p[field->json_key_len] > ' '
         && same_bytes (p, field->json_key, field->json_key_len);
}

/* The field whose key stands at P, if it is spelled as PyTorch does and no shorter than five letters. */
static inline const Pt2FieldInfo *
pt2_json_find_key (const Pt2JsonCursor *c, const char *p, const Pt2StructInfo *info)
{
  if (G_UNLIKELY (c->end - p < 9 || info->key_slot == NULL))
    return NULL;
  unsigned at = info->key_slot[PT2_KEY_HASH (GUINT64_FROM_LE (pt2_json_load64 (p + 1)))];
  for (; at != 0; at = info->fields[at - 1].next_same_key)
    if (pt2_json_key_is (c, p, &info->fields[at - 1]))
      return &info->fields[at - 1];
  return NULL;
}
