/* SPDX-License-Identifier: Apache-2.0 */
/* Two programs as JSON behind each other, a zero byte between them, and a byte of what is ignored before them: compared
 * both ways, and each with itself. */
#include "pt2-diff.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static Pt2Limits
small_limits (void)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 100;
  limits.memory = (uint64_t)64 << 20;
  return limits;
}

static void
must (bool fine, const char *what)
{
  if (fine)
    return;
  fprintf (stderr, "%s\n", what);
  abort ();
}

/* How many changes; G_MAXUINT for no answer. */
static guint
count (Pt2Program *old, Pt2Program *new, guint ignore, const Pt2Limits *limits)
{
  guint n = G_MAXUINT;
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Diff) diff = pt2_diff_new (old, new, ignore, limits, &error);
  must ((diff == NULL) == (error != NULL), "no answer and no error, or both");
  const Pt2Change *changes = diff != NULL ? pt2_diff_get_changes (diff, &n) : NULL;
  for (guint i = 0; changes != NULL && i < n; i++)
    must (changes[i].where != NULL && strlen (changes[i].where) < G_MAXUINT && changes[i].part < PT2_DIFF_N_PARTS
              && changes[i].kind < PT2_DIFF_N_KINDS,
          "a change without a place");
  return n;
}

static Pt2Program *
load (const uint8_t *data, size_t size, const Pt2Limits *limits)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  return pt2_program_new_from_bytes (bytes, limits, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = small_limits ();
  const uint8_t *middle = size > 1 ? memchr (data + 1, 0, size - 1) : NULL;
  if (middle == NULL)
    return 0;
  guint ignore = data[0] & 15;
  g_autoptr (Pt2Program) old = load (data + 1, (size_t)(middle - data) - 1, &limits);
  g_autoptr (Pt2Program) new = load (middle + 1, size - (size_t)(middle - data) - 1, &limits);
  g_autoptr (Pt2Program) again = load (data + 1, (size_t)(middle - data) - 1, &limits);
  if (old == NULL)
    return 0;
  guint with_itself = count (old, again, ignore, &limits);
  must (with_itself == 0 || with_itself == G_MAXUINT, "a program differs from itself");
  if (new == NULL)
    return 0;
  guint there = count (old, new, ignore, &limits), back = count (new, old, ignore, &limits);
  must (there == G_MAXUINT || back == G_MAXUINT || (there == 0) == (back == 0), "different in one direction only");
  return 0;
}
