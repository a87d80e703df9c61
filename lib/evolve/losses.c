/* SPDX-License-Identifier: Apache-2.0 */
#include "losses.h"

enum
{
  SHOWN = 8, /* names in an error message; pt2_losses_report() has all */
};

void
pt2_place_path (const Pt2Place *place, Pt2Status *status)
{
  for (; place != NULL; place = place->up)
    if (place->field != NULL)
      pt2_status_prepend_field (status, place->field->name, place->field->name_len);
    else if (place->key != NULL)
      pt2_status_prepend_key (status, place->key->data, place->key->len);
    else
      pt2_status_prepend_index (status, place->index);
}

static void
clear_entry (gpointer data)
{
  Pt2LossEntry *entry = data;
  g_free (entry->name);
  g_free (entry->where);
}

void
pt2_losses_init (Pt2Losses *losses)
{
  losses->entries = g_array_new (FALSE, FALSE, sizeof (Pt2LossEntry));
  g_array_set_clear_func (losses->entries, clear_entry);
}

void
pt2_losses_clear (Pt2Losses *losses)
{
  g_clear_pointer (&losses->entries, g_array_unref);
}

static Pt2LossEntry *
entry_at (const Pt2Losses *losses, guint number)
{
  return &g_array_index (losses->entries, Pt2LossEntry, number);
}

guint
pt2_losses_add (Pt2Losses *losses, const void *key, char *name, guint since, const Pt2Place *place)
{
  for (guint i = 0; i < losses->entries->len; i++)
    if (entry_at (losses, i)->key == key)
      {
        entry_at (losses, i)->count++;
        g_free (name);
        return i;
      }
  Pt2Status status = PT2_STATUS_INIT;
  pt2_place_path (place, &status);
  Pt2LossEntry entry = { .key = key, .name = name, .where = g_strdup (status.path), .since = since, .count = 1 };
  g_array_append_val (losses->entries, entry);
  return losses->entries->len - 1;
}

void
pt2_losses_set_stuck (Pt2Losses *losses, guint number)
{
  entry_at (losses, number)->stuck = true;
}

void
pt2_losses_report (const Pt2Losses *losses, Pt2EvolveLossFunc func, gpointer data)
{
  for (guint i = 0; func != NULL && i < losses->entries->len; i++)
    {
      const Pt2LossEntry *entry = entry_at (losses, i);
      func (&(Pt2EvolveLoss){ entry->name, entry->since, entry->count, entry->where, entry->stuck }, data);
    }
}

static void
describe (GString *text, const Pt2LossEntry *entry, guint n)
{
  g_string_append_printf (text, "%s%s", n > 0 ? ", " : "", entry->name);
  if (entry->since > 0)
    g_string_append_printf (text, " (since 8.%u)", entry->since);
  if (entry->count > 1)
    g_string_append_printf (text, " in %" G_GUINT64_FORMAT " places", entry->count);
}

bool
pt2_losses_allow (const Pt2Losses *losses, guint minor, bool lossy, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *where = NULL;
  guint n = 0;
  for (guint i = 0; i < losses->entries->len; i++)
    {
      const Pt2LossEntry *entry = entry_at (losses, i);
      if (lossy && !entry->stuck)
        continue;
      where = where != NULL ? where : entry->where;
      if (n < SHOWN)
        describe (text, entry, n);
      n++;
    }
  if (n > SHOWN)
    g_string_append_printf (text, " and %u more", n - SHOWN);
  return n == 0
         || pt2_error_set (error, PT2_ERROR_E001, where[0] != '\0' ? where : NULL, "8.%u has no %s%s", minor, text->str,
                           lossy ? ", and nothing could stand in its place" : "");
}
