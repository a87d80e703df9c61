/* SPDX-License-Identifier: Apache-2.0 */
/* What files and programs are called whatever their name: the SHA-256 of a file ("sha256:…"), and the content id of a
 * program with its tensors as `pt2 hash` has it ("pt2h1:…", docs/content-id.md).
 *
 * Each is worked out once and remembered by device, inode, size and time of the file, also while the file is not open.
 * Any number of threads; who asks for what another thread is working out waits for it.
 */
#pragma once

#include "shelf.h"

Pt2Ids *pt2_ids_new (void);
void pt2_ids_free (Pt2Ids *ids);

typedef enum
{
  PT2_ID_KNOWN,  /* only what was worked out already */
  PT2_ID_CHEAP,  /* that, and what a small file needs */
  PT2_ID_ALWAYS, /* whatever it takes */
} Pt2IdEffort;

/* MODEL: whose content id, or NULL for the SHA-256 of the file. *CANCELLED not 0 (NULL: never) ends a long one. False,
 * with an error only for PT2_ID_ALWAYS, if it is not to be had. */
bool pt2_item_id (Pt2Shelf *shelf, Pt2Item *item, Pt2ShelfModel *model, Pt2IdEffort effort, const gint *cancelled,
                  uint8_t digest[32], GError **error);

enum
{
  PT2_ID_TEXT = 6 + 64 + 1, /* bytes of a content id as text */
};
void pt2_id_write (const uint8_t digest[32], char text[PT2_ID_TEXT]);

/* Which of both TEXT is; false if it is no id. */
typedef struct
{
  bool of_file;
  uint8_t digest[32];
} Pt2Id;
bool pt2_id_read (const char *text, Pt2Id *id);
/* Has the file, or one of its programs, that id? *MODEL is that program, or NULL. */
bool pt2_item_has_id (Pt2Shelf *shelf, Pt2Item *item, const Pt2Id *id, Pt2IdEffort effort, Pt2ShelfModel **model);
