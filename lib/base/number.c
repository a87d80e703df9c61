/* SPDX-License-Identifier: Apache-2.0 */
#include "number.h"
#include "number_powers.h"
#include <float.h>
#include <math.h>
#include <string.h>

__extension__ typedef unsigned __int128 Uint128;

/* ---- reading ---- */

enum
{
  /* No double lies so near the middle between two others that more digits than these could decide. */
  DECIDING_DIGITS = 770,
  FAR_EXPONENT = 100000, /* beyond any double of so many digits */
  EXACT_POWERS = 22,     /* 10^22 is the last power of ten that is a double */
};
/* More than a text has digits that an exponent could make up for, and far from overflow. */
#define MOST_EXPONENT (INT64_C (1) << 56)

/* A decimal number taken apart: DIGITS × 10^EXPONENT, the point left out. */
typedef struct
{
  bool negative;
  bool fraction;     /* a point or an exponent was written */
  bool exact;        /* MANTISSA holds all digits */
  uint64_t mantissa; /* the first 19 significant digits */
  int64_t exponent;  /* of MANTISSA as an integer, if exact */
  const char *digits;
  const char *digits_end; /* may hold one point, and underscores if loose */
  int64_t written_exponent;
} Decimal;

static bool
is_digit (const char *p, const char *end)
{
  return p < end && *p >= '0' && *p <= '9';
}

/* Behind the digit at P. LOOSE, here and below: as float() takes it, with an underscore between two digits, `1.` and
 * `.5`. A constant wherever it is given, so that JSON does not pay for it. */
static inline const char *
pass_digit (const char *p, const char *end, bool loose)
{
  p++;
  return loose && p < end && *p == '_' && is_digit (p + 1, end) ? p + 1 : p;
}

/* Digits at P into the mantissa as far as it holds them. */
static inline __attribute__ ((always_inline)) const char *
take_digits (const char *p, const char *end, bool loose, bool behind_point, Decimal *decimal)
{
  for (; is_digit (p, end); p = pass_digit (p, end, loose))
    {
      unsigned digit = (unsigned)(*p - '0');
      if (decimal->mantissa < UINT64_C (1000000000000000000))
        {
          decimal->mantissa = decimal->mantissa * 10 + digit;
          decimal->exponent -= behind_point;
        }
      else
        {
          decimal->exact = decimal->exact && digit == 0;
          decimal->exponent += !behind_point;
        }
    }
  return p;
}

/* The exponent behind the `e` at P; P if none is there. */
static inline __attribute__ ((always_inline)) const char *
take_exponent (const char *p, const char *end, bool loose, Decimal *decimal)
{
  const char *at = p + 1;
  bool negative = at < end && *at == '-';
  at += at < end && (*at == '-' || *at == '+');
  if (!is_digit (at, end))
    return p;
  int64_t value = 0;
  for (; is_digit (at, end); at = pass_digit (at, end, loose))
    value = value < MOST_EXPONENT ? value * 10 + (*at - '0') : value;
  decimal->fraction = true;
  decimal->written_exponent = negative ? -value : value;
  decimal->exponent += decimal->written_exponent;
  return at;
}

/* Unsigned digits with or without point and exponent; NULL if there are none. */
static inline __attribute__ ((always_inline)) const char *
take_decimal (const char *p, const char *end, bool loose, Decimal *decimal)
{
  const char *start = p;
  decimal->exact = true;
  decimal->digits = p;
  p = take_digits (p, end, loose, false, decimal);
  bool digits = p > start;
  if (!digits && !loose)
    return NULL;
  if (!loose && *start == '0' && p - start > 1)
    return NULL;
  if (p < end && *p == '.')
    {
      const char *behind = take_digits (p + 1, end, loose, true, decimal);
      if (behind == p + 1 && (!loose || !digits))
        return NULL;
      decimal->fraction = digits = true;
      p = behind;
    }
  decimal->digits_end = p;
  if (p < end && (*p == 'e' || *p == 'E'))
    {
      const char *behind = take_exponent (p, end, loose, decimal);
      if (behind == p)
        return NULL;
      p = behind;
    }
  return digits ? p : NULL;
}

/* The digits that decide, with a last one that stands for all that are left out, for the C library. */
static double
round_by_library (const Decimal *decimal)
{
  char text[DECIDING_DIGITS + 40], *out = text;
  int64_t exponent = decimal->written_exponent;
  bool behind_point = false, more = false;
  for (const char *p = decimal->digits; p < decimal->digits_end; p++)
    {
      if (*p == '.' || *p == '_')
        {
          behind_point = behind_point || *p == '.';
          continue;
        }
      if (out - text < DECIDING_DIGITS)
        {
          if (out > text || *p != '0')
            *out++ = *p;
          exponent -= behind_point;
          continue;
        }
      more = more || *p != '0';
      exponent += !behind_point;
    }
  if (more)
    {
      *out++ = '1';
      exponent--;
    }
  if (out == text)
    return 0;
  g_snprintf (out, 32, "e%" G_GINT64_FORMAT, CLAMP (exponent, -FAR_EXPONENT, FAR_EXPONENT));
  return g_ascii_strtod (text, NULL);
}

static double
decimal_value (const Decimal *decimal)
{
  static const double powers[EXACT_POWERS + 1]
      = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
          1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
  double value;
  int64_t exponent = decimal->exponent;
  /* Both factors are exact, so one operation rounds once. Not so where the machine computes wider. */
  if (FLT_EVAL_METHOD == 0 && decimal->exact && decimal->mantissa <= UINT64_C (1) << 53 && exponent >= -EXACT_POWERS
      && exponent <= EXACT_POWERS)
    value = exponent < 0 ? (double)decimal->mantissa / powers[-exponent] : (double)decimal->mantissa * powers[exponent];
  else
    value = round_by_library (decimal);
  return decimal->negative ? -value : value;
}

static const char *
read_word (const char *p, const char *end, const char *word)
{
  size_t len = strlen (word);
  return (size_t)(end - p) >= len && memcmp (p, word, len) == 0 ? p + len : NULL;
}

static const char *
read_words (const char *p, const char *end, bool negative, Pt2NumberText *number)
{
  const char *behind = read_word (p, end, "Infinity");
  number->kind = PT2_NUMBER_DOUBLE;
  number->number = negative ? -INFINITY : INFINITY;
  if (behind == NULL && !negative && (behind = read_word (p, end, "NaN")) != NULL)
    number->number = NAN;
  return behind;
}

/* Is it an integer of 64 bits? */
static bool
fits_i64 (const Decimal *decimal, int64_t *value)
{
  uint64_t most = (uint64_t)INT64_MAX + decimal->negative;
  if (decimal->fraction || !decimal->exact || decimal->exponent != 0 || decimal->mantissa > most)
    return false;
  *value = (int64_t)(decimal->negative ? 0 - decimal->mantissa : decimal->mantissa);
  return true;
}

const char *
pt2_number_read_json (const char *p, const char *end, Pt2NumberText *number)
{
  Decimal decimal = { .negative = p < end && *p == '-' };
  p += decimal.negative;
  if (!is_digit (p, end))
    return read_words (p, end, decimal.negative, number);
  p = take_decimal (p, end, false, &decimal);
  if (p == NULL)
    return NULL;
  number->kind = PT2_NUMBER_I64;
  if (fits_i64 (&decimal, &number->i64))
    return p;
  number->kind = decimal.fraction ? PT2_NUMBER_DOUBLE : PT2_NUMBER_BIG;
  number->number = decimal_value (&decimal);
  return p;
}

/* ---- what float() takes ---- */

static bool
is_python_blank (char byte)
{
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool
equals_word (const char *p, size_t len, const char *word)
{
  return len == strlen (word) && g_ascii_strncasecmp (p, word, len) == 0;
}

bool
pt2_number_read_python_float (const char *text, size_t len, double *number)
{
  while (len > 0 && is_python_blank (text[0]))
    text++, len--;
  while (len > 0 && is_python_blank (text[len - 1]))
    len--;
  Decimal decimal = { .negative = len > 0 && text[0] == '-' };
  if (len > 0 && (text[0] == '-' || text[0] == '+'))
    text++, len--;
  if (equals_word (text, len, "inf") || equals_word (text, len, "infinity") || equals_word (text, len, "nan"))
    {
      double word = g_ascii_tolower (text[0]) == 'i' ? INFINITY : NAN;
      *number = decimal.negative ? -word : word;
      return true;
    }
  if (len == 0 || take_decimal (text, text + len, true, &decimal) != text + len)
    return false;
  *number = decimal_value (&decimal);
  return true;
}

/* ---- writing integers ---- */

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                            "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

static unsigned
count_digits (uint64_t value)
{
  unsigned n = 1;
  for (; value >= 10000; value /= 10000)
    n += 4;
  return n + (value >= 10) + (value >= 100) + (value >= 1000);
}

/* The last N digits of VALUE. */
static void
put_digits (uint64_t value, unsigned n, char *out)
{
  char *p = out + n;
  for (; n >= 2; n -= 2, value /= 100)
    {
      p -= 2;
      memcpy (p, pairs + value % 100 * 2, 2);
    }
  if (n > 0)
    *--p = (char)('0' + value % 10);
}

char *
pt2_number_write_i64 (int64_t value, char *out)
{
  uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  if (value < 0)
    *out++ = '-';
  if (magnitude < 10)
    {
      *out = (char)('0' + magnitude);
      return out + 1;
    }
  unsigned n = count_digits (magnitude);
  put_digits (magnitude, n, out);
  return out + n;
}

/* ---- writing doubles ---- */

/* The shortest decimal that reads back as a double, and of those the nearest: DIGITS × 10^EXPONENT. */
typedef struct
{
  uint64_t digits;
  int exponent;
} Shortest;

/* floor (log2 (10^E)) and floor (log10 (2^E)), the latter of three quarters of it if asked; exact for all that doubles
 * need. */
static int
log2_of_power10 (int e)
{
  return (e * 1741647) >> 19;
}

static int
log10_of_power2 (int e, bool three_quarters)
{
  return (e * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

/* The high 64 bits of POWER × FACTOR, the last bit set if anything was cut off below it. */
static uint64_t
multiply_to_odd (const uint64_t power[2], uint64_t factor)
{
  Uint128 low = (Uint128)power[1] * factor;
  Uint128 high = (Uint128)power[0] * factor + (uint64_t)(low >> 64);
  return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* Raffaello Giulietti, "The Schubfach way to render doubles" (2022). VALUE = C × 2^Q. NARROW: the neighbour below is
 * nearer than the one above, as at powers of two. The scaled value and both ends of the interval that reads back as
 * VALUE are computed in units of a quarter, rounded to odd, which keeps every comparison exact. */
static Shortest
find_shortest (uint64_t c, int q, bool narrow)
{
  int k = log10_of_power2 (q, narrow);
  int h = q + log2_of_power10 (-k) + 1;
  const uint64_t *power = powers_of_ten[-k - PT2_FIRST_POWER];
  bool odd = c & 1;
  uint64_t middle = multiply_to_odd (power, (4 * c) << h);
  uint64_t lower = multiply_to_odd (power, (4 * c - 2 + narrow) << h) + odd;
  uint64_t upper = multiply_to_odd (power, (4 * c + 2) << h) - odd;
  uint64_t s = middle / 4;
  if (s >= 10)
    {
      uint64_t tens = s / 10;
      bool down = lower <= 40 * tens, up = 40 * tens + 40 <= upper;
      if (down != up)
        return (Shortest){ tens + up, k + 1 };
    }
  bool down = lower <= 4 * s, up = 4 * s + 4 <= upper;
  if (down == up)
    up = middle > 4 * s + 2 || (middle == 4 * s + 2 && (s & 1));
  return (Shortest){ s + up, k };
}

static Shortest
shortest_of_bits (uint64_t bits)
{
  uint64_t fraction = bits & ((UINT64_C (1) << 52) - 1);
  int exponent = (int)(bits >> 52 & 2047);
  Shortest found = exponent == 0
                       ? find_shortest (fraction, -1074, false)
                       : find_shortest (fraction | UINT64_C (1) << 52, exponent - 1075, fraction == 0 && exponent > 1);
  for (; found.digits % 10 == 0; found.digits /= 10)
    found.exponent++;
  return found;
}

/* D.DDDe±XX; POINT digits stand before the point when written without exponent. */
static char *
put_scientific (uint64_t digits, unsigned n, int point, char *out)
{
  put_digits (digits, n, out + 1);
  out[0] = out[1];
  if (n > 1)
    out[1] = '.';
  out += n > 1 ? n + 1 : 1;
  *out++ = 'e';
  *out++ = point > 0 ? '+' : '-';
  uint64_t exponent = (uint64_t)(point > 0 ? point - 1 : 1 - point);
  n = exponent < 100 ? 2 : 3;
  put_digits (exponent, n, out);
  return out + n;
}

static char *
put_plain (uint64_t digits, int n, int point, char *out)
{
  if (point <= 0)
    {
      memset (out, '0', (size_t)(2 - point));
      out[1] = '.';
      put_digits (digits, (unsigned)n, out + 2 - point);
      return out + 2 - point + n;
    }
  if (point >= n)
    {
      put_digits (digits, (unsigned)n, out);
      memset (out + n, '0', (size_t)(point - n + 2));
      out[point] = '.';
      return out + point + 2;
    }
  put_digits (digits, (unsigned)n, out + 1);
  memmove (out, out + 1, (size_t)point);
  out[point] = '.';
  return out + n + 1;
}

static char *
put_word (const char *word, char *out)
{
  size_t len = strlen (word);
  memcpy (out, word, len);
  return out + len;
}

char *
pt2_number_write_double (double value, char *out)
{
  uint64_t bits;
  memcpy (&bits, &value, sizeof bits);
  if (isnan (value))
    return put_word ("nan", out);
  if (bits >> 63)
    *out++ = '-';
  bits &= UINT64_MAX >> 1;
  if (isinf (value))
    return put_word ("inf", out);
  if (bits == 0)
    return put_word ("0.0", out);
  Shortest shortest = shortest_of_bits (bits);
  unsigned n = count_digits (shortest.digits);
  /* Python leaves fixed notation below 1e-4 and from 1e16 on. */
  int point = (int)n + shortest.exponent;
  if (point <= -4 || point > 16)
    return put_scientific (shortest.digits, n, point, out);
  return put_plain (shortest.digits, (int)n, point, out);
}
