/* SPDX-License-Identifier: Apache-2.0 */
#include "extract.h"
#include "input.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

static gboolean raw;
static const char *wanted, *folder;

/* ---- one tensor ---- */

typedef struct
{
  int fd;
  GError **error;
} PieceTarget;

static gboolean
put_piece (gconstpointer piece, gsize len, gpointer data)
{
  PieceTarget *target = data;
  return output_put (target->fd, piece, len, target->error);
}

gboolean
extract_fill (int fd, gpointer data, GError **error)
{
  const ExtractTensor *what = data;
  GError *failed = NULL, *stopped = NULL;
  PieceTarget target = { fd, &failed };
  if (what->header != NULL)
    {
      gsize len;
      const void *header = g_bytes_get_data (what->header, &len);
      if (!output_put (fd, header, len, error))
        return FALSE;
    }
  if (pt2_tensor_foreach_piece (what->tensors, what->tensor, put_piece, &target, &stopped))
    return TRUE;
  if (failed != NULL)
    {
      /* Our own fault stopped the walk. */
      g_clear_error (&stopped);
      g_propagate_error (error, failed);
    }
  else
    g_propagate_error (error, stopped);
  return FALSE;
}

gboolean
extract_prepare (ExtractTensor *what, Pt2Tensors *tensors, const Pt2Tensor *tensor, gboolean as_raw, GError **error)
{
  const char *remark = NULL;
  *what = (ExtractTensor){ .tensors = tensors, .tensor = tensor };
  what->header = pt2_tensor_npy_header (tensor, &remark, error);
  if (what->header == NULL || !pt2_tensor_check_record (tensors, tensor, error))
    {
      g_clear_pointer (&what->header, g_bytes_unref);
      return FALSE;
    }
  what->note = as_raw ? NULL : remark;
  if (as_raw)
    g_clear_pointer (&what->header, g_bytes_unref);
  return TRUE;
}

void
extract_clear (ExtractTensor *what)
{
  g_clear_pointer (&what->header, g_bytes_unref);
}

static const Pt2Tensor *
find_tensor (Pt2Tensors *tensors, GError **error)
{
  const Pt2Tensor *tensor = pt2_tensors_find (tensors, wanted);
  if (tensor != NULL)
    return tensor;
  const GError *const *faults = pt2_tensors_get_faults (tensors);
  g_autofree char *name = escaped (wanted, -1);
  if (faults[0] != NULL) /* which may be why it is not there */
    g_propagate_error (error, g_error_copy (faults[0]));
  else
    set_error (error, PT2_ERROR_W014, "\"%s\"", name);
  return NULL;
}

static int
write_tensor (Pt2Tensors *tensors, const char *in, const char *out)
{
  GError *error = NULL;
  ExtractTensor what;
  const Pt2Tensor *tensor = find_tensor (tensors, &error);
  if (tensor == NULL || !extract_prepare (&what, tensors, tensor, raw, &error))
    return report_trouble (input_name (in), error);
  gboolean fine = output_filled (out, extract_fill, &what, &error);
  if (fine && what.note != NULL && !settings.quiet)
    fprintf (stderr, "pt2: %s\n", what.note);
  extract_clear (&what);
  if (fine)
    return STATUS_FINE;
  return report_trouble (strcmp (out, "-") == 0 ? "standard output" : out, error);
}

/* ---- the verb ---- */

static int
run (char **operands, int n)
{
  GError *error = NULL;
  if ((wanted == NULL) == (folder == NULL) || n != (wanted != NULL ? 2 : 1))
    {
      set_error (&error, PT2_ERROR_U002, "`pt2 extract FILE --tensor=FQN OUT`, or `pt2 extract FILE --all DIR`");
      return report_trouble (NULL, error);
    }
  g_autoptr (Pt2Archive) archive = input_archive (operands[0]);
  if (archive == NULL)
    return STATUS_TROUBLE;
  if (folder != NULL)
    return extract_all (archive, operands[0], folder, raw);
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (archive, settings.model, NULL, &error);
  if (tensors == NULL)
    return report_trouble (input_name (operands[0]), error);
  return write_tensor (tensors, operands[0], operands[1]);
}

static const Option options[] = {
  { "tensor", 0, OPTION_TEXT, { .text = &wanted }, "FQN", "the tensor of that name goes to OUT" },
  { "all", 0, OPTION_TEXT, { .text = &folder }, "DIR", "all tensors and records go to a folder" },
  { "raw", 0, OPTION_FLAG, { .flag = &raw }, NULL, "bare elements instead of .npy: row-major, little-endian" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_extract = {
  .name = "extract",
  .operands = "FILE [OUT]",
  .least = 1,
  .most = 2,
  .summary = "tensors as .npy files, or all of an archive as a folder",
  .help = "With --tensor, writes one tensor to OUT (`-`: standard output) as numpy.load() reads it: row-major,\n"
          "little-endian, whatever its stride in the archive. NumPy has no bfloat16 and no float8: their bits are\n"
          "written as uint16 or uint8, complex32 as pairs of float16, and a note says so.\n"
          "With --all, writes everything to DIR, which is made, and must be empty unless -f:\n"
          "  tensors/FQN.npy   each tensor (tensors/MODEL/FQN.npy where there are several programs)\n"
          "  records/NAME      each record that is not all of one of these tensors, byte for byte\n"
          "  manifest.json     what is where; written last. `pt2 pack DIR OUT` makes an archive of it again\n"
          "Nothing is written outside DIR, whatever the names in the archive, and no link is followed. CRCs are\n"
          "checked. What cannot be taken out is reported (status 2), and the rest is written all the same.\n",
  .examples = "$ pt2 extract model.pt2 --tensor=layers.0.weight weight.npy\n"
              "$ pt2 extract model.pt2 --tensor=embedding.weight --raw - | sha256sum\n"
              "$ pt2 extract model.pt2 --all model.d\n",
  .options = options,
  .run = run,
};
