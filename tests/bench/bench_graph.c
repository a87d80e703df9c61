/* SPDX-License-Identifier: Apache-2.0 */
/* The graph, measured beside nothing but itself: FILE is a program in any form, loaded before the clock starts.
 *
 *   graph     a program becomes a graph
 *   rebuild   a graph becomes a program
 *   through   both, one after the other
 *
 * What is at hand are nodes: calls of the file, not the inputs, results and outputs that become nodes of the graph too.
 * Beside the times stand how many nodes the graph has, and its memory beyond the program.
 */
#include "bench.h"
#include "pt2.h"

typedef struct
{
  const char *what;
  Pt2Program *program, *made;
  Pt2FxModule *module;
} State;

static _Noreturn void
fail (const State *state, const GError *error)
{
  fprintf (stderr, "libpt2 %s: %s\n", state->what, error->message);
  exit (1);
}

static size_t
count_calls (const State *state)
{
  return pt2_program_get_exported_program (state->program)->graph_module.graph.nodes.len;
}

static size_t
make_graph (void *data)
{
  State *state = data;
  g_autoptr (GError) error = NULL;
  state->module = pt2_fx_module_new (state->program, NULL, &error);
  if (state->module == NULL)
    fail (state, error);
  return count_calls (state);
}

static size_t
make_program (void *data)
{
  State *state = data;
  g_autoptr (GError) error = NULL;
  state->made = pt2_fx_module_make_program (state->module, NULL, NULL, &error);
  if (state->made == NULL)
    fail (state, error);
  return count_calls (state);
}

static size_t
make_both (void *data)
{
  make_graph (data);
  return make_program (data);
}

static void
release_graph (void *data)
{
  State *state = data;
  g_clear_pointer (&state->module, pt2_fx_module_free);
}

static void
release_program (void *data)
{
  State *state = data;
  g_clear_pointer (&state->made, pt2_program_unref);
}

static void
release_both (void *data)
{
  release_graph (data);
  release_program (data);
}

static guint
count_nodes (Pt2FxModule *module)
{
  guint n = 0;
  for (guint i = 0; i < pt2_fx_module_get_n_graphs (module); i++)
    n += pt2_fx_graph_get_n_nodes (pt2_fx_module_get_graph (module, i));
  return n;
}

/* Of the graph alone, it may be there before or not. */
static void
tell_memory (State *state)
{
  if (state->module == NULL)
    make_graph (state);
  printf (", \"graph_nodes\": %u, \"graph_bytes\": %" G_GUINT64_FORMAT "}\n", count_nodes (state->module),
          pt2_fx_module_get_memory (state->module));
  release_graph (state);
}

static void
load (State *state, const char *path)
{
  g_autoptr (GError) error = NULL;
  state->program = pt2_program_new_from_file (path, NULL, NULL, &error);
  if (state->program == NULL || pt2_program_get_exported_program (state->program) == NULL)
    {
      fprintf (stderr, "%s: %s\n", path, error != NULL ? error->message : "of an older major");
      exit (1);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *what;
    BenchStep step;
    BenchRelease release;
  } works[] = {
    { "graph", make_graph, release_graph },
    { "rebuild", make_program, release_program },
    { "through", make_both, release_both },
  };
  double seconds = bench_arguments (argc, argv);
  State state = { .what = argv[1] };
  for (size_t i = 0; i < G_N_ELEMENTS (works); i++)
    if (strcmp (argv[1], works[i].what) == 0)
      {
        const BenchWork work = { works[i].step, works[i].release, &state };
        load (&state, argv[2]);
        if (works[i].step == make_program)
          make_graph (&state);
        bench_repeat ("libpt2", works[i].what, &work, seconds, 0);
        tell_memory (&state);
        pt2_program_unref (state.program);
        return 0;
      }
  fprintf (stderr, "%s: graph, rebuild or through was expected\n", argv[1]);
  return 2;
}
