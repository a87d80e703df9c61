/* SPDX-License-Identifier: Apache-2.0 */
/* Sums: like terms together, in the order in which SymPy prints them: by the exponents of their factors, as a
 * polynomial in all of them; numbers last. */
#include "normal.h"
#include "tally.h"
#include <stdlib.h>
#include <string.h>

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

bool
sym_split_term (Pt2ExprPool *pool, const Pt2Expr *term, SymTerm *out)
{
  *out = (SymTerm){ sym_int (1), term };
  if (sym_is_number (term) && term->value.kind != SYM_BOOL)
    *out = (SymTerm){ term->value, NULL };
  else if (term->op == SYM_MUL && sym_is_number (term->args[0]))
    {
      out->coefficient = term->args[0]->value;
      out->rest = term->n_args == 2 ? term->args[1] : sym_make (pool, SYM_MUL, term->args + 1, term->n_args - 1, 0);
      return out->rest != NULL;
    }
  return true;
}

/* COEFFICIENT * REST, where REST has no coefficient of its own and is no sum. */
static const Pt2Expr *
join_term (Pt2ExprPool *pool, SymNumber coefficient, const Pt2Expr *rest)
{
  if (sym_equals_int (coefficient, 1))
    return rest;
  const Pt2Expr *number = sym_make_number (pool, coefficient), *few[8];
  uint32_t n = rest->op == SYM_MUL ? rest->n_args : 1;
  const Pt2Expr **args = n < G_N_ELEMENTS (few) ? few : malloc ((n + 1) * sizeof *args);
  if (number == NULL || args == NULL)
    return number == NULL ? NULL : fail_memory (pool);
  args[0] = number;
  memcpy (args + 1, rest->op == SYM_MUL ? rest->args : &rest, n * sizeof *args);
  const Pt2Expr *result = sym_make (pool, SYM_MUL, args, n + 1, 0);
  if (args != few)
    free (args);
  return result;
}

/* ---- the order of terms ---- */

/* One factor of a term as the polynomial sees it: which, and to what power. */
typedef struct
{
  uint32_t rank; /* place of the base among all bases */
  int64_t power;
} Factor;

typedef struct
{
  const Pt2Expr *term;
  const Factor *factors; /* ascending by rank */
  uint32_t n_factors;
  SymNumber coefficient;
} Monomial;

/* A factor's base and integer exponent; other powers are bases themselves. */
static const Pt2Expr *
split_power (const Pt2Expr *factor, int64_t *power)
{
  *power = 1;
  if (factor->op != SYM_POW || !sym_is_number (factor->args[1]) || factor->args[1]->value.kind != SYM_INT)
    return factor;
  *power = factor->args[1]->value.i;
  return factor->args[0];
}

static int
compare_factors (const void *a, const void *b)
{
  uint32_t x = ((const Factor *)a)->rank, y = ((const Factor *)b)->rank;
  return (x > y) - (x < y);
}

static int
compare_entries (const void *a, const void *b)
{
  return sym_order (((const SymEntry *)a)->node, ((const SymEntry *)b)->node);
}

/* Higher powers of the earlier base first. */
static int
compare_monomials (const void *a, const void *b)
{
  const Monomial *x = a, *y = b;
  uint32_t i = 0, j = 0;
  for (; i < x->n_factors && j < y->n_factors; i++, j++)
    {
      const Factor *p = &x->factors[i], *q = &y->factors[j];
      if (p->rank != q->rank)
        return p->rank < q->rank ? (p->power > 0 ? -1 : 1) : (q->power > 0 ? 1 : -1);
      if (p->power != q->power)
        return p->power > q->power ? -1 : 1;
    }
  if (i < x->n_factors)
    return x->factors[i].power > 0 ? -1 : 1;
  if (j < y->n_factors)
    return y->factors[j].power > 0 ? 1 : -1;
  int order = sym_compare (x->coefficient, y->coefficient);
  return order != 0 ? order : sym_order (x->term, y->term);
}

typedef struct
{
  Monomial *monomials;
  Factor *factors;
  SymTally bases;
} Polynomial;

static const Pt2Expr *const *
factors_of (const Pt2Expr *const *term, uint32_t *n)
{
  const Pt2Expr *const *factors = sym_terms (term, SYM_MUL, n);
  if (sym_is_number (factors[0]))
    {
      factors++;
      --*n;
    }
  return factors;
}

static bool
find_bases (Polynomial *polynomial, const Pt2Expr *const *terms, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t n_factors;
      const Pt2Expr *const *factors = factors_of (&terms[i], &n_factors);
      for (uint32_t j = 0; j < n_factors; j++)
        {
          int64_t power;
          bool fresh;
          if (sym_tally_get (&polynomial->bases, split_power (factors[j], &power), &fresh) == NULL)
            return false;
        }
    }
  return true;
}

/* Numbers the bases by their order. The table keeps its places: only the ranks are set. */
static bool
rank_bases (SymTally *bases)
{
  SymEntry *sorted = malloc (bases->n * sizeof *sorted + 1);
  if (sorted == NULL)
    return false;
  for (uint32_t i = 0; i < bases->n; i++)
    {
      sorted[i] = bases->entries[i];
      sorted[i].rank = i;
    }
  qsort (sorted, bases->n, sizeof *sorted, compare_entries);
  for (uint32_t i = 0; i < bases->n; i++)
    bases->entries[sorted[i].rank].rank = i;
  free (sorted);
  return true;
}

static Factor *
set_monomial (Polynomial *polynomial, const Pt2Expr *term, Monomial *monomial, Factor *next)
{
  uint32_t n;
  const Pt2Expr *const *factors = factors_of (&term, &n);
  bool number = term->op == SYM_MUL && sym_is_number (term->args[0]);
  *monomial = (Monomial){ term, next, n, number ? term->args[0]->value : sym_int (1) };
  for (uint32_t i = 0; i < n; i++)
    {
      int64_t power;
      const Pt2Expr *base = split_power (factors[i], &power);
      next[i] = (Factor){ sym_tally_find (&polynomial->bases, base)->rank, power };
    }
  if (n > 1)
    qsort (next, n, sizeof *next, compare_factors);
  return next + n;
}

/* Terms without numbers among them. */
static bool
sort_terms (const Pt2Expr **terms, uint32_t n)
{
  Polynomial polynomial = { NULL };
  size_t n_factors = 0;
  for (uint32_t i = 0; i < n; i++)
    n_factors += terms[i]->op == SYM_MUL ? terms[i]->n_args : 1;
  sym_tally_init (&polynomial.bases);
  polynomial.monomials = malloc (n * sizeof *polynomial.monomials);
  Factor *next = polynomial.factors = malloc (n_factors * sizeof *polynomial.factors);
  bool done = polynomial.monomials != NULL && next != NULL && find_bases (&polynomial, terms, n)
              && rank_bases (&polynomial.bases);
  for (uint32_t i = 0; i < n && done; i++)
    next = set_monomial (&polynomial, terms[i], &polynomial.monomials[i], next);
  if (done)
    qsort (polynomial.monomials, n, sizeof *polynomial.monomials, compare_monomials);
  for (uint32_t i = 0; i < n && done; i++)
    terms[i] = polynomial.monomials[i].term;
  sym_tally_clear (&polynomial.bases);
  free (polynomial.monomials);
  free (polynomial.factors);
  return done;
}

/* ---- the sum ---- */

typedef struct
{
  SymTally terms;
  SymNumber number; /* the constant */
} Sum;

static bool
add_term (Pt2ExprPool *pool, Sum *sum, const Pt2Expr *arg)
{
  SymTerm term;
  bool fresh;
  if (!sym_split_term (pool, arg, &term))
    return false;
  if (term.rest == NULL)
    return sym_add (&pool->calc, sum->number, term.coefficient, &sum->number) || fail_number (pool) != NULL;
  SymEntry *entry = sym_tally_get (&sum->terms, term.rest, &fresh);
  if (entry == NULL)
    return fail_memory (pool) != NULL;
  if (fresh)
    entry->number = term.coefficient;
  else
    return sym_add (&pool->calc, entry->number, term.coefficient, &entry->number) || fail_number (pool) != NULL;
  return true;
}

static bool
add_terms (Pt2ExprPool *pool, Sum *sum, const Pt2Expr *const *args, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t n_terms;
      const Pt2Expr *const *terms = sym_terms (&args[i], SYM_ADD, &n_terms);
      for (uint32_t j = 0; j < n_terms; j++)
        if (!add_term (pool, sum, terms[j]))
          return false;
    }
  return true;
}

/* `3 - x` is printed that way and not as `-x + 3`. */
static bool
number_first (SymNumber number, const Pt2Expr *const *terms, uint32_t n)
{
  return n == 1 && sym_sign (number) > 0 && terms[0]->op == SYM_MUL && terms[0]->n_args == 2
         && sym_is_number (terms[0]->args[0]) && sym_sign (terms[0]->args[0]->value) < 0;
}

static const Pt2Expr *
finish_sum (Pt2ExprPool *pool, const Sum *sum, const Pt2Expr **out)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < sum->terms.n; i++)
    {
      const SymEntry *entry = &sum->terms.entries[i];
      if (sym_sign (entry->number) == 0)
        continue;
      out[n + 1] = join_term (pool, entry->number, entry->node);
      if (out[++n] == NULL)
        return NULL;
    }
  if (n > 1 && !sort_terms (out + 1, n))
    return fail_memory (pool);
  if (sym_sign (sum->number) == 0 && n > 0)
    return n == 1 ? out[1] : sym_make (pool, SYM_ADD, out + 1, n, 0);
  const Pt2Expr *number = sym_make_number (pool, sum->number);
  if (number == NULL || n == 0)
    return number;
  if (number_first (sum->number, out + 1, n))
    out[0] = number;
  else
    out[n + 1] = number;
  return sym_make (pool, SYM_ADD, out[n + 1] == number ? out + 1 : out, n + 1, 0);
}

const Pt2Expr *
sym_normal_add (Pt2ExprPool *pool, const Pt2Expr *const *args, uint32_t n)
{
  Sum sum = { .number = sym_int (0) };
  if (sym_no_arithmetic (args, n))
    return sym_make_constant (pool, SYM_CONSTANT_NAN); /* a boolean is no number */
  sym_tally_init (&sum.terms);
  const Pt2Expr *result = NULL;
  if (add_terms (pool, &sum, args, n))
    {
      const Pt2Expr **out = calloc (sum.terms.n + 3, sizeof *out);
      result = out != NULL ? finish_sum (pool, &sum, out) : fail_memory (pool);
      free (out);
    }
  sym_tally_clear (&sum.terms);
  return result == NULL && sym_was_undefined (pool) ? sym_make_constant (pool, SYM_CONSTANT_NAN) : result;
}

const Pt2Expr *
sym_normal_scale (Pt2ExprPool *pool, SymNumber factor, const Pt2Expr *expr)
{
  const Pt2Expr *args[] = { sym_make_number (pool, factor), expr };
  return args[0] != NULL ? sym_normal_mul (pool, args, 2) : NULL;
}

const Pt2Expr *
sym_normal_subtract (Pt2ExprPool *pool, const Pt2Expr *a, const Pt2Expr *b)
{
  const Pt2Expr *args[] = { a, sym_normal_scale (pool, sym_int (-1), b) };
  return args[1] != NULL ? sym_normal_add (pool, args, 2) : NULL;
}
