/* SPDX-License-Identifier: Apache-2.0 */
/* Enums that were renumbered inside major 8 (ArgumentKind at 8.6): native values always hold today's
 * numbers, a program's JSON the numbers of its own minor. Compact holds today's. */
#pragma once

#include "codec.h"

/* Turns the numbers that a JSON program of an older minor holds into today's. False: J016. */
bool pt2_old_numbers_to_new (Pt2Document *document, Pt2Status *status);

/* The number that minor MINOR (0: today's) has for today's VALUE; false if it has none. */
bool pt2_number_at_minor (const Pt2EnumInfo *info, uint32_t minor, int32_t value, int32_t *old);
