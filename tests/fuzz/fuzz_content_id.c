/* SPDX-License-Identifier: Apache-2.0 */
/* A program as JSON has the content id of what it is in compact, without debug text, and in canonical form, where all
 * values have other names. */
#include "pt2-canon.h"
#include "pt2-content-id.h"
#include "pt2-strip.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

typedef struct
{
  Pt2Limits limits;
  Pt2ContentId id; /* of the program that came in */
} Fuzz;

static gboolean
find_id (Fuzz *fuzz, Pt2Program *program, Pt2ContentId *id)
{
  g_autoptr (GError) error = NULL;
  gboolean fine = pt2_content_id (program, NULL, NULL, 1, &fuzz->limits, NULL, NULL, id, &error);
  if (fine == (error != NULL))
    abort ();
  return fine;
}

/* FORM: NULL if there is none. A limit that only one of them meets is no fault. */
static void
compare (Fuzz *fuzz, Pt2Program *form)
{
  Pt2ContentId id;
  if (form != NULL && find_id (fuzz, form, &id) && memcmp (id.content, fuzz->id.content, sizeof id.content) != 0)
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Fuzz fuzz = { .limits = *pt2_limits_default () };
  fuzz.limits.depth = 100;
  fuzz.limits.memory = (uint64_t)64 << 20;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, &fuzz.limits, NULL);
  if (program == NULL || !find_id (&fuzz, program, &fuzz.id))
    return 0;
  g_autoptr (GBytes) saved = pt2_program_save (program, PT2_FORM_COMPACT, NULL);
  g_autoptr (Pt2Program) compact = saved != NULL ? pt2_program_new_from_bytes (saved, &fuzz.limits, NULL) : NULL;
  g_autoptr (Pt2Program) bare = pt2_program_strip (program, PT2_STRIP_ALL_DEBUG, &fuzz.limits, NULL, NULL);
  g_autoptr (Pt2Program) renamed = NULL;
  if (pt2_program_get_exported_program (program) != NULL)
    renamed = pt2_program_canonicalize (program, PT2_CANON_PLAIN, &fuzz.limits, NULL, NULL, NULL);
  compare (&fuzz, compact);
  compare (&fuzz, bare);
  compare (&fuzz, renamed);
  return 0;
}
