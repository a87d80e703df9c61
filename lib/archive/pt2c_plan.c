/* SPDX-License-Identifier: Apache-2.0 */
/* From a list of records to the list of a compact archive's: programs packed, equal payloads once, small texts in
 * the index. Every program is turned back before it is trusted: what does not come out with the same bytes gets a
 * patch, or stays text.
 */
#include "pt2c.h"
#include "archive_write.h"
#include "crc32.h"
#include "json_text.h"
#include "sha256.h"
#include <string.h>

enum
{
  TEXT_MOST = 64,     /* bytes of a record that goes into the index */
  PROGRAMS_LEAST = 8, /* to train a dictionary on */
};

/* One record of the original. */
typedef struct
{
  const char *name; /* without the root */
  Pt2Source *source;
  Pt2cForm form;
  char *at; /* in the container; NULL: its own name */
  char *patch;
  char *text; /* PT2C_TEXT */
  uint64_t bytes;
  uint32_t crc32;
  GBytes *compact;    /* PT2C_PROGRAM: not compressed yet, */
  GBytes *patch_data; /* and the patch, compressed */
  guint same;         /* number + 1 of the record whose bytes it has; 0: none */
} Packed;

typedef struct
{
  Pt2ArchiveWriter *from, *to;
  Pt2CompactOptions options;
  Packed *records;
  guint n;
  GBytes *dictionary;
  char *dictionary_at;
  Pt2ProgressFunc progress;
  gpointer data;
  uint64_t done, total;
  GError **error;
} Packing;

static bool
fail_memory (Packing *packing)
{
  return pt2_error_set (packing->error, PT2_ERROR_L001, NULL, "%s", "the list of records");
}

static bool
go_on (Packing *packing, uint64_t bytes)
{
  packing->done += bytes;
  if (packing->progress == NULL || packing->progress (packing->done, packing->total, packing->data))
    return true;
  return pt2_error_set (packing->error, PT2_ERROR_F006, NULL, "%s", "");
}

/* ---- names in the container ---- */

/* NAME, or something like it if that is taken: by a record of the original, too, which may want it. */
static char *
free_name (Packing *packing, const char *name)
{
  g_autofree char *tried = g_strdup (name);
  for (;;)
    {
      g_autofree char *full = g_strconcat (packing->to->root, tried, NULL);
      g_autofree char *mine = pt2_zip_fold_name (full, strlen (full));
      g_autofree char *other = g_strconcat (packing->from->root, tried, NULL);
      g_autofree char *theirs = pt2_zip_fold_name (other, strlen (other));
      if (!g_hash_table_contains (packing->to->places, mine) && !g_hash_table_contains (packing->from->places, theirs))
        return g_steal_pointer (&tried);
      char *longer = g_strconcat (tried, "_", NULL);
      g_free (tried);
      tried = longer;
    }
}

static bool
add_bytes (Packing *packing, const char *name, GBytes *bytes)
{
  g_autoptr (Pt2Source) source = pt2_source_new_bytes (bytes);
  return pt2_archive_writer_add (packing->to, name, source, packing->error);
}

/* ---- what becomes of each record ---- */

static bool
is_program (const Packing *packing, const char *name)
{
  Pt2Family family = packing->from->root[0] != '\0' ? PT2_FAMILY_PT2 : PT2_FAMILY_LEGACY;
  return strcmp (pt2_role_of_record (family, name), "program") == 0
         || (g_str_has_prefix (name, "models/") && g_str_has_suffix (name, ".json"));
}

/* Lists and texts beside the payloads; they are never mapped. */
static bool
is_text (const char *name)
{
  return g_str_has_suffix (name, ".json") || g_str_has_prefix (name, "extra/")
         || g_str_has_prefix (name, "extra_files/");
}

/* Plain ASCII. */
static bool
fits_index (GBytes *bytes)
{
  size_t len;
  const uint8_t *data = g_bytes_get_data (bytes, &len);
  for (size_t i = 0; i < len; i++)
    if ((data[i] < 0x20 && data[i] != '\n') || data[i] >= 0x7f)
      return false;
  return true;
}

static bool
pack_small (Packing *packing, Packed *record, bool *packed)
{
  *packed = false;
  if (record->bytes > TEXT_MOST || record->bytes == 0)
    return true;
  g_autoptr (GBytes) bytes = pt2_source_read (record->source, packing->error);
  if (bytes == NULL)
    return false;
  *packed = fits_index (bytes);
  if (*packed)
    {
      record->form = PT2C_TEXT;
      record->text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
  return true;
}

static char *
with_suffix (const char *name, const char *old, const char *suffix)
{
  size_t len = strlen (name) - (g_str_has_suffix (name, old) ? strlen (old) : 0);
  return g_strdup_printf ("%.*s%s", (int)len, name, suffix);
}

/* TEXT comes back out of COMPACT as it is, or with the patch that is made here. */
static bool
check_way_back (Packing *packing, Packed *record, GBytes *text, GBytes *compact)
{
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (compact, &packing->from->limits, NULL);
  g_autoptr (GBytes) made = program != NULL ? pt2_program_save (program, PT2_FORM_JSON, NULL) : NULL;
  if (made == NULL)
    return false;
  if (g_bytes_equal (made, text))
    return true;
  record->patch_data = pt2c_compress (text, NULL, made, NULL);
  return record->patch_data != NULL;
}

/* Not every program has a compact form: older majors, texts that are none. They stay text, in a frame. */
static bool
pack_program (Packing *packing, Packed *record)
{
  g_autoptr (GBytes) text = pt2_source_read (record->source, packing->error);
  if (text == NULL)
    return false;
  size_t len;
  const void *data = g_bytes_get_data (text, &len);
  record->crc32 = pt2_crc32 (0, data, len);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (text, &packing->from->limits, NULL);
  g_autoptr (GBytes) compact = program != NULL ? pt2_program_save (program, PT2_FORM_COMPACT, NULL) : NULL;
  g_clear_pointer (&program, pt2_program_unref);
  record->form = PT2C_ZSTD;
  if (compact != NULL && check_way_back (packing, record, text, compact))
    {
      record->form = PT2C_PROGRAM;
      record->compact = g_steal_pointer (&compact);
    }
  return true;
}

static bool
pack_payload (Packing *packing, Packed *record)
{
  bool compressed = false;
  if (record->bytes < 4096 && !is_text (record->name))
    return true; /* a frame's own record costs more than it could save */
  if (!packing->options.compress_payloads && !is_text (record->name))
    return true;
  Pt2Source *source = pt2c_compressed_source (record->source, &compressed, packing->error);
  if (source == NULL)
    return false;
  pt2_source_known_crc (record->source, &record->crc32);
  pt2_source_unref (record->source);
  record->source = source;
  record->form = compressed ? PT2C_ZSTD : PT2C_STORED;
  return true;
}

static bool
pack_record (Packing *packing, Packed *record)
{
  bool packed = false;
  if (!pack_small (packing, record, &packed))
    return false;
  if (packed)
    record->same = 0; /* so is the one that it is equal to */
  if (packed || record->same != 0)
    return true;
  if (!is_program (packing, record->name))
    return pack_payload (packing, record);
  return pack_program (packing, record) && go_on (packing, record->bytes);
}

/* ---- equal payloads ---- */

typedef struct
{
  uint64_t bytes;
  uint32_t crc32;
  uint8_t digest[PT2_SHA256_LEN];
} Content;

static bool
hash_piece (const void *piece, size_t len, gpointer data, Pt2Status *status)
{
  pt2_sha256_add (data, piece, len);
  return true;
}

static bool
hash_record (Packing *packing, const Packed *record, uint8_t digest[PT2_SHA256_LEN])
{
  Pt2Status status = PT2_STATUS_INIT;
  Pt2Sha256 hash;
  if (!pt2_sha256_begin (&hash))
    return fail_memory (packing);
  GError *fault = NULL;
  bool fine = pt2_source_foreach (record->source, hash_piece, &hash, &fault, &status);
  pt2_sha256_end (&hash, digest);
  if (fault != NULL)
    g_propagate_error (packing->error, fault);
  else if (!fine)
    pt2_status_to_error (&status, packing->error);
  return fine && go_on (packing, record->bytes);
}

/* Only what has the size and the CRC of another needs to be read: most weights have neither. */
static guint
content_key (gconstpointer key)
{
  const Content *content = key;
  return (guint)(content->bytes * 31) ^ content->crc32;
}

static gboolean
same_outside (gconstpointer a, gconstpointer b)
{
  const Content *left = a, *right = b;
  return left->bytes == right->bytes && left->crc32 == right->crc32;
}

static gboolean
same_inside (gconstpointer a, gconstpointer b)
{
  return same_outside (a, b)
         && memcmp (((const Content *)a)->digest, ((const Content *)b)->digest, PT2_SHA256_LEN) == 0;
}

static bool
may_be_equal (const Packing *packing, const Packed *record)
{
  return record->bytes > 0 && !is_program (packing, record->name);
}

static void
outside_of (const Packed *record, Content *content)
{
  *content = (Content){ .bytes = record->bytes };
  pt2_source_known_crc (record->source, &content->crc32);
}

/* Two sources are alike where both are equal in size, and in CRC if both have one. Counts the candidates. */
static void
count_alike (Packing *packing, GHashTable *outside, Content *contents)
{
  for (guint i = 0; i < packing->n; i++)
    {
      outside_of (&packing->records[i], &contents[i]);
      if (may_be_equal (packing, &packing->records[i]))
        g_hash_table_insert (outside, &contents[i],
                             GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (outside, &contents[i])) + 1));
    }
}

static bool
find_equal (Packing *packing)
{
  g_autofree Content *contents = g_try_new (Content, (gsize)packing->n + 1);
  g_autoptr (GHashTable) outside = g_hash_table_new (content_key, same_outside);
  g_autoptr (GHashTable) inside = g_hash_table_new (content_key, same_inside);
  if (contents == NULL)
    return fail_memory (packing);
  count_alike (packing, outside, contents);
  for (guint i = 0; i < packing->n; i++)
    {
      Packed *record = &packing->records[i];
      if (!may_be_equal (packing, record) || GPOINTER_TO_UINT (g_hash_table_lookup (outside, &contents[i])) < 2)
        continue;
      if (!hash_record (packing, record, contents[i].digest))
        return false;
      record->same = GPOINTER_TO_UINT (g_hash_table_lookup (inside, &contents[i]));
      if (record->same == 0)
        g_hash_table_insert (inside, &contents[i], GUINT_TO_POINTER (i + 1));
    }
  return true;
}

/* ---- the dictionary ---- */

/* Bytes of all programs with DICTIONARY, or without. */
static bool
measure (Packing *packing, GBytes *dictionary, uint64_t *bytes)
{
  *bytes = 0;
  for (guint i = 0; i < packing->n; i++)
    {
      if (packing->records[i].compact == NULL)
        continue;
      g_autoptr (GBytes) frame = pt2c_compress (packing->records[i].compact, dictionary, NULL, packing->error);
      if (frame == NULL)
        return false;
      *bytes += g_bytes_get_size (frame);
    }
  return true;
}

/* Keeps a dictionary of at most ROOM bytes if nothing better is known. *BEST: bytes of all programs, with what it
 * takes itself. */
static bool
try_dictionary (Packing *packing, GPtrArray *samples, gsize room, GBytes **packed, uint64_t *best)
{
  uint64_t bytes = 0;
  g_autoptr (GBytes) dictionary = pt2c_train (samples, room);
  if (dictionary == NULL)
    return true;
  g_autoptr (GBytes) frame = pt2c_compress (dictionary, NULL, NULL, packing->error);
  if (frame == NULL || !measure (packing, dictionary, &bytes) || !go_on (packing, 0))
    return false;
  bytes += g_bytes_get_size (frame);
  if (bytes >= *best)
    return true;
  *best = bytes;
  g_clear_pointer (packed, g_bytes_unref);
  g_clear_pointer (&packing->dictionary, g_bytes_unref);
  *packed = g_steal_pointer (&frame);
  packing->dictionary = g_steal_pointer (&dictionary);
  return true;
}

/* How large a dictionary pays cannot be foreseen, so several are tried. */
static bool
train (Packing *packing)
{
  static const gsize rooms[] = { 8 << 10, 16 << 10, 32 << 10, 64 << 10, 112 << 10 };
  g_autoptr (GPtrArray) samples = g_ptr_array_new ();
  g_autoptr (GBytes) packed = NULL;
  uint64_t best = 0;
  for (guint i = 0; i < packing->n; i++)
    if (packing->records[i].compact != NULL)
      g_ptr_array_add (samples, packing->records[i].compact);
  if (!packing->options.train_dictionary || samples->len < PROGRAMS_LEAST)
    return true;
  if (!measure (packing, NULL, &best))
    return false;
  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++)
    if (!try_dictionary (packing, samples, rooms[i], &packed, &best))
      return false;
  if (packed == NULL)
    return true;
  packing->dictionary_at = free_name (packing, "models/dictionary.zst");
  return add_bytes (packing, packing->dictionary_at, packed);
}

/* ---- the records of the container ---- */

static bool
write_program (Packing *packing, Packed *record)
{
  g_autofree char *name = with_suffix (record->name, ".json", ".thrift.zst");
  g_autofree char *patch = with_suffix (record->name, ".json", ".text.zst");
  g_autoptr (GBytes) frame = pt2c_compress (record->compact, packing->dictionary, NULL, packing->error);
  record->at = free_name (packing, name);
  if (frame == NULL || !add_bytes (packing, record->at, frame))
    return false;
  if (record->patch_data == NULL)
    return true;
  record->patch = free_name (packing, patch);
  return add_bytes (packing, record->patch, record->patch_data);
}

static bool
write_text_frame (Packing *packing, Packed *record)
{
  g_autofree char *name = g_strconcat (record->name, ".zst", NULL);
  g_autoptr (GBytes) text = pt2_source_read (record->source, packing->error);
  g_autoptr (GBytes) frame = text != NULL ? pt2c_compress (text, NULL, NULL, packing->error) : NULL;
  record->at = free_name (packing, name);
  return frame != NULL && add_bytes (packing, record->at, frame);
}

static bool
write_payload (Packing *packing, Packed *record)
{
  g_autofree char *name = g_strconcat (record->name, record->form == PT2C_ZSTD ? ".zst" : "", NULL);
  if (record->form == PT2C_ZSTD || pt2_archive_writer_find (packing->to, record->name) != NULL)
    record->at = free_name (packing, name);
  return pt2_archive_writer_add (packing->to, record->at != NULL ? record->at : name, record->source, packing->error);
}

static bool
write_record (Packing *packing, Packed *record)
{
  if (record->same != 0)
    {
      const Packed *first = &packing->records[record->same - 1];
      record->form = first->form;
      record->crc32 = first->crc32;
      record->at = g_strdup (first->at != NULL ? first->at : first->name);
      return true;
    }
  if (record->form == PT2C_TEXT)
    return true;
  if (record->form == PT2C_PROGRAM)
    return write_program (packing, record);
  return record->form == PT2C_ZSTD && is_program (packing, record->name) ? write_text_frame (packing, record)
                                                                         : write_payload (packing, record);
}

/* ---- the index ---- */

static bool
put_string (Pt2Buffer *out, const char *key, const char *text)
{
  return text == NULL || (pt2_buffer_text (out, key) && pt2_json_put (out, text, strlen (text)));
}

static bool
put_number (Pt2Buffer *out, const char *key, uint64_t number)
{
  return pt2_buffer_text (out, key) && pt2_buffer_integer (out, (int64_t)number);
}

static bool
put_record (Pt2Buffer *out, const Packed *record)
{
  bool sized = record->form == PT2C_ZSTD || record->form == PT2C_PROGRAM;
  return put_string (out, "{\"name\": ", record->name)
         && (record->form == PT2C_STORED || put_string (out, ", \"as\": ", pt2c_form_names[record->form]))
         && put_string (out, ", \"at\": ", record->at) && put_string (out, ", \"patch\": ", record->patch)
         && put_string (out, ", \"text\": ", record->text)
         && (!sized || put_number (out, ", \"bytes\": ", record->bytes))
         && (!sized || record->crc32 == 0 || put_number (out, ", \"crc32\": ", record->crc32))
         && pt2_buffer_text (out, "}");
}

static bool
write_index (Packing *packing, Pt2Buffer *out)
{
  bool fine = put_string (out, "{\"needs\": [], \"root\": ", packing->from->root)
              && put_string (out, ", \"dictionary\": ", packing->dictionary_at)
              && pt2_buffer_text (out, ", \"records\": [");
  for (guint i = 0; fine && i < packing->n; i++)
    fine = pt2_buffer_text (out, i > 0 ? ",\n" : "\n") && put_record (out, &packing->records[i]);
  if (!fine || !pt2_buffer_text (out, "\n]}\n"))
    return fail_memory (packing);
  g_autoptr (GBytes) text = pt2_buffer_to_bytes (out);
  g_autoptr (GBytes) frame = pt2c_compress (text, NULL, NULL, packing->error);
  return frame != NULL && add_bytes (packing, PT2C_INDEX, frame);
}

/* ---- all of it ---- */

static bool
take_list (Packing *packing)
{
  g_autofree guint *order = pt2_archive_writer_order (packing->from);
  size_t root = strlen (packing->from->root);
  packing->records = g_try_new0 (Packed, (gsize)packing->from->n + 1);
  if (order == NULL || packing->records == NULL)
    return fail_memory (packing);
  packing->n = packing->from->n;
  for (guint i = 0; i < packing->n; i++)
    {
      const Pt2Planned *planned = &g_array_index (packing->from->records, Pt2Planned, order[i]);
      packing->records[i] = (Packed){ .name = planned->name + root,
                                      .source = pt2_source_ref (planned->source),
                                      .bytes = pt2_source_get_bytes (planned->source) };
      packing->total += packing->records[i].bytes;
    }
  return true;
}

static bool
pack_all (Packing *packing)
{
  Pt2Buffer index = PT2_BUFFER_INIT;
  if (!take_list (packing) || !pt2_archive_writer_add_text (packing->to, "archive_format", PT2C_FORMAT, packing->error)
      || !pt2_archive_writer_add_text (packing->to, "archive_version", PT2C_VERSION, packing->error)
      || !find_equal (packing))
    return false;
  for (guint i = 0; i < packing->n; i++)
    if (!pack_record (packing, &packing->records[i]))
      return false;
  if (!train (packing))
    return false;
  for (guint i = 0; i < packing->n; i++)
    if (!write_record (packing, &packing->records[i]))
      return false;
  bool fine = write_index (packing, &index);
  pt2_buffer_clear (&index);
  return fine;
}

static void
clear_packing (Packing *packing)
{
  for (guint i = 0; i < packing->n; i++)
    {
      Packed *record = &packing->records[i];
      pt2_source_unref (record->source);
      g_free (record->at);
      g_free (record->patch);
      g_free (record->text);
      g_clear_pointer (&record->compact, g_bytes_unref);
      g_clear_pointer (&record->patch_data, g_bytes_unref);
    }
  g_free (packing->records);
  g_free (packing->dictionary_at);
  g_clear_pointer (&packing->dictionary, g_bytes_unref);
}

Pt2ArchiveWriter *
pt2_archive_writer_new_compact (Pt2ArchiveWriter *writer, const Pt2CompactOptions *options, Pt2ProgressFunc progress,
                                gpointer data, GError **error)
{
  bool rooted = writer->root[0] != '\0';
  g_autoptr (Pt2ArchiveWriter) to = pt2_archive_writer_new_empty (rooted ? writer->root : "archive/", &writer->limits);
  Packing packing = { .from = writer, .to = to, .progress = progress, .data = data, .error = error };
  if (options != NULL)
    packing.options = *options;
  to->bare = TRUE;
  bool fine = pt2_archive_writer_complete (writer, error) && pack_all (&packing);
  clear_packing (&packing);
  return fine ? g_steal_pointer (&to) : NULL;
}
