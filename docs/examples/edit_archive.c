/* SPDX-License-Identifier: Apache-2.0 */
/* Adds a note to an archive and saves it as another, compact one: edit_archive IN NOTE OUT */
#include <pt2.h>
#include <string.h>

static gboolean
edit (Pt2Archive *archive, const char *note, const char *out, GError **error)
{
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, PT2_WRITER_TODAY, error);
  g_autoptr (GBytes) text = g_bytes_new (note, strlen (note));
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (text);
  if (writer == NULL || !pt2_archive_writer_add (writer, "extra/note.txt", source, error))
    return FALSE;
  g_autoptr (Pt2ArchiveWriter) compact = pt2_archive_writer_new_compact (writer, NULL, NULL, NULL, error);
  return compact != NULL && pt2_archive_writer_save (compact, out, PT2_SAVE_REPLACE, NULL, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc != 4)
    {
      g_printerr ("usage: edit_archive IN NOTE OUT\n");
      return 2;
    }
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (argv[1], NULL, &error);
  if (archive != NULL && edit (archive, argv[2], argv[3], &error))
    return 0;
  g_printerr ("%s: %s: %s\n", argv[1], pt2_error_get_id (error), error->message);
  return 2;
}
