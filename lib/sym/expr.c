/* SPDX-License-Identifier: Apache-2.0 */
/* The border of the room: calls from outside, errors as GError. */
#include "number.h"
#include "sym_private.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

static const Pt2Expr *
finish (const Pt2Expr *result, const Pt2Status *status, GError **error)
{
  if (result == NULL)
    pt2_status_to_error (status, error);
  return result;
}

const Pt2Expr *
pt2_expr_parse (Pt2ExprPool *pool, const char *text, gssize len, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  sym_begin (pool, &status);
  return finish (sym_parse (pool, text, len < 0 ? strlen (text) : (size_t)len), &status, error);
}

const Pt2Expr *
pt2_expr_integer (Pt2ExprPool *pool, int64_t value, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  sym_begin (pool, &status);
  return finish (sym_make_number (pool, sym_int (value)), &status, error);
}

static const Pt2Expr *
make (Pt2ExprPool *pool, const char *name, const Pt2Expr *const *args, guint n, Pt2Status *status)
{
  SymOp op = sym_find_op (name, strlen (name));
  char shown[64];
  if (op == SYM_N_OPS)
    {
      pt2_status_fail (status, PT2_ERROR_Y002, PT2_NO_OFFSET, "%s", pt2_text_escape (name, strlen (name), shown, 64));
      return NULL;
    }
  const SymOpInfo *info = &sym_ops[op];
  bool odd = (info->flags & SYM_EVEN) != 0 && (n % 2 != 0 || n == 0), pairs = op == SYM_PIECEWISE;
  for (guint i = 0; i < n && !odd; i++)
    odd = (args[i]->op == SYM_PAIR) != pairs;
  if (odd || n < info->least || (info->most != 0 && n > info->most))
    {
      pt2_status_fail (status, PT2_ERROR_Y003, PT2_NO_OFFSET, "%s", info->name);
      return NULL;
    }
  return sym_make (pool, op, args, n, 0);
}

const Pt2Expr *
pt2_expr_make (Pt2ExprPool *pool, const char *name, const Pt2Expr *const *args, guint n, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  sym_begin (pool, &status);
  return finish (make (pool, name, args, n, &status), &status, error);
}

const Pt2Expr *
pt2_expr_normal (Pt2ExprPool *pool, const Pt2Expr *expr, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  sym_begin (pool, &status);
  return finish (sym_normal (pool, expr), &status, error);
}

/* ---- looking into expressions ---- */

const char *
pt2_expr_get_name (const Pt2Expr *expr)
{
  if (expr->op == SYM_CONSTANT)
    return sym_constant_names[expr->constant];
  if (expr->op != SYM_NUMBER)
    return sym_ops[expr->op].name;
  switch (expr->value.kind)
    {
    case SYM_RATIO:
      return "Rational";
    case SYM_FLOAT:
      return "Float";
    case SYM_BOOL:
      return expr->value.i ? "true" : "false";
    case SYM_INF:
      return expr->value.i < 0 ? "-oo" : "oo";
    default:
      return "Integer";
    }
}

const Pt2Expr *const *
pt2_expr_get_args (const Pt2Expr *expr, guint *n)
{
  *n = expr->n_args;
  return expr->args;
}

Pt2String
pt2_expr_get_symbol (const Pt2Expr *expr)
{
  return expr->op == SYM_SYMBOL ? expr->symbol.name->name : (Pt2String){ NULL, 0 };
}

gboolean
pt2_expr_is_boolean (const Pt2Expr *expr)
{
  return (expr->flags & SYM_NODE_BOOLEAN) != 0;
}

gboolean
pt2_expr_is_integer (const Pt2Expr *expr)
{
  return (expr->flags & SYM_NODE_INTEGER) != 0;
}

static int
compare_strings (const void *a, const void *b)
{
  return pt2_text_compare (*(const Pt2String *)a, *(const Pt2String *)b);
}

Pt2String *
pt2_expr_free_symbols (const Pt2Expr *expr, guint *n)
{
  uint32_t n_nodes;
  const Pt2Expr **nodes = sym_collect (expr, &n_nodes);
  *n = 0;
  if (nodes == NULL)
    return NULL;
  Pt2String *names = g_try_new (Pt2String, n_nodes);
  for (uint32_t i = 0; names != NULL && i < n_nodes; i++)
    if (nodes[i]->op == SYM_SYMBOL)
      names[(*n)++] = nodes[i]->symbol.name->name;
  free (nodes);
  if (*n == 0)
    {
      g_free (names);
      return NULL;
    }
  qsort (names, *n, sizeof *names, compare_strings);
  /* One name may stand for symbols with different assumptions. */
  guint unique = 1;
  for (guint i = 1; i < *n; i++)
    if (compare_strings (&names[unique - 1], &names[i]) != 0)
      names[unique++] = names[i];
  *n = unique;
  return names;
}

/* ---- values from text ---- */

static bool
is_digits (const char *text, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (!g_ascii_isdigit (text[i]))
      return false;
  return len > 0;
}

/* Decimal digits with a sign, perhaps over others. */
static bool
is_exact_text (const char *text, size_t len, bool *fraction)
{
  size_t sign = len > 0 && text[0] == '-';
  const char *slash = memchr (text, '/', len);
  *fraction = slash != NULL;
  if (slash == NULL)
    return is_digits (text + sign, len - sign);
  size_t before = (size_t)(slash - text), zeros = 0, after = len - before - 1;
  while (zeros < after && slash[1 + zeros] == '0')
    zeros++;
  return is_digits (text + sign, before - sign) && is_digits (slash + 1, after) && zeros < after;
}

static bool
exact_value (const char *text, size_t len, bool fraction, Pt2ExprValue *value)
{
  char *digits = malloc (len + 1);
  if (digits == NULL)
    return false;
  memcpy (digits, text, len);
  digits[len] = '\0';
  *value = (Pt2ExprValue){ fraction ? PT2_EXPR_FRACTION : PT2_EXPR_BIG, 0, g_ascii_strtod (digits, NULL), digits };
  if (fraction)
    value->number /= g_ascii_strtod (strchr (digits, '/') + 1, NULL);
  if (!fraction && len <= 18)
    {
      value->kind = PT2_EXPR_INTEGER;
      value->integer = g_ascii_strtoll (digits, NULL, 10);
      value->digits = NULL;
      free (digits);
    }
  return true;
}

static const struct
{
  const char *text;
  Pt2ExprValueKind kind;
  int64_t integer;
} words[] = {
  { "true", PT2_EXPR_BOOLEAN, 1 },        { "True", PT2_EXPR_BOOLEAN, 1 },      { "false", PT2_EXPR_BOOLEAN, 0 },
  { "False", PT2_EXPR_BOOLEAN, 0 },       { "oo", PT2_EXPR_INFINITY, 1 },       { "int_oo", PT2_EXPR_INFINITY, 1 },
  { "-oo", PT2_EXPR_INFINITY, -1 },       { "-int_oo", PT2_EXPR_INFINITY, -1 }, { "Infinity", PT2_EXPR_INFINITY, 1 },
  { "-Infinity", PT2_EXPR_INFINITY, -1 },
};

gboolean
pt2_expr_value_parse (const char *text, gssize given, Pt2ExprValue *value, GError **error)
{
  size_t len = given < 0 ? strlen (text) : (size_t)given;
  bool fraction;
  double number;
  char shown[48];
  *value = (Pt2ExprValue){ PT2_EXPR_NONE, 0, 0, NULL };
  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    if (strlen (words[i].text) == len && memcmp (words[i].text, text, len) == 0)
      {
        value->kind = words[i].kind;
        value->integer = words[i].integer;
        return TRUE;
      }
  if (is_exact_text (text, len, &fraction))
    return exact_value (text, len, fraction, value) || pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  bool plain = len > 0;
  for (size_t i = 0; i < len; i++)
    plain = plain && text[i] != '\0' && strchr ("0123456789+-.eE", text[i]) != NULL;
  if (plain && pt2_number_read_python_float (text, len, &number))
    {
      value->kind = PT2_EXPR_FLOAT;
      value->number = number;
      return TRUE;
    }
  return pt2_error_set (error, PT2_ERROR_Y005, NULL, "\"%s\"", pt2_text_escape (text, len, shown, sizeof shown));
}
