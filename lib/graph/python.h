/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of printing a graph as Python code. */
#pragma once

#include "buffer.h"
#include "graph.h"
#include "namespace.h"
#include "pt2-ops.h"

/* One argument of a call, as Python passes it. */
typedef struct
{
  const Pt2FxArgument *value;
  Pt2String keyword; /* data NULL: by place */
} Pt2FxPassed;

typedef struct
{
  Pt2FxGraph *graph;
  const Pt2Ops *ops; /* or NULL */
  Pt2Buffer out;
  Pt2Arena arena;
  Pt2FxNamespace names;
  Pt2String *node_names; /* by Pt2FxNode.number: in torch.fx, then in the code */
  bool *named;           /* whether it is in the code yet */
  uint32_t *first_last,
      *next_last; /* user: the first value (its number + 1) that it is the last to use; value: the next of them */
  bool *used;
  Pt2FxNode **nodes;   /* by number */
  Pt2FxPassed *passed; /* of the call at hand; those by place come before those by name, however they stand here */
  uint32_t n_passed, passed_room;
  Pt2String globals[16][2]; /* functions outside torch, and their names in the code */
  uint32_t n_globals;
  bool unreadable; /* Python could not read it */
  bool no_memory;
} Pt2FxPrinter;

void pt2_fx_put (Pt2FxPrinter *printer, const char *text, size_t len);
void pt2_fx_puts (Pt2FxPrinter *printer, const char *text);
/* repr() of the value; IN_DICT: as Python's own repr writes it, not fx's. */
void pt2_fx_put_value (Pt2FxPrinter *printer, const Pt2FxArgument *value, bool in_dict);
/* repr() of a text. */
void pt2_fx_put_repr (Pt2FxPrinter *printer, Pt2String text);
/* The name of NODE in the code. */
void pt2_fx_put_name (Pt2FxPrinter *printer, const Pt2FxNode *node);
/* Fills printer->passed for CALL, as PyTorch's deserializer arranges arguments. */
bool pt2_fx_arrange (Pt2FxPrinter *printer, const Pt2FxNode *call);
/* Fills printer->node_names with the names that torch.fx gives the nodes. */
bool pt2_fx_make_names (Pt2FxPrinter *printer);
