/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of an archive: their names, and the choice of one. */
#include "archive_private.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

static bool
is_program (const Pt2Record *record)
{
  return strcmp (record->role, "program") == 0;
}

/* "models/NAME.json" is NAME; the legacy layout holds one, called "model". */
static char *
name_of_program (const Pt2Archive *archive, const char *record)
{
  static const char prefix[] = "models/", suffix[] = ".json";
  if (archive->family == PT2_FAMILY_LEGACY)
    return g_strdup ("model");
  return g_strndup (record + strlen (prefix), strlen (record) - strlen (prefix) - strlen (suffix));
}

bool
pt2_archive_list_models (Pt2Archive *archive)
{
  guint n = 0;
  for (guint i = 0; i < archive->zip.n_entries; i++)
    n += is_program (&archive->records[i]);
  archive->models = g_try_new0 (char *, (size_t)n + 1);
  archive->model_records = g_try_new (guint, (size_t)n + 1);
  if (archive->models == NULL || archive->model_records == NULL)
    return false;
  for (guint i = 0; i < archive->zip.n_entries; i++)
    {
      if (!is_program (&archive->records[i]))
        continue;
      archive->models[archive->n_models] = name_of_program (archive, archive->records[i].name);
      archive->model_records[archive->n_models++] = i;
    }
  return true;
}

const char *const *
pt2_archive_get_models (Pt2Archive *archive)
{
  return (const char *const *)archive->models;
}

/* "a", "b", … for a message; long lists are cut. */
static char *
quote_models (const Pt2Archive *archive)
{
  GString *text = g_string_new (NULL);
  char name[80];
  for (guint i = 0; i < archive->n_models && text->len < 400; i++)
    g_string_append_printf (text, "%s\"%s\"", i > 0 ? ", " : "",
                            pt2_text_escape (archive->models[i], strlen (archive->models[i]), name, sizeof name));
  if (text->len >= 400)
    g_string_append (text, ", …");
  return g_string_free (text, FALSE);
}

static const Pt2Record *
find_model (Pt2Archive *archive, const char *name)
{
  if (archive->family == PT2_FAMILY_LEGACY)
    return strcmp (name, "model") == 0 ? &archive->records[archive->model_records[0]] : NULL;
  g_autofree char *record_name = g_strconcat ("models/", name, ".json", NULL);
  const Pt2Record *record = pt2_archive_find (archive, record_name);
  return record != NULL && is_program (record) ? record : NULL;
}

const Pt2Record *
pt2_archive_choose_model (Pt2Archive *archive, const char *name, GError **error)
{
  if (archive->problem.code != PT2_ERROR_NONE)
    {
      pt2_status_to_error (&archive->problem, error);
      return NULL;
    }
  if (archive->n_models == 0)
    {
      pt2_error_set (error, pt2_kind_refusal (archive), NULL, "%s", "");
      return NULL;
    }
  if (name == NULL && archive->n_models == 1)
    return &archive->records[archive->model_records[0]];
  const Pt2Record *record = find_model (archive, name != NULL ? name : "model");
  if (record == NULL)
    {
      g_autofree char *names = quote_models (archive);
      pt2_error_set (error, name != NULL ? PT2_ERROR_U003 : PT2_ERROR_U004, NULL, "it holds %s", names);
    }
  return record;
}

static int
compare_index (const void *a, const void *b)
{
  guint left = *(const guint *)a, right = *(const guint *)b;
  return (left > right) - (left < right);
}

const char *
pt2_archive_model_name (Pt2Archive *archive, const Pt2Record *record)
{
  guint index = (guint)(record - archive->records);
  const guint *hit = bsearch (&index, archive->model_records, archive->n_models, sizeof index, compare_index);
  return hit != NULL ? archive->models[hit - archive->model_records] : NULL;
}
