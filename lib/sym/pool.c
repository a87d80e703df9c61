/* SPDX-License-Identifier: Apache-2.0 */
/* The pool: makes nodes, each different one once. Whatever a node costs is bounded here. */
#include "sym_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the pool itself ---- */

Pt2ExprPool *
pt2_expr_pool_new (const Pt2Limits *limits)
{
  Pt2ExprPool *pool = calloc (1, sizeof *pool);
  if (pool == NULL)
    return NULL;
  pool->limits = limits != NULL ? *limits : *pt2_limits_default ();
  pt2_arena_init (&pool->arena, pool->limits.memory, 0);
  pt2_text_index_init (&pool->name_index);
  pool->key = pool->name_index.key.words[0] | 1;
  return pool;
}

void
pt2_expr_pool_free (Pt2ExprPool *pool)
{
  if (pool == NULL)
    return;
  pt2_text_index_clear (&pool->name_index);
  pt2_arena_clear (&pool->arena);
  free (pool->name_texts);
  free (pool->names);
  free (pool->slots);
  free (pool);
}

SymCalc
sym_calc (Pt2Arena *arena, const Pt2Limits *limits)
{
  uint64_t bits = MIN (limits->integer_bits, PT2_LIMIT_INTEGER_BITS_MOST);
  return (SymCalc){ arena, bits, bits * SYM_SPARE_TIMES, SYM_FINE };
}

void
sym_begin (Pt2ExprPool *pool, Pt2Status *status)
{
  pool->status = status;
  pool->calc = sym_calc (&pool->arena, &pool->limits);
}

bool
sym_fail (Pt2Status *status, const SymCalc *calc)
{
  static const struct
  {
    Pt2ErrorCode code;
    const char *detail;
  } faults[] = {
    [SYM_FINE] = { PT2_ERROR_NONE, "" },
    [SYM_DIVIDES_BY_ZERO] = { PT2_ERROR_Y007, "division by zero" },
    [SYM_OUT_OF_DOMAIN] = { PT2_ERROR_Y007, "no real number is the result" },
    [SYM_BELOW_ZERO] = { PT2_ERROR_Y007, "a negative exponent or shift count" },
    [SYM_UNDEFINED] = { PT2_ERROR_Y007, "not a number" },
    [SYM_WRONG_TYPE] = { PT2_ERROR_Y010, "" },
    [SYM_OVERFLOW] = { PT2_ERROR_Y007, "past the largest double" },
    [SYM_UNSET] = { PT2_ERROR_Y008, "" },
    [SYM_TOO_BIG] = { PT2_ERROR_L012, "" },
    [SYM_NO_MEMORY] = { PT2_ERROR_L001, "" },
  };
  return pt2_status_fail (status, faults[calc->trouble].code, PT2_NO_OFFSET, "%s", faults[calc->trouble].detail);
}

static void *
fail_memory (Pt2ExprPool *pool)
{
  pt2_status_fail (pool->status, pool->arena.out_of_budget ? PT2_ERROR_L003 : PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  return NULL;
}

/* ---- the table of nodes ---- */

static inline uint64_t
mix (const Pt2ExprPool *pool, uint64_t hash, uint64_t word)
{
  unsigned __int128 product = (unsigned __int128)(hash ^ word) * (pool->key ^ UINT64_C (0xa0761d6478bd642f));
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static bool
grow_slots (Pt2ExprPool *pool)
{
  size_t size = pool->n_slots == 0 ? 64 : pool->n_slots * 2;
  Pt2Expr **slots = calloc (size, sizeof *slots);
  if (slots == NULL)
    return false;
  for (size_t i = 0; i < pool->n_slots; i++)
    if (pool->slots[i] != NULL)
      {
        size_t place = pool->slots[i]->hash & (size - 1);
        while (slots[place] != NULL)
          place = (place + 1) & (size - 1);
        slots[place] = pool->slots[i];
      }
  free (pool->slots);
  pool->slots = slots;
  pool->n_slots = size;
  return true;
}

typedef bool (*SameNode) (const Pt2Expr *node, const void *wanted);

/* The node that SAME says is WANTED; else *PLACE is where it goes. */
static const Pt2Expr *
find_node (Pt2ExprPool *pool, uint64_t hash, SameNode same, const void *wanted, size_t *place)
{
  if (pool->n_nodes * 2 >= pool->n_slots && !grow_slots (pool))
    {
      *place = SIZE_MAX;
      return NULL;
    }
  uint32_t short_hash = (uint32_t)(hash >> 32);
  for (*place = short_hash & (pool->n_slots - 1); pool->slots[*place] != NULL;
       *place = (*place + 1) & (pool->n_slots - 1))
    if (pool->slots[*place]->hash == short_hash && same (pool->slots[*place], wanted))
      return pool->slots[*place];
  return NULL;
}

/* A new node, everything but its payload set; SIZE is that of the payload. */
static Pt2Expr *
new_node (Pt2ExprPool *pool, SymOp op, uint64_t hash, size_t size, size_t place)
{
  if (place == SIZE_MAX)
    return fail_memory (pool);
  if (pool->n_nodes >= MIN (pool->limits.expression_nodes, UINT32_MAX))
    {
      pt2_status_fail (pool->status, PT2_ERROR_L011, PT2_NO_OFFSET, "%s", "");
      return NULL;
    }
  Pt2Expr *node = pt2_arena_alloc (&pool->arena, offsetof (Pt2Expr, value) + size);
  if (node == NULL)
    return fail_memory (pool);
  node->number = pool->n_nodes++;
  node->op = op;
  node->flags = 0;
  node->n_args = 0;
  node->depth = 1;
  node->normal = NULL;
  node->hash = (uint32_t)(hash >> 32);
  node->weight = 2;
  pool->slots[place] = node;
  return node;
}

/* ---- operations ---- */

typedef struct
{
  SymOp op;
  uint16_t flags;
  uint32_t n;
  const Pt2Expr *const *args;
} Wanted;

static bool
same_operation (const Pt2Expr *node, const void *data)
{
  const Wanted *wanted = data;
  return node->op == wanted->op && (node->flags & SYM_NODE_QUOTED) == wanted->flags && node->n_args == wanted->n
         && memcmp (node->args, wanted->args, wanted->n * sizeof *wanted->args) == 0;
}

/* Which arguments decide whether the result is an integer: conditions do not. */
static bool
counts_for_result (SymOp op, uint32_t i)
{
  return op == SYM_PAIR ? i == 0 : op != SYM_WHERE || i > 0;
}

static uint16_t
result_flags (SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  if (sym_ops[op].result == SYM_RESULT_INTEGER)
    return SYM_NODE_INTEGER;
  if (sym_ops[op].result != SYM_RESULT_LIKE_ARGS)
    return sym_ops[op].result == SYM_RESULT_BOOLEAN ? SYM_NODE_BOOLEAN : 0;
  uint16_t flags = SYM_NODE_INTEGER | SYM_NODE_BOOLEAN;
  for (uint32_t i = 0; i < n; i++)
    if (counts_for_result (op, i))
      flags &= args[i]->flags;
  /* A power is an integer only if the exponent cannot be negative. */
  if (op == SYM_POW && !(sym_is_number (args[1]) && sym_sign (args[1]->value) >= 0))
    flags = 0;
  return flags;
}

const Pt2Expr *
sym_make (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n, uint16_t flags)
{
  Wanted wanted = { op, flags & SYM_NODE_QUOTED, n, args };
  uint32_t depth = 0;
  uint64_t weight = 2;
  uint64_t hash = mix (pool, op + 256u * wanted.flags, n);
  for (uint32_t i = 0; i < n; i++)
    {
      hash = mix (pool, hash, args[i]->hash);
      depth = MAX (depth, args[i]->depth);
      weight += args[i]->weight;
    }
  size_t place;
  const Pt2Expr *found = find_node (pool, hash, same_operation, &wanted, &place);
  if (found != NULL)
    return found;
  if (depth >= MIN (pool->limits.expression_depth, PT2_LIMIT_DEPTH_MOST))
    {
      pt2_status_fail (pool->status, PT2_ERROR_L010, PT2_NO_OFFSET, "%s", "");
      return NULL;
    }
  Pt2Expr *node = new_node (pool, op, hash, n * sizeof *args, place);
  if (node == NULL)
    return NULL;
  node->n_args = n;
  node->depth = (uint16_t)(depth + 1);
  node->weight = (uint32_t)MIN (weight, UINT32_MAX);
  node->flags = wanted.flags | result_flags (op, args, n);
  memcpy (node->args, args, n * sizeof *args);
  return node;
}

/* ---- numbers ---- */

static bool
same_text (Pt2String a, Pt2String b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

typedef struct
{
  SymNumber value;
  Pt2String text;
  uint32_t precision;
} Literal;

static bool
same_literal (const Pt2Expr *node, const void *data)
{
  const Literal *wanted = data;
  if (node->op != SYM_NUMBER || !sym_same (node->value, wanted->value))
    return false;
  return wanted->value.kind != SYM_FLOAT
         || (node->precision == wanted->precision && same_text (node->text, wanted->text));
}

static bool
copy_text (Pt2ExprPool *pool, Pt2String text, Pt2String *out)
{
  *out = (Pt2String){ NULL, 0 };
  if (text.data == NULL)
    return true;
  char *copy = pt2_arena_alloc (&pool->arena, text.len);
  if (copy == NULL)
    return fail_memory (pool) != NULL;
  memcpy (copy, text.data, text.len);
  *out = (Pt2String){ copy, text.len };
  return true;
}

const Pt2Expr *
sym_make_literal (Pt2ExprPool *pool, SymNumber value, Pt2String text, uint32_t precision)
{
  Literal wanted = { value, text, precision };
  size_t place, size = value.kind == SYM_FLOAT ? sizeof wanted : sizeof value;
  uint64_t hash = mix (pool, SYM_NUMBER + 256u * (text.len + precision), sym_hash (value, pool->key));
  const Pt2Expr *found = find_node (pool, hash, same_literal, &wanted, &place);
  if (found != NULL)
    return found;
  Pt2String copy;
  if (!copy_text (pool, text, &copy))
    return NULL;
  Pt2Expr *node = new_node (pool, SYM_NUMBER, hash, size, place);
  if (node == NULL)
    return NULL;
  node->value = value;
  if (value.kind == SYM_FLOAT)
    {
      node->weight = 1;
      node->text = copy;
      node->precision = precision;
    }
  bool whole = sym_is_int (value) || (sym_is_inf (value) && value.whole);
  node->flags = whole ? SYM_NODE_INTEGER : value.kind == SYM_BOOL ? SYM_NODE_BOOLEAN : 0;
  return node;
}

const Pt2Expr *
sym_make_number (Pt2ExprPool *pool, SymNumber value)
{
  return sym_make_literal (pool, value, (Pt2String){ NULL, 0 }, 0);
}

static bool
same_constant (const Pt2Expr *node, const void *data)
{
  return node->op == SYM_CONSTANT && node->constant == *(const SymConstant *)data;
}

const Pt2Expr *
sym_make_constant (Pt2ExprPool *pool, SymConstant constant)
{
  size_t place;
  uint64_t hash = mix (pool, SYM_CONSTANT, constant);
  const Pt2Expr *found = find_node (pool, hash, same_constant, &constant, &place);
  if (found != NULL)
    return found;
  Pt2Expr *node = new_node (pool, SYM_CONSTANT, hash, sizeof constant, place);
  if (node != NULL)
    node->constant = constant;
  return node;
}

/* ---- symbols ---- */

bool
sym_is_integer_name (Pt2String name)
{
  if (name.len < 2 || strchr ("sSuUiI", name.data[0]) == NULL)
    return false;
  for (uint32_t i = 1; i < name.len; i++)
    if (!g_ascii_isdigit (name.data[i]))
      return false;
  return true;
}

static bool
room_for_name (Pt2ExprPool *pool)
{
  if (pool->n_names < pool->names_room)
    return true;
  uint32_t room = pool->names_room == 0 ? 16 : pool->names_room * 2;
  SymName **names = realloc (pool->names, room * sizeof *names);
  if (names != NULL)
    pool->names = names;
  Pt2String *texts = names != NULL ? realloc (pool->name_texts, room * sizeof *texts) : NULL;
  if (texts == NULL)
    return false;
  pool->name_texts = texts;
  pool->names_room = room;
  return true;
}

static SymName *
find_name (Pt2ExprPool *pool, Pt2String text)
{
  uint32_t number = pt2_text_index_find (&pool->name_index, pool->name_texts, sizeof (Pt2String), text);
  if (number != PT2_TEXT_INDEX_NONE)
    return pool->names[number];
  SymName *name = pt2_arena_alloc (&pool->arena, sizeof *name);
  if (name == NULL || !room_for_name (pool))
    return fail_memory (pool);
  *name = (SymName){ .plain = NULL };
  if (!copy_text (pool, text, &name->name))
    return NULL;
  pool->names[pool->n_names] = name;
  pool->name_texts[pool->n_names] = name->name;
  if (!pt2_text_index_add (&pool->name_index, pool->name_texts, sizeof (Pt2String), pool->n_names))
    return fail_memory (pool);
  pool->n_names++;
  return name;
}

static bool
same_symbol (const Pt2Expr *node, const void *data)
{
  const Pt2Expr *wanted = data;
  return node->op == SYM_SYMBOL && node->symbol.name == wanted->symbol.name
         && (node->flags & SYM_NODE_ASSUMES) == wanted->flags
         && same_text (node->symbol.spelled, wanted->symbol.spelled);
}

static const Pt2Expr *
make_symbol (Pt2ExprPool *pool, SymName *name, const Pt2Expr *wanted)
{
  size_t place;
  uint64_t hash = mix (pool, SYM_SYMBOL + wanted->flags, (uintptr_t)name);
  for (uint32_t i = 0; i < wanted->symbol.spelled.len; i++)
    hash = mix (pool, hash, (unsigned char)wanted->symbol.spelled.data[i]);
  const Pt2Expr *found = find_node (pool, hash, same_symbol, wanted, &place);
  if (found != NULL)
    return found;
  Pt2String spelled;
  if (!copy_text (pool, wanted->symbol.spelled, &spelled))
    return NULL;
  Pt2Expr *node = new_node (pool, SYM_SYMBOL, hash, sizeof node->symbol, place);
  if (node == NULL)
    return NULL;
  node->symbol = wanted->symbol;
  node->symbol.spelled = spelled;
  node->flags = wanted->flags;
  return node;
}

static void
set_integer (const Pt2Expr *symbol, uint32_t is)
{
  if ((is & 1u << SYM_INTEGER) != 0 || sym_is_integer_name (symbol->symbol.name->name))
    ((Pt2Expr *)symbol)->flags |= SYM_NODE_INTEGER;
}

const Pt2Expr *
sym_make_symbol (Pt2ExprPool *pool, Pt2String text)
{
  SymName *name = find_name (pool, text);
  if (name == NULL || name->plain != NULL)
    return name != NULL ? name->plain : NULL;
  Pt2Expr wanted = { .flags = 0 };
  wanted.symbol.name = name;
  name->plain = make_symbol (pool, name, &wanted);
  if (name->plain != NULL)
    set_integer (name->plain, name->is);
  return name->plain;
}

const Pt2Expr *
sym_make_assuming (Pt2ExprPool *pool, Pt2String text, Pt2String spelled, uint32_t is, uint32_t is_not)
{
  SymName *name = find_name (pool, text);
  if (name == NULL)
    return NULL;
  Pt2Expr wanted = { .flags = SYM_NODE_ASSUMES };
  wanted.symbol.name = name;
  wanted.symbol.spelled = spelled;
  wanted.symbol.is = is;
  wanted.symbol.is_not = is_not;
  const Pt2Expr *symbol = make_symbol (pool, name, &wanted);
  if (symbol == NULL)
    return NULL;
  set_integer (symbol, is);
  if (name->spelled.data == NULL)
    {
      name->spelled = symbol->symbol.spelled;
      name->is = is;
      name->is_not = is_not;
    }
  /* The plain symbol is made along with it: the normal form wants it. */
  return sym_make_symbol (pool, text) != NULL ? symbol : NULL;
}
