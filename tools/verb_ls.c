/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "json_out.h"
#include "report.h"
#include "show.h"
#include "verbs.h"

static void
list_json (const Pt2Record *records, const guint64 *offsets, guint n)
{
  Json json;
  json_init (&json, stdout);
  json_open (&json, '[');
  for (guint i = 0; i < n; i++)
    {
      json_open (&json, '{');
      json_member_text (&json, "name", records[i].name);
      json_member_unsigned (&json, "offset", offsets[i]);
      json_member_unsigned (&json, "bytes", records[i].bytes);
      json_member_unsigned (&json, "stored_bytes", records[i].stored_bytes);
      json_member_text (&json, "method", records[i].method);
      json_member_unsigned (&json, "crc32", records[i].crc32);
      json_member_text (&json, "role", records[i].role);
      json_close (&json, '}');
    }
  json_close (&json, ']');
}

static void
list_text (const Pt2Record *records, const guint64 *offsets, guint n)
{
  static const Column columns[] = {
    { "offset", TRUE, STYLE_FAINT },  { "bytes", TRUE, STYLE_PLAIN },  { "stored", TRUE, STYLE_FAINT },
    { "method", FALSE, STYLE_FAINT }, { "crc32", FALSE, STYLE_FAINT }, { "role", FALSE, STYLE_PLAIN },
    { "name", FALSE, STYLE_PLAIN },
  };
  Table table;
  table_init (&table, columns, G_N_ELEMENTS (columns), "");
  for (guint i = 0; i < n; i++)
    {
      table_number (&table, offsets[i]);
      table_number (&table, records[i].bytes);
      table_number (&table, records[i].stored_bytes);
      table_text (&table, records[i].method, -1);
      table_take (&table, g_strdup_printf ("%08x", records[i].crc32));
      table_text (&table, records[i].role, -1);
      table_text (&table, records[i].name, -1);
    }
  table_print (&table);
}

/* Where each record's bytes begin; NULL after a report if one does not lie as the directory says. */
static guint64 *
locate (Pt2Archive *archive, const Pt2Record *records, guint n, const char *path)
{
  g_autofree guint64 *offsets = g_try_new (guint64, (gsize)n + 1);
  GError *error = NULL;
  if (offsets == NULL)
    set_error (&error, PT2_ERROR_L001, "%s", "");
  for (guint i = 0; error == NULL && i < n; i++)
    pt2_archive_locate (archive, &records[i], &offsets[i], &error);
  if (error == NULL)
    return g_steal_pointer (&offsets);
  report_trouble (input_name (path), error);
  return NULL;
}

static int
run (char **operands, int n)
{
  g_autoptr (Pt2Archive) archive = input_archive (operands[0]);
  if (archive == NULL)
    return STATUS_TROUBLE;
  guint n_records;
  const Pt2Record *records = pt2_archive_get_records (archive, &n_records);
  g_autofree guint64 *offsets = locate (archive, records, n_records, operands[0]);
  if (offsets == NULL)
    return STATUS_TROUBLE;
  if (settings.json)
    list_json (records, offsets, n_records);
  else
    list_text (records, offsets, n_records);
  return STATUS_FINE;
}

const Verb verb_ls = {
  .name = "ls",
  .operands = "FILE",
  .least = 1,
  .most = 1,
  .summary = "every record of an archive",
  .help = "Lists the records in the order of the zip directory: where its bytes begin in the file, how many\n"
          "there are and how many are stored, stored or deflated, the CRC, what the record is for, and its\n"
          "name without the archive's root folder. Any zip archive will do; no payload is read.\n",
  .examples = "$ pt2 ls model.pt2\n"
              "$ pt2 ls --json model.pt2 | jq -r '.[] | select(.role == \"weight\") | .name'\n",
  .run = run,
};
