/* SPDX-License-Identifier: Apache-2.0 */
#include "json_kept.h"
#include "json_tree.h"

/* An unread value, P up to BEHIND, obeys the rules that its reader would hold it to: no key twice. The tree is scratch,
 * in what the document's budget leaves. */
static bool
check_unread (Pt2JsonCursor *c, const char *p, const char *behind)
{
  if (*p != '{' && *p != '[')
    return true;
  Pt2Arena arena;
  Pt2Limits limits = { .depth = c->depth };
  Pt2Status status = PT2_STATUS_INIT;
  size_t len = (size_t)(behind - p);
  pt2_arena_init (&arena, c->document->arena.budget - c->document->arena.total, 0);
  bool fine = pt2_json_tree_read (&arena, p, len, &limits, &status) != NULL;
  pt2_arena_clear (&arena);
  if (!fine)
    pt2_status_fail (c->status, status.code, status.offset + (uint64_t)(p - c->start), "%s", status.detail);
  return fine;
}

const char *
pt2_json_keep (Pt2JsonCursor *c, Pt2JsonPart **newest, const char *p, const Pt2StructInfo *info, const void *owner,
               Pt2String key, int after)
{
  const char *behind = pt2_cursor_skip (c, p);
  if (behind == NULL || !check_unread (c, p, behind))
    return NULL;
  Pt2JsonPart *part = pt2_arena_alloc (&c->document->arena, sizeof *part);
  if (part == NULL)
    return pt2_cursor_no_memory (c, p);
  *part = (Pt2JsonPart){ .older = *newest, .info = info, .owner = owner };
  part->extra = (Pt2Extra){ .origin = PT2_EXTRA_JSON, .after = after, .key = key };
  part->extra.raw = (Pt2String){ p, (uint32_t)(behind - p) };
  *newest = part;
  return behind;
}

void
pt2_json_move_owners (Pt2JsonPart *newest, const Pt2JsonPart *mark, const char *old, size_t used, const char *new)
{
  for (; newest != mark; newest = newest->older)
    if (newest->owner >= old && newest->owner < old + used)
      newest->owner = new + (newest->owner - old);
}

bool
pt2_json_hand_over (Pt2Document *document, Pt2JsonPart **newest, Pt2JsonPart *mark)
{
  Pt2JsonPart *oldest = NULL, *older;
  for (Pt2JsonPart *part = *newest; part != mark; part = older)
    {
      older = part->older;
      part->older = oldest;
      oldest = part;
    }
  *newest = mark;
  for (; oldest != NULL; oldest = oldest->older)
    if (!pt2_document_add_extra (document, oldest->info, oldest->owner, &oldest->extra))
      return false;
  return true;
}
