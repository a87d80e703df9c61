/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/strip and private_text: what is to go is gone, everything else stays, in every major. */
#include "pt2-strip.h"
#include "corpus.h"
#include "suite.h"

static Pt2Program *
strip (Pt2Program *program, Pt2StripFlags what, Pt2Stripped *stripped)
{
  g_autoptr (GError) error = NULL;
  *stripped = (Pt2Stripped){ { 0 }, { 0 } };
  Pt2Program *result = pt2_program_strip (program, what, NULL, stripped, &error);
  ck_assert_msg (result != NULL, "%s", error != NULL ? error->message : "");
  return result;
}

static char *
json_of (Pt2Program *program)
{
  g_autoptr (GBytes) bytes = pt2_program_save (program, PT2_FORM_JSON, NULL);
  ck_assert_ptr_nonnull (bytes);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* How often KEY stands in TEXT as a key. */
static guint64
count_key (const char *text, const char *key)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\": ", key);
  guint64 n = 0;
  for (const char *at = text; (at = strstr (at, quoted)) != NULL; at++)
    n++;
  return n;
}

static void
strip_one (const char *path, Pt2Program *program, gpointer data)
{
  static const char *const keys[]
      = { "stack_trace", "nn_module_stack", "source_fn_stack", "source_fn", "torch_fn", "from_node" };
  guint *majors = data;
  gint64 major, minor;
  Pt2Stripped stripped, again;
  pt2_program_get_schema_version (program, &major, &minor);
  g_autoptr (Pt2Program) result = strip (program, PT2_STRIP_ALL_DEBUG, &stripped);
  g_autofree char *before = json_of (program), *after = json_of (result);
  ck_assert_msg (count_key (before, "stack_trace") == stripped.count[0], "%s", path);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    ck_assert_msg (count_key (after, keys[i]) == 0, "%s: %s", path, keys[i]);
  ck_assert_uint_eq (count_key (before, "target"), count_key (after, "target"));
  ck_assert_msg (strlen (before) - strlen (after) >= stripped.bytes[0] + stripped.bytes[1] + stripped.bytes[2], "%s",
                 path);
  g_autoptr (Pt2Program) same = strip (result, PT2_STRIP_ALL_DEBUG, &again);
  ck_assert_ptr_eq (same, result);
  majors[major] += stripped.count[0] > 0;
}

START_TEST (nothing_of_it_is_left_in_the_corpus)
{
  guint majors[9] = { 0 };
  corpus_foreach (strip_one, majors);
  ck_assert_uint_gt (majors[8], 10);
  ck_assert_uint_gt (majors[1], 0);
  ck_assert_uint_gt (majors[5], 0);
}
END_TEST

START_TEST (each_kind_alone)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/mlp.pt2");
  g_autofree char *before = json_of (program);
  for (int bit = 0; bit < 3; bit++)
    {
      Pt2Stripped stripped;
      g_autoptr (Pt2Program) result = strip (program, (Pt2StripFlags)(1 << bit), &stripped);
      g_autofree char *after = json_of (result);
      for (int other = 0; other < PT2_STRIP_KINDS; other++)
        ck_assert_uint_eq (stripped.count[other], other == bit ? 4 : 0);
      ck_assert_uint_eq (count_key (after, "stack_trace"), bit == 0 ? 0 : 4);
      ck_assert_uint_eq (count_key (after, "nn_module_stack"), bit == 1 ? 0 : 4);
      ck_assert_uint_eq (count_key (after, "torch_fn"), bit == 2 ? 0 : 4);
      ck_assert_uint_lt (strlen (after), strlen (before));
    }
}
END_TEST

/* What metadata of an old program looks like, in texts that are spelled by somebody else. */
#define OLD_PROGRAM(metadata)                                                                                          \
  "{\"schema_version\": {\"major\": 5, \"minor\": 1}, \"graph_module\": {\"graph\": {\"nodes\": [{\"target\": \"t\", " \
  "\"metadata\": " metadata "}]}}}"

START_TEST (texts_of_old_majors_stay_as_they_are_spelled)
{
  static const struct
  {
    const char *before, *after;
  } cases[] = {
    { OLD_PROGRAM ("{\"stack_trace\": \"a, \\\"b\\\" }\"}"), OLD_PROGRAM ("{}") },
    { OLD_PROGRAM ("{\"stack_trace\": \"\", \"x\": \"1\"}"), OLD_PROGRAM ("{\"x\": \"1\"}") },
    { OLD_PROGRAM ("{\"w\" :1,\"stack_trace\": \"\",\n \"x\":  \"1\"}"), OLD_PROGRAM ("{\"w\" :1,\n \"x\":  \"1\"}") },
    { OLD_PROGRAM ("{\"w\": [1, 2], \"custom\": \"\"}"), OLD_PROGRAM ("{\"w\": [1, 2]}") },
    { OLD_PROGRAM ("{\"st\\u0061ck_trace\": \"\", \"a,b\": \"\", \"torch_fn\": \"\"}"),
      OLD_PROGRAM ("{\"a,b\": \"\"}") },
    { OLD_PROGRAM ("{\"x\": \"stack_trace\"}"), OLD_PROGRAM ("{\"x\": \"stack_trace\"}") },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pt2Stripped stripped;
      g_autoptr (GBytes) bytes = g_bytes_new_static (cases[i].before, strlen (cases[i].before));
      g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, NULL, NULL);
      ck_assert_ptr_nonnull (program);
      g_autoptr (Pt2Program) result = strip (program, PT2_STRIP_ALL_DEBUG, &stripped);
      g_autofree char *after = json_of (result);
      ck_assert_str_eq (after, cases[i].after);
    }
}
END_TEST

/* ---- private texts ---- */

static gboolean
add_found (Pt2PrivateKind kind, gsize offset, gsize len, gpointer data)
{
  gpointer *both = data;
  g_string_append_printf (both[0], "%s=%.*s;", pt2_private_kind_name (kind), (int)len, (const char *)both[1] + offset);
  return TRUE;
}

START_TEST (what_looks_private)
{
  static const struct
  {
    const char *text, *found;
  } cases[] = {
    { "", "" },
    { "  File \"/home"
      "/ann/src/m.py\", line 3, in forward\n",
      "path=/home"
      "/ann/src/m.py;user=ann;" },
    { "File \"rel dir/m.py\", line 1", "path=rel dir/m.py;" },
    { "File \"<eval_with_key>.3\", line 1", "" },
    { "File \\\"/a/b.py\\\", line", "path=/a/b.py;" },
    { "see /tmp/x.log.", "path=/tmp/x.log;" },
    { "at:\\n/var/lib/x", "path=/var/lib/x;" },
    { "a/b c / d 1/2/3 x = /2/3 </a/b> .../c/d and/or", "" },
    { "C:\\Users\\Bob\\m.py, D:/w/x", "path=C:\\Users\\Bob\\m.py;user=Bob;path=D:/w/x;" },
    { "C:\\\\Users\\\\Bob\\\\m.py", "path=C:\\\\Users\\\\Bob\\\\m.py;user=Bob;" },
    { "/Users"
      "/eve/x",
      "path=/Users"
      "/eve/x;user=eve;" },
    { "~/models/a.pt", "path=~/models/a.pt;" },
    { "https://git.corp.example/a/b?x ssh://h", "host=git.corp.example;host=h;" },
    { "file:///srv/data/x", "path=/srv/data/x;" },
    { "mail ann@build-7.corp.example now, q@k, @torch.library", "user=ann;host=build-7.corp.example;" },
    { "torch.ops.aten.add.Tensor L['x'].size()[0] 2*s0//3", "" },
    { "/", "" },
    { "//", "" },
    { "@", "" },
    { "://", "" },
    { "F", "" },
    { "C:\\", "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) found = g_string_new (NULL);
      gpointer both[] = { found, (gpointer)cases[i].text };
      ck_assert (pt2_find_private (cases[i].text, strlen (cases[i].text), add_found, both));
      ck_assert_str_eq (found->str, cases[i].found);
    }
}
END_TEST

static gboolean
stop_at_once (Pt2PrivateKind kind, gsize offset, gsize len, gpointer data)
{
  ++*(guint *)data;
  return FALSE;
}

START_TEST (a_search_can_be_stopped)
{
  guint n = 0;
  ck_assert (!pt2_find_private ("/home"
                                "/a/b /c/d",
                                14, stop_at_once, &n));
  ck_assert_uint_eq (n, 1);
  ck_assert_ptr_null (pt2_private_kind_name ((Pt2PrivateKind)7));
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { nothing_of_it_is_left_in_the_corpus, 1 },
    { each_kind_alone, 1 },
    { texts_of_old_majors_stay_as_they_are_spelled, 1 },
    { what_looks_private, 1 },
    { a_search_can_be_stopped, 1 },
  };
  return RUN_SUITE ("strip", cases);
}
