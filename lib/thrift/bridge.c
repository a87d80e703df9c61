/* SPDX-License-Identifier: Apache-2.0 */
#include "pt2-thrift.h"
#include "strict_protocol.h"
#include <string.h>

#define PREFIX "Pt2Thrift"

/* The schema's name of a generated type, "" if it is none: Pt2ThriftNode is Node. */
static const char *
schema_name (GType type)
{
  const char *name = g_type_name (type);
  return name != NULL && g_str_has_prefix (name, PREFIX) ? name + strlen (PREFIX) : "";
}

static GBytes *
check (GType type, GBytes *bytes, Pt2StructFlags flags, const Pt2Limits *limits, GError **error)
{
  return pt2_struct_convert (schema_name (type), bytes, PT2_FORM_COMPACT, PT2_FORM_COMPACT, flags, limits, error);
}

/* BYTES were checked. */
static gboolean
read_checked (ThriftStruct *value, GBytes *bytes, GError **error)
{
  g_autoptr (GObject) transport = G_OBJECT (pt2_thrift_cursor_transport_new (bytes));
  g_autoptr (GObject) protocol = G_OBJECT (pt2_strict_protocol_new (THRIFT_TRANSPORT (transport)));
  if (thrift_struct_read (value, THRIFT_PROTOCOL (protocol), error) < 0)
    return FALSE;
  if (!pt2_strict_protocol_cut_text (THRIFT_PROTOCOL (protocol)))
    return TRUE;
  g_set_error (error, PT2_ERROR, PT2_ERROR_T017, "%s; %s", pt2_error_code_summary (PT2_ERROR_T017),
               pt2_error_code_next (PT2_ERROR_T017));
  return FALSE;
}

ThriftStruct *
pt2_thrift_struct_from_compact (GType type, GBytes *bytes, const Pt2Limits *limits, GError **error)
{
  g_autoptr (GBytes) checked = check (type, bytes, PT2_STRUCT_KNOWN_ONLY, limits, error);
  if (checked == NULL)
    return NULL;
  ThriftStruct *value = g_object_new (type, NULL);
  if (read_checked (value, checked, error))
    return value;
  g_object_unref (value);
  return NULL;
}

GBytes *
pt2_thrift_struct_to_compact (ThriftStruct *value, const Pt2Limits *limits, GError **error)
{
  g_autoptr (GObject) transport = G_OBJECT (pt2_thrift_cursor_transport_new_writer ());
  g_autoptr (GObject) protocol = g_object_new (THRIFT_TYPE_COMPACT_PROTOCOL, "transport", transport, NULL);
  if (thrift_struct_write (value, THRIFT_PROTOCOL (protocol), error) < 0)
    return NULL;
  g_autoptr (GBytes) bytes = pt2_thrift_cursor_transport_take (THRIFT_TRANSPORT (transport));
  return check (G_OBJECT_TYPE (value), bytes, PT2_STRUCT_ANY, limits, error);
}

Pt2ThriftExportedProgram *
pt2_thrift_from_program (Pt2Program *program, GError **error)
{
  g_autoptr (GBytes) bytes = pt2_program_save (program, PT2_FORM_COMPACT, error);
  if (bytes == NULL)
    return NULL;
  ThriftStruct *value = pt2_thrift_struct_from_compact (PT2_THRIFT_TYPE_EXPORTED_PROGRAM, bytes, NULL, error);
  return value != NULL ? PT2_THRIFT_EXPORTED_PROGRAM (value) : NULL;
}

Pt2Program *
pt2_thrift_to_program (Pt2ThriftExportedProgram *value, const Pt2Limits *limits, GError **error)
{
  g_autoptr (GBytes) bytes = pt2_thrift_struct_to_compact (THRIFT_STRUCT (value), limits, error);
  return bytes != NULL ? pt2_program_new_from_bytes (bytes, limits, error) : NULL;
}
