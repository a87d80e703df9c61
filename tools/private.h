/* SPDX-License-Identifier: Apache-2.0 */
/* Lists what a file tells of where, by whom and on which machine it was made. */
#pragma once

#include "json_out.h"

typedef struct _Found Found;

/* Looks through all texts of programs, and all records but payloads. NULL after the error was reported. */
Found *private_find (const char *path);
void private_free (Found *found);
guint private_count (Found *found);
void private_print (Found *found);
/* A list of {"kind", "text", "count", "where"}. */
void private_json (Found *found, Json *json);
