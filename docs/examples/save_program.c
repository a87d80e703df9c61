/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the program of an archive as compact.zst, reads it again, and compares the JSON of both. */
#include <pt2.h>
#include <stdio.h>

static gboolean
save_program (Pt2Program *program, const char *path, GError **error)
{
  if (!pt2_program_check_text (program, error))
    return FALSE; /* P001: JSON that is not spelled as PyTorch spells it */
  g_autoptr (GBytes) packed = pt2_program_save (program, PT2_FORM_COMPACT_ZST, error);
  if (packed == NULL)
    return FALSE;
  return g_file_set_contents (path, g_bytes_get_data (packed, NULL), (gssize)g_bytes_get_size (packed), error);
}

static gboolean
same_json (Pt2Program *a, Pt2Program *b, GError **error)
{
  g_autoptr (GBytes) one = pt2_program_save (a, PT2_FORM_JSON, error);
  g_autoptr (GBytes) two = one != NULL ? pt2_program_save (b, PT2_FORM_JSON, error) : NULL;
  return two != NULL && g_bytes_equal (one, two);
}

/* ---- the rest only calls it ---- */

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) first = argc == 3 ? pt2_program_new_from_file (argv[1], NULL, NULL, &error) : NULL;
  if (first != NULL && save_program (first, argv[2], &error))
    {
      g_autoptr (Pt2Program) second = pt2_program_new_from_file (argv[2], NULL, NULL, &error);
      if (second != NULL && same_json (first, second, &error))
        {
          printf ("the JSON of both is the same\n");
          return 0;
        }
    }
  fprintf (stderr, "save_program: %s\n", error != NULL ? error->message : "give a program and a name for the output");
  return 2;
}
