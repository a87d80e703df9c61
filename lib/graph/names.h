/* SPDX-License-Identifier: Apache-2.0 */
/* The names of one graph: finds the node that has a name in constant time,
 * whoever chose the names, and lets names be taken out again.
 * A table that nobody changes may be read from any thread.
 */
#pragma once

#include "text_index.h"

struct Pt2FxNode;

typedef struct
{
  uint64_t
      *slots;  /* a node's address and, in the upper 16 bits that addresses do not use, some of its name's hash; or 0 */
  size_t size; /* slots, whatever their number; at most three of four are taken */
  size_t n;    /* names in it */
  Pt2TextKey key;
} Pt2FxNames;

void pt2_fx_names_init (Pt2FxNames *names);
void pt2_fx_names_clear (Pt2FxNames *names);
/* Room for N names. False: no memory. */
bool pt2_fx_names_reserve (Pt2FxNames *names, size_t n);
struct Pt2FxNode *pt2_fx_names_find (const Pt2FxNames *names, Pt2String name);
/* Adds NODE under its name. False if the name is there already (*OTHER: whose it is) or (*OTHER NULL) there is no
 * memory. */
bool pt2_fx_names_add (Pt2FxNames *names, struct Pt2FxNode *node, struct Pt2FxNode **other);
void pt2_fx_names_remove (Pt2FxNames *names, struct Pt2FxNode *node);
size_t pt2_fx_names_bytes (const Pt2FxNames *names);
