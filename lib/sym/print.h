/* SPDX-License-Identifier: Apache-2.0 */
/* What the printers of the two spellings share: an output that only grows, and the texts of leaves. */
#pragma once

#include "buffer.h"
#include "sym_private.h"

typedef struct
{
  Pt2Buffer buffer;
  Pt2ExprSpelling spelling;
  bool failed; /* no memory */
} SymPrinter;

void sym_put (SymPrinter *printer, const char *text, size_t len);
void sym_put_text (SymPrinter *printer, const char *text);
/* An integer or fraction in decimal; SEPARATOR between the parts of a fraction. */
void sym_put_digits (SymPrinter *printer, SymNumber value, const char *separator);
/* A double as mpmath prints it with DIGITS significant digits; STRIP takes zeros at the end away. */
void sym_put_double (SymPrinter *printer, double value, int digits, bool strip);

void sym_print_srepr (SymPrinter *printer, const Pt2Expr *expr);
void sym_print_infix (SymPrinter *printer, const Pt2Expr *expr);
