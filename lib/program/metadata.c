/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata that may be changed: a map of texts, and what was taken apart of it so far. */
#include "metadata.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

struct Pt2Metadata
{
  Pt2StringToStringMap map; /* its entries are ours, the texts may be the program's */
  uint32_t room;
  Pt2Limits limits;
  Pt2Arena arena;
  void *views[PT2_METADATA_N_FORMS]; /* NULL: not asked for yet */
};

enum
{
  FIRST_ROOM = 8, /* as many keys as PyTorch has, and one or two more */
};

static const char source_fn_key[] = "source_fn"; /* of programs of 2.1 */

Pt2Metadata *
pt2_metadata_new (const Pt2StringToStringMap *map, const Pt2Limits *limits, GError **error)
{
  Pt2Metadata *metadata = g_try_new0 (Pt2Metadata, 1);
  uint32_t n = map != NULL ? map->len : 0, room = MAX (n, FIRST_ROOM);
  Pt2StringToStringMapEntry *entries = metadata != NULL ? calloc (room, sizeof *entries) : NULL;
  if (entries == NULL)
    {
      g_free (metadata);
      pt2_error_set (error, PT2_ERROR_L001, NULL, "metadata of a node");
      return NULL;
    }
  if (n > 0)
    memcpy (entries, map->entries, n * sizeof *entries);
  metadata->map = (Pt2StringToStringMap){ entries, n };
  metadata->room = room;
  metadata->limits = limits != NULL ? *limits : *pt2_limits_default ();
  pt2_arena_init (&metadata->arena, metadata->limits.memory, 0);
  return metadata;
}

void
pt2_metadata_free (Pt2Metadata *metadata)
{
  if (metadata == NULL)
    return;
  pt2_arena_clear (&metadata->arena);
  free (metadata->map.entries);
  g_free (metadata);
}

/* ---- texts ---- */

const Pt2StringToStringMap *
pt2_metadata_get_map (const Pt2Metadata *metadata)
{
  return &metadata->map;
}

static uint32_t
find (const Pt2Metadata *metadata, const char *key)
{
  const size_t len = strlen (key);
  uint32_t i = 0;
  while (i < metadata->map.len
         && (metadata->map.entries[i].key.len != len || memcmp (metadata->map.entries[i].key.data, key, len) != 0))
    i++;
  return i;
}

Pt2String
pt2_metadata_get_text (const Pt2Metadata *metadata, const char *key)
{
  uint32_t i = find (metadata, key);
  return i < metadata->map.len ? metadata->map.entries[i].value : (Pt2String){ NULL, 0 };
}

/* Where a new KEY comes: before those that PyTorch writes behind it. */
static uint32_t
place_of (const Pt2Metadata *metadata, const char *key)
{
  const Pt2MetadataForm form = pt2_metadata_form_of ((Pt2String){ key, (uint32_t)strlen (key) });
  uint32_t i = 0;
  while (i < metadata->map.len)
    {
      Pt2MetadataForm other = pt2_metadata_form_of (metadata->map.entries[i].key);
      if (form < other && other != PT2_METADATA_N_FORMS)
        break;
      i++;
    }
  return i;
}

static bool
make_room (Pt2Metadata *metadata)
{
  if (metadata->map.len < metadata->room)
    return true;
  uint32_t room = metadata->room * 2;
  Pt2StringToStringMapEntry *entries
      = room > metadata->room ? realloc (metadata->map.entries, room * sizeof *entries) : NULL;
  if (entries == NULL)
    return false;
  metadata->map.entries = entries;
  metadata->room = room;
  return true;
}

static Pt2String
copy_text (Pt2Metadata *metadata, const char *data, size_t len)
{
  char *copy = len <= UINT32_MAX ? pt2_arena_alloc (&metadata->arena, len) : NULL;
  if (copy != NULL && len > 0)
    memcpy (copy, data, len);
  return (Pt2String){ copy, copy != NULL ? (uint32_t)len : 0 };
}

static void
remove_key (Pt2Metadata *metadata, uint32_t at)
{
  Pt2StringToStringMap *map = &metadata->map;
  if (at < map->len)
    memmove (&map->entries[at], &map->entries[at + 1], (--map->len - at) * sizeof *map->entries);
}

/* TEXT is the metadata's own. */
static bool
put_text (Pt2Metadata *metadata, const char *key, Pt2String text, Pt2Status *status)
{
  Pt2StringToStringMap *map = &metadata->map;
  uint32_t at = find (metadata, key);
  if (at == map->len)
    {
      Pt2String own = copy_text (metadata, key, strlen (key));
      if (own.data == NULL || !make_room (metadata))
        return pt2_metadata_no_memory (&metadata->arena, status);
      at = place_of (metadata, key);
      memmove (&map->entries[at + 1], &map->entries[at], (map->len++ - at) * sizeof *map->entries);
      map->entries[at].key = own;
    }
  map->entries[at].value = text;
  return true;
}

gboolean
pt2_metadata_set_text (Pt2Metadata *metadata, const char *key, Pt2String text, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  const Pt2MetadataForm form = strcmp (key, source_fn_key) == 0
                                   ? PT2_METADATA_SOURCE_FNS
                                   : pt2_metadata_form_of ((Pt2String){ key, (uint32_t)strlen (key) });
  if (!pt2_text_is_utf8 (key, strlen (key)) || (text.data != NULL && !pt2_text_is_utf8 (text.data, text.len)))
    return pt2_error_set (error, PT2_ERROR_P018, NULL, "it is no UTF-8");
  if (text.data == NULL)
    remove_key (metadata, find (metadata, key));
  else
    {
      Pt2String own = copy_text (metadata, text.data, text.len);
      bool fine = own.data != NULL ? put_text (metadata, key, own, &status)
                                   : pt2_metadata_no_memory (&metadata->arena, &status);
      if (!fine)
        return pt2_status_to_error (&status, error);
    }
  if (form < PT2_METADATA_N_FORMS)
    metadata->views[form] = NULL;
  return TRUE;
}

/* ---- taking apart ---- */

static const char *
key_of (const Pt2Metadata *metadata, Pt2MetadataForm form)
{
  const char *key = pt2_metadata_forms[form].key;
  bool older = form == PT2_METADATA_SOURCE_FNS && find (metadata, key) == metadata->map.len
               && find (metadata, source_fn_key) < metadata->map.len;
  return older ? source_fn_key : key;
}

static const void *
get_view (Pt2Metadata *metadata, Pt2MetadataForm form, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  if (metadata->views[form] != NULL)
    return metadata->views[form];
  const char *key = key_of (metadata, form);
  void *view = pt2_arena_alloc (&metadata->arena, pt2_metadata_forms[form].view_size);
  bool fine = view != NULL ? pt2_metadata_read (form, &metadata->arena, pt2_metadata_get_text (metadata, key),
                                                &metadata->limits, view, &status)
                           : pt2_metadata_no_memory (&metadata->arena, &status);
  if (fine)
    return metadata->views[form] = view;
  pt2_status_prepend_key (&status, key, strlen (key));
  pt2_status_prepend_field (&status, "metadata", strlen ("metadata"));
  pt2_status_to_error (&status, error);
  return NULL;
}

/* ---- putting together ---- */

/* Do both lists hold the same texts? */
static bool
same_items (const Pt2MetadataFormInfo *info, const Pt2AnyList *a, const Pt2AnyList *b)
{
  bool same = a->len == b->len;
  for (uint32_t i = 0; same && i < a->len; i++)
    for (unsigned k = 0; same && k < info->n_texts; k++)
      {
        const Pt2String *x = (const Pt2String *)((const char *)a->items + i * info->item_size) + k;
        const Pt2String *y = (const Pt2String *)((const char *)b->items + i * info->item_size) + k;
        same = x->len == y->len && (x->len == 0 || memcmp (x->data, y->data, x->len) == 0);
      }
  return same;
}

static bool
no_writing (Pt2Metadata *metadata, bool bad, Pt2Status *status)
{
  return bad ? pt2_status_fail (status, PT2_ERROR_P018, PT2_NO_OFFSET, "a text is no UTF-8, or it is nested too deep")
             : pt2_metadata_no_memory (&metadata->arena, status);
}

/* Writes VIEW, and reads that again into *AGAIN: a text of its own may hold what ends a text. */
static bool
write_view (Pt2Metadata *metadata, Pt2MetadataForm form, const void *view, Pt2String *text, void *again,
            Pt2Status *status)
{
  const Pt2MetadataFormInfo *info = &pt2_metadata_forms[form];
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Status other = PT2_STATUS_INIT;
  bool bad = false, written = info->write (&out, view, &bad);
  *text = written ? copy_text (metadata, out.data, pt2_buffer_len (&out)) : (Pt2String){ NULL, 0 };
  pt2_buffer_clear (&out);
  if (text->data == NULL)
    return no_writing (metadata, bad, status);
  bool same = pt2_text_is_utf8 (text->data, text->len)
              && pt2_metadata_read (form, &metadata->arena, *text, &metadata->limits, again, &other)
              && same_items (info, view, again);
  return same || other.code == PT2_ERROR_L001 || other.code == PT2_ERROR_L003
             ? same || (*status = other, false)
             : pt2_status_fail (status, PT2_ERROR_P018, PT2_NO_OFFSET, "%s", info->key);
}

/* Would the text that is there be written as TEXT? */
static bool
says_already (Pt2Metadata *metadata, Pt2MetadataForm form, Pt2String text)
{
  const Pt2MetadataFormInfo *info = &pt2_metadata_forms[form];
  const void *view
      = find (metadata, key_of (metadata, form)) < metadata->map.len ? get_view (metadata, form, NULL) : NULL;
  Pt2Buffer out = PT2_BUFFER_INIT;
  bool bad = false, same = view != NULL && info->write (&out, view, &bad) && pt2_buffer_len (&out) == text.len
                           && (text.len == 0 || memcmp (out.data, text.data, text.len) == 0);
  pt2_buffer_clear (&out);
  return same;
}

static bool
store_view (Pt2Metadata *metadata, Pt2MetadataForm form, const void *view, Pt2Status *status)
{
  Pt2String text;
  void *again = pt2_arena_alloc (&metadata->arena, pt2_metadata_forms[form].view_size);
  if (again == NULL)
    return pt2_metadata_no_memory (&metadata->arena, status);
  if (!write_view (metadata, form, view, &text, again, status))
    return false;
  if (says_already (metadata, form, text))
    return true;
  const char *key = key_of (metadata, form);
  if (text.len == 0)
    remove_key (metadata, find (metadata, key));
  else if (!put_text (metadata, key, text, status))
    return false;
  metadata->views[form] = again;
  return true;
}

static gboolean
set_view (Pt2Metadata *metadata, Pt2MetadataForm form, const void *view, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  if (view != NULL)
    return store_view (metadata, form, view, &status) || pt2_status_to_error (&status, error);
  remove_key (metadata, find (metadata, key_of (metadata, form)));
  metadata->views[form] = NULL;
  return TRUE;
}

#define ACCESSORS(NAME, TYPE, FORM)                                                                                    \
  const TYPE *pt2_metadata_get_##NAME (Pt2Metadata *metadata, GError **error)                                          \
  {                                                                                                                    \
    return get_view (metadata, FORM, error);                                                                           \
  }                                                                                                                    \
  gboolean pt2_metadata_set_##NAME (Pt2Metadata *metadata, const TYPE *view, GError **error)                           \
  {                                                                                                                    \
    return set_view (metadata, FORM, view, error);                                                                     \
  }

ACCESSORS (stack_trace, Pt2StackTrace, PT2_METADATA_STACK_TRACE)
ACCESSORS (module_stack, Pt2ModuleStack, PT2_METADATA_MODULE_STACK)
ACCESSORS (source_fns, Pt2SourceFnStack, PT2_METADATA_SOURCE_FNS)
ACCESSORS (torch_fn, Pt2StringList, PT2_METADATA_TORCH_FN)
ACCESSORS (custom, Pt2CustomNotes, PT2_METADATA_CUSTOM)
ACCESSORS (from_node, Pt2Provenance, PT2_METADATA_FROM_NODE)
