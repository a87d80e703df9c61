/* SPDX-License-Identifier: Apache-2.0 */
/* One value of a pickled dictionary as a torch.save file of its own, without building or running anything.
 *
 * A value of a pickle is a run of opcodes. What it takes from the memo that was put there outside that run is
 * made in its place by the run that made it; memo numbers are given anew. So the result is what PyTorch itself would
 * have saved for that value, but for frames, which are left out. Opcodes of protocols 2 to 5 as Python's own pickler
 * writes them.
 */
#pragma once

#include "pt2-pickle.h"

typedef struct Pt2PickleCutter Pt2PickleCutter;

/* FILE: a torch.save zip whose object is a dictionary; kept by reference. NULL with R011 if it is in a form that is
 * not taken apart here, or with what is wrong with it. */
Pt2PickleCutter *pt2_pickle_cutter_new (GBytes *file, const Pt2Limits *limits, GError **error);
void pt2_pickle_cutter_free (Pt2PickleCutter *cutter);
/* The value of KEY, with the storages that it names. R011 if it cannot be cut out; L003 once all that was cut out
 * takes more than the limit `memory`, or than 128 times the file and 1 MiB. (transfer full) */
GBytes *pt2_pickle_cutter_cut (Pt2PickleCutter *cutter, Pt2String key, GError **error);
