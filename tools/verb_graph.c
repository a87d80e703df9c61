/* SPDX-License-Identifier: Apache-2.0 */
#include "graph_forms.h"
#include "graph_show.h"
#include "input.h"
#include "op_schemas.h"
#include "output.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <errno.h>
#include <string.h>

/* Forms that show a view of the graph, as it was asked for. */
static const struct
{
  const char *name;
  void (*show) (const GraphView *view);
  gboolean drawn;
} forms[] = {
  { "text", graph_text, FALSE },
  { "dot", graph_dot, TRUE },
  { "mermaid", graph_mermaid, TRUE },
  { "json", graph_json, FALSE },
};

static GraphWish wish = { .hops = 1 };
static gboolean hops_given;
static const char *format; /* NULL: text, or json with --json */
static gboolean rebuild;

static gboolean
take_number (const char *value, guint least, guint *number, GError **error)
{
  char *end;
  errno = 0;
  guint64 given = g_ascii_strtoull (value, &end, 10);
  if (!g_ascii_isdigit (*value) || *end != '\0' || errno != 0 || given > G_MAXUINT || given < least)
    {
      g_autofree char *shown = escaped (value, -1);
      set_error (error, PT2_ERROR_U002, "a number from %u on was expected, not \"%s\"", least, shown);
      return FALSE;
    }
  *number = (guint)given;
  return TRUE;
}

static gboolean
set_hops (const char *value, GError **error)
{
  hops_given = TRUE;
  return take_number (value, 0, &wish.hops, error);
}

static gboolean
set_depth (const char *value, GError **error)
{
  return take_number (value, 1, &wish.depth, error);
}

/* Nothing was put into the graph, so no operator has to be known. */
static gboolean
write_again (Pt2FxModule *module, GError **error)
{
  g_autoptr (Pt2Program) program = pt2_fx_module_make_program (module, NULL, &settings.limits, error);
  g_autoptr (GBytes) bytes = program != NULL ? pt2_program_save (program, PT2_FORM_JSON, error) : NULL;
  return bytes != NULL && output_bytes ("-", bytes, error);
}

static gboolean
show_view (Pt2FxModule *module, guint form, GError **error)
{
  GraphView view;
  wish.drawn = forms[form].drawn;
  gboolean there = graph_view_init (&view, module, &wish, error);
  if (there)
    forms[form].show (&view);
  graph_view_clear (&view);
  return there;
}

/* Number of the form; behind the last for the code, which is no view. */
static gboolean
find_form (guint *form, GError **error)
{
  const char *name = format != NULL ? format : settings.json ? "json" : "text";
  for (*form = 0; *form < G_N_ELEMENTS (forms); ++*form)
    if (strcmp (forms[*form].name, name) == 0)
      return TRUE;
  if (strcmp (name, "python") == 0)
    return TRUE;
  g_autofree char *shown = escaped (name, -1);
  set_error (error, PT2_ERROR_U002, "--format=%s: formats: text, python, dot, mermaid, json", shown);
  return FALSE;
}

/* Nothing that was asked for is passed over in silence. */
static gboolean
options_agree (guint form, GError **error)
{
  gboolean code = form == G_N_ELEMENTS (forms);
  gboolean selects = wish.op != NULL || wish.around != NULL || wish.submodule != NULL || wish.depth > 0;
  if (rebuild && format != NULL)
    set_error (error, PT2_ERROR_U002, "--rebuild writes the program's JSON; it takes no --format");
  else if ((rebuild || code) && selects)
    set_error (error, PT2_ERROR_U002,
               "%s is of the whole graph: no --op, --around, --submodule or --depth goes with it",
               rebuild ? "--rebuild" : "--format=python");
  else if (hops_given && wish.around == NULL)
    set_error (error, PT2_ERROR_U002, "--hops says how far from the node of --around; give that too");
  else if (settings.json && !rebuild && !code && strcmp (forms[form].name, "json") != 0)
    set_error (error, PT2_ERROR_U002, "--json goes with --format=json or python, not %s", forms[form].name);
  else
    return TRUE;
  return FALSE;
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  guint form;
  if (!find_form (&form, &error) || !options_agree (form, &error))
    return report_trouble (NULL, error);
  gboolean code = !rebuild && form == G_N_ELEMENTS (forms);
  gboolean wanted = code || ops_given ();
  g_autoptr (Pt2Ops) ops = wanted ? load_ops () : NULL;
  if (wanted && ops == NULL)
    return STATUS_TROUBLE;
  g_autoptr (Pt2Program) program = input_program (operands[0]);
  if (program == NULL)
    return STATUS_TROUBLE;
  g_autoptr (Pt2FxModule) module = pt2_fx_module_new (program, &settings.limits, &error);
  if (module == NULL)
    return report_trouble (input_name (operands[0]), error);
  gboolean shown = rebuild ? write_again (module, &error)
                   : code  ? graph_python (module, ops, &error)
                           : show_view (module, form, &error);
  return shown ? STATUS_FINE : report_trouble (input_name (operands[0]), error);
}

static const Option options[] = {
  { "format", 0, OPTION_TEXT, { .text = &format }, "FORM", "text, python, dot, mermaid or json" },
  { "depth", 0, OPTION_CALL, { .call = set_depth }, "N", "in drawings, a module at level N is one box" },
  { "submodule", 0, OPTION_TEXT, { .text = &wish.submodule }, "FQN", "only what was traced in this module" },
  { "op", 0, OPTION_TEXT, { .text = &wish.op }, "GLOB", "only calls of operators such as aten.conv*" },
  { "around", 0, OPTION_TEXT, { .text = &wish.around }, "NODE", "only this node and its neighbours" },
  { "hops", 0, OPTION_CALL, { .call = set_hops }, "N", "how far from NODE neighbours are; 1 if not given" },
  { "rebuild", 0, OPTION_FLAG, { .flag = &rebuild }, NULL, "write the program's JSON, made anew from the graph" },
  OPTION_OPS,
  { NULL },
};

const Verb verb_graph = {
  .name = "graph",
  .operands = "FILE",
  .least = 1,
  .most = 1,
  .summary = "the graph: nodes, operators, shapes, modules; as a table or a drawing",
  .help
  = "Shows the nodes of the graph in order of execution, then those of each subgraph: name, operator, the value\n"
    "that it gives with its symbols, the line of source that it comes from, and the module that it was traced\n"
    "in.\n"
    "\n"
    "dot is for Graphviz, mermaid for pages that draw it. In drawings, results of a call are part of it, modules\n"
    "are boxes around their nodes, and a dashed line leads from a subgraph to the call that is given it. A\n"
    "drawing of more than 200 boxes is folded: modules are one box each, at the deepest level that gives no\n"
    "more. --depth=N folds at level N; a large N shows every node. What more than 16 boxes take of one is said in\n"
    "them and not drawn. In json, the key of a graph is its path, that of the root is empty.\n"
    "\n"
    "Options that select may be combined; what is not selected is left out with its edges.\n",
  .examples = "$ pt2 graph model.pt2\n"
              "$ pt2 graph model.pt2 --format=dot --depth=2 | dot -Tsvg > model.svg\n"
              "$ pt2 graph model.pt2 --around=linear_3 --hops=2\n"
              "$ pt2 graph model.pt2 --op='aten.conv*' --submodule=encoder\n"
              "$ pt2 graph model.pt2 --format=python --json | jq -r '.[\"true_graph_0\"]'\n"
              "$ pt2 graph --rebuild model.pt2 | cmp - <(pt2 cat model.pt2 models/model.json)\n",
  .options = options,
  .run = run,
};
