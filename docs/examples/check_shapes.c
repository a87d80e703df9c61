/* SPDX-License-Identifier: Apache-2.0 */
/* Says whether a shape fits the first input of an exported program, and what the outputs are then.
 *   cc check_shapes.c $(pkg-config --cflags --libs libpt2-1) -o check_shapes && ./check_shapes model.pt2 4 8 */
#include <pt2.h>
#include <stdio.h>
#include <stdlib.h>

static void
print_outputs (const Pt2Shapes *shapes, const Pt2ShapesAnswer *answer)
{
  guint n;
  const Pt2ShapeValue *outputs = pt2_shapes_get_outputs (shapes, &n);
  for (guint i = 0; i < n; i++)
    {
      printf ("%.*s:", (int)outputs[i].name.len, outputs[i].name.data);
      for (guint d = 0; d < outputs[i].n_dims; d++)
        if (answer->outputs[i][d].kind == PT2_EXPR_INTEGER)
          printf (" %lld", (long long)answer->outputs[i][d].integer);
        else
          printf (" ?");
      printf ("\n");
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = argc > 1 ? pt2_program_new_from_file (argv[1], NULL, NULL, &error) : NULL;
  g_autoptr (Pt2Shapes) shapes = program != NULL ? pt2_shapes_new (program, NULL, &error) : NULL;
  guint n = 0;
  if (shapes == NULL || pt2_shapes_get_inputs (shapes, &n) == NULL || n == 0)
    {
      fprintf (stderr, "check_shapes: %s\n", error != NULL ? error->message : "give a file that has inputs");
      return 2;
    }
  Pt2String first = pt2_shapes_get_inputs (shapes, &n)[0].name;
  g_autofree char *name = g_strndup (first.data, first.len);
  g_autofree gint64 *sizes = g_new0 (gint64, argc);
  for (int i = 2; i < argc; i++)
    sizes[i - 2] = strtoll (argv[i], NULL, 10);
  const Pt2GivenShape given = { name, sizes, (guint)argc - 2 };
  g_autoptr (Pt2ShapesAnswer) answer = pt2_shapes_solve (shapes, &given, 1, NULL, 0, &error);
  for (guint i = 0; answer != NULL && i < answer->n_problems; i++)
    printf ("%s: %s\n", pt2_error_get_where (answer->problems[i]), answer->problems[i]->message);
  if (answer != NULL && answer->fits)
    print_outputs (shapes, answer);
  return answer == NULL ? 2 : !answer->fits;
}
