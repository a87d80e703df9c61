/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of tests/corpus, for tests that want real ones. */
#pragma once

#include "pt2-archive.h"
#include "pt2-program.h"
#include <check.h>
#include <string.h>

typedef void (*CorpusFunc) (const char *path, Pt2Program *program, gpointer data);

static inline char *
corpus_path (const char *name)
{
  const char *corpus = g_getenv ("PT2_CORPUS");
  ck_assert_msg (corpus != NULL, "PT2_CORPUS names the folder of the corpus");
  return g_build_filename (corpus, name, NULL);
}

static inline Pt2Program *
corpus_program (const char *name)
{
  g_autofree char *path = corpus_path (name);
  GError *error = NULL;
  Pt2Program *program = pt2_program_new_from_file (path, NULL, NULL, &error);
  ck_assert_msg (program != NULL, "%s: %s", path, error != NULL ? error->message : "");
  return program;
}

/* Calls FUNC with every program of every archive; returns how many there were. */
static inline unsigned
corpus_foreach (CorpusFunc func, gpointer data)
{
  g_autofree char *root = corpus_path ("");
  g_autoptr (GDir) folders = g_dir_open (root, 0, NULL);
  unsigned n = 0;
  ck_assert_ptr_nonnull (folders);
  for (const char *folder; (folder = g_dir_read_name (folders)) != NULL;)
    {
      g_autofree char *inner = g_build_filename (root, folder, NULL);
      g_autoptr (GDir) files = g_dir_open (inner, 0, NULL);
      for (const char *file; files != NULL && (file = g_dir_read_name (files)) != NULL;)
        {
          g_autofree char *path = g_build_filename (inner, file, NULL);
          g_autoptr (Pt2Archive) archive
              = g_str_has_suffix (file, ".pt2") ? pt2_archive_new_from_file (path, NULL, NULL) : NULL;
          const char *const *models = archive != NULL ? pt2_archive_get_models (archive) : NULL;
          for (; models != NULL && *models != NULL; models++, n++)
            {
              g_autoptr (GError) error = NULL;
              g_autoptr (Pt2Program) program = pt2_program_new_from_file (path, *models, NULL, &error);
              ck_assert_msg (program != NULL, "%s: %s", path, error != NULL ? error->message : "");
              func (path, program, data);
            }
        }
    }
  return n;
}
