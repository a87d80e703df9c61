/* SPDX-License-Identifier: Apache-2.0 */
#include "shelf.h"
#include "ids.h"
#include "item.h"
#include "status.h"
#include "text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  MOST_ITEMS = 1024, /* files that are kept open: each is a mapping */
  LONGEST_NAME = 200,
};

struct Pt2Shelf
{
  char *path;
  int fd;
  guint64 budget;
  Pt2Limits limits;
  Pt2Ids *ids;
  GMutex lock;      /* for what follows */
  GPtrArray *items; /* (element-type Pt2Item), no order */
  guint64 clock;
};

/* ---- the folder ---- */

static Pt2Shelf *
fail (const char *folder, int code, GError **error)
{
  char escaped[256];
  pt2_error_set (error, PT2_ERROR_X008, NULL, "the folder %s: %s",
                 pt2_text_escape (folder, strlen (folder), escaped, sizeof escaped), g_strerror (code));
  return NULL;
}

Pt2Shelf *
pt2_shelf_new (const char *folder, guint64 budget, const Pt2Limits *limits, GError **error)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return fail (folder, errno, error);
  Pt2Shelf *shelf = g_new0 (Pt2Shelf, 1);
  shelf->path = g_strdup (folder);
  shelf->fd = fd;
  shelf->budget = budget;
  shelf->limits = limits != NULL ? *limits : *pt2_limits_default ();
  shelf->ids = pt2_ids_new ();
  g_mutex_init (&shelf->lock);
  shelf->items = g_ptr_array_new_with_free_func ((GDestroyNotify)pt2_item_unref);
  return shelf;
}

void
pt2_shelf_free (Pt2Shelf *shelf)
{
  g_ptr_array_unref (shelf->items);
  pt2_ids_free (shelf->ids);
  g_mutex_clear (&shelf->lock);
  close (shelf->fd);
  g_free (shelf->path);
  g_free (shelf);
}

int
pt2_shelf_fd (const Pt2Shelf *shelf)
{
  return shelf->fd;
}

const char *
pt2_shelf_path (const Pt2Shelf *shelf)
{
  return shelf->path;
}

const Pt2Limits *
pt2_shelf_limits (const Pt2Shelf *shelf)
{
  return &shelf->limits;
}

Pt2Ids *
pt2_shelf_ids (Pt2Shelf *shelf)
{
  return shelf->ids;
}

/* ---- names ---- */

bool
pt2_shelf_name_is_good (const char *name)
{
  size_t len = strlen (name);
  if (len == 0 || len > LONGEST_NAME || (!g_ascii_isalnum (name[0]) && name[0] != '_'))
    return false;
  for (size_t i = 1; i < len; i++)
    if (!g_ascii_isalnum (name[i]) && strchr ("._+-", name[i]) == NULL)
      return false;
  return true;
}

static gint
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Names that a client could not say are left out: what is no UTF-8. */
GPtrArray *
pt2_shelf_names (Pt2Shelf *shelf, GError **error)
{
  int fd = openat (shelf->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *folder = fd >= 0 ? fdopendir (fd) : NULL;
  if (folder == NULL)
    {
      fail (shelf->path, errno, error);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  for (const struct dirent *entry; (entry = readdir (folder)) != NULL;)
    if (entry->d_name[0] != '.' && (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN)
        && g_utf8_validate (entry->d_name, -1, NULL))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  closedir (folder);
  g_ptr_array_sort (names, by_name);
  return names;
}

/* ---- items ---- */

static Pt2Item *
find (const Pt2Shelf *shelf, const char *name, const struct stat *info)
{
  for (guint i = 0; i < shelf->items->len; i++)
    {
      Pt2Item *item = g_ptr_array_index (shelf->items, i);
      if (strcmp (item->name, name) == 0 && pt2_item_is_file (item, info))
        return item;
    }
  return NULL;
}

/* Forgets files of that name that are no longer there, and the one that was asked for least lately if there are too
 * many. */
static void
make_room (Pt2Shelf *shelf, const char *name)
{
  guint oldest = G_MAXUINT;
  for (guint i = shelf->items->len; i-- > 0;)
    {
      const Pt2Item *item = g_ptr_array_index (shelf->items, i);
      if (strcmp (item->name, name) == 0)
        g_ptr_array_remove_index_fast (shelf->items, i);
    }
  for (guint i = 0; i < shelf->items->len; i++)
    {
      const Pt2Item *item = g_ptr_array_index (shelf->items, i);
      if (oldest == G_MAXUINT || item->used < ((const Pt2Item *)g_ptr_array_index (shelf->items, oldest))->used)
        oldest = i;
    }
  if (shelf->items->len >= MOST_ITEMS)
    g_ptr_array_remove_index_fast (shelf->items, oldest);
}

static gboolean
not_there (const char *name, GError **error)
{
  char escaped[256];
  return pt2_error_set (error, PT2_ERROR_X010, NULL, "\"%s\"",
                        pt2_text_escape (name, strlen (name), escaped, sizeof escaped));
}

static Pt2Item *
take (Pt2Shelf *shelf, const char *name, int fd, const struct stat *info)
{
  g_mutex_lock (&shelf->lock);
  Pt2Item *item = find (shelf, name, info);
  if (item != NULL)
    {
      item->used = ++shelf->clock;
      g_atomic_ref_count_inc (&item->references);
    }
  g_mutex_unlock (&shelf->lock);
  if (item != NULL)
    return item;
  item = pt2_item_new_from_fd (fd, name, info, &shelf->limits);
  g_mutex_lock (&shelf->lock);
  make_room (shelf, name);
  item->used = ++shelf->clock;
  g_atomic_ref_count_inc (&item->references);
  g_ptr_array_add (shelf->items, item);
  g_mutex_unlock (&shelf->lock);
  return item;
}

static Pt2Item *
open_name (Pt2Shelf *shelf, const char *name, GError **error)
{
  struct stat info;
  int fd = name[0] != '.' && strchr (name, '/') == NULL
               ? openat (shelf->fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
               : -1;
  Pt2Item *item = NULL;
  if (fd < 0 || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    not_there (name, error);
  else
    item = take (shelf, name, fd, &info);
  if (fd >= 0)
    close (fd);
  return item;
}

/* References to all items that are open. */
static GPtrArray *
open_items (Pt2Shelf *shelf)
{
  GPtrArray *items = g_ptr_array_new_with_free_func ((GDestroyNotify)pt2_item_unref);
  g_mutex_lock (&shelf->lock);
  for (guint i = 0; i < shelf->items->len; i++)
    {
      Pt2Item *item = g_ptr_array_index (shelf->items, i);
      g_atomic_ref_count_inc (&item->references);
      g_ptr_array_add (items, item);
    }
  g_mutex_unlock (&shelf->lock);
  return items;
}

/* Opened anew if it is ID's: what was open may be another file by now. */
static Pt2Item *
open_if (Pt2Shelf *shelf, const char *name, const Pt2Id *id, Pt2IdEffort effort, Pt2ShelfModel **model)
{
  g_autoptr (Pt2Item) item = open_name (shelf, name, NULL);
  return item != NULL && pt2_item_has_id (shelf, item, id, effort, model) ? g_steal_pointer (&item) : NULL;
}

/* First what is known, then what a list of the folder would show. */
static Pt2Item *
open_id (Pt2Shelf *shelf, const Pt2Id *id, Pt2ShelfModel **model)
{
  Pt2Item *item = NULL;
  g_autoptr (GPtrArray) items = open_items (shelf);
  for (guint i = 0; i < items->len && item == NULL; i++)
    if (pt2_item_has_id (shelf, g_ptr_array_index (items, i), id, PT2_ID_KNOWN, model))
      item = open_if (shelf, ((const Pt2Item *)g_ptr_array_index (items, i))->name, id, PT2_ID_KNOWN, model);
  g_autoptr (GPtrArray) names = item == NULL ? pt2_shelf_names (shelf, NULL) : NULL;
  for (guint i = 0; names != NULL && i < names->len && item == NULL; i++)
    item = open_if (shelf, g_ptr_array_index (names, i), id, PT2_ID_CHEAP, model);
  return item;
}

Pt2Item *
pt2_shelf_open_model (Pt2Shelf *shelf, const char *name, Pt2ShelfModel **model, GError **error)
{
  Pt2Id id;
  *model = NULL;
  if (!pt2_id_read (name, &id))
    return open_name (shelf, name, error);
  Pt2Item *item = open_id (shelf, &id, model);
  if (item == NULL)
    not_there (name, error);
  return item;
}

Pt2Item *
pt2_shelf_open (Pt2Shelf *shelf, const char *name, GError **error)
{
  Pt2ShelfModel *model;
  return pt2_shelf_open_model (shelf, name, &model, error);
}

/* ---- the budget ---- */

guint64
pt2_shelf_weight (Pt2Shelf *shelf)
{
  guint64 sum = 0;
  g_mutex_lock (&shelf->lock);
  for (guint i = 0; i < shelf->items->len; i++)
    sum += pt2_item_weight (g_ptr_array_index (shelf->items, i));
  g_mutex_unlock (&shelf->lock);
  return sum;
}

/* The item that takes memory and was asked for least lately, but KEEP. */
static Pt2Item *
next_to_shed (const Pt2Shelf *shelf, const Pt2Item *keep)
{
  Pt2Item *oldest = NULL;
  for (guint i = 0; i < shelf->items->len; i++)
    {
      Pt2Item *item = g_ptr_array_index (shelf->items, i);
      if (item != keep && pt2_item_weight (item) > 0 && (oldest == NULL || item->used < oldest->used))
        oldest = item;
    }
  return oldest;
}

void
pt2_shelf_keep_budget (Pt2Shelf *shelf, const Pt2Item *keep)
{
  g_mutex_lock (&shelf->lock);
  guint64 sum = 0;
  for (guint i = 0; i < shelf->items->len; i++)
    sum += pt2_item_weight (g_ptr_array_index (shelf->items, i));
  while (sum > shelf->budget)
    {
      Pt2Item *item = next_to_shed (shelf, keep);
      if (item == NULL)
        break;
      guint64 weight = pt2_item_weight (item);
      if (!pt2_item_shed (item))
        break;
      sum -= MIN (sum, weight);
    }
  g_mutex_unlock (&shelf->lock);
}
