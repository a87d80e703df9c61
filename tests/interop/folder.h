/* SPDX-License-Identifier: Apache-2.0 */
/* What the peers written in C share: every file of a folder, turned into another one of the same name.
 *
 * One process for many files. A file that cannot be turned is named on standard error, nothing is written for it,
 * and the others go on. Never looks into subfolders.
 */
#pragma once

#include <glib.h>

/* Turns the LEN bytes at DATA; NULL with an error if that fails. (transfer full) */
typedef GByteArray *(*Pt2PeerTurn) (const char *data, gsize len, gpointer user_data, GError **error);

/* Returns how many files failed; -1 if the folder cannot be read. */
int pt2_peer_turn_folder (const char *in, const char *out, Pt2PeerTurn turn, gpointer user_data);
