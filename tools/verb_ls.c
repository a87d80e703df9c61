/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "json_out.h"
#include "report.h"
#include "show.h"
#include "verbs.h"
#include <string.h>

enum
{
  NESTED_MOST = 4, /* levels of archives in archives */
};

static gboolean nested, hashes;

typedef struct List List;

/* A record, and what was asked for beside what the directory says. */
typedef struct
{
  const Pt2Record *record;
  guint64 offset;
  char *sha256;  /* NULL: not asked for */
  List *inside;  /* the archive that it is; NULL: none, or not asked for */
  GError *fault; /* why that cannot be opened */
} Row;

struct List
{
  Pt2Archive *archive;
  Row *rows;
  guint n;
};

static void
list_free (List *list)
{
  if (list == NULL)
    return;
  for (guint i = 0; list->rows != NULL && i < list->n; i++)
    {
      g_free (list->rows[i].sha256);
      list_free (list->rows[i].inside);
      g_clear_error (&list->rows[i].fault);
    }
  g_free (list->rows);
  pt2_archive_unref (list->archive);
  g_free (list);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (List, list_free)

/* ---- gathering ---- */

static List *list_new (Pt2Archive *archive, guint level, guint64 *left, GError **error);

/* Archives that must be inflated take memory, and may hold such ones again: *LEFT bounds them all together. */
static gboolean
take_from (guint64 *left, const Pt2Record *record, GError **error)
{
  if (strcmp (record->method, "stored") == 0)
    return TRUE;
  if (record->bytes > *left)
    {
      set_error (error, PT2_ERROR_L006, "archives inside archives");
      return FALSE;
    }
  *left -= record->bytes;
  return TRUE;
}

static gboolean
may_be_archive (const Pt2Record *record)
{
  return record->bytes > 0 && strcmp (record->role, "program") != 0 && !g_str_has_suffix (record->role, "-config");
}

/* What is wrong inside is said at the record; the others are listed all the same. */
static void
look_inside (Pt2Archive *archive, Row *row, guint level, guint64 *left)
{
  g_autoptr (Pt2Archive) inner = NULL;
  if (level == NESTED_MOST || !may_be_archive (row->record) || !take_from (left, row->record, &row->fault))
    return;
  inner = pt2_archive_open_nested (archive, row->record, &row->fault);
  if (inner != NULL)
    row->inside = list_new (inner, level + 1, left, &row->fault);
}

static gboolean
fill_row (Pt2Archive *archive, Row *row, guint level, guint64 *left, GError **error)
{
  guint8 digest[32];
  if (!pt2_archive_locate (archive, row->record, &row->offset, error))
    return FALSE;
  if (hashes)
    {
      if (!pt2_archive_sha256 (archive, row->record, digest, error))
        return FALSE;
      g_autoptr (GString) text = g_string_new (NULL);
      for (guint i = 0; i < sizeof digest; i++)
        g_string_append_printf (text, "%02x", digest[i]);
      row->sha256 = g_string_free (g_steal_pointer (&text), FALSE);
    }
  if (nested)
    look_inside (archive, row, level, left);
  return TRUE;
}

static List *
list_new (Pt2Archive *archive, guint level, guint64 *left, GError **error)
{
  g_autoptr (List) list = g_new0 (List, 1);
  list->archive = pt2_archive_ref (archive);
  const Pt2Record *records = pt2_archive_get_records (archive, &list->n);
  list->rows = g_try_new0 (Row, (gsize)list->n + 1);
  if (list->rows == NULL)
    {
      set_error (error, PT2_ERROR_L001, "%s", "");
      return NULL;
    }
  for (guint i = 0; i < list->n; i++)
    {
      list->rows[i].record = &records[i];
      if (!fill_row (archive, &list->rows[i], level, left, error))
        return NULL;
    }
  return g_steal_pointer (&list);
}

/* ---- telling ---- */

static void json_list (Json *json, const List *list);

static void
json_row (Json *json, const Row *row)
{
  const Pt2Record *record = row->record;
  json_open (json, '{');
  json_member_text (json, "name", record->name);
  json_member_unsigned (json, "offset", row->offset);
  json_member_unsigned (json, "bytes", record->bytes);
  json_member_unsigned (json, "stored_bytes", record->stored_bytes);
  json_member_text (json, "method", record->method);
  json_member_unsigned (json, "crc32", record->crc32);
  json_member_text (json, "role", record->role);
  if (hashes)
    json_member_text (json, "sha256", row->sha256);
  if (row->inside != NULL)
    {
      json_key (json, "nested");
      json_list (json, row->inside);
    }
  if (row->fault != NULL)
    json_member_text (json, "nested_fault", pt2_error_code_id ((Pt2ErrorCode)row->fault->code));
  json_close (json, '}');
}

static void
json_list (Json *json, const List *list)
{
  json_open (json, '[');
  for (guint i = 0; i < list->n; i++)
    json_row (json, &list->rows[i]);
  json_close (json, ']');
}

/* Names of what is inside stand behind the name of what they are in. */
static void
add_rows (Table *table, const List *list, const char *prefix)
{
  for (guint i = 0; i < list->n; i++)
    {
      const Row *row = &list->rows[i];
      g_autofree char *name = g_strconcat (prefix, row->record->name, NULL);
      table_number (table, row->offset);
      table_number (table, row->record->bytes);
      table_number (table, row->record->stored_bytes);
      table_text (table, row->record->method, -1);
      table_take (table, g_strdup_printf ("%08x", row->record->crc32));
      if (hashes)
        table_text (table, row->sha256, -1);
      table_text (table, row->record->role, -1);
      table_text (table, name, -1);
      g_autofree char *deeper = g_strconcat (name, "!", NULL);
      if (row->inside != NULL)
        add_rows (table, row->inside, deeper);
    }
}

static void
text_list (const List *list)
{
  static const Column columns[] = {
    { "offset", TRUE, STYLE_FAINT },  { "bytes", TRUE, STYLE_PLAIN },  { "stored", TRUE, STYLE_FAINT },
    { "method", FALSE, STYLE_FAINT }, { "crc32", FALSE, STYLE_FAINT }, { "role", FALSE, STYLE_PLAIN },
    { "name", FALSE, STYLE_PLAIN },
  };
  static const Column with_hashes[] = {
    { "offset", TRUE, STYLE_FAINT },  { "bytes", TRUE, STYLE_PLAIN },  { "stored", TRUE, STYLE_FAINT },
    { "method", FALSE, STYLE_FAINT }, { "crc32", FALSE, STYLE_FAINT }, { "sha256", FALSE, STYLE_FAINT },
    { "role", FALSE, STYLE_PLAIN },   { "name", FALSE, STYLE_PLAIN },
  };
  Table table;
  table_init (&table, hashes ? with_hashes : columns, hashes ? G_N_ELEMENTS (with_hashes) : G_N_ELEMENTS (columns), "");
  add_rows (&table, list, "");
  table_print (&table);
}

/* Each archive inside that cannot be opened, on standard error. */
static int
report_faults (const List *list, const char *path)
{
  int status = STATUS_FINE;
  for (guint i = 0; i < list->n; i++)
    {
      if (list->rows[i].fault != NULL)
        status = report_finding (path, g_error_copy (list->rows[i].fault));
      if (list->rows[i].inside != NULL && report_faults (list->rows[i].inside, path) != STATUS_FINE)
        status = STATUS_FINDING;
    }
  return status;
}

static int
run (char **operands, int n)
{
  GError *error = NULL;
  guint64 left = settings.limits.inflated_size;
  g_autoptr (Pt2Archive) archive = input_archive (operands[0]);
  if (archive == NULL)
    return STATUS_TROUBLE;
  g_autoptr (List) list = list_new (archive, 0, &left, &error);
  if (list == NULL)
    return report_trouble (input_name (operands[0]), error);
  if (settings.json)
    {
      Json json;
      json_init (&json, stdout);
      json_list (&json, list);
    }
  else
    text_list (list);
  return report_faults (list, input_name (operands[0]));
}

static const Option options[] = {
  { "nested", 0, OPTION_FLAG, { .flag = &nested }, NULL, "also what is in archives inside the archive" },
  { "sha256", 0, OPTION_FLAG, { .flag = &hashes }, NULL, "the SHA-256 of each record's bytes, CRCs checked" },
  { NULL, 0, OPTION_FLAG, { NULL }, NULL, NULL },
};

const Verb verb_ls = {
  .name = "ls",
  .operands = "FILE",
  .least = 1,
  .most = 1,
  .summary = "every record of an archive",
  .help = "Lists the records in the order of the zip directory: where its bytes begin in the file, how many\n"
          "there are and how many are stored, stored or deflated, the CRC, what the record is for, and its\n"
          "name without the archive's root folder. Any zip archive will do; no payload is read.\n"
          "With --nested, records that are archives themselves (extra files, pickles of torch.save) are opened, four\n"
          "levels deep; what is in them is called OUTER!INNER, offsets count from the start of the inner archive.\n"
          "One that is damaged is reported (status 1), the rest is listed.\n",
  .examples = "$ pt2 ls model.pt2\n"
              "$ pt2 ls --json model.pt2 | jq -r '.[] | select(.role == \"weight\") | .name'\n"
              "$ pt2 ls --nested --sha256 package.pt2\n",
  .options = options,
  .run = run,
};
