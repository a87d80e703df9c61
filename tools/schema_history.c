/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"
#include "report.h"
#include "schema.h"
#include "show.h"
#include <string.h>

typedef struct
{
  const char *wanted; /* NULL: everything */
  Json *json;         /* NULL: text */
  GString *text;
  guint n;
} Telling;

/* Does TEXT begin with PREFIX and a point? */
static gboolean
is_inside (const char *text, const char *prefix)
{
  gsize len = strlen (prefix);
  return strncmp (text, prefix, len) == 0 && text[len] == '.';
}

/* "Node.name" is it itself, and what comes or goes with its type; "Node" all of the type, "name" a field of any. */
static gboolean
concerns (const char *where, const char *wanted)
{
  const char *point = strchr (where, '.');
  return wanted == NULL || strcmp (where, wanted) == 0 || is_inside (where, wanted)
         || (point != NULL ? strcmp (point + 1, wanted) == 0 : is_inside (wanted, where));
}

static void
tell (const Pt2SchemaChange *change, gpointer data)
{
  Telling *telling = data;
  if (!concerns (change->where, telling->wanted))
    return;
  telling->n++;
  if (telling->json != NULL)
    {
      json_open (telling->json, '{');
      json_member_text (telling->json, "where", change->where);
      json_member_text (telling->json, "rule", change->rule);
      json_member_text (telling->json, "was", change->was);
      json_member_text (telling->json, "is", change->is);
      json_close (telling->json, '}');
      return;
    }
  g_string_append_printf (telling->text, "  %-22s %s", change->rule, change->where);
  if (change->was[0] != '\0' && change->is[0] != '\0')
    g_string_append_printf (telling->text, ": %s -> %s", change->was, change->is);
  else if (change->is[0] != '\0')
    g_string_append_printf (telling->text, ": %s", change->is);
  g_string_append_c (telling->text, '\n');
}

/* The first version has everything new; it is told only for a name. */
static void
tell_first (Pt2Idl *idl, Telling *telling)
{
  for (guint i = 0; telling->wanted != NULL && i < pt2_idl_count (idl); i++)
    {
      Pt2IdlTypeFacts type = pt2_idl_get_type (idl, i);
      for (guint f = 0; f < type.n_fields; f++)
        {
          Pt2IdlFieldFacts field = pt2_idl_get_field (idl, i, f);
          g_autofree char *where = g_strdup_printf ("%s.%s", type.name, field.name);
          g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, field.number);
          tell (
              &(Pt2SchemaChange){
                  .rule = "known-since", .where = where, .was = "", .is = field.type != NULL ? field.type : number },
              telling);
        }
    }
}

static void
begin_json (Json *json, Pt2Idl *idl)
{
  json_open (json, '{');
  json_member_text (json, "version", pt2_idl_get_name (idl));
  json_member_text (json, "torch", pt2_idl_get_torch (idl));
  json_member_text (json, "evidence", pt2_idl_get_evidence (idl));
  json_key (json, "changes");
  json_open (json, '[');
}

static void
print_version (Pt2Idl *idl, const Telling *telling)
{
  if (telling->wanted != NULL && telling->n == 0)
    return;
  printf ("%s", pt2_idl_get_name (idl));
  if (pt2_idl_get_torch (idl)[0] != '\0')
    printf ("  torch %s", pt2_idl_get_torch (idl));
  printf ("  known from %s\n%s", pt2_idl_get_evidence (idl), telling->text->str);
}

static guint
tell_version (Pt2Idl *before, Pt2Idl *idl, const char *wanted, Json *json)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Telling telling = { .wanted = wanted, .json = json, .text = text };
  if (json != NULL)
    begin_json (json, idl);
  if (before == NULL)
    tell_first (idl, &telling);
  else
    pt2_idl_audit (before, idl, tell, &telling);
  if (json == NULL)
    print_version (idl, &telling);
  else
    {
      json_close (json, ']');
      json_close (json, '}');
    }
  return telling.n;
}

int
schema_history (char **operands, int n)
{
  const char *wanted = n > 0 ? operands[0] : NULL;
  g_autoptr (Pt2Idl) before = NULL;
  Json json;
  guint told = 0;
  if (settings.json)
    {
      json_init (&json, stdout);
      json_open (&json, '[');
    }
  for (guint i = 0; i < pt2_history_count (); i++)
    {
      Pt2Idl *idl = schema_open (pt2_history_name (i));
      if (idl == NULL)
        return STATUS_TROUBLE;
      told += tell_version (before, idl, wanted, settings.json ? &json : NULL);
      pt2_idl_unref (before);
      before = idl;
    }
  if (settings.json)
    json_close (&json, ']');
  if (wanted == NULL || told > 0)
    return STATUS_FINE;
  GError *error = NULL;
  g_autofree char *shown = escaped (wanted, -1);
  set_error (&error, PT2_ERROR_E004, "no version has %s", shown);
  return report_trouble (NULL, error);
}
