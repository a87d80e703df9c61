/* SPDX-License-Identifier: Apache-2.0 */
/* A line with a path, a line with a value in JSON, then a program as JSON: the value is put there, or refused with an
 * id of ours. What comes out can be checked, saved and read again, and gives the same bytes then. */
#include "pt2-check.h"
#include "pt2-edit.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* The next line, NUL-terminated; NULL if there is none. */
static char *
take_line (const uint8_t **data, size_t *size)
{
  const uint8_t *end = memchr (*data, '\n', *size);
  if (end == NULL)
    return NULL;
  size_t len = (size_t)(end - *data);
  char *line = g_strndup ((const char *)*data, len);
  *data += len + 1;
  *size -= len + 1;
  return line;
}

static void
reload (Pt2Program *changed, const Pt2Limits *limits)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) saved = pt2_program_save (changed, PT2_FORM_JSON, &error);
  if (saved == NULL)
    return; /* what only compact can say */
  g_autoptr (Pt2Program) read = pt2_program_new_from_bytes (saved, limits, &error);
  if (read == NULL && !g_error_matches (error, PT2_ERROR, PT2_ERROR_L003))
    abort ();
  g_autoptr (GBytes) again = read != NULL ? pt2_program_save (read, PT2_FORM_JSON, NULL) : NULL;
  if (read != NULL && (again == NULL || !g_bytes_equal (saved, again)))
    abort ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Pt2Limits limits = *pt2_limits_default ();
  limits.depth = 100;
  limits.memory = (uint64_t)64 << 20;
  g_autofree char *path = take_line (&data, &size), *value = path != NULL ? take_line (&data, &size) : NULL;
  if (value == NULL)
    return 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, &limits, NULL);
  g_autoptr (Pt2Program) changed = program != NULL ? pt2_edit_set (program, path, value, &limits, &error) : NULL;
  if (program != NULL && changed == NULL && (error == NULL || error->domain != PT2_ERROR))
    abort ();
  if (changed == NULL)
    return 0;
  const Pt2CheckOptions options = { .limits = &limits };
  g_autoptr (Pt2Report) report = pt2_check_program (changed, &options, NULL);
  reload (changed, &limits);
  return 0;
}
