/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of -h, --help and `pt2 help`, made from the tables of verbs and options. */
#pragma once

#include "command.h"

/* VERB NULL: the command itself. */
void print_usage (FILE *out, const Verb *verb);
void print_help (const Verb *verb);
void print_version (void);
