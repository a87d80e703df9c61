/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"
#include "show.h"
#include <unistd.h>

static gboolean
is_wanted (void)
{
  return !settings.no_progress && !settings.quiet && isatty (STDERR_FILENO);
}

gboolean
progress_show (guint64 done, guint64 total, gpointer data)
{
  Progress *progress = data;
  gint64 now = g_get_monotonic_time ();
  if (progress->begun == 0)
    progress->begun = now;
  if (now - progress->begun < G_TIME_SPAN_SECOND || now - progress->shown < G_TIME_SPAN_SECOND / 5 || !is_wanted ())
    return TRUE;
  g_autofree char *so_far = size_text (done), *in_all = size_text (total);
  fprintf (stderr, "\r\033[K%s: %s of %s", progress->what, so_far, in_all);
  fflush (stderr);
  progress->shown = now;
  return TRUE;
}

void
progress_end (Progress *progress)
{
  if (progress->shown != 0)
    fputs ("\r\033[K", stderr);
  progress->shown = 0;
}
