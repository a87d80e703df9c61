/* SPDX-License-Identifier: Apache-2.0 */
/* What the two ways to strip a program share: which metadata is what. */
#pragma once

#include "pt2-strip.h"

/* Does WHAT take out metadata called KEY? Counts it, with VALUE, if so. */
bool pt2_strip_takes (Pt2StripFlags what, Pt2String key, size_t value_len, Pt2Stripped *stripped);
/* strip_tree.c: majors 1 to 7. */
Pt2Program *pt2_strip_tree (Pt2Program *program, Pt2StripFlags what, const Pt2Limits *limits, Pt2Stripped *stripped,
                            GError **error);
