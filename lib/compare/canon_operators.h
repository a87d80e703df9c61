/* SPDX-License-Identifier: Apache-2.0 */
/* What calling an operator does beside giving new values, by its name: as much as the order of nodes must respect. In
 * doubt it does more. Knows no schemas: making a content id should not have to read thousands of them; a test does. */
#pragma once

#include "pt2-types.h"

typedef enum
{
  CANON_WRITTEN_NOTHING,
  CANON_WRITTEN_FIRST,   /* its first input */
  CANON_WRITTEN_RUNNING, /* inputs called running_mean and running_var */
  CANON_WRITTEN_ALL,     /* any of its inputs */
} CanonWritten;

typedef struct
{
  CanonWritten written;
  bool aliases;       /* what it gives may share memory with what it is given */
  bool ordered;       /* stays in order with others such: it draws random numbers, or others wait for it */
  bool state;         /* changes how whatever follows is run */
  const char *unless; /* ORDERED: not if the input of that name is false, zero or not there; NULL: always */
} CanonOperator;

/* TRAINING: may operators that are not known write to their inputs? */
CanonOperator canon_operator (Pt2String target, bool training);
