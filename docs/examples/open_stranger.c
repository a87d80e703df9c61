/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a file that nobody vouches for, at a bounded price, and says by id what is wrong with it. */
#include <pt2.h>
#include <stdio.h>

static Pt2Program *
open_stranger (const char *path, GError **error)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.program_size = 64 << 20;
  limits.memory = 256 << 20;
  return pt2_program_new_from_file (path, NULL, &limits, error);
}

static const char *
advice (const GError *error)
{
  if (error->domain != PT2_ERROR)
    return "none";
  return pt2_error_code_next (error->code);
}

static void
explain (const GError *error)
{
  const char *where = pt2_error_get_where (error);
  printf ("id:     %s\n", pt2_error_get_id (error));
  printf ("where:  %s\n", where != NULL ? where : "the whole file");
  printf ("advice: %s\n", advice (error));
  if (g_error_matches (error, PT2_ERROR, PT2_ERROR_K003))
    printf ("the download should be tried again\n");
}

/* ---- the rest only calls it ---- */

int
main (int argc, char **argv)
{
  if (argc != 2)
    return 2;
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = open_stranger (argv[1], &error);
  if (program != NULL)
    printf ("%" G_GUINT64_FORMAT " bytes of memory\n", pt2_program_get_memory (program));
  else
    explain (error);
  return 0;
}
