/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"
#include "report.h"
#include "show.h"
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

gboolean
is_other_kind (const char *id)
{
  static const Pt2ErrorCode codes[]
      = { PT2_ERROR_K002, PT2_ERROR_K004, PT2_ERROR_K005, PT2_ERROR_K006, PT2_ERROR_K007,
          PT2_ERROR_K008, PT2_ERROR_K009, PT2_ERROR_K010, PT2_ERROR_K011, PT2_ERROR_K012,
          PT2_ERROR_K013, PT2_ERROR_K014, PT2_ERROR_K015, PT2_ERROR_K016, PT2_ERROR_K017 };
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_strcmp0 (pt2_error_code_id (codes[i]), id) == 0)
      return TRUE;
  return FALSE;
}

/* ---- many at once ---- */

static guint n_given;

gboolean
set_threads (const char *value, GError **error)
{
  guint64 n;
  if (g_ascii_string_to_unsigned (value, 10, 1, 256, &n, NULL))
    {
      n_given = (guint)n;
      return TRUE;
    }
  g_autofree char *shown = escaped (value, -1);
  set_error (error, PT2_ERROR_U002, "1 to 256 threads were expected, not \"%s\"", shown);
  return FALSE;
}

guint
threads_given (void)
{
  return n_given;
}

typedef struct
{
  GArray *files; /* NamedFile */
  FileWork work;
  gpointer data;
  guint n_threads;   /* for each file */
  gint next;         /* atomic: number of the file to take */
  GAsyncQueue *done; /* Answer */
} Work;

typedef struct
{
  const NamedFile *file;
  gpointer answer;
} Answer;

static gpointer
work_on (gpointer data)
{
  Work *work = data;
  guint number;
  while ((number = (guint)g_atomic_int_add (&work->next, 1)) < work->files->len)
    {
      const NamedFile *file = &g_array_index (work->files, NamedFile, number);
      Answer *answer = g_new (Answer, 1);
      *answer = (Answer){ file, work->work (file, work->n_threads, work->data) };
      g_async_queue_push (work->done, answer);
    }
  return NULL;
}

void
work_on_files (GArray *files, FileWork work, FileTake take, gpointer data)
{
  guint given = MAX (n_given, 1), n = MIN (given, files->len);
  Work all = { files, work, data, given / MAX (n, 1), 0, g_async_queue_new () };
  g_autofree GThread **threads = g_new0 (GThread *, n);
  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new ("file", work_on, &all);
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree Answer *answer = g_async_queue_pop (all.done);
      take (answer->file, answer->answer, data);
    }
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  g_async_queue_unref (all.done);
}
