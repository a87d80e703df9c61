/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata of nodes from anyone: the first byte says of which kind. What can be taken apart is put together as the same
 * text, or as one that says the same (JSON has many spellings).
 */
#include "../metadata_forms.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* TEXT taken apart in FROM and put together in new metadata; NULL if FROM's text cannot be taken apart. */
static Pt2Metadata *
rewrite (unsigned form, Pt2Metadata *from, const Pt2Limits *limits)
{
  GError *error = NULL;
  const void *view = metadata_forms[form].get (from, NULL);
  Pt2Metadata *to = view != NULL ? pt2_metadata_new (NULL, limits, NULL) : NULL;
  if (to != NULL && !metadata_forms[form].set (to, view, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      abort ();
    }
  return to;
}

static void
expect_same (Pt2String a, Pt2String b)
{
  if (a.len == b.len && (a.len == 0 || memcmp (a.data, b.data, a.len) == 0))
    return;
  fprintf (stderr, "%.*s\n%.*s\n", (int)a.len, a.data, (int)b.len, b.data);
  abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 64 << 20;
  limits.depth = 60;
  const unsigned form = size > 0 ? data[0] % N_WRITTEN_FORMS : 0;
  const Pt2String text = { size > 0 ? (const char *)data + 1 : "", size > 0 ? (uint32_t)size - 1 : 0 };
  const char *key = metadata_forms[form].key;
  Pt2Metadata *read = pt2_metadata_new (NULL, &limits, NULL);
  if (read != NULL && pt2_metadata_set_text (read, key, text, NULL))
    {
      Pt2Metadata *once = rewrite (form, read, &limits), *twice = once != NULL ? rewrite (form, once, &limits) : NULL;
      if (once != NULL && metadata_forms[form].exact)
        expect_same (text, pt2_metadata_get_text (once, key));
      if (once != NULL && twice != NULL)
        expect_same (pt2_metadata_get_text (once, key), pt2_metadata_get_text (twice, key));
      if (once != NULL && !metadata_forms[form].set (read, metadata_forms[form].get (once, NULL), NULL))
        abort ();
      expect_same (text, pt2_metadata_get_text (read, key));
      pt2_metadata_free (once);
      pt2_metadata_free (twice);
    }
  pt2_metadata_free (read);
  return 0;
}
