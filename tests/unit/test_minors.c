/* SPDX-License-Identifier: Apache-2.0 */
/* lib/evolve/minors: programs of the corpus down to every minor and up again, and what is lost on the way. */
#include "corpus.h"
#include "pt2-error.h"
#include "pt2-evolve.h"
#include "suite.h"

static Pt2Program *
from_json (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  Pt2Program *program = pt2_program_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (program != NULL, "%s: %.200s", error != NULL ? error->message : "", text);
  return program;
}

static char *
to_json (Pt2Program *program)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = pt2_program_save (program, PT2_FORM_JSON, &error);
  ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static Pt2Program *
follow (Pt2Program *program, guint minor)
{
  g_autoptr (GError) error = NULL;
  Pt2Program *made = pt2_evolve_to_minor (program, minor, PT2_EVOLVE_STRICT, NULL, NULL, NULL, &error);
  ck_assert_msg (made != NULL, "8.%u: %s", minor, error != NULL ? error->message : "");
  return made;
}

/* ---- the corpus ---- */

static void
down_and_up (const char *path, Pt2Program *program, guint minor, guint own, unsigned *n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) down = pt2_evolve_to_minor (program, minor, PT2_EVOLVE_STRICT, NULL, NULL, NULL, &error);
  if (down == NULL)
    {
      ck_assert_msg (g_error_matches (error, PT2_ERROR, PT2_ERROR_E001), "%s: %s", path, error->message);
      ck_assert_msg (strstr (error->message, "since 8.") != NULL, "%s", error->message);
      return;
    }
  g_autofree char *text = to_json (down), *before = to_json (program);
  /* As a file, which is read as its own minor says. */
  g_autoptr (Pt2Program) read = from_json (text);
  g_autoptr (Pt2Program) up = follow (read, own);
  g_autofree char *after = to_json (up);
  ck_assert_msg (strcmp (before, after) == 0, "%s: another program after 8.%u", path, minor);
  ++*n;
}

static void
every_minor (const char *path, Pt2Program *program, gpointer data)
{
  gint64 major, own;
  pt2_program_get_schema_version (program, &major, &own);
  if (major != 8)
    return;
  for (guint minor = 1; minor <= (guint)own; minor++)
    down_and_up (path, program, minor, (guint)own, data);
}

START_TEST (down_and_up_again_is_the_same)
{
  unsigned n = 0;
  corpus_foreach (every_minor, &n);
  ck_assert_uint_gt (n, 100);
}
END_TEST

/* ---- one thing at a time ---- */

#define HEAD "{\"graph_module\": {\"graph\": {\"inputs\": [], \"outputs\": [], \"nodes\": ["
#define NODE(target, inputs, outputs, more)                                                                            \
  "{\"target\": \"" target "\", \"inputs\": [" inputs "], \"outputs\": [" outputs "], \"metadata\": {}" more "}"
#define TAIL(minor, values, more)                                                                                      \
  "], \"tensor_values\": {" values "}, \"sym_int_values\": {}, \"sym_bool_values\": {}}, \"signature\": "              \
  "{\"input_specs\": [], \"output_specs\": []}, \"module_call_graph\": []}, \"opset_version\": {}, "                   \
  "\"range_constraints\": {}, \"schema_version\": {\"major\": 8, \"minor\": " minor "}" more "}"
#define TENSOR "{\"as_tensor\": {\"name\": \"t\"}}"
#define COND "torch.ops.higher_order.cond"

typedef struct
{
  const char *text;
  guint minor;
  const char *has, *has_not; /* of the JSON that comes out; NULL: any */
} Spelling;

static const Spelling spellings[] = {
  /* The name of the one output is its node's: not worth a word before 8.16, said after. */
  { HEAD NODE ("f", "", TENSOR, ", \"name\": \"t\"") TAIL ("20", "", ""), 15, NULL, "\"name\": \"t\"}]" },
  { HEAD NODE ("f", "", TENSOR, "") TAIL ("8", "", ""), 20, "\"name\": \"t\"}]", NULL },
  { HEAD NODE ("f", "", TENSOR ", " TENSOR, "") TAIL ("8", "", ""), 20, "\"name\": null}]", NULL },
  { HEAD NODE ("f", "", "{\"as_sym_int\": {\"as_name\": \"n\"}}", "") TAIL ("8", "", ""), 20, "\"name\": \"n\"}]",
    NULL },
  { HEAD NODE ("f", "", "{\"as_sym_int\": {\"as_int\": 3}}", "") TAIL ("8", "", ""), 20, "\"name\": null}]", NULL },
  /* A tensor in a tuple has another name than the node that gives the tuple. */
  { HEAD NODE (COND, "", TENSOR, ", \"is_hop_single_tensor_return\": false") TAIL ("8", "", ""), 20,
    "false, \"name\": null", NULL },
  { HEAD NODE (COND, "", TENSOR, ", \"is_hop_single_tensor_return\": true") TAIL ("8", "", ""), 20,
    "true, \"name\": \"t\"", NULL },
  /* How subgraph calls gave one tensor before 8.5. */
  { HEAD NODE (COND, "", TENSOR, "") TAIL ("2", "", ""), 20, "\"is_hop_single_tensor_return\": true", NULL },
  { HEAD NODE (COND, "", "{\"as_tensors\": [{\"name\": \"t\"}]}", "") TAIL ("2", "", ""), 20,
    "\"is_hop_single_tensor_return\": false", NULL },
  { HEAD NODE ("f", "", TENSOR, "") TAIL ("2", "", ""), 20, "\"is_hop_single_tensor_return\": null", NULL },
  { HEAD NODE (COND, "", TENSOR, ", \"is_hop_single_tensor_return\": true") TAIL ("5", "", ""), 4,
    "\"outputs\": [" TENSOR "]", "is_hop" },
  { HEAD NODE (COND, "", TENSOR, ", \"is_hop_single_tensor_return\": false") TAIL ("5", "", ""), 4,
    "\"outputs\": [{\"as_tensors\": [{\"name\": \"t\"}]}]", "is_hop" },
  /* Kinds. */
  { HEAD NODE (COND, "{\"name\": \"\", \"arg\": " TENSOR "}", "", "") TAIL ("2", "", ""), 20, "\"kind\": 1", NULL },
  { HEAD NODE (COND, "{\"name\": \"k\", \"arg\": " TENSOR "}", "", "") TAIL ("2", "", ""), 20, "\"kind\": 2", NULL },
  { HEAD NODE ("f", "{\"name\": \"k\", \"arg\": " TENSOR "}", "", "") TAIL ("2", "", ""), 20, "\"kind\": null", NULL },
  { HEAD NODE ("f", "{\"name\": \"k\", \"arg\": " TENSOR ", \"kind\": 2}", "", "") TAIL ("6", "", ""), 5, "\"kind\": 1",
    NULL },
  { HEAD NODE ("f", "{\"name\": \"k\", \"arg\": " TENSOR ", \"kind\": 0}", "", "") TAIL ("5", "", ""), 6, "\"kind\": 1",
    NULL },
  { HEAD NODE ("f", "{\"name\": \"\", \"arg\": " TENSOR ", \"kind\": 1}", "", "") TAIL ("20", "", ""), 2, NULL,
    "\"kind\"" },
  /* Nothing, and null. */
  { HEAD NODE ("f", "{\"name\": \"k\", \"arg\": {\"as_none\": true}}", "", "") TAIL ("2", "", ""), 1,
    "{\"as_none\": []}", NULL },
  { HEAD NODE ("f", "{\"name\": \"k\", \"arg\": {\"as_none\": []}}", "", "") TAIL ("1", "", ""), 2,
    "{\"as_none\": true}", NULL },
  { HEAD NODE ("f", "", "", "") TAIL ("20", "", ", \"guards_code\": [], \"verifiers\": [\"A\"]"), 12,
    "\"verifiers\": [\"A\"]", "guards_code" },
  /* What a fork adds to a known minor is nobody's and stays. */
  { HEAD NODE ("f", "", "", ", \"mine\": 1") TAIL ("8", "", ""), 20, "\"mine\": 1", NULL },
  { HEAD NODE ("f", "", "", ", \"mine\": 1") TAIL ("20", "", ""), 8, "\"mine\": 1", NULL },
  { HEAD TAIL ("2", "", ", \"expr_ast\": 1"), 20, "expr_ast", NULL },
};

START_TEST (spelled_as_the_target_spells)
{
  const Spelling *one = &spellings[_i];
  g_autoptr (Pt2Program) program = from_json (one->text);
  g_autoptr (Pt2Program) made = follow (program, one->minor);
  g_autofree char *text = to_json (made);
  ck_assert_msg (one->has == NULL || strstr (text, one->has) != NULL, "no %s in %s", one->has, text);
  ck_assert_msg (one->has_not == NULL || strstr (text, one->has_not) == NULL, "%s in %s", one->has_not, text);
  gint64 major, minor;
  pt2_program_get_schema_version (made, &major, &minor);
  ck_assert (major == 8 && minor == one->minor);
}
END_TEST

#define META(dtype)                                                                                                    \
  "\"t\": {\"dtype\": " dtype ", \"sizes\": [], \"requires_grad\": false, \"device\": {\"type\": \"cpu\"}, "           \
  "\"strides\": [], \"storage_offset\": {\"as_int\": 0}, \"layout\": 7}"
#define ARGUMENT(value) NODE ("f", "{\"name\": \"k\", \"arg\": " value "}", "", "")
#define EXPR(more) "\"s\": {\"as_expr\": {\"expr_str\": \"s0\"" more "}}"

typedef struct
{
  const char *text;
  guint minor;
  const char *name; /* of the one loss */
  guint since;
  guint64 count;
  const char *where;
  const char *left; /* of the JSON that comes out if it is left out; NULL: it cannot be */
} LossCase;

static const LossCase losses[] = {
  { HEAD NODE ("f", "", "", ", \"name\": \"f_1\"") ", " NODE ("f", "", "", ", \"name\": \"f_2\"") TAIL ("20", "", ""),
    15, "Node.name", 16, 2, "graph_module.graph.nodes[0].name",
    "\"metadata\": {}, \"is_hop_single_tensor_return\": null}" },
  { HEAD NODE ("f", "{\"name\": \"k\", \"arg\": " TENSOR ", \"kind\": 2}", "", "") TAIL ("6", "", ""), 4,
    "NamedArgument.kind", 5, 1, "graph_module.graph.nodes[0].inputs[0].kind", "\"arg\": " TENSOR "}" },
  { HEAD NODE ("f", "{\"name\": \"k\", \"arg\": " TENSOR ", \"kind\": 0}", "", "") TAIL ("6", "", ""), 5,
    "ArgumentKind.UNKNOWN", 6, 1, "graph_module.graph.nodes[0].inputs[0].kind", "\"arg\": " TENSOR "}" },
  { HEAD TAIL ("20", "", ", \"guards_code\": [\"L\"]"), 12, "ExportedProgram.guards_code", 14, 1, "guards_code",
    "\"torch_version\": \"<=2.4\"}" },
  { HEAD ARGUMENT ("{\"as_complex\": {\"real\": 1.0, \"imag\": 2.0}}") TAIL ("20", "", ""), 12, "Argument.as_complex",
    14, 1, "graph_module.graph.nodes[0].inputs[0].arg.as_complex", "\"arg\": {\"as_none\": true}" },
  { HEAD ARGUMENT ("{\"as_scalar_type\": 34}") TAIL ("20", "", ""), 19, "ScalarType.UINT32", 20, 1,
    "graph_module.graph.nodes[0].inputs[0].arg.as_scalar_type", "\"arg\": {\"as_none\": true}" },
  { HEAD TAIL ("20", META ("34"), ""), 19, "ScalarType.UINT32", 20, 1, "graph_module.graph.tensor_values[\"t\"].dtype",
    NULL },
  /* A minor that is unknown here, and what only it can have brought. */
  { HEAD NODE ("f", "", "", ", \"new\": 1") TAIL ("99", "", ""), 20, "Node[\"new\"]", 0, 1,
    "graph_module.graph.nodes[0]", "\"name\": null}" },
  { HEAD ARGUMENT ("{\"as_new\": null}") TAIL ("99", "", ""), 20, "Argument[\"as_new\"]", 0, 1,
    "graph_module.graph.nodes[0].inputs[0].arg", "\"arg\": {\"as_none\": true}" },
  { HEAD TAIL ("99", META ("99"), ""), 20, "ScalarType 99", 0, 1, "graph_module.graph.tensor_values[\"t\"].dtype",
    NULL },
};

static void
check_loss (const Pt2EvolveLoss *loss, gpointer data)
{
  const LossCase **next = data;
  const LossCase *wanted = *next;
  ck_assert_ptr_nonnull (wanted);
  ck_assert_str_eq (loss->name, wanted->name);
  ck_assert_uint_eq (loss->since, wanted->since);
  ck_assert_uint_eq (loss->count, wanted->count);
  ck_assert_str_eq (loss->where, wanted->where);
  ck_assert_int_eq (loss->stuck, wanted->left == NULL);
  *next = NULL;
}

START_TEST (refused_by_name_or_left_out)
{
  const LossCase *wanted = &losses[_i];
  g_autoptr (Pt2Program) program = from_json (wanted->text);
  for (int lossy = 0; lossy < 2; lossy++)
    {
      const LossCase *next = wanted;
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Program) made
          = pt2_evolve_to_minor (program, wanted->minor, lossy ? PT2_EVOLVE_LOSSY : 0, NULL, check_loss, &next, &error);
      ck_assert_ptr_null (next);
      ck_assert_int_eq (made != NULL, lossy && wanted->left != NULL);
      if (made == NULL)
        {
          ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_E001));
          ck_assert_msg (strstr (error->message, wanted->name) != NULL, "%s", error->message);
          continue;
        }
      g_autofree char *text = to_json (made);
      ck_assert_msg (strstr (text, wanted->left) != NULL, "no %s in %s", wanted->left, text);
    }
}
END_TEST

/* 8.2 alone had the tree beside the text; a null says nothing. */
START_TEST (a_key_that_came_and_went)
{
  static const char *const more[] = { ", \"expr_ast\": null", ", \"expr_ast\": {\"a\": 1}" };
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *text = g_strconcat (HEAD "], \"tensor_values\": {}, \"sym_int_values\": {",
                                           i == 0 ? EXPR (", \"expr_ast\": null") : EXPR (", \"expr_ast\": {\"a\": 1}"),
                                           strstr (HEAD TAIL ("2", "", ""), "}, \"sym_bool_values\""), NULL);
      g_autoptr (Pt2Program) program = from_json (text), same = follow (program, 2);
      g_autofree char *kept = to_json (same);
      ck_assert_ptr_nonnull (strstr (kept, more[i]));
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Program) made
          = pt2_evolve_to_minor (program, 5, i == 0 ? 0 : PT2_EVOLVE_LOSSY, NULL, NULL, NULL, &error);
      ck_assert_msg (made != NULL, "%s", error != NULL ? error->message : "");
      g_autofree char *left = to_json (made);
      ck_assert_ptr_null (strstr (left, "expr_ast"));
    }
}
END_TEST

START_TEST (minors_that_are_not_known)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/mlp.pt2");
  g_autoptr (Pt2Program) old = corpus_program ("torch-2.1.2/mlp.pt2");
  ck_assert_uint_eq (pt2_evolve_oldest_minor (), 1);
  ck_assert_uint_eq (pt2_evolve_newest_minor (), 20);
  for (guint minor = 0; minor <= 21; minor += 21)
    {
      g_autoptr (GError) error = NULL;
      ck_assert_ptr_null (pt2_evolve_to_minor (program, minor, 0, NULL, NULL, NULL, &error));
      ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_E002));
    }
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_evolve_to_minor (old, 20, 0, NULL, NULL, NULL, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_P002));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { down_and_up_again_is_the_same, 1 },
    { spelled_as_the_target_spells, G_N_ELEMENTS (spellings) },
    { refused_by_name_or_left_out, G_N_ELEMENTS (losses) },
    { a_key_that_came_and_went, 1 },
    { minors_that_are_not_known, 1 },
  };
  return RUN_SUITE ("minors", cases);
}
