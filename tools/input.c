/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "report.h"
#include "show.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
input_name (const char *path)
{
  if (strcmp (path, "-") == 0)
    return "standard input";
  return *path != '\0' ? path : "\"\"";
}

static void
fail_read (int number, GError **error)
{
  set_error (error, PT2_ERROR_F001, "%s", g_strerror (number));
}

/* ---- files that shrink while they are mapped ---- */

static char shrunk_message[512];
static gsize shrunk_length;
/* Of each thread: does it go on with zeros, and did it have to? */
static __thread gboolean goes_on;
static __thread volatile sig_atomic_t has_shrunk;

/* Zeros where the file ended: what is read of it is worth nothing, but the reader lives to say so. */
static gboolean
put_zeros (char *address)
{
  gsize size = (gsize)sysconf (_SC_PAGESIZE);
  char *page = address - (guintptr)address % size;
  return mmap (page, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

static void
on_shrunk (int signal_number, siginfo_t *info, void *context)
{
  int number = errno;
  if (goes_on && info->si_code == BUS_ADRERR && put_zeros (info->si_addr))
    {
      has_shrunk = TRUE;
      errno = number;
      return;
    }
  if (write (STDERR_FILENO, shrunk_message, shrunk_length) < 0)
    _exit (STATUS_TROUBLE);
  _exit (STATUS_TROUBLE);
}

void
input_watch_shrinking (void)
{
  goes_on = TRUE;
  has_shrunk = FALSE;
}

gboolean
input_has_shrunk (GError **error)
{
  gboolean shrunk = has_shrunk;
  goes_on = has_shrunk = FALSE;
  if (shrunk)
    {
      g_clear_error (error);
      set_error (error, PT2_ERROR_F005, "%s", "what was read of it is not the file's");
    }
  return shrunk;
}

/* The message is made now: in the handler nothing may be. */
static void
watch_mapping (const char *path)
{
  static GMutex making;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&making);
  const char *id = pt2_error_code_id (PT2_ERROR_F005), *next = pt2_error_code_next (PT2_ERROR_F005);
  const char *summary = pt2_error_code_summary (PT2_ERROR_F005);
  g_autofree char *name = escaped (path, -1);
  if (settings.json)
    g_snprintf (shrunk_message, sizeof shrunk_message,
                "{\"file\": null, \"where\": null, \"id\": \"%s\", \"message\": \"%s; %s\"}\n", id, summary, next);
  else
    g_snprintf (shrunk_message, sizeof shrunk_message, "pt2: %.200s: %s: %s; %s\n", name, id, summary, next);
  shrunk_length = strlen (shrunk_message);
  struct sigaction action = { .sa_sigaction = on_shrunk, .sa_flags = SA_SIGINFO };
  sigaction (SIGBUS, &action, NULL);
}

/* ---- reading ---- */

static GBytes *
map_file (int fd, const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new_from_fd (fd, FALSE, &cause);
  if (file == NULL)
    {
      set_error (error, PT2_ERROR_F001, "%s", cause->message);
      return NULL;
    }
  watch_mapping (path);
  return g_mapped_file_get_bytes (file);
}

/* What cannot be mapped: grows with what really comes. */
static GBytes *
read_stream (int fd, GError **error)
{
  gsize room = 0, len = 0;
  char *data = NULL;
  for (;;)
    {
      if (len == room)
        {
          gsize more = room < 65536 ? 65536 : room < G_MAXSSIZE / 2 ? 2 * room : 0;
          char *grown = more > 0 ? g_try_realloc (data, more) : NULL;
          if (grown == NULL)
            {
              set_error (error, PT2_ERROR_L001, "after %" G_GSIZE_FORMAT " bytes of input", len);
              break;
            }
          data = grown;
          room = more;
        }
      gssize n = read (fd, data + len, room - len);
      if (n > 0 && (len += (gsize)n) > settings.limits.memory)
        {
          set_error (error, PT2_ERROR_L003, "%s", "a stream is held in memory as a whole");
          break;
        }
      if (n > 0)
        continue;
      if (n == 0)
        return g_bytes_new_take (data, len);
      if (errno != EINTR)
        {
          fail_read (errno, error);
          break;
        }
    }
  g_free (data);
  return NULL;
}

/* A descriptor that somebody has read from already is taken from where it stands. */
static gboolean
is_whole_file (int fd)
{
  struct stat info;
  return fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && lseek (fd, 0, SEEK_CUR) == 0;
}

static GBytes *
read_descriptor (int fd, const char *path, GError **error)
{
  return is_whole_file (fd) ? map_file (fd, path, error) : read_stream (fd, error);
}

static int
open_input (const char *path, GError **error)
{
  int fd = strcmp (path, "-") == 0 ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    fail_read (errno, error);
  return fd;
}

static void
close_input (int fd)
{
  if (fd >= 0 && fd != STDIN_FILENO)
    close (fd);
}

GBytes *
input_bytes (const char *path, GError **error)
{
  int fd = open_input (path, error);
  GBytes *bytes = fd >= 0 ? read_descriptor (fd, input_name (path), error) : NULL;
  close_input (fd);
  return bytes;
}

/* A file keeps its descriptor: what is written from it can be copied without being read. */
static Pt2Archive *
open_archive (int fd, const char *path, GError **error)
{
  if (is_whole_file (fd))
    {
      watch_mapping (path);
      return pt2_archive_new_from_fd (fd, &settings.limits, error);
    }
  g_autoptr (GBytes) bytes = read_stream (fd, error);
  return bytes != NULL ? pt2_archive_new_from_bytes (bytes, &settings.limits, error) : NULL;
}

Pt2Archive *
input_archive (const char *path)
{
  GError *error = NULL;
  int fd = open_input (path, &error);
  Pt2Archive *archive = fd >= 0 ? open_archive (fd, input_name (path), &error) : NULL;
  close_input (fd);
  if (archive == NULL)
    report_trouble (input_name (path), error);
  return archive;
}

Pt2Program *
input_program (const char *path)
{
  GError *error = NULL;
  g_autoptr (GBytes) bytes = input_bytes (path, &error);
  Pt2Program *program
      = bytes != NULL ? pt2_program_new_from_data (bytes, settings.model, &settings.limits, &error) : NULL;
  if (program == NULL)
    report_trouble (input_name (path), error);
  return program;
}
