/* SPDX-License-Identifier: Apache-2.0 */
/* The program's part of a content id: what it computes, whatever its values are called, in whatever order it says so.
 */
#pragma once

#include "pt2-program.h"
#include "sha256.h"

/* "graph" of docs/content-id.md. Not for majors 1 to 7 (P002). C001 to C007, L001, L003. */
bool content_program (Pt2Program *program, const Pt2Limits *limits, uint8_t digest[PT2_SHA256_LEN], GError **error);
