/* SPDX-License-Identifier: Apache-2.0 */
#include "op_schemas.h"
#include "report.h"

static GPtrArray *files; /* of char * */

gboolean
add_ops_file (const char *value, GError **error)
{
  if (files == NULL)
    files = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (files, g_strdup (value));
  return TRUE;
}

gboolean
ops_given (void)
{
  return files != NULL;
}

Pt2Ops *
load_ops (void)
{
  GError *error = NULL;
  const char *file = NULL;
  g_autoptr (GPtrArray) given = g_steal_pointer (&files);
  g_autoptr (Pt2Ops) ops = pt2_ops_new (&settings.limits, &error);
  for (guint i = 0; error == NULL && given != NULL && i < given->len; i++)
    {
      file = given->pdata[i];
      pt2_ops_add_file (ops, file, &error);
    }
  if (error == NULL)
    return g_steal_pointer (&ops);
  report_trouble (file, error);
  return NULL;
}
