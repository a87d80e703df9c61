/* SPDX-License-Identifier: Apache-2.0 */
/* What inner parts of a change between minors share: the walk's state, and the fields
 * of a node that readers can find out by themselves. */
#pragma once

#include "draft.h"
#include "pt2-evolve.h"

/* A field as the tables know it, and which way the change goes past the minor that brought it. */
typedef struct
{
  const Pt2StructInfo *info;
  const Pt2FieldInfo *field;
  bool comes; /* the target has it, the program's minor did not */
  bool goes;  /* the target does not have it */
} Pt2SettledField;

typedef struct
{
  uint32_t from, to; /* minors of major 8 */
  Pt2Draft *draft;
  Pt2SettledField kind, single_return, name;
} Pt2MinorChange;

/* Makes FIELD of the struct RECORD absent. */
void pt2_minor_clear_field (const Pt2StructInfo *info, void *record, const Pt2FieldInfo *field);
void pt2_minor_change_init (Pt2MinorChange *change, Pt2Draft *draft, uint32_t from, uint32_t to);

/* Fills in, or takes away, what a reader without that field takes for granted (docs/evolution.md). */
void pt2_minor_settle_node (const Pt2MinorChange *change, Pt2Node *node);
