/* SPDX-License-Identifier: Apache-2.0 */
/* Text that PyTorch would run as Python: is there anything in it that no condition or size needs? Never runs it. */
#pragma once

#include "pt2-types.h"

/* Names that reach outside, attributes with two underscores, assignments. A text without them is not thereby safe. */
bool python_text_is_dangerous (Pt2String text);
/* A function, as "module.name", that starts programs, reads files, opens connections or evaluates text. */
bool python_global_is_dangerous (const char *name, size_t len);
