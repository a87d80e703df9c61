/* SPDX-License-Identifier: Apache-2.0 */
#include "aot_inductor.h"
#include "json_in.h"
#include <string.h>

enum
{
  METADATA_MOST = 64 << 10, /* bytes; PyTorch writes a few lines */
};

static const char folder[] = "data/aotinductor/";

void
aot_metadata_free (gpointer data)
{
  AotMetadata *metadata = data;
  g_free (metadata->model);
  if (metadata->pairs != NULL)
    g_ptr_array_unref (metadata->pairs);
  g_free (metadata);
}

static gboolean
is_metadata (const Pt2Record *record)
{
  return g_str_has_prefix (record->name, folder) && g_str_has_suffix (record->name, "_metadata.json")
         && strchr (record->name + strlen (folder), '/') != NULL;
}

static gboolean
read_pair (JsonIn *in, GString *word, GPtrArray *pairs)
{
  if (!json_in_text (in, word))
    return FALSE;
  g_ptr_array_add (pairs, g_strdup (word->str));
  if (!json_in_mark (in, ':') || !(json_in_text (in, word) || json_in_word (in, word)))
    return FALSE;
  g_ptr_array_add (pairs, g_strdup (word->str));
  return TRUE;
}

/* A flat object of texts, which is what PyTorch writes. */
static gboolean
read_pairs (GBytes *bytes, GPtrArray *pairs)
{
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  JsonIn in = { data, data + len };
  g_autoptr (GString) word = g_string_new (NULL);
  if (!json_in_mark (&in, '{'))
    return FALSE;
  if (!json_in_mark (&in, '}'))
    {
      gboolean fine = read_pair (&in, word, pairs);
      while (fine && json_in_mark (&in, ','))
        fine = read_pair (&in, word, pairs);
      if (!fine || !json_in_mark (&in, '}'))
        return FALSE;
    }
  return json_in_end (&in);
}

void
aot_read_metadata (Pt2Archive *archive, const Pt2Record *record, GPtrArray *out)
{
  if (!is_metadata (record))
    return;
  AotMetadata *metadata = g_new0 (AotMetadata, 1);
  const char *model = record->name + strlen (folder);
  metadata->record = record;
  metadata->model = g_strndup (model, (gsize)(strchr (model, '/') - model));
  g_autoptr (GBytes) bytes = record->bytes <= METADATA_MOST ? pt2_archive_read (archive, record->name, NULL) : NULL;
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_free);
  if (bytes != NULL && read_pairs (bytes, pairs))
    metadata->pairs = g_steal_pointer (&pairs);
  g_ptr_array_add (out, metadata);
}
