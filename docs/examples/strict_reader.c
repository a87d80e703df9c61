/* SPDX-License-Identifier: Apache-2.0 */
/* Takes programs of PyTorch 2.6 and 2.7 whose schema it knows in full, and no others: strict_reader FILE */
#include <pt2.h>

int
main (int argc, char **argv)
{
  static const char *const rules[][2] = {
    { "schema-least", "8.2" }, { "schema-most", "8.7" }, { "torch-least", "2.6" },
    { "torch-most", "2.7" },   { "opset-most", "10" },   { "unknown-parts", "0" },
  };
  g_autoptr (GError) error = NULL;
  Pt2Limits limits = *pt2_limits_default ();
  if (argc != 2)
    {
      g_printerr ("usage: strict_reader FILE\n");
      return 2;
    }
  gboolean set = TRUE;
  for (guint i = 0; set && i < G_N_ELEMENTS (rules); i++)
    set = pt2_limits_set (&limits, rules[i][0], rules[i][1], &error);
  g_autoptr (Pt2Program) program = set ? pt2_program_new_from_file (argv[1], NULL, &limits, &error) : NULL;
  if (program != NULL)
    g_print ("taken\n");
  else
    g_print ("not taken: %s: %s\n", pt2_error_get_id (error), error->message);
  return program == NULL;
}
