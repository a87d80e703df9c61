/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear whole or not at all.
 *
 * What is saved is written to a file without a name in the target's folder, flushed to the disk, and
 * only then given its name, which is flushed too. A full disk, a failed write, a cancelled or killed
 * program leave what was there before, and nothing beside it. Where the file system knows no files
 * without names (NFS, for one), the file is called `.pt2-XXXXXX` while it is made, and a program that
 * is killed leaves it; so does one that is killed between the two calls that replace a file.
 *
 * Thread rule: all functions may be called from any thread; two that save to one path at once both
 * save, and the later one's file is what is found.
 * Since: 1.0
 */
#pragma once

#include "pt2-error.h"

G_BEGIN_DECLS

/**
 * Pt2SaveFlags:
 * @PT2_SAVE_NEW: a file of that name is kept, and saving fails with F003
 * @PT2_SAVE_REPLACE: a file of that name is replaced; its permissions are kept, and through a symbolic
 *   link its target is replaced
 *
 * Since: 1.0
 */
typedef enum
{
  PT2_SAVE_NEW = 0,
  PT2_SAVE_REPLACE = 1,
} Pt2SaveFlags;

/**
 * Pt2ProgressFunc:
 * @done: bytes that are written so far
 * @total: bytes that there will be in all, as far as known
 *
 * Called in the thread that saves, at the start and then every few megabytes (at most 8 MiB apart).
 * With GIO, `return !g_cancellable_is_cancelled (data)` makes work cancellable.
 * Returns: %TRUE to go on; %FALSE to stop: nothing is saved and the call fails with F006
 * Since: 1.0
 */
typedef gboolean (*Pt2ProgressFunc) (guint64 done, guint64 total, gpointer data);

/**
 * Pt2SaveFunc:
 * @fd: a new, empty file to write to
 *
 * Returns: %FALSE with an error to save nothing
 * Since: 1.0
 */
typedef gboolean (*Pt2SaveFunc) (int fd, gpointer data, GError **error);

/**
 * pt2_save_func:
 * @path: the file; nothing but a regular file is ever replaced
 * @func: (scope call): writes what shall be in it
 *
 * Fails with F002 (cannot write), F003 (exists) and what @func fails with.
 * Since: 1.0
 */
PT2_API gboolean pt2_save_func (const char *path, Pt2SaveFlags flags, Pt2SaveFunc func, gpointer data, GError **error);

/**
 * pt2_save_bytes:
 * @path: the file; nothing but a regular file is ever replaced
 * @bytes: what shall be in it. Long runs of zeros become holes
 * @progress: (nullable) (scope call): how far it is
 *
 * Fails with F002 (cannot write), F003 (exists) and F006 (stopped).
 * Since: 1.0
 */
PT2_API gboolean pt2_save_bytes (const char *path, GBytes *bytes, Pt2SaveFlags flags, Pt2ProgressFunc progress,
                                 gpointer data, GError **error);

G_END_DECLS
