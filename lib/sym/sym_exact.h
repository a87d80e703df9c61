/* SPDX-License-Identifier: Apache-2.0 */
/* Exact arithmetic on integers and fractions of any size, by GMP. Called where 64 bits do not do. */
#pragma once

#include "sym_number.h"

bool sym_exact_add (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
bool sym_exact_mul (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
bool sym_exact_divide (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
bool sym_exact_floor_divide (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
bool sym_exact_power (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
/* A (not negative) to a fraction, if the result is exact; false without a trouble if it is not. */
bool sym_exact_root_power (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
bool sym_exact_round (SymCalc *calc, SymNumber a, SymRounding how, SymNumber *out);
bool sym_exact_from_double (SymCalc *calc, double a, SymNumber *out); /* A finite */
double sym_exact_to_double (SymNumber a);                             /* infinite past the largest */
/* Doubles count as the fractions they are. */
int sym_exact_compare (SymNumber a, SymNumber b);
