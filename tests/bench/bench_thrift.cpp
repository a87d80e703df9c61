/* SPDX-License-Identifier: Apache-2.0 */
/* Apache Thrift C++, generated from our IDL: the ordinary compact protocol, or
 * with BENCH_TEMPLATES the one whose calls are resolved at compile time.
 *
 *   decode FILE   compact bytes to objects
 *   encode FILE   objects of FILE to compact bytes; says whether they are as many as in FILE
 *   cold FILE     the first decode of a process
 */
#include "bench.h"
#include "export_schema_types.h"
#ifdef BENCH_TEMPLATES
#include "export_schema_types.tcc"
#endif
#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TBufferTransports.h>

using apache::thrift::TConfiguration;
using apache::thrift::transport::TMemoryBuffer;

#ifdef BENCH_TEMPLATES
using Protocol = apache::thrift::protocol::TCompactProtocolT<TMemoryBuffer>;
static const char peer[] = "thrift-cpp-templates";
#else
using Protocol = apache::thrift::protocol::TCompactProtocol;
static const char peer[] = "thrift-cpp";
#endif

namespace
{
using pt2::thrift::ExportedProgram;

struct State
{
  BenchFile file;
  std::unique_ptr<ExportedProgram> program;
};

std::shared_ptr<TConfiguration>
roomy ()
{
  return std::make_shared<TConfiguration> (INT32_MAX, INT32_MAX, 10000);
}

void
decode_into (const BenchFile &file, ExportedProgram &program)
{
  auto buffer
      = std::make_shared<TMemoryBuffer> ((uint8_t *)file.data, (uint32_t)file.len, TMemoryBuffer::OBSERVE, roomy ());
  Protocol protocol (buffer);
  program.read (&protocol);
}

size_t
decode (void *state)
{
  State *self = static_cast<State *> (state);
  self->program = std::make_unique<ExportedProgram> ();
  decode_into (self->file, *self->program);
  return self->program->graph_module.graph.nodes.empty () ? 0 : self->file.len;
}

void
release (void *state)
{
  static_cast<State *> (state)->program.reset ();
}

/* Into the same buffer every time: its memory is kept, the growing is not measured. */
TMemoryBuffer &
encode_into_kept_buffer (const ExportedProgram &program)
{
  static auto buffer = std::make_shared<TMemoryBuffer> (4096, roomy ());
  buffer->resetBuffer ();
  Protocol protocol (buffer);
  program.write (&protocol);
  return *buffer;
}

size_t
encode (void *state)
{
  TMemoryBuffer &buffer = encode_into_kept_buffer (*static_cast<State *> (state)->program);
  return buffer.available_read ();
}
}

int
main (int argc, char **argv)
{
  double seconds = bench_arguments (argc, argv);
  static State state;
  state.file = bench_read_file (argv[2]);
  if (strcmp (argv[1], "encode") != 0)
    {
      BenchWork work = { decode, release, &state };
      bench_repeat (peer, argv[1], &work, seconds, strcmp (argv[1], "cold") == 0);
      printf ("}\n");
      return 0;
    }
  decode (&state);
  BenchWork work = { encode, NULL, &state };
  bench_repeat (peer, argv[1], &work, seconds, 0);
  std::string text = encode_into_kept_buffer (*state.program).getBufferAsString ();
  /* std::map sorts its keys: the bytes are the file's only where that changes nothing, the size always is. */
  printf (", \"same_size\": %s}\n", text.size () == state.file.len ? "true" : "false");
  return 0;
}
