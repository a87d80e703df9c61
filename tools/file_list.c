/* SPDX-License-Identifier: Apache-2.0 */
#include "file_list.h"
#include "input.h"
#include "report.h"

typedef struct
{
  gpointer read; /* NULL: ERROR says why */
  GError *error;
} FileAnswer;

typedef struct
{
  const FileTask *task;
  gboolean single;
  Json json;
  int status;
  guint done, unread, other;
} List;

static gpointer
read_one (const NamedFile *file, guint n_threads, gpointer data)
{
  const List *list = data;
  FileAnswer *answer = g_new0 (FileAnswer, 1);
  input_watch_shrinking ();
  answer->read = list->task->read (file->path, n_threads, &answer->error);
  if (input_has_shrunk (&answer->error))
    g_clear_pointer (&answer->read, list->task->free);
  return answer;
}

static int
take_read (List *list, const char *path, gpointer read)
{
  const FileTask *task = list->task;
  GError *finding = task->finding != NULL ? task->finding (read) : NULL;
  task->show (list->single ? NULL : input_name (path), read, settings.json ? &list->json : NULL);
  task->free (read);
  fflush (stdout);
  list->done++;
  return finding != NULL ? report_finding (input_name (path), finding) : STATUS_FINE;
}

static int
take_error (List *list, const NamedFile *file, GError *error)
{
  if (!file->in_folder || !is_other_kind (pt2_error_get_id (error)))
    {
      list->unread++;
      return report_trouble (input_name (file->path), error);
    }
  list->other++;
  g_error_free (error);
  return STATUS_FINE;
}

static void
take_one (const NamedFile *file, gpointer data, gpointer into)
{
  List *list = into;
  g_autofree FileAnswer *answer = data;
  int status
      = answer->read != NULL ? take_read (list, file->path, answer->read) : take_error (list, file, answer->error);
  list->status = MAX (list->status, status);
}

static void
print_summary (const List *list, guint n)
{
  fprintf (stderr, "pt2: %u file%s: %u %s", n, n == 1 ? "" : "s", list->done, list->task->done);
  if (list->unread > 0)
    fprintf (stderr, ", %u that could not be read", list->unread);
  if (list->other > 0)
    fprintf (stderr, ", %u of other kinds", list->other);
  fputc ('\n', stderr);
}

int
answer_files (char *const *operands, int n, const FileTask *task)
{
  List list = { .task = task, .single = is_single_file (operands, n) };
  gboolean in_list = settings.json && !list.single;
  g_autoptr (GArray) files = find_files (operands, n);
  json_init (&list.json, stdout);
  if (in_list)
    json_open (&list.json, '[');
  work_on_files (files, read_one, take_one, &list);
  if (in_list)
    json_close (&list.json, ']');
  else if (!list.single && !settings.quiet && !settings.json)
    print_summary (&list, files->len);
  return list.status;
}
