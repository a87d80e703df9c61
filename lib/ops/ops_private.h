/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share. */
#pragma once

#include "arena.h"
#include "buffer.h"
#include "pt2-ops.h"
#include "status.h"
#include "text_index.h"

/* A schema by its target; the schemas themselves never move. */
typedef struct
{
  Pt2String target;
  const Pt2OpSchema *schema;
} OpEntry;

typedef struct
{
  Pt2Arena arena;
  Pt2TextIndex index;
  OpEntry *entries;
  uint32_t n, room;
} OpTable;

void ops_table_init (OpTable *table, uint64_t memory);
void ops_table_clear (OpTable *table);
const Pt2OpSchema *ops_table_find (const OpTable *table, Pt2String target);
/* Reads lines of schemas, which are copied. DEPTH: nesting of types at most. */
bool ops_table_add (OpTable *table, Pt2String text, uint64_t depth, Pt2Status *status);

/* The operators of PyTorch 2.15, read when first asked for; NULL if there is no memory. */
const OpTable *ops_shipped (void);

/* One schema from LINE, which stays where it is; its offsets are counted from TEXT. NULL if it is none. */
const Pt2OpSchema *ops_parse (Pt2Arena *arena, const char *text, Pt2String line, uint64_t depth, Pt2Status *status);

bool ops_print_type (Pt2Buffer *out, const Pt2OpType *type);
bool ops_print_schema (Pt2Buffer *out, const Pt2OpSchema *schema);
