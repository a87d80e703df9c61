/* SPDX-License-Identifier: Apache-2.0 */
/* lib/exchange, shelf and items: which files are seen, which file a name is, what is kept of it. */
#include "exchange_help.h"
#include "item.h"
#include <unistd.h>

START_TEST (test_names)
{
  static const char *const good[] = { "a", "_", "7", "a.b", "A-1_+.pt2", "x..", "a.pt2c" };
  static const char *const bad[]
      = { "", ".", "..", ".hidden", "-dash", "+plus", "a/b", "a b", "a\nb", "a\\b", "\xc3\xa4", "a:b", "a\x7f" };
  g_autofree char *longest = g_strnfill (200, 'n'), *longer = g_strnfill (201, 'n');
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    ck_assert_msg (pt2_shelf_name_is_good (good[i]), "%s", good[i]);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    ck_assert_msg (!pt2_shelf_name_is_good (bad[i]), "%s", bad[i]);
  ck_assert (pt2_shelf_name_is_good (longest));
  ck_assert (!pt2_shelf_name_is_good (longer));
}
END_TEST

static void
expect_not_there (const Place *place, const char *name)
{
  g_autoptr (GError) error = NULL;
  ck_assert_msg (pt2_shelf_open (place->shelf, name, &error) == NULL, "%s", name);
  ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_X010));
}

START_TEST (test_what_is_seen)
{
  Place place = place_new (1 << 20);
  static const char *const unseen[]
      = { ".hidden", "folder", "folder/inside", "link", "pipe", "../etc", "/etc/passwd", "", ".", "..", "none", "./b" };
  g_autofree char *folder = g_build_filename (place.folder, "folder", NULL);
  g_autofree char *link = g_build_filename (place.folder, "link", NULL);
  put_file (&place, "b", "2", 1);
  put_file (&place, "a", "1", 1);
  put_file (&place, ".hidden", "3", 1);
  put_file (&place, "bad\xff", "4", 1);
  ck_assert_int_eq (g_mkdir (folder, 0700), 0);
  put_file (&place, "folder/inside", "5", 1);
  ck_assert_int_eq (symlink ("/etc/passwd", link), 0);
  g_autofree char *pipe = g_build_filename (place.folder, "pipe", NULL);
  ck_assert_int_eq (mkfifo (pipe, 0600), 0); /* opening it must not wait for a writer */
  g_autoptr (GPtrArray) names = pt2_shelf_names (place.shelf, NULL);
  ck_assert_uint_eq (names->len, 2);
  ck_assert_str_eq (names->pdata[0], "a");
  ck_assert_str_eq (names->pdata[1], "b");
  for (guint i = 0; i < G_N_ELEMENTS (unseen); i++)
    expect_not_there (&place, unseen[i]);
  place_clear (&place);
}
END_TEST

START_TEST (test_folder_must_be_one)
{
  Place place = place_new (0);
  g_autofree char *file = g_build_filename (place.folder, "file", NULL);
  put_file (&place, "file", "", 0);
  const char *const paths[] = { file, "/no/such/folder", "" };
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;
      ck_assert_ptr_null (pt2_shelf_new (paths[i], 0, NULL, &error));
      ck_assert (g_error_matches (error, PT2_ERROR, PT2_ERROR_X008));
    }
  place_clear (&place);
}
END_TEST

/* The same file is opened once; another of its name is another item, and who holds the first one keeps it. */
START_TEST (test_one_item_a_file)
{
  Place place = place_new (64 << 20);
  put_sample (&place, "m.pt2", "torch-2.15.0/mlp.pt2");
  g_autoptr (Pt2Item) first = need_item (&place, "m.pt2"), same = need_item (&place, "m.pt2");
  ck_assert_ptr_eq (first, same);
  put_sample (&place, "m.pt2", "torch-2.15.0/multi_program.pt2");
  g_autoptr (Pt2Item) other = need_item (&place, "m.pt2");
  ck_assert_ptr_ne (first, other);
  ck_assert_uint_eq (other->n_models, 3);
  Pt2ShelfModel *model = pt2_item_model (first, NULL, NULL);
  g_autoptr (Pt2Program) program = pt2_item_program (place.shelf, first, model, NULL);
  ck_assert_ptr_nonnull (program);
  place_clear (&place);
}
END_TEST

START_TEST (test_models)
{
  Place place = place_new (64 << 20);
  g_autoptr (GError) several = NULL, none = NULL, alone = NULL, fault = NULL;
  put_sample (&place, "s.pt2", "torch-2.15.0/multi_program.pt2");
  put_file (&place, "damaged", "PK\003\004", 4);
  g_autoptr (Pt2Item) item = need_item (&place, "s.pt2"), damaged = need_item (&place, "damaged");
  ck_assert_str_eq (pt2_item_model (item, "tied", NULL)->name, "tied");
  ck_assert_ptr_null (pt2_item_model (item, NULL, &several));
  ck_assert (g_error_matches (several, PT2_ERROR, PT2_ERROR_U004));
  ck_assert_ptr_null (pt2_item_model (item, "model", &none));
  ck_assert (g_error_matches (none, PT2_ERROR, PT2_ERROR_U003));
  ck_assert_ptr_null (pt2_item_model (damaged, NULL, &fault));
  ck_assert_str_eq (fault->message, damaged->fault->message);

  Pt2ShelfModel *model = pt2_item_model (item, "plain", NULL);
  g_autoptr (GBytes) json = pt2_item_form (place.shelf, item, model, PT2_FORM_JSON, NULL);
  put_file (&place, "p.json", g_bytes_get_data (json, NULL), (gssize)g_bytes_get_size (json));
  g_autoptr (Pt2Item) itself = need_item (&place, "p.json");
  ck_assert_str_eq (pt2_item_model (itself, NULL, NULL)->name, "");
  ck_assert_ptr_null (pt2_item_model (itself, "plain", &alone));
  ck_assert (g_error_matches (alone, PT2_ERROR, PT2_ERROR_U003));
  ck_assert_ptr_null (pt2_item_tensors (place.shelf, itself, itself->models, &alone)); /* none, and no error */
  /* A form that the file has already is the file itself. */
  g_autoptr (GBytes) same = pt2_item_form (place.shelf, itself, itself->models, PT2_FORM_JSON, NULL);
  ck_assert_ptr_eq (same, itself->data);
  place_clear (&place);
}
END_TEST

/* What was made of others goes when there is too much; references that were given stay good. */
START_TEST (test_budget)
{
  Place place = place_new (1);
  put_sample (&place, "a.pt2", "torch-2.15.0/mlp.pt2");
  put_sample (&place, "b.pt2", "torch-2.15.0/mlp.pt2");
  g_autoptr (Pt2Item) a = need_item (&place, "a.pt2"), b = need_item (&place, "b.pt2");
  g_autoptr (GBytes) of_a = pt2_item_form (place.shelf, a, a->models, PT2_FORM_COMPACT, NULL);
  ck_assert_uint_gt (pt2_item_weight (a), 0);
  g_autoptr (GBytes) of_b = pt2_item_form (place.shelf, b, b->models, PT2_FORM_COMPACT, NULL);
  ck_assert_uint_eq (pt2_item_weight (a), 0);
  ck_assert_uint_eq (pt2_shelf_weight (place.shelf), pt2_item_weight (b));
  ck_assert (g_bytes_equal (of_a, of_b));
  g_autoptr (GBytes) again = pt2_item_form (place.shelf, a, a->models, PT2_FORM_COMPACT, NULL);
  ck_assert (g_bytes_equal (of_a, again));
  place_clear (&place);
}
END_TEST

START_TEST (test_kept_for_transfers)
{
  Place place = place_new (64 << 20);
  put_file (&place, "x", "x", 1);
  g_autoptr (Pt2Item) item = need_item (&place, "x");
  g_autoptr (GBytes) one = g_bytes_new_static ("one", 3), two = g_bytes_new_static ("second", 6);
  ck_assert_ptr_null (pt2_item_recall (item, "1"));
  pt2_item_remember (place.shelf, item, "1", one);
  pt2_item_remember (place.shelf, item, "1", one);
  ck_assert_uint_eq (pt2_item_weight (item), 3);
  pt2_item_remember (place.shelf, item, "2", two);
  ck_assert_uint_eq (pt2_item_weight (item), 6);
  ck_assert_ptr_null (pt2_item_recall (item, "1"));
  g_autoptr (GBytes) kept = pt2_item_recall (item, "2");
  ck_assert_ptr_eq (kept, two);
  ck_assert (pt2_item_shed (item));
  ck_assert_ptr_null (pt2_item_recall (item, "2"));
  ck_assert_uint_eq (pt2_item_weight (item), 0);
  place_clear (&place);
}
END_TEST

int
main (void)
{
  const TestCase cases[] = {
    { test_names, 1 },  { test_what_is_seen, 1 }, { test_folder_must_be_one, 1 }, { test_one_item_a_file, 1 },
    { test_models, 1 }, { test_budget, 1 },       { test_kept_for_transfers, 1 },
  };
  return RUN_SUITE ("exchange_items", cases);
}
