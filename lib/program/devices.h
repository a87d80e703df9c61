/* SPDX-License-Identifier: Apache-2.0 */
/* Putting one device in the place of another, in any value of the schema. */
#pragma once

#include "pt2-schema.h"
#include "schema.h"

typedef struct
{
  Pt2String type;
  int64_t index;
  bool has_index;
} Pt2DeviceName;

/* "cuda" or "cuda:1"; NAME aliases TEXT. False with P012. */
bool pt2_device_parse (const char *text, Pt2DeviceName *name, GError **error);
/* How many devices in the value of TYPE are FROM (any index if it has none). TO not NULL: puts it there; its text must
 * live as long as the value. Recursion is as deep as the value, which the readers bounded. */
uint64_t pt2_devices_map (const Pt2TypeInfo *type, void *value, const Pt2DeviceName *from, const Pt2DeviceName *to);
