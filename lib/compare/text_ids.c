/* SPDX-License-Identifier: Apache-2.0 */
#include "text_ids.h"
#include <string.h>

void
pt2_text_ids_init (Pt2TextIds *ids, Pt2Arena *copies)
{
  *ids = (Pt2TextIds){ .copies = copies };
  pt2_text_index_init (&ids->index);
}

void
pt2_text_ids_clear (Pt2TextIds *ids)
{
  pt2_text_index_clear (&ids->index);
  g_free (ids->texts);
  *ids = (Pt2TextIds){ .n = 0 };
}

uint32_t
pt2_text_ids_find (const Pt2TextIds *ids, Pt2String text)
{
  return pt2_text_index_find (&ids->index, ids->texts, sizeof *ids->texts, text);
}

static bool
keep (Pt2TextIds *ids, Pt2String *text)
{
  char *copy = ids->copies != NULL ? pt2_arena_alloc (ids->copies, text->len) : NULL;
  if (ids->copies == NULL)
    return true;
  if (copy == NULL)
    return false;
  if (text->len > 0)
    memcpy (copy, text->data, text->len);
  text->data = copy;
  return true;
}

static bool
make_room (Pt2TextIds *ids)
{
  if (ids->n < ids->room)
    return true;
  uint32_t room = ids->room < 64 ? 64 : ids->room * 2;
  Pt2String *grown = ids->room < UINT32_MAX / 4 ? g_try_renew (Pt2String, ids->texts, room) : NULL;
  if (grown == NULL)
    return false;
  ids->texts = grown;
  ids->room = room;
  return true;
}

uint32_t
pt2_text_ids_add (Pt2TextIds *ids, Pt2String text)
{
  uint32_t found = pt2_text_ids_find (ids, text);
  if (found != PT2_TEXT_ID_NONE)
    return found;
  if (!make_room (ids) || !keep (ids, &text))
    return PT2_TEXT_ID_NONE;
  ids->texts[ids->n] = text;
  if (!pt2_text_index_add (&ids->index, ids->texts, sizeof *ids->texts, ids->n))
    return PT2_TEXT_ID_NONE;
  return ids->n++;
}
