/* SPDX-License-Identifier: Apache-2.0 */
/* What several verbs tell about a program, in the JSON shapes of the command's contract. */
#pragma once

#include "json_out.h"

typedef enum
{
  ITEMS_SHORT, /* the keys of `info` */
  ITEMS_FULL,  /* with those of `sig` */
} ItemKeys;

/* A list of inputs or outputs. */
void json_items (Json *json, const Pt2SignatureItem *items, guint n, ItemKeys keys);
/* {"s77": [2, 1024]}; an end that is open is null. */
void json_ranges (Json *json, Pt2Program *program);
/* "2 … 1024": (transfer full) */
char *range_text (const Pt2Range *range);
