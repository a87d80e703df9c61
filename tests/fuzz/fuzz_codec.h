/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets of the codecs share: a program from one form into another, and how to stop when the result
 * is not what it must be. */
#pragma once

#include "codec.h"
#include "fuzz_program.h"

typedef struct
{
  const char *name;
  bool (*read) (Pt2Document *document, const char *data, size_t len, const Pt2Limits *limits, Pt2Status *status);
  bool (*write) (const Pt2Document *document, Pt2Buffer *out, Pt2Status *status);
} FuzzForm;

static const FuzzForm fuzz_json = { "JSON", pt2_json_read, pt2_json_write };
static const FuzzForm fuzz_compact = { "compact", pt2_compact_read, pt2_compact_write };

typedef enum
{
  FUZZ_NOT_READ,
  FUZZ_NOT_WRITTEN,
  FUZZ_TURNED,
} FuzzOutcome;

/* A program read in one form and written in another. */
typedef struct
{
  FuzzOutcome outcome;
  Pt2Status status;   /* why, if it is not FUZZ_TURNED */
  uint32_t n_unknown; /* parts that the schema does not know */
  Pt2Buffer out;
} FuzzTurn;

static const Pt2StructInfo *
fuzz_type (void)
{
  return pt2_schema_find_struct (&pt2_export_schema, "ExportedProgram");
}

static bool
fuzz_is_limit (const Pt2Status *status)
{
  return status->code >= PT2_ERROR_L001 && status->code <= PT2_ERROR_L008;
}

/* The program in DATA, read as FROM and written as TO. */
static FuzzTurn
fuzz_turn (const FuzzForm *from, const FuzzForm *to, const char *data, size_t len)
{
  FuzzTurn turn = { .status = PT2_STATUS_INIT, .out = PT2_BUFFER_INIT };
  Pt2Document document;
  pt2_document_init (&document, &pt2_export_schema, fuzz_type (), fuzz_limits (), len);
  if (from->read (&document, data, len, fuzz_limits (), &turn.status))
    turn.outcome = to->write (&document, &turn.out, &turn.status) ? FUZZ_TURNED : FUZZ_NOT_WRITTEN;
  else if (turn.status.code == PT2_ERROR_NONE)
    fuzz_fail ("%s was refused without a reason", from->name);
  turn.n_unknown = document.n_extras[PT2_EXTRA_JSON] + document.n_extras[PT2_EXTRA_COMPACT];
  pt2_document_clear (&document);
  return turn;
}

/* What is read must be written, in the form it came in. */
static void
fuzz_must_be_written (const FuzzTurn *turn)
{
  if (turn->outcome == FUZZ_NOT_WRITTEN && !fuzz_is_limit (&turn->status))
    fuzz_fail ("what was read is not written: %s: %s", pt2_error_code_id (turn->status.code), turn->status.detail);
}

/* The text that SOURCE holds as FROM, written by ourselves, must become what WANTED holds, with no unknown part lost.
 */
static void
fuzz_must_give (const FuzzForm *from, const FuzzForm *to, const FuzzTurn *source, const FuzzTurn *wanted)
{
  FuzzTurn turn = fuzz_turn (from, to, source->out.data, pt2_buffer_len (&source->out));
  size_t len = pt2_buffer_len (&wanted->out), got = pt2_buffer_len (&turn.out);
  if (turn.outcome != FUZZ_TURNED && !fuzz_is_limit (&turn.status))
    fuzz_fail ("our own %s does not become %s: %s at %s: %s", from->name, to->name,
               pt2_error_code_id (turn.status.code), turn.status.path, turn.status.detail);
  if (turn.outcome == FUZZ_TURNED && (got != len || memcmp (turn.out.data, wanted->out.data, len) != 0))
    {
      fprintf (stderr, "wanted %.*s\ngot    %.*s\n", (int)len, wanted->out.data, (int)got, turn.out.data);
      fuzz_fail ("our own %s comes back changed as %s", from->name, to->name);
    }
  if (turn.outcome == FUZZ_TURNED && turn.n_unknown != wanted->n_unknown)
    fuzz_fail ("%u unknown parts became %u from %s to %s", wanted->n_unknown, turn.n_unknown, from->name, to->name);
  pt2_buffer_clear (&turn.out);
}
