/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"
#include "report.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
fail_write (int number, GError **error)
{
  set_error (error, PT2_ERROR_F002, "%s", g_strerror (number));
  return FALSE;
}

/* Printable ASCII and line breaks: what a terminal shows as it is. */
static gboolean
is_plain (GBytes *bytes)
{
  gsize len;
  const guchar *data = g_bytes_get_data (bytes, &len);
  for (gsize i = 0; i < len; i++)
    if ((data[i] < 0x20 && data[i] != '\n' && data[i] != '\t') || data[i] >= 0x7f)
      return FALSE;
  return TRUE;
}

gboolean
output_put (int fd, gconstpointer bytes, gsize len, GError **error)
{
  const char *data = bytes;
  for (gsize done = 0; done < len;)
    {
      if (!output_goes_on ())
        {
          set_error (error, PT2_ERROR_F006, "%s", "");
          return FALSE;
        }
      gssize n = write (fd, data + done, MIN (len - done, (gsize)8 << 20));
      if (n >= 0)
        done += (gsize)n;
      else if (errno == EFAULT)
        {
          /* The bytes are a view into a mapped file that ends before them by now. */
          set_error (error, PT2_ERROR_F005, "%s", "");
          return FALSE;
        }
      else if (errno == EPIPE)
        _exit (STATUS_TROUBLE); /* the reader went away where SIGPIPE is ignored: no news for anybody */
      else if (errno != EINTR)
        return fail_write (errno, error);
    }
  return TRUE;
}

/* What is to be written: bytes that are there, or whatever FILL puts. */
typedef struct
{
  GBytes *bytes; /* NULL: FILL */
  OutputFill fill;
  gpointer data;
} Content;

static gboolean
write_all (int fd, const Content *content, GError **error)
{
  gsize len;
  if (content->bytes == NULL)
    return content->fill (fd, content->data, error);
  const void *data = g_bytes_get_data (content->bytes, &len);
  return output_put (fd, data, len, error);
}

/* A terminal, a pipe, a device: written as it is, there is nothing to replace. */
static gboolean
write_stream (int fd, const Content *content, GError **error)
{
  if (!settings.force && isatty (fd) && (content->bytes == NULL || !is_plain (content->bytes)))
    {
      set_error (error, PT2_ERROR_F004, "%s", "");
      return FALSE;
    }
  return write_all (fd, content, error);
}

static gboolean
write_special (const char *path, const Content *content, GError **error)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return fail_write (errno, error);
  gboolean fine = write_stream (fd, content, error);
  if (close (fd) != 0 && fine)
    return fail_write (errno, error);
  return fine;
}

/* ---- files ---- */

/* A signal that ends the command, while a file is made: it is taken away first. */
static volatile sig_atomic_t stopped;

static void
on_signal (int number)
{
  stopped = number;
}

gboolean
output_goes_on (void)
{
  return stopped == 0;
}

/* The second of two signals ends the command at once. */
static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

static void
watch_signals (struct sigaction old[G_N_ELEMENTS (numbers)])
{
  const struct sigaction ours = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND | SA_RESTART };
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (sigaction (numbers[i], NULL, &old[i]) == 0 && old[i].sa_handler != SIG_IGN)
      sigaction (numbers[i], &ours, NULL);
}

static void
end_watch (const struct sigaction old[G_N_ELEMENTS (numbers)])
{
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaction (numbers[i], &old[i], NULL);
  if (stopped != 0)
    raise (stopped);
}

static gboolean
fill_file (int fd, gpointer data, GError **error)
{
  return write_all (fd, data, error);
}

static gboolean
write_file (const char *path, const Content *content, GError **error)
{
  struct sigaction old[G_N_ELEMENTS (numbers)];
  watch_signals (old);
  gboolean fine
      = pt2_save_func (path, settings.force ? PT2_SAVE_REPLACE : PT2_SAVE_NEW, fill_file, (gpointer)content, error);
  end_watch (old);
  return fine;
}

static gboolean
write_path (const char *path, const Content *content, GError **error)
{
  struct stat info;
  if (stat (path, &info) == 0 && !S_ISREG (info.st_mode) && !S_ISDIR (info.st_mode))
    return write_special (path, content, error);
  return write_file (path, content, error);
}

static gboolean
write_content (const char *path, const Content *content, GError **error)
{
  if (strcmp (path, "-") != 0)
    return write_path (path, content, error);
  if (fflush (stdout) != 0)
    return fail_write (errno, error);
  return write_stream (STDOUT_FILENO, content, error);
}

gboolean
output_bytes (const char *path, GBytes *bytes, GError **error)
{
  Content content = { .bytes = bytes };
  return write_content (path, &content, error);
}

gboolean
output_filled (const char *path, OutputFill fill, gpointer data, GError **error)
{
  Content content = { .fill = fill, .data = data };
  return write_content (path, &content, error);
}

/* Where SIGPIPE is ignored, a reader that went away shows as EPIPE: no news for anybody. */
int
output_finish (int status)
{
  gboolean failed = ferror (stdout) != 0;
  /* A standard output that was closed from the start matters only to those who write to it. */
  if (fflush (stdout) == 0 && !failed && (fclose (stdout) == 0 || errno == EBADF))
    return status;
  int number = errno;
  GError *error = NULL;
  if (number == EPIPE)
    return STATUS_TROUBLE;
  fail_write (number, &error);
  return report_trouble ("standard output", error);
}
