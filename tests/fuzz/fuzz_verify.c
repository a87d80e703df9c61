/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes, checked in every profile. Whatever they are, there is a report or an error, the report agrees with itself,
 * and what counts in one profile is counted alike when it is asked for again. */
#include "pt2-check.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static Pt2Limits
small_limits (void)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 100;
  limits.memory = (uint64_t)64 << 20;
  limits.records = 1000;
  limits.inflated_size = (uint64_t)16 << 20;
  limits.expression_depth = 100;
  limits.expression_nodes = 10000;
  limits.integer_bits = 4096;
  return limits;
}

static bool
is_printable (const char *text)
{
  for (; text != NULL && *text != '\0'; text++)
    if ((guchar)*text < 0x20 || *text == 0x7f)
      return false;
  return true;
}

static guint64
check (GBytes *bytes, const Pt2CheckOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Report) report = pt2_check_bytes (bytes, options, &error);
  guint n, grave = 0;
  if ((report == NULL) == (error == NULL))
    abort ();
  if (report == NULL)
    return 0;
  const Pt2Finding *findings = pt2_report_get_findings (report, &n);
  for (guint i = 0; i < n; i++)
    {
      grave += findings[i].severity > PT2_SEVERITY_NOTE;
      if (strncmp (findings[i].id, "PT2-", 4) != 0 || !is_printable (findings[i].where)
          || !g_utf8_validate (findings[i].message, -1, NULL))
        abort ();
    }
  if (pt2_report_is_ok (report) != (grave == 0))
    abort ();
  return pt2_report_count (report, PT2_SEVERITY_ERROR);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = small_limits ();
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  for (int profile = 0; profile < PT2_N_PROFILES; profile++)
    {
      Pt2CheckOptions options = { .profile = (Pt2Profile)profile, .limits = &limits };
      if (check (bytes, &options) != check (bytes, &options))
        abort ();
    }
  return 0;
}
