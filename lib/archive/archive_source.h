/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a Pt2Source: what the writers ask of it. */
#pragma once

#include "archive_private.h"
#include "pt2-archive-writer.h"
#include "zip_write.h"

/* Called with one piece after the other. */
typedef bool (*Pt2PieceFunc) (const void *piece, size_t len, gpointer data, Pt2Status *status);

/* Makes other bytes of INNER while they are written. */
typedef bool (*Pt2FilterFunc) (Pt2Source *inner, Pt2ZipWriter *writer, GError **fault, Pt2Status *status);
/* BYTES_MOST: how many there will be, or more. */
Pt2Source *pt2_source_new_filter (Pt2Source *inner, guint64 bytes_most, Pt2FilterFunc filter);

/* Copies all of it into the record that WRITER has begun. *FAULT: an error of the source's own function. */
bool pt2_source_copy (Pt2Source *source, Pt2ZipWriter *writer, GError **fault, Pt2Status *status);
/* Hands all of it to FUNC, a few hundred KiB at a time. */
bool pt2_source_foreach (Pt2Source *source, Pt2PieceFunc func, gpointer data, GError **fault, Pt2Status *status);
/* All of it: a view where there can be one. (transfer full) */
GBytes *pt2_source_read (Pt2Source *source, GError **error);
/* The CRC, if it is known without reading. */
bool pt2_source_known_crc (Pt2Source *source, uint32_t *crc);
