/* SPDX-License-Identifier: Apache-2.0 */
/* Saving when the system fails, at each of its calls in turn: an error, the old file as it was, and nothing beside
 * it. The same when the process is killed there. The linker sends the library's own calls through here.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* copy_file_range */
#endif
#include "pt2-archive-writer.h"
#include "suite.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the system's calls ---- */

typedef enum
{
  NEVER,
  FAIL, /* with ENOSPC, or EIO where that cannot be */
  KILL, /* the process, before the call */
} Deed;

static Deed deed;
static bool named;     /* there are no nameless files, as on an older file system */
static int which = -1; /* the call that it is done to */
static int calls;      /* so far */
static bool done;

static bool
is_hit (void)
{
  if ((deed != FAIL && deed != KILL) || calls++ != which)
    return false;
  if (deed == KILL)
    raise (SIGKILL);
  done = true;
  errno = ENOSPC;
  return true;
}

#define WRAP(type, name, parameters, arguments)                                                                        \
  type __real_##name parameters;                                                                                       \
  type __wrap_##name parameters;                                                                                       \
  type __wrap_##name parameters                                                                                        \
  {                                                                                                                    \
    return is_hit () ? (type)-1 : __real_##name arguments;                                                             \
  }

WRAP (ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len))
WRAP (ssize_t, copy_file_range, (int a, off_t *b, int c, off_t *d, size_t len, unsigned flags),
      (a, b, c, d, len, flags))
WRAP (int, fsync, (int fd), (fd))
WRAP (int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAP (int, ftruncate64, (int fd, off_t size), (fd, size))
WRAP (int, rename, (const char *from, const char *to), (from, to))
WRAP (int, renameat2, (int a, const char *from, int b, const char *to, unsigned flags), (a, from, b, to, flags))
WRAP (int, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags))
WRAP (int, link, (const char *from, const char *to), (from, to))

int __real_open64 (const char *path, int flags, ...);
int __wrap_open64 (const char *path, int flags, ...);

int
__wrap_open64 (const char *path, int flags, ...)
{
  va_list more;
  va_start (more, flags);
  mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg (more, mode_t) : 0;
  va_end (more);
  if (named && (flags & O_TMPFILE) == O_TMPFILE)
    {
      errno = EOPNOTSUPP;
      return -1;
    }
  return is_hit () ? -1 : __real_open64 (path, flags, mode);
}

/* ---- one save ---- */

static char *folder, *target;
static const char old_text[] = "what was there before";

enum
{
  LARGE = 9 << 20,
};

static void
set_up (bool exists)
{
  deed = NEVER;
  folder = g_dir_make_tmp ("pt2-save-XXXXXX", NULL);
  ck_assert_ptr_nonnull (folder);
  target = g_build_filename (folder, "m.pt2", NULL);
  if (exists)
    ck_assert (g_file_set_contents (target, old_text, sizeof old_text - 1, NULL));
}

static void
tear_down (void)
{
  deed = NEVER;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      unlink (path);
    }
  rmdir (folder);
  g_clear_pointer (&folder, g_free);
  g_clear_pointer (&target, g_free);
}

/* A file to copy from: with data, a hole, and data again. */
static int
source_file (void)
{
  g_autofree char *name = g_build_filename (g_get_tmp_dir (), "pt2-from-XXXXXX", NULL);
  int fd = g_mkstemp (name);
  ck_assert_int_ge (fd, 0);
  unlink (name);
  ck_assert_int_eq (pwrite (fd, "start", 5, 0), 5);
  ck_assert_int_eq (pwrite (fd, "end", 3, LARGE - 3), 3);
  return fd;
}

/* Small records, memory, a copied range, and zeros at the very end of a record. */
static Pt2ArchiveWriter *
make_writer (int from)
{
  g_autoptr (GError) error = NULL;
  Pt2ArchiveWriter *writer = pt2_archive_writer_new ("m", &error);
  g_autofree char *noise = g_malloc (1 << 20);
  memset (noise, 'n', 1 << 20);
  g_autoptr (GBytes) bytes = g_bytes_new (noise, 1 << 20), text = g_bytes_new ("{}", 2);
  g_autoptr (Pt2Source) copied = pt2_source_new_file (from, 0, LARGE, &error), large = pt2_source_new_bytes (bytes),
                        small = pt2_source_new_bytes (text);
  ck_assert (pt2_archive_writer_add (writer, "data/weights/weight_0", copied, &error));
  ck_assert (pt2_archive_writer_add (writer, "data/weights/weight_1", large, &error));
  ck_assert (pt2_archive_writer_add (writer, "models/model.json", small, &error));
  return writer;
}

static gboolean
save (bool replace, GError **error)
{
  int from = source_file ();
  g_autoptr (Pt2ArchiveWriter) writer = make_writer (from);
  calls = 0;
  done = false;
  gboolean fine
      = pt2_archive_writer_save (writer, target, replace ? PT2_SAVE_REPLACE : PT2_SAVE_NEW, NULL, NULL, error);
  close (from);
  return fine;
}

static guint
count_files (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static bool
is_old (void)
{
  g_autofree char *text = NULL;
  gsize len;
  return g_file_get_contents (target, &text, &len, NULL) && len == sizeof old_text - 1
         && memcmp (text, old_text, len) == 0;
}

static bool
is_whole (const char *path)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, NULL);
  guint n = 0;
  const Pt2Record *records = archive != NULL ? pt2_archive_get_records (archive, &n) : NULL;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) bytes = pt2_archive_read (archive, records[i].name, NULL);
      if (bytes == NULL)
        return false;
    }
  return n == 8;
}

/* ---- failures ---- */

/* A new file, and replacing one; with nameless files, and without. */
START_TEST (test_failed_calls)
{
  bool replace = _i & 1;
  named = (_i & 2) != 0;
  int n = 0;
  for (which = 0; which < 200; which++)
    {
      g_autoptr (GError) error = NULL;
      set_up (replace);
      deed = FAIL;
      gboolean fine = save (replace, &error);
      deed = NEVER;
      bool hit = done;
      /* Flushing the folder may fail: not all file systems can. */
      if (fine)
        ck_assert_msg (is_whole (target), "call %d: not whole", which);
      else
        {
          ck_assert_msg (hit && error != NULL && g_error_matches (error, PT2_ERROR, PT2_ERROR_F002), "call %d: %s",
                         which, error != NULL ? error->message : "no error");
          ck_assert_msg (replace ? is_old () : !g_file_test (target, G_FILE_TEST_EXISTS), "call %d", which);
          n++;
        }
      ck_assert_msg (count_files () == (fine || replace ? 1 : 0), "call %d: debris", which);
      tear_down ();
      if (!hit)
        break;
    }
  ck_assert_int_ge (n, 8);
  ck_assert_int_lt (which, 200);
  named = false;
}
END_TEST

/* Where there are no nameless files all works with a name for the time being. */
START_TEST (test_named)
{
  for (int replace = 0; replace < 2; replace++)
    {
      g_autoptr (GError) error = NULL;
      set_up (replace);
      named = true;
      ck_assert_msg (save (replace, &error), "%s", error != NULL ? error->message : "");
      named = false;
      ck_assert (is_whole (target));
      ck_assert_uint_eq (count_files (), 1);
      tear_down ();
    }
}
END_TEST

/* ---- a process that is killed ---- */

static bool
is_killed_saving (bool replace)
{
  int state = 0;
  pid_t child = fork ();
  ck_assert_int_ge (child, 0);
  if (child == 0)
    {
      deed = KILL;
      save (replace, NULL);
      _exit (0);
    }
  ck_assert_int_eq (waitpid (child, &state, 0), child);
  return WIFSIGNALED (state) && WTERMSIG (state) == SIGKILL;
}

/* The one moment that leaves something: between the name for now and the rename. What it leaves is whole. */
static void
expect_at_most_one_whole (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;
  for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      if (strcmp (name, "m.pt2") == 0)
        continue;
      ck_assert_msg (g_str_has_prefix (name, ".pt2-") && is_whole (path), "%s", name);
      n++;
    }
  ck_assert_uint_le (n, 1);
}

START_TEST (test_killed)
{
  bool replace = _i == 1, killed = true;
  int left = 0;
  for (which = 0; killed && which < 200; which++)
    {
      set_up (replace);
      killed = is_killed_saving (replace);
      if (killed && count_files () > 1)
        {
          expect_at_most_one_whole ();
          left++;
        }
      if (g_file_test (target, G_FILE_TEST_EXISTS))
        ck_assert_msg ((replace && is_old ()) || is_whole (target), "call %d: neither old nor new", which);
      else
        ck_assert (!replace && count_files () == 0);
      tear_down ();
    }
  ck_assert (!killed);
  ck_assert_int_ge (which, 8);
  ck_assert_int_le (left, replace ? 1 : 0);
}
END_TEST

/* ---- stopped, and in the way ---- */

static gboolean
stop_at (guint64 bytes, guint64 total, gpointer data)
{
  return bytes < *(const guint64 *)data;
}

START_TEST (test_stopped)
{
  static const guint64 limits[] = { 0, 1, 8 << 20 };
  for (size_t i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autoptr (GError) error = NULL;
      int from = source_file ();
      g_autoptr (Pt2ArchiveWriter) writer = make_writer (from);
      set_up (true);
      ck_assert (!pt2_archive_writer_save (writer, target, PT2_SAVE_REPLACE, stop_at, (gpointer)&limits[i], &error));
      ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_F006));
      ck_assert (is_old ());
      ck_assert_uint_eq (count_files (), 1);
      tear_down ();
      close (from);
    }
}
END_TEST

START_TEST (test_in_the_way)
{
  g_autoptr (GError) error = NULL;
  set_up (true);
  ck_assert (!save (false, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_F003));
  ck_assert (is_old ());
  g_clear_error (&error);
  unlink (target);
  ck_assert_int_eq (mkdir (target, 0700), 0);
  ck_assert (!save (true, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_F002));
  rmdir (target);
  /* Nothing but a regular file is replaced. */
  g_clear_error (&error);
  ck_assert_int_eq (mkfifo (target, 0600), 0);
  ck_assert (!save (true, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_F002));
  tear_down ();
}
END_TEST

/* The file of a link is replaced, its permissions stay, and the link does too. */
START_TEST (test_link_and_mode)
{
  struct stat info;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = g_bytes_new ("new", 3);
  set_up (true);
  chmod (target, 0640);
  g_autofree char *link_path = g_build_filename (folder, "link", NULL);
  ck_assert_int_eq (symlink ("m.pt2", link_path), 0);
  ck_assert (pt2_save_bytes (link_path, text, PT2_SAVE_REPLACE, NULL, NULL, &error));
  ck_assert_int_eq (lstat (link_path, &info), 0);
  ck_assert (S_ISLNK (info.st_mode));
  ck_assert_int_eq (stat (target, &info), 0);
  ck_assert_int_eq (info.st_mode & 0777, 0640);
  ck_assert_int_eq (info.st_size, 3);
  tear_down ();
}
END_TEST

/* Memory that is all zeros takes no room on the disk. */
START_TEST (test_sparse)
{
  struct stat info;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) zeros = g_bytes_new_take (g_malloc0 (LARGE), LARGE);
  g_autofree char *back = NULL;
  gsize len;
  set_up (false);
  ck_assert (pt2_save_bytes (target, zeros, PT2_SAVE_NEW, NULL, NULL, &error));
  ck_assert_int_eq (stat (target, &info), 0);
  ck_assert_int_eq (info.st_size, LARGE);
  ck_assert_int_lt (info.st_blocks * 512, 1 << 20);
  ck_assert (g_file_get_contents (target, &back, &len, NULL));
  ck_assert_mem_eq (back, g_bytes_get_data (zeros, NULL), LARGE);
  tear_down ();
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { test_failed_calls, 4 }, { test_named, 1 },         { test_killed, 2 }, { test_stopped, 1 },
    { test_in_the_way, 1 },   { test_link_and_mode, 1 }, { test_sparse, 1 },
  };
  return RUN_SUITE ("save_faults", cases);
}
