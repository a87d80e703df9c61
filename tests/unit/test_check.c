/* SPDX-License-Identifier: Apache-2.0 */
/* lib/check as a C program meets it; the rules themselves are tested by tests/verify. */
#include "corpus.h"
#include "pt2-check.h"
#include "suite.h"
#include <string.h>

typedef struct
{
  guint calls, stop_at; /* 0: never */
  guint64 done, total;
} Watch;

static gboolean
watch (guint64 done, guint64 total, gpointer data)
{
  Watch *seen = data;
  ck_assert (seen->calls == 0 ? done == 0 : done >= seen->done && total == seen->total);
  ck_assert_uint_le (done, total);
  seen->done = done;
  seen->total = total;
  return ++seen->calls != seen->stop_at;
}

static Pt2Report *
check_watched (Watch *seen, gboolean skip_payloads, GError **error)
{
  g_autofree char *path = corpus_path ("torch-2.15.0/mlp.pt2");
  const Pt2CheckOptions options = { .skip_payloads = skip_payloads, .progress = watch, .progress_data = seen };
  return pt2_check_file (path, &options, error);
}

START_TEST (progress_is_told)
{
  Watch seen = { 0 }, unasked = { 0 };
  g_autofree char *path = corpus_path ("torch-2.15.0/mlp.pt2");
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, NULL);
  g_autoptr (Pt2Report) report = check_watched (&seen, FALSE, NULL);
  guint n;
  pt2_archive_get_records (archive, &n);
  ck_assert (pt2_report_is_ok (report));
  ck_assert_uint_eq (seen.calls, n);
  ck_assert_uint_gt (seen.total, 0);
  g_autoptr (Pt2Report) short_report = check_watched (&unasked, TRUE, NULL);
  ck_assert (pt2_report_is_ok (short_report));
  ck_assert_uint_eq (unasked.calls, 0);
}
END_TEST

START_TEST (progress_can_stop)
{
  for (guint at = 1; at <= 3; at++)
    {
      Watch seen = { .stop_at = at };
      g_autoptr (GError) error = NULL;
      ck_assert_ptr_null (check_watched (&seen, FALSE, &error));
      ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_F006));
      ck_assert_uint_eq (seen.calls, at);
    }
}
END_TEST

START_TEST (profile_decides_what_counts)
{
  g_autofree char *path = corpus_path ("torch-2.15.0/mlp.pt2");
  for (guint profile = 0; profile < PT2_N_PROFILES; profile++)
    {
      const Pt2CheckOptions options = { .profile = (Pt2Profile)profile };
      g_autoptr (Pt2Report) report = pt2_check_file (path, &options, NULL);
      guint n;
      const Pt2Finding *findings = pt2_report_get_findings (report, &n);
      for (guint i = 0; i < n; i++)
        {
          const Pt2Rule *rule = pt2_rule_find (findings[i].id);
          ck_assert (rule == NULL || rule->severity[profile] == findings[i].severity);
        }
    }
}
END_TEST

START_TEST (what_cannot_be_read)
{
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_check_file ("/nonexistent", NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_F001));
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (Pt2Report) report = pt2_check_bytes (empty, NULL, NULL);
  guint n;
  const Pt2Finding *findings = pt2_report_get_findings (report, &n);
  ck_assert_uint_eq (n, 1);
  ck_assert_str_eq (findings[0].id, "PT2-K001");
  ck_assert (!pt2_report_is_ok (report));
  ck_assert_uint_eq (pt2_report_count (report, PT2_SEVERITY_ERROR), 1);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { progress_is_told, 1 },
    { progress_can_stop, 1 },
    { profile_decides_what_counts, 1 },
    { what_cannot_be_read, 1 },
  };
  return RUN_SUITE ("check", cases);
}
