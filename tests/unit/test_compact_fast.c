/* SPDX-License-Identifier: Apache-2.0 */
/* The generated readers and writers against the interpreter: the same values, bytes and errors from whatever input. */
#include "compact_fast.h"
#include "corpus.h"
#include "json_help.h"
#include "random_document.h"
#include "suite.h"

extern const Pt2Schema every_schema;

typedef struct
{
  Pt2Document document;
  Pt2Status status;
  bool fine;
} Outcome;

static void
read_with (Outcome *outcome, const Pt2StructInfo *info, const Pt2Schema *schema, const char *data, size_t len,
           unsigned flags, uint64_t depth)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = depth;
  outcome->status = (Pt2Status)PT2_STATUS_INIT;
  pt2_document_init (&outcome->document, schema, info, &limits, len);
  outcome->document.compact_flags = flags;
  outcome->fine = pt2_compact_read (&outcome->document, data, len, &limits, &outcome->status);
}

/* Both ways of reading DATA agree. */
static void
check_read (const Pt2StructInfo *info, const Pt2Schema *schema, const char *data, size_t len, unsigned flags,
            uint64_t depth)
{
  Outcome fast, slow;
  read_with (&fast, info, schema, data, len, flags, depth);
  read_with (&slow, info, schema, data, len, flags | PT2_COMPACT_INTERPRET, depth);
  ck_assert_int_eq (fast.status.code, slow.status.code);
  ck_assert_uint_eq (fast.status.offset, slow.status.offset);
  ck_assert_str_eq (fast.status.path, slow.status.path);
  ck_assert_str_eq (fast.status.detail, slow.status.detail);
  ck_assert (fast.fine == slow.fine);
  if (fast.fine)
    {
      ck_assert (same_values (&fast.document, &slow.document));
      ck_assert_uint_eq (fast.document.n_extras[PT2_EXTRA_COMPACT], slow.document.n_extras[PT2_EXTRA_COMPACT]);
      ck_assert_uint_eq (fast.document.n_extras[PT2_EXTRA_JSON], slow.document.n_extras[PT2_EXTRA_JSON]);
    }
  pt2_document_clear (&fast.document);
  pt2_document_clear (&slow.document);
}

/* Both ways of writing DOCUMENT agree; the bytes. */
static GBytes *
check_write (Pt2Document *document)
{
  GBytes *fast = write_bytes (pt2_compact_write, document);
  document->compact_flags |= PT2_COMPACT_INTERPRET;
  g_autoptr (GBytes) slow = write_bytes (pt2_compact_write, document);
  document->compact_flags &= ~(unsigned)PT2_COMPACT_INTERPRET;
  ck_assert (g_bytes_equal (fast, slow));
  return fast;
}

/* DATA cut off everywhere, and with each byte changed to some others; few of them if it is long. */
static void
check_damage (const Pt2StructInfo *info, const Pt2Schema *schema, const char *data, size_t len)
{
  static const unsigned char changes[] = { 0x01, 0x80, 0x10, 0x0f, 0xff, 0x08 };
  g_autofree char *copy = g_memdup2 (data, len);
  size_t step = len / 100 + 1;
  for (size_t i = 0; i < len; i += step)
    {
      check_read (info, schema, data, i, 0, 1000);
      for (size_t j = 0; j < G_N_ELEMENTS (changes); j++)
        {
          copy[i] = (char)(data[i] ^ changes[j]);
          check_read (info, schema, copy, len, 0, 1000);
        }
      copy[i] = data[i];
    }
}

static void
check_document (const Pt2StructInfo *info, const Pt2Schema *schema, const RandomOptions *options, unsigned flags)
{
  Pt2Document document;
  pt2_document_init (&document, schema, info, pt2_limits_default (), 1 << 20);
  random_document (&document, options);
  document.compact_flags = flags;
  g_autoptr (GBytes) bytes = check_write (&document);
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  for (uint64_t depth = 0; depth < 12; depth++)
    check_read (info, schema, data, len, flags, depth);
  check_read (info, schema, data, len, flags, 1000);
  if (options->seed < 2)
    check_damage (info, schema, data, len);
  pt2_document_clear (&document);
}

START_TEST (made_up_documents)
{
  const Pt2Schema *schema = _i % 2 ? &every_schema : &pt2_export_schema;
  unsigned rounds = g_getenv ("PT2_TEST_QUICK") != NULL ? 4 : 12;
  for (unsigned i = 0; i < schema->n_structs; i++)
    for (unsigned seed = 0; seed < rounds; seed++)
      check_document (schema->structs[i], schema, &(RandomOptions){ .seed = seed, .extras = _i >= 2 },
                      seed % 4 == 3 ? PT2_COMPACT_BIG_ENDIAN_DOUBLES : 0);
}
END_TEST

static void
check_program (const char *path, Pt2Program *program, gpointer data)
{
  unsigned *n = data;
  g_autoptr (GBytes) bytes = pt2_program_save (program, PT2_FORM_COMPACT, NULL);
  if (bytes == NULL)
    return; /* an older major */
  ++*n;
  gsize len;
  const char *text = g_bytes_get_data (bytes, &len);
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  check_read (info, &pt2_export_schema, text, len, 0, 1000);
}

START_TEST (real_programs)
{
  unsigned n = 0;
  corpus_foreach (check_program, &n);
  ck_assert_uint_gt (n, 10);
}
END_TEST

/* ---- that the generated ones are what is used ---- */

START_TEST (a_real_program_is_read_straight_through)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/gpt_2l.pt2");
  g_autoptr (GBytes) bytes = pt2_program_save (program, PT2_FORM_COMPACT, NULL);
  gsize len;
  const char *data = g_bytes_get_data (bytes, &len);
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  Pt2Arena arena;
  pt2_arena_init (&arena, UINT64_MAX, len);
  Pt2FastReader reader = { .end = data + len, .arena = &arena };
  Pt2ExportedProgram read;
  ck_assert_ptr_eq (info->read (&reader, data, &read, 100), data + len);
  pt2_key_table_clear (&reader.keys);
  Pt2FastWriter writer = { .flags = 0 };
  char *end = info->write (&writer, NULL, &read);
  ck_assert_ptr_nonnull (end);
  writer.out.next = end;
  g_autoptr (GBytes) again = pt2_buffer_to_bytes (&writer.out);
  ck_assert (g_bytes_equal (bytes, again));
  pt2_arena_clear (&arena);
}
END_TEST

START_TEST (odd_parts_in_every_node)
{
  g_autoptr (Pt2Program) program = corpus_program ("torch-2.15.0/gpt_2l.pt2");
  g_autoptr (GBytes) json = pt2_program_save (program, PT2_FORM_JSON, NULL);
  gsize len;
  const char *text = g_bytes_get_data (json, &len);
  g_autoptr (GString) grown = g_string_new_len (text, (gssize)len);
  g_string_replace (grown, "\"target\": \"torch", "\"later\": 1, \"target\": \"torch", 0);
  g_autoptr (GBytes) odd = g_bytes_new (grown->str, grown->len);
  g_autoptr (Pt2Program) unusual = pt2_program_new_from_bytes (odd, NULL, NULL);
  ck_assert_ptr_nonnull (unusual);
  g_autoptr (GBytes) compact = pt2_program_save (unusual, PT2_FORM_COMPACT, NULL);
  const char *data = g_bytes_get_data (compact, &len);
  const Pt2StructInfo *info = pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
  check_read (info, &pt2_export_schema, data, len, 0, 1000);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = { { made_up_documents, 4 },
                             { real_programs, 1 },
                             { a_real_program_is_read_straight_through, 1 },
                             { odd_parts_in_every_node, 1 } };
  return RUN_SUITE ("compact_fast", cases);
}
