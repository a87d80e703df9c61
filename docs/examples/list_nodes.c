/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the target of each node of an exported program's graph.
 *   cc list_nodes.c $(pkg-config --cflags --libs libpt2-1) -o list_nodes && ./list_nodes model.pt2 */
#include <pt2.h>
#include <stdio.h>

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = argc == 2 ? pt2_program_new_from_file (argv[1], NULL, NULL, &error) : NULL;
  if (program == NULL)
    {
      fprintf (stderr, "list_nodes: %s\n", error != NULL ? error->message : "give one file");
      return 2;
    }
  const Pt2ExportedProgram *exported = pt2_program_get_exported_program (program);
  for (uint32_t i = 0; exported != NULL && i < exported->graph_module.graph.nodes.len; i++)
    {
      Pt2String target = exported->graph_module.graph.nodes.items[i].target;
      printf ("%.*s\n", (int)target.len, target.data);
    }
  return 0;
}
