/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_TMPFILE, renameat2 */
#endif
#include "save.h"
#include "sink.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
fail_write (int number, Pt2Status *status)
{
  return pt2_status_fail (status, PT2_ERROR_F002, PT2_NO_OFFSET, "%s", g_strerror (number));
}

static bool
fail_exists (Pt2Status *status)
{
  return pt2_status_fail (status, PT2_ERROR_F003, PT2_NO_OFFSET, "%s", "");
}

/* ---- before ---- */

/* What open() would give a new file: only asking for the mask by setting it is portable, and that
 * would change it for other threads, so the kernel's own word is taken where there is one. */
static unsigned
new_file_mode (void)
{
  g_autofree char *text = NULL;
  const char *line = NULL;
  if (g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    line = strstr (text, "\nUmask:");
  unsigned mask = line != NULL ? (unsigned)strtoul (line + strlen ("\nUmask:"), NULL, 8) : 022;
  return 0666 & ~mask;
}

/* Who the file is to replace. Through a link, so that the link stays and its target changes. */
static bool
look_at_target (Pt2Save *save, const char *path, Pt2Status *status)
{
  struct stat info;
  save->target = g_strdup (path);
  save->mode = new_file_mode ();
  if (stat (path, &info) != 0)
    {
      int number = errno;
      /* A link to nothing: neither the link nor what it means is ours to make. */
      if (lstat (path, &info) == 0)
        return save->replace ? fail_write (number, status) : fail_exists (status);
      return number == ENOENT || fail_write (number, status);
    }
  if (!S_ISREG (info.st_mode))
    return fail_write (S_ISDIR (info.st_mode) ? EISDIR : EINVAL, status);
  if (!save->replace)
    return fail_exists (status);
  save->mode = info.st_mode & 0777;
  char *real = realpath (path, NULL);
  if (real == NULL)
    return fail_write (errno, status);
  g_free (save->target);
  save->target = g_strdup (real);
  free (real);
  return true;
}

static char *
temporary_name (const Pt2Save *save)
{
  return g_build_filename (save->folder, ".pt2-XXXXXX", NULL);
}

static bool
open_named (Pt2Save *save, Pt2Status *status)
{
  g_autofree char *name = temporary_name (save);
  save->fd = g_mkstemp_full (name, O_RDWR | O_CLOEXEC, 0600);
  if (save->fd < 0)
    return fail_write (errno, status);
  save->temporary = g_steal_pointer (&name);
  return true;
}

static bool
open_nameless (Pt2Save *save, Pt2Status *status)
{
  save->folder = g_path_get_dirname (save->target);
  /* Without /proc a nameless file could not be named in the end. */
  if (access ("/proc/self/fd", F_OK) != 0)
    return open_named (save, status);
  save->fd = open (save->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (save->fd >= 0)
    return true;
  /* Old kernels and file systems without it take the folder for the file. */
  if (errno == EISDIR || errno == EOPNOTSUPP || errno == ENOENT || errno == EINVAL)
    return open_named (save, status);
  return fail_write (errno, status);
}

bool
pt2_save_begin (Pt2Save *save, const char *path, Pt2SaveFlags flags, Pt2Status *status)
{
  *save = (Pt2Save){ .fd = -1, .replace = (flags & PT2_SAVE_REPLACE) != 0 };
  if (look_at_target (save, path, status) && open_nameless (save, status))
    return true;
  pt2_save_abort (save);
  return false;
}

/* ---- after ---- */

static bool
link_open_file (int fd, const char *name)
{
  char own[64];
  g_snprintf (own, sizeof own, "/proc/self/fd/%d", fd);
  return linkat (AT_FDCWD, own, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
}

/* A name for a file that has none, to be renamed at once. */
static bool
name_for_now (Pt2Save *save, Pt2Status *status)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (int tries = 0; tries < 100; tries++)
    {
      g_autofree char *name = temporary_name (save);
      for (char *c = name + strlen (name) - 6; *c != '\0'; c++)
        *c = letters[g_random_int_range (0, (gint32)strlen (letters))];
      if (link_open_file (save->fd, name))
        {
          save->temporary = g_steal_pointer (&name);
          return true;
        }
      if (errno != EEXIST)
        break;
    }
  return fail_write (errno, status);
}

/* The name must still be free. Not all file systems can say that in one call. */
static bool
move_to_free_name (Pt2Save *save)
{
  if (renameat2 (AT_FDCWD, save->temporary, AT_FDCWD, save->target, RENAME_NOREPLACE) == 0)
    return true;
  if ((errno != EINVAL && errno != ENOSYS) || link (save->temporary, save->target) != 0)
    return false;
  unlink (save->temporary);
  return true;
}

static bool
put_in_place (Pt2Save *save, Pt2Status *status)
{
  bool placed;
  if (save->temporary == NULL && !save->replace)
    placed = link_open_file (save->fd, save->target);
  else if (save->temporary == NULL && !name_for_now (save, status))
    return false;
  else
    placed = save->replace ? rename (save->temporary, save->target) == 0 : move_to_free_name (save);
  if (!placed)
    return errno == EEXIST ? fail_exists (status) : fail_write (errno, status);
  g_clear_pointer (&save->temporary, g_free); /* nothing to take away any more */
  return true;
}

/* So that the new name survives a crash; not all file systems can, and that is no fault of ours. */
static void
sync_folder (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

bool
pt2_save_commit (Pt2Save *save, Pt2Status *status)
{
  bool fine = fchmod (save->fd, save->mode) == 0 && fsync (save->fd) == 0;
  if (!fine)
    fail_write (errno, status);
  fine = fine && put_in_place (save, status);
  if (fine)
    sync_folder (save->folder);
  pt2_save_abort (save);
  return fine;
}

/* What close() could complain of, fsync() has said. */
void
pt2_save_abort (Pt2Save *save)
{
  if (save->temporary != NULL)
    unlink (save->temporary);
  if (save->fd >= 0)
    close (save->fd);
  save->fd = -1;
  g_clear_pointer (&save->temporary, g_free);
  g_clear_pointer (&save->target, g_free);
  g_clear_pointer (&save->folder, g_free);
}

gboolean
pt2_save_func (const char *path, Pt2SaveFlags flags, Pt2SaveFunc func, gpointer data, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Save save;
  if (!pt2_save_begin (&save, path, flags, &status))
    return pt2_status_to_error (&status, error);
  if (!func (save.fd, data, error))
    {
      pt2_save_abort (&save);
      return FALSE;
    }
  return pt2_save_commit (&save, &status) || pt2_status_to_error (&status, error);
}

typedef struct
{
  GBytes *bytes;
  Pt2ProgressFunc progress;
  gpointer data;
} Saved;

static gboolean
write_bytes (int fd, gpointer data, GError **error)
{
  const Saved *saved = data;
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Sink sink;
  size_t len;
  const void *from = g_bytes_get_data (saved->bytes, &len);
  bool fine = pt2_sink_to_fd (&sink, fd, &status);
  if (fine)
    {
      pt2_sink_expect_flush (&sink);
      pt2_sink_watch (&sink, saved->progress, saved->data, len);
      fine = pt2_sink_put (&sink, from, len, &status) && pt2_sink_finish (&sink, &status);
      pt2_sink_clear (&sink);
    }
  return fine || pt2_status_to_error (&status, error);
}

gboolean
pt2_save_bytes (const char *path, GBytes *bytes, Pt2SaveFlags flags, Pt2ProgressFunc progress, gpointer data,
                GError **error)
{
  Saved saved = { bytes, progress, data };
  return pt2_save_func (path, flags, write_bytes, &saved, error);
}
