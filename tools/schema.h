/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of `pt2 schema`, a file each, and what they share. */
#pragma once

#include "command.h"

typedef struct
{
  const char *at;        /* show: --at */
  const char *reader;    /* check: --reader */
  const char *direction; /* audit: --direction */
  gboolean transitive;   /* audit */
  GPtrArray *allowed;    /* audit: rules and places that do not count */
  gboolean html;         /* matrix */
} SchemaOptions;
extern SchemaOptions schema_options;

/* A known version, a release (torch-2.6), or a file with an IDL or YAML; NULL after a report. (transfer full) */
Pt2Idl *schema_open (const char *word);

int schema_show (char **operands, int n);
int schema_history (char **operands, int n);
int schema_audit (char **operands, int n);
int schema_check (char **operands, int n);
int schema_matrix (char **operands, int n);
int schema_values (char **operands, int n);
