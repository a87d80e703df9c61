/* SPDX-License-Identifier: Apache-2.0 */
/* PyTorch's C++ reader and writer: nlohmann's JSON and the header that PyTorch
 * installs and generates from the same schema. */
#include "bench.h"
#include <cmath>
#include <limits>
#include <memory>
#include <torch/csrc/utils/generated_serialization_types.h>

namespace
{
using torch::_export::ExportedProgram;

struct State
{
  BenchFile file;
  std::unique_ptr<ExportedProgram> program;
};

size_t
load (void *state)
{
  State *self = static_cast<State *> (state);
  auto document = nlohmann::json::parse (self->file.data, self->file.data + self->file.len);
  self->program = std::make_unique<ExportedProgram> (document.get<ExportedProgram> ());
  return self->program->get_graph_module ().get_graph ().get_nodes ().empty () ? 0 : self->file.len;
}

void
release (void *state)
{
  static_cast<State *> (state)->program.reset ();
}

size_t
dump (void *state)
{
  nlohmann::json document = *static_cast<State *> (state)->program;
  return document.dump ().size ();
}
}

int
main (int argc, char **argv)
{
  double seconds = bench_arguments (argc, argv);
  static State state;
  state.file = bench_read_file (argv[2]);
  bool dumping = strcmp (argv[1], "dump") == 0;
  if (dumping)
    load (&state);
  BenchWork work = { dumping ? dump : load, dumping ? NULL : release, &state };
  bench_repeat ("torch-cpp", argv[1], &work, seconds, 0);
  printf ("}\n");
  return 0;
}
