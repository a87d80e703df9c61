/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles the factor of a stored object, whose type libpt2 does not know: scale_object IN OUT */
#include <pt2.h>
#include <stdio.h>
#include <string.h>

/* What PyTorch pickles of the class: a Gain with the one attribute `factor`, an integer. */
typedef struct
{
  gint32 factor;
} Gain;

static gpointer
decode (GBytes *bytes, gpointer data, GError **error)
{
  g_autoptr (Pt2Pickle) pickle = pt2_pickle_new_from_bytes (bytes, NULL, error);
  const Pt2PickleValue *state = pickle != NULL ? pt2_pickle_get_value (pickle)->state : NULL;
  const Pt2PickleValue *factor
      = state != NULL && state->kind == PT2_PICKLE_DICT ? pt2_pickle_lookup (state, "factor") : NULL;
  if (factor == NULL || factor->kind != PT2_PICKLE_INTEGER)
    {
      if (pickle != NULL)
        g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "no Gain with a factor");
      return NULL;
    }
  Gain *gain = g_new (Gain, 1);
  gain->factor = (gint32)factor->integer;
  return gain;
}

static GBytes *
encode (gconstpointer object, gpointer data, GError **error)
{
  static const char before[] = "\x80\x02"
                               "cstored_objects\nGain\n)\x81}X\x06\x00\x00\x00"
                               "factorJ";
  const gint32 factor = GINT32_TO_LE (((const Gain *)object)->factor);
  GByteArray *pickle = g_byte_array_new ();
  g_byte_array_append (pickle, (const guint8 *)before, sizeof before - 1);
  g_byte_array_append (pickle, (const guint8 *)&factor, sizeof factor);
  g_byte_array_append (pickle, (const guint8 *)"sb.", 3);
  return g_byte_array_free_to_bytes (pickle);
}

static const Pt2ObjectHandler handler = { decode, encode, TRUE };

static gboolean
scale (const Pt2Objects *objects, const Pt2Object *object, const Pt2Ops *ops, Pt2ArchiveWriter *writer, GError **error)
{
  g_autofree Gain *gain = pt2_objects_decode (objects, object, ops, error);
  if (gain == NULL)
    return FALSE;
  gain->factor *= 2;
  printf ("%.*s of type %.*s: factor %d\n", (int)object->fqn.len, object->fqn.data, (int)object->type.len,
          object->type.data, gain->factor);
  return pt2_objects_encode (objects, object, ops, gain, writer, error);
}

static gboolean
run (const char *in, const char *out, GError **error)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (in, NULL, error);
  g_autoptr (Pt2Program) program = archive != NULL ? pt2_program_new_from_file (in, NULL, NULL, error) : NULL;
  g_autoptr (Pt2Tensors) tensors = program != NULL ? pt2_tensors_new (archive, NULL, program, error) : NULL;
  g_autoptr (Pt2Objects) objects = tensors != NULL ? pt2_objects_new (archive, tensors, program, error) : NULL;
  g_autoptr (Pt2Ops) ops = objects != NULL ? pt2_ops_new (NULL, error) : NULL;
  if (ops == NULL || !pt2_ops_add_object_type (ops, "stored_objects.Gain", &handler, NULL, NULL, error))
    return FALSE;
  g_autoptr (Pt2ArchiveWriter) writer = pt2_archive_writer_new_from_archive (archive, PT2_WRITER_AS_IT_IS, error);
  guint n;
  const Pt2Object *all = pt2_objects_get (objects, &n);
  for (guint i = 0; writer != NULL && i < n; i++)
    if (pt2_ops_find_object_type (ops, all[i].type) != NULL && !scale (objects, &all[i], ops, writer, error))
      return FALSE;
  return writer != NULL && pt2_archive_writer_save (writer, out, PT2_SAVE_REPLACE, NULL, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc == 3 && run (argv[1], argv[2], &error))
    return 0;
  fprintf (stderr, "scale_object: %s\n", error != NULL ? error->message : "give an archive and a file to write");
  return 2;
}
