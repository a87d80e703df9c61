/* SPDX-License-Identifier: Apache-2.0 */
/* Notes on nodes. PyTorch takes some of them apart when it loads a program and refuses the program if it cannot, so
 * what is spelled otherwise must be respelled, or kept under another key.
 */
#include "metadata.h"
#include "upgrade_private.h"

/* A text that PyTorch takes apart, and where it goes if it cannot. */
static const struct
{
  Pt2MetadataForm form;
  const char *other;
} rows[] = {
  { PT2_METADATA_MODULE_STACK, "older_nn_module_stack" },
  { PT2_METADATA_SOURCE_FNS, "older_source_fn_stack" },
};

/* A module stack as major 1 has it, put together as today's. */
static Pt2String
respelled (Pt2Draft *draft, const Pt2ModuleStack *older)
{
  Pt2ModuleStack today = *older;
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2String text = { NULL, 0 };
  bool bad = false;
  today.older = FALSE;
  if (pt2_metadata_forms[PT2_METADATA_MODULE_STACK].write (&out, &today, &bad))
    text = pt2_draft_text (draft, out.data, (gssize)pt2_buffer_len (&out));
  draft->no_memory = draft->no_memory || text.data == NULL;
  pt2_buffer_clear (&out);
  return text;
}

/* False: *TEXT cannot be taken apart. */
static bool
settle (Pt2Draft *draft, Pt2MetadataForm form, Pt2String *text)
{
  union
  {
    Pt2ModuleStack modules;
    Pt2SourceFnStack functions;
  } view;
  Pt2Arena arena;
  Pt2Status status = PT2_STATUS_INIT;
  pt2_arena_init (&arena, pt2_limits_default ()->memory, 0);
  bool fine = pt2_metadata_read (form, &arena, *text, pt2_limits_default (), &view, &status);
  if (fine && form == PT2_METADATA_MODULE_STACK && view.modules.older)
    *text = respelled (draft, &view.modules);
  draft->no_memory = draft->no_memory || status.code == PT2_ERROR_L001 || status.code == PT2_ERROR_L003;
  pt2_arena_clear (&arena);
  return fine;
}

/* Returns whether anything was changed. */
static bool
respell (Pt2Draft *draft, Pt2StringToStringMapEntry *entry)
{
  bool renamed = pt2_upgrade_is (entry->key, "source_fn"); /* major 1: one function, which is a stack of one */
  if (renamed)
    entry->key = pt2_draft_text (draft, "source_fn_stack", -1);
  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *before = entry->value.data;
      if (entry->key.data == NULL || pt2_metadata_form_of (entry->key) != rows[i].form)
        continue;
      bool settled = settle (draft, rows[i].form, &entry->value);
      if (!settled)
        entry->key = pt2_draft_text (draft, rows[i].other, -1);
      return renamed || !settled || entry->value.data != before;
    }
  return renamed;
}

static bool
respell_graph (Pt2Upgrading *upgrading, Pt2Graph *graph, int64_t *count)
{
  for (uint32_t i = 0; i < graph->nodes.len; i++)
    {
      const Pt2StringToStringMap *notes = &graph->nodes.items[i].metadata;
      for (uint32_t j = 0; j < notes->len; j++)
        *count += respell (upgrading->draft, &notes->entries[j]);
    }
  return true;
}

int64_t
pt2_upgrade_metadata (Pt2Upgrading *upgrading)
{
  return pt2_upgrade_graphs (upgrading, respell_graph);
}
