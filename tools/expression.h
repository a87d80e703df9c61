/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a dimension's expression, as people read it. */
#pragma once

#include "command.h"

/* `Mul(Integer(2), Symbol('s77', …))` is 2*s77 here; what is no expression stays as the file has it. (transfer full);
 * not escaped. */
char *expression_text (Pt2String expression, gsize *len);
