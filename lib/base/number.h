/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as JSON and Python spell them: reading exact integers and correctly rounded doubles, writing
 * integers and the shortest text that reads back as the same double (Python's repr).
 * Never allocates, knows no locale.
 */
#pragma once

#include "pt2-types.h"

typedef enum
{
  PT2_NUMBER_I64,    /* an integer of 64 bits */
  PT2_NUMBER_BIG,    /* a larger integer: `number` is its value rounded */
  PT2_NUMBER_DOUBLE, /* it has a fraction or an exponent, or is one of the words */
} Pt2NumberKind;

typedef struct
{
  Pt2NumberKind kind;
  int64_t i64;
  double number; /* DOUBLE and BIG */
} Pt2NumberText;

/* The JSON number at P, or one of Python's words NaN, Infinity, -Infinity: behind it, or NULL if none stands there. */
const char *pt2_number_read_json (const char *p, const char *end, Pt2NumberText *number);

/* What Python's float() makes of TEXT (blanks around it, `inf`, `nan`, underscores between digits); false if it
 * refuses. Blanks and digits beyond ASCII, which float() takes too, are refused. */
bool pt2_number_read_python_float (const char *text, size_t len, double *number);

enum
{
  PT2_NUMBER_ROOM = 32, /* bytes that a writer may use */
};

/* Behind the last byte written at OUT, which has PT2_NUMBER_ROOM bytes. */
char *pt2_number_write_i64 (int64_t value, char *out);
/* As repr() writes a float: "0.1", "1e-05", "1e+16", "-0.0"; "nan", "inf", "-inf" for what is not finite. */
char *pt2_number_write_double (double value, char *out);
