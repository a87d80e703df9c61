/* SPDX-License-Identifier: Apache-2.0 */
/* Finds symbols among the names that a caller gives with an expression. A few questions are answered by looking at one
 * name after the other; who asks more gets an index, so that many symbols among many names cost no more than both. */
#pragma once

#include "text_index.h"

typedef struct
{
  const void *items; /* each begins with a `const char *`, its name */
  size_t stride;
  uint32_t n, asked;
  Pt2String *texts; /* NULL: no index yet, or no memory for one */
  Pt2TextIndex index;
} SymNames;

void sym_names_init (SymNames *names, const void *items, size_t stride, uint32_t n);
void sym_names_clear (SymNames *names);
/* The first item of that name; PT2_TEXT_INDEX_NONE if there is none. */
uint32_t sym_names_find (SymNames *names, Pt2String name);
