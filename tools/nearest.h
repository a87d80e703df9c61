/* SPDX-License-Identifier: Apache-2.0 */
/* Guesses what a mistyped word was meant to be. */
#pragma once

#include <glib.h>

/* Keeps in *BEST the candidate that is nearest to WORD, if it is near enough; start with
 * *BEST NULL and *DISTANCE 0. */
void nearest_consider (const char *word, const char *candidate, const char **best, guint *distance);
