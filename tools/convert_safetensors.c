/* SPDX-License-Identifier: Apache-2.0 */
#include "convert_safetensors.h"
#include "input.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "show.h"
#include <string.h>
#include <unistd.h>

/* ---- out ---- */

typedef struct
{
  Pt2SafetensorsWriter *writer;
  Progress progress;
} Work;

static gboolean
show_and_go_on (guint64 done, guint64 total, gpointer data)
{
  Work *work = data;
  return output_goes_on () && progress_show (done, total, &work->progress);
}

static gboolean
fill (int fd, gpointer data, GError **error)
{
  Work *work = data;
  gboolean fine = pt2_safetensors_writer_write (work->writer, fd, show_and_go_on, work, error);
  progress_end (&work->progress);
  return fine;
}

/* The id that `pt2 hash` gives the program by itself: the elements are not read a second time for it. Programs that
 * have no canonical form, as those of older majors, have none. */
static void
add_content_id (Pt2SafetensorsWriter *writer, Pt2Program *program)
{
  Pt2ContentId id;
  if (!pt2_content_id (program, NULL, NULL, 1, &settings.limits, NULL, NULL, &id, NULL))
    return;
  g_autoptr (GString) text = g_string_new ("pt2h1:");
  for (guint i = 0; i < PT2_CONTENT_ID_BYTES; i++)
    g_string_append_printf (text, "%02x", id.content[i]);
  pt2_safetensors_writer_set_metadata (writer, "content_id", text->str);
}

/* What the file says of where it came from. */
static void
add_metadata (Pt2SafetensorsWriter *writer, Pt2Program *program)
{
  add_content_id (writer, program);
  Pt2String version = pt2_program_get_torch_version (program);
  g_autofree char *text = version.data != NULL ? g_utf8_make_valid (version.data, version.len) : NULL;
  if (text != NULL)
    pt2_safetensors_writer_set_metadata (writer, "torch_version", text);
}

/* Names written under another one are news, what is not written at all is a finding. */
static int
report_fates (Pt2SafetensorsWriter *writer, Pt2Tensors *tensors, const char *in)
{
  guint n, tied = 0;
  int status = STATUS_FINE;
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  const Pt2SafetensorsFate *fates = pt2_safetensors_writer_get_fates (writer);
  for (guint i = 0; i < n; i++)
    {
      if (fates[i].error != NULL)
        status = report_finding (input_name (in), g_error_copy (fates[i].error));
      tied += fates[i].kept_as != NULL && fates[i].kept_as != &items[i];
    }
  if (tied > 0 && !settings.quiet)
    fprintf (stderr,
             "pt2: %u tied %s written once, under the other name (the metadata says which); --repeat writes each\n",
             tied, tied == 1 ? "tensor is" : "tensors are");
  return status;
}

static Pt2SafetensorsWriter *
plan (Pt2Archive *archive, gboolean repeat, Pt2Tensors **tensors, GError **error)
{
  const Pt2Record *record = pt2_archive_choose_model (archive, settings.model, error);
  g_autoptr (Pt2Program) program = record != NULL ? pt2_archive_load_program (archive, record, error) : NULL;
  if (program == NULL)
    return NULL;
  *tensors = pt2_tensors_new (archive, settings.model, program, error);
  if (*tensors == NULL)
    return NULL;
  Pt2SafetensorsWriter *writer
      = pt2_safetensors_writer_new (*tensors, repeat ? PT2_SAFETENSORS_REPEAT : PT2_SAFETENSORS_PLAIN, error);
  if (writer == NULL)
    return NULL;
  add_metadata (writer, program);
  pt2_content_id_name_left_out (writer, *tensors);
  return writer;
}

int
convert_safetensors (const char *in, const char *out, gboolean repeat)
{
  GError *error = NULL;
  g_autoptr (Pt2Archive) archive = input_archive (in);
  g_autoptr (Pt2Tensors) tensors = NULL;
  if (archive == NULL)
    return STATUS_TROUBLE;
  g_autoptr (Pt2SafetensorsWriter) writer = plan (archive, repeat, &tensors, &error);
  if (writer == NULL)
    return report_trouble (input_name (in), error);
  Work work = { writer, PROGRESS_INIT ("writing") };
  if (!output_filled (out, fill, &work, &error))
    return report_trouble (strcmp (out, "-") == 0 ? "standard output" : out, error);
  return report_fates (writer, tensors, in);
}

/* ---- in ---- */

static void
report_kept (Pt2Tensors *tensors, const gboolean *touched)
{
  enum
  {
    SHOWN = 3,
  };
  guint n, kept = 0;
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  g_autoptr (GString) names = g_string_new (NULL);
  for (guint i = 0; i < n; i++)
    if (!touched[i] && kept++ < SHOWN)
      {
        g_string_append (names, names->len > 0 ? ", " : "");
        append_escaped (names, items[i].fqn.data, items[i].fqn.len);
      }
  if (kept > 0 && !settings.quiet)
    fprintf (stderr, "pt2: %u of %u tensors are not in the weights and stay as they are: %s%s\n", kept, n, names->str,
             kept > SHOWN ? ", …" : "");
}

/* The weights of another archive, as a safetensors file that has no name. */
static GBytes *
archive_as_weights (GBytes *bytes, GError **error)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &settings.limits, error);
  g_autoptr (Pt2Tensors) tensors = archive != NULL ? pt2_tensors_new (archive, NULL, NULL, error) : NULL;
  g_autoptr (Pt2SafetensorsWriter) writer
      = tensors != NULL ? pt2_safetensors_writer_new (tensors, PT2_SAFETENSORS_REPEAT, error) : NULL;
  g_autofree char *path = NULL;
  int fd = writer != NULL ? g_file_open_tmp ("pt2-XXXXXX", &path, NULL) : -1;
  if (fd < 0)
    {
      if (writer != NULL)
        set_error (error, PT2_ERROR_F002, "%s", g_get_tmp_dir ());
      return NULL;
    }
  unlink (path);
  g_autoptr (GMappedFile) file = NULL;
  if (pt2_safetensors_writer_write (writer, fd, NULL, NULL, error)
      && (file = g_mapped_file_new_from_fd (fd, FALSE, NULL)) == NULL)
    set_error (error, PT2_ERROR_F001, "%s", g_get_tmp_dir ());
  close (fd);
  return file != NULL ? g_mapped_file_get_bytes (file) : NULL;
}

static Pt2Safetensors *
read_weights (const char *path, GError **error)
{
  Pt2FileKind kind;
  g_autoptr (GBytes) bytes = input_bytes (path, error);
  if (bytes == NULL)
    return NULL;
  if (!pt2_file_kind (bytes, &settings.limits, &kind, NULL) || kind != PT2_KIND_OF_FILE_EXPORTED_PROGRAM)
    return pt2_safetensors_new_from_bytes (bytes, &settings.limits, error);
  g_autoptr (GBytes) weights = archive_as_weights (bytes, error);
  return weights != NULL ? pt2_safetensors_new_from_bytes (weights, &settings.limits, error) : NULL;
}

Pt2Safetensors *
open_weights (const char *path)
{
  GError *error = NULL;
  Pt2Safetensors *weights = read_weights (path, &error);
  if (weights == NULL)
    report_trouble (input_name (path), error);
  return weights;
}

gboolean
take_weights (Pt2ArchiveWriter *writer, Pt2Archive *archive, Pt2Safetensors *weights, GError **error)
{
  g_autofree gboolean *touched = NULL;
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (archive, settings.model, NULL, error);
  if (tensors == NULL || !pt2_archive_writer_take_weights (writer, tensors, weights, &touched, error))
    return FALSE;
  report_kept (tensors, touched);
  return TRUE;
}
