/* SPDX-License-Identifier: Apache-2.0 */
/* Lists the tensors beside a program and takes the elements of one out: a view if they lie in a row, else a copy. */
#include <pt2.h>
#include <stdio.h>
#include <string.h>

static void
print_tensor (const Pt2Tensor *tensor)
{
  printf ("%-10.*s  %-9s  %-7s  [", (int)tensor->fqn.len, tensor->fqn.data, pt2_tensor_role_name (tensor->role),
          tensor->dtype != NULL ? tensor->dtype : "");
  for (guint i = 0; i < tensor->n_dims; i++)
    printf ("%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", tensor->shape[i]);
  printf ("]%s%s\n", tensor->fault != NULL ? "  " : "", tensor->fault != NULL ? tensor->fault->message : "");
}

static gboolean
read_tensors (const char *path, const char *fqn, GError **error)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, error);
  g_autoptr (Pt2Tensors) tensors = archive != NULL ? pt2_tensors_new (archive, NULL, NULL, error) : NULL;
  if (tensors == NULL)
    return FALSE;
  guint n;
  const Pt2Tensor *items = pt2_tensors_get (tensors, &n);
  for (guint i = 0; i < n; i++)
    print_tensor (&items[i]);

  const Pt2Tensor *tensor = pt2_tensors_find (tensors, fqn);
  g_autoptr (GBytes) bytes = tensor != NULL ? pt2_tensor_get_bytes (tensors, tensor, error) : NULL;
  if (bytes == NULL)
    return tensor == NULL; /* there is none of that name */
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  float number;
  if (strcmp (tensor->dtype, "float32") == 0 && len >= sizeof number)
    {
      memcpy (&number, data, sizeof number);
      printf ("%s begins with %.4f\n", fqn, (double)number);
    }
  return TRUE;
}

/* ---- the rest only calls it ---- */

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc == 3 && read_tensors (argv[1], argv[2], &error))
    return 0;
  fprintf (stderr, "read_tensors: %s\n", error != NULL ? error->message : "give an archive and a tensor's name");
  return 2;
}
