/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text from anyone. What is read is written, what we wrote is read again and written the same, and the way
 * through compact changes nothing. */
#include "fuzz_codec.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_compact (const char *text, size_t len, const FuzzTurn *written)
{
  FuzzTurn compact = fuzz_turn (&fuzz_json, &fuzz_compact, text, len);
  if (compact.outcome == FUZZ_TURNED)
    {
      fuzz_must_give (&fuzz_compact, &fuzz_json, &compact, written);
      fuzz_must_give (&fuzz_compact, &fuzz_compact, &compact, &compact);
    }
  pt2_buffer_clear (&compact.out);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  FuzzTurn written = fuzz_turn (&fuzz_json, &fuzz_json, (const char *)data, size);
  fuzz_must_be_written (&written);
  if (written.outcome == FUZZ_TURNED)
    {
      fuzz_must_give (&fuzz_json, &fuzz_json, &written, &written);
      check_compact ((const char *)data, size, &written);
    }
  pt2_buffer_clear (&written.out);
  return 0;
}
