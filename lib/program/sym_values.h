/* SPDX-License-Identifier: Apache-2.0 */
/* Symbolic values as the schema's structs, for those who make programs. */
#pragma once

#include "arena.h"
#include "pt2-shapes.h"

/* Each fills a struct from a value of its type; texts and structs below it lie in ARENA. False if that is full. */
bool pt2_sym_int_fill (Pt2Arena *arena, const Pt2SymValue *value, Pt2SymInt *out);
bool pt2_sym_float_fill (Pt2Arena *arena, const Pt2SymValue *value, Pt2SymFloat *out);
bool pt2_sym_bool_fill (Pt2Arena *arena, const Pt2SymValue *value, Pt2SymBool *out);
void pt2_range_fill (const Pt2Range *range, Pt2RangeConstraint *out);
