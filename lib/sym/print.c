/* SPDX-License-Identifier: Apache-2.0 */
/* Printing: the numbers, and the spelling srepr. Arguments are printed in the order they have. Recursion is bounded by
 * the depth that a pool allows. */
#include "print.h"
#include "number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
sym_put (SymPrinter *printer, const char *text, size_t len)
{
  if (len == 0)
    return;
  if (!pt2_buffer_room (&printer->buffer, len))
    printer->failed = true;
  else
    pt2_buffer_put (&printer->buffer, text, len);
}

void
sym_put_text (SymPrinter *printer, const char *text)
{
  sym_put (printer, text, strlen (text));
}

void
sym_put_digits (SymPrinter *printer, SymNumber value, const char *separator)
{
  if (value.kind == SYM_RATIO)
    {
      sym_put_digits (printer, value.ratio->num, separator);
      sym_put_text (printer, separator);
      sym_put_digits (printer, value.ratio->den, separator);
      return;
    }
  char small[PT2_NUMBER_ROOM];
  if (value.kind == SYM_INT)
    {
      sym_put (printer, small, (size_t)(pt2_number_write_i64 (value.i, small) - small));
      return;
    }
  char *digits = sym_digits (value);
  if (digits == NULL)
    printer->failed = true;
  else
    sym_put_text (printer, digits);
  free (digits);
}

/* Digits of the significand, then where the point goes: fixed from 10^-5 on and below 10^DIGITS, else D.DDe+N. */
void
sym_put_double (SymPrinter *printer, double value, int digits, bool strip)
{
  char text[40], out[64];
  snprintf (text, sizeof text, "%.*e", digits - 1, fabs (value));
  int exponent = atoi (strchr (text, 'e') + 1);
  char significand[32];
  int n = 0;
  for (const char *p = text; *p != 'e'; p++)
    if (*p != '.')
      significand[n++] = *p;
  bool fixed = exponent > -(digits / 3 > 5 ? digits / 3 : 5) && exponent < digits;
  char *to = out;
  if (signbit (value) && value != 0)
    *to++ = '-';
  int before = fixed ? exponent + 1 : 1; /* digits before the point */
  if (before <= 0)
    *to++ = '0';
  for (int i = 0; i < before; i++)
    *to++ = significand[i];
  *to++ = '.';
  char *fraction = to;
  for (int i = before; i < 0; i++)
    *to++ = '0';
  for (int i = MAX (before, 0); i < n; i++)
    *to++ = significand[i];
  while (strip && to > fraction && to[-1] == '0')
    to--;
  if (to == fraction)
    *to++ = '0';
  sym_put (printer, out, (size_t)(to - out));
  if (!fixed)
    sym_put (printer, out, (size_t)g_snprintf (out, sizeof out, "e%+d", exponent));
}

/* ---- srepr ---- */

static void
put_float (SymPrinter *printer, const Pt2Expr *expr)
{
  char precision[32];
  sym_put_text (printer, "Float('");
  if (expr->text.data != NULL && expr->precision != 0)
    sym_put (printer, expr->text.data, expr->text.len);
  else
    sym_put_double (printer, expr->value.f, 17, true);
  sym_put (printer, precision,
           (size_t)g_snprintf (precision, sizeof precision, "', precision=%u)",
                               expr->precision != 0 ? expr->precision : 53));
}

static void
put_number (SymPrinter *printer, const Pt2Expr *expr)
{
  switch (expr->value.kind)
    {
    case SYM_BOOL:
      sym_put_text (printer, expr->value.i ? "true" : "false");
      break;
    case SYM_INF:
      sym_put_text (printer, expr->value.i < 0 ? "-" : "");
      sym_put_text (printer, expr->value.whole ? "int_oo" : "oo");
      break;
    case SYM_FLOAT:
      put_float (printer, expr);
      break;
    default:
      sym_put_text (printer, expr->value.kind == SYM_RATIO ? "Rational(" : "Integer(");
      sym_put_digits (printer, expr->value, ", ");
      sym_put_text (printer, ")");
    }
}

/* A symbol without assumptions has those that the pool knows of its name, else what PyTorch gives such a name. */
static void
put_symbol (SymPrinter *printer, const Pt2Expr *expr)
{
  const SymName *name = expr->symbol.name;
  bool own = (expr->flags & SYM_NODE_ASSUMES) != 0;
  Pt2String spelled = own ? expr->symbol.spelled : name->spelled;
  if (!own && spelled.data == NULL && (expr->flags & SYM_NODE_INTEGER) != 0)
    spelled = (Pt2String){ "integer=True", 12 };
  sym_put_text (printer, "Symbol('");
  sym_put (printer, name->name.data, name->name.len);
  sym_put_text (printer, spelled.len > 0 ? "', " : "'");
  sym_put (printer, spelled.data, spelled.len);
  sym_put_text (printer, ")");
}

/* SymPy takes a product with a negative number apart when it writes it. */
static bool
splits_coefficient (const SymPrinter *printer, const Pt2Expr *expr)
{
  const Pt2Expr *first = expr->args[0];
  return printer->spelling == PT2_EXPR_WRITTEN && expr->op == SYM_MUL && sym_is_number (first)
         && first->value.kind != SYM_BOOL && sym_sign (first->value) < 0 && !sym_is_literal_int (first, -1);
}

static void
put_split_number (SymPrinter *printer, SymNumber value)
{
  SymPrinter number = { PT2_BUFFER_INIT, PT2_EXPR_SREPR, false };
  Pt2Expr node = { .op = SYM_NUMBER };
  node.value = value;
  put_number (&number, &node);
  char *minus = number.failed ? NULL : memchr (number.buffer.data, '-', pt2_buffer_len (&number.buffer));
  sym_put_text (printer, "Integer(-1), ");
  if (minus == NULL)
    printer->failed = true;
  else
    {
      sym_put (printer, number.buffer.data, (size_t)(minus - number.buffer.data));
      sym_put (printer, minus + 1, (size_t)(number.buffer.next - minus) - 1);
    }
  pt2_buffer_clear (&number.buffer);
}

static void
put_call (SymPrinter *printer, const Pt2Expr *expr)
{
  const SymOpInfo *info = &sym_ops[expr->op];
  bool quoted = (expr->flags & SYM_NODE_QUOTED) != 0;
  sym_put_text (printer, quoted ? "Function('" : "");
  sym_put (printer, info->name, info->name_len);
  sym_put_text (printer, quoted ? "')(" : "(");
  for (uint32_t i = 0; i < expr->n_args && !printer->failed; i++)
    {
      if (i > 0)
        sym_put (printer, ", ", 2);
      if (i == 0 && splits_coefficient (printer, expr))
        put_split_number (printer, expr->args[0]->value);
      else
        sym_print_srepr (printer, expr->args[i]);
    }
  sym_put (printer, ")", 1);
}

void
sym_print_srepr (SymPrinter *printer, const Pt2Expr *expr)
{
  if (expr->op == SYM_NUMBER)
    put_number (printer, expr);
  else if (expr->op == SYM_SYMBOL)
    put_symbol (printer, expr);
  else if (expr->op == SYM_CONSTANT)
    sym_put_text (printer, sym_constant_names[expr->constant]);
  else
    put_call (printer, expr);
}

char *
pt2_expr_print (const Pt2Expr *expr, Pt2ExprSpelling spelling, gsize *len)
{
  SymPrinter printer = { PT2_BUFFER_INIT, spelling, false };
  spelling == PT2_EXPR_SREPR || spelling == PT2_EXPR_WRITTEN ? sym_print_srepr (&printer, expr)
                                                             : sym_print_infix (&printer, expr);
  gsize n = pt2_buffer_len (&printer.buffer);
  char *text = printer.failed ? NULL : g_try_malloc (n + 1);
  if (text != NULL)
    {
      memcpy (text, printer.buffer.data, n);
      text[n] = '\0';
    }
  if (len != NULL)
    *len = text != NULL ? n : 0;
  pt2_buffer_clear (&printer.buffer);
  return text;
}
