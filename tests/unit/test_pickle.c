/* SPDX-License-Identifier: Apache-2.0 */
/* lib/pickle: values, tensors, storages, the three forms, and the listing. What PyTorch says of real files is in
 * tests/pickle; what is wrong with a pickle is in test_pickle_faults.c.
 */
#include "pickle_cases.h"
#include "suite.h"

START_TEST (nothing_is_called)
{
  g_autoptr (Pt2Pickle) pickle
      = good_pickle (PICKLE (PROTO2 "(cos\nsystem\nX\x08\0\0\0echo hi\nq\0\x85Rq\1X\4\0\0\0restt."));
  const Pt2PickleValue *value = pt2_pickle_get_value (pickle);
  ck_assert_uint_eq (value->items.n, 2);
  const Pt2PickleValue *made = value->items.at[0];
  ck_assert_int_eq (made->kind, PT2_PICKLE_OPAQUE);
  ck_assert_str_eq (made->opaque->callable->global->name, "os.system");
  ck_assert (!made->opaque->callable->global->built);
  ck_assert_uint_eq (made->opaque->callable->global->called, 1);
  ck_assert_int_eq (memcmp (made->opaque->arguments->items.at[0]->text.data, "echo hi\n", 8), 0);
  ck_assert_int_eq (value->items.at[1]->kind, PT2_PICKLE_TEXT);
}
END_TEST

START_TEST (opaque_values_keep_everything)
{
  /* list subclass with items, dict subclass with entries, a state, and a method of the result that is called */
  g_autoptr (Pt2Pickle) pickle = good_pickle (PICKLE (
      PROTO2
      "cm\nBag\n)\x81(K\1K\2eX\1\0\0\0kK\3s}X\1\0\0\0aK\4sbq\0c__builtin__\ngetattr\nh\0X\1\0\0\0x\x86R)R\x86."));
  const Pt2PickleValue *pair = pt2_pickle_get_value (pickle);
  const Pt2PickleOpaque *bag = pair->items.at[0]->opaque;
  ck_assert_str_eq (bag->callable->global->name, "m.Bag");
  ck_assert_uint_eq (bag->items.n, 2);
  ck_assert_uint_eq (bag->pairs.n, 2);
  ck_assert_int_eq (pt2_pickle_lookup (pair->items.at[0]->state, "a")->integer, 4);
  ck_assert_uint_eq (bag->callable->global->given_state, 1);
  ck_assert_uint_eq (bag->callable->global->filled, 2);
  const Pt2PickleOpaque *called = pair->items.at[1]->opaque;
  ck_assert_int_eq (called->callable->kind, PT2_PICKLE_OPAQUE);
  ck_assert_str_eq (called->callable->opaque->callable->global->name, "__builtin__.getattr");
  ck_assert_ptr_eq (called->callable->opaque->arguments->items.at[0], pair->items.at[0]);
  guint n;
  const Pt2PickleGlobal *const *globals = pt2_pickle_get_globals (pickle, &n);
  ck_assert_uint_eq (n, 2);
  ck_assert_uint_eq (globals[1]->called, 2);
}
END_TEST

START_TEST (keywords_extensions_and_persistent_ids_are_opaque)
{
  g_autoptr (Pt2Pickle) pickle
      = good_pickle (PICKLE (PROTO4 "(cm\nC\n)}\x8c\1kK\1s\x92\x82\x05)R\x8c\3pidQPline\n(cm\nD\nK\1o(K\2im\nE\nt."));
  const Pt2PickleValue *value = pt2_pickle_get_value (pickle);
  ck_assert_uint_eq (value->items.n, 6);
  for (guint i = 0; i < 6; i++)
    ck_assert_int_eq (value->items.at[i]->kind, PT2_PICKLE_OPAQUE);
  ck_assert_int_eq (pt2_pickle_lookup (value->items.at[0]->opaque->keywords, "k")->integer, 1);
  ck_assert_str_eq (value->items.at[1]->opaque->callable->global->name, "copyreg._inverted_registry[5]");
  ck_assert_ptr_null (value->items.at[2]->opaque->callable);
  ck_assert_int_eq (value->items.at[3]->opaque->arguments->kind, PT2_PICKLE_TEXT);
  ck_assert_str_eq (value->items.at[4]->opaque->callable->global->name, "m.D");
  ck_assert_int_eq (value->items.at[5]->opaque->arguments->items.at[0]->integer, 2);
}
END_TEST

START_TEST (old_spellings)
{
  g_autoptr (Pt2Pickle) pickle = good_pickle (
      PICKLE (PROTO2 "(I01\nI-7\nL12L\nF1.5\nS'a\\x41\\n\\101\\''\nVa\\u20ac\xe4\\\\u\n(K\1l(K\1K\2dK\7p9\n0g9\n2t."));
  const Pt2PickleItems *items = &pt2_pickle_get_value (pickle)->items;
  ck_assert_uint_eq (items->n, 10);
  ck_assert (items->at[0]->kind == PT2_PICKLE_BOOL && items->at[0]->boolean);
  ck_assert_int_eq (items->at[1]->integer, -7);
  ck_assert_int_eq (items->at[2]->integer, 12);
  ck_assert (items->at[3]->number == 1.5);
  ck_assert (items->at[4]->text.len == 5 && memcmp (items->at[4]->text.data, "aA\nA'", 5) == 0);
  ck_assert (items->at[5]->text.len == 9 && memcmp (items->at[5]->text.data, "a€ä\\\\u", 9) == 0);
  ck_assert_int_eq (items->at[6]->kind, PT2_PICKLE_LIST);
  ck_assert_int_eq (items->at[7]->kind, PT2_PICKLE_DICT);
  ck_assert_ptr_eq (items->at[8], items->at[9]);
}
END_TEST

START_TEST (surrogates_may_stand_alone)
{
  g_autoptr (Pt2Pickle) pickle = good_pickle (PICKLE (PROTO2 "X\5\0\0\0a\xed\xa0\x80z."));
  ck_assert_uint_eq (pt2_pickle_get_value (pickle)->text.len, 5);
}
END_TEST

START_TEST (long_numbers)
{
  g_autoptr (Pt2Pickle) pickle = good_pickle (PICKLE (
      PROTO2
      "(\x8a\0\x8a\1\xff\x8a\x0a\x01\0\0\0\0\0\0\0\0\0\x8a\x09\0\0\0\0\0\0\0\x80\xff\x8a\x09\0\0\0\0\0\0\0\x80\0t."));
  const Pt2PickleItems *items = &pt2_pickle_get_value (pickle)->items;
  ck_assert_int_eq (items->at[0]->integer, 0);
  ck_assert_int_eq (items->at[1]->integer, -1);
  ck_assert_int_eq (items->at[2]->integer, 1);
  ck_assert (items->at[3]->kind == PT2_PICKLE_INTEGER && items->at[3]->integer == INT64_MIN);
  ck_assert (items->at[4]->kind == PT2_PICKLE_BIG_INTEGER && items->at[4]->text.len == 9);
}
END_TEST

START_TEST (memo_entries_are_counted_as_python_does)
{
  /* PUT at 9 leaves a gap; MEMOIZE then takes 1, and the second 2 */
  g_autoptr (Pt2Pickle) pickle = good_pickle (PICKLE (PROTO4 "(K\1K\2K\3K\4K\5q\x09K\6\x94K\7\x94h\1h\2h\x09t."));
  const Pt2PickleItems *items = &pt2_pickle_get_value (pickle)->items;
  ck_assert_int_eq (items->at[7]->integer, 6);
  ck_assert_int_eq (items->at[8]->integer, 7);
  ck_assert_int_eq (items->at[9]->integer, 5);
}
END_TEST

START_TEST (a_dotted_name_is_another_global)
{
  /* Python finds a.b of torch by attributes; only the function in its own module is on the list */
  g_autoptr (Pt2Pickle) pickle = good_pickle (PICKLE (PROTO4 "(ccollections\nOrderedDict\n)R\x8c\0\x8c\x17"
                                                             "collections.OrderedDict\x93"
                                                             "ctorch._utils\n_rebuild\n"
                                                             "ctorch\n_utils._rebuild\nctorch\n_utils._rebuild\nt."));
  guint n;
  const Pt2PickleGlobal *const *globals = pt2_pickle_get_globals (pickle, &n);
  ck_assert_uint_eq (n, 4);
  ck_assert (globals[0]->built && !globals[1]->built);
  ck_assert_str_eq (globals[2]->name, globals[3]->name);
  ck_assert_uint_eq (globals[3]->imported, 2);
}
END_TEST

/* ---- what contains itself ---- */

static void
count (const Pt2PickleValue *value, gpointer data)
{
  ++*(guint *)data;
}

START_TEST (cycles_are_kept_and_told)
{
  GError *error = NULL;
  guint n = 0;
  g_autoptr (Pt2Pickle) pickle = good_pickle (PICKLE (PROTO2 "]q\0(h\0}q\1(K\1h\0K\2h\1ue."));
  const Pt2PickleValue *list = pt2_pickle_get_value (pickle);
  ck_assert_ptr_eq (list->items.at[0], list);
  ck_assert (pt2_pickle_foreach (pickle, NULL, count, &n, NULL));
  ck_assert_uint_eq (n, 4);
  ck_assert (!pt2_pickle_check_tree (pickle, NULL, &error));
  expect_id (error, "PT2-I018", "a list in itself");
  ck_assert (pt2_pickle_check_tree (pickle, list->items.at[1]->items.at[0], NULL));
}
END_TEST

START_TEST (much_sharing_is_told)
{
  /* Each list holds the one before twice: 2^60 values if written out. */
  GError *error = NULL;
  g_autoptr (GString) text = g_string_new_len (PROTO2 "]q\0", 5);
  for (int i = 0; i < 60; i++)
    g_string_append_len (text, (char[]){ '0', ']', '(', 'h', (char)i, 'h', (char)i, 'e', 'q', (char)(i + 1) }, 10);
  g_string_append_c (text, '.');
  guint n = 0;
  g_autoptr (Pt2Pickle) pickle = good_pickle (pickle_bytes (text->str, text->len));
  ck_assert (pt2_pickle_foreach (pickle, NULL, count, &n, NULL));
  ck_assert_uint_eq (n, 61);
  ck_assert (!pt2_pickle_check_tree (pickle, NULL, &error));
  expect_id (error, "PT2-I019", "sharing");
}
END_TEST

/* ---- tensors ---- */

static const char two_views[]
    = PROTO2 "(" REBUILD_V2 "(" FLOATS ("K\6") "q\1K\0K\2K\3\x86K\3K\1\x86\x89" ORDERED "tR" REBUILD_V2
                                               "(h\1K\1K\2\x85K\4\x85\x88" ORDERED "tRt.";

static void
check_views (Pt2Pickle *pickle)
{
  const Pt2PickleItems *items = &pt2_pickle_get_value (pickle)->items;
  const Pt2PickleTensor *a = items->at[0]->tensor, *b = items->at[1]->tensor;
  guint n;
  const Pt2PickleStorage *const *storages = pt2_pickle_get_storages (pickle, &n);
  ck_assert_uint_eq (n, 1);
  ck_assert_ptr_eq (a->storage, storages[0]);
  ck_assert_ptr_eq (b->storage, storages[0]);
  ck_assert_str_eq (a->dtype->name, "float32");
  ck_assert_uint_eq (a->numel, 6);
  ck_assert_int_eq (a->strides[0], 3);
  ck_assert (!a->requires_grad && b->requires_grad);
  ck_assert_int_eq (b->storage_offset, 1);
  ck_assert_int_eq (b->strides[0], 4);
  ck_assert_uint_eq (storages[0]->bytes, 24);
}

START_TEST (tensors_share_a_storage_in_a_zip)
{
  static const int styles[] = { ZIP_PLAIN, ZIP_TORCH, ZIP_DEFLATE };
  for (size_t i = 0; i < G_N_ELEMENTS (styles); i++)
    {
      GBytes *bytes = saved (two_views, sizeof two_views - 1, "archive/data/0", 24, styles[i]);
      const char *data = g_bytes_get_data (bytes, NULL);
      g_bytes_ref (bytes);
      g_autoptr (Pt2Pickle) pickle = good_pickle (bytes);
      check_views (pickle);
      const Pt2PickleStorage *storage = pt2_pickle_get_storages (pickle, NULL)[0];
      g_autoptr (GBytes) read = pt2_pickle_read_storage (pickle, storage, NULL);
      ck_assert_uint_eq (g_bytes_get_size (read), 24);
      ck_assert_int_eq (((const char *)g_bytes_get_data (read, NULL))[7], 8);
      bool deflated = styles[i] == ZIP_DEFLATE;
      ck_assert (deflated == (storage->offset == PT2_PICKLE_NO_PLACE));
      if (!deflated)
        ck_assert_ptr_eq (g_bytes_get_data (read, NULL), data + storage->offset);
      ck_assert_int_eq (pt2_pickle_get_form (pickle), PT2_PICKLE_FORM_ZIP);
      ck_assert_str_eq (pt2_pickle_get_record (pickle), "archive/data.pkl");
      g_bytes_unref (bytes);
    }
}
END_TEST

START_TEST (a_bare_pickle_has_no_bytes)
{
  GError *error = NULL;
  g_autoptr (Pt2Pickle) pickle = good_pickle (PICKLE (two_views));
  check_views (pickle);
  const Pt2PickleStorage *storage = pt2_pickle_get_storages (pickle, NULL)[0];
  ck_assert (!storage->present);
  ck_assert_ptr_null (pt2_pickle_read_storage (pickle, storage, &error));
  expect_id (error, "PT2-I017", "a bare pickle");
}
END_TEST

START_TEST (big_endian_is_noted)
{
  static const char none[] = PROTO2 "N.";
  static const char *const orders[] = { "little", "big", "middle", "lit" };
  for (size_t i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      ZipBuilder zip;
      zip_begin (&zip);
      zip_add_len (&zip, "a/data.pkl", 10, none, sizeof none - 1, ZIP_TORCH);
      zip_add (&zip, "a/byteorder", orders[i], ZIP_TORCH);
      zip_finish (&zip, ZIP_WIDE);
      if (i > 1)
        {
          expect_bad (zip_take (&zip), "PT2-R006", orders[i]);
          continue;
        }
      g_autoptr (Pt2Pickle) pickle = good_pickle (zip_take (&zip));
      ck_assert_str_eq (pt2_pickle_get_byteorder (pickle), orders[i]);
    }
}
END_TEST

START_TEST (tensors_that_are_described)
{
#define ENCODED(text) "c_codecs\nencode\nX\2\0\0\0" text "X\6\0\0\0latin1\x86R"
  g_autoptr (Pt2Pickle) pickle = good_pickle (PICKLE (
      PROTO2 "(ctorch._utils\n_rebuild_meta_tensor_no_storage\n(ctorch\nint8\nK\2\x85K\1\x85\x89tR"
             "ctorch._export.serde.serialize\n_reconstruct_fake_tensor\n" ENCODED (
                 "{}") "\x88\x86R"
                       "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_wrapper_subclass\ncm\nSub\n"
                       "(cm\nSub\nctorch\nfloat8_e5m2\nK\2\x85K\1\x85K\0"
                       "ctorch.serialization\n_get_layout\nX\x0d\0\0\0torch.strided\x85R"
                       "ctorch\ndevice\nX\4\0\0\0cudaK\1\x86R\x89t}tR"
                       "ctorch._utils\n_rebuild_device_tensor_from_numpy\n(cnumpy\narray\n)"
                       "Rctorch\nint8\nX\3\0\0\0xla\x89tRt."));
  const Pt2PickleItems *items = &pt2_pickle_get_value (pickle)->items;
  const Pt2PickleTensor *meta = items->at[0]->tensor, *fake = items->at[1]->tensor, *wrapper = items->at[2]->tensor,
                        *converted = items->at[3]->tensor;
  ck_assert (meta->form == PT2_PICKLE_TENSOR_META && meta->storage == NULL && meta->sizes[0] == 2);
  ck_assert (fake->form == PT2_PICKLE_TENSOR_FAKE && fake->is_parameter && fake->parts->text.len == 2);
  ck_assert (wrapper->form == PT2_PICKLE_TENSOR_WRAPPER && strcmp (wrapper->dtype->name, "float8_e5m2") == 0);
  ck_assert_str_eq (wrapper->subclass->name, "m.Sub");
  ck_assert_int_eq (items->at[2]->state->kind, PT2_PICKLE_DICT);
  ck_assert (converted->form == PT2_PICKLE_TENSOR_CONVERTED
             && converted->parts->items.at[0]->kind == PT2_PICKLE_OPAQUE);
}
END_TEST

/* ---- the listing ---- */

typedef struct
{
  guint n, imports, calls;
  GString *seen;
} Heard;

static void
hear (const Pt2PickleOpcode *opcode, gpointer data)
{
  Heard *heard = data;
  heard->n++;
  heard->imports += opcode->deed == PT2_PICKLE_DEED_IMPORT;
  heard->calls += opcode->deed == PT2_PICKLE_DEED_CALL;
  g_string_append_printf (heard->seen, "%" G_GUINT64_FORMAT " %s", opcode->offset, opcode->name);
  if (opcode->argument[0] != '\0')
    g_string_append_printf (heard->seen, " %s", opcode->argument);
  if (opcode->global != NULL)
    g_string_append_printf (heard->seen, " <%s>", opcode->global->name);
  g_string_append_c (heard->seen, '\n');
}

/* Lists BYTES (taken) and says what was heard; ID: of the fault, or NULL. (transfer full) */
static char *
listed (GBytes *bytes, const char *id)
{
  GError *fault = NULL, *error = NULL;
  Heard heard = { .seen = g_string_new (NULL) };
  g_autoptr (Pt2Pickle) pickle = pt2_pickle_list (bytes, NULL, hear, &heard, &fault, &error);
  g_bytes_unref (bytes);
  ck_assert_msg (pickle != NULL && error == NULL, "%s", error != NULL ? error->message : "");
  ck_assert_ptr_null (pt2_pickle_get_value (pickle));
  if (id != NULL)
    expect_id (fault, id, heard.seen->str);
  else
    ck_assert_msg (fault == NULL, "%s", fault != NULL ? fault->message : "");
  return g_string_free (heard.seen, FALSE);
}

START_TEST (the_listing_names_what_runs)
{
  g_autofree char *seen = listed (
      PICKLE (PROTO4 "\x95\x1c\0\0\0\0\0\0\0\x8c\5posix\x94\x8c\6system\x94\x93\x94\x8c\4\x1b[0m\x85R."), NULL);
  ck_assert_str_eq (seen, "0 PROTO 4\n2 FRAME 28\n11 SHORT_BINUNICODE posix\n18 MEMOIZE\n19 SHORT_BINUNICODE system\n"
                          "27 MEMOIZE\n28 STACK_GLOBAL <posix.system>\n29 MEMOIZE\n30 SHORT_BINUNICODE \\x1b[0m\n"
                          "36 TUPLE1\n37 REDUCE <posix.system>\n38 STOP\n");
}
END_TEST

START_TEST (the_listing_goes_on_behind_a_fault)
{
  /* The stack is empty at R; Python would stop there, but may be patched to go on. */
  g_autofree char *seen = listed (PICKLE (PROTO2 "R(ios\nsystem\ncnt\nremove\n."), "PT2-I005");
  ck_assert_str_eq (seen, "0 PROTO 2\n2 REDUCE\n3 MARK\n4 INST os system <os.system>\n15 GLOBAL nt remove <nt.remove>\n"
                          "26 STOP\n");
  g_autofree char *two = listed (PICKLE (PROTO2 "N." PROTO2 "cos\nsystem\n."), "PT2-I012");
  ck_assert (g_str_has_suffix (two, "4 PROTO 2\n6 GLOBAL os system <os.system>\n17 STOP\n"));
  g_autofree char *cut = listed (PICKLE (PROTO2 "cos\nsystem\n\xff"), "PT2-I003");
  ck_assert (g_str_has_suffix (cut, "<os.system>\n"));
}
END_TEST

START_TEST (arguments_are_shown)
{
  g_autofree char *seen = listed (
      PICKLE (PROTO2 "(J\xfe\xff\xff\xffM\1\1G?\xb9\x99\x99\x99\x99\x99\x9a\x8a\2\xff\xff\x8a\x09\1\2\3\4\5\6\7\x08\x09"
                     "U\3a\xe2\x80T\2\0\0\0\"\\j\xff\0\0\0t."),
      "PT2-I007");
  ck_assert_str_eq (seen, "0 PROTO 2\n2 MARK\n3 BININT -2\n8 BININT2 257\n11 BINFLOAT 0.1\n20 LONG1 -1\n"
                          "24 LONG1 9 bytes, lowest first: 010203040506070809\n35 SHORT_BINSTRING a\\xe2\\x80\n"
                          "40 BINSTRING \\\"\\\\\n47 LONG_BINGET 255\n52 TUPLE\n53 STOP\n");
}
END_TEST

START_TEST (long_arguments_are_cut)
{
  static const struct
  {
    const char *head;
    size_t head_len;
  } cases[] = { { PROTO2 "X\0\x10\0\0", 7 }, { PROTO2 "\x8b\0\x10\0\0", 7 } };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) text = g_byte_array_new ();
      g_byte_array_append (text, (const guint8 *)cases[i].head, (guint)cases[i].head_len);
      for (int k = 0; k < 4096; k++)
        g_byte_array_append (text, (const guint8 *)"a", 1);
      g_byte_array_append (text, (const guint8 *)".", 1);
      g_autofree char *seen = listed (pickle_bytes (text->data, text->len), NULL);
      ck_assert (strstr (seen, "…\n") != NULL);
      ck_assert_uint_lt (strlen (seen), 600);
    }
}
END_TEST

START_TEST (streams_are_listed_up_to_their_storages)
{
  g_autofree char *seen
      = listed (PICKLE (PROTO2 "\x8a\nl\xfc\x9c"
                               "F\xf9 j\xa8P\x19." PROTO2 "M\xe9\3." PROTO2 "}." PROTO2 "N." PROTO2 "]."
                               "\1\2\3"),
                NULL);
  ck_assert (g_str_has_suffix (seen, "STOP\n") && strstr (seen, "EMPTY_LIST") != NULL);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { nothing_is_called, 1 },
    { opaque_values_keep_everything, 1 },
    { keywords_extensions_and_persistent_ids_are_opaque, 1 },
    { old_spellings, 1 },
    { surrogates_may_stand_alone, 1 },
    { long_numbers, 1 },
    { memo_entries_are_counted_as_python_does, 1 },
    { a_dotted_name_is_another_global, 1 },
    { cycles_are_kept_and_told, 1 },
    { much_sharing_is_told, 1 },
    { tensors_share_a_storage_in_a_zip, 1 },
    { a_bare_pickle_has_no_bytes, 1 },
    { big_endian_is_noted, 1 },
    { tensors_that_are_described, 1 },
    { the_listing_names_what_runs, 1 },
    { the_listing_goes_on_behind_a_fault, 1 },
    { arguments_are_shown, 1 },
    { long_arguments_are_cut, 1 },
    { streams_are_listed_up_to_their_storages, 1 },
  };
  return RUN_SUITE ("pickle", cases);
}
