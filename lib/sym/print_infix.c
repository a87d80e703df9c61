/* SPDX-License-Identifier: Apache-2.0 */
/* Infix text, in the places, order and brackets of SymPy's str() and the printing methods of torch's functions. In the
 * exact spelling, what str() loses is a call: CleanDiv, Identity, Xor; and a float has all its digits. */
#include "number.h"
#include "print.h"
#include <stdlib.h>
#include <string.h>

/* The precedences of SymPy's printer. */
enum
{
  PREC_ADD = 40,
  PREC_MUL = 50,
  PREC_UNARY = 55, /* Python reads ~x**2 as ~(x**2) */
  PREC_POW = 60,
  PREC_FUNC = 70,
  PREC_NOT = 100,
  PREC_ATOM = 1000,
};

typedef struct
{
  SymPrinter *printer;
  uint32_t level; /* of calls: a float by itself is printed with all its zeros */
} Infix;

static void print_node (Infix *infix, const Pt2Expr *expr);

static bool
is_negative_number (const Pt2Expr *expr)
{
  return sym_is_number (expr) && expr->value.kind != SYM_BOOL && sym_sign (expr->value) < 0;
}

static bool
is_number_kind (const Pt2Expr *expr, SymNumberKind kind)
{
  return sym_is_number (expr) && expr->value.kind == kind;
}

static bool
spelled_as_call (const Infix *infix, SymOp op)
{
  return infix->printer->spelling == PT2_EXPR_EXACT && (op == SYM_CLEANDIV || op == SYM_IDENTITY || op == SYM_XOR);
}

static int
precedence (const Infix *infix, const Pt2Expr *expr)
{
  if (is_negative_number (expr))
    return PREC_ADD;
  if (is_number_kind (expr, SYM_RATIO))
    return PREC_MUL;
  if (expr->op == SYM_MUL && is_negative_number (expr->args[0]))
    return PREC_ADD;
  if (spelled_as_call (infix, expr->op))
    return PREC_FUNC;
  if (expr->op == SYM_NOT && infix->printer->spelling == PT2_EXPR_EXACT)
    return PREC_UNARY;
  return sym_ops[expr->op].binds;
}

static void
put (Infix *infix, const char *text)
{
  sym_put_text (infix->printer, text);
}

/* In brackets if it binds no tighter than LEVEL; STRICT: if it binds less tightly. */
static void
put_bracketed (Infix *infix, const Pt2Expr *expr, int level, bool strict)
{
  int binds = precedence (infix, expr);
  bool brackets = binds < level || (!strict && binds <= level);
  put (infix, brackets ? "(" : "");
  print_node (infix, expr);
  put (infix, brackets ? ")" : "");
}

static void
put_args (Infix *infix, const Pt2Expr *expr, const char *between, int level)
{
  for (uint32_t i = 0; i < expr->n_args && !infix->printer->failed; i++)
    {
      put (infix, i > 0 ? between : "");
      put_bracketed (infix, expr->args[i], level, false);
    }
}

/* ---- leaves ---- */

static void
put_float (Infix *infix, const Pt2Expr *expr)
{
  char text[PT2_NUMBER_ROOM];
  if (infix->printer->spelling == PT2_EXPR_EXACT)
    sym_put (infix->printer, text, (size_t)(pt2_number_write_double (expr->value.f, text) - text));
  else if (expr->text.data != NULL && expr->precision == 0)
    sym_put (infix->printer, expr->text.data, expr->text.len);
  else
    sym_put_double (infix->printer, expr->value.f, 15, infix->level > 1);
}

static void
put_number (Infix *infix, const Pt2Expr *expr)
{
  switch (expr->value.kind)
    {
    case SYM_BOOL:
      put (infix, expr->value.i ? "True" : "False");
      break;
    case SYM_INF:
      put (infix, expr->value.i < 0 ? "-" : "");
      put (infix, expr->value.whole ? "int_oo" : "oo");
      break;
    case SYM_FLOAT:
      put_float (infix, expr);
      break;
    default:
      sym_put_digits (infix->printer, expr->value, "/");
    }
}

/* In the exact spelling a name that reads as something else, or whose being an integer it does not tell, is a call. */
static void
put_symbol (Infix *infix, const Pt2Expr *expr)
{
  Pt2String name = expr->symbol.name->name;
  bool exact = infix->printer->spelling == PT2_EXPR_EXACT;
  bool integer = (expr->flags & SYM_NODE_INTEGER) != 0 && !sym_is_integer_name (name);
  bool call = exact && (integer || !sym_reads_as_symbol (name));
  put (infix, call ? "Symbol('" : "");
  sym_put (infix->printer, name.data, name.len);
  put (infix, call ? integer ? "', integer=True)" : "')" : "");
}

static void
put_leaf (Infix *infix, const Pt2Expr *expr)
{
  if (expr->op == SYM_NUMBER)
    put_number (infix, expr);
  else if (expr->op == SYM_SYMBOL)
    put_symbol (infix, expr);
  else
    put (infix, sym_constant_names[expr->constant]);
}

/* ---- sums ---- */

/* Takes the minus at AT away. */
static void
drop_minus (SymPrinter *printer, size_t at)
{
  Pt2Buffer *buffer = &printer->buffer;
  if (printer->failed || pt2_buffer_len (buffer) <= at || buffer->data[at] != '-')
    return;
  memmove (buffer->data + at, buffer->data + at + 1, pt2_buffer_len (buffer) - at - 1);
  buffer->next--;
}

/* Does its text begin with a minus? */
static bool
begins_with_minus (const Pt2Expr *expr)
{
  if (expr->op == SYM_MUL || expr->op == SYM_ADD)
    return is_negative_number (expr->args[0]) || (expr->op == SYM_ADD && begins_with_minus (expr->args[0]));
  return is_negative_number (expr);
}

/* The text of a term that begins with a minus, which stands between the terms instead. */
static void
put_term (Infix *infix, const Pt2Expr *term, bool first)
{
  SymPrinter *printer = infix->printer;
  bool minus = term->op != SYM_ADD && begins_with_minus (term);
  bool brackets = term->op == SYM_ADD || precedence (infix, term) < PREC_ADD;
  put (infix, first ? (minus ? "-" : "") : minus ? " - " : " + ");
  put (infix, brackets ? "(" : "");
  size_t at = pt2_buffer_len (&printer->buffer);
  print_node (infix, term);
  if (minus)
    drop_minus (printer, at);
  put (infix, brackets ? ")" : "");
}

static void
put_sum (Infix *infix, const Pt2Expr *expr)
{
  for (uint32_t i = 0; i < expr->n_args && !infix->printer->failed; i++)
    put_term (infix, expr->args[i], i == 0);
}

/* ---- products ---- */

/* 1 for what stands above the line, -1 for what stands below it. */
static bool
divides (const Pt2Expr *factor)
{
  return factor->op == SYM_POW
         && (is_negative_number (factor->args[1])
             || (factor->args[1]->op == SYM_MUL && is_negative_number (factor->args[1]->args[0])));
}

/* A number's part on one side of the line; false if that is 1. */
static bool
coefficient_part (SymNumber value, bool below, SymNumber *part)
{
  *part = value;
  if (value.kind == SYM_RATIO)
    *part = below ? value.ratio->den : value.ratio->num;
  else if (below)
    return false;
  return !sym_equals_int (*part, 1) && !sym_equals_int (*part, -1);
}

static void
put_without_minus (Infix *infix, SymNumber number)
{
  size_t at = pt2_buffer_len (&infix->printer->buffer);
  sym_put_digits (infix->printer, number, "/");
  drop_minus (infix->printer, at);
}

/* x**-n below the line is x**n. */
static void
put_divisor (Infix *infix, const Pt2Expr *power, int level)
{
  const Pt2Expr *base = power->args[0], *exponent = power->args[1];
  if (sym_is_literal_int (exponent, -1))
    {
      bool brackets = base->op == SYM_MUL || base->op == SYM_POW;
      put (infix, brackets && precedence (infix, base) > level ? "(" : "");
      put_bracketed (infix, base, level, false);
      put (infix, brackets && precedence (infix, base) > level ? ")" : "");
      return;
    }
  bool half = is_number_kind (exponent, SYM_RATIO) && sym_equals_int (exponent->value.ratio->num, -1)
              && sym_equals_int (exponent->value.ratio->den, 2);
  if (half)
    {
      put (infix, "sqrt(");
      print_node (infix, base);
      put (infix, ")");
      return;
    }
  put_bracketed (infix, base, PREC_POW, false);
  put (infix, "**");
  bool brackets = is_number_kind (exponent, SYM_RATIO) || exponent->op == SYM_MUL;
  put (infix, brackets ? "(" : "");
  /* The exponent begins with a minus, which the line stands for. */
  SymPrinter *printer = infix->printer;
  size_t at = pt2_buffer_len (&printer->buffer);
  print_node (infix, exponent);
  drop_minus (printer, at);
  put (infix, brackets ? ")" : "");
}

/* Exact numbers in front are taken apart; a factor of 1 stands alone or not at all. */
static bool
is_coefficient (const Pt2Expr *expr, uint32_t i)
{
  return i == 0 && sym_is_number (expr->args[0]) && sym_is_exact (expr->args[0]->value);
}

static void
put_factor (Infix *infix, const Pt2Expr *factor, uint32_t i, bool below, int level)
{
  if (i == 0 && (is_number_kind (factor, SYM_FLOAT) || is_number_kind (factor, SYM_INF)))
    {
      size_t at = pt2_buffer_len (&infix->printer->buffer);
      print_node (infix, factor);
      drop_minus (infix->printer, at);
    }
  else if (below)
    put_divisor (infix, factor, level);
  else
    put_bracketed (infix, factor, level, false);
}

static uint32_t
put_side (Infix *infix, const Pt2Expr *expr, bool below, const char *between, int level)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < expr->n_args && !infix->printer->failed; i++)
    {
      const Pt2Expr *factor = expr->args[i];
      SymNumber part;
      bool number = is_coefficient (expr, i);
      if (number ? !coefficient_part (factor->value, below, &part) : divides (factor) != below)
        continue;
      put (infix, n++ > 0 ? between : "");
      if (number)
        put_without_minus (infix, part);
      else
        put_factor (infix, factor, i, below, level);
    }
  return n;
}

static uint32_t
count_below (const Pt2Expr *expr)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < expr->n_args; i++)
    n += is_coefficient (expr, i)
             ? expr->args[0]->value.kind == SYM_RATIO && !sym_equals_int (expr->args[0]->value.ratio->den, 1)
             : divides (expr->args[i]);
  return n;
}

/* A number and a sum below the line: together the number would be spread over the sum. */
static bool
divides_by_sum (const Pt2Expr *expr)
{
  bool sum = false;
  for (uint32_t i = 1; i < expr->n_args; i++)
    sum = sum || (divides (expr->args[i]) && expr->args[i]->args[0]->op == SYM_ADD);
  return sum && is_number_kind (expr->args[0], SYM_RATIO);
}

static void
put_product (Infix *infix, const Pt2Expr *expr)
{
  int level = precedence (infix, expr);
  bool number = is_coefficient (expr, 0) || is_number_kind (expr->args[0], SYM_FLOAT)
                || is_number_kind (expr->args[0], SYM_INF);
  put (infix, number && is_negative_number (expr->args[0]) ? "-" : "");
  if (put_side (infix, expr, false, "*", level) == 0)
    put (infix, "1");
  uint32_t n = count_below (expr);
  bool apart = n > 1 && infix->printer->spelling == PT2_EXPR_EXACT && divides_by_sum (expr);
  put (infix, n > 1 && !apart ? "/(" : n > 0 ? "/" : "");
  if (n > 0)
    put_side (infix, expr, true, apart ? "/" : "*", level);
  put (infix, n > 1 && !apart ? ")" : "");
}

/* ---- the rest ---- */

static void
put_power (Infix *infix, const Pt2Expr *expr)
{
  const Pt2Expr *exponent = expr->args[1];
  bool half = is_number_kind (exponent, SYM_RATIO) && sym_equals_int (exponent->value.ratio->den, 2)
              && (sym_equals_int (exponent->value.ratio->num, 1) || sym_equals_int (exponent->value.ratio->num, -1));
  if (half)
    {
      put (infix, sym_sign (exponent->value) < 0 ? "1/sqrt(" : "sqrt(");
      print_node (infix, expr->args[0]);
      put (infix, ")");
      return;
    }
  bool inverse = sym_is_literal_int (exponent, -1);
  put (infix, inverse ? "1/" : "");
  put_bracketed (infix, expr->args[0], PREC_POW, false);
  if (inverse)
    return;
  put (infix, "**");
  put_bracketed (infix, exponent, PREC_POW, false);
}

static int
compare_nodes (const void *a, const void *b)
{
  return sym_order (*(const Pt2Expr *const *)a, *(const Pt2Expr *const *)b);
}

/* str() sorts the arguments of Max and Min once more. */
static void
put_sorted_args (Infix *infix, const Pt2Expr *expr)
{
  const Pt2Expr **args = malloc (expr->n_args * sizeof *args);
  if (args == NULL)
    {
      infix->printer->failed = true;
      return;
    }
  memcpy (args, expr->args, expr->n_args * sizeof *args);
  qsort (args, expr->n_args, sizeof *args, compare_nodes);
  for (uint32_t i = 0; i < expr->n_args && !infix->printer->failed; i++)
    {
      put (infix, i > 0 ? ", " : "");
      print_node (infix, args[i]);
    }
  free (args);
}

static void
put_call (Infix *infix, const Pt2Expr *expr)
{
  const char *name = expr->op == SYM_EQ ? "Eq" : expr->op == SYM_NE ? "Ne" : sym_ops[expr->op].name;
  put (infix, name);
  put (infix, "(");
  if (infix->printer->spelling == PT2_EXPR_STR && (expr->op == SYM_MAX || expr->op == SYM_MIN))
    put_sorted_args (infix, expr);
  else
    put_args (infix, expr, ", ", 0);
  put (infix, ")");
}

static const char *
between (SymOp op)
{
  static const char *const texts[SYM_N_OPS]
      = { [SYM_LT] = " < ",  [SYM_LE] = " <= ", [SYM_GT] = " > ", [SYM_GE] = " >= ",
          [SYM_AND] = " & ", [SYM_OR] = " | ",  [SYM_XOR] = " ^ " };
  return texts[op];
}

/* What binds between & and the comparisons is no operation, so And and Or have a level of their own. */
static int
between_level (SymOp op)
{
  return op == SYM_AND ? 38 : op == SYM_OR ? 36 : op == SYM_XOR ? 37 : 35;
}

static void
put_enclosed (Infix *infix, const Pt2Expr *expr, const char *separator, int level)
{
  put (infix, "(");
  put_args (infix, expr, separator, level);
  put (infix, ")");
}

static void
print_node (Infix *infix, const Pt2Expr *expr)
{
  SymSpelling spelling = spelled_as_call (infix, expr->op) ? SYM_PRINT_CALL : (SymSpelling)sym_ops[expr->op].spelling;
  /* One argument needs the call to be seen. */
  if (expr->n_args == 1
      && (spelling == SYM_PRINT_SUM || spelling == SYM_PRINT_PRODUCT || spelling == SYM_PRINT_BETWEEN))
    spelling = SYM_PRINT_CALL;
  infix->level++;
  switch (spelling)
    {
    case SYM_PRINT_LEAF:
      put_leaf (infix, expr);
      break;
    case SYM_PRINT_SUM:
      put_sum (infix, expr);
      break;
    case SYM_PRINT_PRODUCT:
      put_product (infix, expr);
      break;
    case SYM_PRINT_POWER:
      put_power (infix, expr);
      break;
    case SYM_PRINT_RELATION:
    case SYM_PRINT_BETWEEN:
      put_args (infix, expr, between (expr->op), between_level (expr->op));
      break;
    case SYM_PRINT_NOT:
      put (infix, "~");
      put_bracketed (infix, expr->args[0], PREC_NOT, false);
      break;
    case SYM_PRINT_FLOORDIV:
      put_enclosed (infix, expr, "//", PREC_ATOM - 1);
      break;
    case SYM_PRINT_IDENTITY:
      put_enclosed (infix, expr, "", 0);
      break;
    case SYM_PRINT_PAIR:
      put_enclosed (infix, expr, ", ", 0);
      break;
    case SYM_PRINT_CALL:
      put_call (infix, expr);
      break;
    }
  infix->level--;
}

void
sym_print_infix (SymPrinter *printer, const Pt2Expr *expr)
{
  Infix infix = { printer, 0 };
  print_node (&infix, expr);
}
