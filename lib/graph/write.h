/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of writing: what is known while a program is made of a graph. */
#pragma once

#include "draft.h"
#include "graph.h"
#include "pt2-ops.h"

/* A table of values in the making. */
typedef struct
{
  const Pt2AnyMap *source; /* the file's table */
  char *entries;
  uint32_t n, room;
  bool as_read;                 /* so far it is the same as the file's */
  const char *const *left_over; /* entries of the file's that no value has, in order, and how many are in */
  uint32_t n_left_over, left;
} Made;

typedef struct
{
  Pt2FxModule *module;
  Pt2Draft *draft;
  const Pt2Ops *ops;          /* or NULL: no operator is known */
  bool has_extras;            /* the program has parts that the schema does not know */
  int64_t minor;              /* of the schema that is written */
  Made made[PT2_FX_N_TABLES]; /* of the graph at hand */
  const Pt2TypeInfo *table_types[PT2_FX_N_TABLES];
  const Pt2TypeInfo *node_type, *input_type, *argument_type, *graph_type;
  Pt2TextIndex renamed; /* module->renames by old names */
  GError **error;
} Writer;

bool pt2_fx_write_graph (Writer *writer, Pt2FxGraph *graph, Pt2Graph *to);
/* Trees and names of arguments of the whole program, in TO, which is the draft's. */
bool pt2_fx_write_trees (Writer *writer, Pt2ModuleCallSignature *to);
bool pt2_fx_write_signature (Writer *writer, Pt2GraphModule *to);
/* TYPE: what the operator's schema says of it, or NULL. */
bool pt2_fx_write_argument (Writer *writer, const Pt2FxArgument *from, const Pt2OpType *type, Pt2Argument *to);
/* The Argument that stands for the value of NODE. */
bool pt2_fx_write_value (Writer *writer, const Pt2FxNode *node, Pt2Argument *to);
/* The name, in the draft if it is not the program's. */
Pt2String pt2_fx_write_name (Writer *writer, const Pt2FxNode *node);
/* Copies what the file has at FROM, of TYPE, to TO, without what it points to, with the parts that the schema does not
 * know. */
bool pt2_fx_copy (Writer *writer, const Pt2TypeInfo *type, void *to, const void *from);
/* Gives TO, made in the place of the file's FROM and written to since, those parts. */
bool pt2_fx_move_extras (Writer *writer, const Pt2TypeInfo *type, const void *to, const void *from);
/* N items of SIZE bytes, not zeroed. NULL: no memory, remembered. */
void *pt2_fx_room (Writer *writer, size_t n, size_t size);
