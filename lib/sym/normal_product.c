/* SPDX-License-Identifier: Apache-2.0 */
/* Products and powers: equal bases together, the number in front, factors in order. A number is spread over a sum; a
 * power of a product with an integer exponent over its factors. */
#include "normal.h"
#include "tally.h"
#include <stdlib.h>

static const Pt2Expr *
fail_memory (Pt2ExprPool *pool)
{
  pt2_status_fail (pool->status, PT2_ERROR_L001, PT2_NO_OFFSET, "%s", "");
  return NULL;
}

typedef struct
{
  SymTally powers;  /* bases and exponents */
  SymNumber number; /* the coefficient */
} Product;

static bool
multiply_number (Pt2ExprPool *pool, Product *product, SymNumber number)
{
  if (sym_mul (&pool->calc, product->number, number, &product->number))
    return true;
  return sym_fail (pool->status, &pool->calc);
}

static bool
multiply_power (Pt2ExprPool *pool, Product *product, const Pt2Expr *factor)
{
  const Pt2Expr *one = NULL, *base = factor, *exponent = NULL;
  bool fresh;
  if (factor->op == SYM_POW)
    {
      base = factor->args[0];
      exponent = factor->args[1];
    }
  else
    exponent = one = sym_make_number (pool, sym_int (1));
  SymEntry *entry = exponent != NULL ? sym_tally_get (&product->powers, base, &fresh) : NULL;
  if (entry == NULL)
    return exponent != NULL && fail_memory (pool) != NULL;
  if (fresh)
    {
      entry->expr = exponent;
      return true;
    }
  const Pt2Expr *both[] = { entry->expr, exponent };
  return (entry->expr = sym_normal_add (pool, both, 2)) != NULL;
}

static bool
multiply (Pt2ExprPool *pool, Product *product, const Pt2Expr *const *args, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t n_factors;
      const Pt2Expr *const *factors = sym_terms (&args[i], SYM_MUL, &n_factors);
      for (uint32_t j = 0; j < n_factors; j++)
        if (sym_is_number (factors[j]) ? !multiply_number (pool, product, factors[j]->value)
                                       : !multiply_power (pool, product, factors[j]))
          return false;
    }
  return true;
}

static int
compare_nodes (const void *a, const void *b)
{
  return sym_order (*(const Pt2Expr *const *)a, *(const Pt2Expr *const *)b);
}

/* NUMBER * (a + b) */
static const Pt2Expr *
spread (Pt2ExprPool *pool, const Pt2Expr *number, const Pt2Expr *sum)
{
  const Pt2Expr **terms = malloc (sum->n_args * sizeof *terms), *result = NULL;
  if (terms == NULL)
    return fail_memory (pool);
  uint32_t i = 0;
  for (; i < sum->n_args; i++)
    if ((terms[i] = sym_normal_scale (pool, number->value, sum->args[i])) == NULL)
      break;
  if (i == sum->n_args)
    result = sym_normal_add (pool, terms, i);
  free (terms);
  return result;
}

/* Powers of the bases whose exponents came together; they may have turned into numbers or products. *OUT has room for
 * them. *AGAIN: something has to be multiplied anew. */
static bool
finish_powers (Pt2ExprPool *pool, Product *product, const Pt2Expr **out, uint32_t *n, bool *again)
{
  for (uint32_t i = 0; i < product->powers.n; i++)
    {
      const SymEntry *entry = &product->powers.entries[i];
      const Pt2Expr *power = sym_normal_pow (pool, entry->node, entry->expr);
      if (power == NULL)
        return false;
      if (sym_is_number (power))
        {
          if (!multiply_number (pool, product, power->value))
            return false;
          continue;
        }
      bool same = power == entry->node || (power->op == SYM_POW && power->args[0] == entry->node);
      *again = *again || !same;
      out[(*n)++] = power;
    }
  return true;
}

static const Pt2Expr *
finish_product (Pt2ExprPool *pool, Product *product, const Pt2Expr **out)
{
  uint32_t n = 0;
  bool again = false;
  if (!finish_powers (pool, product, out + 1, &n, &again))
    return NULL;
  if (sym_sign (product->number) == 0 && product->number.kind != SYM_BOOL)
    return sym_make_number (pool, product->number);
  bool one = sym_equals_int (product->number, 1);
  if (!one || n == 0)
    {
      out[0] = sym_make_number (pool, product->number);
      if (out[0] == NULL || n == 0)
        return out[0];
    }
  if (again)
    return sym_normal_mul (pool, one ? out + 1 : out, one ? n : n + 1);
  qsort (out + 1, n, sizeof *out, compare_nodes);
  if (one)
    return n == 1 ? out[1] : sym_make (pool, SYM_MUL, out + 1, n, 0);
  if (n == 1 && out[1]->op == SYM_ADD && !sym_is_inf (product->number))
    return spread (pool, out[0], out[1]);
  return sym_make (pool, SYM_MUL, out, n + 1, 0);
}

const Pt2Expr *
sym_normal_mul (Pt2ExprPool *pool, const Pt2Expr *const *args, uint32_t n)
{
  Product product = { .number = sym_int (1) };
  if (sym_no_arithmetic (args, n))
    return sym_make_constant (pool, SYM_CONSTANT_NAN); /* a boolean is no number */
  sym_tally_init (&product.powers);
  const Pt2Expr *result = NULL;
  if (multiply (pool, &product, args, n))
    {
      const Pt2Expr **out = malloc ((product.powers.n + 1) * sizeof *out);
      result = out != NULL ? finish_product (pool, &product, out) : fail_memory (pool);
      free (out);
    }
  sym_tally_clear (&product.powers);
  return result == NULL && sym_was_undefined (pool) ? sym_make_constant (pool, SYM_CONSTANT_NAN) : result;
}

/* ---- powers ---- */

/* The limit, where there is one. */
static const Pt2Expr *
power_at_infinity (Pt2ExprPool *pool, SymNumber base, SymNumber exponent)
{
  SymNumber one = sym_int (1);
  bool whole = sym_is_int (exponent) || sym_is_inf (exponent), beyond = sym_compare (base, one) > 0;
  if (sym_sign (base) < 0 ? !sym_is_inf (base) || !sym_is_int (exponent) : !beyond && !sym_is_inf (exponent))
    return sym_make_constant (pool, SYM_CONSTANT_NAN);
  if (sym_sign (base) < 0)
    {
      bool odd = exponent.kind != SYM_INT || exponent.i % 2 != 0;
      return sym_make_number (pool, sym_sign (exponent) < 0 ? sym_int (0) : sym_infinity (odd ? -1 : 1, base.whole));
    }
  if (sym_compare (base, one) == 0)
    return sym_make_constant (pool, SYM_CONSTANT_NAN);
  bool grows = beyond == (sym_sign (exponent) > 0);
  return sym_make_number (pool, grows ? sym_infinity (1, whole && sym_is_int (base)) : sym_int (0));
}

/* Numbers: exact where the result is, a double where one is a double; roots that are not exact stay. */
static const Pt2Expr *
power_of_numbers (Pt2ExprPool *pool, const Pt2Expr *base, const Pt2Expr *exponent)
{
  SymNumber value, b = exponent->value;
  bool root = sym_is_exact (base->value) && b.kind == SYM_RATIO;
  if (sym_is_inf (base->value) || sym_is_inf (b))
    return power_at_infinity (pool, base->value, b);
  bool done = sym_power (&pool->calc, base->value, b, &value);
  if (!done && pool->calc.trouble >= SYM_TOO_BIG)
    {
      sym_fail (pool->status, &pool->calc);
      return NULL;
    }
  bool divides = pool->calc.trouble == SYM_DIVIDES_BY_ZERO;
  pool->calc.trouble = SYM_FINE;
  if (divides)
    return sym_make_constant (pool, SYM_CONSTANT_NAN);
  if (!done || (root && value.kind == SYM_FLOAT))
    return sym_make2 (pool, SYM_POW, base, exponent);
  return sym_make_number (pool, value);
}

/* (x*y)**n */
static const Pt2Expr *
power_of_product (Pt2ExprPool *pool, const Pt2Expr *base, const Pt2Expr *exponent)
{
  const Pt2Expr **powers = malloc (base->n_args * sizeof *powers), *result = NULL;
  if (powers == NULL)
    return fail_memory (pool);
  uint32_t i = 0;
  for (; i < base->n_args; i++)
    if ((powers[i] = sym_normal_pow (pool, base->args[i], exponent)) == NULL)
      break;
  if (i == base->n_args)
    result = sym_normal_mul (pool, powers, i);
  free (powers);
  return result;
}

static bool
is_literal_kind (const Pt2Expr *node, bool (*is) (SymNumber))
{
  return sym_is_number (node) && is (node->value);
}

static bool
is_even (SymNumber value)
{
  return value.kind == SYM_INT && value.i % 2 == 0;
}

const Pt2Expr *
sym_normal_pow (Pt2ExprPool *pool, const Pt2Expr *base, const Pt2Expr *exponent)
{
  const Pt2Expr *both[] = { base, exponent };
  if (sym_no_arithmetic (both, 2))
    return sym_make_constant (pool, SYM_CONSTANT_NAN); /* a boolean is no number */
  if (sym_is_literal_int (exponent, 0) || sym_is_literal_int (base, 1))
    return sym_make_number (pool, sym_int (1));
  if (sym_is_literal_int (exponent, 1))
    return base;
  if (sym_is_number (base) && sym_is_number (exponent))
    return power_of_numbers (pool, base, exponent);
  if (!is_literal_kind (exponent, sym_is_int))
    return sym_make2 (pool, SYM_POW, base, exponent);
  if (base->op == SYM_POW)
    {
      both[0] = base->args[1];
      const Pt2Expr *product = sym_normal_mul (pool, both, 2);
      return product != NULL ? sym_normal_pow (pool, base->args[0], product) : NULL;
    }
  if (base->op == SYM_MUL)
    return power_of_product (pool, base, exponent);
  if (base->op == SYM_ABS && is_even (exponent->value))
    return sym_normal_pow (pool, base->args[0], exponent);
  return sym_make2 (pool, SYM_POW, base, exponent);
}
