/* SPDX-License-Identifier: Apache-2.0 */
/* Compact bytes from anyone. What is read is written, and what we wrote is read again and written the same; the
 * annotation explains every byte of what is read, and as JSON a program says the same again. */
#include "annotate.h"
#include "fuzz_codec.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static bool
follow (const Pt2Piece *piece, void *data)
{
  uint64_t *covered = data;
  if (piece->offset != *covered || piece->len == 0)
    fuzz_fail ("a piece at %" G_GUINT64_FORMAT ", but all before %" G_GUINT64_FORMAT " is explained", piece->offset,
               *covered);
  *covered += piece->len;
  return true;
}

static void
annotate (const char *data, size_t len, bool readable)
{
  Pt2Status status = PT2_STATUS_INIT;
  uint64_t covered = 0;
  bool fine = pt2_compact_annotate (fuzz_type (), data, len, fuzz_limits (), follow, &covered, &status);
  if (covered > len || (fine && covered != len))
    fuzz_fail ("%" G_GUINT64_FORMAT " of %zu bytes are explained", covered, len);
  if (readable && !fine && !fuzz_is_limit (&status))
    fuzz_fail ("a readable program is not explained: %s: %s", pt2_error_code_id (status.code), status.detail);
}

static void
check_json (const char *data, size_t len)
{
  FuzzTurn text = fuzz_turn (&fuzz_compact, &fuzz_json, data, len);
  if (text.outcome == FUZZ_TURNED)
    fuzz_must_give (&fuzz_json, &fuzz_json, &text, &text);
  pt2_buffer_clear (&text.out);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *bytes = (const char *)data;
  FuzzTurn written = fuzz_turn (&fuzz_compact, &fuzz_compact, bytes, size);
  annotate (bytes, size, written.outcome != FUZZ_NOT_READ);
  fuzz_must_be_written (&written);
  if (written.outcome == FUZZ_TURNED)
    {
      fuzz_must_give (&fuzz_compact, &fuzz_compact, &written, &written);
      check_json (bytes, size);
    }
  pt2_buffer_clear (&written.out);
  return 0;
}
