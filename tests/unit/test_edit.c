/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/edit and devices: what is set stands there and nothing else moves; what does not fit is refused. */
#include "pt2-edit.h"
#include "corpus.h"
#include "suite.h"

static char *
json_of (Pt2Program *program)
{
  g_autoptr (GBytes) bytes = pt2_program_save (program, PT2_FORM_JSON, NULL);
  ck_assert_ptr_nonnull (bytes);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static Pt2Program *
program_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  Pt2Program *program = pt2_program_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  return program;
}

static Pt2Program *
set (Pt2Program *program, const char *path, const char *json)
{
  g_autoptr (GError) error = NULL;
  Pt2Program *result = pt2_edit_set (program, path, json, NULL, &error);
  ck_assert_msg (result != NULL, "%s: %s", path, error != NULL ? error->message : "");
  return result;
}

static void
refuse (Pt2Program *program, const char *path, const char *json, const char *id)
{
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_edit_set (program, path, json, NULL, &error));
  ck_assert_msg (strcmp (pt2_error_get_id (error), id) == 0, "%s = %s: %s", path, json, error->message);
}

/* With what a later schema may add: to a node, to an argument's struct, to a meta; and an integer of more bits. */
#define META                                                                                                           \
  "{\"dtype\": 7, \"sizes\": [{\"as_int\": 2}], \"requires_grad\": false, \"device\": {\"type\": \"cuda\", "           \
  "\"index\": 1, \"later\": 5}, \"strides\": [{\"as_int\": 1}], \"storage_offset\": {\"as_int\": 0}, \"layout\": 7}"
static const char later[]
    = "{\"graph_module\": {\"graph\": {\"inputs\": [{\"as_tensor\": {\"name\": \"x\"}}], \"outputs\": [{\"as_tensor\": "
      "{\"name\": \"y\"}}], \"nodes\": [{\"target\": \"torch.ops.aten.relu.default\", \"inputs\": [{\"name\": "
      "\"self\", "
      "\"arg\": {\"as_device\": {\"type\": \"cuda\", \"index\": null}}, \"kind\": 1, \"later\": [1]}], \"outputs\": "
      "[{\"as_tensor\": {\"name\": \"y\"}}], \"metadata\": {}, \"is_hop_single_tensor_return\": null, \"later\": {}}], "
      "\"tensor_values\": {\"x\": " META ", \"y\": " META "}, \"sym_int_values\": {}, \"sym_bool_values\": {}}, "
      "\"signature\": {\"input_specs\": [{\"user_input\": {\"arg\": {\"as_tensor\": {\"name\": \"x\"}}}}], "
      "\"output_specs\": [{\"user_output\": {\"arg\": {\"as_tensor\": {\"name\": \"y\"}}}}]}, \"module_call_graph\": "
      "[]}, \"opset_version\": {\"aten\": 10}, \"range_constraints\": {\"s0\": {\"min_val\": 2, \"max_val\": 9, "
      "\"later\": 1}, \"s1\": {\"min_val\": 2, \"max_val\": 99999999999999999999999}}, \"schema_version\": {\"major\": "
      "8, \"minor\": 14}, \"later\": true}";

/* TEXT with the first OLD in it replaced. */
static char *
replaced (const char *text, const char *old, const char *replacement)
{
  const char *at = strstr (text, old);
  ck_assert_msg (at != NULL, "%s", old);
  g_autofree char *before = g_strndup (text, (gsize)(at - text));
  return g_strconcat (before, replacement, at + strlen (old), NULL);
}

static const struct
{
  const char *path, *json, *old, *replacement;
} settings[] = {
  { "graph_module.graph.nodes[0].target", " \"t\\u0041\" ", "torch.ops.aten.relu.default", "tA" },
  { "range_constraints[\"s0\"].max_val", "null", "\"max_val\": 9", "\"max_val\": null" },
  { "range_constraints[\"s0\"].min_val", "-3", "\"min_val\": 2", "\"min_val\": -3" },
  /* What was unknown there belongs to what is gone. */
  { "range_constraints[\"s0\"]", "{\"min_val\":1,\"max_val\":1}", "{\"min_val\": 2, \"max_val\": 9, \"later\": 1}",
    "{\"min_val\": 1, \"max_val\": 1}" },
  { "range_constraints[\"s1\"].max_val", "7", "99999999999999999999999", "7" },
  { "range_constraints[\"s0\"]", "null", "\"s0\": {\"min_val\": 2, \"max_val\": 9, \"later\": 1}, ", "" },
  { "opset_version[\"other ops\"]", "3", "\"aten\": 10", "\"aten\": 10, \"other ops\": 3" },
  { "opset_version[0]", "3", "\"aten\": 10", "\"aten\": 3" },
  { "graph_module.graph.nodes[0].metadata[\"k\"]", "\"v\"", "\"metadata\": {}", "\"metadata\": {\"k\": \"v\"}" },
  { "graph_module.graph.outputs[0]", "{\"as_int\": 4}", "\"outputs\": [{\"as_tensor\": {\"name\": \"y\"}}]",
    "\"outputs\": [{\"as_int\": 4}]" },
  { "graph_module.graph.outputs[0].as_int", "4", "\"outputs\": [{\"as_tensor\": {\"name\": \"y\"}}]",
    "\"outputs\": [{\"as_int\": 4}]" },
  { "graph_module.graph.nodes[0].inputs[0].arg.as_device.index", "4", "\"index\": null", "\"index\": 4" },
  { "graph_module.graph.tensor_values[\"x\"].device", "{\"type\": \"cpu\"}",
    "{\"type\": \"cuda\", \"index\": 1, \"later\": 5}", "{\"type\": \"cpu\", \"index\": null}" },
  { "graph_module.graph.inputs", "[]", "\"inputs\": [{\"as_tensor\": {\"name\": \"x\"}}]", "\"inputs\": []" },
};

START_TEST (one_value_changes_and_nothing_else)
{
  g_autoptr (Pt2Program) program = program_of (later);
  g_autofree char *before = json_of (program);
  g_autofree char *want = replaced (before, settings[_i].old, settings[_i].replacement);
  g_autoptr (Pt2Program) result = set (program, settings[_i].path, settings[_i].json);
  g_autofree char *got = json_of (result), *still = json_of (program);
  ck_assert_str_eq (got, want);
  ck_assert_str_eq (still, before);
}
END_TEST

static const struct
{
  const char *path, *json, *id;
} faults[] = {
  { "", "1", "PT2-P010" },
  { "graph_module.", "1", "PT2-P010" },
  { ".graph_module", "1", "PT2-P010" },
  { "nothing", "1", "PT2-P010" },
  { "graph_module.graph.nodes[1]", "{}", "PT2-P010" },
  { "graph_module.graph.nodes[0", "{}", "PT2-P010" },
  { "graph_module.graph.nodes[0]target", "\"\"", "PT2-P010" },
  { "graph_module.graph.nodes[\"a\"]", "{}", "PT2-P010" },
  { "graph_module[\"graph\"]", "{}", "PT2-P010" },
  { "graph_module.graph.nodes.target", "{}", "PT2-P010" },
  { "graph_module.graph.outputs[0].as_other", "4", "PT2-P010" },
  { "graph_module.graph.outputs[0].as_int.x", "4", "PT2-P010" },
  { "opset_version[1]", "4", "PT2-P010" },
  { "schema_version", "{\"major\": 8, \"minor\": 14, \"more\": 1}", "PT2-P011" },
  { "graph_module.graph.outputs[0]", "{\"as_other\": 1}", "PT2-P011" },
  { "graph_module.graph.outputs[0].as_int", "99999999999999999999999", "PT2-P011" },
  { "schema_version.major", "7", "PT2-P011" },
  { "schema_version.minor", "null", "PT2-J010" },
  { "schema_version.minor", "\"1\"", "PT2-J009" },
  { "opset_version[\"new\"]", "null", "PT2-J010" },
  { "graph_module.graph.nodes[0]", "{}", "PT2-J011" },
  { "graph_module.graph.nodes[0].target", "\"a", "PT2-J001" },
  { "graph_module.graph.nodes[0].target", "\"\xff\"", "PT2-J003" },
  { "graph_module.graph.nodes[0].target", "\"a\" 1", "PT2-J008" },
  { "graph_module.graph.nodes[0].target", "", "PT2-J001" },
  { "graph_module.graph.outputs[0]", "{\"as_int\": 1, \"as_bool\": true}", "PT2-J013" },
};

START_TEST (what_does_not_fit_is_refused)
{
  g_autoptr (Pt2Program) program = program_of (later);
  refuse (program, faults[_i].path, faults[_i].json, faults[_i].id);
}
END_TEST

START_TEST (a_value_nests_no_deeper_than_a_file)
{
  g_autoptr (Pt2Program) program = program_of (later);
  g_autoptr (GError) error = NULL;
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 4;
  ck_assert_ptr_null (
      pt2_edit_set (program, "graph_module.graph.inputs", "[{\"as_tensor\": {\"name\": \"x\"}}]", &limits, &error));
  ck_assert_str_eq (pt2_error_get_id (error), "PT2-L002");
}
END_TEST

START_TEST (older_majors_are_refused)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.1.2/mlp.pt2");
  g_autoptr (GError) error = NULL;
  refuse (program, "schema_version.minor", "1", "PT2-P002");
  ck_assert_ptr_null (pt2_edit_device (program, "cpu", "cuda", NULL, NULL, &error));
  ck_assert_str_eq (pt2_error_get_id (error), "PT2-P002");
}
END_TEST

static const struct
{
  const char *from, *to;
  guint64 count;
  const char *argument, *meta;
} maps[] = {
  { "cuda", "cpu", 3, "{\"type\": \"cpu\", \"index\": null}", "{\"type\": \"cpu\", \"index\": null, \"later\": 5}" },
  { "cuda:1", "xpu:0", 2, "{\"type\": \"cuda\", \"index\": null}", "{\"type\": \"xpu\", \"index\": 0, \"later\": 5}" },
  { "cuda:0", "cpu", 0, "{\"type\": \"cuda\", \"index\": null}", "{\"type\": \"cuda\", \"index\": 1, \"later\": 5}" },
  { "cud", "cpu", 0, "{\"type\": \"cuda\", \"index\": null}", "{\"type\": \"cuda\", \"index\": 1, \"later\": 5}" },
};

START_TEST (devices_wherever_they_stand)
{
  guint64 count = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = program_of (later);
  g_autoptr (Pt2Program) result = pt2_edit_device (program, maps[_i].from, maps[_i].to, NULL, &count, &error);
  ck_assert_msg (result != NULL, "%s", error != NULL ? error->message : "");
  g_autofree char *before = json_of (program), *got = json_of (result);
  g_autofree char *one = replaced (before, "{\"type\": \"cuda\", \"index\": null}", maps[_i].argument);
  g_autofree char *two = replaced (one, "{\"type\": \"cuda\", \"index\": 1, \"later\": 5}", maps[_i].meta);
  const char *tail = strstr (two, "\"y\": {\"dtype\"");
  g_autofree char *end = replaced (tail, "{\"type\": \"cuda\", \"index\": 1, \"later\": 5}", maps[_i].meta);
  g_autofree char *head = g_strndup (two, (gsize)(tail - two));
  g_autofree char *want = g_strconcat (head, end, NULL);
  ck_assert_uint_eq (count, maps[_i].count);
  ck_assert_str_eq (got, want);
  ck_assert_int_eq (result == program, maps[_i].count == 0);
}
END_TEST

static guint64
count_text (const char *text, const char *word)
{
  guint64 n = 0;
  for (const char *at = text; (at = strstr (at, word)) != NULL; at++)
    n++;
  return n;
}

/* There and back again gives the same text: no device was there of the kind. */
static void
there_and_back (const char *path, Pt2Program *program, gpointer data)
{
  guint64 there = 0, back = 0, *all = data;
  if (!pt2_value_is_valid (pt2_program_get_root (program)))
    return;
  g_autoptr (Pt2Program) moved = pt2_edit_device (program, "cpu", "elsewhere:7", NULL, &there, NULL);
  g_autoptr (Pt2Program) again = pt2_edit_device (moved, "elsewhere", "cpu", NULL, &back, NULL);
  g_autofree char *before = json_of (program), *between = json_of (moved), *after = json_of (again);
  ck_assert_msg (strcmp (before, after) == 0, "%s", path);
  ck_assert_uint_eq (there, back);
  ck_assert_msg (there == count_text (before, "{\"type\": \"cpu\"")
                     && there == count_text (between, "{\"type\": \"elsewhere\", \"index\": 7}"),
                 "%s", path);
  *all += there;
}

START_TEST (devices_of_the_corpus)
{
  guint64 all = 0;
  corpus_foreach (there_and_back, &all);
  ck_assert_uint_gt (all, 1000);
}
END_TEST

START_TEST (what_is_no_device)
{
  static const char *const words[]
      = { "", "cuda:", "cuda:x", "cuda:128", "cuda:-1", "cuda:0:1", "CUDA", ":0", "0", "a b" };
  g_autoptr (Pt2Program) program = program_of (later);
  for (guint i = 0; i < 2 * G_N_ELEMENTS (words); i++)
    {
      g_autoptr (GError) error = NULL;
      const char *word = words[i / 2];
      ck_assert_ptr_null (pt2_edit_device (program, i % 2 ? word : "cpu", i % 2 ? "cpu" : word, NULL, NULL, &error));
      ck_assert_msg (strcmp (pt2_error_get_id (error), "PT2-P012") == 0, "%s", word);
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { one_value_changes_and_nothing_else, G_N_ELEMENTS (settings) },
    { what_does_not_fit_is_refused, G_N_ELEMENTS (faults) },
    { a_value_nests_no_deeper_than_a_file, 1 },
    { older_majors_are_refused, 1 },
    { devices_wherever_they_stand, G_N_ELEMENTS (maps) },
    { devices_of_the_corpus, 1 },
    { what_is_no_device, 1 },
  };
  return RUN_SUITE ("edit", cases);
}
