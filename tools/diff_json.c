/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_show.h"

static void
json_change (Json *json, const Pt2Change *change)
{
  g_autofree char *what
      = g_strdup_printf ("%s-%s", pt2_diff_part_name (change->part), pt2_diff_kind_name (change->kind));
  json_open (json, '{');
  json_member_text (json, "what", what);
  json_member_text (json, "where", change->where);
  json_key (json, "old");
  json_raw (json, change->old_value);
  json_key (json, "new");
  json_raw (json, change->new_value);
  if (g_strcmp0 (change->old_where, change->where) != 0 && change->old_where != NULL)
    json_member_text (json, "old_where", change->old_where);
  json_close (json, '}');
}

void
diff_json (const Differences *differences)
{
  Json json;
  guint n;
  const Pt2Change *changes = pt2_diff_get_changes (differences->programs, &n);
  json_init (&json, stdout);
  json_open (&json, '{');
  json_member_bool (&json, "same", differences_count (differences) == 0);
  json_member_bool (&json, "renamed_only", differences_are_renaming (differences));
  json_key (&json, "changes");
  json_open (&json, '[');
  for (guint i = 0; i < n; i++)
    json_change (&json, &changes[i]);
  diff_weights_json (differences, &json);
  json_close (&json, ']');
  json_member_bool (&json, "archives", differences->archives);
  json_close (&json, '}');
}
