/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what stands at a path of a program, without knowing one struct. */
#include <pt2.h>
#include <stdio.h>

static void
show_value (Pt2Value value, const char *name, int depth)
{
  printf ("%*s%s: %s", 2 * depth, "", name, pt2_value_type_name (value));
  Pt2String text = pt2_value_get_string (value);
  if (text.data != NULL)
    printf (" \"%.*s\"", (int)text.len, text.data);
  else if (pt2_value_type (value) == PT2_TYPE_ENUM)
    printf (" %s", pt2_value_enum_name (value) != NULL ? pt2_value_enum_name (value) : "(unknown)");
  else if (pt2_value_type (value) == PT2_TYPE_INT)
    printf (" %" G_GINT64_FORMAT, pt2_value_get_int (value));
  printf ("\n");

  if (pt2_value_member_name (value) != NULL)
    show_value (pt2_value_member (value), pt2_value_member_name (value), depth + 1);
  for (guint i = 0; i < pt2_value_n_fields (value); i++)
    if (pt2_value_is_valid (pt2_value_field_at (value, i)))
      show_value (pt2_value_field_at (value, i), pt2_value_field_name (value, i), depth + 1);
  for (guint i = 0; i < pt2_value_length (value); i++)
    show_value (pt2_value_item (value, i), "-", depth + 1);
}

/* ---- the rest only calls it ---- */

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = argc == 3 ? pt2_program_new_from_file (argv[1], NULL, NULL, &error) : NULL;
  Pt2Value value = { NULL, NULL };
  if (program != NULL)
    value = pt2_value_path (pt2_program_get_root (program), argv[2]);
  if (pt2_value_is_valid (value))
    {
      show_value (value, argv[2], 0);
      return 0;
    }
  fprintf (stderr, "show_value: %s\n", error != NULL ? error->message : "give a program and a path in it");
  return 2;
}
