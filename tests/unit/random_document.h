/* SPDX-License-Identifier: Apache-2.0 */
/* Documents made up from the schema tables: any struct or union of any schema, the same for the same seed.
 *
 * What is made has a JSON form and comes back from it as it is: no NaN with a payload, no keys that JSON does not
 * have, fields that JSON writes with a default are there. Knows no field by name but those of the schema version.
 */
#pragma once

#include "codec.h"

typedef struct
{
  uint64_t seed;
  uint32_t minor; /* only what this minor of major 8 could say; 0: all that the schema has */
  bool extras;    /* parts that the schema does not know too, kept as the JSON reader keeps them */
} RandomOptions;

/* Gives DOCUMENT, which is initialised and empty, a root; its arena has to have some MiB. */
void random_document (Pt2Document *document, const RandomOptions *options);

/* The numbers that follow from a seed (splitmix64). */
uint64_t random_next (uint64_t *state);
