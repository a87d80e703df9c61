/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_TMPFILE, renameat2 */
#endif
#include "folder.h"
#include "report.h"
#include "unsafe.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  PART_MOST = 180, /* bytes of one part of a path; file systems take 255 */
};

static gboolean
fail (int number, GError **error)
{
  if (number == EEXIST)
    set_error (error, PT2_ERROR_F003, "%s", "");
  else if (number == ELOOP || number == ENOTDIR)
    set_error (error, PT2_ERROR_F002, "a link or a file stands where a folder should");
  else
    set_error (error, PT2_ERROR_F002, "%s", g_strerror (number));
  return FALSE;
}

/* ---- opening ---- */

static gboolean
is_empty (int fd)
{
  int own = openat (fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *list = own >= 0 ? fdopendir (own) : NULL;
  gboolean empty = list != NULL;
  const struct dirent *entry;
  while (empty && (entry = readdir (list)) != NULL)
    empty = strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0;
  if (list != NULL)
    closedir (list);
  else if (own >= 0)
    close (own);
  return empty;
}

gboolean
folder_open (Folder *folder, const char *path, GError **error)
{
  *folder = (Folder){ .fd = -1 };
  if (mkdir (path, 0777) != 0 && errno != EEXIST)
    return fail (errno, error);
  folder->fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder->fd < 0)
    return fail (errno, error);
  folder->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return settings.force || is_empty (folder->fd) || fail (EEXIST, error);
}

gboolean
folder_open_there (Folder *folder, const char *path, GError **error)
{
  *folder = (Folder){ .fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
  if (folder->fd >= 0)
    return TRUE;
  set_error (error, PT2_ERROR_F001, "%s", g_strerror (errno));
  return FALSE;
}

void
folder_close (Folder *folder)
{
  if (folder->fd >= 0)
    close (folder->fd);
  g_clear_pointer (&folder->taken, g_hash_table_unref);
  folder->fd = -1;
}

/* ---- names ---- */

static gboolean
is_safe (gunichar c, gboolean first)
{
  return !is_unsafe (c) && c != 0x7f && strchr ("/\\:*?\"<>|%", (int)MIN (c, 0x7f)) == NULL && !(first && c == '~');
}

/* One part of a path. Bytes that are not safe come as %XX; "." and ".." are not left. */
static void
append_part (GString *out, const char *name, gsize len)
{
  gsize start = out->len;
  gboolean dots = len > 0 && len <= 2 && strspn (name, ".") >= len;
  for (gsize i = 0; i < len && out->len - start < PART_MOST;)
    {
      gunichar c = name[i] != '\0' ? g_utf8_get_char_validated (name + i, (gssize)(len - i)) : 0;
      gsize n = (gint32)c >= 0 && c != 0 ? (gsize)g_unichar_to_utf8 (c, NULL) : 1;
      if ((gint32)c > 0 && is_safe (c, i == 0) && !dots)
        g_string_append_len (out, name + i, (gssize)n);
      else
        for (gsize k = 0; k < n; k++)
          g_string_append_printf (out, "%%%02X", (guchar)name[i + k]);
      i += n;
    }
  if (out->len == start)
    g_string_append_c (out, '_');
}

static void
append_parts (GString *out, const char *name, gsize len, gboolean slashes)
{
  while (slashes)
    {
      const char *slash = memchr (name, '/', len);
      if (slash == NULL)
        break;
      append_part (out, name, (gsize)(slash - name));
      g_string_append_c (out, '/');
      len -= (gsize)(slash + 1 - name);
      name = slash + 1;
    }
  append_part (out, name, len);
}

char *
folder_name (Folder *folder, const char *under, const char *name, gsize len, gboolean slashes, const char *suffix)
{
  g_autoptr (GString) base = g_string_new (under);
  append_parts (base, name, len, slashes);
  g_autofree char *first = g_strconcat (base->str, suffix, NULL);
  g_autofree char *first_key = g_utf8_casefold (first, -1);
  guint again = GPOINTER_TO_UINT (g_hash_table_lookup (folder->taken, first_key)) + 1;
  if (again == 1)
    {
      g_hash_table_insert (folder->taken, g_steal_pointer (&first_key), GUINT_TO_POINTER (1));
      return g_steal_pointer (&first);
    }
  for (;; again++)
    {
      g_autofree char *path = g_strdup_printf ("%s~%u%s", base->str, again, suffix);
      g_autofree char *key = g_utf8_casefold (path, -1);
      if (g_hash_table_contains (folder->taken, key))
        continue;
      g_hash_table_insert (folder->taken, g_steal_pointer (&key), GUINT_TO_POINTER (1));
      g_hash_table_insert (folder->taken, g_steal_pointer (&first_key), GUINT_TO_POINTER (again));
      return g_steal_pointer (&path);
    }
}

/* ---- files ---- */

/* The folder that PATH lies in, made where it is missing, and the name in it. */
static int
open_parent (int top, const char *path, const char **name)
{
  int at = openat (top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const char *slash;
  while (at >= 0 && (slash = strchr (path, '/')) != NULL)
    {
      g_autofree char *part = g_strndup (path, (gsize)(slash - path));
      int next = mkdirat (at, part, 0777) == 0 || errno == EEXIST
                     ? openat (at, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                     : -1;
      int number = errno;
      close (at);
      errno = number;
      at = next;
      path = slash + 1;
    }
  *name = path;
  return at;
}

/* A file without a name, so that nothing is left of it if the command is killed; or one with a name of its own. */
static int
open_unnamed (int at, char *temporary, gsize size)
{
  static guint count;
  int fd = openat (at, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  temporary[0] = '\0';
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return fd;
  g_snprintf (temporary, size, ".pt2-%d-%u", (int)getpid (), count++);
  return openat (at, temporary, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666);
}

static gboolean
give_name (int fd, int at, const char *name)
{
  char source[40];
  g_snprintf (source, sizeof source, "/proc/self/fd/%d", fd);
  return linkat (AT_FDCWD, source, at, name, AT_SYMLINK_FOLLOW) == 0;
}

static gboolean
put_in_place (int fd, int at, char *temporary, gsize size, const char *name)
{
  if (temporary[0] == '\0' && give_name (fd, at, name))
    return TRUE;
  if (temporary[0] == '\0')
    {
      if (errno != EEXIST || !settings.force)
        return FALSE;
      g_snprintf (temporary, size, ".pt2-%d-new", (int)getpid ());
      if (!give_name (fd, at, temporary))
        {
          temporary[0] = '\0';
          return FALSE;
        }
    }
  if (settings.force ? renameat (at, temporary, at, name) != 0
                     : renameat2 (at, temporary, at, name, RENAME_NOREPLACE) != 0)
    return FALSE;
  temporary[0] = '\0';
  return TRUE;
}

static gboolean
write_at (int at, const char *name, OutputFill fill, gpointer data, GError **error)
{
  char temporary[64];
  int fd = open_unnamed (at, temporary, sizeof temporary);
  if (fd < 0)
    return fail (errno, error);
  gboolean fine = fill (fd, data, error);
  if (fine && !put_in_place (fd, at, temporary, sizeof temporary, name))
    fine = fail (errno, error);
  if (temporary[0] != '\0')
    unlinkat (at, temporary, 0);
  if (close (fd) != 0 && fine)
    fine = fail (errno, error);
  return fine;
}

gboolean
folder_write (Folder *folder, const char *path, OutputFill fill, gpointer data, GError **error)
{
  const char *name;
  int at = open_parent (folder->fd, path, &name);
  if (at < 0)
    return fail (errno, error);
  gboolean fine = write_at (at, name, fill, data, error);
  close (at);
  return fine;
}

/* ---- reading ---- */

static int
fail_read (const char *path, const char *why, GError **error)
{
  g_autofree char *shown = g_strescape (path, NULL);
  set_error (error, PT2_ERROR_F001, "\"%s\": %s", shown, why);
  return -1;
}

/* One part of a path after the other, none of them a link. */
static int
open_below (int top, char **parts)
{
  int at = openat (top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (; at >= 0 && *parts != NULL; parts++)
    {
      int kind = parts[1] != NULL ? O_DIRECTORY : O_NONBLOCK;
      int next = openat (at, *parts, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | kind);
      int number = errno;
      close (at);
      errno = number;
      at = next;
    }
  return at;
}

int
folder_read (Folder *folder, const char *path, GError **error)
{
  struct stat info;
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  for (char **part = parts; *part != NULL || part == parts; part++)
    if (*part == NULL || **part == '\0' || strcmp (*part, ".") == 0 || strcmp (*part, "..") == 0)
      return fail_read (path, "not a path below the folder", error);
  int fd = open_below (folder->fd, parts);
  if (fd < 0)
    return fail_read (path, errno == ELOOP ? "a link" : g_strerror (errno), error);
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
    return fd;
  close (fd);
  return fail_read (path, "not a regular file", error);
}
