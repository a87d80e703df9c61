/* SPDX-License-Identifier: Apache-2.0 */
/* What AOTInductor noted beside the native code of a package. Loads none of that code. */
#pragma once

#include "command.h"

typedef struct
{
  const Pt2Record *record;
  char *model;      /* the program that was compiled */
  GPtrArray *pairs; /* char *: key, value, key, value …; NULL: it cannot be read */
} AotMetadata;

/* Adds the metadata that RECORD holds to OUT, if it holds some. */
void aot_read_metadata (Pt2Archive *archive, const Pt2Record *record, GPtrArray *out);
void aot_metadata_free (gpointer metadata);
