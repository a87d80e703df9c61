/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles from standard input, eight bytes each, to lines of text on standard output, as lib/base/number writes them.
 * Each is read again: the process fails if that gives another double, or strtod reads the text differently.
 */
#include "number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
same (double a, double b)
{
  return memcmp (&a, &b, sizeof a) == 0;
}

/* LEN bytes and a NUL at TEXT. */
static bool
comes_back (double value, const char *text, size_t len)
{
  Pt2NumberText number;
  double python;
  if (isnan (value))
    return pt2_number_read_python_float (text, len, &python) && isnan (python);
  if (!pt2_number_read_python_float (text, len, &python) || !same (python, value))
    return false;
  if (isinf (value))
    return pt2_number_read_json (text, text + len, &number) == NULL;
  return pt2_number_read_json (text, text + len, &number) == text + len && number.kind == PT2_NUMBER_DOUBLE
         && same (number.number, value) && same (strtod (text, NULL), value);
}

int
main (void)
{
  double value;
  while (fread (&value, sizeof value, 1, stdin) == 1)
    {
      char text[PT2_NUMBER_ROOM + 1];
      memset (text, '#', sizeof text);
      char *end = pt2_number_write_double (value, text);
      if (end > text + PT2_NUMBER_ROOM)
        return fprintf (stderr, "%a: wrote beyond its room\n", value), 1;
      *end = '\0';
      if (!comes_back (value, text, (size_t)(end - text)))
        return fprintf (stderr, "%a: `%s` is read as another number\n", value, text), 1;
      puts (text);
    }
  return fflush (stdout) != 0 || ferror (stdin);
}
