/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of its own for each test of the exchange service's parts. */
#pragma once

#include "corpus.h"
#include "shelf.h"
#include "suite.h"
#include <glib/gstdio.h>

typedef struct
{
  char *folder;
  Pt2Shelf *shelf;
} Place;

static inline Place
place_new (guint64 budget)
{
  GError *error = NULL;
  Place place = { g_dir_make_tmp ("pt2-exchange-XXXXXX", NULL), NULL };
  place.shelf = pt2_shelf_new (place.folder, budget, NULL, &error);
  ck_assert_msg (place.shelf != NULL, "%s", error != NULL ? error->message : "");
  return place;
}

static inline void
remove_all (const char *path)
{
  g_autoptr (GDir) folder = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  for (const char *name; folder != NULL && (name = g_dir_read_name (folder)) != NULL;)
    {
      g_autofree char *inner = g_build_filename (path, name, NULL);
      remove_all (inner);
    }
  g_remove (path);
}

static inline void
place_clear (Place *place)
{
  pt2_shelf_free (place->shelf);
  remove_all (place->folder);
  g_free (place->folder);
}

static inline void
put_file (const Place *place, const char *name, const char *data, gssize len)
{
  g_autofree char *path = g_build_filename (place->folder, name, NULL);
  ck_assert (g_file_set_contents (path, data, len, NULL));
}

/* A copy of a file of the corpus. */
static inline void
put_sample (const Place *place, const char *name, const char *sample)
{
  g_autofree char *from = corpus_path (sample), *data = NULL;
  gsize len;
  ck_assert (g_file_get_contents (from, &data, &len, NULL));
  put_file (place, name, data, (gssize)len);
}

static inline Pt2Item *
need_item (const Place *place, const char *name)
{
  g_autoptr (GError) error = NULL;
  Pt2Item *item = pt2_shelf_open (place->shelf, name, &error);
  ck_assert_msg (item != NULL, "%s: %s", name, error != NULL ? error->message : "");
  return item;
}
