/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols from sizes: each size whose expression has one symbol left gives that symbol, until none does. Sums, products
 * and powers are undone exactly; what has the symbol in two places, or under a rounding, is left for others to decide.
 */
#include "shapes_private.h"
#include "status.h"
#include <string.h>

/* ---- undoing one expression ---- */

typedef enum
{
  SHAPE_SOLVED,
  SHAPE_NO_INTEGER, /* there is none */
  SHAPE_UNSOLVED,   /* not of a form that is solved */
} ShapeSolution;

/* An exact quotient of 64-bit integers, the denominator above zero. */
typedef struct
{
  gint64 top, bottom;
} Quotient;

/* BOTTOM is not 0; false if it does not fit. */
static bool
reduce (__int128 top, __int128 bottom, Quotient *out)
{
  if (bottom < 0)
    {
      top = -top;
      bottom = -bottom;
    }
  for (__int128 x = top < 0 ? -top : top, y = bottom;;)
    {
      if (y == 0)
        {
          top /= x > 0 ? x : 1;
          bottom /= x > 0 ? x : 1;
          break;
        }
      __int128 rest = x % y;
      x = y;
      y = rest;
    }
  if (top > G_MAXINT64 || top < -(__int128)G_MAXINT64 || bottom > G_MAXINT64)
    return false;
  *out = (Quotient){ (gint64)top, (gint64)bottom };
  return true;
}

static bool
from_value (const Pt2ExprValue *value, Quotient *out)
{
  *out = (Quotient){ value->integer, 1 };
  if (value->kind == PT2_EXPR_INTEGER)
    return value->integer != G_MININT64;
  if (value->kind != PT2_EXPR_FRACTION)
    return false;
  char *end;
  out->top = g_ascii_strtoll (value->digits, &end, 10);
  out->bottom = *end == '/' ? g_ascii_strtoll (end + 1, &end, 10) : 0;
  return *end == '\0' && out->bottom > 0 && out->bottom < G_MAXINT64 && out->top > G_MININT64 && out->top < G_MAXINT64;
}

/* What the arguments beside the one with the symbol have, as settings of pt2_expr_evaluate(). */
typedef struct
{
  const Pt2ExprSetting *settings;
  guint n;
  const Pt2Limits *limits;
} Known;

/* The one argument with the symbol, and the sum or product of all others; false if there is none or are several. */
static bool
split (const Pt2Expr *expr, const Known *known, bool product, const Pt2Expr **inner, Quotient *others)
{
  guint n;
  const Pt2Expr *const *args = pt2_expr_get_args (expr, &n);
  *inner = NULL;
  *others = (Quotient){ product, 1 };
  for (guint i = 0; i < n; i++)
    {
      Pt2ExprValue value;
      g_autoptr (GError) why = NULL;
      Quotient one;
      if (!pt2_expr_evaluate (args[i], known->settings, known->n, known->limits, &value, &why))
        {
          if (*inner != NULL || !g_error_matches (why, PT2_ERROR, PT2_ERROR_Y008))
            return false;
          *inner = args[i];
          continue;
        }
      bool good = from_value (&value, &one);
      pt2_expr_value_clear (&value);
      __int128 top = product ? (__int128)others->top * one.top
                             : (__int128)others->top * one.bottom + (__int128)one.top * others->bottom;
      if (!good || !reduce (top, (__int128)others->bottom * one.bottom, others))
        return false;
    }
  return *inner != NULL;
}

/* The number above zero whose power EXPONENT is N; false if none is an integer. */
static bool
exact_root (gint64 n, gint64 exponent, gint64 *out)
{
  for (gint64 low = 0, high = n; low <= high;)
    {
      gint64 middle = low + (high - low) / 2, power = 1;
      bool over = false;
      for (gint64 i = 0; i < exponent && !over; i++)
        over = __builtin_mul_overflow (power, middle, &power) || power > n;
      if (!over && power == n)
        {
          *out = middle;
          return true;
        }
      if (over)
        high = middle - 1;
      else
        low = middle + 1;
    }
  return false;
}

/* TARGET = EXPR becomes TARGET' = *EXPR'. */
static ShapeSolution
undo_power (const Pt2Expr **expr, const Known *known, Quotient *target)
{
  guint n;
  const Pt2Expr *const *args = pt2_expr_get_args (*expr, &n);
  Pt2ExprValue exponent;
  bool good = pt2_expr_evaluate (args[1], known->settings, known->n, known->limits, &exponent, NULL)
              && exponent.kind == PT2_EXPR_INTEGER && exponent.integer > 0 && exponent.integer < 64;
  gint64 power = exponent.integer, root;
  pt2_expr_value_clear (&exponent);
  if (!good || target->bottom != 1)
    return SHAPE_UNSOLVED;
  if (target->top < 0 || !exact_root (target->top, power, &root))
    return power % 2 == 0 || target->top >= 0 ? SHAPE_NO_INTEGER : SHAPE_UNSOLVED;
  *expr = args[0];
  target->top = root;
  return SHAPE_SOLVED;
}

static ShapeSolution
undo (const Pt2Expr **expr, const Known *known, Quotient *target)
{
  const char *name = pt2_expr_get_name (*expr);
  bool product = strcmp (name, "Mul") == 0;
  Quotient others;
  if (strcmp (name, "Pow") == 0)
    return undo_power (expr, known, target);
  if ((!product && strcmp (name, "Add") != 0) || !split (*expr, known, product, expr, &others))
    return SHAPE_UNSOLVED;
  if (product && others.top == 0)
    return SHAPE_UNSOLVED;
  __int128 top = product ? (__int128)target->top * others.bottom
                         : (__int128)target->top * others.bottom - (__int128)others.top * target->bottom;
  __int128 bottom = (__int128)target->bottom * (product ? others.top : others.bottom);
  return reduce (top, bottom, target) ? SHAPE_SOLVED : SHAPE_UNSOLVED;
}

static ShapeSolution
invert (const Pt2Expr *expr, const Known *known, gint64 size, gint64 *out)
{
  Quotient target = { size, 1 };
  while (pt2_expr_get_symbol (expr).data == NULL)
    {
      ShapeSolution solution = undo (&expr, known, &target);
      if (solution != SHAPE_SOLVED)
        return solution;
    }
  *out = target.top;
  return target.bottom == 1 ? SHAPE_SOLVED : SHAPE_NO_INTEGER;
}

/* The integer that the one symbol without a value must be. */
static ShapeSolution
solve_equation (const Pt2Shapes *shapes, const ShapeEquation *equation, const Pt2ExprValue *values, gint64 size,
                guint *symbol, gint64 *out)
{
  const ShapeFormula *formula = &equation->formula;
  g_autofree Pt2ExprSetting *settings = g_try_new (Pt2ExprSetting, formula->n);
  Known known = { settings, 0, &shapes->limits };
  if (settings == NULL)
    return SHAPE_UNSOLVED;
  for (guint i = 0; i < formula->n; i++)
    if (values[formula->ids[i]].kind == PT2_EXPR_NONE)
      *symbol = formula->ids[i];
    else
      settings[known.n++]
          = (Pt2ExprSetting){ pt2_shapes_symbol_name (shapes, formula->ids[i]), values[formula->ids[i]] };
  return invert (equation->normal, &known, size, out);
}

/* ---- all of them ---- */

/* Which equations have a symbol, and those that have one symbol left. */
typedef struct
{
  guint *left;  /* symbols without a value, by equation */
  guint *first; /* of each symbol in USERS, and one behind the last */
  guint *users;
  guint *queue;
  guint head, tail;
} Work;

static void
list_users (const Pt2Shapes *shapes, const ShapeSystem *system, Work *work)
{
  guint n = shapes->equations.n, n_symbols = shapes->symbols.n;
  for (guint pass = 0; pass < 2; pass++)
    {
      for (guint i = 0; i < n; i++)
        for (guint j = 0; system->given[i] && j < shapes->equations.items[i].formula.n; j++)
          {
            guint id = shapes->equations.items[i].formula.ids[j];
            if (pass == 0)
              work->first[id + 1]++;
            else
              work->users[work->first[id]++] = i;
          }
      for (guint i = 0; pass == 0 && i < n_symbols; i++)
        work->first[i + 1] += work->first[i];
    }
  /* The second pass moved each start to the next one's. */
  memmove (work->first + 1, work->first, n_symbols * sizeof *work->first);
  work->first[0] = 0;
}

/* Sizes that are a symbol come first: they are what a symbol is. */
static void
fill_queue (const Pt2Shapes *shapes, const ShapeSystem *system, Work *work)
{
  for (guint derived = 0; derived < 2; derived++)
    for (guint i = 0; i < shapes->equations.n; i++)
      {
        const ShapeEquation *equation = &shapes->equations.items[i];
        if (!system->given[i] || equation->normal == NULL
            || (pt2_expr_get_symbol (equation->normal).data == NULL) != derived)
          continue;
        for (guint j = 0; j < equation->formula.n; j++)
          work->left[i] += system->symbols[equation->formula.ids[j]].kind == PT2_EXPR_NONE;
        if (work->left[i] == 1)
          work->queue[work->tail++] = i;
      }
}

static void
take_equation (const Pt2Shapes *shapes, ShapeSystem *system, Work *work, guint i)
{
  guint symbol = G_MAXUINT;
  gint64 value;
  if (work->left[i] != 1)
    return;
  ShapeSolution solution
      = solve_equation (shapes, &shapes->equations.items[i], system->symbols, system->sizes[i], &symbol, &value);
  if (solution == SHAPE_NO_INTEGER && system->failed == G_MAXUINT)
    system->failed = i;
  if (solution != SHAPE_SOLVED)
    return;
  system->symbols[symbol] = (Pt2ExprValue){ PT2_EXPR_INTEGER, value, (double)value, NULL };
  system->from[symbol] = i;
  for (guint j = work->first[symbol]; j < work->first[symbol + 1]; j++)
    if (--work->left[work->users[j]] == 1)
      work->queue[work->tail++] = work->users[j];
}

bool
pt2_shapes_solve_system (const Pt2Shapes *shapes, ShapeSystem *system, GError **error)
{
  gsize n = shapes->equations.n, n_symbols = shapes->symbols.n, n_uses = 0;
  for (gsize i = 0; i < n; i++)
    n_uses += shapes->equations.items[i].formula.n;
  g_autofree guint *numbers = g_try_malloc0_n (2 * n + n_symbols + 1 + n_uses, sizeof *numbers);
  if (numbers == NULL)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  Work work = { numbers, numbers + n, numbers + n + n_symbols + 1, numbers + n + n_symbols + 1 + n_uses, 0, 0 };
  list_users (shapes, system, &work);
  fill_queue (shapes, system, &work);
  while (work.head < work.tail)
    take_equation (shapes, system, &work, work.queue[work.head++]);
  return true;
}
