/* SPDX-License-Identifier: Apache-2.0 */
/* Takes one of several programs out of an archive, with all that only it reads. */
#include "payload_config.h"
#include "pt2-archive-edit.h"
#include <string.h>

/* What a record is to the program that goes. */
typedef enum
{
  READ_BY_IT = 1 << 0,
  READ_BY_OTHERS = 1 << 1,
} Reader;

typedef struct
{
  Pt2ArchiveWriter *writer;
  Pt2Archive *archive;
  const char *model;
  uint8_t *readers; /* of each record */
  Pt2Status status;
} Drop;

/* Is NAME that of a record which one program has for itself, and this one's? */
static bool
is_its_own (const Drop *drop, const char *name)
{
  static const struct
  {
    const char *folder, *suffix;
  } places[] = { { "models/", ".json" },       { "data/weights/", "_weights_config.json" },
                 { "data/weights/", ".pt" },   { "data/constants/", "_constants_config.json" },
                 { "data/constants/", ".pt" }, { "data/sample_inputs/", ".pt" },
                 { "data/aotinductor/", "/" } };
  size_t len = strlen (drop->model);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      size_t before = strlen (places[i].folder);
      const char *behind = name + before + len;
      if (strncmp (name, places[i].folder, before) != 0 || strncmp (name + before, drop->model, len) != 0)
        continue;
      if (places[i].suffix[0] == '/' ? *behind == '/' : strcmp (behind, places[i].suffix) == 0)
        return true;
    }
  return false;
}

/* Has no earlier change taken it out? */
static bool
is_left (const Drop *drop, const Pt2Record *record)
{
  return pt2_archive_writer_find (drop->writer, record->name) != NULL;
}

static bool
is_list (const Pt2Record *record)
{
  return strcmp (record->role, "weights-config") == 0 || strcmp (record->role, "constants-config") == 0;
}

/* Who reads the payloads that RECORD lists. */
static bool
mark_list (Drop *drop, const Pt2Record *record)
{
  Pt2PayloadList list;
  Reader reader = is_its_own (drop, record->name) ? READ_BY_IT : READ_BY_OTHERS;
  if (!pt2_payload_list_read (&list, drop->archive, record, &drop->status))
    return false;
  bool fine = true;
  for (uint32_t i = 0; fine && i < list.config->config.len; i++)
    {
      Pt2String path = list.config->config.entries[i].value.path_name;
      const Pt2Record *payload
          = path.len > 0 ? pt2_payload_list_find (&list, drop->archive, path, &drop->status) : NULL;
      if (payload != NULL)
        drop->readers[payload - drop->archive->records] |= reader;
      else
        fine = path.len == 0;
    }
  pt2_payload_list_clear (&list);
  return fine;
}

static bool
mark_all (Drop *drop)
{
  for (guint i = 0; i < drop->archive->zip.n_entries; i++)
    {
      const Pt2Record *record = &drop->archive->records[i];
      if (!is_left (drop, record))
        continue;
      if (is_list (record) && !mark_list (drop, record))
        return false;
      if (is_its_own (drop, record->name))
        drop->readers[i] |= READ_BY_IT;
    }
  return true;
}

static bool
remove_all (Drop *drop, GError **error)
{
  for (guint i = 0; i < drop->archive->zip.n_entries; i++)
    if (drop->readers[i] == READ_BY_IT && is_left (drop, &drop->archive->records[i])
        && !pt2_archive_writer_remove (drop->writer, drop->archive->records[i].name, error))
      return false;
  return true;
}

static guint
count_programs (const Drop *drop)
{
  guint n = 0;
  for (guint i = 0; i < drop->archive->zip.n_entries; i++)
    n += strcmp (drop->archive->records[i].role, "program") == 0 && is_left (drop, &drop->archive->records[i]);
  return n;
}

gboolean
pt2_archive_writer_drop_program (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *model, GError **error)
{
  Drop drop = { .writer = writer, .archive = archive, .model = model, .status = PT2_STATUS_INIT };
  if (pt2_archive_choose_model (archive, model, error) == NULL)
    return FALSE;
  if (count_programs (&drop) < 2)
    return pt2_error_set (error, PT2_ERROR_P016, NULL, "%s", "");
  drop.readers = g_try_new0 (uint8_t, (gsize)archive->zip.n_entries + 1);
  if (drop.readers == NULL)
    return pt2_error_set (error, PT2_ERROR_L001, NULL, "%s", "");
  bool fine = mark_all (&drop) ? remove_all (&drop, error) : pt2_status_to_error (&drop.status, error);
  g_free (drop.readers);
  return fine;
}
