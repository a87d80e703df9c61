/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of reading: what is known while a graph is made of a program. */
#pragma once

#include "graph.h"

typedef struct
{
  uint32_t next;      /* the entry that is looked at first */
  uint32_t n;         /* entries that a value has */
  Pt2TextIndex index; /* of all entries, once that was wrong */
} Cursor;

typedef struct
{
  Pt2FxGraph *graph;
  const Pt2Node *source; /* of the node that is read; NULL for inputs and outputs */
  Pt2FxNode *user;       /* that node */
  Cursor cursors[PT2_FX_N_TABLES];
  Pt2FxNode *recent[256]; /* values by a cheap hash: most are used soon after they are made */
  uint32_t n_unnamed;     /* nodes that wait for a name */
  GError **error;
} Reader;

bool pt2_fx_reader_no_memory (Reader *reader);
/* The node whose value is called NAME; NULL if no earlier one's is. */
Pt2FxNode *pt2_fx_find_value (Reader *reader, Pt2String name);
/* Makes TO refer to the value NAME, for reader->user. */
bool pt2_fx_refer (Reader *reader, Pt2FxArgument *to, Pt2String name);
/* Gives NODE a NAME that no value has, or lets it wait for one if it is taken. */
bool pt2_fx_name_softly (Reader *reader, Pt2FxNode *node, Pt2String name);
bool pt2_fx_read_argument (Reader *reader, const Pt2Argument *from, Pt2FxArgument *to);
