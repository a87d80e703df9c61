/* SPDX-License-Identifier: Apache-2.0 */
/* A line with a path, a line with a value in JSON, then a program as JSON: the value is put there, or refused with an
 * id of ours. What comes out can be checked, saved and read again, and gives the same bytes then. */
#include "fuzz_program.h"
#include "pt2-edit.h"

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

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *path = take_line (&data, &size), *value = path != NULL ? take_line (&data, &size) : NULL;
  if (value == NULL)
    return 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (Pt2Program) program = pt2_program_new_from_bytes (bytes, fuzz_limits (), NULL);
  g_autoptr (Pt2Program) changed = program != NULL ? pt2_edit_set (program, path, value, fuzz_limits (), &error) : NULL;
  if (program != NULL && changed == NULL && (error == NULL || error->domain != PT2_ERROR))
    abort ();
  if (changed == NULL)
    return 0;
  const Pt2CheckOptions options = { .limits = fuzz_limits () };
  g_autoptr (Pt2Report) report = pt2_check_program (changed, &options, NULL);
  g_autoptr (Pt2Program) loaded = fuzz_reload (changed);
  return 0;
}
