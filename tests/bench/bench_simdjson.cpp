/* SPDX-License-Identifier: Apache-2.0 */
/* simdjson's bare DOM: the text is parsed, no structure of ours is made of it. */
#include "bench.h"
#include <simdjson.h>

namespace
{
struct State
{
  simdjson::dom::parser parser;
  simdjson::padded_string text;
};

size_t
load (void *state)
{
  State *self = static_cast<State *> (state);
  simdjson::dom::element document;
  return self->parser.parse (self->text).get (document) ? 0 : self->text.size ();
}
}

int
main (int argc, char **argv)
{
  double seconds = bench_arguments (argc, argv);
  static State state;
  BenchFile file = bench_read_file (argv[2]);
  state.text = simdjson::padded_string (file.data, file.len);
  BenchWork work = { load, NULL, &state };
  bench_repeat ("simdjson", argv[1], &work, seconds, 0);
  printf (", \"implementation\": \"%s\"}\n", simdjson::get_active_implementation ()->name ().c_str ());
  return 0;
}
