/* SPDX-License-Identifier: Apache-2.0 */
/* An expression as a list of steps, arguments first. */
#pragma once

#include "sym_private.h"

typedef struct
{
  uint32_t op;
  uint32_t n;    /* arguments; a Piecewise has those of its pairs */
  uint32_t args; /* the first of them in SymPlan.args */
} SymStep;

typedef struct
{
  uint32_t n;
  const Pt2Expr **nodes;
  SymStep *steps;
  uint32_t *args;    /* numbers of steps */
  SymNumber *values; /* of each step */
  SymNumber *row;    /* room for the arguments of one */
} SymPlan;

/* False without memory. */
bool sym_plan_init (SymPlan *plan, const Pt2Expr *expr);
void sym_plan_clear (SymPlan *plan);
/* VALUES of leaves are set; fills in the others. False: the calculation's trouble. */
bool sym_plan_run (SymPlan *plan, SymCalc *calc);
