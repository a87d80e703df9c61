/* SPDX-License-Identifier: Apache-2.0 */
#include "expression.h"

/* One pool for the command's whole run: a shape is mostly made of few expressions. */
static Pt2ExprPool *
pool_of_run (void)
{
  static Pt2ExprPool *pool;
  if (pool == NULL)
    pool = pt2_expr_pool_new (&settings.limits);
  return pool;
}

char *
expression_text (Pt2String expression, gsize *len)
{
  Pt2ExprPool *pool = pool_of_run ();
  const Pt2Expr *expr = pool != NULL ? pt2_expr_parse (pool, expression.data, expression.len, NULL) : NULL;
  char *text = expr != NULL ? pt2_expr_print (expr, PT2_EXPR_STR, len) : NULL;
  if (text != NULL)
    return text;
  *len = expression.len;
  return g_strndup (expression.data, expression.len);
}
