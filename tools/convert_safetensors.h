/* SPDX-License-Identifier: Apache-2.0 */
/* `convert` to safetensors, and weights from it: `convert --weights`, `edit --weights`. */
#pragma once

#include "command.h"

/* The tensors of a program of the archive IN to OUT. Returns an exit status. */
int convert_safetensors (const char *in, const char *out, gboolean repeat);
/* New weights: a safetensors file, or another archive; NULL after the error was reported. */
Pt2Safetensors *open_weights (const char *path);
/* Replaces tensors of WRITER, a list of the records of ARCHIVE, by WEIGHTS; says which stay. */
gboolean take_weights (Pt2ArchiveWriter *writer, Pt2Archive *archive, Pt2Safetensors *weights, GError **error);
