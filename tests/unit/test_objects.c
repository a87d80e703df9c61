/* SPDX-License-Identifier: Apache-2.0 */
/* Stored objects: listed with their types, given to the handlers of these, and put back. */
#include "pt2-build.h"
#include "pt2-object.h"
#include "suite.h"
#include <glib/gstdio.h>
#include <string.h>

#define TYPE "stored_objects.Gain"

/* The test's own objects are texts: what the bytes are. */
typedef struct
{
  gboolean silent, refuses;
  int freed;
} Own;

static gpointer
decode (GBytes *bytes, gpointer data, GError **error)
{
  const Own *own = data;
  if (own->refuses)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "not\nmine");
  return own->silent || own->refuses ? NULL : g_memdup2 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static GBytes *
encode (gconstpointer object, gpointer data, GError **error)
{
  const Own *own = data;
  return own->silent ? NULL : g_bytes_new (object, strlen (object));
}

static void
free_own (gpointer data)
{
  ((Own *)data)->freed++;
}

static const Pt2ObjectHandler handler = { decode, encode, TRUE };

static Pt2Ops *
new_ops (Own *own)
{
  Pt2Ops *ops = pt2_ops_new (NULL, NULL);
  ck_assert (pt2_ops_add_object_type (ops, TYPE, &handler, own, free_own, NULL));
  return ops;
}

/* An archive with its program and the objects of it. */
typedef struct
{
  Pt2Archive *archive;
  Pt2Program *program;
  Pt2Tensors *tensors;
  Pt2Objects *objects;
} Opened;

static Opened
open_path (const char *path, Pt2Program *program)
{
  g_autoptr (GError) error = NULL;
  Opened opened = { pt2_archive_new_from_file (path, NULL, &error), program, NULL, NULL };
  ck_assert_msg (opened.archive != NULL, "%s", error != NULL ? error->message : "");
  if (program == NULL)
    opened.program = pt2_program_new_from_file (path, NULL, NULL, &error);
  ck_assert_ptr_nonnull (opened.program);
  opened.tensors = pt2_tensors_new (opened.archive, NULL, opened.program, &error);
  ck_assert_ptr_nonnull (opened.tensors);
  opened.objects = pt2_objects_new (opened.archive, opened.tensors, opened.program, &error);
  ck_assert_ptr_nonnull (opened.objects);
  return opened;
}

static Opened
open_sample (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), name, NULL);
  return open_path (path, NULL);
}

static void
close_all (Opened *opened)
{
  pt2_objects_free (opened->objects);
  pt2_tensors_unref (opened->tensors);
  pt2_program_unref (opened->program);
  pt2_archive_unref (opened->archive);
}

static bool
is (Pt2String text, const char *other)
{
  return text.len == strlen (other) && memcmp (text.data, other, text.len) == 0;
}

START_TEST (objects_are_listed_with_their_types)
{
  g_autoptr (GError) error = NULL;
  Opened opened = open_sample ("extension/object.pt2");
  guint n;
  const Pt2Object *objects = pt2_objects_get (opened.objects, &n);
  ck_assert_uint_eq (n, 1);
  ck_assert (is (objects[0].fqn, "lifted_custom_0"));
  ck_assert (is (objects[0].type, TYPE));
  ck_assert_str_eq (objects[0].record, "data/constants/opaque_obj_0");
  ck_assert_ptr_eq (pt2_objects_find (opened.objects, "lifted_custom_0"), &objects[0]);
  ck_assert_ptr_null (pt2_objects_find (opened.objects, "x"));
  g_autoptr (GBytes) bytes = pt2_objects_read (opened.objects, &objects[0], &error);
  g_autoptr (GBytes) record = pt2_archive_read (opened.archive, objects[0].record, &error);
  ck_assert (bytes != NULL && g_bytes_equal (bytes, record));
  close_all (&opened);
}
END_TEST

START_TEST (most_programs_have_none)
{
  guint n;
  Opened opened = open_sample ("torch-2.15.0/mlp.pt2"), old = open_sample ("torch-2.2.2/mlp.pt2");
  pt2_objects_get (opened.objects, &n);
  ck_assert_uint_eq (n, 0);
  ck_assert_ptr_null (pt2_objects_find (opened.objects, "a.weight"));
  pt2_objects_get (old.objects, &n);
  ck_assert_uint_eq (n, 0);
  close_all (&opened);
  close_all (&old);
}
END_TEST

START_TEST (handlers_decode_and_encode)
{
  g_autoptr (GError) error = NULL;
  Own own = { FALSE, FALSE, 0 };
  Pt2Ops *ops = new_ops (&own);
  Opened opened = open_sample ("extension/object.pt2");
  const Pt2Object *object = pt2_objects_find (opened.objects, "lifted_custom_0");
  g_autofree char *value = pt2_objects_decode (opened.objects, object, ops, &error);
  ck_assert (value != NULL && memcmp (value, "\x80\x02", 2) == 0);
  g_autoptr (Pt2ArchiveWriter) writer
      = pt2_archive_writer_new_from_archive (opened.archive, PT2_WRITER_AS_IT_IS, &error);
  char other[] = "other bytes";
  ck_assert (pt2_objects_encode (opened.objects, object, ops, other, writer, &error));
  g_autoptr (GBytes) made = pt2_archive_writer_to_bytes (writer, &error);
  g_autoptr (Pt2Archive) again = pt2_archive_new_from_bytes (made, NULL, &error);
  g_autoptr (GBytes) bytes = pt2_archive_read (again, object->record, &error);
  ck_assert (g_bytes_get_size (bytes) == strlen (other) && memcmp (g_bytes_get_data (bytes, NULL), other, 11) == 0);
  close_all (&opened);
  pt2_ops_free (ops);
  ck_assert_int_eq (own.freed, 1);
}
END_TEST

START_TEST (what_nobody_registered_stays_closed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, NULL);
  Opened opened = open_sample ("extension/object.pt2");
  const Pt2Object *object = pt2_objects_find (opened.objects, "lifted_custom_0");
  ck_assert_ptr_null (pt2_objects_decode (opened.objects, object, ops, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O005));
  g_clear_error (&error);
  g_autoptr (Pt2ArchiveWriter) writer
      = pt2_archive_writer_new_from_archive (opened.archive, PT2_WRITER_AS_IT_IS, &error);
  ck_assert (!pt2_objects_encode (opened.objects, object, ops, ops, writer, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O005));
  g_clear_error (&error);
  /* The archive comes out as it was. */
  g_autoptr (GBytes) made = pt2_archive_writer_to_bytes (writer, &error);
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), "extension/object.pt2", NULL), *before = NULL;
  gsize len;
  ck_assert (g_file_get_contents (path, &before, &len, NULL));
  ck_assert (len == g_bytes_get_size (made) && memcmp (before, g_bytes_get_data (made, NULL), len) == 0);
  close_all (&opened);
}
END_TEST

START_TEST (types_are_registered_once)
{
  g_autoptr (GError) error = NULL;
  Own own = { FALSE, FALSE, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&own);
  static const char *const wrong[] = { TYPE, "", "\xff" };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      ck_assert (!pt2_ops_add_object_type (ops, wrong[i], &handler, &own, free_own, &error));
      ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O005));
      g_clear_error (&error);
    }
  ck_assert_int_eq (own.freed, 0);
  ck_assert_ptr_nonnull (pt2_ops_find_object_type (ops, (Pt2String){ TYPE, strlen (TYPE) }));
  ck_assert_ptr_null (pt2_ops_find_object_type (ops, (Pt2String){ "x", 1 }));
}
END_TEST

START_TEST (handlers_may_refuse)
{
  g_autoptr (GError) error = NULL;
  Own own = { FALSE, TRUE, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&own);
  Opened opened = open_sample ("extension/object.pt2");
  const Pt2Object *object = pt2_objects_find (opened.objects, "lifted_custom_0");
  ck_assert_ptr_null (pt2_objects_decode (opened.objects, object, ops, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O006));
  ck_assert_ptr_nonnull (strstr (error->message, "not\\nmine"));
  g_clear_error (&error);
  own = (Own){ TRUE, FALSE, 0 };
  ck_assert_ptr_null (pt2_objects_decode (opened.objects, object, ops, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O006));
  g_clear_error (&error);
  ck_assert_ptr_null (pt2_ops_encode_object (ops, object->type, "x", &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O006));
  close_all (&opened);
}
END_TEST

/* A program whose text has other names in the places of FROM. */
static Pt2Program *
sample_with (const char *from, const char *to)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), "extension/object.pt2", NULL);
  g_autoptr (Pt2Program) program = pt2_program_new_from_file (path, NULL, NULL, &error);
  g_autoptr (GBytes) json = pt2_program_save (program, PT2_FORM_JSON, &error);
  g_autoptr (GString) text = g_string_new_len (g_bytes_get_data (json, NULL), (gssize)g_bytes_get_size (json));
  ck_assert_uint_gt (g_string_replace (text, from, to, 0), 0);
  g_autoptr (GBytes) changed = g_bytes_new (text->str, text->len);
  Pt2Program *made = pt2_program_new_from_bytes (changed, NULL, &error);
  ck_assert_msg (made != NULL, "%s", error != NULL ? error->message : "");
  return made;
}

/* PyTorch writes an argument of that kind where it has not lifted the object, and may have no bytes for it. */
START_TEST (objects_that_no_input_stands_for)
{
  g_autoptr (GError) error = NULL;
  Own own = { FALSE, FALSE, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&own);
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), "extension/object.pt2", NULL);
  Opened opened = open_path (path, sample_with ("\"arg\": {\"as_custom_obj\": {\"name\": \"obj_lifted_custom_0\"",
                                                "\"arg\": {\"as_custom_obj\": {\"name\": \"_custom_obj_0\""));
  guint n;
  pt2_objects_get (opened.objects, &n);
  ck_assert_uint_eq (n, 2);
  const Pt2Object *object = pt2_objects_find (opened.objects, "_custom_obj_0");
  ck_assert (object != NULL && is (object->type, TYPE) && object->record == NULL);
  ck_assert_ptr_null (pt2_objects_decode (opened.objects, object, ops, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_W029));
  close_all (&opened);
}
END_TEST

START_TEST (builders_take_them)
{
  g_autoptr (GError) error = NULL;
  Own own = { FALSE, FALSE, 0 };
  g_autoptr (Pt2Ops) ops = new_ops (&own);
  ck_assert (pt2_ops_add_text (ops, "demo::gain(Tensor x, stored_objects.Gain gain) -> Tensor", -1, &error));
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL), *path = g_build_filename (folder, "built.pt2", NULL);
  g_autoptr (Pt2Builder) builder = pt2_builder_new (ops, NULL);
  Pt2BuildValue *gain = pt2_build_object_of_type (builder, "gain", TYPE, "its bytes");
  Pt2BuildValue *x = pt2_build_input (builder, "x", "float32[2]");
  Pt2BuildGraph *root = pt2_build_root (builder);
  pt2_build_output (root,
                    pt2_build_call (root, "demo.gain.default", "float32[2]", PT2_ARGS (pt2_arg (x), pt2_arg (gain))));
  ck_assert_msg (pt2_builder_save (builder, path, PT2_SAVE_REPLACE, &error), "%s", error != NULL ? error->message : "");
  Opened opened = open_path (path, NULL);
  const Pt2Object *object = pt2_objects_find (opened.objects, "gain");
  ck_assert_str_eq (object->record, "data/constants/opaque_obj_0");
  g_autoptr (GBytes) bytes = pt2_objects_read (opened.objects, object, &error);
  ck_assert (g_bytes_get_size (bytes) == 9 && memcmp (g_bytes_get_data (bytes, NULL), "its bytes", 9) == 0);
  close_all (&opened);
  g_remove (path);
  g_rmdir (folder);
  g_autoptr (Pt2Builder) other = pt2_builder_new (ops, NULL);
  ck_assert_ptr_null (pt2_build_object_of_type (other, "gain", "no.Type", "x"));
  ck_assert_ptr_null (pt2_builder_finish (other, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_O005));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { objects_are_listed_with_their_types, 1 }, { most_programs_have_none, 1 },
                             { handlers_decode_and_encode, 1 },          { what_nobody_registered_stays_closed, 1 },
                             { types_are_registered_once, 1 },           { handlers_may_refuse, 1 },
                             { objects_that_no_input_stands_for, 1 },    { builders_take_them, 1 } };
  return RUN_SUITE ("objects", cases);
}
