/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum
{
  DEEPEST = 64, /* folders in folders */
};

static void
clear_file (gpointer file)
{
  g_free (((NamedFile *)file)->path);
}

static void
add_file (GArray *files, const char *path, gboolean in_folder)
{
  NamedFile file = { g_strdup (path), in_folder };
  g_array_append_val (files, file);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void add_folder (GArray *files, const char *path, guint depth);

static void
add_entry (GArray *files, const char *path, guint depth)
{
  struct stat info;
  if (lstat (path, &info) != 0)
    return;
  if (S_ISDIR (info.st_mode) && depth < DEEPEST)
    add_folder (files, path, depth + 1);
  else if (S_ISREG (info.st_mode) || (S_ISLNK (info.st_mode) && g_file_test (path, G_FILE_TEST_IS_REGULAR)))
    add_file (files, path, TRUE);
}

static void
add_folder (GArray *files, const char *path, guint depth)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;
  if (folder == NULL)
    {
      add_file (files, path, FALSE);
      return;
    }
  while ((name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_build_filename (path, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    add_entry (files, names->pdata[i], depth);
}

static gboolean
is_folder (const char *path)
{
  return strcmp (path, "-") != 0 && g_file_test (path, G_FILE_TEST_IS_DIR);
}

GArray *
find_files (char *const *operands, int n)
{
  GArray *files = g_array_new (FALSE, FALSE, sizeof (NamedFile));
  g_array_set_clear_func (files, clear_file);
  for (int i = 0; i < n; i++)
    is_folder (operands[i]) ? add_folder (files, operands[i], 0) : add_file (files, operands[i], FALSE);
  return files;
}

gboolean
is_single_file (char *const *operands, int n)
{
  return n == 1 && !is_folder (operands[0]);
}
