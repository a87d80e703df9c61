/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of archives and programs, as a server has it: names, opened files, and what was made of them lately.
 *
 * A file is opened once and kept as long as it is the same one (device, inode, time, size); what a request asked of it
 * (program, tensors, a form, a list of tensors) is made once and kept within a budget of bytes. Names that begin with
 * a dot are never seen. Links are not followed. Files are mapped: who replaces one must rename, not write into it.
 *
 * Any number of threads. An item lives as long as somebody holds a reference, whatever became of its file.
 */
#pragma once

#include "pt2-archive.h"
#include "pt2-tensor.h"

typedef struct Pt2Shelf Pt2Shelf;
typedef struct Pt2Ids Pt2Ids;

/* A program of a file. */
typedef struct
{
  char *name; /* "" for a program by itself */
  Pt2Program *program;
  Pt2Tensors *tensors;
  GBytes *forms[3];  /* by Pt2Form */
  GBytes *elements;  /* of one tensor that is no view */
  guint elements_of; /* its index */
} Pt2ShelfModel;

typedef struct
{
  gatomicrefcount references;
  char *name;
  guint64 device, inode, bytes;
  gint64 seconds, nanoseconds; /* of the last change */
  GBytes *data;                /* all of the file, mapped */
  Pt2Archive *archive;         /* NULL: a program by itself, or a fault */
  const char *kind;            /* as `pt2 info` says */
  GError *fault;               /* NULL: it can be used */
  guint64 used;                /* the shelf's clock when it was last asked for */

  GMutex ids_lock; /* of who works an id out; taken before the next one */
  GMutex lock;     /* for what follows */
  guint n_models;
  Pt2ShelfModel *models;
  char *kept_as; /* what the bytes are that were remembered last, or NULL */
  GBytes *kept;
  guint64 weight; /* bytes of what was made */
} Pt2Item;

/* X008 if FOLDER cannot be used. */
Pt2Shelf *pt2_shelf_new (const char *folder, guint64 budget, const Pt2Limits *limits, GError **error);
void pt2_shelf_free (Pt2Shelf *shelf);
int pt2_shelf_fd (const Pt2Shelf *shelf); /* of the folder */
const char *pt2_shelf_path (const Pt2Shelf *shelf);
const Pt2Limits *pt2_shelf_limits (const Pt2Shelf *shelf);
guint64 pt2_shelf_weight (Pt2Shelf *shelf);
Pt2Ids *pt2_shelf_ids (Pt2Shelf *shelf);

/* May a file be called so? Letters, digits and ._+- behind a letter, digit or _; at most 200. */
bool pt2_shelf_name_is_good (const char *name);
/* All names in order. (transfer full) (element-type utf8) */
GPtrArray *pt2_shelf_names (Pt2Shelf *shelf, GError **error);
/* The item of a name or of an id (ids.h). X010; the item's own fault is no error. (transfer full) */
Pt2Item *pt2_shelf_open (Pt2Shelf *shelf, const char *name, GError **error);
/* The same. *MODEL: the program whose content id NAME is, else NULL. */
Pt2Item *pt2_shelf_open_model (Pt2Shelf *shelf, const char *name, Pt2ShelfModel **model, GError **error);
/* A file of another folder, known to nobody else. (transfer full) */
Pt2Item *pt2_item_new (int folder, const char *name, const Pt2Limits *limits, GError **error);
void pt2_item_unref (Pt2Item *item);

/* The model of that name (NULL: the only one, or "model"); with the item's fault, U003 or U004. */
Pt2ShelfModel *pt2_item_model (Pt2Item *item, const char *name, GError **error);
/* Each makes what is asked for, if it is not there yet; NULL with an error. References of the caller's.
 * (transfer full) */
Pt2Program *pt2_item_program (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, GError **error);
GBytes *pt2_item_form (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, Pt2Form form, GError **error);
/* NULL without an error for a program by itself, which has none. */
Pt2Tensors *pt2_item_tensors (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, GError **error);
/* Elements of tensor INDEX, row-major, little-endian: a view where that can be. */
GBytes *pt2_item_elements (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, Pt2Tensors *tensors, guint index,
                           GError **error);

/* Is the range of the item's file a hole, so that it is zero and need not be read to know? False if that cannot be
 * told. */
bool pt2_item_is_hole (Pt2Shelf *shelf, const Pt2Item *item, const void *data, size_t len);
/* Takes a part of a large mapped file out of this process' memory; it stays in the page cache. */
void pt2_item_let_go (const Pt2Item *item, const void *data, size_t len);
/* Bytes that were made of the item for a long transfer, under what the caller calls them; the last ones are kept.
 * NULL: they are not at hand. (transfer full) */
GBytes *pt2_item_recall (Pt2Item *item, const char *as);
void pt2_item_remember (Pt2Shelf *shelf, Pt2Item *item, const char *as, GBytes *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Item, pt2_item_unref)
