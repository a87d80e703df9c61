/* SPDX-License-Identifier: Apache-2.0 */
/* lib/sym: every expression in the programs of the corpus is printed, in the spelling it came in, with the same bytes.
 */
#define _GNU_SOURCE 1 /* memmem */
#include "archive_cases.h"
#include "pt2-expr.h"
#include "suite.h"
#include <string.h>

typedef struct
{
  guint n_programs, n_srepr, n_infix;
} Seen;

static void
check_expression (const char *text, gsize len, const char *where, Seen *seen)
{
  g_autoptr (Pt2ExprPool) pool = pt2_expr_pool_new (NULL);
  g_autofree char *exact = g_strndup (text, len);
  g_autoptr (GError) error = NULL;
  gboolean srepr = strchr (exact, '\'') != NULL;
  const Pt2Expr *expr = pt2_expr_parse (pool, exact, (gssize)len, &error);
  ck_assert_msg (expr != NULL, "%s: %s: %s", where, exact, error != NULL ? error->message : "");
  g_autofree char *printed = pt2_expr_print (expr, srepr ? PT2_EXPR_SREPR : PT2_EXPR_STR, NULL);
  ck_assert_msg (strcmp (printed, exact) == 0, "%s: %s came back as %s", where, exact, printed);
  /* PyTorch wrote what SymPy had simplified: for us too there is nothing left to do. */
  const Pt2Expr *normal = pt2_expr_normal (pool, expr, &error);
  g_autofree char *written = pt2_expr_print (normal, srepr ? PT2_EXPR_WRITTEN : PT2_EXPR_STR, NULL);
  ck_assert_msg (strcmp (written, exact) == 0, "%s: %s is written as %s", where, exact, written);
  *(srepr ? &seen->n_srepr : &seen->n_infix) += 1;
}

/* The text behind BEFORE, up to the quote that ends it; such texts need no escapes. */
static void
check_all (const char *json, gsize len, const char *before, const char *where, Seen *seen)
{
  const char *p = json, *end = json + len;
  while ((p = memmem (p, (gsize)(end - p), before, strlen (before))) != NULL)
    {
      p += strlen (before);
      const char *close = memchr (p, '"', (gsize)(end - p));
      ck_assert_ptr_nonnull (close);
      check_expression (p, (gsize)(close - p), where, seen);
      p = close;
    }
}

/* The keys of range_constraints, some of which are expressions: each before its least value. */
static void
check_keys (const char *json, gsize len, const char *where, Seen *seen)
{
  static const char behind[] = "\": {\"min_val\"";
  const char *p = json, *end = json + len;
  while ((p = memmem (p, (gsize)(end - p), behind, sizeof behind - 1)) != NULL)
    {
      const char *start = p;
      while (start > json && start[-1] != '"')
        start--;
      check_expression (start, (gsize)(p - start), where, seen);
      p += sizeof behind - 1;
    }
}

static void
check_archive (const char *path, Seen *seen)
{
  g_autoptr (Pt2Archive) archive = pt2_archive_new_from_file (path, NULL, NULL);
  guint n = 0;
  const Pt2Record *records = archive != NULL ? pt2_archive_get_records (archive, &n) : NULL;
  for (guint i = 0; i < n; i++)
    {
      if (!g_str_has_suffix (records[i].name, ".json"))
        continue;
      g_autoptr (GBytes) bytes = pt2_archive_read (archive, records[i].name, NULL);
      if (bytes == NULL)
        continue;
      gsize len;
      const char *json = g_bytes_get_data (bytes, &len);
      check_all (json, len, "\"expr_str\": \"", path, seen);
      check_keys (json, len, path, seen);
      seen->n_programs++;
    }
}

static void
check_folder (const char *path, Seen *seen)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);
      if (g_file_test (inner, G_FILE_TEST_IS_DIR))
        check_folder (inner, seen);
      else if (g_str_has_suffix (name, ".pt2"))
        check_archive (inner, seen);
    }
}

START_TEST (expressions_come_back)
{
  Seen seen = { 0, 0, 0 };
  g_autofree char *path = corpus_path (".");
  check_folder (path, &seen);
  ck_assert_uint_gt (seen.n_programs, 50);
  ck_assert_uint_gt (seen.n_srepr, 100);
  ck_assert_uint_gt (seen.n_infix, 100);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { expressions_come_back, 1 } };
  return RUN_SUITE ("sym_corpus", cases);
}
