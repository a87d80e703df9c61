/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SEEK_DATA */
#include "item.h"
#include "status.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum
{
  WORTH_ASKING = 64 << 10, /* bytes: shorter pieces are just read */
  LARGE_FILE = 64 << 20,   /* bytes: of such a file no more is kept in memory than is being sent */
};

/* ---- opening ---- */

static void
add_models (Pt2Item *item)
{
  static const char *const itself[] = { "", NULL };
  const char *const *names = item->archive != NULL ? pt2_archive_get_models (item->archive) : itself;
  item->n_models = g_strv_length ((char **)names);
  item->models = g_new0 (Pt2ShelfModel, item->n_models);
  for (guint i = 0; i < item->n_models; i++)
    item->models[i].name = g_strdup (names[i]);
}

static void
open_data (Pt2Item *item, const Pt2Limits *limits)
{
  Pt2FileKind kind;
  if (!pt2_file_kind (item->data, limits, &kind, &item->fault))
    return;
  item->kind = pt2_file_kind_name (kind);
  if (kind == PT2_KIND_OF_FILE_PROGRAM_JSON || kind == PT2_KIND_OF_FILE_PROGRAM_COMPACT)
    {
      add_models (item);
      return;
    }
  item->archive = pt2_archive_new_from_bytes (item->data, limits, &item->fault);
  if (item->archive != NULL)
    add_models (item);
}

Pt2Item *
pt2_item_new_from_fd (int fd, const char *name, const struct stat *info, const Pt2Limits *limits)
{
  Pt2Item *item = g_new0 (Pt2Item, 1);
  g_autoptr (GError) cause = NULL;
  g_atomic_ref_count_init (&item->references);
  g_mutex_init (&item->lock);
  g_mutex_init (&item->ids_lock);
  item->name = g_strdup (name);
  item->device = info->st_dev;
  item->inode = info->st_ino;
  item->bytes = (guint64)info->st_size;
  item->seconds = info->st_mtim.tv_sec;
  item->nanoseconds = info->st_mtim.tv_nsec;
  item->kind = "unknown";
  GMappedFile *map = g_mapped_file_new_from_fd (fd, FALSE, &cause);
  if (map == NULL)
    {
      pt2_error_set (&item->fault, PT2_ERROR_F001, NULL, "%s", cause->message);
      return item;
    }
  item->data = g_mapped_file_get_bytes (map);
  g_mapped_file_unref (map);
  open_data (item, limits);
  return item;
}

Pt2Item *
pt2_item_new (int folder, const char *name, const Pt2Limits *limits, GError **error)
{
  struct stat info;
  int fd = openat (folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  Pt2Item *item = NULL;
  if (fd >= 0 && fstat (fd, &info) == 0)
    item = pt2_item_new_from_fd (fd, name, &info, limits);
  else
    pt2_error_set (error, PT2_ERROR_F001, NULL, "%s", g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return item;
}

static void
clear_model (Pt2ShelfModel *model)
{
  g_clear_pointer (&model->program, pt2_program_unref);
  g_clear_pointer (&model->tensors, pt2_tensors_unref);
  g_clear_pointer (&model->elements, g_bytes_unref);
  for (guint i = 0; i < G_N_ELEMENTS (model->forms); i++)
    g_clear_pointer (&model->forms[i], g_bytes_unref);
}

static void
clear_made (Pt2Item *item)
{
  for (guint i = 0; i < item->n_models; i++)
    clear_model (&item->models[i]);
  g_clear_pointer (&item->kept_as, g_free);
  g_clear_pointer (&item->kept, g_bytes_unref);
}

void
pt2_item_unref (Pt2Item *item)
{
  if (!g_atomic_ref_count_dec (&item->references))
    return;
  clear_made (item);
  for (guint i = 0; i < item->n_models; i++)
    g_free (item->models[i].name);
  g_free (item->models);
  g_clear_pointer (&item->archive, pt2_archive_unref);
  g_clear_pointer (&item->data, g_bytes_unref);
  g_clear_error (&item->fault);
  g_mutex_clear (&item->lock);
  g_mutex_clear (&item->ids_lock);
  g_free (item->name);
  g_free (item);
}

bool
pt2_item_is_file (const Pt2Item *item, const struct stat *info)
{
  return item->device == info->st_dev && item->inode == info->st_ino && item->bytes == (guint64)info->st_size
         && item->seconds == info->st_mtim.tv_sec && item->nanoseconds == info->st_mtim.tv_nsec;
}

/* ---- what is made of it ---- */

guint64
pt2_item_weight (Pt2Item *item)
{
  return __atomic_load_n (&item->weight, __ATOMIC_RELAXED);
}

static void
add_weight (Pt2Item *item, guint64 bytes)
{
  __atomic_store_n (&item->weight, item->weight + bytes, __ATOMIC_RELAXED);
}

bool
pt2_item_shed (Pt2Item *item)
{
  if (!g_mutex_trylock (&item->lock))
    return false;
  clear_made (item);
  __atomic_store_n (&item->weight, 0, __ATOMIC_RELAXED);
  g_mutex_unlock (&item->lock);
  return true;
}

Pt2ShelfModel *
pt2_item_model (Pt2Item *item, const char *name, GError **error)
{
  if (item->fault != NULL)
    {
      if (error != NULL)
        *error = g_error_copy (item->fault);
      return NULL;
    }
  if (item->archive != NULL)
    {
      const Pt2Record *record = pt2_archive_choose_model (item->archive, name, error);
      name = record != NULL ? pt2_archive_model_name (item->archive, record) : NULL;
      if (record == NULL)
        return NULL;
    }
  for (guint i = 0; i < item->n_models; i++)
    if (name == NULL || strcmp (item->models[i].name, name) == 0)
      return &item->models[i];
  pt2_error_set (error, PT2_ERROR_U003, NULL, "%s", "it is a program by itself, which has no name");
  return NULL;
}

static Pt2Program *
load (const Pt2Shelf *shelf, const Pt2Item *item, const Pt2ShelfModel *model, GError **error)
{
  if (item->archive == NULL)
    return pt2_program_new_from_bytes (item->data, pt2_shelf_limits (shelf), error);
  const Pt2Record *record = pt2_archive_choose_model (item->archive, model->name, error);
  return record != NULL ? pt2_archive_load_program (item->archive, record, error) : NULL;
}

/* With the item's lock. */
static Pt2Program *
need_program (const Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, GError **error)
{
  if (model->program == NULL)
    {
      model->program = load (shelf, item, model, error);
      if (model->program != NULL && !pt2_program_make_signature (model->program, error))
        g_clear_pointer (&model->program, pt2_program_unref);
      if (model->program != NULL)
        add_weight (item, pt2_program_get_memory (model->program));
    }
  return model->program;
}

Pt2Program *
pt2_item_program (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, GError **error)
{
  g_mutex_lock (&item->lock);
  Pt2Program *program = need_program (shelf, item, model, error);
  program = program != NULL ? pt2_program_ref (program) : NULL;
  g_mutex_unlock (&item->lock);
  pt2_shelf_keep_budget (shelf, item);
  return program;
}

/* The program's own bytes where they have that form already. */
static GBytes *
make_form (const Pt2Item *item, Pt2Program *program, Pt2Form form, GError **error)
{
  bool same = item->archive == NULL && pt2_program_get_form (program) == form;
  return same ? g_bytes_ref (item->data) : pt2_program_save (program, form, error);
}

GBytes *
pt2_item_form (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, Pt2Form form, GError **error)
{
  g_mutex_lock (&item->lock);
  if (model->forms[form] == NULL)
    {
      Pt2Program *program = need_program (shelf, item, model, error);
      model->forms[form] = program != NULL ? make_form (item, program, form, error) : NULL;
      if (model->forms[form] != NULL && model->forms[form] != item->data)
        add_weight (item, g_bytes_get_size (model->forms[form]));
    }
  GBytes *bytes = model->forms[form] != NULL ? g_bytes_ref (model->forms[form]) : NULL;
  g_mutex_unlock (&item->lock);
  pt2_shelf_keep_budget (shelf, item);
  return bytes;
}

Pt2Tensors *
pt2_item_tensors (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, GError **error)
{
  if (item->archive == NULL)
    return NULL;
  g_mutex_lock (&item->lock);
  Pt2Program *program = model->tensors == NULL ? need_program (shelf, item, model, error) : NULL;
  if (program != NULL)
    {
      model->tensors = pt2_tensors_new (item->archive, model->name, program, error);
      guint n = 0;
      if (model->tensors != NULL)
        pt2_tensors_get (model->tensors, &n);
      add_weight (item, n * (sizeof (Pt2Tensor) + 256));
    }
  Pt2Tensors *tensors = model->tensors != NULL ? pt2_tensors_ref (model->tensors) : NULL;
  g_mutex_unlock (&item->lock);
  pt2_shelf_keep_budget (shelf, item);
  return tensors;
}

/* Does it lie in the mapped file? */
static bool
contains (const Pt2Item *item, const void *data, size_t len)
{
  gsize all;
  uintptr_t start = (uintptr_t)g_bytes_get_data (item->data, &all), at = (uintptr_t)data;
  return at >= start && len <= all && at - start <= all - len;
}

/* So that it costs nothing to have again. */
static bool
is_mapped (const Pt2Item *item, GBytes *bytes)
{
  gsize len;
  const void *data = g_bytes_get_data (bytes, &len);
  return len == 0 || contains (item, data, len);
}

/* What had to be inflated or put in order is kept for the next piece of the same tensor. */
GBytes *
pt2_item_elements (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, Pt2Tensors *tensors, guint index,
                   GError **error)
{
  guint n;
  const Pt2Tensor *tensor = &pt2_tensors_get (tensors, &n)[index];
  g_mutex_lock (&item->lock);
  GBytes *bytes = model->elements != NULL && model->elements_of == index
                      ? g_bytes_ref (model->elements)
                      : pt2_tensor_get_bytes (tensors, tensor, error);
  if (bytes != NULL && bytes != model->elements && !is_mapped (item, bytes))
    {
      guint64 before = model->elements != NULL ? g_bytes_get_size (model->elements) : 0;
      g_clear_pointer (&model->elements, g_bytes_unref);
      model->elements = g_bytes_ref (bytes);
      model->elements_of = index;
      add_weight (item, g_bytes_get_size (bytes) - before);
    }
  g_mutex_unlock (&item->lock);
  pt2_shelf_keep_budget (shelf, item);
  return bytes;
}

GBytes *
pt2_item_recall (Pt2Item *item, const char *as)
{
  g_mutex_lock (&item->lock);
  GBytes *bytes = item->kept_as != NULL && strcmp (item->kept_as, as) == 0 ? g_bytes_ref (item->kept) : NULL;
  g_mutex_unlock (&item->lock);
  return bytes;
}

void
pt2_item_remember (Pt2Shelf *shelf, Pt2Item *item, const char *as, GBytes *bytes)
{
  g_mutex_lock (&item->lock);
  guint64 before = item->kept != NULL ? g_bytes_get_size (item->kept) : 0;
  g_bytes_ref (bytes);
  g_clear_pointer (&item->kept, g_bytes_unref);
  g_free (item->kept_as);
  item->kept_as = g_strdup (as);
  item->kept = bytes;
  add_weight (item, g_bytes_get_size (bytes) - before);
  g_mutex_unlock (&item->lock);
  pt2_shelf_keep_budget (shelf, item);
}

bool
pt2_item_is_hole (Pt2Shelf *shelf, const Pt2Item *item, const void *data, size_t len)
{
  struct stat info;
  size_t all;
  if (len < WORTH_ASKING || item->data == NULL || !contains (item, data, len))
    return false;
  off_t at = (const char *)data - (const char *)g_bytes_get_data (item->data, &all);
  int fd = openat (pt2_shelf_fd (shelf), item->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  bool hole = false;
  if (fd >= 0 && fstat (fd, &info) == 0 && pt2_item_is_file (item, &info))
    {
      off_t next = lseek (fd, at, SEEK_DATA);
      hole = next < 0 ? errno == ENXIO : next >= at + (off_t)len;
    }
  if (fd >= 0)
    close (fd);
  return hole;
}

void
pt2_item_let_go (const Pt2Item *item, const void *data, size_t len)
{
  uintptr_t page = (uintptr_t)sysconf (_SC_PAGESIZE);
  if (item->bytes < LARGE_FILE || len < WORTH_ASKING || item->data == NULL || !contains (item, data, len))
    return;
  uintptr_t first = ((uintptr_t)data + page - 1) & ~(page - 1), end = ((uintptr_t)data + len) & ~(page - 1);
  /* The mapping is of a file that nobody writes: what is asked for again comes from the page cache. */
  madvise ((void *)first, end - first, MADV_DONTNEED);
}
