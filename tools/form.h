/* SPDX-License-Identifier: Apache-2.0 */
/* The forms that a program or an archive can be written in, by their names and suffixes. */
#pragma once

#include "command.h"

typedef enum
{
  OUT_PROGRAM,
  OUT_ARCHIVE,
  OUT_COMPACT_ARCHIVE,
  OUT_SAFETENSORS,
} OutKind;

typedef struct
{
  const char *name;
  const char *suffix;
  OutKind kind;
  Pt2Form form; /* OUT_PROGRAM */
} FormRow;

/* The form called NAME; NULL if there is none. */
const FormRow *form_by_name (const char *name);
/* The form that goes with the suffix of PATH; NULL if there is none. */
const FormRow *form_by_suffix (const char *path);
