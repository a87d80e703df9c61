/* SPDX-License-Identifier: Apache-2.0 */
#include "private.h"
#include "input.h"
#include "report.h"
#include "rewrite.h"
#include "show.h"
#include <string.h>

enum
{
  SHORTEST_IN_BINARY = 8, /* fewer bytes look like a path by chance too often */
};

typedef struct
{
  Pt2PrivateKind kind;
  char *text;
  char *where; /* first place */
  guint64 count;
} Item;

struct _Found
{
  GTree *items; /* Item, by itself */
  GString *path;
  const char *record; /* NULL: a program by itself */
  const char *text;   /* what is searched */
  gsize shortest;
  gboolean by_offset; /* places are offsets, else the field path */
};

static int
compare_items (gconstpointer a, gconstpointer b, gpointer data)
{
  const Item *one = a, *two = b;
  return one->kind != two->kind ? (one->kind > two->kind) - (one->kind < two->kind) : strcmp (one->text, two->text);
}

static void
free_item (gpointer data)
{
  Item *item = data;
  g_free (item->text);
  g_free (item->where);
  g_free (item);
}

static char *
place (const Found *found, gsize offset)
{
  const char *record = found->record != NULL ? found->record : "";
  if (found->by_offset)
    return g_strdup_printf ("%s@%" G_GSIZE_FORMAT, record, offset);
  return g_strdup_printf ("%s%s%s", record, found->record != NULL ? ": " : "", found->path->str);
}

static gboolean
take (Pt2PrivateKind kind, gsize offset, gsize len, gpointer data)
{
  Found *found = data;
  g_autofree char *text = g_strndup (found->text + offset, len);
  Item *item = g_tree_lookup (found->items, &(Item){ .kind = kind, .text = text });
  if (len < found->shortest)
    return TRUE;
  if (item == NULL)
    {
      item = g_new (Item, 1);
      *item = (Item){ kind, g_steal_pointer (&text), place (found, offset), 0 };
      g_tree_insert (found->items, item, item);
    }
  item->count++;
  return TRUE;
}

static void
search (Found *found, const char *text, gsize len)
{
  found->text = text;
  pt2_find_private (text, len, take, found);
}

/* ---- programs: text by text, with its field path ---- */

static void search_value (Found *found, Pt2Value value);

static void
search_step (Found *found, Pt2Value value, const char *step)
{
  gsize len = found->path->len;
  g_string_append_printf (found->path, "%s%s", len > 0 && *step != '[' ? "." : "", step);
  search_value (found, value);
  g_string_truncate (found->path, len);
}

/* A place is told many times: of a long key, the start. */
static char *
key_step (Pt2String key)
{
  enum
  {
    LONGEST = 80,
  };
  g_autoptr (GString) shown = g_string_new ("[\"");
  append_escaped (shown, key.data, MIN (key.len, LONGEST));
  g_string_append (shown, key.len > LONGEST ? "…\"]" : "\"]");
  return g_string_free (g_steal_pointer (&shown), FALSE);
}

static void
search_items (Found *found, Pt2Value value)
{
  for (guint i = 0; i < pt2_value_length (value); i++)
    {
      Pt2Value key = pt2_value_key (value, i);
      g_autofree char *step
          = pt2_value_is_valid (key) ? key_step (pt2_value_get_string (key)) : g_strdup_printf ("[%u]", i);
      if (pt2_value_is_valid (key))
        search_step (found, key, step);
      search_step (found, pt2_value_item (value, i), step);
    }
}

static void
search_value (Found *found, Pt2Value value)
{
  Pt2String text = pt2_value_get_string (value);
  if (text.data != NULL)
    search (found, text.data, text.len);
  for (guint i = 0; i < pt2_value_n_fields (value); i++)
    if (pt2_value_is_valid (pt2_value_field_at (value, i)))
      search_step (found, pt2_value_field_at (value, i), pt2_value_field_name (value, i));
  if (pt2_value_member_name (value) != NULL)
    search_step (found, pt2_value_member (value), pt2_value_member_name (value));
  search_items (found, value);
}

/* Of majors 1 to 7, and where parts are not known to the schema, the text is searched as it stands. */
static gboolean
search_program (Found *found, Pt2Program *program, GError **error)
{
  found->shortest = 0;
  if (pt2_program_get_exported_program (program) != NULL && pt2_program_count_unknown (program) == 0)
    {
      found->by_offset = FALSE;
      search_value (found, pt2_program_get_root (program));
      return TRUE;
    }
  g_autoptr (GBytes) text = pt2_program_save (program, PT2_FORM_JSON, error);
  found->by_offset = TRUE;
  if (text != NULL)
    search (found, g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  return text != NULL;
}

/* ---- archives ---- */

static gboolean
is_payload (const char *role)
{
  static const char *const roles[] = { "weight", "constant", "weights", "constants", "storage", NULL };
  return g_strv_contains (roles, role);
}

static gboolean
search_record (Found *found, Pt2Archive *archive, const Pt2Record *record, GError **error)
{
  if (is_payload (record->role))
    return TRUE;
  found->record = record->name;
  if (strcmp (record->role, "program") == 0)
    {
      g_autoptr (Pt2Program) program = pt2_archive_load_program (archive, record, error);
      return program != NULL && search_program (found, program, error);
    }
  g_autoptr (GBytes) bytes = pt2_archive_read (archive, record->name, error);
  if (bytes == NULL)
    return FALSE;
  const char *data = g_bytes_get_data (bytes, NULL);
  found->by_offset = TRUE;
  found->shortest = g_utf8_validate (data, (gssize)g_bytes_get_size (bytes), NULL) ? 0 : SHORTEST_IN_BINARY;
  search (found, data, g_bytes_get_size (bytes));
  return TRUE;
}

static gboolean
search_archive (Found *found, GBytes *bytes, GError **error)
{
  guint n = 0;
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_bytes (bytes, &settings.limits, error);
  const Pt2Record *records = archive != NULL ? pt2_archive_get_records (archive, &n) : NULL;
  for (guint i = 0; i < n; i++)
    if (!search_record (found, archive, &records[i], error))
      return FALSE;
  return archive != NULL;
}

static gboolean
search_file (Found *found, const char *path, GError **error)
{
  gboolean archived;
  g_autoptr (GBytes) bytes = input_bytes (path, error);
  if (bytes == NULL || !is_archive (bytes, &archived, error))
    return FALSE;
  if (archived)
    return search_archive (found, bytes, error);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, &settings.limits, error);
  return program != NULL && search_program (found, program, error);
}

Found *
private_find (const char *path)
{
  GError *error = NULL;
  Found *found = g_new0 (Found, 1);
  found->items = g_tree_new_full (compare_items, NULL, free_item, NULL);
  found->path = g_string_new (NULL);
  if (search_file (found, path, &error))
    return found;
  report_trouble (input_name (path), error);
  private_free (found);
  return NULL;
}

void
private_free (Found *found)
{
  if (found == NULL)
    return;
  g_tree_unref (found->items);
  g_string_free (found->path, TRUE);
  g_free (found);
}

guint
private_count (Found *found)
{
  return (guint)g_tree_nnodes (found->items);
}

/* ---- showing ---- */

static gboolean
add_row (gpointer key, gpointer value, gpointer data)
{
  const Item *item = value;
  Table *table = data;
  table_text (table, pt2_private_kind_name (item->kind), -1);
  table_text (table, item->text, -1);
  table_number (table, item->count);
  table_text (table, item->where, -1);
  return FALSE;
}

void
private_print (Found *found)
{
  static const Column columns[] = { { "kind", FALSE, STYLE_PLAIN },
                                    { "text", FALSE, STYLE_PLAIN },
                                    { "times", TRUE, STYLE_PLAIN },
                                    { "first at", FALSE, STYLE_FAINT } };
  Table table;
  if (private_count (found) == 0)
    return;
  table_init (&table, columns, G_N_ELEMENTS (columns), "");
  g_tree_foreach (found->items, add_row, &table);
  table_print (&table);
}

static gboolean
add_json (gpointer key, gpointer value, gpointer data)
{
  const Item *item = value;
  Json *json = data;
  json_open (json, '{');
  json_member_text (json, "kind", pt2_private_kind_name (item->kind));
  json_member_text (json, "text", item->text);
  json_member_unsigned (json, "count", item->count);
  json_member_text (json, "where", item->where);
  json_close (json, '}');
  return FALSE;
}

void
private_json (Found *found, Json *json)
{
  json_open (json, '[');
  g_tree_foreach (found->items, add_json, json);
  json_close (json, ']');
}
