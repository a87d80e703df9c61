/* SPDX-License-Identifier: Apache-2.0 */
/* `extract --all`: an archive as a folder that `pack` can turn back. Each byte is written once where that can be:
 * a record that is exactly one row-major tensor is the tail of that tensor's .npy file and has no file of its own.
 */
#include "extract.h"
#include "folder.h"
#include "input.h"
#include "json_out.h"
#include "progress.h"
#include "report.h"
#include <string.h>
#include <unistd.h>

/* Where the bytes of a record are. */
typedef struct
{
  char *file;   /* NULL: nowhere */
  gsize offset; /* of its first byte in the file */
} Place;

/* Of one program. */
typedef struct
{
  const char *name;
  char *under; /* the folder of its tensors */
  Pt2Tensors *tensors;
  char **files; /* of each tensor; NULL: none */
  const char **notes;
} Model;

typedef struct
{
  Pt2Archive *archive;
  const char *in;
  gboolean raw;
  Folder folder;
  const Pt2Record *records;
  guint n_records;
  Place *places;
  Model *models;
  guint n_models;
  int status;
  guint64 done, total;
  Progress progress;
} Extraction;

static void
trouble (Extraction *all, GError *error)
{
  all->status = report_trouble (input_name (all->in), error);
}

static void
advance (Extraction *all, guint64 bytes)
{
  all->done += bytes;
  progress_show (all->done, MAX (all->done, all->total), &all->progress);
}

/* ---- tensors ---- */

/* Whether the tensor's elements are all that its record is. */
static gboolean
is_whole_record (const Model *model, const Pt2Tensor *tensor)
{
  return !tensor->pickled && tensor->storage_offset == 0 && tensor->nbytes == tensor->storage_bytes
         && pt2_tensor_is_contiguous (model->tensors, tensor);
}

/* Gives the record its place in the tensor's file, unless another tensor has it already. */
static void
claim_record (Extraction *all, const Model *model, const Pt2Tensor *tensor, const char *file, gsize offset)
{
  const Pt2Record *record = is_whole_record (model, tensor) ? pt2_archive_find (all->archive, tensor->record) : NULL;
  Place *place = record != NULL ? &all->places[record - all->records] : NULL;
  if (place != NULL && place->file == NULL)
    *place = (Place){ g_strdup (file), offset };
}

static gboolean
write_tensor (Extraction *all, Model *model, const Pt2Tensor *tensor, guint number, GError **error)
{
  ExtractTensor what;
  if (!extract_prepare (&what, model->tensors, tensor, all->raw, error))
    return FALSE;
  g_autofree char *file
      = folder_name (&all->folder, model->under, tensor->fqn.data, tensor->fqn.len, FALSE, all->raw ? ".bin" : ".npy");
  gboolean fine = folder_write (&all->folder, file, extract_fill, &what, error);
  if (fine)
    {
      claim_record (all, model, tensor, file, what.header != NULL ? g_bytes_get_size (what.header) : 0);
      model->notes[number] = what.note;
      model->files[number] = g_steal_pointer (&file);
    }
  extract_clear (&what);
  return fine;
}

static void
take_tensor (Extraction *all, Model *model, guint number)
{
  guint n;
  GError *error = NULL;
  const Pt2Tensor *items = pt2_tensors_get (model->tensors, &n), *tensor = &items[number];
  const Pt2Tensor *first = pt2_tensors_get_first_alike (model->tensors, tensor);
  if (first != tensor)
    model->files[number] = g_strdup (model->files[first - items]);
  else if (tensor->form != PT2_TENSOR_STRIDED && tensor->fault == NULL)
    return; /* described in the manifest; its record is kept */
  else if (!write_tensor (all, model, tensor, number, &error))
    trouble (all, error);
  else
    advance (all, tensor->nbytes);
}

static gboolean
take_model (Extraction *all, Model *model)
{
  GError *error = NULL;
  guint n;
  model->tensors = pt2_tensors_new (all->archive, model->name, NULL, &error);
  if (model->tensors == NULL || !pt2_tensors_check_cost (model->tensors, NULL, &error))
    {
      trouble (all, error);
      return model->tensors != NULL;
    }
  for (const GError *const *fault = pt2_tensors_get_faults (model->tensors); *fault != NULL; fault++)
    trouble (all, g_error_copy (*fault));
  pt2_tensors_get (model->tensors, &n);
  model->files = g_new0 (char *, (gsize)n + 1);
  model->notes = g_new0 (const char *, (gsize)n + 1);
  for (guint i = 0; i < n; i++)
    take_tensor (all, model, i);
  return TRUE;
}

/* ---- records ---- */

static gboolean
fill_record (int fd, gpointer data, GError **error)
{
  gsize len;
  const void *bytes = g_bytes_get_data (data, &len);
  return output_put (fd, bytes, len, error);
}

static void
take_record (Extraction *all, guint number)
{
  const Pt2Record *record = &all->records[number];
  Place *place = &all->places[number];
  GError *error = NULL;
  if (place->file != NULL || g_str_has_suffix (record->name, "/"))
    return;
  g_autoptr (GBytes) bytes = pt2_archive_read (all->archive, record->name, &error);
  g_autofree char *file = folder_name (&all->folder, "records/", record->name, strlen (record->name), TRUE, "");
  if (bytes == NULL || !folder_write (&all->folder, file, fill_record, bytes, &error))
    {
      trouble (all, error);
      return;
    }
  place->file = g_steal_pointer (&file);
  advance (all, record->bytes);
}

/* ---- the manifest ---- */

static void
json_record (Json *json, const Pt2Record *record, const Place *place)
{
  json_open (json, '{');
  json_member_text (json, "name", record->name);
  json_member_unsigned (json, "bytes", record->bytes);
  json_member_text (json, "method", record->method);
  json_member_unsigned (json, "crc32", record->crc32);
  json_member_text (json, "role", record->role);
  json_member_text (json, "file", place->file);
  json_member_unsigned (json, "offset", place->offset);
  json_close (json, '}');
}

static void
json_shape (Json *json, const char *key, const gint64 *numbers, guint n)
{
  json_key (json, key);
  if (numbers == NULL)
    {
      json_null (json);
      return;
    }
  json_open (json, '[');
  for (guint i = 0; i < n; i++)
    json_integer (json, numbers[i]);
  json_close (json, ']');
}

static void
json_tensor (Json *json, const Extraction *all, const Model *model, const Pt2Tensor *tensor, guint number)
{
  const char *file = model->files != NULL ? model->files[number] : NULL;
  const Pt2Record *record = tensor->record != NULL ? pt2_archive_find (all->archive, tensor->record) : NULL;
  const char *held = record != NULL ? all->places[record - all->records].file : NULL;
  json_open (json, '{');
  json_member_text (json, "model", model->name);
  json_member_string (json, "fqn", tensor->fqn);
  json_member_text (json, "role", pt2_tensor_role_name (tensor->role));
  json_member_text (json, "form", pt2_tensor_form_name (tensor->form));
  json_member_text (json, "dtype", tensor->dtype);
  json_shape (json, "shape", tensor->shape, tensor->n_dims);
  json_member_text (json, "record", tensor->record);
  json_member_text (json, "file", file);
  json_member_bool (json, "is_record", file != NULL && g_strcmp0 (file, held) == 0);
  json_member_text (json, "note", file != NULL ? model->notes[number] : NULL);
  json_close (json, '}');
}

static void
json_manifest (Json *json, const Extraction *all)
{
  json_open (json, '{');
  json_member_text (json, "format", "pt2-folder");
  json_member_unsigned (json, "version", 1);
  json_member_text (json, "kind", pt2_file_kind_name (pt2_archive_get_kind (all->archive)));
  json_member_text (json, "layout", pt2_archive_get_layout_name (all->archive));
  json_member_text (json, "root", pt2_archive_get_root (all->archive));
  json_member_text (json, "tensor_files", all->raw ? "raw" : "npy");
  json_key (json, "records");
  json_open (json, '[');
  for (guint i = 0; i < all->n_records; i++)
    json_record (json, &all->records[i], &all->places[i]);
  json_close (json, ']');
  json_key (json, "tensors");
  json_open (json, '[');
  for (guint i = 0; i < all->n_models; i++)
    {
      guint n = 0;
      const Pt2Tensor *items = all->models[i].tensors != NULL ? pt2_tensors_get (all->models[i].tensors, &n) : NULL;
      for (guint k = 0; k < n; k++)
        json_tensor (json, all, &all->models[i], &items[k], k);
    }
  json_close (json, ']');
  json_close (json, '}');
}

static gboolean
fill_manifest (int fd, gpointer data, GError **error)
{
  Json json;
  int own = dup (fd);
  FILE *out = own >= 0 ? fdopen (own, "w") : NULL;
  if (out == NULL)
    {
      if (own >= 0)
        close (own);
      set_error (error, PT2_ERROR_F002, "%s", "");
      return FALSE;
    }
  json_init (&json, out);
  json_manifest (&json, data);
  gboolean failed = ferror (out) != 0;
  if (fclose (out) == 0 && !failed)
    return TRUE;
  set_error (error, PT2_ERROR_F002, "%s", "");
  return FALSE;
}

/* ---- all ---- */

static void
prepare (Extraction *all)
{
  const char *const *names = pt2_archive_get_models (all->archive);
  while (names[all->n_models] != NULL)
    all->n_models++;
  all->models = g_new0 (Model, (gsize)all->n_models + 1);
  for (guint i = 0; i < all->n_models; i++)
    {
      Model *model = &all->models[i];
      model->name = names[i];
      model->under = all->n_models == 1
                         ? g_strdup ("tensors/")
                         : folder_name (&all->folder, "tensors/", names[i], strlen (names[i]), FALSE, "/");
    }
  all->records = pt2_archive_get_records (all->archive, &all->n_records);
  all->places = g_new0 (Place, (gsize)all->n_records + 1);
  for (guint i = 0; i < all->n_records; i++)
    all->total += all->records[i].bytes;
}

static void
clear (Extraction *all)
{
  for (guint i = 0; i < all->n_models; i++)
    {
      Model *model = &all->models[i];
      guint n = 0;
      if (model->tensors != NULL)
        pt2_tensors_get (model->tensors, &n);
      for (guint k = 0; model->files != NULL && k < n; k++)
        g_free (model->files[k]);
      g_free (model->files);
      g_free (model->notes);
      g_free (model->under);
      pt2_tensors_unref (model->tensors);
    }
  for (guint i = 0; i < all->n_records; i++)
    g_free (all->places[i].file);
  g_free (all->places);
  g_free (all->models);
  folder_close (&all->folder);
}

int
extract_all (Pt2Archive *archive, const char *in, const char *dir, gboolean as_raw)
{
  GError *error = NULL;
  Extraction all = { .archive = archive, .in = in, .raw = as_raw, .progress = PROGRESS_INIT ("extracting") };
  if (!folder_open (&all.folder, dir, &error))
    {
      folder_close (&all.folder);
      return report_trouble (dir, error);
    }
  prepare (&all);
  for (guint i = 0; i < all.n_models; i++)
    take_model (&all, &all.models[i]);
  for (guint i = 0; i < all.n_records; i++)
    take_record (&all, i);
  progress_end (&all.progress);
  if (!folder_write (&all.folder, "manifest.json", fill_manifest, &all, &error))
    all.status = report_trouble (dir, error);
  clear (&all);
  return all.status;
}
