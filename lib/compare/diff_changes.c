/* SPDX-License-Identifier: Apache-2.0 */
/* The list of changes: where each is, and what stood and stands there as JSON text. */
#include "diff_private.h"
#include "json_text.h"
#include "number.h"
#include <string.h>

bool
pt2_diff_no_memory (Pt2Diff *diff)
{
  diff->failed = true;
  return false;
}

void
pt2_diff_drop (Pt2Diff *diff, Pt2Arena *arena)
{
  diff->over_budget = diff->over_budget || arena->out_of_budget;
  pt2_arena_clear (arena);
}

void *
pt2_diff_alloc (Pt2Diff *diff, size_t size)
{
  void *memory = pt2_arena_alloc (&diff->arena, size);
  if (memory == NULL)
    diff->failed = true;
  return memory;
}

/* What the text buffer holds, as a text of the answer. */
static Pt2String
keep_text (Pt2Diff *diff)
{
  size_t len = pt2_buffer_len (&diff->text);
  char *copy = len < UINT32_MAX ? pt2_diff_alloc (diff, len + 1) : NULL;
  if (copy == NULL)
    {
      pt2_diff_no_memory (diff);
      return (Pt2String){ "", 0 };
    }
  memcpy (copy, diff->text.data, len);
  copy[len] = '\0';
  return (Pt2String){ copy, (uint32_t)len };
}

static void
put (Pt2Diff *diff, const char *text, size_t len)
{
  if (!pt2_buffer_room (&diff->text, len + 1))
    pt2_diff_no_memory (diff);
  else if (len > 0)
    pt2_buffer_put (&diff->text, text, len);
}

static void
clear_text (Pt2Diff *diff)
{
  diff->text.next = diff->text.data;
}

/* ---- values ---- */

/* A text that is no UTF-8 cannot stand in JSON; its bytes then come as escapes of Latin-1. */
static void
put_string (Pt2Diff *diff, Pt2String text)
{
  Pt2JsonFault fault;
  if (pt2_json_write_string (&diff->text, text.data, text.len, &fault))
    return;
  put (diff, "\"", 1);
  for (uint32_t i = 0; i < text.len; i++)
    {
      char escape[8];
      g_snprintf (escape, sizeof escape, "\\u%04x", (unsigned char)text.data[i]);
      put (diff, escape, 6);
    }
  put (diff, "\"", 1);
}

Pt2String
pt2_diff_quote (Pt2Diff *diff, Pt2String text)
{
  clear_text (diff);
  put_string (diff, text);
  return keep_text (diff);
}

static Pt2String
value_text (Pt2Diff *diff, Pt2Program *program, const Pt2TypeInfo *type, const void *value)
{
  Pt2Status status = PT2_STATUS_INIT;
  clear_text (diff);
  if (value == NULL)
    return (Pt2String){ NULL, 0 };
  if (!pt2_json_write_value (&program->document, type, value, &diff->text, &status))
    {
      if (status.code == PT2_ERROR_L001)
        pt2_diff_no_memory (diff);
      clear_text (diff);
      put_string (diff, (Pt2String){ status.detail, (uint32_t)strlen (status.detail) });
    }
  return keep_text (diff);
}

/* ---- places ---- */

static void
put_index (Pt2Diff *diff, uint32_t index)
{
  char text[16];
  put (diff, text, (size_t)g_snprintf (text, sizeof text, "[%u]", index));
}

static void
put_step (Pt2Diff *diff, const Pt2DiffPath *step, bool old)
{
  Pt2String key = old ? step->old_key : step->new_key;
  uint32_t index = old ? step->old_index : step->new_index;
  if (step->field != NULL)
    {
      if (pt2_buffer_len (&diff->text) > 0)
        put (diff, ".", 1);
      put (diff, step->field, strlen (step->field));
    }
  else if (key.data != NULL)
    {
      put (diff, "[", 1);
      put_string (diff, key);
      put (diff, "]", 1);
    }
  else if (index != UINT32_MAX)
    put_index (diff, index);
}

/* As deep as the value, which the readers bounded. */
static void
put_path (Pt2Diff *diff, const Pt2DiffPath *path, bool old)
{
  if (path == NULL)
    return;
  put_path (diff, path->up, old);
  put_step (diff, path, old);
}

const char *
pt2_diff_path_text (Pt2Diff *diff, const Pt2DiffPath *path, bool old)
{
  const char *prefix = old ? diff->place.old_prefix : diff->place.new_prefix;
  clear_text (diff);
  put (diff, prefix, strlen (prefix));
  put_path (diff, path, old);
  return keep_text (diff).data;
}

/* ---- the list ---- */

static bool
make_room (Pt2Diff *diff)
{
  if (diff->n_changes < diff->room_changes)
    return true;
  guint room = MAX (64, diff->room_changes * 2);
  Pt2Change *grown = diff->room_changes < G_MAXUINT / 4 ? g_try_renew (Pt2Change, diff->changes, room) : NULL;
  if (grown == NULL)
    return pt2_diff_no_memory (diff);
  diff->changes = grown;
  diff->room_changes = room;
  return true;
}

void
pt2_diff_add_texts (Pt2Diff *diff, Pt2DiffKind kind, const Pt2DiffPath *path, Pt2String old, Pt2String new)
{
  const Pt2DiffPlace *place = &diff->place;
  if (diff->failed || !make_room (diff))
    return;
  const char *was = kind != PT2_DIFF_ADDED ? pt2_diff_path_text (diff, path, true) : NULL;
  const char *is = kind != PT2_DIFF_REMOVED ? pt2_diff_path_text (diff, path, false) : was;
  diff->changes[diff->n_changes++] = (Pt2Change){ .part = place->part,
                                                  .kind = kind,
                                                  .where = is,
                                                  .old_where = was,
                                                  .old_value = old.data,
                                                  .new_value = new.data,
                                                  .graph = place->graph,
                                                  .old_node = place->old_node,
                                                  .new_node = place->new_node };
}

void
pt2_diff_add (Pt2Diff *diff, Pt2DiffKind kind, const Pt2DiffPath *path, const Pt2TypeInfo *type, const void *old,
              const void *new)
{
  Pt2String was = value_text (diff, diff->old, type, old);
  Pt2String is = value_text (diff, diff->new, type, new);
  pt2_diff_add_texts (diff, kind, path, was, is);
}
