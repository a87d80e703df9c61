/* SPDX-License-Identifier: Apache-2.0 */
/* lib/thrift/bridge: programs as c_glib's types and back, nothing lost, nothing leaked, nothing hostile let through. */
#include "corpus.h"
#include "pt2-thrift.h"
#include "suite.h"
#include <malloc.h>

#define NAME "torch-2.15.0/cond_nested.pt2"

static GBytes *
compact_of (Pt2Program *program)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = pt2_program_save (program, PT2_FORM_COMPACT, &error);
  ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
  return bytes;
}

static Pt2ThriftExportedProgram *
objects_of (Pt2Program *program)
{
  g_autoptr (GError) error = NULL;
  Pt2ThriftExportedProgram *objects = pt2_thrift_from_program (program, &error);
  ck_assert_msg (objects != NULL, "%s", error != NULL ? error->message : "");
  return objects;
}

/* By content: only the order of map entries may differ, which is no difference to pt2_diff_new(). */
static void
check_same (const char *path, Pt2Program *a, Pt2Program *b)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Diff) diff = pt2_diff_new (a, b, 0, NULL, &error);
  ck_assert_msg (diff != NULL, "%s: %s", path, error != NULL ? error->message : "");
  guint n;
  const Pt2Change *changes = pt2_diff_get_changes (diff, &n);
  ck_assert_msg (n == 0, "%s: %u changes, the first at %s", path, n, n > 0 ? changes[0].where : "");
  g_autoptr (GBytes) bytes_a = compact_of (a), bytes_b = compact_of (b);
  ck_assert_msg (g_bytes_get_size (bytes_a) == g_bytes_get_size (bytes_b), "%s: more or less bytes", path);
}

static void
there_and_back (const char *path, Pt2Program *program, gpointer data)
{
  unsigned *n = data;
  if (pt2_program_get_exported_program (program) == NULL)
    return;
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2ThriftExportedProgram) objects = objects_of (program);
  g_autoptr (Pt2Program) back = pt2_thrift_to_program (objects, NULL, &error);
  ck_assert_msg (back != NULL, "%s: %s", path, error != NULL ? error->message : "");
  check_same (path, program, back);
  ck_assert_uint_eq (objects->graph_module->graph->nodes->len,
                     pt2_program_get_exported_program (program)->graph_module.graph.nodes.len);
  ++*n;
}

START_TEST (programs_of_the_corpus)
{
  unsigned n = 0;
  corpus_foreach (there_and_back, &n);
  ck_assert_uint_gt (n, 10);
}
END_TEST

/* The comparison above must see what it is there for. */
START_TEST (a_change_is_seen)
{
  g_autoptr (Pt2Program) program = corpus_program (NAME);
  g_autoptr (Pt2ThriftExportedProgram) objects = objects_of (program);
  Pt2ThriftNode *node = g_ptr_array_index (objects->graph_module->graph->nodes, 0);
  g_object_set (node, "target", "torch.ops.aten.other.default", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) changed = pt2_thrift_to_program (objects, NULL, &error);
  ck_assert_msg (changed != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (Pt2Diff) diff = pt2_diff_new (program, changed, 0, NULL, &error);
  guint n = 0;
  ck_assert_ptr_nonnull (diff);
  pt2_diff_get_changes (diff, &n);
  ck_assert_uint_gt (n, 0);
}
END_TEST

START_TEST (older_majors_have_no_structs)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.3.1/derived_dims.pt2");
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_thrift_from_program (program, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_P002));
}
END_TEST

/* ---- other structs ---- */

static GBytes *
compact_of_text (const char *type, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  GBytes *compact = pt2_struct_convert (type, bytes, PT2_FORM_JSON, PT2_FORM_COMPACT, PT2_STRUCT_ANY, NULL, NULL);
  ck_assert_ptr_nonnull (compact);
  return compact;
}

START_TEST (any_struct_of_the_schema)
{
  g_autoptr (GBytes) compact = compact_of_text (
      "AOTInductorModelPickleData", "{\"library_basename\": \"m.so\", \"input_names\": [\"x\"], \"output_names\": [], "
                                    "\"floating_point_input_dtype\": "
                                    "null, \"floating_point_output_dtype\": 6, \"aot_inductor_model_is_cpu\": true}");
  GType type = PT2_THRIFT_TYPE_A_O_T_INDUCTOR_MODEL_PICKLE_DATA;
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2ThriftAOTInductorModelPickleData) value
      = (gpointer)pt2_thrift_struct_from_compact (type, compact, NULL, &error);
  ck_assert_msg (value != NULL, "%s", error != NULL ? error->message : "");
  const Pt2ThriftAOTInductorModelPickleData *notes = value;
  ck_assert_str_eq (notes->library_basename, "m.so");
  ck_assert (notes->__isset_floating_point_output_dtype && !notes->__isset_floating_point_input_dtype);
  g_autoptr (GBytes) back = pt2_thrift_struct_to_compact (THRIFT_STRUCT (value), NULL, &error);
  ck_assert_msg (back != NULL && g_bytes_equal (compact, back), "other bytes");
}
END_TEST

START_TEST (enums_have_names)
{
  ck_assert_str_eq (pt2_thrift_scalar_type_to_string (PT2_THRIFT_SCALAR_TYPE_BFLOAT16),
                    "PT2_THRIFT_SCALAR_TYPE_BFLOAT16");
  ck_assert_int_eq ((int)PT2_THRIFT_LAYOUT_Strided, (int)PT2_LAYOUT_STRIDED);
}
END_TEST

/* ---- what is refused ---- */

static void
expect_refusal (GType type, GBytes *bytes, Pt2ErrorCode code)
{
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_thrift_struct_from_compact (type, bytes, NULL, &error));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)code), "%s", error->message);
}

START_TEST (what_would_be_lost)
{
  g_autoptr (GBytes) later = compact_of_text ("TokenArgument", "{\"name\": \"t\", \"later\": 1}");
  expect_refusal (PT2_THRIFT_TYPE_TOKEN_ARGUMENT, later, PT2_ERROR_T016);
  g_autoptr (GBytes) nul = compact_of_text ("TokenArgument", "{\"name\": \"a\\u0000b\"}");
  expect_refusal (PT2_THRIFT_TYPE_TOKEN_ARGUMENT, nul, PT2_ERROR_T017);
  expect_refusal (THRIFT_TYPE_STRUCT, nul, PT2_ERROR_T018);
}
END_TEST

START_TEST (hostile_bytes)
{
  g_autoptr (Pt2Program) program = corpus_program (NAME);
  g_autoptr (GBytes) bytes = compact_of (program);
  gsize len = g_bytes_get_size (bytes), step = g_getenv ("PT2_TEST_QUICK") != NULL ? 97 : 11;
  for (gsize at = 0; at < len; at += step)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (bytes, 0, at);
      g_autoptr (GError) error = NULL;
      ck_assert_ptr_null (pt2_thrift_struct_from_compact (PT2_THRIFT_TYPE_EXPORTED_PROGRAM, cut, NULL, &error));
      ck_assert (error->domain == PT2_ERROR);
    }
  /* A million lists in a field that a generated reader would skip, and overrun its stack. */
  g_autofree char *deep = g_malloc (1 << 20);
  memset (deep, 0x19, 1 << 20);
  g_autoptr (GBytes) nested = g_bytes_new_static (deep, 1 << 20);
  expect_refusal (PT2_THRIFT_TYPE_EXPORTED_PROGRAM, nested, PT2_ERROR_L002);
}
END_TEST

START_TEST (wrong_objects)
{
  g_autoptr (Pt2ThriftArgument) none = g_object_new (PT2_THRIFT_TYPE_ARGUMENT, NULL);
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_thrift_struct_to_compact (THRIFT_STRUCT (none), NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_T008));
  g_autoptr (Pt2ThriftArgument) two
      = g_object_new (PT2_THRIFT_TYPE_ARGUMENT, "as_int", (gint64)1, "as_bool", TRUE, NULL);
  g_clear_error (&error);
  ck_assert_ptr_null (pt2_thrift_struct_to_compact (THRIFT_STRUCT (two), NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_T008));
}
END_TEST

/* ---- memory and threads ---- */

static void
turn_many (Pt2Program *program, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    {
      g_autoptr (Pt2ThriftExportedProgram) objects = objects_of (program);
      g_autoptr (Pt2Program) back = pt2_thrift_to_program (objects, NULL, NULL);
      ck_assert_ptr_nonnull (back);
    }
}

/* A million conversions where $PT2_TEST_SOAK asks for them; a leak of one text in each shows after far fewer. */
START_TEST (nothing_leaks)
{
  const char *asked = g_getenv ("PT2_TEST_SOAK");
  unsigned n = asked != NULL ? (unsigned)atoi (asked) : g_getenv ("PT2_TEST_QUICK") != NULL ? 20 : 2000;
  g_autoptr (GBytes) bytes = compact_of_text (
      "ExportedProgram",
      "{\"graph_module\": {\"graph\": {\"inputs\": [{\"as_tensor\": {\"name\": \"x\"}}], \"outputs\": "
      "[{\"as_sym_int\": "
      "{\"as_name\": \"s\"}}], \"nodes\": [{\"target\": \"f\", \"inputs\": [{\"name\": \"a\", \"arg\": "
      "{\"as_string_to_argument\": {\"k\": {\"as_float_lists\": [[0.5]]}}}}], \"outputs\": [{\"as_nested_tensors\": "
      "[[{\"name\": \"y\"}]]}], \"metadata\": {\"m\": \"n\"}}], \"tensor_values\": {\"x\": {\"dtype\": 7, \"sizes\": "
      "[{\"as_expr\": {\"expr_str\": \"s0\", \"hint\": {\"as_int\": 3}}}], \"requires_grad\": false, \"device\": "
      "{\"type\": "
      "\"cpu\", \"index\": null}, \"strides\": [{\"as_int\": 1}], \"storage_offset\": {\"as_int\": 0}, \"layout\": "
      "7}}, "
      "\"sym_int_values\": {\"s\": {\"as_int\": 1}}, \"sym_bool_values\": {}}, \"signature\": {\"input_specs\": [], "
      "\"output_specs\": []}, \"module_call_graph\": [{\"fqn\": \"\", \"signature\": {\"inputs\": [], \"outputs\": [], "
      "\"in_spec\": \"\", \"out_spec\": \"\", \"forward_arg_names\": [\"x\"]}}]}, \"opset_version\": {\"aten\": 10}, "
      "\"range_constraints\": {\"s0\": {\"min_val\": 1, \"max_val\": null}}, \"schema_version\": {\"major\": 8, "
      "\"minor\": "
      "20}}");
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  turn_many (program, 1000);
  size_t before = mallinfo2 ().uordblks;
  turn_many (program, n);
  size_t after = mallinfo2 ().uordblks;
  ck_assert_msg (after < before + 65536, "%zu bytes before, %zu after %u conversions", before, after, n);
}
END_TEST

static gpointer
turn_in_thread (gpointer data)
{
  turn_many (data, 5);
  return NULL;
}

/* Types come to be in whichever thread asks first. */
START_TEST (many_threads)
{
  g_autoptr (Pt2Program) program = corpus_program (NAME);
  GThread *threads[8];
  for (unsigned i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("turn", turn_in_thread, program);
  for (unsigned i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { programs_of_the_corpus, 1 },
                             { a_change_is_seen, 1 },
                             { older_majors_have_no_structs, 1 },
                             { any_struct_of_the_schema, 1 },
                             { enums_have_names, 1 },
                             { what_would_be_lost, 1 },
                             { hostile_bytes, 1 },
                             { wrong_objects, 1 },
                             { nothing_leaks, 1 },
                             { many_threads, 1 } };
  return RUN_SUITE ("bridge", cases);
}
