/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of schema majors 1 to 7 as today's structs: what differs in spelling alone.
 *
 * The reader goes by today's field tables and takes the older spellings of the same thing: a union with all its members
 * there and null, `[]` for none, a plain number for a SymInt, a plain text for a tensor's name. What an older major
 * says in another way (the tables of major 1, its constants) is not read here: the steps look for it in the tree.
 * Nothing is dropped: keys that no version is known to have had are kept as extras of their struct.
 */
#pragma once

#include "draft.h"

typedef struct
{
  Pt2Draft *draft;
  Pt2Status *status;
} Pt2OldReader;

/* The value NODE as TYPE at OUT, which is zeroed. False: STATUS says what and where (V001), or memory ran out (the
 * draft remembers). Recursion is as deep as the tree, which its reader bounded. */
bool pt2_old_read (const Pt2OldReader *reader, const Pt2TypeInfo *type, const Pt2JsonNode *node, void *out);

/* The chosen member of a union: the only one that is not null; false if there is none or more than one. */
bool pt2_old_chosen (const Pt2JsonNode *node, Pt2String *name, const Pt2JsonNode **value);
