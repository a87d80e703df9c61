/* SPDX-License-Identifier: Apache-2.0 */
/* lib/pickle on what is damaged or hostile: each fault has its id, and no byte of a pickle can be cut off or changed
 * so that reading or listing it does harm.
 */
#include "pickle_cases.h"
#include "suite.h"

typedef struct
{
  const char *id;
  const char *data;
  size_t len;
} Fault;

#define FAULT(id, text)                                                                                                \
  {                                                                                                                    \
    id, text, sizeof (text) - 1                                                                                        \
  }
#define VIEW(offset, sizes, strides) PROTO2 REBUILD_V2 "(" FLOATS ("K\6") offset sizes strides "\x89" ORDERED "tR."

static const Fault faults[] = {
  /* no pickle of these protocols */
  FAULT ("PT2-K001", ""),
  FAULT ("PT2-I001", "(I1\n."),
  FAULT ("PT2-I001", "\x80\1N."),
  FAULT ("PT2-I001", "\x80\6N."),
  FAULT ("PT2-I001", PROTO2 "\x80\x09N."),
  /* cut off */
  FAULT ("PT2-I002", PROTO2),
  FAULT ("PT2-I002", PROTO2 "J\1\1"),
  FAULT ("PT2-I002", PROTO2 "cos\nsystem"),
  FAULT ("PT2-I002", PROTO2 "N"),
  /* opcodes and lengths */
  FAULT ("PT2-I003", PROTO2 "\xff."),
  FAULT ("PT2-I004", PROTO2 "X\xff\xff\xff\xff"
                            "a."),
  FAULT ("PT2-I004", PROTO2 "T\xff\xff\xff\xff"
                            "a."),
  FAULT ("PT2-I004", PROTO2 "\x8b\xff\xff\xff\x7f"
                            "a."),
  FAULT ("PT2-I004", PROTO2 "\x8b\0\0\0\x80"
                            "a."),
  FAULT ("PT2-I004", PROTO4 "\x8e\xff\xff\xff\xff\xff\xff\xff\xff"
                            "a."),
  FAULT ("PT2-I004", PROTO4 "\x95\xff\xff\xff\xff\xff\xff\xff\x7fN."),
  /* the stack */
  FAULT ("PT2-I005", PROTO2 "."),
  FAULT ("PT2-I005", PROTO2 "0."),
  FAULT ("PT2-I005", PROTO2 "(."),
  FAULT ("PT2-I005", PROTO2 "t."),
  FAULT ("PT2-I005", PROTO2 "K\1(R."),
  FAULT ("PT2-I005", PROTO2 "((1."),
  FAULT ("PT2-I005", PROTO2 "}(K\1u."),
  FAULT ("PT2-I005", PROTO2 "(K\1d."),
  FAULT ("PT2-I005", PROTO2 "(o."),
  FAULT ("PT2-I005", PROTO2 "K\1\x86."),
  FAULT ("PT2-I005", PROTO2 "a."),
  /* kinds */
  FAULT ("PT2-I006", PROTO2 "K\1K\2a."),
  FAULT ("PT2-I006", PROTO2 ")K\2a."),
  FAULT ("PT2-I006", PROTO2 "]K\1K\2s."),
  FAULT ("PT2-I006", PROTO2 "K\1)R."),
  FAULT ("PT2-I006", PROTO2 "cos\nsystem\nK\1R."),
  FAULT ("PT2-I006", PROTO2 "]}b."),
  FAULT ("PT2-I006", PROTO2 "cm\nC\n)\x81}b}b."),
  FAULT ("PT2-I006", PROTO4 "K\1K\2\x93."),
  FAULT ("PT2-I006", PROTO4 "cm\nC\n))\x92."),
  FAULT ("PT2-I006", PROTO4 "(\x91(K\1\x90."),
  /* the memo */
  FAULT ("PT2-I007", PROTO2 "h\0."),
  FAULT ("PT2-I007", PROTO2 "Nq\1h\0."),
  FAULT ("PT2-I007", PROTO2 "j\xff\xff\xff\xff."),
  FAULT ("PT2-I007", PROTO2 "g-1\n."),
  FAULT ("PT2-I008", PROTO2 "Nr\xff\xff\xff\x7f."),
  FAULT ("PT2-I008", PROTO2 "Np99999999999\n."),
  /* texts and numbers */
  FAULT ("PT2-I009", PROTO2 "X\1\0\0\0\xff."),
  FAULT ("PT2-I009", PROTO2 "X\3\0\0\0\xed\xa0z."),
  FAULT ("PT2-I009", PROTO2 "V\\u12\n."),
  FAULT ("PT2-I009", PROTO2 "V\\U00110000\n."),
  FAULT ("PT2-I009", PROTO2 "S'\\x1'\n."),
  FAULT ("PT2-I009", PROTO2 "S'\\'\n."),
  FAULT ("PT2-I009", PROTO2 "Sa\n."),
  FAULT ("PT2-I009", PROTO2 "c\xff\nx\n."),
  FAULT ("PT2-I009", PROTO2 "P\xff\n."),
  FAULT ("PT2-I010", PROTO2 "I1x\n."),
  FAULT ("PT2-I010", PROTO2 "I\n."),
  FAULT ("PT2-I010", PROTO2 "L99999999999999999999L\n."),
  FAULT ("PT2-I010", PROTO2 "F1.5.5\n."),
  FAULT ("PT2-I011", "\x80\5\x97."),
  FAULT ("PT2-I011", "\x80\5\x97\x98."),
  FAULT ("PT2-I012", PROTO2 "N.x"),
  FAULT ("PT2-I012", PROTO2 "N." PROTO2 "N."),
  /* keys */
  FAULT ("PT2-I013", PROTO2 "}(U\1aK\1U\1aK\2u."),
  FAULT ("PT2-I013", PROTO2 "}(X\1\0\0\0aK\1X\1\0\0\0aK\2u."),
  FAULT ("PT2-I013", PROTO2 "}K\7NsM\7\0Ns."),
  /* storages */
  FAULT ("PT2-I014", PROTO2 "(U\7storagetQ."),
  FAULT ("PT2-I014", PROTO2 STORAGE ("os\nsystem", "0", "K\1") "."),
  FAULT ("PT2-I014", PROTO2 FLOATS ("J\xff\xff\xff\xff") "."),
  FAULT ("PT2-I014", PROTO2 FLOATS ("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f") "."),
  FAULT ("PT2-I014", PROTO2 FLOATS ("U\1x") "."),
  FAULT ("PT2-I014", PROTO2 "(U\7storagectorch\nFloatStorage\nK\0U\3cpuK\1tQ."),
  FAULT ("PT2-I014", PROTO2 "(U\7storagectorch\nFloatStorage\nU\1"
                            "0U\3cpuK\1(U\1vK\0K\1ttQ."),
  FAULT ("PT2-I015", PROTO2 "(" FLOATS ("K\1") FLOATS ("K\2") "t."),
  FAULT ("PT2-I015", PROTO2 "(" FLOATS ("K\1") STORAGE ("torch\nIntStorage", "0", "K\1") "t."),
  /* views: offset, size, stride, too far, and what overflows */
  FAULT ("PT2-I016", VIEW ("J\xff\xff\xff\xff", "K\1\x85", "K\1\x85")),
  FAULT ("PT2-I016", VIEW ("K\0", "J\xff\xff\xff\xff\x85", "K\1\x85")),
  FAULT ("PT2-I016", VIEW ("K\0", "K\1\x85", "J\xff\xff\xff\xff\x85")),
  FAULT ("PT2-I016", VIEW ("K\0", "K\7\x85", "K\1\x85")),
  FAULT ("PT2-I016", VIEW ("K\1", "K\6\x85", "K\1\x85")),
  FAULT ("PT2-I016", VIEW ("K\6", ")", ")")),
  FAULT ("PT2-I016", VIEW ("K\0", "K\2K\2\x86", "K\1\x85")),
  FAULT ("PT2-I016", VIEW ("K\0", "K\2\x85", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85")),
  FAULT ("PT2-I016", VIEW ("K\0", "K\5\x85", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85")),
  FAULT ("PT2-I016", VIEW ("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", "K\1\x85", "K\1\x85")),
  FAULT ("PT2-I016", VIEW ("K\0", "J\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x87", "K\0K\0K\0\x87")),
  FAULT ("PT2-I016",
         PROTO2 "ctorch._utils\n_rebuild_meta_tensor_no_storage\n(ctorch\nint8\nK\2\x85J\xff\xff\xff\xff\x85\x89tR."),
  /* two elements in a byte: four fit in two bytes, five do not */
  FAULT ("PT2-I016",
         PROTO2 REBUILD_V2 "(" STORAGE ("torch\nQUInt4x2Storage", "0", "K\2") "K\0K\5\x85K\1\x85\x89" ORDERED "tR."),
  /* arguments */
  FAULT ("PT2-I020", PROTO2 REBUILD_V2 ")R."),
  FAULT ("PT2-I020", PROTO2 REBUILD_V2 "(K\1K\0))\x89" ORDERED "tR."),
  FAULT ("PT2-I020", PROTO2 REBUILD_V2 "(" FLOATS ("K\6") "K\0K\1K\1\x89" ORDERED "tR."),
  FAULT ("PT2-I020", PROTO2 REBUILD_V2 "(" FLOATS ("K\6") "K\0))\x89" ORDERED "NNtR."),
  FAULT ("PT2-I020", PROTO2 REBUILD_V2 "(" FLOATS ("K\6") "K\0))\x89" ORDERED "K\1tR."),
  FAULT ("PT2-I020", PROTO2 REBUILD_V3 "(" FLOATS ("K\6") "K\0))\x89" ORDERED "NtR."),
  FAULT ("PT2-I020", PROTO2 "ctorch._utils\n_rebuild_parameter\n(N\x88" ORDERED "tR."),
  FAULT ("PT2-I020", PROTO2 "ctorch._utils\n_rebuild_sparse_tensor\n(ctorch\nsparse_coo\n)tR."),
  FAULT ("PT2-I020", PROTO2 "ctorch.serialization\n_get_layout\nX\1\0\0\0x\x85R."),
  FAULT ("PT2-I020", PROTO2 "ctorch.serialization\n_get_layout\nX\x13\0\0\0torch.channels_last\x85R."),
  FAULT ("PT2-I020", PROTO2 "c_codecs\nencode\nX\3\0\0\0\xe2\x82\xacX\6\0\0\0latin1\x86R."),
  FAULT ("PT2-I020", PROTO2 "c_codecs\nencode\nX\1\0\0\0aX\3\0\0\0rot\x86R."),
  FAULT ("PT2-I020", PROTO2 "ccollections\nOrderedDict\n](K\1\x85"
                            "e\x85R."),
  FAULT ("PT2-I020", PROTO2 "ctorch\nSize\nX\1\0\0\0a\x85\x85R."),
  FAULT ("PT2-I020", PROTO2 "cbuiltins\ncomplex\nNN\x86R."),
  /* the stream */
  FAULT ("PT2-I001", PROTO2 "\x8a\nl\xfc\x9c"
                            "F\xf9 j\xa8P\x19."),
  FAULT ("PT2-I021", PROTO2 "\x8a\nl\xfc\x9c"
                            "F\xf9 j\xa8P\x19." PROTO2 "K\1."),
  FAULT ("PT2-I021", PROTO2 "\x8a\nl\xfc\x9c"
                            "F\xf9 j\xa8P\x19." PROTO2 "M\xe9\3." PROTO2 "}." PROTO2 "N." PROTO2 "N."),
  FAULT ("PT2-I021", PROTO2 "\x8a\nl\xfc\x9c"
                            "F\xf9 j\xa8P\x19." PROTO2 "M\xe9\3." PROTO2 "}." PROTO2 "N." PROTO2 "]U\1"
                            "0a."),
  FAULT ("PT2-I017", PROTO2 "\x8a\nl\xfc\x9c"
                            "F\xf9 j\xa8P\x19." PROTO2 "M\xe9\3." PROTO2 "}." PROTO2 FLOATS ("K\1") "." PROTO2 "]."),
};

START_TEST (each_fault_has_its_id)
{
  const Fault *fault = &faults[_i];
  g_autofree char *what = g_strdup_printf ("case %d", _i);
  expect_bad (pickle_bytes (fault->data, fault->len), fault->id, what);
}
END_TEST

/* ---- bombs ---- */

static GBytes *
repeated (const char *head, const char *middle, guint n, const char *tail)
{
  g_autoptr (GString) text = g_string_new_len (PROTO2, 2);
  g_string_append (text, head);
  for (guint i = 0; i < n; i++)
    g_string_append (text, middle);
  g_string_append (text, tail);
  return pickle_bytes (text->str, text->len);
}

START_TEST (nesting_has_a_limit)
{
  g_autoptr (Pt2Pickle) good = good_pickle (repeated ("N", "\x85", 999, "."));
  ck_assert_ptr_nonnull (good);
  expect_bad (repeated ("N", "\x85", 1000, "."), "PT2-L002", "1001 levels");
  expect_bad (repeated ("N", "\x85", 300000, "."), "PT2-L002", "many levels");
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = G_MAXUINT64;
  GError *error = NULL;
  g_autoptr (GBytes) deep = repeated ("N", "\x85", 5000, ".");
  ck_assert_ptr_null (pt2_pickle_new_from_bytes (deep, &limits, &error));
  expect_id (error, "PT2-L002", "more than any setting allows");
}
END_TEST

START_TEST (marks_cost_a_byte_each)
{
  expect_bad (repeated ("", "(", 1000000, "."), "PT2-I005", "marks only");
  g_autoptr (Pt2Pickle) good = good_pickle (repeated ("", "(", 1000, "Nt."));
  ck_assert_uint_eq (pt2_pickle_get_value (good)->items.n, 1);
}
END_TEST

START_TEST (memory_has_a_limit)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.memory = 100000;
  GError *error = NULL;
  g_autoptr (GBytes) many = repeated ("(", "]", 100000, "t.");
  ck_assert_ptr_null (pt2_pickle_new_from_bytes (many, &limits, &error));
  expect_id (error, "PT2-L003", "many lists");
}
END_TEST

START_TEST (a_long_value_is_not_worked_on_again_and_again)
{
  static const struct
  {
    const char *item, *close, *use;
  } cases[] = {
    /* a list of 100,000, a set of it 100,000 times */
    { "K\1", "l", "0cbuiltins\nset\ng0\n\x85R" },
    { "K\1", "t", "0ctorch\nSize\ng0\n\x85R" },
    { "K\1K\2", "d", "0ccollections\nOrderedDict\ng0\n\x85R" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) head = g_string_new ("(");
      for (int k = 0; k < 100000; k++)
        g_string_append (head, cases[i].item);
      g_string_append (head, cases[i].close);
      g_string_append (head, "p0\n");
      expect_bad (repeated (head->str, cases[i].use, 100000, "."), "PT2-I022", cases[i].use);
    }
}
END_TEST

START_TEST (a_long_text_is_not_worked_on_again_and_again)
{
  static const char *const uses[] = { "}g0\nNs", "g0\ng0\n\x93", "c_codecs\nencode\ng0\n\x85R",
                                      "(U\7storagectorch\nByteStorage\ng0\nU\3cpuI0\ntQ" };
  for (size_t i = 0; i < G_N_ELEMENTS (uses); i++)
    {
      g_autoptr (GString) head = g_string_new ("V");
      for (int k = 0; k < 4000; k++)
        g_string_append (head, "x");
      g_string_append (head, "\np0\n");
      GError *error = NULL;
      GBytes *bytes = repeated (head->str, uses[i], 20000, ".");
      g_autoptr (Pt2Pickle) pickle = read_pickle (bytes, &error);
      ck_assert_ptr_null (pickle);
      /* encode() refuses a text without a codec at once, and no storage is as large as it says */
      ck_assert_msg (strcmp (pt2_error_get_id (error), i == 2 ? "PT2-I020" : "PT2-I022") == 0, "%s: %s", uses[i],
                     error->message);
      g_error_free (error);
    }
}
END_TEST

START_TEST (calls_do_not_nest_in_calls)
{
  /* _rebuild_from_type_v2 of _rebuild_from_type_v2 of …: opaque, not recursion */
  g_autoptr (Pt2Pickle) pickle
      = good_pickle (repeated ("ctorch._tensor\n_rebuild_from_type_v2\np0\n(g0\ng0\n(g0\ng0\n)Nt", "N", 0, "NtR."));
  ck_assert_int_eq (pt2_pickle_get_value (pickle)->kind, PT2_PICKLE_OPAQUE);
}
END_TEST

/* ---- the zip around it ---- */

static const char one_tensor[] = PROTO2 REBUILD_V2 "(" FLOATS ("K\2") "K\0K\2\x85K\1\x85\x89" ORDERED "tR.";

START_TEST (storages_are_held_against_their_records)
{
  static const struct
  {
    const char *key;
    size_t len;
    const char *id;
  } cases[] = {
    { "archive/data/0", 8, NULL },
    { "archive/data/0", 7, "PT2-I017" },
    { "archive/data/0", 9, "PT2-I017" },
    { "archive/data/1", 8, "PT2-I017" },
    { "archive/constants.pkl", 8, "PT2-K014" },
    { NULL, 0, "PT2-I017" },
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GBytes *bytes = saved (one_tensor, sizeof one_tensor - 1, cases[i].key, cases[i].len, ZIP_TORCH);
      if (cases[i].id != NULL)
        expect_bad (bytes, cases[i].id, cases[i].id);
      else
        pt2_pickle_unref (good_pickle (bytes));
    }
}
END_TEST

START_TEST (a_zip_of_something_else)
{
  ZipBuilder zip;
  zip_begin (&zip);
  zip_add (&zip, "a/readme", "text", ZIP_TORCH);
  zip_finish (&zip, ZIP_WIDE);
  expect_bad (zip_take (&zip), "PT2-I021", "no pickle in it");
  GBytes *bad = saved ("garbage", 7, NULL, 0, ZIP_TORCH);
  GError *error = NULL;
  ck_assert_ptr_null (pt2_pickle_list (bad, NULL, NULL, NULL, NULL, &error));
  ck_assert (strstr (pt2_error_get_where (error), "archive/data.pkl") != NULL);
  expect_id (error, "PT2-I001", "no pickle");
  g_bytes_unref (bad);
}
END_TEST

START_TEST (a_changed_storage_is_seen_when_it_is_read)
{
  g_autoptr (GBytes) bytes = saved (one_tensor, sizeof one_tensor - 1, "archive/data/0", 8, ZIP_TORCH);
  g_autoptr (Pt2Pickle) good = good_pickle (g_bytes_ref (bytes));
  gsize len, at = pt2_pickle_get_storages (good, NULL)[0]->offset;
  g_autofree char *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  len = g_bytes_get_size (bytes);
  copy[at] ^= 1;
  g_autoptr (Pt2Pickle) pickle = good_pickle (pickle_bytes (copy, len));
  GError *error = NULL;
  ck_assert_ptr_null (pt2_pickle_read_storage (pickle, pt2_pickle_get_storages (pickle, NULL)[0], &error));
  expect_id (error, "PT2-Z017", "changed");
}
END_TEST

/* ---- every byte ---- */

/* Files of the corpus, small, that between them have most opcodes and all forms. */
static const char *const files[]
    = { "burn-simple_legacy.pt", "burn-int8.pt", "burn-parameter.pt", "pitloom-example-model.pt" };

static char *
corpus_file (const char *name, gsize *len)
{
  char *data = NULL;
  g_autofree char *path = g_build_filename (g_getenv ("PT2_CORPUS"), "torch-save", name, NULL);
  ck_assert_msg (g_file_get_contents (path, &data, len, NULL), "%s", path);
  return data;
}

static void
ignore (const Pt2PickleOpcode *opcode, gpointer data)
{
  ck_assert_ptr_nonnull (opcode->name);
}

/* Reads and lists; what comes must be whole or an error. */
static bool
survives (const void *data, gsize len)
{
  GError *error = NULL, *other = NULL, *fault = NULL;
  g_autoptr (GBytes) bytes = pickle_bytes (data, len);
  g_autoptr (Pt2Pickle) pickle = pt2_pickle_new_from_bytes (bytes, NULL, &error);
  g_autoptr (Pt2Pickle) listing = pt2_pickle_list (bytes, NULL, ignore, NULL, &fault, &other);
  ck_assert ((pickle == NULL) == (error != NULL));
  ck_assert ((listing == NULL) == (other != NULL));
  ck_assert (pickle == NULL || (listing != NULL && fault == NULL));
  if (pickle != NULL)
    {
      guint n;
      const Pt2PickleStorage *const *storages = pt2_pickle_get_storages (pickle, &n);
      for (guint i = 0; i < n; i++)
        {
          g_autoptr (GBytes) read = storages[i]->present ? pt2_pickle_read_storage (pickle, storages[i], NULL) : NULL;
          ck_assert (read == NULL || g_bytes_get_size (read) == storages[i]->bytes);
        }
    }
  g_clear_error (&error);
  g_clear_error (&other);
  g_clear_error (&fault);
  return pickle != NULL;
}

START_TEST (cut_anywhere)
{
  gsize len;
  g_autofree char *data = corpus_file (files[_i], &len);
  ck_assert (survives (data, len));
  for (gsize n = 0; n < len; n++)
    ck_assert_msg (!survives (data, n), "%s cut to %zu bytes is whole", files[_i], n);
}
END_TEST

START_TEST (changed_anywhere)
{
  static const guchar changes[] = { 0x01, 0x80, 0xff, 0x2e, 0x52 };
  gsize len;
  g_autofree char *data = corpus_file (files[_i], &len);
  gsize n = g_getenv ("PT2_TEST_QUICK") != NULL ? 2 : G_N_ELEMENTS (changes);
  for (gsize at = 0; at < len; at++)
    for (gsize i = 0; i < n; i++)
      {
        data[at] ^= (char)changes[i];
        survives (data, len);
        data[at] ^= (char)changes[i];
      }
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { each_fault_has_its_id, G_N_ELEMENTS (faults) },
    { nesting_has_a_limit, 1 },
    { marks_cost_a_byte_each, 1 },
    { memory_has_a_limit, 1 },
    { a_long_value_is_not_worked_on_again_and_again, 1 },
    { a_long_text_is_not_worked_on_again_and_again, 1 },
    { calls_do_not_nest_in_calls, 1 },
    { storages_are_held_against_their_records, 1 },
    { a_zip_of_something_else, 1 },
    { a_changed_storage_is_seen_when_it_is_read, 1 },
    { cut_anywhere, G_N_ELEMENTS (files) },
    { changed_anywhere, G_N_ELEMENTS (files) },
  };
  return RUN_SUITE ("pickle_faults", cases);
}
