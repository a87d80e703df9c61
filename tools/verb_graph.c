/* SPDX-License-Identifier: Apache-2.0 */
#include "graph_show.h"
#include "input.h"
#include "op_schemas.h"
#include "output.h"
#include "report.h"
#include "verbs.h"
#include <string.h>

static gboolean rebuild;
static const char *format = "python";

/* Nothing was put into the graph, so no operator has to be known. */
static gboolean
write_again (Pt2FxModule *module, GError **error)
{
  g_autoptr (Pt2Program) program = pt2_fx_module_make_program (module, NULL, &settings.limits, error);
  g_autoptr (GBytes) bytes = program != NULL ? pt2_program_save (program, PT2_FORM_JSON, error) : NULL;
  return bytes != NULL && output_bytes ("-", bytes, error);
}

static int
show (const char *path, Pt2FxModule *module)
{
  GError *error = NULL;
  g_autoptr (Pt2Ops) ops = load_ops ();
  if (ops == NULL)
    return STATUS_TROUBLE;
  return graph_python (module, ops, &error) ? STATUS_FINE : report_trouble (input_name (path), error);
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  if (strcmp (format, "python") != 0)
    {
      set_error (&error, PT2_ERROR_U002, "--format=%s: formats: python", format);
      return report_trouble (NULL, error);
    }
  g_autoptr (Pt2Program) program = input_program (operands[0]);
  if (program == NULL)
    return STATUS_TROUBLE;
  g_autoptr (Pt2FxModule) module = pt2_fx_module_new (program, &settings.limits, &error);
  if (module == NULL)
    return report_trouble (input_name (operands[0]), error);
  if (!rebuild)
    return show (operands[0], module);
  return write_again (module, &error) ? STATUS_FINE : report_trouble (input_name (operands[0]), error);
}

static const Option options[] = {
  { "format", 0, OPTION_TEXT, { .text = &format }, "FORM", "python: the text of PyTorch's GraphModule.code" },
  { "rebuild", 0, OPTION_FLAG, { .flag = &rebuild }, NULL, "write the program's JSON, made anew from the graph" },
  OPTION_OPS,
  { NULL },
};

const Verb verb_graph = {
  .name = "graph",
  .operands = "FILE",
  .least = 1,
  .most = 1,
  .summary = "the graph as a person reads it",
  .help = "Makes the graph of a program, with its subgraphs, and shows it as the Python code that PyTorch shows\n"
          "as GraphModule.code. With --json the code is a text for each graph, by dotted path. It is for reading:\n"
          "names of the file stand in it as they are, and nothing is run.\n"
          "\n"
          "--rebuild goes the way back: the program, made of the graph, as JSON to standard output. For what\n"
          "PyTorch wrote these are the bytes of the file.\n",
  .examples = "$ pt2 graph model.pt2\n"
              "$ pt2 graph --json model.pt2 | jq -r '.[\"true_graph_0\"]'\n"
              "$ pt2 graph --rebuild model.pt2 | cmp - <(pt2 cat model.pt2 models/model.json)\n",
  .options = options,
  .run = run,
};
