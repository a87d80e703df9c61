/* SPDX-License-Identifier: Apache-2.0 */
/* pt2_annotate(): the public face of lib/codec/annotate.h for whole programs. */
#include "annotate.h"
#include "program.h"

typedef struct
{
  Pt2AnnotateFunc func;
  gpointer data;
  bool stopped;
} Forward;

static bool
forward (const Pt2Piece *piece, void *data)
{
  Forward *to = data;
  Pt2Annotation annotation = { piece->offset, piece->len, piece->path, piece->what, piece->type, piece->value };
  to->stopped = !to->func (&annotation, to->data);
  return !to->stopped;
}

gboolean
pt2_annotate (GBytes *bytes, const Pt2Limits *limits, Pt2AnnotateFunc func, gpointer data, GError **error)
{
  size_t len;
  const char *text = g_bytes_get_data (bytes, &len);
  Pt2Status status = PT2_STATUS_INIT;
  Forward to = { func, data, false };
  limits = limits != NULL ? limits : pt2_limits_default ();
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  if (!pt2_compact_annotate (info, text, len, limits, forward, &to, &status))
    return pt2_status_to_error (&status, error);
  if (to.stopped)
    return TRUE;
  /* The walk only follows the wire; the reader also knows what must be there. */
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, limits, error);
  return program != NULL;
}
