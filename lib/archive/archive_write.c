/* SPDX-License-Identifier: Apache-2.0 */
/* The list of records that an archive shall have, and their order. Reads and writes nothing. */
#include "archive_write.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

G_DEFINE_BOXED_TYPE (Pt2ArchiveWriter, pt2_archive_writer, pt2_archive_writer_ref, pt2_archive_writer_unref)

static void
clear_planned (gpointer data)
{
  Pt2Planned *planned = data;
  g_free (planned->name);
  pt2_source_unref (planned->source);
}

Pt2ArchiveWriter *
pt2_archive_writer_new_empty (const char *root, const Pt2Limits *limits)
{
  Pt2ArchiveWriter *writer = g_new0 (Pt2ArchiveWriter, 1);
  g_atomic_ref_count_init (&writer->references);
  writer->root = g_strdup (root);
  writer->limits = *limits;
  writer->records = g_array_new (FALSE, FALSE, sizeof (Pt2Planned));
  g_array_set_clear_func (writer->records, clear_planned);
  writer->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  writer->changed = TRUE;
  return writer;
}

Pt2ArchiveWriter *
pt2_archive_writer_new (const char *root, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  if (root == NULL)
    return pt2_archive_writer_new_empty ("", pt2_limits_default ());
  g_autofree char *folder = g_strconcat (root, "/", NULL);
  if (strchr (root, '/') != NULL)
    pt2_status_fail (&status, PT2_ERROR_Z011, PT2_NO_OFFSET, "the root folder's name has a slash");
  else if (pt2_zip_check_name (root, strlen (root), &status))
    return pt2_archive_writer_new_empty (folder, pt2_limits_default ());
  pt2_status_to_error (&status, error);
  return NULL;
}

Pt2ArchiveWriter *
pt2_archive_writer_ref (Pt2ArchiveWriter *writer)
{
  g_atomic_ref_count_inc (&writer->references);
  return writer;
}

void
pt2_archive_writer_unref (Pt2ArchiveWriter *writer)
{
  if (writer == NULL || !g_atomic_ref_count_dec (&writer->references))
    return;
  g_array_free (writer->records, TRUE);
  g_hash_table_unref (writer->places);
  g_free (writer->root);
  g_free (writer);
}

void
pt2_archive_writer_set_whole (Pt2ArchiveWriter *writer)
{
  writer->bare = TRUE;
}

guint
pt2_archive_writer_count (Pt2ArchiveWriter *writer)
{
  return writer->n;
}

/* ---- names ---- */

static const char id_record[] = ".data/serialization_id";

static char *
fold_full (const Pt2ArchiveWriter *writer, const char *name)
{
  g_autofree char *full = g_strconcat (writer->root, name, NULL);
  return pt2_zip_fold_name (full, strlen (full));
}

/* The record of exactly that name. */
static Pt2Planned *
find_planned (const Pt2ArchiveWriter *writer, const char *name)
{
  g_autofree char *folded = fold_full (writer, name);
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (writer->places, folded));
  if (place == 0)
    return NULL;
  Pt2Planned *planned = &g_array_index (writer->records, Pt2Planned, place - 1);
  return strcmp (planned->name + strlen (writer->root), name) == 0 ? planned : NULL;
}

static gboolean
fail_name (GError **error, Pt2ErrorCode code, const char *name)
{
  char text[256];
  return pt2_error_set (error, code, pt2_text_escape (name, strlen (name), text, sizeof text), "%s", "");
}

Pt2Source *
pt2_archive_writer_find (Pt2ArchiveWriter *writer, const char *name)
{
  const Pt2Planned *planned = find_planned (writer, name);
  return planned != NULL ? planned->source : NULL;
}

static void
note_change (Pt2ArchiveWriter *writer, const char *name)
{
  writer->changed = TRUE;
  writer->own_id |= strcmp (name, id_record) == 0;
}

static gboolean
add_planned (Pt2ArchiveWriter *writer, const char *name, Pt2Source *source, gboolean original, GError **error)
{
  Pt2Status status = PT2_STATUS_INIT;
  g_autofree char *full = g_strconcat (writer->root, name, NULL);
  g_autofree char *folded = pt2_zip_fold_name (full, strlen (full));
  if (!pt2_zip_check_name (full, strlen (full), &status))
    return pt2_status_to_error (&status, error);
  if (g_hash_table_contains (writer->places, folded))
    return fail_name (error, PT2_ERROR_U008, name);
  Pt2Planned planned = { g_steal_pointer (&full), pt2_source_ref (source), original };
  g_array_append_val (writer->records, planned);
  g_hash_table_insert (writer->places, g_steal_pointer (&folded), GUINT_TO_POINTER (writer->records->len));
  writer->n++;
  return TRUE;
}

gboolean
pt2_archive_writer_add (Pt2ArchiveWriter *writer, const char *name, Pt2Source *source, GError **error)
{
  if (!add_planned (writer, name, source, FALSE, error))
    return FALSE;
  note_change (writer, name);
  return TRUE;
}

bool
pt2_archive_writer_add_text (Pt2ArchiveWriter *writer, const char *name, const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (bytes);
  return pt2_archive_writer_add (writer, name, source, error);
}

gboolean
pt2_archive_writer_replace (Pt2ArchiveWriter *writer, const char *name, Pt2Source *source, GError **error)
{
  Pt2Planned *planned = find_planned (writer, name);
  if (planned == NULL)
    return fail_name (error, PT2_ERROR_U005, name);
  pt2_source_ref (source);
  pt2_source_unref (planned->source);
  planned->source = source;
  note_change (writer, name);
  return TRUE;
}

gboolean
pt2_archive_writer_remove (Pt2ArchiveWriter *writer, const char *name, GError **error)
{
  Pt2Planned *planned = find_planned (writer, name);
  if (planned == NULL)
    return fail_name (error, PT2_ERROR_U005, name);
  g_autofree char *folded = fold_full (writer, name);
  g_hash_table_remove (writer->places, folded);
  g_clear_pointer (&planned->source, pt2_source_unref);
  writer->n--;
  writer->changed = TRUE;
  return TRUE;
}

/* ---- from an archive ---- */

static bool
take_records (Pt2ArchiveWriter *writer, Pt2Archive *archive, GError **error)
{
  guint n;
  const Pt2Record *records = pt2_archive_get_records (archive, &n);
  for (guint i = 0; i < n; i++)
    {
      if (g_str_has_suffix (records[i].name, "/"))
        continue;
      g_autoptr (Pt2Source) source = pt2_source_new_record (archive, &records[i]);
      if (!add_planned (writer, records[i].name, source, TRUE, error))
        return false;
    }
  writer->changed = FALSE;
  return true;
}

static char *
root_of (const Pt2Archive *archive)
{
  return g_strndup (archive->root_len > 0 ? archive->zip.entries[0].name : "", archive->root_len);
}

static bool
is_older (Pt2Archive *archive)
{
  return archive->layout == PT2_ARCHIVE_LAYOUT_LEGACY || archive->layout == PT2_ARCHIVE_LAYOUT_PICKLED
         || archive->layout == PT2_ARCHIVE_LAYOUT_FLAT;
}

Pt2ArchiveWriter *
pt2_archive_writer_new_from_archive (Pt2Archive *archive, Pt2WriterStart start, GError **error)
{
  bool older = start == PT2_WRITER_TODAY && is_older (archive);
  if (start == PT2_WRITER_TODAY && archive->problem.code != PT2_ERROR_NONE)
    {
      pt2_status_to_error (&archive->problem, error);
      return NULL;
    }
  g_autofree char *root = root_of (archive);
  g_autoptr (Pt2ArchiveWriter) writer
      = pt2_archive_writer_new_empty (older && root[0] == '\0' ? "archive/" : root, &archive->limits);
  bool fine = older ? pt2_archive_writer_take_older (writer, archive, error) : take_records (writer, archive, error);
  return fine ? g_steal_pointer (&writer) : NULL;
}

/* ---- the order ---- */

/* In which order PyTorch writes: the first row that fits. A prefix ends with a slash, other names are whole. */
static const char *const ranks[] = {
  "data/weights/",  "data/constants/", "models/",       "data/sample_inputs/", "data/aotinductor/", "extra/", "",
  "archive_format", "archive_version", ".data/version", "byteorder",           id_record,
};

enum
{
  RANK_OTHER = 6,
  RANKS = G_N_ELEMENTS (ranks),
};

static guint
rank_of (const char *name)
{
  for (guint i = 0; i < RANKS; i++)
    if (g_str_has_suffix (ranks[i], "/") ? g_str_has_prefix (name, ranks[i]) : strcmp (name, ranks[i]) == 0)
      return i;
  return RANK_OTHER;
}

typedef struct
{
  guint anchor; /* comes behind the record of that number + 1, */
  guint rank;   /* among those that do; 0 in a list of the caller's own */
  guint number;
} Place;

static int
compare_places (const void *a, const void *b)
{
  const Place *left = a, *right = b;
  if (left->anchor != right->anchor)
    return left->anchor < right->anchor ? -1 : 1;
  if (left->rank != right->rank)
    return left->rank < right->rank ? -1 : 1;
  return (left->number > right->number) - (left->number < right->number);
}

/* What was added stands behind the last original of its rank, or of the ranks before it. Is there an original? */
static bool
find_anchors (const Pt2ArchiveWriter *writer, guint anchors[RANKS])
{
  size_t root = strlen (writer->root);
  bool any = false;
  memset (anchors, 0, RANKS * sizeof *anchors);
  for (guint i = 0; i < writer->records->len; i++)
    {
      const Pt2Planned *planned = &g_array_index (writer->records, Pt2Planned, i);
      if (planned->original)
        anchors[rank_of (planned->name + root)] = i + 1;
      any |= planned->original;
    }
  for (guint i = 1; i < RANKS; i++)
    if (anchors[i] == 0)
      anchors[i] = anchors[i - 1];
  return any;
}

guint *
pt2_archive_writer_order (Pt2ArchiveWriter *writer)
{
  guint anchors[RANKS], n = 0;
  size_t root = strlen (writer->root);
  g_autofree Place *places = g_try_new (Place, (gsize)writer->n + 1);
  g_autofree guint *order = g_try_new (guint, (gsize)writer->n + 1);
  if (places == NULL || order == NULL)
    return NULL;
  bool ranked = find_anchors (writer, anchors);
  for (guint i = 0; i < writer->records->len; i++)
    {
      const Pt2Planned *planned = &g_array_index (writer->records, Pt2Planned, i);
      if (planned->source == NULL)
        continue;
      guint rank = rank_of (planned->name + root);
      places[n++]
          = (Place){ planned->original ? i + 1 : anchors[rank], planned->original || !ranked ? 0 : rank + 1, i };
    }
  qsort (places, n, sizeof *places, compare_places);
  for (guint i = 0; i < n; i++)
    order[i] = places[i].number;
  return g_steal_pointer (&order);
}
