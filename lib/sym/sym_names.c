/* SPDX-License-Identifier: Apache-2.0 */
#include "sym_names.h"
#include <string.h>

enum
{
  FEW_QUESTIONS = 4,
  FEW_NAMES = 8,
};

void
sym_names_init (SymNames *names, const void *items, size_t stride, uint32_t n)
{
  *names = (SymNames){ .items = items, .stride = stride, .n = n };
}

void
sym_names_clear (SymNames *names)
{
  if (names->texts == NULL)
    return;
  pt2_text_index_clear (&names->index);
  g_free (names->texts);
  names->texts = NULL;
}

static const char *
name_at (const SymNames *names, uint32_t i)
{
  return *(const char *const *)(const void *)((const char *)names->items + i * names->stride);
}

/* The first of equal names is the one that counts. Without memory, searching goes on as before. */
static void
make_index (SymNames *names)
{
  names->texts = g_try_new (Pt2String, names->n);
  if (names->texts == NULL)
    return;
  pt2_text_index_init (&names->index);
  for (uint32_t i = 0; i < names->n; i++)
    {
      names->texts[i] = (Pt2String){ name_at (names, i), (uint32_t)strlen (name_at (names, i)) };
      if (pt2_text_index_claim (&names->index, names->texts, sizeof (Pt2String), i) == PT2_TEXT_INDEX_NONE)
        {
          sym_names_clear (names);
          return;
        }
    }
}

uint32_t
sym_names_find (SymNames *names, Pt2String name)
{
  if (names->n > FEW_NAMES && ++names->asked == FEW_QUESTIONS)
    make_index (names);
  if (names->texts != NULL)
    return pt2_text_index_find (&names->index, names->texts, sizeof (Pt2String), name);
  for (uint32_t i = 0; i < names->n; i++)
    if (strlen (name_at (names, i)) == name.len && memcmp (name_at (names, i), name.data, name.len) == 0)
      return i;
  return PT2_TEXT_INDEX_NONE;
}
