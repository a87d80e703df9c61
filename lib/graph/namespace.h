/* SPDX-License-Identifier: Apache-2.0 */
/* How torch.fx makes names: a candidate becomes an identifier that no other
 * node, keyword or builtin of Python has, with a number behind it if need be.
 *
 * One namespace is what a graph's nodes are named in when they are made, a
 * second one what the text of its code is written in. Rules found by
 * experiment with PyTorch 2.15 under Python 3.11; docs/graph.md.
 */
#pragma once

#include "arena.h"
#include "text_index.h"

typedef struct
{
  Pt2String text;
  bool used;       /* somebody has it */
  uint64_t number; /* the last that was put behind it */
  uint64_t after;  /* of a text that ends in a number: the next one that may be free; 0: not known */
} Pt2FxTaken;

typedef struct Pt2FxNamespace
{
  Pt2Arena *arena;
  Pt2TextIndex index;
  Pt2FxTaken *taken;
  uint32_t n, room;
} Pt2FxNamespace;

/* Names that have to be made lie in ARENA. */
void pt2_fx_namespace_init (Pt2FxNamespace *names, Pt2Arena *arena);
void pt2_fx_namespace_clear (Pt2FxNamespace *names);
/* The name for CANDIDATE. NONE_IS_FREE: "None" is no reserved name, as for nodes that are named when they
 * are made. {NULL, 0}: no memory. */
Pt2String pt2_fx_namespace_name (Pt2FxNamespace *names, Pt2String candidate, bool none_is_free);
/* Takes TEXT as it is. False: no memory. */
bool pt2_fx_namespace_take (Pt2FxNamespace *names, Pt2String text);
/* A keyword or builtin of Python, or a name that the text of every graph uses. */
bool pt2_fx_name_is_reserved (Pt2String name);
bool pt2_fx_name_is_keyword (Pt2String name);
bool pt2_fx_is_identifier (Pt2String name);
/* What Python's str.isidentifier() says: letters of all scripts count. */
bool pt2_fx_is_python_identifier (Pt2String name);
