/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a schema: read, held against the newest known one, and values of it written and read by both. Then any
 * program made to follow other minors and held against readers: whatever comes, nothing may break. */
#include "pt2-evolve.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
count (const Pt2SchemaChange *change, gpointer data)
{
  if (change->rule == NULL || change->where == NULL || change->was == NULL || change->is == NULL)
    abort ();
  ++*(guint *)data;
}

static void
try_both (Pt2Idl *writer, Pt2Idl *reader)
{
  for (int encoding = PT2_ENCODING_JSON; encoding <= PT2_ENCODING_COMPACT; encoding++)
    {
      Pt2TrialResult result;
      if (pt2_idl_try (writer, reader, (Pt2Encoding)encoding, &result, NULL))
        g_free (result.where);
    }
}

static void
use_schema (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Idl) known = pt2_idl_new_known ("8.20", NULL), idl = pt2_idl_new_from_text (bytes, "fuzz", &error);
  guint n = 0;
  if ((idl == NULL) == (error == NULL))
    abort ();
  if (idl == NULL)
    return;
  guint told = pt2_idl_audit (idl, known, count, &n) + pt2_idl_audit (known, idl, count, &n);
  if (told != n || pt2_idl_audit (idl, idl, count, &n) != 0)
    abort ();
  try_both (idl, known);
  try_both (known, idl);
}

static void
follow (Pt2Program *program, guint minor, const Pt2Limits *limits)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) made = pt2_evolve_to_minor (program, minor, PT2_EVOLVE_LOSSY, limits, NULL, NULL, &error);
  if ((made == NULL) == (error == NULL))
    abort ();
  g_autoptr (GBytes) text = made != NULL ? pt2_program_save (made, PT2_FORM_JSON, NULL) : NULL;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const readers[] = { "1", "7.3", "8.5", "8.20" };
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 100;
  limits.memory = (uint64_t)64 << 20;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, &limits, NULL);
  if (program == NULL)
    {
      use_schema (bytes);
      return 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      Pt2Verdict verdict;
      g_autoptr (Pt2Idl) reader = pt2_idl_new_known (readers[i], NULL);
      pt2_idl_check_program (reader, program, &limits, NULL, NULL, &verdict, NULL);
    }
  for (guint minor = 1; pt2_program_get_exported_program (program) != NULL && minor <= 20; minor += 3)
    follow (program, minor, &limits);
  return 0;
}
