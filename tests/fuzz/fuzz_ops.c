/* SPDX-License-Identifier: Apache-2.0 */
/* Schema text from anyone: what is read prints as text that is read again as the same. */
#include "pt2-ops.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_again (const Pt2OpSchema *schema, const Pt2Limits *limits)
{
  GError *error = NULL;
  Pt2Ops *again = pt2_ops_new (limits, NULL);
  gboolean ok = pt2_ops_add_text (again, schema->text.data, schema->text.len, &error);
  const Pt2OpSchema *twice = ok ? pt2_ops_find (again, schema->target) : NULL;
  if (twice == NULL || twice->text.len != schema->text.len
      || memcmp (twice->text.data, schema->text.data, schema->text.len) != 0)
    {
      fprintf (stderr, "%.*s: %s\n", (int)schema->text.len, schema->text.data, ok ? "changes" : error->message);
      abort ();
    }
  for (guint i = 0; i < twice->n_arguments; i++)
    g_free (pt2_op_type_print (&twice->arguments[i].type));
  g_clear_error (&error);
  pt2_ops_free (again);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 16 << 20;
  limits.depth = 40;
  Pt2Ops *ops = pt2_ops_new (&limits, NULL);
  const char *text = (const char *)data;
  pt2_ops_add_text (ops, text, (gssize)size, NULL);
  for (size_t i = 0; i < size; i++)
    if (i == 0 || text[i - 1] == '\n')
      {
        size_t len = 0;
        while (i + len < size && text[i + len] != '(')
          len++;
        const Pt2OpSchema *schema = pt2_ops_find (ops, (Pt2String){ text + i, (uint32_t)len });
        if (schema != NULL)
          check_again (schema, &limits);
      }
  pt2_ops_free (ops);
  return 0;
}
