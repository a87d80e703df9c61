/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_manifest.h"
#include "json_in.h"
#include "report.h"
#include <string.h>

enum
{
  DEPTH_MOST = 16,
};

/* ---- JSON ---- */

typedef struct Reader Reader;
typedef gboolean (*MemberFunc) (Reader *reader, const char *key, gpointer data);
typedef gboolean (*ItemFunc) (Reader *reader, gpointer data);

struct Reader
{
  JsonIn in;
  Manifest *manifest;
  GString *word;
  guint depth;
};

static gboolean
next_is (Reader *reader, char c)
{
  JsonIn ahead = reader->in;
  return json_in_mark (&ahead, c);
}

/* Items up to CLOSE, with commas between them. */
static gboolean
read_items (Reader *reader, char open, char close, ItemFunc func, gpointer data)
{
  if (!json_in_mark (&reader->in, open))
    return FALSE;
  gboolean fine = reader->depth++ < DEPTH_MOST, first = TRUE;
  while (fine && !json_in_mark (&reader->in, close))
    {
      fine = (first || json_in_mark (&reader->in, ',')) && func (reader, data);
      first = FALSE;
    }
  reader->depth--;
  return fine;
}

typedef struct
{
  MemberFunc func;
  gpointer data;
} Members;

static gboolean
read_member (Reader *reader, gpointer data)
{
  const Members *members = data;
  if (!json_in_text (&reader->in, reader->word) || !json_in_mark (&reader->in, ':'))
    return FALSE;
  g_autofree char *key = g_strdup (reader->word->str);
  return members->func (reader, key, members->data);
}

static gboolean
read_object (Reader *reader, MemberFunc func, gpointer data)
{
  Members members = { func, data };
  return read_items (reader, '{', '}', read_member, &members);
}

static gboolean skip_value (Reader *reader, gpointer data);

static gboolean
skip_member (Reader *reader, const char *key, gpointer data)
{
  return skip_value (reader, data);
}

static gboolean
skip_value (Reader *reader, gpointer data)
{
  if (next_is (reader, '{'))
    return read_object (reader, skip_member, data);
  if (next_is (reader, '['))
    return read_items (reader, '[', ']', skip_value, data);
  if (next_is (reader, '"'))
    return json_in_text (&reader->in, reader->word);
  return json_in_word (&reader->in, reader->word);
}

static gboolean
is_null (Reader *reader)
{
  return json_in_word (&reader->in, reader->word) && strcmp (reader->word->str, "null") == 0;
}

/* A text into *OUT, or null. */
static gboolean
read_text (Reader *reader, char **out)
{
  g_clear_pointer (out, g_free);
  if (!next_is (reader, '"'))
    return is_null (reader);
  if (!json_in_text (&reader->in, reader->word) || strlen (reader->word->str) != reader->word->len)
    return FALSE;
  *out = g_strdup (reader->word->str);
  return TRUE;
}

static gboolean
read_number (Reader *reader, guint64 *out)
{
  return json_in_word (&reader->in, reader->word)
         && g_ascii_string_to_unsigned (reader->word->str, 10, 0, G_MAXINT64, out, NULL);
}

static gboolean
read_bool (Reader *reader, gboolean *out)
{
  if (!json_in_word (&reader->in, reader->word))
    return FALSE;
  *out = strcmp (reader->word->str, "true") == 0;
  return *out || strcmp (reader->word->str, "false") == 0;
}

/* ---- what is in it ---- */

static gboolean
record_member (Reader *reader, const char *key, gpointer data)
{
  PackRecord *record = data;
  if (strcmp (key, "name") == 0)
    return read_text (reader, &record->name);
  if (strcmp (key, "file") == 0)
    return read_text (reader, &record->file);
  if (strcmp (key, "bytes") == 0)
    return read_number (reader, &record->bytes);
  if (strcmp (key, "offset") == 0)
    return read_number (reader, &record->offset);
  return skip_value (reader, NULL);
}

static gboolean
read_record (Reader *reader, gpointer data)
{
  guint number = reader->manifest->records->len;
  g_array_set_size (reader->manifest->records, number + 1);
  PackRecord *record = &g_array_index (reader->manifest->records, PackRecord, number);
  return read_object (reader, record_member, record) && record->name != NULL;
}

static gboolean
read_size (Reader *reader, gpointer data)
{
  guint64 size;
  if (!read_number (reader, &size))
    return FALSE;
  gint64 value = (gint64)size;
  g_array_append_val ((GArray *)data, value);
  return TRUE;
}

static gboolean
tensor_member (Reader *reader, const char *key, gpointer data)
{
  PackTensor *tensor = data;
  if (strcmp (key, "file") == 0)
    return read_text (reader, &tensor->file);
  if (strcmp (key, "dtype") == 0)
    return read_text (reader, &tensor->dtype);
  if (strcmp (key, "is_record") == 0)
    return read_bool (reader, &tensor->is_record);
  if (strcmp (key, "shape") == 0 && next_is (reader, '['))
    {
      g_array_set_size (tensor->shape, 0);
      return read_items (reader, '[', ']', read_size, tensor->shape);
    }
  return skip_value (reader, NULL);
}

static gboolean
read_tensor (Reader *reader, gpointer data)
{
  guint number = reader->manifest->tensors->len;
  g_array_set_size (reader->manifest->tensors, number + 1);
  PackTensor *tensor = &g_array_index (reader->manifest->tensors, PackTensor, number);
  tensor->shape = g_array_new (FALSE, FALSE, sizeof (gint64));
  return read_object (reader, tensor_member, tensor);
}

typedef struct
{
  char *format, *files;
  guint64 version;
  gboolean records, tensors;
} Top;

static gboolean
top_member (Reader *reader, const char *key, gpointer data)
{
  Top *top = data;
  if (strcmp (key, "format") == 0)
    return read_text (reader, &top->format);
  if (strcmp (key, "version") == 0)
    return read_number (reader, &top->version);
  if (strcmp (key, "root") == 0)
    return read_text (reader, &reader->manifest->root);
  if (strcmp (key, "tensor_files") == 0)
    return read_text (reader, &top->files);
  if (strcmp (key, "records") == 0 && !top->records)
    return top->records = TRUE, read_items (reader, '[', ']', read_record, NULL);
  if (strcmp (key, "tensors") == 0 && !top->tensors)
    return top->tensors = TRUE, read_items (reader, '[', ']', read_tensor, NULL);
  return skip_value (reader, NULL);
}

/* ---- all ---- */

static void
clear_record (gpointer data)
{
  PackRecord *record = data;
  g_free (record->name);
  g_free (record->file);
}

static void
clear_tensor (gpointer data)
{
  PackTensor *tensor = data;
  g_free (tensor->file);
  g_free (tensor->dtype);
  if (tensor->shape != NULL)
    g_array_unref (tensor->shape);
}

void
manifest_clear (Manifest *manifest)
{
  g_free (manifest->root);
  g_array_unref (manifest->records);
  g_array_unref (manifest->tensors);
}

/* Which tensor a record's file belongs to. */
static void
join (Manifest *manifest)
{
  g_autoptr (GHashTable) files = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < manifest->tensors->len; i++)
    {
      const PackTensor *tensor = &g_array_index (manifest->tensors, PackTensor, i);
      if (tensor->file != NULL && tensor->is_record)
        g_hash_table_insert (files, tensor->file, GUINT_TO_POINTER (i + 1));
    }
  for (guint i = 0; i < manifest->records->len; i++)
    {
      PackRecord *record = &g_array_index (manifest->records, PackRecord, i);
      if (record->file != NULL)
        record->tensor = GPOINTER_TO_UINT (g_hash_table_lookup (files, record->file));
    }
}

static const char *
fault_of (const Manifest *manifest, const Top *top, gboolean whole)
{
  if (!whole)
    return "it is no JSON of the expected form";
  if (g_strcmp0 (top->format, "pt2-folder") != 0)
    return "its format is not \"pt2-folder\"";
  if (top->version != 1)
    return "its version is not 1";
  if (manifest->root == NULL || !top->records || !top->tensors)
    return "root, records or tensors are missing";
  return NULL;
}

gboolean
manifest_read (Manifest *manifest, const char *text, gsize len, GError **error)
{
  Reader reader = { .in = { text, text + len }, .manifest = manifest, .word = g_string_new (NULL) };
  Top top = { NULL };
  *manifest = (Manifest){
    .records = g_array_new (FALSE, TRUE, sizeof (PackRecord)),
    .tensors = g_array_new (FALSE, TRUE, sizeof (PackTensor)),
  };
  g_array_set_clear_func (manifest->records, clear_record);
  g_array_set_clear_func (manifest->tensors, clear_tensor);
  gboolean whole = read_object (&reader, top_member, &top) && json_in_end (&reader.in);
  const char *fault = fault_of (manifest, &top, whole);
  if (fault != NULL)
    set_error (error, PT2_ERROR_R012, "%s", fault);
  manifest->raw = g_strcmp0 (top.files, "raw") == 0;
  join (manifest);
  g_string_free (reader.word, TRUE);
  g_free (top.format);
  g_free (top.files);
  return fault == NULL;
}
