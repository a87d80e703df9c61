/* SPDX-License-Identifier: Apache-2.0 */
/* Symbolic expressions. Up to PyTorch 2.5 they were written as infix text (`2*s0 + 1`), which says nothing of its
 * symbols; read so, PyTorch knows of no sign and can simplify little. Unbacked symbols were called `i0` and `f0` up to
 * 2.2 and are `u0` and `zuf0` today, which PyTorch tells by the name.
 */
#include "buffer.h"
#include "pt2-expr.h"
#include "upgrade_private.h"
#include <string.h>

typedef struct
{
  Pt2String old; /* first, for the index */
  Pt2String now;
} Respelled;

typedef struct
{
  Pt2Upgrading *upgrading;
  Pt2ExprPool *pool;
  const Pt2StringToRangeConstraintMap *ranges;
  Pt2TextIndex range_index;
  /* What was respelled already: programs repeat few expressions often. */
  Pt2TextIndex index;
  Respelled *done;
  uint32_t n, room;
  int64_t count;
} Respelling;

/* ---- names ---- */

typedef struct
{
  const char *old; /* letters before the number */
  const char *now;
  int64_t below;     /* only in files of an older schema; 0: in all */
  const char *known; /* what is known of such a symbol */
} SymbolRow;

static const SymbolRow symbols[] = {
  { "s", "s", 0, ", integer=True" }, /* positive, too, if its range says so */
  { "u", "u", 0, ", integer=True" },
  { "i", "u", PT2_SCHEMA_AT (5, 0), ", integer=True" },
  { "zuf", "zuf", 0, "" },
  { "zf", "zf", 0, "" },
  { "f", "zuf", PT2_SCHEMA_AT (5, 0), "" },
};

static const SymbolRow *
symbol_row (const Pt2Upgrading *upgrading, Pt2String name)
{
  uint32_t letters = name.len;
  while (letters > 0 && g_ascii_isdigit (name.data[letters - 1]))
    letters--;
  for (unsigned i = 0; letters < name.len && i < G_N_ELEMENTS (symbols); i++)
    if (letters == strlen (symbols[i].old) && memcmp (name.data, symbols[i].old, letters) == 0
        && (symbols[i].below == 0 || upgrading->version < symbols[i].below))
      return &symbols[i];
  return NULL;
}

static bool
is_positive (const Respelling *respelling, Pt2String name)
{
  const Pt2StringToRangeConstraintMap *ranges = respelling->ranges;
  uint32_t at = pt2_text_index_find (&respelling->range_index, ranges->entries, sizeof ranges->entries[0], name);
  return at != PT2_TEXT_INDEX_NONE && (ranges->entries[at].value.present[0] & 1)
         && ranges->entries[at].value.min_val >= 1;
}

/* ---- one expression ---- */

static bool
put_symbol (const Respelling *respelling, Pt2Buffer *out, const SymbolRow *row, Pt2String name)
{
  size_t letters = strlen (row->old);
  bool positive = row->old[0] == 's' && is_positive (respelling, name);
  return pt2_buffer_text (out, "Symbol('") && pt2_buffer_text (out, row->now)
         && pt2_buffer_bytes (out, name.data + letters, name.len - letters)
         && pt2_buffer_text (out, positive ? "', positive=True" : "'") && pt2_buffer_text (out, row->known)
         && pt2_buffer_text (out, ")");
}

static uint32_t
word_end (Pt2String text, uint32_t at)
{
  while (at < text.len && (g_ascii_isalnum (text.data[at]) || text.data[at] == '_'))
    at++;
  return at;
}

/* TEXT with each symbol spelled out. */
static bool
spell_symbols (const Respelling *respelling, Pt2String text, Pt2Buffer *out)
{
  bool fine = true;
  for (uint32_t at = 0, end; fine && at < text.len; at = end)
    {
      end = MAX (word_end (text, at), at + 1);
      const Pt2String word = { text.data + at, end - at };
      bool is_call = end < text.len && text.data[end] == '(';
      const SymbolRow *row = is_call ? NULL : symbol_row (respelling->upgrading, word);
      fine = row != NULL ? put_symbol (respelling, out, row, word) : pt2_buffer_bytes (out, word.data, word.len);
    }
  return fine;
}

/* What is no expression here is left as it is: PyTorch may know better. */
static Pt2String
respell (Respelling *respelling, Pt2String text)
{
  Pt2Buffer spelled = PT2_BUFFER_INIT;
  Pt2String now = text;
  Pt2Draft *draft = respelling->upgrading->draft;
  if (spell_symbols (respelling, text, &spelled))
    {
      const Pt2Expr *expr = pt2_expr_parse (respelling->pool, spelled.data, (gssize)pt2_buffer_len (&spelled), NULL);
      gsize len;
      g_autofree char *printed = expr != NULL ? pt2_expr_print (expr, PT2_EXPR_SREPR, &len) : NULL;
      if (printed != NULL)
        now = pt2_draft_text (draft, printed, (gssize)len);
    }
  else
    draft->no_memory = true;
  pt2_buffer_clear (&spelled);
  return now;
}

static bool
remember (Respelling *respelling, Respelled respelled)
{
  if (respelling->n == respelling->room)
    {
      uint32_t room = respelling->room * 2 + 64;
      Respelled *wider = g_try_renew (Respelled, respelling->done, room);
      if (wider == NULL)
        return false;
      respelling->done = wider;
      respelling->room = room;
    }
  respelling->done[respelling->n] = respelled;
  return pt2_text_index_add (&respelling->index, respelling->done, sizeof *respelling->done, respelling->n++);
}

static bool
is_srepr (Pt2String text)
{
  return g_strstr_len (text.data, text.len, "Symbol(") != NULL;
}

static void
visit_expression (Respelling *respelling, Pt2SymExpr *expr)
{
  Pt2String text = expr->expr_str;
  if (is_srepr (text))
    return;
  uint32_t at = pt2_text_index_find (&respelling->index, respelling->done, sizeof *respelling->done, text);
  Respelled respelled
      = at != PT2_TEXT_INDEX_NONE ? respelling->done[at] : (Respelled){ text, respell (respelling, text) };
  if (at == PT2_TEXT_INDEX_NONE && !remember (respelling, respelled))
    respelling->upgrading->draft->no_memory = true;
  respelling->count += respelled.now.data != text.data;
  expr->expr_str = respelled.now;
}

/* ---- all of them ---- */

static void
visit_sizes (Respelling *respelling, const Pt2SymIntList *sizes)
{
  for (uint32_t i = 0; i < sizes->len; i++)
    if (sizes->items[i].which == PT2_SYM_INT_AS_EXPR)
      visit_expression (respelling, sizes->items[i].as_expr);
}

static void
visit_graph (Respelling *respelling, Pt2Graph *graph)
{
  for (uint32_t i = 0; i < graph->tensor_values.len; i++)
    {
      Pt2TensorMeta *meta = &graph->tensor_values.entries[i].value;
      const Pt2SymIntList offset = { &meta->storage_offset, 1 };
      visit_sizes (respelling, &meta->sizes);
      visit_sizes (respelling, &meta->strides);
      visit_sizes (respelling, &offset);
    }
  for (uint32_t i = 0; i < graph->sym_int_values.len; i++)
    if (graph->sym_int_values.entries[i].value.which == PT2_SYM_INT_AS_EXPR)
      visit_expression (respelling, graph->sym_int_values.entries[i].value.as_expr);
  for (uint32_t i = 0; i < graph->sym_bool_values.len; i++)
    if (graph->sym_bool_values.entries[i].value.which == PT2_SYM_BOOL_AS_EXPR)
      visit_expression (respelling, graph->sym_bool_values.entries[i].value.as_expr);
  for (uint32_t i = 0; i < graph->sym_float_values.len; i++)
    if (graph->sym_float_values.entries[i].value.which == PT2_SYM_FLOAT_AS_EXPR)
      visit_expression (respelling, graph->sym_float_values.entries[i].value.as_expr);
}

static bool
visit (Pt2Upgrading *upgrading, Pt2Graph *graph, int64_t *count)
{
  Respelling *respelling = upgrading->step_data;
  visit_graph (respelling, graph);
  *count = respelling->count;
  return !pt2_draft_failed (upgrading->draft);
}

/* Ranges go by the symbol's name. */
static int64_t
rename_ranges (Pt2Upgrading *upgrading, Pt2StringToRangeConstraintMap *ranges)
{
  int64_t count = 0;
  for (uint32_t i = 0; i < ranges->len; i++)
    {
      Pt2String name = ranges->entries[i].key;
      const SymbolRow *row = symbol_row (upgrading, name);
      if (row == NULL || row->old == row->now || strcmp (row->old, row->now) == 0)
        continue;
      size_t letters = strlen (row->old);
      ranges->entries[i].key
          = pt2_draft_printf (upgrading->draft, "%s%.*s", row->now, (int)(name.len - letters), name.data + letters);
      count++;
    }
  return count;
}

int64_t
pt2_upgrade_symbols (Pt2Upgrading *upgrading)
{
  Pt2StringToRangeConstraintMap *ranges = &upgrading->draft->exported->range_constraints;
  Respelling respelling = { .upgrading = upgrading, .ranges = ranges, .pool = pt2_expr_pool_new (upgrading->limits) };
  pt2_text_index_init (&respelling.range_index);
  pt2_text_index_init (&respelling.index);
  bool fine = respelling.pool != NULL;
  for (uint32_t i = 0; fine && i < ranges->len; i++)
    fine = pt2_text_index_add (&respelling.range_index, ranges->entries, sizeof ranges->entries[0], i);
  upgrading->step_data = &respelling;
  int64_t count = fine ? pt2_upgrade_graphs (upgrading, visit) : -1;
  upgrading->step_data = NULL;
  upgrading->draft->no_memory = upgrading->draft->no_memory || !fine;
  pt2_text_index_clear (&respelling.range_index);
  pt2_text_index_clear (&respelling.index);
  g_free (respelling.done);
  pt2_expr_pool_free (respelling.pool);
  return count >= 0 ? count + rename_ranges (upgrading, ranges) : -1;
}
