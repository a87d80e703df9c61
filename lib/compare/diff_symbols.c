/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols that got other names. Expressions are compared as texts in which such names may differ; nothing is parsed. */
#include "diff_private.h"
#include <string.h>

enum
{
  IN_OLD = 1,
  IN_NEW = 2,
  MOST_NEW_PAIRS = 16, /* that one expression can teach */
};

struct Pt2DiffSymbols
{
  Pt2DiffNames names;
  uint8_t *sides; /* by number */
};

typedef struct
{
  Pt2String text;
  uint32_t at;
} Scanner;

static bool
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

/* The word that begins at S->at; empty if none does. */
static Pt2String
word_at (const Scanner *s)
{
  uint32_t end = s->at;
  while (end < s->text.len && is_word (s->text.data[end]))
    end++;
  return (Pt2String){ s->text.data + s->at, end - s->at };
}

/* Letters, then digits, and no function that is called. */
static bool
is_symbol (const Scanner *s, Pt2String word)
{
  uint32_t end = s->at + word.len;
  return word.len >= 2 && g_ascii_isalpha (word.data[0]) && g_ascii_isdigit (word.data[word.len - 1])
         && (end == s->text.len || s->text.data[end] != '(');
}

/* ---- which symbols there are ---- */

typedef struct
{
  Pt2Diff *diff;
  struct Pt2DiffSymbols *symbols;
  uint8_t side;
} Collector;

static void
collect_word (Collector *c, Pt2String word)
{
  Pt2DiffNames *names = &c->symbols->names;
  uint32_t id = pt2_text_ids_add (&names->ids, word);
  if (id == PT2_TEXT_ID_NONE)
    {
      pt2_diff_no_memory (c->diff);
      return;
    }
  if (id >= names->n)
    {
      uint32_t room = names->ids.room;
      uint8_t *sides = g_try_realloc (c->symbols->sides, room);
      if (sides == NULL)
        {
          pt2_diff_no_memory (c->diff);
          return;
        }
      memset (sides + names->n, 0, room - names->n);
      c->symbols->sides = sides;
      names->n = room;
    }
  c->symbols->sides[id] |= c->side;
}

static void
collect_text (Collector *c, Pt2String text)
{
  Scanner s = { text, 0 };
  while (s.at < text.len && !c->diff->failed)
    {
      Pt2String word = word_at (&s);
      if (is_symbol (&s, word))
        collect_word (c, word);
      s.at += MAX (word.len, 1);
    }
}

static void collect_value (Collector *c, const Pt2TypeInfo *type, const void *value);

static void
collect_field (Collector *c, const Pt2StructInfo *info, const Pt2FieldInfo *field, const void *record)
{
  const void *value = pt2_field_value (field, record);
  if (pt2_diff_role (&c->diff->roles, info, (unsigned)(field - info->fields)) == PT2_ROLE_EXPRESSION)
    collect_text (c, *(const Pt2String *)value);
  else
    collect_value (c, field->type, value);
}

/* As deep as the value, which the readers bounded. */
static void
collect_value (Collector *c, const Pt2TypeInfo *type, const void *value)
{
  const Pt2StructInfo *info = type->record;
  const Pt2AnyList *list = value;
  if (type->kind == PT2_KIND_UNION)
    {
      uint32_t which = ((const Pt2AnyUnion *)value)->which;
      const Pt2FieldInfo *member = which <= INT16_MAX ? pt2_struct_field_by_id (info, (int)which) : NULL;
      if (member != NULL)
        collect_field (c, info, member, value);
    }
  else if (type->kind == PT2_KIND_STRUCT)
    for (unsigned i = 0; i < info->n_fields; i++)
      {
        if (pt2_field_present (info, &info->fields[i], value))
          collect_field (c, info, &info->fields[i], value);
      }
  else if (type->kind >= PT2_KIND_LIST && type->element->kind >= PT2_KIND_STRUCT)
    {
      bool map = type->kind == PT2_KIND_MAP;
      size_t step = map ? type->entry_size : type->element->size, skip = map ? type->key_size : 0;
      for (uint32_t i = 0; i < list->len && !c->diff->failed; i++)
        collect_value (c, type->element, (const char *)list->items + i * step + skip);
    }
}

static void
collect_program (Collector *c, Pt2Program *program)
{
  const Pt2ExportedProgram *exported = program->document.root;
  collect_value (c, program->document.type->type, exported);
  for (uint32_t i = 0; i < exported->range_constraints.len && !c->diff->failed; i++)
    collect_word (c, exported->range_constraints.entries[i].key);
}

static bool
make_pairs (Pt2Diff *diff, Pt2DiffNames *names)
{
  names->n = names->ids.n;
  names->new_of = pt2_diff_alloc (diff, ((size_t)names->n + 1) * sizeof (uint32_t));
  names->old_of = pt2_diff_alloc (diff, ((size_t)names->n + 1) * sizeof (uint32_t));
  if (diff->failed)
    return false;
  memset (names->new_of, 0xff, names->n * sizeof (uint32_t));
  memset (names->old_of, 0xff, names->n * sizeof (uint32_t));
  return true;
}

static bool
need_symbols (Pt2Diff *diff)
{
  if (diff->symbols != NULL || diff->failed)
    return !diff->failed;
  struct Pt2DiffSymbols *symbols = g_try_new0 (struct Pt2DiffSymbols, 1);
  if (symbols == NULL)
    return pt2_diff_no_memory (diff);
  diff->symbols = symbols;
  pt2_text_ids_init (&symbols->names.ids, NULL);
  Collector collector = { diff, symbols, IN_OLD };
  collect_program (&collector, diff->old);
  collector.side = IN_NEW;
  collect_program (&collector, diff->new);
  return !diff->failed && make_pairs (diff, &symbols->names);
}

void
pt2_diff_symbols_free (struct Pt2DiffSymbols *symbols)
{
  if (symbols == NULL)
    return;
  pt2_text_ids_clear (&symbols->names.ids);
  g_free (symbols->sides);
  g_free (symbols);
}

/* ---- comparing ---- */

typedef struct
{
  uint32_t old[MOST_NEW_PAIRS], new[MOST_NEW_PAIRS];
  uint32_t n;
} NewPairs;

/* May two words stand for each other? What was not known is noted. */
static bool
words_agree (const struct Pt2DiffSymbols *symbols, const Scanner *a, Pt2String old, const Scanner *b, Pt2String new,
             NewPairs *pairs)
{
  const Pt2DiffNames *names = &symbols->names;
  if (!is_symbol (a, old) || !is_symbol (b, new))
    return false;
  uint32_t x = pt2_text_ids_find (&names->ids, old), y = pt2_text_ids_find (&names->ids, new);
  if (x == PT2_TEXT_ID_NONE || y == PT2_TEXT_ID_NONE)
    return false;
  if (names->new_of[x] != PT2_TEXT_ID_NONE || names->old_of[y] != PT2_TEXT_ID_NONE)
    return names->new_of[x] == y;
  for (uint32_t i = 0; i < pairs->n; i++)
    if (pairs->old[i] == x || pairs->new[i] == y)
      return pairs->old[i] == x && pairs->new[i] == y;
  if (symbols->sides[x] != IN_OLD || symbols->sides[y] != IN_NEW || pairs->n == MOST_NEW_PAIRS)
    return false;
  pairs->old[pairs->n] = x;
  pairs->new[pairs->n++] = y;
  return true;
}

bool
pt2_diff_same_expression (Pt2Diff *diff, Pt2String old, Pt2String new)
{
  if (old.len == new.len && memcmp (old.data, new.data, old.len) == 0)
    return true;
  if (!need_symbols (diff))
    return false;
  Scanner a = { old, 0 }, b = { new, 0 };
  NewPairs pairs = { .n = 0 };
  while (a.at < old.len && b.at < new.len)
    {
      Pt2String x = word_at (&a), y = word_at (&b);
      bool equal = x.len == y.len && memcmp (x.data, y.data, x.len) == 0;
      if (x.len == 0 && y.len == 0 ? old.data[a.at] != new.data[b.at]
                                   : !equal && !words_agree (diff->symbols, &a, x, &b, y, &pairs))
        return false;
      a.at += MAX (x.len, 1);
      b.at += MAX (y.len, 1);
    }
  if (a.at < old.len || b.at < new.len)
    return false;
  for (uint32_t i = 0; i < pairs.n; i++)
    pt2_diff_names_pair (&diff->symbols->names, pairs.old[i], pairs.new[i]);
  return true;
}

Pt2String
pt2_diff_new_symbol (const Pt2Diff *diff, Pt2String name)
{
  if (diff->symbols == NULL || diff->failed)
    return name;
  const Pt2DiffNames *names = &diff->symbols->names;
  uint32_t id = pt2_text_ids_find (&names->ids, name);
  return id < names->n && names->new_of[id] != PT2_TEXT_ID_NONE ? names->ids.texts[names->new_of[id]] : name;
}

void
pt2_diff_report_symbols (Pt2Diff *diff)
{
  if (diff->symbols == NULL || diff->failed || (diff->ignore & PT2_DIFF_IGNORE_NAMES) != 0)
    return;
  const Pt2DiffNames *names = &diff->symbols->names;
  for (uint32_t i = 0; i < names->n; i++)
    {
      if (names->new_of[i] == PT2_TEXT_ID_NONE)
        continue;
      Pt2String old = names->ids.texts[i], new = names->ids.texts[names->new_of[i]];
      const Pt2DiffPath map = { .field = "range_constraints" };
      const Pt2DiffPath path = { .up = &map, .old_key = old, .new_key = new };
      Pt2String was = pt2_diff_quote (diff, old);
      pt2_diff_add_texts (diff, PT2_DIFF_RENAMED, &path, was, pt2_diff_quote (diff, new));
    }
}
