/* SPDX-License-Identifier: Apache-2.0 */
/* lib/build: programs from nothing say what was asked for, and what is wrong is refused by id. */
#include "pt2-archive.h"
#include "pt2-build.h"
#include "pt2-tensor.h"
#include "suite.h"
#include <stdio.h>
#include <string.h>

static Pt2Builder *
new_builder (void)
{
  Pt2Builder *builder = pt2_builder_new (NULL, NULL);
  ck_assert_ptr_nonnull (builder);
  pt2_build_symbol (builder, "s0", 2, G_MAXINT64, 3);
  return builder;
}

static GBytes *
zeros (gsize n)
{
  return g_bytes_new_take (g_malloc0 (n), n);
}

static char *
text_of (Pt2Builder *builder)
{
  GError *error = NULL;
  g_autoptr (Pt2Program) program = pt2_builder_finish (builder, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  g_autoptr (GBytes) bytes = pt2_program_save (program, PT2_FORM_JSON, NULL);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
has (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    fprintf (stderr, "%s\n", text); /* too long for a message */
  ck_assert_msg (strstr (text, part) != NULL, "%s", part);
}

START_TEST (everything_has_its_place)
{
  g_autoptr (Pt2Builder) builder = new_builder ();
  g_autoptr (GBytes) eight = zeros (8);
  Pt2BuildGraph *root = pt2_build_root (builder);
  Pt2BuildValue *x = pt2_build_input (builder, "x", "float32[s0, 2*s0 + 1, 4]");
  Pt2BuildValue *count = pt2_build_buffer (builder, "a.count", "int64[1]", eight, TRUE);
  pt2_build_constant (builder, "lifted", "float32[2]", eight);
  pt2_build_buffer (builder, "scratch", "float32[1, 2]", eight, FALSE);
  pt2_build_parameter (builder, "w", "float32[2]", eight);
  Pt2BuildValue *size = pt2_build_call (root, "aten.sym_size.int", "int(s0)", PT2_ARGS (pt2_arg (x), pt2_arg_int (0)));
  Pt2BuildValue *more
      = pt2_build_call (root, "_operator.add", "int(s0 + 1)", PT2_ARGS (pt2_arg (size), pt2_arg_int (1)));
  pt2_build_call (root, "_operator.gt", "bool(s0 + 1 > 4)", PT2_ARGS (pt2_arg (more), pt2_arg_int (4)));
  Pt2BuildValue *top
      = pt2_build_call (root, "aten.max.dim", "float32[s0, 4]; int64[s0, 4]", PT2_ARGS (pt2_arg (x), pt2_arg_int (1)));
  Pt2BuildValue *parts = pt2_build_call (root, "aten.split.Tensor", "float32[s0, 2];float32[s0, 2]",
                                         PT2_ARGS (pt2_arg (top), pt2_arg_int (2), pt2_arg_int (-1)));
  Pt2BuildValue *joined = pt2_build_call (
      root, "aten.cat.default", "float32[s0, 4]",
      PT2_ARGS (pt2_arg_values ((Pt2BuildValue *[]){ pt2_build_result (parts, 1), parts }, 2), pt2_arg_int (1)));
  pt2_build_call (
      root, "aten.full.default", "float64[s0]",
      PT2_ARGS (pt2_arg_values (&size, 1), pt2_arg_float (2), pt2_arg_named ("dtype", pt2_arg_dtype ("float64")),
                pt2_arg_named ("device", pt2_arg_device ("cpu")), pt2_arg_named ("pin_memory", pt2_arg_bool (FALSE))));
  pt2_build_call (root, "aten.permute.default", "float32[4, s0]",
                  PT2_ARGS (pt2_arg (joined), pt2_arg_ints ((gint64[]){ 1, 0 }, 2)));
  pt2_build_call (root, "aten.gelu.default", "float32[s0, 4]",
                  PT2_ARGS (pt2_arg (joined), pt2_arg_named ("approximate", pt2_arg_text ("tanh"))));
  Pt2BuildValue *counted
      = pt2_build_call (root, "aten.add.Tensor", "int64[1]", PT2_ARGS (pt2_arg (count), pt2_arg_int (1)));
  pt2_build_mutation (builder, count, counted);
  pt2_build_output (root, joined);
  pt2_build_output (root, pt2_build_result (top, 1));
  g_autofree char *text = text_of (builder);
  has (text,
       "\"inputs\": [{\"as_tensor\": {\"name\": \"p_w\"}}, {\"as_tensor\": {\"name\": \"b_a_count\"}}, {\"as_tensor\": "
       "{\"name\": \"b_scratch\"}}, {\"as_tensor\": {\"name\": \"c_lifted\"}}, {\"as_tensor\": {\"name\": \"x\"}}]");
  has (text,
       "\"output_specs\": [{\"buffer_mutation\": {\"arg\": {\"name\": \"add_1\"}, \"buffer_name\": \"a.count\"}}, ");
  has (text, "{\"as_expr\": {\"expr_str\": \"Symbol('s0', positive=True, integer=True)\", \"hint\": {\"as_int\": 3}}}");
  has (text, "\"hint\": {\"as_int\": 7}");  /* 2*s0 + 1 */
  has (text, "\"hint\": {\"as_int\": 28}"); /* its stride */
  has (text, "\"outputs\": [{\"as_tensors\": [{\"name\": \"getitem_2\"}, {\"name\": \"getitem_3\"}]}]");
  has (text, "{\"as_tensors\": [{\"name\": \"getitem_3\"}, {\"name\": \"getitem_2\"}]}");
  has (text, "{\"name\": \"size\", \"arg\": {\"as_sym_ints\": [{\"as_name\": \"sym_size\"}]}, \"kind\": 1}");
  has (text, "{\"name\": \"dtype\", \"arg\": {\"as_scalar_type\": 8}, \"kind\": 2}");
  has (text, "\"arg\": {\"as_float\": 2.0}");
  has (text, "{\"s0\": {\"min_val\": 2, \"max_val\": null}}");
  ck_assert_str_eq (pt2_build_name (pt2_build_result (parts, 1)), "getitem_3");
}
END_TEST

START_TEST (archives_hold_the_weights)
{
  g_autoptr (Pt2Builder) builder = new_builder ();
  const float numbers[] = { 1.5f, -2.5f };
  g_autoptr (GBytes) data = g_bytes_new (numbers, sizeof numbers);
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL), *path = g_build_filename (folder, "built.pt2", NULL);
  GError *error = NULL;
  pt2_build_output (pt2_build_root (builder), pt2_build_parameter (builder, "a.w", "float32[2]", data));
  pt2_build_constant (builder, "c", "float32[1, 2]", data);
  ck_assert_msg (pt2_builder_save (builder, path, PT2_SAVE_NEW, &error), "%s", error != NULL ? error->message : "");
  ck_assert (!pt2_builder_save (builder, path, PT2_SAVE_NEW, &error) && error->code == PT2_ERROR_F003);
  g_clear_error (&error);
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, NULL);
  g_autoptr (GBytes) weight = pt2_archive_read (archive, "data/weights/weight_0", NULL);
  g_autoptr (GBytes) constant = pt2_archive_read (archive, "data/constants/tensor_0", NULL);
  ck_assert (g_bytes_equal (weight, data) && g_bytes_equal (constant, data));
  remove (path);
  remove (folder);
}
END_TEST

static void
fails (Pt2Builder *builder, Pt2ErrorCode code, const char *detail)
{
  GError *error = NULL;
  ck_assert_ptr_null (pt2_builder_finish (builder, &error));
  ck_assert_msg (error->code == (int)code && strstr (error->message, detail) != NULL, "%s", error->message);
  g_error_free (error);
  pt2_builder_free (builder);
}

#define X(builder) pt2_build_input (builder, "x", "float32[s0]")

START_TEST (calls_fit_their_operators)
{
  Pt2Builder *b = new_builder ();
  pt2_build_call (pt2_build_root (b), "mine.op.default", "float32[s0]", PT2_ARGS (pt2_arg (X (b))));
  fails (b, PT2_ERROR_B001, "torch.ops.mine.op.default");
  b = new_builder ();
  pt2_build_call (pt2_build_root (b), "aten.add.Tensor", "float32[s0]", PT2_ARGS (pt2_arg (X (b))));
  fails (b, PT2_ERROR_B002, "nothing is given for other");
  b = new_builder ();
  pt2_build_call (pt2_build_root (b), "aten.relu.default", "float32[s0]", PT2_ARGS (pt2_arg (X (b)), pt2_arg_int (1)));
  fails (b, PT2_ERROR_B002, "too many");
  b = new_builder ();
  pt2_build_call (pt2_build_root (b), "aten.relu.default", "float32[s0];float32[]", PT2_ARGS (pt2_arg (X (b))));
  fails (b, PT2_ERROR_B002, "another number of results");
  b = new_builder ();
  pt2_build_call (pt2_build_root (b), "_operator.neg", "int(s0)", PT2_ARGS (pt2_arg_int (1), pt2_arg_int (1)));
  fails (b, PT2_ERROR_B002, "another number of arguments");
  b = new_builder ();
  pt2_build_result (X (b), 1);
  fails (b, PT2_ERROR_B002, "no result 1");
}
END_TEST

START_TEST (types_names_and_bytes_are_checked)
{
  static const char *const wrong[] = { "", "float32", "float33[1]", "float32[1", "text(s0)", "[2]", "float32(2)" };
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      Pt2Builder *b = new_builder ();
      pt2_build_input (b, "x", wrong[i]);
      fails (b, PT2_ERROR_B003, wrong[i][0] == '\0' ? "" : "\"");
    }
  Pt2Builder *b = new_builder ();
  pt2_build_input (b, "x", "float32[s1]");
  fails (b, PT2_ERROR_Y008, "s1");
  b = new_builder ();
  pt2_build_symbol (b, "n", 1, 2, 1);
  fails (b, PT2_ERROR_B003, "symbol n");
  b = new_builder ();
  X (b), X (b);
  fails (b, PT2_ERROR_B004, "x");
  b = new_builder ();
  g_autoptr (GBytes) data = zeros (7);
  pt2_build_parameter (b, "w", "float32[2]", data);
  fails (b, PT2_ERROR_B005, "8 bytes, not 7");
  b = new_builder ();
  pt2_build_parameter (b, "w", "float32[s0]", data);
  fails (b, PT2_ERROR_B003, "stored tensor");
}
END_TEST

START_TEST (values_stay_in_their_graphs)
{
  Pt2Builder *b = new_builder ();
  Pt2BuildGraph *inner = pt2_build_subgraph (b, "g");
  pt2_build_call (inner, "aten.relu.default", "float32[s0]", PT2_ARGS (pt2_arg (X (b))));
  fails (b, PT2_ERROR_B006, "relu.default: x");
  b = new_builder ();
  pt2_build_output (pt2_build_subgraph (b, "g"), X (b));
  fails (b, PT2_ERROR_B006, "x");
  b = new_builder ();
  Pt2BuildValue *y
      = pt2_build_call (pt2_build_root (b), "aten.relu.default", "float32[s0]", PT2_ARGS (pt2_arg (X (b))));
  pt2_build_mutation (b, y, y);
  fails (b, PT2_ERROR_B006, "relu");
}
END_TEST

START_TEST (names_of_python_get_a_number)
{
  g_autoptr (Pt2Builder) builder = new_builder ();
  Pt2BuildGraph *root = pt2_build_root (builder);
  Pt2BuildValue *x = pt2_build_input (builder, "x", "float32[s0]");
  Pt2BuildValue *sum = pt2_build_call (root, "aten.sum.default", "float32[]", PT2_ARGS (pt2_arg (x)));
  Pt2BuildValue *again = pt2_build_call (root, "aten.sum.default", "float32[]", PT2_ARGS (pt2_arg (x)));
  ck_assert_str_eq (pt2_build_name (sum), "sum_1");
  ck_assert_str_eq (pt2_build_name (again), "sum_2");
}
END_TEST

START_TEST (lists_may_have_gaps_and_symbols)
{
  g_autoptr (Pt2Builder) builder = new_builder ();
  Pt2BuildGraph *root = pt2_build_root (builder);
  Pt2BuildValue *x = pt2_build_input (builder, "x", "float32[s0, 2]");
  Pt2BuildValue *i = pt2_build_input (builder, "i", "int64[1]");
  Pt2BuildValue *n = pt2_build_call (root, "aten.sym_size.int", "int(s0)", PT2_ARGS (pt2_arg (x), pt2_arg_int (0)));
  pt2_build_call (root, "aten.index.Tensor", "float32[s0, 1]",
                  PT2_ARGS (pt2_arg (x), pt2_arg_values ((Pt2BuildValue *[]){ NULL, i }, 2)));
  pt2_build_call (root, "aten.reshape.default", "float32[2, s0]",
                  PT2_ARGS (pt2_arg (x), pt2_arg_sizes ((Pt2BuildValue *[]){ NULL, n }, (gint64[]){ 2, 0 }, 2)));
  pt2_build_call (root, "aten.reshape.default", "float32[2*s0, 1]",
                  PT2_ARGS (pt2_arg (x), pt2_arg_sizes ((Pt2BuildValue *[]){ NULL, NULL }, (gint64[]){ -1, 1 }, 2)));
  g_autofree char *text = text_of (builder);
  has (text, "{\"as_optional_tensors\": [{\"as_none\": true}, {\"as_tensor\": {\"name\": \"i\"}}]}");
  has (text, "{\"as_sym_ints\": [{\"as_int\": 2}, {\"as_name\": \"sym_size\"}]}");
  has (text, "{\"as_ints\": [-1, 1]}");
}
END_TEST

START_TEST (sizes_are_integers)
{
  Pt2Builder *b = new_builder ();
  Pt2BuildValue *x = X (b);
  pt2_build_call (pt2_build_root (b), "aten.reshape.default", "float32[1]",
                  PT2_ARGS (pt2_arg (x), pt2_arg_sizes (&x, (gint64[]){ 0 }, 1)));
  fails (b, PT2_ERROR_B002, "no integer: x");
}
END_TEST

START_TEST (operators_are_arguments)
{
  g_autoptr (Pt2Builder) builder = new_builder ();
  Pt2BuildValue *x = pt2_build_input (builder, "x", "float32[s0]");
  pt2_build_call (pt2_build_root (builder), "higher_order.with_effects", "float32[0]; float32[s0]",
                  PT2_ARGS (pt2_arg (x), pt2_arg_operator ("torch.ops.aten.relu.default"), pt2_arg (x)));
  g_autofree char *text = text_of (builder);
  has (text, "{\"as_operator\": \"torch.ops.aten.relu.default\"}");
}
END_TEST

/* ---- how it is called ---- */

START_TEST (trees_say_how_it_is_called)
{
  g_autoptr (Pt2Builder) builder = new_builder ();
  Pt2BuildGraph *root = pt2_build_root (builder);
  Pt2BuildValue *x = pt2_build_input (builder, "x", "float32[s0]");
  pt2_build_output (root, pt2_build_input (builder, "y", "float32[1]"));
  pt2_build_output (root, pt2_build_input (builder, "z", "float32[2]"));
  pt2_build_output (root, x);
  pt2_build_takes (builder, "a: my.Pair(left=_, right=(_,)), *, k: {'one': [_]}");
  pt2_build_gives (builder, " { \"p\" : [_, _], 'q': my.Pair(left=_, right=()) } ");
  g_autofree char *text = text_of (builder);
  has (text, "\"forward_arg_names\": [\"a\", \"k\"]");
  has (text, "\"treespec_namedtuple_fields\": {\"my.Pair\": {\"field_names\": [\"left\", \"right\"]}}");
  has (text, "\"in_spec\": \"[1, {\\\"type\\\": \\\"builtins.tuple\\\", \\\"context\\\": \\\"null\\\", "
             "\\\"children_spec\\\": [{\\\"type\\\": \\\"builtins.tuple\\\", \\\"context\\\": \\\"null\\\", "
             "\\\"children_spec\\\": [{\\\"type\\\": \\\"collections.namedtuple\\\", \\\"context\\\": \\\"my.Pair\\\"");
  has (text, "\\\"context\\\": \\\"[\\\\\\\"k\\\\\\\"]\\\"");
  has (text, "\"out_spec\": \"[1, {\\\"type\\\": \\\"builtins.dict\\\", \\\"context\\\": "
             "\\\"[\\\\\\\"p\\\\\\\", \\\\\\\"q\\\\\\\"]\\\"");
}
END_TEST

START_TEST (without_trees_inputs_go_by_place)
{
  g_autoptr (Pt2Builder) builder = new_builder ();
  pt2_build_output (pt2_build_root (builder), pt2_build_input (builder, "x", "float32[s0]"));
  g_autofree char *text = text_of (builder);
  has (text, "\"forward_arg_names\": [\"x\"]");
  has (text, "\"out_spec\": \"[1, {\\\"type\\\": null, ");
}
END_TEST

/* Of one input and one output. */
static void
tree_fails (const char *takes, const char *gives, const char *detail)
{
  Pt2Builder *b = new_builder ();
  pt2_build_output (pt2_build_root (b), pt2_build_input (b, "x", "float32[s0]"));
  if (takes != NULL)
    pt2_build_takes (b, takes);
  if (gives != NULL)
    pt2_build_gives (b, gives);
  fails (b, PT2_ERROR_B007, detail);
}

START_TEST (trees_are_checked)
{
  static const struct
  {
    const char *takes, *gives, *detail;
  } wrong[] = {
    { "", NULL, "0 places for 1 inputs" },
    { "x: (_, _)", NULL, "2 places for 1 inputs" },
    { NULL, "[_, _]", "2 places for 1 outputs" },
    { "x", NULL, "an argument and a colon" },
    { "x: _ y: _", NULL, "a comma or the end" },
    { "x: _, *, *, y: _", NULL, "an argument and a colon" },
    { "x: (), x: _", NULL, "x\\\" stands twice" },
    { NULL, "(_)", "a comma in a tuple of one" },
    { NULL, "[_ _]", "a comma or the end" },
    { NULL, "[,_]", "_, (, [, { or a type" },
    { NULL, "[_", "a comma or the end" },
    { NULL, "_ _", "the end" },
    { NULL, "name", "_, (, [, { or a type" },
    { NULL, "{key: _}", "a key in quotes" },
    { NULL, "{'key: _}", "the end of a key" },
    { NULL, "{'key' _}", "a colon" },
    { NULL, "{'key': _ 'other': ()}", "a comma or the end" },
    { NULL, "{'key': _, 'key': ()}", "key\\\" stands twice" },
    { NULL, "P(_)", "a field and =" },
    { NULL, "P(a=_ b=_)", "a comma or the end" },
    { NULL, "P(a=_, a=())", "a\\\" stands twice" },
    { NULL, "(P(a=_), P(b=()))", "the same fields" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    tree_fails (wrong[i].takes, wrong[i].gives, wrong[i].detail);
  g_autofree char *deep = g_strnfill (100000, '[');
  tree_fails (NULL, deep, "less nesting");
}
END_TEST

/* ---- losses, tokens, objects ---- */

START_TEST (losses_have_gradients)
{
  g_autoptr (Pt2Builder) builder = new_builder ();
  Pt2BuildGraph *root = pt2_build_root (builder);
  g_autoptr (GBytes) eight = zeros (8);
  Pt2BuildValue *w = pt2_build_parameter (builder, "w", "float32[2]", eight);
  Pt2BuildValue *x = pt2_build_input (builder, "x", "float32[2]");
  Pt2BuildValue *loss = pt2_build_call (root, "aten.sum.default", "float32[]", PT2_ARGS (pt2_arg (x)));
  pt2_build_gradient (builder, x, w);
  pt2_build_gradient (builder, w, x);
  pt2_build_loss (builder, loss);
  pt2_build_output (root, loss);
  g_autofree char *text = text_of (builder);
  has (text, "\"output_specs\": [{\"loss_output\": {\"arg\": {\"name\": \"sum_1\"}}}, "
             "{\"user_output\": {\"arg\": {\"as_tensor\": {\"name\": \"sum_1\"}}}}, "
             "{\"gradient_to_user_input\": {\"arg\": {\"name\": \"p_w\"}, \"user_input_name\": \"x\"}}, "
             "{\"gradient_to_parameter\": {\"arg\": {\"name\": \"x\"}, \"parameter_name\": \"w\"}}]");
}
END_TEST

START_TEST (tokens_stand_first)
{
  g_autoptr (Pt2Builder) builder = new_builder ();
  Pt2BuildGraph *root = pt2_build_root (builder);
  Pt2BuildValue *x = pt2_build_input (builder, "x", "float32[s0]");
  Pt2BuildValue *token = pt2_build_token (builder, "token");
  Pt2BuildValue *next
      = pt2_build_call (root, "higher_order.with_effects", "float32[0]; float32[s0]",
                        PT2_ARGS (pt2_arg (token), pt2_arg_operator ("torch.ops.aten.relu.default"), pt2_arg (x)));
  pt2_build_output (root, pt2_build_result (next, 1));
  pt2_build_token_output (builder, next);
  g_autofree char *text = text_of (builder);
  has (text, "\"input_specs\": [{\"token\": {\"arg\": {\"name\": \"token\"}}}, {\"user_input\": ");
  has (text, "\"output_specs\": [{\"token\": {\"arg\": {\"name\": \"getitem\"}}}, {\"user_output\": ");
  has (text, "\"outputs\": [{\"as_tensor\": {\"name\": \"getitem\"}}, {\"as_tensor\": {\"name\": \"getitem_1\"}}]");
  has (text, "{\"as_operator\": \"torch.ops.aten.relu.default\"}");
  has (text, "\"verifiers\": [\"ATEN\"]");
}
END_TEST

START_TEST (objects_are_stored)
{
  g_autoptr (Pt2Builder) builder = new_builder ();
  g_autoptr (GBytes) data = g_bytes_new_static ("pickled", 7);
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL), *path = g_build_filename (folder, "built.pt2", NULL);
  Pt2BuildValue *object = pt2_build_object (builder, "a.packed", "__torch__.My", data);
  pt2_build_output (
      pt2_build_root (builder),
      pt2_build_call (pt2_build_root (builder), "quantized.linear_dynamic.default", "float32[1]",
                      PT2_ARGS (pt2_arg (pt2_build_input (builder, "x", "float32[1]")), pt2_arg (object))));
  g_autofree char *text = text_of (builder);
  has (text, "{\"custom_obj\": {\"arg\": {\"name\": \"obj_a_packed\", \"class_fqn\": \"__torch__.My\"}, "
             "\"custom_obj_name\": \"a.packed\"}}");
  has (text, "\"arg\": {\"as_custom_obj\": {\"name\": \"obj_a_packed\", \"class_fqn\": \"__torch__.My\"}}");
  ck_assert (pt2_builder_save (builder, path, PT2_SAVE_NEW, NULL));
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, NULL);
  g_autoptr (GBytes) stored = pt2_archive_read (archive, "data/constants/custom_obj_0", NULL);
  ck_assert (stored != NULL && g_bytes_equal (stored, data));
  remove (path);
  remove (folder);
}
END_TEST

START_TEST (uses_are_checked)
{
  g_autoptr (GBytes) eight = zeros (8);
  Pt2Builder *b = new_builder ();
  pt2_build_gradient (b, pt2_build_buffer (b, "count", "int64[1]", eight, TRUE), X (b));
  fails (b, PT2_ERROR_B006, "b_count");
  b = new_builder ();
  Pt2BuildValue *x = X (b);
  pt2_build_loss (b, x);
  pt2_build_loss (b, x);
  fails (b, PT2_ERROR_B006, "x");
  b = new_builder ();
  x = X (b);
  pt2_build_mutation (b, x, x);
  pt2_build_gradient (b, x, x);
  pt2_build_mutation (b, x, x);
  fails (b, PT2_ERROR_B006, "x");
  b = new_builder ();
  pt2_build_output (pt2_build_root (b), pt2_build_object (b, "o", "__torch__.My", eight));
  fails (b, PT2_ERROR_B006, "obj_o");
  b = new_builder ();
  pt2_build_input (b, "yes", "bool(s0 > 4)");
  fails (b, PT2_ERROR_B006, "an input yes of type bool(s0 > 4)");
  b = new_builder ();
  pt2_build_mutation (b, pt2_build_token (b, "token"), X (b));
  fails (b, PT2_ERROR_B006, "token");
  b = new_builder ();
  pt2_build_token_output (b, pt2_build_subgraph_input (pt2_build_subgraph (b, "g"), "t", "float32[0]"));
  fails (b, PT2_ERROR_B006, "t");
  b = new_builder ();
  pt2_build_parameter (b, "w", "float32[2]", eight);
  pt2_build_object (b, "w", "__torch__.My", eight);
  fails (b, PT2_ERROR_B004, "w");
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { everything_has_its_place, 1 },
                             { archives_hold_the_weights, 1 },
                             { calls_fit_their_operators, 1 },
                             { types_names_and_bytes_are_checked, 1 },
                             { values_stay_in_their_graphs, 1 },
                             { names_of_python_get_a_number, 1 },
                             { lists_may_have_gaps_and_symbols, 1 },
                             { sizes_are_integers, 1 },
                             { operators_are_arguments, 1 },
                             { trees_say_how_it_is_called, 1 },
                             { without_trees_inputs_go_by_place, 1 },
                             { trees_are_checked, 1 },
                             { losses_have_gradients, 1 },
                             { tokens_stand_first, 1 },
                             { objects_are_stored, 1 },
                             { uses_are_checked, 1 } };
  return RUN_SUITE ("build", cases);
}
