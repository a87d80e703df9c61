/* SPDX-License-Identifier: Apache-2.0 */
/* lib/exchange, ids: how ids are spelled, worked out, remembered and looked for. */
#include "exchange_help.h"
#include "ids.h"

static const uint8_t count_up[32] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,  14,  15,
                                      16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 200, 201, 255 };

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1cc8c9ff"

START_TEST (test_text)
{
  char text[PT2_ID_TEXT];
  Pt2Id id;
  pt2_id_write (count_up, text);
  ck_assert_str_eq (text, "pt2h1:" DIGITS);
  ck_assert (pt2_id_read (text, &id) && !id.of_file);
  ck_assert_mem_eq (id.digest, count_up, 32);
  ck_assert (pt2_id_read ("sha256:" DIGITS, &id) && id.of_file);
  ck_assert_mem_eq (id.digest, count_up, 32);
}
END_TEST

START_TEST (test_no_ids)
{
  static const char *const texts[] = {
    "",
    "pt2h1:",
    "sha256:",
    DIGITS,
    "pt2h2:" DIGITS,
    "PT2H1:" DIGITS,
    "sha256:" DIGITS "0",
    "pt2h1:" DIGITS " ",
    "pt2h1: " DIGITS,
    "sha256:g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1cc8c9ff",
    "mlp.pt2",
  };
  Pt2Id id;
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    ck_assert_msg (!pt2_id_read (texts[i], &id), "%s", texts[i]);
}
END_TEST

static void
expect_digest (const Place *place, Pt2Item *item, Pt2IdEffort effort, const char *hex)
{
  Pt2Id want;
  uint8_t digest[32];
  g_autofree char *text = g_strconcat ("sha256:", hex, NULL);
  ck_assert (pt2_id_read (text, &want));
  ck_assert (pt2_item_id (place->shelf, item, NULL, effort, NULL, digest, NULL));
  ck_assert_mem_eq (digest, want.digest, 32);
}

/* NIST's own examples of SHA-256. */
#define OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

START_TEST (test_of_files)
{
  Place place = place_new (1 << 20);
  put_file (&place, "abc", "abc", 3);
  {
    uint8_t digest[32];
    g_autoptr (Pt2Item) item = need_item (&place, "abc");
    ck_assert_ptr_nonnull (item->fault); /* it has an id all the same */
    ck_assert (!pt2_item_id (place.shelf, item, NULL, PT2_ID_KNOWN, NULL, digest, NULL));
    expect_digest (&place, item, PT2_ID_CHEAP, OF_ABC);
    expect_digest (&place, item, PT2_ID_KNOWN, OF_ABC);
  }
  put_file (&place, "abc", "", 0); /* another file of that name has another id */
  g_autoptr (Pt2Item) empty = need_item (&place, "abc");
  expect_digest (&place, empty, PT2_ID_ALWAYS, OF_NOTHING);
  place_clear (&place);
}
END_TEST

/* What nobody waits for is not worked out, and not taken for something that cannot be had. */
START_TEST (test_cancelled)
{
  Place place = place_new (1 << 20);
  put_file (&place, "abc", "abc", 3);
  g_autoptr (Pt2Item) item = need_item (&place, "abc");
  g_autoptr (GError) error = NULL;
  uint8_t digest[32];
  gint over = 1;
  ck_assert (!pt2_item_id (place.shelf, item, NULL, PT2_ID_ALWAYS, &over, digest, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_X007));
  expect_digest (&place, item, PT2_ID_CHEAP, OF_ABC);
  place_clear (&place);
}
END_TEST

START_TEST (test_content_ids)
{
  Place place = place_new (64 << 20);
  put_sample (&place, "several.pt2", "torch-2.15.0/multi_program.pt2");
  put_sample (&place, "mlp.pt2", "torch-2.15.0/mlp.pt2");
  g_autoptr (Pt2Item) several = need_item (&place, "several.pt2");
  ck_assert_uint_eq (several->n_models, 3);
  for (guint i = 0; i < several->n_models; i++)
    {
      char text[PT2_ID_TEXT];
      uint8_t digest[32];
      Pt2ShelfModel *model;
      ck_assert (pt2_item_id (place.shelf, several, &several->models[i], PT2_ID_CHEAP, NULL, digest, NULL));
      pt2_id_write (digest, text);
      g_autoptr (Pt2Item) found = pt2_shelf_open_model (place.shelf, text, &model, NULL);
      ck_assert_ptr_nonnull (found);
      ck_assert_ptr_nonnull (model);
      ck_assert_str_eq (found->name, "several.pt2");
      ck_assert_str_eq (model->name, several->models[i].name);
    }
  Pt2ShelfModel *model;
  g_autoptr (GError) error = NULL;
  ck_assert_ptr_null (pt2_shelf_open_model (place.shelf, "pt2h1:" DIGITS, &model, &error));
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_X010));
  place_clear (&place);
}
END_TEST

/* An id finds the file under whatever name it has now, and no file that took its name. */
START_TEST (test_found_after_renaming)
{
  Place place = place_new (1 << 20);
  g_autofree char *one = g_build_filename (place.folder, "one", NULL),
                  *two = g_build_filename (place.folder, "two", NULL);
  put_file (&place, "one", "abc", 3);
  g_autoptr (Pt2Item) first = pt2_shelf_open (place.shelf, "sha256:" OF_ABC, NULL);
  ck_assert_ptr_nonnull (first);
  ck_assert_int_eq (g_rename (one, two), 0);
  put_file (&place, "one", "abd", 3);
  g_autoptr (Pt2Item) second = pt2_shelf_open (place.shelf, "sha256:" OF_ABC, NULL);
  ck_assert_ptr_nonnull (second);
  ck_assert_str_eq (second->name, "two");
  ck_assert_int_eq (g_remove (two), 0);
  ck_assert_ptr_null (pt2_shelf_open (place.shelf, "sha256:" OF_ABC, NULL));
  place_clear (&place);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { test_text, 1 },      { test_no_ids, 1 },      { test_of_files, 1 },
    { test_cancelled, 1 }, { test_content_ids, 1 }, { test_found_after_renaming, 1 },
  };
  return RUN_SUITE ("exchange_ids", cases);
}
