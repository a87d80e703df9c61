/* SPDX-License-Identifier: Apache-2.0 */
#include "uploads.h"
#include "sha256.h"
#include "text.h"
#include <dirent.h>
#include <stdio.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INCOMING ".pt2-incoming"
#define OBJECTS ".pt2-objects"

enum
{
  MOST_OPEN = 64,    /* uploads with an open file */
  MOST_FILES = 256,  /* in the hidden folder */
  FORGOTTEN = 3600,  /* seconds after which one makes room for others */
  ABANDONED = 86400, /* and goes when the server starts */
  PIECE = 1 << 20,   /* read at once */
};

struct Pt2Uploads
{
  Pt2Shelf *shelf;
  uint64_t most_bytes;
  bool read_only;
  int incoming, objects; /* folders; -1 if nothing is ever stored */
  GMutex lock;
  GPtrArray *list; /* (element-type Pt2Upload) the one that was used last at the end */
};

static bool
fail_write (GError **error)
{
  return pt2_error_set (error, PT2_ERROR_F002, NULL, "%s", g_strerror (errno));
}

/* ---- the folders ---- */

/* Files that nobody touched for AGE seconds, or (AGE < 0) that have no other name. How many are left. */
static guint
clean (int folder, gint64 age)
{
  int fd = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *entries = fd >= 0 ? fdopendir (fd) : NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  guint left = 0;
  if (entries == NULL)
    return 0;
  for (const struct dirent *entry; (entry = readdir (entries)) != NULL;)
    {
      struct stat info;
      if (fstatat (folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG (info.st_mode))
        continue;
      bool old = age < 0 ? info.st_nlink < 2 : now - info.st_mtim.tv_sec > age;
      if (!old || unlinkat (folder, entry->d_name, 0) != 0)
        left++;
    }
  closedir (entries);
  return left;
}

static int
open_folder (const Pt2Shelf *shelf, const char *name)
{
  int fd = pt2_shelf_fd (shelf);
  if (mkdirat (fd, name, S_IRWXU) != 0 && errno != EEXIST)
    return -1;
  return openat (fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

Pt2Uploads *
pt2_uploads_new (Pt2Shelf *shelf, const Pt2ServerOptions *options, GError **error)
{
  Pt2Uploads *uploads = g_new0 (Pt2Uploads, 1);
  uploads->shelf = shelf;
  uploads->most_bytes = options->store_bytes;
  uploads->read_only = options->read_only;
  uploads->incoming = uploads->objects = -1;
  g_mutex_init (&uploads->lock);
  uploads->list = g_ptr_array_new_with_free_func ((GDestroyNotify)pt2_upload_unref);
  if (options->read_only)
    return uploads;
  uploads->incoming = open_folder (shelf, INCOMING);
  uploads->objects = uploads->incoming >= 0 ? open_folder (shelf, OBJECTS) : -1;
  if (uploads->objects < 0)
    {
      pt2_error_set (error, PT2_ERROR_X008, NULL, "the folder cannot be written to: %s", g_strerror (errno));
      pt2_uploads_free (uploads);
      return NULL;
    }
  clean (uploads->incoming, ABANDONED);
  clean (uploads->objects, -1);
  return uploads;
}

void
pt2_uploads_free (Pt2Uploads *uploads)
{
  g_ptr_array_unref (uploads->list);
  g_mutex_clear (&uploads->lock);
  if (uploads->incoming >= 0)
    close (uploads->incoming);
  if (uploads->objects >= 0)
    close (uploads->objects);
  g_free (uploads);
}

int
pt2_uploads_incoming (Pt2Uploads *uploads)
{
  return uploads->incoming;
}

int
pt2_uploads_objects (Pt2Uploads *uploads)
{
  return uploads->objects;
}

char *
pt2_uploads_path (Pt2Uploads *uploads, const char *file)
{
  return g_build_filename (pt2_shelf_path (uploads->shelf), INCOMING, file, NULL);
}

char *
pt2_upload_file (const Pt2Upload *upload)
{
  return g_strconcat (upload->id, ".part", NULL);
}

/* ---- one upload ---- */

void
pt2_upload_unref (Pt2Upload *upload)
{
  if (!g_atomic_ref_count_dec (&upload->references))
    return;
  if (upload->running != NULL)
    {
      uint8_t digest[PT2_SHA256_LEN];
      pt2_sha256_end (&(Pt2Sha256){ upload->running }, digest);
    }
  if (upload->fd >= 0)
    close (upload->fd);
  g_mutex_clear (&upload->lock);
  g_free (upload->id);
  g_free (upload->hash);
  g_free (upload->name);
  g_free (upload->base);
  g_free (upload->record);
  g_free (upload->type);
  g_free (upload);
}

static char *
hex_of (const uint8_t *digest)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < PT2_SHA256_LEN; i++)
    g_string_append_printf (text, "%02x", digest[i]);
  return g_string_free (text, FALSE);
}

/* The same announcement has the same id, also after the server was started anew. */
static char *
id_of (const Pt2Upload *announced)
{
  const char *texts[] = { announced->hash, announced->name, announced->base, announced->type, announced->record };
  g_autoptr (GString) all = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_string_append_printf (all, "%s/", texts[i] != NULL ? texts[i] : "");
  g_string_append_printf (all, "%d/%d/%" G_GUINT64_FORMAT, announced->kind, announced->replace,
                          (guint64)announced->bytes);
  Pt2Sha256 hash;
  uint8_t digest[PT2_SHA256_LEN] = { 0 };
  if (!pt2_sha256_begin (&hash))
    return NULL;
  pt2_sha256_add (&hash, all->str, all->len);
  pt2_sha256_end (&hash, digest);
  return hex_of (digest);
}

static bool
is_known (Pt2Uploads *uploads, const Pt2Upload *announced)
{
  struct stat info;
  return announced->kind == PT2_EXCHANGE_STORE_KIND_FILE
         && fstatat (uploads->objects, announced->hash, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (info.st_mode)
         && (uint64_t)info.st_size == announced->bytes;
}

/* Opens what arrived so far, or begins. */
static bool
open_part (Pt2Uploads *uploads, Pt2Upload *upload, GError **error)
{
  g_autofree char *file = pt2_upload_file (upload);
  struct stat info;
  if (clean (uploads->incoming, G_MAXINT64) >= MOST_FILES && clean (uploads->incoming, FORGOTTEN) >= MOST_FILES)
    return pt2_error_set (error, PT2_ERROR_X017, NULL, "%s", "too many files are on their way");
  upload->fd = openat (uploads->incoming, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (upload->fd < 0 || fstat (upload->fd, &info) != 0)
    return fail_write (error);
  upload->offset = (uint64_t)info.st_size;
  if (upload->offset > upload->bytes)
    upload->offset = 0;
  if (ftruncate (upload->fd, (off_t)upload->offset) != 0)
    return fail_write (error);
  Pt2Sha256 hash;
  if (upload->offset == 0 && pt2_sha256_begin (&hash))
    upload->running = hash.context;
  return true;
}

static Pt2Upload *
make (Pt2Uploads *uploads, const Pt2Upload *announced, char *id, GError **error)
{
  Pt2Upload *upload = g_new0 (Pt2Upload, 1);
  g_atomic_ref_count_init (&upload->references);
  g_mutex_init (&upload->lock);
  upload->id = id;
  upload->hash = g_strdup (announced->hash);
  upload->name = g_strdup (announced->name);
  upload->base = g_strdup (announced->base);
  upload->record = g_strdup (announced->record);
  upload->type = g_strdup (announced->type);
  upload->kind = announced->kind;
  upload->replace = announced->replace;
  upload->bytes = announced->bytes;
  upload->fd = -1;
  if (announced->there || is_known (uploads, announced) || open_part (uploads, upload, error))
    return upload;
  pt2_upload_unref (upload);
  return NULL;
}

bool
pt2_uploads_check_name (const Pt2Uploads *uploads, const char *name, GError **error)
{
  char escaped[256];
  if (uploads->read_only)
    return pt2_error_set (error, PT2_ERROR_X018, NULL, "%s", "");
  return name == NULL || pt2_shelf_name_is_good (name)
         || pt2_error_set (error, PT2_ERROR_X015, NULL, "\"%s\"",
                           pt2_text_escape (name, strlen (name), escaped, sizeof escaped));
}

static bool
check_announced (const Pt2Uploads *uploads, const Pt2Upload *announced, GError **error)
{
  if (announced->bytes > uploads->most_bytes)
    return pt2_error_set (error, PT2_ERROR_X017, NULL, "%" G_GUINT64_FORMAT " bytes, and %" G_GUINT64_FORMAT " may be",
                          (guint64)announced->bytes, (guint64)uploads->most_bytes);
  return pt2_uploads_check_name (uploads, announced->name, error);
}

/* With the lock: moves it to the end of the list, as the one that was used last. */
static Pt2Upload *
find (Pt2Uploads *uploads, const char *id)
{
  for (guint i = 0; i < uploads->list->len; i++)
    {
      Pt2Upload *upload = g_ptr_array_index (uploads->list, i);
      if (strcmp (upload->id, id) != 0)
        continue;
      g_ptr_array_steal_index (uploads->list, i);
      g_ptr_array_add (uploads->list, upload);
      g_atomic_ref_count_inc (&upload->references);
      return upload;
    }
  return NULL;
}

Pt2Upload *
pt2_uploads_begin (Pt2Uploads *uploads, const Pt2Upload *announced, GError **error)
{
  char *id = check_announced (uploads, announced, error) ? id_of (announced) : NULL;
  if (id == NULL)
    return NULL;
  g_mutex_lock (&uploads->lock);
  Pt2Upload *upload = find (uploads, id);
  if (upload != NULL)
    g_free (id);
  else
    {
      upload = make (uploads, announced, id, error);
      if (upload != NULL)
        {
          if (uploads->list->len >= MOST_OPEN)
            g_ptr_array_remove_index (uploads->list, 0);
          g_atomic_ref_count_inc (&upload->references);
          g_ptr_array_add (uploads->list, upload);
        }
    }
  g_mutex_unlock (&uploads->lock);
  return upload;
}

Pt2Upload *
pt2_uploads_find (Pt2Uploads *uploads, const char *id, GError **error)
{
  g_mutex_lock (&uploads->lock);
  Pt2Upload *upload = find (uploads, id);
  g_mutex_unlock (&uploads->lock);
  if (upload == NULL)
    pt2_error_set (error, PT2_ERROR_X013, NULL, "%s", "");
  return upload;
}

static void
take_out (Pt2Uploads *uploads, Pt2Upload *upload)
{
  g_mutex_lock (&uploads->lock);
  g_ptr_array_remove (uploads->list, upload);
  g_mutex_unlock (&uploads->lock);
}

void
pt2_uploads_forget (Pt2Uploads *uploads, Pt2Upload *upload)
{
  g_autofree char *file = pt2_upload_file (upload);
  upload->ended = true;
  unlinkat (uploads->incoming, file, 0);
  take_out (uploads, upload);
}

/* ---- bytes ---- */

bool
pt2_upload_add (Pt2Upload *upload, uint64_t offset, Pt2String data, GError **error)
{
  if (upload->ended || upload->fd < 0 || offset > upload->offset || data.len > upload->bytes - offset)
    return pt2_error_set (error, PT2_ERROR_X011, NULL, "byte %" G_GUINT64_FORMAT " is next, of %" G_GUINT64_FORMAT,
                          (guint64)upload->offset, (guint64)upload->bytes);
  if (offset < upload->offset)
    return true; /* it came twice, since the answer was lost; what is next is said again */
  for (size_t done = 0; done < data.len;)
    {
      ssize_t n = pwrite (upload->fd, data.data + done, data.len - done, (off_t)(offset + done));
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return fail_write (error);
      done += (size_t)n;
    }
  if (upload->running != NULL)
    pt2_sha256_add (&(Pt2Sha256){ upload->running }, data.data, data.len);
  upload->offset += data.len;
  return true;
}

static char *
hash_fd (int fd, GError **error)
{
  Pt2Sha256 hash;
  uint8_t digest[PT2_SHA256_LEN];
  g_autofree char *buffer = g_try_malloc (PIECE);
  if (buffer == NULL || !pt2_sha256_begin (&hash))
    {
      pt2_call_no_memory (error);
      return NULL;
    }
  ssize_t n;
  for (off_t at = 0; (n = pread (fd, buffer, PIECE, at)) > 0; at += n)
    pt2_sha256_add (&hash, buffer, (size_t)n);
  pt2_sha256_end (&hash, digest);
  if (n == 0)
    return hex_of (digest);
  pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", g_strerror (errno));
  return NULL;
}

char *
pt2_uploads_hash_file (Pt2Uploads *uploads, const char *file, GError **error)
{
  int fd = openat (uploads->incoming, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  char *hash = fd >= 0 ? hash_fd (fd, error) : NULL;
  if (fd < 0)
    pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", g_strerror (errno));
  else
    close (fd);
  return hash;
}

bool
pt2_upload_check_hash (Pt2Uploads *uploads, Pt2Upload *upload, GError **error)
{
  if (upload->offset != upload->bytes)
    return pt2_error_set (error, PT2_ERROR_X014, NULL, "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " bytes arrived",
                          (guint64)upload->offset, (guint64)upload->bytes);
  g_autofree char *hash = NULL;
  if (upload->running != NULL)
    {
      uint8_t digest[PT2_SHA256_LEN];
      pt2_sha256_end (&(Pt2Sha256){ g_steal_pointer (&upload->running) }, digest);
      hash = hex_of (digest);
    }
  else
    hash = hash_fd (upload->fd, error);
  if (hash == NULL)
    return false;
  if (strcmp (hash, upload->hash) == 0)
    return true;
  pt2_uploads_forget (uploads, upload);
  return pt2_error_set (error, PT2_ERROR_X014, NULL, "%s", "its SHA-256 is another");
}

/* ---- names ---- */

static bool
sync_file (int folder, const char *file)
{
  int fd = openat (folder, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  bool fine = fd >= 0 && fchmod (fd, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH) == 0 && fsync (fd) == 0;
  int code = errno;
  if (fd >= 0)
    close (fd);
  errno = code;
  return fine;
}

static bool
is_same_file (const Pt2Uploads *uploads, const char *hash, const char *name)
{
  struct stat a, b;
  return fstatat (uploads->objects, hash, &a, AT_SYMLINK_NOFOLLOW) == 0
         && fstatat (pt2_shelf_fd (uploads->shelf), name, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_dev == b.st_dev
         && a.st_ino == b.st_ino;
}

/* In place of what is there. */
static bool
replace_name (const Pt2Uploads *uploads, const char *hash, const char *name)
{
  g_autofree char *now = g_strconcat (hash, ".name", NULL);
  unlinkat (uploads->incoming, now, 0);
  return linkat (uploads->objects, hash, uploads->incoming, now, 0) == 0
         && renameat (uploads->incoming, now, pt2_shelf_fd (uploads->shelf), name) == 0;
}

bool
pt2_uploads_publish (Pt2Uploads *uploads, const char *file, const char *hash, const char *name, bool replace,
                     bool *known, GError **error)
{
  bool fine = true;
  *known = false;
  g_mutex_lock (&uploads->lock);
  if (file != NULL)
    fine = sync_file (uploads->incoming, file)
           && (linkat (uploads->incoming, file, uploads->objects, hash, 0) == 0 || errno == EEXIST);
  fine = fine && fsync (uploads->objects) == 0;
  if (fine && linkat (uploads->objects, hash, pt2_shelf_fd (uploads->shelf), name, 0) != 0)
    {
      *known = errno == EEXIST && is_same_file (uploads, hash, name);
      if (errno == EEXIST && !*known && !replace)
        fine = pt2_error_set (error, PT2_ERROR_F003, NULL, "%s", "a program of that name with another content");
      else
        fine = *known || (errno == EEXIST && replace_name (uploads, hash, name)) || fail_write (error);
    }
  else if (!fine)
    fail_write (error);
  if (fine)
    fsync (pt2_shelf_fd (uploads->shelf));
  if (fine && file != NULL)
    unlinkat (uploads->incoming, file, 0);
  g_mutex_unlock (&uploads->lock);
  return fine;
}
