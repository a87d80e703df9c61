/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share. */
#pragma once

#include "arena.h"
#include "buffer.h"
#include "pt2-extension.h"
#include "status.h"
#include "text_index.h"

/* A schema by its target; the schemas themselves never move. */
typedef struct
{
  Pt2String target;
  Pt2String line;            /* its text, as long as SCHEMA may still have to be read from it */
  const Pt2OpSchema *schema; /* atomic; NULL: not read yet */
} OpEntry;

typedef struct
{
  Pt2Arena arena;
  Pt2TextIndex index;
  OpEntry *entries;
  uint32_t n, room;
} OpTable;

/* Who answers for the operators of a namespace, or for a type of objects. */
typedef struct
{
  Pt2String key; /* first, for the index */
  union
  {
    Pt2ExtensionHandler extension;
    Pt2ObjectHandler object;
  };
  gpointer data;
  GDestroyNotify destroy;
} OpHandler;

typedef struct
{
  OpHandler *items;
  uint32_t n;
  Pt2TextIndex index;
} OpHandlers;

struct Pt2Ops
{
  const OpTable *shipped;
  OpTable own;
  uint64_t depth;
  OpHandlers spaces, types;
  GMutex mutex; /* of answers alone: whoever reads the set may be the first to ask */
  OpTable answers;
};

void ops_table_init (OpTable *table, uint64_t memory);
void ops_table_clear (OpTable *table);
/* NULL: none. */
const OpEntry *ops_table_find (const OpTable *table, Pt2String target);
/* Reads lines of schemas, which are copied. DEPTH: nesting of types at most. */
bool ops_table_add (OpTable *table, Pt2String text, uint64_t depth, Pt2Status *status);
/* One schema of an extension's operator, whatever TEXT calls it; NULL on failure. */
const Pt2OpSchema *ops_table_add_extension (OpTable *table, Pt2String target, Pt2String text, uint64_t depth,
                                            Pt2Status *status);
/* The same without reading more of each line than its name: whoever finds an entry has to. Each name is there once. */
bool ops_table_list (OpTable *table, Pt2String text, Pt2Status *status);

/* The operators of PyTorch 2.15, listed when first asked for; NULL if there is no memory. */
const OpTable *ops_shipped (void);
/* The schema of an entry of it, read when first asked for; NULL if there is no memory. */
const Pt2OpSchema *ops_shipped_schema (const OpEntry *entry);

/* One schema from LINE, which stays where it is; its offsets are counted from TEXT. NULL if it is none. */
const Pt2OpSchema *ops_parse (Pt2Arena *arena, const char *text, Pt2String line, uint64_t depth, Pt2Status *status);
/* The same for an operator of an extension, whatever LINE calls it, unless EXTENSION is no such name. */
const Pt2OpSchema *ops_parse_as (Pt2Arena *arena, Pt2String extension, const char *text, Pt2String line, uint64_t depth,
                                 Pt2Status *status);
/* Its target alone; absent if LINE does not begin with a name. */
Pt2String ops_parse_target (Pt2Arena *arena, Pt2String line, Pt2Status *status);

/* LINE up to a blank or its arguments. */
Pt2String ops_first_word (Pt2String line);
/* "#NAMESPACE:NAME": PyTorch splits it at its one colon. False if it is none. */
bool ops_split_extension (Pt2String target, Pt2String *space, Pt2String *name);
/* What the handler of its namespace says of it; NULL if there is none, with ERROR if it cannot be used. */
const Pt2OpSchema *ops_ask_handler (const Pt2Ops *ops, Pt2String target, GError **error);
/* NULL: there is none. */
const OpHandler *ops_handler_find (const OpHandlers *handlers, Pt2String key);
/* Its key is copied into OPS; L001, L003. */
bool ops_handler_add (Pt2Ops *ops, OpHandlers *handlers, const OpHandler *handler, GError **error);
void ops_handlers_clear (OpHandlers *handlers);

bool ops_print_type (Pt2Buffer *out, const Pt2OpType *type);
bool ops_print_schema (Pt2Buffer *out, const Pt2OpSchema *schema);
