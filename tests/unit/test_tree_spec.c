/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/tree_spec, module_calls and signature_views: how flat values are what a caller passes and gets. */
#include "corpus.h"
#include "pt2-tree-spec.h"
#include "suite.h"
#include <string.h>

#define LEAF "{\"type\": null, \"context\": null, \"children_spec\": []}"
#define NODE(type, context, children)                                                                                  \
  "{\"type\": \"" type "\", \"context\": " context ", \"children_spec\": [" children "]}"
#define SPEC(node) "[1, " node "]"

static Pt2String
text (const char *literal)
{
  return (Pt2String){ literal, (uint32_t)strlen (literal) };
}

static Pt2TreeSpec *
read_spec (const char *spec)
{
  GError *error = NULL;
  Pt2TreeSpec *made = pt2_tree_spec_new (text (spec), NULL, NULL, &error);
  ck_assert_msg (made != NULL, "%s: %s", spec, error != NULL ? error->message : "");
  return made;
}

static void
has_path (const char *spec, guint leaf, const char *root, const char *expected)
{
  g_autoptr (Pt2TreeSpec) made = read_spec (spec);
  g_autofree char *printed = pt2_tree_spec_print (made, NULL);
  ck_assert_str_eq (printed, spec);
  g_autofree char *path = pt2_tree_node_path (pt2_tree_spec_get_leaf (made, leaf), root);
  ck_assert_str_eq (path, expected);
}

static void
refuses (const char *spec, Pt2ErrorCode code, const char *expected)
{
  GError *error = NULL;
  ck_assert_ptr_null (pt2_tree_spec_new (text (spec), NULL, NULL, &error));
  ck_assert_msg (error != NULL && error->code == (int)code && strstr (error->message, expected) != NULL, "%s: %s", spec,
                 error != NULL ? error->message : "accepted");
  g_error_free (error);
}

START_TEST (every_type_has_its_paths)
{
  has_path (SPEC (LEAF), 0, "output", "output");
  has_path (SPEC (NODE ("builtins.tuple", "\"null\"", LEAF ", " LEAF)), 1, "output", "output[1]");
  has_path (SPEC (NODE ("builtins.list", "\"null\"", LEAF)), 0, "", "[0]");
  has_path (
      SPEC (NODE ("builtins.dict", "\"[\\\"a\\\", 3, [1, 2], \\\"it's\\\"]\"", LEAF ", " LEAF ", " LEAF ", " LEAF)), 0,
      "d", "d['a']");
  has_path (SPEC (NODE ("collections.OrderedDict", "\"[\\\"a\\\", 3]\"", LEAF ", " LEAF)), 1, "d", "d[3]");
  has_path (SPEC (NODE ("builtins.dict", "\"[[1, 2], \\\"it's\\\"]\"", LEAF ", " LEAF)), 1, "d", "d['it\\'s']");
  has_path (SPEC (NODE ("collections.deque", "\"null\"", LEAF)), 0, "q", "q[0]");
  has_path (SPEC (NODE ("collections.namedtuple", "\"a.Pair\"", LEAF)), 0, "p", "p[0]");
  has_path (SPEC (NODE ("collections.namedtuple", "{\"class_name\": \"Pt\", \"fields\": [\"left\"]}", LEAF)), 0, "p",
            "p.left");
  has_path (SPEC (NODE ("collections.defaultdict",
                        "{\"default_factory_module\": \"builtins\", \"default_factory_name\": \"list\", "
                        "\"dict_context\": [\"k\"]}",
                        LEAF)),
            0, "d", "d['k']");
  has_path (SPEC (NODE ("my.Data", "\"[[\\\"x\\\", \\\"y\\\"], [\\\"z\\\"]]\"", LEAF ", " LEAF)), 1, "d", "d.y");
  has_path (SPEC (NODE ("my.Opaque", "{\"anything\": [1]}", LEAF ", " LEAF)), 1, "d", "d[1]");
}
END_TEST

START_TEST (arguments_are_called_as_python_does)
{
  const char *spec
      = SPEC (NODE ("builtins.tuple", "\"null\"",
                    NODE ("builtins.tuple", "\"null\"", LEAF) ", " NODE (
                        "builtins.dict", "\"[\\\"mask\\\"]\"",
                        NODE ("builtins.list", "\"null\"", NODE ("builtins.tuple", "\"null\"", "") ", " LEAF))));
  has_path (spec, 0, NULL, "args[0]");
  has_path (spec, 1, NULL, "kwargs['mask'][1]");
  g_autoptr (Pt2TreeSpec) made = read_spec (spec);
  const Pt2TreeNode *root = pt2_tree_spec_get_root (made), *kwargs = &root->children[1], *list = kwargs->children;
  ck_assert (root->step == PT2_TREE_ROOT && root->n_leaves == 2 && kwargs->first_leaf == 1 && kwargs->n_leaves == 1);
  ck_assert (list->kind == PT2_TREE_LIST && list->step == PT2_TREE_KEY && list->parent == kwargs);
  ck_assert (list->children[0].n_leaves == 0 && list->children[1].first_leaf == 1);
  ck_assert_ptr_null (pt2_tree_spec_get_leaf (made, 2));
}
END_TEST

START_TEST (what_is_no_spec_is_refused)
{
  refuses ("", PT2_ERROR_J001, "");
  refuses ("[1]", PT2_ERROR_P008, "the protocol's number and a node");
  refuses ("[1, {}]", PT2_ERROR_P008, "a node has");
  refuses ("[2, " LEAF "]", PT2_ERROR_P009, "2");
  refuses (SPEC ("{\"type\": null, \"context\": \"x\", \"children_spec\": []}"), PT2_ERROR_P008, "a leaf has");
  refuses (SPEC ("{\"type\": null, \"context\": null, \"children_spec\": [" LEAF "]}"), PT2_ERROR_P008, "a leaf has");
  refuses (SPEC ("{\"type\": 3, \"context\": null, \"children_spec\": []}"), PT2_ERROR_P008, "a type is");
  refuses (SPEC ("{\"type\": null, \"context\": null, \"children_spec\": [], \"new\": 1}"), PT2_ERROR_P008,
           "a node has");
  refuses (SPEC (NODE ("builtins.dict", "\"[]\"", LEAF)), PT2_ERROR_P008, "as many keys");
  refuses (SPEC (NODE ("builtins.dict", "\"[\"", LEAF)), PT2_ERROR_P008, "as many keys");
  refuses (SPEC (NODE ("collections.defaultdict", "null", LEAF)), PT2_ERROR_P008, "as many keys");
}
END_TEST

START_TEST (limits_hold)
{
  g_autoptr (GString) deep = g_string_new ("[1, ");
  for (int i = 0; i < 100; i++)
    g_string_append (deep, "{\"type\": \"builtins.list\", \"context\": \"null\", \"children_spec\": [");
  for (int i = 0; i < 100; i++)
    g_string_append (deep, "]}");
  g_string_append (deep, "]");
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 50;
  GError *error = NULL;
  ck_assert_ptr_null (pt2_tree_spec_new (text (deep->str), NULL, &limits, &error));
  ck_assert_int_eq (error->code, PT2_ERROR_L002);
  g_clear_error (&error);
  limits.depth = 1000;
  limits.memory = 4096;
  ck_assert_ptr_null (pt2_tree_spec_new (text (deep->str), NULL, &limits, &error));
  ck_assert_int_eq (error->code, PT2_ERROR_L003);
  g_clear_error (&error);
}
END_TEST

/* Every spec of every program: read, printed as it was, with as many leaves as the program has values. */
static guint
check_spec (Pt2String spec, Pt2Program *program, guint n_values, const char *path)
{
  GError *error = NULL;
  if (spec.data == NULL)
    return 0;
  g_autoptr (Pt2TreeSpec) made = pt2_tree_spec_new (spec, program, NULL, &error);
  ck_assert_msg (made != NULL, "%s: %s", path, error != NULL ? error->message : "");
  g_autofree char *printed = pt2_tree_spec_print (made, NULL);
  ck_assert_msg (strlen (printed) == spec.len && memcmp (printed, spec.data, spec.len) == 0, "%s: %s", path, printed);
  /* PyTorch 2.5 has the values of all calls of a module in one list. */
  guint n_leaves = pt2_tree_spec_get_root (made)->n_leaves;
  ck_assert_msg (n_leaves == 0 ? n_values == 0 : n_values % n_leaves == 0, "%s: %u: %s", path, n_values, printed);
  return 1;
}

static void
check_program (const char *path, Pt2Program *program, gpointer data)
{
  guint n, *n_specs = data;
  Pt2String in_spec, out_spec;
  pt2_program_get_tree_specs (program, &in_spec, &out_spec);
  pt2_program_get_user_inputs (program, &n);
  *n_specs += check_spec (in_spec, program, n, path);
  pt2_program_get_user_outputs (program, &n);
  *n_specs += check_spec (out_spec, program, n, path);
  g_autoptr (Pt2ModuleCalls) calls = pt2_module_calls_new (program, NULL);
  const Pt2ModuleCall *items = pt2_module_calls_get (calls, &n);
  for (guint i = 0; i < n; i++)
    {
      ck_assert (items[i].preserved || items[i].n_inputs == 0);
      /* PyTorch 2.3 leaves the values of the root out. */
      if (items[i].fqn.len == 0 && items[i].n_inputs == 0)
        continue;
      *n_specs += check_spec (items[i].in_spec, program, items[i].n_inputs, path);
      *n_specs += check_spec (items[i].out_spec, program, items[i].n_outputs, path);
    }
}

START_TEST (real_specs_come_back)
{
  guint n_specs = 0;
  corpus_foreach (check_program, &n_specs);
  ck_assert_uint_gt (n_specs, 100);
}
END_TEST

static gboolean
is_called (const Pt2SignatureItem *item, const char *name)
{
  return item != NULL && item->name.len == strlen (name) && memcmp (item->name.data, name, item->name.len) == 0;
}

START_TEST (fields_come_from_the_program)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/tree_inputs.pt2");
  Pt2String in_spec, out_spec;
  pt2_program_get_tree_specs (program, &in_spec, &out_spec);
  g_autoptr (Pt2TreeSpec) spec = pt2_tree_spec_new (in_spec, program, NULL, NULL);
  g_autofree char *path = pt2_tree_node_path (pt2_tree_spec_get_leaf (spec, 3), NULL);
  ck_assert_str_eq (path, "args[1].right");
  guint n;
  ck_assert (is_called (pt2_program_get_user_inputs (program, &n)[3], "b_right") && n == 5);
}
END_TEST

START_TEST (a_value_is_known_by_name)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/mutation_decomp.pt2");
  const Pt2SignatureItem *cache = pt2_program_find_target (program, text ("cache"));
  ck_assert (is_called (cache, "b_cache") && strcmp (cache->kind, "BUFFER") == 0);
  ck_assert_ptr_eq (pt2_program_find_input (program, text ("b_cache")), cache);
  ck_assert_ptr_null (pt2_program_find_input (program, text ("cache")));
  ck_assert_ptr_null (pt2_program_find_input (program, (Pt2String){ NULL, 0 }));
  const Pt2SignatureItem *changed = pt2_program_find_mutation (program, cache);
  ck_assert (changed != NULL && strcmp (changed->kind, "BUFFER_MUTATION") == 0);
  const Pt2SignatureItem *y = pt2_program_find_input (program, text ("y"));
  ck_assert_str_eq (pt2_program_find_mutation (program, y)->kind, "USER_INPUT_MUTATION");
  const Pt2SignatureItem *x = pt2_program_find_input (program, text ("x"));
  ck_assert (x != NULL && pt2_program_find_mutation (program, x) == NULL);
  ck_assert_ptr_null (pt2_program_find_gradient (program, cache));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { every_type_has_its_paths, 1 },   { arguments_are_called_as_python_does, 1 },
                             { what_is_no_spec_is_refused, 1 }, { limits_hold, 1 },
                             { real_specs_come_back, 1 },       { fields_come_from_the_program, 1 },
                             { a_value_is_known_by_name, 1 } };
  return RUN_SUITE ("tree_spec", cases);
}
