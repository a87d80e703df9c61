/* SPDX-License-Identifier: Apache-2.0 */
/* Tells libpt2 of the operators of an extension, holds a program's calls against them, and prints what each one is. */
#include <pt2.h>
#include <stdio.h>
#include <string.h>

/* What the extension itself knows of an operator. */
typedef struct
{
  const char *name;
  const char *schema;
  int cost;
} DemoOp;

static const DemoOp demo_ops[] = {
  { "scale", "demo::scale(Tensor self, float factor, *, int[] dims=[]) -> Tensor", 1 },
  { "halves", "demo::halves(Tensor self) -> (Tensor, Tensor)", 2 },
};

static gpointer
from_name (const char *name, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (demo_ops); i++)
    if (strcmp (demo_ops[i].name, name) == 0)
      return (gpointer)&demo_ops[i];
  return NULL;
}

static const char *
to_name (gpointer op, gpointer data)
{
  return ((const DemoOp *)op)->name;
}

static char *
make_schema (gpointer op, gpointer data)
{
  return g_strdup (((const DemoOp *)op)->schema);
}

static const Pt2ExtensionHandler handler = { from_name, to_name, make_schema };

static void
list_calls (const Pt2ExportedProgram *exported, const Pt2Ops *ops)
{
  const Pt2NodeList *nodes = &exported->graph_module.graph.nodes;
  for (uint32_t i = 0; i < nodes->len; i++)
    {
      const DemoOp *op = pt2_ops_find_extension (ops, nodes->items[i].target);
      if (op != NULL)
        printf ("%.*s: operator %s, cost %d\n", (int)nodes->items[i].name.len, nodes->items[i].name.data, op->name,
                op->cost);
    }
}

static gboolean
run (const char *path, GError **error)
{
  g_autoptr (Pt2Ops) ops = pt2_ops_new (NULL, error);
  if (ops == NULL || !pt2_ops_add_handler (ops, "demo", &handler, NULL, NULL, error))
    return FALSE;
  const Pt2CheckOptions options = { .ops = ops };
  g_autoptr (Pt2Report) report = pt2_check_file (path, &options, error);
  g_autoptr (Pt2Program) program = report != NULL ? pt2_program_new_from_file (path, NULL, NULL, error) : NULL;
  if (program == NULL)
    return FALSE;
  printf ("%s\n", pt2_report_is_ok (report) ? "sound" : "something is wrong");
  list_calls (pt2_program_get_exported_program (program), ops);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc == 2 && run (argv[1], &error))
    return 0;
  fprintf (stderr, "register_extension: %s\n", error != NULL ? error->message : "give one program of schema major 8");
  return 2;
}
