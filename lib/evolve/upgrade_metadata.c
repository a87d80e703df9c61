/* SPDX-License-Identifier: Apache-2.0 */
/* Notes on nodes. PyTorch takes some of them apart when it loads a program and refuses the program if it cannot, so
 * what is spelled otherwise must be respelled, or kept under another key.
 */
#include "upgrade_private.h"
#include <string.h>

/* Part of TEXT up to the next SEPARATOR; TEXT goes on behind it, and is {NULL, 0} at the end. */
static Pt2String
next_part (Pt2String *text, char separator)
{
  const char *end = memchr (text->data, separator, text->len);
  Pt2String part = { text->data, end != NULL ? (uint32_t)(end - text->data) : text->len };
  *text = end != NULL ? (Pt2String){ end + 1, text->len - part.len - 1 } : (Pt2String){ NULL, 0 };
  return part;
}

/* Fields of one entry as PyTorch counts them: commas inside of brackets do not part. */
static unsigned
count_fields (Pt2String entry)
{
  unsigned n = 1;
  int depth = 0;
  for (uint32_t i = 0; i < entry.len; i++)
    {
      char c = entry.data[i];
      depth += (c == '[' || c == '(') - (c == ']' || c == ')');
      n += c == ',' && depth == 0;
    }
  return n;
}

static unsigned
count_commas (Pt2String entry)
{
  unsigned n = 0;
  for (uint32_t i = 0; i < entry.len; i++)
    n += entry.data[i] == ',';
  return n;
}

static bool
all_entries (Pt2String text, unsigned (*count) (Pt2String), unsigned wanted)
{
  while (text.data != NULL)
    if (count (next_part (&text, ';')) != wanted)
      return false;
  return true;
}

static bool
is_module_stack (Pt2String text)
{
  return text.len == 0 || all_entries (text, count_fields, 3);
}

static bool
is_source_stack (Pt2String text)
{
  return text.len == 0 || all_entries (text, count_commas, 1);
}

/* `key:(path,type)`, as major 1 has it, as `key,path,type`. Shorter than before. */
static bool
respell_entry (Pt2String entry, char **out)
{
  const char *colon = entry.len > 0 ? memchr (entry.data, ':', entry.len) : NULL;
  const char *end = entry.data + entry.len;
  if (colon == NULL || end - colon < 3 || colon[1] != '(' || end[-1] != ')')
    return false;
  memcpy (*out, entry.data, (size_t)(colon - entry.data));
  *out += colon - entry.data;
  *(*out)++ = ',';
  memcpy (*out, colon + 2, (size_t)(end - 1 - (colon + 2)));
  *out += end - 1 - (colon + 2);
  return true;
}

static Pt2String
respelled_stack (Pt2Draft *draft, Pt2String text)
{
  char *start = pt2_draft_alloc (draft, text.len), *out = start;
  for (Pt2String rest = text; start != NULL && rest.data != NULL;)
    {
      if (out > start)
        *out++ = ';';
      if (!respell_entry (next_part (&rest, ';'), &out))
        return text;
    }
  return start != NULL ? (Pt2String){ start, (uint32_t)(out - start) } : text;
}

typedef struct
{
  const char *key;
  const char *other; /* where it goes if PyTorch cannot take it apart */
  bool (*fine) (Pt2String text);
  Pt2String (*respell) (Pt2Draft *draft, Pt2String text);
} NoteRow;

static const NoteRow rows[] = {
  { "nn_module_stack", "older_nn_module_stack", is_module_stack, respelled_stack },
  { "source_fn_stack", "older_source_fn_stack", is_source_stack, NULL },
};

/* Returns whether anything was changed. */
static bool
respell (Pt2Draft *draft, Pt2StringToStringMapEntry *entry)
{
  bool renamed = pt2_upgrade_is (entry->key, "source_fn"); /* major 1: one function, which is a stack of one */
  if (renamed)
    entry->key = pt2_draft_text (draft, "source_fn_stack", -1);
  for (unsigned i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (entry->key.data == NULL || !pt2_upgrade_is (entry->key, rows[i].key) || rows[i].fine (entry->value))
        continue;
      if (rows[i].respell != NULL)
        entry->value = rows[i].respell (draft, entry->value);
      if (!rows[i].fine (entry->value))
        entry->key = pt2_draft_text (draft, rows[i].other, -1);
      return true;
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
