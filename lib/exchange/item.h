/* SPDX-License-Identifier: Apache-2.0 */
/* What a shelf does with its items; see shelf.h. */
#pragma once

#include "shelf.h"
#include <sys/stat.h>

/* Never NULL: what is wrong with the file is the item's fault. (transfer full) */
Pt2Item *pt2_item_new_from_fd (int fd, const char *name, const struct stat *info, const Pt2Limits *limits);
bool pt2_item_is_file (const Pt2Item *item, const struct stat *info);
guint64 pt2_item_weight (Pt2Item *item);
/* Drops what was made; false if a request is making something of it. */
bool pt2_item_shed (Pt2Item *item);
/* Sheds other items until all keep the budget. */
void pt2_shelf_keep_budget (Pt2Shelf *shelf, const Pt2Item *keep);
