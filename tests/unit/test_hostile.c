/* SPDX-License-Identifier: Apache-2.0 */
/* Programs cut at every byte and with every single byte changed, in both encodings: an error, or a sound program that
 * can be written and read again; never more memory than its bytes account for.
 */
#include "corpus.h"
#include "suite.h"

#define PROGRAM "torch-2.15.0/custom_op.pt2"

enum
{
  MEMORY_FACTOR = 128, /* lib/codec/document.c */
};
#define MEMORY_CONSTANT ((guint64)2 << 20)

static GBytes *
program_bytes (Pt2Form form)
{
  g_autoptr (Pt2Program) program = corpus_program (PROGRAM);
  return pt2_program_save (program, form, NULL);
}

/* What came out of a sound program must be sound, and the same. */
static void
check_written (Pt2Program *program, Pt2Form form, const char *what)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = pt2_program_save (program, form, &error);
  if (bytes == NULL)
    {
      /* Unknown compact fields, and texts that are not UTF-8, have no JSON. */
      if (form != PT2_FORM_JSON || (error->code != PT2_ERROR_J015 && error->code != PT2_ERROR_J017))
        ck_abort_msg ("%s: not written: %s", what, error->message);
      return;
    }
  g_autoptr (Pt2Program) again = pt2_program_new_from_bytes (bytes, NULL, &error);
  if (again == NULL)
    ck_abort_msg ("%s: what was written as form %d is refused: %s", what, form, error->message);
  g_autoptr (GBytes) bytes_again = pt2_program_save (again, form, NULL);
  if (bytes_again == NULL || !g_bytes_equal (bytes, bytes_again)
      || pt2_program_count_unknown (program) != pt2_program_count_unknown (again))
    ck_abort_msg ("%s: another program came back from form %d", what, form);
  /* JSON says the default of a field that was missing. */
  if (form == PT2_FORM_COMPACT && !pt2_value_equal (pt2_program_get_root (program), pt2_program_get_root (again)))
    ck_abort_msg ("%s: other values came back", what);
}

/* Counts what loaded. */
static void
try_bytes (const char *data, gsize len, Pt2Form form, const char *what, unsigned *loaded)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, len);
  g_autoptr (GError) error = NULL;
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, NULL, &error);
  if ((program != NULL) == (error != NULL))
    ck_abort_msg ("%s: neither or both of a program and an error", what);
  if (program == NULL)
    return;
  ++*loaded;
  if (pt2_program_get_memory (program) > len * MEMORY_FACTOR + MEMORY_CONSTANT)
    ck_abort_msg ("%s: takes %" G_GUINT64_FORMAT " bytes", what, pt2_program_get_memory (program));
  if (pt2_program_get_exported_program (program) == NULL)
    return;
  guint n;
  pt2_program_get_inputs (program, &n);
  g_free (pt2_program_count_operators (program, &n));
  check_written (program, form, what);
}

START_TEST (cut_at_every_byte)
{
  g_autoptr (GBytes) whole = program_bytes ((Pt2Form)_i);
  gsize len;
  const char *data = g_bytes_get_data (whole, &len);
  unsigned loaded = 0;
  for (gsize cut = 0; cut < len; cut++)
    {
      char what[64];
      g_snprintf (what, sizeof what, "form %d, cut at %zu", _i, cut);
      /* A copy of its own, so that a read past the end is seen. */
      g_autofree char *part = g_memdup2 (data, cut);
      try_bytes (part, cut, (Pt2Form)_i, what, &loaded);
    }
  ck_assert_uint_eq (loaded, 0);
}
END_TEST

/* Every byte to every other value; PT2_TEST_QUICK: to its neighbours and to those that mean something. */
static bool
worth_trying (unsigned char was, unsigned now, bool quick)
{
  static const char telling[] = "\x00\x01\x0c\x1c\x7f\x80\xff\"\\{}[],:0";
  if (now == was)
    return false;
  return !quick || (now ^ was) == 1 || (now ^ was) == 0x80 || memchr (telling, (int)now, sizeof telling - 1) != NULL;
}

/* Every eighth byte, in turns: under sanitizers all of them take minutes. */
enum
{
  SHARES = 8,
};

START_TEST (every_byte_changed)
{
  const Pt2Form form = (Pt2Form)(_i / SHARES);
  g_autoptr (GBytes) whole = program_bytes (form);
  gsize len;
  const char *data = g_bytes_get_data (whole, &len);
  g_autofree char *changed = g_memdup2 (data, len);
  bool quick = g_getenv ("PT2_TEST_QUICK") != NULL;
  unsigned loaded = 0, tried = 0;
  for (gsize at = (gsize)(_i % SHARES); at < len; at += SHARES)
    {
      for (unsigned now = 0; now < 256; now++)
        {
          char what[64];
          if (!worth_trying ((unsigned char)data[at], now, quick))
            continue;
          changed[at] = (char)now;
          g_snprintf (what, sizeof what, "form %d, byte %zu to %u", (int)form, at, now);
          try_bytes (changed, len, form, what, &loaded);
          tried++;
        }
      changed[at] = data[at];
    }
  /* Most changes fall into texts and numbers, which may be anything. */
  ck_assert_uint_gt (loaded, tried / 10);
  ck_assert_uint_lt (loaded, tried);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { cut_at_every_byte, 2 }, { every_byte_changed, 2 * SHARES } };
  return RUN_SUITE ("hostile", cases);
}
