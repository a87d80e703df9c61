/* SPDX-License-Identifier: Apache-2.0 */
/* Apache Thrift's c_glib as a peer: reads every file of a folder and writes it again, in the same protocol or another.
 *
 *   c_glib_peer TYPE compact|binary compact|binary IN-FOLDER OUT-FOLDER
 *
 * Generated readers of c_glib trust their input: only files of our own get here.
 * Maps come out in the order of a hash table.
 */
#include "pt2-cursor-transport.h"
#include "folder.h"
#include "pt2_thrift_export_schema_types.c"

#include <string.h>
#include <thrift/c_glib/protocol/thrift_binary_protocol.h>
#include <thrift/c_glib/protocol/thrift_compact_protocol.h>
#include <thrift/c_glib/transport/thrift_memory_buffer.h>

typedef struct
{
  GType type, from, to; /* of the value, and of the protocols */
} Turn;

static gboolean
read_struct (ThriftStruct *value, GType from, const char *data, gsize len, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, len);
  g_autoptr (GObject) transport = G_OBJECT (pt2_thrift_cursor_transport_new (bytes));
  g_autoptr (GObject) protocol = g_object_new (from, "transport", transport, NULL);
  if (thrift_struct_read (value, THRIFT_PROTOCOL (protocol), error) < 0)
    return FALSE;
  if (pt2_thrift_cursor_transport_get_left (THRIFT_TRANSPORT (transport)) == 0)
    return TRUE;
  g_set_error_literal (error, THRIFT_TRANSPORT_ERROR, THRIFT_TRANSPORT_ERROR_RECEIVE, "bytes after the struct");
  return FALSE;
}

static GByteArray *
write_struct (ThriftStruct *value, GType to, GError **error)
{
  /* The transport takes the array over and drops it when it goes. */
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GObject) transport = g_object_new (THRIFT_TYPE_MEMORY_BUFFER, "buf", bytes, "buf_size", G_MAXUINT, NULL);
  g_autoptr (GObject) protocol = g_object_new (to, "transport", transport, NULL);
  if (thrift_struct_write (value, THRIFT_PROTOCOL (protocol), error) < 0)
    return NULL;
  return g_byte_array_append (g_byte_array_new (), bytes->data, bytes->len);
}

static GByteArray *
rewrite (const char *data, gsize len, gpointer user_data, GError **error)
{
  const Turn *turn = user_data;
  g_autoptr (GObject) value = g_object_new (turn->type, NULL);
  return read_struct (THRIFT_STRUCT (value), turn->from, data, len, error)
             ? write_struct (THRIFT_STRUCT (value), turn->to, error)
             : NULL;
}

static GType
protocol_type (const char *name)
{
  return strcmp (name, "compact") == 0  ? THRIFT_TYPE_COMPACT_PROTOCOL
         : strcmp (name, "binary") == 0 ? THRIFT_TYPE_BINARY_PROTOCOL
                                        : 0;
}

/* Registers the types that a file can hold by itself: a GType has its name from its first use on. */
static void
register_types (void)
{
  g_type_ensure (pt2_thrift_exported_program_get_type ());
  g_type_ensure (pt2_thrift_payload_config_get_type ());
  g_type_ensure (pt2_thrift_a_o_t_inductor_model_pickle_data_get_type ());
  g_type_ensure (pt2_thrift_extern_kernel_nodes_get_type ());
}

int
main (int argc, char **argv)
{
  Turn turn = { 0, 0, 0 };
  register_types ();
  if (argc == 6)
    {
      g_autofree char *name = g_strconcat ("Pt2Thrift", argv[1], NULL);
      turn = (Turn){ g_type_from_name (name), protocol_type (argv[2]), protocol_type (argv[3]) };
    }
  if (turn.type != 0 && turn.from != 0 && turn.to != 0)
    return pt2_peer_turn_folder (argv[4], argv[5], rewrite, &turn) == 0 ? 0 : 1;
  g_printerr ("c_glib_peer TYPE compact|binary compact|binary IN-FOLDER OUT-FOLDER\n");
  return 2;
}
