/* SPDX-License-Identifier: Apache-2.0 */
/* libpt2, measured at its codecs.
 *
 *   decode, cold, encode   FILE is compact
 *   load, load-cold, dump  FILE is JSON
 *   convert                FILE is JSON; OUT.compact is written in place of SECONDS
 *   sizes                  FILE is JSON: how many bytes each form takes
 *   upgrade                FILE is JSON of an older release
 *   verify, hash, trust    FILE is a program in any form; trust: both, one after the other
 *
 * A decode or load also tells its calls to the allocator (a count of malloc,
 * calloc and realloc in one step) and the bytes the document takes. The C
 * library's allocator stands behind ours; nothing else is changed.
 */
#include "bench.h"
#include "codec.h"
#include "pt2-check.h"
#include "pt2-content-id.h"
#include "pt2-program.h"
#include "pt2-upgrade.h"

void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *old, size_t size);

static unsigned long n_allocations;

void *
malloc (size_t size)
{
  n_allocations++;
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  n_allocations++;
  return __libc_calloc (n, size);
}

void *
realloc (void *old, size_t size)
{
  n_allocations++;
  return __libc_realloc (old, size);
}

typedef struct
{
  BenchFile file;
  const char *what;
  Pt2Document document;
  Pt2Buffer out;
  Pt2Status status;
} State;

static void
start_document (State *state)
{
  const Pt2StructInfo *type = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  pt2_document_init (&state->document, &pt2_export_schema, type, pt2_limits_default (), state->file.len);
}

static size_t
decode (void *data)
{
  State *state = data;
  start_document (state);
  return pt2_compact_read (&state->document, state->file.data, state->file.len, pt2_limits_default (), &state->status)
             ? state->file.len
             : 0;
}

static size_t
load (void *data)
{
  State *state = data;
  start_document (state);
  return pt2_json_read (&state->document, state->file.data, state->file.len, pt2_limits_default (), &state->status)
             ? state->file.len
             : 0;
}

static void
release (void *data)
{
  State *state = data;
  pt2_document_clear (&state->document);
}

/* Into the same buffer every time, like the peers. */
static size_t
encode (void *data)
{
  State *state = data;
  state->out.next = state->out.data;
  return pt2_compact_write (&state->document, &state->out, &state->status) ? pt2_buffer_len (&state->out) : 0;
}

static size_t
dump (void *data)
{
  State *state = data;
  state->out.next = state->out.data;
  return pt2_json_write (&state->document, &state->out, &state->status) ? pt2_buffer_len (&state->out) : 0;
}

static _Noreturn void
fail (State *state)
{
  g_autoptr (GError) error = NULL;
  pt2_status_to_error (&state->status, &error);
  fprintf (stderr, "libpt2 %s: %s\n", state->what, error != NULL ? error->message : "failed");
  exit (1);
}

static void
measure_reading (State *state, BenchStep step, double seconds, bool cold)
{
  BenchWork work = { step, release, state };
  if (!cold)
    {
      if (step (state) == 0)
        fail (state);
      release (state);
    }
  bench_repeat ("libpt2", state->what, &work, seconds, cold);
  n_allocations = 0;
  if (step (state) == 0)
    fail (state);
  printf (", \"allocations\": %lu, \"document_bytes\": %" G_GUINT64_FORMAT "}\n", n_allocations,
          pt2_arena_bytes (&state->document.arena));
  release (state);
}

static void
measure_writing (State *state, BenchStep read, BenchStep write, double seconds)
{
  BenchWork work = { write, NULL, state };
  if (read (state) == 0 || write (state) == 0)
    fail (state);
  bench_repeat ("libpt2", state->what, &work, seconds, 0);
  bool same = pt2_buffer_len (&state->out) == state->file.len
              && memcmp (state->out.data, state->file.data, state->file.len) == 0;
  printf (", \"same_bytes\": %s}\n", same ? "true" : "false");
  pt2_buffer_clear (&state->out);
  release (state);
}

static void
convert (State *state, const char *path)
{
  if (load (state) == 0 || encode (state) == 0)
    fail (state);
  FILE *stream = fopen (path, "wb");
  size_t len = pt2_buffer_len (&state->out);
  if (stream == NULL || fwrite (state->out.data, 1, len, stream) != len || fclose (stream) != 0)
    {
      fprintf (stderr, "%s: not written\n", path);
      exit (1);
    }
  pt2_buffer_clear (&state->out);
  release (state);
}

static size_t
size_as (Pt2Program *program, Pt2Form form)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = pt2_program_save (program, form, &error);
  if (bytes == NULL)
    {
      fprintf (stderr, "libpt2 sizes: %s\n", error->message);
      exit (1);
    }
  return g_bytes_get_size (bytes);
}

static void
tell_sizes (State *state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (state->file.data, state->file.len);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, NULL, &error);
  if (program == NULL)
    {
      fprintf (stderr, "libpt2 sizes: %s\n", error->message);
      exit (1);
    }
  printf ("{\"peer\": \"libpt2\", \"what\": \"sizes\", \"json\": %zu, \"compact\": %zu, \"compact_zst\": %zu}\n",
          state->file.len, size_as (program, PT2_FORM_COMPACT), size_as (program, PT2_FORM_COMPACT_ZST));
}

/* What is measured of a program in memory. */
typedef struct
{
  Pt2Program *program;
  Pt2Upgrade *made;
  size_t len;
} Loaded;

static size_t
upgrade_once (void *data)
{
  Loaded *loaded = data;
  g_autoptr (GError) error = NULL;
  loaded->made = pt2_upgrade_new (loaded->program, NULL, NULL, NULL, &error);
  if (loaded->made == NULL)
    fprintf (stderr, "libpt2 upgrade: %s\n", error->message);
  return loaded->made != NULL ? loaded->len : 0;
}

static size_t
verify_once (void *data)
{
  Loaded *loaded = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Report) report = pt2_check_program (loaded->program, NULL, &error);
  if (report == NULL)
    fprintf (stderr, "libpt2 verify: %s\n", error->message);
  return report != NULL ? loaded->len : 0;
}

static size_t
hash_once (void *data)
{
  Loaded *loaded = data;
  g_autoptr (GError) error = NULL;
  Pt2ContentId id;
  if (pt2_content_id (loaded->program, NULL, NULL, 1, NULL, NULL, NULL, &id, &error))
    return loaded->len;
  fprintf (stderr, "libpt2 hash: %s\n", error->message);
  return 0;
}

static size_t
verify_and_hash_once (void *data)
{
  return verify_once (data) != 0 ? hash_once (data) : 0;
}

static void
release_upgrade (void *data)
{
  Loaded *loaded = data;
  g_clear_pointer (&loaded->made, pt2_upgrade_unref);
}

static const struct
{
  const char *what;
  BenchStep step;
} loaded_steps[] = {
  { "upgrade", upgrade_once },
  { "verify", verify_once },
  { "hash", hash_once },
  { "trust", verify_and_hash_once },
};

static void
measure_loaded (State *state, BenchStep step, double seconds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (state->file.data, state->file.len);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, NULL, &error);
  Loaded loaded = { program, NULL, state->file.len };
  BenchWork work = { step, release_upgrade, &loaded };
  if (program == NULL || step (&loaded) == 0)
    {
      fprintf (stderr, "libpt2 %s: %s\n", state->what, error != NULL ? error->message : "failed");
      exit (1);
    }
  release_upgrade (&loaded);
  bench_repeat ("libpt2", state->what, &work, seconds, 0);
  printf ("}\n");
}

static BenchStep
loaded_step (const char *what)
{
  for (size_t i = 0; i < G_N_ELEMENTS (loaded_steps); i++)
    if (strcmp (loaded_steps[i].what, what) == 0)
      return loaded_steps[i].step;
  return NULL;
}

int
main (int argc, char **argv)
{
  double seconds = bench_arguments (argc, argv);
  static State state = { .status = PT2_STATUS_INIT };
  state.what = argv[1];
  state.file = bench_read_file (argv[2]);
  if (strcmp (argv[1], "encode") == 0)
    measure_writing (&state, decode, encode, seconds);
  else if (strcmp (argv[1], "dump") == 0)
    measure_writing (&state, load, dump, seconds);
  else if (strcmp (argv[1], "convert") == 0)
    convert (&state, argv[3]);
  else if (strcmp (argv[1], "sizes") == 0)
    tell_sizes (&state);
  else if (loaded_step (argv[1]) != NULL)
    measure_loaded (&state, loaded_step (argv[1]), seconds);
  else
    measure_reading (&state, g_str_has_prefix (argv[1], "load") ? load : decode, seconds,
                     g_str_has_suffix (argv[1], "cold"));
  return 0;
}
