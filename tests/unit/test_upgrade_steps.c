/* SPDX-License-Identifier: Apache-2.0 */
/* lib/evolve: each step of an upgrade by itself, on small programs, and the reader of older spellings. */
#include "program.h"
#include "suite.h"
#include "upgrade_private.h"
#include <string.h>

/* ---- one step ---- */

/* Parts of a program; NULL: nothing. */
typedef struct
{
  const char *version;
  const char *inputs, *outputs, *nodes, *values, *more; /* of the graph */
  const char *signature, *calls, *ranges, *program;
} Parts;

typedef struct
{
  const char *step;
  Parts parts;
  int64_t count;
  const char *has[4]; /* in what comes out */
} StepCase;

static const char *
or_else (const char *text, const char *other)
{
  return text != NULL ? text : other;
}

static char *
program_text (const Parts *p)
{
  return g_strdup_printf (
      "{\"graph_module\": {\"graph\": {\"inputs\": [%s], \"outputs\": [%s], \"nodes\": [%s], \"tensor_values\": {%s}, "
      "\"sym_int_values\": {}, \"sym_bool_values\": {}%s}, \"signature\": {%s}, %s}, \"opset_version\": {}, "
      "\"range_constraints\": {%s}, \"schema_version\": %s%s}",
      or_else (p->inputs, ""), or_else (p->outputs, ""), or_else (p->nodes, ""), or_else (p->values, ""),
      or_else (p->more, ""), or_else (p->signature, "\"input_specs\": [], \"output_specs\": []"),
      or_else (p->calls, "\"module_call_graph\": []"), or_else (p->ranges, ""), p->version, or_else (p->program, ""));
}

static Pt2Program *
read_program (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  Pt2Program *program = pt2_program_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (program != NULL, "%s: %s", text, error != NULL ? error->message : "");
  return program;
}

static const Pt2UpgradeStep *
find_step (const char *name)
{
  unsigned n;
  const Pt2UpgradeStep *steps = pt2_upgrade_steps (&n);
  for (unsigned i = 0; i < n; i++)
    if (strcmp (steps[i].name, name) == 0)
      return &steps[i];
  ck_abort_msg ("no step %s", name);
}

static gboolean
is_called_w (Pt2String fqn, gpointer data G_GNUC_UNUSED)
{
  return pt2_upgrade_is (fqn, "w");
}

/* Only the step called NAME (NULL: none) is run on TEXT; returns what comes out as JSON. */
static char *
run_alone (const char *text, const char *name, int64_t *count)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) before = read_program (text);
  Pt2Draft *draft = pt2_upgrade_open (before, pt2_limits_default (), &error);
  ck_assert_msg (draft != NULL, "%s: %s", text, error != NULL ? error->message : "");
  Pt2Upgrading upgrading = { .draft = draft,
                             .tree = before->tree,
                             .version = pt2_upgrade_version_of (before),
                             .limits = pt2_limits_default (),
                             .payloads = { .needs_gradient = is_called_w },
                             .error = &error };
  *count = name != NULL ? find_step (name)->run (&upgrading) : 0;
  ck_assert_msg (error == NULL, "%s: %s", text, error != NULL ? error->message : "");
  pt2_upgrade_set_version (draft);
  g_autoptr (Pt2Program) after = pt2_draft_finish (draft, &error);
  g_autoptr (GBytes) bytes = after != NULL ? pt2_program_save (after, PT2_FORM_JSON, &error) : NULL;
  ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  return g_strndup (data, len);
}

static void
check_case (const StepCase *c)
{
  int64_t count;
  g_autofree char *text = program_text (&c->parts);
  g_autofree char *after = run_alone (text, c->step, &count);
  ck_assert_msg (count == c->count, "%s: %" G_GINT64_FORMAT " in %s", or_else (c->step, "reader"), count, text);
  for (guint i = 0; i < G_N_ELEMENTS (c->has) && c->has[i] != NULL; i++)
    ck_assert_msg (strstr (after, c->has[i]) != NULL, "%s: no %s in\n%s", or_else (c->step, "reader"), c->has[i],
                   after);
}

#define TENSOR(name) "{\"as_tensor\": {\"name\": \"" name "\"}}"
#define META(sizes, strides)                                                                                           \
  "{\"dtype\": 7, \"sizes\": [" sizes "], \"requires_grad\": false, \"device\": {\"type\": \"cpu\"}, \"strides\": "    \
  "[" strides "], \"storage_offset\": {\"as_int\": 0}, \"layout\": 7}"
#define NODE(target, inputs, outputs, notes)                                                                           \
  "{\"target\": \"" target "\", \"inputs\": [" inputs "], \"outputs\": [" outputs "], \"metadata\": {" notes "}}"
#define GIVEN(name, value) "{\"name\": \"" name "\", \"arg\": " value "}"
#define MAJOR(major) "{\"major\": " #major ", \"minor\": 1}"
#define GRAPH(name, single)                                                                                            \
  "{\"as_graph\": {\"name\": \"" name "\", \"graph\": {\"inputs\": [], \"outputs\": [" TENSOR (                        \
      "y") "], \"nodes\": [], "                                                                                        \
           "\"tensor_values\": {\"y\": " META ("", "") "}, \"sym_int_values\": {}, \"sym_bool_values\": {}, "          \
                                                       "\"is_single_tensor_return\": " single "}}}"
#define LEAF "{\\\"type\\\": null, \\\"context\\\": null, \\\"children_spec\\\": []}"
#define NODE_SPEC(type, context, children)                                                                             \
  "{\\\"type\\\": \\\"" type "\\\", \\\"context\\\": " context ", \\\"children_spec\\\": [" children "]}"
#define TUPLE(children) NODE_SPEC ("builtins.tuple", "\\\"null\\\"", children)
#define CALL(in_spec)                                                                                                  \
  "\"module_call_graph\": [{\"fqn\": \"\", \"signature\": {\"inputs\": [], \"outputs\": [], \"in_spec\": "             \
  "\"[1, " in_spec "]\", \"out_spec\": \"[1, " LEAF "]\"}}]"

#define SCAN(dimension, reverse)                                                                                       \
  NODE ("torch.ops.higher_order.scan",                                                                                 \
        GIVEN ("", GRAPH ("g", "false")) ", " GIVEN ("", TENSORS ("i")) ", " GIVEN ("", TENSORS ("x")) ", " GIVEN (    \
            "", "{\"as_int\": " dimension "}") ", " GIVEN ("", "{\"as_bool\": " reverse "}"),                          \
        TENSOR ("c") ", " TENSOR ("y"), "\"nn_module_stack\": \"m\"")
#define TENSORS(name) "{\"as_tensors\": [{\"name\": \"" name "\"}]}"
#define SCANNED                                                                                                        \
  "\"x\": " META ("{\"as_int\": 2}, {\"as_int\": 3}", "{\"as_int\": 3}, {\"as_int\": 1}") ", \"y\": " META ("", "")
#define UNKNOWN "{\"target\": \"f\", \"inputs\": [], \"outputs\": [], \"metadata\": {}, \"later\": {\"a\": 1}}"
#define MINOR_2 "{\"major\": 8, \"minor\": 2}"

/* ---- the reader ---- */

static const StepCase readings[] = {
  { NULL,
    { .version = "1",
      .inputs = "{\"as_none\": null, \"as_tensor\": {\"name\": \"x\"}, \"as_int\": null}, "
                "{\"as_none\": [], \"as_tensor\": null}",
      .values = "\"x\": {\"meta\": {\"dtype\": {\"type\": 7}, \"sizes\": [{\"as_expr\": null, \"as_int\": 5}], "
                "\"requires_grad\": {\"t\": true}, \"device\": {\"type\": \"cpu\", \"index\": null}, "
                "\"strides\": [{\"as_int\": 1}], \"storage_offset\": 3, \"layout\": {\"value\": 7}}}" },
    0,
    { "\"inputs\": [{\"as_tensor\": {\"name\": \"x\"}}, {\"as_none\": true}]",
      "\"x\": {\"dtype\": 7, \"sizes\": [{\"as_int\": 5}], \"requires_grad\": true, ",
      "\"strides\": [{\"as_int\": 1}], \"storage_offset\": {\"as_int\": 3}, \"layout\": 7}" } },
  { NULL,
    { .version = "1", .more = ", \"constants\": {}, \"sym_float_values\": {\"f\": {\"as_expr\": \"2*x\"}}" },
    0,
    { "\"f\": {\"as_expr\": {\"expr_str\": \"2*x\", \"hint\": null}}" } },
  { NULL,
    { .version = MAJOR (3),
      .nodes = NODE ("f",
                     GIVEN ("a", "{\"as_optional_tensors\": [{\"as_tensor\": \"x\"}, {\"as_none\": []}]}") ", " GIVEN (
                         "b", "{\"as_float\": 3}") ", " GIVEN ("c", "{\"as_scalar_type\": 14}"),
                     "", "") },
    0,
    { "[{\"as_tensor\": {\"name\": \"x\"}}, {\"as_none\": true}]", "{\"as_float\": 3.0}",
      "{\"as_scalar_type\": 28}" } },
  { NULL,
    { .version = MAJOR (7),
      .ranges = "\"s0\": {\"min_val\": 2, \"max_val\": Infinity}, "
                "\"u0\": {\"min_val\": -9223372036854775808, \"max_val\": 9223372036854775807}, "
                "\"u1\": {\"min_val\": 0, \"max_val\": 9223372036854775806}",
      .program = ", \"verifiers\": [\"ATEN\"], \"torch_version\": \"2.5\", \"unheard of\": {\"a\": [1]}" },
    0,
    { "\"s0\": {\"min_val\": 2, \"max_val\": null}, \"u0\": {\"min_val\": null, \"max_val\": null}, "
      "\"u1\": {\"min_val\": 0, \"max_val\": 9223372036854775806}",
      "\"schema_version\": {\"major\": 8, \"minor\": 20}, \"verifiers\": [\"ATEN\"], \"torch_version\": \"2.5\"",
      "\"unheard of\": {\"a\": [1]}" } },
};

START_TEST (older_spellings)
{
  check_case (&readings[_i]);
}
END_TEST

/* ---- steps ---- */

static const StepCase cases[] = {
  { "call-spec",
    { .version = "1",
      .calls = "\"call_spec\": {\"in_spec\": \"[1, " TUPLE (LEAF) "]\", \"out_spec\": \"[1, " LEAF
                                                                  "]\"}, \"module_call_graph\": []" },
    1,
    { "{\"fqn\": \"\", \"signature\": {\"inputs\": [], \"outputs\": [], \"in_spec\": \"[1, " TUPLE (
        TUPLE (LEAF) ", " NODE_SPEC ("builtins.dict", "\\\"[]\\\"", "")) "]\", \"out_spec\": \"[1, " LEAF "]\"" } },
  { "call-spec", /* with keywords, as it is */
    { .version = "1",
      .calls = "\"call_spec\": {\"in_spec\": \"[1, " TUPLE (TUPLE (LEAF) ", " NODE_SPEC (
          "builtins.dict", "\\\"[]\\\"", "")) "]\", \"out_spec\": \"[1, " LEAF "]\"}, \"module_call_graph\": []" },
    1,
    { "\"in_spec\": \"[1, " TUPLE (TUPLE (LEAF) ", " NODE_SPEC ("builtins.dict", "\\\"[]\\\"", "")) "]\"" } },
  { "signature",
    { .version = "1",
      .inputs = TENSOR ("a") ", " TENSOR ("b") ", " TENSOR ("c") ", {\"as_int\": 3}",
      .outputs = TENSOR ("m") ", " TENSOR ("m"),
      .signature = "\"inputs_to_parameters\": {\"a\": \"w\"}, \"inputs_to_buffers\": {\"b\": \"n\"}, "
                   "\"user_inputs\": [\"c\"], \"user_outputs\": [\"m\"], \"buffers_to_mutate\": {\"m\": \"n\"}, "
                   "\"backward_signature\": null" },
    6,
    { "{\"parameter\": {\"arg\": {\"name\": \"a\"}, \"parameter_name\": \"w\"}}, "
      "{\"buffer\": {\"arg\": {\"name\": \"b\"}, \"buffer_name\": \"n\"",
      "{\"user_input\": {\"arg\": {\"as_tensor\": {\"name\": \"c\"}}}}, {\"user_input\": {\"arg\": {\"as_int\": 3}}}",
      "\"output_specs\": [{\"buffer_mutation\": {\"arg\": {\"name\": \"m\"}, \"buffer_name\": \"n\"}}, "
      "{\"user_output\": {\"arg\": {\"as_tensor\": {\"name\": \"m\"}}}}]" } },
  { "signature",
    { .version = "1",
      .outputs = TENSOR ("l") ", " TENSOR ("g") ", " TENSOR ("h"),
      .signature = "\"backward_signature\": {\"gradients_to_parameters\": {\"g\": \"w\"}, "
                   "\"gradients_to_user_inputs\": {\"h\": \"x\"}, \"loss_output\": \"l\"}" },
    3,
    { "\"output_specs\": [{\"loss_output\": {\"arg\": {\"name\": \"l\"}}}, {\"gradient_to_parameter\": "
      "{\"arg\": {\"name\": \"g\"}, \"parameter_name\": \"w\"}}, {\"gradient_to_user_input\": "
      "{\"arg\": {\"name\": \"h\"}, \"user_input_name\": \"x\"}}]" } },
  { "user-names",
    { .version = "1",
      .nodes = NODE ("f", "", "", "\"nn_module_stack\": \"L__self___l_0:(L['self'].l[0],t.Linear)\""),
      .signature
      = "\"input_specs\": [{\"parameter\": {\"arg\": {\"name\": \"a\"}, \"parameter_name\": "
        "\"L__self___l_0.weight\"}}, "
        "{\"buffer\": {\"arg\": {\"name\": \"b\"}, \"buffer_name\": \"L__self___l_0_n\"}}, "
        "{\"buffer\": {\"arg\": {\"name\": \"c\"}, \"buffer_name\": \"L__self___n\"}}, "
        "{\"buffer\": {\"arg\": {\"name\": \"d\"}, \"buffer_name\": \"other\"}}], "
        "\"output_specs\": [{\"buffer_mutation\": {\"arg\": {\"name\": \"m\"}, \"buffer_name\": \"L__self___n\"}}]" },
    3,
    { "\"parameter_name\": \"l.0.weight\"", "\"buffer_name\": \"l.0.n\"", "\"buffer_name\": \"other\"",
      "{\"buffer_mutation\": {\"arg\": {\"name\": \"m\"}, \"buffer_name\": \"n\"}}" } },
  { "user-names",
    { .version = "1",
      .nodes
      = NODE ("f", "", "",
              "\"nn_module_stack\": \"L__s___q:(L['s'].q,t.S);L__s___q_0:(getattr(L['s'].q, '0'),t.Linear);"
              "L__s___q_0_1:(getattr(getattr(L['s'].q, '0'), '1'),t.M[int, str]);sub0:(L['s'].l[0].x,t.Linear)\""),
      .signature
      = "\"input_specs\": [{\"parameter\": {\"arg\": {\"name\": \"a\"}, \"parameter_name\": \"L__s___q_0.w\"}}, "
        "{\"parameter\": {\"arg\": {\"name\": \"b\"}, \"parameter_name\": \"L__s___q_0_1.w\"}}, "
        "{\"parameter\": {\"arg\": {\"name\": \"c\"}, \"parameter_name\": \"sub0.w\"}}, "
        "{\"parameter\": {\"arg\": {\"name\": \"d\"}, \"parameter_name\": \"sub0_w\"}}], \"output_specs\": []" },
    3,
    { "\"parameter_name\": \"q.0.w\"", "\"parameter_name\": \"q.0.1.w\"", "\"parameter_name\": \"l.0.x.w\"",
      "\"parameter_name\": \"sub0_w\"" } },
  { "user-names", /* two would become one: both stay */
    { .version = "1",
      .signature
      = "\"input_specs\": [{\"parameter\": {\"arg\": {\"name\": \"a\"}, \"parameter_name\": \"L__self___n\"}}, "
        "{\"buffer\": {\"arg\": {\"name\": \"b\"}, \"buffer_name\": \"n\"}}], \"output_specs\": []" },
    0,
    { "\"parameter_name\": \"L__self___n\"", "\"buffer_name\": \"n\"" } },
  { "gradients", /* of a parameter whose payload needs one, and of no other */
    { .version = MAJOR (5),
      .values = "\"a\": " META ("", "") ", \"b\": " META ("", "") ", \"c\": " META ("", ""),
      .signature = "\"input_specs\": [{\"parameter\": {\"arg\": {\"name\": \"b\"}, \"parameter_name\": \"w\"}}, "
                   "{\"parameter\": {\"arg\": {\"name\": \"a\"}, \"parameter_name\": \"v\"}}, "
                   "{\"parameter\": {\"arg\": {\"name\": \"gone\"}, \"parameter_name\": \"w\"}}, "
                   "{\"buffer\": {\"arg\": {\"name\": \"c\"}, \"buffer_name\": \"w\", \"persistent\": true}}], "
                   "\"output_specs\": []" },
    1,
    { "\"a\": {\"dtype\": 7, \"sizes\": [], \"requires_grad\": false",
      "\"b\": {\"dtype\": 7, \"sizes\": [], \"requires_grad\": true",
      "\"c\": {\"dtype\": 7, \"sizes\": [], \"requires_grad\": false" } },
  { "persistence",
    { .version = "2",
      .signature = "\"input_specs\": [{\"buffer\": {\"arg\": {\"name\": \"b\"}, \"buffer_name\": \"n\"}}], "
                   "\"output_specs\": []" },
    1,
    { "\"buffer_name\": \"n\", \"persistent\": true" } },
  { "dialect", { .version = "2", .program = ", \"dialect\": \"EDGE\"" }, 1, { "\"verifiers\": [\"EDGE\"]" } },
  { "dialect", { .version = "1" }, 1, { "\"verifiers\": [\"ATEN\"]" } },
  { "forward-names",
    { .version = MAJOR (6), .calls = CALL (LEAF), .program = ", \"forward_arg_names\": [\"x\", \"y\"]" },
    1,
    { "\"forward_arg_names\": [\"x\", \"y\"]" } },
  { "named-tuples",
    { .version = MAJOR (5),
      .calls = CALL (TUPLE (LEAF ", " NODE_SPEC (
          "collections.namedtuple", "{\\\"class_name\\\": \\\"P\\\", \\\"fields\\\": [\\\"a\\\", \\\"b\\\"]}",
          LEAF ", " NODE_SPEC ("collections.namedtuple", "{\\\"class_name\\\": \\\"Q\\\"}", LEAF)))) },
    2,
    { "\"in_spec\": \"[1, " TUPLE (LEAF ", " TUPLE (LEAF ", " TUPLE (LEAF))) "]\"" } },
  { "named-tuples", /* of a registered name: as it is */
    { .version = MAJOR (5), .calls = CALL (NODE_SPEC ("collections.namedtuple", "\\\"m.P\\\"", LEAF)) },
    0,
    { "\\\"context\\\": \\\"m.P\\\"" } },
  { "symbols",
    { .version = "2",
      .values = "\"x\": " META ("{\"as_expr\": {\"expr_str\": \"2*s0 + i1\"}}, {\"as_expr\": {\"expr_str\": \"s1\"}}",
                                "{\"as_expr\": {\"expr_str\": \"2*s0 + i1\"}}, {\"as_int\": 1}"),
      .ranges = "\"s0\": {\"min_val\": 2, \"max_val\": 9}, \"i1\": {\"min_val\": 0, \"max_val\": 9}, "
                "\"s1\": {\"min_val\": 0, \"max_val\": 9}" },
    4,
    { "\"Add(Mul(Integer(2), Symbol('s0', positive=True, integer=True)), Symbol('u1', integer=True))\"",
      "\"expr_str\": \"Symbol('s1', integer=True)\"", "\"u1\": {\"min_val\": 0, \"max_val\": 9}" } },
  { "symbols", /* what is no expression here is left to PyTorch */
    { .version = MAJOR (7), .values = "\"x\": " META ("{\"as_expr\": {\"expr_str\": \"Odd(s0\"}}", "{\"as_int\": 1}") },
    0,
    { "\"expr_str\": \"Odd(s0\"" } },
  { "subgraphs", /* a bare tensor of two branches */
    { .version = "1",
      .nodes = NODE ("torch.ops.higher_order.cond",
                     GIVEN ("", TENSOR ("p")) ", " GIVEN ("", GRAPH ("g", "true")) ", " GIVEN ("", GRAPH ("g", "true")),
                     TENSOR ("y"), "") },
    4,
    { "\"as_graph\": {\"name\": \"g\"", "\"as_graph\": {\"name\": \"g_1\"", "\"is_single_tensor_return\": false",
      "\"is_hop_single_tensor_return\": false" } },
  { "subgraphs", /* a tuple of one as a list */
    { .version = MAJOR (5),
      .nodes
      = NODE ("torch.ops.higher_order.cond", GIVEN ("", TENSOR ("p")), "{\"as_tensors\": [{\"name\": \"y\"}]}", "") },
    1,
    { "\"outputs\": [" TENSOR ("y") "]", "\"is_hop_single_tensor_return\": false" } },
  { "subgraphs", /* a bare tensor stays one */
    { .version = MAJOR (7),
      .nodes = NODE ("torch.ops.higher_order.wrap_with_set_grad_enabled", GIVEN ("", "{\"as_bool\": false}"),
                     TENSOR ("y"), "") },
    1,
    { "\"is_hop_single_tensor_return\": true" } },
  { "subgraphs",
    { .version = "1",
      .nodes = NODE ("torch.ops.map_impl",
                     GIVEN ("", GRAPH ("g", "false")) ", " GIVEN ("", "{\"as_int\": 1}") ", " GIVEN (
                         "", TENSOR ("a")) ", " GIVEN ("", TENSOR ("b")) ", " GIVEN ("", TENSOR ("c")),
                     "{\"as_tensors\": [{\"name\": \"y\"}]}", "") },
    3,
    { "\"target\": \"torch.ops.higher_order.map_impl\"", "{\"as_tensors\": [{\"name\": \"a\"}]}",
      "{\"as_tensors\": [{\"name\": \"b\"}, {\"name\": \"c\"}]}" } },
  { "subgraphs",
    { .version = MAJOR (5),
      .nodes = NODE ("torch.ops.higher_order.while_loop",
                     GIVEN ("", GRAPH ("c", "true")) ", " GIVEN ("", GRAPH ("b", "false")) ", " GIVEN (
                         "", "{\"as_tensors\": [{\"name\": \"a\"}]}"),
                     TENSOR ("y") ", " TENSOR ("z"), "") },
    2,
    { "{\"as_tensors\": [{\"name\": \"a\"}]}, \"kind\": null}, {\"name\": \"\", \"arg\": {\"as_tensors\": []}",
      "\"is_single_tensor_return\": true" } },
  { "subgraphs",
    { .version = "{\"major\": 8, \"minor\": 2}",
      .nodes = NODE (
          "torch.ops.higher_order.scan",
          GIVEN ("", GRAPH ("g", "false")) ", " GIVEN ("", "{\"as_tensors\": [{\"name\": \"i\"}]}") ", " GIVEN (
              "",
              "{"
              "\""
              "as"
              "_t"
              "en"
              "so"
              "rs"
              "\""
              ": "
              "[{"
              "\""
              "na"
              "me"
              "\""
              ": "
              "\""
              "x"
              "\""
              "}]"
              "}") ", " GIVEN ("",
                               "{\"as_int\": 0}") ", " GIVEN ("",
                                                              "{\"as_bool\": false}") ", " GIVEN ("",
                                                                                                  "{\"as_tensors\": "
                                                                                                  "[{\"name\": "
                                                                                                  "\"o\"}]}"),
          TENSOR ("y") ", " TENSOR ("z"), "") },
    2,
    { "{\"as_tensors\": [{\"name\": \"x\"}]}, \"kind\": null}, {\"name\": \"\", \"arg\": {\"as_tensors\": "
      "[{\"name\": \"o\"}]}" } },
  { "scans", /* along the last of two dimensions: the sizes and strides of what is scanned change places */
    { .version = MINOR_2, .nodes = SCAN ("-1", "false"), .values = SCANNED },
    1,
    { "\"dims\", \"arg\": {\"as_ints\": [1, 0]}, \"kind\": null}], \"outputs\": [" TENSOR ("permute"),
      "{\"as_tensors\": [{\"name\": \"permute\"}]}, \"kind\": null}, {\"name\": \"\", \"arg\": {\"as_int\": 0}",
      "\"permute\": {\"dtype\": 7, \"sizes\": [{\"as_int\": 3}, {\"as_int\": 2}]",
      "\"outputs\": [" TENSOR ("c") ", " TENSOR ("y") "]" } },
  { "scans", /* from the end, with the name taken: results keep theirs */
    { .version = MINOR_2, .nodes = SCAN ("0", "true") ", " UNKNOWN, .values = SCANNED ", \"flip\": " META ("", "") },
    1,
    { "{\"as_tensors\": [{\"name\": \"flip_1\"}]}, \"kind\": null}, {\"name\": \"\", \"arg\": {\"as_int\": 0}, "
      "\"kind\": null}, {\"name\": \"\", \"arg\": {\"as_bool\": false}",
      "\"outputs\": [" TENSOR ("c") ", " TENSOR ("scan_result") "]",
      GIVEN ("self", TENSOR ("scan_result") ", \"kind\": null"), "\"later\": {\"a\": 1}" } },
  { "scans", /* no such dimension: left alone, and refused by the next step */
    { .version = MINOR_2, .nodes = SCAN ("2", "true"), .values = SCANNED },
    0,
    { "{\"as_tensors\": [{\"name\": \"x\"}]}", "{\"as_int\": 2}", "{\"as_bool\": true}" } },
  { "scans", /* what is scanned is not described */
    { .version = MINOR_2, .nodes = SCAN ("0", "true") },
    0,
    { "{\"as_bool\": true}" } },
  { "operators",
    { .version = MAJOR (7),
      .nodes = NODE ("torch.ops.aten.qr.default",
                     GIVEN ("self", TENSOR ("x")) ", " GIVEN ("some", "{\"as_bool\": false}"), "", "") },
    3,
    { "\"torch.ops.aten.linalg_qr.default\"", "{\"name\": \"A\", \"arg\": " TENSOR ("x"),
      "{\"name\": \"mode\", \"arg\": {\"as_string\": \"complete\"}" } },
  { "operators",
    { .version = MAJOR (5),
      .nodes = NODE ("torch.ops.aten._efficient_attention_forward.default",
                     GIVEN ("max_seqlen_q", "{\"as_none\": []}") ", " GIVEN (
                         "dropout_p", "{\"as_float\": 0}") ", " GIVEN ("causal_diagonal", "{\"as_none\": []}"),
                     "", "") },
    2,
    { "{\"name\": \"max_seqlen_k\", \"arg\": {\"as_none\": true}, \"kind\": null}, {\"name\": \"dropout_p\"" } },
  { "operators",
    { .version = "2",
      .nodes = NODE ("torch.ops.aten._scaled_dot_product_flash_attention.default",
                     GIVEN ("query", TENSOR ("q")) ", " GIVEN ("return_debug_mask", "{\"as_bool\": false}"),
                     TENSOR ("o") ", " TENSOR ("l") ", " TENSOR ("c") ", " TENSOR (
                         "d") ", {\"as_int\": 1}, "
                              "{\"as_int\": 2}, " TENSOR ("s") ", " TENSOR ("t") ", " TENSOR ("u"),
                     ""),
      .values = "\"o\": " META ("", "") },
    1,
    { "_scaled_dot_product_flash_attention_for_cpu.default\", \"inputs\": [{\"name\": \"query\", \"arg\": " TENSOR (
        "q") ", \"kind\": null}], \"outputs\": [" TENSOR ("o") ", " TENSOR ("l") "]" } },
  { "metadata",
    { .version = "1",
      .nodes = NODE ("f", "", "",
                     "\"source_fn\": \"add,_operator.add\", \"nn_module_stack\": "
                     "\"a:(L['s'].a,t.A);a_b:(L['s'].a['x,y'],t.B[int, str])\"") },
    2,
    { "\"source_fn_stack\": \"add,_operator.add\"",
      "\"nn_module_stack\": \"a,L['s'].a,t.A;a_b,L['s'].a['x,y'],t.B[int, str]\"" } },
  { "metadata", /* PyTorch would refuse the program for these */
    { .version = MAJOR (5),
      .nodes = NODE ("f", "", "", "\"source_fn_stack\": \"a,b,c\", \"nn_module_stack\": \"a,b\"") },
    2,
    { "\"older_source_fn_stack\": \"a,b,c\", \"older_nn_module_stack\": \"a,b\"" } },
  { "nodes",
    { .version = MAJOR (5),
      .nodes = NODE ("torch.ops.aten.relu.default", "", TENSOR ("y"), "") ", " NODE (
          "torch.ops.aten.native_dropout.default", "", TENSOR ("native_dropout") ", " TENSOR ("native_dropout_1"),
          "") ", " NODE ("torch.ops.aten._assert_async.msg", "", "", ""),
      .values
      = "\"y\": " META ("", "") ", \"native_dropout\": " META ("", "") ", \"native_dropout_1\": " META ("", "") },
    3,
    { "\"name\": \"y\"}", "\"name\": \"native_dropout_4294967297\"}", "\"name\": \"_assert_async\"}" } },
  { "nodes", /* of major 8: only a call whose result is in a tuple now */
    { .version = "{\"major\": 8, \"minor\": 2}",
      .nodes = "{\"target\": \"torch.ops.higher_order.cond\", \"inputs\": [], \"outputs\": [" TENSOR (
          "y") "], \"metadata\": {}, \"is_hop_single_tensor_return\": false}, " NODE ("torch.ops.aten.relu.default", "",
                                                                                      TENSOR ("z"), "") },
    1,
    { "\"is_hop_single_tensor_return\": false, \"name\": \"cond\"}", "\"name\": null}" } },
};

START_TEST (each_step)
{
  check_case (&cases[_i]);
}
END_TEST

/* Every step has a case, and on a program without anything finds nothing. */
START_TEST (all_steps)
{
  unsigned n;
  const Pt2UpgradeStep *steps = pt2_upgrade_steps (&n);
  for (unsigned i = 0; i < n; i++)
    {
      bool found = strcmp (steps[i].name, "constants") == 0; /* in test_upgrade.c, with real ones */
      for (guint j = 0; j < G_N_ELEMENTS (cases); j++)
        found = found || strcmp (cases[j].step, steps[i].name) == 0;
      ck_assert_msg (found, "%s is not tested", steps[i].name);
      int64_t count;
      const Parts empty = { .version = MAJOR (7), .calls = CALL (LEAF), .program = ", \"verifiers\": [\"ATEN\"]" };
      g_autofree char *text = program_text (&empty);
      g_autofree char *after = run_alone (text, steps[i].name, &count);
      ck_assert_msg (count == 0, "%s", steps[i].name);
    }
}
END_TEST

int
main (void)
{
  const TestCase all[]
      = { { older_spellings, G_N_ELEMENTS (readings) }, { each_step, G_N_ELEMENTS (cases) }, { all_steps, 1 } };
  return RUN_SUITE ("upgrade_steps", all);
}
