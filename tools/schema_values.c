/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"
#include "report.h"
#include "schema.h"
#include "show.h"
#include <string.h>

typedef struct
{
  Json *json;       /* NULL: text */
  Table *table;     /* of text */
  Pt2Encoding made; /* of JSON */
} Telling;

static void
tell_json (const Pt2Trial *trial, const Telling *telling)
{
  bool text = telling->made == PT2_ENCODING_JSON;
  g_autofree char *bytes
      = text ? g_strndup ((const char *)trial->bytes, trial->len) : g_base64_encode (trial->bytes, trial->len);
  json_open (telling->json, '{');
  json_member_text (telling->json, "type", trial->type);
  json_member_text (telling->json, "field", trial->field);
  json_member_text (telling->json, "value", trial->value);
  json_member_text (telling->json, "verdict", pt2_verdict_name (trial->verdict));
  json_key (telling->json, text ? "json" : "compact");
  if (text)
    json_raw (telling->json, bytes);
  else
    json_text (telling->json, bytes, -1);
  json_close (telling->json, '}');
}

static void
tell (const Pt2Trial *trial, gpointer data)
{
  const Telling *telling = data;
  if (telling->json != NULL)
    {
      tell_json (trial, telling);
      return;
    }
  g_autofree char *where = trial->value != NULL ? g_strdup_printf ("%s.%s=%s", trial->type, trial->field, trial->value)
                                                : g_strdup_printf ("%s.%s", trial->type, trial->field);
  table_text (telling->table, where, -1);
  table_text (telling->table, pt2_verdict_name (trial->verdict), -1);
  table_text (telling->table, (const char *)trial->bytes, (gssize)trial->len);
}

static int
tell_text (Pt2Idl *writer, Pt2Idl *reader)
{
  GError *error = NULL;
  Column columns[3] = { 0 };
  Table table;
  Telling telling = { .table = &table };
  table_init (&table, columns, G_N_ELEMENTS (columns), "  ");
  if (!pt2_idl_try_each (writer, reader, PT2_ENCODING_JSON, tell, &telling, &error))
    return report_trouble (NULL, error);
  table_print (&table);
  return STATUS_FINE;
}

static int
tell_document (Pt2Idl *writer, Pt2Idl *reader)
{
  static const Pt2Encoding encodings[] = { PT2_ENCODING_JSON, PT2_ENCODING_COMPACT };
  GError *error = NULL;
  Json json;
  json_init (&json, stdout);
  json_open (&json, '[');
  for (guint i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      Telling telling = { .json = &json, .made = encodings[i] };
      if (!pt2_idl_try_each (writer, reader, encodings[i], tell, &telling, &error))
        return report_trouble (NULL, error);
    }
  json_close (&json, ']');
  return STATUS_FINE;
}

int
schema_values (char **operands, int n)
{
  g_autoptr (Pt2Idl) writer = schema_open (operands[0]);
  g_autoptr (Pt2Idl) reader = writer == NULL ? NULL : n > 1 ? schema_open (operands[1]) : pt2_idl_ref (writer);
  if (reader == NULL)
    return STATUS_TROUBLE;
  return settings.json ? tell_document (writer, reader) : tell_text (writer, reader);
}
