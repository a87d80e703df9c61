/* SPDX-License-Identifier: Apache-2.0 */
/* A program as JSON is stripped, saved and loaded again: what could be read can be read then, and has nothing left to
 * strip. */
#include "fuzz_program.h"
#include "pt2-strip.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static gboolean
check_range (Pt2PrivateKind kind, gsize offset, gsize len, gpointer data)
{
  if (len == 0 || offset + len > *(size_t *)data)
    abort ();
  return TRUE;
}

static void
strip_again (Pt2Program *stripped)
{
  Pt2Stripped nothing = { { 0 }, { 0 } };
  g_autoptr (Pt2Program) loaded = fuzz_reload (stripped);
  g_autoptr (Pt2Program) same
      = loaded != NULL ? pt2_program_strip (loaded, PT2_STRIP_ALL_DEBUG, fuzz_limits (), &nothing, NULL) : NULL;
  if (loaded != NULL && same != loaded)
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  pt2_find_private ((const char *)data, size, check_range, &size);
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, fuzz_limits (), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) stripped
      = program != NULL ? pt2_program_strip (program, PT2_STRIP_ALL_DEBUG, fuzz_limits (), NULL, &error) : NULL;
  if (stripped != NULL)
    strip_again (stripped);
  return 0;
}
