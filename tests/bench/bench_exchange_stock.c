/* SPDX-License-Identifier: Apache-2.0 */
/* The same service as Apache's c_glib has it: a program is sent as generated types over a framed transport and the
 * compact protocol, from one process to another.
 *
 *   bench_exchange_stock SOCKET FILE.compact ROUNDS
 *
 * One line of JSON: bytes and MB/s from the call to the complete object. Only files of our own get here.
 */
#include "pt2-cursor-transport.h"
#include "pt2_thrift_export_schema_types.c"

#include <stdlib.h>
#include <sys/wait.h>
#include <thrift/c_glib/protocol/thrift_compact_protocol.h>
#include <thrift/c_glib/transport/thrift_framed_transport.h>
#include <thrift/c_glib/transport/thrift_server_socket.h>
#include <thrift/c_glib/transport/thrift_socket.h>
#include <unistd.h>

static void
check (gboolean fine, GError *error)
{
  if (!fine)
    g_error ("%s", error != NULL ? error->message : "failed");
}

static ThriftProtocol *
protocol_over (ThriftTransport *transport)
{
  ThriftConfiguration *roomy
      = g_object_new (THRIFT_TYPE_CONFIGURATION, "max_message_size", G_MAXINT, "max_frame_size", G_MAXINT, NULL);
  ThriftTransport *framed = g_object_new (THRIFT_TYPE_FRAMED_TRANSPORT, "transport", transport, "configuration", roomy,
                                          "r_buf_size", 1 << 20, "w_buf_size", 1 << 20, NULL);
  return g_object_new (THRIFT_TYPE_COMPACT_PROTOCOL, "transport", framed, NULL);
}

static void
serve (ThriftServerTransport *listener, ThriftStruct *value, int rounds)
{
  GError *error = NULL;
  ThriftTransport *transport = thrift_server_transport_accept (listener, &error);
  check (transport != NULL, error);
  ThriftProtocol *protocol = protocol_over (transport);
  for (int i = 0; i < rounds; i++)
    {
      ThriftMessageType type;
      gchar *name = NULL;
      gint32 sequence;
      check (thrift_protocol_read_message_begin (protocol, &name, &type, &sequence, &error) >= 0, error);
      g_free (name);
      thrift_protocol_read_message_end (protocol, &error);
      thrift_transport_read_end (protocol->transport, &error);
      thrift_protocol_write_message_begin (protocol, "fetch", T_REPLY, sequence, &error);
      check (thrift_struct_write (value, protocol, &error) >= 0, error);
      thrift_protocol_write_message_end (protocol, &error);
      check (thrift_transport_flush (protocol->transport, &error), error);
    }
}

static double
fetch (ThriftProtocol *protocol)
{
  GError *error = NULL;
  ThriftMessageType type;
  gchar *name = NULL;
  gint32 sequence;
  gint64 start = g_get_monotonic_time ();
  thrift_protocol_write_message_begin (protocol, "fetch", T_CALL, 1, &error);
  thrift_protocol_write_message_end (protocol, &error);
  check (thrift_transport_flush (protocol->transport, &error), error);
  check (thrift_protocol_read_message_begin (protocol, &name, &type, &sequence, &error) >= 0, error);
  g_free (name);
  GObject *value = g_object_new (PT2_THRIFT_TYPE_EXPORTED_PROGRAM, NULL);
  check (thrift_struct_read (THRIFT_STRUCT (value), protocol, &error) >= 0, error);
  thrift_protocol_read_message_end (protocol, &error);
  thrift_transport_read_end (protocol->transport, &error);
  double took = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  g_object_unref (value);
  return took;
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  gchar *data;
  gsize len;
  int rounds = argc == 4 ? atoi (argv[3]) : 0;
  if (rounds < 1 || !g_file_get_contents (argv[2], &data, &len, &error))
    {
      g_printerr ("bench_exchange_stock SOCKET FILE.compact ROUNDS\n");
      return 2;
    }
  g_autoptr (GBytes) bytes = g_bytes_new_take (data, len);
  ThriftTransport *cursor = pt2_thrift_cursor_transport_new (bytes);
  ThriftProtocol *reader = g_object_new (THRIFT_TYPE_COMPACT_PROTOCOL, "transport", cursor, NULL);
  ThriftStruct *value = g_object_new (PT2_THRIFT_TYPE_EXPORTED_PROGRAM, NULL);
  check (thrift_struct_read (value, reader, &error) >= 0, error);
  ThriftServerTransport *listener = g_object_new (THRIFT_TYPE_SERVER_SOCKET, "path", argv[1], NULL);
  check (thrift_server_transport_listen (listener, &error), error);
  pid_t child = fork ();
  if (child == 0)
    {
      serve (listener, value, rounds);
      _exit (0);
    }
  ThriftTransport *socket = g_object_new (THRIFT_TYPE_SOCKET, "path", argv[1], NULL);
  check (thrift_transport_open (socket, &error), error);
  ThriftProtocol *protocol = protocol_over (socket);
  double best = 1e9;
  for (int i = 0; i < rounds; i++)
    {
      double took = fetch (protocol);
      best = MIN (best, took);
    }
  waitpid (child, NULL, 0);
  unlink (argv[1]);
  printf ("{\"bytes\": %zu, \"mb_s\": %.2f}\n", len, (double)len / best / 1e6);
  return 0;
}
