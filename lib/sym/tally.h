/* SPDX-License-Identifier: Apache-2.0 */
/* Equal parts brought together: a list of nodes, each once, with what belongs to it. */
#pragma once

#include "sym_private.h"

typedef struct
{
  const Pt2Expr *node;
  SymNumber number;    /* a sum: the coefficient */
  const Pt2Expr *expr; /* a product: the exponent */
  uint32_t rank;       /* free for the caller */
} SymEntry;

typedef struct
{
  SymEntry *entries;
  uint32_t n, room;
  uint32_t *slots; /* none while there are few */
  uint32_t n_slots;
  SymEntry few[8];
} SymTally;

void sym_tally_init (SymTally *tally);
void sym_tally_clear (SymTally *tally);
/* The entry of NODE; *NEW if it was made now. Valid until the next one is asked for. NULL without memory. */
SymEntry *sym_tally_get (SymTally *tally, const Pt2Expr *node, bool *fresh);
/* The same without making one; NULL if there is none. */
const SymEntry *sym_tally_find (const SymTally *tally, const Pt2Expr *node);
