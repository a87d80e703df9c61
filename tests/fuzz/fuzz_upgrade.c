/* SPDX-License-Identifier: Apache-2.0 */
/* A program of any schema, or an archive of one, is upgraded. Either that is refused, or there is a program of today
 * that can be written and read again; what was done of it is said. */
#include "pt2-upgrade.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static Pt2Limits
small_limits (void)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 100;
  limits.memory = (uint64_t)64 << 20;
  limits.expression_depth = 100;
  limits.expression_nodes = 10000;
  return limits;
}

static void
check_done (Pt2Upgrade *upgrade)
{
  guint n;
  const Pt2UpgradeDone *done = pt2_upgrade_get_done (upgrade, &n);
  for (guint i = 0; i < n; i++)
    if (done[i].count == 0 || done[i].step == NULL || done[i].what == NULL || done[i].note == NULL)
      abort ();
}

static void
upgrade_program (GBytes *bytes, const Pt2Limits *limits)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, limits, NULL);
  g_autoptr (Pt2Upgrade) upgrade = program != NULL ? pt2_upgrade_new (program, NULL, NULL, limits, &error) : NULL;
  if (program != NULL && (upgrade == NULL) == (error == NULL))
    abort ();
  if (upgrade == NULL)
    return;
  check_done (upgrade);
  g_autoptr (GBytes) text = pt2_program_save (pt2_upgrade_get_program (upgrade), PT2_FORM_JSON, NULL);
  g_autoptr (Pt2Program) again = text != NULL ? pt2_program_new_from_bytes (text, NULL, NULL) : NULL;
  if (text != NULL && (again == NULL || pt2_program_get_exported_program (again) == NULL))
    abort ();
}

static void
upgrade_archive (GBytes *bytes, const Pt2Limits *limits)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) upgrades = NULL;
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, limits, NULL);
  g_autoptr (Pt2ArchiveWriter) writer = archive != NULL ? pt2_upgrade_archive (archive, &upgrades, &error) : NULL;
  if (archive != NULL && (writer == NULL) == (error == NULL))
    abort ();
  g_autoptr (GBytes) written = writer != NULL ? pt2_archive_writer_to_bytes (writer, NULL) : NULL;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = small_limits ();
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  upgrade_program (bytes, &limits);
  upgrade_archive (bytes, &limits);
  return 0;
}
