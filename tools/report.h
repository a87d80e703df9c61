/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to standard error: errors in the one form that programs can rely on, and notes. */
#pragma once

#include "command.h"

/* Makes an error as the library does: what its id says, DETAIL ("" for none), the next step. */
void set_error (GError **error, Pt2ErrorCode code, const char *detail, ...) G_GNUC_PRINTF (3, 4);
/* `pt2: FILE: WHERE: ID: message`, or the JSON object; FILE NULL if no file is meant.
 * Frees ERROR; returns STATUS_TROUBLE. */
int report_trouble (const char *file, GError *error);
/* The same line for a finding; -q keeps it back. Frees ERROR; returns STATUS_FINDING. */
int report_finding (const char *file, GError *error);
/* A line for people who asked with -v. */
void note (const char *format, ...) G_GNUC_PRINTF (1, 2);
