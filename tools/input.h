/* SPDX-License-Identifier: Apache-2.0 */
/* Opens what the user named: a file, or standard input for `-`. */
#pragma once

#include "command.h"

/* All bytes of PATH, mapped where they can be; F001 or L001 on failure. While a mapped file is in
 * use, its shrinking ends the command with F005 and STATUS_TROUBLE. (transfer full) (nullable) */
GBytes *input_bytes (const char *path, GError **error);
/* A file as errors name it. */
const char *input_name (const char *path);
/* The archive, or NULL after the error was reported. */
Pt2Archive *input_archive (const char *path);
/* The program that PATH and --model name, or NULL after the error was reported. */
Pt2Program *input_program (const char *path);

/* Work on one of many files, on one thread: from the first call on, a mapped file that shrinks reads as zeros and does
 * not end the command; the second says whether one did, with F005 in place of what ERROR had. */
void input_watch_shrinking (void);
gboolean input_has_shrunk (GError **error);
