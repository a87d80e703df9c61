/* SPDX-License-Identifier: Apache-2.0 */
/* Finds a key that stands twice in a map. Expected linear time; the table is
 * kept between calls so that many small maps cost no allocation. */
#pragma once

#include "schema.h"

typedef struct
{
  uint64_t *slots;
  size_t size; /* a power of two, or 0 */
} Pt2KeyTable;

#define PT2_NO_DUPLICATE UINT32_MAX
#define PT2_DUPLICATE_NO_MEMORY (UINT32_MAX - 1)

/* Index of the first entry whose key came before, or one of the above. TYPE is the map's. */
uint32_t pt2_find_duplicate_key (Pt2KeyTable *table, const Pt2TypeInfo *type, const Pt2AnyMap *map);
void pt2_key_table_clear (Pt2KeyTable *table);
