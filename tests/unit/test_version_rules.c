/* SPDX-License-Identifier: Apache-2.0 */
/* lib/program/version_rules: each rule on both sides of it, on real programs; without rules all are read. */
#include "corpus.h"
#include "pt2-program.h"
#include "suite.h"
#include <stdio.h>
#include <string.h>

#define TODAY "torch-2.15.0/mlp.pt2"    /* schema 8.20, 2.15.0+cu132 */
#define OLDER "torch-2.6.0/mlp.pt2"     /* 8.2, 2.6.0 */
#define SILENT "torch-2.3.1/mlp.pt2"    /* 5.1, and no version of PyTorch */
#define NIGHTLY "executorch/linear.pt2" /* 8.12, 2.9.0a0+fb */

typedef struct
{
  const char *path, *key, *value;
  const char *id; /* NULL: it is read */
} Rule;

static const Rule rules[] = {
  { TODAY, "schema-most", "8.20", NULL },
  { TODAY, "schema-most", "8.19", "PT2-L013" },
  { TODAY, "schema-most", "8", NULL },
  { TODAY, "schema-least", "8.20", NULL },
  { TODAY, "schema-least", "8.21", "PT2-L013" },
  { OLDER, "schema-least", "8.3", "PT2-L013" },
  { SILENT, "schema-least", "8", "PT2-L013" },
  { SILENT, "schema-most", "5.1", NULL },
  { SILENT, "schema-most", "5.0", "PT2-L013" },
  { TODAY, "torch-least", "2.15", NULL },
  { TODAY, "torch-least", "2.15.1", "PT2-L014" },
  { TODAY, "torch-most", "2.15", NULL },
  { TODAY, "torch-most", "2.14", "PT2-L014" },
  { OLDER, "torch-most", "2.6", NULL },
  { SILENT, "torch-most", "3", "PT2-L014" },
  { SILENT, "torch-most", "any", NULL },
  { NIGHTLY, "torch-most", "2.9", NULL },
  { NIGHTLY, "torch-least", "2.9.1", "PT2-L014" },
  { TODAY, "opset-most", "10", NULL },
  { TODAY, "opset-most", "9", "PT2-L015" },
  { SILENT, "opset-most", "9", "PT2-L015" },
  { TODAY, "unknown-parts", "0", NULL },
};

static Pt2Limits
with_rule (const char *key, const char *value)
{
  Pt2Limits limits = *pt2_limits_default ();
  ck_assert (pt2_limits_set (&limits, key, value, NULL));
  return limits;
}

START_TEST (one_rule)
{
  const Rule *rule = &rules[_i];
  const Pt2Limits limits = with_rule (rule->key, rule->value);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), rule->path, NULL);
  g_autoptr (Pt2Program) program = pt2_program_new_from_file (path, NULL, &limits, &error);
  if (rule->id == NULL)
    ck_assert_msg (program != NULL, "%s, %s=%s: %s", rule->path, rule->key, rule->value,
                   error != NULL ? error->message : "");
  else
    ck_assert_msg (program == NULL && strcmp (pt2_error_get_id (error), rule->id) == 0, "%s, %s=%s", rule->path,
                   rule->key, rule->value);
}
END_TEST

/* A program of today with two keys that nobody knows, in both forms, and one with another operator set. */
START_TEST (made_ones)
{
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), TODAY, NULL);
  g_autoptr (Pt2Program) real = pt2_program_new_from_file (path, NULL, NULL, NULL);
  g_autoptr (GBytes) json = pt2_program_save (real, PT2_FORM_JSON, NULL);
  g_autofree char *text = g_strndup (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  static const struct
  {
    const char *from, *to, *key, *fine, *refused, *id;
  } cases[] = {
    { "{\"graph_module\"", "{\"new_one\": 1, \"new_two\": {}, \"graph_module\"", "unknown-parts", "2", "1",
      "PT2-L016" },
    { "{\"aten\": 10}", "{\"aten\": 10, \"other\": 1}", "opset-most", "any", "10", "PT2-L015" },
    { "\"minor\": 20", "\"minor\": 21", "schema-most", "8.21", "8.20", "PT2-L013" },
    { "\"torch_version\": \"", "\"torch_version\": \"v", "torch-least", "any", "1", "PT2-L014" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) parts = g_strsplit (text, cases[i].from, 2);
      ck_assert_msg (g_strv_length (parts) == 2, "%s", cases[i].from);
      char *changed = g_strconcat (parts[0], cases[i].to, parts[1], NULL);
      g_autoptr (GBytes) bytes = g_bytes_new_take (changed, strlen (changed));
      const Pt2Limits fine = with_rule (cases[i].key, cases[i].fine),
                      strict = with_rule (cases[i].key, cases[i].refused);
      g_autoptr (GError) error = NULL;
      g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, &fine, &error);
      ck_assert_msg (program != NULL, "%s: %s", cases[i].to, error != NULL ? error->message : "");
      g_autoptr (GBytes) compact = pt2_program_save (program, PT2_FORM_COMPACT, NULL);
      g_autoptr (GError) first = NULL, second = NULL;
      ck_assert_ptr_null (pt2_program_new_from_bytes (bytes, &strict, &first));
      ck_assert_ptr_null (pt2_program_new_from_bytes (compact, &strict, &second));
      ck_assert_str_eq (pt2_error_get_id (first), cases[i].id);
      ck_assert_str_eq (pt2_error_get_id (second), cases[i].id);
    }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { one_rule, G_N_ELEMENTS (rules) }, { made_ones, 1 } };
  return RUN_SUITE ("version_rules", cases);
}
