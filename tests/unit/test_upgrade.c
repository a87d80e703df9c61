/* SPDX-License-Identifier: Apache-2.0 */
/* lib/evolve: whole upgrades of the corpus, refusals, and what an upgrade says of itself. Steps by themselves are in
 * test_upgrade_steps.c; whether PyTorch computes the same is asked in tests/torch/check_upgrade.py. */
#include "corpus.h"
#include "pt2-tensor.h"
#include "pt2-upgrade.h"
#include "suite.h"

static Pt2Program *
program_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  Pt2Program *program = pt2_program_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  return program;
}

static char *
text_of (Pt2Program *program, Pt2Form form)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = pt2_program_save (program, form, &error);
  ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  return g_strndup (data, len);
}

/* ---- the corpus ---- */

static void
is_today (Pt2Program *program, const char *path)
{
  gint64 major, minor;
  pt2_program_get_schema_version (program, &major, &minor);
  ck_assert_msg (major == 8 && minor == 20, "%s", path);
  ck_assert_ptr_nonnull (pt2_program_get_exported_program (program));
}

/* Its own text, read again, gives the same text; and it goes through compact. */
static void
is_whole (Pt2Program *program, const char *path)
{
  g_autofree char *text = text_of (program, PT2_FORM_JSON);
  g_autoptr (Pt2Program) again = program_of (text);
  g_autofree char *text_again = text_of (again, PT2_FORM_JSON);
  ck_assert_msg (strcmp (text, text_again) == 0, "%s", path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) compact = pt2_program_save (program, PT2_FORM_COMPACT, &error);
  ck_assert_msg (compact != NULL, "%s", path);
}

static bool
equal_texts (Pt2String a, Pt2String b)
{
  return a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0);
}

/* As many inputs and outputs, the values of the same names, and types, as the older program has. */
static void
has_the_same_outputs (Pt2Program *before, Pt2Program *after, const char *path)
{
  guint n_before, n_after;
  const Pt2SignatureItem *a = pt2_program_get_outputs (before, &n_before);
  const Pt2SignatureItem *b = pt2_program_get_outputs (after, &n_after);
  ck_assert_msg (n_before == n_after, "%s", path);
  for (guint i = 0; i < n_before; i++)
    ck_assert_msg (equal_texts (a[i].name, b[i].name) && g_strcmp0 (a[i].dtype, b[i].dtype) == 0
                       && a[i].n_shape == b[i].n_shape && strcmp (a[i].kind, b[i].kind) == 0,
                   "%s: output %u", path, i);
}

static void
upgrade_program (const char *path, Pt2Program *program, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 major, minor;
  pt2_program_get_schema_version (program, &major, &minor);
  g_autoptr (Pt2Upgrade) upgrade = pt2_upgrade_new (program, NULL, NULL, NULL, &error);
  ck_assert_msg (upgrade != NULL, "%s: %s", path, error != NULL ? error->message : "");
  Pt2Program *after = pt2_upgrade_get_program (upgrade);
  is_today (after, path);
  is_whole (after, path);
  has_the_same_outputs (program, after, path);
  ((unsigned *)data)[major]++;
}

START_TEST (the_corpus)
{
  unsigned n[9] = { 0 };
  corpus_foreach (upgrade_program, n);
  for (unsigned major = 1; major <= 8; major++)
    ck_assert_msg (n[major] > 0 || major == 3 || major == 4 || major == 6, "no program of major %u", major);
}
END_TEST

/* ---- of what is today's already ---- */

START_TEST (nothing_but_the_version)
{
  static const char *const names[] = { "torch-2.8.0/cond_old.pt2", "torch-2.15.0/cond_old.pt2" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      guint n;
      g_autoptr (Pt2Program) program = corpus_program (names[i]);
      g_autoptr (Pt2Upgrade) upgrade = pt2_upgrade_new (program, NULL, NULL, NULL, NULL);
      ck_assert_ptr_nonnull (upgrade);
      pt2_upgrade_get_done (upgrade, &n);
      ck_assert_msg (n == 0, "%s", names[i]);
      g_autofree char *before = text_of (program, PT2_FORM_JSON);
      g_autofree char *after = text_of (pt2_upgrade_get_program (upgrade), PT2_FORM_JSON);
      ck_assert_msg (i == 0 || strcmp (before, after) == 0, "%s", names[i]);
    }
}
END_TEST

/* ---- small programs ---- */

#define EMPTY_GRAPH                                                                                                    \
  "\"inputs\": [], \"outputs\": [], \"nodes\": [], \"tensor_values\": {}, \"sym_int_values\": {}, "                    \
  "\"sym_bool_values\": {}"
#define NODE(target, inputs)                                                                                           \
  "\"inputs\": [], \"outputs\": [], \"nodes\": [{\"target\": \"" target "\", \"inputs\": [" inputs                     \
  "], \"outputs\": [], \"metadata\": {}}], \"tensor_values\": {}, \"sym_int_values\": {}, \"sym_bool_values\": {}"
#define REST_5                                                                                                         \
  "\"signature\": {\"input_specs\": [], \"output_specs\": []}, \"module_call_graph\": []}, \"opset_version\": {}, "    \
  "\"range_constraints\": {}, \"schema_version\": {\"major\": 5, \"minor\": 1}, \"dialect\": \"ATEN\"}"
#define REST_1                                                                                                         \
  "\"signature\": {}, \"call_spec\": {\"in_spec\": \"\", \"out_spec\": \"\"}, \"module_call_graph\": []}, "            \
  "\"opset_version\": {}, \"range_constraints\": {}, \"schema_version\": 1}"

/* A file of torch.save with one number in it, as base64. */
#define TENSOR_FILE                                                                                                    \
  "UEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAQABIAYXJjaGl2ZS9kYXRhLnBrbEZCDgBaWlpaWlpaWlpaWlpaWoACY3RvcmNoLl91"               \
  "dGlscwpfcmVidWlsZF90ZW5zb3JfdjIKcQAoKFgHAAAAc3RvcmFnZXEBY3RvcmNoCkZsb2F0U3RvcmFnZQpxAlgBAAAAMHEDWAMA"               \
  "AABjcHVxBEsBdHEFUUsAKSmJY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEGKVJxB3RxCFJxCS5QSwcIABDAlY4AAACOAAAAUEsD"               \
  "BAAACAgAAAAAAAAAAAAAAAAAAAAAAAARADMAYXJjaGl2ZS9ieXRlb3JkZXJGQi8AWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpa"               \
  "WlpaWlpaWlpaWlpaWlpaWlpaWlpsaXR0bGVQSwcIhT3jGQYAAAAGAAAAUEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAOAD4AYXJj"               \
  "aGl2ZS9kYXRhLzBGQjoAWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWgAA"               \
  "gEBQSwcIxwYbbAQAAAAEAAAAUEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAPAD8AYXJjaGl2ZS92ZXJzaW9uRkI7AFpaWlpaWlpa"               \
  "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaMwpQSwcI0Z5nVQIAAAACAAAAUEsDBAAA"               \
  "CAgAAAAAAAAAAAAAAAAAAAAAAAAeADIAYXJjaGl2ZS8uZGF0YS9zZXJpYWxpemF0aW9uX2lkRkIuAFpaWlpaWlpaWlpaWlpaWlpa"               \
  "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlowNTc2ODU4ODU3Mzg1OTk2Mjc4MjAwMDAxMzc2NDE4OTY2NTMyNDI2UEsHCGc5"               \
  "AT4oAAAAKAAAAFBLAQIAAAAACAgAAAAAAAAAEMCVjgAAAI4AAAAQAAAAAAAAAAAAAAAAAAAAAABhcmNoaXZlL2RhdGEucGtsUEsB"               \
  "AgAAAAAICAAAAAAAAIU94xkGAAAABgAAABEAAAAAAAAAAAAAAAAA3gAAAGFyY2hpdmUvYnl0ZW9yZGVyUEsBAgAAAAAICAAAAAAA"               \
  "AMcGG2wEAAAABAAAAA4AAAAAAAAAAAAAAAAAVgEAAGFyY2hpdmUvZGF0YS8wUEsBAgAAAAAICAAAAAAAANGeZ1UCAAAAAgAAAA8A"               \
  "AAAAAAAAAAAAAAAA1AEAAGFyY2hpdmUvdmVyc2lvblBLAQIAAAAACAgAAAAAAABnOQE+KAAAACgAAAAeAAAAAAAAAAAAAAAAAFIC"               \
  "AABhcmNoaXZlLy5kYXRhL3NlcmlhbGl6YXRpb25faWRQSwYGLAAAAAAAAAAeAy0AAAAAAAAAAAAFAAAAAAAAAAUAAAAAAAAAQgEA"               \
  "AAAAAAD4AgAAAAAAAFBLBgcAAAAAOgQAAAAAAAABAAAAUEsFBgAAAAAFAAUAQgEAAPgCAAAAAA=="

#define SOME_META                                                                                                      \
  "{\"dtype\": 7, \"sizes\": [], \"requires_grad\": false, \"device\": {\"type\": \"cpu\"}, \"strides\": [], "         \
  "\"storage_offset\": 0, \"layout\": 7}"

/* ---- archives ---- */

static Pt2ArchiveWriter *
upgraded_archive (const char *name, GPtrArray **upgrades)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = corpus_path (name);
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, &error);
  ck_assert_ptr_nonnull (archive);
  Pt2ArchiveWriter *writer = pt2_upgrade_archive (archive, upgrades, &error);
  ck_assert_msg (writer != NULL, "%s: %s", name, error != NULL ? error->message : "");
  return writer;
}

static Pt2Archive *
written (Pt2ArchiveWriter *writer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = pt2_archive_writer_to_bytes (writer, &error);
  ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
  Pt2Archive *archive = pt2_archive_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (archive != NULL, "%s", error != NULL ? error->message : "");
  return archive;
}

typedef struct
{
  const char *name;
  const char *dtype;
  gboolean persistent;
  const char *bytes;
  gsize len;
} Payload;

/* The constants lay in the graph; the buffers were called `L__s___c` and `L__s___q`. */
START_TEST (payloads_follow)
{
  static const Payload wanted[] = {
    { "c", "float32", TRUE, NULL, 0 },
    { "q", "float64", TRUE, NULL, 0 },
    { "_tensor_constant0", "float32", FALSE, "\0\0\x80\x40", 4 },
    { "_tensor_constant1", "int64", FALSE, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16 },
  };
  guint n;
  g_autoptr (Pt2ArchiveWriter) writer = upgraded_archive ("torch-2.1.2/constants.pt2", NULL);
  g_autoptr (Pt2Archive) archive = written (writer);
  g_autoptr (Pt2Tensors) tensors = pt2_tensors_new (archive, "model", NULL, NULL);
  ck_assert_ptr_nonnull (tensors);
  pt2_tensors_get (tensors, &n);
  ck_assert_uint_eq (n, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < n; i++)
    {
      const Pt2Tensor *tensor = pt2_tensors_find (tensors, wanted[i].name);
      ck_assert_msg (tensor != NULL && tensor->fault == NULL, "%s", wanted[i].name);
      ck_assert_str_eq (tensor->dtype, wanted[i].dtype);
      ck_assert (tensor->persistent == wanted[i].persistent);
      g_autoptr (GBytes) bytes = pt2_tensor_get_bytes (tensors, tensor, NULL);
      ck_assert_msg (wanted[i].bytes == NULL
                         || (g_bytes_get_size (bytes) == wanted[i].len
                             && memcmp (g_bytes_get_data (bytes, NULL), wanted[i].bytes, wanted[i].len) == 0),
                     "%s", wanted[i].name);
    }
}
END_TEST

/* In one of two branches: both are given it, by the name that it had and by a new one. */
START_TEST (constants_of_subgraphs)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = program_of (
      "{\"graph_module\": {\"graph\": {\"inputs\": [], \"outputs\": [], \"nodes\": [{\"target\": "
      "\"torch.ops.higher_order.cond\", \"inputs\": [{\"name\": \"\", \"arg\": {\"as_tensor\": {\"name\": \"p\"}}}, "
      "{\"name\": \"\", \"arg\": {\"as_graph\": {\"name\": \"t\", \"graph\": {" EMPTY_GRAPH
      ", \"constants\": {\"c\": \"" TENSOR_FILE "\"}}}}}, {\"name\": \"\", \"arg\": {\"as_graph\": {\"name\": \"f\", "
      "\"graph\": {" EMPTY_GRAPH "}}}}, {\"name\": \"\", \"arg\": {\"as_tensors\": []}}], \"outputs\": [], "
      "\"metadata\": {}}], \"tensor_values\": {\"lifted_tensor_0\": {\"meta\": " SOME_META
      "}}, \"sym_int_values\": {}, \"sym_bool_values\": {}}, " REST_1);
  g_autoptr (Pt2Upgrade) upgrade = pt2_upgrade_new (program, NULL, NULL, NULL, &error);
  ck_assert_msg (upgrade != NULL, "%s", error != NULL ? error->message : "");
  const Pt2Graph *graph = &pt2_program_get_exported_program (pt2_upgrade_get_program (upgrade))->graph_module.graph;
  const Pt2NamedArgument *given = graph->nodes.items[0].inputs.items;
  ck_assert_uint_eq (graph->inputs.len, 1);
  ck_assert (equal_texts (graph->inputs.items[0].as_tensor.name, (Pt2String){ "lifted_tensor_1", 15 }));
  ck_assert (equal_texts (given[1].arg.as_graph->graph.inputs.items[0].as_tensor.name, (Pt2String){ "c", 1 }));
  ck_assert (
      equal_texts (given[2].arg.as_graph->graph.inputs.items[0].as_tensor.name, (Pt2String){ "lifted_tensor_1", 15 }));
  ck_assert_uint_eq (given[3].arg.as_tensors.len, 1);
}
END_TEST

START_TEST (what_was_done)
{
  guint n;
  g_autoptr (GPtrArray) upgrades = NULL;
  g_autoptr (Pt2ArchiveWriter) writer = upgraded_archive ("torch-2.1.2/tree_inputs.pt2", &upgrades);
  ck_assert_uint_eq (upgrades->len, 1);
  const Pt2UpgradeDone *done = pt2_upgrade_get_done (g_ptr_array_index (upgrades, 0), &n);
  ck_assert_uint_gt (n, 3);
  ck_assert_str_eq (done[0].step, "call-spec");
  ck_assert_uint_eq (done[0].count, 1);
  ck_assert_str_eq (done[1].step, "signature");
  ck_assert_uint_eq (done[1].count, 8);
  gboolean noted = FALSE;
  for (guint i = 0; i < n; i++)
    noted = noted || (strcmp (done[i].step, "named-tuples") == 0 && done[i].note[0] != '\0');
  ck_assert (noted);
}
END_TEST

/* ---- refusals ---- */

typedef struct
{
  const char *graph, *rest;
  const char *id;
  const char *has;
} Refusal;

static const Refusal refusals[] = {
  { "\"inputs\": 3", REST_5, "PT2-V001", "graph_module.graph.inputs" },
  { "\"inputs\": [], \"nodes\": [{}]", REST_5, "PT2-V001", "no `target` in a Node" },
  { "\"inputs\": [{\"as_tensor\": null}]", REST_5, "PT2-V001", "graph_module.graph.inputs[0]" },
  { "\"inputs\": [{\"as_unheard_of\": 1}]", REST_5, "PT2-V001", "graph_module.graph.inputs[0]" },
  { "\"inputs\": [{\"as_int\": 1, \"as_bool\": true}]", REST_5, "PT2-V001", "graph_module.graph.inputs[0]" },
  { EMPTY_GRAPH ", \"is_single_tensor_return\": 7", REST_5, "PT2-V001", "is_single_tensor_return" },
  { EMPTY_GRAPH, "\"signature\": {}, \"module_call_graph\": []}, \"schema_version\": 1}", "PT2-V002", "call_spec" },
  { EMPTY_GRAPH ", \"constants\": {\"c\": 1}", REST_1, "PT2-V001", "\"c\" is no text" },
  { EMPTY_GRAPH ", \"constants\": {\"c\": \"gAJOLg==\"}", REST_1, "PT2-V002", "\"c\" is no plain tensor" },
  { EMPTY_GRAPH ", \"constants\": {\"c\": \"....\"}", REST_1, "PT2-K", "" },
  { NODE ("torch.ops.higher_order.odd",
          "{\"name\": \"\", \"arg\": {\"as_graph\": {\"name\": \"g\", \"graph\": {" EMPTY_GRAPH
          ", \"constants\": {\"c\": \"" TENSOR_FILE "\"}}}}}"),
    REST_1, "PT2-V002", "a subgraph holds a tensor" },
  { NODE ("torch.ops.prims.slice.default", ""), REST_5, "PT2-V002", "the operator is gone" },
  { NODE ("torch.ops.aten._efficient_attention_forward.default",
          "{\"name\": \"causal_diagonal\", \"arg\": {\"as_tensor\": {\"name\": \"t\"}}}"),
    REST_5, "PT2-V002", "causal_diagonal" },
  { NODE ("torch.ops.higher_order.map_impl",
          "{\"name\": \"\", \"arg\": {\"as_none\": []}}, {\"name\": \"\", \"arg\": {\"as_int\": 1}}"),
    REST_5, "PT2-V002", "maps over more" },
};

START_TEST (refused)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text
          = g_strconcat ("{\"graph_module\": {\"graph\": {", refusals[i].graph, "}, ", refusals[i].rest, NULL);
      g_autoptr (Pt2Program) program = program_of (text);
      g_autoptr (Pt2Upgrade) upgrade = pt2_upgrade_new (program, NULL, NULL, NULL, &error);
      ck_assert_msg (upgrade == NULL, "%s", text);
      ck_assert_msg (g_str_has_prefix (pt2_error_get_id (error), refusals[i].id), "%s: %s", text, error->message);
      const char *where = pt2_error_get_where (error);
      g_autofree char *all = g_strconcat (where != NULL ? where : "", " ", error->message, NULL);
      ck_assert_msg (strstr (all, refusals[i].has) != NULL, "%s: %s", text, all);
    }
}
END_TEST

START_TEST (little_memory)
{
  Pt2Limits limits = *pt2_limits_default ();
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.1.2/mlp.pt2");
  for (limits.memory = 1000; limits.memory < 100000; limits.memory *= 2)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Upgrade) upgrade = pt2_upgrade_new (program, NULL, NULL, &limits, &error);
      ck_assert_msg (upgrade != NULL || g_error_matches (error, PT2_ERROR, PT2_ERROR_L003), "%s",
                     error != NULL ? error->message : "");
      if (limits.memory == 1000)
        ck_assert_ptr_null (upgrade);
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { the_corpus, 1 },      { nothing_but_the_version, 1 },
                             { payloads_follow, 1 }, { constants_of_subgraphs, 1 },
                             { what_was_done, 1 },   { refused, 1 },
                             { little_memory, 1 } };
  return RUN_SUITE ("upgrade", cases);
}
