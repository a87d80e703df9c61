/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the integer divisions and remainders, of rounding, and of what turns into other operations: torch's own
 * simplifications of these functions where they keep the value. */
#include "normal.h"
#include <stdlib.h>

static const Pt2Expr *
make_int (Pt2ExprPool *pool, int64_t value)
{
  return sym_make_number (pool, sym_int (value));
}

static const Pt2Expr *
fail_memory (Pt2ExprPool *pool)
{
  pt2_status_fail (pool->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  return NULL;
}

static const Pt2Expr *
fail_number (Pt2ExprPool *pool)
{
  sym_fail (pool->status, &pool->calc);
  return NULL;
}

static bool
is_integer (const Pt2Expr *node)
{
  return (node->flags & SYM_NODE_INTEGER) != 0;
}

static bool
is_literal_integer (const Pt2Expr *node)
{
  return sym_is_number (node) && sym_is_int (node->value);
}

static bool
is_positive_literal (const Pt2Expr *node)
{
  return is_literal_integer (node) && sym_sign (node->value) > 0;
}

/* Is TERM an integer multiple of the integer DIVISOR, whatever its symbols are? */
static bool
is_multiple (Pt2ExprPool *pool, const Pt2Expr *term, SymNumber divisor, bool *multiple)
{
  SymTerm split;
  SymNumber rest;
  *multiple = false;
  if (!sym_split_term (pool, term, &split))
    return false;
  if (!sym_is_int (split.coefficient) || (split.rest != NULL && !is_integer (split.rest)))
    return true;
  if (!sym_modulo (&pool->calc, split.coefficient, divisor, &rest))
    return fail_number (pool) != NULL;
  *multiple = sym_sign (rest) == 0;
  return true;
}

/* The terms of BASE that are multiples of DIVISOR (*WHOLE, NULL if none) and the others (*REST, 0 if none). */
static bool
separate_multiples (Pt2ExprPool *pool, const Pt2Expr *base, SymNumber divisor, const Pt2Expr **whole,
                    const Pt2Expr **rest)
{
  uint32_t n, n_whole = 0, n_rest = 0;
  const Pt2Expr *const *terms = sym_terms (&base, SYM_ADD, &n);
  const Pt2Expr **list = malloc (2 * n * sizeof *list);
  bool multiple, good = list != NULL || fail_memory (pool) != NULL;
  for (uint32_t i = 0; i < n && good; i++)
    {
      good = is_multiple (pool, terms[i], divisor, &multiple);
      if (good && multiple)
        list[n_whole++] = terms[i];
      else if (good)
        list[n + n_rest++] = terms[i];
    }
  *whole = NULL;
  *rest = base;
  if (good && n_whole > 0)
    {
      *whole = sym_normal_add (pool, list, n_whole);
      *rest = *whole != NULL ? sym_normal_add (pool, list + n, n_rest) : NULL;
      good = *rest != NULL;
    }
  free (list);
  return good;
}

/* ---- common factors ---- */

/* The greatest integer that divides every coefficient of EXPR, which are integers; 0 if they are not all. */
static bool
integer_content (Pt2ExprPool *pool, const Pt2Expr *expr, SymNumber *out)
{
  uint32_t n;
  const Pt2Expr *const *terms = sym_terms (&expr, SYM_ADD, &n);
  *out = sym_int (0);
  for (uint32_t i = 0; i < n; i++)
    {
      SymTerm term;
      if (!sym_split_term (pool, terms[i], &term))
        return false;
      if (!sym_is_int (term.coefficient))
        {
          *out = sym_int (1);
          return true;
        }
      if (!sym_gcd (&pool->calc, *out, term.coefficient, out))
        return fail_number (pool) != NULL;
    }
  return true;
}

/* EXPR / DIVISOR, term by term. */
static const Pt2Expr *
divide_terms (Pt2ExprPool *pool, const Pt2Expr *expr, const Pt2Expr *divisor)
{
  const Pt2Expr *minus = make_int (pool, -1), *inverse = minus != NULL ? sym_normal_pow (pool, divisor, minus) : NULL;
  uint32_t n, i = 0;
  const Pt2Expr *const *terms = sym_terms (&expr, SYM_ADD, &n), **list = malloc (n * sizeof *list), *result = NULL;
  if (inverse == NULL || list == NULL)
    {
      free (list);
      return inverse == NULL ? NULL : fail_memory (pool);
    }
  for (; i < n; i++)
    {
      const Pt2Expr *both[] = { terms[i], inverse };
      if ((list[i] = sym_normal_mul (pool, both, 2)) == NULL)
        break;
    }
  if (i == n)
    result = sym_normal_add (pool, list, n);
  free (list);
  return result;
}

static bool
has_factor (const Pt2Expr *term, const Pt2Expr *factor)
{
  uint32_t n;
  const Pt2Expr *const *factors = sym_terms (&term, SYM_MUL, &n);
  for (uint32_t i = 0; i < n; i++)
    if (factors[i] == factor)
      return true;
  return false;
}

static bool
divides_all (const Pt2Expr *factor, const Pt2Expr *expr)
{
  uint32_t n;
  const Pt2Expr *const *terms = sym_terms (&expr, SYM_ADD, &n);
  for (uint32_t i = 0; i < n; i++)
    if (!has_factor (terms[i], factor))
      return false;
  return true;
}

/* Divides both by what they have in common: an integer, then, if SYMBOLS, factors of the divisor, which are not zero
 * where the division has a value. *FOUND: there was something. */
static bool
cancel (Pt2ExprPool *pool, const Pt2Expr **base, const Pt2Expr **divisor, bool symbols, bool *found)
{
  SymNumber a, b, common;
  *found = false;
  if (!integer_content (pool, *base, &a) || !integer_content (pool, *divisor, &b))
    return false;
  if (!sym_gcd (&pool->calc, a, b, &common))
    return fail_number (pool) != NULL;
  const Pt2Expr *by = sym_make_number (pool, common);
  if (by == NULL)
    return false;
  uint32_t n;
  const Pt2Expr *const *factors = sym_terms (divisor, SYM_MUL, &n);
  for (uint32_t i = 0; i < n && symbols && by != NULL; i++)
    if (!sym_is_number (factors[i]) && divides_all (factors[i], *base))
      {
        const Pt2Expr *both[] = { by, factors[i] };
        by = sym_normal_mul (pool, both, 2);
      }
  if (by == NULL)
    return false;
  *found = !sym_is_literal_int (by, 1) && !sym_is_literal_int (by, 0);
  if (!*found)
    return true;
  *base = divide_terms (pool, *base, by);
  *divisor = *base != NULL ? divide_terms (pool, *divisor, by) : NULL;
  return *divisor != NULL;
}

/* ---- divisions ---- */

static const Pt2Expr *
floor_divide (Pt2ExprPool *pool, const Pt2Expr *base, const Pt2Expr *divisor)
{
  const Pt2Expr *args[] = { base, divisor };
  return sym_normal_call (pool, SYM_FLOORDIV, args, 2);
}

/* What a literal divisor divides goes out of the division. *OUT stays NULL if nothing does. */
static bool
take_multiples_out (Pt2ExprPool *pool, const Pt2Expr *base, const Pt2Expr *divisor, const Pt2Expr **out)
{
  const Pt2Expr *whole, *rest;
  if (!separate_multiples (pool, base, divisor->value, &whole, &rest))
    return false;
  if (whole == NULL)
    return true;
  const Pt2Expr *both[] = { floor_divide (pool, rest, divisor), divide_terms (pool, whole, divisor) };
  *out = both[0] != NULL && both[1] != NULL ? sym_normal_add (pool, both, 2) : NULL;
  return *out != NULL;
}

/* A quotient divided again; right for positive divisors only. */
static bool
merges (const Pt2Expr *base, const Pt2Expr *divisor)
{
  return (base->op == SYM_FLOORDIV || base->op == SYM_CLEANDIV) && is_positive_literal (divisor);
}

static const Pt2Expr *
product (Pt2ExprPool *pool, const Pt2Expr *a, const Pt2Expr *b)
{
  const Pt2Expr *both[] = { a, b };
  return sym_normal_mul (pool, both, 2);
}

const Pt2Expr *
sym_rule_floor_divide (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  const Pt2Expr *base = args[0], *divisor = args[1], *result = NULL;
  bool found = false;
  if (sym_any_boolean (args, n) || sym_is_literal_int (divisor, 0))
    return sym_make (pool, op, args, n, 0); /* no value: stays as it is */
  if (sym_is_literal_int (base, 0))
    return base;
  if (is_integer (base) && (sym_is_literal_int (divisor, 1) || sym_is_literal_int (divisor, -1)))
    return sym_normal_scale (pool, divisor->value, base);
  if (base == divisor)
    return make_int (pool, 1);
  if (merges (base, divisor))
    {
      const Pt2Expr *both = product (pool, base->args[1], divisor);
      return both != NULL ? floor_divide (pool, base->args[0], both) : NULL;
    }
  if (is_literal_integer (divisor) && !take_multiples_out (pool, base, divisor, &result))
    return NULL;
  if (result != NULL)
    return result;
  if (!cancel (pool, &base, &divisor, true, &found))
    return NULL;
  return found ? floor_divide (pool, base, divisor) : sym_make (pool, op, args, n, 0);
}

/* Rounding up: an exact division if it is one; by a positive number, the division of a + (b - 1). */
const Pt2Expr *
sym_rule_ceil_divide (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  const Pt2Expr *base = args[0], *divisor = args[1], *whole = NULL, *rest;
  bool number = is_literal_integer (divisor) && sym_sign (divisor->value) != 0;
  if (sym_any_boolean (args, n))
    return sym_make (pool, op, args, n, 0); /* no value: stays as it is */
  if (number && !separate_multiples (pool, base, divisor->value, &whole, &rest))
    return NULL;
  if (base == divisor || whole == base || (!sym_is_number (divisor) && divides_all (divisor, base)))
    return sym_normal_call (pool, SYM_CLEANDIV, args, 2);
  if (!number || !is_positive_literal (divisor) || !is_integer (base))
    return sym_make (pool, op, args, n, 0);
  const Pt2Expr *sum[] = { base, divisor, make_int (pool, -1) };
  const Pt2Expr *up = sum[2] != NULL ? sym_normal_add (pool, sum, 3) : NULL;
  return up != NULL ? floor_divide (pool, up, divisor) : NULL;
}

/* ---- remainders ---- */

/* Of an integer sum whose other terms are even. */
static const Pt2Expr *
parity (Pt2ExprPool *pool, const Pt2Expr *base, const Pt2Expr *two)
{
  const Pt2Expr *whole, *rest;
  if (!separate_multiples (pool, base, two->value, &whole, &rest))
    return NULL;
  return is_literal_integer (rest) ? make_int (pool, 1) : base;
}

const Pt2Expr *
sym_rule_modulo (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  const Pt2Expr *p = args[0], *q = args[1], *whole, *rest;
  if (sym_any_boolean (args, n) || sym_is_literal_int (q, 0) || (sym_is_number (p) && sym_is_number (q)))
    return sym_make (pool, op, args, n, 0); /* no value: stays as it is */
  const Pt2Expr *minus = sym_normal_scale (pool, sym_int (-1), q);
  if (minus == NULL)
    return NULL;
  if (sym_is_literal_int (p, 0) || p == q || p == minus || (sym_is_literal_int (q, 1) && is_integer (p)))
    return make_int (pool, 0);
  if (is_literal_integer (q))
    {
      if (!separate_multiples (pool, p, q->value, &whole, &rest))
        return NULL;
      if (whole == p)
        return make_int (pool, 0);
      const Pt2Expr *odd = sym_is_literal_int (q, 2) ? parity (pool, p, q) : p;
      if (odd != p)
        return odd;
    }
  else if (is_integer (p) && divides_all (q, p))
    return make_int (pool, 0);
  return sym_make (pool, op, args, n, 0);
}

/* floor(a / b) mod m without the terms of A that m*b divides. *OUT stays NULL if there are none. */
static bool
drop_multiples (Pt2ExprPool *pool, const Pt2Expr *const *args, const Pt2Expr **out)
{
  SymNumber period;
  const Pt2Expr *whole, *rest;
  if (!is_positive_literal (args[1]) || !is_positive_literal (args[2]) || args[0]->op != SYM_ADD)
    return true;
  if (!sym_mul (&pool->calc, args[1]->value, args[2]->value, &period))
    return fail_number (pool) != NULL;
  if (!separate_multiples (pool, args[0], period, &whole, &rest))
    return false;
  if (whole == NULL)
    return true;
  const Pt2Expr *left[] = { rest, args[1], args[2] };
  return (*out = sym_normal_call (pool, SYM_MODULARINDEXING, left, 3)) != NULL;
}

const Pt2Expr *
sym_rule_modular_indexing (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  const Pt2Expr *left[] = { args[0], args[1], args[2] }, *result = NULL;
  bool found = false;
  if (sym_any_boolean (args, n) || sym_is_literal_int (args[1], 0) || sym_is_literal_int (args[2], 0))
    return sym_make (pool, op, args, n, 0); /* no value: stays as it is */
  if (sym_is_literal_int (args[0], 0) || (sym_is_literal_int (args[2], 1) && is_integer (args[0])))
    return make_int (pool, 0);
  if (!sym_is_literal_int (args[1], 1) && !cancel (pool, &left[0], &left[1], false, &found))
    return NULL;
  if (found)
    return sym_normal_call (pool, op, left, 3);
  if (!drop_multiples (pool, args, &result))
    return NULL;
  if (result != NULL || !merges (args[0], args[1]))
    return result != NULL ? result : sym_make (pool, op, args, n, 0);
  left[0] = args[0]->args[0];
  left[1] = product (pool, args[0]->args[1], args[1]);
  return left[1] != NULL ? sym_normal_call (pool, op, left, 3) : NULL;
}

/* ---- rounding, shifts and the rest ---- */

/* Integer terms go out of floor and ceiling. */
const Pt2Expr *
sym_rule_floor (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  if (is_integer (args[0]))
    return args[0];
  uint32_t n_terms, n_whole = 0, n_rest = 0;
  const Pt2Expr *const *terms = sym_terms (args, SYM_ADD, &n_terms);
  if (n_terms == 1)
    return sym_make (pool, op, args, n, 0);
  const Pt2Expr **list = malloc ((2 * n_terms + 1) * sizeof *list), *result = NULL;
  if (list == NULL)
    return fail_memory (pool);
  for (uint32_t i = 0; i < n_terms; i++)
    if (is_integer (terms[i]))
      list[n_whole++] = terms[i];
    else
      list[n_terms + 1 + n_rest++] = terms[i];
  if (n_whole == 0)
    result = sym_make (pool, op, args, n, 0);
  else
    {
      const Pt2Expr *rest = sym_normal_add (pool, list + n_terms + 1, n_rest);
      list[n_whole] = rest != NULL ? sym_normal_call (pool, op, &rest, 1) : NULL;
      result = list[n_whole] != NULL ? sym_normal_add (pool, list, n_whole + 1) : NULL;
    }
  free (list);
  return result;
}

const Pt2Expr *
sym_rule_abs (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  SymTerm term;
  if (args[0]->op == SYM_ABS || args[0]->op == SYM_MOD)
    return args[0];
  if (args[0]->op != SYM_MUL || !sym_split_term (pool, args[0], &term) || sym_equals_int (term.coefficient, 1))
    return pool->status->code == PT2_ERROR_NONE ? sym_make (pool, op, args, n, 0) : NULL;
  SymNumber size = term.coefficient;
  if (sym_sign (size) < 0 && !sym_negate (&pool->calc, size, &size))
    return fail_number (pool);
  const Pt2Expr *rest = sym_make (pool, op, &term.rest, 1, 0);
  return rest != NULL ? sym_normal_scale (pool, size, rest) : NULL;
}

const Pt2Expr *
sym_rule_shift (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  bool negative = sym_is_number (args[1]) && sym_sign (args[1]->value) < 0;
  if (sym_any_boolean (args, n) || negative)
    return sym_make (pool, op, args, n, 0); /* no value: stays as it is */
  const Pt2Expr *power[] = { make_int (pool, 2), args[1] };
  const Pt2Expr *both[] = { args[0], power[0] != NULL ? sym_normal_call (pool, SYM_POWBYNATURAL, power, 2) : NULL };
  if (both[1] == NULL)
    return NULL;
  return sym_normal_call (pool, op == SYM_LSHIFT ? SYM_MUL : SYM_FLOORDIV, both, 2);
}

const Pt2Expr *
sym_rule_pow_by_natural (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  bool natural = is_literal_integer (args[1]) && sym_sign (args[1]->value) >= 0;
  if (natural && !sym_any_boolean (args, n))
    return sym_normal_pow (pool, args[0], args[1]);
  return sym_make (pool, op, args, n, 0);
}

/* One dimension with stride 1 is dense. */
const Pt2Expr *
sym_rule_dense (Pt2ExprPool *pool, SymOp op, const Pt2Expr *const *args, uint32_t n)
{
  return n == 2 && sym_is_literal_int (args[1], 1) ? make_int (pool, 1) : sym_make (pool, op, args, n, 0);
}
