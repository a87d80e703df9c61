/* SPDX-License-Identifier: Apache-2.0 */
/* Apache Thrift c_glib: the types that its compiler generates from our IDL.
 *
 *   decode         on the stock memory buffer, which copies what is left after every read
 *   decode-cursor  on a transport that only moves a cursor: the types alone
 *
 * Generated reads of c_glib trust their input; only files of our own get here.
 */
#include "bench.h"
#include "pt2-cursor-transport.h"
#include "pt2_thrift_export_schema_types.c"
#include <thrift/c_glib/protocol/thrift_compact_protocol.h>
#include <thrift/c_glib/transport/thrift_memory_buffer.h>

typedef struct
{
  BenchFile file;
  gboolean cursor;
  Pt2ThriftExportedProgram *program;
} State;

static ThriftTransport *
make_transport (const State *state)
{
  if (state->cursor)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (state->file.data, state->file.len);
      return pt2_thrift_cursor_transport_new (bytes);
    }
  ThriftTransport *buffer = g_object_new (THRIFT_TYPE_MEMORY_BUFFER, NULL);
  if (!thrift_transport_write (buffer, state->file.data, (guint32)state->file.len, NULL))
    fprintf (stderr, "c-glib: the buffer takes no %zu bytes\n", state->file.len);
  return buffer;
}

static size_t
decode (void *data)
{
  State *state = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GObject) transport = G_OBJECT (make_transport (state));
  g_autoptr (GObject) protocol = g_object_new (THRIFT_TYPE_COMPACT_PROTOCOL, "transport", transport, NULL);
  state->program = g_object_new (PT2_THRIFT_TYPE_EXPORTED_PROGRAM, NULL);
  gint32 got = thrift_struct_read (THRIFT_STRUCT (state->program), THRIFT_PROTOCOL (protocol), &error);
  if (got < 0)
    fprintf (stderr, "c-glib: %s\n", error != NULL ? error->message : "?");
  return got < 0 ? 0 : state->file.len;
}

static void
release (void *data)
{
  State *state = data;
  g_clear_object (&state->program);
}

int
main (int argc, char **argv)
{
  double seconds = bench_arguments (argc, argv);
  static State state;
  state.file = bench_read_file (argv[2]);
  state.cursor = strcmp (argv[1], "decode-cursor") == 0;
  BenchWork work = { decode, release, &state };
  bench_repeat (state.cursor ? "c-glib-cursor" : "c-glib", "decode", &work, seconds, 0);
  printf ("}\n");
  return 0;
}
