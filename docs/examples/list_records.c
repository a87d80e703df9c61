/* SPDX-License-Identifier: Apache-2.0 */
/* Lists the records of an archive and reads the one that says the order of bytes. */
#include <pt2.h>
#include <stdio.h>

static gboolean
list_records (const char *path, GError **error)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, error);
  if (archive == NULL)
    return FALSE;
  guint n;
  const Pt2Record *records = pt2_archive_get_records (archive, &n);
  for (guint i = 0; i < n; i++)
    printf ("%8" G_GUINT64_FORMAT "  %-16s  %s\n", records[i].bytes, records[i].role, records[i].name);

  if (pt2_archive_find (archive, "byteorder") == NULL)
    return TRUE; /* older archives have none */
  g_autoptr (GBytes) bytes = pt2_archive_read (archive, "byteorder", error);
  if (bytes == NULL)
    return FALSE;
  gsize len;
  const char *text = g_bytes_get_data (bytes, &len);
  printf ("byte order: %.*s\n", (int)len, text);
  return TRUE;
}

/* ---- the rest only calls it ---- */

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc == 2 && list_records (argv[1], &error))
    return 0;
  fprintf (stderr, "list_records: %s\n", error != NULL ? error->message : "give one archive");
  return 2;
}
