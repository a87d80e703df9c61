/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions as PyTorch's serializer writes them: a number where it is one, else the text of the normal form, with
 * the hint where there is one. */
#include "sym_values.h"
#include "status.h"
#include <math.h>
#include <string.h>

/* ---- values ---- */

static bool
fail (GError **error, const char *detail)
{
  return pt2_error_set (error, PT2_ERROR_Y019, NULL, "%s", detail);
}

/* A hint of an integer is one, of a float a float. */
static bool
take_number (Pt2SymValue *value, Pt2ExprValue *number, GError **error)
{
  Pt2ExprValue taken = *number;
  bool whole = number->kind == PT2_EXPR_INTEGER || number->kind == PT2_EXPR_BIG;
  if (value->type == PT2_SYM_TYPE_FLOAT && (whole || number->kind == PT2_EXPR_FRACTION))
    taken = (Pt2ExprValue){ PT2_EXPR_FLOAT, 0, number->number, NULL };
  else if (value->type == PT2_SYM_TYPE_FLOAT && number->kind == PT2_EXPR_INFINITY)
    taken = (Pt2ExprValue){ PT2_EXPR_FLOAT, 0, number->integer < 0 ? -HUGE_VAL : HUGE_VAL, NULL };
  else if (number->kind != (value->type == PT2_SYM_TYPE_FLOAT ? PT2_EXPR_FLOAT : PT2_EXPR_INTEGER))
    {
      pt2_expr_value_clear (number);
      return fail (error, value->type == PT2_SYM_TYPE_FLOAT ? "a float is meant" : "an integer of 64 bits is meant");
    }
  pt2_expr_value_clear (number);
  value->value = taken;
  return true;
}

/* Is it a number of its own type? A number of another type stays an expression. */
static bool
is_concrete (const Pt2Expr *expr, Pt2SymType type)
{
  const char *name = pt2_expr_get_name (expr);
  if (type == PT2_SYM_TYPE_BOOL)
    return strcmp (name, "true") == 0 || strcmp (name, "false") == 0;
  return strcmp (name, type == PT2_SYM_TYPE_INT ? "Integer" : "Float") == 0;
}

static bool
take_concrete (const Pt2Expr *expr, Pt2SymValue *value, GError **error)
{
  Pt2ExprValue number;
  if (!pt2_expr_evaluate (expr, NULL, 0, NULL, &number, error))
    return false;
  if (value->type != PT2_SYM_TYPE_BOOL)
    return take_number (value, &number, error);
  value->value = number;
  return true;
}

static bool
take_hint (const Pt2Expr *expr, const Pt2ExprSetting *hints, guint n, Pt2SymValue *value, GError **error)
{
  Pt2ExprValue number;
  GError *why = NULL;
  if (value->type == PT2_SYM_TYPE_BOOL)
    return true;
  if (pt2_expr_evaluate (expr, hints, n, NULL, &number, &why))
    return take_number (value, &number, error);
  if (g_error_matches (why, PT2_ERROR, PT2_ERROR_Y008))
    {
      g_error_free (why);
      return true;
    }
  g_propagate_error (error, why);
  return false;
}

gboolean
pt2_sym_value_make (Pt2ExprPool *pool, const Pt2Expr *expr, Pt2SymType type, const Pt2ExprSetting *hints, guint n,
                    Pt2SymValue *value, GError **error)
{
  *value = (Pt2SymValue){ .type = type };
  const Pt2Expr *normal = pt2_expr_normal (pool, expr, error);
  if (normal == NULL)
    return FALSE;
  if (pt2_expr_is_boolean (normal) != (type == PT2_SYM_TYPE_BOOL))
    return pt2_error_set (error, PT2_ERROR_Y010, NULL, "%s", pt2_expr_get_name (normal));
  if (is_concrete (normal, type))
    return take_concrete (normal, value, error);
  if (!take_hint (normal, hints, n, value, error))
    return FALSE;
  value->text = pt2_expr_print (normal, PT2_EXPR_WRITTEN, NULL);
  return value->text != NULL || pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
}

void
pt2_sym_value_clear (Pt2SymValue *value)
{
  g_clear_pointer (&value->text, g_free);
  pt2_expr_value_clear (&value->value);
}

/* ---- ranges ---- */

static bool
numerator (const char *digits, gint64 *top, gint64 *bottom)
{
  char *end;
  errno = 0;
  *top = g_ascii_strtoll (digits, &end, 10);
  *bottom = *end == '/' ? g_ascii_strtoll (end + 1, NULL, 10) : 0;
  return errno == 0 && *bottom > 0;
}

/* The integer at or inside an end; UPPER rounds down. */
static bool
round_end (const Pt2ExprValue *end, bool upper, gboolean *has, gint64 *out, GError **error)
{
  gint64 top, bottom;
  *has = end->kind != PT2_EXPR_INFINITY && (end->kind != PT2_EXPR_FLOAT || !isinf (end->number));
  *out = 0;
  if (!*has)
    return true;
  if (end->kind == PT2_EXPR_INTEGER)
    *out = end->integer;
  else if (end->kind == PT2_EXPR_FRACTION && numerator (end->digits, &top, &bottom))
    {
      /* C rounds toward zero. */
      gint64 rest = top % bottom;
      *out = top / bottom + (upper ? -(rest < 0) : rest > 0);
    }
  else
    {
      double number = upper ? floor (end->number) : ceil (end->number);
      if (end->kind != PT2_EXPR_FLOAT || !(number >= -0x1p63 && number < 0x1p63))
        return fail (error, "an end of a range is an integer of 64 bits");
      *out = (gint64)number;
    }
  return true;
}

gboolean
pt2_range_make (const Pt2ExprRange *bounds, Pt2Range *range, GError **error)
{
  *range = (Pt2Range){ 0 };
  if (!round_end (&bounds->lower, false, &range->has_min, &range->min, error)
      || !round_end (&bounds->upper, true, &range->has_max, &range->max, error))
    return FALSE;
  if (range->has_min && range->has_max && range->min > range->max)
    return pt2_error_set (error, PT2_ERROR_Y009, NULL, "%s", "");
  return TRUE;
}

/* ---- structs ---- */

static bool
copy_text (Pt2Arena *arena, const char *text, Pt2String *out)
{
  gsize len = strlen (text);
  char *copy = len <= G_MAXUINT32 ? pt2_arena_alloc (arena, len + 1) : NULL;
  if (copy == NULL)
    return false;
  memcpy (copy, text, len + 1);
  *out = (Pt2String){ copy, (uint32_t)len };
  return true;
}

static Pt2SymExpr *
make_expr (Pt2Arena *arena, const Pt2SymValue *value)
{
  Pt2SymExpr *expr = pt2_arena_alloc (arena, sizeof *expr);
  if (expr == NULL)
    return NULL;
  memset (expr, 0, sizeof *expr);
  if (!copy_text (arena, value->text, &expr->expr_str))
    return NULL;
  if (value->value.kind == PT2_EXPR_INTEGER)
    {
      expr->hint.which = PT2_SYM_EXPR_HINT_AS_INT;
      expr->hint.as_int = value->value.integer;
    }
  else if (value->value.kind == PT2_EXPR_FLOAT)
    {
      expr->hint.which = PT2_SYM_EXPR_HINT_AS_FLOAT;
      expr->hint.as_float = value->value.number;
    }
  return expr;
}

bool
pt2_sym_int_fill (Pt2Arena *arena, const Pt2SymValue *value, Pt2SymInt *out)
{
  memset (out, 0, sizeof *out);
  out->which = value->text != NULL ? PT2_SYM_INT_AS_EXPR : PT2_SYM_INT_AS_INT;
  if (value->text != NULL)
    return (out->as_expr = make_expr (arena, value)) != NULL;
  out->as_int = value->value.integer;
  return true;
}

bool
pt2_sym_float_fill (Pt2Arena *arena, const Pt2SymValue *value, Pt2SymFloat *out)
{
  memset (out, 0, sizeof *out);
  out->which = value->text != NULL ? PT2_SYM_FLOAT_AS_EXPR : PT2_SYM_FLOAT_AS_FLOAT;
  if (value->text != NULL)
    return (out->as_expr = make_expr (arena, value)) != NULL;
  out->as_float = value->value.number;
  return true;
}

bool
pt2_sym_bool_fill (Pt2Arena *arena, const Pt2SymValue *value, Pt2SymBool *out)
{
  memset (out, 0, sizeof *out);
  out->which = value->text != NULL ? PT2_SYM_BOOL_AS_EXPR : PT2_SYM_BOOL_AS_BOOL;
  if (value->text != NULL)
    return (out->as_expr = make_expr (arena, value)) != NULL;
  out->as_bool = value->value.integer != 0;
  return true;
}

void
pt2_range_fill (const Pt2Range *range, Pt2RangeConstraint *out)
{
  memset (out, 0, sizeof *out);
  out->min_val = range->min;
  out->max_val = range->max;
  out->present[0] = (range->has_min ? 1u : 0) | (range->has_max ? 2u : 0);
}
