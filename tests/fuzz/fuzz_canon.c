/* SPDX-License-Identifier: Apache-2.0 */
/* A program as JSON, its canonical form, and the canonical form of that as it is read again: the same bytes. */
#include "pt2-canon.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static Pt2Program *
canonical (Pt2Program *program, const Pt2Limits *limits)
{
  g_autoptr (GError) error = NULL;
  Pt2Program *result = pt2_program_canonicalize (program, PT2_CANON_PLAIN, limits, NULL, NULL, &error);
  if ((result == NULL) == (error == NULL))
    abort ();
  return result;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 100;
  limits.memory = (uint64_t)64 << 20;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, &limits, NULL);
  g_autoptr (Pt2Program) once = program != NULL ? canonical (program, &limits) : NULL;
  g_autoptr (GBytes) saved = once != NULL ? pt2_program_save (once, PT2_FORM_JSON, NULL) : NULL;
  if (saved == NULL)
    return 0; /* no sound program, or one that only compact can say */
  g_autoptr (Pt2Program) read = pt2_program_new_from_bytes (saved, &limits, NULL);
  g_autoptr (Pt2Program) twice = read != NULL ? canonical (read, &limits) : NULL;
  g_autoptr (GBytes) again = twice != NULL ? pt2_program_save (twice, PT2_FORM_JSON, NULL) : NULL;
  if (again != NULL && !g_bytes_equal (saved, again))
    abort ();
  return 0;
}
