/* SPDX-License-Identifier: Apache-2.0 */
/* SymPy's default order of expressions: by class, then arguments, then exponent, then coefficient. A number in front of
 * a product is its coefficient, a power counts as its base. Recursion is bounded by the depth a pool allows. */
#include "sym_private.h"
#include <string.h>

/* A node taken apart as the order sees it. */
typedef struct
{
  const Pt2Expr *node;     /* without coefficient and exponent */
  const Pt2Expr *exponent; /* NULL: 1 */
  SymNumber coefficient;
  uint32_t skip; /* arguments of NODE that are the coefficient */
} Parts;

static Parts
take_apart (const Pt2Expr *node)
{
  Parts parts = { node, NULL, sym_int (1), 0 };
  if (node->op == SYM_MUL && node->n_args > 1 && sym_is_number (node->args[0]))
    {
      parts.coefficient = node->args[0]->value;
      if (node->n_args == 2)
        parts.node = node->args[1];
      else
        parts.skip = 1;
    }
  if (parts.node->op == SYM_POW)
    {
      parts.exponent = parts.node->args[1];
      parts.node = parts.node->args[0];
      /* What is under a power keeps its own coefficient as an argument. */
      parts.skip = 0;
    }
  return parts;
}

static int
order_of (uint64_t a, uint64_t b)
{
  return (a > b) - (a < b);
}

static int
order_texts (const char *a, size_t a_len, const char *b, size_t b_len)
{
  size_t both = a_len < b_len ? a_len : b_len;
  int order = both > 0 ? memcmp (a, b, both) : 0;
  return order != 0 ? order : order_of (a_len, b_len);
}

/* Booleans are no numbers to SymPy: a class of their own. */
static bool
is_boolean_number (const Pt2Expr *node)
{
  return sym_is_number (node) && node->value.kind == SYM_BOOL;
}

static int
order_classes (const Pt2Expr *a, const Pt2Expr *b)
{
  const SymOpInfo *x = &sym_ops[a->op], *y = &sym_ops[b->op];
  unsigned major_a = is_boolean_number (a) ? 5 : x->class_major, major_b = is_boolean_number (b) ? 5 : y->class_major;
  if (major_a != major_b)
    return order_of (major_a, major_b);
  if (x->class_minor != y->class_minor)
    return order_of (x->class_minor, y->class_minor);
  const char *name_a = is_boolean_number (a) ? "BooleanTrue" : x->name;
  const char *name_b = is_boolean_number (b) ? "BooleanTrue" : y->name;
  return a->op == b->op ? 0 : order_texts (name_a, strlen (name_a), name_b, strlen (name_b));
}

static int
order_numbers (SymNumber a, SymNumber b)
{
  if (a.kind == SYM_BOOL || b.kind == SYM_BOOL)
    return order_of ((uint64_t)a.i, (uint64_t)b.i);
  int order = sym_compare (a, b);
  return order != 0 ? order : order_of (a.kind, b.kind);
}

static int
order_args (const Parts *a, const Parts *b)
{
  uint32_t n = a->node->n_args - a->skip, m = b->node->n_args - b->skip;
  int order = order_of (n, m);
  for (uint32_t i = 0; i < n && order == 0; i++)
    order = sym_order (a->node->args[a->skip + i], b->node->args[b->skip + i]);
  return order;
}

static int
order_leaves (const Pt2Expr *a, const Pt2Expr *b)
{
  if (a->op == SYM_SYMBOL)
    return order_texts (a->symbol.name->name.data, a->symbol.name->name.len, b->symbol.name->name.data,
                        b->symbol.name->name.len);
  if (a->op == SYM_CONSTANT)
    return order_of (a->constant, b->constant);
  return order_numbers (a->value, b->value);
}

static int
order_exponents (const Pt2Expr *a, const Pt2Expr *b)
{
  bool plain_a = a == NULL || sym_is_number (a), plain_b = b == NULL || sym_is_number (b);
  if (plain_a && plain_b)
    return order_numbers (a != NULL ? a->value : sym_int (1), b != NULL ? b->value : sym_int (1));
  if (plain_a != plain_b)
    return plain_a ? -1 : 1;
  return sym_order (a, b);
}

int
sym_order_by_weight (const Pt2Expr *a, const Pt2Expr *b)
{
  return a->weight != b->weight ? order_of (a->weight, b->weight) : sym_order (a, b);
}

int
sym_order (const Pt2Expr *a, const Pt2Expr *b)
{
  if (a == b)
    return 0;
  Parts x = take_apart (a), y = take_apart (b);
  if (x.node != y.node || x.skip != y.skip)
    {
      int order = order_classes (x.node, y.node);
      if (order == 0)
        order = x.node->n_args == 0 && y.node->n_args == 0 ? order_leaves (x.node, y.node) : order_args (&x, &y);
      if (order != 0)
        return order;
    }
  int order = order_exponents (x.exponent, y.exponent);
  return order != 0 ? order : order_numbers (x.coefficient, y.coefficient);
}
