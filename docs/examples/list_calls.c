/* SPDX-License-Identifier: Apache-2.0 */
/* Prints each call of the graph with the tensors and numbers that it is given. */
#include <pt2.h>
#include <stdio.h>

static void
print_argument (const Pt2Argument *argument)
{
  switch (argument->which)
    {
    case PT2_ARGUMENT_AS_TENSOR:
      printf (" %.*s", (int)argument->as_tensor.name.len, argument->as_tensor.name.data);
      break;
    case PT2_ARGUMENT_AS_INT:
      printf (" %" G_GINT64_FORMAT, argument->as_int);
      break;
    default: /* another member, or PT2_UNKNOWN_MEMBER */
      printf (" …");
    }
}

static void
list_calls (const Pt2ExportedProgram *exported)
{
  const Pt2NodeList *nodes = &exported->graph_module.graph.nodes;
  for (uint32_t i = 0; i < nodes->len; i++)
    {
      const Pt2Node *node = &nodes->items[i];
      printf ("%.*s", (int)node->target.len, node->target.data);
      for (uint32_t j = 0; j < node->inputs.len; j++)
        print_argument (&node->inputs.items[j].arg);
      printf ("\n");
    }
}

/* ---- the rest only calls it ---- */

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = argc == 2 ? pt2_program_new_from_file (argv[1], NULL, NULL, &error) : NULL;
  const Pt2ExportedProgram *exported = program != NULL ? pt2_program_get_exported_program (program) : NULL;
  if (exported != NULL)
    {
      list_calls (exported);
      return 0;
    }
  fprintf (stderr, "list_calls: %s\n", error != NULL ? error->message : "give one program of schema major 8");
  return 2;
}
