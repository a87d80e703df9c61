/* SPDX-License-Identifier: Apache-2.0 */
/* `convert` to safetensors, and `convert --weights`. */
#pragma once

#include "command.h"

/* The tensors of a program of the archive IN to OUT. Returns an exit status. */
int convert_safetensors (const char *in, const char *out, gboolean repeat);
/* Replaces tensors of WRITER, a list of the records of ARCHIVE, by those of the file PATH; says which stay.
 * An exit status, the error reported. */
int convert_take_weights (Pt2ArchiveWriter *writer, Pt2Archive *archive, const char *in, const char *path);
