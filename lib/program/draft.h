/* SPDX-License-Identifier: Apache-2.0 */
/* A program in the making: what every change of a program works on.
 *
 * A draft has a root of its own that may be written to. What the root leads to
 * is either shared with the program it was made of (never to be written to;
 * replace it), or, if asked for, copied as well. When it is done it becomes an
 * immutable Pt2Program that keeps the one it was made of alive.
 *
 * Allocations that fail are remembered: code that builds may check once, with
 * pt2_draft_failed() or at pt2_draft_finish(). Of one thread at a time.
 */
#pragma once

#include "copy.h"
#include "program.h"

typedef struct
{
  Pt2Document document;
  Pt2ExportedProgram *exported; /* document.root, to be written to */
  Pt2Program *base;             /* NULL: made from nothing */
  bool no_memory;
} Pt2Draft;

typedef enum
{
  PT2_DRAFT_ROOT,  /* the root alone */
  PT2_DRAFT_NAMES, /* all but what is in a TensorMeta, and in lists of scalars and texts: enough to give things other
                    * names and places, at half the price */
  PT2_DRAFT_ALL,
} Pt2DraftDepth;

/* BASE NULL: an empty program of today's schema (all required containers there and empty). DEPTH: what of
 * it may be written to. NULL with P002 (majors 1 to 7) or L001, L003. Free with pt2_draft_free(). */
Pt2Draft *pt2_draft_new (Pt2Program *base, Pt2DraftDepth depth, const Pt2Limits *limits, GError **error);
void pt2_draft_free (Pt2Draft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pt2Draft, pt2_draft_free)

/* SIZE zeroed bytes that live as long as the draft and its program; never NULL for size 0. NULL: no memory, remembered.
 */
void *pt2_draft_alloc (Pt2Draft *draft, size_t size);
/* A copy of LEN bytes (-1: up to the NUL). {NULL, 0}: no memory, remembered. */
Pt2String pt2_draft_text (Pt2Draft *draft, const char *data, gssize len);
Pt2String pt2_draft_printf (Pt2Draft *draft, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* A value that may be written to, in place of *VALUE (of TYPE, in the base or in the draft), with all that it holds. */
bool pt2_draft_copy (Pt2Draft *draft, const Pt2TypeInfo *type, void *to, const void *from);
bool pt2_draft_failed (const Pt2Draft *draft);

/* The program; the draft is gone. NULL with L001 or L003 if memory had run out. FORM of the program: its base's, JSON
 * without one. It is not checked: that is `check`'s. */
Pt2Program *pt2_draft_finish (Pt2Draft *draft, GError **error);
