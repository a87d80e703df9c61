/* SPDX-License-Identifier: Apache-2.0 */
#include "nearest.h"
#include <string.h>

enum
{
  LONGEST = 32, /* longer words are no mistyped ones */
};

/* How many letters must be changed, added or taken away. */
static guint
edit_distance (const char *a, const char *b)
{
  guint row[LONGEST + 1];
  guint a_len = (guint)strlen (a), b_len = (guint)strlen (b);
  for (guint j = 0; j <= b_len; j++)
    row[j] = j;
  for (guint i = 1; i <= a_len; i++)
    {
      guint diagonal = row[0];
      row[0] = i;
      for (guint j = 1; j <= b_len; j++)
        {
          guint changed = diagonal + (a[i - 1] != b[j - 1]);
          diagonal = row[j];
          row[j] = MIN (changed, MIN (row[j], row[j - 1]) + 1);
        }
    }
  return row[b_len];
}

void
nearest_consider (const char *word, const char *candidate, const char **best, guint *distance)
{
  size_t len = strlen (word);
  if (len == 0 || len > LONGEST || strlen (candidate) > LONGEST)
    return;
  guint found = g_str_has_prefix (candidate, word) && len > 1 ? 1 : edit_distance (word, candidate);
  if (found > (len < 4 ? 1 : 2) || (*best != NULL && found >= *distance))
    return;
  *best = candidate;
  *distance = found;
}
