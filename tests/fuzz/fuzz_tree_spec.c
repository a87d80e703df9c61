/* SPDX-License-Identifier: Apache-2.0 */
/* Tree specs from anyone: what is read prints as text that is read again as the same; every leaf has a path. */
#include "pt2-tree-spec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static char *
print (const char *text, size_t len, const Pt2Limits *limits)
{
  Pt2TreeSpec *spec = pt2_tree_spec_new ((Pt2String){ text, (uint32_t)len }, NULL, limits, NULL);
  if (spec == NULL)
    return NULL;
  const Pt2TreeNode *leaf;
  for (guint i = 0; (leaf = pt2_tree_spec_get_leaf (spec, i)) != NULL; i++)
    {
      if (leaf->kind != PT2_TREE_LEAF || leaf->first_leaf != i)
        abort ();
      g_free (pt2_tree_node_path (leaf, i % 2 == 0 ? NULL : "output"));
    }
  char *printed = pt2_tree_spec_print (spec, NULL);
  pt2_tree_spec_free (spec);
  return printed;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 64 << 20;
  limits.depth = 60;
  char *once = print ((const char *)data, size, &limits);
  char *twice = once != NULL ? print (once, strlen (once), &limits) : NULL;
  if (once != NULL && g_strcmp0 (once, twice) != 0)
    {
      fprintf (stderr, "%s\n%s\n", once, twice != NULL ? twice : "refused");
      abort ();
    }
  g_free (once);
  g_free (twice);
  return 0;
}
