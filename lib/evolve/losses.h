/* SPDX-License-Identifier: Apache-2.0 */
/* What a change between versions would lose: one entry for each name of the schema, however many places use it. */
#pragma once

#include "pt2-evolve.h"
#include "schema.h"
#include "status.h"

/* Where a walk is: the field, item or entry it went through last, and the way there. */
typedef struct Pt2Place Pt2Place;
struct Pt2Place
{
  const Pt2Place *up;
  const Pt2FieldInfo *field; /* NULL: an item or entry */
  const Pt2String *key;      /* of an entry; NULL: INDEX counts */
  uint32_t index;
};

/* The path of PLACE (NULL: the root), its innermost parts if it is long. */
void pt2_place_path (const Pt2Place *place, Pt2Status *status);

typedef struct
{
  const void *key; /* what is lost: a field, an enum member, or for unknown parts the struct that they are in */
  char *name, *where;
  guint since;
  guint64 count;
  bool stuck;
} Pt2LossEntry;

typedef struct
{
  GArray *entries; /* of Pt2LossEntry; as many as the schema has names, at most */
} Pt2Losses;

void pt2_losses_init (Pt2Losses *losses);
void pt2_losses_clear (Pt2Losses *losses);
/* Adds a place to what KEY stands for; returns its number. NAME is taken over. */
guint pt2_losses_add (Pt2Losses *losses, const void *key, char *name, guint since, const Pt2Place *place);
void pt2_losses_set_stuck (Pt2Losses *losses, guint number);
void pt2_losses_report (const Pt2Losses *losses, Pt2EvolveLossFunc func, gpointer data);
/* E001 for the target 8.MINOR if something is stuck or, unless LOSSY, lost at all. True if nothing stands in the way.
 */
bool pt2_losses_allow (const Pt2Losses *losses, guint minor, bool lossy, GError **error);
