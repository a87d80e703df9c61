/* SPDX-License-Identifier: Apache-2.0 */
/* Says of every byte of a compact struct what it is: the wire walked with the
 * field tables beside it. Slow and simple; allocates one path. */
#pragma once

#include "codec.h"

typedef struct
{
  uint64_t offset;
  uint64_t len;
  const char *path;
  const char *what;
  const char *type;
  const char *value;
} Pt2Piece;

/* Returns false to stop. */
typedef bool (*Pt2PieceFunc) (const Pt2Piece *piece, void *data);

/* Walks one struct or union of INFO and calls FUNC for consecutive pieces that cover every byte. */
bool pt2_compact_annotate (const Pt2StructInfo *info, const char *data, size_t len, const Pt2Limits *limits,
                           Pt2PieceFunc func, void *func_data, Pt2Status *status);
