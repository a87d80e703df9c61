/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over the files of the folders named on the command line. */
#include <glib.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static int
replay_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  int n = 0;
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *data = NULL;
      size_t len = 0;
      if (!g_file_get_contents (path, &data, &len, NULL))
        continue;
      /* An exact-size copy, so that a sanitizer sees any read past the end. */
      uint8_t *exact = g_memdup2 (data, len);
      LLVMFuzzerTestOneInput (exact, len);
      g_free (exact);
      n++;
    }
  return n;
}

int
main (int argc, char **argv)
{
  int n = 0;
  for (int i = 1; i < argc; i++)
    n += replay_folder (argv[i]);
  printf ("%d seeds replayed\n", n);
  return n > 0 ? 0 : 1;
}
