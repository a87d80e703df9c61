/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads read one program at once. */
#include <pt2.h>
#include <stdio.h>

static gboolean
count_node (Pt2String target, guint graph, gpointer data)
{
  ++*(guint *)data;
  return TRUE; /* go on */
}

static gpointer
count_nodes (gpointer data)
{
  g_autoptr (Pt2Program) program = data; /* this thread's own reference */
  guint n = 0;
  pt2_program_foreach_node (program, count_node, &n);
  return GUINT_TO_POINTER (n);
}

static guint
count_in_threads (Pt2Program *program)
{
  GThread *threads[4];
  guint sum = 0;
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("count", count_nodes, pt2_program_ref (program));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    sum += GPOINTER_TO_UINT (g_thread_join (threads[i]));
  return sum;
}

/* ---- the rest only calls it ---- */

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = argc == 2 ? pt2_program_new_from_file (argv[1], NULL, NULL, &error) : NULL;
  if (program == NULL)
    {
      fprintf (stderr, "count_in_threads: %s\n", error != NULL ? error->message : "give one program");
      return 2;
    }
  printf ("4 threads counted %u nodes\n", count_in_threads (program));
  return 0;
}
