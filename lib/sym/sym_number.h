/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as expressions mean them: integers of any size, fractions, IEEE doubles, booleans and the infinities.
 *
 * Integers of 64 bits are handled in place; larger ones and fractions go through GMP and live in the arena of the
 * calculation. Nothing traps: a result that is undefined or too large sets the calculation's trouble and gives false.
 * Nothing here knows expressions.
 */
#pragma once

#include "arena.h"
#include <gmp.h>

typedef enum
{
  SYM_INT,
  SYM_BIG,   /* an integer that needs more than 64 bits */
  SYM_RATIO, /* a fraction in lowest terms, denominator above 1 */
  SYM_FLOAT, /* finite; what overflows becomes SYM_INF */
  SYM_BOOL,
  SYM_INF,
} SymNumberKind;

typedef struct
{
  int32_t size; /* limbs; negative for a negative number */
  mp_limb_t limbs[];
} SymBig;

typedef struct SymRatio SymRatio;

typedef struct
{
  uint8_t kind;  /* SymNumberKind */
  uint8_t whole; /* SYM_INF: the infinity of the integers */
  union
  {
    int64_t i; /* SYM_INT, SYM_BOOL; SYM_INF: its sign */
    double f;
    const SymBig *big;
    const SymRatio *ratio;
  };
} SymNumber;

struct SymRatio
{
  SymNumber num, den; /* SYM_INT or SYM_BIG */
};

typedef enum
{
  SYM_FINE,
  SYM_DIVIDES_BY_ZERO,
  SYM_OUT_OF_DOMAIN, /* no real result */
  SYM_BELOW_ZERO,    /* a negative exponent or shift where none may be */
  SYM_UNDEFINED,     /* such as oo - oo, or no condition holds */
  SYM_WRONG_TYPE,    /* a boolean where a number is meant, or the reverse */
  SYM_OVERFLOW,      /* past the largest double */
  SYM_UNSET,         /* a symbol without a value */
  SYM_TOO_BIG,       /* more bits than the limit allows */
  SYM_NO_MEMORY,
} SymTrouble;

typedef struct
{
  Pt2Arena *arena; /* of the large numbers it makes */
  uint64_t most_bits;
  uint64_t spare_bits; /* of all large results together */
  SymTrouble trouble;
} SymCalc;

/* Large results of one calculation together: this many times the limit of one. */
#define SYM_SPARE_TIMES 16

static inline SymNumber
sym_int (int64_t i)
{
  return (SymNumber){ .kind = SYM_INT, .i = i };
}

static inline SymNumber
sym_bool (bool value)
{
  return (SymNumber){ .kind = SYM_BOOL, .i = value };
}

static inline SymNumber
sym_infinity (int sign, bool whole)
{
  return (SymNumber){ .kind = SYM_INF, .whole = whole, .i = sign };
}

static inline bool
sym_is_int (SymNumber a)
{
  return a.kind <= SYM_BIG;
}

static inline bool
sym_is_exact (SymNumber a)
{
  return a.kind <= SYM_RATIO;
}

static inline bool
sym_is_inf (SymNumber a)
{
  return a.kind == SYM_INF;
}

static inline bool
sym_equals_int (SymNumber a, int64_t i)
{
  return a.kind == SYM_INT && a.i == i;
}

/* Sets the trouble unless there is one already; false. */
bool sym_trouble (SymCalc *calc, SymTrouble trouble);

/* A double; infinite ones become SYM_INF, NaN is SYM_UNDEFINED. */
bool sym_float (SymCalc *calc, double value, SymNumber *out);
/* The exact integer of decimal DIGITS with an optional sign; they must be valid. */
bool sym_from_digits (SymCalc *calc, const char *digits, size_t len, SymNumber *out);
/* NUM / DEN, both integers; DEN is not zero. */
bool sym_ratio (SymCalc *calc, SymNumber num, SymNumber den, SymNumber *out);

int sym_sign (SymNumber a);
bool sym_same (SymNumber a, SymNumber b);      /* same kind, same value */
uint64_t sym_hash (SymNumber a, uint64_t key); /* another one for each key */
/* Exact, whatever the kinds: -1, 0, 1. Neither may be a boolean. */
int sym_compare (SymNumber a, SymNumber b);
/* Bytes of the decimal text of an integer or fraction, without the NUL. */
char *sym_digits (SymNumber a); /* (transfer full), by malloc; NULL without memory */
uint64_t sym_bits (SymNumber a);

bool sym_add_slowly (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
bool sym_mul_slowly (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);

static inline bool
sym_add (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  int64_t sum;
  if (G_LIKELY (a.kind == SYM_INT && b.kind == SYM_INT && !__builtin_add_overflow (a.i, b.i, &sum)))
    {
      *out = sym_int (sum);
      return true;
    }
  return sym_add_slowly (calc, a, b, out);
}

static inline bool
sym_mul (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out)
{
  int64_t product;
  if (G_LIKELY (a.kind == SYM_INT && b.kind == SYM_INT && !__builtin_mul_overflow (a.i, b.i, &product)))
    {
      *out = sym_int (product);
      return true;
    }
  return sym_mul_slowly (calc, a, b, out);
}

bool sym_negate (SymCalc *calc, SymNumber a, SymNumber *out);
bool sym_subtract (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
/* Exact for exact numbers, a double if one is a double. */
bool sym_divide (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
bool sym_floor_divide (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
bool sym_modulo (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out); /* sign of B */
bool sym_power (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);
bool sym_float_power (SymCalc *calc, double a, double b, SymNumber *out); /* Python's */
bool sym_gcd (SymCalc *calc, SymNumber a, SymNumber b, SymNumber *out);   /* of integers; not negative */
bool sym_shift_left (SymCalc *calc, SymNumber a, uint64_t n, SymNumber *out);

typedef enum
{
  SYM_ROUND_DOWN, /* toward minus infinity */
  SYM_ROUND_UP,
  SYM_ROUND_TO_ZERO,
  SYM_ROUND_HALF_EVEN,
} SymRounding;

/* To an integer. */
bool sym_round (SymCalc *calc, SymNumber a, SymRounding how, SymNumber *out);
/* The nearest double, halves to even; SYM_OVERFLOW past the largest. Infinities stay. */
bool sym_to_double (SymCalc *calc, SymNumber a, double *out);
/* The double that is nearest in one direction, for ends of ranges. */
double sym_to_double_toward (SymNumber a, int direction);
/* Python's round(A, DIGITS). */
bool sym_round_decimal (SymCalc *calc, double a, SymNumber digits, SymNumber *out);

typedef enum
{
  SYM_BITS_AND,
  SYM_BITS_OR,
  SYM_BITS_XOR,
} SymBits;

/* Two's complement without end, on integers. */
bool sym_bitwise (SymCalc *calc, SymBits what, SymNumber a, SymNumber b, SymNumber *out);
