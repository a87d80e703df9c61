/* SPDX-License-Identifier: Apache-2.0 */
#include "json_out.h"
#include "report.h"
#include "schema.h"
#include "show.h"
#include <string.h>

static void
field_json (Json *json, const Pt2IdlFieldFacts *field)
{
  json_open (json, '{');
  json_member_text (json, "name", field->name);
  json_member_integer (json, field->type != NULL ? "id" : "value", field->number);
  if (field->type != NULL)
    {
      json_member_text (json, "type", field->type);
      json_member_bool (json, "required", field->required);
      json_member_bool (json, "null_key", field->null_key);
      json_member_bool (json, "unit", field->unit);
      json_member_text (json, "default", field->default_text);
    }
  json_close (json, '}');
}

static void
type_json (Json *json, Pt2Idl *idl, guint index)
{
  Pt2IdlTypeFacts type = pt2_idl_get_type (idl, index);
  json_open (json, '{');
  json_member_text (json, "name", type.name);
  json_member_text (json, "kind", type.kind);
  json_key (json, "fields");
  json_open (json, '[');
  for (guint i = 0; i < type.n_fields; i++)
    {
      Pt2IdlFieldFacts field = pt2_idl_get_field (idl, index, i);
      field_json (json, &field);
    }
  json_close (json, ']');
  json_close (json, '}');
}

static void
field_text (const Pt2IdlFieldFacts *field)
{
  g_autofree char *name = escaped (field->name, -1);
  if (field->type == NULL)
    {
      printf ("  %s = %" G_GINT64_FORMAT "\n", name, field->number);
      return;
    }
  g_autofree char *type = escaped (field->type, -1);
  g_autofree char *value = field->default_text != NULL ? escaped (field->default_text, -1) : NULL;
  printf ("  %" G_GINT64_FORMAT ": %s %s", field->number, type, name);
  if (value != NULL)
    printf (" = %s", value);
  if (field->null_key)
    printf ("  (may be null, never missing)");
  if (field->unit)
    printf ("  (written [])");
  putchar ('\n');
}

static void
type_text (Pt2Idl *idl, guint index, gboolean first)
{
  Pt2IdlTypeFacts type = pt2_idl_get_type (idl, index);
  g_autofree char *name = escaped (type.name, -1);
  printf ("%s%s %s\n", first ? "" : "\n", type.kind, name);
  for (guint i = 0; i < type.n_fields; i++)
    {
      Pt2IdlFieldFacts field = pt2_idl_get_field (idl, index, i);
      field_text (&field);
    }
}

static int
find_type (Pt2Idl *idl, const char *name)
{
  for (guint i = 0; i < pt2_idl_count (idl); i++)
    if (strcmp (pt2_idl_get_type (idl, i).name, name) == 0)
      return (int)i;
  GError *error = NULL;
  g_autofree char *shown = escaped (name, -1), *schema = escaped (pt2_idl_get_name (idl), -1);
  set_error (&error, PT2_ERROR_E004, "%s has no %s", schema, shown);
  report_trouble (NULL, error);
  return -1;
}

static void
show_json (Pt2Idl *idl, guint from, guint to)
{
  Json json;
  gint64 major, minor;
  pt2_idl_get_version (idl, &major, &minor);
  json_init (&json, stdout);
  json_open (&json, '{');
  json_key (&json, "schema_version");
  json_open (&json, '{');
  json_member_integer (&json, "major", major);
  json_member_integer (&json, "minor", minor);
  json_close (&json, '}');
  json_member_text (&json, "torch", pt2_idl_get_torch (idl));
  json_member_bool (&json, "has_ids", pt2_idl_has_ids (idl));
  json_key (&json, "types");
  json_open (&json, '[');
  for (guint i = from; i < to; i++)
    type_json (&json, idl, i);
  json_close (&json, ']');
  json_close (&json, '}');
}

int
schema_show (char **operands, int n)
{
  const char *newest = pt2_history_name (pt2_history_count () - 1);
  g_autoptr (Pt2Idl) idl = schema_open (schema_options.at != NULL ? schema_options.at : newest);
  if (idl == NULL)
    return STATUS_TROUBLE;
  int one = n > 0 ? find_type (idl, operands[0]) : 0;
  if (one < 0)
    return STATUS_TROUBLE;
  guint from = (guint)one, to = n > 0 ? from + 1 : pt2_idl_count (idl);
  if (settings.json)
    show_json (idl, from, to);
  else
    for (guint i = from; i < to; i++)
      type_text (idl, i, i == from);
  return STATUS_FINE;
}
