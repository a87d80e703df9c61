/* SPDX-License-Identifier: Apache-2.0 */
/* Expression text from anyone. What is read prints as text that is read again as the same; the normal form is its own;
 * an expression without doubles has the value of its normal form, inside its bounds. */
#include "pt2-expr.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
fail (const char *what, const char *text, const char *other)
{
  fprintf (stderr, "%s\n%s\n%s\n", what, text, other);
  abort ();
}

/* Small, so that an input that passes them is found and not slow. */
static const Pt2Limits *
small_limits (void)
{
  static Pt2Limits limits;
  limits = *pt2_limits_default ();
  limits.memory = (uint64_t)64 << 20;
  limits.expression_length = 1 << 14;
  limits.expression_depth = 100;
  limits.expression_nodes = 1 << 16;
  limits.integer_bits = 1 << 12;
  return &limits;
}

/* The text in one spelling, read again: *TWICE is what that prints. */
static const Pt2Expr *
read_again (Pt2ExprPool *pool, const Pt2Expr *expr, Pt2ExprSpelling spelling, char **text)
{
  GError *error = NULL;
  gsize len;
  *text = pt2_expr_print (expr, spelling, &len);
  const Pt2Expr *again = pt2_expr_parse (pool, *text, (gssize)len, &error);
  /* Printed text may be longer or deeper than its source. */
  if (again == NULL && error->code != PT2_ERROR_L009 && error->code != PT2_ERROR_L010 && error->code != PT2_ERROR_L011
      && error->code != PT2_ERROR_L012)
    fail ("what was printed is refused", *text, error->message);
  g_clear_error (&error);
  return again;
}

static void
check_print (Pt2ExprPool *pool, const Pt2Expr *expr)
{
  char *text, *twice;
  const Pt2Expr *again = read_again (pool, expr, PT2_EXPR_SREPR, &text);
  if (again != NULL)
    {
      twice = pt2_expr_print (again, PT2_EXPR_SREPR, NULL);
      if (strcmp (text, twice) != 0)
        fail ("srepr changes", text, twice);
      g_free (twice);
    }
  g_free (text);
}

static void
check_normal (Pt2ExprPool *pool, const Pt2Expr *normal)
{
  GError *error = NULL;
  char *text;
  if (pt2_expr_normal (pool, normal, NULL) != normal)
    fail ("a normal form has another one", "", "");
  const Pt2Expr *again = read_again (pool, normal, PT2_EXPR_EXACT, &text);
  const Pt2Expr *twice = again != NULL ? pt2_expr_normal (pool, again, &error) : NULL;
  if (again != NULL && error == NULL && twice != normal)
    {
      char *other = pt2_expr_print (twice, PT2_EXPR_EXACT, NULL);
      fail ("a normal form does not stand", text, other);
    }
  g_clear_error (&error);
  g_free (text);
}

/* Doubles come out differently in another order, so they are left alone. */
static gboolean
has_doubles (const Pt2Expr *expr)
{
  static const char *const words[]
      = { "Float", "True", "Opaque", "Round", "Pow(", "sqrt", "pi", "E", "sin", "cos", "tan", "exp", "log", "oo" };
  char *text = pt2_expr_print (expr, PT2_EXPR_SREPR, NULL);
  gboolean found = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    found = found || strstr (text, words[i]) != NULL;
  g_free (text);
  return found;
}

static gboolean
same_value (const Pt2ExprValue *a, const Pt2ExprValue *b)
{
  return a->kind == b->kind && a->integer == b->integer && g_strcmp0 (a->digits, b->digits) == 0;
}

static gboolean
is_inside (const Pt2ExprRange *bounds, const Pt2ExprValue *value)
{
  if (value->kind == PT2_EXPR_BOOLEAN)
    return bounds->lower.integer <= value->integer && value->integer <= bounds->upper.integer;
  if (value->kind != PT2_EXPR_INTEGER)
    return TRUE;
  gboolean below = bounds->lower.kind == PT2_EXPR_INTEGER && value->integer < bounds->lower.integer;
  gboolean above = bounds->upper.kind == PT2_EXPR_INTEGER && value->integer > bounds->upper.integer;
  return !below && !above && !(bounds->lower.kind == PT2_EXPR_INFINITY && bounds->lower.integer > 0)
         && !(bounds->upper.kind == PT2_EXPR_INFINITY && bounds->upper.integer < 0);
}

enum
{
  MOST_SYMBOLS = 8,
};

typedef struct
{
  guint n;
  Pt2ExprSetting settings[MOST_SYMBOLS];
  Pt2ExprRange ranges[MOST_SYMBOLS];
} Point;

/* Values of the symbols around zero, and ranges that hold them. FALSE if there are too many symbols. */
static gboolean
choose_point (const Pt2Expr *expr, uint32_t seed, Point *point)
{
  Pt2String *names = pt2_expr_free_symbols (expr, &point->n);
  for (guint i = 0; i < point->n && point->n <= MOST_SYMBOLS; i++)
    {
      seed = seed * 1664525u + 1013904223u;
      int64_t value = (int64_t)(seed >> 28) - 6;
      char *name = g_strndup (names[i].data, names[i].len);
      point->settings[i] = (Pt2ExprSetting){ name, { PT2_EXPR_INTEGER, value, 0, NULL } };
      point->ranges[i] = (Pt2ExprRange){ name,
                                         { PT2_EXPR_INTEGER, value - (int64_t)(seed >> 8) % 4, 0, NULL },
                                         { PT2_EXPR_INTEGER, value + (int64_t)(seed >> 16) % 4, 0, NULL } };
    }
  g_free (names);
  return point->n <= MOST_SYMBOLS;
}

static void
check_point (Pt2ExprPool *pool, const Pt2Expr *expr, const Pt2Expr *normal, const Point *point)
{
  Pt2ExprValue value, other;
  Pt2ExprRange bounds;
  GError *error = NULL;
  char *text = pt2_expr_print (expr, PT2_EXPR_EXACT, NULL),
       *normal_text = pt2_expr_print (normal, PT2_EXPR_EXACT, NULL);
  gboolean found = pt2_expr_evaluate (expr, point->settings, point->n, small_limits (), &value, NULL);
  gboolean also = pt2_expr_evaluate (normal, point->settings, point->n, small_limits (), &other, &error);
  gboolean exact = found && value.kind != PT2_EXPR_FLOAT && !has_doubles (expr);
  if (exact && also && !same_value (&value, &other))
    fail ("another value", text, normal_text);
  if (exact && !also && error->code == PT2_ERROR_Y007)
    fail ("the value is gone", text, normal_text);
  g_clear_error (&error);
  if (exact && pt2_expr_bounds (pool, expr, point->ranges, point->n, &bounds, NULL))
    {
      if (!is_inside (&bounds, &value))
        fail ("outside its bounds", text, normal_text);
      pt2_expr_value_clear (&bounds.lower);
      pt2_expr_value_clear (&bounds.upper);
    }
  pt2_expr_value_clear (&value);
  pt2_expr_value_clear (&other);
  g_free (text);
  g_free (normal_text);
}

static void
check_values (Pt2ExprPool *pool, const Pt2Expr *expr, const Pt2Expr *normal)
{
  for (uint32_t seed = 1; seed < 4; seed++)
    {
      Point point;
      if (!choose_point (expr, seed, &point))
        return;
      check_point (pool, expr, normal, &point);
      for (guint i = 0; i < point.n; i++)
        g_free ((char *)point.settings[i].name);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  Pt2ExprPool *pool = pt2_expr_pool_new (small_limits ());
  const Pt2Expr *expr = pt2_expr_parse (pool, (const char *)data, (gssize)size, &error);
  if ((expr == NULL) != (error != NULL))
    fail ("refused without a reason", "", "");
  g_clear_error (&error);
  if (expr != NULL)
    {
      check_print (pool, expr);
      const Pt2Expr *normal = pt2_expr_normal (pool, expr, &error);
      if (normal != NULL)
        {
          check_normal (pool, normal);
          check_values (pool, expr, normal);
        }
      g_clear_error (&error);
    }
  pt2_expr_pool_free (pool);
  return 0;
}
