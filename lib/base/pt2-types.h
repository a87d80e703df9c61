/* SPDX-License-Identifier: Apache-2.0 */
/* Plain types and macros that every public header of libpt2 uses.
 *
 * Thread rule: values only, nothing here has state.
 * Since: 1.0
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef PT2_API
#define PT2_API __attribute__ ((visibility ("default"))) extern
#endif

G_BEGIN_DECLS

/**
 * Pt2String:
 * @data: the bytes, NOT NUL-terminated; %NULL when the field is absent (an
 *   empty string that is present has a non-%NULL @data and @len 0)
 * @len: how many bytes
 *
 * Text or binary that belongs to a loaded program. It aliases the program's
 * input or its arena and lives exactly as long as the program.
 *
 * Since: 1.0
 */
typedef struct
{
  const char *data;
  uint32_t len;
} Pt2String;

/**
 * PT2_UNKNOWN_MEMBER: the `which` of a union whose member this library's
 * schema does not know. The member is kept byte for byte and written back.
 *
 * Since: 1.0
 */
#define PT2_UNKNOWN_MEMBER UINT32_MAX

G_END_DECLS
