/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which `info` tells its facts; what has no JSON to write to writes to standard output. */
#pragma once

#include "facts.h"
#include "json_out.h"

/* FILE: NULL if it is the only one. */
void info_json (Json *json, const char *file, const Facts *facts);
/* One screen. */
void info_text (const Facts *facts);
/* One line. */
void info_line (const char *file, const Facts *facts);
