/* SPDX-License-Identifier: Apache-2.0 */
/* What the schema does not know: compared by key or field id, as the bytes that stand in the file. */
#include "diff_private.h"
#include <string.h>

static const Pt2Extra *
extras_of (Pt2Program *program, const Pt2StructInfo *info, const void *owner)
{
  const Pt2Document *document = &program->document;
  return pt2_document_has_extras (document) ? pt2_document_extras (document, info, owner) : NULL;
}

static bool
same_text (Pt2String a, Pt2String b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

static bool
same_value (const Pt2Extra *a, const Pt2Extra *b)
{
  return a->origin == b->origin && a->wire == b->wire && same_text (a->raw, b->raw);
}

bool
pt2_diff_same_extras (Pt2Diff *diff, const Pt2StructInfo *info, const void *old, const void *new)
{
  const Pt2Extra *a = extras_of (diff->old, info, old), *b = extras_of (diff->new, info, new);
  for (; a != NULL && b != NULL; a = a->next, b = b->next)
    if (!same_value (a, b) || a->id != b->id || !same_text (a->key, b->key))
      return false;
  return a == b;
}

/* An unknown part under the name that it is compared by. */
typedef struct
{
  const Pt2Extra *extra;
  uint32_t name;
  bool matched;
} Part;

typedef struct
{
  Part *parts;
  uint32_t n;
} Parts;

/* JSON parts are known by their key, compact ones by their number. */
static Pt2String
part_name (const Pt2Extra *extra, char buffer[32])
{
  if (extra->origin == PT2_EXTRA_JSON)
    return extra->key;
  return (Pt2String){ buffer, (uint32_t)g_snprintf (buffer, 32, "(field %d)", extra->id) };
}

static bool
collect (Pt2Diff *diff, const Pt2Extra *extra, Pt2Arena *arena, Pt2TextIds *ids, Parts *parts)
{
  uint32_t n = 0;
  for (const Pt2Extra *e = extra; e != NULL; e = e->next)
    n++;
  *parts = (Parts){ pt2_arena_alloc (arena, n * sizeof (Part)), n };
  for (uint32_t i = 0; i < n && parts->parts != NULL; i++, extra = extra->next)
    {
      char buffer[32];
      parts->parts[i] = (Part){ extra, pt2_text_ids_add (ids, part_name (extra, buffer)), false };
      if (parts->parts[i].name == PT2_TEXT_ID_NONE)
        return pt2_diff_no_memory (diff);
    }
  return parts->parts != NULL || pt2_diff_no_memory (diff);
}

/* JSON as it stands; compact bytes as a text of hexadecimal digits. */
static Pt2String
part_text (Pt2Diff *diff, const Pt2Extra *extra)
{
  if (extra == NULL)
    return (Pt2String){ NULL, 0 };
  bool json = extra->origin == PT2_EXTRA_JSON;
  size_t len = json ? extra->raw.len : (size_t)extra->raw.len * 2 + 2;
  char *text = len < UINT32_MAX ? pt2_diff_alloc (diff, len + 1) : NULL;
  if (text == NULL)
    return (Pt2String){ NULL, 0 };
  text[len] = '\0';
  if (json && len > 0)
    memcpy (text, extra->raw.data, len);
  for (uint32_t i = 0; !json && i < extra->raw.len; i++)
    {
      text[1 + 2 * i] = "0123456789abcdef"[(unsigned char)extra->raw.data[i] >> 4];
      text[2 + 2 * i] = "0123456789abcdef"[extra->raw.data[i] & 15];
    }
  if (!json)
    text[0] = text[len - 1] = '"';
  return (Pt2String){ text, (uint32_t)len };
}

static void
add (Pt2Diff *diff, Pt2DiffKind kind, const Pt2DiffPath *up, Pt2String name, const Pt2Extra *old, const Pt2Extra *new)
{
  char *field = pt2_diff_alloc (diff, (size_t)name.len + 1);
  if (field == NULL)
    return;
  memcpy (field, name.data, name.len);
  field[name.len] = '\0';
  const Pt2DiffPath path = { .up = up, .field = field };
  pt2_diff_add_texts (diff, kind, &path, part_text (diff, old), part_text (diff, new));
}

static void
compare_parts (Pt2Diff *diff, Parts old, Parts new, const Pt2TextIds *ids, Part **by_name, const Pt2DiffPath *path)
{
  for (uint32_t j = new.n; j-- > 0;)
    by_name[new.parts[j].name] = &new.parts[j];
  for (uint32_t i = 0; i < old.n; i++)
    {
      Pt2String name = ids->texts[old.parts[i].name];
      Part *other = by_name[old.parts[i].name];
      if (other == NULL)
        add (diff, PT2_DIFF_REMOVED, path, name, old.parts[i].extra, NULL);
      else if (!same_value (old.parts[i].extra, other->extra))
        add (diff, PT2_DIFF_CHANGED, path, name, old.parts[i].extra, other->extra);
      if (other != NULL)
        other->matched = true;
    }
  for (uint32_t j = 0; j < new.n; j++)
    if (!new.parts[j].matched)
      add (diff, PT2_DIFF_ADDED, path, ids->texts[new.parts[j].name], NULL, new.parts[j].extra);
}

void
pt2_diff_compare_extras (Pt2Diff *diff, const Pt2StructInfo *info, const void *old, const void *new,
                         const Pt2DiffPath *path)
{
  Pt2Arena arena;
  Pt2TextIds ids;
  Parts a, b;
  if (pt2_diff_same_extras (diff, info, old, new))
    return;
  pt2_arena_init (&arena, diff->limits.memory, 0);
  pt2_text_ids_init (&ids, &arena);
  if (collect (diff, extras_of (diff->old, info, old), &arena, &ids, &a)
      && collect (diff, extras_of (diff->new, info, new), &arena, &ids, &b))
    {
      Part **by_name = pt2_arena_alloc (&arena, ids.n * sizeof *by_name);
      if (by_name != NULL)
        {
          memset (by_name, 0, ids.n * sizeof *by_name);
          compare_parts (diff, a, b, &ids, by_name, path);
        }
      else
        pt2_diff_no_memory (diff);
    }
  pt2_text_ids_clear (&ids);
  pt2_diff_drop (diff, &arena);
}
