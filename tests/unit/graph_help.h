/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the editable graph share: small programs around a graph that a test writes down. */
#pragma once

#include "corpus.h"
#include "pt2-graph.h"

#define TENSOR(name)                                                                                                   \
  "\"" name                                                                                                            \
  "\": {\"dtype\": 7, \"sizes\": [{\"as_int\": 2}], \"requires_grad\": false, \"device\": {\"type\": \"cpu\", "        \
  "\"index\": null}, \"strides\": [{\"as_int\": 1}], \"storage_offset\": {\"as_int\": 0}, \"layout\": 7}"
#define USE(name) "{\"as_tensor\": {\"name\": \"" name "\"}}"
#define INPUT(name, arg) "{\"name\": \"" name "\", \"arg\": " arg ", \"kind\": 1}"
#define NODE_WITH(name, target, inputs, outputs, hop, metadata)                                                        \
  "{\"target\": \"" target "\", \"inputs\": [" inputs "], \"outputs\": [" outputs "], \"metadata\": {" metadata        \
  "}, \"is_hop_single_tensor_return\": " hop ", \"name\": " name "}"
#define NODE(name, target, inputs, outputs) NODE_WITH ("\"" name "\"", target, inputs, outputs, "null", "")
#define GRAPH(inputs, outputs, nodes, tensors)                                                                         \
  "{\"inputs\": [" inputs "], \"outputs\": [" outputs "], \"nodes\": [" nodes "], \"tensor_values\": {" tensors        \
  "}, \"sym_int_values\": {}, \"sym_bool_values\": {}, \"is_single_tensor_return\": false, "                           \
  "\"custom_obj_values\": {}, \"sym_float_values\": {}}"
#define USER_INPUT(arg) "{\"user_input\": {\"arg\": " arg "}}"
#define USER_OUTPUT(arg) "{\"user_output\": {\"arg\": " arg "}}"
#define PROGRAM(graph, input_specs, output_specs)                                                                      \
  "{\"graph_module\": {\"graph\": " graph ", \"signature\": {\"input_specs\": [" input_specs                           \
  "], \"output_specs\": [" output_specs                                                                                \
  "]}, \"module_call_graph\": [], \"metadata\": {}, \"treespec_namedtuple_fields\": {}}, \"opset_version\": {"         \
  "\"aten\": 10}, \"range_constraints\": {}, \"schema_version\": {\"major\": 8, \"minor\": 20}, \"verifiers\": "       \
  "[\"TRAINING\"], \"torch_version\": \"2.15.0\", \"guards_code\": []}"

static inline Pt2Program *
program_of (const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  Pt2Program *program = pt2_program_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  return program;
}

static inline Pt2FxModule *
module_of (Pt2Program *program)
{
  g_autoptr (GError) error = NULL;
  Pt2FxModule *module = pt2_fx_module_new (program, NULL, &error);
  ck_assert_msg (module != NULL, "%s", error != NULL ? error->message : "");
  return module;
}

static inline gboolean
text_is (Pt2String text, const char *expected)
{
  return text.data != NULL && text.len == strlen (expected) && memcmp (text.data, expected, text.len) == 0;
}

static inline Pt2FxNode *
node_of (Pt2FxGraph *graph, const char *name)
{
  Pt2FxNode *node = pt2_fx_graph_find (graph, name, -1);
  ck_assert_msg (node != NULL, "no node %s", name);
  return node;
}
