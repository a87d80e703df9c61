/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of changing a graph. Nothing here checks: that was done before. */
#pragma once

#include "graph.h"
#include "pt2-graph-edit.h"

/* A copy of LEN bytes; {NULL, …}: no memory. */
Pt2String pt2_fx_own_text (Pt2FxModule *module, const char *text, size_t len);
/* Copies FROM, given or of the graph, to be an argument of USER. False: no memory. */
bool pt2_fx_copy_argument (Pt2FxNode *user, const Pt2FxArgument *from, Pt2FxArgument *to);
/* G009 unless GRAPH has all the values that VALUE refers to. */
bool pt2_fx_check_value (Pt2FxGraph *graph, const Pt2FxArgument *value, GError **error);
/* G010 unless NAME is free. */
bool pt2_fx_check_name (Pt2FxGraph *graph, const char *name, GError **error);
/* The argument no longer refers to anything. */
void pt2_fx_drop_uses (Pt2FxModule *module, Pt2FxArgument *argument);
/* What the program calls OLD is NODE now. False: no memory. */
bool pt2_fx_remember (Pt2FxGraph *graph, Pt2String old, Pt2FxNode *node);
/* Puts BY wherever NODE is used, but in EXCEPT. False: no memory. */
bool pt2_fx_exchange_uses (Pt2FxNode *node, const Pt2FxArgument *by, Pt2FxNode *except);
/* Takes NODE out with the getitems of its results and the references that nothing else uses. */
void pt2_fx_take_out (Pt2FxNode *node);
/* Names NODE after CANDIDATE, with a number behind it if that is taken. False: no memory. */
bool pt2_fx_name_new (Pt2FxNode *node, Pt2String candidate);
/* NAME, or %NULL for one after what it calls. NAME is free. False: no memory. */
bool pt2_fx_name_node (Pt2FxNode *node, const char *name);
/* A copy of what META says of a value; NULL: None, or no memory, remembered. */
const void *pt2_fx_copy_meta (Pt2FxModule *module, const Pt2FxMeta *meta);
/* Ends a change: FINE, or L001 or L003. */
bool pt2_fx_done (Pt2FxModule *module, bool fine, GError **error);
