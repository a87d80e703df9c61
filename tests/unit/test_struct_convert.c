/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/struct_convert: structs of the schema by themselves, checked and turned. */
#include "corpus.h"
#include "pt2-struct.h"
#include "suite.h"

#define TEXT                                                                                                           \
  "{\"library_basename\": \"m.so\", \"input_names\": [\"x\"], \"output_names\": [], "                                  \
  "\"floating_point_input_dtype\": null, \"floating_point_output_dtype\": 6, \"aot_inductor_model_is_cpu\": true}"
#define TYPE "AOTInductorModelPickleData"

static GBytes *
convert (const char *type, GBytes *bytes, Pt2Form from, Pt2Form to, Pt2StructFlags flags)
{
  g_autoptr (GError) error = NULL;
  GBytes *converted = pt2_struct_convert (type, bytes, from, to, flags, NULL, &error);
  ck_assert_msg (converted != NULL, "%s", error != NULL ? error->message : "");
  return converted;
}

static void
expect_refusal (const char *type, GBytes *bytes, Pt2Form from, Pt2Form to, Pt2ErrorCode code)
{
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_struct_convert (type, bytes, from, to, PT2_STRUCT_KNOWN_ONLY, NULL, &error));
  ck_assert_msg (g_error_matches (error, PT2_ERROR, (int)code), "%s", error->message);
}

START_TEST (both_ways)
{
  g_autoptr (GBytes) text = g_bytes_new_static (TEXT, strlen (TEXT));
  g_autoptr (GBytes) compact = convert (TYPE, text, PT2_FORM_JSON, PT2_FORM_COMPACT, PT2_STRUCT_KNOWN_ONLY);
  g_autoptr (GBytes) same = convert (TYPE, compact, PT2_FORM_COMPACT, PT2_FORM_COMPACT, PT2_STRUCT_KNOWN_ONLY);
  g_autoptr (GBytes) back = convert (TYPE, compact, PT2_FORM_COMPACT, PT2_FORM_JSON, PT2_STRUCT_KNOWN_ONLY);
  ck_assert (g_bytes_equal (compact, same));
  ck_assert (g_bytes_equal (text, back));
}
END_TEST

START_TEST (unknown_parts_are_kept_or_refused)
{
  static const char grown[] = "{\"config\": {}, \"later\": [1]}";
  g_autoptr (GBytes) text = g_bytes_new_static (grown, strlen (grown));
  g_autoptr (GBytes) compact = convert ("PayloadConfig", text, PT2_FORM_JSON, PT2_FORM_COMPACT, PT2_STRUCT_ANY);
  g_autoptr (GBytes) back = convert ("PayloadConfig", compact, PT2_FORM_COMPACT, PT2_FORM_JSON, PT2_STRUCT_ANY);
  ck_assert (g_bytes_equal (text, back));
  expect_refusal ("PayloadConfig", compact, PT2_FORM_COMPACT, PT2_FORM_JSON, PT2_ERROR_T016);
  expect_refusal ("PayloadConfig", text, PT2_FORM_JSON, PT2_FORM_JSON, PT2_ERROR_T016);
}
END_TEST

START_TEST (wrong_questions)
{
  g_autoptr (GBytes) text = g_bytes_new_static (TEXT, strlen (TEXT));
  expect_refusal ("No\033Such", text, PT2_FORM_JSON, PT2_FORM_JSON, PT2_ERROR_T018);
  expect_refusal ("", text, PT2_FORM_JSON, PT2_FORM_JSON, PT2_ERROR_T018);
  expect_refusal (TYPE, text, PT2_FORM_JSON, PT2_FORM_COMPACT_ZST, PT2_ERROR_U007);
  expect_refusal (TYPE, text, PT2_FORM_COMPACT_ZST, PT2_FORM_JSON, PT2_ERROR_U007);
  for (gsize len = 0; len < g_bytes_get_size (text); len++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (text, 0, len);
      g_autoptr (GError) error = NULL;
      ck_assert_ptr_null (
          pt2_struct_convert (TYPE, cut, PT2_FORM_JSON, PT2_FORM_COMPACT, PT2_STRUCT_ANY, NULL, &error));
      ck_assert (error->domain == PT2_ERROR);
    }
}
END_TEST

static void
as_structs (const char *path, Pt2Program *program, gpointer data)
{
  if (pt2_program_get_exported_program (program) == NULL)
    return;
  g_autoptr (GBytes) compact = pt2_program_save (program, PT2_FORM_COMPACT, NULL);
  g_autoptr (GBytes) text = pt2_program_save (program, PT2_FORM_JSON, NULL);
  g_autoptr (GBytes) made = convert ("ExportedProgram", compact, PT2_FORM_COMPACT, PT2_FORM_JSON, PT2_STRUCT_ANY);
  ck_assert_msg (g_bytes_equal (text, made), "%s", path);
}

START_TEST (programs_of_the_corpus)
{
  ck_assert_uint_gt (corpus_foreach (as_structs, NULL), 10);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { both_ways, 1 }, { unknown_parts_are_kept_or_refused, 1 }, { wrong_questions, 1 }, { programs_of_the_corpus, 1 }
  };
  return RUN_SUITE ("struct_convert", cases);
}
