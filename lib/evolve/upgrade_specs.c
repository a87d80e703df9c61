/* SPDX-License-Identifier: Apache-2.0 */
/* Tree specs: named tuples, which up to schema major 5 were described by class name and fields. PyTorch made a new
 * class of them that nobody else had; today it asks for the name that the class was registered under, which is not in
 * the file. A plain tuple has the same leaves in the same order.
 */
#include "buffer.h"
#include "upgrade_private.h"
#include <string.h>

typedef struct
{
  Pt2Buffer out;
  const char *next; /* of the spec's text, not yet copied */
  int64_t count;
  bool no_memory;
} Editing;

static void
put (Editing *editing, const char *data, size_t len)
{
  if (pt2_buffer_room (&editing->out, len))
    pt2_buffer_put (&editing->out, data, len);
  else
    editing->no_memory = true;
}

static void
replace (Editing *editing, const Pt2JsonNode *node, const char *text)
{
  put (editing, editing->next, (size_t)(node->raw.data - editing->next));
  put (editing, text, strlen (text));
  editing->next = node->raw.data + node->raw.len;
}

static void
edit (Editing *editing, const Pt2JsonNode *node)
{
  bool named = pt2_upgrade_is (pt2_json_text (pt2_json_get (node, "type")), "collections.namedtuple")
               && pt2_json_get (pt2_json_get (node, "context"), "class_name") != NULL;
  editing->count += named;
  for (uint32_t i = 0; node->kind == PT2_JSON_OBJECT && i < node->len; i++)
    {
      Pt2String key = pt2_json_key (node, i);
      const Pt2JsonNode *value = pt2_json_item (node, i);
      if (named && pt2_upgrade_is (key, "type"))
        replace (editing, value, "\"builtins.tuple\"");
      else if (named && pt2_upgrade_is (key, "context"))
        replace (editing, value, "\"null\"");
      else if (pt2_upgrade_is (key, "children_spec"))
        for (uint32_t j = 0; j < pt2_json_length (value); j++)
          edit (editing, pt2_json_item (value, j));
    }
}

/* A text that is no tree spec is left alone: PyTorch, too, looks at it only when it loads the program. */
static int64_t
edit_spec (Pt2Upgrading *upgrading, Pt2String *spec)
{
  Pt2Arena arena;
  Pt2Status status = PT2_STATUS_INIT;
  Editing editing = { .out = PT2_BUFFER_INIT, .next = spec->data };
  pt2_arena_init (&arena, upgrading->limits->memory, 0);
  const Pt2JsonNode *tree = pt2_json_tree_read (&arena, spec->data, spec->len, upgrading->limits, &status);
  const Pt2JsonNode *node = pt2_json_item (tree, 1);
  if (node != NULL)
    edit (&editing, node);
  if (editing.count > 0)
    {
      put (&editing, editing.next, (size_t)(spec->data + spec->len - editing.next));
      *spec = pt2_draft_text (upgrading->draft, editing.out.data, (gssize)pt2_buffer_len (&editing.out));
      upgrading->draft->no_memory = upgrading->draft->no_memory || editing.no_memory;
    }
  pt2_buffer_clear (&editing.out);
  pt2_arena_clear (&arena);
  return editing.count;
}

int64_t
pt2_upgrade_named_tuples (Pt2Upgrading *upgrading)
{
  const Pt2ModuleCallEntryList *calls = &upgrading->draft->exported->graph_module.module_call_graph;
  int64_t count = 0;
  for (uint32_t i = 0; i < calls->len; i++)
    if (calls->items[i].signature != NULL)
      count += edit_spec (upgrading, &calls->items[i].signature->in_spec)
               + edit_spec (upgrading, &calls->items[i].signature->out_spec);
  if (count > 0)
    g_strlcpy (upgrading->note, "callers may pass any tuple there", sizeof upgrading->note);
  return count;
}
