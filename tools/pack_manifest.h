/* SPDX-License-Identifier: Apache-2.0 */
/* The manifest.json of a folder that `extract --all` made, read. Looks at no other file. */
#pragma once

#include "command.h"

/* A record of the archive: the bytes of FILE from OFFSET on. */
typedef struct
{
  char *name;
  char *file; /* NULL: none */
  guint64 bytes, offset;
  guint tensor; /* number + 1 of the tensor whose file it is; 0: none */
} PackRecord;

/* A tensor whose file is also its record's. */
typedef struct
{
  char *file, *dtype;
  GArray *shape; /* gint64 */
  gboolean is_record;
} PackTensor;

typedef struct
{
  char *root;
  gboolean raw;
  GArray *records; /* PackRecord */
  GArray *tensors; /* PackTensor */
} Manifest;

/* R012. To be cleared in either case. */
gboolean manifest_read (Manifest *manifest, const char *text, gsize len, GError **error);
void manifest_clear (Manifest *manifest);
