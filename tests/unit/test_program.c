/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program: real programs go through every form and come back; what a program cannot be has its id. */
#include "program.h"
#include "corpus.h"
#include "suite.h"
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define SMALL_PROGRAM "torch-2.15.0/custom_op.pt2"
#define CONDITIONS "torch-2.15.0/cond_nested.pt2"
#define OLD_PROGRAM "torch-2.3.1/derived_dims.pt2"

/* ---- real programs ---- */

static GBytes *
save (Pt2Program *program, Pt2Form form)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = pt2_program_save (program, form, &error);
  ck_assert_msg (bytes != NULL, "%s", error != NULL ? error->message : "");
  return bytes;
}

static Pt2Program *
load (GBytes *bytes, const char *path)
{
  g_autoptr (GError) error = NULL;
  Pt2Program *program = pt2_program_new_from_bytes (bytes, NULL, &error);
  ck_assert_msg (program != NULL, "%s: %s", path, error != NULL ? error->message : "");
  return program;
}

static void
check_forms (const char *path, Pt2Program *program, gpointer data)
{
  gint64 major, minor;
  unsigned *n = data;
  pt2_program_get_schema_version (program, &major, &minor);
  if (major < 8)
    return;
  ++*n;
  g_autoptr (GBytes) json = save (program, PT2_FORM_JSON);
  for (int form = PT2_FORM_COMPACT; form <= PT2_FORM_COMPACT_ZST; form++)
    {
      g_autoptr (GBytes) bytes = save (program, (Pt2Form)form);
      g_autoptr (Pt2Program) again = load (bytes, path);
      ck_assert_int_eq (pt2_program_get_form (again), form);
      ck_assert_msg (pt2_value_equal (pt2_program_get_root (program), pt2_program_get_root (again)), "%s", path);
      ck_assert_uint_eq (pt2_program_count_unknown (again), pt2_program_count_unknown (program));
      g_autoptr (GBytes) bytes_again = save (again, (Pt2Form)form);
      g_autoptr (GBytes) json_again = save (again, PT2_FORM_JSON);
      ck_assert_msg (g_bytes_equal (bytes, bytes_again), "%s: other compact bytes", path);
      ck_assert_msg (g_bytes_equal (json, json_again), "%s: other JSON", path);
    }
}

START_TEST (every_form_of_the_corpus)
{
  unsigned n = 0;
  ck_assert_uint_gt (corpus_foreach (check_forms, &n), n);
  ck_assert_uint_gt (n, 30);
}
END_TEST

typedef struct
{
  guint64 offset;
  unsigned n;
} Covered;

static gboolean
cover (const Pt2Annotation *piece, gpointer data)
{
  Covered *covered = data;
  if (piece->offset != covered->offset || piece->len == 0 || piece->what[0] == '\0')
    ck_abort_msg ("a piece at %" G_GUINT64_FORMAT " where %" G_GUINT64_FORMAT " comes next", piece->offset,
                  covered->offset);
  if (strstr (piece->value, "unknown") != NULL && g_str_has_suffix (piece->what, "header"))
    ck_abort_msg ("%s is not explained", piece->path);
  covered->offset += piece->len;
  covered->n++;
  return TRUE;
}

static void
check_annotated (const char *path, Pt2Program *program, gpointer data)
{
  if (pt2_program_get_exported_program (program) == NULL)
    return;
  Covered covered = { 0, 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = save (program, PT2_FORM_COMPACT);
  ck_assert_msg (pt2_annotate (bytes, NULL, cover, &covered, &error), "%s: %s", path,
                 error != NULL ? error->message : "");
  ck_assert_uint_eq (covered.offset, g_bytes_get_size (bytes));
  ++*(unsigned *)data;
}

START_TEST (every_byte_is_explained)
{
  unsigned n = 0;
  corpus_foreach (check_annotated, &n);
  ck_assert_uint_gt (n, 30);
}
END_TEST

START_TEST (annotate_finds_faults)
{
  static const struct
  {
    const char *data;
    size_t len;
    const char *id;
  } faults[] = {
    { "", 0, "PT2-T001" },
    { "\x00", 1, "PT2-T006" },
    { "\x00\x00", 2, "PT2-T010" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      Covered covered = { 0, 0 };
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = g_bytes_new (faults[i].data, faults[i].len);
      ck_assert (!pt2_annotate (bytes, NULL, cover, &covered, &error));
      ck_assert_str_eq (pt2_error_get_id (error), faults[i].id);
    }
}
END_TEST

/* ---- questions ---- */

static gboolean
count_graph (Pt2String target, guint graph, gpointer data)
{
  guint *counts = data;
  ck_assert_uint_lt (graph, 16);
  counts[graph]++;
  return counts[15]++ + 1 != 3 || counts[14] == 0;
}

START_TEST (nodes_and_operators)
{
  g_autoptr (Pt2Program) program = corpus_program (CONDITIONS);
  guint counts[16] = { 0 }, n, sum = 0;
  ck_assert (pt2_program_foreach_node (program, count_graph, counts));
  guint graphs = pt2_program_count_subgraphs (program) + 1;
  ck_assert_uint_gt (graphs, 2);
  for (guint i = 0; i < graphs; i++)
    ck_assert_uint_gt (counts[i] + (i > 0), 0);
  g_autofree Pt2OperatorCount *operators = pt2_program_count_operators (program, &n);
  for (guint i = 0; i < n; i++)
    {
      sum += operators[i].count;
      for (guint j = 0; j < i; j++)
        ck_assert (operators[i].target.len != operators[j].target.len
                   || memcmp (operators[i].target.data, operators[j].target.data, operators[i].target.len) != 0);
    }
  ck_assert_uint_eq (sum, counts[15]);
  guint stopped[16] = { [14] = 1 };
  ck_assert (!pt2_program_foreach_node (program, count_graph, stopped));
  ck_assert_uint_eq (stopped[15], 3);
}
END_TEST

START_TEST (references_and_getters)
{
  Pt2Program *program = corpus_program (SMALL_PROGRAM);
  gint64 major, minor;
  Pt2String in_spec, out_spec, version = pt2_program_get_torch_version (program);
  guint n;
  ck_assert_ptr_eq (pt2_program_ref (program), program);
  pt2_program_unref (program);
  pt2_program_get_schema_version (program, &major, &minor);
  ck_assert_int_eq (major, 8);
  ck_assert_int_eq (minor, 20);
  ck_assert (version.len >= 4 && memcmp (version.data, "2.15", 4) == 0);
  ck_assert_int_eq (pt2_program_get_form (program), PT2_FORM_JSON);
  ck_assert_ptr_nonnull (pt2_program_get_exported_program (program));
  ck_assert_uint_gt (pt2_program_get_memory (program), 0);
  ck_assert_uint_eq (pt2_program_count_unknown (program), 0);
  ck_assert (pt2_program_check_text (program, NULL));
  pt2_program_get_tree_specs (program, &in_spec, &out_spec);
  ck_assert_ptr_nonnull (in_spec.data);
  ck_assert_ptr_nonnull (out_spec.data);
  ck_assert_ptr_nonnull (pt2_program_get_opsets (program, &n));
  ck_assert_uint_gt (n, 0);
  pt2_program_unref (program);
  pt2_program_unref (NULL);
}
END_TEST

/* ---- errors ---- */

typedef struct
{
  const char *text;
  size_t len; /* 0: that of the text */
  const char *id;
} Refusal;

static const Refusal refusals[] = {
  { "{}", 0, "PT2-P004" },
  { "[]", 0, "PT2-P004" },
  { "{\"schema_version\": \"8\"}", 0, "PT2-P004" },
  { "{\"schema_version\": {\"major\": 8}}", 0, "PT2-P004" },
  { "{\"schema_version\": {\"major\": 9, \"minor\": 1}}", 0, "PT2-P003" },
  { "{\"schema_version\": {\"major\": -1, \"minor\": 1}}", 0, "PT2-P003" },
  { "{\"schema_version\": {\"major\": 9223372036854775807, \"minor\": 1}}", 0, "PT2-P003" },
  { "{\"schema_version\": 100}", 0, "PT2-P003" },
  { "{\"schema_version\": 99999999999999999999}", 0, "PT2-P003" },
  { "{\"schema_version\": {\"major\": 99999999999999999999, \"minor\": 0}}", 0, "PT2-P003" },
  { "{\"schema_version\": {\"major\": 8, \"minor\": 1}}", 0, "PT2-J011" },
  { "", 0, "PT2-T001" },
  { "\0", 1, "PT2-T006" },
  { "\x28\xb5\x2f\xfd", 0, "PT2-P005" },
  { "\x28\xb5\x2f\xfd\x20\x04garbage", 0, "PT2-P005" },
};

START_TEST (what_is_no_program)
{
  const Refusal *refusal = &refusals[_i];
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (refusal->text, refusal->len != 0 ? refusal->len : strlen (refusal->text));
  ck_assert_ptr_null (pt2_program_new_from_bytes (bytes, NULL, &error));
  ck_assert_msg (strcmp (pt2_error_get_id (error), refusal->id) == 0, "%s: %s, %s", refusal->text,
                 pt2_error_get_id (error), error->message);
}
END_TEST

/* Of a whole program, which the typed reader takes; what the message shows is what the text says. */
START_TEST (versions_beyond_64_bits)
{
  static const char *const versions[][2] = {
    { "{\"major\": 9223372036854775808, \"minor\": 0}", "schema 9223372036854775808.0" },
    { "{\"major\": -99999999999999999999, \"minor\": 20}", "schema -99999999999999999999.20" },
    { "{\"major\": 8, \"minor\": 99999999999999999999}", "schema 8.99999999999999999999" },
  };
  g_autoptr (Pt2Program) program = corpus_program (SMALL_PROGRAM);
  g_autoptr (GBytes) saved = pt2_program_save (program, PT2_FORM_JSON, NULL);
  g_autofree char *text = g_strndup (g_bytes_get_data (saved, NULL), g_bytes_get_size (saved));
  char *version = strstr (text, "\"schema_version\": {");
  ck_assert_ptr_nonnull (version);
  version += strlen ("\"schema_version\": ");
  const char *rest = strchr (version, '}') + 1;
  *version = '\0';
  for (size_t i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autoptr (GError) error = NULL;
      char *changed = g_strconcat (text, versions[i][0], rest, NULL);
      g_autoptr (GBytes) bytes = g_bytes_new_take (changed, strlen (changed));
      ck_assert_ptr_null (pt2_program_new_from_bytes (bytes, NULL, &error));
      ck_assert_str_eq (pt2_error_get_id (error), "PT2-P003");
      ck_assert_msg (strstr (error->message, versions[i][1]) != NULL, "%s", error->message);
    }
}
END_TEST

/* A small program whose version is MAJOR.1, as compact. */
static GBytes *
compact_of_major (gint64 major)
{
  g_autoptr (Pt2Program) program = corpus_program (SMALL_PROGRAM);
  Pt2ExportedProgram changed = *pt2_program_get_exported_program (program);
  changed.schema_version.major = major;
  changed.schema_version.minor = 1;
  Pt2Document document;
  Pt2Buffer out = PT2_BUFFER_INIT;
  Pt2Status status = PT2_STATUS_INIT;
  pt2_document_init (&document, &pt2_export_schema, pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram"),
                     pt2_limits_default (), 0);
  document.root = &changed;
  ck_assert (pt2_compact_write (&document, &out, &status));
  pt2_document_clear (&document);
  return pt2_buffer_to_bytes (&out);
}

START_TEST (majors_in_compact)
{
  static const struct
  {
    gint64 major;
    const char *id; /* NULL: fine */
  } majors[]
      = { { 8, NULL }, { 7, "PT2-P002" }, { 1, "PT2-P002" }, { 9, "PT2-P003" }, { -8, "PT2-P003" }, { 0, "PT2-P003" } };
  for (size_t i = 0; i < G_N_ELEMENTS (majors); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = compact_of_major (majors[i].major);
      g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, NULL, &error);
      ck_assert_int_eq (program != NULL, majors[i].id == NULL);
      if (error != NULL)
        ck_assert_str_eq (pt2_error_get_id (error), majors[i].id);
    }
}
END_TEST

START_TEST (old_majors_have_no_compact_form)
{
  g_autoptr (Pt2Program) program = corpus_program (OLD_PROGRAM);
  for (int form = PT2_FORM_COMPACT; form <= PT2_FORM_COMPACT_ZST; form++)
    {
      g_autoptr (GError) error = NULL;
      ck_assert_ptr_null (pt2_program_save (program, (Pt2Form)form, &error));
      ck_assert_str_eq (pt2_error_get_id (error), "PT2-P002");
    }
  g_autoptr (GBytes) json = save (program, PT2_FORM_JSON);
  ck_assert (g_bytes_equal (json, program->bytes));
  ck_assert (pt2_program_check_text (program, NULL));
  ck_assert_ptr_null (pt2_program_get_exported_program (program));
  ck_assert (!pt2_value_is_valid (pt2_program_get_root (program)));
}
END_TEST

START_TEST (other_spelling)
{
  g_autoptr (Pt2Program) program = corpus_program (SMALL_PROGRAM);
  g_autoptr (GBytes) json = save (program, PT2_FORM_JSON);
  gsize len;
  const char *text = g_bytes_get_data (json, &len);
  g_autoptr (GString) changed = g_string_new_len (text, (gssize)len);
  g_string_insert (changed, 1, " ");
  g_autoptr (GBytes) bytes = g_bytes_new (changed->str, changed->len);
  g_autoptr (Pt2Program) spaced = load (bytes, "spaced");
  g_autoptr (GError) error = NULL;
  ck_assert (!pt2_program_check_text (spaced, &error));
  ck_assert_str_eq (pt2_error_get_id (error), "PT2-P001");
  ck_assert_str_eq (pt2_error_get_where (error), "@1");
  ck_assert (pt2_value_equal (pt2_program_get_root (program), pt2_program_get_root (spaced)));
}
END_TEST

/* ---- zstd ---- */

static Pt2ErrorCode
decompress (const void *data, size_t len, const Pt2Limits *limits, GBytes **out)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new (data, len);
  *out = pt2_zstd_decompress (bytes, limits != NULL ? limits : pt2_limits_default (), &error);
  ck_assert ((*out != NULL) == (error == NULL));
  return error != NULL ? (Pt2ErrorCode)error->code : PT2_ERROR_NONE;
}

START_TEST (damaged_frames)
{
  g_autoptr (Pt2Program) program = corpus_program (SMALL_PROGRAM);
  g_autoptr (GBytes) frame = save (program, PT2_FORM_COMPACT_ZST);
  GBytes *out;
  gsize len;
  const guint8 *data = g_bytes_get_data (frame, &len);
  for (gsize cut = 4; cut < len; cut++)
    {
      g_autoptr (GBytes) inflated = NULL;
      ck_assert_int_eq (decompress (data, cut, NULL, &inflated), PT2_ERROR_P005);
    }
  g_autofree guint8 *more = g_malloc (len + 1);
  memcpy (more, data, len);
  more[len] = 0;
  ck_assert_int_eq (decompress (more, len + 1, NULL, &out), PT2_ERROR_P005);
}
END_TEST

/* A frame without its size, as streaming writers make: one raw block each. */
START_TEST (frames_without_size)
{
  static const char frame[] = "\x28\xb5\x2f\xfd\x00\x00\x29\x00\x00hello"; /* window 1 KiB; last block, raw, 5 bytes */
  GBytes *out;
  ck_assert_int_eq (decompress (frame, sizeof frame - 1, NULL, &out), PT2_ERROR_NONE);
  ck_assert_uint_eq (g_bytes_get_size (out), 5);
  ck_assert_int_eq (memcmp (g_bytes_get_data (out, NULL), "hello", 5), 0);
  g_bytes_unref (out);
  ck_assert_int_eq (decompress (frame, sizeof frame - 2, NULL, &out), PT2_ERROR_P005);
  ck_assert_int_eq (decompress (frame, sizeof frame, NULL, &out), PT2_ERROR_P005);
  Pt2Limits limits = *pt2_limits_default ();
  limits.program_size = 4;
  ck_assert_int_eq (decompress (frame, sizeof frame - 1, &limits, &out), PT2_ERROR_L008);
}
END_TEST

START_TEST (limits_of_frames)
{
  g_autofree char *zeros = g_malloc0 (1 << 20);
  g_autoptr (GBytes) plain = g_bytes_new (zeros, 1 << 20);
  g_autoptr (GBytes) frame = pt2_zstd_compress (plain, NULL);
  gsize len;
  const void *data = g_bytes_get_data (frame, &len);
  Pt2Limits limits = *pt2_limits_default ();
  GBytes *out = NULL;
  limits.inflate_ratio = (1 << 20) / len + 1;
  ck_assert_int_eq (decompress (data, len, &limits, &out), PT2_ERROR_NONE);
  g_bytes_unref (out);
  limits.inflate_ratio = (1 << 20) / len / 2;
  ck_assert_int_eq (decompress (data, len, &limits, &out), PT2_ERROR_L007);
  limits.inflate_ratio = 0;
  ck_assert_int_eq (decompress (data, len, &limits, &out), PT2_ERROR_L007);
  limits = *pt2_limits_default ();
  limits.program_size = (1 << 20) - 1;
  ck_assert_int_eq (decompress (data, len, &limits, &out), PT2_ERROR_L008);
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__)
/* The process may take little more than it has: zstd gets no memory to work in. */
START_TEST (compressor_without_memory)
{
  enum
  {
    SIZE = 4 << 20,
  };
  unsigned long pages = 0;
  g_autofree char *data = g_malloc0 (SIZE);
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, SIZE);
  g_autoptr (GError) error = NULL;
  FILE *file = fopen ("/proc/self/statm", "r");
  ck_assert (file != NULL && fscanf (file, "%lu", &pages) == 1);
  fclose (file);
  rlim_t most = (rlim_t)pages * (rlim_t)sysconf (_SC_PAGESIZE) + SIZE + (2 << 20);
  struct rlimit before;
  getrlimit (RLIMIT_AS, &before);
  setrlimit (RLIMIT_AS, &(struct rlimit){ most, before.rlim_max });
  GBytes *out = pt2_zstd_compress (bytes, &error);
  setrlimit (RLIMIT_AS, &before);
  ck_assert_ptr_null (out);
  ck_assert_str_eq (pt2_error_get_id (error), "PT2-P007");
}
END_TEST
#endif

/* ---- limits ---- */

START_TEST (limits_of_programs)
{
  g_autoptr (Pt2Program) program = corpus_program (CONDITIONS);
  for (int form = PT2_FORM_JSON; form <= PT2_FORM_COMPACT_ZST; form++)
    {
      g_autoptr (GBytes) bytes = save (program, (Pt2Form)form);
      static const struct
      {
        const char *key, *value, *id;
      } settings[]
          = { { "program-size", "100", "PT2-L008" }, { "depth", "3", "PT2-L002" }, { "memory", "1000", "PT2-L003" } };
      for (size_t i = 0; i < G_N_ELEMENTS (settings); i++)
        {
          Pt2Limits limits = *pt2_limits_default ();
          g_autoptr (GError) error = NULL;
          ck_assert (pt2_limits_set (&limits, settings[i].key, settings[i].value, NULL));
          ck_assert_ptr_null (pt2_program_new_from_bytes (bytes, &limits, &error));
          ck_assert_msg (strcmp (pt2_error_get_id (error), settings[i].id) == 0, "form %d: %s", form, error->message);
        }
    }
}
END_TEST

/* An input named by very many specs: its shape is not copied for each. */
START_TEST (one_shape_for_many_inputs)
{
  enum
  {
    N = 4000,
  };
  GString *text = g_string_new (
      "{\"schema_version\": {\"major\": 5, \"minor\": 1}, \"graph_module\": {\"graph\": {\"inputs\": [], "
      "\"outputs\": [], \"nodes\": [], \"tensor_values\": {\"x\": {\"dtype\": 7, \"sizes\": [");
  for (int i = 0; i < N; i++)
    g_string_append_printf (text, "%s{\"as_int\": %d}", i > 0 ? ", " : "", i);
  g_string_append (text, "]}}}, \"signature\": {\"output_specs\": [], \"input_specs\": [");
  for (int i = 0; i < N; i++)
    g_string_append_printf (text, "%s{\"user_input\": {\"arg\": {\"as_tensor\": {\"name\": \"x\"}}}}",
                            i > 0 ? ", " : "");
  g_string_append (text, "]}}}");
  g_autoptr (GBytes) bytes = g_string_free_to_bytes (text);
  g_autoptr (Pt2Program) program = load (bytes, "many inputs");
  guint n;
  const Pt2SignatureItem *inputs = pt2_program_get_inputs (program, &n);
  ck_assert_uint_eq (n, N);
  for (guint i = 0; i < n; i++)
    if (inputs[i].n_shape != N || inputs[i].shape != inputs[0].shape || inputs[i].shape[N - 1].value != N - 1)
      ck_abort_msg ("shape of input %u", i);
  ck_assert_str_eq (inputs[0].dtype, "float32");
  ck_assert_uint_lt (pt2_arena_bytes (&pt2_program_signature (program)->arena), 4 << 20);
}
END_TEST

int
main (void)
{
  const TestCase cases[]
      = { { every_form_of_the_corpus, 1 },
          { every_byte_is_explained, 1 },
          { annotate_finds_faults, 1 },
          { nodes_and_operators, 1 },
          { references_and_getters, 1 },
          { what_is_no_program, G_N_ELEMENTS (refusals) },
          { majors_in_compact, 1 },
          { versions_beyond_64_bits, 1 },
          { old_majors_have_no_compact_form, 1 },
          { other_spelling, 1 },
          { damaged_frames, 1 },
          { frames_without_size, 1 },
          { limits_of_frames, 1 },
#if !defined(__SANITIZE_ADDRESS__)
          { compressor_without_memory, 1 },
#endif
          { limits_of_programs, 1 },
          { one_shape_for_many_inputs, 1 },
        };
  return RUN_SUITE ("program", cases);
}
