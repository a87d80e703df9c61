/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols: every expression can be read, every symbol has a range and comes from somewhere, hints agree with ranges
 * and with each other.
 */
#include "check_private.h"
#include "python_text.h"
#include "pt2-expr.h"

/* An expression of the program, once. */
typedef struct
{
  Pt2String text; /* first, for the index */
  const Pt2Expr *expr;
  bool has_hint;
  int64_t hint;
  bool hint_told; /* a second hint was reported */
  bool is_size;
  /* Its symbols know of it already as far as these say. */
  bool seen, hint_seen, seen_defined, seen_in_input;
} SymText;

typedef struct
{
  Pt2String name; /* first, for the index */
  bool has_hint, in_input, bare, used;
  int64_t hint;
  const Pt2RangeConstraint *range;
  Place first; /* where it stands first */
} Symbol;

typedef struct
{
  Check *check;
  Pt2ExprPool *pool;
  SymText *texts;
  Symbol *symbols;
  uint32_t n_texts, text_room, n_symbols, symbol_room;
  Pt2TextIndex text_index, symbol_index;
  TextCache cache;
  bool unreadable;
} Symbols;

/* Where an expression stands. */
typedef struct
{
  const CheckGraph *graph;
  const char *table;
  Pt2String key;
  bool defined, in_input;
} SymPlace;

static Place
place_of (const SymPlace *at)
{
  return place (at->graph, "%s[\"%s\"]", at->table, shown (at->key).text);
}

/* ---- reading ---- */

static Symbol *
find_symbol (const Symbols *symbols, Pt2String name)
{
  uint32_t at = pt2_text_index_find (&symbols->symbol_index, symbols->symbols, sizeof (Symbol), name);
  return at != PT2_TEXT_INDEX_NONE ? &symbols->symbols[at] : NULL;
}

/* NULL if memory is short. */
static Symbol *
add_symbol (Symbols *symbols, Pt2String name, Place where)
{
  Check *check = symbols->check;
  if (!check_grow (check, &symbols->symbols, symbols->n_symbols, &symbols->symbol_room, sizeof (Symbol)))
    return NULL;
  symbols->symbols[symbols->n_symbols] = (Symbol){ .name = name, .first = where };
  if (!pt2_text_index_add (&symbols->symbol_index, symbols->symbols, sizeof (Symbol), symbols->n_symbols))
    {
      check->no_memory = true;
      return NULL;
    }
  return &symbols->symbols[symbols->n_symbols++];
}

static void
fail_text (Symbols *symbols, GError *error, Pt2String text, const char *where)
{
  if (python_text_is_dangerous (text))
    check_add (symbols->check, CHECK_X105, where, "%s", shown (text).text);
  g_autoptr (GError) owned = error;
  pt2_error_add_record (owned, where);
  check_add_error (symbols->check, owned, symbols->check->record);
  symbols->unreadable = true;
}

/* NULL if memory is short. */
static SymText *
read_text (Symbols *symbols, Pt2String text, Place (*where) (const SymPlace *), const SymPlace *at)
{
  GError *error = NULL;
  uint32_t *cached = text_cache_at (&symbols->cache, text);
  if (*cached != 0 && text_equal (symbols->texts[*cached - 1].text, text))
    return &symbols->texts[*cached - 1];
  uint32_t known = pt2_text_index_find (&symbols->text_index, symbols->texts, sizeof (SymText), text);
  *cached = known != PT2_TEXT_INDEX_NONE ? known + 1 : 0;
  if (known != PT2_TEXT_INDEX_NONE)
    return &symbols->texts[known];
  if (!check_grow (symbols->check, &symbols->texts, symbols->n_texts, &symbols->text_room, sizeof (SymText)))
    return NULL;
  SymText *made = &symbols->texts[symbols->n_texts];
  *made = (SymText){ .text = text, .expr = pt2_expr_parse (symbols->pool, text.data, text.len, &error) };
  if (made->expr == NULL)
    fail_text (symbols, error, text, where (at).text);
  if (!pt2_text_index_add (&symbols->text_index, symbols->texts, sizeof *made, symbols->n_texts))
    {
      symbols->check->no_memory = true;
      return NULL;
    }
  return &symbols->texts[symbols->n_texts++];
}

static void
take_hint (Symbols *symbols, SymText *text, const Pt2SymExprHint *hint, const SymPlace *at)
{
  if (hint->which != PT2_SYM_EXPR_HINT_AS_INT)
    return;
  if (!text->has_hint)
    {
      text->has_hint = true;
      text->hint = hint->as_int;
    }
  else if (text->hint != hint->as_int && !text->hint_told)
    {
      check_add (symbols->check, CHECK_Y105, place_of (at).text,
                 "%s was %" G_GINT64_FORMAT " and is %" G_GINT64_FORMAT " here", shown (text->text).text, text->hint,
                 hint->as_int);
      text->hint_told = true;
    }
}

static void
see_symbols (Symbols *symbols, const SymText *text, const SymPlace *at)
{
  guint n;
  g_autofree Pt2String *names = pt2_expr_free_symbols (text->expr, &n);
  bool bare = pt2_expr_get_symbol (text->expr).data != NULL;
  for (guint i = 0; i < n; i++)
    {
      Symbol *symbol = find_symbol (symbols, names[i]);
      if (symbol == NULL)
        symbol = add_symbol (symbols, names[i], place_of (at));
      if (symbol == NULL)
        return;
      symbol->used = symbol->used || at->defined;
      symbol->in_input = symbol->in_input || at->in_input;
      symbol->bare = symbol->bare || (bare && at->defined);
      if (bare && text->has_hint && !symbol->has_hint)
        {
          symbol->has_hint = true;
          symbol->hint = text->hint;
        }
    }
}

static SymText *
see_expression (Symbols *symbols, const Pt2SymExpr *expr, const SymPlace *at)
{
  SymText *text = read_text (symbols, expr->expr_str, place_of, at);
  if (text == NULL)
    return NULL;
  take_hint (symbols, text, &expr->hint, at);
  bool new_hint = text->has_hint && !text->hint_seen;
  if (text->expr != NULL
      && (new_hint || !text->seen || (at->defined && !text->seen_defined) || (at->in_input && !text->seen_in_input)))
    see_symbols (symbols, text, at);
  text->seen = true;
  text->hint_seen = text->has_hint;
  text->seen_defined = text->seen_defined || at->defined;
  text->seen_in_input = text->seen_in_input || at->in_input;
  return text;
}

static SymText *
see_int (Symbols *symbols, const Pt2SymInt *number, const SymPlace *at)
{
  if (number->which != PT2_SYM_INT_AS_EXPR)
    return NULL;
  uint32_t hint = number->as_expr->hint.which;
  if (hint != 0 && hint != PT2_SYM_EXPR_HINT_AS_INT)
    check_add (symbols->check, CHECK_Y110, place_of (at).text, "%s", shown (number->as_expr->expr_str).text);
  return see_expression (symbols, number->as_expr, at);
}

static void
see_sizes (Symbols *symbols, const Pt2SymIntList *list, const SymPlace *at)
{
  for (uint32_t i = 0; i < list->len; i++)
    {
      SymText *text = see_int (symbols, &list->items[i], at);
      if (text != NULL)
        text->is_size = true;
    }
}

static SymPlace
place_of_value (const CheckGraph *graph, const char *table, Pt2String key, uint32_t number)
{
  /* The first table's values come first, in its order. */
  bool there = number < graph->n_values && graph->values[number].name.data == key.data;
  const CheckValue *value = there ? &graph->values[number] : check_find_value (graph, key);
  bool defined = value != NULL && value->defined != DEFINED_NOWHERE;
  return (SymPlace){ graph, table, key, defined,
                     defined && value->defined == DEFINED_BY_INPUT && graph->parent == NULL };
}

static bool
is_symbolic (const Pt2TensorMeta *meta)
{
  for (uint32_t i = 0; i < meta->sizes.len; i++)
    if (meta->sizes.items[i].which == PT2_SYM_INT_AS_EXPR)
      return true;
  for (uint32_t i = 0; i < meta->strides.len; i++)
    if (meta->strides.items[i].which == PT2_SYM_INT_AS_EXPR)
      return true;
  return meta->storage_offset.which == PT2_SYM_INT_AS_EXPR;
}

static void
see_tensors (Symbols *symbols, const CheckGraph *graph)
{
  const Pt2StringToTensorMetaMap *table = &graph->graph->tensor_values;
  for (uint32_t i = 0; i < table->len; i++)
    {
      const Pt2TensorMeta *meta = &table->entries[i].value;
      if (!is_symbolic (meta))
        continue;
      SymPlace at = place_of_value (graph, "tensor_values", table->entries[i].key, i);
      see_sizes (symbols, &meta->sizes, &at);
      see_sizes (symbols, &meta->strides, &at);
      see_int (symbols, &meta->storage_offset, &at);
    }
}

static void
see_numbers (Symbols *symbols, const CheckGraph *graph)
{
  const Pt2Graph *native = graph->graph;
  for (uint32_t i = 0; i < native->sym_int_values.len; i++)
    {
      SymPlace at = place_of_value (graph, "sym_int_values", native->sym_int_values.entries[i].key, UINT32_MAX);
      see_int (symbols, &native->sym_int_values.entries[i].value, &at);
    }
  for (uint32_t i = 0; i < native->sym_float_values.len; i++)
    {
      const Pt2SymFloat *number = &native->sym_float_values.entries[i].value;
      SymPlace at = place_of_value (graph, "sym_float_values", native->sym_float_values.entries[i].key, UINT32_MAX);
      if (number->which == PT2_SYM_FLOAT_AS_EXPR)
        see_expression (symbols, number->as_expr, &at);
    }
  for (uint32_t i = 0; i < native->sym_bool_values.len; i++)
    {
      const Pt2SymBool *truth = &native->sym_bool_values.entries[i].value;
      SymPlace at = place_of_value (graph, "sym_bool_values", native->sym_bool_values.entries[i].key, UINT32_MAX);
      if (truth->which == PT2_SYM_BOOL_AS_EXPR)
        see_expression (symbols, truth->as_expr, &at);
    }
}

/* ---- ranges ---- */

static Place
place_of_range (const SymPlace *at)
{
  return place (NULL, "range_constraints[\"%s\"]", shown (at->key).text);
}

/* PyTorch reads the number behind the prefix of a symbol that data gives. */
static bool
has_bad_number (Pt2String name)
{
  uint32_t from = text_begins (name, "zuf") ? 3 : text_begins (name, "u") ? 1 : 0;
  bool bad = from > 0 && name.len == from;
  for (uint32_t i = from; from > 0 && i < name.len; i++)
    bad = bad || !g_ascii_isdigit (name.data[i]);
  return bad;
}

static bool
range_has (const Pt2RangeConstraint *range, int end)
{
  return (range->present[0] >> end & 1) != 0;
}

static void
see_range (Symbols *symbols, const Pt2StringToRangeConstraintMapEntry *entry)
{
  SymPlace at = { .key = entry->key };
  const Pt2RangeConstraint *range = &entry->value;
  const SymText *text = read_text (symbols, entry->key, place_of_range, &at);
  if (range_has (range, 0) && range_has (range, 1) && range->min_val > range->max_val)
    {
      g_autoptr (GError) error = NULL;
      pt2_error_set (&error, PT2_ERROR_Y009, place_of_range (&at).text, "%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                     range->min_val, range->max_val);
      check_add_error (symbols->check, error, symbols->check->record);
      symbols->unreadable = true;
    }
  if (has_bad_number (entry->key))
    check_add (symbols->check, CHECK_Y108, place_of_range (&at).text, "%s", "");
  if (text == NULL || text->expr == NULL || pt2_expr_get_symbol (text->expr).data == NULL)
    return;
  Symbol *symbol = find_symbol (symbols, pt2_expr_get_symbol (text->expr));
  if (symbol == NULL || !symbol->used)
    check_add (symbols->check, CHECK_Y103, place_of_range (&at).text, "%s", "");
  if (symbol != NULL)
    symbol->range = range;
}

/* ---- one symbol ---- */

/* PyTorch writes 2 as the lower end of sizes and still takes 0 and 1. */
static bool
is_inside (const Symbol *symbol)
{
  const Pt2RangeConstraint *range = symbol->range;
  bool small = (symbol->hint == 0 || symbol->hint == 1) && range->min_val == 2;
  if (range_has (range, 0) && symbol->hint < range->min_val && !small)
    return false;
  return !range_has (range, 1) || symbol->hint <= range->max_val;
}

static bool
comes_from_data (Pt2String name)
{
  return text_begins (name, "u") || text_begins (name, "zuf");
}

static void
check_symbol (Symbols *symbols, const Symbol *symbol)
{
  Check *check = symbols->check;
  if (symbol->used && !symbol->in_input && !(comes_from_data (symbol->name) && symbol->bare))
    check_add (check, CHECK_Y101, symbol->first.text, "%s", shown (symbol->name).text);
  if (symbol->range == NULL && symbol->used)
    check_add (check, CHECK_Y102, symbol->first.text, "%s", shown (symbol->name).text);
  if (symbol->range != NULL && symbol->has_hint && !comes_from_data (symbol->name) && !is_inside (symbol))
    check_add (check, CHECK_Y104, symbol->first.text, "%s was %" G_GINT64_FORMAT, shown (symbol->name).text,
               symbol->hint);
}

/* ---- one expression ---- */

typedef struct
{
  GPtrArray *names; /* texts with their NUL, of the settings and ranges */
  GArray *settings; /* Pt2ExprSetting */
  GArray *ranges;   /* Pt2ExprRange */
  bool all_hints;
} Facts;

static void
facts_of (const Symbols *symbols, const Pt2Expr *expr, Facts *facts)
{
  guint n;
  g_autofree Pt2String *names = pt2_expr_free_symbols (expr, &n);
  facts->names = g_ptr_array_new_with_free_func (g_free);
  facts->settings = g_array_new (FALSE, FALSE, sizeof (Pt2ExprSetting));
  facts->ranges = g_array_new (FALSE, FALSE, sizeof (Pt2ExprRange));
  facts->all_hints = true;
  for (guint i = 0; i < n; i++)
    {
      const Symbol *symbol = find_symbol (symbols, names[i]);
      char *name = g_strndup (names[i].data, names[i].len);
      g_ptr_array_add (facts->names, name);
      facts->all_hints = facts->all_hints && symbol != NULL && symbol->has_hint;
      Pt2ExprSetting setting = { name, check_end_of (true, symbol != NULL ? symbol->hint : 0, 0) };
      g_array_append_val (facts->settings, setting);
      if (symbol == NULL || symbol->range == NULL)
        continue;
      const Pt2RangeConstraint *range = symbol->range;
      Pt2ExprRange known
          = { name, check_end_of (range_has (range, 0) && range->min_val > -(G_MAXINT64 - 1), range->min_val, -1),
              check_end_of (range_has (range, 1) && range->max_val < G_MAXINT64 - 1, range->max_val, 1) };
      g_array_append_val (facts->ranges, known);
    }
}

static void
facts_clear (Facts *facts)
{
  g_ptr_array_unref (facts->names);
  g_array_unref (facts->settings);
  g_array_unref (facts->ranges);
}

static void
check_hint (Symbols *symbols, const SymText *text, const Facts *facts)
{
  Pt2ExprValue value = { 0 };
  if (!text->has_hint || !facts->all_hints
      || !pt2_expr_evaluate (text->expr, (const Pt2ExprSetting *)(void *)facts->settings->data, facts->settings->len,
                             &symbols->check->limits, &value, NULL))
    return;
  if (value.kind == PT2_EXPR_INTEGER && value.integer != text->hint)
    check_add (symbols->check, CHECK_Y105, NULL, "%s has the hint %" G_GINT64_FORMAT " and is %" G_GINT64_FORMAT,
               shown (text->text).text, text->hint, value.integer);
  pt2_expr_value_clear (&value);
}

static void
check_text (Symbols *symbols, const SymText *text)
{
  Facts facts;
  Pt2ExprRange bounds = { 0 };
  if (text->expr == NULL || pt2_expr_is_boolean (text->expr))
    return;
  facts_of (symbols, text->expr, &facts);
  check_hint (symbols, text, &facts);
  if (!symbols->unreadable && pt2_expr_get_symbol (text->expr).data == NULL
      && pt2_expr_bounds (symbols->pool, text->expr, (const Pt2ExprRange *)(void *)facts.ranges->data,
                          facts.ranges->len, &bounds, NULL))
    {
      if (bounds.upper.kind == PT2_EXPR_INTEGER && bounds.upper.integer < 0 && text->is_size)
        check_add (symbols->check, CHECK_Y109, NULL, "%s is at most %" G_GINT64_FORMAT, shown (text->text).text,
                   bounds.upper.integer);
      pt2_expr_value_clear (&bounds.lower);
      pt2_expr_value_clear (&bounds.upper);
    }
  facts_clear (&facts);
}

/* ---- the whole ---- */

static void
check_everything (Symbols *symbols)
{
  Check *check = symbols->check;
  for (guint i = 0; i < check->graphs->len; i++)
    {
      see_tensors (symbols, check->graphs->pdata[i]);
      see_numbers (symbols, check->graphs->pdata[i]);
    }
  for (uint32_t i = 0; i < check->exported->range_constraints.len; i++)
    see_range (symbols, &check->exported->range_constraints.entries[i]);
  for (uint32_t i = 0; i < symbols->n_symbols; i++)
    check_symbol (symbols, &symbols->symbols[i]);
  for (uint32_t i = 0; i < symbols->n_texts; i++)
    check_text (symbols, &symbols->texts[i]);
  check_guard_rules (check, symbols->unreadable);
}

void
check_symbol_rules (Check *check, const CheckGraph *graph)
{
  Symbols symbols = { .check = check, .pool = pt2_expr_pool_new (&check->limits) };
  check->no_memory = check->no_memory || symbols.pool == NULL;
  pt2_text_index_init (&symbols.text_index);
  pt2_text_index_init (&symbols.symbol_index);
  if (symbols.pool != NULL)
    check_everything (&symbols);
  pt2_text_index_clear (&symbols.text_index);
  pt2_text_index_clear (&symbols.symbol_index);
  pt2_expr_pool_free (symbols.pool);
}
